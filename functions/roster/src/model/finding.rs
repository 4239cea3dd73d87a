//! One thing that is wrong or odd with a file, a row or a cell.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::code::{Code, Severity};
use super::column::Column;
use super::set_part::SetPart;

/// A finding: its code says what is wrong, the rest says where.
///
/// It never holds a cell of a secret column: [`Finding::at`] takes the value only where the column is not
/// secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// The file of a set that it is about; `None` for the file of users, or where the roster is one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<SetPart>,
    /// The row as a spreadsheet numbers it: the header is row 1. `None` where the whole file is meant.
    pub row: Option<u32>,
    pub code: Code,
    /// The header of the column as the file writes it; `None` where the whole row is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The cell as read, shortened to [`Finding::SHOWN_CHARS`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What would be right here, where more can be said than the code says: the nearest header, the other
    /// rows, the ID with its zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Whom the row is about, as it was read; `None` where the row is damaged, so that any cell may be a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Box<Person>>,
    /// The rows that a note stands for, of which [`Finding::row`] is the first; `None` where it stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// What the file calls the column, in words, where a profile reads it: `your column “Grade_Level”`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_as: Option<Box<SentAs>>,
    /// Where it stands in a file of another system, from which the row was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_file: Option<Box<FileRow>>,
}

/// What a file calls a column, in words.
///
/// (Behind a thin pointer: findings are many.)
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SentAs(String);

/// A row of a file of another system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileRow {
    /// The name of the file, as it was sent.
    pub file: String,
    /// As a spreadsheet numbers it.
    pub row: u32,
}

impl std::fmt::Display for FileRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {} of {}", self.row, self.file)
    }
}

/// Whom a row is about, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// First and last name, shortened; may be empty.
    pub name: String,
    /// Shortened; may be empty.
    pub custom_id: String,
}

impl Person {
    /// Returns somebody with these names and this ID, as they were read; `None` where there is nothing to tell.
    pub(crate) fn new(first_name: &str, last_name: &str, custom_id: &str) -> Option<Person> {
        let name = shorten([first_name, last_name].join(" ").trim());
        let custom_id = shorten(custom_id);
        (!name.is_empty() || !custom_id.is_empty()).then_some(Person { name, custom_id })
    }
}

/// The rows that a note stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rows {
    pub count: u32,
    /// The number of the last one.
    pub last: u32,
}

impl Finding {
    /// How many characters of a cell a finding shows.
    pub const SHOWN_CHARS: usize = 80;

    /// Returns a finding about the file as a whole.
    pub fn file(code: Code) -> Finding {
        Finding {
            part: None,
            row: None,
            code,
            column: None,
            value: None,
            expected: None,
            person: None,
            rows: None,
            sent_as: None,
            in_file: None,
        }
    }

    /// Returns a finding about a whole row.
    pub fn row(code: Code, row: u32) -> Finding {
        Finding { row: Some(row), ..Finding::file(code) }
    }

    /// Returns a finding about one cell.
    pub fn at(code: Code, row: u32, column: Column, value: &str) -> Finding {
        let shown = (!column.spec().secret && !value.is_empty()).then(|| shorten(value));
        Finding { column: Some(column.header().to_owned()), value: shown, ..Finding::row(code, row) }
    }

    /// Returns the finding as one about a file of a set.
    pub fn in_part(self, part: Option<SetPart>) -> Finding {
        Finding { part, ..self }
    }

    /// Returns the finding as one about a row of a file of another system.
    pub(crate) fn in_file(self, place: FileRow) -> Finding {
        Finding { in_file: Some(Box::new(place)), ..self }
    }

    /// Returns the finding with what would be right.
    pub fn expecting(self, expected: impl Into<String>) -> Finding {
        Finding { expected: Some(expected.into()), ..self }
    }

