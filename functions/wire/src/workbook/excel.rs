//! Workbooks of Excel.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use calamine::{
    Data, DataRef, Reader as _, Sheet, SheetType, SheetVisible, Style, Xls, XlsError, Xlsb, Xlsx, XlsxError,
};
use roster::{Code, Finding};

use super::container::{self, MOST_SHEETS, unreadable};
use super::records::{self, SheetFacts};
use super::sheet::{SheetTable, SheetWriter};
use super::sheet_xml::SheetXml;
use super::values::{self, NumberFormatPattern};
use super::xml::{attribute, each_element};

/// What a spreadsheet shows of a formula that it has no value of yet; findings know it as an error.
const NOT_CALCULATED: &str = "#GETTING_DATA";

/// Reads a workbook that is an archive of XML.
pub(super) fn xlsx(bytes: &[u8]) -> Result<Vec<SheetTable>, Finding> {
    let mut parts = SheetParts::default();
    container::open(bytes, |name, content| {
        parts.look(name, content);
        Ok(())
    })?;
    let fault = |error: XlsxError| match error {
        XlsxError::Password => Finding::file(Code::WorkbookEncrypted),
        error => unreadable(in_words(&error.to_string())),
    };
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(fault)?;
    let mut tables = Vec::new();
    for Sheet { name, visible, .. } in tables_of(book.sheets_metadata())? {
        let SheetXml { hidden, uncalculated, merged, .. } = parts.take(&name);
        let mut writer = SheetWriter::after(&tables, move |row| hidden.contains(&row));
        for area in merged {
            writer.merge_down(area.row, area.column, area.last_row);
        }
        let mut cells = book.worksheet_cells_reader(&name).map_err(fault)?;
        let formats: Vec<Option<NumberFormatPattern>> = cells.styles().iter().map(pattern).collect();
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(fault)? {
            let (row, column) = cell.get_position();
            let format = formats.get(style).and_then(Option::as_ref);
            let text = match values::text(cell.get_value().clone(), format) {
                none if none.is_empty() && uncalculated.contains(&(row, column)) => NOT_CALCULATED.to_owned(),
                text => text,
            };
            writer.cell(row, column, text)?;
        }
        tables.push(writer.finish(name, visible == SheetVisible::Visible)?);
    }
    Ok(tables)
}

fn pattern(style: &Style) -> Option<NumberFormatPattern> {
    NumberFormatPattern::read(&style.number_format.as_ref()?.format_code)
}

/// Reads a workbook that is an archive of records.
pub(super) fn xlsb(bytes: &[u8]) -> Result<Vec<SheetTable>, Finding> {
    container::open(bytes, |_, _| Ok(()))?;
    let mut book = Xlsb::new(Cursor::new(bytes)).map_err(|error| unreadable(in_words(&error.to_string())))?;
    let mut tables = Vec::new();
    for Sheet { name, visible, .. } in tables_of(book.sheets_metadata())? {
        let fault = |error: calamine::XlsbError| unreadable(in_words(&error.to_string()));
        let mut writer = SheetWriter::after(&tables, |_| false);
        let mut cells = book.worksheet_cells_reader(&name).map_err(fault)?;
        while let Some(cell) = cells.next_cell().map_err(fault)? {
            let (row, column) = cell.get_position();
            writer.cell(row, column, values::text(cell.get_value().clone(), None))?;
        }
        tables.push(writer.finish(name, visible == SheetVisible::Visible)?);
    }
    Ok(tables)
}

/// Reads a workbook of the old kind.
pub(super) fn xls(bytes: &[u8]) -> Result<Vec<SheetTable>, Finding> {
    let fault = |error: XlsError| match error {
        XlsError::Password => Finding::file(Code::WorkbookEncrypted),
        error => unreadable(in_words(&error.to_string())),
    };
    let mut facts = records::facts(bytes)?;
    let mut book = Xls::new(Cursor::new(bytes)).map_err(fault)?;
    // The library has the sheets in the order of the file, charts among them.
    facts.resize_with(book.sheets_metadata().len(), SheetFacts::default);
    let known: HashMap<String, SheetFacts> = book.sheet_names().into_iter().zip(facts).collect();
    let mut tables = Vec::new();
    for Sheet { name, visible, .. } in tables_of(book.sheets_metadata())? {
        let facts = &known[&name];
        let range = book.worksheet_range(&name).map_err(fault)?;
        let hidden = facts.hidden.clone();
        let mut writer = SheetWriter::after(&tables, move |row| hidden.contains(&row));
        for area in book.merge_cells_by_sheet_name(&name).map_err(fault)? {
            writer.merge_down(area.start.0, area.start.1, area.end.0);
        }
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let (row, column) = (top + row as u32, left + column as u32);
            writer.cell(row, column, values::text(as_ref(value), facts.format(row, column)))?;
        }
        tables.push(writer.finish(name, visible == SheetVisible::Visible)?);
    }
    Ok(tables)
}

fn as_ref(value: &Data) -> DataRef<'_> {
    match value {
        Data::Empty => DataRef::Empty,
        Data::String(text) => DataRef::SharedString(text),
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

/// Returns the sheets that have cells: a chart of its own has none.
fn tables_of(sheets: &[Sheet]) -> Result<Vec<Sheet>, Finding> {
    let tables: Vec<Sheet> = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).cloned().collect();
    if tables.len() > MOST_SHEETS {
        return Err(unreadable(format!("it has {} sheets, and at most {MOST_SHEETS} are read", tables.len())));
    }
    Ok(tables)
}

/// Returns what a library says of a damaged file, as the end of a sentence.
fn in_words(error: &str) -> String {
    format!("it is damaged ({})", error.trim_end_matches('.'))
}

/// What the parts of a workbook say besides, which its library leaves out.
#[derive(Default)]
struct SheetParts {
    /// The names of the sheets with the relation to the part of each.
    relations: Vec<(String, String)>,
    /// The parts by their relation.
    parts: HashMap<String, String>,
    /// What each part says.
    sheets: HashMap<String, SheetXml>,
}

impl SheetParts {
    /// Looks at a part. One that can't be read says nothing: the library says what is wrong with it.
    fn look(&mut self, name: &str, content: &mut dyn Read) {
        if name == "xl/workbook.xml" {
            each_element(content, "sheet", |element| {
                if let (Some(name), Some(relation)) = (attribute(element, "name"), attribute(element, "id")) {
                    self.relations.push((name, relation));
                }
            });
        } else if name == "xl/_rels/workbook.xml.rels" {
            each_element(content, "Relationship", |element| {
                if let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target")) {
                    let part = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
                    self.parts.insert(id, part);
                }
            });
        } else if name.starts_with("xl/worksheets/") && name.ends_with(".xml") {
            self.sheets.insert(name.to_owned(), SheetXml::read(content));
        }
    }

    fn take(&mut self, sheet: &str) -> SheetXml {
        let relation = self.relations.iter().find(|(name, _)| name == sheet).map(|(_, relation)| relation);
        let part = relation.and_then(|relation| self.parts.get(relation));
        part.and_then(|part| self.sheets.remove(part)).unwrap_or_default()
    }
}
