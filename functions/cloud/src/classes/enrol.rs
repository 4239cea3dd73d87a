//! Writing enrolments.
//!
//! Many are packed into one transaction, with what must hold for them: that the class is taught, and that whoever comes
//! into it is there. Where one of them is refused, DynamoDB says which, and the rest goes again without it. An enrolment
//! says which upload wrote it last, and an upload writes one only once: so what is refused because it was done before is
//! known to be done.
//!
//! Two transactions at once must not touch the same item, not even to see what holds of it, or one of them is sent away. A
//! pupil is in several classes, so transactions about the same pupil wait for each other here.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use roster::user::RECOVERABLE_MILLIS;
use roster::{ClassGuid, EndReason, EnrolmentChange, EnrolmentFields, EnrolmentKind, Guid};
use wire::stored::{ClassLogEntry, Outcome};

use super::item::enrolled_pk;
use super::log::ClassAuthor;
use super::write::SIDE_BY_SIDE;
use crate::changes::Applying;
use crate::table::{Key, json, n, needed, s, string};
use crate::transact::{MAX_ACTIONS, Transacted, WriteAction};
use crate::{Cloud, Error};

/// One write of an enrolment.
#[derive(Debug, Clone)]
pub(super) struct EnrolmentWrite {
    pub(super) class: ClassGuid,
    pub(super) user: Guid,
    pub(super) deed: Deed,
}

/// What is done to an enrolment.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// The user is not in the class, or was in it before.
    Enrol(EnrolmentFields),
    Change {
        seen: u64,
        fields: EnrolmentFields,
    },
    /// `seen` is `None` where it ends whatever it is.
    End {
        seen: Option<u64>,
        why: EndReason,
    },
    /// It ended when its class was archived by this author, and is as it was before.
    ComeBack {
        archived_by: String,
    },
}

impl EnrolmentWrite {
    fn key(&self) -> Key {
        Key::enrolment(self.class, self.user)
    }

    /// Returns whether the user is in the class after it, so that the class must be taught.
    fn needs_class(&self) -> bool {
        !matches!(self.deed, Deed::End { .. })
    }

    /// Returns whether the user comes into the class, so that it must be there.
    fn needs_user(&self) -> bool {
        matches!(self.deed, Deed::Enrol(_) | Deed::ComeBack { .. })
    }
}

impl Cloud {
    /// Carries changes of enrolments out and says what became of each, in their order.
    ///
    /// Repeating it is safe and gives `Done` for what was done.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer, [`Error::Item`] where a change or an item can't be read, and
    /// [`Error::Contended`] where others write the same items again and again.
    pub async fn enrolment_carry_out(
        &self,
        changes: &[EnrolmentChange],
        applying: &Applying<'_>,
    ) -> Result<Vec<Outcome>, Error> {
        let writes: Vec<EnrolmentWrite> = changes.iter().map(write_of).collect::<Result<_, _>>()?;
        self.enrolment_write_all(writes, &ClassAuthor::of_upload(applying)).await
    }

    /// Writes enrolments and says what became of each, in their order.
    pub(super) async fn enrolment_write_all(
        &self,
        writes: Vec<EnrolmentWrite>,
        author: &ClassAuthor,
    ) -> Result<Vec<Outcome>, Error> {
        let entering = writes.iter().filter(|write| write.needs_user()).map(|write| write.user);
        let homes = self.user_homes(entering.collect()).await?;
        // Who is not there can't come into a class.
        let mut outcomes = vec![Outcome::Drifted; writes.len()];
        let numbered = writes.into_iter().enumerate().filter_map(|(number, write)| {
            let home = homes.get(&write.user).filter(|_| write.needs_user()).cloned();
            (home.is_some() || !write.needs_user()).then_some(PlannedEnrolment { number, write, home })
        });
        for round in rounds(pack(numbered)) {
            // A closure that is called by the stream would be of one lifetime only.
            let writes: Vec<_> = round.into_iter().map(|pack| self.write_enrolments(pack, author)).collect();
            let mut written = stream::iter(writes).buffer_unordered(SIDE_BY_SIDE);
            while let Some(settled) = written.try_next().await? {
                settled.into_iter().for_each(|(number, outcome)| outcomes[number] = outcome);
            }
        }
        Ok(outcomes)
    }

    /// Writes those of one transaction. Those that are refused are taken out, and the rest is tried again.
    async fn write_enrolments(
        &self,
        pack: EnrolmentPack,
        author: &ClassAuthor,
    ) -> Result<Vec<(usize, Outcome)>, Error> {
        let mut open = pack.planned;
        let mut settled = Vec::new();
        while !open.is_empty() {
            let (needs, actions): (Vec<Need>, Vec<WriteAction>) = actions(&open, author)?.into_iter().unzip();
            let Transacted::Rejected(refused) = self.transact(actions).await? else {
                settled.extend(open.iter().map(|planned| (planned.number, Outcome::Done)));
                break;
            };
            let unmet: HashSet<Need> = refused.iter().filter_map(|&at| needs.get(at).copied()).collect();
            let (out, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|planned| planned.lacks(&unmet));
            if out.is_empty() {
                return Err(Error::Contended("the history of a class"));
            }
            settled.extend(self.outcomes_of_refused(&out, author).await?);
            open = rest;
        }
        Ok(settled)
    }

