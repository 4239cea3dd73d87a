//! Approving and rejecting.

use cloud::bucket::{digest, keys, lines};
use cloud::table::WriteOutcome;
use roster::{
    Change, Counts, Guid, Kind, Mode, Reading, RekeyChoice, RekeyChoices, Removal, RemovalAction, Roles, SchoolId,
    Scope, Tally, TwoPeople, UserType,
};
use serde_json::{Value, json};
use wire::stored::{ChunkHead, PlanHead, VERSION};
use wire::{FileKind, Status, Upload};

use crate::plans::{change, head};
use crate::system::{Answer, Person, System};
use crate::uploads::upload;

const COUNTS: Counts = Counts {
    created: 1,
    updated: 0,
    moved: 0,
    reactivated: 0,
    removed: 3,
    unchanged: 9,
    rejected: 0,
    renamed: 0,
    rekeyed: 0,
    kept: 0,
    outside: 0,
    further: 0,
};

/// Makes an upload whose plan with these chunks awaits approval.
pub async fn awaiting(system: &System, scope: Scope, chunks: Vec<ChunkHead>) -> Upload {
    awaiting_with(system, scope, |head| head.chunks = chunks).await
}

/// Makes an upload that awaits approval of a plan that makes and closes accounts with these roles.
pub async fn awaiting_that_reaches(
    system: &System,
    scope: Scope,
    chunks: Vec<ChunkHead>,
    [hands_out, closes]: [Roles; 2],
) -> Upload {
    awaiting_with(system, scope, |head| (head.chunks, head.hands_out, head.closes) = (chunks, hands_out, closes)).await
}

/// Makes an upload that awaits approval of a plan that says more.
pub async fn awaiting_with(system: &System, scope: Scope, plan: impl FnOnce(&mut PlanHead)) -> Upload {
    let mut upload = upload(system.now(), scope.clone());
    let school = SchoolId("somewhere".to_owned());
    let tally = Tally { school: Some(school), user_type: Some(UserType::Student), counts: COUNTS };
    let mut head = PlanHead {
        version: VERSION,
        upload: upload.id.clone(),
        mode: Mode::Full,
        scope,
        removal_action: RemovalAction::Delete,
        counts: COUNTS,
        rekeys_with_removal: Some(0),
        tallies: vec![tally],
        holds: Vec::new(),
        reading: Reading::default(),
        hands_out: Roles::default(),
        closes: Roles::default(),
        sources: None,
        classes: None,
        chunks: Vec::new(),
    };
    plan(&mut head);
    let bytes = serde_json::to_vec(&head).unwrap();
    let digest = digest(&bytes);
    system.cloud.object_put(&keys::plan(&upload.id, &digest), bytes).await.unwrap();
    upload.status = Status::AwaitingApproval;
    upload.counts = Some(head.counts);
    upload.digest = Some(digest);
    system.cloud.upload_enter(&upload).await.unwrap();
    upload
}

/// Makes the plan another one than its digest says.
pub async fn alter_plan(system: &System, upload: &Upload) {
    let key = keys::plan(&upload.id, upload.digest.as_deref().unwrap());
    let plan = system.cloud.object_get(&key).await.unwrap().unwrap();
    system.cloud.object_put(&key, [&plan[..], b"\n"].concat()).await.unwrap();
}

async fn approve(person: &Person<'_>, upload: &Upload, digest: &str, removals: u64) -> Answer {
    let body = json!({ "digest": digest, "removals": removals });
    person.post(&format!("/api/uploads/{}/approve", upload.id), body).await
}

/// Approves the plan with what is chosen for its re-keys.
async fn choose(person: &Person<'_>, upload: &Upload, rekeys: Option<&RekeyChoices>, removals: u64) -> Answer {
    let body = json!({ "digest": upload.digest, "removals": removals, "rekeys": rekeys });
    person.post(&format!("/api/uploads/{}/approve", upload.id), body).await
}

fn choices(all: RekeyChoice, except: impl IntoIterator<Item = u32>) -> RekeyChoices {
    RekeyChoices { all, except: except.into_iter().collect() }
}

