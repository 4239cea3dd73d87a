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

use hashbrown::HashMap;
use uuid::Uuid;

use crate::file::header;
use crate::file::parse::{Parser, PlainRow, RowPlace};
use crate::file::parsed::{ParsedRoster, SettledRow, SettledRows};
use crate::file::plain::{Kinds, PlainCell};
use crate::model::people::{SchoolNumber, UserPlace, UserText, UserView};
use crate::model::{Column, Directory, Finding, Grade, Guid, UserType};
use crate::settings::accounts::{GiveRoles, Rename};
use crate::validate::Valid;
use crate::validate::unremarkable::{is_read_as_written, looks_unremarkable};

use super::comparison::Comparison;
use super::present::is_member;

/// Tells which rows are settled.
pub(crate) struct Settler<'d, 'c> {
    directory: &'d Directory,
    c: &'c Comparison<'c>,
    columns: ComparedColumns,
    /// What is known of each user's row.
    users: Vec<OfUser>,
    /// The users of the rows that were cut.
    places: Vec<Option<UserPlace>>,
    rows: Vec<LeftOutRow>,
    usernames: String,
    /// Those of them that are open after all.
    reopened: Vec<usize>,
    /// The schools by the cells that name them.
    schools: HashMap<Vec<u8>, Option<SchoolNumber>>,
    told: UnremarkableCells,
}

/// A row that is settled, or was.
#[derive(Debug, Clone, Copy)]
struct LeftOutRow {
    at: RowPlace,
    row: SettledRow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OfUser {
    None,
    /// The row is settled.
    Settled(u32),
    /// No row of the user is settled.
    Open,
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
        let mut users = vec![OfUser::None; directory.len()];
        for place in directory.sharing().iter().chain(open) {
            users[place.index()] = OfUser::Open;
        }
        Some(Settler {
            directory,
            c,
            columns: ComparedColumns::default(),
            users,
            places: Vec::new(),
            rows: Vec::new(),
            usernames: String::new(),
            reopened: Vec::new(),
            schools: HashMap::new(),
            told: UnremarkableCells::default(),
        })
    }

    /// Reads a file, leaves the settled rows out and returns them.
    pub(crate) fn read(mut self, parser: &mut Parser) -> Result<SettledRows, Vec<Finding>> {
        self.columns = ComparedColumns::of(parser.places());
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
        match self.users[place.index()] {
            OfUser::Open => false,
            OfUser::Settled(_) => {
                self.open(place);
                false
            }
            OfUser::None => {
                let settled = self.says_what_is_known(row, self.directory.person(place));
                if settled {
                    self.users[place.index()] = OfUser::Settled(self.rows.len() as u32);
                    self.push(row.place, place);
                }
                settled
            }
        }
    }

    /// Keeps what is needed of the user while it is at hand.
    fn push(&mut self, at: RowPlace, place: UserPlace) {
        let user = self.directory.person(place);
        self.usernames.push_str(user.text(UserText::Username));
        let name_end = u32::try_from(self.usernames.len()).expect("user names have no four gigabytes");
        let (guid, school, user_type) = (user.guid(), user.school_number(), user.user_type());
        let row = SettledRow { number: at.number, place, guid, school, user_type, name_end };
        self.rows.push(LeftOutRow { at, row });
    }

    /// Opens the settled rows of users whom the rows of `parsed` name, too. Returns all that were opened.
    fn neighbours(&mut self, parsed: &ParsedRoster) -> Vec<RowPlace> {
        for row in &parsed.rows {
            let cell = |column| parsed.cell(row, column).unwrap_or_default();
            let guid = Uuid::try_parse(cell(Column::UserGuid)).ok().map(Guid);
            let places =
                named(self.directory, cell(Column::CustomId), guid, cell(Column::Username), cell(Column::Email));
            places.into_iter().for_each(|place| self.open(place));
        }
        self.reopened.drain(..).map(|row| self.rows[row].at).collect()
    }

    /// Returns the rows that stay settled.
    fn finish(self) -> SettledRows {
        let Settler { users, rows, usernames, .. } = self;
        let mut settled = SettledRows::default();
        settled.rows.reserve_exact(rows.len());
        settled.usernames.reserve_exact(usernames.len());
        let mut start = 0;
        for (i, LeftOutRow { row, .. }) in rows.into_iter().enumerate() {
            let end = row.name_end as usize;
            if users[row.place.index()] == OfUser::Settled(i as u32) {
                settled.usernames.push_str(&usernames[start..end]);
                settled.rows.push(SettledRow { name_end: settled.usernames.len() as u32, ..row });
            }
            start = end;
        }
        settled
    }

    fn open(&mut self, place: UserPlace) {
        if let OfUser::Settled(row) = self.users[place.index()] {
            self.reopened.push(row as usize);
        }
        self.users[place.index()] = OfUser::Open;
    }

    fn says_what_is_known(&mut self, row: &PlainRow, user: UserView) -> bool {
        let cell = |column| self.columns.cell(row, column);
        let (id, email) = (cell(Column::CustomId), cell(Column::Email));
        // Without one of these a row could be headers.
        let has_mark = id.kinds.have(Kinds::DIGIT) || email.kinds.have(Kinds::AT);
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
        user.user_type() != UserType::Administrator && is_member(user, self.c)
    }

