//! Users found by what must be unique among them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::alike::{self, AlikeIds};
use super::hash_index::{HashEntry, HashIndex, KeyHash, KeyHasher};
use super::ids::Guid;
use super::people::{People, UserPlace, UserText, UserView};
use super::text::fold;

/// The users by what must be unique among them. The numbers of the indexes are places.
#[derive(Default)]
pub(super) struct UserIndex {
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
    /// The custom IDs by what they mean.
    alike: alike::Index,
    /// Users that have the address of another one of their kind, or something else that ought to be unique.
    sharing: Vec<UserPlace>,
    /// Two of them have the same GUID or custom ID.
    has_doubles: bool,
}

/// The hashes of the users that will be indexed. They are taken while a user is at hand.
#[derive(Default)]
pub(super) struct UserHashes {
    hasher: KeyHasher,
    custom_ids: Vec<HashEntry>,
    guids: Vec<HashEntry>,
    usernames: Vec<HashEntry>,
    staff_emails: Vec<HashEntry>,
    student_emails: Vec<HashEntry>,
    alike: alike::IndexBuilder,
}

impl UserHashes {
    /// Makes room for so many users.
    pub(super) fn reserve(&mut self, users: usize) {
        self.custom_ids.reserve_exact(users);
        self.guids.reserve_exact(users);
    }

    /// Adds a user.
    pub(super) fn add(&mut self, user: UserView) {
        let UserHashes { hasher, .. } = self;
        let entry = |hash: KeyHash| HashEntry { hash, number: user.place.number() };
        let text = |text: UserText| {
            let bytes = user.bytes(text);
            entry(if is_folded(bytes) { hasher.bytes(bytes) } else { hasher.bytes(fold(user.text(text)).as_bytes()) })
        };
        self.guids.push(entry(hasher.bytes(user.guid().0.as_bytes())));
        if user.is_managed() {
            let id = user.text(UserText::CustomId);
            self.custom_ids.push(entry(hasher.bytes(id.as_bytes())));
            self.alike.add(user.place.index(), id);
        }
        if !has_id_for_name(user) {
            self.usernames.push(text(UserText::Username));
        }
        if has_email(user) {
            let of_kind = if user.user_type().is_staff() { &mut self.staff_emails } else { &mut self.student_emails };
            of_kind.push(text(UserText::Email));
        }
    }
}

impl UserIndex {
    /// Indexes users by their hashes.
    pub(super) fn new(people: &People, hashes: UserHashes) -> UserIndex {
        let UserHashes { hasher, custom_ids, guids, usernames, staff_emails, student_emails, alike } = hashes;
        let mut index = UserIndex { hasher, alike: alike.finish(people.len()), ..UserIndex::default() };
        let same_email = |one: UserView, other: UserView| have_same(UserText::Email, one, other);
        index.guids = index.of_unique(people, guids, |one, other| one.guid() == other.guid());
        index.custom_ids = index.of_unique(people, custom_ids, |one, other| one.custom_id() == other.custom_id());
        index.has_doubles = !index.sharing.is_empty();
        index.usernames = index.of_unique(people, usernames, |one, other| have_same(UserText::Username, one, other));
        index.staff_emails = index.of_unique(people, staff_emails, same_email);
        index.student_emails = index.of_unique(people, student_emails, same_email);
        index.add_former_usernames(people);
        index.sharing.sort_unstable();
        index.sharing.dedup();
        index
    }

    /// Returns the user with this custom ID.
    pub(super) fn custom_id(&self, people: &People, id: &[u8]) -> Option<UserPlace> {
        let is_it = |place: &UserPlace| people.at(*place).bytes(UserText::CustomId) == id;
        places(&self.custom_ids, self.hasher.bytes(id)).find(is_it)
    }

