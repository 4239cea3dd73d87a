//! Rows that say of their users what is known, and of nobody else anything: they change nothing, and nothing depends on
//! them.
//!
//! Nearly all rows of a full roster are such. They are told at once, before cells are copied and rules are asked, so
//! that a million of them cost little more than reading them. What is left, the open rows, goes the whole way.
//!
//! A row is settled where a comparison could do nothing but count it as unchanged:
//! - its cells are read as they are written ([`crate::validate::unremarkable`]), and are what its user has;
//! - it is the only row with its custom ID, GUID, user name and e-mail address;
//! - no open row names its user by one of these, or by a custom ID that is alike;
//! - its user is none of whom other rules count something: no administrator, not deleted.
//!
//! Whether rows are settled makes no difference to a plan and its findings; the properties hold this.

mod columns;
mod row_keys;
mod unremarkable_cells;

use fixedbitset::FixedBitSet;
use uuid::Uuid;

use crate::file::parse::{Parser, PlainRow, RowPlace};
use crate::file::parsed::{ParsedRoster, SettledRow, SettledRows};
use crate::file::plain_cell::PlainCell;
use crate::model::people::{UserPlace, UserText, UserView};
use crate::model::{Column, Directory, Finding, Grade, SchoolId, Schools, UserType};
use crate::settings::accounts::{GiveRoles, Rename};
use crate::validate::unremarkable::is_read_as_written;

use super::comparison::Comparison;
use super::present::is_own;
use columns::ComparedColumns;
use row_keys::RowKeys;
use unremarkable_cells::UnremarkableCells;

pub(crate) use row_keys::met;

/// Tells which rows are settled.
pub(crate) struct Settler<'d, 'c> {
    directory: &'d Directory,
    c: &'c Comparison<'c>,
    columns: ComparedColumns,
    /// The users of whom no row is settled.
    open: FixedBitSet,
    /// The users of the rows that were cut.
    places: Vec<Option<UserPlace>>,
    /// The rows that are settled, or were.
    settled: SettledRows,
    /// The users of those that are open after all.
    reopened: Vec<UserPlace>,
    /// The external IDs of the schools by number, where a cell can say them.
    schools: Vec<Option<&'c str>>,
    told: UnremarkableCells,
}

/// How long a GUID is with its hyphens.
const GUID_CHARS: usize = 36;

impl<'d, 'c> Settler<'d, 'c> {
    /// Returns what settles the rows of a file with these columns; `None` where it can't be told from a row alone that
    /// it changes nothing: other users may exist, or the settings change those that are as the rows say. No row of the
    /// users in `open` is settled.
    pub(crate) fn new(directory: &'d Directory, c: &'c Comparison, open: &[UserPlace]) -> Option<Settler<'d, 'c>> {
        let renames = c.settings.overwrite && c.accounts.usernames.rename == Rename::Always;
        if !directory.is_whole() || renames || c.accounts.roles.when != GiveRoles::OnCreation {
            return None;
        }
        let users = || FixedBitSet::with_capacity(directory.len());
        let mut is_open = users();
        directory.sharing().iter().chain(open).for_each(|place| is_open.insert(place.index()));
        let counts = vec![Default::default(); directory.schools().len()];
        Some(Settler {
            directory,
            c,
            columns: ComparedColumns::default(),
            open: is_open,
            places: Vec::new(),
            // A user has one settled row at most. Without room for all of them, they were moved as they grew.
            settled: SettledRows { rows: Vec::with_capacity(directory.len()), users: users(), counts },
            reopened: Vec::new(),
            schools: directory.schools().iter().map(|id| sayable_id(id, c.schools)).collect(),
            told: UnremarkableCells::default(),
        })
    }

