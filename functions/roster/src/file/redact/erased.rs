//! Taking the lines of erased users out of files that are kept.
//!
//! The GUID of a line says whose it is; without one, the custom ID. In a line whose cells may stand in the wrong columns
//! any cell can be the ID. It is better to remove one line too many than to keep a line of somebody who was erased: what
//! can't be read as rows is removed as a whole.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::file::decode::decode;
use crate::file::layout::Layout;
use crate::file::mapped::{FileMapping, ProfileFit};
use crate::file::reading::Reading;
use crate::file::records::{Records, TooLong};
use crate::file::{cell, header, mapped};
use crate::model::alike::plain_forms;
use crate::model::{Column, Finding, Guid};

use super::copy::Copy;

/// Users whose lines are to be taken out.
#[derive(Debug, Clone, Default)]
pub struct Erased {
    guids: HashSet<Guid>,
    /// All that they ever had, in the forms under which IDs are compared.
    custom_ids: HashSet<String>,
}

/// What is to become of the kept copy of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The rows of erased users.
    pub rows: BTreeSet<u32>,
    /// The first row that can't be read, if any: nobody knows whose it and the rows below it are.
    pub unread_from: Option<u32>,
    /// The copy with blank lines in the place of their rows, so that the others keep their numbers.
    pub copy: RedactedFile,
}

/// What is left of a kept file without the lines of erased users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedactedFile {
    /// It has no line of theirs.
    Unchanged,
    /// The file without their lines.
    Without(Vec<u8>),
    /// It can't be read as rows, so nobody knows whose its lines are: all of its text has to go.
    Unreadable,
}

impl Redacted {
    /// Returns what becomes of a copy that can't be read as rows. Of an empty one there is nothing to remove.
    fn unreadable(bytes: &[u8], rows: BTreeSet<u32>) -> Redacted {
        match bytes {
            [] => Redacted { rows, unread_from: None, copy: RedactedFile::Unchanged },
            _ => Redacted { rows, unread_from: Some(0), copy: RedactedFile::Unreadable },
        }
    }
}

impl Erased {
    /// Adds a user with every custom ID that it ever had.
    pub fn add<'i>(&mut self, guid: Guid, custom_ids: impl IntoIterator<Item = &'i str>) {
        self.guids.insert(guid);
        self.custom_ids.extend(custom_ids.into_iter().flat_map(plain_forms));
    }

    /// Returns whether the user of this GUID is one of the erased users.
    pub fn has(&self, guid: Guid) -> bool {
        self.guids.contains(&guid)
    }

    /// Returns whether a finding is about one of the erased users; `theirs` tells which rows may be.
    pub fn has_finding(&self, finding: &Finding, theirs: impl Fn(u32) -> bool) -> bool {
        let is_id = finding.column.as_deref() == Some(Column::CustomId.header());
        match finding.row {
            Some(row) => theirs(row),
            None => is_id && finding.value.as_deref().is_some_and(|value| self.has_custom_id(value)),
        }
    }

    /// Returns whether one of the erased users had the custom ID, in whatever form it is written.
    pub fn has_custom_id(&self, cell: &str) -> bool {
        plain_forms(cell::value(cell)).iter().any(|form| self.custom_ids.contains(form))
    }

    /// Returns whether a line with these cells in these columns is about one of the erased users.
    fn has_line(&self, columns: &Columns, cells: &[&str]) -> bool {
        let at = |place: Option<usize>| place.and_then(|place| cells.get(place)).map(|cell| cell::value(cell));
        if columns.custom_id.is_none() && columns.guid.is_none() || cells.len() != columns.count {
            let is_guid = |cell: &&str| cell::value(cell).parse().is_ok_and(|guid| self.has(Guid(guid)));
            return cells.iter().any(|cell| self.has_custom_id(cell) || is_guid(cell));
        }
        let by_profile = |column| columns.mapping.as_ref().and_then(|mapping| mapping.cell_of_line(column, cells));
        match at(columns.guid).and_then(|guid| guid.parse().ok()) {
            Some(guid) => self.has(Guid(guid)),
            None if columns.mapping.is_some() => by_profile(Column::CustomId).is_some_and(|id| self.has_custom_id(&id)),
            None => at(columns.custom_id).is_some_and(|id| self.has_custom_id(id)),
        }
    }
}

