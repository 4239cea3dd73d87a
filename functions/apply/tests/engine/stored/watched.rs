//! What is stored of watching: who hears of what, and notices that arrived, wait and were given up.

use std::collections::BTreeSet;
use std::fmt::Write;

use cloud::Cloud;
use cloud::audit::Author;
use cloud::table::WriteOutcome;
use cloud::webhooks::WebhookRecord;
use roster::SourceId;
use roster::durations::MINUTE;
use roster::watching::{DigestCounts, LastRoster, Mark, Notice, NoticeAbout, NoticeKind};
use serde_json::{Value, json};
use wire::stored::{NoticeChannel, NoticeChoice, NoticeDelivery, Webhook, WebhookId};
use wire::upload::{Decider, UploadPause};
use wire::{Upload, UploadId};

use crate::organisation::Organisation;

/// Returns rules with a schedule and a pause.
pub(super) fn rules() -> Value {
    json!({
        "enabled": true,
        "zone": "America/Chicago",
        "schedules": [{ "days": ["monday", "friday"], "by": "06:30", "within_hours": 10 }],
        "pauses": [{ "name": "Summer", "first": "2020-06-15", "last": "2020-08-15" }],
        "digest_at": "07:15",
        "shrunken_percent": 12.5,
    })
}

/// Has the administrator and a program hear of things, of which one arrived, one failed and one was given up.
pub(super) async fn tell(o: &Organisation) {
    let cloud = o.cloud();
    let choice = NoticeChoice { kinds: [NoticeKind::Late, NoticeKind::Digest].into() };
    cloud.notice_choice_set(o.admin.guid, &choice).await.unwrap();
    let webhook = Webhook {
        id: WebhookId("0123456789abcdef".to_owned()),
        name: "Chat".to_owned(),
        url: "https://hooks.example.org/a".to_owned(),
        kinds: NoticeKind::ALL.into(),
        made_at: o.now,
        made_by: "admin".to_owned(),
    };
    let program = NoticeChannel::Webhook(webhook.id.clone());
    let record = WebhookRecord { webhook, secret: "whsec_AAECAwQFBgcICQoLDA0ODw==".to_owned() };
    cloud.webhook_add(&record, &Author { by: None, at: o.now }).await.unwrap();
    mark_one(o).await;
    let open: BTreeSet<UploadId> = cloud.upload_list_open().await.unwrap().into_iter().collect();
    cloud.notices_begin("ab", o.now, o.now + 5 * MINUTE).await.unwrap().expect("nobody else tells");
    for (index, about) in every_kind(open.first().expect("one waits")).into_iter().enumerate() {
        let notice = Notice { id: format!("{index}.fixture"), at: o.now, about };
        let delivery = |channel: NoticeChannel| NoticeDelivery::new(notice.clone(), channel, o.now);
        let to = [delivery(NoticeChannel::Email(o.admin.guid)), delivery(program.clone())];
        cloud.notice_enter(&notice, &to, o.now).await.unwrap();
        cloud.delivery_end(&to[0]).await.unwrap();
    }
    let mut waiting = cloud.delivery_list().await.unwrap();
    waiting[0].fail("status 503".to_owned(), o.now);
    while waiting[1].given_up_at.is_none() {
        waiting[1].fail("no connection".to_owned(), o.now);
    }
    for delivery in &waiting[..2] {
        cloud.delivery_save(delivery).await.unwrap();
    }
    cloud.notices_end("ab", &open).await.unwrap();
}

/// Has an upload that is over have come during a pause, odd in every way.
async fn mark_one(o: &Organisation) {
    let upload = o.uploads().await.into_iter().find(|upload| upload.file_name == "renamed.csv").unwrap();
    let mut record = o.cloud().upload_get(&upload.id).await.unwrap().unwrap();
    record.upload.marks = every_mark();
    let by = Decider { guid: o.admin.guid, username: "admin".to_owned(), key: None };
    let name = "Summer".to_owned();
    record.upload.pause = Some(UploadPause { name, ended_at: Some(o.now), ended_by: Some(by) });
    assert_eq!(o.cloud().upload_save(&mut record).await.unwrap(), WriteOutcome::Written);
    let roster = LastRoster { upload: upload.id.0.clone(), sha256: "00".repeat(32), files: 1, rows: 2 };
    o.cloud().last_roster_put(&upload, &roster).await.unwrap();
}

fn every_mark() -> Vec<Mark> {
    vec![
        Mark::Identical,
        Mark::HeaderOnly,
        Mark::FewerFiles { files: 1, before: 3 },
        Mark::Shrunken { rows: 2, before: 9 },
    ]
}

fn every_kind(upload: &UploadId) -> Vec<NoticeAbout> {
    let upload = || upload.0.clone();
    vec![
        NoticeAbout::Late { source: Some(SourceId("sis".to_owned())), expected_at: 1 },
        NoticeAbout::Held { upload: upload(), changes: 2 },
        NoticeAbout::Failed { upload: upload() },
        NoticeAbout::Done { upload: upload(), changes: 3, left_out: 1 },
        NoticeAbout::Odd { upload: upload(), marks: every_mark() },
        NoticeAbout::Digest(DigestCounts { done: 1, failed: 2, held: 3, late: 4, odd: 6, paused: 5 }),
        NoticeAbout::Test,
    ]
}

/// Returns what the present types read of it.
pub(super) async fn read(cloud: &Cloud, now: u64) -> String {
    let mut read = String::new();
    writeln!(read, "choices: {:#?}", cloud.notice_choice_list().await.unwrap()).unwrap();
    for WebhookRecord { webhook, secret } in cloud.webhook_list().await.unwrap() {
        writeln!(read, "webhook: {webhook:#?} {secret}").unwrap();
    }
    writeln!(read, "told: {:#?}", cloud.notice_list_ids().await.unwrap()).unwrap();
    writeln!(read, "on their way: {:#?}", cloud.delivery_list().await.unwrap()).unwrap();
    for upload in cloud.upload_list(100, None).await.unwrap().items {
        // What comes after the last one is compared with it.
        let after = Upload { id: UploadId("g".to_owned()), ..upload };
        if let Some(last) = cloud.last_roster_before(&after).await.unwrap() {
            writeln!(read, "{}: {last:#?}", after.file_name).unwrap();
        }
    }
    if !cloud.notice_choice_list().await.unwrap().is_empty() {
        let memory = cloud.notices_begin("cd", now + 60 * MINUTE, now + 65 * MINUTE).await.unwrap();
        writeln!(read, "memory: {memory:#?}").unwrap();
    }
    read
}
