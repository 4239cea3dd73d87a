//! Finds out what became of files that were sent, so that the log of a nightly job says it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use roster::Counts;
use roster::durations::DAY;
use serde::Serialize;
use wire::http::UploadDetail;
use wire::{Status, Upload, UploadId};

use crate::api::RollbookApi;
use crate::clock::now;
use crate::exit::Exit;
use crate::ledger::{Ledger, UnfinishedUpload};
use crate::plan::{UploadReport, WaitReason};
use crate::say::{Audience, exit_of, upload_in_words};
use crate::trouble::Trouble;

/// For how long after it was sent an upload is asked about, in milliseconds.
const FOLLOWED_FOR: u64 = 7 * DAY;

/// How often is asked about an upload that waits.
const WAITING_ASKED_EVERY: Duration = Duration::from_mins(5);

/// What became of an upload.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum FollowEvent<'a> {
    AwaitsApproval {
        upload: &'a str,
        reasons: &'a [WaitReason],
    },
    /// A run before this one said so with the reasons.
    StillAwaitsApproval {
        upload: &'a str,
    },
    /// It came during a pause, and is checked when that is over.
    Paused {
        upload: &'a str,
    },
    Over {
        upload: &'a str,
        status: Status,
        counts: Option<Counts>,
        failure: Option<&'a str>,
    },
}

/// The uploads that wait, with what was said of each last.
#[derive(Default)]
pub struct Following(HashMap<String, Told>);

/// What was said of an upload that waits, or would be said again, and when it was asked about.
#[derive(Clone, Copy)]
struct Told {
    status: Status,
    at: Instant,
}

/// What is known of the uploads that are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// How many are neither over nor wait for somebody or for the end of a pause.
    pub under_way: usize,
    /// What a script hears of those that are over, or wait.
    pub worst: Exit,
}

impl Following {
    /// Asks about every upload of the ledger that somebody is still to be told of.
    pub fn look(&mut self, api: &RollbookApi, ledger: &mut Ledger, to: Audience) -> Result<Followed, Trouble> {
        let mut followed = Followed { under_way: 0, worst: Exit::Done };
        for unfinished in ledger.unfinished(api.server(), now().saturating_sub(FOLLOWED_FOR)) {
            let UnfinishedUpload { key, upload: id, is_known_to_wait } = unfinished;
            let told = self.0.get(&id).copied();
            if told.is_some_and(|told| told.at.elapsed() < WAITING_ASKED_EVERY) {
                continue;
            }
            let detail = match api.upload(&id) {
                Ok(detail) => detail,
                Err(trouble) if trouble.is_of_all() => return Err(trouble),
                // It is deleted, or the key may not see it any more: nobody will ever be told.
                Err(trouble) if trouble.code == "not_found" => {
                    ledger.record_over(&key, &id)?;
                    continue;
                }
                Err(_) => {
                    followed.under_way += 1;
                    continue;
                }
            };
            let upload = &detail.upload;
            let (status, exit) = (upload.status, exit_of(upload));
            if status.is_final() {
                say_over(upload, to);
                ledger.record_over(&key, &id)?;
            } else if matches!(status, Status::AwaitingApproval | Status::Paused) {
                if told.is_none_or(|told| told.status != status) {
                    match status {
                        Status::Paused => say_paused(upload, to),
                        _ if is_known_to_wait => say_still_waiting(upload, to),
                        _ => {
                            say_waiting(api, detail, to)?;
                            ledger.record_waiting(&key, &id)?;
                        }
                    }
                }
                self.0.insert(id, Told { status, at: Instant::now() });
            } else {
                followed.under_way += 1;
                continue;
            }
            followed.worst = followed.worst.worse(exit);
        }
        Ok(followed)
    }
}

/// Says that an upload waits for the end of a pause.
fn say_paused(upload: &Upload, to: Audience) {
    to.say(&FollowEvent::Paused { upload: &upload.id.0 }, || upload_in_words(upload));
}

/// Says in one line what a run before this one has said with the reasons.
fn say_still_waiting(upload: &Upload, to: Audience) {
    let UploadId(id) = &upload.id;
    to.say(&FollowEvent::StillAwaitsApproval { upload: id }, || {
        format!("{id}  {}: still waits for approval; `rollbook plan {id}` says why", upload.file_name)
    });
}

/// Says that an upload waits for approval, and why.
fn say_waiting(api: &RollbookApi, detail: UploadDetail, to: Audience) -> Result<(), Trouble> {
    let report = UploadReport::of(api, detail)?;
    let event = FollowEvent::AwaitsApproval { upload: &report.upload.id.0, reasons: &report.reasons };
    to.say(&event, || report.in_words());
    Ok(())
}

fn say_over(upload: &Upload, to: Audience) {
    let event = FollowEvent::Over {
        upload: &upload.id.0,
        status: upload.status,
        counts: upload.counts_done(),
        failure: upload.failure.as_deref(),
    };
    to.say(&event, || upload_in_words(upload));
}
