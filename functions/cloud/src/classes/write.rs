//! Writing classes. Everything about one class is one transaction: its item (conditional on the version that was seen), the
//! reservation of its class ID, and an entry in its history, which can be written only once: a change that is carried out
//! again is refused there, and known to be done.

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use roster::{ClassChange, ClassFields, ClassGuid, ClassKind};
use wire::stored::{ClassLogEntry, Outcome};

use super::item::listed_at;
use super::log::{ClassAuthor, changed};
use crate::changes::Applying;
use crate::table::{Item, Key, json, n, s};
use crate::transact::{Transacted, WriteAction};
use crate::{Cloud, Error};

/// How many transactions are under way at once.
pub(super) const SIDE_BY_SIDE: usize = 8;

/// One write of a class.
pub(super) struct ClassWrite {
    pub(super) kind: ClassKind,
    pub(super) class: ClassGuid,
    /// The version and the fields that were seen; `None` for a new class.
    pub(super) before: Option<(u64, ClassFields)>,
    pub(super) after: ClassFields,
    /// Its entry in the audit log; what an upload does is told there once for all its changes.
    pub(super) audit: Vec<WriteAction>,
}

impl Cloud {
    /// Carries changes of classes out and says what became of each, in their order.
    ///
    /// Repeating it is safe and gives `Done` for what was done.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where a change can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn class_carry_out(
        &self,
        changes: &[ClassChange],
        applying: &Applying<'_>,
    ) -> Result<Vec<Outcome>, Error> {
        let author = ClassAuthor::of_upload(applying);
        let writes: Vec<ClassWrite> = changes.iter().map(write_of).collect::<Result<_, _>>()?;
        let written = stream::iter(writes).map(|write| self.class_write(write, &author)).buffered(SIDE_BY_SIDE);
        written.try_collect().await
    }

    pub(super) async fn class_write(&self, write: ClassWrite, author: &ClassAuthor) -> Result<Outcome, Error> {
        // The history first and the class second: of what is refused, the first counts.
        let mut actions = vec![log(&write, author)?, class(&write, author)?];
        actions.extend(reservations(&write));
        actions.extend(write.audit);
        Ok(match self.transact(actions).await? {
            Transacted::Committed => Outcome::Done,
            Transacted::Rejected(refused) if refused.contains(&0) => Outcome::Done,
            Transacted::Rejected(refused) if refused.contains(&1) => Outcome::Drifted,
            Transacted::Rejected(_) => Outcome::Taken,
        })
    }
}

fn write_of(change: &ClassChange) -> Result<ClassWrite, Error> {
    let ClassChange { kind, class, seen_version, before, after, .. } = change;
    let before = match (kind, seen_version, before) {
        (ClassKind::Created, ..) => None,
        (_, Some(version), Some(fields)) => Some((*version, fields.clone())),
        _ => return Err(Error::Item(format!("a change of {class} does not say of what"))),
    };
    Ok(ClassWrite { kind: *kind, class: *class, before, after: after.clone(), audit: Vec::new() })
}

fn log(write: &ClassWrite, author: &ClassAuthor) -> Result<WriteAction, Error> {
    let fields = changed(write.before.as_ref().map(|(_, fields)| fields), &write.after);
    author.log_of_class(write.class, &ClassLogEntry { kind: Some(write.kind), fields, ..author.entry() })
}

fn class(write: &ClassWrite, author: &ClassAuthor) -> Result<WriteAction, Error> {
    let [partition, place] = listed_at(write.class, &write.after);
    let seen = write.before.as_ref().map(|(version, _)| *version);
    let mut attributes: Vec<(&str, AttributeValue)> = vec![
        ("version", n(seen.unwrap_or_default() + 1)),
        ("fields", json(&write.after)?),
        ("gsi_pk", s(partition)),
        ("gsi_sk", s(place)),
    ];
    attributes.extend(author.upload.iter().map(|upload| ("last_upload", s(&upload.0))));
    if write.kind == ClassKind::Archived {
        // `archived_by` stays when the class is restored: the enrolments to bring back are found by it, in several
        // transactions where one is not enough.
        attributes.extend([("archived_at", n(author.at)), ("archived_by", s(&author.id))]);
    }
    let key = Key::class(write.class);
    let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value));
    let Some(seen) = seen else {
        return Ok(WriteAction::put_new(&key, attributes.collect()));
    };
    let attributes: Vec<(String, AttributeValue)> = attributes.collect();
    let set: Vec<String> = attributes.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
    let remove = if write.kind == ClassKind::Restored { " REMOVE archived_at" } else { "" };
    let update = WriteAction::update(&key, &format!("SET {}{remove}", set.join(", ")), []).with_values(attributes);
    Ok(update.only_if("version = :seen", [(":seen", n(seen))]))
}

/// Returns the reservation of a class ID that is new, and the end of that of a former one.
fn reservations(write: &ClassWrite) -> Vec<WriteAction> {
    let before = write.before.as_ref().map(|(_, fields)| &fields.class_id);
    if before == Some(&write.after.class_id) {
        return Vec::new();
    }
    let own = |action: WriteAction| {
        let values = [(":own", s(write.class.to_string()))];
        action.only_if("attribute_not_exists(pk) OR #class = :own", values)
    };
    let item = Item::from([("class".to_owned(), s(write.class.to_string()))]);
    let mut actions = vec![own(WriteAction::put(&Key::class_id(&write.after.class_id), item))];
    actions.extend(before.map(|id| own(WriteAction::delete(&Key::class_id(id)))));
    actions
}
