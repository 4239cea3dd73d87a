//! Formats with a file for each kind of person: Clever, and the first version of School Data Sync.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use crate::file::reading::Omissions;
use crate::model::{Column, Schools, UserType};

use super::kind::Format;
use super::report::{FormatReport, WrittenSet};
use super::set_writer::PartWriter;
use super::table::{ColumnPlace, ForeignRow, ForeignTable};
use super::translation::Completeness;
use super::values::{SlashDates, day, grade, is_over, truth};

/// A file of people, or of classes, and where it has what a roster asks for.
pub(super) struct FlatFile<'t> {
    pub table: &'t ForeignTable,
    columns: Vec<(Column, ColumnPlace)>,
    /// What everybody in it is; nothing in a file of classes.
    user_type: &'static str,
    slashes: SlashDates,
}

impl<'t> FlatFile<'t> {
    /// Finds the columns, each under the first of its names that the file has.
    pub fn new(
        table: &'t ForeignTable,
        names: &[(Column, &[&str])],
        user_type: &'static str,
        slashes: SlashDates,
    ) -> FlatFile<'t> {
        let columns = names.iter().map(|(column, keys)| (*column, table.place(keys))).collect();
        FlatFile { table, columns, user_type, slashes }
    }

    /// Returns which of the columns the file has.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        self.columns.iter().filter(|(_, place)| place.is_there()).map(|(column, _)| *column)
    }

    /// Returns what the row says, as it stands there.
    pub fn said<'r>(&self, row: &'r ForeignRow, column: Column) -> &'r str {
        self.columns.iter().find(|(own, _)| *own == column).map_or("", |(_, place)| row.get(*place))
    }

    /// Writes a row of somebody.
    pub fn write_person(&self, row: &ForeignRow, school: &str, writer: &mut PartWriter) {
        let said = |column| self.said(row, column);
        let username = said(Column::Username);
        let password = self.columns.iter().find(|(own, _)| *own == Column::Password);
        writer.row(self.table, row, |column| match column {
            Column::SchoolDistrictExternalId => school,
            Column::UserType => self.user_type,
            Column::Grade => grade(said(Column::Grade)),
            Column::Status => status(said(Column::Status)),
            // Some sign people in by their address.
            Column::Email if said(Column::Email).is_empty() && username.contains('@') => username,
            Column::Password => password.map_or("", |(_, place)| row.raw(*place)),
            column => said(column),
        });
    }

    /// Writes a row of a class, which is called `name`.
    pub fn write_class(&self, row: &ForeignRow, school: &str, name: &str, writer: &mut PartWriter) {
        let said = |column| self.said(row, column);
        let starts = day(said(Column::ClassStartDate), self.slashes);
        let ends = day(said(Column::ClassEndDate), self.slashes);
        writer.row(self.table, row, |column| match column {
            Column::SchoolDistrictExternalId => school,
            Column::ClassName => name,
            Column::ClassGrade => grade(said(Column::ClassGrade)),
            Column::ClassStartDate => &starts,
            Column::ClassEndDate => &ends,
            Column::ClassStatus if is_over(said(Column::ClassStatus)) => "Archived",
            Column::ClassStatus => "Active",
            column => said(column),
        });
    }
}

/// Returns what the files of people of these types say of the whole set, in which nothing is written yet. They have
/// everybody.
pub(super) fn set_of(
    format: Format,
    types: &[UserType],
    people: &[Option<FlatFile>],
    schools: &FlatSchools,
) -> WrittenSet {
    let files = || people.iter().flatten();
    let is_said = |column: Column| files().any(|file| file.columns().any(|own| own == column));
    // A user name may be an address.
    let may_say = |column: &Column| is_said(*column) || (*column == Column::Email && is_said(Column::Username));
    let lacking =
        |file: &FlatFile| USER_COLUMNS.into_iter().filter(|column| !file.columns().any(|own| own == *column)).collect();
    let of_types = types.iter().zip(people);
    let says_status = |file: &FlatFile| file.columns().any(|own| own == Column::Status);
    let mut omissions = format.omissions();
    omissions.no_place.disabled =
        of_types.clone().filter(|(_, file)| !file.as_ref().is_some_and(says_status)).map(|(of, _)| *of).collect();
    WrittenSet {
        users: None,
        classes: None,
        enrolments: None,
        schools: schools.count(),
        omissions: Omissions {
            unsaid: USER_COLUMNS.into_iter().filter(|column| !may_say(column)).collect(),
            unsaid_of: of_types.filter_map(|(of, file)| Some((*of, lacking(file.as_ref()?)))).collect(),
            ..omissions
        },
        inferred: BTreeSet::new(),
        completeness: Completeness::Everybody,
    }
}

/// Returns the IDs of everybody in the files of people.
pub(super) fn ids_of<'t>(people: &'t [Option<FlatFile>]) -> HashSet<&'t str> {
    let files = people.iter().flatten();
    files.flat_map(|file| file.table.rows.iter().map(|row| file.said(row, Column::CustomId))).collect()
}

/// Adds a finding for every ID in these columns of a file of classes that no person has.
///
/// `there` are the IDs of the people, and `file` is where the missing ones should be.
pub(super) fn say_missing(
    table: &ForeignTable,
    columns: &[ColumnPlace],
    (there, file): (&HashSet<&str>, &str),
    report: &mut FormatReport,
) {
    for row in table.rows.iter().filter(|row| row.damage.is_none()) {
        let named = columns.iter().map(|column| row.get(*column));
        for id in named.filter(|id| !id.is_empty() && !there.contains(id)) {
            report.only_in_classes(table, row, file, id);
        }
    }
}

/// Returns the status of a user in our words; one that is not known stays.
fn status(said: &str) -> &str {
    match said {
        "" => "Active",
        over if is_over(over) || truth(over) == Some(false) => "Disabled",
        said => said,
    }
}

/// The schools of the files, by the ID that the other files name them by.
pub(super) struct FlatSchools<'t> {
    table: Option<&'t ForeignTable>,
    id: ColumnPlace,
    number: ColumnPlace,
    schools: &'t Schools,
}

impl<'t> FlatSchools<'t> {
    /// Reads the file of schools, which may be missing.
    pub fn new(table: Option<&'t ForeignTable>, id: &[&str], number: &[&str], schools: &'t Schools) -> FlatSchools<'t> {
        let place = |keys: &[&str]| table.map_or(ColumnPlace::NOWHERE, |table| table.place(keys));
        FlatSchools { table, id: place(id), number: place(number), schools }
    }

    /// Returns the school as a roster calls it.
    ///
    /// That is its ID or else its number, whichever is the external ID of a school of the organisation.
    pub fn external_id<'i>(&self, id: &'i str) -> Cow<'i, str> {
        if self.schools.by_external_id(id).is_some() {
            return Cow::Borrowed(id);
        }
        let rows = self.table.into_iter().flat_map(|table| &table.rows);
        let number = rows.filter(|row| row.get(self.id) == id).map(|row| row.get(self.number));
        let mut known = number.filter(|number| self.schools.by_external_id(number).is_some());
        known.next().map_or(Cow::Borrowed(id), |number| Cow::Owned(number.to_owned()))
    }

    /// Returns how many there are.
    pub fn count(&self) -> usize {
        self.table.map_or(0, |table| table.rows.len())
    }
}

/// The columns of a file of users that is made of those of a format.
pub(super) const USER_COLUMNS: [Column; 12] = [
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
    Column::Password,
];
