//! Carries one chunk of a plan out.

use std::collections::HashMap;

use cloud::bucket::{from_lines, keys, lines};
use cloud::changes::{Applying, NewPassword, Step};
use cloud::uploads::Record;
use cloud::{Cloud, cores, passwords};
use roster::{Change, Guid, PasswordSource};
use wire::stored::{ChangeResult, ChunkHead, PasswordHash, PlanHead};
use wire::{Status, UploadId};

use crate::{Fault, end, start};

/// Carries chunk `n` out, unless it is done. After the last of all the upload ends, and after the last but those that
/// come last, they come.
pub(crate) async fn carry_out(cloud: &Cloud, id: &UploadId, n: u32, now: u64) -> Result<(), Fault> {
    let Some(record) = cloud.upload(id).await? else {
        tracing::warn!(upload = %id, "there is no such upload");
        return Ok(());
    };
    if record.upload.status.is_final() {
        return end::hand_on(cloud, id).await;
    }
    let Some(total) = record.upload.progress.map(|progress| progress.total) else {
        tracing::warn!(upload = %id, "its plan is not being applied");
        return Ok(());
    };
    if record.upload.status != Status::InProgress || cloud.turn_holder().await?.as_ref() != Some(id) || n >= total {
        tracing::warn!(upload = %id, chunk = n, "it is not this chunk's turn");
        return Ok(());
    }
    let digest = record.upload.digest.as_deref().ok_or(Fault::Incomplete(id.clone(), "a digest"))?;
    let head = cloud.plan_head(id, digest).await?;
    if !cloud.chunk_is_done(id, n).await? {
        make_changes(cloud, &record, &head, n, now).await?;
    }
    let done = cloud.chunk_done(id, n, now).await?;
    let first = head.chunks.iter().filter(|chunk| !chunk.last).count() as u64;
    match done == first || done >= u64::from(total) {
        true => start::put_chunks(cloud, record, &head, now).await,
        false => Ok(()),
    }
}

async fn make_changes(cloud: &Cloud, record: &Record, head: &PlanHead, n: u32, now: u64) -> Result<(), Fault> {
    let upload = &record.upload;
    let incomplete = |what| Fault::Incomplete(upload.id.clone(), what);
    let decision = upload.decision.as_ref().ok_or(incomplete("a decision"))?;
    let at = record.applied_at.ok_or(incomplete("the time of its turn"))?;
    let chunk = head.chunks.get(n as usize).ok_or(incomplete("the chunk"))?;
    let changes = cloud.changes_decided(&upload.id, n, chunk, decision).await?;

    let mut passwords = temporary(cloud, &upload.id, &changes).await?;
    passwords.extend(hashed_ahead(cloud, &upload.id, n, chunk, &changes).await?);
    let about: Vec<(Guid, Option<u32>)> = changes.iter().map(|change| (change.guid, change.row)).collect();
    let mut steps = Vec::with_capacity(changes.len());
    for change in changes {
        let password = passwords.remove(&change.guid);
        if change.password.is_some() && password.is_none() {
            return Err(incomplete("the hash of a password"));
        }
        steps.push(Step { change, password });
    }
    let applying = Applying { upload: &upload.id, at, now, decision };
    let outcomes = cloud.carry_out(steps, &applying).await?;
    let results = about.into_iter().zip(outcomes).map(|((guid, row), outcome)| ChangeResult { guid, row, outcome });
    let results: Vec<_> = results.collect();
    cloud.put_object(&keys::results(&upload.id, n), lines(&results)).await?;
    tracing::info!(upload = %upload.id, chunk = n, changes = results.len(), "carried out");
    Ok(())
}

/// The temporary passwords that the chunk gives. They follow from the upload's seed, so doing the chunk again gives
/// the same.
async fn temporary(cloud: &Cloud, id: &UploadId, changes: &[Change]) -> Result<HashMap<Guid, NewPassword>, Fault> {
    let random = |source: &PasswordSource| !source.is_hashed_ahead();
    let users = changes.iter().filter_map(|change| Some((change.guid, change.password.filter(random)?)));
    let users: Vec<(Guid, PasswordSource)> = users.collect();
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let seeds = cloud.seeds(id).await?.ok_or(Fault::Incomplete(id.clone(), "its seeds"))?;
    let hashed = cores::on_all_cores(users, move |&(guid, source)| {
        let hashed = passwords::temporary(source, &seeds.password, guid)?;
        Ok::<_, cloud::Error>(hashed.map(|(_, hash)| (guid, NewPassword { hash, temporary: true })))
    });
    let hashed: Vec<Option<_>> = hashed.await.into_iter().collect::<Result<_, _>>()?;
    Ok(hashed.into_iter().flatten().collect())
}

/// The passwords of the file, and the default one, which were hashed when it was checked.
async fn hashed_ahead(
    cloud: &Cloud,
    id: &UploadId,
    n: u32,
    chunk: &ChunkHead,
    changes: &[Change],
) -> Result<HashMap<Guid, NewPassword>, Fault> {
    let ahead = changes.iter().filter_map(|change| Some((change.guid, change.password?)));
    let ahead: HashMap<Guid, PasswordSource> = ahead.filter(|(_, source)| source.is_hashed_ahead()).collect();
    if ahead.is_empty() {
        return Ok(HashMap::new());
    }
    let key = keys::passwords(id, n, &chunk.digest);
    let hashes: Vec<PasswordHash> = from_lines(&key, &cloud.get_needed_object(&key).await?)?;
    let password = |PasswordHash { guid, hash }| {
        let temporary = ahead.get(&guid)?.is_temporary();
        Some((guid, NewPassword { hash, temporary }))
    };
    Ok(hashes.into_iter().filter_map(password).collect())
}
