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

use fixedbitset::FixedBitSet;
use hashbrown::HashMap;
use uuid::Uuid;

use crate::file::header;
use crate::file::parse::{Parser, PlainRow, RowPlace};
use crate::file::parsed::{ParsedRoster, Row, SettledRow, SettledRows};
use crate::file::plain::{Kinds, PlainCell};
use crate::model::people::{UserPlace, UserText, UserView};
use crate::model::{Column, Directory, Finding, Grade, Guid, SchoolId, Schools, UserType};
use crate::settings::accounts::{GiveRoles, Rename};
use crate::validate::unremarkable::{is_domain, is_name, is_read_as_written, looks_unremarkable, parts_of_address};
use crate::validate::{RejectedRow, Valid, ValidRow};

use super::comparison::Comparison;
use super::present::is_own;

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
            settled: SettledRows { users: users(), counts, ..SettledRows::default() },
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

    /// Keeps what is needed of the user while it is at hand.
    fn push(&mut self, row: RowPlace, place: UserPlace) {
        let user = self.directory.person(place);
        let SettledRows { rows, users, usernames, counts } = &mut self.settled;
        users.insert(place.index());
        usernames.push_str(user.text(UserText::Username));
        counts[user.school_number().index()][user.user_type() as usize] += 1;
        let at = u32::try_from(row.at).expect("a roster has no four gigabytes");
        let name_end = u32::try_from(usernames.len()).expect("user names have no four gigabytes");
        rows.push(SettledRow { guid: user.guid(), number: row.number, place, at, name_end });
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
        if reopened.is_empty() {
            return settled;
        }
        let SettledRows { rows, users, usernames, .. } = &mut settled;
        let all_names = std::mem::take(usernames);
        let mut start = 0;
        rows.retain_mut(|row| {
            let name = start..row.name_end as usize;
            start = name.end;
            let stays = users.contains(row.place.index());
            if stays {
                usernames.push_str(&all_names[name]);
                row.name_end = usernames.len() as u32;
            }
            stays
        });
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
        const OPTIONAL: [Column; 4] = [MiddleName, Email, Position, Username];
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
            && [FirstName, LastName, CustomId].into_iter().all(|column| told.is_unremarkable(column, cell(column)))
            && OPTIONAL.into_iter().all(|column| {
                let cell = cell(column);
                cell.bytes.is_empty() || told.is_unremarkable(column, cell)
            })
    }
}

/// The external ID of a school, if a cell with just that names the school.
fn sayable_id<'s>(school: &SchoolId, schools: &'s Schools) -> Option<&'s str> {
    let external_id = schools.by_id(school)?.external_id.as_str();
    let is_named = schools.by_external_id(external_id).is_some_and(|named| named.id == *school);
    (is_named && is_read_as_written(Column::SchoolDistrictExternalId, external_id)).then_some(external_id)
}

/// What a row says that must be unique; empty where it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RowKeys<'r> {
    custom_id: &'r str,
    guid: Option<Guid>,
    username: &'r str,
    email: &'r str,
}