    /// Tells those that this upload has written before from those that must be left alone.
    async fn outcomes_of_refused(
        &self,
        refused: &[PlannedEnrolment],
        author: &ClassAuthor,
    ) -> Result<Vec<(usize, Outcome)>, Error> {
        let mut written = HashSet::new();
        if let Some(upload) = &author.upload {
            let keys = refused.iter().map(|planned| planned.write.key()).collect();
            for item in self.item_get_many(keys, &["pk", "sk", "last_upload"]).await? {
                if string(&item, "last_upload") == Some(&upload.0) {
                    written.insert(Key::new(needed(&item, "pk")?, needed(&item, "sk")?));
                }
            }
        }
        let outcome = |planned: &PlannedEnrolment| {
            if written.contains(&planned.write.key()) { Outcome::Done } else { Outcome::Drifted }
        };
        Ok(refused.iter().map(|planned| (planned.number, outcome(planned))).collect())
    }
}

/// A write with its place among all, and the key of the user's item where that must be there.
struct PlannedEnrolment {
    number: usize,
    write: EnrolmentWrite,
    home: Option<Key>,
}

/// What an action is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Need {
    Enrolment(ClassGuid, Guid),
    Class(ClassGuid),
    User(Guid),
    /// Written wherever the rest is, and never refused by itself.
    Log,
}

impl PlannedEnrolment {
    /// Returns whether one of these is what it needs.
    fn lacks(&self, unmet: &HashSet<Need>) -> bool {
        let EnrolmentWrite { class, user, .. } = self.write;
        unmet.contains(&Need::Enrolment(class, user))
            || (self.write.needs_class() && unmet.contains(&Need::Class(class)))
            || (self.write.needs_user() && unmet.contains(&Need::User(user)))
    }

    /// Returns the keys of the items that its transaction touches, and one that stands for the entry of the history.
    fn keys(&self) -> impl Iterator<Item = Key> {
        let EnrolmentWrite { class, .. } = self.write;
        let log = Key::new(Key::class_log_pk(class), "");
        let class = self.write.needs_class().then(|| Key::class(class));
        [self.write.key(), log].into_iter().chain(class).chain(self.home.clone())
    }
}

/// The writes of one transaction, and the keys of what it touches.
struct EnrolmentPack {
    planned: Vec<PlannedEnrolment>,
    keys: HashSet<Key>,
}

/// Fills transactions: as many writes in a row as fit, no two of the same enrolment.
fn pack(writes: impl Iterator<Item = PlannedEnrolment>) -> Vec<EnrolmentPack> {
    let mut packs: Vec<EnrolmentPack> = Vec::new();
    for planned in writes {
        let keys: Vec<Key> = planned.keys().collect();
        match packs.last_mut().filter(|pack| fits(pack, &planned, &keys)) {
            Some(pack) => {
                pack.keys.extend(keys);
                pack.planned.push(planned);
            }
            None => packs.push(EnrolmentPack { planned: vec![planned], keys: keys.into_iter().collect() }),
        }
    }
    packs
}

fn fits(pack: &EnrolmentPack, planned: &PlannedEnrolment, keys: &[Key]) -> bool {
    let more = keys.iter().filter(|key| !pack.keys.contains(key)).count();
    pack.keys.len() + more <= MAX_ACTIONS && !pack.keys.contains(&planned.write.key())
}

/// Parts the packs into rounds, in each of which no two touch the same item.
fn rounds(packs: Vec<EnrolmentPack>) -> Vec<Vec<EnrolmentPack>> {
    let mut rounds: Vec<(HashSet<Key>, Vec<EnrolmentPack>)> = Vec::new();
    for pack in packs {
        match rounds.iter_mut().find(|(keys, _)| keys.is_disjoint(&pack.keys)) {
            Some((keys, packs)) => {
                keys.extend(pack.keys.iter().cloned());
                packs.push(pack);
            }
            None => rounds.push((pack.keys.clone(), vec![pack])),
        }
    }
    rounds.into_iter().map(|(_, packs)| packs).collect()
}

