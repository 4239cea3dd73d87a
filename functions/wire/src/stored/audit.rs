//! The audit log: who did what to what, from which file and row, and when.
//!
//! Entries are only ever added. They have no name, address or password of anybody whose account is looked after, but
//! custom IDs and GUIDs, so that erasing a user changes nothing here; who acts is named by the user name.

use std::fmt;

use roster::{ClassGuid, Counts, Guid, RoleId, SchoolId, Scope};
use serde::{Deserialize, Serialize};

use crate::attribute::Attribute;
use crate::stored::api_key::KeyId;
use crate::stored::history::{FieldChange, HistoryEntry};
use crate::stored::upload::{Decider, Source, Upload, UploadId};

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since 1970.
    pub at: u64,
    /// `None` where the settings decided, or Rollbook did it by itself.
    pub by: Option<Decider>,
    pub action: Action,
    pub subject: Subject,
    /// The school whose readers may see it; `None` where it is of the whole organisation.
    pub school: Option<SchoolId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<FieldChange>,
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// [`Entry::upload`] says which.
    Upload,
    Settings,
    Role {
        id: RoleId,
    },
    School {
        id: SchoolId,
    },
    User {
        guid: Guid,
        custom_id: Option<String>,
    },
    Class {
        guid: ClassGuid,
        class_id: String,
    },
    /// All users of a school or of the organisation.
    Users,
    AuditLog,
    ApiKey {
        id: KeyId,
    },
}

impl Subject {
    /// Returns the word that files use.
    pub fn kind(&self) -> &'static str {
        match self {
            Subject::Upload => "upload",
            Subject::Settings => "settings",
            Subject::Role { .. } => "role",
            Subject::School { .. } => "school",
            Subject::User { .. } => "user",
            Subject::Class { .. } => "class",
            Subject::Users => "users",
            Subject::AuditLog => "audit_log",
            Subject::ApiKey { .. } => "api_key",
        }
    }
}

macro_rules! actions {
    ($($(#[$meta:meta])* $variant:ident $id:literal $label:literal)+) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Action { $($(#[$meta])* #[serde(rename = $id)] $variant),+ }

        impl Action {
            /// All of them, in the order of the list.
            pub const ALL: &'static [Action] = &[$(Action::$variant),+];

            /// Returns the word that files and the API use.
            pub fn as_str(self) -> &'static str {
                match self { $(Action::$variant => $id),+ }
            }

            /// Returns the words that pages use.
            pub fn label(self) -> &'static str {
                match self { $(Action::$variant => $label),+ }
            }
        }
    };
}