/// Returns a probable re-key, whose user may be there to be removed.
fn rekey(school: &SchoolId, row: usize, has_removal: bool) -> Change {
    let change = change(Kind::Rekeyed, school, UserType::Student, row);
    let two_people = TwoPeople {
        guid: Guid(Default::default()),
        fields: change.after.clone().unwrap(),
        password: None,
        removal: has_removal.then_some(Removal { after: None, exchange: None }),
        exchange: None,
    };
    Change { two_people: Some(Box::new(two_people)), ..change }
}

/// Makes an upload whose plan removes three and re-keys the users of rows 1, 2 and 5, of whom the second one is
/// disabled already.
async fn with_rekeys(system: &System) -> Upload {
    let school = &system.north.id;
    let created = change(Kind::Created, school, UserType::Student, 4);
    let chunks =
        [vec![rekey(school, 1, true), rekey(school, 2, false)], vec![created.clone()], vec![rekey(school, 5, true)]];
    let heads = chunks.iter().map(|changes| head(changes)).collect();
    let counts = Counts { rekeyed: 3, ..COUNTS };
    let plan = |head: &mut PlanHead| {
        (head.chunks, head.counts, head.rekeys_with_removal) = (heads, counts, Some(2));
    };
    let upload = awaiting_with(system, Scope::Organisation, plan).await;
    for (n, changes) in (0..).zip(chunks) {
        let key = keys::changes(&upload.id, n, &head(&changes).digest);
        system.cloud.object_put(&key, lines(&changes)).await.unwrap();
    }
    upload
}

async fn reject(person: &Person<'_>, upload: &Upload, digest: &str, reason: &str) -> Answer {
    let body = json!({ "digest": digest, "reason": reason });
    person.post(&format!("/api/uploads/{}/reject", upload.id), body).await
}

/// Returns whether `apply` was woken for the upload.
async fn woken(system: &System, upload: &Upload) -> bool {
    system.cloud.object_head(&keys::approval(&upload.id)).await.unwrap().is_some()
}

#[tokio::test]
async fn an_approval_names_the_plan_and_its_removals() {
    let system = System::start().await;
    let dora = system.dora().await;
    let upload = awaiting(&system, Scope::Organisation, Vec::new()).await;
    let digest = upload.digest.clone().unwrap();
    let detail = dora.get(&format!("/api/uploads/{}", upload.id)).await.ok();
    assert_eq!((&detail["may_decide"], &detail["tallies"][0]["counts"]["removed"]), (&json!(true), &json!(3)));

    let other = "0".repeat(64);
    assert_eq!(approve(&dora, &upload, &other, 3).await.said(), (409, "plan_changed"));
    for wrong in [0, 2, 4] {
        assert_eq!(approve(&dora, &upload, &digest, wrong).await.said(), (422, "removals_differ"));
    }
    assert!(!woken(&system, &upload).await);

    system.later(60);
    let approved = approve(&dora, &upload, &digest, 3).await.ok();
    assert_eq!(approved["status"], "queued");
    let decision = &approved["decision"];
    assert_eq!((&decision["verdict"], &decision["by"]["username"]), (&json!("approved"), &json!("Dora")));
    assert_eq!((&decision["digest"], &decision["at"]), (&json!(digest), &json!(system.now())));
    assert!(woken(&system, &upload).await);
    let detail = dora.get(&format!("/api/uploads/{}", upload.id)).await.ok();
    assert_eq!(detail["may_decide"], false);
}

#[tokio::test]
async fn a_plan_with_re_keys_needs_a_choice_for_each_of_them_and_for_no_other_row() {
    let system = System::start().await;
    let dora = system.dora().await;
    let with = with_rekeys(&system).await;
    system.later(1);
    let without = awaiting(&system, Scope::Organisation, Vec::new()).await;
    let check = async |upload: &Upload, rekeys: Option<RekeyChoices>, removals: u64, code: &str| {
        let answer = choose(&dora, upload, rekeys.as_ref(), removals).await;
        assert_eq!(answer.said(), (422, code), "{removals} {:?}", rekeys.map(|r| (r.all, r.except.len())));
    };
    let (same, two) = (RekeyChoice::SamePerson, RekeyChoice::TwoPeople);
    check(&with, None, 3, "choices_missing").await;
    check(&without, Some(choices(same, [])), 3, "choices_missing").await;
    for unknown in [0, 3, 4, 6] {
        check(&with, Some(choices(same, [1, unknown])), 4, "choices_missing").await;
        check(&with, Some(choices(two, [unknown])), 5, "choices_missing").await;
    }
    check(&with, Some(choices(same, 1..=5001)), 5, "too_many_choices").await;
    check(&with, Some(choices(same, 1..=5000)), 5, "choices_missing").await;
    for (choices, removals) in sums() {
        for wrong in (0..8).filter(|wrong| *wrong != removals) {
            check(&with, Some(choices.clone()), wrong, "removals_differ").await;
        }
    }
    assert!(!woken(&system, &with).await);
}

