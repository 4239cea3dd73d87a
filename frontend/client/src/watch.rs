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
use crate::clock::now;
use crate::config::{Config, WatchedFolder};
use crate::exit::Exit;
use crate::facts;
use crate::follow::{Followed, Following};
use crate::ledger::{Ledger, LedgerState};
use crate::private::write_private;
use crate::say::{Audience, check_in_words};
use crate::sending::{FileToSend, SendOutcome, send, unclear};
use crate::trouble::Trouble;
use crate::uploads::LOOK_EVERY;

/// How long is waited after a first failure, and at most; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(15);
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// How long the settings that files are checked with are taken for the present ones.
const FACTS_LAST: Duration = Duration::from_mins(5);

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

/// How long a file or folder is left alone, of which something went wrong.
#[derive(Debug, Clone, Copy)]
struct Pause {
    until: Instant,
    wait: Duration,
}

/// Files and folders that something is wrong with.
#[derive(Default)]
struct Postponed(HashMap<PathBuf, Pause>);

impl Postponed {
    /// Returns whether it is left alone for now.
    fn has(&self, path: &Path, now: Instant) -> bool {
        self.0.get(path).is_some_and(|pause| now < pause.until)
    }

    /// Takes in that something went wrong once more, and returns how long it is left alone.
    fn add(&mut self, path: &Path, now: Instant) -> Duration {
        let wait = self.0.get(path).map_or(FIRST_WAIT, |pause| (pause.wait * 2).min(LONGEST_WAIT));
        self.0.insert(path.to_owned(), Pause { until: now + wait, wait });
        wait
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
    /// Something is wrong with one file or folder; the others go on.
    Postponed {
        file: &'a str,
        code: &'a str,
        seconds: u64,
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
    let ledger = Ledger::open(&config.state)?;
    let (watched, postponed, following) = (Watched::default(), Postponed::default(), Following::default());
    let (under_way, worst) = (0, Exit::Done);
    let mut runner =
        Runner { api, config, lasting, to, ledger, facts: None, watched, postponed, following, under_way, worst };
    let mut wait = FIRST_WAIT;
    loop {
        match runner.look() {
            Ok(Remaining::Nothing) if lasting == Lasting::Once => return runner.follow_to_the_end(),
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
    lasting: Lasting,
    to: Audience,
    ledger: Ledger,
    facts: Option<(ClientFacts, Instant)>,
    watched: Watched,
    postponed: Postponed,
    following: Following,
    /// How many uploads are neither over nor wait for somebody, as far as is known.
    under_way: usize,
    worst: Exit,
}

impl Runner<'_> {
    /// Looks at all folders once, and deals with every file that has settled. What stands in the way of one file does not
    /// keep the others from being sent.
    fn look(&mut self) -> Result<Remaining, Trouble> {
        let mut remaining = Remaining::Nothing;
        let mut there = Vec::new();
        for folder in &self.config.folders {
            there.push(folder.path.clone());
            if self.postponed.has(&folder.path, Instant::now()) {
                continue;
            }
            let files = match files_of(&folder.path) {
                Ok(files) => files,
                Err(trouble) => {
                    self.postpone(&folder.path, &trouble);
                    continue;
                }
            };
            self.postponed.0.remove(&folder.path);
            for path in files {
                if self.look_at_one(folder, &path)? == Remaining::Something {
                    remaining = Remaining::Something;
                }
                there.push(path);
            }
        }
        self.watched.0.retain(|path, _| there.contains(path));
        self.postponed.0.retain(|path, _| there.contains(path));
        self.follow()?;
        Ok(remaining)
    }

    /// Says what became of uploads, and takes in how many are under way.
    fn follow(&mut self) -> Result<(), Trouble> {
        let Followed { under_way, worst } = self.following.look(self.api, &mut self.ledger, self.to)?;
        self.under_way = under_way;
        self.worst = self.worst.worse(worst);
        Ok(())
    }

    /// Waits until nothing that was sent is under way any more, but not for ever.
    fn follow_to_the_end(&mut self) -> Result<Exit, Trouble> {
        let until = Instant::now() + self.config.run.wait_for_end();
        while self.under_way > 0 && Instant::now() < until {
            sleep(LOOK_EVERY);
            self.follow()?;
        }
        Ok(self.worst)
    }

    /// Looks at one file, and deals with it if it has settled.
    fn look_at_one(&mut self, folder: &WatchedFolder, path: &Path) -> Result<Remaining, Trouble> {
        let now = Instant::now();
        if self.postponed.has(path, now) {
            return Ok(Remaining::Nothing);
        }
        let dealt = match look_at(path) {
            Ok(None) => return Ok(Remaining::Nothing),
            Ok(Some(look)) if !self.watched.has_settled(path, look, now, self.config.run.settled_after()) => {
                return Ok(Remaining::Something);
            }
            Ok(Some(look)) => self.deal_with(folder, path, look),
            Err(trouble) => Err(trouble),
        };
        match dealt {
            Ok(()) => {
                self.postponed.0.remove(path);
            }
            Err(trouble) if trouble.is_of_all() => return Err(trouble),
            Err(trouble) => self.postpone(path, &trouble),
        }
        Ok(Remaining::Nothing)
    }

    /// Leaves a file or folder alone for a while, and says why.
    fn postpone(&mut self, path: &Path, trouble: &Trouble) {
        let seconds = self.postponed.add(path, Instant::now()).as_secs();
        self.worst = self.worst.worse(trouble.exit);
        self.to.say_trouble(trouble);
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        self.to.say(&RunEvent::Postponed { file: &file, code: &trouble.code, seconds }, || {
            let again = match self.lasting {
                Lasting::Once => "the next run tries again".to_owned(),
                Lasting::ForEver => format!("trying again in {seconds} seconds"),
            };
            format!("{file}: left where it is; {again}, and this one goes on with the others")
        });
    }

    fn deal_with(&mut self, folder: &WatchedFolder, path: &Path, look: Look) -> Result<(), Trouble> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if look.bytes > MAX_BYTES as u64 {
            return self.keep(folder, path, look, &too_large(&name));
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
        let key = file.key(self.api);
        if report.failed {
            return self.keep(folder, path, look, &report);
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
            SendOutcome::Unclear { .. } => return Err(unclear(file, upload)),
        }
        if rejected > 0 {
            self.worst = self.worst.worse(Exit::FileWrong);
        }
        if look_at(path)? == Some(look) {
            move_to(path, &folder.done())?;
        }
        self.ledger.record(&key, LedgerState::Done { upload: upload.to_owned() }, now())
    }

    /// Moves a file away that can't be processed, and says why in a file beside it.
    fn keep(&mut self, folder: &WatchedFolder, path: &Path, look: Look, report: &LocalCheck) -> Result<(), Trouble> {
        let Some(why) = keep_file(path, look, &folder.not_sent(), &check_in_words(report))? else {
            return Ok(());
        };
        self.worst = self.worst.worse(Exit::FileWrong);
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

/// Moves a file with the reason beside it, which is there first, and returns where the reason is. A file that was replaced
/// since it was looked at stays: the reason is not about it.
fn keep_file(path: &Path, look: Look, folder: &Path, reason: &str) -> Result<Option<PathBuf>, Trouble> {
    if look_at(path)? != Some(look) {
        return Ok(None);
    }
    let target = free_place(path, folder)?;
    let why = PathBuf::from(format!("{}.why.txt", target.display()));
    write_private(&why, reason.as_bytes())?;
    fs::rename(path, &target).map_err(|error| Trouble::machine("moved", path, &error))?;
    Ok(Some(why))
}

/// Returns what is in a folder and may be a roster, by name.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let broken = |error: std::io::Error| Trouble::machine("read", folder, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_unfinished = name.starts_with(['.', '~']) || UNFINISHED.iter().any(|ending| name.ends_with(ending));
        if !is_unfinished {
            found.push(path);
        }
    }
    found.sort();
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
    let target = free_place(path, folder)?;
    fs::rename(path, &target).map_err(|error| Trouble::machine("moved", path, &error))?;
    Ok(target)
}

/// Returns where a file can be moved to in a folder, which is made.
fn free_place(path: &Path, folder: &Path) -> Result<PathBuf, Trouble> {
    fs::create_dir_all(folder).map_err(|error| Trouble::machine("made", folder, &error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let free = (1..).map(|n| if n == 1 { name.clone() } else { format!("{n}-{name}") });
    Ok(free.map(|name| folder.join(name)).find(|target| !target.exists()).unwrap_or_else(|| folder.join(&name)))
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
        let files: Vec<_> = found.iter().filter(|path| look_at(path).unwrap().is_some()).collect();
        let names: Vec<_> = files.iter().map(|path| path.file_name().unwrap().to_string_lossy()).collect();
        assert_eq!(names, ["a.xlsx", "b.csv"]);
        let done = folder.path().join("done");
        assert_eq!(move_to(files[1], &done).unwrap(), done.join("b.csv"));
        fs::write(folder.path().join("b.csv"), "another").unwrap();
        assert_eq!(move_to(files[1], &done).unwrap(), done.join("2-b.csv"));
        assert_eq!(fs::read_to_string(done.join("b.csv")).unwrap(), "b.csv");
    }

    #[test]
    fn a_file_that_was_replaced_is_not_kept_for_the_reason_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let (path, kept) = (folder.path().join("a.csv"), folder.path().join("not-sent"));
        fs::write(&path, "broken").unwrap();
        let look = look_at(&path).unwrap().unwrap();
        fs::write(&path, "the next roster").unwrap();
        assert_eq!(keep_file(&path, look, &kept, "It is broken.").unwrap(), None);
        assert!(path.exists() && !kept.exists());
        let look = look_at(&path).unwrap().unwrap();
        let why = keep_file(&path, look, &kept, "It is broken.").unwrap().unwrap();
        assert_eq!(why, kept.join("a.csv.why.txt"));
        assert_eq!(fs::read_to_string(why).unwrap(), "It is broken.");
        assert!(!path.exists() && kept.join("a.csv").exists());
    }

    #[test]
    fn a_folder_that_is_missing_does_not_stop_the_others() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("there")).unwrap();
        let text = "server = \"https://a.invalid\"\nstate = \"state\"\n\
            [run]\nsettled_after = 0\n\
            [[folder]]\npath = \"gone\"\nmode = \"full\"\n\
            [[folder]]\npath = \"there\"\nmode = \"full\"\n";
        fs::write(place.path().join("rollbook.toml"), text).unwrap();
        let large = fs::File::create(place.path().join("there/large.csv")).unwrap();
        large.set_len(MAX_BYTES as u64 + 1).unwrap();
        let config = Config::load(&place.path().join("rollbook.toml")).unwrap();
        let api = RollbookApi::new(&config.server, crate::api::Secret("rb_x".to_owned())).unwrap();
        assert_eq!(run(&api, &config, Lasting::Once, Audience::People), Ok(Exit::Machine), "of the folder");
        assert!(place.path().join("there/not-sent/large.csv.why.txt").exists(), "the other was looked at");
    }

    #[test]
    fn what_went_wrong_is_tried_again_later_and_later() {
        let (mut postponed, start) = (Postponed::default(), Instant::now());
        let path = Path::new("a.csv");
        assert!(!postponed.has(path, start));
        let waits: Vec<u64> = (0..8).map(|_| postponed.add(path, start).as_secs()).collect();
        assert_eq!(waits, [15, 30, 60, 120, 240, 480, 900, 900]);
        assert!(postponed.has(path, start) && !postponed.has(Path::new("b.csv"), start));
        assert!(!postponed.has(path, start + LONGEST_WAIT));
    }
}
