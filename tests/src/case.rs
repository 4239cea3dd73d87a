//! A case: a folder of `cases` with a roster, the organisation that it meets, and what must come of it.
//!
//! | file | what |
//! | --- | --- |
//! | `case.json` | [`About`]: what the case shows, the mode, and what must come of it |
//! | `roster.csv` | the upload, byte by byte; or `recipe.json`, a list of `RosterPart`s, where the bytes are too many to keep |
//! | `roster.xlsx`, `roster.xls` or `roster.ods` | the upload instead, where it is a workbook |
//! | `set/users.csv`, `set/classes.csv`, `set/enrolments.csv` | the upload instead, where it is a set; any of them may be missing |
//! | `files/` | the upload instead, where it is an archive of files of another system |
//! | `settings.json` | [`Settings`], if they are not the default |
//! | `schools.csv`, `directory.csv` | the organisation, if it is not the one that lies beside the folders |
//! | `classes.csv`, `enrolments.csv` | its classes and who is in them; without them there are none |
//! | `*.snap` | what came of it: findings, plan, files, the directory after and, where there are any, the classes |

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use roster::{
    Accounts, ClassRules, Code, Counts, Day, Finding, Findings, ItemCounts, Mode, ModeSettings, Reading, School,
    SchoolId, SchoolKind, Schools, Scope, Sent, SentFile, SetBytes, SetPart, Settings, SourceId, SourceRules,
    Translated, Translation,
};
use serde::Deserialize;
use wire::Unpacked;

use crate::outcome::NOW;
use crate::world::World;

/// A case, read from its folder.
pub struct Case {
    pub name: String,
    pub folder: PathBuf,
    pub about: About,
    pub settings: ModeSettings,
    pub accounts: Accounts,
    pub reading: Reading,
    pub sources: SourceRules,
    pub class_rules: ClassRules,
    pub schools: Schools,
    pub world: World,
    /// The roster, or the file of users of a set; empty where a set has none.
    pub roster: Vec<u8>,
    pub set: Option<CaseSet>,
    pub package: Option<CasePackage>,
}

/// The workbook that a roster comes in, or the archive of files of another system.
pub struct CasePackage {
    pub bytes: Vec<u8>,
    /// How it was read; or why it fails as a whole.
    pub unpacked: Result<CaseUnpacked, Findings>,
}

impl CasePackage {
    /// Returns how the file of users is read.
    fn reading(&self, usual: &Reading) -> Reading {
        let translation = self.unpacked.as_ref().ok().and_then(|unpacked| unpacked.translation.as_ref());
        translation.map_or_else(|| usual.clone(), |translation| translation.reading(usual.clone()))
    }
}

/// What is to be remembered of a workbook or an archive that was read.
#[derive(Default)]
pub struct CaseUnpacked {
    /// What is said of how it was read.
    pub notes: Vec<Finding>,
    pub translation: Option<Translation>,
}

/// The files of a set beside the one of users.
pub struct CaseSet {
    /// Whether the set has a file of users.
    pub users: bool,
    pub classes: Option<Vec<u8>>,
    pub enrolments: Option<Vec<u8>>,
}

/// `case.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What the case shows, in a sentence.
    pub about: String,
    pub mode: Mode,
    /// The external ID of the school administrator's school; without it the whole organisation.
    #[serde(default)]
    pub scope: Option<String>,
    /// The external IDs of the schools that a district administrator chose.
    #[serde(default)]
    pub schools: Vec<String>,
    /// The source of the roster, of those in the settings.
    #[serde(default)]
    pub source: Option<SourceId>,
    /// How many rows the last full roster had.
    #[serde(default)]
    pub previous_rows: Option<u64>,
    pub expect: Expect,
}

/// What must come of a case, written down before it was run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The file fails as a whole.
    #[serde(default)]
    pub failed: bool,
    #[serde(default)]
    pub counts: ExpectedCounts,
    #[serde(default)]
    pub classes: ItemCounts,
    #[serde(default)]
    pub enrolments: ItemCounts,
    /// How many findings of each code.
    pub findings: BTreeMap<Code, u64>,
    /// Why the plan waits: `approval_required`, `limit removals 10001` and so on; `limit` alone is any limit.
    #[serde(default)]
    pub holds: Vec<String>,
}

