//! Carries one chunk of a plan out.

use std::collections::{BTreeMap, HashMap};

use cloud::Cloud;
use cloud::bucket::{keys, lines};
use cloud::changes::{Applying, NewPassword, PasswordKind, Step};
use cloud::uploads::UploadRecord;
use roster::role::Power;
use roster::{Change, Guid, PasswordSource};
use runtime::passwords::HashError;
use runtime::{parallel, passwords};
use wire::stored::{ChangeResult, ChunkHead, ChunkOf, PasswordHash, PlanHead};
use wire::{Status, UploadId};

use crate::{ApplyFault, class_chunk};

/// What came of a chunk that was to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChunkOutcome {
    /// Its plan is not being applied.
    NotItsTurn,
    /// It is done, and others that come with it are not yet.
    OthersLeft,
    /// It is done, and so are all others of its step.
    LastOfItsKind,
}

/// Returns whether a step is over once so many chunks are done: those of a step begin when all before it are done.
fn ends_a_step(head: &PlanHead, done: u64) -> bool {
    let mut steps: BTreeMap<_, u64> = BTreeMap::new();
    head.chunks.iter().for_each(|chunk| *steps.entry(chunk.step()).or_default() += 1);
    let ends = steps.into_values().scan(0, |sum, chunks| {
        *sum += chunks;
        Some(*sum)
    });
    ends.into_iter().any(|end| end == done)
}

/// Carries chunk `n` out, unless it is done, and counts it.
pub(crate) async fn apply_chunk(
    cloud: &Cloud,
    record: &UploadRecord,
    n: u32,
    now: u64,
) -> Result<ChunkOutcome, ApplyFault> {
    let id = &record.upload.id;
    let Some(total) = record.upload.progress.map(|progress| progress.total) else {
        tracing::warn!(upload = %id, "its plan is not being applied");
        return Ok(ChunkOutcome::NotItsTurn);
    };
    if record.upload.status != Status::InProgress || cloud.lease_holder().await?.as_ref() != Some(id) || n >= total {
        tracing::warn!(upload = %id, chunk = n, "it is not this chunk's turn");
        return Ok(ChunkOutcome::NotItsTurn);
    }
    let head = carry_out(cloud, record, n, now).await?;
    let done = cloud.chunk_mark_done(id, n, now).await?;
    let complete = ends_a_step(&head, done) || done >= u64::from(total);
    Ok(if complete { ChunkOutcome::LastOfItsKind } else { ChunkOutcome::OthersLeft })
}

/// Carries chunk `n` out, unless it is done, and answers with the head of its plan.
async fn carry_out(cloud: &Cloud, record: &UploadRecord, n: u32, now: u64) -> Result<PlanHead, ApplyFault> {
    let id = &record.upload.id;
    let digest = record.upload.digest.as_deref().ok_or(ApplyFault::Incomplete(id.clone(), "a digest"))?;
    let head = cloud.plan_head_get(id, digest).await?;
    if !cloud.chunk_is_done(id, n).await? {
        make_changes(cloud, record, &head, n, now).await?;
    }
    Ok(head)
}