    /// Returns what is expected where several rows have what only one may have: which rows those are.
    pub(crate) fn rows_have_it(mut rows: Vec<u32>) -> String {
        const NAMED: usize = 5;
        rows.sort_unstable();
        let mut names: Vec<String> = rows.iter().take(NAMED).map(u32::to_string).collect();
        match rows.len() {
            0..=NAMED => {}
            more => names.push(format!("{} more", more - NAMED)),
        }
        let last = names.pop().unwrap_or_default();
        format!("Rows {} and {last} have it.", names.join(", "))
    }

    /// Returns the finding about somebody.
    pub(crate) fn about(self, person: Option<Person>) -> Finding {
        Finding { person: person.map(Box::new), ..self }
    }

    /// Returns the rows that a note stands for in words: `1,204 rows, from 2 to 1205`.
    ///
    /// `None` where it stands for one.
    pub fn rows_in_words(&self) -> Option<String> {
        let Rows { count, last } = self.rows?;
        let first = self.row?;
        Some(format!("{} rows, from row {first} to row {last}", grouped(count.into())))
    }

    /// Returns what is wrong, in one sentence with the value: `"12a" is not a grade.`
    pub fn message(&self) -> String {
        let text = self.code.text();
        let value = match &self.value {
            Some(value) => format!("\u{201c}{value}\u{201d}"),
            None => "The cell".to_owned(),
        };
        let what = self.value.as_deref().unwrap_or("something else");
        let message = text.message.replace("{what}", what).replace("{value}", &value);
        let Some((column, sent_as)) = self.column.as_ref().zip(self.sent_as.as_ref()) else {
            return message.replace("{column}", self.column.as_deref().unwrap_or("the row"));
        };
        let both = format!("{column} ({})", sent_as.0);
        // One that does not name the column says where to look all the same.
        if text.message.contains("{column}") {
            message.replace("{column}", &both)
        } else {
            format!("{message} It is in {both}.")
        }
    }

    /// Returns what is wrong with some cell of a row, of which neither the value nor the column is known any more.
    pub(crate) fn message_of_some_cell(code: Code) -> String {
        let message = code.text().message.replace("{value} in {column}", "{value}");
        let message = message.replace("the {column} {value}", "the value of a cell").replace("no user", "no such user");
        let message = match message.strip_prefix("{column}").or_else(|| message.strip_prefix("{value}")) {
            Some(rest) => format!("A cell{rest}"),
            None => message,
        };
        message.replace(" {value}", "").replace("{column}", "a cell").replace("{what}", "something else")
    }

    /// Returns what was expected and how to fix it, apart from the message.
    pub fn hint(&self) -> String {
        let text = self.code.text();
        match &self.expected {
            Some(expected) => format!("{expected} {}", text.fix),
            None => format!("Expected: {} {}", text.expected, text.fix),
        }
    }

    /// Makes this note stand for the rows of `other`, too, which has the same cause.
    fn join(&mut self, other: Finding) {
        let all = |finding: &Finding| {
            let first = finding.row.unwrap_or(0);
            let Rows { count, last } = finding.rows.unwrap_or(Rows { count: 1, last: first });
            (first, count, last)
        };
        let ((first, count, last), (other_first, other_count, other_last)) = (all(self), all(&other));
        if other_first < first {
            *self = other;
        }
        self.rows = Some(Rows { count: count + other_count, last: last.max(other_last) });
        self.person = None;
    }

    /// Returns how bad it is; the code decides.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Returns a number with commas between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = Vec::new();
    groups.extend((first > 0).then(|| &digits[..first]));
    groups.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join(",")
}

/// Returns `value` as a finding shows it.
pub(crate) fn shorten(value: &str) -> String {
    match value.char_indices().nth(Finding::SHOWN_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &value[..end]),
        None => value.to_owned(),
    }
}

/// A row and the file of a set that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowOfPart {
    /// See [`Finding::part`].
    pub part: Option<SetPart>,
    /// The number of the row.
    pub row: u32,
}

/// How many findings there are of each code for which a plan waits.
pub type Doubts = BTreeMap<Code, u64>;

