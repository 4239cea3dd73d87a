//! Checks a roster that appeared in the inbox, compares it with the directory and writes the plan.
//!
//! One object is one upload, however often one hears of it: its id is that of the ticket, or derived from the object.
//! The function may be stopped anywhere, and two may be at work on one object. Everything that is written is the
//! same each time, or stands under the digest of the plan that it belongs to; one conditional write records the
//! result; and the object itself, which may hold passwords, is deleted last.

#![warn(clippy::missing_errors_doc)]

mod check;
mod classes;
mod fault;
mod handled;
mod intake;
mod kept;
mod known_settings;
mod marks;
mod pause;
mod planned;
mod rosters;
mod set_folder;
mod store;
mod sweep;

use std::time::Instant;

use cloud::Cloud;
use cloud::bucket::{Head, keys};
use cloud::retry::Patience;
use cloud::table::WriteOutcome;
use cloud::uploads::{MAX_ATTEMPTS, UploadRecord};
use roster::{Code, Day, Finding, Findings, Reading, Sent};
use runtime::Event;
use runtime::metrics::{self, Metric};
use serde_json::Value;
use wire::audit::{Action, Entry};
use wire::{FileKind, Status, Unpacked, Upload};

use check::CheckOutcome;
pub use fault::ValidateFault;
use handled::delete;
use intake::Intake;
use known_settings::KnownSettings;
use marks::SeenRoster;
use rosters::Rosters;
use set_folder::{FolderContents, SetFolder};
use store::KeptCopies;

/// Serves events until Lambda ends the process.
///
/// # Errors
///
/// Where the environment does not name the table and the bucket, or the Lambda runtime fails.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let cloud = Cloud::from_env(Patience::Working).await?;
    runtime::serve(async |event, now| handle(&cloud, event, now).await).await
}

/// Does what the event asks for.
///
/// An error means that it should be sent again.
///
/// # Errors
///
/// Where the event is none, or the work could not be done: it is to be sent again.
pub async fn handle(cloud: &Cloud, event: Value, now: u64) -> Result<(), ValidateFault> {
    // What they keep while they wait is too much for the stack of a thread.
    match Event::read(&event)? {
        Event::Created(keys) => {
            let mut result = Ok(());
            for key in keys {
                // One that fails does not keep the others from being handled.
                result = Box::pin(take(cloud, &key, now)).await.and(result);
            }
            result
        }
        Event::Sweep(grace) => Box::pin(sweep::sweep(cloud, grace, now)).await,
        Event::Other => Ok(()),
    }
}

/// Handles the object under `key`: a roster, or what has one looked at that somebody does not leave to wait for the end of a
/// pause.
async fn take(cloud: &Cloud, key: &str, now: u64) -> Result<(), ValidateFault> {
    let Some(id) = keys::looked_at(key) else { return take_roster(cloud, key, now).await };
    if let Some(object) = pause::object_of_paused(cloud, &id).await? {
        take_roster(cloud, &object, now).await?;
    }
    Ok(cloud.object_delete(key).await?)
}

/// Makes an upload of the object under `key`, or finishes the one that was made.
async fn take_roster(cloud: &Cloud, key: &str, now: u64) -> Result<(), ValidateFault> {
    // What ends in a slash is what consoles show as a folder.
    if !key.starts_with(keys::INBOX) || key.ends_with('/') {
        return Ok(());
    }
    let mut set = SetFolder::of(key);
    if set.as_ref().is_some_and(|set| !set.is_closed_by_it()) {
        // It waits for the manifest of its set.
        return Ok(());
    }
    let Some(object) = cloud.object_head(key).await? else {
        tracing::info!("the object is gone: it has been handled");
        return Ok(());
    };
    let settings = KnownSettings::read(cloud).await?;
    let intake = Intake::read(cloud, &settings, &object, now).await?;
    let pause = pause::pause_of(&settings, &intake, &object, now);
    let mut record = cloud.upload_enter(&intake.upload(pause.as_ref(), now)).await?;
    if record.upload.status == Status::Paused {
        if pause.is_some() {
            tracing::info!(upload = %intake.ticket.id, "it waits for the end of a pause");
            return Ok(());
        }
        record = cloud.upload_end_pause(&intake.ticket.id, None, now).await?.ok_or(ValidateFault::Overtaken)?;
        tracing::info!(upload = %intake.ticket.id, "its pause is over");
    }
    if !is_checked(&record.upload) {
        let begun = Instant::now();
        let attempt = cloud.upload_count_attempt(&intake.ticket.id, now).await?;
        tracing::info!(upload = %intake.ticket.id, bytes = object.bytes, attempt, "checking");
        let checked = if attempt > MAX_ATTEMPTS {
            Some(failed(&record.upload, &Findings::default(), given_up(&record.upload), now))
        } else {
            match Box::pin(check(cloud, &settings, &intake, &object, set.as_mut(), &record.upload, now)).await {
                Err(fault) if fault.is_lasting() => {
                    tracing::error!(upload = %intake.ticket.id, %fault, "can't be checked");
                    Some(failed(&record.upload, &Findings::default(), sentence(&fault, &record.upload), now))
                }
                checked => checked?,
            }
        };
        let Some(checked) = checked else { return Ok(()) };
        let (recorded, outcome) = save(cloud, record, checked).await?;
        record = recorded;
        if outcome == WriteOutcome::Written {
            measure(&record.upload, begun, now);
        }
    }
    follow(cloud, &record.upload).await?;
    if let Some(set) = set {
        set.delete(cloud, &record.upload).await?;
    }
    delete(cloud, &object).await
}

