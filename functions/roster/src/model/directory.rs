//! The users that a roster is compared with, found by everything that must be unique.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::ids::{Guid, SchoolId};
use super::people::{Borrowed, People, SchoolNumber, UserPlace, UserText, UserView};
use super::text::fold;
use super::user::User;
use super::user_index::{UserHashes, UserIndex, folded};
use super::whole_users::WholeUsers;

/// The users that a roster is compared with.
///
/// For a full sync it holds every user of the organisation; for a small partial one only those that the roster
/// names by custom ID, GUID, user name or e-mail address. A user is made whole once it is asked for.
#[derive(Default)]
pub struct Directory {
    /// Shared with what names users by their places.
    people: Arc<People>,
    whole: WholeUsers,
    index: UserIndex,
    /// The folded user names that were asked for; `None` where all users are here.
    asked: Option<BTreeSet<String>>,
}

/// Users that are put together to a [`Directory`] one after the other.
#[derive(Default)]
pub struct DirectoryBuilder {
    people: People,
    hashes: UserHashes,
}

impl DirectoryBuilder {
    /// Adds a user.
    pub fn push(&mut self, user: &User) {
        let place = self.people.push(user);
        self.hashes.add(self.people.at(place));
    }

    /// Makes room for so many users, whose texts have so many bytes together.
    pub(crate) fn reserve(&mut self, users: usize, bytes: usize) {
        self.people.reserve(users, bytes);
        self.hashes.reserve(users);
    }

    /// Adds a user whose texts stand elsewhere.
    pub(crate) fn push_borrowed(&mut self, user: Borrowed) {
        let place = self.people.push_borrowed(user);
        self.hashes.add(self.people.at(place));
    }

    /// Returns the number that stands for a school here.
    pub(crate) fn school_number(&mut self, school: &SchoolId) -> SchoolNumber {
        self.people.school_number(school)
    }

    /// Indexes the users, who are all that there are.
    pub fn finish(mut self) -> Directory {
        self.people.shrink();
        let whole = WholeUsers::of(self.people.len());
        let index = UserIndex::new(&self.people, self.hashes);
        Directory { people: Arc::new(self.people), whole, index, asked: None }
    }
}

impl Directory {
    /// Indexes `users`. Deleted users keep their custom ID, GUID and user name, and give their e-mail address up.
    pub fn new(users: Vec<User>) -> Directory {
        let mut builder = DirectoryBuilder::default();
        users.iter().for_each(|user| builder.push(user));
        builder.finish()
    }

    /// Indexes just those users that a roster names; of other user names than the folded `asked` it can't be told
    /// whose they are.
    pub fn of_named(users: Vec<User>, asked: BTreeSet<String>) -> Directory {
        Directory { asked: Some(asked), ..Directory::new(users) }
    }

    /// Returns whether the directory holds every user of the organisation.
    pub fn is_whole(&self) -> bool {
        self.asked.is_none()
    }

    /// Returns whether the directory can tell whose the user name is, or that it is nobody's.
    pub fn knows_username(&self, username: &str) -> bool {
        self.asked.as_ref().is_none_or(|asked| asked.contains(&fold(username)))
    }

    /// Returns the user with this custom ID.
    pub fn by_custom_id(&self, id: &str) -> Option<&User> {
        self.place_of_custom_id(id).map(|place| self.user(place))
    }

    /// Returns the user with this GUID.
    pub fn by_guid(&self, guid: Guid) -> Option<&User> {
        self.place_of_guid(guid).map(|place| self.user(place))
    }

    /// Returns the user that has the user name, or had it before and nobody else since, whatever its case.
    pub fn by_username(&self, username: &str) -> Option<&User> {
        self.place_of_username(username).map(|place| self.user(place))
    }

    /// Returns the teacher, staff or administrator that has the address, whatever its case.
    pub fn by_staff_email(&self, email: &str) -> Option<&User> {
        self.place_of_email(email, true).map(|place| self.user(place))
    }

