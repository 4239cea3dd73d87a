//! From bytes to rows.

use csv::StringRecord;

use crate::decode::decode;
use crate::finding::{Findings, shorten};
use crate::header;
use crate::layout::Layout;
use crate::records::{Record, Records, TooLong};
use crate::settings::Reading;
use crate::{Code, Finding, Row, Upload, cell};

/// The largest file that is read.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;
/// The most rows that are read. A file within [`MAX_BYTES`] that has more is not a roster.
pub const MAX_ROWS: usize = 2_000_000;
/// How many cells too many are kept one by one; what comes after them stays together in the last one.
const MAX_SURPLUS: usize = 100;

/// Reads a roster. `None` where the file fails as a whole; the findings say why.
///
/// A row that can't be trusted to have its cells in their columns stays in the upload with its
/// [`damage`](Row::damage), and its finding is made here. Neither time nor memory grows faster than the file,
/// whatever is in it.
pub fn parse(bytes: &[u8], reading: &Reading) -> (Option<Upload>, Findings) {
    match read(bytes, reading) {
        Ok((mut upload, findings)) => {
            upload.doubts = findings.doubts();
            (Some(upload), findings)
        }
        Err(findings) => (None, findings.into()),
    }
}

fn read(bytes: &[u8], reading: &Reading) -> Result<(Upload, Findings), Vec<Finding>> {
    let fails = |code| vec![Finding::file(code)];
    if bytes.len() > MAX_BYTES {
        return Err(fails(Code::FileTooLarge));
    }
    let decoded = decode(bytes).map_err(|finding| vec![finding])?;
    let layout = Layout::find(&decoded.text).map_err(too_long)?.ok_or_else(|| fails(Code::FileEmpty))?;
    let columns = header::columns(&layout.header)?;
    let mut upload = Upload::new(layout.header, columns, reading.clone());
    upload.encoding = decoded.encoding.name();
    upload.delimiter = layout.delimiter;
    let mut findings = Findings::default();
    if decoded.guessed {
        let name = upload.encoding.replace("windows", "Windows");
        findings.push(Finding { value: Some(name), ..Finding::file(Code::EncodingGuessed) });
    }
    let text = &decoded.text.as_bytes()[layout.start..];
    let mut records = Records::new(text, layout.delimiter, Some(upload.columns.len()));
    while let Some(record) = records.next() {
        let record = record.map_err(too_long)?;
        if record.number <= layout.row {
            continue;
        }
        let Some((row, finding)) = upload.row(&record) else { continue };
        if upload.rows.len() == MAX_ROWS {
            return Err(fails(Code::FileTooLarge));
        }
        upload.cut_off |= record.ran_on || (!record.ended && (row.damage.is_some() || decoded.ends_in_half()));
        upload.open_end = (!record.ended).then_some(row.number);
        upload.rows.push(row);
        findings.extend(finding);
    }
    if upload.rows.is_empty() { Err(fails(Code::FileOnlyHeaders)) } else { Ok((upload, findings)) }
}

fn too_long(row: TooLong) -> Vec<Finding> {
    vec![Finding::row(Code::RowTooLarge, row.number)]
}

impl Upload {
    /// The row with what is wrong with it as a row; `None` where it is blank.
    fn row(&self, record: &Record) -> Option<(Row, Option<Finding>)> {
        if record.cells.iter().all(|c| cell::trim(&String::from_utf8_lossy(c)).is_empty()) {
            return None;
        }
        let cells = self.cells(record);
        let finding = self.damage(record, &cells);
        let damage = finding.as_ref().map(|f| f.code);
        let secret = self.columns.iter().position(|c| c.spec().secret);
        let doubtful = secret.and_then(|secret| record.doubtful(self.columns.len(), secret)).unwrap_or(usize::MAX);
        Some((Row { number: record.number, cells, damage, doubtful }, finding))
    }

    fn cells(&self, record: &Record) -> StringRecord {
        let most = self.columns.len() + MAX_SURPLUS;
        let mut cells = StringRecord::with_capacity(record.cells.bytes(), record.cells.len().min(most));
        let mut texts = record.cells.iter().map(String::from_utf8_lossy);
        let secret = |place: usize| self.columns.get(place).is_some_and(|column| column.spec().secret);
        for (place, text) in texts.by_ref().take(most - 1).enumerate() {
            match secret(place) {
                true => cells.push_field(&text),
                false => cells.push_field(&cell::unprotect_parts(&text)),
            }
        }
        let delimiter = char::from(self.delimiter).to_string();
        let rest: Vec<_> = texts.collect();
        if !rest.is_empty() {
            cells.push_field(&rest.join(&delimiter));
        }
        cells
    }

    fn damage(&self, record: &Record, cells: &StringRecord) -> Option<Finding> {
        let (has, needs) = (record.cells.len(), self.columns.len());
        let row = |code| Finding::row(code, record.number);
        let counted =
            |code| row(code).expecting(format!("Expected {needs} cells, one for each header; the row has {has}."));
        if let Some(broken) = record.broken {
            let column = self.header.get(broken).map(|h| cell::trim(h).to_owned());
            return Some(Finding { column, ..row(Code::QuoteNotClosed) });
        }
        if has < needs && !record.ended {
            return Some(row(Code::RowCutOff));
        }
        if has != needs {
            return Some(counted(if has < needs { Code::RowTooShort } else { Code::RowTooLong }));
        }
        let unreadable = cells.iter().position(|c| c.contains(char::REPLACEMENT_CHARACTER))?;
        let column = self.columns[unreadable];
        let value = (!column.spec().secret).then(|| shorten(cell::trim(&cells[unreadable])));
        Some(Finding { column: Some(column.header().to_owned()), value, ..row(Code::RowUnreadable) })
    }
}

#[cfg(test)]
mod tests;
