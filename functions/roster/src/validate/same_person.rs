//! Several rows about one person that do not contradict each other.

use std::collections::HashSet;

use crate::file::ParsedRoster;
use crate::model::finding::Notes;
use crate::model::{Code, Column, Finding, Findings, Grade, SchoolId, Status, fold};

use super::draft::{Draft, Rest};
use super::valid::{OtherRow, Placement, Unsaid};

/// Makes one row of several with one custom ID, if they can be read in one way only: the row that is Active decides,
/// and where several are, or none is, the first. Says whether it did.
pub(super) fn join(
    parsed: &ParsedRoster,
    drafts: &mut [Draft],
    places: &[usize],
    notes: &mut Notes,
    findings: &mut Findings,
) -> bool {
    if parsed.reading.settings.strict_format {
        return false;
    }
    let mut places = places.to_vec();
    places.sort_by_key(|&i| drafts[i].row.number);
    let Some(rows) = places.iter().map(|&i| Whole::of(&drafts[i])).collect::<Option<Vec<Whole>>>() else {
        return false;
    };
    let is_active = |row: &Whole| row.rest.status == Status::Active;
    let active = rows.iter().any(is_active);
    let deciding: Vec<usize> = (0..rows.len()).filter(|&at| is_active(&rows[at]) || !active).collect();
    let decides: Vec<&Whole> = deciding.iter().map(|&at| &rows[at]).collect();
    if !are_one_person(&rows) || !agree(&decides, active) {
        return false;
    }
    let main = places[deciding[0]];
    let merged = Merged::of(&rows, &deciding);
    let others = rows.iter().enumerate().filter(|(at, _)| *at != deciding[0]);
    let others: Vec<OtherRow> = others.map(|(_, row)| row.as_other(is_active(row) || !active)).collect();
    say_it(parsed, &rows, deciding[0], active, notes, findings);
    for &i in places.iter().filter(|&&i| i != main) {
        drafts[i].joins = Some(main);
        drafts[i].only_protects = true;
    }
    merged.put_into(&mut drafts[main], others);
    true
}

/// Rejects the rows that another one stands for, where that is rejected after all.
pub(super) fn reject_together(parsed: &ParsedRoster, drafts: &mut [Draft], findings: &mut Findings) {
    for i in 0..drafts.len() {
        if let Some(main) = drafts[i].joins.filter(|&main| drafts[main].rejected && !drafts[i].rejected) {
            let deciding = drafts[main].row.number;
            drafts[i].goes_with(deciding, parsed, findings);
        }
    }
}

/// A row that has nothing wrong by itself.
struct Whole<'d> {
    draft: &'d Draft<'d>,
    rest: &'d Rest,
    school: &'d SchoolId,
    email: &'d str,
}