/// Returns whether the check is over, and its result recorded.
fn is_checked(upload: &Upload) -> bool {
    upload.digest.is_some() || upload.status.is_final()
}

/// Returns what the upload is once its file, or the set whose manifest it is, was checked; `None` where the object is gone,
/// because somebody else did it.
async fn check(
    cloud: &Cloud,
    settings: &KnownSettings,
    intake: &Intake,
    object: &Head,
    set: Option<&mut SetFolder<'_>>,
    upload: &Upload,
    now: u64,
) -> Result<Option<Upload>, ValidateFault> {
    if object.bytes > roster::MAX_BYTES as u64 {
        return fail(cloud, upload, &vec![Finding::file(Code::FileTooLarge)].into(), now).await.map(Some);
    }
    let Some(bytes) = cloud.object_get_same(object).await? else { return Ok(None) };
    if let Some(refusal) = intake.refusal_of(&bytes) {
        return Ok(Some(failed(upload, &Findings::default(), refusal.to_owned(), now)));
    }
    let mut upload = upload.clone();
    let settings = settings.get()?;
    let usual = settings.reading.clone().of_source(upload.of_source.as_ref());
    let mut reading = Reading::from(usual.in_encoding(upload.encoding)).on(Day::of_millis(now));
    let schools = cloud.school_list().await?;
    let sent = match set {
        Some(set) => match Box::pin(set.read(cloud, &bytes)).await? {
            FolderContents::Whole(delivery) => Sent::of_delivery(delivery, &reading, &schools),
            FolderContents::Unusable(finding) => Err(vec![finding].into()),
        },
        None => {
            let unpacked = Unpacked::read(&bytes, &reading, &schools, upload.sheet.as_deref());
            upload.sheet = unpacked.sheet;
            unpacked.sent
        }
    };
    let rosters = match sent.and_then(|sent| sent.for_mode(upload.mode)) {
        Ok(sent) => {
            reading = sent.reading(&reading);
            Rosters::new(sent, &bytes)
        }
        Err(findings) => return fail(cloud, &upload, &findings, now).await.map(Some),
    };
    let kept = Box::pin(keep(cloud, &mut upload, &rosters, &reading)).await?;
    if let Some(refusal) = intake.refusal {
        return Ok(Some(failed(&upload, &Findings::default(), refusal.to_owned(), now)));
    }
    let seen = SeenRoster::of(&rosters, &kept);
    // Before the directory is read: what is carried out meanwhile may be in it only in part.
    upload.compared_after = cloud.upload_get_last_applied().await?.map(|last| last.upload);
    let mut planned = match Box::pin(check::check(cloud, settings, &upload, rosters, &reading, now)).await? {
        CheckOutcome::Failed(findings) => {
            if findings.counts().contains_key(&Code::FileOnlyHeaders) {
                seen.mark(cloud, &settings.watch, &mut upload, 0).await?;
            }
            return fail(cloud, &upload, &findings, now).await.map(Some);
        }
        CheckOutcome::Refused(refusal) => {
            return Ok(Some(failed(&upload, &Findings::default(), refusal.to_owned(), now)));
        }
        CheckOutcome::Planned(planned) => planned,
    };
    check::hold_what_reaches_too_far(cloud, settings, &upload, &mut planned).await?;
    seen.mark(cloud, &settings.watch, &mut upload, planned.row_count()).await?;
    let written = Box::pin(store::plan(cloud, &intake.ticket.id, &planned, kept)).await?;
    Ok(Some(planned.recorded(upload, written, now)))
}

