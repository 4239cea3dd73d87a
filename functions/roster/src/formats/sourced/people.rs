//! Who is in the files, what they are, and where.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::formats::kind::Format;
use crate::formats::known::FormatFiles;
use crate::formats::report::FormatReport;
use crate::formats::set_writer::PartWriter;
use crate::formats::table::{ColumnPlace, ForeignRow, ForeignTable};
use crate::formats::values::{ForeignRole, grade, is_over, list, role, truth};
use crate::model::{Code, Column, SetPart, UserType};

use super::orgs::{OrgKind, OrgSchool, Orgs};

/// The people of `users.csv` by their `sourcedId`.
#[derive(Default)]
pub(super) struct SourcedPeople<'t> {
    by_id: HashMap<&'t str, SourcedUser<'t>>,
    /// Every custom ID is a `sourcedId`, so that those of people who are not in the file are known, too.
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
    word: &'t str,
    grade: &'t str,
    /// It is called the primary one.
    is_primary: bool,
}

/// Writes the file of users.
pub(super) fn write<'t>(
    known: &FormatFiles<'t>,
    table: &'t ForeignTable,
    orgs: &Orgs,
    report: &mut FormatReport,
) -> (PartWriter, SourcedPeople<'t>) {
    let place = |keys: &[&str]| table.place(keys);
    let (id, identifier) = (place(&["sourcedid"]), place(&["identifier"]));
    let roles = known.tables.get("roles").filter(|_| !table.has("role"));
    let of_roles = roles.map(|roles| places_of_roles(roles, table, report));
    let mut columns = COLUMNS.to_vec();
    if table.has("password") {
        columns.push(Column::Password);
    }
    let mut writer = PartWriter::new(SetPart::Users, &columns);
    let mut people = SourcedPeople { by_id: HashMap::new(), are_sourced: true };
    let cells = UserColumns::of(table, known.format);
    for row in &table.rows {
        let sourced_id = row.get(id);
        let custom_id = Some(row.get(identifier)).filter(|cell| !cell.is_empty()).unwrap_or(sourced_id);
        let places = match &of_roles {
            Some(of_roles) => of_roles.get(sourced_id).cloned().unwrap_or_default(),
            None => cells.places(row),
        };
        let left_out = places.first().filter(|first| first.role == ForeignRole::NotKept && row.damage.is_none());
        let who = match left_out {
            Some(_) => SourcedUser::NotKept,
            None => SourcedUser::Kept(custom_id),
        };
        people.are_sourced &= custom_id == sourced_id || row.damage.is_some();
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
            Some(place) => report.left_out(place.word),
            None => cells.write(row, custom_id, &places, orgs, &mut writer),
        }
        if places.is_empty() && of_roles.is_some() && row.damage.is_none() {
            let what = format!("the user {{value}} of {} has no role in roles.csv", table.name);
            report.of_row(Code::ReferenceUnknown, table, row, &what, sourced_id);
        }
    }
    (writer, people)
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
    ];
    said.into_iter().filter_map(|(column, is_said)| (!is_said).then_some(column)).collect()
}

const COLUMNS: [Column; 11] = [
    Column::CustomId,
    Column::FirstName,
    Column::LastName,
    Column::MiddleName,
    Column::Email,
    Column::SchoolDistrictExternalId,
    Column::UserType,
    Column::Position,
    Column::Grade,
    Column::Status,
    Column::Username,
];

/// Reads the places of everybody in `roles.csv`; the first of each is the one that counts, whatever the order of rows.
fn places_of_roles<'t>(
    roles: &'t ForeignTable,
    users: &'t ForeignTable,
    report: &mut FormatReport,
) -> HashMap<&'t str, Vec<RoleAtOrg<'t>>> {
    let place = |key: &str| roles.place(&[key]);
    let (user, org, role_of, grade) = (place("usersourcedid"), place("orgsourcedid"), place("role"), place("grade"));
    let (role_type, is_primary, status) = (place("roletype"), place("isprimary"), place("status"));
    let (id, primary_org) = (users.place(&["sourcedid"]), users.place(&["primaryorgsourcedid"]));
    let primary_orgs: HashMap<&str, &str> = users.rows.iter().map(|row| (row.get(id), row.get(primary_org))).collect();
    let mut found: HashMap<&str, Vec<RoleAtOrg>> = HashMap::new();
    for row in &roles.rows {
        let user_id = row.get(user);
        if !primary_orgs.contains_key(user_id) {
            let what = format!("{} names the user {{value}}, who is not in {}", roles.name, users.name);
            report.of_row(Code::ReferenceUnknown, roles, row, &what, user_id);
            continue;
        }
        if row.damage.is_some() || is_over(row.get(status)) {
            continue;
        }
        let word = row.get(role_of);
        let is_primary = row.get(role_type).eq_ignore_ascii_case("primary") || truth(row.get(is_primary)) == Some(true);
        let place = RoleAtOrg { org: row.get(org), role: role(word), word, grade: row.get(grade), is_primary };
        found.entry(user_id).or_default().push(place);
    }
    for (user, places) in &mut found {
        let primary_org = primary_orgs[user];
        places.sort_by_key(|place| {
            let is_kept = place.role != ForeignRole::NotKept;
            (!is_kept, place.org != primary_org, !place.is_primary, place.role.rank(), place.org, place.word)
        });
    }
    found
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
        let place = |org| RoleAtOrg { org, role, word, grade: "", is_primary: false };
        let mut places: Vec<RoleAtOrg> = list(self.get(row, "orgsourcedids")).map(place).collect();
        if places.is_empty() {
            places.push(place(""));
        }
        let primary = self.get(row, "primaryorgsourcedid");
        places.sort_by_key(|place| place.org != primary);
        places
    }

    /// Writes the rows of a user: one for each school.
    fn write(&self, row: &'t ForeignRow, custom_id: &str, places: &[RoleAtOrg], orgs: &Orgs, writer: &mut PartWriter) {
        let first = places.first();
        let user_type = match first.map(|place| (place.role, place.word)) {
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

/// Returns the schools of somebody as a roster calls them, the one that counts first. The office of the district is the
/// place of those who are at no school, and of administrators who have it first.
fn schools_of<'o>(places: &[RoleAtOrg<'o>], orgs: &'o Orgs, is_administrator: bool) -> Vec<Cow<'o, str>> {
    let all: Vec<OrgSchool> = places.iter().map(|place| orgs.school(place.org)).collect();
    let first = all.iter().position(|org| org.kind == OrgKind::School);
    let office = all.iter().position(|org| org.kind == OrgKind::DistrictOffice);
    let main = match (first, office) {
        (Some(first), Some(office)) if is_administrator => first.min(office),
        (first, office) => first.or(office).unwrap_or(0),
    };
    let mut seen = HashSet::new();
    let mut schools = vec![all.get(main).map_or(Cow::Borrowed(""), |org| org.external_id.clone())];
    seen.insert(schools[0].clone());
    let further = all.into_iter().filter(|org| org.kind == OrgKind::School).map(|org| org.external_id);
    let is_office_first = office == Some(main);
    schools.extend(further.filter(|school| !is_office_first && seen.insert(school.clone())));
    schools
}