actions! {
    Uploaded "uploaded" "Roster uploaded"
    /// It came during a pause: the pause is over, or somebody did not wait for that.
    PauseEnded "pause_ended" "Pause of an upload ended"
    Checked "checked" "Roster checked"
    Approved "approved" "Plan approved"
    Rejected "rejected" "Plan rejected"
    /// Stands for all changes of accounts that the upload made; what they were is in its plan and its results.
    Applied "applied" "Plan applied"
    Failed "failed" "Upload failed"
    /// Because the settings keep them no longer.
    FilesDeleted "files_deleted" "Files of an upload deleted"
    SettingsChanged "settings_changed" "Settings changed"
    RoleAdded "role_added" "Role added"
    RoleChanged "role_changed" "Role changed"
    RoleDeleted "role_deleted" "Role deleted"
    SchoolAdded "school_added" "School added"
    SchoolChanged "school_changed" "School changed"
    /// By an upload: never written to the log, but read from the user's history.
    UserSynced "user_synced" "Account synced"
    /// By hand.
    UserChanged "user_changed" "Account changed by hand"
    UserRecovered "user_recovered" "Account recovered"
    UserArchived "user_archived" "Account archived"
    UserErased "user_erased" "Account erased"
    /// The lines of the user are out of the files of all uploads: nothing is left to erase.
    UserErasedFromFiles "user_erased_from_files" "Account erased from all files"
    /// By hand, and its enrolments ended with it.
    ClassArchived "class_archived" "Class archived"
    /// By hand, with the enrolments that ended when it was archived.
    ClassRestored "class_restored" "Class restored"
    PasswordReset "password_reset" "Password reset"
    PasswordSet "password_set" "Own password set"
    Downloaded "downloaded" "File downloaded"
    KeyMade "key_made" "API key made"
    KeyEnded "key_ended" "API key ended"
    WebhookMade "webhook_made" "Webhook made"
    WebhookRemoved "webhook_removed" "Webhook removed"
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Entry {
    /// Returns an entry that is about something of the whole organisation.
    pub fn new(at: u64, by: Option<Decider>, action: Action, subject: Subject) -> Entry {
        let (school, upload, file_name, row) = (None, None, None, None);
        Entry { at, by, action, subject, school, upload, file_name, row, details: Vec::new() }
    }

    /// Returns what became of an upload.
    ///
    /// Who did it follows from the upload: who sent it, or who decided.
    pub fn of_upload(at: u64, action: Action, upload: &Upload) -> Entry {
        let by = match (action, &upload.source) {
            (Action::Uploaded, Source::Administrator { guid, username, key }) => {
                Some(Decider { guid: *guid, username: username.clone(), key: key.clone() })
            }
            (Action::PauseEnded, _) => upload.pause.as_ref().and_then(|pause| pause.ended_by.clone()),
            (Action::Approved | Action::Rejected | Action::Applied, _) => {
                upload.decision.as_ref().and_then(|decision| decision.by.clone())
            }
            _ => None,
        };
        let details = match action {
            Action::Uploaded => {
                let by_hand = upload.by_hand.then(|| said("by_hand", &"yes"));
                [said("bytes", &upload.bytes)].into_iter().chain(by_hand).collect()
            }
            Action::Checked => upload.counts.iter().flat_map(counted).collect(),
            Action::Applied => {
                let left_alone = (upload.left_alone > 0).then(|| said("left_alone", &upload.left_alone));
                upload.counts_done().iter().flat_map(counted).chain(left_alone).collect()
            }
            Action::Approved | Action::Rejected => upload.digest.iter().map(|digest| said("plan", digest)).collect(),
            Action::Failed => upload.findings.iter().map(|(code, count)| said(code.as_str(), count)).collect(),
            _ => Vec::new(),
        };
        let school = match &upload.scope {
            // The log of one school is for that school alone.
            Scope::Organisation | Scope::Schools(_) => None,
            Scope::School(id) => Some(id.clone()),
        };
        Entry {
            school,
            upload: Some(upload.id.clone()),
            file_name: Some(upload.file_name.clone()),
            details,
            ..Entry::new(at, by, action, Subject::Upload)
        }
    }

    /// Returns what somebody did to a user by hand; of personal fields not even the names of the fields.
    pub fn of_user(at: u64, by: Option<Decider>, action: Action, user: &roster::User, fields: &[FieldChange]) -> Entry {
        let subject = Subject::User { guid: user.guid, custom_id: user.custom_id.clone() };
        let details = fields.iter().filter(|change| is_impersonal(change)).cloned().collect();
        Entry { school: Some(user.school.clone()), details, ..Entry::new(at, by, action, subject) }
    }

    /// Returns what an upload did to a user, from the user's own history.
    ///
    /// `upload` is the one that the history names.
    pub fn of_history(user: &roster::User, entry: HistoryEntry, upload: Option<&Upload>) -> Entry {
        let subject = Subject::User { guid: user.guid, custom_id: user.custom_id.clone() };
        let kind = said("change", &entry.kind.as_str());
        Entry {
            school: Some(user.school.clone()),
            upload: entry.upload,
            file_name: upload.map(|upload| upload.file_name.clone()),
            row: entry.row,
            details: [kind].into_iter().chain(entry.fields.into_iter().filter(is_impersonal)).collect(),
            ..Entry::new(
                entry.at,
                upload.and_then(|upload| upload.decision.as_ref()?.by.clone()),
                Action::UserSynced,
                subject,
            )
        }
    }
}

fn is_impersonal(change: &FieldChange) -> bool {
    !Attribute::from_name(&change.field).is_some_and(Attribute::is_personal)
}

/// Returns the detail of something that has no before.
pub fn said(field: &str, value: &impl fmt::Display) -> FieldChange {
    FieldChange { field: field.to_owned(), before: String::new(), after: value.to_string() }
}

fn counted(counts: &Counts) -> Vec<FieldChange> {
    let Counts {
        created,
        updated,
        moved,
        reactivated,
        removed,
        unchanged,
        rejected,
        renamed,
        rekeyed,
        kept,
        outside,
        further,
    } = *counts;
    let counts = [
        ("created", created),
        ("updated", updated),
        ("moved", moved),
        ("reactivated", reactivated),
        ("renamed", renamed),
        ("rekeyed", rekeyed),
        ("removed", removed),
        ("unchanged", unchanged),
        ("rejected", rejected),
        ("kept", kept),
        ("outside", outside),
        ("further", further),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(word, count)| said(word, &count)).collect()
}

/// Returns every place in `before` or `after` whose value differs, as `full.limits.shrink_percent`.
///
/// Lists differ as a whole. Values of what is named like a secret are not told.
pub fn differences(before: &impl Serialize, after: &impl Serialize) -> Vec<FieldChange> {
    let value = |value: Result<serde_json::Value, _>| value.unwrap_or_default();
    let mut found = Vec::new();
    compare("", &value(serde_json::to_value(before)), &value(serde_json::to_value(after)), &mut found);
    found
}

fn compare(path: &str, before: &serde_json::Value, after: &serde_json::Value, found: &mut Vec<FieldChange>) {
    use serde_json::Value::{Null, Object};
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (before, after) {
        _ if before == after => {}
        (Object(old), Object(new)) => {
            for (name, value) in old {
                compare(&below(name), value, new.get(name).unwrap_or(&Null), found);
            }
            for (name, value) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
                compare(&below(name), &Null, value, found);
            }
        }
        _ => {
            let secret = ["secret", "hash"].iter().any(|word| path.contains(word));
            let text = |value: &serde_json::Value| if secret { "(not shown)".to_owned() } else { in_words(value) };
            found.push(FieldChange { field: path.to_owned(), before: text(before), after: text(after) });
        }
    }
}