/// Keeps what was sent without its passwords, and notes in the upload which files there are.
async fn keep(
    cloud: &Cloud,
    upload: &mut Upload,
    rosters: &Rosters,
    reading: &Reading,
) -> Result<KeptCopies, ValidateFault> {
    let users = match &rosters.users {
        Some(users) => store::kept_copy(cloud, &upload.id, users, reading).await?,
        None => None,
    };
    upload.parts.clone_from(&rosters.parts);
    upload.files.extend(users.is_some().then_some(FileKind::Uploaded));
    let parts = rosters.keep_parts(cloud, &upload.id).await?;
    upload.files.extend(parts.keys().map(|part| FileKind::uploaded(*part)));
    Ok(KeptCopies { users: users.unwrap_or_default(), parts })
}

/// Returns a file that no row was read of: the findings say why.
async fn fail(cloud: &Cloud, upload: &Upload, findings: &Findings, now: u64) -> Result<Upload, ValidateFault> {
    store::findings(cloud, &upload.id, findings).await?;
    let sentence = match &findings[..] {
        [] => "The file can't be read.".to_owned(),
        [first] => in_words(first),
        [first, _] => format!("{} There is one more problem.", in_words(first)),
        [first, others @ ..] => format!("{} There are {} more problems.", in_words(first), others.len()),
    };
    Ok(failed(upload, findings, sentence, now))
}

fn in_words(finding: &Finding) -> String {
    match finding.row {
        Some(row) => format!("Row {row}: {}", finding.message()),
        None => finding.message(),
    }
}

fn failed(upload: &Upload, findings: &Findings, sentence: String, now: u64) -> Upload {
    let mut failed = Upload { findings: findings.counts().clone(), ..upload.clone() };
    failed.fail(sentence, now);
    failed
}

fn given_up(upload: &Upload) -> String {
    format!(
        "Rollbook could not check this file, and nothing was changed: ask whoever runs Rollbook to look into {}.",
        upload.id
    )
}

/// Returns what is said of a file whose check always ends in the same fault.
fn sentence(fault: &ValidateFault, upload: &Upload) -> String {
    match fault {
        ValidateFault::Cloud(_) => format!(
            "The table refuses something of this file as invalid, and nothing was changed: ask whoever runs Rollbook \
             to look into {}.",
            upload.id
        ),
        _ => given_up(upload),
    }
}

/// Records the result, unless somebody else has recorded one: then that one holds. Returns which one holds, and whether
/// it is this one.
async fn save(
    cloud: &Cloud,
    mut record: UploadRecord,
    checked: Upload,
) -> Result<(UploadRecord, WriteOutcome), ValidateFault> {
    let before = std::mem::replace(&mut record.upload, checked);
    let entries = entries(&record.upload);
    if cloud.upload_save_with(&mut record, &entries).await? == WriteOutcome::Written {
        let upload = &record.upload;
        tracing::info!(upload = %upload.id, status = upload.status.label(), counts = ?upload.counts, "checked");
        return Ok((record, WriteOutcome::Written));
    }
    match cloud.upload_get(&before.id).await? {
        Some(record) if is_checked(&record.upload) => Ok((record, WriteOutcome::ConditionFailed)),
        _ => Err(ValidateFault::Overtaken),
    }
}

/// Measures a check that began at `begun`.
fn measure(checked: &Upload, begun: Instant, now: u64) {
    let counts = checked.counts.unwrap_or_default();
    let measured = [
        (Metric::Rows, counts.rows() as f64),
        (Metric::Findings, checked.findings.values().sum::<u64>() as f64),
        (Metric::ChangesPlanned, counts.changes() as f64),
        (Metric::CheckSeconds, begun.elapsed().as_secs_f64()),
    ];
    metrics::print(now, Some(&checked.id.0), &measured);
}

/// Returns what the audit log says of the result. An approval by the settings is one, too.
fn entries(checked: &Upload) -> Vec<Entry> {
    let actions: &[Action] = match (checked.status, &checked.decision) {
        (Status::Failed, _) => &[Action::Failed],
        (_, Some(_)) => &[Action::Checked, Action::Approved],
        (_, None) => &[Action::Checked],
    };
    actions.iter().map(|action| Entry::of_upload(checked.updated_at, *action, checked)).collect()
}

/// Sets off what follows from the result. Doing it again does no harm.
async fn follow(cloud: &Cloud, upload: &Upload) -> Result<(), ValidateFault> {
    match upload.status {
        Status::Queued => cloud.upload_wake_apply(upload).await?,
        status if status.is_final() => cloud.upload_close(&upload.id).await?,
        _ => {}
    }
    Ok(())
}
