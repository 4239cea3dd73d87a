//! What changes of a plan say to people, with the same words on the page and in the client: what is done, the fields that
//! differ, and what else is to know of it.

use roster::{
    Change, ClassChange, ClassFields, ClassKind, Code, Column, Counts, Day, EnrolmentChange, EnrolmentFields,
    EnrolmentKind, Fields, KeptField, Kind, PasswordSource, SetPart,
};

use crate::http::ItemKind;
use crate::stored::FieldChange;
use crate::{Status, Upload};

/// Returns the fields of a user that differ between before and after.
pub fn fields_of_user(change: &Change) -> Vec<FieldChange> {
    let list = |fields: &Option<Fields>| fields.as_ref().map(|f| f.list().map(|(h, v)| (h, v.to_owned())));
    let (before, after) = (list(&change.before), list(&change.after));
    let Some(headers) = before.clone().or(after.clone()) else { return Vec::new() };
    let at =
        |side: &Option<[(&'static str, String); 13]>, i: usize| side.as_ref().map_or(String::new(), |s| s[i].1.clone());
    headers
        .iter()
        .enumerate()
        .map(|(i, (header, _))| FieldChange {
            field: (*header).to_owned(),
            before: at(&before, i),
            after: at(&after, i),
        })
        .filter(|c| c.before != c.after)
        .collect()
}

/// Returns what else is to know of a change.
///
/// What becomes of the account and its password, what depends on another change or on whoever approves, and what the
/// settings keep.
pub fn note_of_user(change: &Change) -> Option<String> {
    let mut notes = Vec::new();
    match (change.kind, &change.after) {
        (Kind::Removed, None) => notes.push("The account is deleted, and recoverable for 30 days."),
        (Kind::Removed, Some(_)) => notes.push("The account is disabled and stays."),
        _ => {}
    }
    if change.restores {
        notes.push("The user was deleted, and comes back with the same GUID.");
    }
    match change.password {
        Some(PasswordSource::File) => {
            notes.push("The password comes from the file, to be changed at the first sign-in.")
        }
        Some(PasswordSource::FileLasting) => notes.push("The password comes from the file."),
        Some(PasswordSource::Temporary | PasswordSource::Words)
            if !change.restores && change.before.is_some() =>
        {
            notes.push(
                "The user may do more than before, and others may know the password: it is replaced by a temporary one, \
                 which will be in the completed file.",
            )
        }
        Some(PasswordSource::Temporary) => notes.push("A temporary password will be in the completed file."),
        Some(PasswordSource::Words) => notes.push("A temporary password of words will be in the completed file."),
        Some(PasswordSource::Default) => {
            notes.push("The password is the default password, to be changed at the first sign-in.")
        }
        None => {}
    }
    if change.two_people.is_some() {
        notes.push(
            "The custom ID is new, and the rest is this user\u{2019}s: you decide whether it is the same person.",
        );
    }
    if change.exchange.is_some() {
        notes.push("Takes over a user name or an e-mail address from another change; they happen together.");
    }
    let kept = not_updated(&change.not_updated);
    notes.extend(kept.as_deref());
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// Returns which fields differ in the file and are kept by the settings.
fn not_updated(fields: &[KeptField]) -> Option<String> {
    let field = |kept: &KeptField| {
        let KeptField { column, said, kept } = kept;
        format!("{} is \u{201c}{said}\u{201d} in the file and stays \u{201c}{kept}\u{201d}", column.header())
    };
    let fields: Vec<String> = fields.iter().map(field).collect();
    (!fields.is_empty()).then(|| format!("Not updated, by the settings: {}.", fields.join("; ")))
}

/// Returns what people call a class: its name, or its ID where it has none.
pub fn class_name(name: &str, class_id: &str) -> String {
    if name.is_empty() { class_id.to_owned() } else { name.to_owned() }
}

/// Returns the row that asks for a change, and in which file of a set it stands.
pub fn row_in_file(row: Option<u32>, part: Option<SetPart>) -> Option<String> {
    let row = row?;
    Some(part.map_or_else(|| format!("row {row}"), |part| format!("row {row} of {}", part.file_name())))
}

/// Returns why an enrolment ends, and what it depends on.
pub fn note_of_enrolment(change: &EnrolmentChange) -> Option<String> {
    let why =
        change.why.filter(|_| change.kind == EnrolmentKind::Ended).map(|why| format!("Because {}.", why.as_str()));
    let depends =
        change.only_two_people.then(|| "Only if you say that the new custom ID is another person\u{2019}s.".to_owned());
    let notes: Vec<String> = why.into_iter().chain(depends).collect();
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// Returns the fields that differ, by the headers of their columns; of a new class those that it has.
pub fn fields_of_class(change: &ClassChange) -> Vec<FieldChange> {
    let before = change.before.as_ref().map(ClassFields::list);
    let pairs = change.after.list().into_iter().enumerate().map(|(i, (field, after))| FieldChange {
        field: field.to_owned(),
        before: before.as_ref().map_or_else(String::new, |before| before[i].1.clone()),
        after,
    });
    pairs.filter(|change| change.before != change.after).collect()
}

/// Returns the fields of an enrolment that differ; none of one that begins or ends.
pub fn fields_of_enrolment(change: &EnrolmentChange) -> Vec<FieldChange> {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Vec::new() };
    let list = |fields: &EnrolmentFields| {
        [
            (Column::ClassRole, fields.role.to_string()),
            (Column::EnrolmentStartDate, day(fields.starts.as_ref())),
            (Column::EnrolmentEndDate, day(fields.ends.as_ref())),
        ]
    };
    let pairs = list(before).into_iter().zip(list(after));
    pairs
        .map(|((field, before), (_, after))| FieldChange { field: field.header().to_owned(), before, after })
        .filter(|change| change.before != change.after)
        .collect()
}

fn day(day: Option<&Day>) -> String {
    day.map(ToString::to_string).unwrap_or_default()
}

/// Whether changes are done, are still to come, or never will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tense {
    Done,
    Ahead,
    Rejected,
}

impl Tense {
    /// Returns how one speaks of the changes of an upload.
    pub fn of(upload: &Upload) -> Tense {
        match upload.status {
            Status::Queued | Status::Paused | Status::InProgress | Status::AwaitingApproval => Tense::Ahead,
            Status::Failed if upload.done.is_none() => Tense::Rejected,
            Status::Completed | Status::CompletedWithErrors | Status::Failed => Tense::Done,
            Status::Rejected => Tense::Rejected,
        }
    }

    fn of_three(self, [done, ahead, rejected]: [&'static str; 3]) -> &'static str {
        match self {
            Tense::Done => done,
            Tense::Ahead => ahead,
            Tense::Rejected => rejected,
        }
    }
}

/// How many changes of each sort were left undone.
///
/// What they are of had drifted, is protected or was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftAlone {
    pub users: u64,
    pub classes: u64,
    pub enrolments: u64,
}

impl LeftAlone {
    /// Counts those of an upload by their findings: there is one for each.
    pub fn of(upload: &Upload) -> LeftAlone {
        let found = |code| upload.findings.get(&code).copied().unwrap_or_default();
        let (classes, enrolments) = (found(Code::ClassDrifted), found(Code::EnrolmentDrifted));
        LeftAlone { users: upload.left_alone.saturating_sub(classes + enrolments), classes, enrolments }
    }

    /// Returns them in words, such as "1 user and 2 enrolments"; `None` where nothing was left alone.
    pub fn in_words(self, count: impl Fn(u64, &'static str, &'static str) -> String) -> Option<String> {
        let all = [
            (self.users, "user", "users"),
            (self.classes, "class", "classes"),
            (self.enrolments, "enrolment", "enrolments"),
        ];
        let said: Vec<String> =
            all.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| count(n, one, many)).collect();
        let (last, others) = said.split_last()?;
        Some(if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) })
    }
}