fn in_words(value: &serde_json::Value) -> String {
    match value {
        // A mapping can be long, and its version says that it was changed.
        serde_json::Value::Object(fields) if fields.contains_key("version") && fields.contains_key("name") => {
            format!("{} (version {})", in_words(&fields["name"]), fields["version"])
        }
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(list) => list.iter().map(in_words).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use roster::{Mode, Settings};

    use super::*;

    fn change(field: &str, before: &str, after: &str) -> FieldChange {
        FieldChange { field: field.to_owned(), before: before.to_owned(), after: after.to_owned() }
    }

    #[test]
    fn settings_differ_place_by_place() {
        let before = Settings::default();
        let mut after = before.clone();
        assert_eq!(before.of(Mode::Full).limits.shrink_percent, Some(10.0));
        after.full.limits.shrink_percent = None;
        after.partial.requires_approval = false;
        after.accounts.roles.teacher.insert(roster::RoleId::new("mentor"));
        assert_eq!(
            differences(&before, &after),
            [
                change("accounts.roles.teacher", "teacher", "mentor;teacher"),
                change("full.limits.shrink_percent", "10.0", ""),
                change("partial.requires_approval", "true", "false"),
            ]
        );
        assert_eq!(differences(&before, &before), []);
        let mut mapped = before.clone();
        mapped.reading.profiles.push(roster::MappingProfile::identity());
        let told = [change("reading.profiles", "", "As it is (version 1)")];
        assert_eq!(differences(&before, &mapped), told, "a mapping is named, and not told as a whole");
    }

    #[test]
    fn secrets_are_not_told() {
        let of = |value: &str| serde_json::json!({ "client_secret": value, "hash": { "a": value } });
        let told = differences(&of("one"), &of("two"));
        assert_eq!(told.len(), 2);
        assert!(told.iter().all(|change| change.before == "(not shown)" && change.after == "(not shown)"));
    }

    #[test]
    fn nothing_personal_of_a_user_is_in_an_entry() {
        let user = serde_json::json!({
            "guid": "01890a5d-ac96-774b-bcce-b302099a8057", "custom_id": "00123", "first_name": "Ora",
            "middle_name": "", "last_name": "Klein", "email": "", "school": "a", "user_type": "Student",
            "position": "", "grade": "9", "status": "Active", "username": "ora.klein",
        });
        let user = serde_json::from_value(user).unwrap();
        let fields = ["first_name", "middle_name", "last_name", "email", "username"];
        let fields = fields.map(|field| change(field, "Ora", "Klein"));
        let fields: Vec<FieldChange> = fields.into_iter().chain([change("custom_id", "1", "00123")]).collect();
        let entry = Entry::of_user(1, None, Action::UserChanged, &user, &fields);
        assert_eq!(entry.details, [change("custom_id", "1", "00123")]);
        let json = serde_json::to_string(&entry).unwrap();
        assert!(!json.contains("Ora") && !json.contains("Klein") && json.contains("00123"));
    }
}
