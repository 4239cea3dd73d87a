//! Checks and sends the files that are named on the command line.

use std::path::Path;

use serde::Serialize;
use wire::http::{ClientFacts, Repeat};

use crate::api::RollbookApi;
use crate::arguments::SendArguments;
use crate::check::{ChosenTerms, FileTerms, check, read};
use crate::clock::now;
use crate::config::Config;
use crate::exit::Exit;
use crate::facts;
use crate::ledger::{Ledger, LedgerState};
use crate::plan::UploadReport;
use crate::say::{Audience, check_in_words, exit_of};
use crate::sending::{FileToSend, SendOutcome, send, unclear};
use crate::trouble::Trouble;
use crate::uploads;

/// Sends every file.
///
/// What stands in the way of one does not keep the others from being sent.
pub fn run(
    asked: &SendArguments,
    chosen: &ChosenTerms<'_>,
    api: &RollbookApi,
    config: &Config,
    to: Audience,
) -> Result<Exit, Trouble> {
    let facts = facts::fetch(api, config)?;
    let terms = FileTerms::choose(chosen, &facts)?;
    let ledger = Ledger::open(&config.state)?;
    let mut sender = FileSender { asked, api, facts, terms, ledger, to };
    let mut worst = Exit::Done;
    for path in &asked.files {
        match sender.send_one(path) {
            Ok(exit) => worst = worst.worse(exit),
            Err(trouble) if trouble.is_of_all() => return Err(trouble),
            Err(trouble) => {
                to.say_trouble(&trouble);
                worst = worst.worse(trouble.exit);
            }
        }
    }
    Ok(worst)
}

/// What is said of a file that was to be sent.
#[derive(Serialize)]
struct SendReport<'a> {
    file: &'a str,
    upload: &'a str,
    /// Whether the same contents were there before.
    was_there: bool,
}

/// What is said of a file that was not sent.
#[derive(Serialize)]
struct UnsentReport<'a> {
    file: &'a str,
    not_sent: Unsent,
}

/// Why a file that was checked is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Unsent {
    CantBeProcessed,
    HasRejectedRows,
}

impl Unsent {
    fn in_words(self) -> &'static str {
        match self {
            Unsent::CantBeProcessed => "it can't be processed; correct what is found above",
            Unsent::HasRejectedRows => {
                "it has what would be rejected, and --strict sends no such file; correct what is found above, or send it \
                 without --strict"
            }
        }
    }
}

struct FileSender<'a> {
    asked: &'a SendArguments,
    api: &'a RollbookApi,
    facts: ClientFacts,
    terms: FileTerms,
    ledger: Ledger,
    to: Audience,
}

impl FileSender<'_> {
    fn send_one(&mut self, path: &Path) -> Result<Exit, Trouble> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = read(path)?;
        let report = check(&name, &bytes, &self.terms, &self.facts);
        self.to.say(&report, || check_in_words(&report));
        let found = if report.is_wrong() { Exit::FileWrong } else { Exit::Done };
        if report.failed || self.asked.strict && report.is_wrong() {
            let why = if report.failed { Unsent::CantBeProcessed } else { Unsent::HasRejectedRows };
            self.to
                .say(&UnsentReport { file: &name, not_sent: why }, || format!("{name}: not sent: {}", why.in_words()));
            return Ok(found);
        }
        let file = FileToSend { name: &name, bytes, terms: &self.terms };
        let key = file.key(self.api);
        let repeat = if self.asked.again { Repeat::Always } else { Repeat::Never };
        let outcome = send(self.api, &mut self.ledger, file, repeat)?;
        let upload = outcome.upload();
        let was_there = match outcome {
            SendOutcome::Sent { .. } => false,
            SendOutcome::WasThere { .. } => true,
            SendOutcome::Unclear { .. } => return Err(unclear(&name, upload)),
        };
        self.to.say(&SendReport { file: &name, upload, was_there }, || {
            if was_there {
                format!("{name}: the same contents were sent before, as {upload}; --again sends them once more")
            } else {
                format!("{name}: sent as {upload}")
            }
        });
        self.ledger.record(&key, LedgerState::Done { upload: upload.to_owned() }, now())?;
        if !self.asked.wait {
            return Ok(found);
        }
        let report = UploadReport::of(self.api, uploads::wait(self.api, upload)?)?;
        self.to.say(&report, || report.in_words());
        Ok(found.worse(exit_of(&report.upload)))
    }
}
