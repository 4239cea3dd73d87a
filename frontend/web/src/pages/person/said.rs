//! What was found, in the words of a form: it has fields and no cells, and no file, spreadsheet or column is behind it.

use roster::Code;
use wire::http::FindingRow;

use crate::format::curly;

/// Returns what was found and what to do about it.
pub(super) fn said(finding: &FindingRow) -> String {
    let text = match finding.code {
        // Where something was expected in particular, something stands there that is no ID, such as 0.
        Code::CellMissing if finding.hint.starts_with("Expected:") => "This is empty. Fill it in.",
        Code::CellMissing => "This is what is written where there is no ID. Type the Employee ID or Student ID.",
        Code::CellTooLong => "This is too long. Shorten it.",
        Code::CellControlCharacter => "This has a character that can\u{2019}t be printed. Type it again.",
        Code::CellExcelError => "This is an error that a spreadsheet wrote. Type the value itself.",
        Code::TextDoubtful => "This seems to be broken. Type it again; if it is right as it is, go on.",
        Code::NameEmptied => {
            "The user has a first and a last name. Fill this in; if the person has one name now, go on."
        }
        Code::CustomIdScientific => "This is an ID that a spreadsheet turned into a number. Type the ID itself.",
        Code::CustomIdMarked => "There is a mark around this that is no part of an ID. Take it off.",
        Code::CustomIdMixed => "This has letters of several alphabets that look alike. Type the ID again.",
        Code::CustomIdAlike | Code::CustomIdZerosLost => return alike(finding),
        Code::PersonIsAnother | Code::PersonDiffers => {
            "Somebody with another name has this custom ID. Give this person an ID of their own; if it is the same \
             person, edit that user."
        }
        Code::ProbableRekey => {
            "This is a new ID, and the rest is that of a user who exists. With the approval you decide whether it is the \
             same person."
        }
        Code::RekeyUnclear => {
            "This is a new ID, and the person may be a user who exists. If so, change the custom ID on the page of that \
             user instead."
        }
        Code::EmailDropped => {
            "This is not an e-mail address, and the student would have none. Correct it, or leave it empty."
        }
        Code::EmailInvalid => "This is not an e-mail address. Correct it; a student\u{2019}s may be left empty.",
        Code::UsernameEmpty => "The rule for user names makes none for this person. Type one.",
        Code::UsernameInvalid => "This can\u{2019}t be a user name. Correct it, or leave it empty.",
        Code::UsernameTaken => "This user name belongs to another user. Choose another one, or leave it empty.",
        Code::UserOutOfScope => "The user with this ID belongs to another school. Ask a district administrator.",
        Code::UserOfOtherSource => {
            "The user with this ID comes from another source. Correct it, or let users be taken over (Settings, Sources)."
        }
        Code::TypeOfOtherSource => {
            "Users of this type come from another source only. Choose another one, or change that (Settings, Sources)."
        }
        _ => return curly(&format!("{} {}", finding.message, finding.hint)),
    };
    text.to_owned()
}

/// Returns that an ID is much like that of a user, with what is known of that one.
fn alike(finding: &FindingRow) -> String {
    let known = finding.hint.strip_suffix(finding.code.text().fix).map_or("", str::trim);
    let to_do = "Type it like that to mean that user; a new person needs an ID that can be told apart.";
    let parts = [finding.message.as_str(), known, to_do].into_iter().filter(|part| !part.is_empty());
    curly(&parts.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use roster::{Column, Finding};

    use super::*;

    fn said_of(finding: &Finding) -> String {
        said(&FindingRow::from(finding))
    }

    #[test]
    fn a_form_has_no_cells_and_comes_from_no_spreadsheet() {
        for code in Code::ALL.iter().filter(|code| code.text().fix.contains("student information system")) {
            let text = said_of(&Finding::at(*code, 2, Column::Email, "ora.klein@"));
            assert!(!text.contains("student information system"), "{text}");
        }
        let text = said_of(&Finding::at(Code::CustomIdZerosLost, 2, Column::CustomId, "123"));
        assert!(!text.contains("spreadsheet") && text.contains("zeros"), "{text}");
    }

    #[test]
    fn what_is_written_for_no_id_is_not_empty() {
        let empty = Finding::at(Code::CellMissing, 2, Column::CustomId, "");
        assert_eq!(said_of(&empty), "This is empty. Fill it in.");
        assert!(said_of(&empty.expecting("An ID: 0 is written where there is none.".to_owned())).contains("no ID"));
    }
}
