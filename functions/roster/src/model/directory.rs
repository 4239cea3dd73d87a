//! The users that a roster is compared with.

use std::collections::{BTreeSet, HashMap};

use super::alike;
use super::ids::Guid;
use super::text::fold;
use super::user::User;

/// The users that a roster is compared with, found by everything that must be unique.
///
/// For a full sync it holds every user of the organisation; for a small partial one only those that the roster
/// names by custom ID, GUID, user name or e-mail address.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    users: Vec<User>,
    by_custom_id: HashMap<String, usize>,
    by_guid: HashMap<Guid, usize>,
    by_username: HashMap<String, usize>,
    by_staff_email: HashMap<String, usize>,
    /// The custom IDs by what they mean.
    alike: alike::Index,
    /// The folded user names that were asked for; `None` where all users are here.
    asked: Option<BTreeSet<String>>,
}

impl Directory {
    /// Indexes `users`. Deleted users keep their custom ID, GUID and user name, and give their e-mail address up.
    pub fn new(users: Vec<User>) -> Directory {
        let mut directory = Directory::default();
        for (i, user) in users.iter().enumerate() {
            directory.by_guid.insert(user.guid, i);
            directory.by_username.insert(fold(&user.username), i);
            if user.user_type.is_staff() && !user.email.is_empty() && user.deleted_at.is_none() {
                directory.by_staff_email.insert(fold(&user.email), i);
            }
            if let Some(id) = &user.custom_id {
                directory.by_custom_id.insert(id.clone(), i);
            }
        }
        let ids = users.iter().enumerate().filter_map(|(i, user)| Some((i, user.custom_id.as_deref()?)));
        directory.alike = alike::Index::new(ids);
        for (i, user) in users.iter().enumerate() {
            for former in &user.former_usernames {
                directory.by_username.entry(fold(former)).or_insert(i);
            }
        }
        directory.users = users;
        directory
    }

    /// Indexes just those users that a roster names; of other user names than the folded `asked` it can't be told
    /// whose they are.
    pub fn of_named(users: Vec<User>, asked: BTreeSet<String>) -> Directory {
        Directory { asked: Some(asked), ..Directory::new(users) }
    }

    /// Whether it can be told whose the user name is, or that it is nobody's.
    pub fn knows_username(&self, username: &str) -> bool {
        self.asked.as_ref().is_none_or(|asked| asked.contains(&fold(username)))
    }

    pub fn by_custom_id(&self, id: &str) -> Option<&User> {
        self.by_custom_id.get(id).map(|&i| &self.users[i])
    }

    pub fn by_guid(&self, guid: Guid) -> Option<&User> {
        self.by_guid.get(&guid).map(|&i| &self.users[i])
    }

    /// The user that has the user name, or had it before and nobody else since, whatever its case.
    pub fn by_username(&self, username: &str) -> Option<&User> {
        self.by_username.get(&fold(username)).map(|&i| &self.users[i])
    }

    /// The teacher, staff or administrator that has the address, whatever its case.
    pub fn by_staff_email(&self, email: &str) -> Option<&User> {
        self.by_staff_email.get(&fold(email)).map(|&i| &self.users[i])
    }

    /// The users whose custom ID is the same as `id` but for how it is written, deleted ones included; and whether
    /// there are too many to tell which one is meant.
    pub fn alike(&self, id: &str) -> (Vec<&User>, bool) {
        let found = self.alike.find(id);
        let users = found.places.into_iter().map(|i| &self.users[i]).filter(|u| u.custom_id.as_deref() != Some(id));
        (users.collect(), found.too_many)
    }

    /// Whether it holds every user of the organisation.
    pub fn is_whole(&self) -> bool {
        self.asked.is_none()
    }

    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.users.iter()
    }
}
