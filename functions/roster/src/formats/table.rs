//! A file of another system as rows and cells.

use std::collections::BTreeMap;

use csv::StringRecord;

use crate::file::cell;
use crate::file::decode::decode;
use crate::file::header::may_be_secret;
use crate::file::parse_part::delimiter;
use crate::file::reading::Reading;
use crate::file::records::{Cells, Record, Records};
use crate::file::rows::is_cut_off;
use crate::file::{MAX_BYTES, MAX_ROWS, NamedFiles, read_manifest};
use crate::model::{Code, FileRow, Finding};

use super::delivery::{Delivery, SentFile, stem};
use super::manifest::{Announced, OneRosterManifest};

/// The files of a delivery, by their names without endings.
pub(super) struct Tables {
    by_stem: BTreeMap<String, ForeignTable>,
    /// The names of all files without endings, with those that are empty.
    pub names: Vec<String>,
    /// What `manifest.csv` of OneRoster says.
    pub manifest: Option<OneRosterManifest>,
    /// A manifest came with the files that says nothing of them.
    pub manifest_is_unclear: bool,
}

/// A file with headers in its first row.
pub(super) struct ForeignTable {
    /// As it was sent.
    pub name: String,
    header: Vec<String>,
    keys: Vec<String>,
    pub rows: Vec<ForeignRow>,
}

/// A row.
pub(super) struct ForeignRow {
    pub number: u32,
    cells: StringRecord,
    /// From this place on the cells of a damaged row may be secrets.
    doubtful: usize,
    /// What is wrong with it, so that its cells may stand in the wrong columns.
    pub damage: Option<RowDamage>,
}

/// What is wrong with a row as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowDamage {
    pub kind: DamageKind,
    /// What was expected, in a sentence.
    pub expected: String,
    /// Rows after it may be missing.
    pub rows_lost: bool,
}

/// How a row is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DamageKind {
    /// It has cells too few, or it can't be told which of them there are.
    TooShort,
    TooLong,
}

/// Where a column stands; nowhere, where the file does not have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ColumnPlace(Option<usize>);

impl Tables {
    /// Reads all files.
    pub fn read(delivery: &Delivery, reading: &Reading) -> Result<Tables, Finding> {
        let mut tables =
            Tables { by_stem: BTreeMap::new(), names: Vec::new(), manifest: None, manifest_is_unclear: false };
        for file in &delivery.files {
            let Some(stem) = stem(&file.name) else { continue };
            if stem == "manifest" {
                tables.manifest = OneRosterManifest::read(&file.bytes, reading);
                let says_something = tables.manifest.as_ref().is_some_and(|manifest| !manifest.files.is_empty());
                // Ours, or an empty one, only closes a folder.
                let is_blank = file.bytes.trim_ascii().is_empty() || read_manifest(&file.bytes) != NamedFiles::All;
                tables.manifest_is_unclear = !says_something && !is_blank;
                continue;
            }
            tables.names.push(stem.clone());
            if let Some(table) = ForeignTable::read(file, reading)?
                && let Some(other) = tables.by_stem.insert(stem, table)
            {
                let what = format!("{} is there twice", other.name);
                return Err(Finding { value: Some(what), ..Finding::file(Code::FormatIncomplete) });
            }
        }
        Ok(tables)
    }

    /// Returns the file with this name.
    pub fn get(&self, stem: &str) -> Option<&ForeignTable> {
        self.by_stem.get(stem)
    }

    /// Returns whether the manifest says that a file holds only what has changed.
    pub fn is_delta(&self, stem: &str) -> bool {
        self.manifest.as_ref().and_then(|manifest| manifest.of(stem)) == Some(Announced::Delta)
    }

    /// Returns all files.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ForeignTable)> {
        self.by_stem.iter().map(|(stem, table)| (stem.as_str(), table))
    }
}

impl ForeignTable {
    /// Reads a file; `None` where it is empty.
    fn read(file: &SentFile, reading: &Reading) -> Result<Option<ForeignTable>, Finding> {
        let of_file = |finding: Finding| {
            let what = format!("{}: {}", file.name, finding.message());
            Finding { value: Some(what), ..Finding::file(Code::FormatIncomplete) }
        };
        if file.bytes.len() > MAX_BYTES {
            return Err(Finding::file(Code::FileTooLarge));
        }
        let decoded = decode(&file.bytes, reading).map_err(of_file)?;
        let too_long = |row: crate::file::records::TooLong| of_file(Finding::row(Code::RowTooLarge, row.number));
        let delimiter = delimiter(&decoded.text);
        let mut records = Records::new(&decoded.text, delimiter, None, true);
        let Some(first) = records.next() else { return Ok(None) };
        let mut header: Vec<String> = texts(first.map_err(too_long)?.cells).iter().map(str::to_owned).collect();
        // Commas at the end of every line make no columns.
        header.truncate(filled(header.iter().map(String::as_str)));
        let (at, number) = records.place();
        let mut records = Records::new(&decoded.text, delimiter, Some(header.len()), true).from(at, number);
        let secret = header.iter().position(|header| may_be_secret(header));
        let mut rows = Vec::new();
        while let Some(record) = records.next() {
            let record = record.map_err(too_long)?;
            let cells = texts(record.cells);
            if cells.iter().all(|cell| cell::trim(cell).is_empty()) && !is_cut_off(&record, header.len()) {
                continue;
            }
            if rows.len() == MAX_ROWS {
                return Err(Finding::file(Code::FileTooLarge));
            }
            let damage = damage(&record, &cells, header.len());
            let secret = secret.filter(|_| damage.is_some());
            let doubtful = secret.and_then(|secret| record.doubtful(header.len(), secret)).unwrap_or(usize::MAX);
            rows.push(ForeignRow { number: record.number, cells, doubtful, damage });
        }
        if decoded.ends_in_half()
            && let Some(last) = rows.last_mut()
        {
            let expected = "The file ends in the middle of a letter.".to_owned();
            last.damage.get_or_insert(RowDamage { kind: DamageKind::TooShort, expected, rows_lost: true });
        }
        let keys = header.iter().map(|header| key(header)).collect();
        Ok(Some(ForeignTable { name: file.name.clone(), header, keys, rows }))
    }

