//! The history of a class: what was done to it, and how many enrolments began and ended. Of whom it says nothing.

use roster::{ClassFields, ClassGuid};
use wire::UploadId;
use wire::stored::{ClassLogEntry, FieldChange};
use wire::upload::Decider;

use crate::changes::{Applying, author};
use crate::table::{Item, Key, SortKeys, from_json, json, needed, s};
use crate::transact::WriteAction;
use crate::{Cloud, Error};

/// How many entries of a class's history are read at once, and shown.
const HISTORY_ENTRIES: i32 = 100;

/// On whose behalf classes and enrolments are written.
#[derive(Debug, Clone)]
pub(super) struct ClassAuthor {
    /// The time of the history's entries, and of what is archived and ends.
    pub(super) at: u64,
    /// The upload, or a change by hand that is like no other.
    pub(super) id: String,
    pub(super) upload: Option<UploadId>,
    pub(super) by: Option<String>,
}

impl ClassAuthor {
    pub(super) fn of_upload(applying: &Applying<'_>) -> ClassAuthor {
        let by = applying.decision.by.as_ref().map(|by| by.username.clone());
        ClassAuthor { at: applying.at, id: applying.upload.0.clone(), upload: Some(applying.upload.clone()), by }
    }

    /// Returns the author of what somebody does by hand, or what follows from that; of nobody where the settings ask for it.
    pub(super) fn by_hand(by: Option<&Decider>, at: u64) -> ClassAuthor {
        ClassAuthor { at, id: author(None), upload: None, by: by.map(|by| by.username.clone()) }
    }

    /// Returns an entry of the history in which nothing is done yet.
    pub(super) fn entry(&self) -> ClassLogEntry {
        ClassLogEntry {
            at: self.at,
            upload: self.upload.clone(),
            by: self.by.clone(),
            kind: None,
            fields: Vec::new(),
            enrolled: 0,
            updated: 0,
            ended: 0,
        }
    }

    /// Returns the action that enters what was done to the class itself. It is written with the class, so it says for ever
    /// that it is done.
    pub(super) fn log_of_class(&self, class: ClassGuid, entry: &ClassLogEntry) -> Result<WriteAction, Error> {
        Ok(WriteAction::put_new(&Key::class_log(class, self.at, &self.id, ""), self.log_item(entry)?))
    }

    /// Returns the action that enters what one transaction did to enrolments of the class.
    pub(super) fn log_of_enrolments(&self, class: ClassGuid, entry: &ClassLogEntry) -> Result<WriteAction, Error> {
        let part = format!("#{}", uuid::Uuid::new_v4());
        Ok(WriteAction::put(&Key::class_log(class, self.at, &self.id, &part), self.log_item(entry)?))
    }

    fn log_item(&self, entry: &ClassLogEntry) -> Result<Item, Error> {
        Ok(Item::from([("log".to_owned(), json(entry)?), ("author".to_owned(), s(&self.id))]))
    }
}

impl Cloud {
    /// Returns what happened to a class, newest first, as much of it as is shown.
    ///
    /// There is an entry for each upload and each change by hand.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, and [`Error::Item`] where an item of it can't be read.
    pub async fn class_history(&self, class: ClassGuid) -> Result<Vec<ClassLogEntry>, Error> {
        let query = self.query_pk(Key::class_log_pk(class), SortKeys::All).consistent_read(true);
        let answer = query.scan_index_forward(false).limit(HISTORY_ENTRIES).send().await?;
        let mut entries: Vec<(String, ClassLogEntry)> = Vec::new();
        for item in answer.items() {
            let (author, entry) = (needed(item, "author")?, from_json::<ClassLogEntry>(item, "log")?);
            match entries.last_mut().filter(|(last, whole)| last == author && whole.at == entry.at) {
                Some((_, whole)) => add(whole, entry),
                None => entries.push((author.to_owned(), entry)),
            }
        }
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }
}

/// Adds what another transaction of the same author did.
fn add(whole: &mut ClassLogEntry, part: ClassLogEntry) {
    whole.kind = whole.kind.or(part.kind);
    whole.fields.extend(part.fields);
    whole.enrolled += part.enrolled;
    whole.updated += part.updated;
    whole.ended += part.ended;
}

/// Returns the fields of a class that differ, by the headers of their columns. The school is its identifier here.
pub(super) fn changed(before: Option<&ClassFields>, after: &ClassFields) -> Vec<FieldChange> {
    let before = before.map(ClassFields::list);
    let after = after.list().into_iter().enumerate();
    let pairs = after.map(|(i, (field, after))| {
        let before = before.as_ref().map_or_else(String::new, |before| before[i].1.clone());
        FieldChange { field: field.to_owned(), before, after }
    });
    pairs.filter(|change| change.before != change.after).collect()
}
