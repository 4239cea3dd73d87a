//! Users who probably have another custom ID by now: whoever approves says whether they are the same people.

use std::collections::BTreeSet;

use roster::{RekeyChoice, RekeyChoices};
use runtime::passwords;
use wire::{FileKind, Status, Upload};

use crate::organisation::{HEADER, Organisation};

const ANN: &str = "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active";
const FAY: &str = "Fay,Gorse,,,20006,A,Student,,4,Active";
const GUS: &str = "Gus,Heath,,,20007,A,Student,,5,Active";

/// An organisation whose second roster has Fay and Gus under other IDs, and its upload, which waits.
async fn with_new_ids() -> (Organisation, Upload) {
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN, FAY, GUS]).await;
    o.settle().await;
    o.now += 1000;
    o.drop("inbox/full/2.csv", &[ANN, &FAY.replace("20006", "77006"), &GUS.replace("20007", "77007")]).await;
    o.settle().await;
    let upload = o.uploads().await.pop().unwrap();
    assert_eq!((upload.status, upload.counts.unwrap().rekeyed), (Status::AwaitingApproval, 2));
    (o, upload)
}

#[tokio::test]
async fn the_same_people_keep_all_but_the_custom_id() {
    let (o, upload) = with_new_ids().await;
    let (fay, gus) = (o.user("20006").await.unwrap(), o.user("20007").await.unwrap());
    let all = RekeyChoices { all: RekeyChoice::SamePerson, except: BTreeSet::new() };
    o.approve_with(&upload, Some(all)).await;
    o.settle().await;
    assert_eq!(o.upload(&upload.id).await.status, Status::Completed);
    for (before, id) in [(fay, "77006"), (gus, "77007")] {
        let after = o.user(id).await.unwrap();
        assert_eq!((after.guid, &after.username, after.version), (before.guid, &before.username, before.version + 1));
        assert_eq!(o.cloud().history_list(after.guid).await.unwrap().len(), 2);
    }
    assert!(o.user("20006").await.is_none() && o.user("20007").await.is_none());
    o.assert_at_rest().await;
}

#[tokio::test]
async fn what_is_decided_otherwise_makes_another_person() {
    let (o, upload) = with_new_ids().await;
    let (fay, gus) = (o.guid("20006").await, o.guid("20007").await);
    let but_gus = RekeyChoices { all: RekeyChoice::SamePerson, except: BTreeSet::from([4]) };
    o.approve_with(&upload, Some(but_gus)).await;
    o.settle().await;
    assert_eq!(o.guid("77006").await, fay);
    assert_ne!(o.guid("77007").await, gus);
    let removed = o.users().await.into_iter().find(|(_, user)| user.guid == gus).unwrap().1;
    assert!(removed.deleted_at.is_some() && removed.custom_id.as_deref() == Some("20007"));
    let upload = o.upload(&upload.id).await;
    assert_eq!((upload.status, upload.left_alone), (Status::Completed, 0));
    let completed = o.file(&upload, FileKind::Completed).await;
    let result = |id: &str| completed.lines().find(|line| line.contains(id)).unwrap().to_owned();
    assert!(result("77006").contains("updated") && result("77007").contains("created"), "{completed}");
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_password_of_the_file_that_lasts_is_set_whatever_is_decided() {
    const OF_FAY: &str = "correct horse 9";
    const OF_GUS: &str = "battery staple 7";
    let mut o = Organisation::new(None).await;
    o.drop("inbox/partial/1.csv", &[ANN, FAY, GUS]).await;
    o.settle().await;
    let limits = r#""limits":{"overall":{},"per_school":{},"per_user_type":{}}"#;
    let full = format!(r#""full":{{"update_password":true,{limits}}}"#);
    o.settings(&format!(r#"{{{full},"accounts":{{"passwords":{{"file_once":false}}}}}}"#)).await;
    o.now += 1000;
    let (fay, gus) = (FAY.replace("20006", "77006"), GUS.replace("20007", "77007"));
    let roster = format!("{HEADER},password\n{ANN},\n{fay},{OF_FAY}\n{gus},{OF_GUS}\n");
    o.cloud().object_put("inbox/full/2.csv", roster).await.unwrap();
    o.settle().await;
    let upload = o.uploads().await.pop().unwrap();
    assert_eq!(upload.counts.unwrap().rekeyed, 2, "{upload:#?}");
    let but_gus = RekeyChoices { all: RekeyChoice::SamePerson, except: BTreeSet::from([4]) };
    o.approve_with(&upload, Some(but_gus)).await;
    o.settle().await;
    assert_eq!(o.upload(&upload.id).await.status, Status::Completed);
    for (id, password) in [("77006", OF_FAY), ("77007", OF_GUS)] {
        let account = o.cloud().account_get(o.guid(id).await).await.unwrap().unwrap();
        assert!(passwords::verify(password, account.password_hash.as_deref()) && !account.temporary_password, "{id}");
    }
    o.assert_at_rest().await;
}

#[tokio::test]
async fn a_user_that_is_disabled_already_is_not_removed_again() {
    let mut o = Organisation::new(None).await;
    o.settings(r#"{"full":{"removal_action":"disable","limits":{"overall":{},"per_school":{},"per_user_type":{}}}}"#)
        .await;
    let new_ids = [ANN, &FAY.replace("20006", "77006"), &GUS.replace("20007", "77007")];
    for (n, rows) in [&[ANN, FAY, GUS][..], &[ANN, FAY], &new_ids].into_iter().enumerate() {
        o.now += 1000;
        o.drop(&format!("inbox/full/{n}.csv"), rows).await;
        o.settle().await;
        let upload = o.uploads().await.pop().unwrap();
        assert_eq!(upload.status, Status::AwaitingApproval);
        let head = o.cloud().plan_head_get(&upload.id, upload.digest.as_ref().unwrap()).await.unwrap();
        let rekeyed = if n == 2 { (2, Some(1)) } else { (0, Some(0)) };
        assert_eq!((head.counts.rekeyed, head.rekeys_with_removal), rekeyed);
        let all = (n == 2).then_some(RekeyChoices { all: RekeyChoice::TwoPeople, except: BTreeSet::new() });
        o.approve_with(&upload, all).await;
        o.settle().await;
        assert_eq!(o.upload(&upload.id).await.status, Status::Completed);
    }
    let user = async |id: &str| o.user(id).await.unwrap();
    for (old, new) in [("20006", "77006"), ("20007", "77007")] {
        assert_eq!(
            (user(old).await.status, user(new).await.status),
            (roster::Status::Disabled, roster::Status::Active)
        );
    }
    o.assert_at_rest().await;
}
