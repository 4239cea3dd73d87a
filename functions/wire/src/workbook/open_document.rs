//! Workbooks of LibreOffice.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use roster::{Code, Finding};

use super::container::{self, MOST_SHEETS, unreadable};
use super::sheet::{MOST_COLUMNS, MOST_ROWS, SheetTable, SheetWriter};
use super::values::{iso_date, number};
use super::xml::{attribute, unescaped};

/// Reads a workbook of OpenDocument.
///
/// Not by the library that reads the others: it takes the cells of a row that is repeated a million times for as many,
/// and knows neither hidden rows nor what a cell shows.
pub(super) fn ods(bytes: &[u8]) -> Result<Vec<SheetTable>, Finding> {
    let mut encrypted = false;
    let mut archive = container::open(bytes, |name, content| {
        if name == "META-INF/manifest.xml" {
            let mut manifest = String::new();
            encrypted = content.read_to_string(&mut manifest).is_ok() && manifest.contains("encryption-data");
        }
        Ok(())
    })?;
    if encrypted {
        return Err(Finding::file(Code::WorkbookEncrypted));
    }
    let mut content = String::new();
    let mut part = archive.by_name("content.xml").map_err(|_| unreadable("it is damaged"))?;
    part.read_to_string(&mut content).map_err(|_| unreadable("it is damaged"))?;
    Document::read(&content)
}

/// What is read of a document as its elements come.
#[derive(Default)]
struct Document {
    tables: Vec<SheetTable>,
    /// The styles of sheets that are not shown.
    hidden_styles: HashSet<String>,
    /// The style at hand, where it is one of sheets.
    style: Option<String>,
    sheet: Option<SheetAtHand>,
}

struct SheetAtHand {
    name: String,
    visible: bool,
    writer: SheetWriter,
    hidden: std::rc::Rc<std::cell::RefCell<HashSet<u32>>>,
    row: u32,
    /// How many rows the one at hand stands for.
    repeated: u32,
    row_is_hidden: bool,
    /// The cells of the row at hand that have anything in them, with how many columns each stands for.
    cells: Vec<(u32, u32, String)>,
    column: u32,
    cell: Option<CellAtHand>,
    /// How deep in the drawings of the sheet one is, which may have tables of their own.
    within: u32,
}

#[derive(Default)]
struct CellAtHand {
    attributes: HashMap<String, String>,
    /// What it shows.
    shown: String,
    paragraphs: u32,
    in_paragraph: bool,
    /// How deep in a note, a drawing or a table of its own one is, which are no text of the cell.
    within: u32,
}

