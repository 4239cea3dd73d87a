//! From bytes to rows.

use crate::{Code, Column, Finding, Row, Upload, cell};

/// The largest file that is read.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;

/// Reads a roster. `None` where the file fails as a whole; the findings say why.
pub fn parse(bytes: &[u8]) -> (Option<Upload>, Vec<Finding>) {
    let Ok(text) = std::str::from_utf8(bytes) else { return (None, vec![Finding::file(Code::RowUnreadable)]) };
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records().filter_map(Result::ok).zip(1..);
    let Some((header, _)) = records.next() else { return (None, vec![Finding::file(Code::FileEmpty)]) };
    let mut columns = Vec::new();
    let mut findings = Vec::new();
    for name in &header {
        match Column::from_header(cell::trim(name)) {
            Some(column) => columns.push(column),
            None => findings.push(Finding { value: Some(name.to_owned()), ..Finding::file(Code::HeaderUnknown) }),
        }
    }
    if !findings.is_empty() {
        return (None, findings);
    }
    let mut upload = Upload::new(header.iter().map(str::to_owned).collect(), columns);
    for (cells, number) in records {
        let damage = match cells.len().cmp(&upload.columns.len()) {
            std::cmp::Ordering::Less => Some(Code::RowTooShort),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Code::RowTooLong),
        };
        findings.extend(damage.map(|code| Finding::row(code, number)));
        upload.rows.push(Row { number, cells, damage });
    }
    match upload.rows.is_empty() {
        true => (None, vec![Finding::file(Code::FileOnlyHeaders)]),
        false => (Some(upload), findings),
    }
}