impl<'d> Whole<'d> {
    fn of(draft: &'d Draft) -> Option<Whole<'d>> {
        let (rest, school, email) = (draft.rest.as_deref()?, draft.school.as_ref()?, draft.email.as_deref()?);
        (!draft.rejected).then_some(Whole { draft, rest, school, email })
    }

    /// Returns the row as one more about the same person. A deciding row says where the person stands, too.
    fn as_other(&self, decides: bool) -> OtherRow {
        let Rest { position, grade, .. } = self.rest;
        let place = || Placement { school: self.school.clone(), position: position.clone(), grade: *grade };
        OtherRow { row: self.draft.row.number, place: decides.then(place), for_class: false }
    }
}

/// Returns whether nothing says that the rows are about several people.
fn are_one_person(rows: &[Whole]) -> bool {
    let name = |name: &str| Some(fold(&name.split_whitespace().collect::<Vec<_>>().join(" ")));
    at_most_one(rows.iter().map(|row| name(&row.rest.first_name)))
        && at_most_one(rows.iter().map(|row| name(&row.rest.last_name)))
        && at_most_one(rows.iter().map(|row| row.draft.user_type))
        && at_most_one(rows.iter().map(|row| row.draft.guid))
}

/// Returns whether the rows that decide leave one reading. What the person is at one school can be said once only; what
/// it was at schools that it left does not matter.
fn agree(rows: &[&Whole], active: bool) -> bool {
    let some = |text: &str| Some(fold(text)).filter(|text| !text.is_empty());
    let position = |row: &&Whole| Some((row.school.clone(), some(&row.rest.position)?));
    let positions: HashSet<(SchoolId, String)> = rows.iter().filter_map(position).collect();
    let schools: HashSet<&SchoolId> = positions.iter().map(|(school, _)| school).collect();
    let grade = |row: &&Whole| Some(row.rest.grade).filter(|grade| *grade != Grade::Unspecified);
    let details = !active || (positions.len() == schools.len() && at_most_one(rows.iter().map(grade)));
    details
        && at_most_one(rows.iter().map(|row| some(row.email)))
        && at_most_one(rows.iter().map(|row| some(&row.rest.middle_name)))
        && at_most_one(rows.iter().map(|row| row.draft.username.as_deref().map(fold)))
        && at_most_one(rows.iter().map(|row| row.rest.password.as_ref().map(|password| password.reveal())))
}

/// Returns whether those of `said` that say something say the same.
fn at_most_one<T: PartialEq>(said: impl Iterator<Item = Option<T>>) -> bool {
    let mut said = said.flatten();
    let first = said.next();
    said.all(|other| Some(other) == first)
}

/// What one row says for all: the first that says something decides.
struct Merged {
    email: String,
    middle_name: String,
    position: String,
    grade: Grade,
    username: Option<String>,
    guid: Option<crate::model::Guid>,
    password: Option<crate::validate::Password>,
    unsaid: Unsaid,
}

impl Merged {
    fn of(rows: &[Whole], deciding: &[usize]) -> Merged {
        let decides = || deciding.iter().map(|&at| &rows[at]);
        let first = &rows[deciding[0]];
        let text = |of: fn(&Whole) -> String| decides().map(of).find(|text| !text.is_empty()).unwrap_or_default();
        let at_school = || decides().filter(|row| row.school == first.school);
        let email = text(|row| row.email.to_owned());
        Merged {
            unsaid: Unsaid {
                email: email.is_empty() && decides().any(|row| row.rest.unsaid.email),
                ..first.rest.unsaid
            },
            email,
            middle_name: text(|row| row.rest.middle_name.clone()),
            position: at_school().map(|row| &row.rest.position).find(|p| !p.is_empty()).cloned().unwrap_or_default(),
            grade: decides().map(|row| row.rest.grade).find(|g| *g != Grade::Unspecified).unwrap_or(first.rest.grade),
            username: decides().find_map(|row| row.draft.username.clone()),
            guid: rows.iter().find_map(|row| row.draft.guid),
            password: decides().find_map(|row| row.rest.password.clone()),
        }
    }

    fn put_into(self, draft: &mut Draft, others: Vec<OtherRow>) {
        let Merged { email, middle_name, position, grade, username, guid, password, unsaid } = self;
        (draft.email, draft.username, draft.guid) = (Some(email), username, guid);
        if let Some(rest) = &mut draft.rest {
            (rest.middle_name, rest.position, rest.grade) = (middle_name, position, grade);
            (rest.password, rest.unsaid, rest.others) = (password, unsaid, others);
        }
    }
}

/// Names the further schools at which the person stands, each once, and notes the rows that say nothing more.
fn say_it(
    parsed: &ParsedRoster,
    rows: &[Whole],
    deciding: usize,
    active: bool,
    notes: &mut Notes,
    findings: &mut Findings,
) {
    let column = Column::SchoolDistrictExternalId;
    let external = |row: &Whole| parsed.cell(row.draft.row, column).unwrap_or_default().to_owned();
    let (first, first_school) = (&rows[deciding], external(&rows[deciding]));
    let number = first.draft.row.number;
    let mut schools: HashSet<&SchoolId> = HashSet::from([first.school]);
    for (_, row) in rows.iter().enumerate().filter(|(at, _)| *at != deciding) {
        let decides = row.rest.status == Status::Active || !active;
        if decides && schools.insert(row.school) {
            let finding = Finding::at(Code::SeveralSchools, row.draft.row.number, column, &external(row));
            let expected = format!(
                "One school for each person; row {number} says {first_school}. A user who is at one of them stays \
                 there, and a new one gets {first_school}."
            );
            findings.push(finding.expecting(expected).about(row.draft.person(parsed)));
            continue;
        }
        let why = if decides { "The first row decides" } else { "The row that is Active decides" };
        let finding = Finding::row(Code::SamePerson, row.draft.row.number);
        notes.add(finding.expecting(format!("{why}: row {number}.")), why);
    }
}
