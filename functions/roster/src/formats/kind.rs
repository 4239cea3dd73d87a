//! Which format files are of, by their names and headers.

use std::collections::BTreeSet;

use crate::file::MANIFEST;
use crate::file::cell;
use crate::file::reading::{NoPlace, Omissions, Reading};
use crate::model::{ClassRole, UserType};

use super::delivery::{Delivery, SentFile, stem};
use super::manifest::{OneRosterManifest, Version};
use super::table::{self, key};

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    OneRoster11,
    OneRoster12,
    SdsV21,
    SdsV2,
    SdsClassic,
    Clever,
    Canvas,
}

impl Format {
    /// Returns the name for people.
    pub fn name(self) -> &'static str {
        match self {
            Format::OneRoster11 => "OneRoster 1.1",
            Format::OneRoster12 => "OneRoster 1.2",
            Format::SdsV21 => "School Data Sync v2.1",
            Format::SdsV2 => "School Data Sync v2",
            Format::SdsClassic => "School Data Sync v1",
            Format::Clever => "Clever",
            Format::Canvas => "Canvas SIS",
        }
    }

    /// Returns what no files of the format can say: whom they have no place for, apart from those who are disabled, of whom
    /// the columns tell.
    pub(super) fn omissions(self) -> Omissions {
        let (user_types, class_roles): (&[UserType], &[ClassRole]) = match self {
            Format::OneRoster11 | Format::OneRoster12 | Format::SdsV21 | Format::SdsV2 => (&[], &[]),
            Format::SdsClassic => (&[UserType::Staff, UserType::Administrator], &[ClassRole::Aide]),
            Format::Clever => (&[UserType::Administrator], &[ClassRole::Aide]),
            // What Canvas calls administrative is staff of ours.
            Format::Canvas => (&[UserType::Administrator], &[]),
        };
        let no_place = NoPlace {
            user_types: user_types.iter().copied().collect(),
            disabled: BTreeSet::new(),
            class_roles: class_roles.iter().copied().collect(),
        };
        Omissions { no_place, ..Omissions::default() }
    }

    pub(super) fn is_one_roster(self) -> bool {
        matches!(self, Format::OneRoster11 | Format::OneRoster12)
    }
}

/// Returns the format of the files.
pub(super) fn recognise(delivery: &Delivery, reading: &Reading) -> Option<Format> {
    if reading.settings.strict_format {
        return None;
    }
    let heads: Vec<FileHead> = delivery.files.iter().filter_map(|file| FileHead::of(file, reading)).collect();
    let has = |stem: &str, keys: &[&str]| {
        let file = heads.iter().find(|head| head.stem == stem);
        file.is_some_and(|head| keys.iter().all(|key| head.keys.iter().any(|own| own == key)))
    };
    let users = heads.iter().find(|head| head.stem == "users");
    if let Some(head) = users
        && ["custom_id", "user_type"].iter().all(|own| head.header.iter().any(|header| cell::trim(header) == *own))
    {
        // A roster of ours, whatever lies beside it.
        return None;
    }
    let manifest = delivery.files.iter().find(|file| file.name.eq_ignore_ascii_case(MANIFEST));
    let manifest = manifest.and_then(|file| OneRosterManifest::read(&file.bytes, reading));
    if has("users", &["sourcedid", "givenname"]) {
        let v2_1 = has("roles", &["usersourcedid", "role"]) && !has("roles", &["sourcedid"]);
        let v2 = has("users", &["role", "orgsourcedids"]) && !has("users", &["enableduser"]);
        let format = if let Some(version) = manifest.and_then(|manifest| manifest.version) {
            version.into()
        } else if v2_1 {
            Format::SdsV21
        } else if v2 && !has("users", &["datelastmodified"]) {
            Format::SdsV2
        } else if has("users", &["role"]) {
            Format::OneRoster11
        } else if has("users", &["enableduser"]) || heads.iter().any(|head| head.stem == "roles") {
            Format::OneRoster12
        } else {
            Format::SdsV21
        };
        return Some(format);
    }
    let sourced = has("enrollments", &["classsourcedid", "usersourcedid"]) || has("classes", &["sourcedid"]);
    match manifest.and_then(|manifest| manifest.version) {
        Some(version) if users.is_none() && sourced => return Some(version.into()),
        None if users.is_none() => {
            if let Some(format) = without_users(&heads) {
                return Some(format);
            }
        }
        _ => {}
    }
    let of_school = |stem| has(stem, &["sisid", "schoolsisid"]) || has(stem, &["id", "schooldfenumber"]);
    if users.is_none() && ["student", "teacher"].into_iter().any(of_school) {
        return Some(Format::SdsClassic);
    }
    let of_clever = has("students", &["studentid", "schoolid"]) || has("teachers", &["teacherid", "schoolid"]);
    if users.is_none() && of_clever {
        return Some(Format::Clever);
    }
    if users.is_none() && has("enrollments", &["userid"]) && has("courses", &["courseid", "accountid"]) {
        return Some(Format::Canvas);
    }
    // A roster with headers like ours says itself what somebody is, and where.
    let says_who = ["usertype", "role", "school", "schoolid"].iter().any(|key| has("users", &[key]));
    let beside = has("courses", &["courseid"]) || has("accounts", &["accountid"]);
    (has("users", &["userid", "loginid"]) && (beside || !says_who)).then_some(Format::Canvas)
}

