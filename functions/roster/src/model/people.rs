//! Users in little room: a record each, and all of their texts one after the other.
//!
//! A directory of a million users is compared with a roster in one go, so that a user must cost less than its strings
//! would. [`People::user`] gives one as a whole.

use std::collections::HashMap;
use std::hash::Hash;
use std::hint::black_box;
use std::num::NonZeroU8;

use super::column::Column;
use super::ids::{Guid, SchoolId, SourceId};
use super::role::Roles;
use super::user::User;
use super::user_type::{Grade, Status, UserType};

/// The place of a user among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UserPlace(u32);

impl UserPlace {
    /// Returns the place of the `index`th user.
    ///
    /// # Panics
    ///
    /// Where there are more than four billion.
    pub(crate) fn new(index: usize) -> UserPlace {
        UserPlace(u32::try_from(index).expect("a directory has no four billion users"))
    }

    /// Returns the place as an index.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the place with this number.
    pub(crate) fn of(number: u32) -> UserPlace {
        UserPlace(number)
    }

    /// Returns the place as a number, which takes less room.
    pub(crate) fn number(self) -> u32 {
        self.0
    }
}

/// The texts of a user, in the order in which they are stored: that of our columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserText {
    FirstName,
    LastName,
    MiddleName,
    Email,
    /// Empty for a user that has none.
    CustomId,
    Position,
    Username,
}

impl UserText {
    /// How many texts a user has.
    pub(crate) const COUNT: usize = 7;

    /// The columns of the first texts, which stand side by side in our files. They are stored as a line of such a file
    /// has them, so that they are copied from one, and compared with one, all at once.
    pub(crate) const SIDE_BY_SIDE: [Column; 5] =
        [Column::FirstName, Column::LastName, Column::MiddleName, Column::Email, Column::CustomId];
    /// What stands between them.
    pub(crate) const SEPARATOR: u8 = b',';

    /// Returns whether a separator comes after this one of the texts.
    #[inline]
    const fn is_separated(place: usize) -> bool {
        place + 1 < UserText::SIDE_BY_SIDE.len()
    }
}

/// A user whose texts stand elsewhere.
pub(crate) struct Borrowed<'t> {
    pub(crate) guid: Guid,
    pub(crate) is_managed: bool,
    /// In the order of [`UserText`].
    pub(crate) texts: [&'t str; UserText::COUNT],
    /// The texts of [`UserText::SIDE_BY_SIDE`] with their separators, where they stand somewhere like this.
    pub(crate) side_by_side: Option<&'t str>,
    pub(crate) school: SchoolNumber,
    pub(crate) user_type: UserType,
    pub(crate) grade: Grade,
    pub(crate) status: Status,
    pub(crate) version: u64,
    pub(crate) source: SourceNumber,
}

/// A source among those that users came from, or none. Zero is left out, so that a byte also has room for a user who is
/// not managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SourceNumber(NonZeroU8);

impl SourceNumber {
    /// No source.
    pub(crate) const NONE: SourceNumber = SourceNumber(NonZeroU8::MIN);
}

/// A school among those that users are at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SchoolNumber(u32);

impl SchoolNumber {
    /// Returns the number as an index.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Many users.
#[derive(Debug, Clone, Default)]
pub(crate) struct People {
    records: Vec<UserRecord>,
    texts: String,
    schools: Numbered<SchoolId>,
    /// In the order of their numbers, which begin at 2.
    sources: Vec<SourceId>,
    /// The roles by number, and those of users who were given any.
    roles: Numbered<Roles>,
    given_roles: HashMap<UserPlace, u32>,
    /// What few users have, by place.
    rare: HashMap<UserPlace, Rare>,
}

/// As large as what a processor reads of the memory at once, and never in two such pieces.
#[derive(Debug, Clone)]
#[repr(align(64))]
struct UserRecord {
    guid: Guid,
    version: u64,
    /// Where each of its texts starts among all, and where the last one ends.
    bounds: [u32; UserText::COUNT + 1],
    school: SchoolNumber,
    user_type: UserType,
    grade: Grade,
    status: Status,
    /// `None` for a user that no sync touches.
    source: Option<SourceNumber>,
}

/// What a user has that left, or was renamed.
#[derive(Debug, Clone)]
struct Rare {
    deleted_at: Option<u64>,
    erase_at: Option<u64>,
    former_usernames: Vec<String>,
}

impl People {
    /// Returns how many there are.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Makes room for so many more users, whose texts have so many bytes together.
    pub(crate) fn reserve(&mut self, users: usize, bytes: usize) {
        self.records.reserve_exact(users);
        self.texts.reserve_exact(bytes);
    }

