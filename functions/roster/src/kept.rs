//! The copy of an uploaded file that is kept.

use std::borrow::Cow;
use std::ops::Range;

use crate::decode::decode;
use crate::header;
use crate::layout::Layout;
use crate::parse::{MAX_BYTES, MAX_ROWS};
use crate::records::Records;
use crate::settings::Reading;

/// The file as it was sent, minus passwords: byte for byte the same, but for the cells that may hold one, which are
/// empty. The encoding, the delimiter and the line breaks stay.
///
/// - Only columns whose header is recognised as that of a harmless column keep their cells. So `passwort`, and
///   anything else in a file whose headers are wrong, is emptied, too.
/// - In a row with too many or too few cells, every cell that a password can have slipped into is emptied: those
///   right of the first secret column, and left of it as many as are missing.
/// - The row of headers is kept, but for cells in it that may be data: a row may have run into it.
/// - Of a file that can't be cut into rows and columns with certainty nothing is kept: one that is no text, is too
///   large, has a row that is too long, or does not begin with headers.
pub fn without_secrets<'b>(bytes: &'b [u8], reading: &Reading) -> Cow<'b, [u8]> {
    match kept(bytes, reading) {
        Some(kept) => kept,
        None => Cow::Borrowed(&[]),
    }
}

/// `None` where it can't be told where the passwords are.
fn kept<'b>(bytes: &'b [u8], _reading: &Reading) -> Option<Cow<'b, [u8]>> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let decoded = decode(bytes).ok()?;
    let Some(layout) = Layout::find(&decoded.text).ok()? else { return Some(Cow::Borrowed(bytes)) };
    let harmless = header::harmless(&layout.header)?;
    let shown = header::shown(&layout.header);
    if harmless.iter().chain(&shown).all(|kept| *kept) {
        return Some(Cow::Borrowed(bytes));
    }
    let first = harmless.iter().position(|harmless| !harmless).unwrap_or(harmless.len());
    let (units, width) = decoded.units();
    let start = decoded.mark(bytes) + layout.start * width;
    let units = &units[layout.start..];
    let mut copy = Copy { bytes, kept: Vec::with_capacity(bytes.len()), copied: 0 };
    let mut records = Records::new(units, layout.delimiter, Some(harmless.len()));
    let mut rows = 0;
    while let Some(record) = records.next() {
        let record = record.ok()?;
        if record.number < layout.row {
            continue;
        }
        if record.number == layout.row {
            for (span, _) in record.cells.spans.iter().zip(&shown).filter(|(_, shown)| !**shown) {
                copy.leave_out(start + span.start * width..start + span.end * width);
            }
            continue;
        }
        rows += 1;
        if rows > MAX_ROWS {
            return None;
        }
        let doubtful = record.doubtful(harmless.len(), first).unwrap_or(usize::MAX);
        for (place, span) in record.cells.spans.iter().enumerate() {
            if place >= doubtful || !harmless[place] {
                copy.leave_out(start + span.start * width..start + span.end * width);
            }
        }
    }
    // Half a character of UTF-16 may stand at the very end, cut off.
    copy.leave_out(start + units.len() * width..bytes.len());
    Some(copy.finish())
}

/// A copy of `bytes` without some parts of it, which are named in their order.
struct Copy<'b> {
    bytes: &'b [u8],
    kept: Vec<u8>,
    copied: usize,
}

impl<'b> Copy<'b> {
    fn leave_out(&mut self, part: Range<usize>) {
        if !part.is_empty() {
            self.kept.extend_from_slice(&self.bytes[self.copied..part.start]);
            self.copied = part.end;
        }
    }

    fn finish(mut self) -> Cow<'b, [u8]> {
        if self.copied == 0 {
            return Cow::Borrowed(self.bytes);
        }
        self.kept.extend_from_slice(&self.bytes[self.copied..]);
        Cow::Owned(self.kept)
    }
}

#[cfg(test)]
mod tests;
