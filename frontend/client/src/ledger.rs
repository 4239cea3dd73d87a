//! What was sent: a file to which lines are added, each on the disk before anything else happens.
//!
//! | state | what it means | what follows after a kill |
//! | --- | --- | --- |
//! | `sending` without an upload | a link is about to be asked for | it is asked for again; the same contents get the same upload |
//! | `sending` with an upload | a link was given, and the file may be under way | Rollbook is asked whether the file has arrived |
//! | `sending_again` | the same, of contents that went through before others did | a link for a new upload is asked for |
//! | `sent` | the file has arrived | it is moved |
//! | `done` | the file is moved | `run` asks what became of the upload; the same contents that appear once more are looked at anew |
//! | `waiting` | the same, and somebody was told that the plan waits for approval | the same, and the next `run` says so in one line |
//! | `over` | the upload is over, and somebody was told how it ended | the same |

use std::collections::{BTreeSet, HashMap};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use roster::Mode;
use serde::{Deserialize, Serialize};

use crate::private::{make_folder, sync_folder};
use crate::trouble::Trouble;

/// How many lines the file has before those of files that are done are left out.
const MOST_LINES: usize = 10_000;

/// What a file is known by: its contents, and what it is sent as to whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LedgerKey {
    /// The address of Rollbook.
    #[serde(default)]
    pub server: String,
    /// In hexadecimal.
    pub sha256: String,
    pub mode: Mode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The schools that it is for; none for all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub schools: BTreeSet<String>,
}

impl LedgerKey {
    /// Returns whether the other one is another file of the same kind, which takes the place of this one.
    fn is_replaced_by(&self, other: &LedgerKey) -> bool {
        *self != *other && LedgerKey { sha256: self.sha256.clone(), ..other.clone() } == *self
    }
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LedgerState {
    Sending { upload: Option<String> },
    SendingAgain,
    Sent { upload: String },
    Done { upload: String },
    Waiting { upload: String },
    Over { upload: String },
}

impl LedgerState {
    /// Returns whether nothing is left to be done with the file.
    fn is_done(&self) -> bool {
        matches!(self, LedgerState::Done { .. } | LedgerState::Waiting { .. } | LedgerState::Over { .. })
    }
}

/// An upload of which nobody was told yet how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedUpload {
    pub key: LedgerKey,
    pub upload: String,
    /// Whether somebody was told that it waits for approval.
    pub is_known_to_wait: bool,
}

/// A line of the file. It names no file and nobody: file names may have names of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LedgerLine {
    /// Milliseconds since 1970.
    at: u64,
    #[serde(flatten)]
    key: LedgerKey,
    #[serde(flatten)]
    state: LedgerState,
}

/// The ledger, which one program at a time has.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: File,
    /// A line was begun that the disk did not take to its end.
    is_torn: bool,
    /// The last line of each file.
    known: HashMap<LedgerKey, LedgerLine>,
    /// Held for as long as the ledger is.
    _lock: File,
}