/// Where a file says whose a line is.
struct Columns {
    custom_id: Option<usize>,
    guid: Option<usize>,
    count: usize,
    /// What makes the custom ID of the cells, where a profile does.
    mapping: Option<Box<FileMapping>>,
}

impl Columns {
    /// Returns where a roster says whose a line is. It may call its columns otherwise.
    fn of_roster(header: &[String], reading: &Reading) -> Columns {
        if let ProfileFit::Reads(mapping) = mapped::fit(header, reading) {
            let guid = mapping.places.iter().position(|place| place.column() == Some(Column::UserGuid));
            // Where the ID stands is of no matter: it is made of the cells.
            return Columns { custom_id: Some(0), guid, count: header.len(), mapping: Some(mapping) };
        }
        // The headers of a file that failed are taken for what they are called.
        let Ok(read) = header::places(header, reading.settings.strict_format) else { return Columns::of(header) };
        let places = read.places;
        let place = |column: Column| places.iter().position(|place| place.column() == Some(column));
        let (custom_id, guid) = (place(Column::CustomId), place(Column::UserGuid));
        Columns { custom_id, guid, count: header.len(), mapping: None }
    }

    /// Returns those of a line whose cells may stand anywhere.
    fn anywhere(count: usize) -> Columns {
        Columns { custom_id: None, guid: None, count, mapping: None }
    }

    fn of(header: &[String]) -> Columns {
        let place = |column: Column| {
            header.iter().position(|written| cell::trim(written).eq_ignore_ascii_case(column.header()))
        };
        let (custom_id, guid) = (place(Column::CustomId), place(Column::UserGuid));
        Columns { custom_id, guid, count: header.len(), mapping: None }
    }
}

/// Takes the rows of erased users out of the kept copy of an upload.
///
/// The copy is read as the upload was. `processed` tells whose the processed rows are, whatever stands in them.
pub fn redact_copy(bytes: &[u8], reading: &Reading, erased: &Erased, processed: &HashMap<u32, Guid>) -> Redacted {
    let of_plan = processed.iter().filter(|(_, guid)| erased.has(**guid)).map(|(row, _)| *row);
    let mut rows: BTreeSet<u32> = of_plan.collect();
    let Ok(decoded) = decode(bytes, reading) else { return Redacted::unreadable(bytes, rows) };
    let layout = match Layout::find(&decoded.text, reading) {
        Ok(Some(layout)) => layout,
        // Every row is blank.
        Ok(None) => return Redacted { rows, unread_from: None, copy: RedactedFile::Unchanged },
        Err(TooLong { .. }) => return Redacted::unreadable(bytes, rows),
    };
    let columns = Columns::of_roster(&layout.header, reading);
    let anywhere = Columns::anywhere(columns.count);
    let mut copy = Copy::of(bytes, &decoded);
    let text = &decoded.text[..layout.rows.end];
    let records = Records::new(text, layout.delimiter, Some(layout.header.len()), !reading.settings.strict_format);
    let mut records = records.from(layout.rows.start, layout.row);
    let mut unread_from = None;
    while let Some(record) = records.next() {
        let record = match record {
            Ok(record) => record,
            Err(TooLong { number }) => {
                unread_from = Some(number);
                break;
            }
        };
        if !processed.contains_key(&record.number) {
            let cells: Vec<_> = record.cells.iter().map(String::from_utf8_lossy).collect();
            let cells: Vec<&str> = cells.iter().map(|cell| &**cell).collect();
            // The marks of a broken row may have put its cells anywhere.
            let columns = if record.broken.is_some() { &anywhere } else { &columns };
            if erased.has_line(columns, &cells) {
                rows.insert(record.number);
            }
        }
        let spans = &record.cells.spans;
        if let (true, Some(first), Some(last)) = (rows.contains(&record.number), spans.first(), spans.last()) {
            copy.leave_out(first.start..last.end);
        }
    }
    if unread_from.is_some() {
        copy.leave_out(records.place().0..decoded.text.len());
    }
    let copy = match copy.finish() {
        Cow::Borrowed(_) => RedactedFile::Unchanged,
        Cow::Owned(copy) => RedactedFile::Without(copy),
    };
    Redacted { rows, unread_from, copy }
}

