//! Who is in the files, what they are, and where.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::file::cell;
use crate::formats::flat::USER_COLUMNS;
use crate::formats::kind::Format;
use crate::formats::known::FormatFiles;
use crate::formats::report::FormatReport;
use crate::formats::set_writer::PartWriter;
use crate::formats::table::{ColumnPlace, ForeignRow, ForeignTable};
use crate::formats::translation::{Completeness, NOBODY, incomplete};
use crate::formats::values::{ForeignRole, grade, is_over, list, role, truth};
use crate::model::{Code, Column, Finding, SetPart, UserType};

use super::end_days::EndDays;
use super::orgs::{OrgKind, OrgSchool, Orgs};

/// The people of `users.csv` by their `sourcedId`.
#[derive(Default)]
pub(super) struct SourcedPeople<'t> {
    by_id: HashMap<&'t str, SourcedUser<'t>>,
    /// Every custom ID is a `sourcedId`, as no row has another one. So those of people who are not in the file are known,
    /// too.
    are_sourced: bool,
}

/// Somebody who is named by a `sourcedId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourcedUser<'t> {
    /// With this custom ID.
    Kept(&'t str),
    NotKept,
    /// Several rows with this ID have different custom IDs, or its row is damaged.
    Unclear,
    /// No row has it.
    Nobody,
}

impl<'t> SourcedPeople<'t> {
    /// Returns who has this `sourcedId`.
    pub fn find(&self, id: &'t str) -> SourcedUser<'t> {
        match self.by_id.get(id) {
            Some(who) => *who,
            None if self.are_sourced && !id.is_empty() => SourcedUser::Kept(id),
            None => SourcedUser::Nobody,
        }
    }

    /// Returns whether `users.csv` has somebody with this `sourcedId`.
    pub fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }
}

/// What somebody is at an org.
#[derive(Clone)]
struct RoleAtOrg<'t> {
    org: &'t str,
    role: ForeignRole,
    word: Cow<'t, str>,
    grade: &'t str,
    /// It is called the primary one.
    is_primary: bool,
}

impl RoleAtOrg<'_> {
    /// Returns whether both are primary roles at one org, of which one person has one, and are not the same. That somebody
    /// is a parent, too, is no contradiction.
    fn contradicts(&self, other: &RoleAtOrg) -> bool {
        let both = |is: fn(&RoleAtOrg) -> bool| is(self) && is(other);
        both(|place| place.is_primary && place.role != ForeignRole::NotKept)
            && self.org == other.org
            && self.role != other.role
    }
}

/// Writes the file of users.
pub(super) fn write<'t>(
    known: &FormatFiles<'t>,
    table: &'t ForeignTable,
    orgs: &Orgs,
    completeness: &Completeness,
    report: &mut FormatReport,
) -> Result<(PartWriter, SourcedPeople<'t>), Finding> {
    let place = |keys: &[&str]| table.place(keys);
    let (id, identifier) = (place(&["sourcedid"]), place(&["identifier"]));
    let roles = known.tables.get("roles").filter(|_| !table.has("role"));
    let of_roles = match roles {
        Some(roles) => Some(places_of_roles(known, (roles, table), completeness, report)?),
        None => None,
    };
    let has_passwords = table.has("password");
    let is_written = |column: &Column| has_passwords || *column != Column::Password;
    let columns: Vec<Column> = USER_COLUMNS.into_iter().filter(is_written).collect();
    let mut writer = PartWriter::new(SetPart::Users, &columns);
    let are_sourced = ids_are_sourced(known, table);
    let mut people = SourcedPeople { by_id: HashMap::new(), are_sourced };
    let cells = UserColumns::of(table, known.format);
    for row in &table.rows {
        let sourced_id = row.get(id);
        let custom_id = match row.get(identifier) {
            // A damaged row is about nobody for sure, and must look like one of somebody.
            "" if are_sourced || row.damage.is_some() => sourced_id,
            identifier => identifier,
        };
        let places = match &of_roles {
            Some(of_roles) => of_roles.get(sourced_id).cloned().unwrap_or_default(),
            None => cells.places(row),
        };
        let left_out = places.first().filter(|first| first.role == ForeignRole::NotKept && row.damage.is_none());
        let who = match left_out {
            Some(_) => SourcedUser::NotKept,
            None => SourcedUser::Kept(custom_id),
        };
        if row.damage.is_some() && !sourced_id.is_empty() {
            // Whom the row is about is not sure.
            people.by_id.insert(sourced_id, SourcedUser::Unclear);
        } else if !sourced_id.is_empty() {
            let known_as = *people.by_id.entry(sourced_id).or_insert(who);
            if known_as != who && known_as != SourcedUser::Unclear {
                people.by_id.insert(sourced_id, SourcedUser::Unclear);
                let what = format!("{{value}} in {}", table.name);
                report.of_row(Code::SourcedIdRepeated, table, row, &what, sourced_id);
            }
        }
        match left_out {
            Some(place) => report.left_out(&place.word),
            None => cells.write(row, custom_id, &places, orgs, (&mut writer, report)),
        }
        // Among changes there need be no role.
        let all_are_there = *completeness == Completeness::Everybody;
        if places.is_empty() && of_roles.is_some() && row.damage.is_none() && all_are_there {
            let what = format!("the user {{value}} of {} has no role in roles.csv that can be read", table.name);
            report.of_row(Code::ReferenceUnknown, table, row, &what, sourced_id);
        }
    }
    Ok((writer, people))
}

