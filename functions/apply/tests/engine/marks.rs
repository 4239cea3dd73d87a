//! What is odd about rosters of programs beside the last one of their kind.

use std::time::Duration;

use roster::watching::Mark;
use serde_json::json;
use wire::{Status, Upload};

use crate::organisation::{HEADER, Organisation};

const ANN: &str = "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active";
const BEN: &str = "Ben,Birch,,,00123,A,Student,,4,Active";
const CAT: &str = "Cat,Cedar,,,00124,B,Student,,K,Active";

async fn watch(o: &Organisation, enabled: bool) {
    let watch = json!({ "enabled": enabled, "shrunken_percent": 40.0 });
    let settings = json!({ "partial": { "requires_approval": false }, "watch": watch });
    o.settings(&settings.to_string()).await;
}

/// Has a roster come, and answers with the upload that it was made.
async fn night(o: &mut Organisation, key: &str, rows: &[&str]) -> Upload {
    o.now += 1000;
    o.drop(key, rows).await;
    o.settle().await;
    // The bucket tells whole seconds, and what came last is told by them.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    o.uploads().await.pop().unwrap()
}

#[tokio::test]
async fn a_roster_is_compared_with_the_last_one_of_its_kind() {
    let mut o = Organisation::new(None).await;
    watch(&o, true).await;
    assert_eq!(night(&mut o, "inbox/partial/1.csv", &[ANN, BEN, CAT]).await.marks, [], "the first one");
    let same = night(&mut o, "inbox/partial/2.csv", &[ANN, BEN, CAT]).await;
    assert_eq!((same.status, same.marks), (Status::Completed, vec![Mark::Identical]));
    assert_eq!(night(&mut o, "inbox/partial/3.csv", &[ANN, BEN]).await.marks, [], "less by a third");
    let short = night(&mut o, "inbox/partial/4.csv", &[BEN]).await;
    assert_eq!(short.marks, [Mark::Shrunken { rows: 1, before: 2 }]);
    let empty = night(&mut o, "inbox/partial/5.csv", &[]).await;
    assert_eq!((empty.status, empty.marks), (Status::Failed, vec![Mark::HeaderOnly]));
    assert_eq!(night(&mut o, "inbox/partial/schools/A/6.csv", &[BEN]).await.marks, [], "the first of a school");
    assert_eq!(night(&mut o, "inbox/partial/7.csv", &[ANN, BEN, CAT]).await.marks, []);
    watch(&o, false).await;
    assert_eq!(night(&mut o, "inbox/partial/8.csv", &[ANN, BEN, CAT]).await.marks, [], "nothing is watched");
}

#[tokio::test]
async fn a_set_with_fewer_files_is_marked_however_it_is_packed() {
    let mut o = Organisation::new(None).await;
    watch(&o, true).await;
    let bytes = |text: String| Some(text.into_bytes());
    let set = roster::SetBytes {
        users: bytes(format!("{HEADER}\n{ANN}\n{BEN}\n")),
        classes: bytes("class_id,school_district_external_id,class_name\nM,A,Maths\n".to_owned()),
        enrolments: bytes("class_id,custom_id,class_role\nM,T1,Primary teacher\nM,00123,Student\n".to_owned()),
    };
    o.cloud().object_put("inbox/partial/set.zip", wire::archive::pack(&set)).await.unwrap();
    Box::pin(o.settle()).await;
    assert_eq!(o.uploads().await[0].marks, []);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    o.now += 1000;
    let one = night(&mut o, "inbox/partial/users.csv", &[ANN, BEN]).await;
    let expected = [Mark::FewerFiles { files: 1, before: 3 }, Mark::Shrunken { rows: 2, before: 5 }];
    assert_eq!(one.marks, expected);
}
