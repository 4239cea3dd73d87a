//! The users that a roster is compared with, found by everything that must be unique.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::OnceLock;

use super::alike;
use super::hash_index::{HashIndex, KeyHash, KeyHasher};
use super::ids::{Guid, SchoolId};
use super::people::{Borrowed, People, SchoolNumber, UserPlace, UserText, UserView};
use super::text::fold;
use super::user::User;

/// The users that a roster is compared with.
///
/// For a full sync it holds every user of the organisation; for a small partial one only those that the roster
/// names by custom ID, GUID, user name or e-mail address. A user is made whole once it is asked for.
#[derive(Default)]
pub struct Directory {
    people: People,
    whole: Vec<OnceLock<Box<User>>>,
    index: UserIndex,
    /// The custom IDs by what they mean, once that is asked.
    alike: OnceLock<alike::Index>,
    /// The folded user names that were asked for; `None` where all users are here.
    asked: Option<BTreeSet<String>>,
}

/// The users by what must be unique among them. The numbers of the indexes are places.
#[derive(Default)]
struct UserIndex {
    hasher: KeyHasher,
    custom_ids: HashIndex,
    guids: HashIndex,
    /// By the folded user name, unless it is the custom ID letter by letter.
    usernames: HashIndex,
    /// Folded names that users had before, and nobody has now.
    former_usernames: HashMap<String, UserPlace>,
    /// Teachers, staff and administrators that are not deleted, by the folded address.
    staff_emails: HashIndex,
    student_emails: HashIndex,
    /// Users that have the address of another one of their kind, or something else that ought to be unique.
    sharing: Vec<UserPlace>,
}

/// Users that are put together to a [`Directory`] one after the other.
#[derive(Default)]
pub struct DirectoryBuilder {
    people: People,
}

impl DirectoryBuilder {
    /// Adds a user.
    pub fn push(&mut self, user: &User) {
        self.people.push(user);
    }

    /// Makes room for so many users, whose texts have so many bytes together.
    pub(crate) fn reserve(&mut self, users: usize, bytes: usize) {
        self.people.reserve(users, bytes);
    }

    /// Adds a user whose texts stand elsewhere, and returns its place.
    pub(crate) fn push_borrowed(&mut self, user: Borrowed) -> UserPlace {
        self.people.push_borrowed(user)
    }

    /// Returns the number that stands for a school here.
    pub(crate) fn school_number(&mut self, school: &SchoolId) -> SchoolNumber {
        self.people.school_number(school)
    }

    /// Indexes the users, who are all that there are.
    pub fn finish(mut self) -> Directory {
        self.people.shrink();
        let whole = (0..self.people.len()).map(|_| OnceLock::new()).collect();
        let index = UserIndex::new(&self.people);
        Directory { people: self.people, whole, index, alike: OnceLock::new(), asked: None }
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

    /// Whether it holds every user of the organisation.
    pub fn is_whole(&self) -> bool {
        self.asked.is_none()
    }

    /// Whether it can be told whose the user name is, or that it is nobody's.
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

    /// Returns all users.
    pub(crate) fn people(&self) -> impl Iterator<Item = UserView<'_>> {
        self.people.places().map(|place| self.people.at(place))
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
        self.whole[place.index()].get_or_init(|| Box::new(self.people.user(place)))
    }

    /// Returns the users who have something that ought to be another one's only, such as an address.
    pub(crate) fn sharing(&self) -> &[UserPlace] {
        &self.index.sharing
    }

    /// Returns whether two users have the same GUID or custom ID.
    pub(crate) fn has_doubles(&self) -> bool {
        let managed = self.people().filter(|person| person.is_managed()).count();
        self.index.guids.len() < self.len() || self.index.custom_ids.len() < managed
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
        let UserIndex { hasher, custom_ids, .. } = &self.index;
        places.clear();
        let hashes: Vec<KeyHash> = ids.clone().map(|id| hasher.bytes(id)).collect();
        custom_ids.fetch(&hashes);
        // First whoever may have the ID, by its hash, then whether it is so: neither waits for another one.
        places.extend(hashes.into_iter().map(|hash| custom_ids.with_hash(hash).next().map(UserPlace::of)));
        self.people.fetch(places.iter().flatten());
        for (id, place) in ids.zip(places) {
            if place.is_some_and(|place| self.person(place).bytes(UserText::CustomId) != id) {
                *place = self.index.custom_id(&self.people, id);
            }
        }
    }

    /// Returns the place of the user with this GUID.
    pub(crate) fn place_of_guid(&self, guid: Guid) -> Option<UserPlace> {
        let UserIndex { hasher, guids, .. } = &self.index;
        places(guids, hasher.value(&guid)).find(|place| self.person(*place).guid() == guid)
    }

    /// Returns the place of the user with this folded user name.
    pub(crate) fn place_of_username(&self, username: &str) -> Option<UserPlace> {
        let name = folded(username);
        self.index.username(&self.people, &name).or_else(|| self.index.former_usernames.get(&*name).copied())
    }

    /// Returns the place of a user that has the address: of staff, or of a student.
    pub(crate) fn place_of_email(&self, email: &str, of_staff: bool) -> Option<UserPlace> {
        self.index.email(&self.people, &folded(email), of_staff)
    }

