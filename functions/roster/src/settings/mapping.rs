//! How a file of another system becomes a roster: a mapping profile.
//!
//! A profile is data. It says for each column of ours where its cells come from, what their values mean, and which rows are
//! none of ours. `file/mapped.rs` reads files by it, and `mapping` proposes one for a file that nobody has seen before.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::{Column, Presence, SourceId};

mod check;

pub use check::{MappingPlace, MappingProblem, check_profiles};

/// How the files of one kind become rosters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingProfile {
    /// As people call it; unique among the profiles.
    pub name: String,
    /// Counts up whenever the profile is saved with something changed.
    pub version: u32,
    /// Whose files it is for; `None` for files of any source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// The headers of the file that it was made for, as [`header_key`] has them: by these its files are recognised.
    pub headers: BTreeSet<String>,
    /// Where the cells of our columns come from. A column that is not here is one that the file does not have: users who
    /// exist keep what they have of it.
    pub columns: BTreeMap<Column, MappedColumn>,
    /// The rows that are not read. Their users count as present, so that nobody is removed for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<RowFilter>,
}

/// Where the cells of a column come from, and what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedColumn {
    pub from: CellSource,
    /// What is read instead of a value. Values are compared without case and without blanks around them; one that is not
    /// here is read as it stands.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// How the file writes dates, where the column holds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateFormat>,
}

/// Where the cells of a column come from.
///
/// Headers are written as the file has them, and compared by [`header_key`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CellSource {
    /// From below one header.
    Header(String),
    /// From the first of several that is not empty: the others are only fallbacks.
    FirstOf(Vec<String>),
    /// From several, those that are not empty, with a text between them.
    Joined { headers: Vec<String>, with: String },
    /// A part of a cell that holds a whole name.
    NamePart { header: String, order: NameOrder, part: NamePart },
    /// The same in every row.
    Fixed(String),
}

/// In which order a cell has the names of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameOrder {
    /// `Klein, Ora Maria`.
    LastCommaFirst,
    /// `Klein Ora Maria`.
    LastFirst,
    /// `Ora Maria Klein`.
    FirstLast,
}

/// A part of a whole name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamePart {
    Last,
    First,
    Middle,
}

/// Rows that are not read: those with one of these values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowFilter {
    pub header: String,
    /// Compared without case and without blanks around them.
    pub values: BTreeSet<String>,
}

/// How a file writes dates, such as `MM/DD/YYYY` or `DD.MM.YYYY`.
///
/// It has each of `YYYY` (or `YY`), `MM` and `DD` once, with anything but letters and digits between them, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DateFormat(pub String);

/// By which profile a roster was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedProfile {
    pub name: String,
    pub version: u32,
    /// The SHA-256 of the profile in hexadecimal.
    pub digest: String,
}

/// Returns the letters and digits of a header in lower case.
///
/// The name of a table in brackets before it is left out. The signs `?` and `#` stay, for some systems have `GR` and
/// `GR?` side by side.
pub fn header_key(header: &str) -> String {
    const LONGEST: usize = 100;
    let header = header.trim_start_matches("ï»¿").trim_start_matches('\u{feff}').trim();
    let field = match header.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, field)) if !field.trim().is_empty() => field,
        _ => header,
    };
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '?' | '#');
    field.chars().flat_map(char::to_lowercase).filter(is_kept).take(LONGEST).collect()
}

/// Returns a value in the form in which values are compared.
pub(crate) fn value_key(value: &str) -> String {
    value.trim().to_lowercase()
}

/// Gives profiles the version that they have by being saved.
///
/// It is the next one where anything is changed, and the first one where they are new.
pub fn count_up(before: &[MappingProfile], saved: &mut [MappingProfile]) {
    for profile in saved {
        profile.version = match before.iter().find(|other| other.name == profile.name) {
            Some(other) => {
                let is_same = *other == MappingProfile { version: other.version, ..profile.clone() };
                other.version.saturating_add(u32::from(!is_same))
            }
            None => 1,
        };
    }
}

