//! Watches folders, and sends every roster that has stopped growing, once.
//!
//! Folders are looked at again and again instead of waiting to be told of changes: those of a network share tell nothing.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use roster::MAX_BYTES;
use serde::Serialize;
use wire::http::{ClientFacts, Repeat};

use crate::api::RollbookApi;
use crate::check::{ChosenTerms, FileTerms, LocalCheck, check, read, too_large};
use crate::config::{Config, WatchedFolder};
use crate::exit::Exit;
use crate::facts;
use crate::ledger::{Ledger, LedgerState};
use crate::say::{Audience, check_in_words};
use crate::sending::{FileToSend, SendOutcome, now, send};
use crate::trouble::Trouble;

/// How long is waited after a first failure, and at most; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(15);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// How long the settings that files are checked with are taken for the present ones.
const FACTS_LAST: Duration = Duration::from_secs(5 * 60);

/// How the names of files begin or end that programs are still writing.
const UNFINISHED: [&str; 5] = [".tmp", ".part", ".partial", ".filepart", ".crdownload"];

/// Whether it goes on for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// Until everything that is there now is dealt with.
    Once,
    ForEver,
}

/// What a file looked like, by which it is seen to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    bytes: u64,
    modified: Option<SystemTime>,
}

/// Files that are being looked at, and since when they are as they are.
#[derive(Default)]
struct Watched(HashMap<PathBuf, (Look, Instant)>);

impl Watched {
    /// Takes in what a file looks like now, and returns whether it has been so for long enough.
    fn has_settled(&mut self, path: &Path, look: Look, now: Instant, settled_after: Duration) -> bool {
        let entry = self.0.entry(path.to_owned()).or_insert((look, now));
        if entry.0 != look {
            *entry = (look, now);
        }
        now.duration_since(entry.1) >= settled_after
    }
}

/// What was done with a file, for the log: nothing of what is in it.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum RunEvent<'a> {
    Sent {
        file: &'a str,
        upload: &'a str,
        rows: u64,
        rejected: u64,
    },
    /// The same contents were sent before.
    WasThere {
        file: &'a str,
        upload: &'a str,
    },
    Kept {
        file: &'a str,
        findings: usize,
    },
    Waiting {
        file: &'a str,
        upload: &'a str,
    },
    Delayed {
        code: &'a str,
        seconds: u64,
    },
}

/// Watches the folders of the configuration.
pub fn run(api: &RollbookApi, config: &Config, lasting: Lasting, to: Audience) -> Result<Exit, Trouble> {
    if config.folders.is_empty() {
        let words = "Add a part [[folder]]; `rollbook init` writes an example.";
        return Err(Trouble::usage("The configuration names no folder to watch.", words));
    }
    for folder in &config.folders {
        fs::read_dir(&folder.path).map_err(|error| Trouble::machine("read", &folder.path, &error))?;
    }
    let ledger = Ledger::open(&config.state)?;
    let mut runner = Runner { api, config, to, ledger, facts: None, watched: Watched::default(), worst: Exit::Done };
    let mut wait = FIRST_WAIT;
    loop {
        match runner.look() {
            Ok(Remaining::Nothing) if lasting == Lasting::Once => return Ok(runner.worst),
            Ok(_) => {
                wait = FIRST_WAIT;
                sleep(pause(config, lasting));
            }
            Err(trouble) if lasting == Lasting::Once => return Err(trouble),
            Err(trouble) => {
                to.say_trouble(&trouble);
                to.say(&RunEvent::Delayed { code: &trouble.code, seconds: wait.as_secs() }, || {
                    format!("trying again in {} seconds", wait.as_secs())
                });
                sleep(wait);
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
    }
}

/// Returns how long to wait before the folders are looked at again.
fn pause(config: &Config, lasting: Lasting) -> Duration {
    match lasting {
        Lasting::Once => Duration::from_secs(1),
        Lasting::ForEver => config.run.look_every(),
    }
}

/// Whether files are there that have not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remaining {
    Nothing,
    Something,
}

struct Runner<'a> {
    api: &'a RollbookApi,
    config: &'a Config,
    to: Audience,
    ledger: Ledger,
    facts: Option<(ClientFacts, Instant)>,
    watched: Watched,
    worst: Exit,
}