/// Returns whether custom IDs are the `sourcedId` of people: where there are people, and none has an identifier. That those
/// who have changed have none says nothing of the others.
fn ids_are_sourced(known: &FormatFiles, table: &ForeignTable) -> bool {
    let identifier = table.place(&["identifier"]);
    if identifier.is_there() && known.tables.is_delta("users") {
        return false;
    }
    !table.rows.is_empty() && table.rows.iter().all(|row| row.damage.is_some() || row.get(identifier).is_empty())
}

/// Returns of which columns the files say nothing; no format has a position.
pub(super) fn unsaid(known: &FormatFiles) -> BTreeSet<Column> {
    let has = |stem: &str, keys: &[&str]| known.tables.get(stem).is_some_and(|table| table.place(keys).is_there());
    let has_address = has("users", &["email"]) || (!known.format.is_one_roster() && has("users", &["username"]));
    let said = [
        (Column::MiddleName, has("users", &["middlename"])),
        (Column::Email, has_address),
        (Column::Position, false),
        (Column::Grade, has("users", &["grades", "grade"]) || has("roles", &["grade"])),
        (Column::Status, known.format.is_one_roster()),
    ];
    said.into_iter().filter_map(|(column, is_said)| (!is_said).then_some(column)).collect()
}

/// Returns of which types no file says who is disabled: none has a column for it.
pub(super) fn disabled_unsaid(known: &FormatFiles) -> BTreeSet<UserType> {
    let is_said = known.format.is_one_roster()
        || known.tables.get("users").is_some_and(|users| users.has("status") || users.has("enableduser"));
    UserType::ALL.iter().copied().filter(|_| !is_said).collect()
}

/// Returns of which columns the files say nothing where a cell is empty: an address may only be the user name of some.
pub(super) fn unsaid_of(known: &FormatFiles) -> BTreeMap<UserType, BTreeSet<Column>> {
    let has_email = known.tables.get("users").is_none_or(|users| users.has("email"));
    let email: BTreeSet<Column> = (!has_email).then_some(Column::Email).into_iter().collect();
    UserType::ALL.iter().filter(|_| !has_email).map(|of| (*of, email.clone())).collect()
}