async fn make_changes(
    cloud: &Cloud,
    record: &UploadRecord,
    head: &PlanHead,
    n: u32,
    now: u64,
) -> Result<(), ApplyFault> {
    let upload = &record.upload;
    let incomplete = |what| ApplyFault::Incomplete(upload.id.clone(), what);
    let decision = upload.decision.as_ref().ok_or(incomplete("a decision"))?;
    let at = record.applied_at.ok_or(incomplete("the time of its turn"))?;
    let chunk = head.chunks.get(n as usize).ok_or(incomplete("the chunk"))?;
    let applying = Applying { upload: &upload.id, at, now, decision };
    if chunk.of != ChunkOf::Users {
        return Box::pin(class_chunk::make_changes(cloud, upload, (n, chunk), &applying)).await;
    }
    let changes = cloud.plan_changes_get_decided(upload, n, chunk, decision).await?;

    let mut passwords = temporary(cloud, head, &changes).await?;
    passwords.extend(hashed_ahead(cloud, &upload.id, n, chunk, &changes).await?);
    say_what_for(cloud, &changes, &mut passwords).await?;
    let about: Vec<(Guid, Option<u32>)> = changes.iter().map(|change| (change.guid, change.row)).collect();
    let mut steps = Vec::with_capacity(changes.len());
    for change in changes {
        let password = passwords.remove(&change.guid);
        if change.password.is_some() && password.is_none() {
            return Err(incomplete("the hash of a password"));
        }
        steps.push(Step { change, password });
    }
    let outcomes = cloud.change_carry_out(steps, &applying).await?;
    let results = about.into_iter().zip(outcomes).map(|((guid, row), outcome)| ChangeResult { guid, row, outcome });
    let results: Vec<_> = results.collect();
    cloud.object_put(&keys::results(&upload.id, n), lines(&results)).await?;
    tracing::info!(upload = %upload.id, chunk = n, changes = results.len(), "carried out");
    Ok(())
}

/// Notes what their users may do, with the roles as they are now.
async fn say_what_for(
    cloud: &Cloud,
    changes: &[Change],
    passwords: &mut HashMap<Guid, NewPassword>,
) -> Result<(), ApplyFault> {
    if passwords.is_empty() {
        return Ok(());
    }
    let (roles, schools) = (cloud.roles_get().await?.roles, cloud.school_list().await?);
    for change in changes {
        if let (Some(password), Some(after)) = (passwords.get_mut(&change.guid), &change.after) {
            password.power = Some(Power::new(after, &roles, &schools));
        }
    }
    Ok(())
}

/// Returns the temporary passwords that the chunk gives. They follow from the upload's seed, so doing the chunk again
/// gives the same.
async fn temporary(
    cloud: &Cloud,
    head: &PlanHead,
    changes: &[Change],
) -> Result<HashMap<Guid, NewPassword>, ApplyFault> {
    let random = |source: &PasswordSource| !source.is_hashed_ahead();
    let users = changes.iter().filter_map(|change| Some((change.guid, change.password.filter(random)?)));
    let users: Vec<(Guid, PasswordSource)> = users.collect();
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let seeds = cloud.plan_seeds_get(head).await?;
    let hashed = parallel::map(users, move |&(guid, source)| {
        let hashed = passwords::temporary(source, &seeds.password, guid)?;
        Ok::<_, HashError>(hashed.map(|temporary| (guid, given(source, temporary.hash))))
    });
    let hashed: Vec<Option<_>> = hashed.await.into_iter().collect::<Result<_, _>>()?;
    Ok(hashed.into_iter().flatten().collect())
}

/// Returns the passwords of the file, and the default one, which were hashed when it was checked.
async fn hashed_ahead(
    cloud: &Cloud,
    id: &UploadId,
    n: u32,
    chunk: &ChunkHead,
    changes: &[Change],
) -> Result<HashMap<Guid, NewPassword>, ApplyFault> {
    let ahead = changes.iter().filter_map(|change| Some((change.guid, change.password?)));
    let ahead: HashMap<Guid, PasswordSource> = ahead.filter(|(_, source)| source.is_hashed_ahead()).collect();
    if ahead.is_empty() {
        return Ok(HashMap::new());
    }
    let hashes = cloud.chunk_passwords_get(id, n, chunk).await?;
    let password = |PasswordHash { guid, hash }| {
        let source = ahead.get(&guid)?;
        Some((guid, given(*source, hash)))
    };
    Ok(hashes.into_iter().filter_map(password).collect())
}

fn given(source: PasswordSource, hash: String) -> NewPassword {
    let kind = if source.is_temporary() { PasswordKind::Temporary } else { PasswordKind::Lasting };
    NewPassword { hash, kind, power: None }
}
