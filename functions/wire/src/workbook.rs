//! Workbooks of Excel and LibreOffice: each sheet as the CSV file that it stands for, and our own files as sheets.
//!
//! A row of a sheet is the row of the same number of the CSV file, blank rows and all, so that every finding names the row
//! that people see. What a cell shows by its format alone (zeros in front, a date) is written as it is shown. Not in the
//! domain, for the crate of the archives that workbooks are can make random numbers.

mod container;
mod excel;
mod merged;
mod open_document;
mod records;
mod sheet;
mod sheet_xml;
mod values;
mod write;
mod xml;

use std::panic::{AssertUnwindSafe, catch_unwind};

use roster::{Code, Finding};

use container::{Container, unreadable};
pub use sheet::SheetTable;
pub use write::{WorkbookFault, write};

/// Returns the sheets of a workbook in their order, or `None` where the bytes are no workbook.
///
/// Hidden and empty ones are among them.
///
/// # Errors
///
/// Where it can't be read; the finding says why.
pub fn sheets(bytes: &[u8]) -> Result<Option<Vec<SheetTable>>, Finding> {
    let Some(container) = Container::of(bytes) else { return Ok(None) };
    // The libraries take a file at its word, and some a wrong length would end the program.
    let read = catch_unwind(AssertUnwindSafe(|| match container {
        Container::Xlsx => excel::xlsx(bytes),
        Container::Xlsb => excel::xlsb(bytes),
        Container::Xls => excel::xls(bytes),
        Container::Ods => open_document::ods(bytes),
        Container::Encrypted => Err(Finding::file(Code::WorkbookEncrypted)),
        Container::CutOff => Err(unreadable("its end is missing")),
    }));
    read.unwrap_or_else(|_| Err(unreadable("it is damaged"))).map(Some)
}