impl MappingProfile {
    /// Returns what names the profile where it was used.
    pub fn used(&self) -> UsedProfile {
        let json = serde_json::to_vec(self).expect("a profile is JSON");
        let digest = hex::encode(Sha256::digest(&json));
        UsedProfile { name: self.name.clone(), version: self.version, digest }
    }

    /// Returns the profile that reads our own headers as they are.
    pub fn identity() -> MappingProfile {
        let own = || Column::ALL.into_iter().filter(|column| column.spec().presence == Presence::Required);
        let column = |column: Column| (column, CellSource::Header(column.header().to_owned()).into());
        MappingProfile {
            name: "As it is".to_owned(),
            version: 1,
            source: None,
            headers: own().map(|column| header_key(column.header())).collect(),
            columns: own().map(column).collect(),
            leave_out: Vec::new(),
        }
    }

    /// Returns the headers that it reads, as they are written in it; one may come several times.
    pub fn used_headers(&self) -> impl Iterator<Item = &str> {
        let of_columns = self.columns.values().flat_map(|column| column.from.headers());
        of_columns.chain(self.leave_out.iter().map(|filter| filter.header.as_str()))
    }

    /// Returns whether the other one can't stay beside it.
    ///
    /// It has its name, or is for the same headers of the same source.
    pub fn replaces(&self, other: &MappingProfile) -> bool {
        let name = |profile: &MappingProfile| profile.name.trim().to_lowercase();
        name(self) == name(other) || (self.headers == other.headers && self.source == other.source)
    }

    /// Returns whether it may read the files of this source.
    pub fn is_for(&self, source: Option<&SourceId>) -> bool {
        self.source.is_none() || self.source.as_ref() == source
    }
}

impl CellSource {
    /// Returns the headers that it reads.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        let headers: &[String] = match self {
            CellSource::Header(header) | CellSource::NamePart { header, .. } => std::slice::from_ref(header),
            CellSource::FirstOf(headers) | CellSource::Joined { headers, .. } => headers,
            CellSource::Fixed(_) => &[],
        };
        headers.iter().map(String::as_str)
    }

    /// Returns whether the cells below its headers are cells of the column, and no parts of them.
    pub fn is_whole(&self) -> bool {
        matches!(self, CellSource::Header(_) | CellSource::FirstOf(_))
    }
}

impl From<CellSource> for MappedColumn {
    fn from(from: CellSource) -> MappedColumn {
        MappedColumn { from, values: BTreeMap::new(), dates: None }
    }
}

impl NameOrder {
    /// Returns a part of a whole name; empty where the name has no such part.
    pub fn part(self, name: &str, part: NamePart) -> String {
        let [last, first, middle] = self.split(name);
        match part {
            NamePart::Last => last,
            NamePart::First => first,
            NamePart::Middle => middle,
        }
    }

    /// Returns last, first and middle name.
    fn split(self, name: &str) -> [String; 3] {
        let (last, given) = match self {
            NameOrder::LastCommaFirst => last_before_comma(name),
            NameOrder::LastFirst => {
                let words: Vec<&str> = name.split_whitespace().collect();
                let of_last = words_of_last_name(&words);
                (words[..of_last].join(" "), words[of_last..].join(" "))
            }
            NameOrder::FirstLast => {
                let words: Vec<&str> = name.split_whitespace().collect();
                let last = words.len().saturating_sub(1);
                let particles = words[..last].iter().skip(1).rev().take_while(|word| is_particle(word)).count();
                let start = last - particles;
                (words[start..].join(" "), words[..start].join(" "))
            }
        };
        let (first, middle) = given.split_once(char::is_whitespace).unwrap_or((&given, ""));
        [last, first.to_owned(), middle.trim().to_owned()]
    }
}

/// Returns what stands before the comma and after it. `Klein, Jr., Ora` has a comma within the last name.
fn last_before_comma(name: &str) -> (String, String) {
    const BEHIND: [&str; 6] = ["jr", "sr", "ii", "iii", "iv", "v"];
    let Some((last, given)) = name.split_once(',') else { return (name.trim().to_owned(), String::new()) };
    let is_behind = |text: &str| BEHIND.contains(&text.trim().trim_end_matches('.').to_lowercase().as_str());
    match given.split_once(',') {
        Some((behind, given)) if is_behind(behind) => {
            (format!("{}, {}", last.trim(), behind.trim()), given.trim().to_owned())
        }
        _ => (last.trim().to_owned(), given.trim().to_owned()),
    }
}

