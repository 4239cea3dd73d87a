//! Our own files as a workbook in which Excel can do no damage.

use roster::{ClassRole, ClassStatus, Column, Grade, Status, UserType};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, FormatAlign, IgnoreError, Workbook, Worksheet, XlsxError,
};

/// The most rows that are written, that of the headers among them: 100,000 rows of users take 250 MB while they are.
const MOST_ROWS: usize = 400_000;
/// How many rows a sheet has.
const SHEET_ROWS: u32 = 1_048_576;
/// Of how many rows the widths of the columns are taken.
const MEASURED: usize = 200;
/// The number of the format that takes whatever is typed as it is.
const TEXT: u8 = 49;
/// The narrowest and the widest column, in characters.
const WIDTHS: (usize, usize) = (10, 40);

/// Why a file can't be a workbook.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookFault {
    #[error("a workbook is written with at most {MOST_ROWS} rows")]
    TooManyRows,
    #[error("the file is no CSV file of ours: {0}")]
    Csv(#[from] csv::Error),
    #[error("the workbook can't be written: {0}")]
    Xlsx(#[from] XlsxError),
}

/// Returns a workbook with a sheet of each of these files of ours, by its name.
///
/// Every cell is a text, and so is whatever is typed into the columns: nothing loses its zeros, becomes a date or is
/// taken for a formula. A cell that our CSV files protect by an apostrophe has it here, too, so that a sheet that is
/// saved as CSV is as safe. Uploaded again, it is the same file.
///
/// # Errors
///
/// Where there are more rows than are written, or a file is none of ours.
pub fn write(files: &[(&str, &[u8])]) -> Result<Vec<u8>, WorkbookFault> {
    let mut book = Workbook::new();
    for (name, file) in files {
        write_sheet(book.add_worksheet().set_name(*name)?, file)?;
    }
    Ok(book.save_to_buffer()?)
}

fn write_sheet(sheet: &mut Worksheet, file: &[u8]) -> Result<(), WorkbookFault> {
    let text = Format::new().set_num_format_index(TEXT);
    let bold = Format::new().set_num_format_index(TEXT).set_bold().set_align(FormatAlign::Left);
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let mut widths: Vec<usize> = Vec::new();
    let mut record = csv::StringRecord::new();
    let (mut row, mut last) = (0, 0);
    while reader.read_record(&mut record)? {
        if row == MOST_ROWS {
            return Err(WorkbookFault::TooManyRows);
        }
        for (place, cell) in record.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let column = u16::try_from(place).map_err(|_| XlsxError::RowColumnLimitError)?;
            sheet.write_string_with_format(row as u32, column, cell, if row == 0 { &bold } else { &text })?;
            if row < MEASURED {
                widths.resize(widths.len().max(place + 1), WIDTHS.0);
                widths[place] = widths[place].max(cell.chars().count() + 2).min(WIDTHS.1);
            }
        }
        if row == 0 {
            for (column, header) in (0..).zip(&record) {
                last = column;
                sheet.set_column_format(column, &text)?;
                choose_from_list(sheet, column, header)?;
            }
        }
        row += 1;
    }
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, width as f64)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    // That numbers are texts is meant, and not to be mended at a click.
    sheet.ignore_error_range(0, 0, SHEET_ROWS - 1, last, IgnoreError::NumberStoredAsText)?;
    Ok(())
}

/// Offers the words of a column in a list, where they are few. Others are only warned of, for files may have them, too.
fn choose_from_list(sheet: &mut Worksheet, column: u16, header: &str) -> Result<(), XlsxError> {
    let words = Column::from_header(header).map(words_of).unwrap_or_default();
    if words.is_empty() {
        return Ok(());
    }
    let list = DataValidation::new()
        .allow_list_strings(&words)?
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title("Not in the list")?
        .set_error_message("The list has the words that are always understood. Keep what you typed?")?;
    sheet.add_data_validation(1, column, SHEET_ROWS - 1, column, &list)?;
    Ok(())
}

/// Returns the words of a column that has few.
fn words_of(column: Column) -> Vec<&'static str> {
    let of = |words: &mut dyn Iterator<Item = &'static str>| words.filter(|word| !word.is_empty()).collect();
    match column {
        Column::UserType => of(&mut UserType::ALL.iter().map(|word| word.as_str())),
        Column::Status => of(&mut Status::ALL.iter().map(|word| word.as_str())),
        Column::Grade | Column::ClassGrade => of(&mut Grade::ALL.iter().map(|word| word.as_str())),
        Column::ClassStatus => of(&mut ClassStatus::ALL.iter().map(|word| word.as_str())),
        Column::ClassRole => of(&mut ClassRole::ALL.iter().map(|word| word.as_str())),
        _ => Vec::new(),
    }
}
