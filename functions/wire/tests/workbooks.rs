//! Workbooks as people's programs write them, and what becomes of them.

use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use roster::{Code, Finding, Reading, Schools, SetPart};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet, XlsxError};
use wire::workbook::{self, SheetTable};
use wire::{SheetChoice, Unpacked};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const HEADERS: [&str; 10] = [
    "first_name",
    "last_name",
    "middle_name",
    "email",
    "custom_id",
    "school_district_external_id",
    "user_type",
    "position",
    "grade",
    "status",
];

/// Fills a sheet.
type Filling = fn(&mut Worksheet) -> Result<(), XlsxError>;

fn write(sheets: &[(&str, Filling)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, fill) in sheets {
        fill(book.add_worksheet().set_name(*name).unwrap()).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn people(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.write_row(0, 0, HEADERS)?;
    sheet.write_row(1, 0, ["Ora", "Klein", "", "", "0013", "10001", "Student", "", "9", "Active"])?;
    Ok(())
}

fn classes(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.write_row(0, 0, ["class_id", "class_name", "school_district_external_id"])?;
    sheet.write_row(1, 0, ["m9", "Mathematics", "10001"])?;
    Ok(())
}

fn enrolments(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.write_row(0, 0, ["class_id", "custom_id"])?;
    sheet.write_row(1, 0, ["m9", "0013"])?;
    Ok(())
}

fn hidden(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    people(sheet.set_hidden(true))
}

fn empty(_: &mut Worksheet) -> Result<(), XlsxError> {
    Ok(())
}

fn legend(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.write_row(0, 0, ["grade", "means"])?;
    sheet.write_row(1, 0, ["K", "Kindergarten"])?;
    Ok(())
}

fn tables(bytes: &[u8]) -> Result<Vec<SheetTable>, Finding> {
    workbook::sheets(bytes).map(|tables| tables.expect("it is a workbook"))
}

/// Returns the lines of the only sheet.
fn lines(fill: Filling) -> Vec<String> {
    let table = tables(&write(&[("Sheet1", fill)])).unwrap().remove(0);
    String::from_utf8(table.csv).unwrap().trim_start_matches('\u{feff}').lines().map(str::to_owned).collect()
}

fn why(bytes: &[u8]) -> (Code, String) {
    let finding = tables(bytes).unwrap_err();
    (finding.code, finding.value.unwrap_or_default())
}

#[test]
fn cells_are_what_they_show() {
    let lines = lines(|sheet| {
        let (zeros, day) = (Format::new().set_num_format("00000"), Format::new().set_num_format("d.m.yyyy"));
        sheet.write(0, 0, 123.0)?.write_with_format(0, 1, 123.0, &zeros)?.write(0, 2, 123_456_789_012.0)?;
        sheet.write_with_format(1, 0, 46_000.0, &day)?.write(1, 1, true)?.write(1, 2, false)?;
        sheet.write_formula(2, 0, Formula::new("=1+1").set_result("2"))?;
        sheet.write_formula(2, 1, Formula::new("=A9&\"x\"").set_result("Ora"))?;
        sheet.write_formula(2, 2, Formula::new("=NA()").set_result("#N/A"))?;
        sheet.write(3, 0, "a, b")?.write(3, 1, "say \"no\"")?.write(3, 2, "two\nlines")?;
        sheet.write(4, 0, "00123")?.write(4, 1, 0.1 + 0.2)?.write(4, 2, "=1+1")?;
        Ok(())
    });
    assert_eq!(
        lines,
        [
            "123,00123,123456789012",
            "2025-12-09,TRUE,FALSE",
            "2,Ora,#N/A",
            "\"a, b\",\"say \"\"no\"\"\",\"two",
            "lines\"",
            "00123,0.3,=1+1"
        ]
    );
}

/// Returns a part of an archive as text.
fn part_of(book: &[u8], name: &str) -> String {
    let mut text = String::new();
    let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_formula_whose_value_was_not_kept_is_an_error_and_an_empty_text_is_none() {
    const SHEET: &str = "xl/worksheets/sheet1.xml";
    let book = write(&[("Sheet1", |sheet| {
        sheet.write_row(0, 0, ["a", "b", "c"])?;
        sheet.write_formula(1, 0, Formula::new("=C9").set_result("77777"))?;
        sheet.write_formula(1, 1, Formula::new("=C9&C9").set_result("nothing"))?;
        sheet.write(1, 2, "c")?;
        Ok(())
    })]);
    let xml = part_of(&book, SHEET);
    assert!(xml.contains("<v>77777</v>") && xml.contains("<v>nothing</v>"), "{xml}");
    let xml = xml.replace("<v>77777</v>", "<v></v>").replace("<v>nothing</v>", "<v></v>");
    let table = tables(&with_part(&book, SHEET, xml.as_bytes(), false)).unwrap().remove(0);
    let text = String::from_utf8(table.csv).unwrap();
    assert_eq!(text.lines().nth(1), Some("#GETTING_DATA,,c"), "{text}");
}

#[test]
fn a_sheet_with_users_of_a_format_is_read_as_that() {
    let read = |school: &str| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let headers = ["sourcedId", "enabledUser", "orgSourcedIds", "role", "username", "givenName", "familyName"];
        sheet.write_row(0, 0, headers).unwrap();
        sheet.write_row(1, 0, ["1", "true", school, "student", "okle", "Ora", "Klein"]).unwrap();
        let book = book.save_to_buffer().unwrap();
        let sent = Unpacked::read(&book, &Reading::default(), &Schools::default(), None).sent;
        sent.map(|sent| sent.translation.is_some()).map_err(|findings| findings[0].code)
    };
    assert_eq!((read(""), read("s1")), (Ok(true), Err(Code::FormatIncomplete)));
}

#[test]
fn rows_keep_their_numbers() {
    let lines = lines(|sheet| {
        sheet.merge_range(0, 0, 0, 2, "North School", &Format::new())?;
        sheet.write_row(3, 0, ["a", "b", "c"])?;
        sheet.write(6, 0, "1")?;
        Ok(())
    });
    assert_eq!(lines, ["North School", "", "", "a,b,c", "", "", "1,,"]);
}

#[test]
fn hidden_rows_are_read_and_counted() {
    let book = write(&[("Sheet1", |sheet| {
        sheet.write_column(0, 0, ["a", "b", "c", "d"])?;
        sheet.set_row_hidden(1)?.set_row_hidden(3)?.set_row_hidden(9)?;
        Ok(())
    })]);
    let table = tables(&book).unwrap().remove(0);
    assert_eq!(table.rows, 4);
    let (first, rows) = table.hidden.expect("hidden rows");
    assert_eq!((first, rows.count, rows.last), (2, 2, 4), "an empty one is none");
}

/// An empty cell about a class says that somebody is in none.
#[test]
fn each_row_has_what_a_merged_cell_shows() {
    let book = write(&[("Sheet1", |sheet| {
        people(sheet)?;
        sheet.write_column(0, 10, ["class_id", "m9"])?;
        sheet.write_row(2, 0, ["Max", "Stone", "", "", "0014", "10001", "Student", "", "9", "Active"])?;
        sheet.merge_range(1, 10, 2, 10, "m9", &Format::new())?;
        Ok(())
    })]);
    let unpacked = Unpacked::read(&book, &Reading::default(), &Schools::default(), None);
    let sent = unpacked.sent.expect("a roster");
    let csv = String::from_utf8(sent.users.expect("users").into_owned()).unwrap();
    assert!(
        csv.ends_with("Ora,Klein,,,0013,10001,Student,,9,Active,m9\nMax,Stone,,,0014,10001,Student,,9,Active,m9\n")
    );
    let notes: Vec<_> = sent.notes.iter().map(|note| (note.code, note.row)).collect();
    assert_eq!(notes, [(Code::CellMerged, Some(3))]);
}

/// The files of a set, the sheet, and the note of what was left out.
type WasRead = (Vec<SetPart>, String, String);
/// The code, what it says, and among how many sheets one can choose.
type Refusal = (Code, String, usize);

/// Returns what is read.
fn read(book: &[u8], chosen: Option<&str>) -> Result<WasRead, Refusal> {
    let Unpacked { sent, sheet, choices } = Unpacked::read(book, &Reading::default(), &Schools::default(), chosen);
    match sent {
        Ok(sent) => {
            let left_out = sent.notes.iter().find(|note| note.code == Code::SheetsLeftOut);
            let left_out = left_out.and_then(|note| note.value.clone()).unwrap_or_default();
            Ok((sent.parts(), sheet.unwrap_or_default(), left_out))
        }
        Err(findings) => Err((findings[0].code, findings[0].value.clone().unwrap_or_default(), choices.len())),
    }
}

#[test]
fn the_sheet_is_the_one_with_the_headers_of_a_roster() {
    let book = write(&[("Legend", legend), ("Pupils", people), ("Old", hidden), ("Sheet4", empty)]);
    let left_out = "“Old” (hidden), “Sheet4” (empty), “Legend” (2 rows)";
    assert_eq!(read(&book, None), Ok((vec![], "Pupils".to_owned(), left_out.to_owned())));
    assert_eq!(read(&write(&[("Any", legend)]), None), Ok((vec![], "Any".to_owned(), String::new())), "the only one");
}

#[test]
fn several_sheets_that_could_be_it_are_asked_for() {
    let book = write(&[("2025", people), ("2026", people), ("Legend", legend)]);
    let what = "several have headers of one: “2025” (2 rows), “2026” (2 rows)";
    assert_eq!(read(&book, None), Err((Code::SheetUnclear, what.to_owned(), 3)));
    let left_out = "“2025” (2 rows), “Legend” (2 rows)";
    assert_eq!(read(&book, Some("2026")), Ok((vec![], "2026".to_owned(), left_out.to_owned())));
    let none = "no visible sheet with rows has the name that was chosen, “2027”";
    assert_eq!(read(&book, Some("2027")), Err((Code::SheetUnclear, none.to_owned(), 3)));
    let choices = Unpacked::read(&book, &Reading::default(), &Schools::default(), None).choices;
    assert_eq!(choices[0], SheetChoice { name: "2025".to_owned(), rows: 2 });

    let none = write(&[("A", legend), ("B", legend)]);
    let what = "none of “A” (2 rows), “B” (2 rows) has its headers";
    assert_eq!(read(&none, None), Err((Code::SheetUnclear, what.to_owned(), 2)));
}

#[test]
fn a_workbook_without_anything_to_read_fails() {
    assert_eq!(read(&write(&[("A", empty)]), None), Err((Code::FileEmpty, String::new(), 0)));
    // A spreadsheet can't hide all its sheets, but leave the visible one empty.
    let (code, what, _) = read(&write(&[("A", empty), ("B", hidden)]), None).unwrap_err();
    assert_eq!(
        (code, &*what),
        (Code::SheetUnclear, "it has no sheet with rows that is visible (“A” (empty), “B” (hidden))")
    );
}

#[test]
fn sheets_of_a_set_are_one() {
    let book = write(&[("Enrolments", enrolments), ("Users", people), ("Classes", classes), ("Legend", legend)]);
    let parts = vec![SetPart::Users, SetPart::Classes, SetPart::Enrolments];
    let read_as = Ok((parts, "Users, Classes, Enrolments".to_owned(), "“Legend” (2 rows)".to_owned()));
    assert_eq!(read(&book, None), read_as);
    assert_eq!(read(&book, Some("Users")).unwrap().0, [], "one that was chosen is read alone");
}

/// Returns the workbook with another content of a part, or another part.
fn with_part(book: &[u8], name: &str, content: &[u8], twice: bool) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
    let mut changed = ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let own = file.name().unwrap().into_owned();
        if own == name && !twice {
            continue;
        }
        changed.start_file(own, SimpleFileOptions::default()).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        changed.write_all(&bytes).unwrap();
    }
    // A writer refuses a name that it has; the other one is as long.
    changed
        .start_file(if twice { name.replace("xl/", "xx/") } else { name.to_owned() }, SimpleFileOptions::default())
        .unwrap();
    changed.write_all(content).unwrap();
    let bytes = changed.finish().unwrap().into_inner();
    if !twice {
        return bytes;
    }
    let text: Vec<u8> = name.replace("xl/", "xx/").into_bytes();
    let mut bytes = bytes;
    while let Some(at) = bytes.windows(text.len()).position(|window| window == text) {
        bytes[at..at + text.len()].copy_from_slice(name.as_bytes());
    }
    bytes
}

