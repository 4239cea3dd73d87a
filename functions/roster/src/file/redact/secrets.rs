//! The copy of an uploaded file that is kept.

use std::borrow::Cow;

use crate::file::decode::decode;
use crate::file::header::PlaceContent;
use crate::file::layout::Layout;
use crate::file::mapped::ProfileFit;
use crate::file::reading::Reading;
use crate::file::records::Record;
use crate::file::rows::{JudgedRow, Line, RowJudge, is_blank};
use crate::file::{MAX_BYTES, MAX_ROWS, header, mapped};
use crate::model::Code;
use crate::settings::header_key;

use super::copy::Copy;

/// Returns the file as it was sent, but without passwords.
///
/// It is byte for byte the same, but for the cells that may hold a password, which are empty. The encoding, the delimiter
/// and the line breaks stay.
///
/// - Only columns whose header is recognised as that of a harmless column keep their cells. So `passwort`, and
///   anything else in a file whose headers are wrong, is emptied, too.
/// - In a row with too many or too few cells, every cell that a password can have slipped into is emptied: those
///   right of the first secret column, and left of it as many as are missing.
/// - The row of headers is kept, but for cells in it that may be data: a row may have run into it.
/// - Of lines that are no rows, above the headers and below the last row, nothing is kept: anybody may have written
///   anything there.
/// - Of a file that can't be cut into rows and columns with certainty nothing is kept: one that is no text, is too
///   large, has a row that is too long, or does not begin with headers.
pub fn without_secrets<'b>(bytes: &'b [u8], reading: &Reading) -> Cow<'b, [u8]> {
    match kept(bytes, reading) {
        Some(kept) => kept,
        None => Cow::Borrowed(&[]),
    }
}

/// Returns what is kept of the file; `None` where nobody can tell where the passwords are.
fn kept<'b>(bytes: &'b [u8], reading: &Reading) -> Option<Cow<'b, [u8]>> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let decoded = decode(bytes, reading).ok()?;
    let strict = reading.settings.strict_format;
    let Some(layout) = Layout::find(&decoded.text, reading).ok()? else { return Some(Cow::Borrowed(bytes)) };
    let mapping = match mapped::fit(&layout.header, reading) {
        ProfileFit::Reads(mapping) => Some(*mapping),
        ProfileFit::NoProfile | ProfileFit::Misfit(_) => None,
    };
    let (harmless, shown) = match &mapping {
        Some(mapping) => (Some(mapping.harmless.clone()), mapping.shown.clone()),
        None => (harmless_unmapped(&layout.header, reading), header::shown(&layout.header)),
    };
    let harmless = harmless.filter(|_| !layout.person_above)?;
    if harmless.iter().chain(&shown).all(|kept| *kept) && layout.above.is_empty() && layout.below == 0 {
        return Some(Cow::Borrowed(bytes));
    }
    // Of a file that fails for its headers the columns are not known, but which of them can't be secrets.
    let unknown = |_| vec![PlaceContent::LeftOut; layout.header.len()];
    let places = match &mapping {
        Some(mapping) => mapping.places.clone(),
        None => header::places(&layout.header, strict).map(|understood| understood.places).unwrap_or_else(unknown),
    };
    let rows = RowJudge::new(places, harmless, &layout, strict);
    let mut copy = Copy::of(bytes, &decoded);
    layout.above.iter().for_each(|(_, row)| copy.leave_out(row.clone()));
    let not_shown = layout.header_cells.iter().zip(&shown).filter(|(_, shown)| !**shown);
    not_shown.for_each(|(cell, _)| copy.leave_out(cell.clone()));
    copy.rows(rows, &layout)?;
    if layout.below > 0 {
        copy.leave_out(layout.rows.end..decoded.text.len());
    }
    Some(copy.finish())
}

/// Returns for each place of a file whether its cells are kept, because they can't be secrets. `None` where nobody can
/// tell, and nothing is kept.
pub(in crate::file) fn harmless_places(header: &[String], reading: &Reading) -> Option<Vec<bool>> {
    match mapped::fit(header, reading) {
        ProfileFit::Reads(mapping) => Some(mapping.harmless),
        ProfileFit::NoProfile | ProfileFit::Misfit(_) => harmless_unmapped(header, reading),
    }
}