impl Runner<'_> {
    /// Looks at all folders once, and deals with every file that has settled. What stands in the way of one file does not
    /// keep the others from being sent.
    fn look(&mut self) -> Result<Remaining, Trouble> {
        let mut remaining = Remaining::Nothing;
        let mut first_trouble = None;
        let mut there = Vec::new();
        for folder in &self.config.folders {
            for (path, look) in files_of(&folder.path)? {
                if self.watched.has_settled(&path, look, Instant::now(), self.config.run.settled_after()) {
                    match self.deal_with(folder, &path, look) {
                        Ok(()) => {}
                        Err(trouble) if trouble.may_pass() => return Err(trouble),
                        Err(trouble) => first_trouble = first_trouble.or(Some(trouble)),
                    }
                } else {
                    remaining = Remaining::Something;
                }
                there.push(path);
            }
        }
        self.watched.0.retain(|path, _| there.contains(path));
        first_trouble.map_or(Ok(remaining), Err)
    }

    fn deal_with(&mut self, folder: &WatchedFolder, path: &Path, look: Look) -> Result<(), Trouble> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if look.bytes > MAX_BYTES as u64 {
            return self.keep(folder, path, &too_large(&name));
        }
        let facts = self.facts()?;
        let chosen = ChosenTerms {
            mode: Some(folder.mode),
            source: folder.source.as_deref(),
            schools: folder.schools.iter().map(String::as_str).collect(),
        };
        let terms = FileTerms::choose(&chosen, &facts)?;
        let bytes = read(path)?;
        if look_at(path)? != Some(look) {
            // It changed since it was looked at, and is looked at anew.
            return Ok(());
        }
        let report = check(&name, &bytes, &terms, &facts);
        let file = FileToSend { name: &name, bytes, terms: &terms };
        let key = file.key();
        if report.failed {
            return self.keep(folder, path, &report);
        }
        let outcome = send(self.api, &mut self.ledger, file, Repeat::Never)?;
        let upload = outcome.upload();
        let LocalCheck { rows, rejected, .. } = report;
        let file = name.as_str();
        match &outcome {
            SendOutcome::Sent { .. } => self.to.say(&RunEvent::Sent { file, upload, rows, rejected }, || {
                format!("{file}: sent as {upload}, {rows} rows, {rejected} rejected")
            }),
            SendOutcome::WasThere { .. } => self.to.say(&RunEvent::WasThere { file, upload }, || {
                format!("{file}: the same contents were sent before, as {upload}; not sent again")
            }),
            SendOutcome::Unclear { .. } => {
                self.to.say(&RunEvent::Waiting { file, upload }, || {
                    format!("{file}: it is not known yet whether it arrived, as {upload}; looking again later")
                });
                return Ok(());
            }
        }
        if rejected > 0 {
            self.worst = self.worst.max(Exit::FileWrong);
        }
        if look_at(path)? == Some(look) {
            move_to(path, &folder.done())?;
        }
        self.ledger.record(&key, LedgerState::Done { upload: upload.to_owned() }, now())
    }

    /// Moves a file away that can't be processed, and says why in a file beside it.
    fn keep(&mut self, folder: &WatchedFolder, path: &Path, report: &LocalCheck) -> Result<(), Trouble> {
        let kept = move_to(path, &folder.not_sent())?;
        let why = PathBuf::from(format!("{}.why.txt", kept.display()));
        fs::write(&why, check_in_words(report)).map_err(|error| Trouble::machine("written", &why, &error))?;
        self.worst = self.worst.max(Exit::FileWrong);
        self.to.say(&RunEvent::Kept { file: &report.file, findings: report.findings.len() }, || {
            format!("{}: can't be processed and was not sent; {} says why", report.file, why.display())
        });
        Ok(())
    }

    /// Returns what files are checked with, not older than some minutes.
    fn facts(&mut self) -> Result<ClientFacts, Trouble> {
        if let Some((facts, since)) = &self.facts
            && since.elapsed() < FACTS_LAST
        {
            return Ok(facts.clone());
        }
        let facts = facts::fetch(self.api, self.config)?;
        self.facts = Some((facts.clone(), Instant::now()));
        Ok(facts)
    }
}

/// Returns the files of a folder that may be rosters, by name.
fn files_of(folder: &Path) -> Result<Vec<(PathBuf, Look)>, Trouble> {
    let broken = |error: std::io::Error| Trouble::machine("read", folder, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_unfinished = name.starts_with(['.', '~']) || UNFINISHED.iter().any(|ending| name.ends_with(ending));
        if !is_unfinished && let Some(look) = look_at(&path)? {
            found.push((path, look));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// Returns what a file looks like; `None` where it is gone, or no file.
fn look_at(path: &Path) -> Result<Option<Look>, Trouble> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() => Ok(Some(Look { bytes: about.len(), modified: about.modified().ok() })),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Trouble::machine("read", path, &error)),
    }
}

/// Moves a file into a folder under a name that is free there, and returns where it is.
fn move_to(path: &Path, folder: &Path) -> Result<PathBuf, Trouble> {
    fs::create_dir_all(folder).map_err(|error| Trouble::machine("made", folder, &error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let free = (1..).map(|n| if n == 1 { name.clone() } else { format!("{n}-{name}") });
    let target =
        free.map(|name| folder.join(name)).find(|target| !target.exists()).unwrap_or_else(|| folder.join(&name));
    fs::rename(path, &target).map_err(|error| Trouble::machine("moved", path, &error))?;
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_settles_once_it_has_stayed_the_same_for_long_enough() {
        let (mut watched, path, start) = (Watched::default(), Path::new("a.csv"), Instant::now());
        let look = |bytes| Look { bytes, modified: None };
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut settled = |bytes, at| watched.has_settled(path, look(bytes), after(at), Duration::from_secs(10));
        assert!(!settled(1, 0) && !settled(1, 9));
        assert!(!settled(2, 10), "it grew");
        assert!(!settled(2, 19) && settled(2, 20) && settled(2, 21));
        assert!(!settled(3, 22), "and grew again");
    }

    #[test]
    fn what_is_still_written_is_no_roster_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.xlsx", ".hidden.csv", "~$a.xlsx", "c.csv.part", "D.TMP"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        fs::create_dir(folder.path().join("done")).unwrap();
        let found = files_of(folder.path()).unwrap();
        let names: Vec<_> = found.iter().map(|(path, _)| path.file_name().unwrap().to_string_lossy()).collect();
        assert_eq!(names, ["a.xlsx", "b.csv"]);
        let done = folder.path().join("done");
        assert_eq!(move_to(&found[1].0, &done).unwrap(), done.join("b.csv"));
        fs::write(folder.path().join("b.csv"), "another").unwrap();
        assert_eq!(move_to(&found[1].0, &done).unwrap(), done.join("2-b.csv"));
        assert_eq!(fs::read_to_string(done.join("b.csv")).unwrap(), "b.csv");
    }
}
