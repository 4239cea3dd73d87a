//! Sets whose files lie in a folder, beside a manifest that was put there too early.

use cloud::bucket::keys;
use wire::Status;

use crate::organisation::{HEADER, Organisation};

const FOLDER: &str = "inbox/partial/sets/night/";

async fn put(o: &Organisation, file: &str, content: String) {
    o.cloud().object_put(&format!("{FOLDER}{file}"), content).await.unwrap();
}

async fn lying(o: &Organisation) -> Vec<String> {
    o.cloud().object_list(keys::INBOX).await.unwrap().into_iter().map(|object| object.key).collect()
}

/// The function hears of the manifest before the files are there, and reads those once they are.
#[tokio::test]
async fn files_that_came_after_the_manifest_and_were_read_with_it_do_not_stay() {
    for manifest in ["", "file\nusers.csv\nclasses.csv\n"] {
        let mut o = Organisation::new(None).await;
        o.now -= 60_000;
        let users = format!("{HEADER},password\nAnn,Ash,,ann@a.example,T1,A,Teacher,,,Active,violet-tractor-9\n");
        put(&o, "manifest.csv", manifest.to_owned()).await;
        put(&o, "users.csv", users.clone()).await;
        put(&o, "classes.csv", "class_id,school_district_external_id,class_name\nM,A,Maths\n".to_owned()).await;
        assert!(o.tell_of(&format!("{FOLDER}manifest.csv")).await);
        let [upload] = &o.uploads().await[..] else { panic!("one upload") };
        assert!(matches!(upload.status, Status::Queued | Status::AwaitingApproval), "{upload:#?}");
        assert_eq!(lying(&o).await, Vec::<String>::new(), "{manifest}");
        // What comes once the set was read is the beginning of the next one.
        put(&o, "users.csv", users).await;
        assert!(o.tell_of(&format!("{FOLDER}users.csv")).await);
        assert_eq!(lying(&o).await, [format!("{FOLDER}users.csv")]);
    }
}