    /// Gives back the room that is left over, where it is worth moving the users.
    pub(crate) fn shrink(&mut self) {
        if self.records.capacity() - self.records.len() > self.records.len() / 8 {
            self.records.shrink_to_fit();
        }
        self.texts.shrink_to_fit();
    }

    /// Returns the number of the school, which gets one if it has none.
    pub(crate) fn school_number(&mut self, school: &SchoolId) -> SchoolNumber {
        SchoolNumber(self.schools.number(school))
    }

    /// Returns the number of the source, which gets one if it has none.
    ///
    /// # Panics
    ///
    /// Where users came from more than 250 sources.
    fn source_number(&mut self, source: Option<&SourceId>) -> SourceNumber {
        let Some(source) = source else { return SourceNumber::NONE };
        let place = self.sources.iter().position(|known| known == source).unwrap_or_else(|| {
            self.sources.push(source.clone());
            self.sources.len() - 1
        });
        let number = u8::try_from(place + 2).ok().and_then(NonZeroU8::new);
        SourceNumber(number.expect("an organisation has no 250 sources"))
    }

    /// Adds a user that is not deleted, was never renamed and was never given roles.
    pub(crate) fn push_borrowed(&mut self, user: Borrowed) -> UserPlace {
        let place = UserPlace::new(self.records.len());
        let start = self.texts.len();
        let (first, others) = user.texts.split_at(UserText::SIDE_BY_SIDE.len());
        match user.side_by_side {
            Some(texts) => self.texts.push_str(texts),
            None => {
                for (place, text) in first.iter().enumerate() {
                    self.texts.push_str(text);
                    self.texts.extend(UserText::is_separated(place).then_some(char::from(UserText::SEPARATOR)));
                }
            }
        }
        others.iter().for_each(|text| self.texts.push_str(text));
        // No bound is beyond the last one.
        let end = u32::try_from(self.texts.len()).expect("users have no four gigabytes of text");
        let mut bounds = [end; UserText::COUNT + 1];
        let mut at = start as u32;
        for (place, (bound, text)) in bounds.iter_mut().zip(user.texts).enumerate() {
            *bound = at;
            at += text.len() as u32 + u32::from(UserText::is_separated(place));
        }
        debug_assert_eq!(at, end);
        self.records.push(UserRecord {
            guid: user.guid,
            version: user.version,
            bounds,
            school: user.school,
            user_type: user.user_type,
            grade: user.grade,
            status: user.status,
            source: user.is_managed.then_some(user.source),
        });
        place
    }

    /// Adds a user.
    pub(crate) fn push(&mut self, user: &User) -> UserPlace {
        let school = self.school_number(&user.school);
        let source = self.source_number(user.source.as_ref());
        let place = self.push_borrowed(Borrowed {
            guid: user.guid,
            is_managed: user.is_managed(),
            texts: [
                &user.first_name,
                &user.last_name,
                &user.middle_name,
                &user.email,
                user.custom_id.as_deref().unwrap_or_default(),
                &user.position,
                &user.username,
            ],
            side_by_side: None,
            school,
            user_type: user.user_type,
            grade: user.grade,
            status: user.status,
            version: user.version,
            source,
        });
        if !user.roles.is_empty() {
            self.given_roles.insert(place, self.roles.number(&user.roles));
        }
        if user.deleted_at.is_some() || user.erase_at.is_some() || !user.former_usernames.is_empty() {
            let User { deleted_at, erase_at, former_usernames, .. } = user.clone();
            self.rare.insert(place, Rare { deleted_at, erase_at, former_usernames });
        }
        place
    }

