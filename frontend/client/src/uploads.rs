//! What became of what was sent: status, plan, approval and files.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use roster::Counts;
use serde::Serialize;
use wire::http::{Approve, UploadDetail};
use wire::{FileKind, Status, Upload};

use crate::api::RollbookApi;
use crate::arguments::{ApproveArguments, DownloadArguments};
use crate::exit::Exit;
use crate::private::write_private;
use crate::say::{Audience, exit_of, finding_in_words, upload_in_words};
use crate::trouble::Trouble;

/// How often is looked whether an upload goes on.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Says where an upload stands, or the newest ones.
pub fn status(api: &RollbookApi, id: Option<&str>, to: Audience) -> Result<Exit, Trouble> {
    let Some(id) = id else {
        let page = api.uploads()?;
        to.say(&page.items, || match page.items.as_slice() {
            [] => "Nothing was sent that this key may see.".to_owned(),
            uploads => uploads.iter().map(upload_in_words).collect::<Vec<_>>().join("\n"),
        });
        return Ok(Exit::Done);
    };
    let upload = api.upload(id)?.upload;
    to.say(&upload, || upload_in_words(&upload));
    Ok(exit_of(&upload))
}

/// Says what a plan changes, and what was found in the file.
pub fn plan(api: &RollbookApi, id: &str, to: Audience) -> Result<Exit, Trouble> {
    let detail = api.upload(id)?;
    let findings = api.findings(id)?;
    to.say(&(&detail, &findings.items), || {
        let UploadDetail { upload, .. } = &detail;
        let mut lines = vec![upload_in_words(upload)];
        lines.extend(upload.digest.iter().map(|digest| format!("  digest   {digest}")));
        lines.extend(upload.counts.iter().map(|Counts { removed, .. }| format!("  removals {removed}")));
        lines.extend(findings.items.iter().map(finding_in_words));
        lines.extend(findings.cursor.iter().map(|_| "  … and more; `rollbook download` has all".to_owned()));
        lines.join("\n")
    });
    Ok(exit_of(&detail.upload))
}

/// Approves a plan that somebody, or a program, has looked at.
pub fn approve(api: &RollbookApi, arguments: &ApproveArguments, to: Audience) -> Result<Exit, Trouble> {
    let ApproveArguments { upload, digest, removals } = arguments;
    let asked = Approve { digest: digest.clone(), removals: *removals, rekeys: None };
    let upload = api.approve(upload, &asked)?;
    to.say(&upload, || upload_in_words(&upload));
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
pub fn wait(api: &RollbookApi, id: &str) -> Result<Upload, Trouble> {
    loop {
        match api.upload(id) {
            Ok(UploadDetail { upload, .. })
                if upload.status.is_final() || matches!(upload.status, Status::AwaitingApproval | Status::Paused) =>
            {
                return Ok(upload);
            }
            Ok(_) => {}
            Err(trouble) if trouble.may_pass() => {}
            Err(trouble) => return Err(trouble),
        }
        sleep(LOOK_EVERY);
    }
}
