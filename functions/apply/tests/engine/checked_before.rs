//! A file that the page checked by a mapping that the server does not read it by.

use cloud::bucket::{digest, keys};
use cloud::tickets::Ticket;
use cloud::uploads::upload_id;
use roster::{MappingProfile, Mode, Scope};
use wire::upload::CheckedBefore;
use wire::{Source, Status};

use crate::organisation::{HEADER, Organisation};

#[tokio::test]
async fn an_upload_keeps_the_mapping_of_the_check_before_beside_the_one_that_read_it() {
    let o = Organisation::new(None).await;
    let row = format!("{HEADER}\nBen,Birch,,,00123,A,Student,,4,Active\n");
    let checked = CheckedBefore { profile: Some(MappingProfile::identity().used()) };
    let id = upload_id(o.now, [5; 10]);
    let ticket = Ticket {
        key: keys::inbox(Mode::Partial, &id, "pupils.csv"),
        id: id.clone(),
        mode: Mode::Partial,
        by_hand: false,
        scope: Scope::Organisation,
        source: Source::Administrator { guid: o.admin.guid, username: "admin".to_owned(), key: None },
        of_source: None,
        file_name: "pupils.csv".to_owned(),
        encoding: None,
        sheet: None,
        checked: Some(checked.clone()),
        bytes: row.len() as u64,
        sha256: Some(digest(row.as_bytes())),
        created_at: o.now,
    };
    o.cloud().ticket_put(&ticket).await.unwrap();
    o.cloud().object_put(&ticket.key, row).await.unwrap();
    o.settle().await;
    let done = o.upload(&id).await;
    // The settings have no mapping any more, and the columns are understood without one.
    assert_eq!((done.status, &done.profile), (Status::Completed, &None));
    assert_eq!(done.checked_otherwise(), Some(&checked));
}