    /// Returns the places of all.
    pub(crate) fn places(&self) -> impl Iterator<Item = UserPlace> + use<> {
        (0..self.records.len()).map(UserPlace::new)
    }

    /// Returns what can be told of a user without making one of it.
    pub(crate) fn at(&self, place: UserPlace) -> UserView<'_> {
        UserView { people: self, record: &self.records[place.index()], place }
    }

    /// Brings users from the memory to the processor, all at once: whoever looks at one after the other waits for each.
    pub(crate) fn fetch<'p>(&self, places: impl Iterator<Item = &'p UserPlace> + Clone) {
        /// How much a processor reads of the memory at once. The texts of a fourth of the users reach over three such
        /// pieces, of which the ends alone leave one out.
        const PIECE: u32 = 64;
        let bounds = places.map(|place| self.records[place.index()].bounds);
        let byte = |place: u32| self.texts.as_bytes().get(place as usize).copied().unwrap_or_default();
        let of_pieces = |[start, .., end]: [u32; UserText::COUNT + 1]| {
            [start, end.min(start + PIECE), end].map(byte).into_iter().fold(0, u8::wrapping_add)
        };
        black_box(bounds.clone().fold(0, |sum: u32, bounds| sum.wrapping_add(bounds[0])));
        black_box(bounds.map(of_pieces).fold(0, u8::wrapping_add));
    }

    /// Returns the user as a whole.
    pub(crate) fn user(&self, place: UserPlace) -> User {
        let person = self.at(place);
        let text = |text| person.text(text).to_owned();
        let (rare, given_roles) = (self.rare.get(&place), self.given_roles.get(&place));
        User {
            guid: person.guid(),
            custom_id: person.is_managed().then(|| text(UserText::CustomId)),
            first_name: text(UserText::FirstName),
            middle_name: text(UserText::MiddleName),
            last_name: text(UserText::LastName),
            email: text(UserText::Email),
            school: person.school().clone(),
            user_type: person.user_type(),
            position: text(UserText::Position),
            grade: person.grade(),
            status: person.status(),
            username: text(UserText::Username),
            version: person.record.version,
            deleted_at: rare.and_then(|rare| rare.deleted_at),
            erase_at: rare.and_then(|rare| rare.erase_at),
            source: person.source().cloned(),
            roles: given_roles.map_or_else(Roles::default, |number| self.roles.list[*number as usize].clone()),
            former_usernames: rare.map_or_else(Vec::new, |rare| rare.former_usernames.clone()),
        }
    }

    /// Returns the user names that users had before, with the places of these users.
    pub(crate) fn former_usernames(&self) -> impl Iterator<Item = (UserPlace, &String)> {
        self.rare.iter().flat_map(|(place, rare)| rare.former_usernames.iter().map(|name| (*place, name)))
    }

    /// Returns the schools that users are at, by number.
    pub(crate) fn schools(&self) -> &[SchoolId] {
        &self.schools.list
    }
}

/// A user of many.
#[derive(Clone, Copy)]
pub(crate) struct UserView<'p> {
    people: &'p People,
    record: &'p UserRecord,
    pub(crate) place: UserPlace,
}

impl<'p> UserView<'p> {
    /// Returns the GUID.
    pub(crate) fn guid(self) -> Guid {
        self.record.guid
    }