/// Returns how many words at the start are the last name: those in capitals, where others are not, or the first one with
/// the particles before it.
fn words_of_last_name(words: &[&str]) -> usize {
    let is_shouted =
        |word: &&&str| word.chars().filter(|c| c.is_alphabetic()).count() > 1 && !word.chars().any(char::is_lowercase);
    let shouted = words.iter().take_while(is_shouted).count();
    let particles = words.iter().take_while(|word| is_particle(word)).count();
    match shouted {
        0 => (particles + 1).min(words.len()),
        all if all == words.len() => 1.min(words.len()),
        some => some,
    }
}

/// Returns whether a word belongs to the last name after it.
fn is_particle(word: &str) -> bool {
    const PARTICLES: [&str; 20] = [
        "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ter", "ten", "zu",
        "zur", "al", "el", "bin",
    ];
    PARTICLES.contains(&word)
}

impl DateFormat {
    /// Returns a date that is written in this way as `YYYY-MM-DD`; `None` where it is written otherwise.
    pub fn read(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let (mut year, mut month, mut day) = (None, None, None);
        let mut rest = text;
        let mut format = self.0.as_str();
        let has_signs = format.contains(|c| !matches!(c, 'Y' | 'M' | 'D'));
        while let Some(c) = format.chars().next() {
            let run = format.len() - format.trim_start_matches(c).len();
            format = &format[run..];
            let place = match c {
                'Y' => &mut year,
                'M' => &mut month,
                'D' => &mut day,
                sign => {
                    rest = rest.strip_prefix(sign)?;
                    continue;
                }
            };
            // Where a sign follows, 3/4 is as good as 03/04.
            let apart = has_signs && !format.starts_with(['Y', 'M', 'D']);
            let digits = rest.bytes().take(run.max(2)).take_while(u8::is_ascii_digit).count();
            if digits == 0 || digits > run || (digits < run && (!apart || c == 'Y')) {
                return None;
            }
            let number: u16 = rest[..digits].parse().ok()?;
            *place = Some(if c == 'Y' && run == 2 { 2000 + number } else { number });
            rest = &rest[digits..];
        }
        // A time may stand behind it.
        let ended = rest.is_empty() || rest.starts_with([' ', 'T']);
        ended.then(|| Some(format!("{:04}-{:02}-{:02}", year?, month?, day?))).flatten()
    }