    fn says_school(&mut self, row: &PlainRow, user: UserView) -> bool {
        let cell = self.columns.cell(row, Column::SchoolDistrictExternalId);
        if let Some(number) = self.schools.get(cell.bytes) {
            return *number == Some(user.school_number());
        }
        let school = self.c.schools.by_external_id(cell.text());
        let school = school.filter(|_| is_read_as_written(Column::SchoolDistrictExternalId, cell.text()));
        let number = school.and_then(|school| self.directory.school_number(&school.id));
        self.schools.insert(cell.bytes.to_owned(), number);
        number == Some(user.school_number())
    }

    fn says_texts(&mut self, row: &PlainRow, user: UserView) -> bool {
        use Column::{CustomId, Email, FirstName, LastName, MiddleName, Position, Username};
        const NEEDED: [(Column, UserText); 3] =
            [(CustomId, UserText::CustomId), (FirstName, UserText::FirstName), (LastName, UserText::LastName)];
        const OPTIONAL: [(Column, UserText); 3] =
            [(MiddleName, UserText::MiddleName), (Email, UserText::Email), (Position, UserText::Position)];
        let username = self.columns.cell(row, Username);
        let mut says = |(column, text): (Column, UserText), optional: bool| {
            let cell = self.columns.cell(row, column);
            cell.bytes == user.bytes(text)
                && if cell.bytes.is_empty() { optional } else { self.told.is_unremarkable(column, cell) }
        };
        NEEDED.into_iter().all(|both| says(both, false))
            && OPTIONAL.into_iter().all(|both| says(both, true))
            && (username.bytes.is_empty() || says((Username, UserText::Username), true))
    }
}

/// The users whom a row names by what must be unique, or by a custom ID that is alike to theirs.
fn named(directory: &Directory, id: &str, guid: Option<Guid>, username: &str, email: &str) -> Vec<UserPlace> {
    let mut named = Vec::new();
    match directory.place_of_custom_id(id) {
        Some(place) => named.push(place),
        None if id.is_empty() => {}
        None => named.extend(directory.places_alike(id).0),
    }
    named.extend(guid.and_then(|guid| directory.place_of_guid(guid)));
    if !username.is_empty() {
        named.extend(directory.place_of_username(username));
    }
    if !email.is_empty() {
        named.extend([true, false].into_iter().filter_map(|of_staff| directory.place_of_email(email, of_staff)));
    }
    named
}

/// Returns the users with settled rows whom other rows name once they are read: a value that was damaged may be
/// somebody's.
pub(crate) fn met(valid: &Valid, directory: &Directory) -> Vec<UserPlace> {
    let is_settled = valid.settled.by_place(directory.len());
    if is_settled.is_empty() {
        return Vec::new();
    }
    let of_row = valid
        .rows
        .iter()
        .map(|row| (row.custom_id.as_str(), row.guid, row.username.as_deref().unwrap_or_default(), row.email.as_str()));
    let of_rejected = valid.rejected.iter().map(|row| {
        let [id, name, email] = [&row.custom_id, &row.username, &row.staff_email].map(|text| text.as_deref());
        (id.unwrap_or_default(), row.guid, name.unwrap_or_default(), email.unwrap_or_default())
    });
    let named = of_row.chain(of_rejected).flat_map(|(id, guid, name, email)| named(directory, id, guid, name, email));
    named.filter(|place| is_settled[place.index()]).collect()
}

/// What was told of cells whose characters alone do not tell it. A name comes again and again.
#[derive(Default)]
struct UnremarkableCells([HashMap<Vec<u8>, bool>; Column::ALL.len()]);

impl UnremarkableCells {
    /// How many cells of a column are known again.
    const MOST: usize = 50_000;

    fn is_unremarkable(&mut self, column: Column, cell: PlainCell) -> bool {
        if looks_unremarkable(column, cell) {
            return true;
        }
        let told = &mut self.0[column as usize];
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
#[derive(Debug, Default)]
struct ComparedColumns {
    places: [Option<usize>; Column::ALL.len()],
    /// Of columns that are not compared.
    others: Vec<usize>,
    /// Of columns without a header, which must be empty.
    nameless: Vec<usize>,
}

impl ComparedColumns {
    fn of(slots: &[header::PlaceContent]) -> ComparedColumns {
        let mut columns = ComparedColumns::default();
        for (place, slot) in slots.iter().enumerate() {
            match slot {
                header::PlaceContent::Of(column) if is_compared(*column) => {
                    columns.places[*column as usize] = Some(place)
                }
                header::PlaceContent::Of(_) | header::PlaceContent::LeftOut => columns.others.push(place),
                header::PlaceContent::Nameless => columns.nameless.push(place),
            }
        }
        columns
    }

    /// An empty cell where the file has no such column.
    #[inline]
    fn cell<'t>(&self, row: &PlainRow<'t>, column: Column) -> PlainCell<'t> {
        match self.places[column as usize] {
            Some(place) => row.cell(place),
            None => PlainCell { bytes: &[], kinds: Kinds::default() },
        }
    }

    /// Whether nothing in the other cells could make another row of it.
    fn others_are_plain(&self, row: &PlainRow) -> bool {
        let cell = |place: &usize| row.cell(*place);
        self.nameless.iter().all(|place| cell(place).bytes.is_empty())
            && self.others.iter().all(|place| !cell(place).kinds.have(Kinds::OTHER))
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
        Column::TemporaryPassword | Column::Result | Column::NotUpdated | Column::Error => false,
    }
}
