//! How classes and enrolments stand in the table.

use roster::user::fold;
use roster::{Class, ClassFields, ClassGuid, ClassStatus, Enrolment, Guid, SchoolId};
use uuid::Uuid;

use crate::Error;
use crate::table::{Item, from_json, needed, number};

/// The attributes that a class is read from.
pub(super) const OF_CLASS: [&str; 5] = ["pk", "sk", "version", "fields", "archived_at"];

/// The attributes that an enrolment is read from.
pub(super) const OF_ENROLMENT: [&str; 5] = ["pk", "sk", "version", "fields", "ended_at"];

/// How many bytes of a class's name decide its place in the list of its school; the key has 1024 at most.
const LONGEST_PLACE: usize = 400;

pub(super) fn class_of(item: &Item) -> Result<Class, Error> {
    Ok(Class {
        guid: class_guid(item)?,
        version: version(item)?,
        fields: from_json(item, "fields")?,
        archived_at: number(item, "archived_at"),
    })
}

pub(super) fn enrolment_of(item: &Item) -> Result<Enrolment, Error> {
    let (class, user) = (needed(item, "pk")?.strip_prefix("CLASS#"), needed(item, "sk")?.strip_prefix("USER#"));
    let (Some(class), Some(user)) = (class, user) else {
        return Err(Error::Item("it is no enrolment".to_owned()));
    };
    Ok(Enrolment {
        class: read_class_guid(class)?,
        user: Guid(uuid(user)?),
        version: version(item)?,
        fields: from_json(item, "fields")?,
        ended_at: number(item, "ended_at"),
    })
}

/// Returns the GUID in the key of a class.
pub(super) fn class_guid(item: &Item) -> Result<ClassGuid, Error> {
    read_class_guid(needed(item, "sk")?)
}

pub(super) fn read_class_guid(text: &str) -> Result<ClassGuid, Error> {
    uuid(text).map(ClassGuid)
}

fn uuid(text: &str) -> Result<Uuid, Error> {
    text.parse().map_err(|e| Error::Item(format!("guid: {e}")))
}

fn version(item: &Item) -> Result<u64, Error> {
    number(item, "version").ok_or_else(|| Error::Item("the version is missing".to_owned()))
}

/// Returns the partition of the index in which the classes of a school are.
pub(super) fn listed_pk(school: &SchoolId, archived: bool) -> String {
    let list = if archived { "ARCHIVEDCLASSES" } else { "CLASSES" };
    format!("{list}#{}", school.0)
}

/// Returns where in the index a class stands: the partition, and the place in it.
pub(super) fn listed_at(class: ClassGuid, fields: &ClassFields) -> [String; 2] {
    let name = fold(&fields.name);
    let end = (0..=name.len().min(LONGEST_PLACE)).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    let archived = fields.status == ClassStatus::Archived;
    [listed_pk(&fields.school, archived), format!("{}#{class}", &name[..end])]
}

/// Returns the partition of the index in which the enrolments of a user are.
pub(super) fn enrolled_pk(user: Guid) -> String {
    format!("ENROLLED#{user}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_stands_by_its_name_however_long_that_is() {
        let fields = |name: &str, status: &str| -> ClassFields {
            let fields = serde_json::json!({
                "class_id": "1", "school": "s1", "name": name, "grade": "9", "course_code": "", "subject": "",
                "period": "", "term": "", "starts": null, "ends": null, "status": status,
            });
            serde_json::from_value(fields).unwrap()
        };
        let guid = ClassGuid(Uuid::from_u128(7));
        let algebra = format!("algebra i#{guid}");
        assert_eq!(listed_at(guid, &fields("Algebra I", "Active")), ["CLASSES#s1".to_owned(), algebra.clone()]);
        assert_eq!(listed_at(guid, &fields("Algebra I", "Archived")), ["ARCHIVEDCLASSES#s1".to_owned(), algebra]);
        let [_, long] = listed_at(guid, &fields(&"数".repeat(1000), "Active"));
        assert_eq!(long.len(), 399 + 1 + 36);
    }
}