    /// Reads a file, leaves the settled rows out and returns them.
    pub(crate) fn read(mut self, parser: &mut Parser) -> Result<SettledRows, Vec<Finding>> {
        // Every row of a file with classes says something of a class.
        if parser.parsed().names_classes() {
            return Ok(self.finish());
        }
        self.columns = ComparedColumns::of(parser.places(), parser.parsed().delimiter);
        loop {
            let ahead = parser.cut_ahead();
            self.look_up(parser, ahead);
            for row in 0..ahead {
                if self.settle(&parser.plain_row(row), self.places[row]) {
                    parser.leave_out(row);
                } else {
                    parser.read_row()?;
                }
            }
            if ahead == 0 && !parser.read_row()? {
                break;
            }
        }
        parser.read_again(&self.neighbours(parser.parsed()))?;
        Ok(self.finish())
    }

    /// Looks the users of these rows up. They are all over the memory, which is waited for once instead of once a row:
    /// each step does for all rows what needs no answer of the step before.
    fn look_up(&mut self, parser: &Parser, rows: usize) {
        let ids = (0..rows).map(|row| self.columns.cell(&parser.plain_row(row), Column::CustomId).bytes);
        self.directory.places_of_custom_ids(ids, &mut self.places);
    }

    /// Settles the row if it can be. Each user has one row: a second one opens the first again.
    fn settle(&mut self, row: &PlainRow, user: Option<UserPlace>) -> bool {
        let Some(place) = user else { return false };
        if self.open.contains(place.index()) {
            return false;
        }
        if self.settled.users.contains(place.index()) {
            self.open(place);
            return false;
        }
        let is_settled = self.says_what_is_known(row, self.directory.person(place));
        if is_settled {
            self.push(row.place, place);
        }
        is_settled
    }

    fn push(&mut self, row: RowPlace, place: UserPlace) {
        let user = self.directory.person(place);
        let SettledRows { rows, users, counts } = &mut self.settled;
        users.insert(place.index());
        counts[user.school_number().index()][user.user_type() as usize] += 1;
        let at = u32::try_from(row.at).expect("a roster has no four gigabytes");
        rows.push(SettledRow { number: row.number, place, at });
    }

    /// Opens the settled rows of users whom the rows of `parsed`, or rows that were opened, name, too. Returns all that
    /// were opened.
    fn neighbours(&mut self, parsed: &ParsedRoster) -> Vec<RowPlace> {
        let keys: Vec<RowKeys> = parsed.rows.iter().map(|row| RowKeys::of_cells(parsed, row)).collect();
        let custom_ids: Vec<&str> = keys.iter().map(|keys| keys.custom_id).collect();
        for (keys, holder) in keys.into_iter().zip(self.directory.places_of_all(&custom_ids)) {
            keys.users_beside(holder, self.directory).into_iter().for_each(|place| self.open(place));
        }
        if self.reopened.is_empty() {
            return Vec::new();
        }
        let mut looked_at = 0;
        while let Some(place) = self.reopened.get(looked_at) {
            let places = RowKeys::of_user(self.directory.person(*place)).users(self.directory);
            places.into_iter().for_each(|place| self.open(place));
            looked_at += 1;
        }
        let SettledRows { rows, users, .. } = &self.settled;
        let reopened = rows.iter().filter(|row| !users.contains(row.place.index()));
        reopened.map(|row| RowPlace { number: row.number, at: row.at as usize }).collect()
    }

    /// Returns the rows that stay settled.
    fn finish(self) -> SettledRows {
        let Settler { mut settled, reopened, .. } = self;
        let SettledRows { rows, users, .. } = &mut settled;
        if !reopened.is_empty() {
            rows.retain(|row| users.contains(row.place.index()));
        }
        rows.shrink_to_fit();
        settled
    }

    fn open(&mut self, place: UserPlace) {
        if self.settled.users.contains(place.index()) {
            let user = self.directory.person(place);
            self.settled.users.remove(place.index());
            self.settled.counts[user.school_number().index()][user.user_type() as usize] -= 1;
            self.reopened.push(place);
        }
        self.open.insert(place.index());
    }