impl Ledger {
    /// Opens the ledger of a folder, which is made where there is none.
    pub fn open(state: &Path) -> Result<Ledger, Trouble> {
        make_folder(state)?;
        let lock_path = state.join("ledger.lock");
        let lock = File::create(&lock_path).map_err(|error| Trouble::machine("written", &lock_path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Trouble::usage(
                    format!("Another rollbook is at work with {}.", state.display()),
                    "Wait for it, or give each its own configuration with a `state` of its own.",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(Trouble::machine("locked", &lock_path, &error)),
        }
        let path = state.join("ledger.jsonl");
        let broken = |error: std::io::Error| Trouble::machine("read or written", &path, &error);
        let file = OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(broken)?;
        sync_folder(state).map_err(broken)?;
        let read = read(&file).map_err(broken)?;
        let mut ledger = Ledger { path: path.clone(), file, is_torn: read.is_torn, known: read.known, _lock: lock };
        if read.lines > MOST_LINES {
            ledger.leave_out_done().map_err(broken)?;
        }
        Ok(ledger)
    }

    /// Returns how far a file is; `None` where it is not known.
    pub fn state(&self, key: &LedgerKey) -> Option<&LedgerState> {
        self.known.get(key).map(|line| &line.state)
    }

    /// Returns whether the file is to be sent as a new upload.
    ///
    /// It is done, and others of its kind were sent since, so that it is there to bring back what they changed.
    pub fn is_sent_again(&self, key: &LedgerKey) -> bool {
        let is_newer = |line: &&LedgerLine, at: u64| line.at > at && !matches!(line.state, LedgerState::Sending { .. });
        match self.known.get(key) {
            Some(LedgerLine { state: LedgerState::SendingAgain, .. }) => true,
            Some(LedgerLine { at, state, .. }) if state.is_done() => {
                self.known.values().any(|line| key.is_replaced_by(&line.key) && is_newer(&line, *at))
            }
            _ => false,
        }
    }

    /// Returns when that was recorded, in milliseconds since 1970.
    pub fn since(&self, key: &LedgerKey) -> Option<u64> {
        self.known.get(key).map(|line| line.at)
    }

    /// Returns the uploads of a server that were sent since, and whose end nobody was told.
    ///
    /// Those that were sent first come first.
    pub fn unfinished(&self, server: &str, since: u64) -> Vec<UnfinishedUpload> {
        let lines = self.known.values().filter(|line| line.key.server == server && line.at >= since);
        let unfinished = lines.filter_map(|line| {
            let (upload, is_known_to_wait) = match &line.state {
                LedgerState::Done { upload } => (upload.clone(), false),
                LedgerState::Waiting { upload } => (upload.clone(), true),
                _ => return None,
            };
            Some(UnfinishedUpload { key: line.key.clone(), upload, is_known_to_wait })
        });
        let mut unfinished: Vec<UnfinishedUpload> = unfinished.collect();
        // The ID of an upload begins with the time at which it was made.
        unfinished.sort_by(|a, b| a.upload.cmp(&b.upload));
        unfinished
    }

    /// Records how far a file is.
    ///
    /// It is on the disk when this returns.
    pub fn record(&mut self, key: &LedgerKey, state: LedgerState, now: u64) -> Result<(), Trouble> {
        let line = LedgerLine { at: now, key: key.clone(), state };
        self.append(&line).map_err(|error| Trouble::machine("written", &self.path, &error))?;
        self.known.insert(key.clone(), line);
        Ok(())
    }

    /// Records that somebody was told that an upload waits for approval.
    ///
    /// The time at which its file was sent stays, as in [`Ledger::record_over`].
    pub fn record_waiting(&mut self, key: &LedgerKey, upload: &str) -> Result<(), Trouble> {
        let at = self.since(key).unwrap_or_default();
        self.record(key, LedgerState::Waiting { upload: upload.to_owned() }, at)
    }

    /// Records that an upload is over.
    ///
    /// The time at which its file was sent stays: what came before and after it is told by that.
    pub fn record_over(&mut self, key: &LedgerKey, upload: &str) -> Result<(), Trouble> {
        let at = self.since(key).unwrap_or_default();
        self.record(key, LedgerState::Over { upload: upload.to_owned() }, at)
    }

    fn append(&mut self, line: &LedgerLine) -> std::io::Result<()> {
        // A line that a kill or a full disk cut off says nothing; the next one begins on a line of its own.
        let end = if self.is_torn { "\n" } else { "" };
        let text = format!("{end}{}", text(line)?);
        self.is_torn = true;
        self.file.write_all(text.as_bytes())?;
        self.is_torn = false;
        self.file.sync_data()
    }

    /// Writes the file anew with what is not done yet.
    fn leave_out_done(&mut self) -> std::io::Result<()> {
        self.known.retain(|_, line| !line.state.is_done());
        let new_path = self.path.with_extension("new");
        let mut new = File::create(&new_path)?;
        for line in self.known.values() {
            new.write_all(text(line)?.as_bytes())?;
        }
        new.sync_all()?;
        std::fs::rename(&new_path, &self.path)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        self.is_torn = false;
        self.path.parent().map_or(Ok(()), sync_folder)
    }
}

/// What a file of lines says.
struct ReadLedger {
    known: HashMap<LedgerKey, LedgerLine>,
    lines: usize,
    /// Whether the last line has no end.
    is_torn: bool,
}

fn read(file: &File) -> std::io::Result<ReadLedger> {
    let mut read = ReadLedger { known: HashMap::new(), lines: 0, is_torn: false };
    let mut reader = BufReader::new(file);
    let mut text = Vec::new();
    loop {
        text.clear();
        if reader.read_until(b'\n', &mut text)? == 0 {
            return Ok(read);
        }
        read.lines += 1;
        read.is_torn = !text.ends_with(b"\n");
        if let Ok(line) = serde_json::from_slice::<LedgerLine>(&text) {
            read.known.insert(line.key.clone(), line);
        }
    }
}

fn text(line: &LedgerLine) -> std::io::Result<String> {
    Ok(serde_json::to_string(line)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(sha256: &str) -> LedgerKey {
        LedgerKey {
            server: "https://a.example".to_owned(),
            sha256: sha256.to_owned(),
            mode: Mode::Full,
            source: None,
            schools: BTreeSet::new(),
        }
    }

    fn sent() -> LedgerState {
        LedgerState::Sent { upload: "u1".to_owned() }
    }

    #[test]
    fn what_was_recorded_is_there_after_it_was_closed() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert!(Ledger::open(folder.path()).unwrap_err().message.contains("Another rollbook"));
        ledger.record(&key("a"), LedgerState::Sending { upload: None }, 1).unwrap();
        ledger.record(&key("a"), sent(), 2).unwrap();
        drop(ledger);
        let ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!((ledger.state(&key("a")), ledger.since(&key("a"))), (Some(&sent()), Some(2)));
        assert_eq!(ledger.state(&key("b")), None);
        assert_eq!(ledger.state(&LedgerKey { mode: Mode::Partial, ..key("a") }), None, "another kind of sync");
        let elsewhere = LedgerKey { server: "https://b.example".to_owned(), ..key("a") };
        assert_eq!(ledger.state(&elsewhere), None, "another Rollbook");
    }

    #[test]
    fn an_upload_is_followed_until_somebody_was_told_how_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        ledger.record(&key("a"), LedgerState::Done { upload: "u1".to_owned() }, 5).unwrap();
        ledger.record(&key("b"), sent(), 5).unwrap();
        let followed = |ledger: &Ledger, since| ledger.unfinished("https://a.example", since).len();
        assert_eq!((followed(&ledger, 5), followed(&ledger, 6)), (1, 0));
        assert!(ledger.unfinished("https://b.example", 0).is_empty());
        ledger.record_waiting(&key("a"), "u1").unwrap();
        let waiting = ledger.unfinished("https://a.example", 5);
        assert!(waiting.len() == 1 && waiting[0].is_known_to_wait, "{waiting:?}");
        ledger.record_over(&key("a"), "u1").unwrap();
        drop(ledger);
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!((followed(&ledger, 0), ledger.since(&key("a"))), (0, Some(5)));
        ledger.record(&key("c"), LedgerState::Done { upload: "u2".to_owned() }, 6).unwrap();
        assert!(ledger.is_sent_again(&key("a")), "others were sent since");
    }

    #[test]
    fn a_line_that_a_full_disk_cut_off_harms_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        ledger.file.write_all(b"{\"at\":1,\"sha").unwrap();
        // A file that takes nothing, as on a full disk.
        let writable = std::mem::replace(&mut ledger.file, File::open(&ledger.path).unwrap());
        assert_eq!(ledger.record(&key("a"), sent(), 1).unwrap_err().code, "machine");
        assert_eq!(ledger.state(&key("a")), None, "what is not on the disk is not known");
        ledger.file = writable;
        ledger.record(&key("b"), sent(), 2).unwrap();
        drop(ledger);
        assert_eq!(Ledger::open(folder.path()).unwrap().state(&key("b")), Some(&sent()));
    }

