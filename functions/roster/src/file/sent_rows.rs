//! Single rows of the kept copy of an upload, with whatever stands in them.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::file::decode::decode;
use crate::file::layout::Layout;
use crate::file::reading::Reading;
use crate::file::records::Records;
use crate::file::redact::harmless_places;

/// A row as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentRow {
    pub row: u32,
    /// Headers and cells; a cell too many has no header.
    pub cells: Vec<(String, String)>,
    /// The headers of columns whose cells no copy has: they are empty above, whatever was sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never_kept: Vec<String>,
}

/// Returns these rows of a file, whether or not they, or the file, could be processed.
///
/// It is read as the upload was.
pub fn sent_rows(bytes: &[u8], reading: &Reading, rows: &BTreeSet<u32>) -> Vec<SentRow> {
    let Ok(decoded) = decode(bytes, reading) else { return Vec::new() };
    let Ok(Some(layout)) = Layout::find(&decoded.text, reading) else { return Vec::new() };
    let text = &decoded.text[..layout.rows.end];
    let records = Records::new(text, layout.delimiter, Some(layout.header.len()), !reading.settings.strict_format);
    let mut records = records.from(layout.rows.start, layout.row);
    let harmless = harmless_places(&layout.header, reading).unwrap_or_default();
    let never_kept = layout.header.iter().enumerate().filter(|(place, header)| {
        let kept = harmless.get(*place).copied().unwrap_or_default();
        !kept && !header.is_empty()
    });
    let never_kept: Vec<String> = never_kept.map(|(_, header)| header.clone()).collect();
    let mut sent = Vec::new();
    while let Some(Ok(record)) = records.next() {
        if rows.contains(&record.number) {
            let headers = layout.header.iter().cloned().chain(std::iter::repeat(String::new()));
            let cells = record.cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
            let (cells, never_kept) = (headers.zip(cells).collect(), never_kept.clone());
            sent.push(SentRow { row: record.number, cells, never_kept });
        }
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_found_in_a_file_that_could_not_be_processed_too() {
        let file = "name;id\nBo;77\n\"Ora\nK\";00123;x\n";
        let pair = |header: &str, cell: &str| (header.to_owned(), cell.to_owned());
        let cells = vec![pair("name", "Ora\nK"), pair("id", "00123"), pair("", "x")];
        let ora = SentRow { row: 3, cells, never_kept: vec!["name".to_owned()] };
        assert_eq!(sent_rows(file.as_bytes(), &Reading::default(), &[3].into()), [ora]);
        assert_eq!(sent_rows(b"", &Reading::default(), &[3].into()), []);
    }
}