    /// Returns a text of the user.
    pub(crate) fn text(self, text: UserText) -> &'p str {
        let (from, to) = self.span(text);
        &self.people.texts[from..to]
    }

    /// Returns the bytes of a text, to be compared.
    #[inline]
    pub(crate) fn bytes(self, text: UserText) -> &'p [u8] {
        let (from, to) = self.span(text);
        &self.people.texts.as_bytes()[from..to]
    }

    #[inline]
    fn span(self, text: UserText) -> (usize, usize) {
        let bounds = &self.record.bounds;
        let end = bounds[text as usize + 1] as usize - usize::from(UserText::is_separated(text as usize));
        (bounds[text as usize] as usize, end)
    }

    /// Returns the texts of [`UserText::SIDE_BY_SIDE`] with their separators.
    #[inline]
    pub(crate) fn side_by_side(self) -> &'p [u8] {
        let bounds = &self.record.bounds;
        &self.people.texts.as_bytes()[bounds[0] as usize..bounds[UserText::SIDE_BY_SIDE.len()] as usize]
    }

    /// Returns the custom ID; `None` for a user that no sync touches.
    pub(crate) fn custom_id(self) -> Option<&'p str> {
        self.is_managed().then(|| self.text(UserText::CustomId))
    }

    /// Returns the number of the school.
    pub(crate) fn school_number(self) -> SchoolNumber {
        self.record.school
    }

    /// Returns the school.
    pub(crate) fn school(self) -> &'p SchoolId {
        &self.people.schools.list[self.record.school.index()]
    }

    /// Returns the type.
    pub(crate) fn user_type(self) -> UserType {
        self.record.user_type
    }

    /// Returns the grade.
    pub(crate) fn grade(self) -> Grade {
        self.record.grade
    }

    /// Returns the status.
    pub(crate) fn status(self) -> Status {
        self.record.status
    }

    /// Returns the source that a managed user came from.
    pub(crate) fn source(self) -> Option<&'p SourceId> {
        let number = self.record.source?.0.get();
        self.people.sources.get(usize::from(number).checked_sub(2)?)
    }

    /// Returns whether a sync may touch the user.
    pub(crate) fn is_managed(self) -> bool {
        self.record.source.is_some()
    }

    /// Returns whether the user is an administrator who can sign in.
    pub(crate) fn is_active_administrator(self) -> bool {
        self.user_type() == UserType::Administrator && self.status() == Status::Active && !self.is_deleted()
    }

    /// Returns whether the user is deleted.
    pub(crate) fn is_deleted(self) -> bool {
        // Of nearly every directory nobody is.
        !self.people.rare.is_empty() && self.people.rare.get(&self.place).is_some_and(|rare| rare.deleted_at.is_some())
    }
}

/// Values of which there are few, by number.
#[derive(Debug, Clone)]
struct Numbered<T> {
    list: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Numbered<T> {
        Numbered { list: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    fn number(&mut self, value: &T) -> u32 {
        // Users of one kind mostly stand together.
        if let Some(last) = self.list.last()
            && last == value
        {
            return (self.list.len() - 1) as u32;
        }
        match self.numbers.get(value) {
            Some(number) => *number,
            None => {
                let number = self.list.len() as u32;
                self.list.push(value.clone());
                self.numbers.insert(value.clone(), number);
                number
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_however_they_come() {
        let texts = ["Ana, B.", "Klein", "", "a@x.example", "17", "Cook", "ana"];
        let check = |side_by_side| {
            let mut people = People::default();
            let school = people.school_number(&SchoolId("1".to_owned()));
            let place = people.push_borrowed(Borrowed {
                guid: Guid(uuid::Uuid::from_u128(1)),
                is_managed: true,
                texts,
                side_by_side,
                school,
                user_type: UserType::Staff,
                grade: Grade::Unspecified,
                status: Status::Active,
                version: 1,
                source: SourceNumber::NONE,
            });
            let (person, user) = (people.at(place), people.user(place));
            let own = [&user.first_name, &user.last_name, &user.middle_name, &user.email];
            assert_eq!(own.map(String::as_str), texts[..4]);
            assert_eq!(
                [user.custom_id.as_deref(), Some(user.position.as_str()), Some(user.username.as_str())],
                [4, 5, 6].map(|i| Some(texts[i]))
            );
            assert_eq!(person.side_by_side(), b"Ana, B.,Klein,,a@x.example,17");
        };
        check(None);
        check(Some("Ana, B.,Klein,,a@x.example,17"));
    }
}
