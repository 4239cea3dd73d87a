//! Feeds that other systems fetch from the bucket.

use std::collections::BTreeSet;
use std::time::Duration;

use cloud::bucket::keys;
use roster::{FeedFormat, Mode};
use tests::town::Town;
use wire::archive;
use wire::stored::WrittenFeeds;

use crate::{student, students};

#[tokio::test]
async fn feeds_follow_each_roster_and_go_with_their_setting() {
    let town = Town::build().await;
    let head = town.administrator("head", "10000").await;
    town.sync(&head, Mode::Partial, students(2, "10001", "3")).await;
    town.system.look();
    town.system.settled().await;
    assert_eq!(town.system.cloud().object_get(keys::FEEDS_WRITTEN).await.unwrap(), None, "nobody asked for any");

    let both = BTreeSet::from([FeedFormat::Clever, FeedFormat::OneRoster12]);
    head.change_settings(|settings| settings.feeds = both.clone()).await;
    let first = wait_for(&town, |written| written.formats == both).await;
    assert!(feed(&town, FeedFormat::Clever).await.unwrap().contains("S00001"));
    assert!(feed(&town, FeedFormat::OneRoster12).await.unwrap().contains("S00001"));
    assert_eq!(feed(&town, FeedFormat::Canvas).await, None);

    let roster = crate::roster(&[&student("S9", "10001", "3")]);
    let upload = town.sync(&head, Mode::Partial, roster).await;
    let second = wait_for(&town, |written| written.after.as_ref() == Some(&upload.id.0)).await;
    assert!(second.at >= first.at);
    assert!(feed(&town, FeedFormat::Clever).await.unwrap().contains("S9"));

    town.system.look();
    town.system.settled().await;
    assert_eq!(written(&town).await.as_ref(), Some(&second), "nothing has changed");

    let older = town.system.cloud().object_get(&keys::feed(FeedFormat::OneRoster12)).await.unwrap().unwrap();
    town.system.cloud().object_put(&keys::feed(FeedFormat::Clever), older).await.unwrap();
    let third = wait_for(&town, |written| written.at > second.at).await;
    assert_eq!(third.etags[&FeedFormat::Clever], etag(&town, FeedFormat::Clever).await);
    assert!(feed(&town, FeedFormat::Clever).await.unwrap().contains("S9"), "what somebody else put there is replaced");

    head.change_settings(|settings| settings.feeds = BTreeSet::from([FeedFormat::Clever])).await;
    wait_for(&town, |written| written.formats.len() == 1).await;
    assert_eq!(feed(&town, FeedFormat::OneRoster12).await, None);
    head.change_settings(|settings| settings.feeds = BTreeSet::new()).await;
    for _ in 0..100 {
        town.system.look();
        town.system.settled().await;
        if written(&town).await.is_none() {
            break;
        }
    }
    assert_eq!((written(&town).await, feed(&town, FeedFormat::Clever).await), (None, None));
}

/// Looks until the note about the feeds says this.
async fn wait_for(town: &Town, is_so: impl Fn(&WrittenFeeds) -> bool) -> WrittenFeeds {
    for _ in 0..100 {
        town.system.look();
        town.system.settled().await;
        if let Some(written) = written(town).await.filter(|written| is_so(written)) {
            return written;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the feeds are {:?}", written(town).await)
}

async fn written(town: &Town) -> Option<WrittenFeeds> {
    let note = town.system.cloud().object_get(keys::FEEDS_WRITTEN).await.unwrap()?;
    Some(serde_json::from_slice(&note).expect("a note"))
}

/// Returns the entity tag of a feed.
async fn etag(town: &Town, format: FeedFormat) -> String {
    town.system.cloud().object_head(&keys::feed(format)).await.unwrap().expect("a feed").etag
}

/// Returns the text of all files of a feed.
async fn feed(town: &Town, format: FeedFormat) -> Option<String> {
    let feed = town.system.cloud().object_get(&keys::feed(format)).await.unwrap()?;
    let files = archive::unpack(&feed).expect("an archive").expect("tables").files;
    Some(files.iter().map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).collect())
}