/// Returns what is left of a file of ours without the lines of erased users.
pub fn redact_file(bytes: &[u8], erased: &Erased) -> RedactedFile {
    without_lines(bytes, erased, Columns::of)
}

/// Returns what is left of a file of rows as they were sent without those of erased users.
///
/// The rows stand below the headers of the upload, which are read as they were there.
pub fn redact_rows(bytes: &[u8], reading: &Reading, erased: &Erased) -> RedactedFile {
    without_lines(bytes, erased, |header| Columns::of_roster(header, reading))
}

fn without_lines(bytes: &[u8], erased: &Erased, columns_of: impl Fn(&[String]) -> Columns) -> RedactedFile {
    let Some(lines) = erased_lines(bytes, erased, columns_of) else { return RedactedFile::Unreadable };
    if lines.is_empty() {
        return RedactedFile::Unchanged;
    }
    let (mut kept, mut copied) = (Vec::with_capacity(bytes.len()), 0);
    for Range { start, end } in lines {
        kept.extend_from_slice(&bytes[copied..start]);
        copied = end;
    }
    kept.extend_from_slice(&bytes[copied..]);
    RedactedFile::Without(kept)
}

/// Returns where the lines of erased users are, with their line breaks; `None` if the file can't be read as rows.
fn erased_lines(bytes: &[u8], erased: &Erased, columns_of: impl Fn(&[String]) -> Columns) -> Option<Vec<Range<usize>>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(bytes);
    let mut columns = None;
    let mut starts: Vec<(usize, bool)> = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).ok()? {
        // Half of the line break before it may still stand there.
        let start = record.position().and_then(|position| usize::try_from(position.byte()).ok())?;
        let start = start + bytes.get(start..)?.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let cells: Vec<&str> = record.iter().collect();
        let columns: &Columns = columns.get_or_insert_with(|| {
            let header: Vec<String> = cells.iter().map(|cell| cell.trim_start_matches('\u{feff}').to_owned()).collect();
            columns_of(&header)
        });
        starts.push((start, !starts.is_empty() && erased.has_line(columns, &cells)));
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([bytes.len()]);
    Some(starts.iter().zip(ends).filter(|((_, theirs), _)| *theirs).map(|((start, _), end)| *start..end).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::records::MAX_ROW_BYTES;
    use crate::testing::guid;

    const HEADER: &str = "first_name,custom_id,user_guid,email,grade,status";

    fn erased() -> Erased {
        let mut erased = Erased::default();
        erased.add(guid(7), ["0042", "A-9"]);
        erased
    }

    fn copy(rows: &[&str], processed: &[(u32, u128)]) -> (Vec<u32>, Option<String>) {
        let bytes = [&[HEADER], rows].concat().join("\r\n");
        let processed = processed.iter().map(|(row, n)| (*row, guid(*n))).collect();
        let Redacted { rows, unread_from, copy } =
            redact_copy(bytes.as_bytes(), &Reading::default(), &erased(), &processed);
        assert_eq!(unread_from, None);
        let copy = left(copy).map(|copy| String::from_utf8(copy).expect("it is text"));
        (rows.into_iter().collect(), copy.map(|copy| copy.trim_start_matches(HEADER).to_owned()))
    }

    /// Returns the file without their lines; `None` where it has none of them.
    fn left(file: RedactedFile) -> Option<Vec<u8>> {
        match file {
            RedactedFile::Unchanged => None,
            RedactedFile::Without(left) => Some(left),
            RedactedFile::Unreadable => panic!("it can't be read as rows"),
        }
    }

    fn redacted(bytes: &[u8], reading: &Reading) -> Redacted {
        redact_copy(bytes, reading, &erased(), &HashMap::from([(3, guid(7))]))
    }

    #[test]
    fn of_a_copy_that_is_no_text_everything_goes() {
        let document = b"%PDF-1.7\nOra,0042,,,K,Active\n";
        assert!(decode(document, &Reading::default()).is_err());
        let Redacted { rows, unread_from, copy } = redacted(document, &Reading::default());
        assert_eq!((rows, unread_from, copy), (BTreeSet::from([3]), Some(0), RedactedFile::Unreadable));
        assert_eq!(redacted(b"", &Reading::default()).copy, RedactedFile::Unchanged);
    }

    #[test]
    fn of_a_copy_whose_headers_are_not_found_everything_goes() {
        let long = format!("{}\nOra,0042,,,K,Active\n", "x".repeat(MAX_ROW_BYTES + 1));
        let Redacted { rows, unread_from, copy } = redacted(long.as_bytes(), &Reading::default());
        assert_eq!((rows, unread_from, copy), (BTreeSet::from([3]), Some(0), RedactedFile::Unreadable));
        let blank = redacted(b"\n , \n", &Reading::default());
        assert_eq!((blank.unread_from, blank.copy), (None, RedactedFile::Unchanged));
    }

    #[test]
    fn from_a_row_that_is_too_long_on_everything_goes() {
        let rest = format!("{},1,,,K,Active\nOra,0042,,,K,Active\n", "x".repeat(MAX_ROW_BYTES + 1));
        let file = format!("{HEADER}\nAnn,1,,,K,Active\nOra,5,,,K,Active\n{rest}");
        let Redacted { rows, unread_from, copy } = redacted(file.as_bytes(), &Reading::default());
        assert_eq!((rows, unread_from), (BTreeSet::from([3]), Some(4)));
        let expected = format!("{HEADER}\nAnn,1,,,K,Active\n\n");
        assert_eq!(left(copy).map(String::from_utf8), Some(Ok(expected.clone())));
        assert_eq!(redacted(expected.as_bytes(), &Reading::default()).copy, RedactedFile::Unchanged);
    }

    #[test]
    fn of_our_own_file_that_is_no_text_everything_goes() {
        let file = [b"custom_id,grade,Error\n1,K,no\n".as_slice(), b"2,\xff,no\n42,K,no\n"].concat();
        assert_eq!(redact_file(&file, &erased()), RedactedFile::Unreadable);
        assert_eq!(redact_rows(&file, &Reading::default(), &erased()), RedactedFile::Unreadable);
        assert_eq!(redact_file(b"", &erased()), RedactedFile::Unchanged);
    }

    #[test]
    fn a_row_becomes_a_blank_line_and_the_others_stay_as_they_were_sent() {
        let rows = ["Ann,1,,,K,Active", "\"Ora\r\nO\",0042,,,K,Active", "  Ben ,\"3\",,,,"];
        let left = "\r\nAnn,1,,,K,Active\r\n\r\n  Ben ,\"3\",,,,".to_owned();
        assert_eq!(copy(&rows, &[]), (vec![3], Some(left)));
        assert_eq!(copy(&["Ann,1,,,K,Active"], &[]), (vec![], None));
    }

    #[test]
    fn an_id_is_known_however_it_was_damaged_and_a_guid_decides_before_it() {
        for id in ["0042", "42", "'0042", "=\"0042\"", " 00042 ", "a-9"] {
            assert_eq!(copy(&[&format!("Ora,{id},,,K,Active")], &[]).0, [2], "{id}");
        }
        for id in ["421", "4", "a9", ""] {
            assert_eq!(copy(&[&format!("Ora,{id},,,K,Active")], &[]).0, [0; 0], "{id}");
        }
        let theirs = format!("Ora,5,{},,K,Active", guid(7));
        let others = format!("Ben,0042,{},,K,Active", guid(8));
        assert_eq!(copy(&[&theirs, &others], &[]).0, [2]);
    }

    #[test]
    fn of_a_row_that_was_processed_the_plan_says_whose_it_is() {
        let rows = ["Ora,5,,,K,Active", "Ben,0042,,,K,Active", "Ora,0042,,,K,Active"];
        assert_eq!(copy(&rows, &[(2, 7), (3, 8)]).0, [2, 4]);
    }

    #[test]
    fn in_a_damaged_row_the_id_may_stand_anywhere() {
        assert_eq!(copy(&["x,Ora,0042,,,K,Active", "Ora,0042", "\"Ora,1,0042", "Ben,1"], &[]).0, [2, 3, 4]);
        let headers_wrong = redact_copy(
            b"name;number;x;y;z;w\nOra;0042;;;;\nBen;1;;;;\n",
            &Reading::default(),
            &erased(),
            &HashMap::new(),
        );
        assert_eq!(left(headers_wrong.copy).as_deref(), Some(&b"name;number;x;y;z;w\n\nBen;1;;;;\n"[..]));
    }

    #[test]
    fn other_encodings_stay_as_they_are() {
        let text = "first_name;custom_id;x\r\nZo\u{eb};0042;1\r\nJos\u{e9};1;2\r\n";
        let wide = |text: &str| {
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>()
        };
        let redacted = redact_copy(&wide(text), &Reading::default(), &erased(), &HashMap::new());
        let expected = wide("first_name;custom_id;x\r\n\r\nJos\u{e9};1;2\r\n");
        assert_eq!(left(redacted.copy), Some(expected));
    }

    #[test]
    fn lines_go_out_of_our_own_files_and_doing_it_again_changes_nothing() {
        let guids = [guid(7), guid(8)];
        let file = format!(
            "\u{feff}kind,user_guid,custom_id,field\r\nupdated,{0},1,\"a\r\nb\"\r\nupdated,{1},0042,grade\r\n,{0},2,x\r\n",
            guids[0], guids[1]
        );
        let one = left(redact_file(file.as_bytes(), &erased())).expect("there are lines of theirs");
        let expected = format!("\u{feff}kind,user_guid,custom_id,field\r\nupdated,{},0042,grade\r\n", guids[1]);
        assert_eq!(String::from_utf8(one.clone()).expect("text"), expected);
        assert_eq!(redact_file(&one, &erased()), RedactedFile::Unchanged);
        let errors = "\u{feff}custom_id,grade,Error\r\n42,K,no\r\n1,0042,no,surplus\r\n2,42,no\r\n";
        let one = left(redact_file(errors.as_bytes(), &erased())).expect("there are lines of theirs");
        assert_eq!(String::from_utf8(one).expect("text"), "\u{feff}custom_id,grade,Error\r\n2,42,no\r\n");
    }

    #[test]
    fn rows_as_they_were_sent_have_their_ids_where_the_headers_of_the_upload_say() {
        let mut nine = Erased::default();
        nine.add(guid(9), ["9"]);
        let header =
            "\u{feff}First Name,Last Name,Middle Name,Email,Student ID,School ID,Role,Position,Year Level,Status";
        let [ora, ben] = ["Ora,Oak,,,9,10001,Student,,4,x", "Ben,Birch,,,42,10001,Student,,9,x"];
        let file = |header: &str, rows: &[&str]| [&[header], rows].concat().join("\r\n").into_bytes();
        for header in [format!("{header},Error"), format!("{header},user_guid,username,temporary_password,result")] {
            let of_us = if header.ends_with("Error") { ",no" } else { ",,ora,,outside year levels" };
            let [ora, ben] = [ora, ben].map(|row| format!("{row}{of_us}"));
            let ben_alone = left(redact_rows(&file(&header, &[&ora, &ben]), &Reading::default(), &nine));
            assert_eq!(ben_alone.map(String::from_utf8), Some(Ok([&*header, &*ben].join("\r\n"))), "{header}");
            assert_eq!(redact_rows(&file(&header, &[&ben]), &Reading::default(), &nine), RedactedFile::Unchanged);
        }
    }
}