/// What is said of a plan that waits where another upload was carried out since it was made.
pub const OVERTAKEN: &str = "Another upload was carried out after this plan was made.";

/// Returns what follows from that, and what to do.
pub fn overtaken_advice(upload: &Upload) -> String {
    let again = if upload.by_hand { "make the edit again" } else { "send the file again" };
    format!(
        "Where it changed the same user, class or enrolment, this plan\u{2019}s change is left alone, and the findings \
         will say which. For a plan that is up to date, reject this one and {again}."
    )
}

/// Returns how many changes of users there are of each kind.
///
/// They are in the order in which people are shown them.
pub fn counts_by_kind(counts: &Counts) -> [(Kind, u64); 7] {
    [
        (Kind::Created, counts.created),
        (Kind::Updated, counts.updated),
        (Kind::Moved, counts.moved),
        (Kind::Reactivated, counts.reactivated),
        (Kind::Renamed, counts.renamed),
        (Kind::Rekeyed, counts.rekeyed),
        (Kind::Removed, counts.removed),
    ]
}

/// Returns the word for a kind of change.
pub fn kind(kind: Kind, tense: Tense) -> &'static str {
    tense.of_three(match kind {
        Kind::Created => ["Created", "To create", "Would have been created"],
        Kind::Updated => ["Updated", "To update", "Would have been updated"],
        Kind::Moved => ["Moved", "To move", "Would have been moved"],
        Kind::Reactivated => ["Reactivated", "To reactivate", "Would have been reactivated"],
        Kind::Renamed => ["Renamed", "To rename", "Would have been renamed"],
        Kind::Rekeyed => ["New ID"; 3],
        Kind::Removed => ["Removed", "To remove", "Would have been removed"],
    })
}