/// Returns for each place of a file that no mapping reads whether its cells can't be secrets. What a mapping makes a
/// password of is one also in the export that does not fit it any more.
fn harmless_unmapped(header: &[String], reading: &Reading) -> Option<Vec<bool>> {
    let secret = mapped::secret_keys(reading);
    let harmless = header::harmless(header)?.into_iter().zip(header);
    Some(harmless.map(|(harmless, header)| harmless && !secret.contains(&header_key(header))).collect())
}

impl Copy<'_, '_> {
    /// Leaves out what may be a secret in the rows below the headers. `None` where the file has a row that is too
    /// long, or too many rows.
    fn rows(&mut self, mut rows: RowJudge, layout: &Layout) -> Option<()> {
        let decoded = self.decoded();
        let mut records = rows.records(&decoded.text, layout);
        let mut people = 0;
        while let Some(record) = records.next() {
            let record = record.ok()?;
            match rows.look_at(&record) {
                Line::Blank => self.row(&record, &rows, &JudgedRow::default()),
                Line::NoRow(_) => {
                    let cells = &record.cells.spans;
                    self.leave_out(cells.first()?.start..cells.last()?.end);
                }
                Line::Row(judged) => {
                    people += 1;
                    self.row(&record, &rows, &judged);
                }
            }
            if people > MAX_ROWS {
                return None;
            }
        }
        Some(())
    }

    fn row(&mut self, record: &Record, rows: &RowJudge, judged: &JudgedRow) {
        let doubtful = judged.doubtful.unwrap_or(usize::MAX);
        let below_none = |place: usize| judged.damage == Some(Code::RowTooLong) && rows.is_nameless(place);
        let gone: Vec<usize> = (0..record.cells.len())
            .filter(|&place| {
                place >= doubtful
                    || rows.harmless.get(place).is_some_and(|harmless| !harmless)
                    || (!rows.strict && below_none(place))
            })
            .collect();
        let signs = if judged.damage.is_some() && !rows.strict { signs(record, rows, &gone) } else { Vec::new() };
        for place in gone {
            let sign = if signs.binary_search(&place).is_err() {
                ""
            } else if record.broken.is_none() {
                SIGN
            } else if record.in_one_cell {
                BROKEN_IN_QUOTES
            } else {
                BROKEN
            };
            self.replace(record.cells.spans[place].clone(), sign);
        }
    }
}

/// Returns the cells of a damaged row that leave a sign, of those that are gone. Without one the copy of the row might
/// be blank, or look as if it only had empty cells too many, or none at its end; so it would be read in another way.
fn signs(record: &Record, rows: &RowJudge, gone: &[usize]) -> Vec<usize> {
    let (has, needs) = (record.cells.len(), rows.places.len());
    if let Some(broken) = record.broken {
        return vec![broken];
    }
    let filled: Vec<usize> =
        record.cells.iter().enumerate().filter(|(_, cell)| !is_blank(cell)).map(|(i, _)| i).collect();
    let was = |place: &usize| filled.binary_search(place).is_ok();
    let below_none = gone.iter().copied().filter(|place| was(place) && rows.is_nameless(*place));
    let mut signs: Vec<usize> = below_none.collect();
    if has != needs && signs.is_empty() {
        let surplus = gone.last().copied().filter(|&last| last >= needs);
        signs.extend(surplus.or_else(|| gone.iter().copied().rfind(was)));
    }
    if signs.is_empty() && filled.iter().all(|place| gone.binary_search(place).is_ok()) {
        signs.extend(filled.first());
    }
    signs
}

/// What stands for something that is not kept. A letter, so that no row is taken for a line about the file.
const SIGN: &str = "x";
/// The same for a cell whose quotation marks do not fit; in a row in one cell they are doubled.
const BROKEN: &str = "x\"";
const BROKEN_IN_QUOTES: &str = "x\"\"";

#[cfg(test)]
mod tests;