/// Choices for the re-keys of a plan, and how many users are removed by them.
fn sums() -> [(RekeyChoices, u64); 6] {
    let (same, two) = (RekeyChoice::SamePerson, RekeyChoice::TwoPeople);
    [
        (choices(same, []), 3),
        (choices(same, [1]), 4),
        (choices(same, [2]), 3),
        (choices(two, []), 5),
        (choices(two, [1, 5]), 3),
        (choices(two, [2]), 5),
    ]
}

#[tokio::test]
async fn the_removals_of_a_choice_are_those_that_the_page_can_count() {
    let system = System::start().await;
    let dora = system.dora().await;
    for (chosen, removals) in sums() {
        system.later(1);
        let upload = with_rekeys(&system).await;
        let path = format!("/api/uploads/{}", upload.id);
        let total = dora.get(&path).await.ok()["rekeys_with_removal"].as_u64().unwrap();
        let pairs = dora.get(&format!("{path}/changes?kind=rekeyed")).await.ok();
        let removed = |pair: &&Value| pair["two_people"]["removal"].is_object();
        let excepted = |pair: &&Value| chosen.except.contains(&(pair["row"].as_u64().unwrap() as u32));
        let except = pairs["items"].as_array().unwrap().iter().filter(excepted).filter(removed).count() as u64;
        let counted = match chosen.all {
            RekeyChoice::SamePerson => COUNTS.removed + except,
            RekeyChoice::TwoPeople => COUNTS.removed + total - except,
        };
        assert_eq!(counted, removals, "{chosen:?}");
        let approved = choose(&dora, &upload, Some(&chosen), counted).await.ok();
        assert_eq!(approved["decision"]["rekeys"], serde_json::to_value(&chosen).unwrap());
    }
}

#[tokio::test]
async fn a_plan_of_an_earlier_version_removes_every_absent_user() {
    let system = System::start().await;
    let dora = system.dora().await;
    for (mode, expected) in [(Mode::Full, 7), (Mode::Partial, 0)] {
        system.later(1);
        let plan = |head: &mut PlanHead| {
            (head.mode, head.counts.rekeyed, head.rekeys_with_removal) = (mode, 7, None);
        };
        let upload = awaiting_with(&system, Scope::Organisation, plan).await;
        let detail = dora.get(&format!("/api/uploads/{}", upload.id)).await.ok();
        assert_eq!(detail["rekeys_with_removal"], expected, "{mode:?}");
    }
}

#[tokio::test]
async fn an_approval_with_other_choices_is_another_one() {
    let system = System::start().await;
    let dora = system.dora().await;
    let upload = with_rekeys(&system).await;
    let (same, two) = (RekeyChoice::SamePerson, RekeyChoice::TwoPeople);
    let first = choose(&dora, &upload, Some(&choices(same, [2])), 3).await.ok();
    system.later(60);
    assert_eq!(choose(&dora, &upload, Some(&choices(same, [2])), 3).await.ok(), first);
    for other in [None, Some(choices(same, [])), Some(choices(same, [1])), Some(choices(two, [2]))] {
        let answer = choose(&dora, &upload, other.as_ref(), 3).await;
        assert_eq!(answer.said(), (409, "already_approved"), "{other:?}");
    }
}

#[tokio::test]
async fn nobody_approves_accounts_that_may_do_more_than_they() {
    let system = System::start().await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let north = Scope::School(system.north.id.clone());
    for (roles, of_nora) in [("student_portal;school_administrator", 200), ("read_only_auditor", 403)] {
        system.later(1);
        let reach = [Roles::read(roles), Roles::default()];
        let upload = awaiting_that_reaches(&system, north.clone(), Vec::new(), reach).await;
        let digest = upload.digest.clone().unwrap();
        let answer = approve(&nora, &upload, &digest, 3).await;
        assert_eq!(answer.status.as_u16(), of_nora, "{roles}");
        if of_nora == 403 {
            assert_eq!(answer.code(), "hands_out_more");
            approve(&dora, &upload, &digest, 3).await.ok();
        }
    }
}

