//! The functions are stopped after every single request, and the work still ends as if nothing had happened.

use crate::line::{Break, Line};
use crate::organisation::{HEADER, Organisation};
use aws_sdk_s3::config::SharedInterceptor;
use roster::User;
use wire::{FileKind, Status};

const BEFORE: [&str; 3] = [
    "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active",
    "Ben,Birch,,,00123,A,Student,,4,Active",
    "Cat,Cedar,,,00124,B,Student,,K,Active",
];

/// One user of every kind of change: moved, removed, created with a password and without, and two that exchange.
const AFTER: [&str; 4] = [
    "Ann,Ash,,eve@a.example,T1,A,Teacher,Head,,Active,",
    "Ben,Birch,,,00123,B,Student,,4,Active,",
    "Dan,Dale,,,00125,A,Student,,1,Active,correct horse",
    "Eve,Elm,,ann@a.example,T2,A,Teacher,,,Active,",
];

/// What the end must be: the upload's status, its users, and how many rows each file has.
type End = (Status, Vec<(String, Option<u64>, String, u64)>, usize, String);

/// Carries the roster out; `stop` breaks the line after so many requests, again and again until the work is done.
async fn carry_out(breaks: Break, stop: Option<i64>) -> (End, bool) {
    let line = Line::whole(breaks);
    let mut o = Organisation::new(Some(SharedInterceptor::new(line.clone()))).await;
    o.drop("inbox/partial/before.csv", &BEFORE).await;
    o.settle().await;
    o.settings(r#"{"full":{"requires_approval":false,"limits":{"overall":{},"per_school":{},"per_user_type":{}}}}"#)
        .await;
    o.now += 1000;
    let roster = format!("{HEADER},password\n{}\n", AFTER.join("\n"));
    o.cloud().put_object("inbox/full/after.csv", roster).await.unwrap();

    let mut broke = false;
    for _ in 0..40 {
        let waiting = o.waiting().await;
        for key in &waiting {
            if let Some(requests) = stop {
                line.break_after(requests);
            }
            let worked = o.tell_of(key).await;
            broke |= line.mend();
            // Lambda tries again what failed, even where the object is gone by then.
            if !worked {
                assert!(o.tell_of(key).await, "the second attempt fails");
            }
        }
        if waiting.is_empty() {
            break;
        }
    }
    o.assert_at_rest().await;
    let upload = o.uploads().await.into_iter().find(|upload| upload.mode == roster::Mode::Full).unwrap();
    let users = o.users().await.into_iter();
    let users = users.map(|(id, User { deleted_at, email, version, .. })| (id, deleted_at.map(|_| 0), email, version));
    let completed = o.file(&upload, FileKind::Completed).await.lines().count();
    let history = format!("{:?}", o.cloud().history(o.guid("T1").await).await.unwrap().len());
    ((upload.status, users.collect(), completed, history), broke)
}

async fn stop_after_every_request(breaks: Break) {
    let (undisturbed, _) = carry_out(breaks, None).await;
    assert_eq!(undisturbed.0, Status::Completed);
    for requests in 0.. {
        let (end, broke) = carry_out(breaks, Some(requests)).await;
        assert_eq!(end, undisturbed, "stopped after {requests} requests");
        if !broke {
            assert!(requests > 30, "nothing was stopped");
            return;
        }
    }
}

#[tokio::test]
async fn stopped_before_any_request() {
    stop_after_every_request(Break::BeforeRequest).await;
}

#[tokio::test]
async fn stopped_before_the_answer_to_any_request() {
    stop_after_every_request(Break::AfterRequest).await;
}
