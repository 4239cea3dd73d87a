//! Which upload a plan was compared after, and which one was the last to change anything.

use wire::{Status, Upload, UploadId};

use crate::organisation::Organisation;

const ANN: &str = "Ann,Ash,,ann@a.example,T1,A,Teacher,Head,,Active";
const BEN: &str = "Ben,Birch,,,00123,A,Student,,4,Active";

async fn last_applied(o: &Organisation) -> Option<UploadId> {
    o.cloud().upload_get_last_applied().await.unwrap().map(|last| last.upload)
}

async fn sent(o: &mut Organisation, key: &str, rows: &[&str]) -> Upload {
    o.now += 1000;
    o.drop(key, rows).await;
    o.settle().await;
    o.uploads().await.pop().unwrap()
}

#[tokio::test]
async fn a_plan_knows_what_was_carried_out_before_it_and_whether_that_changed_anything() {
    let mut o = Organisation::new(None).await;
    let first = sent(&mut o, "inbox/partial/1.csv", &[ANN, BEN]).await;
    assert_eq!((first.status, first.compared_after), (Status::Completed, None));
    assert_eq!(last_applied(&o).await, Some(first.id.clone()));

    let unchanged = sent(&mut o, "inbox/partial/2.csv", &[ANN]).await;
    assert_eq!((unchanged.status, unchanged.compared_after), (Status::Completed, Some(first.id.clone())));
    assert_eq!(last_applied(&o).await, Some(first.id.clone()), "it changed nothing");

    let waiting = sent(&mut o, "inbox/full/3.csv", &[ANN]).await;
    assert_eq!((&waiting.status, &waiting.compared_after), (&Status::AwaitingApproval, &Some(first.id)));
    let other = sent(&mut o, "inbox/partial/4.csv", &[&BEN.replace(",4,", ",5,")]).await;
    assert_eq!(other.status, Status::Completed);
    assert_eq!(last_applied(&o).await, Some(other.id.clone()));

    // All of its changes are of somebody who drifted: it changes nothing, and is not the last one that did.
    o.approve(&waiting).await;
    o.settle().await;
    assert_eq!(o.upload(&waiting.id).await.left_alone, 1);
    assert_eq!(last_applied(&o).await, Some(other.id));
}