    /// Returns where the first of these headers stands that the file has.
    ///
    /// Their case and the signs between their words don't matter.
    pub fn place(&self, keys: &[&str]) -> ColumnPlace {
        ColumnPlace(keys.iter().find_map(|key| self.keys.iter().position(|own| own == key)))
    }

    /// Returns whether the file has the header.
    pub fn has(&self, key: &str) -> bool {
        self.place(&[key]).is_there()
    }

    /// Returns the damaged rows.
    pub fn damaged_rows(&self) -> impl Iterator<Item = (&ForeignRow, &RowDamage)> {
        self.rows.iter().filter_map(|row| Some((row, row.damage.as_ref()?)))
    }

    /// Returns the headers, as they were sent, that are none of these.
    pub fn headers_beside<'t>(&'t self, known: &'t [&str]) -> impl Iterator<Item = &'t str> {
        let is_other = |key: &str| !key.is_empty() && !known.contains(&key) && !key.starts_with("metadata");
        let headers = self.header.iter().zip(&self.keys).filter(move |(_, key)| is_other(key));
        headers.map(|(header, _)| cell::trim(header))
    }

    /// Returns those of these headers that the file has, as they were sent.
    pub fn headers_among(&self, keys: &[&str]) -> Vec<&str> {
        let headers = self.header.iter().zip(&self.keys).filter(|(_, key)| keys.contains(&key.as_str()));
        headers.map(|(header, _)| cell::trim(header)).collect()
    }

    /// Returns all headers in small letters and digits alone.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }

    /// Returns the place of a row.
    pub fn at(&self, row: &ForeignRow) -> FileRow {
        FileRow { file: self.name.clone(), row: row.number }
    }
}

impl ForeignRow {
    /// Returns what a cell says; nothing where there is none.
    pub fn get(&self, place: ColumnPlace) -> &str {
        match cell::value(self.raw(place)) {
            // What databases write for no value.
            "NULL" => "",
            value => value,
        }
    }

    /// Returns all cells as they were sent.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter()
    }

    /// Returns whether all cells of both rows are the same.
    pub fn says_the_same(&self, other: &ForeignRow) -> bool {
        self.cells == other.cells
    }

    /// Returns a cell as it was sent: a password may look like anything.
    pub fn raw(&self, place: ColumnPlace) -> &str {
        place.0.filter(|place| *place < self.doubtful).and_then(|place| self.cells.get(place)).unwrap_or_default()
    }
}

impl ColumnPlace {
    /// A column that no file has.
    pub const NOWHERE: ColumnPlace = ColumnPlace(None);

    /// Returns whether the file has the column.
    pub fn is_there(self) -> bool {
        self.0.is_some()
    }
}

/// Returns a header in small letters and digits alone.
pub(super) fn key(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns the headers at the beginning of a file; `None` where it has none.
pub(super) fn header(bytes: &[u8], reading: &Reading) -> Option<Vec<String>> {
    /// How much is looked at.
    const LOOKED_AT: usize = 256 * 1024;
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    // Half a letter at the end would make the encoding doubtful.
    let end = start.iter().rposition(|byte| *byte == b'\n').map_or(start.len(), |end| end + 1);
    let decoded = decode(&start[..end], reading).ok()?;
    let mut records = Records::new(&decoded.text, delimiter(&decoded.text), None, true);
    let first = records.next()?.ok()?;
    Some(texts(first.cells).iter().map(str::to_owned).collect())
}

fn texts(cells: &Cells) -> StringRecord {
    cells.iter().map(|bytes| cell::unprotect_parts(&String::from_utf8_lossy(bytes)).into_owned()).collect()
}

/// Returns how many cells there are up to the last one that has anything.
fn filled<'c>(cells: impl Iterator<Item = &'c str>) -> usize {
    let filled = cells.enumerate().filter(|(_, cell)| !cell::trim(cell).is_empty());
    filled.last().map_or(0, |(place, _)| place + 1)
}

fn damage(record: &Record, cells: &StringRecord, columns: usize) -> Option<RowDamage> {
    let filled = filled(cells.iter());
    let counted = format!("Expected {columns} cells, one for each header; the row has {}.", cells.len());
    let (kind, expected) = if record.broken.is_some() {
        (DamageKind::TooShort, "A quotation mark is opened and not closed, or closed too early.".to_owned())
    } else if filled > columns {
        (DamageKind::TooLong, counted)
    } else if cells.len() < columns && !record.ended {
        (DamageKind::TooShort, "The file ends in the middle of this row.".to_owned())
    } else if cells.len() < columns {
        (DamageKind::TooShort, counted)
    } else {
        return None;
    };
    Some(RowDamage { kind, expected, rows_lost: record.ran_on || !record.ended })
}