#[tokio::test]
async fn nobody_closes_accounts_that_may_do_more_than_they() {
    let system = System::start().await;
    let (dora, nora) = (system.dora().await, system.nora().await);
    let north = Scope::School(system.north.id.clone());
    for (roles, of_nora) in [("student_portal;school_administrator", 200), ("read_only_auditor", 403)] {
        system.later(1);
        let reach = [Roles::default(), Roles::read(roles)];
        let upload = awaiting_that_reaches(&system, north.clone(), Vec::new(), reach).await;
        let digest = upload.digest.clone().unwrap();
        let answer = approve(&nora, &upload, &digest, 3).await;
        assert_eq!(answer.status.as_u16(), of_nora, "{roles}");
        if of_nora == 403 {
            assert_eq!(answer.code(), "closes_more");
            approve(&dora, &upload, &digest, 3).await.ok();
        }
    }
}

#[tokio::test]
async fn the_same_approval_again_changes_nothing_and_wakes_again() {
    let system = System::start().await;
    let dora = system.dora().await;
    let upload = awaiting(&system, Scope::Organisation, Vec::new()).await;
    let digest = upload.digest.clone().unwrap();
    let first = approve(&dora, &upload, &digest, 3).await.ok();
    // As if the first one had ended before it put the object.
    system.cloud.object_delete(&keys::approval(&upload.id)).await.unwrap();
    system.later(60);
    assert_eq!(approve(&dora, &upload, &digest, 3).await.ok(), first);
    assert!(woken(&system, &upload).await);
    assert_eq!(reject(&dora, &upload, &digest, "no").await.said(), (409, "already_approved"));
    assert_eq!(approve(&dora, &upload, &"0".repeat(64), 3).await.said(), (409, "already_approved"));
}

#[tokio::test]
async fn two_who_decide_at_once_make_one_decision() {
    let system = System::start().await;
    let (dora, again) = (system.dora().await, system.dora().await);
    let upload = awaiting(&system, Scope::Organisation, Vec::new()).await;
    let digest = upload.digest.clone().unwrap();
    let (a, b) = futures::join!(approve(&dora, &upload, &digest, 3), approve(&again, &upload, &digest, 3));
    assert_eq!(a.ok()["decision"], b.ok()["decision"]);
    let record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
    assert_eq!(record.version, 2, "one write made the decision");

    let upload = {
        system.later(1);
        awaiting(&system, Scope::Organisation, Vec::new()).await
    };
    let digest = upload.digest.clone().unwrap();
    let (a, b) = futures::join!(approve(&dora, &upload, &digest, 3), reject(&again, &upload, &digest, "no"));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let approved = a.status.as_u16() == 200;
    assert_eq!(woken(&system, &upload).await, approved);
}

#[tokio::test]
async fn a_rejection_needs_a_reason_and_is_final() {
    let system = System::start().await;
    let dora = system.dora().await;
    let upload = awaiting(&system, Scope::Organisation, Vec::new()).await;
    let digest = upload.digest.clone().unwrap();
    for reason in ["", "  \n", &"x".repeat(1001)] {
        assert_eq!(reject(&dora, &upload, &digest, reason).await.said(), (422, "invalid"));
    }
    assert_eq!(reject(&dora, &upload, &"0".repeat(64), "no").await.said(), (409, "plan_changed"));
    let rejected = reject(&dora, &upload, &digest, " Last year's file ").await.ok();
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(rejected["decision"]["verdict"], json!({ "rejected": { "reason": "Last year's file" } }));
    assert!(!woken(&system, &upload).await);
    assert_eq!(reject(&dora, &upload, &digest, "Last year's file").await.ok(), rejected);
    assert_eq!(reject(&dora, &upload, &digest, "Another reason").await.said(), (409, "already_rejected"));
    assert_eq!(approve(&dora, &upload, &digest, 3).await.said(), (409, "already_rejected"));
}