/// Returns the words for a kind of change of a class.
pub fn class_kind(kind: ClassKind, tense: Tense) -> &'static str {
    tense.of_three(match kind {
        ClassKind::Created => ["Class created", "Class to create", "Class would have been created"],
        ClassKind::Updated => ["Class updated", "Class to update", "Class would have been updated"],
        ClassKind::Restored => ["Class restored", "Class to restore", "Class would have been restored"],
        ClassKind::Archived => ["Class archived", "Class to archive", "Class would have been archived"],
    })
}

/// Returns the words for a kind of change of an enrolment.
pub fn enrolment_kind(kind: EnrolmentKind, tense: Tense) -> &'static str {
    tense.of_three(match kind {
        EnrolmentKind::Created => ["Enrolled", "To enrol", "Would have been enrolled"],
        EnrolmentKind::Updated => ["Enrolment updated", "Enrolment to update", "Enrolment would have been updated"],
        EnrolmentKind::Ended => ["Enrolment ended", "Enrolment to end", "Enrolment would have ended"],
    })
}

/// Returns the words for a kind of change of classes and enrolments together.
pub fn item_kind(kind: ItemKind, tense: Tense) -> &'static str {
    tense.of_three(match kind {
        ItemKind::Created => ["Created", "To create", "Would have been created"],
        ItemKind::Updated => ["Updated", "To update", "Would have been updated"],
        ItemKind::Ended => ["Ended", "To end", "Would have ended"],
    })
}

#[cfg(test)]
mod tests {
    use roster::{ClassGuid, ClassRole, ClassStatus, EndReason, Grade, Guid, SchoolId, ShownEnrolment, UserType};

    use super::*;

    fn fields(grade: Grade) -> Fields {
        Fields {
            custom_id: "7".to_owned(),
            first_name: "Ora".to_owned(),
            middle_name: String::new(),
            last_name: "Klein".to_owned(),
            email: String::new(),
            school: SchoolId("s".to_owned()),
            user_type: UserType::Student,
            position: String::new(),
            grade,
            status: roster::Status::Active,
            username: "7".to_owned(),
            roles: roster::Roles::default(),
            source: None,
        }
    }

    fn change(kind: Kind, before: Option<Fields>, after: Option<Fields>) -> Change {
        let guid: Guid = serde_json::from_str("\"00000000-0000-4000-8000-000000000000\"").unwrap();
        Change {
            kind,
            guid,
            row: None,
            seen_version: None,
            before,
            after,
            password: None,
            restores: false,
            exchange: None,
            two_people: None,
            not_updated: Vec::new(),
        }
    }

