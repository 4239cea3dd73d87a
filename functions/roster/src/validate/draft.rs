//! One row with everything that could be read of it.

use crate::file::{ParsedRoster, Row};
use crate::model::finding::{Notes, Person};
use crate::model::text::{has_idle_joiner, mixes_alphabets};
use crate::model::{Code, Column, Finding, Findings, Grade, Guid, SchoolId, Schools, Severity, Status, UserType};
use crate::settings::{ModeSettings, Scope};

use super::cells::{CellReader, PasswordCell, is_too_long};
use super::nearest::SchoolHints;
use super::nothing::{is_no_id, is_null};
use super::valid::{Clues, OtherRow, Password, RejectedRow, Unsaid, Valid, ValidRow};

/// What rows are checked by.
pub(super) struct Rules<'r> {
    schools: &'r Schools,
    scope: &'r Scope,
    settings: &'r ModeSettings,
    hints: SchoolHints,
    /// What was read otherwise than written.
    pub(super) notes: Notes,
}

impl<'r> Rules<'r> {
    pub(super) fn new(schools: &'r Schools, scope: &'r Scope, settings: &'r ModeSettings) -> Self {
        Rules { schools, scope, settings, hints: SchoolHints::default(), notes: Notes::default() }
    }
}

/// A row with everything that could be read of it. What is wrong is `None`, and has its finding.
pub(super) struct Draft<'u> {
    pub(super) row: &'u Row,
    pub(super) custom_id: Option<String>,
    pub(super) guid: Option<Guid>,
    pub(super) username: Option<String>,
    /// The row says no more than whom it may be about: it is damaged, or repeats another one.
    pub(super) only_protects: bool,
    pub(super) without_owner: bool,
    /// See [`RejectedRow::id_may_tell`].
    id_may_tell: bool,
    pub(super) email: Option<String>,
    pub(super) school: Option<SchoolId>,
    pub(super) user_type: Option<UserType>,
    /// In a box, for a file can have millions of rows that have none of it.
    pub(super) rest: Option<Box<Rest>>,
    pub(super) rejected: bool,
    /// The place of the draft about the same person that stands for this one, too.
    pub(super) joins: Option<usize>,
}

/// What only a good row needs.
pub(super) struct Rest {
    pub(super) first_name: String,
    pub(super) middle_name: String,
    pub(super) last_name: String,
    pub(super) position: String,
    pub(super) grade: Grade,
    pub(super) status: Status,
    pub(super) password: Option<Password>,
    pub(super) unsaid: Unsaid,
    pub(super) doubted: Vec<Column>,
    pub(super) others: Vec<OtherRow>,
}

