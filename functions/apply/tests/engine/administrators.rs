//! Administrators who go: which users are read to tell whether one of them is the last.

use roster::Status as UserStatus;
use wire::Status;

use crate::organisation::Organisation;

/// Files in the bucket may make administrators.
const SETTINGS: &str = r#"{
    "partial": { "requires_approval": false },
    "full": { "requires_approval": false, "limits": { "overall": {}, "per_school": {}, "per_user_type": {} } },
    "accounts": { "roles": { "bucket_unattended": true } }
}"#;

const PAM: &str = "Pam,Poe,,pam@a.example,P1,A,Administrator,Principal,,Active";
const ANN: &str = "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active";

#[tokio::test]
async fn the_only_administrator_of_a_school_goes_by_a_file_for_that_school() {
    let o = Organisation::new(None).await;
    o.settings(SETTINGS).await;
    o.drop("inbox/partial/first.csv", &[PAM, ANN]).await;
    o.settle().await;
    o.drop("inbox/partial/schools/A/disabled.csv", &[&PAM.replace("Active", "Disabled")]).await;
    o.settle().await;
    assert_eq!(o.user("P1").await.unwrap().status, UserStatus::Disabled);
    o.drop("inbox/partial/schools/A/again.csv", &[PAM]).await;
    o.settle().await;
    o.drop("inbox/full/schools/A/left.csv", &[ANN]).await;
    o.settle().await;
    let uploads = o.uploads().await;
    assert!(uploads.iter().all(|upload| upload.status == Status::Completed), "{uploads:#?}");
    assert!(o.user("P1").await.is_none());
}

/// Of a few rows only the users whom they name are read at first, and the other one is none of them.
#[tokio::test]
async fn one_of_two_administrators_of_the_office_goes() {
    let o = Organisation::new(None).await;
    o.settings(SETTINGS).await;
    let second = "Sue,Cond,,second@district.example,D2,D,Administrator,,,Active";
    o.drop("inbox/partial/first.csv", &[second]).await;
    o.settle().await;
    o.drop("inbox/partial/second.csv", &[&second.replace("Active", "Disabled")]).await;
    o.settle().await;
    let uploads = o.uploads().await;
    assert!(uploads.iter().all(|upload| upload.status == Status::Completed), "{uploads:#?}");
    assert_eq!(o.user("D2").await.unwrap().status, UserStatus::Disabled);
}
