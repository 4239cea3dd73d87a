//! The copy of an uploaded file that is kept.

use std::borrow::Cow;
use std::ops::Range;

use crate::decode::decode;
use crate::header;
use crate::layout::Layout;
use crate::parse::MAX_BYTES;
use crate::records::{Records, TooLong};

/// The file as it was sent, minus passwords: byte for byte the same, but for the cells that may hold one, which are
/// empty. The encoding, the delimiter and the line breaks stay.
///
/// - Only columns whose header is recognised as that of a harmless column keep their cells. So `passwort`, and
///   anything else in a file whose headers are wrong, is emptied, too.
/// - In a row with too many or too few cells, every cell that a password can have slipped into is emptied; see
///   [`crate::Row::damage`].
/// - Of a file that can't be cut into rows and columns with certainty nothing is kept: one that is no text, is too
///   large, has a row that is too long, or does not begin with headers.
pub fn without_secrets(bytes: &[u8]) -> Cow<'_, [u8]> {
    match secrets(bytes) {
        Some(secrets) if secrets.is_empty() => Cow::Borrowed(bytes),
        Some(secrets) => Cow::Owned(cut(bytes, &secrets)),
        None => Cow::Borrowed(&[]),
    }
}

/// Where in the file the cells stand that may hold a password, in their order; `None` where that can't be told.
fn secrets(bytes: &[u8]) -> Option<Vec<Range<usize>>> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let decoded = decode(bytes).ok()?;
    let Some(layout) = Layout::find(&decoded.text).ok()? else { return Some(Vec::new()) };
    let harmless = header::harmless(&layout.header)?;
    let Some(first) = harmless.iter().position(|harmless| !harmless) else { return Some(Vec::new()) };
    let (units, width) = decoded.units();
    let start = decoded.mark(bytes) + layout.start * width;
    let spans = secret_cells(&units[layout.start..], &layout, &harmless, first).ok()?;
    let mut spans: Vec<_> = spans.into_iter().map(|s| start + s.start * width..start + s.end * width).collect();
    let read = start + (units.len() - layout.start) * width;
    if read < bytes.len() {
        // Half a character of UTF-16, cut off.
        spans.push(read..bytes.len());
    }
    Some(spans)
}

fn secret_cells(units: &[u8], layout: &Layout, harmless: &[bool], first: usize) -> Result<Vec<Range<usize>>, TooLong> {
    let mut secrets = Vec::new();
    let mut records = Records::new(units, layout.delimiter);
    while let Some(record) = records.next() {
        let record = record?;
        if record.number <= layout.row {
            continue;
        }
        let doubtful = record.doubtful(harmless.len(), first).unwrap_or(usize::MAX);
        let secret = |place: usize| place >= doubtful || !harmless[place];
        let spans = record.cells.spans.iter().enumerate();
        secrets.extend(spans.filter(|(place, span)| secret(*place) && !span.is_empty()).map(|(_, span)| span.clone()));
    }
    Ok(secrets)
}

/// `bytes` without `spans`, which are in order.
fn cut(bytes: &[u8], spans: &[Range<usize>]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for span in spans {
        kept.extend_from_slice(&bytes[at..span.start]);
        at = span.end;
    }
    kept.extend_from_slice(&bytes[at..]);
    kept
}
