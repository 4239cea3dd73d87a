//! Users as files: all of them, and those whose passwords were reset.

use crate::file::csv_file::CsvFile;
use crate::model::{Column, Schools, User};

/// Returns users in the roster's own columns, with GUID and user name.
///
/// The edited file uploads again.
pub fn users_file<'a>(users: impl Iterator<Item = &'a User>, schools: &Schools) -> Vec<u8> {
    let mut file = CsvFile::new();
    file.values(user_columns().map(Column::header));
    for user in users {
        file.values(user_cells(user, &user.guid.to_string(), schools.external_id(&user.school)));
    }
    file.bytes()
}

/// Returns the columns of a download of users.
pub(super) fn user_columns() -> impl Iterator<Item = Column> {
    Column::ALL.into_iter().filter(|column| column.spec().presence.is_of_user() && !column.spec().secret)
}

/// Returns the cells of a user below [`user_columns`].
pub(super) fn user_cells<'u>(user: &'u User, guid: &'u str, school: &'u str) -> Vec<&'u str> {
    user_columns().map(|column| user_cell(user, column, guid, school)).collect()
}

/// Returns the cell of a user below a column. A column that is added has to answer.
fn user_cell<'u>(user: &'u User, column: Column, guid: &'u str, school: &'u str) -> &'u str {
    match column {
        Column::FirstName => &user.first_name,
        Column::LastName => &user.last_name,
        Column::MiddleName => &user.middle_name,
        Column::Email => &user.email,
        Column::CustomId => user.custom_id.as_deref().unwrap_or(""),
        Column::SchoolDistrictExternalId => school,
        Column::UserType => user.user_type.as_str(),
        Column::Position => &user.position,
        Column::Grade => user.grade.as_str(),
        Column::Status => user.status.as_str(),
        Column::Username => &user.username,
        Column::UserGuid => guid,
        // A user keeps nothing of these.
        Column::Password
        | Column::ClassGuid
        | Column::ClassId
        | Column::ClassName
        | Column::ClassGrade
        | Column::CourseCode
        | Column::Subject
        | Column::Period
        | Column::Term
        | Column::ClassStartDate
        | Column::ClassEndDate
        | Column::ClassStatus
        | Column::ClassRole
        | Column::EnrolmentStartDate
        | Column::EnrolmentEndDate
        | Column::EnrolmentStatus
        | Column::Action
        | Column::TemporaryPassword
        | Column::Result
        | Column::NotUpdated
        | Column::Error => "",
    }
}

/// The columns of [`reset_file`].
const RESET_HEADER: [&str; 9] = [
    "custom_id",
    "first_name",
    "last_name",
    "school",
    "grade",
    "user_type",
    "username",
    "temporary_password",
    "user_guid",
];

/// Returns users whose passwords were reset, with the new ones.
pub fn reset_file<'a>(users: impl Iterator<Item = (&'a User, &'a str)>, schools: &Schools) -> Vec<u8> {
    let mut file = CsvFile::new();
    file.values(RESET_HEADER);
    for (user, password) in users {
        file.values([
            user.custom_id.as_deref().unwrap_or(""),
            &user.first_name,
            &user.last_name,
            schools.external_id(&user.school),
            user.grade.as_str(),
            user.user_type.as_str(),
            &user.username,
            password,
            &user.guid.to_string(),
        ]);
    }
    file.bytes()
}