    fn says_what_is_known(&mut self, row: &PlainRow, user: UserView) -> bool {
        let cell = |column| self.columns.cell(row, column);
        let (id, email) = (cell(Column::CustomId), cell(Column::Email));
        // Without one of these a row could be headers.
        let has_mark = id.bytes.iter().any(u8::is_ascii_digit) || email.bytes.contains(&b'@');
        let needs_email = user.user_type().is_staff() || self.c.settings.student_email_required;
        let guid = cell(Column::UserGuid).bytes;
        let is_own = |bytes: &[u8]| bytes.len() == GUID_CHARS && Uuid::try_parse_ascii(bytes) == Ok(user.guid().0);
        has_mark
            && self.is_ordinary(user)
            && says_words(&cell, user)
            && cell(Column::Password).bytes.is_empty()
            && (guid.is_empty() || is_own(guid))
            && !(needs_email && email.bytes.is_empty())
            && self.columns.others_are_plain(row)
            && self.says_school(row, user)
            && self.says_texts(row, user)
    }

    /// Whether no other rule than those about its fields counts the user.
    fn is_ordinary(&self, user: UserView) -> bool {
        user.user_type() != UserType::Administrator
            && is_own(user, self.c)
            && self.c.sender.gives(user.source())
            && !self.c.sender.is_refused(user.user_type())
    }

    fn says_school(&self, row: &PlainRow, user: UserView) -> bool {
        let cell = self.columns.cell(row, Column::SchoolDistrictExternalId);
        self.schools[user.school_number().index()].is_some_and(|id| id.as_bytes() == cell.bytes)
    }

    fn says_texts(&mut self, row: &PlainRow, user: UserView) -> bool {
        use Column::{CustomId, Email, FirstName, LastName, MiddleName, Position, Username};
        const NAMES_AND_EMAIL: [(Column, UserText); 4] = [
            (FirstName, UserText::FirstName),
            (LastName, UserText::LastName),
            (MiddleName, UserText::MiddleName),
            (Email, UserText::Email),
        ];
        let columns = &self.columns;
        let cell = |column| columns.cell(row, column);
        let says = |(column, text): (Column, UserText)| cell(column).bytes == user.bytes(text);
        // The user was found by the custom ID, so that both have the same one, which is not empty.
        let says_them = match columns.side_by_side.and_then(|(first, last)| row.cells.side_by_side(first, last)) {
            // These cells have no separator in them, so that those of both are between the same texts.
            Some(written) => written.as_bytes() == user.side_by_side(),
            None => NAMES_AND_EMAIL.into_iter().all(says),
        };
        let told = &mut self.told;
        says_them
            && says((Position, UserText::Position))
            && (cell(Username).bytes.is_empty() || says((Username, UserText::Username)))
            && told.is_unremarkable(FirstName, cell(FirstName))
            && told.is_unremarkable(LastName, cell(LastName))
            && told.is_unremarkable(CustomId, cell(CustomId))
            && told.is_empty_or_unremarkable(MiddleName, cell(MiddleName))
            && told.is_empty_or_unremarkable(Email, cell(Email))
            && told.is_empty_or_unremarkable(Position, cell(Position))
            && told.is_empty_or_unremarkable(Username, cell(Username))
    }
}

/// The external ID of a school, if a cell with just that names the school.
fn sayable_id<'s>(school: &SchoolId, schools: &'s Schools) -> Option<&'s str> {
    let external_id = schools.by_id(school)?.external_id.as_str();
    let is_named = schools.by_external_id(external_id).is_some_and(|named| named.id == *school);
    (is_named && is_read_as_written(Column::SchoolDistrictExternalId, external_id)).then_some(external_id)
}

/// Whether type, status, grade and position are the user's, written exactly as we write them.
fn says_words<'t>(cell: &impl Fn(Column) -> PlainCell<'t>, user: UserView) -> bool {
    let grade = cell(Column::Grade).bytes;
    let is_grade =
        grade == user.grade().as_str().as_bytes() || (grade.is_empty() && user.grade() == Grade::Unspecified);
    // A student has no position, and nobody else a grade.
    let has_no_other = match user.user_type() {
        UserType::Student => user.bytes(UserText::Position).is_empty(),
        _ => user.grade() == Grade::Unspecified,
    };
    cell(Column::UserType).bytes == user.user_type().as_str().as_bytes()
        && cell(Column::Status).bytes == user.status().as_str().as_bytes()
        && is_grade
        && has_no_other
}
