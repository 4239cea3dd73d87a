//! Waiting until nothing happens any more, where nobody says when that is.

use std::time::{Duration, Instant};

use cloud::Cloud;
use wire::Status;

/// How long is waited.
const PATIENCE: Duration = Duration::from_secs(180);

/// Waits until no object is left that wakes a function, and no upload that goes on by itself.
pub async fn quiet(cloud: &Cloud) {
    let since = Instant::now();
    let mut seen = 0;
    while seen < 3 {
        assert!(since.elapsed() < PATIENCE, "what has to happen has not happened within three minutes");
        seen = if is_quiet(cloud).await { seen + 1 } else { 0 };
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

async fn is_quiet(cloud: &Cloud) -> bool {
    let mut paused = 0;
    for id in cloud.upload_list_open().await.expect("the table") {
        match cloud.upload_get(&id).await.expect("the table").map(|record| record.upload.status) {
            Some(Status::AwaitingApproval) => {}
            // Its object stays where it is until the pause is over.
            Some(Status::Paused) => paused += 1,
            _ => return false,
        }
    }
    for (prefix, expected) in [("inbox/", paused), ("approvals/", 0), ("chunks/", 0)] {
        if cloud.object_list(prefix).await.expect("the bucket").len() != expected {
            return false;
        }
    }
    true
}