/// Reads the places of everybody in `roles.csv`; the first of each is the one that counts, whatever the order of rows.
///
/// Nobody has a place of whom a damaged row may be, or, in a file that holds only what has changed, the primary one is not
/// there: their rows are rejected.
fn places_of_roles<'t>(
    known: &FormatFiles<'t>,
    (roles, users): (&'t ForeignTable, &'t ForeignTable),
    completeness: &Completeness,
    report: &mut FormatReport,
) -> Result<HashMap<&'t str, Vec<RoleAtOrg<'t>>>, Finding> {
    let only_changes = *completeness != Completeness::Everybody;
    let place = |key: &str| roles.place(&[key]);
    let (user, org, role_of, grade) = (place("usersourcedid"), place("orgsourcedid"), place("role"), place("grade"));
    let (role_type, is_primary, status) = (place("roletype"), place("isprimary"), place("status"));
    let begins = roles.place(&["begindate", "rolestartdate"]);
    let ends = roles.place(&["enddate", "roleenddate"]);
    let end_days = EndDays::of(known.format);
    let mut contradicting: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let (id, primary_org) = (users.place(&["sourcedid"]), users.place(&["primaryorgsourcedid"]));
    let primary_orgs: HashMap<&str, &str> = users.rows.iter().map(|row| (row.get(id), row.get(primary_org))).collect();
    let mut found: HashMap<&str, Vec<RoleAtOrg>> = HashMap::new();
    let mut doubtful = HashSet::new();
    for row in &roles.rows {
        let user_id = row.get(user);
        if row.damage.is_some() {
            let named: Vec<&str> =
                row.cells().map(cell::value).filter(|cell| primary_orgs.contains_key(cell)).collect();
            if named.is_empty() {
                let what = format!("row {} of {} is damaged, and does not show whose it is", row.number, roles.name);
                return Err(incomplete(known.format, &what));
            }
            doubtful.extend(named);
            continue;
        }
        if !primary_orgs.contains_key(user_id) {
            let what = format!("{} names the user {{value}}, who is not in {}", roles.name, users.name);
            report.of_row(Code::ReferenceUnknown, roles, row, &what, user_id);
            continue;
        }
        if is_over(row.get(status)) {
            continue;
        }
        if !end_days.holds((row.get(begins), row.get(ends)), known.today) {
            let what =
                format!("a role in {} is over or has not begun, and does not count: that of {{value}}", roles.name);
            report.of_row(Code::RoleNotNow, roles, row, &what, user_id);
            continue;
        }
        let word = row.get(role_of);
        let is_primary = row.get(role_type).eq_ignore_ascii_case("primary") || truth(row.get(is_primary)) == Some(true);
        let place =
            RoleAtOrg { org: row.get(org), role: role(word), word: word.into(), grade: row.get(grade), is_primary };
        let places = found.entry(user_id).or_default();
        if let Some(other) = places.iter_mut().find(|other| other.contradicts(&place)) {
            let what = format!("{{value}} has several primary roles at one school in {}", roles.name);
            report.of_row(Code::SourcedIdRepeated, roles, row, &what, user_id);
            contradicting.entry(user_id).or_default().extend([other.word.to_string(), word.to_owned()]);
        }
        places.push(place);
    }
    for user in doubtful {
        // As a user type no such mark is known: what somebody was must not be taken for it.
        let unknown =
            RoleAtOrg { org: "", role: ForeignRole::Unknown, word: NOBODY.into(), grade: "", is_primary: true };
        found.insert(user, if only_changes { vec![unknown] } else { Vec::new() });
    }
    for (user, words) in contradicting {
        // As a user type no such list is known, so that the row is rejected, and says why.
        let word = Vec::from_iter(words).join(" or ");
        let places = found.get_mut(user).into_iter().flatten();
        places.for_each(|place| (place.role, place.word) = (ForeignRole::Unknown, word.clone().into()));
    }
    if known.tables.is_delta("roles") {
        // What somebody is elsewhere has not changed, and is not in the file.
        found.retain(|_, places| places.iter().any(|place| place.is_primary));
        for places in found.values_mut() {
            places.retain(|place| place.is_primary);
        }
    }
    for (user, places) in &mut found {
        let primary_org = primary_orgs[user];
        places.sort_by_key(|place| {
            let is_kept = place.role != ForeignRole::NotKept;
            (!is_kept, place.org != primary_org, !place.is_primary, place.role.rank(), place.org, place.word.clone())
        });
    }
    Ok(found)
}

/// Where the columns of `users.csv` stand.
struct UserColumns<'t> {
    table: &'t ForeignTable,
    format: Format,
    at: HashMap<&'static str, ColumnPlace>,
}

