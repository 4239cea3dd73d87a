//! Writes the directory into the bucket in the formats of other systems, which fetch it there.
//!
//! What is carried out leaves a mark once all of it is done. The sweep reads the mark, then the directory, and notes
//! which mark it was and which feeds it put: feeds are as new as the directory where the mark is still the same, whatever
//! clocks say. Of two sweeps at once, or one that breaks off, the older feed may stand beside the newer note. Its entity
//! tag is then another one than the note has, and the next sweep writes again.

use std::collections::{BTreeMap, BTreeSet};

use cloud::Cloud;
use cloud::bucket::keys;
use roster::durations::DAY;
use roster::{FeedContents, FeedFormat, SchoolId, feed};
use wire::archive::pack_feed;
use wire::stored::WrittenFeeds;

use crate::ApplyFault;

/// What is changed by hand is in the feeds after a day at the latest.
const WRITTEN_AGAIN_AFTER: u64 = DAY;

/// Writes the feeds of the settings where they are not as new as the directory, and deletes those of no setting.
pub(crate) async fn write_feeds(cloud: &Cloud, wanted: &BTreeSet<FeedFormat>, now: u64) -> Result<(), ApplyFault> {
    let written = written(cloud).await?;
    if wanted.is_empty() && written.is_none() {
        return Ok(());
    }
    let mut present = etags(cloud).await?;
    for format in present.keys().filter(|format| !wanted.contains(format)) {
        cloud.object_delete(&keys::feed(*format)).await?;
    }
    if wanted.is_empty() {
        return Ok(cloud.object_delete(keys::FEEDS_WRITTEN).await?);
    }
    present.retain(|format, _| wanted.contains(format));
    let after = cloud.object_get(keys::FEEDS_MARK).await?.map(|mark| String::from_utf8_lossy(&mark).into_owned());
    let next = WrittenFeeds { at: now, after, formats: wanted.clone(), etags: present };
    if !is_due(written.as_ref(), &next) {
        return Ok(());
    }
    write(cloud, next).await
}

/// Returns the entity tags of the feeds in the bucket.
async fn etags(cloud: &Cloud) -> Result<BTreeMap<FeedFormat, String>, ApplyFault> {
    let mut etags = BTreeMap::new();
    for format in FeedFormat::ALL {
        let head = cloud.object_head(&keys::feed(format)).await?;
        etags.extend(head.map(|head| (format, head.etag)));
    }
    Ok(etags)
}

/// Leaves the mark of what has changed the directory: an upload, or a sweep. Until the next sweep the feeds are older than
/// the directory.
pub(crate) async fn leave_mark(cloud: &Cloud, mark: String) -> Result<(), ApplyFault> {
    Ok(cloud.object_put(keys::FEEDS_MARK, mark).await?)
}

fn is_due(written: Option<&WrittenFeeds>, next: &WrittenFeeds) -> bool {
    written.is_none_or(|written| {
        let is_old = next.at >= written.at.saturating_add(WRITTEN_AGAIN_AFTER);
        written.after != next.after || written.formats != next.formats || written.etags != next.etags || is_old
    })
}

/// Returns what is known of the feeds in the bucket. What can't be read is written anew.
async fn written(cloud: &Cloud) -> Result<Option<WrittenFeeds>, ApplyFault> {
    let Some(bytes) = cloud.object_get(keys::FEEDS_WRITTEN).await? else { return Ok(None) };
    let read = serde_json::from_slice(&bytes);
    if let Err(error) = &read {
        tracing::warn!(%error, "the note about the feeds can't be read");
    }
    Ok(Some(read.unwrap_or_default()))
}

async fn write(cloud: &Cloud, mut next: WrittenFeeds) -> Result<(), ApplyFault> {
    let schools = cloud.school_list().await?;
    let ids: Vec<SchoolId> = schools.iter().map(|school| school.id.clone()).collect();
    let users = cloud.user_list_managed(&ids, |_| true).await?;
    let classes = cloud.class_list_taught(&ids).await?;
    let enrolments = cloud.enrolment_list_active(&classes).await?;
    let contents =
        FeedContents { schools: &schools, users: &users, classes: &classes, enrolments: &enrolments, now: next.at };
    for format in &next.formats {
        let etag = cloud.object_put_tagged(&keys::feed(*format), pack_feed(feed(*format, &contents))).await?;
        next.etags.insert(*format, etag);
    }
    // Last: feeds of which this is not said are written again.
    let note = serde_json::to_vec(&next).expect("our own types are JSON");
    cloud.object_put(keys::FEEDS_WRITTEN, note).await?;
    tracing::info!(formats = next.formats.len(), users = users.len(), classes = classes.len(), "feeds written");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_due_after_each_upload_each_change_of_formats_and_each_day() {
        let at = |at, after: Option<&str>, formats: &[FeedFormat]| WrittenFeeds {
            at,
            after: after.map(str::to_owned),
            formats: formats.iter().copied().collect(),
            etags: formats.iter().map(|format| (*format, "as put".to_owned())).collect(),
        };
        let written = at(5, Some("a"), &[FeedFormat::Clever]);
        let is_due = |next| is_due(Some(&written), &next);
        assert!(!is_due(at(6, Some("a"), &[FeedFormat::Clever])));
        assert!(is_due(at(6, Some("b"), &[FeedFormat::Clever])), "something was carried out");
        assert!(is_due(at(6, Some("a"), &[FeedFormat::Canvas])));
        assert!(is_due(at(5 + WRITTEN_AGAIN_AFTER, Some("a"), &[FeedFormat::Clever])));
        let mut replaced = at(6, Some("a"), &[FeedFormat::Clever]);
        replaced.etags.insert(FeedFormat::Clever, "of an older sweep".to_owned());
        assert!(is_due(replaced), "another feed stands in its place");
        let mut gone = at(6, Some("a"), &[FeedFormat::Clever]);
        gone.etags.clear();
        assert!(is_due(gone), "there is none in its place");
        assert!(super::is_due(None, &at(0, None, &[FeedFormat::Clever])), "there are none yet");
    }
}
