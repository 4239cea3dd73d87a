//! The users, with what their enrolments say of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::formats::flat::USER_COLUMNS;
use crate::formats::known::FormatFiles;
use crate::formats::report::FormatReport;
use crate::formats::set_writer::PartWriter;
use crate::formats::table::{ForeignRow, ForeignTable};
use crate::formats::values::{ForeignRole, is_over, role};
use crate::model::{Code, Column, SetPart, UserType};

use super::classes::CanvasClasses;

/// What enrolments say of somebody.
struct Enrolled<'t> {
    role: ForeignRole,
    /// How many enrolments at each school.
    schools: BTreeMap<&'t str, u64>,
}

impl<'t> Enrolled<'t> {
    fn add(&mut self, role: ForeignRole, school: &'t str) {
        // An observer role replaces `Unknown`: such a user is left out, and counted as left out.
        let only_observes = role == ForeignRole::NotKept && self.role == ForeignRole::Unknown;
        if rank(role) < rank(self.role) || only_observes {
            self.role = role;
        }
        if !school.is_empty() {
            *self.schools.entry(school).or_default() += 1;
        }
    }
}

impl Default for Enrolled<'_> {
    fn default() -> Self {
        Enrolled { role: ForeignRole::Unknown, schools: BTreeMap::new() }
    }
}

/// Writes the file of users. The school of somebody is the one with most of the enrolments; the others are further ones.
pub(super) fn write(
    known: &FormatFiles,
    table: &ForeignTable,
    classes: &CanvasClasses,
    report: &mut FormatReport,
) -> PartWriter {
    let [active, all] = enrolled(known, classes);
    let place = |key: &str| table.place(&[key]);
    let (id, login, email, status) = (place("userid"), place("loginid"), place("email"), place("status"));
    let (declared, home, password) = (place("declaredusertype"), place("homeaccount"), place("password"));
    let mut writer = PartWriter::new(SetPart::Users, &USER_COLUMNS);
    let nothing = Enrolled::default();
    for row in &table.rows {
        let of_user = active.get(row.get(id)).or_else(|| all.get(row.get(id))).unwrap_or(&nothing);
        let role = match row.get(declared) {
            "" => of_user.role,
            declared => declared_role(declared),
        };
        let user_type = match role {
            ForeignRole::NotKept if row.damage.is_none() => {
                report.left_out("observer");
                continue;
            }
            ForeignRole::Is(user_type) => user_type.as_str(),
            ForeignRole::Unknown | ForeignRole::NotKept => "",
        };
        let name = PersonName::of(table, row);
        let home = classes.school_of_account(row.get(home));
        let mut schools: Vec<(&str, u64)> = of_user.schools.iter().map(|(school, count)| (*school, *count)).collect();
        schools.sort_by_key(|(school, count)| {
            (*school != home, !classes.is_school(school), std::cmp::Reverse(*count), *school)
        });
        let mut schools: Vec<&str> = schools.into_iter().map(|(school, _)| school).collect();
        if !home.is_empty() && schools.first() != Some(&home) {
            schools.insert(0, home);
        }
        // The first one is where somebody is. A further one that is no school is somewhere else.
        let others = schools.split_off(schools.len().min(1));
        let (others, unknown): (Vec<&str>, Vec<&str>) =
            others.into_iter().partition(|school| classes.is_school(school));
        for account in unknown.into_iter().filter(|_| row.damage.is_none()) {
            let what = "somebody is in a course of the account {value}, which is no school of the organisation";
            report.of_row(Code::ReferenceUnknown, table, row, what, account);
        }
        if schools.first().is_some_and(|school| classes.is_school(school)) {
            schools.extend(others);
        }
        if schools.is_empty() {
            schools.push("");
        }
        for (at, school) in schools.into_iter().enumerate() {
            let cell = |column| match column {
                Column::FirstName => name.first,
                Column::LastName => name.last,
                Column::Email => row.get(email),
                Column::CustomId => row.get(id),
                Column::SchoolDistrictExternalId => school,
                Column::UserType => user_type,
                Column::Status if is_over(row.get(status)) => "Disabled",
                Column::Status => "Active",
                Column::Username => row.get(login),
                Column::Password => row.raw(password),
                _ => "",
            };
            match at {
                0 => writer.row(table, row, cell),
                _ => writer.further(table, row, cell),
            }
        }
    }
    writer
}