impl<'u> Draft<'u> {
    /// Reads a row, and reports what is wrong with it by itself.
    pub(super) fn read(
        parsed: &'u ParsedRoster,
        row: &'u Row,
        rules: &mut Rules,
        findings: &mut Findings,
    ) -> Draft<'u> {
        match row.damage {
            None | Some(Code::RowUnreadable) => Draft::whole(parsed, row, rules, findings),
            Some(_) => Draft::damaged(parsed, row),
        }
    }

    /// Reads a row whose cells stand in their columns, even if some letters can't be read.
    fn whole(parsed: &'u ParsedRoster, row: &'u Row, rules: &mut Rules, findings: &mut Findings) -> Draft<'u> {
        let Rules { schools, scope, settings, hints, notes } = rules;
        let mut cells = CellReader::new(parsed, row, notes);
        let leaves = |column: Column| {
            let is_blank = || parsed.cell(row, column).is_none_or(|cell| cell.trim().is_empty());
            parsed.reading.omissions.blank_keeps.contains(&column) && is_blank()
        };
        let (leaves_type, leaves_school) = (leaves(Column::UserType), leaves(Column::SchoolDistrictExternalId));
        // Until the user is known, who says it.
        let user_type = if leaves_type { Some(UserType::Student) } else { cells.user_type() };
        let is_student = user_type == Some(UserType::Student);
        let needs_email = match user_type {
            Some(UserType::Student) if settings.student_email_required => {
                Some("An address: by the settings, students need one, too.")
            }
            Some(UserType::Student) | None => None,
            Some(_) => Some("An address: teachers, staff and administrators need one."),
        };
        let email = cells.email(needs_email, is_student);
        let custom_id = cells.custom_id();
        let id_may_tell = custom_id.is_none() && cells.custom_id_is_legible();
        let any_school = || schools.iter().find(|school| scope.covers(&school.id)).map(|school| school.id.clone());
        let any_school = if leaves_school { any_school() } else { None };
        let school = any_school.or_else(|| cells.school(schools, scope, hints));
        let (username, guid) = (cells.username(), cells.guid());
        // Read them all before any is looked at, so that everything wrong is found.
        let [first_name, last_name] = cells.names(&parsed.reading.settings.single_name);
        let told = [&first_name, &last_name].map(|name| name.as_deref().unwrap_or_default());
        let middle_name = cells.middle_name(told);
        cells.warn_of_alphabets([
            (Column::FirstName, first_name.as_deref()),
            (Column::LastName, last_name.as_deref()),
            (Column::MiddleName, middle_name.as_deref()),
        ]);
        let position = if is_student { Some(String::new()) } else { cells.text(Column::Position) };
        let grade = if is_student { cells.grade() } else { Some(Grade::Unspecified) };
        let keeps_status = parsed.is_as_before(row, Column::Status);
        let status = if keeps_status { Some(Status::Active) } else { cells.status() };
        let password = cells.password();
        let unsaid_of = user_type.and_then(|user_type| parsed.reading.omissions.unsaid_of.get(&user_type));
        let lacks = |column| {
            let is_unsaid = leaves_type || unsaid_of.is_some_and(|columns| columns.contains(&column));
            let is_left = !parsed.has(column) || parsed.is_as_before(row, column);
            is_left || (is_unsaid && parsed.cell(row, column).is_none_or(|cell| cell.trim().is_empty()))
        };
        let unsaid = Unsaid {
            email: cells.drops_email || lacks(Column::Email),
            middle_name: lacks(Column::MiddleName),
            position: lacks(Column::Position),
            grade: lacks(Column::Grade),
            // The cell says Active for the sake of new users.
            status: keeps_status || parsed.reading.omissions.unsaid.contains(&Column::Status),
            // These, too, are for new users only.
            user_type: leaves_type || parsed.reading.omissions.unsaid.contains(&Column::UserType),
            school: leaves_school || parsed.reading.omissions.unsaid.contains(&Column::SchoolDistrictExternalId),
            needs_user: leaves_type || leaves_school,
        };
        let doubted = std::mem::take(&mut cells.doubted);
        let rest = || {
            Some(Box::new(Rest {
                first_name: first_name?,
                last_name: last_name?,
                middle_name: middle_name?,
                position: position?,
                grade: grade?,
                status: status?,
                password: match password {
                    PasswordCell::Wrong => return None,
                    PasswordCell::Empty => None,
                    PasswordCell::Is(password) => Some(password),
                },
                unsaid,
                doubted,
                others: Vec::new(),
            }))
        };
        let rest = rest();
        let mut found = cells.findings;
        let custom_id = custom_id.filter(|id| {
            let is_id = !is_no_id(id);
            let finding = || Finding::at(Code::CellMissing, row.number, Column::CustomId, id);
            found.extend((!is_id).then(|| finding().expecting(format!("An ID: {id} is written where there is none."))));
            is_id
        });
        found.extend(deceiving_id(row, custom_id.as_deref()));
        let rejected = row.damage.is_some() || found.iter().any(|f| f.severity() == Severity::Row);
        if rejected {
            // Nothing of the row is processed, so that nothing need wait.
            found.retain(|finding| finding.severity() != Severity::Doubtful);
        }
        let mut draft = Draft {
            without_owner: custom_id.is_none() && guid.is_none(),
            rejected,
            guid,
            username,
            only_protects: false,
            id_may_tell,
            row,
            custom_id,
            email,
            school,
            user_type,
            rest,
            joins: None,
        };
        if !found.is_empty() {
            let person = draft.person(parsed);
            findings.extend(found.into_iter().map(|finding| finding.about(person.clone())));
        }
        draft.rest.take_if(|_| rejected);
        draft
    }

    /// Reads of a damaged row only whom it may be about. Its cells may stand in the wrong columns; the parser has made
    /// its finding.
    fn damaged(parsed: &'u ParsedRoster, row: &'u Row) -> Draft<'u> {
        let cell = |column| parsed.cell(row, column).filter(|cell| !cell.is_empty());
        Draft {
            row,
            // One that is too long is another cell, or several, and nobody's ID.
            custom_id: cell(Column::CustomId).filter(|id| !is_too_long(Column::CustomId, id)).map(str::to_owned),
            guid: cell(Column::UserGuid).and_then(|guid| guid.parse().ok()).map(Guid),
            username: None,
            only_protects: true,
            without_owner: true,
            id_may_tell: false,
            email: None,
            school: None,
            user_type: None,
            rest: None,
            rejected: true,
            joins: None,
        }
    }

    /// Returns whom the row is about.
    pub(super) fn person(&self, parsed: &ParsedRoster) -> Option<Person> {
        person_of(parsed, self.row)
    }

    /// Returns the address of a staff row, or of a student's.
    pub(super) fn email_of(&self, staff: bool) -> Option<&str> {
        let email = self.email.as_deref().filter(|email| !email.is_empty())?;
        (self.user_type?.is_staff() == staff).then_some(email)
    }

    /// Adds a finding about a cell that was read, saying what was expected.
    pub(super) fn add(
        &mut self,
        code: Code,
        column: Column,
        expected: &str,
        parsed: &ParsedRoster,
        findings: &mut Findings,
    ) {
        let value = match column {
            Column::Email => self.email.clone(),
            Column::Username => self.username.clone(),
            Column::UserGuid => self.guid.map(|guid| guid.to_string()),
            _ => self.custom_id.clone(),
        };
        let finding = Finding::at(code, self.row.number, column, value.as_deref().unwrap_or_default());
        self.rejected |= code.severity() == Severity::Row;
        findings.push(finding.expecting(expected).about(self.person(parsed)));
    }

    /// Rejects the row because it repeats `first`.
    pub(super) fn repeats(&mut self, first: u32, parsed: &ParsedRoster, findings: &mut Findings) {
        let finding = Finding::row(Code::RowRepeated, self.row.number).about(self.person(parsed));
        findings.push(finding.expecting(format!("One row for each person; row {first} is the same.")));
        self.rejected = true;
        self.only_protects = true;
    }

    /// Lets the draft at `main`, which says the same of the user, stand for the one at `i`, too.
    pub(super) fn join_for_class(drafts: &mut [Draft], i: usize, main: usize) {
        let row = drafts[i].row.number;
        (drafts[i].joins, drafts[i].only_protects) = (Some(main), true);
        if let Some(rest) = &mut drafts[main].rest {
            rest.others.push(OtherRow { row, place: None, for_class: true });
        }
    }

    /// Rejects the row with the row `deciding` about the same person.
    pub(super) fn goes_with(&mut self, deciding: u32, parsed: &ParsedRoster, findings: &mut Findings) {
        let finding = Finding::row(Code::OtherRowRejected, self.row.number).about(self.person(parsed));
        findings.push(finding.expecting(format!("Row {deciding} without anything wrong.")));
        self.rejected = true;
    }

    /// Puts the row where it belongs. One that another row stands for is counted with that.
    pub(super) fn finish(self, parsed: &ParsedRoster, valid: &mut Valid) {
        if self.joins.is_some() && !self.rejected {
            return;
        }
        let staff_email = self.email_of(true).map(str::to_owned);
        let said = |column| parsed.cell(self.row, column).unwrap_or_default();
        match (self.rest, self.email, self.custom_id, self.school, self.user_type) {
            (Some(rest), Some(email), Some(custom_id), Some(school), Some(user_type)) if !self.rejected => {
                let rest = *rest;
                valid.rows.push(ValidRow {
                    row: self.row.number,
                    first_name: rest.first_name,
                    middle_name: rest.middle_name,
                    last_name: rest.last_name,
                    email,
                    custom_id,
                    school,
                    user_type,
                    position: rest.position,
                    grade: rest.grade,
                    status: rest.status,
                    password: rest.password,
                    username: self.username,
                    guid: self.guid,
                    unsaid: rest.unsaid,
                    doubted: rest.doubted,
                    others: rest.others,
                });
            }
            (_, _, custom_id, school, user_type) => {
                let school_is_known = school.is_some();
                let is_none = |id: &str| id.is_empty() || (!parsed.reading.settings.strict_format && is_null(id));
                let written = parsed.cell(self.row, Column::CustomId).filter(|id| !is_none(id));
                let name = match self.row.damage {
                    None => [said(Column::FirstName), said(Column::LastName)].join(" ").trim().to_owned(),
                    Some(_) => String::new(),
                };
                valid.rejected.push(RejectedRow {
                    row: self.row.number,
                    id_is_damaged: custom_id.as_deref() != written,
                    id_may_tell: self.id_may_tell,
                    custom_id: written.map(str::to_owned),
                    clues: clues(parsed, self.row, school_is_known),
                    guid: self.guid,
                    school,
                    user_type,
                    staff_email: staff_email.filter(|_| !self.only_protects),
                    username: self.username.filter(|_| !self.only_protects),
                    name,
                    only_protects: self.only_protects,
                    without_owner: self.without_owner,
                });
            }
        }
    }
}