    #[test]
    fn what_comes_back_after_other_contents_is_sent_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let done = || LedgerState::Done { upload: "u1".to_owned() };
        ledger.record(&key("a"), done(), 1).unwrap();
        assert!(!ledger.is_sent_again(&key("a")), "nothing came between");
        let of_school = LedgerKey { schools: ["10001".to_owned()].into(), ..key("b") };
        ledger.record(&of_school, done(), 2).unwrap();
        ledger.record(&LedgerKey { mode: Mode::Partial, ..key("b") }, done(), 2).unwrap();
        assert!(!ledger.is_sent_again(&key("a")), "they are of other kinds");
        ledger.record(&key("b"), sent(), 3).unwrap();
        assert!(ledger.is_sent_again(&key("a")) && !ledger.is_sent_again(&key("b")));
        ledger.record(&key("a"), LedgerState::SendingAgain, 4).unwrap();
        drop(ledger);
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert!(ledger.is_sent_again(&key("a")), "a kill changes nothing");
        ledger.record(&key("a"), sent(), 5).unwrap();
        assert!(!ledger.is_sent_again(&key("a")), "it is there and has only to be moved");
    }

    #[test]
    fn a_line_that_was_cut_off_anywhere_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        ledger.record(&key("a"), LedgerState::Sending { upload: None }, 1).unwrap();
        let path = ledger.path.clone();
        let whole = std::fs::read(&path).unwrap();
        ledger.record(&key("a"), sent(), 2).unwrap();
        drop(ledger);
        let both = std::fs::read(&path).unwrap();
        for length in whole.len()..both.len() {
            std::fs::write(&path, &both[..length]).unwrap();
            let mut ledger = Ledger::open(folder.path()).unwrap();
            let known = ledger.state(&key("a")).cloned();
            // Without its end the line is whole, too.
            let expected = if length + 1 == both.len() { sent() } else { LedgerState::Sending { upload: None } };
            assert_eq!(known, Some(expected), "{length}");
            ledger.record(&key("b"), sent(), 3).unwrap();
            drop(ledger);
            assert_eq!(Ledger::open(folder.path()).unwrap().state(&key("b")), Some(&sent()), "{length}");
        }
    }

    #[test]
    fn a_long_ledger_keeps_what_is_not_done() {
        let folder = tempfile::tempdir().unwrap();
        let mut lines: Vec<String> = Vec::new();
        for n in 0..=MOST_LINES {
            let state = if n == 5 { sent() } else { LedgerState::Done { upload: n.to_string() } };
            lines.push(text(&LedgerLine { at: 1, key: key(&n.to_string()), state }).unwrap());
        }
        std::fs::write(folder.path().join("ledger.jsonl"), lines.concat()).unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!((ledger.state(&key("5")), ledger.state(&key("6"))), (Some(&sent()), None));
        ledger.record(&key("6"), sent(), 2).unwrap();
        assert_eq!(std::fs::read_to_string(&ledger.path).unwrap().lines().count(), 2);
    }
}