impl Document {
    fn read(content: &str) -> Result<Vec<SheetTable>, Finding> {
        let mut reader = Reader::from_str(content);
        let mut document = Document::default();
        loop {
            match reader.read_event().map_err(|error| unreadable(format!("it is damaged ({error})")))? {
                Event::Start(element) => document.start(&element)?,
                Event::Empty(element) => {
                    document.start(&element)?;
                    document.end(element.local_name().as_ref())?;
                }
                Event::End(element) => document.end(element.local_name().as_ref())?,
                Event::Text(text) => document.text(&text.xml10_content()),
                Event::CData(text) => document.text(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let named = match &*reference.xml10_content() {
                        "amp" => Some('&'),
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "quot" => Some('"'),
                        "apos" => Some('\''),
                        _ => reference.resolve_char_ref().ok().flatten(),
                    };
                    document.text(named.map(String::from).as_deref().unwrap_or_default());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if document.sheet.is_some() {
            return Err(unreadable("its end is missing"));
        }
        Ok(document.tables)
    }

    fn start(&mut self, element: &BytesStart) -> Result<(), Finding> {
        let name = element.local_name();
        let Some(sheet) = &mut self.sheet else {
            match name.as_ref() {
                "style" => self.style = attribute(element, "name"),
                "table-properties" if attribute(element, "display").as_deref() == Some("false") => {
                    self.hidden_styles.extend(self.style.clone());
                }
                "table" => {
                    if self.tables.len() == MOST_SHEETS {
                        return Err(unreadable(format!("it has more than {MOST_SHEETS} sheets")));
                    }
                    let style = attribute(element, "style-name").unwrap_or_default();
                    let name = attribute(element, "name").unwrap_or_default();
                    let visible = !self.hidden_styles.contains(&style);
                    self.sheet = Some(SheetAtHand::after(&self.tables, name, visible));
                }
                _ => {}
            }
            return Ok(());
        };
        if sheet.within > 0 {
            sheet.within += 1;
            return Ok(());
        }
        if let Some(cell) = &mut sheet.cell {
            cell.start(element);
            return Ok(());
        }
        match name.as_ref() {
            "shapes" | "table" => sheet.within = 1,
            "table-row" => {
                sheet.repeated = repeated(element, "number-rows-repeated", MOST_ROWS);
                sheet.row_is_hidden =
                    matches!(attribute(element, "visibility").as_deref(), Some("collapse" | "filter"));
                sheet.column = 0;
            }
            "table-cell" | "covered-table-cell" => {
                let attributes = element.attributes().flatten();
                let attributes = attributes.filter_map(|attribute| {
                    Some((attribute.key.local_name().as_ref().to_owned(), unescaped(&attribute)?))
                });
                sheet.cell = Some(CellAtHand { attributes: attributes.collect(), ..CellAtHand::default() });
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let cell = self.sheet.as_mut().and_then(|sheet| sheet.cell.as_mut());
        if let Some(cell) = cell.filter(|cell| cell.within == 0 && cell.in_paragraph) {
            cell.shown.push_str(text);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Finding> {
        match (name, &mut self.sheet) {
            ("style", None) => self.style = None,
            (_, Some(sheet)) if sheet.within > 0 => sheet.within -= 1,
            (_, Some(SheetAtHand { cell: Some(cell), .. })) if cell.within > 0 => cell.within -= 1,
            ("table-cell" | "covered-table-cell", Some(sheet)) => sheet.end_cell(),
            (_, Some(SheetAtHand { cell: Some(cell), .. })) => cell.end(name),
            ("table-row", Some(sheet)) => sheet.end_row()?,
            ("table", Some(_)) => {
                let SheetAtHand { name, visible, writer, .. } = self.sheet.take().expect("a sheet is at hand");
                self.tables.push(writer.finish(name, visible)?);
            }
            _ => {}
        }
        Ok(())
    }
}

impl SheetAtHand {
    fn after(sheets: &[SheetTable], name: String, visible: bool) -> SheetAtHand {
        let hidden = std::rc::Rc::<std::cell::RefCell<HashSet<u32>>>::default();
        let known = hidden.clone();
        SheetAtHand {
            name,
            visible,
            writer: SheetWriter::after(sheets, move |row| known.borrow().contains(&row)),
            hidden,
            row: 0,
            repeated: 1,
            row_is_hidden: false,
            cells: Vec::new(),
            column: 0,
            cell: None,
            within: 0,
        }
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else { return };
        let columns = cell.attributes.get("number-columns-repeated").and_then(|count| count.parse().ok());
        let columns = columns.unwrap_or(1).clamp(1, MOST_COLUMNS);
        let down = cell.attributes.get("number-rows-spanned").and_then(|count| count.parse::<u32>().ok()).unwrap_or(1);
        let text = cell.value();
        if !text.is_empty() {
            self.writer.merge_down(self.row, self.column, self.row.saturating_add(down.saturating_sub(1)));
            self.cells.push((self.column, columns.min(MOST_COLUMNS.saturating_sub(self.column)), text));
        }
        self.column = (self.column + columns).min(MOST_COLUMNS);
    }

    fn end_row(&mut self) -> Result<(), Finding> {
        let cells = std::mem::take(&mut self.cells);
        let rows = if cells.is_empty() { 0 } else { self.repeated };
        for row in (self.row..).take(rows as usize) {
            if row >= MOST_ROWS {
                return Err(Finding::file(Code::FileTooLarge));
            }
            if self.row_is_hidden {
                self.hidden.borrow_mut().insert(row);
            }
            for (from, columns, text) in &cells {
                for column in *from..from + columns {
                    self.writer.cell(row, column, text.clone())?;
                }
            }
        }
        self.row = self.row.saturating_add(self.repeated);
        Ok(())
    }
}

impl CellAtHand {
    fn start(&mut self, element: &BytesStart) {
        match element.local_name().as_ref() {
            _ if self.within > 0 => self.within += 1,
            "annotation" | "frame" | "custom-shape" | "detective" | "table" => self.within = 1,
            "p" => {
                if self.paragraphs > 0 {
                    self.shown.push('\n');
                }
                self.paragraphs += 1;
                self.in_paragraph = true;
            }
            "s" => {
                let spaces = attribute(element, "c").and_then(|count| count.parse().ok()).unwrap_or(1);
                self.shown.extend(std::iter::repeat_n(' ', usize::min(spaces, 1000)));
            }
            "tab" => self.shown.push('\t'),
            "line-break" => self.shown.push('\n'),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        self.in_paragraph &= name != "p";
    }

    /// Returns what stands in the cell. Zeros in front of a number are in what it shows alone.
    fn value(self) -> String {
        let CellAtHand { attributes, shown, .. } = self;
        let of = |name: &str| attributes.get(name).map(String::as_str).unwrap_or_default();
        match of("value-type") {
            "float" => {
                let padded = shown.len() > 1 && shown.starts_with('0') && shown.bytes().all(|b| b.is_ascii_digit());
                match of("value").parse() {
                    _ if padded => shown,
                    Ok(value) => number(value),
                    Err(_) => shown,
                }
            }
            // LibreOffice has a number for errors that no other program knows.
            "error" if !shown.starts_with('#') => "#VALUE!".to_owned(),
            "percentage" | "currency" => of("value").parse().map_or(shown, number),
            "date" => iso_date(of("date-value")),
            "boolean" => of("boolean-value").to_ascii_uppercase(),
            "string" if !of("string-value").is_empty() => of("string-value").to_owned(),
            // A cell without a type that shows text is one of another program.
            _ => shown,
        }
    }
}

fn repeated(element: &BytesStart, name: &str, most: u32) -> u32 {
    attribute(element, name).and_then(|count| count.parse().ok()).unwrap_or(1).clamp(1, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_in_drawings_and_cells_are_no_rows_of_the_sheet() {
        let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
        let row = |cells: String| format!("<table:table-row>{cells}</table:table-row>");
        let inner = format!("<table:table>{}</table:table>", row(cell("within")));
        let drawing = format!("<table:shapes><draw:frame>{inner}</draw:frame></table:shapes>");
        let with_table = format!("<table:table-cell><text:p>a</text:p>{inner}</table:table-cell>");
        let rows = row(format!("{with_table}{}", cell("b"))) + &row(cell("c"));
        let content = format!("<x><table:table table:name=\"People\">{drawing}{rows}</table:table></x>");
        let tables = Document::read(&content).expect("a document");
        let texts: Vec<_> = tables.iter().map(|table| String::from_utf8_lossy(&table.csv)).collect();
        assert_eq!(texts, ["\u{feff}a,b\nc,\n"]);
    }

    #[test]
    fn each_row_has_what_a_merged_cell_shows() {
        let merged = "<table:table-cell table:number-rows-spanned=\"2\"><text:p>9A</text:p></table:table-cell>";
        let own = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
        let covered = "<table:covered-table-cell/>";
        let rows = [(merged, "a"), (covered, "b"), ("<table:table-cell/>", "c")];
        let rows =
            rows.map(|(class, name)| format!("<table:table-row>{class}{}</table:table-row>", own(name))).concat();
        let tables = Document::read(&format!("<x><table:table table:name=\"9\">{rows}</table:table></x>"));
        let csv = tables.expect("a document").remove(0).csv;
        assert_eq!(String::from_utf8_lossy(&csv), "\u{feff}9A,a\n9A,b\n,c\n");
    }
}