/// [`Counts`] of which those that are zero may be left out.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExpectedCounts {
    created: u64,
    updated: u64,
    moved: u64,
    reactivated: u64,
    removed: u64,
    unchanged: u64,
    rejected: u64,
    renamed: u64,
    rekeyed: u64,
    kept: u64,
    outside: u64,
    further: u64,
}

impl From<&ExpectedCounts> for Counts {
    fn from(e: &ExpectedCounts) -> Counts {
        Counts {
            created: e.created,
            updated: e.updated,
            moved: e.moved,
            reactivated: e.reactivated,
            removed: e.removed,
            unchanged: e.unchanged,
            rejected: e.rejected,
            renamed: e.renamed,
            rekeyed: e.rekeyed,
            kept: e.kept,
            outside: e.outside,
            further: e.further,
        }
    }
}

/// A part of a generated roster: text, or bytes in hexadecimal, once or many times.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RosterPart {
    #[serde(default)]
    text: String,
    #[serde(default)]
    hex: String,
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

impl RosterPart {
    fn bytes(&self) -> Vec<u8> {
        [self.text.as_bytes(), &bytes_of(&self.hex)].concat()
    }
}

impl Case {
    /// Returns the folder that holds the cases.
    pub fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
    }

    /// Returns the names of all cases, sorted.
    pub fn names() -> Vec<String> {
        let entries = fs::read_dir(Case::folder()).expect("the folder of cases is there").map(|e| e.unwrap());
        let folders = entries.filter(|e| e.path().is_dir());
        let mut names: Vec<String> = folders.map(|e| e.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Reads the case of that name.
    pub fn load(name: &str) -> Case {
        let folder = Case::folder().join(name);
        let about: About = json(&folder.join("case.json")).expect("every case has a case.json");
        let settings: Settings = json(&folder.join("settings.json")).unwrap_or_default();
        let schools = schools(&text(&folder, "schools.csv"));
        let mut world = World::read(&text(&folder, "directory.csv"), &schools);
        world.read_classes(&own(&folder, "classes.csv"), &own(&folder, "enrolments.csv"), &schools);
        let reading = &Reading::from(settings.reading.clone()).on(Day::of_millis(NOW));
        let taken_apart = workbook(&folder, reading, &schools);
        let taken_apart = taken_apart.or_else(|| archive(&folder, about.mode, reading, &schools));
        let (package, users, foreign_set) = match taken_apart {
            Some(TakenApart { package, users, set }) => (Some(package), Some(users), set),
            None => (None, None, None),
        };
        let set = foreign_set.or_else(|| set(&folder));
        Case {
            name: name.to_owned(),
            settings: settings.of(about.mode).clone(),
            accounts: settings.accounts,
            reading: package.as_ref().map_or_else(|| reading.clone(), |package| package.reading(reading)),
            sources: settings.sources,
            class_rules: settings.classes,
            world,
            roster: match (users, &set) {
                (Some(users), _) => users,
                (None, Some(_)) => part(&folder, SetPart::Users).unwrap_or_default(),
                (None, None) => roster(&folder),
            },
            set,
            package,
            schools,
            about,
            folder,
        }
    }

    /// Returns the roster as pieces and how often each is repeated, which is short even where the roster is not.
    pub fn parts(&self) -> Vec<(Vec<u8>, usize)> {
        match recipe(&self.folder) {
            Some(recipe) => recipe.iter().map(|part| (part.bytes(), part.times)).collect(),
            None => vec![(self.sent().to_vec(), 1)],
        }
    }

    /// Returns the roster as it is sent: the workbook or the archive, where it comes in one.
    pub fn sent(&self) -> &[u8] {
        self.package.as_ref().map_or(&self.roster, |package| &package.bytes)
    }

    /// Returns whose users the upload may touch.
    pub fn scope(&self) -> Scope {
        let ids = self.about.scope.iter().chain(&self.about.schools);
        Scope::of_chosen(ids.map(|id| self.schools.by_external_id(id).expect("a school").id.clone()).collect())
    }
}

fn json<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    let text = fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

/// Returns the case's own file, or else the one that all cases share.
fn text(folder: &Path, file: &str) -> String {
    let own = folder.join(file);
    let path = if own.exists() { own } else { Case::folder().join(file) };
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Returns a file that only some cases have; empty where there is none.
fn own(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_default()
}

fn set(folder: &Path) -> Option<CaseSet> {
    folder.join("set").is_dir().then(|| CaseSet {
        users: part(folder, SetPart::Users).is_some(),
        classes: part(folder, SetPart::Classes),
        enrolments: part(folder, SetPart::Enrolments),
    })
}

fn part(folder: &Path, part: SetPart) -> Option<Vec<u8>> {
    fs::read(folder.join("set").join(part.file_name())).ok()
}

fn roster(folder: &Path) -> Vec<u8> {
    match recipe(folder) {
        Some(recipe) => recipe.iter().map(|part| part.bytes().repeat(part.times)).collect::<Vec<_>>().concat(),
        None => fs::read(folder.join("roster.csv")).expect("every case has a roster.csv, a recipe.json or a set"),
    }
}

/// A workbook or an archive, with the files in it.
struct TakenApart {
    package: CasePackage,
    /// Empty where no users can be read.
    users: Vec<u8>,
    set: Option<CaseSet>,
}

/// Returns the workbook of a case with the table in it.
fn workbook(folder: &Path, reading: &Reading, schools: &Schools) -> Option<TakenApart> {
    let names = ["roster.xlsx", "roster.xls", "roster.ods"];
    let bytes = names.iter().find_map(|name| fs::read(folder.join(name)).ok())?;
    let (unpacked, users) = match Unpacked::read(&bytes, reading, schools, None).sent {
        Ok(sent) => {
            let users = sent.users.expect("a case is no workbook of a set").into_owned();
            (Ok(CaseUnpacked { notes: sent.notes, translation: None }), users)
        }
        Err(findings) => (Err(findings), Vec::new()),
    };
    Some(TakenApart { package: CasePackage { bytes, unpacked }, users, set: None })
}

/// Returns the archive of the case's files of another system, with the set that they are.
fn archive(folder: &Path, mode: Mode, reading: &Reading, schools: &Schools) -> Option<TakenApart> {
    let entries = fs::read_dir(folder.join("files")).ok()?;
    let mut files: Vec<SentFile> = entries
        .map(|entry| entry.expect("the folder can be read"))
        .map(|entry| SentFile {
            name: entry.file_name().into_string().expect("cases have plain names"),
            bytes: fs::read(entry.path()).expect("the file can be read"),
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let bytes = wire::archive::pack_files(&files);
    let translated = wire::archive::unpack(&bytes).map_err(|finding| vec![finding].into());
    let translated = translated.and_then(|delivery| {
        let delivery = delivery.expect("tables");
        Sent::of_delivery(delivery.clone(), reading, schools)?.for_mode(mode)?;
        let translated = roster::translate(&delivery, reading, schools)?.expect("a format that is known");
        Ok(Translated { translation: translated.translation.in_mode(mode), ..translated })
    });
    let (unpacked, users, set) = match translated {
        Ok(Translated { set, translation }) => {
            let unpacked = CaseUnpacked { notes: translation.notes.clone(), translation: Some(translation) };
            let SetBytes { users, classes, enrolments } = set;
            let set = CaseSet { users: users.is_some(), classes, enrolments };
            (Ok(unpacked), users.unwrap_or_default(), Some(set))
        }
        Err(findings) => (Err(findings), Vec::new(), None),
    };
    Some(TakenApart { package: CasePackage { bytes, unpacked }, users, set })
}

fn recipe(folder: &Path) -> Option<Vec<RosterPart>> {
    json(&folder.join("recipe.json"))
}

fn bytes_of(digits: &str) -> Vec<u8> {
    hex::decode(digits).expect("recipes have plain hexadecimal")
}

/// Reads `school_district_external_id,name` and, where there is a district office, `kind`.
fn schools(csv: &str) -> Schools {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let school = |record: csv::StringRecord| School {
        id: SchoolId(format!("school-{}", &record[0])),
        external_id: record[0].to_owned(),
        name: record[1].to_owned(),
        kind: if record.get(2) == Some("district") { SchoolKind::District } else { SchoolKind::School },
    };
    Schools::new(reader.records().map(|r| school(r.expect("schools.csv is well formed"))).collect())
}