/// Returns the format of files with a `sourcedId` among which is neither `users.csv` nor a manifest.
///
/// They are no set of ours: who is absent, and who is in a class, nobody can tell.
fn without_users(heads: &[FileHead]) -> Option<Format> {
    let has = |stem: &str, keys: &[&str]| {
        let file = heads.iter().find(|head| head.stem == stem);
        file.is_some_and(|head| keys.iter().all(|key| head.keys.iter().any(|own| own == key)))
    };
    let is_one = has("orgs", &["sourcedid", "type"])
        || has("roles", &["usersourcedid", "orgsourcedid"])
        || has("classes", &["sourcedid", "orgsourcedid"])
        || has("classes", &["sourcedid", "schoolsourcedid"])
        || has("enrollments", &["classsourcedid", "usersourcedid"]);
    let is_one_roster = heads.iter().any(|head| head.keys.iter().any(|key| key == "datelastmodified"));
    let has_roles = heads.iter().any(|head| head.stem == "roles");
    is_one.then_some(match (is_one_roster, has_roles) {
        (true, true) => Format::OneRoster12,
        (true, false) => Format::OneRoster11,
        (false, true) => Format::SdsV21,
        (false, false) => Format::SdsV2,
    })
}

/// Returns a file that came alone as the files of a format.
///
/// Its headers have to say that it is a `users.csv` of one, whatever it is called. It may lack the files that it needs,
/// which its reader says.
pub fn lone_users(bytes: &[u8], reading: &Reading) -> Option<Delivery> {
    let header = table::header(bytes, reading).filter(|_| !reading.settings.strict_format)?;
    let keys: Vec<String> = header.iter().map(|header| key(header)).collect();
    let has = |wanted: &[&str]| wanted.iter().all(|wanted| keys.iter().any(|own| own == wanted));
    let is_one =
        has(&["sourcedid", "givenname", "familyname"]) && (has(&["enableduser"]) || has(&["role", "orgsourcedids"]));
    let delivery = || Delivery {
        files: vec![SentFile { name: "users.csv".to_owned(), bytes: bytes.to_vec() }],
        unread: Vec::new(),
    };
    is_one.then(delivery).filter(|delivery| recognise(delivery, reading).is_some())
}

impl From<Version> for Format {
    fn from(version: Version) -> Format {
        match version {
            Version::V11 => Format::OneRoster11,
            Version::V12 => Format::OneRoster12,
        }
    }
}

/// What the beginning of a file shows.
struct FileHead {
    stem: String,
    header: Vec<String>,
    keys: Vec<String>,
}

impl FileHead {
    fn of(file: &SentFile, reading: &Reading) -> Option<FileHead> {
        let header = table::header(&file.bytes, reading)?;
        let keys = header.iter().map(|header| key(header)).collect();
        Some(FileHead { stem: stem(&file.name)?, header, keys })
    }
}