/// Reads what else tells whose the row is. A cell that is right in its column is no custom ID in the wrong one.
fn clues(parsed: &ParsedRoster, row: &Row, school_is_known: bool) -> Clues {
    use Column::{CustomId, Email, FirstName, LastName, MiddleName, Status, UserType, Username};
    let cell = |column| {
        let cell = parsed.cell(row, column).filter(|cell| !is_too_long(column, cell));
        cell.unwrap_or_default().to_owned()
    };
    let told = [FirstName, MiddleName, LastName, Email, CustomId, Username, Status, UserType];
    let says = |column: &&Column| !column.spec().secret && column.spec().presence.is_of_user();
    let others = parsed.columns.iter().filter(says).filter(|column| !told.contains(column));
    let is_right = |column: &&Column| match column {
        Column::SchoolDistrictExternalId => school_is_known,
        Column::Grade => cell(Column::Grade).parse::<Grade>().is_ok(),
        _ => false,
    };
    let others = others.filter(|column| !is_right(column));
    Clues {
        first_name: cell(FirstName),
        middle_name: cell(MiddleName),
        last_name: cell(LastName),
        email: cell(Email),
        username: cell(Username),
        others: others.map(|column| cell(*column)).filter(|cell| !cell.is_empty()).collect(),
    }
}

/// Returns whom a row is about, as it says itself; `None` where it is damaged, so that any cell may be a password.
pub(super) fn person_of(parsed: &ParsedRoster, row: &Row) -> Option<Person> {
    let said = |column| parsed.cell(row, column).unwrap_or_default();
    let person = || Person::new(said(Column::FirstName), said(Column::LastName), said(Column::CustomId));
    row.damage.is_none().then(person).flatten()
}

/// Returns the finding of a custom ID that looks like another one, and is none.
fn deceiving_id(row: &Row, id: Option<&str>) -> Option<Finding> {
    let id = id.filter(|id| mixes_alphabets(id) || has_idle_joiner(id))?;
    Some(Finding::at(Code::CustomIdMixed, row.number, Column::CustomId, id))
}