    #[test]
    fn only_fields_that_change_are_shown() {
        let shown = fields_of_user(&change(Kind::Updated, Some(fields(Grade::G3)), Some(fields(Grade::G4))));
        assert_eq!(shown, [FieldChange { field: "grade".to_owned(), before: "3".to_owned(), after: "4".to_owned() }]);
    }

    #[test]
    fn a_new_user_shows_what_it_has() {
        let shown = fields_of_user(&change(Kind::Created, None, Some(fields(Grade::K))));
        assert!(shown.iter().all(|c| c.before.is_empty() && !c.after.is_empty()));
        assert!(shown.iter().any(|c| c.field == "last_name" && c.after == "Klein"));
    }

    #[test]
    fn deleting_and_disabling_are_told_apart() {
        let deleted = note_of_user(&change(Kind::Removed, Some(fields(Grade::K)), None)).unwrap();
        let disabled = note_of_user(&change(Kind::Removed, Some(fields(Grade::K)), Some(fields(Grade::K)))).unwrap();
        assert!(deleted.contains("deleted") && disabled.contains("disabled"));
    }

    fn class_fields(name: &str) -> ClassFields {
        ClassFields {
            class_id: "M-7".to_owned(),
            school: SchoolId("s".to_owned()),
            name: name.to_owned(),
            grade: Grade::G7,
            course_code: String::new(),
            subject: "Mathematics".to_owned(),
            period: String::new(),
            term: String::new(),
            starts: None,
            ends: None,
            status: ClassStatus::Active,
        }
    }

    fn class_change(before: Option<&str>, after: &str) -> ClassChange {
        ClassChange {
            kind: if before.is_none() { ClassKind::Created } else { ClassKind::Updated },
            class: ClassGuid(uuid::Uuid::nil()),
            row: None,
            part: None,
            seen_version: None,
            before: before.map(class_fields),
            after: class_fields(after),
        }
    }

    #[test]
    fn only_fields_of_a_class_that_change_are_shown() {
        let shown = fields_of_class(&class_change(Some("Maths"), "Maths 7"));
        let expected =
            FieldChange { field: "class_name".to_owned(), before: "Maths".to_owned(), after: "Maths 7".to_owned() };
        assert_eq!(shown, [expected]);
        let new = fields_of_class(&class_change(None, "Maths"));
        assert!(new.iter().all(|change| change.before.is_empty() && !change.after.is_empty()) && new.len() == 6);
    }

    #[test]
    fn why_an_enrolment_ends_is_told() {
        let ended = EnrolmentChange {
            kind: EnrolmentKind::Ended,
            class: serde_json::from_str("\"00000000-0000-4000-8000-000000000000\"").unwrap(),
            user: serde_json::from_str("\"00000000-0000-4000-8000-000000000001\"").unwrap(),
            two_people: None,
            row: None,
            part: None,
            user_row: None,
            seen_version: Some(1),
            before: Some(EnrolmentFields { role: ClassRole::Student, starts: None, ends: None }),
            after: None,
            only_two_people: false,
            why: Some(EndReason::ClassArchived),
            shown: ShownEnrolment {
                school: SchoolId("s".to_owned()),
                class_id: "M-7".to_owned(),
                class_name: String::new(),
                custom_id: "7".to_owned(),
                first_name: "Ora".to_owned(),
                last_name: "Klein".to_owned(),
            },
        };
        assert_eq!(note_of_enrolment(&ended).as_deref(), Some("Because the class is archived."));
        let other = EnrolmentChange { why: None, only_two_people: true, ..ended };
        assert!(note_of_enrolment(&other).is_some_and(|note| note.starts_with("Only if you say")));
    }

    #[test]
    fn a_row_of_a_set_names_its_file() {
        assert_eq!(row_in_file(Some(5), None).as_deref(), Some("row 5"));
        assert_eq!(row_in_file(Some(5), Some(SetPart::Enrolments)).as_deref(), Some("row 5 of enrolments.csv"));
        assert_eq!(row_in_file(None, Some(SetPart::Classes)), None);
    }
}
