//! What became of what was sent: status, plan, approval and files.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use serde::Serialize;
use wire::http::{Approve, UploadDetail};
use wire::{FileKind, Status};

use crate::api::RollbookApi;
use crate::arguments::{ApproveArguments, DownloadArguments, PlanArguments};
use crate::exit::Exit;
use crate::plan::{self, PlanSummary, UploadReport};
use crate::private::write_private;
use crate::say::{Audience, exit_of, upload_in_list, upload_in_words};
use crate::trouble::Trouble;

/// How often is looked whether an upload goes on.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Says where an upload stands and why, or the newest ones.
pub fn status(api: &RollbookApi, id: Option<&str>, to: Audience) -> Result<Exit, Trouble> {
    let Some(id) = id else {
        let page = api.uploads()?;
        to.say(&page.items, || match page.items.as_slice() {
            [] => "Nothing was sent that this key may see.".to_owned(),
            uploads => uploads.iter().map(upload_in_list).collect::<Vec<_>>().join("\n"),
        });
        return Ok(Exit::Done);
    };
    let report = UploadReport::of(api, api.upload(id)?)?;
    to.say(&report, || report.in_words());
    Ok(exit_of(&report.upload))
}

/// Says what a plan changes, why it waits, and what was found in the file.
pub fn plan(api: &RollbookApi, arguments: &PlanArguments, to: Audience) -> Result<Exit, Trouble> {
    Ok(exit_of(&plan::say(api, &arguments.upload, arguments.limit, to)?))
}

/// Approves a plan that somebody, or a program, has looked at.
///
/// It says before what that plan changes.
pub fn approve(api: &RollbookApi, arguments: &ApproveArguments, to: Audience) -> Result<Exit, Trouble> {
    let ApproveArguments { upload: id, digest, removals } = arguments;
    let summary = PlanSummary::fetch(api, id)?;
    to.say(&summary, || summary.in_words());
    let upload = summary.upload();
    // What was decided before, and may be the same decision, is for Rollbook to say.
    if upload.status == Status::AwaitingApproval {
        if upload.digest.as_ref() != Some(digest) {
            return Err(Trouble {
                code: "plan_changed".to_owned(),
                message: "Nothing was approved: the plan is not the one that the digest names.".to_owned(),
                hint: format!("Look at it with `rollbook plan {id}`, and name the digest that it says."),
                exit: Exit::Refused,
            });
        }
        if upload.counts.is_some_and(|counts| counts.rekeyed > 0) {
            return Err(Trouble {
                code: "choices_missing".to_owned(),
                message:
                    "Nothing was approved: the plan has new custom IDs that look like users who exist, and somebody \
                          has to say whether they are the same people."
                        .to_owned(),
                hint: format!("Say so and approve it at {}.", summary.page),
                exit: Exit::Refused,
            });
        }
    }
    let asked = Approve { digest: digest.clone(), removals: *removals, rekeys: None };
    let upload = api.approve(id, &asked)?;
    to.say(&upload, || format!("Approved.\n{}", upload_in_words(&upload)));
    Ok(Exit::Done)
}

/// What was written.
#[derive(Serialize)]
struct Written {
    kind: FileKind,
    path: String,
    bytes: u64,
}

/// Fetches the files of an upload.
pub fn download(api: &RollbookApi, arguments: &DownloadArguments, to: Audience) -> Result<Exit, Trouble> {
    let DownloadArguments { upload: id, kinds, folder } = arguments;
    let upload = api.upload(id)?.upload;
    let wanted: Vec<FileKind> = match kinds.as_slice() {
        [] => upload.files.clone(),
        some => some.to_vec(),
    };
    if wanted.is_empty() {
        let message = format!("The upload {id} has no files yet: it is {}.", upload.status.label());
        return Err(Trouble::usage(message, "Try again once it was checked."));
    }
    fs::create_dir_all(folder).map_err(|error| Trouble::machine("made", folder, &error))?;
    for kind in wanted {
        let bytes = api.file(id, kind)?;
        let path = folder.join(format!("{id}-{}.csv", kind.as_str()));
        write_private(&path, &bytes)?;
        let written = Written { kind, path: path.display().to_string(), bytes: bytes.len() as u64 };
        to.say(&written, || written.path.clone());
    }
    Ok(Exit::Done)
}

/// Waits until an upload waits for somebody or for the end of a pause, or is over.
pub fn wait(api: &RollbookApi, id: &str) -> Result<UploadDetail, Trouble> {
    let waits = |status| matches!(status, Status::AwaitingApproval | Status::Paused);
    loop {
        match api.upload(id) {
            Ok(detail) if detail.upload.status.is_final() || waits(detail.upload.status) => return Ok(detail),
            Ok(_) => {}
            Err(trouble) if trouble.may_pass() => {}
            Err(trouble) => return Err(trouble),
        }
        sleep(LOOK_EVERY);
    }
}
