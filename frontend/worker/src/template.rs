//! Blank files to be filled in, as workbooks.

use roster::{SetPart, files};
use serde::{Deserialize, Serialize};
use wire::workbook::{self, WorkbookFault};

/// What a blank file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blank {
    Users,
    /// Users with their classes, in one file.
    Flat,
    Set,
}

/// Returns a workbook with nothing but headers, and lists of words to choose from below them.
///
/// # Errors
///
/// Where the workbook can't be written.
pub fn template(blank: Blank) -> Result<Vec<u8>, WorkbookFault> {
    let sheet = |part: SetPart| part.file_name().trim_end_matches(".csv");
    let users = sheet(SetPart::Users);
    match blank {
        Blank::Users => workbook::write(&[(users, &files::template())]),
        Blank::Flat => workbook::write(&[(users, &files::flat_template())]),
        Blank::Set => {
            let [classes, enrolments] = files::part_templates();
            let (of_classes, of_enrolments) = (sheet(SetPart::Classes), sheet(SetPart::Enrolments));
            workbook::write(&[(users, &files::template()), (of_classes, &classes), (of_enrolments, &enrolments)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_set_has_a_sheet_for_each_file() {
        let sheets = workbook::sheets(&template(Blank::Set).unwrap()).unwrap().expect("a workbook");
        let names: Vec<_> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        assert_eq!(names, ["users", "classes", "enrolments"]);
        let users = String::from_utf8(sheets[0].csv.clone()).unwrap();
        assert_eq!(users.trim(), String::from_utf8(files::template()).unwrap().trim());
    }
}
