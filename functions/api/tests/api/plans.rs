//! The plan and the findings, page by page.

use cloud::bucket::{digest, keys, lines};
use roster::{Change, Code, Column, Counts, Fields, Finding, Kind, SchoolId, Scope, Tally, UserType};
use serde_json::Value;
use wire::Upload;
use wire::stored::{ChunkHead, ChunkOf};

use crate::decisions::awaiting;
use crate::system::{Person, System, student};
use crate::uploads::upload;

pub fn change(kind: Kind, school: &SchoolId, user_type: UserType, n: usize) -> Change {
    let mut user = student("Ora", &format!("K{n}"), &format!("{n:05}"), school);
    user.user_type = user_type;
    let fields = Fields::of(&user);
    let (before, after) = match kind {
        Kind::Created => (None, fields),
        Kind::Removed => (fields, None),
        _ => (fields.clone(), fields),
    };
    Change {
        kind,
        guid: user.guid,
        row: after.is_some().then_some(n as u32),
        seen_version: before.is_some().then_some(1),
        before,
        after,
        password: None,
        restores: false,
        exchange: None,
        two_people: None,
        not_updated: Vec::new(),
    }
}

pub fn head(changes: &[Change]) -> ChunkHead {
    let mut tallies: Vec<Tally> = Vec::new();
    for change in changes {
        let fields = change.shown().unwrap();
        let (school, user_type) = (Some(fields.school.clone()), Some(fields.user_type));
        let place = tallies.iter().position(|tally| tally.school == school && tally.user_type == user_type);
        let place = place.unwrap_or_else(|| {
            tallies.push(Tally { school, user_type, counts: Counts::default() });
            tallies.len() - 1
        });
        *tallies[place].counts.count_mut(change.kind) += 1;
    }
    ChunkHead {
        changes: changes.len() as u32,
        digest: digest(&lines(changes)),
        passwords: None,
        tallies,
        last: false,
        of: ChunkOf::Users,
        class_tallies: Vec::new(),
    }
}

/// Makes an upload with these chunks; those that are not `kept` can't be opened.
pub async fn planned(system: &System, chunks: &[Vec<Change>], kept: impl Fn(usize) -> bool) -> Upload {
    planned_for(system, Scope::Organisation, chunks, kept).await
}

/// Makes an upload of a scope with these chunks; those that are not `kept` can't be opened.
pub async fn planned_for(
    system: &System,
    scope: Scope,
    chunks: &[Vec<Change>],
    kept: impl Fn(usize) -> bool,
) -> Upload {
    let heads: Vec<ChunkHead> = chunks.iter().map(|changes| head(changes)).collect();
    let upload = awaiting(system, scope, heads.clone()).await;
    for (n, (changes, head)) in chunks.iter().zip(heads).enumerate().filter(|(n, _)| kept(*n)) {
        let key = keys::changes(&upload.id, n as u32, &head.digest);
        system.cloud.object_put(&key, lines(changes)).await.unwrap();
    }
    upload
}

/// Reads the rows of all items under `path`, and the sizes of the pages.
async fn pages(person: &Person<'_>, path: &str) -> (Vec<Option<u64>>, Vec<usize>) {
    let (mut rows, mut sizes, mut cursor) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let query = cursor.map(|cursor| format!("{sign}cursor={cursor}")).unwrap_or_default();
        let page = person.get(&format!("{path}{query}")).await.ok();
        let items = page["items"].as_array().unwrap();
        rows.extend(items.iter().map(|item: &Value| item["row"].as_u64()));
        sizes.push(items.len());
        cursor = page["cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return (rows, sizes);
        }
    }
}

fn rows(range: std::ops::Range<u64>) -> Vec<Option<u64>> {
    range.map(Some).collect()
}

#[tokio::test]
async fn changes_come_in_pages_of_a_hundred_in_the_order_of_the_plan() {
    let system = System::start().await;
    let dora = system.dora().await;
    let make = |n| change(Kind::Created, &system.north.id, UserType::Student, n);
    let chunks =
        [(0..130).map(make).collect::<Vec<_>>(), (130..200).map(make).collect(), (200..203).map(make).collect()];
    let upload = planned(&system, &chunks, |_| true).await;
    let (seen, sizes) = pages(&dora, &format!("/api/uploads/{}/changes", upload.id)).await;
    assert_eq!(seen, rows(0..203));
    assert_eq!(sizes, [100, 100, 3]);
}

#[tokio::test]
async fn a_filter_opens_only_the_chunks_that_hold_what_it_asks_for() {
    let system = System::start().await;
    let dora = system.dora().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let mixed: Vec<Change> = (0..10)
        .map(|n| change(if n % 2 == 0 { Kind::Updated } else { Kind::Moved }, south, UserType::Teacher, n))
        .collect();
    let created: Vec<Change> = (10..120).map(|n| change(Kind::Created, north, UserType::Student, n)).collect();
    let removed: Vec<Change> = (120..130).map(|n| change(Kind::Removed, north, UserType::Student, n)).collect();
    let chunks = [mixed, created, removed];
    let numbered = |n: &[u64]| n.iter().copied().map(Some).collect::<Vec<_>>();
    let cases = [
        ("kind=updated".to_owned(), 0, numbered(&[0, 2, 4, 6, 8])),
        ("kind=moved&user_type=Teacher".to_owned(), 0, numbered(&[1, 3, 5, 7, 9])),
        ("kind=created".to_owned(), 1, rows(10..120)),
        (format!("school={}&kind=created", north.0), 1, rows(10..120)),
        ("kind=removed".to_owned(), 2, vec![None; 10]),
        (format!("school={}", south.0), 0, rows(0..10)),
        ("user_type=Teacher".to_owned(), 0, rows(0..10)),
        ("kind=reactivated".to_owned(), 9, vec![]),
        (format!("school={}&kind=removed", south.0), 9, vec![]),
    ];
    for (query, only, expected) in cases {
        system.later(1);
        let upload = planned(&system, &chunks, |n| n == only).await;
        let (seen, _) = pages(&dora, &format!("/api/uploads/{}/changes?{query}", upload.id)).await;
        assert_eq!(seen, expected, "{query}");
    }
}