/// All findings of a roster.
///
/// Every one is counted, and of each code the first [`Findings::KEPT`] are kept whole.
///
/// A file of millions of rows that are all wrong would otherwise need a hundred times its own size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<Finding>,
    counts: BTreeMap<Code, u64>,
    /// The codes of rejected rows whose findings are not kept whole.
    cut: BTreeMap<RowOfPart, Codes>,
    /// The IDs that damaged ones of rejected rows probably are, until [`Findings::append`] says so.
    probable_ids: BTreeMap<u32, String>,
}

impl Findings {
    /// How many findings of each code are kept whole.
    pub const KEPT: u64 = 10_000;

    /// Puts together what was kept, counted and cut before.
    pub fn restore(kept: Vec<Finding>, counts: BTreeMap<Code, u64>, cut: BTreeMap<RowOfPart, Codes>) -> Findings {
        Findings { kept, counts, cut, ..Findings::default() }
    }

    /// Counts a finding, and keeps it while there are not too many of its code.
    pub fn push(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.code).or_default();
        *count += 1;
        if *count <= Findings::KEPT {
            self.kept.push(finding);
        } else if let Some(row) = finding.row.filter(|_| finding.severity().rejects()) {
            self.cut.entry(RowOfPart { part: finding.part, row }).or_default().add(finding.code);
        }
    }

    /// Returns how many findings there are of each code.
    pub fn counts(&self) -> &BTreeMap<Code, u64> {
        &self.counts
    }

    /// Returns the codes of rejected rows whose findings are not kept whole.
    pub fn cut(&self) -> &BTreeMap<RowOfPart, Codes> {
        &self.cut
    }

    /// Returns how many there are of each code for which a plan waits.
    pub fn doubts(&self) -> Doubts {
        let doubtful = self.counts.iter().filter(|(code, _)| code.severity() == Severity::Doubtful);
        doubtful.map(|(code, count)| (*code, *count)).collect()
    }

    /// Says of those about a row whom the row is about, where that is not said yet.
    pub(crate) fn name_people(&mut self, people: &HashMap<u32, Person>) {
        for finding in self.kept.iter_mut().filter(|f| f.person.is_none() && f.part.is_none()) {
            let person = finding.row.and_then(|row| people.get(&row)).cloned();
            finding.person = person.map(Box::new);
        }
    }

    /// Says of those about a column what the file calls it.
    pub(crate) fn name_headers(&mut self, names: &HashMap<&str, String>) {
        for finding in self.kept.iter_mut().filter(|f| f.sent_as.is_none() && f.part.is_none()) {
            let sent_as = finding.column.as_deref().and_then(|column| names.get(column));
            finding.sent_as = sent_as.map(|sent_as| Box::new(SentAs(sent_as.clone())));
        }
    }

    /// Changes each of those about a row, but not its code.
    pub(crate) fn change_each(&mut self, change: impl Fn(&mut Finding)) {
        self.kept.iter_mut().filter(|finding| finding.row.is_some()).for_each(change);
    }

    /// Adds all of `more`.
    pub fn append(&mut self, more: Findings) {
        let Findings { kept, counts: mut beyond, cut, probable_ids } = more;
        // Those that are kept come first: once there are as many as may be, no more of them is.
        for finding in kept {
            let count = beyond.entry(finding.code).or_default();
            *count = count.saturating_sub(1);
            self.push(finding);
        }
        for (code, count) in beyond {
            *self.counts.entry(code).or_default() += count;
        }
        for (row, codes) in cut {
            self.cut.entry(row).or_default().merge(codes);
        }
        let damaged = |finding: &Finding| {
            matches!(finding.code, Code::CustomIdScientific | Code::CustomIdMarked)
                && finding.column.as_deref() == Some(Column::CustomId.header())
        };
        for finding in self.kept.iter_mut().filter(|finding| damaged(finding)) {
            let probable = finding.row.and_then(|row| probable_ids.get(&row));
            finding.expected = probable.map(|id| format!("Probably {id}.")).or(finding.expected.take());
        }
    }

    /// Notes of rejected rows, whose damaged custom IDs have findings already, which IDs they probably are.
    pub(crate) fn note_probable_ids(&mut self, ids: impl Iterator<Item = (u32, String)>) {
        self.probable_ids.extend(ids);
    }

    /// Sorts those that are kept by row, those of the whole file first.
    pub fn sort(&mut self) {
        self.kept.sort();
    }
}

