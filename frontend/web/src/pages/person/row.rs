//! The fields that are filled in, and the roster of one row that they are.

use leptos::prelude::*;
use roster::{Column, Guid, SchoolId, Schools, Status, UserType};
use wire::http::UserRow;

/// The columns of the row: those that must be there, the user name, and the GUID, by which another name or ID is meant.
const COLUMNS: [Column; 12] = [
    Column::FirstName,
    Column::LastName,
    Column::MiddleName,
    Column::Email,
    Column::CustomId,
    Column::SchoolDistrictExternalId,
    Column::UserType,
    Column::Position,
    Column::Grade,
    Column::Status,
    Column::Username,
    Column::UserGuid,
];

/// What is filled in.
#[derive(Clone, Copy)]
pub(super) struct PersonFields {
    pub(super) first_name: RwSignal<String>,
    pub(super) middle_name: RwSignal<String>,
    pub(super) last_name: RwSignal<String>,
    pub(super) email: RwSignal<String>,
    pub(super) custom_id: RwSignal<String>,
    /// The identifier of the school.
    pub(super) school: RwSignal<String>,
    pub(super) user_type: RwSignal<String>,
    pub(super) position: RwSignal<String>,
    pub(super) grade: RwSignal<String>,
    pub(super) status: RwSignal<String>,
    pub(super) username: RwSignal<String>,
    /// Of a user that is there.
    pub(super) guid: StoredValue<Option<Guid>>,
    /// The user name that the user has. It is sent only where it is another one, for the settings may rename users whose
    /// names change, but not those for whom a row has a user name.
    present_username: StoredValue<String>,
}

impl PersonFields {
    /// The columns that have fields, in the order of the page.
    pub(super) const ON_PAGE: [&str; 11] = [
        "first_name",
        "middle_name",
        "last_name",
        "custom_id",
        "email",
        "school_district_external_id",
        "user_type",
        "grade",
        "position",
        "status",
        "username",
    ];

    /// Returns the fields of a new student, of `school` where only that one can be chosen.
    pub(super) fn blank(school: Option<SchoolId>) -> PersonFields {
        let text = |value: &str| RwSignal::new(value.to_owned());
        PersonFields {
            first_name: text(""),
            middle_name: text(""),
            last_name: text(""),
            email: text(""),
            custom_id: text(""),
            school: RwSignal::new(school.map(|id| id.0).unwrap_or_default()),
            user_type: text(UserType::Student.as_str()),
            position: text(""),
            grade: text(""),
            status: text(Status::Active.as_str()),
            username: text(""),
            guid: StoredValue::new(None),
            present_username: StoredValue::new(String::new()),
        }
    }

    /// Returns the fields of a user as it is.
    pub(super) fn of(user: &UserRow) -> PersonFields {
        let text = |value: &str| RwSignal::new(value.to_owned());
        PersonFields {
            first_name: text(&user.first_name),
            middle_name: text(&user.middle_name),
            last_name: text(&user.last_name),
            email: text(&user.email),
            custom_id: text(user.custom_id.as_deref().unwrap_or_default()),
            school: text(&user.school.0),
            user_type: text(user.user_type.as_str()),
            position: text(&user.position),
            grade: text(user.grade.as_str()),
            status: text(user.status.as_str()),
            username: text(&user.username),
            guid: StoredValue::new(Some(user.guid)),
            present_username: StoredValue::new(user.username.clone()),
        }
    }

    /// Returns whether the person is a student, who has a grade and no position.
    pub(super) fn is_student(self) -> bool {
        self.user_type.with(|of| of == UserType::Student.as_str())
    }

    /// Returns whether a field for the column is on the page now.
    pub(super) fn has_field(self, column: &str) -> bool {
        match column {
            "grade" => self.is_student(),
            "position" => !self.is_student(),
            column => PersonFields::ON_PAGE.contains(&column),
        }
    }

    /// Returns the cells of the row, below [`COLUMNS`].
    pub(super) fn cells(self, schools: &Schools) -> Vec<String> {
        let school = schools.by_id(&SchoolId(self.school.get())).map(|school| school.external_id.clone());
        let cell = |column: Column| match column {
            Column::FirstName => self.first_name.get(),
            Column::LastName => self.last_name.get(),
            Column::MiddleName => self.middle_name.get(),
            Column::Email => self.email.get(),
            Column::CustomId => self.custom_id.get(),
            Column::SchoolDistrictExternalId => school.clone().unwrap_or_default(),
            Column::UserType => self.user_type.get(),
            Column::Position if !self.is_student() => self.position.get(),
            Column::Grade if self.is_student() => self.grade.get(),
            Column::Status => self.status.get(),
            Column::Username => {
                let typed = self.username.get();
                if self.present_username.with_value(|present| *present == typed.trim()) { String::new() } else { typed }
            }
            Column::UserGuid => self.guid.get_value().map(|guid| guid.to_string()).unwrap_or_default(),
            _ => String::new(),
        };
        COLUMNS.into_iter().map(|column| cell(column).trim().to_owned()).collect()
    }
}

/// Returns the roster of one row with these cells.
pub(super) fn file(cells: &[String]) -> Vec<u8> {
    let row = cells.iter().map(String::as_str).collect();
    roster::files::rows_file(&COLUMNS.map(Column::header), [row])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_is_read_as_it_was_typed() {
        let typed = ["Ora", "O\u{2019}Neil, Jr.", "=M", "", "00123", "10001", "Student", "", "9", "Active", "", ""];
        let file = file(&typed.map(str::to_owned));
        let (parsed, findings) = roster::parse(&file, &roster::Reading::default());
        let parsed = parsed.expect("a roster");
        assert_eq!((parsed.row_count(), findings.counts().len()), (1, 0));
        let read: Vec<_> =
            COLUMNS.iter().map(|column| parsed.cell(&parsed.rows[0], *column).unwrap_or_default()).collect();
        assert_eq!(read, typed);
    }
}