    /// Returns the places of the users whose custom ID is alike, but is not the same.
    pub(crate) fn places_alike(&self, id: &str) -> (Vec<UserPlace>, bool) {
        let id_of = |place: usize| self.person(UserPlace::new(place)).text(UserText::CustomId);
        let alike = self.alike.get_or_init(|| alike::Index::new(self.len(), id_of));
        let found = alike.find(id, id_of);
        let places = found.places.into_iter().filter(|place| id_of(*place) != id).map(UserPlace::new);
        (places.collect(), found.too_many)
    }
}

/// Its users are people.
impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("users", &self.len()).field("is_whole", &self.is_whole()).finish()
    }
}

impl UserIndex {
    fn new(people: &People) -> UserIndex {
        let mut index = UserIndex::default();
        let hasher = index.hasher.clone();
        let all = || people.places().map(|place| people.at(place));
        let text = |text: &str| hasher.bytes(folded(text).as_bytes());
        let guids = all().map(|user| (hasher.value(&user.guid()), user.place));
        index.guids = index.of_unique(people, guids, |one, other| one.guid() == other.guid());
        let ids = all().filter_map(|user| Some((hasher.bytes(user.custom_id()?.as_bytes()), user.place)));
        index.custom_ids = index.of_unique(people, ids, |one, other| one.custom_id() == other.custom_id());
        let named = all().filter(|user| !has_id_for_name(*user));
        let names = named.map(|user| (text(user.text(UserText::Username)), user.place));
        index.usernames = index.of_unique(people, names, |one, other| have_same(UserText::Username, one, other));
        let addressed = |of_staff: bool| {
            let users = all().filter(move |user| user.user_type().is_staff() == of_staff && has_email(*user));
            users.map(|user| (text(user.text(UserText::Email)), user.place))
        };
        let same_email = |one: UserView, other: UserView| have_same(UserText::Email, one, other);
        index.staff_emails = index.of_unique(people, addressed(true), same_email);
        index.student_emails = index.of_unique(people, addressed(false), same_email);
        index.add_former_usernames(people);
        index.sharing.sort_unstable();
        index.sharing.dedup();
        index
    }

    /// Indexes users by the hashes of what should be unique. Of users who have the `same` the last one counts, and all
    /// are noted.
    fn of_unique(
        &mut self,
        people: &People,
        users: impl Iterator<Item = (KeyHash, UserPlace)>,
        same: impl Fn(UserView, UserView) -> bool,
    ) -> HashIndex {
        let at = |number: u32| people.at(UserPlace::of(number));
        HashIndex::of_unique(
            users.map(|(hash, place)| (hash, place.number())),
            |one, other| same(at(one), at(other)),
            |one, other| self.sharing.extend([one, other].map(UserPlace::of)),
        )
    }

    fn add_former_usernames(&mut self, people: &People) {
        for (place, former) in people.former_usernames() {
            let former = fold(former);
            if self.username(people, &former).is_none() {
                // Of several who had it the first one counts, in whatever order they come.
                let known = self.former_usernames.entry(former).or_insert(place);
                *known = place.min(*known);
            }
        }
    }

    fn custom_id(&self, people: &People, id: &[u8]) -> Option<UserPlace> {
        let is_it = |place: &UserPlace| people.at(*place).bytes(UserText::CustomId) == id;
        places(&self.custom_ids, self.hasher.bytes(id)).find(is_it)
    }

    fn username(&self, people: &People, name: &str) -> Option<UserPlace> {
        let is_it = |place: &UserPlace| folded(people.at(*place).text(UserText::Username)) == name;
        let found = places(&self.usernames, self.hasher.bytes(name.as_bytes())).find(is_it);
        found.or_else(|| self.custom_id(people, name.as_bytes()).filter(|place| has_id_for_name(people.at(*place))))
    }

    fn email(&self, people: &People, email: &str, of_staff: bool) -> Option<UserPlace> {
        let emails = if of_staff { &self.staff_emails } else { &self.student_emails };
        let is_it = |place: &UserPlace| folded(people.at(*place).text(UserText::Email)) == email;
        places(emails, self.hasher.bytes(email.as_bytes())).find(is_it)
    }
}

/// Returns the users with this hash.
fn places(index: &HashIndex, hash: KeyHash) -> impl Iterator<Item = UserPlace> {
    index.with_hash(hash).map(UserPlace::of)
}

/// Whether the user name is the custom ID, and folding makes no other text of it, so that who is found by the one is
/// found by the other.
fn has_id_for_name(person: UserView) -> bool {
    let name = person.text(UserText::Username);
    person.is_managed() && name == person.text(UserText::CustomId) && is_folded(name)
}

/// Whether both have the same text, however it is written.
fn have_same(text: UserText, one: UserView, other: UserView) -> bool {
    folded(one.text(text)) == folded(other.text(text))
}

fn has_email(person: UserView) -> bool {
    !person.text(UserText::Email).is_empty() && !person.is_deleted()
}

/// Returns the text as [`fold`] does, without a copy where it is folded already.
fn folded(text: &str) -> Cow<'_, str> {
    if is_folded(text) { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) }
}

fn is_folded(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase())
}
