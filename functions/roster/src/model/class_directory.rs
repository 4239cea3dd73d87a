//! The classes that a roster is compared with, and who is in them.

use std::collections::HashMap;

use super::class::{Class, Enrolment};
use super::ids::{ClassGuid, Guid};

/// The classes that a roster names, those of the users who leave or move, and all enrolments of both.
#[derive(Debug, Clone, Default)]
pub struct ClassDirectory {
    classes: HashMap<ClassGuid, Class>,
    by_id: HashMap<String, ClassGuid>,
    members: HashMap<ClassGuid, Vec<Enrolment>>,
    of_user: HashMap<Guid, Vec<ClassGuid>>,
}

impl ClassDirectory {
    /// Indexes classes and enrolments; of each class and user there is one.
    pub fn new(classes: Vec<Class>, mut enrolments: Vec<Enrolment>) -> ClassDirectory {
        enrolments.sort_by_key(|enrolment| (enrolment.class, enrolment.user));
        enrolments.dedup_by_key(|enrolment| (enrolment.class, enrolment.user));
        let mut directory = ClassDirectory::default();
        for class in classes {
            directory.by_id.insert(class.fields.class_id.clone(), class.guid);
            directory.classes.insert(class.guid, class);
        }
        for enrolment in enrolments {
            directory.of_user.entry(enrolment.user).or_default().push(enrolment.class);
            directory.members.entry(enrolment.class).or_default().push(enrolment);
        }
        directory
    }

    /// Returns the class with this GUID.
    pub fn by_guid(&self, guid: ClassGuid) -> Option<&Class> {
        self.classes.get(&guid)
    }

    /// Returns the class that the district calls so.
    pub fn by_id(&self, class_id: &str) -> Option<&Class> {
        self.by_id.get(class_id).and_then(|guid| self.classes.get(guid))
    }

    /// Returns every class.
    pub fn iter(&self) -> impl Iterator<Item = &Class> {
        self.classes.values()
    }

    /// Returns all enrolments of a class by user, ended ones too.
    pub fn members(&self, class: ClassGuid) -> &[Enrolment] {
        self.members.get(&class).map_or(&[], Vec::as_slice)
    }

    /// Returns the enrolment of a user in a class, also if it has ended.
    pub fn enrolment(&self, class: ClassGuid, user: Guid) -> Option<&Enrolment> {
        let members = self.members(class);
        members.binary_search_by_key(&user, |enrolment| enrolment.user).ok().map(|place| &members[place])
    }

    /// Returns the enrolments of a user, ended ones too.
    pub fn of_user(&self, user: Guid) -> impl Iterator<Item = &Enrolment> {
        let classes = self.of_user.get(&user).map_or(&[][..], Vec::as_slice);
        classes.iter().filter_map(move |class| self.enrolment(*class, user))
    }
}