impl Deref for Findings {
    type Target = [Finding];

    fn deref(&self) -> &[Finding] {
        &self.kept
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl From<Vec<Finding>> for Findings {
    fn from(list: Vec<Finding>) -> Findings {
        let mut findings = Findings::default();
        findings.extend(list);
        findings
    }
}

/// A set of codes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Code>", into = "Vec<Code>")]
pub struct Codes([u128; 2]);

impl Codes {
    fn add(&mut self, code: Code) {
        let (word, bit) = Codes::place(code);
        self.0[word] |= bit;
    }

    fn merge(&mut self, more: Codes) {
        self.0.iter_mut().zip(more.0).for_each(|(own, more)| *own |= more);
    }

    fn has(self, code: Code) -> bool {
        let (word, bit) = Codes::place(code);
        self.0[word] & bit != 0
    }

    fn place(code: Code) -> (usize, u128) {
        let number = code as u32;
        ((number / u128::BITS) as usize, 1 << (number % u128::BITS))
    }

    /// Returns the codes in the order of [`Code::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Code> {
        Code::ALL.iter().copied().filter(move |code| self.has(*code))
    }
}

impl From<Vec<Code>> for Codes {
    fn from(list: Vec<Code>) -> Codes {
        let mut codes = Codes::default();
        list.into_iter().for_each(|code| codes.add(code));
        codes
    }
}

impl From<Codes> for Vec<Code> {
    fn from(codes: Codes) -> Vec<Code> {
        codes.iter().collect()
    }
}

const _: () = assert!(Code::ALL.len() <= 256, "a set of codes is 256 bits");

/// Notes while a file is read: one finding for all rows with the same cause.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    by_cause: BTreeMap<(Code, Option<String>, String), Finding>,
    causes: BTreeMap<Code, usize>,
}

impl Notes {
    /// How many causes of one code are told apart. In a file with more of them the others count together.
    const CAUSES: usize = 50;

    /// Adds a note of one row. Notes of one code and column with the same `cause` become one finding, which shows the
    /// value of the first row.
    pub(crate) fn add(&mut self, finding: Finding, cause: &str) {
        let mut key = (finding.code, finding.column.clone(), cause.to_owned());
        if !self.by_cause.contains_key(&key) {
            let causes = self.causes.entry(finding.code).or_default();
            if *causes == Notes::CAUSES {
                key.2.clear();
            } else {
                *causes += 1;
            }
        }
        match self.by_cause.entry(key) {
            Entry::Vacant(new) => {
                new.insert(finding);
            }
            Entry::Occupied(mut known) => known.get_mut().join(finding),
        }
    }

    /// Returns one finding for each cause.
    pub(crate) fn into_findings(self) -> impl Iterator<Item = Finding> {
        self.by_cause.into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Findings of the rows that many have, from row 2 on.
    fn findings(code: Code, many: u64) -> Findings {
        let rows = (0..many).map(|i| Finding::row(code, 2 + i as u32));
        rows.collect::<Vec<_>>().into()
    }

    #[test]
    fn as_many_are_kept_however_they_are_put_together() {
        let check = |before: u64, more: u64| {
            let mut all = findings(Code::SchoolUnknown, before);
            all.append(findings(Code::SchoolUnknown, more));
            assert_eq!(all.counts()[&Code::SchoolUnknown], before + more);
            assert_eq!(all.len() as u64, (before + more).min(Findings::KEPT), "{before} and {more}");
            let rows: std::collections::BTreeSet<u32> =
                all.iter().filter_map(|finding| finding.row).chain(all.cut().keys().map(|of| of.row)).collect();
            assert_eq!(rows.len() as u64, before.max(more), "every row is kept or cut");
        };
        for many in [1, Findings::KEPT, 2 * Findings::KEPT + 5_000] {
            check(0, many);
            check(many, 0);
            check(7, many);
            check(many, 7);
            check(many, many);
        }
    }
}