/// Returns the IDs of everybody in the file of users.
pub(super) fn ids(table: &ForeignTable) -> HashSet<&str> {
    let id = table.place(&["userid"]);
    table.rows.iter().map(|row| row.get(id)).collect()
}

/// Returns of which columns the files say nothing: Canvas has no middle names, positions and grades.
pub(super) fn unsaid(known: &FormatFiles) -> BTreeSet<Column> {
    let has_email = known.tables.get("users").is_some_and(|table| table.has("email"));
    let email = (!has_email).then_some(Column::Email);
    [Column::MiddleName, Column::Position, Column::Grade].into_iter().chain(email).collect()
}

/// Returns which columns of the file of users follow from the enrolments of somebody, because the file itself does not say
/// them of everybody. Who is in some of their classes only may be something else, and elsewhere.
pub(super) fn inferred(table: &ForeignTable) -> BTreeSet<Column> {
    let of = [(Column::UserType, "declaredusertype"), (Column::SchoolDistrictExternalId, "homeaccount")];
    let is_said = |key: &str| {
        let place = table.place(&[key]);
        table.rows.iter().all(|row| row.damage.is_some() || !row.get(place).is_empty())
    };
    of.into_iter().filter(|(_, key)| !is_said(key)).map(|(column, _)| column).collect()
}

/// Returns what enrolments say of each user: those that are not over, and all, which tell of those of whom every one is
/// over.
fn enrolled<'t>(known: &FormatFiles<'t>, classes: &CanvasClasses<'t>) -> [HashMap<&'t str, Enrolled<'t>>; 2] {
    let mut enrolled = [HashMap::new(), HashMap::new()];
    let Some(table) = known.tables.get("enrollments") else { return enrolled };
    let place = |key: &str| table.place(&[key]);
    let (user, section, course, role_of) = (place("userid"), place("sectionid"), place("courseid"), place("role"));
    let status = place("status");
    for row in table.rows.iter().filter(|row| row.damage.is_none()) {
        let role = enrolled_role(row.get(role_of));
        let school = classes.school_of_class(row.get(section), row.get(course));
        let [active, all] = &mut enrolled;
        let told = [Some(all), (!is_over(row.get(status))).then_some(active)];
        for of_users in told.into_iter().flatten() {
            of_users.entry(row.get(user)).or_insert_with(Enrolled::default).add(role, school);
        }
    }
    enrolled
}

/// Returns which of the roles in courses counts, the lowest number first: a student may assist in a course, and stays a
/// student.
fn rank(role: ForeignRole) -> u8 {
    match role {
        ForeignRole::Is(UserType::Student) => ForeignRole::Is(UserType::Staff).rank(),
        ForeignRole::Is(UserType::Staff) => ForeignRole::Is(UserType::Student).rank(),
        role => role.rank(),
    }
}

/// Returns what a role in a course makes of somebody. It makes nobody an administrator.
fn enrolled_role(word: &str) -> ForeignRole {
    match word.to_lowercase().as_str() {
        "ta" | "designer" => ForeignRole::Is(UserType::Staff),
        word => match role(word) {
            ForeignRole::Is(UserType::Administrator) => ForeignRole::Is(UserType::Staff),
            role => role,
        },
    }
}

/// Returns what the column `declared_user_type` says.
fn declared_role(word: &str) -> ForeignRole {
    match word {
        "administrative" => ForeignRole::Is(UserType::Staff),
        "student_other" => ForeignRole::Is(UserType::Student),
        word => role(word),
    }
}

/// The names of somebody.
struct PersonName<'r> {
    first: &'r str,
    last: &'r str,
}

impl<'r> PersonName<'r> {
    /// Reads the names where they stand: in columns of their own, in `sortable_name` with a comma between them, or all in
    /// one.
    fn of(table: &ForeignTable, row: &'r ForeignRow) -> PersonName<'r> {
        let get = |key: &str| row.get(table.place(&[key]));
        let (first, last) = (get("firstname"), get("lastname"));
        if !first.is_empty() || !last.is_empty() {
            return PersonName { first, last };
        }
        match get("sortablename").split_once(',') {
            Some((last, first)) => PersonName { first: first.trim(), last: last.trim() },
            None => PersonName { first: "", last: get("fullname") },
        }
    }
}
