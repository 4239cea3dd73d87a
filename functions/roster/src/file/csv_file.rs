//! Files that are written: CSV that spreadsheets open right.

use std::borrow::Cow;

use super::cell;

/// A file that is being written, in UTF-8 with a byte order mark.
pub(crate) struct CsvFile(csv::Writer<Vec<u8>>);

impl CsvFile {
    /// Begins a file without any line.
    pub fn new() -> CsvFile {
        let mark = "\u{feff}".as_bytes().to_vec();
        CsvFile(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(mark))
    }

    /// Writes a line of values of ours.
    pub fn values<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        self.line(values.into_iter().map(cell::protect));
    }

    /// Writes a line of cells that can't start a formula.
    pub fn line<'a>(&mut self, cells: impl Iterator<Item = Cow<'a, str>>) {
        self.0.write_record(cells.map(AsBytes)).expect("a vector takes every record");
    }

    /// Returns the file.
    pub fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("a vector takes every record")
    }
}

/// [`Cow`] has no `AsRef` of bytes, which the writer asks for.
struct AsBytes<'a>(Cow<'a, str>);

impl AsRef<[u8]> for AsBytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
