//! What is done to one class, or to somebody's place in it.

use serde::{Deserialize, Serialize};

use crate::diff::RekeyChoice;
use crate::model::{ClassFields, ClassGuid, EnrolmentFields, Guid, SchoolId, SetPart};

/// What is done to one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassChange {
    pub kind: ClassKind,
    /// The class; of a created one, the GUID that it will get.
    pub class: ClassGuid,
    /// A row that asks for it.
    pub row: Option<u32>,
    /// The file of a set that the row stands in; `None` where the roster is one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<SetPart>,
    /// The version on which the change may be carried out; `None` for a created class.
    pub seen_version: Option<u64>,
    /// `None` for a created class.
    pub before: Option<ClassFields>,
    pub after: ClassFields,
}

/// What kind of change of a class it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassKind {
    Created,
    Updated,
    /// Was archived, and is taught again.
    Restored,
    Archived,
}

impl ClassKind {
    /// Returns the word that files and pages use.
    pub fn as_str(self) -> &'static str {
        match self {
            ClassKind::Created => "created",
            ClassKind::Updated => "updated",
            ClassKind::Restored => "restored",
            ClassKind::Archived => "archived",
        }
    }
}

/// What is done to somebody's place in a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnrolmentChange {
    pub kind: EnrolmentKind,
    pub class: ClassGuid,
    pub user: Guid,
    /// The user instead, if the user's row is said to be about another person; see [`crate::TwoPeople`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_people: Option<Guid>,
    /// The row that asks for it; `None` where it ends for another reason.
    pub row: Option<u32>,
    /// See [`ClassChange::part`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<SetPart>,
    /// The row of the roster that is about the user, by which a choice about a probable re-key is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_row: Option<u32>,
    /// The version on which the change may be carried out; `None` where there is no item yet.
    pub seen_version: Option<u64>,
    /// `None` where the user was not in the class.
    pub before: Option<EnrolmentFields>,
    /// `None` where the enrolment ends.
    pub after: Option<EnrolmentFields>,
    /// It is done only if the user's row is said to be about another person, for then the user is removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_two_people: bool,
    /// Why it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<EndReason>,
    pub shown: ShownEnrolment,
}

impl EnrolmentChange {
    /// Returns the change that is carried out by a choice about the probable re-key of its user.
    ///
    /// `None` where the choice leaves nothing to do.
    pub fn chosen(&self, choice: RekeyChoice) -> Option<EnrolmentChange> {
        let whole = EnrolmentChange { two_people: None, only_two_people: false, ..self.clone() };
        match (choice, self.two_people) {
            (RekeyChoice::SamePerson, _) => (!self.only_two_people).then_some(whole),
            (RekeyChoice::TwoPeople, None) => Some(whole),
            // The new user was in no class.
            (RekeyChoice::TwoPeople, Some(user)) => self.after.is_some().then_some(EnrolmentChange {
                kind: EnrolmentKind::Created,
                user,
                seen_version: None,
                before: None,
                ..whole
            }),
        }
    }

    /// Returns the change that is made only if the row is about another person than its user, who is in the class
    /// already; `None` where it is about nobody else.
    pub(super) fn of_another_person(self) -> Option<EnrolmentChange> {
        let user = self.two_people?;
        Some(EnrolmentChange { user, two_people: None, row: None, only_two_people: true, ..self })
    }
}

/// What pages and files show of an enrolment's class and user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownEnrolment {
    pub school: SchoolId,
    pub class_id: String,
    pub class_name: String,
    pub custom_id: String,
    pub first_name: String,
    pub last_name: String,
}

impl ShownEnrolment {
    /// Returns what is shown of somebody's place in a class that has these fields.
    pub(super) fn new(class: &ClassFields, custom_id: String, first_name: String, last_name: String) -> ShownEnrolment {
        let (school, class_id, class_name) = (class.school.clone(), class.class_id.clone(), class.name.clone());
        ShownEnrolment { school, class_id, class_name, custom_id, first_name, last_name }
    }
}

