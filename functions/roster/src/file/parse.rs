//! From bytes to rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use csv::StringRecord;

use crate::file::reading::Reading;
use crate::model::finding::{Notes, shorten};
use crate::model::{Code, Column, Finding, Findings, Guid};
use crate::settings::UsedProfile;

use super::cell;
use super::decode::{Decoded, Encoded, decode};
use super::header::{self, PlaceContent, Understood};
use super::layout::Layout;
use super::mapped::{self, FileMapping, ProfileFit, is_read};
use super::parsed::{LeftOutRow, ParsedRoster, Row, SettledRows};
use super::plain::{Cutter, PlainCells};
use super::records::{Record, Records, TooLong};
use super::rows::{self, JudgedRow, Line, RowJudge};

/// The largest file that is read.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;
/// The most rows that are read. A file within [`MAX_BYTES`] that has more is not a roster.
pub const MAX_ROWS: usize = 2_000_000;
/// How many cells too many are kept one by one; what comes after them stays together in the last one.
const MAX_SURPLUS: usize = 100;
/// How many names are shown of a file whose letters may have been read wrong.
const NAMES_SHOWN: usize = 5;

/// Reads a roster. `None` where the file fails as a whole; the findings say why.
///
/// A row that can't be trusted to have its cells in their columns stays in the upload with its
/// [`damage`](Row::damage), and its finding is made here. Neither time nor memory grows faster than the file,
/// whatever is in it.
pub fn parse(bytes: &[u8], reading: &Reading) -> (Option<ParsedRoster>, Findings) {
    read(bytes, reading, |_| Ok(SettledRows::default()))
}

/// Returns by which profile a roster is read, going by its headers; `None` where it is understood without one.
///
/// # Errors
///
/// The findings where its headers can't be read: nothing more is to be found in such a file.
pub fn recognise_headers(bytes: &[u8], reading: &Reading) -> Result<Option<UsedProfile>, Findings> {
    let read = || {
        let decoded = decode(bytes, reading).map_err(|finding| vec![finding])?;
        Parser::new(&decoded, reading).map(|parser| parser.parsed().profile())
    };
    read().map_err(Findings::from)
}

/// Reads a roster with `settle`, which may take rows and returns those that it took.
pub(crate) fn read(
    bytes: &[u8],
    reading: &Reading,
    settle: impl FnOnce(&mut Parser) -> Result<SettledRows, Vec<Finding>>,
) -> (Option<ParsedRoster>, Findings) {
    let read = || {
        if bytes.len() > MAX_BYTES {
            return Err(vec![Finding::file(Code::FileTooLarge)]);
        }
        let decoded = decode(bytes, reading).map_err(|finding| vec![finding])?;
        let mut parser = Parser::new(&decoded, reading)?;
        let settled = settle(&mut parser)?;
        while parser.read_row()? {}
        parser.finish(settled)
    };
    match read() {
        Ok((mut parsed, findings)) => {
            parsed.doubts = findings.doubts();
            (Some(parsed), findings)
        }
        Err(findings) => (None, findings.into()),
    }
}

/// Reads a file row by row.
pub(crate) struct Parser<'f> {
    text: &'f str,
    layout: Layout,
    rows: RowJudge,
    records: Records<'f>,
    reader: RosterReader<'f>,
    cutter: Cutter,
    /// The number of the first row that was cut.
    ahead: u32,
    /// How many rows were left out.
    settled: usize,
}

/// Where a row stands in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowPlace {
    pub(crate) number: u32,
    pub(crate) at: usize,
}

/// A row as it was cut, with nothing in it that [`super::records`] would read otherwise.
#[derive(Clone, Copy)]
pub(crate) struct PlainRow<'p> {
    pub(crate) place: RowPlace,
    pub(crate) cells: PlainCells<'p>,
}