impl<'r> RowKeys<'r> {
    fn of_cells(parsed: &'r ParsedRoster, row: &'r Row) -> RowKeys<'r> {
        let cell = |column| parsed.cell(row, column).unwrap_or_default();
        RowKeys {
            custom_id: cell(Column::CustomId),
            guid: Uuid::try_parse(cell(Column::UserGuid)).ok().map(Guid),
            username: cell(Column::Username),
            email: cell(Column::Email),
        }
    }

    /// What a settled row of the user says.
    fn of_user(user: UserView<'r>) -> RowKeys<'r> {
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
    fn users(self, directory: &Directory) -> Vec<UserPlace> {
        self.users_beside(directory.place_of_custom_id(self.custom_id), directory)
    }

    /// Returns the same, where it is known who has the custom ID.
    fn users_beside(self, holder: Option<UserPlace>, directory: &Directory) -> Vec<UserPlace> {
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

/// What was told of cells whose characters alone do not tell it. A name comes again and again.
struct UnremarkableCells {
    told: [HashMap<Vec<u8>, bool>; Column::ALL.len()],
    /// The domain of the last address that was told by its characters: nearly everybody has the same one.
    domain: Option<Vec<u8>>,
}

impl Default for UnremarkableCells {
    fn default() -> Self {
        UnremarkableCells { told: std::array::from_fn(|_| HashMap::new()), domain: None }
    }
}

impl UnremarkableCells {
    /// How many cells of a column are known again.
    const MOST: usize = 50_000;

    fn is_unremarkable(&mut self, column: Column, cell: PlainCell) -> bool {
        let looks_so = match column {
            Column::Email => self.looks_like_address(cell.bytes),
            _ => looks_unremarkable(column, cell),
        };
        if looks_so {
            return true;
        }
        let told = &mut self.told[column as usize];
        if let Some(known) = told.get(cell.bytes) {
            return *known;
        }
        let is_unremarkable = is_read_as_written(column, cell.text());
        // Addresses and IDs are everybody's own.
        let is_ones_own = matches!(column, Column::CustomId | Column::Email | Column::Username);
        if !is_ones_own && told.len() < UnremarkableCells::MOST {
            told.insert(cell.bytes.to_owned(), is_unremarkable);
        }
        is_unremarkable
    }

    /// Says of an address what [`looks_unremarkable`] says.
    fn looks_like_address(&mut self, address: &[u8]) -> bool {
        let Some((name, domain)) = parts_of_address(address) else { return false };
        if self.domain.as_deref() != Some(domain) {
            if !is_domain(domain) {
                return false;
            }
            self.domain = Some(domain.to_owned());
        }
        address.len() <= Column::Email.spec().max_chars && is_name(name)
    }
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

/// Where the columns stand in a row.
#[derive(Debug)]
struct ComparedColumns {
    places: [Option<usize>; Column::ALL.len()],
    /// Of columns that are not compared.
    others: Vec<usize>,
    /// Of columns without a header, which must be empty.
    nameless: Vec<usize>,
    /// The first and the last of [`UserText::SIDE_BY_SIDE`], where they stand so and our separators are between them.
    side_by_side: Option<(usize, usize)>,
}

impl Default for ComparedColumns {
    fn default() -> Self {
        ComparedColumns {
            places: [None; Column::ALL.len()],
            others: Vec::new(),
            nameless: Vec::new(),
            side_by_side: None,
        }
    }
}

impl ComparedColumns {
    fn of(slots: &[header::PlaceContent], delimiter: u8) -> ComparedColumns {
        let mut columns = ComparedColumns::default();
        for (place, slot) in slots.iter().enumerate() {
            match slot {
                header::PlaceContent::Of(column) if is_compared(*column) => {
                    columns.places[*column as usize] = Some(place)
                }
                header::PlaceContent::Of(_) | header::PlaceContent::Part | header::PlaceContent::LeftOut => {
                    columns.others.push(place)
                }
                header::PlaceContent::Nameless => columns.nameless.push(place),
            }
        }
        let beside = UserText::SIDE_BY_SIDE.map(|column| columns.places[column as usize]);
        if let [Some(first), .., Some(last)] = beside
            && beside.into_iter().eq((first..=last).map(Some))
            && delimiter == UserText::SEPARATOR
        {
            columns.side_by_side = Some((first, last));
        }
        columns
    }

    /// An empty cell where the file has no such column.
    #[inline]
    fn cell<'t>(&self, row: &PlainRow<'t>, column: Column) -> PlainCell<'t> {
        match self.places[column as usize] {
            Some(place) => row.cells.cell(place),
            None => PlainCell { bytes: &[] },
        }
    }

    /// Whether nothing in the other cells could make another row of it.
    fn others_are_plain(&self, row: &PlainRow) -> bool {
        let cell = |place: &usize| row.cells.cell(*place);
        self.nameless.iter().all(|place| cell(place).bytes.is_empty())
            && self.others.iter().all(|place| !cell(place).kinds().have(Kinds::OTHER))
    }
}

/// Whether the cells of a column are compared, or must be empty; those that we write into our own files are not read.
/// A column that is added has to answer, and [`Settler::says_what_is_known`] then has to ask for it.
fn is_compared(column: Column) -> bool {
    match column {
        Column::FirstName
        | Column::LastName
        | Column::MiddleName
        | Column::Email
        | Column::CustomId
        | Column::SchoolDistrictExternalId
        | Column::UserType
        | Column::Position
        | Column::Grade
        | Column::Status
        | Column::Password
        | Column::Username
        | Column::UserGuid => true,
        Column::ClassGuid
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
        | Column::Action => false,
        Column::TemporaryPassword | Column::Result | Column::NotUpdated | Column::Error => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_by_itself_whatever_came_before() {
        let mut told = UnremarkableCells::default();
        let addresses = ["a@", "a@x", "a@x.example", "b@x.example", "@x.example", "b@", "b@x", ".b@x.example"];
        let is_told = addresses.map(|address| told.looks_like_address(address.as_bytes()));
        assert_eq!(is_told, [false, false, true, true, false, false, false, false]);
    }
}
