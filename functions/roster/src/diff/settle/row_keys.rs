//! What a row says that must be unique, and whom it names by that.

use uuid::Uuid;

use crate::file::parsed::{ParsedRoster, Row};
use crate::model::people::{UserPlace, UserText, UserView};
use crate::model::{Column, Directory, Guid};
use crate::validate::{RejectedRow, Valid, ValidRow};

/// What a row says that must be unique; empty where it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowKeys<'r> {
    pub(super) custom_id: &'r str,
    guid: Option<Guid>,
    username: &'r str,
    email: &'r str,
}

impl<'r> RowKeys<'r> {
    pub(super) fn of_cells(parsed: &'r ParsedRoster, row: &'r Row) -> RowKeys<'r> {
        let cell = |column| parsed.cell(row, column).unwrap_or_default();
        RowKeys {
            custom_id: cell(Column::CustomId),
            guid: Uuid::try_parse(cell(Column::UserGuid)).ok().map(Guid),
            username: cell(Column::Username),
            email: cell(Column::Email),
        }
    }

    /// What a settled row of the user says.
    pub(super) fn of_user(user: UserView<'r>) -> RowKeys<'r> {
        let text = |text| user.text(text);
        let (custom_id, username, email) = (text(UserText::CustomId), text(UserText::Username), text(UserText::Email));
        RowKeys { custom_id, guid: Some(user.guid()), username, email }
    }

    fn of_valid(row: &'r ValidRow) -> RowKeys<'r> {
        let username = row.username.as_deref().unwrap_or_default();
        RowKeys { custom_id: &row.custom_id, guid: row.guid, username, email: &row.email }
    }

    fn of_rejected(row: &'r RejectedRow) -> RowKeys<'r> {
        let [custom_id, username, email] =
            [&row.custom_id, &row.username, &row.staff_email].map(|text| text.as_deref().unwrap_or_default());
        RowKeys { custom_id, guid: row.guid, username, email }
    }

    /// Returns the users whom they name, also by a custom ID that is alike to theirs.
    pub(super) fn users(self, directory: &Directory) -> Vec<UserPlace> {
        self.users_beside(directory.place_of_custom_id(self.custom_id), directory)
    }

    /// Returns the same, where it is known who has the custom ID.
    pub(super) fn users_beside(self, holder: Option<UserPlace>, directory: &Directory) -> Vec<UserPlace> {
        let RowKeys { custom_id, guid, username, email } = self;
        let mut users = Vec::new();
        match holder {
            Some(place) => users.push(place),
            None if custom_id.is_empty() => {}
            None => users.extend(directory.places_alike(custom_id).0),
        }
        users.extend(guid.and_then(|guid| directory.place_of_guid(guid)));
        if !username.is_empty() {
            users.extend(directory.place_of_username(username));
        }
        if !email.is_empty() {
            users.extend([true, false].into_iter().filter_map(|of_staff| directory.place_of_email(email, of_staff)));
        }
        users
    }
}

/// Returns the users with settled rows whom other rows name once they are read: a value that was damaged may be
/// somebody's.
pub(crate) fn met(valid: &Valid, parsed: &ParsedRoster, directory: &Directory) -> Vec<UserPlace> {
    let settled = &valid.settled;
    if settled.rows.is_empty() {
        return Vec::new();
    }
    // Whom the cells of these rows name has no settled row: see `Settler::neighbours`.
    let is_as_written = |row: &&ValidRow| {
        let place = parsed.rows.binary_search_by_key(&row.row, |row| row.number);
        place.is_ok_and(|place| RowKeys::of_cells(parsed, &parsed.rows[place]) == RowKeys::of_valid(row))
    };
    let of_row = valid.rows.iter().filter(|row| !is_as_written(row)).map(RowKeys::of_valid);
    let named = of_row.chain(valid.rejected.iter().map(RowKeys::of_rejected)).flat_map(|keys| keys.users(directory));
    named.filter(|place| settled.users.contains(place.index())).collect()
}