impl<'f> Parser<'f> {
    /// Finds headers and rows, or says why the file fails as a whole.
    fn new(decoded: &'f Decoded<'f>, reading: &Reading) -> Result<Parser<'f>, Vec<Finding>> {
        let strict = reading.settings.strict_format;
        let layout = Layout::find(&decoded.text, reading).map_err(too_long)?;
        let layout = layout.ok_or_else(|| vec![Finding::file(Code::FileEmpty)])?;
        let mapping = match mapped::fit(&layout.header, reading) {
            ProfileFit::Reads(mapping) if !layout.person_above => Some(*mapping),
            ProfileFit::Misfit(finding) => return Err(vec![finding]),
            _ if layout.person_above || !header::are_found(&layout.header) => {
                return Err(vec![header::not_found(&layout.header, layout.row, layout.person_above)]);
            }
            _ => None,
        };
        let Understood { places, notes } = match &mapping {
            Some(mapping) => mapping.understood(),
            None => header::places(&layout.header, strict)?,
        };
        let harmless = match &mapping {
            Some(mapping) => mapping.harmless.clone(),
            None => header::harmless(&layout.header).unwrap_or_default(),
        };
        let rows = RowJudge::new(places, harmless, &layout, strict);
        let mut reader = RosterReader::new(&rows, &layout, decoded, reading, mapping);
        reader.findings.extend(notes);
        let records = rows.records(&decoded.text, &layout);
        let (text, cutter) = (&decoded.text[..layout.rows.end], Cutter::new(layout.delimiter));
        Ok(Parser { text, layout, rows, records, reader, cutter, ahead: 0, settled: 0 })
    }

    /// Returns what stands in each place of a row.
    pub(crate) fn places(&self) -> &[PlaceContent] {
        &self.rows.places
    }

    pub(crate) fn parsed(&self) -> &ParsedRoster {
        &self.reader.parsed
    }

    /// Cuts the next rows as far as they are plain, but leaves them to be read. Returns how many there are.
    ///
    /// The first row of a file may be about its columns. Where quotation marks or the encoding are doubtful, no row is
    /// plain.
    pub(crate) fn cut_ahead(&mut self) -> usize {
        /// How many rows are cut at once.
        const MOST: usize = 64;
        let RosterReader { decoded, parsed, quoted_headers, quoted_line, .. } = &self.reader;
        let doubtful = decoded.doubtful || *quoted_headers || quoted_line.is_some();
        // What a profile makes of a row is not seen in its cells alone.
        let doubtful = doubtful || self.reader.mapping.is_some();
        if doubtful || parsed.rows.is_empty() {
            return 0;
        }
        let (at, number) = self.records.skip_blank_lines();
        let most = MOST.min(MAX_ROWS - self.row_count());
        self.cutter.cut(self.text, at, self.rows.places.len(), most);
        self.ahead = number;
        self.cutter.rows().len()
    }

    /// Returns one of the rows that were cut.
    pub(crate) fn plain_row(&self, row: usize) -> PlainRow<'_> {
        let place = RowPlace { number: self.ahead + row as u32, at: self.cutter.rows()[row].at };
        PlainRow { place, cells: self.cutter.row(self.text, row) }
    }

    /// Leaves out a row that was cut, and goes on after it.
    pub(crate) fn leave_out(&mut self, row: usize) {
        self.settled += 1;
        self.records.go_on_after(self.ahead + row as u32, self.cutter.rows()[row].end);
    }

    /// Reads the next row. Returns whether there was one.
    pub(crate) fn read_row(&mut self) -> Result<bool, Vec<Finding>> {
        let full = self.row_count() == MAX_ROWS;
        let Some(record) = self.records.next() else { return Ok(false) };
        let record = record.map_err(too_long)?;
        match self.rows.look_at(&record) {
            Line::Blank => {}
            Line::NoRow(what) => self.reader.left_out(record.number, what),
            Line::Row(_) if full => return Err(vec![Finding::file(Code::FileTooLarge)]),
            Line::Row(judged) => self.reader.row(&record, &judged),
        }
        Ok(true)
    }

    /// Reads rows that were left out, once there are no more others.
    pub(crate) fn read_again(&mut self, places: &[RowPlace]) -> Result<(), Vec<Finding>> {
        let (end, last) = self.records.place();
        let (cut_off, open_end) = (self.reader.parsed.cut_off, self.reader.parsed.open_end);
        for RowPlace { number, at } in places {
            self.records.go_to(*number, *at);
            self.settled -= 1;
            self.read_row()?;
        }
        self.records.go_to(last + 1, end);
        let parsed = &mut self.reader.parsed;
        (parsed.cut_off, parsed.open_end) = (cut_off, open_end);
        if !places.is_empty() {
            parsed.rows.sort_unstable_by_key(|row| row.number);
        }
        Ok(())
    }

    fn row_count(&self) -> usize {
        self.reader.parsed.rows.len() + self.settled
    }

    fn finish(mut self, settled: SettledRows) -> Result<(ParsedRoster, Findings), Vec<Finding>> {
        self.reader.below(&self.layout, self.records.place().1);
        self.reader.parsed.settled = Arc::new(settled);
        self.reader.finish()
    }
}

