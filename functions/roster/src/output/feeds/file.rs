//! A file of a feed that is being written.

use crate::formats::SentFile;
use crate::formats::layout::FileLayout;

/// A file of a feed that is being written.
pub(super) struct FeedFile {
    name: &'static str,
    file: csv::Writer<Vec<u8>>,
    /// Which of the values of a row stands in each column; none in those of which nothing is known.
    values: Vec<Option<usize>>,
}

impl FeedFile {
    /// Begins a file with all columns of its layout; rows have values for `filled`, the others are empty.
    pub fn whole(layout: FileLayout, filled: &[&str]) -> FeedFile {
        FeedFile::with(layout.name, layout.columns, filled)
    }

    /// Begins a file with only those columns of its layout that are filled.
    pub fn only(layout: FileLayout, filled: &[&str]) -> FeedFile {
        let columns: Vec<&str> = layout.columns.iter().copied().filter(|column| filled.contains(column)).collect();
        FeedFile::with(layout.name, &columns, filled)
    }

    fn with(name: &'static str, columns: &[&str], filled: &[&str]) -> FeedFile {
        let values: Vec<_> = columns.iter().map(|column| filled.iter().position(|own| own == column)).collect();
        debug_assert_eq!(values.iter().flatten().count(), filled.len(), "{name} lacks a column");
        let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        file.write_record(columns).expect("a vector takes every record");
        FeedFile { name, file, values }
    }

    /// Writes a row: the values in the order of the columns that are filled.
    pub fn row<const N: usize>(&mut self, values: [&str; N]) {
        let cells = self.values.iter().map(|place| place.map_or("", |place| values[place]));
        self.file.write_record(cells).expect("a vector takes every record");
    }

    /// Returns the file.
    pub fn finish(self) -> SentFile {
        let bytes = self.file.into_inner().expect("a vector takes every record");
        SentFile { name: self.name.to_owned(), bytes }
    }
}