    /// Returns the users whose custom ID is the same as `id` but for how it is written, deleted ones included; and
    /// whether there are too many to tell which one is meant.
    pub fn alike(&self, id: &str) -> (Vec<&User>, bool) {
        let (places, too_many) = self.places_alike(id);
        (places.into_iter().map(|place| self.user(place)).collect(), too_many)
    }

    /// Returns every user, each of which is made whole for it.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.people.places().map(|place| self.user(place))
    }

    /// Returns the users by their places.
    pub(crate) fn people(&self) -> &Arc<People> {
        &self.people
    }

    /// Returns the user at a place.
    pub(crate) fn person(&self, place: UserPlace) -> UserView<'_> {
        self.people.at(place)
    }

    /// Returns how many users there are.
    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    /// Returns the schools that users are at, by number.
    pub(crate) fn schools(&self) -> &[SchoolId] {
        self.people.schools()
    }

    /// Returns the user at a place, whole.
    pub(crate) fn user(&self, place: UserPlace) -> &User {
        self.whole.get_or_make(place, || self.people.user(place))
    }

    /// Returns the users who have something that ought to be another one's only, such as an address.
    pub(crate) fn sharing(&self) -> &[UserPlace] {
        self.index.sharing()
    }

    /// Returns whether two users have the same GUID or custom ID.
    pub(crate) fn has_doubles(&self) -> bool {
        self.index.has_doubles()
    }

    /// Returns the place of the user with this custom ID.
    pub(crate) fn place_of_custom_id(&self, id: &str) -> Option<UserPlace> {
        self.index.custom_id(&self.people, id.as_bytes())
    }

    /// Finds the users of several custom IDs, and gives their places in the same order.
    pub(crate) fn places_of_custom_ids<'i>(
        &self,
        ids: impl Iterator<Item = &'i [u8]> + Clone,
        places: &mut Vec<Option<UserPlace>>,
    ) {
        self.index.custom_ids(&self.people, ids, places);
    }

    /// Returns the places of the users with these custom IDs, in the same order.
    ///
    /// Many are looked up side by side: one after the other, each waits for the memory several times.
    pub(crate) fn places_of_all(&self, custom_ids: &[&str]) -> Vec<Option<UserPlace>> {
        /// How many users a processor keeps at hand.
        const AT_ONCE: usize = 64;
        let (mut places, mut found) = (Vec::with_capacity(custom_ids.len()), Vec::new());
        for ids in custom_ids.chunks(AT_ONCE) {
            self.places_of_custom_ids(ids.iter().map(|id| id.as_bytes()), &mut found);
            places.append(&mut found);
        }
        places
    }

    /// Returns the place of the user with this GUID.
    pub(crate) fn place_of_guid(&self, guid: Guid) -> Option<UserPlace> {
        self.index.guid(&self.people, guid)
    }

    /// Returns the place of the user with this folded user name.
    pub(crate) fn place_of_username(&self, username: &str) -> Option<UserPlace> {
        let name = folded(username);
        self.index.username(&self.people, &name).or_else(|| self.index.former_username(&name))
    }

    /// Returns the place of a user that has the address: of staff, or of a student.
    pub(crate) fn place_of_email(&self, email: &str, of_staff: bool) -> Option<UserPlace> {
        self.index.email(&self.people, &folded(email), of_staff)
    }

    /// Returns the places of the users whose custom ID is alike, but is not the same.
    pub(crate) fn places_alike(&self, id: &str) -> (Vec<UserPlace>, bool) {
        let found = self.index.alike(&self.people, id);
        let places = found.places.into_iter().map(UserPlace::new);
        let places = places.filter(|place| self.person(*place).text(UserText::CustomId) != id);
        (places.collect(), found.too_many)
    }
}

/// Its users are people.
impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("users", &self.len()).field("is_whole", &self.is_whole()).finish()
    }
}