/// Returns what one transaction does, each action with what it is for.
fn actions(open: &[PlannedEnrolment], author: &ClassAuthor) -> Result<Vec<(Need, WriteAction)>, Error> {
    let mut actions = Vec::new();
    let mut logs: BTreeMap<ClassGuid, ClassLogEntry> = BTreeMap::new();
    let mut taught: BTreeSet<ClassGuid> = BTreeSet::new();
    let mut there: HashMap<Guid, &Key> = HashMap::new();
    for planned in open {
        let write = &planned.write;
        actions.push((Need::Enrolment(write.class, write.user), enrolment(write, author)?));
        count(logs.entry(write.class).or_insert_with(|| author.entry()), &write.deed);
        taught.extend(write.needs_class().then_some(write.class));
        there.extend(planned.home.as_ref().map(|home| (write.user, home)));
    }
    for class in taught {
        let condition = "attribute_exists(pk) AND attribute_not_exists(archived_at)";
        actions.push((Need::Class(class), WriteAction::check(&Key::class(class), condition, [])));
    }
    for (user, home) in there {
        let same = [(":user", s(user.to_string()))];
        let check = WriteAction::check(home, "guid = :user AND attribute_not_exists(deleted_at)", same);
        actions.push((Need::User(user), check));
    }
    for (class, entry) in logs {
        actions.push((Need::Log, author.log_of_enrolments(class, &entry)?));
    }
    Ok(actions)
}

fn count(entry: &mut ClassLogEntry, deed: &Deed) {
    match deed {
        Deed::Enrol(_) | Deed::ComeBack { .. } => entry.enrolled += 1,
        Deed::Change { .. } => entry.updated += 1,
        Deed::End { .. } => entry.ended += 1,
    }
}

/// What goes from an enrolment that is active again.
const AGAIN: &str = "REMOVE ended_at, ended_by, ended_why, #expires";

fn enrolment(write: &EnrolmentWrite, author: &ClassAuthor) -> Result<WriteAction, Error> {
    let key = write.key();
    let update = |expression: &str| match author.upload {
        Some(_) => WriteAction::update(&key, &format!("SET last_upload = :upload, {expression}"), []),
        None => WriteAction::update(&key, &format!("SET {expression}"), []),
    };
    let once = match author.upload {
        Some(_) => " AND (attribute_not_exists(last_upload) OR last_upload <> :upload)",
        None => "",
    };
    let action = match &write.deed {
        Deed::Enrol(fields) => {
            let set = "version = if_not_exists(version, :none) + :one, #fields = :fields";
            update(&format!("{set}, gsi_pk = :gsi_pk, gsi_sk = :gsi_sk {AGAIN}")).only_if(
                &format!("(attribute_not_exists(pk) OR attribute_exists(ended_at)){once}"),
                [
                    (":none", n(0)),
                    (":one", n(1)),
                    (":fields", json(fields)?),
                    (":gsi_pk", s(enrolled_pk(write.user))),
                    (":gsi_sk", s(write.class.to_string())),
                ],
            )
        }
        Deed::Change { seen, fields } => update("version = :version, #fields = :fields").only_if(
            &format!("version = :seen AND attribute_not_exists(ended_at){once}"),
            [(":version", n(seen + 1)), (":seen", n(seen)), (":fields", json(fields)?)],
        ),
        Deed::End { seen, why } => {
            let set = "version = version + :one, ended_at = :at, ended_by = :by, ended_why = :why, #expires = :expires";
            let version = if seen.is_some() { "version = :seen" } else { "attribute_exists(pk)" };
            let values = [
                (":one", n(1)),
                (":at", n(author.at)),
                (":by", s(&author.id)),
                (":why", json(why)?),
                (":expires", n((author.at + RECOVERABLE_MILLIS) / 1000)),
            ];
            let seen: Vec<_> = seen.iter().map(|seen| ("seen".to_owned(), n(seen))).collect();
            let condition = format!("{version} AND attribute_not_exists(ended_at){once}");
            update(set).only_if(&condition, values).with_values(seen)
        }
        Deed::ComeBack { archived_by } => update(&format!("version = version + :one {AGAIN}")).only_if(
            &format!("attribute_exists(ended_at) AND ended_by = :by AND ended_why = :why{once}"),
            [(":one", n(1)), (":by", s(archived_by)), (":why", json(&EndReason::ClassArchived)?)],
        ),
    };
    let upload: Vec<_> = author.upload.iter().map(|upload| ("upload".to_owned(), s(&upload.0))).collect();
    Ok(action.with_values(upload))
}

fn write_of(change: &EnrolmentChange) -> Result<EnrolmentWrite, Error> {
    let EnrolmentChange { kind, class, user, seen_version, after, why, .. } = change;
    let seen = seen_version.unwrap_or_default();
    let deed = match (kind, after) {
        (EnrolmentKind::Created, Some(fields)) => Deed::Enrol(fields.clone()),
        (EnrolmentKind::Updated, Some(fields)) => Deed::Change { seen, fields: fields.clone() },
        (EnrolmentKind::Ended, _) => Deed::End { seen: Some(seen), why: why.unwrap_or(EndReason::File) },
        (_, None) => return Err(Error::Item(format!("a change of an enrolment in {class} does not say what it is"))),
    };
    Ok(EnrolmentWrite { class: *class, user: *user, deed })
}