#[tokio::test]
async fn only_a_plan_that_awaits_approval_can_be_decided_about() {
    let system = System::start().await;
    let dora = system.dora().await;
    let upload = upload(system.now(), Scope::Organisation);
    system.cloud.upload_enter(&upload).await.unwrap();
    let answer = approve(&dora, &upload, &"0".repeat(64), 0).await;
    assert_eq!(answer.said(), (409, "not_awaiting"));
    assert_eq!(answer.body["message"], "The upload is not awaiting approval: it is In Progress.");
    let new = json!({ "mode": "full", "file_name": "a.csv", "bytes": 1, "sha256": "5".repeat(64) });
    let ticket = dora.post("/api/uploads", new).await.ok();
    let path = format!("/api/uploads/{}/reject", ticket["id"].as_str().unwrap());
    let answer = dora.post(&path, json!({ "digest": "", "reason": "no" })).await;
    assert_eq!(answer.body["message"], "The upload is not awaiting approval: it is Queued.");
}

#[tokio::test]
async fn a_plan_that_was_altered_can_be_looked_at_and_rejected_and_no_more() {
    let system = System::start().await;
    let dora = system.dora().await;
    let upload = awaiting(&system, Scope::Organisation, Vec::new()).await;
    let digest = upload.digest.clone().unwrap();
    alter_plan(&system, &upload).await;
    let path = format!("/api/uploads/{}", upload.id);
    let detail = dora.get(&path).await.ok();
    assert_eq!((&detail["may_decide"], &detail["tallies"]), (&json!(true), &json!([])));
    assert_eq!(approve(&dora, &upload, &digest, 3).await.said(), (409, "plan_unreadable"));
    assert_eq!(dora.get(&format!("{path}/changes")).await.said(), (409, "plan_unreadable"));
    assert_eq!(reject(&dora, &upload, &digest, "altered").await.ok()["status"], "rejected");

    let mut record = system.cloud.upload_get(&upload.id).await.unwrap().unwrap();
    record.upload.failure = Some("The plan was altered.".to_owned());
    record.upload.status = Status::Failed;
    record.upload.files = vec![FileKind::Completed];
    let _ = system.cloud.upload_save(&mut record).await.unwrap();
    system.cloud.object_put(&keys::credentials(&upload.id), "custom_id,temporary_password\n").await.unwrap();
    let detail = dora.get(&path).await.ok();
    assert_eq!(detail["upload"]["failure"], "The plan was altered.");
    assert_eq!(detail["passwords_until"], json!(null), "it is not known what they allow");
}

#[tokio::test]
async fn a_plan_that_waits_says_that_another_upload_was_carried_out_since() {
    let system = System::start().await;
    let waiting = awaiting(&system, Scope::School(system.north.id.clone()), Vec::new()).await;
    let overtaken_at = async || {
        let nora = system.nora().await;
        nora.get(&format!("/api/uploads/{}", waiting.id)).await.ok()["overtaken_at"].clone()
    };
    assert_eq!(overtaken_at().await, Value::Null, "nothing was carried out");
    system.later(60);
    let other = carried_out(&system).await;
    assert_eq!(overtaken_at().await, json!(system.now()));

    let mut record = system.cloud.upload_get(&waiting.id).await.unwrap().unwrap();
    record.upload.compared_after = Some(other.id);
    let saved = system.cloud.upload_save(&mut record).await.unwrap();
    assert_eq!(saved, WriteOutcome::Written);
    assert_eq!(overtaken_at().await, Value::Null, "it was compared after that one");
    carried_out(&system).await;
    assert_eq!(overtaken_at().await, json!(system.now()));
    record.upload.status = Status::Completed;
    let saved = system.cloud.upload_save(&mut record).await.unwrap();
    assert_eq!(saved, WriteOutcome::Written);
    assert_eq!(overtaken_at().await, Value::Null, "it does not wait any more");
}

/// Makes an upload that has changed something, later than all before it.
async fn carried_out(system: &System) -> Upload {
    system.later(1);
    let mut record = system.cloud.upload_enter(&upload(system.now(), Scope::Organisation)).await.unwrap();
    record.upload.status = Status::Completed;
    let saved = system.cloud.upload_save_applied(&mut record, &[]).await.unwrap();
    assert_eq!(saved, WriteOutcome::Written);
    record.upload
}