/// Returns whether a header begins with a quotation mark that is none of a CSV file.
fn is_quoted(header: &str) -> bool {
    cell::OTHER_QUOTES.into_iter().any(|(open, _, _)| header.starts_with(open))
}

fn too_long(row: TooLong) -> Vec<Finding> {
    vec![Finding::row(Code::RowTooLarge, row.number)]
}

/// Makes the upload, row by row.
struct RosterReader<'f> {
    decoded: &'f Decoded<'f>,
    places: Vec<PlaceContent>,
    /// How a profile reads the rows, where one does.
    mapping: Option<FileMapping>,
    parsed: ParsedRoster,
    findings: Findings,
    notes: Notes,
    /// Names with letters that are not ASCII, where those are doubtful.
    names: Vec<String>,
    /// How many rows stand in other quotation marks, and in which.
    quoted: u64,
    /// The headers stand in such marks, too, each by itself or all together.
    quoted_headers: bool,
    quoted_line: Option<&'static str>,
    quotations: &'static str,
    /// How many rows have values under no header, and under which ones.
    nameless_rows: u64,
    nameless: BTreeSet<usize>,
}

impl<'f> RosterReader<'f> {
    fn new(
        rows: &RowJudge,
        layout: &Layout,
        decoded: &'f Decoded<'f>,
        reading: &Reading,
        mapping: Option<FileMapping>,
    ) -> RosterReader<'f> {
        let read = || (0..rows.places.len()).filter(|&place| is_read(&rows.places[place]));
        let header = read().map(|place| layout.header[place].clone()).collect();
        let columns = rows.places.iter().filter_map(|place| place.column()).collect();
        let used = match decoded.encoding {
            Encoded::As(encoding) if decoded.guessed => Some(encoding),
            _ => reading.settings.encoding,
        };
        let mut parsed = ParsedRoster::new(header, columns, reading.clone().in_encoding(used));
        if let Some(mapping) = &mapping {
            parsed = parsed.mapped(mapping);
        }
        parsed.encoding = decoded.encoding.name();
        parsed.delimiter = layout.delimiter;
        let mut reader = RosterReader {
            decoded,
            places: rows.places.clone(),
            mapping,
            parsed,
            findings: Findings::default(),
            notes: Notes::default(),
            names: Vec::new(),
            quoted: 0,
            quoted_headers: layout.header.iter().all(|header| is_quoted(cell::trim(header))),
            quoted_line: rows::line_quotations(layout.header.iter()),
            quotations: "",
            nameless_rows: 0,
            nameless: BTreeSet::new(),
        };
        if decoded.guessed && !decoded.doubtful {
            reader.of_file(Code::EncodingGuessed, Some(reader.parsed.encoding.to_owned()));
        }
        if layout.filled_up {
            reader.of_file(Code::FileFilledUp, None);
        }
        layout.above.iter().for_each(|(number, _)| reader.left_out(*number, "a line above the headers"));
        reader
    }

    fn of_file(&mut self, code: Code, value: Option<String>) {
        self.findings.push(Finding { value, ..Finding::file(code) });
    }

    fn left_out(&mut self, number: u32, what: &'static str) {
        let finding = Finding { value: Some(what.to_owned()), ..Finding::row(Code::LineLeftOut, number) };
        self.notes.add(finding, what);
    }

    /// Notes the lines below the last row, whose number is given.
    fn below(&mut self, layout: &Layout, last: u32) {
        (1..=layout.below).for_each(|i| self.left_out(last + i, "a line below the last person"));
    }

    fn row(&mut self, record: &Record, judged: &JudgedRow) {
        let number = record.number;
        let cells = self.cells(record, judged);
        let finding = self.damage(record, judged, &cells);
        let damage = finding.as_ref().map(|f| f.code);
        let mapped = self.mapping.as_ref().map(|mapping| mapping.cells(&cells));
        if damage.is_none() && self.leaves_out(number, &cells, mapped.as_ref()) {
            return;
        }
        let doubtful = judged.doubtful.map_or(usize::MAX, |place| self.after_leaving_out(place));
        let parsed = &mut self.parsed;
        parsed.cut_off |= record.ran_on || (!record.ended && (damage.is_some() || self.decoded.ends_in_half()));
        parsed.open_end = (!record.ended).then_some(number);
        for (applies, code) in [
            (judged.lacks, Code::RowLacksCells),
            (judged.surplus, Code::RowSurplusCells),
            (record.spaced, Code::QuotesAfterSpace),
            (record.in_one_cell, Code::RowInOneCell),
        ] {
            if applies {
                self.notes.add(Finding::row(code, number), "");
            }
        }
        if let Some(place) = judged.nameless {
            self.nameless_rows += 1;
            self.nameless.insert(place);
        }
        if damage == Some(Code::RowOtherQuotes) {
            self.quoted += 1;
            self.quotations = rows::other_quotations(record).unwrap_or_default();
        }
        if let Some(line) = self.quoted_line.filter(|line| rows::line_quotations(record.cells.iter()) == Some(line)) {
            self.quoted += 1;
            self.quotations = line;
        }
        let row = Row { number, cells, mapped, damage, doubtful };
        if damage.is_none() {
            self.note_quotes(&row);
        }
        if self.decoded.doubtful && damage.is_none() && self.names.len() < NAMES_SHOWN {
            self.name(&row);
        }
        self.parsed.rows.push(row);
        self.findings.extend(finding);
    }

    /// Notes a row that the profile leaves out, and whose it is. Returns whether it does.
    fn leaves_out(&mut self, number: u32, cells: &StringRecord, mapped: Option<&StringRecord>) -> bool {
        let Some((mapping, mapped)) = self.mapping.as_ref().zip(mapped) else { return false };
        let Some(why) = mapping.leaves_out(cells) else { return false };
        let said = |column| self.parsed.place(column).and_then(|place| mapped.get(place)).map_or("", cell::value);
        let custom_id = said(Column::CustomId).to_owned();
        let guid = said(Column::UserGuid).parse().ok().map(Guid);
        self.parsed.left_out.push(LeftOutRow { number, custom_id, guid });
        let finding = Finding { value: Some(why.clone()), ..Finding::row(Code::RowLeftOut, number) };
        self.notes.add(finding, &why);
        true
    }

    /// Notes values in typographic quotation marks that are read without them.
    fn note_quotes(&mut self, row: &Row) {
        for (&column, sent) in self.parsed.columns.iter().zip(row.read()) {
            let value = cell::value(sent);
            if !column.spec().secret && self.parsed.within_quotes(column, value).is_some() {
                self.notes.add(Finding::at(Code::CellOtherQuotes, row.number, column, value), "");
            }
        }
    }

    /// Keeps the name of the row, if it has letters that may have been read wrong.
    fn name(&mut self, row: &Row) {
        let names = [Column::FirstName, Column::LastName];
        let name = names.into_iter().filter_map(|column| self.parsed.cell(row, column)).collect::<Vec<_>>().join(" ");
        if !name.is_ascii() && !self.names.contains(&name) {
            self.names.push(shorten(&name));
        }
    }

    /// Returns the cells of the columns that are read, and those that a damaged row has too many.
    fn cells(&self, record: &Record, judged: &JudgedRow) -> StringRecord {
        let most = self.places.len() + MAX_SURPLUS;
        let mut cells = StringRecord::with_capacity(record.cells.bytes(), record.cells.len().min(most));
        let mut texts = record.cells.iter().map(String::from_utf8_lossy);
        for (place, text) in texts.by_ref().take(most - 1).enumerate() {
            let content = self.places.get(place);
            let column = content.and_then(|place| place.column());
            let is_read = content.is_some_and(is_read) || (content.is_none() && judged.damage.is_some());
            if !is_read {
                continue;
            }
            let is_secret = column.is_some_and(|column| column.spec().secret);
            if is_secret {
                cells.push_field(&text);
            } else {
                cells.push_field(&cell::unprotect_parts(&text));
            }
        }
        let delimiter = char::from(self.parsed.delimiter).to_string();
        let rest: Vec<_> = texts.filter(|_| judged.damage.is_some()).collect();
        if !rest.is_empty() {
            cells.push_field(&rest.join(&delimiter));
        }
        while judged.lacks && cells.len() < self.parsed.header.len() {
            cells.push_field("");
        }
        cells
    }

    /// Returns where a place stands among the cells that are read.
    fn after_leaving_out(&self, place: usize) -> usize {
        let before = self.places.iter().take(place).filter(|place| is_read(place)).count();
        before + place.saturating_sub(self.places.len())
    }

    fn damage(&self, record: &Record, judged: &JudgedRow, cells: &StringRecord) -> Option<Finding> {
        let (has, needs) = (record.cells.len(), self.places.len());
        let row = |code| Finding::row(code, record.number);
        let counted =
            |code| row(code).expecting(format!("Expected {needs} cells, one for each header; the row has {has}."));
        match judged.damage {
            Some(Code::QuoteNotClosed) => {
                let place = record.broken.filter(|&place| place < needs);
                let read = place.filter(|&place| is_read(&self.places[place]));
                let header = read.and_then(|place| self.parsed.header.get(self.after_leaving_out(place)));
                let column = header.map(|header| cell::trim(header).to_owned());
                return Some(Finding { column, ..row(Code::QuoteNotClosed) });
            }
            Some(code @ (Code::RowTooShort | Code::RowTooLong)) if has != needs => return Some(counted(code)),
            Some(Code::RowOtherQuotes) => {
                let value = rows::other_quotations(record).map(str::to_owned);
                return Some(Finding { value, ..row(Code::RowOtherQuotes) });
            }
            Some(code) => return Some(row(code)),
            None => {}
        }
        let unreadable = cells.iter().position(|c| c.contains(char::REPLACEMENT_CHARACTER))?;
        let column = self.parsed.sent[unreadable];
        let secret = column.is_some_and(|column| column.spec().secret);
        let value = (!secret).then(|| shorten(cell::trim(&cells[unreadable])));
        let name = match column {
            Some(column) => column.header().to_owned(),
            None => cell::trim(&self.parsed.header[unreadable]).to_owned(),
        };
        Some(Finding { column: Some(name), value, ..row(Code::RowUnreadable) })
    }

    fn finish(mut self) -> Result<(ParsedRoster, Findings), Vec<Finding>> {
        let rows = self.parsed.row_count() as u64;
        // Where a profile leaves every row out, too: a file of nobody is rather a wrong one.
        if rows == 0 {
            return Err(vec![Finding::file(Code::FileOnlyHeaders)]);
        }
        // Rows alone are rejected one by one, or an error file of such rows would fail as a whole.
        if (self.quoted_headers || self.quoted_line.is_some()) && self.quoted * 2 > rows {
            let value = Some(self.quotations.to_owned());
            return Err(vec![Finding { value, ..Finding::file(Code::FileOtherQuotes) }]);
        }
        let inside = self.nameless.first().is_some_and(|&place| place < self.places.len());
        if inside || self.nameless_rows * 2 > rows {
            return Err(vec![header::nameless(&Vec::from_iter(self.nameless))]);
        }
        if self.decoded.doubtful {
            let read = format!("Read as {}, names are: {}.", self.parsed.encoding, self.names.join("; "));
            let value = Some(self.parsed.encoding.to_owned());
            let finding = Finding { value, ..Finding::file(Code::EncodingDoubtful) };
            self.findings.push(if self.names.is_empty() { finding } else { finding.expecting(read) });
        }
        self.findings.extend(self.notes.into_findings());
        self.parsed.name_headers(&mut self.findings);
        Ok((self.parsed, self.findings))
    }
}

#[cfg(test)]
mod tests;