impl<'t> UserColumns<'t> {
    fn of(table: &'t ForeignTable, format: Format) -> UserColumns<'t> {
        const READ: [&str; 12] = [
            "givenname",
            "familyname",
            "middlename",
            "email",
            "username",
            "password",
            "enableduser",
            "status",
            "role",
            "orgsourcedids",
            "primaryorgsourcedid",
            "grades",
        ];
        let mut at: HashMap<&str, _> = READ.into_iter().map(|key| (key, table.place(&[key]))).collect();
        at.insert("grades", table.place(&["grades", "grade"]));
        UserColumns { table, format, at }
    }

    fn get(&self, row: &'t ForeignRow, key: &str) -> &'t str {
        row.get(self.at[key])
    }

    /// Returns the places that the row itself says.
    fn places(&self, row: &'t ForeignRow) -> Vec<RoleAtOrg<'t>> {
        let word = self.get(row, "role");
        let role = list(word).map(role).min_by_key(|role| role.rank()).unwrap_or(ForeignRole::Unknown);
        let place = |org| RoleAtOrg { org, role, word: word.into(), grade: "", is_primary: false };
        let mut places: Vec<RoleAtOrg> = list(self.get(row, "orgsourcedids")).map(place).collect();
        if places.is_empty() {
            places.push(place(""));
        }
        let primary = self.get(row, "primaryorgsourcedid");
        places.sort_by_key(|place| place.org != primary);
        places
    }

    /// Writes the rows of a user: one for each school.
    fn write(
        &self,
        row: &'t ForeignRow,
        custom_id: &str,
        places: &[RoleAtOrg],
        orgs: &Orgs,
        (writer, report): (&mut PartWriter, &mut FormatReport),
    ) {
        let first = places.first();
        let user_type = match first.map(|place| (place.role, &*place.word)) {
            Some((ForeignRole::Is(user_type), _)) => user_type.as_str(),
            Some((_, word)) => word,
            None => "",
        };
        let grades = [self.get(row, "grades"), first.map_or("", |place| place.grade)];
        let grade = grades.into_iter().flat_map(list).map(grade).next().unwrap_or_default();
        let status = match truth(self.get(row, "enableduser")) {
            _ if is_over(self.get(row, "status")) => "Disabled",
            Some(false) => "Disabled",
            None if !self.get(row, "enableduser").is_empty() => self.get(row, "enableduser"),
            _ => "Active",
        };
        let username = self.get(row, "username");
        let email = match self.get(row, "email") {
            // School Data Sync signs people in by their address.
            "" if !self.format.is_one_roster() && username.contains('@') => username,
            email => email,
        };
        let schools = schools_of(places, orgs, user_type == UserType::Administrator.as_str());
        if row.damage.is_none() {
            if let Some(place) = places.first().filter(|place| orgs.is_as_before(place.org)) {
                let what = format!(
                    "{} names the school {{value}}, which is not among the changes of orgs.csv",
                    self.table.name
                );
                report.of_row(Code::ReferenceUnknown, self.table, row, &what, place.org);
            }
            for unknown in &schools.unknown {
                let what = "a school of people with several schools is none of the organisation: {value}";
                report.of_row(Code::ReferenceUnknown, self.table, row, what, unknown);
            }
        }
        let schools = schools.known;
        let password = row.raw(self.at["password"]);
        for (at, school) in schools.iter().enumerate() {
            let cell = |column| match column {
                Column::FirstName => self.get(row, "givenname"),
                Column::LastName => self.get(row, "familyname"),
                Column::MiddleName => self.get(row, "middlename"),
                Column::Email => email,
                Column::CustomId => custom_id,
                Column::SchoolDistrictExternalId => school,
                Column::UserType => user_type,
                Column::Grade => grade,
                Column::Status => status,
                Column::Username => username,
                Column::Password => password,
                _ => "",
            };
            match at {
                0 => writer.row(self.table, row, cell),
                _ => writer.further(self.table, row, cell),
            }
        }
    }
}

/// The schools of somebody as a roster calls them.
struct UserSchools<'o> {
    /// The one that counts first. Where that one is unknown, it is the only one, so that the row is rejected.
    known: Vec<Cow<'o, str>>,
    /// Further ones that are none of the organisation.
    unknown: Vec<Cow<'o, str>>,
}

/// Returns the schools of somebody. The office of the district is the place of those who are at no school, and of
/// administrators who have it first.
fn schools_of<'o>(places: &[RoleAtOrg<'o>], orgs: &'o Orgs, is_administrator: bool) -> UserSchools<'o> {
    let all: Vec<OrgSchool> = places.iter().map(|place| orgs.school(place.org)).collect();
    let first = all.iter().position(|org| matches!(org.kind, OrgKind::School | OrgKind::Unknown));
    let office = all.iter().position(|org| org.kind == OrgKind::DistrictOffice);
    let main = match (first, office) {
        (Some(first), Some(office)) if is_administrator => first.min(office),
        (first, office) => first.or(office).unwrap_or(0),
    };
    let Some(main) = all.get(main) else { return UserSchools { known: vec!["".into()], unknown: Vec::new() } };
    let mut known = vec![main.external_id.clone()];
    let mut unknown = Vec::new();
    let mut seen: HashSet<Cow<str>> = HashSet::from([main.external_id.clone()]);
    if main.kind == OrgKind::School || main.kind == OrgKind::DistrictOffice {
        for org in all.iter().filter(|org| seen.insert(org.external_id.clone())) {
            match org.kind {
                OrgKind::School if main.kind == OrgKind::School => known.push(org.external_id.clone()),
                OrgKind::Unknown => unknown.push(org.external_id.clone()),
                _ => {}
            }
        }
    }
    UserSchools { known, unknown }
}
