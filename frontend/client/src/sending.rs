//! Sends a file, exactly once however often the program is stopped meanwhile.

use roster::durations::HOUR;
use wire::Status;
use wire::http::{FileArrival, NewUpload, Repeat, UploadDetail, UploadTicket};

use crate::api::{RollbookApi, digest};
use crate::check::FileTerms;
use crate::clock::now;
use crate::exit::Exit;
use crate::ledger::{Ledger, LedgerKey, LedgerState};
use crate::say::SendProgress;
use crate::trouble::Trouble;

/// For how long Rollbook remembers what was sent with a key, with an hour for clocks that differ; in milliseconds. After
/// that a second request for a link is a second upload.
const SURELY_REMEMBERED: u64 = 19 * HOUR;

/// A file that is to be sent.
pub struct FileToSend<'a> {
    pub name: &'a str,
    pub bytes: Vec<u8>,
    pub terms: &'a FileTerms,
}

/// What became of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    Sent {
        upload: String,
    },
    /// The same contents were sent before, or an attempt that was cut off had come to its end.
    WasThere {
        upload: String,
    },
    /// An attempt was cut off so long ago that only Rollbook will know whether the file has arrived, and it does not know
    /// yet.
    Unclear {
        upload: String,
    },
}

impl SendOutcome {
    /// Returns the upload that the file is.
    pub fn upload(&self) -> &str {
        match self {
            SendOutcome::Sent { upload } | SendOutcome::WasThere { upload } | SendOutcome::Unclear { upload } => upload,
        }
    }
}

impl FileToSend<'_> {
    /// Returns what the ledger knows the file by.
    pub fn key(&self, api: &RollbookApi) -> LedgerKey {
        let source = self.terms.source.as_ref().map(|source| source.0.clone());
        let schools = self.terms.schools.iter().map(|school| school.0.clone()).collect();
        let server = api.server().to_owned();
        LedgerKey { server, sha256: digest(&self.bytes), mode: self.terms.mode, source, schools }
    }
}

/// Sends a file, and records each step before it is taken.
pub fn send(
    api: &RollbookApi,
    ledger: &mut Ledger,
    file: FileToSend<'_>,
    repeat: Repeat,
) -> Result<SendOutcome, Trouble> {
    let key = file.key(api);
    let repeat = if ledger.is_sent_again(&key) { Repeat::Always } else { repeat };
    if repeat == Repeat::Never
        && let Some(outcome) = begun_before(api, ledger, &key)?
    {
        // What is known to be sent keeps its time.
        if let SendOutcome::Sent { upload } | SendOutcome::WasThere { upload } = &outcome
            && !matches!(ledger.state(&key), Some(LedgerState::Sent { .. }))
        {
            ledger.record(&key, LedgerState::Sent { upload: upload.clone() }, now())?;
        }
        return Ok(outcome);
    }
    let begun = match repeat {
        Repeat::Never => LedgerState::Sending { upload: None },
        Repeat::Always => LedgerState::SendingAgain,
    };
    ledger.record(&key, begun, now())?;
    let FileToSend { name, bytes, terms } = file;
    let new = NewUpload {
        mode: terms.mode,
        file_name: name.to_owned(),
        bytes: bytes.len() as u64,
        sha256: key.sha256.clone(),
        encoding: None,
        sheet: None,
        checked: None,
        schools: terms.schools.clone(),
        of_source: terms.source.clone(),
        by_hand: false,
        repeat,
    };
    let ticket = api.ticket(&new)?;
    let UploadTicket { id, arrival, .. } = &ticket;
    let upload = id.0.clone();
    if *arrival == FileArrival::Here {
        ledger.record(&key, LedgerState::Sent { upload: upload.clone() }, now())?;
        return Ok(SendOutcome::WasThere { upload });
    }
    ledger.record(&key, LedgerState::Sending { upload: Some(upload.clone()) }, now())?;
    let progress = SendProgress::of(bytes.len() as u64);
    api.put(&ticket, bytes, progress.listener())?;
    progress.finish();
    ledger.record(&key, LedgerState::Sent { upload: upload.clone() }, now())?;
    Ok(SendOutcome::Sent { upload })
}

/// Returns what became of an attempt that was cut off; `None` where a link is to be asked for.
fn begun_before(api: &RollbookApi, ledger: &Ledger, key: &LedgerKey) -> Result<Option<SendOutcome>, Trouble> {
    match ledger.state(key) {
        // Later the same contents are meant to be sent once more, as every night.
        Some(LedgerState::Sent { upload }) => {
            let is_young = ledger.since(key).is_some_and(|at| now() < at + SURELY_REMEMBERED);
            Ok(is_young.then(|| SendOutcome::WasThere { upload: upload.clone() }))
        }
        Some(LedgerState::Sending { upload: Some(upload) }) => {
            let upload = upload.clone();
            match api.upload(&upload) {
                // Nothing came of the link while it held.
                Err(trouble) if trouble.code == "not_found" => Ok(None),
                Err(trouble) => Err(trouble),
                Ok(UploadDetail { upload: found, .. }) if found.status != Status::Queued => {
                    Ok(Some(SendOutcome::WasThere { upload }))
                }
                Ok(_) => {
                    let is_remembered = ledger.since(key).is_some_and(|at| now() < at + SURELY_REMEMBERED);
                    // While it is remembered, asking again gives a link for the same upload.
                    Ok((!is_remembered).then_some(SendOutcome::Unclear { upload }))
                }
            }
        }
        Some(
            LedgerState::Sending { upload: None }
            | LedgerState::SendingAgain
            | LedgerState::Done { .. }
            | LedgerState::Waiting { .. }
            | LedgerState::Over { .. },
        )
        | None => Ok(None),
    }
}

/// Says that nobody knows yet whether a file has arrived.
pub fn unclear(name: &str, upload: &str) -> Trouble {
    Trouble {
        code: "unclear".to_owned(),
        message: format!("It is not known yet whether {name} arrived when it was sent before, as {upload}."),
        hint: "Try again in some hours; `send --again` sends it as a new upload at once.".to_owned(),
        exit: Exit::Refused,
    }
}