    /// Finds the users of several custom IDs, and gives their places in the same order.
    pub(super) fn custom_ids<'i>(
        &self,
        people: &People,
        ids: impl Iterator<Item = &'i [u8]> + Clone,
        places: &mut Vec<Option<UserPlace>>,
    ) {
        places.clear();
        let hashes: Vec<KeyHash> = ids.clone().map(|id| self.hasher.bytes(id)).collect();
        self.custom_ids.fetch(&hashes);
        // First whoever may have the ID, by its hash, then whether it is so: neither waits for another one.
        places.extend(hashes.into_iter().map(|hash| self.custom_ids.with_hash(hash).next().map(UserPlace::of)));
        people.fetch(places.iter().flatten());
        for (id, place) in ids.zip(places) {
            if place.is_some_and(|place| people.at(place).bytes(UserText::CustomId) != id) {
                *place = self.custom_id(people, id);
            }
        }
    }

    /// Returns the users whose custom ID is alike to this one, or is the same.
    pub(super) fn alike(&self, people: &People, id: &str) -> AlikeIds {
        let id_of = |place: usize| people.at(UserPlace::new(place)).text(UserText::CustomId);
        self.alike.find(id, id_of, |id| self.custom_id(people, id.as_bytes()).map(UserPlace::index))
    }

    /// Returns the user with this GUID.
    pub(super) fn guid(&self, people: &People, guid: Guid) -> Option<UserPlace> {
        places(&self.guids, self.hasher.bytes(guid.0.as_bytes())).find(|place| people.at(*place).guid() == guid)
    }

    /// Returns the users who have something that ought to be another one's only, such as an address.
    pub(super) fn sharing(&self) -> &[UserPlace] {
        &self.sharing
    }

    /// Returns whether two users have the same GUID or custom ID.
    pub(super) fn has_doubles(&self) -> bool {
        self.has_doubles
    }

    /// Returns the user who has this folded user name; see [`UserIndex::former_username`].
    pub(super) fn username(&self, people: &People, name: &str) -> Option<UserPlace> {
        let is_it = |place: &UserPlace| folded(people.at(*place).text(UserText::Username)) == name;
        let found = places(&self.usernames, self.hasher.bytes(name.as_bytes())).find(is_it);
        let by_id = || self.custom_id(people, name.as_bytes()).filter(|place| has_id_for_name(people.at(*place)));
        found.or_else(by_id)
    }

    /// Returns who had this folded user name, where nobody has it now.
    pub(super) fn former_username(&self, name: &str) -> Option<UserPlace> {
        self.former_usernames.get(name).copied()
    }

    /// Returns a user of staff, or a student, with this folded address.
    pub(super) fn email(&self, people: &People, email: &str, of_staff: bool) -> Option<UserPlace> {
        let emails = if of_staff { &self.staff_emails } else { &self.student_emails };
        let is_it = |place: &UserPlace| folded(people.at(*place).text(UserText::Email)) == email;
        places(emails, self.hasher.bytes(email.as_bytes())).find(is_it)
    }

    /// Indexes users by the hashes of what should be unique. Of users who have the `same` the last one counts, and all
    /// are noted.
    fn of_unique(
        &mut self,
        people: &People,
        entries: Vec<HashEntry>,
        same: impl Fn(UserView, UserView) -> bool,
    ) -> HashIndex {
        let at = |number: u32| people.at(UserPlace::of(number));
        HashIndex::of_unique(
            &entries,
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
}

/// Returns the users with this hash.
fn places(index: &HashIndex, hash: KeyHash) -> impl Iterator<Item = UserPlace> {
    index.with_hash(hash).map(UserPlace::of)
}

/// Returns whether the user name is the custom ID, and folding makes no other text of it, so that who is found by the
/// one is found by the other.
fn has_id_for_name(person: UserView) -> bool {
    let name = person.bytes(UserText::Username);
    person.is_managed() && name == person.bytes(UserText::CustomId) && is_folded(name)
}

/// Returns whether both have the same text, however it is written.
fn have_same(text: UserText, one: UserView, other: UserView) -> bool {
    folded(one.text(text)) == folded(other.text(text))
}

fn has_email(person: UserView) -> bool {
    !person.bytes(UserText::Email).is_empty() && !person.is_deleted()
}

/// Returns the text as [`fold`] does, without a copy where it is folded already.
pub(super) fn folded(text: &str) -> Cow<'_, str> {
    if is_folded(text.as_bytes()) { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) }
}

/// Returns whether a text is ASCII without capitals, which folding leaves as it is.
///
/// Eight bytes at a time: texts are so short that a loop over bytes is all start and end.
fn is_folded(text: &[u8]) -> bool {
    if let Some(end) = text.last_chunk() {
        let (eights, _) = text.as_chunks();
        eights.iter().chain([end]).all(|eight| are_folded(u64::from_le_bytes(*eight)))
    } else if let (Some([a, b, c, d]), Some([e, f, g, h])) = (text.first_chunk(), text.last_chunk()) {
        are_folded(u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))
    } else {
        text.iter().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    }
}

/// Returns whether [`is_folded`] holds of eight bytes.
fn are_folded(bytes: u64) -> bool {
    const fn each(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    const HIGHEST: u64 = each(0x80);
    // The highest bit of a byte is free for ASCII, and is set here where the byte is at least `A`, or is beyond `Z`.
    let from_a = (bytes & !HIGHEST) + each(0x80 - b'A');
    let beyond_z = (bytes & !HIGHEST) + each(0x80 - b'Z' - 1);
    (bytes | (from_a & !beyond_z)) & HIGHEST == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_folded_wherever_its_capitals_stand() {
        for length in 0..20 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'a'; length];
                    text[place] = byte;
                    assert_eq!(is_folded(&text), byte.is_ascii() && !byte.is_ascii_uppercase(), "{text:?}");
                }
            }
        }
        assert!(is_folded(b""));
    }
}