/// What kind of change of an enrolment it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentKind {
    Created,
    Updated,
    Ended,
}

impl EnrolmentKind {
    /// Returns the word that files and pages use.
    pub fn as_str(self) -> &'static str {
        match self {
            EnrolmentKind::Created => "enrolled",
            EnrolmentKind::Updated => "enrolment updated",
            EnrolmentKind::Ended => "enrolment ended",
        }
    }
}

/// Why an enrolment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The file says so.
    File,
    /// A full sync has the class and not the user in it.
    Absent,
    ClassArchived,
    UserRemoved,
    /// The user moves to another school than that of the class.
    UserMoved,
}

impl EndReason {
    /// Returns the reason in words.
    pub fn as_str(self) -> &'static str {
        match self {
            EndReason::File => "the file ends it",
            EndReason::Absent => "not in the class by the file",
            EndReason::ClassArchived => "the class is archived",
            EndReason::UserRemoved => "the user is removed",
            EndReason::UserMoved => "the user moves to another school",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ClassRole;
    use crate::testing::guid;

    fn change(kind: EnrolmentKind) -> EnrolmentChange {
        let fields = || Some(EnrolmentFields { role: ClassRole::Student, starts: None, ends: None });
        let text = String::new;
        EnrolmentChange {
            kind,
            class: ClassGuid(uuid::Uuid::from_u128(9)),
            user: guid(1),
            two_people: None,
            row: Some(2),
            part: None,
            user_row: Some(2),
            seen_version: Some(3),
            before: fields().filter(|_| kind != EnrolmentKind::Created),
            after: fields().filter(|_| kind != EnrolmentKind::Ended),
            only_two_people: false,
            why: None,
            shown: ShownEnrolment {
                school: SchoolId("id-10".to_owned()),
                class_id: text(),
                class_name: text(),
                custom_id: text(),
                first_name: text(),
                last_name: text(),
            },
        }
    }

    #[test]
    fn a_change_of_one_user_is_the_same_whatever_is_chosen() {
        for kind in [EnrolmentKind::Created, EnrolmentKind::Updated, EnrolmentKind::Ended] {
            for choice in [RekeyChoice::SamePerson, RekeyChoice::TwoPeople] {
                assert_eq!(change(kind).chosen(choice), Some(change(kind)));
            }
        }
    }

    #[test]
    fn another_person_is_new_in_the_class() {
        let probable = |kind| EnrolmentChange { two_people: Some(guid(7)), ..change(kind) };
        for kind in [EnrolmentKind::Created, EnrolmentKind::Updated] {
            assert_eq!(probable(kind).chosen(RekeyChoice::SamePerson), Some(change(kind)));
            let created = probable(kind).chosen(RekeyChoice::TwoPeople).expect("somebody new");
            assert_eq!((created.kind, created.user, created.two_people), (EnrolmentKind::Created, guid(7), None));
            assert_eq!((created.seen_version, created.before, created.after), (None, None, change(kind).after));
        }
        assert_eq!(probable(EnrolmentKind::Ended).chosen(RekeyChoice::TwoPeople), None, "who was never in it");
    }

    #[test]
    fn some_changes_are_made_only_of_two_people() {
        let ended = EnrolmentChange { only_two_people: true, ..change(EnrolmentKind::Ended) };
        assert_eq!(ended.chosen(RekeyChoice::SamePerson), None);
        assert_eq!(ended.chosen(RekeyChoice::TwoPeople), Some(change(EnrolmentKind::Ended)));
        assert_eq!(change(EnrolmentKind::Created).of_another_person(), None);
        let probable = EnrolmentChange { two_people: Some(guid(7)), ..change(EnrolmentKind::Created) };
        let other = probable.of_another_person().expect("somebody else");
        assert_eq!((other.user, other.row, other.only_two_people), (guid(7), None, true));
    }
}