    /// Returns whether it says where year, month and day stand.
    pub(super) fn is_right(&self) -> bool {
        let count = |c: char| self.0.chars().filter(|other| *other == c).count();
        let together = |part: &str| self.0.contains(part);
        let signs = self.0.chars().all(|c| matches!(c, 'Y' | 'M' | 'D') || !c.is_alphanumeric());
        let year = (count('Y') == 4 && together("YYYY")) || (count('Y') == 2 && together("YY"));
        self.0.len() <= 20 && signs && year && count('M') == 2 && together("MM") && count('D') == 2 && together("DD")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_the_same_in_other_writing() {
        for header in ["Grade_Level", "grade level", " GradeLevel ", "[Students]Grade_Level", "ï»¿Grade-Level"] {
            assert_eq!(header_key(header), "gradelevel", "{header}");
        }
        assert_ne!(header_key("STU.GR"), header_key("STU.GR?"));
        assert_eq!(header_key("Schüler-Nr."), "schülernr");
    }

    #[test]
    fn whole_names_come_apart() {
        let check = |order: NameOrder, name: &str, parts: [&str; 3]| assert_eq!(order.split(name), parts, "{name}");
        check(NameOrder::LastCommaFirst, "Klein, Ora Maria", ["Klein", "Ora", "Maria"]);
        check(NameOrder::LastCommaFirst, "de la Cruz,Ana", ["de la Cruz", "Ana", ""]);
        check(NameOrder::LastCommaFirst, "Klein, Jr., Ben", ["Klein, Jr.", "Ben", ""]);
        check(NameOrder::LastCommaFirst, "Sukarno", ["Sukarno", "", ""]);
        check(NameOrder::LastFirst, "Klein Ora Maria", ["Klein", "Ora", "Maria"]);
        check(NameOrder::LastFirst, "van der Berg Anna", ["van der Berg", "Anna", ""]);
        check(NameOrder::LastFirst, "OKAFOR JONES Ben Uche", ["OKAFOR JONES", "Ben", "Uche"]);
        check(NameOrder::LastFirst, "KLEIN ORA", ["KLEIN", "ORA", ""]);
        check(NameOrder::FirstLast, "Ora Maria Klein", ["Klein", "Ora", "Maria"]);
        check(NameOrder::FirstLast, "Anna van der Berg", ["van der Berg", "Anna", ""]);
        check(NameOrder::FirstLast, "Sukarno", ["Sukarno", "", ""]);
        for order in [NameOrder::LastCommaFirst, NameOrder::LastFirst, NameOrder::FirstLast] {
            check(order, "  ", ["", "", ""]);
        }
    }

    #[test]
    fn dates_are_read_as_the_format_says() {
        let check = |format: &str, text: &str, date: Option<&str>| {
            assert_eq!(DateFormat(format.to_owned()).read(text).as_deref(), date, "{text} as {format}");
        };
        check("MM/DD/YYYY", "08/31/2026", Some("2026-08-31"));
        check("MM/DD/YYYY", " 8/3/2026 ", Some("2026-08-03"));
        check("DD.MM.YYYY", "31.08.2026", Some("2026-08-31"));
        check("DD.MM.YY", "31.08.26", Some("2026-08-31"));
        check("YYYYMMDD", "20260831", Some("2026-08-31"));
        check("MM/DD/YYYY", "08/31/2026 00:00:00", Some("2026-08-31"));
        for wrong in ["", "31.08.2026", "08/31/26", "08/31/20261", "8/2026", "a/b/cccc", "/8/2026"] {
            check("MM/DD/YYYY", wrong, None);
        }
        check("YYYYMMDD", "2026831", None);
        for right in ["MM/DD/YYYY", "YYYY-MM-DD", "DD. MM. YY", "YYYYMMDD"] {
            assert!(DateFormat(right.to_owned()).is_right(), "{right}");
        }
        for wrong in ["", "M/D/YYYY", "MM/DD", "MM/DD/YYYY HH", "YYMMDDYY", "MD/MD/YYYY"] {
            assert!(!DateFormat(wrong.to_owned()).is_right(), "{wrong}");
        }
    }

    #[test]
    fn a_profile_that_is_saved_with_changes_has_the_next_version() {
        let before = [MappingProfile { version: 4, ..MappingProfile::identity() }];
        let same = MappingProfile { version: 9, ..MappingProfile::identity() };
        let changed = MappingProfile { source: Some(SourceId("sis".to_owned())), ..same.clone() };
        let new = MappingProfile { name: "New".to_owned(), ..same.clone() };
        for (saved, version) in [(same, 4), (changed, 5), (new, 1)] {
            let mut saved = [saved];
            count_up(&before, &mut saved);
            assert_eq!(saved[0].version, version);
        }
    }

    #[test]
    fn a_profile_is_json_that_reads_back_and_refuses_what_it_does_not_know() {
        let mut profile = MappingProfile::identity();
        let part = CellSource::NamePart {
            header: "LastFirst".to_owned(),
            order: NameOrder::LastCommaFirst,
            part: NamePart::Middle,
        };
        profile.columns.insert(Column::MiddleName, part.into());
        let json = serde_json::to_string(&profile).expect("JSON");
        assert!(
            json.contains(r#""middle_name":{"from":{"name_part":{"header":"LastFirst","order":"last_comma_first""#)
        );
        assert_eq!(serde_json::from_str::<MappingProfile>(&json).expect("a profile"), profile);
        assert!(serde_json::from_str::<MappingProfile>(&json.replacen('{', "{\"more\":1,", 1)).is_err());
        assert_ne!(profile.used().digest, MappingProfile::identity().used().digest);
    }
}