#[tokio::test]
async fn a_filter_that_finds_little_answers_in_parts() {
    let system = System::start().await;
    let dora = system.dora().await;
    let (north, south) = (&system.north.id, &system.south.id);
    let chunk = |n: usize| {
        // Each chunk has what is asked for, but not together in one user.
        vec![change(Kind::Moved, north, UserType::Student, n), change(Kind::Moved, south, UserType::Student, n)]
    };
    let chunks: Vec<Vec<Change>> = (0..25).map(chunk).collect();
    let upload = planned(&system, &chunks, |_| true).await;
    let path = format!("/api/uploads/{}/changes?school={}", upload.id, north.0);
    let (seen, sizes) = pages(&dora, &path).await;
    assert_eq!((seen, sizes), (rows(0..25), vec![10, 10, 5]));
}

#[tokio::test]
async fn an_upload_without_a_plan_has_no_changes() {
    let system = System::start().await;
    let dora = system.dora().await;
    let upload = upload(system.now(), Scope::Organisation);
    system.cloud.upload_enter(&upload).await.unwrap();
    assert_eq!(dora.get(&format!("/api/uploads/{}/changes", upload.id)).await.said(), (404, "not_found"));
    system.later(1);
    let planned = planned(&system, &[], |_| true).await;
    let path = format!("/api/uploads/{}/changes", planned.id);
    assert_eq!(dora.get(&format!("{path}?cursor=1")).await.said(), (400, "cursor_unknown"));
    assert_eq!(dora.get(&format!("{path}?cursor=9:9")).await.ok()["items"], serde_json::json!([]));
    assert_eq!(dora.get(&format!("{path}?kind=nothing")).await.said(), (400, "unreadable"));
}

#[tokio::test]
async fn findings_come_with_their_texts_in_pages() {
    let system = System::start().await;
    let dora = system.dora().await;
    let upload = upload(system.now(), Scope::Organisation);
    system.cloud.upload_enter(&upload).await.unwrap();
    let path = format!("/api/uploads/{}/findings", upload.id);
    assert_eq!(pages(&dora, &path).await, (vec![], vec![0]));

    let finding = |row| Finding::at(Code::GradeUnknown, row, Column::Grade, "09");
    for (n, part) in [0..1000, 1000..1050].into_iter().enumerate() {
        let part: Vec<Finding> = part.map(finding).collect();
        system.cloud.object_put(&keys::findings(&upload.id, None, n as u32), lines(&part)).await.unwrap();
    }
    let (seen, sizes) = pages(&dora, &path).await;
    assert_eq!(seen, rows(0..1050));
    assert_eq!(sizes.len(), 11);
    let first = &dora.get(&path).await.ok()["items"][0];
    assert_eq!((&first["code"], &first["severity"]), (&Value::from("GRADE_UNKNOWN"), &Value::from("row")));
    assert_eq!(
        (&first["column"], &first["message"]),
        (&Value::from("grade"), &Value::from("\u{201c}09\u{201d} is not a grade."))
    );
    assert!(first["hint"].as_str().unwrap().contains("Correct it."));
}

#[tokio::test]
async fn what_was_deleted_by_the_settings_is_said_and_the_history_stays() {
    let system = System::start().await;
    let dora = system.dora().await;
    let chunk = vec![change(Kind::Created, &system.north.id, UserType::Student, 1)];
    let upload = planned(&system, &[chunk], |_| true).await;
    let mut record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
    record.upload.status = wire::Status::Completed;
    record.upload.files_deleted_at = Some(system.now());
    let _ = system.cloud.upload_save(&mut record).await.unwrap();
    system.cloud.upload_files_delete(&upload.id).await.unwrap();
    let address = format!("/api/uploads/{}", upload.id);
    for what in ["changes", "findings", "files/plan"] {
        assert_eq!(dora.get(&format!("{address}/{what}")).await.said(), (410, "files_gone"), "{what}");
    }
    let detail = dora.get(&address).await.ok();
    assert_eq!(detail["upload"]["files_deleted_at"], system.now());
    assert_eq!(detail["upload"]["counts"], serde_json::to_value(upload.counts).unwrap());
}

#[tokio::test]
async fn a_plan_that_lines_were_taken_out_of_is_still_shown() {
    let system = System::start().await;
    let dora = system.dora().await;
    let chunk: Vec<_> = (1..4).map(|n| change(Kind::Created, &system.north.id, UserType::Student, n)).collect();
    let upload = planned(&system, std::slice::from_ref(&chunk), |_| false).await;
    let key = keys::changes(&upload.id, 0, &head(&chunk).digest);
    system.cloud.object_put(&key, lines(&chunk[1..])).await.unwrap();
    let address = format!("/api/uploads/{}/changes", upload.id);
    assert_eq!(dora.get(&address).await.status, 409, "a plan that is not over must be what its digest says");
    let mut record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
    record.upload.status = wire::Status::Completed;
    record.upload.redacted_at = Some(system.now());
    let _ = system.cloud.upload_save(&mut record).await.unwrap();
    assert_eq!(dora.get(&address).await.ok()["items"].as_array().unwrap().len(), 2);
}