#[test]
fn what_is_wrong_with_a_workbook_is_said_once() {
    let book = write(&[("Pupils", people)]);
    assert_eq!(why(&book[..book.len() - 100]), (Code::WorkbookUnreadable, "its end is missing".to_owned()));
    let broken = with_part(&book, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c", false);
    assert_eq!(why(&broken).0, Code::WorkbookUnreadable);
    let twice = with_part(&book, "xl/worksheets/sheet1.xml", b"", true);
    assert_eq!(why(&twice), (Code::WorkbookUnreadable, "it has a part twice".to_owned()));
    let mut ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    ole.resize(600, 0);
    assert!(workbook::sheets(&ole).is_ok_and(|tables| tables.is_none()), "another document of Office is no workbook");
    ole.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(why(&ole), (Code::WorkbookEncrypted, String::new()));
}

#[test]
fn a_workbook_that_unpacks_to_very_much_is_too_large() {
    let book = write(&[("Pupils", people)]);
    let zeros = vec![b' '; 257 * 1024 * 1024];
    let bomb = with_part(&book, "xl/sharedStrings.xml", &zeros, false);
    assert!(bomb.len() < 1024 * 1024, "it is small as long as it is packed");
    assert_eq!(why(&bomb).0, Code::FileTooLarge);
}

/// Whatever is broken in a workbook, reading it comes to an end.
#[test]
fn damaged_workbooks_are_findings() {
    let book = write(&[("Pupils", people), ("Old", hidden)]);
    for at in (0..book.len()).step_by(97) {
        let mut damaged = book.clone();
        damaged[at] ^= 0x55;
        let _ = workbook::sheets(&damaged);
        let _ = workbook::sheets(&book[..at]);
    }
}

#[test]
fn our_files_come_back_as_they_were() {
    let csv = "\u{feff}custom_id,email,grade,class_start_date,phone\r\n00123,a@b.example,9,2026-08-01,+1 555\r\n'=1+1,,K,,'-5\r\n1E5,\"a, \"\"b\"\"\",09,,\r\n";
    let book = workbook::write(&[("users", csv.as_bytes())]).unwrap();
    let table = tables(&book).unwrap().remove(0);
    let cells = |text: &[u8]| -> Vec<csv::StringRecord> {
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        csv::ReaderBuilder::new().has_headers(false).from_reader(text).into_records().map(Result::unwrap).collect()
    };
    assert_eq!(cells(&table.csv), cells(csv.as_bytes()));
    assert!(workbook::write(&[("a/b", b"x")]).is_err(), "no sheet can have this name");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands in our files, a workbook of one is the same file.
    #[test]
    fn every_text_comes_back(rows in prop::collection::vec(prop::array::uniform3("(\\PC| |_x0041_|=|'|0|,|\"|;){0,9}"), 1..6)) {
        // A row without anything in it is none, and the widest of the first ones says how many cells there are.
        let rows: Vec<[String; 3]> = rows.into_iter().map(|[a, b, c]| [format!("x{a}"), b, format!("{c}x")]).collect();
        let mut file = csv::Writer::from_writer(Vec::new());
        rows.iter().for_each(|row| file.write_record(row).unwrap());
        let book = workbook::write(&[("users", &file.into_inner().unwrap())]).unwrap();
        let table = tables(&book).unwrap().remove(0);
        let text = table.csv.strip_prefix("\u{feff}".as_bytes()).unwrap();
        let read = csv::ReaderBuilder::new().has_headers(false).from_reader(text).into_records();
        let read: Vec<Vec<String>> = read.map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        prop_assert_eq!(read, rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>());
    }
}

/// Returns what stands in a part of a workbook.
fn part(book: &[u8], name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn our_workbooks_are_typed_as_text_with_lists_and_without_formulas() {
    let csv = "custom_id,user_type,grade,status\n00123,Student,9,Active\n";
    let book = workbook::write(&[("users", csv.as_bytes())]).unwrap();
    let sheet = part(&book, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>"), "{sheet}");
    assert_eq!(sheet.matches(" t=\"s\"").count(), 8, "every cell is a text: {sheet}");
    for (column, words) in [("B", "Student,Teacher,Staff,Administrator"), ("D", "Active,Disabled")] {
        assert!(sheet.contains(&format!("sqref=\"{column}2:{column}1048576\"")), "{sheet}");
        assert!(sheet.contains(&format!("<formula1>\"{words}\"</formula1>")), "{sheet}");
    }
    assert!(sheet.contains("PreK,K,1,2,") && sheet.contains("state=\"frozen\""), "{sheet}");
    // 49 is the format of text, for the cells that are there and for those that are typed.
    assert!(part(&book, "xl/styles.xml").contains("numFmtId=\"49\""));
    assert!(sheet.contains("style=\"2\" customWidth=\"1\"") && !sheet.contains("s=\"0\""), "{sheet}");
    assert!(sheet.contains("<ignoredError sqref=\"A1:D1048576\" numberStoredAsText=\"1\"/>"), "{sheet}");
}
