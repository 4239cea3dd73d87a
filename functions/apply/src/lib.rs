//! Carries approved plans out, chunk by chunk, and decides nothing.
//!
//! An object under `approvals/` wakes it for an upload: the plan acquires the organisation's lease, or waits for it, and
//! an object is put for each chunk. An object under `chunks/` wakes it for a chunk: the changes are made, what became
//! of them is written, and the chunk is counted. Whoever counts the last one writes the files, ends the upload and
//! releases the lease.
//!
//! The objects only wake. What holds is the upload's record, its plan under the approved digest, and the markers of
//! the chunks; so an event may come twice, late or for nothing, and a function that is stopped anywhere is made good
//! by the same event again, or by a sweep of what has not moved.

#![warn(clippy::missing_errors_doc)]

mod advance;
mod begin;
mod chunk;
mod class_chunk;
mod close;
mod enqueue;
mod erase;
mod fail;
mod fault;
mod feeds;
mod finish;
mod found;
mod part_way;
mod report;

use cloud::Cloud;
use cloud::bucket::keys;
use cloud::retry::Patience;
use runtime::Event;
use serde_json::{Value, json};
use wire::UploadId;

pub use fault::ApplyFault;
use found::NewOrganisation;

/// Serves events until Lambda ends the process.
///
/// # Errors
///
/// Where the environment does not name the table and the bucket, or the Lambda runtime fails.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let cloud = Cloud::from_env(Patience::Working).await?;
    runtime::serve(async |event, now| answer(&cloud, event, now).await).await
}

/// Answers an event: `null`, but to one that asks for an organisation ([`found::NewOrganisation`]).
async fn answer(cloud: &Cloud, event: Value, now: u64) -> Result<Value, ApplyFault> {
    match event.get("organisation") {
        Some(organisation) => Ok(json!(found::found(cloud, NewOrganisation::read(organisation)?, now).await?)),
        None => handle(cloud, event, now).await.map(|()| Value::Null),
    }
}

/// Does what the event asks for.
///
/// An error means that it should be sent again.
///
/// # Errors
///
/// Where the event is none, or the work could not be done: it is to be sent again.
pub async fn handle(cloud: &Cloud, event: Value, now: u64) -> Result<(), ApplyFault> {
    match Event::read(&event)? {
        Event::Created(keys) => {
            let mut result = Ok(());
            for key in keys {
                // One that fails does not keep the others from being handled.
                result = wake(cloud, &key, now).await.and(result);
            }
            result
        }
        Event::Sweep(grace) => {
            // None keeps another from being done. Feeds come last: they are without those who were erased.
            let moved = advance::sweep(cloud, grace, now).await;
            let erased = erase::erase(cloud, now).await;
            Box::pin(follow_settings(cloud, now)).await.and(erased).and(moved)
        }
        Event::Other => Ok(()),
    }
}

/// Does of a sweep what the settings say: archives users, and writes feeds.
async fn follow_settings(cloud: &Cloud, now: u64) -> Result<(), ApplyFault> {
    let settings = cloud.settings_get().await?.settings;
    let archived = erase::archive(cloud, &settings.accounts.archive, now).await;
    feeds::write_feeds(cloud, &settings.feeds, now).await.and(archived)
}

async fn wake(cloud: &Cloud, key: &str, now: u64) -> Result<(), ApplyFault> {
    match Work::from_key(key) {
        Some(Work::Upload(id)) => advance::advance(cloud, &id, now).await?,
        Some(Work::Chunk(id, n)) => advance::advance_chunk(cloud, &id, n, now).await?,
        None => return Ok(()),
    }
    Ok(cloud.object_delete(key).await?)
}

/// What an object asks for.
#[derive(Debug, PartialEq, Eq)]
enum Work {
    Upload(UploadId),
    Chunk(UploadId, u32),
}

impl Work {
    fn from_key(key: &str) -> Option<Work> {
        if let Some(id) = key.strip_prefix(keys::APPROVALS) {
            return (!id.is_empty()).then(|| Work::Upload(UploadId(id.to_owned())));
        }
        let (id, n) = key.strip_prefix(keys::CHUNKS)?.split_once('/')?;
        Some(Work::Chunk(UploadId(id.to_owned()), n.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_says_what_to_do() {
        let id = UploadId("a-b".to_owned());
        assert_eq!(Work::from_key(&keys::approval(&id)), Some(Work::Upload(id.clone())));
        assert_eq!(Work::from_key(&keys::chunk(&id, 12)), Some(Work::Chunk(id, 12)));
        assert_eq!(Work::from_key("approvals/"), None);
        assert_eq!(Work::from_key("chunks/a-b"), None);
        assert_eq!(Work::from_key("chunks/a-b/x"), None);
        assert_eq!(Work::from_key("uploads/a-b/1"), None);
    }
}
