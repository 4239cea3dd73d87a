//! The cells of one row, read by the rules of their columns.

use std::str::FromStr;

use crate::finding::shorten;
use crate::settings::Scope;
use crate::user::{Grade, Guid, SchoolId, Schools, Status, UserType};
use crate::valid::Password;
use crate::{Code, Column, Finding, Row, Upload};

use super::damage::{
    digits_of_scientific, is_formatted_number, is_marked, is_spreadsheet_error, is_unprintable, plain_number,
    without_marks,
};
use super::email;
use super::nearest::{self, SchoolHints};

/// Reads cells and collects what is wrong with them. Every reader gives `None` where its cell is wrong.
pub(super) struct Cells<'u> {
    upload: &'u Upload,
    row: &'u Row,
    pub(super) findings: Vec<Finding>,
}

impl<'u> Cells<'u> {
    pub(super) fn new(upload: &'u Upload, row: &'u Row) -> Self {
        Cells { upload, row, findings: Vec::new() }
    }

    /// A required text on one line.
    pub(super) fn required_text(&mut self, column: Column) -> Option<String> {
        let text = self.text(column)?;
        if text.is_empty() {
            return self.wrong(Code::CellMissing, column, "");
        }
        Some(text)
    }

    /// A text on one line, or none. A line break is read as a space.
    pub(super) fn text(&mut self, column: Column) -> Option<String> {
        let cell = self.sound(column)?;
        if !cell.contains(['\n', '\r']) {
            return Some(cell.to_owned());
        }
        self.findings.push(Finding::at(Code::LineBreakInCell, self.row.number, column, cell));
        Some(cell.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "))
    }

    /// An address, or an empty cell unless it is `needed`, for that reason.
    pub(super) fn email(&mut self, needed: Option<&str>) -> Option<String> {
        let cell = self.sound(Column::Email)?;
        match (cell, needed) {
            ("", None) => Some(String::new()),
            ("", Some(why)) => {
                let finding = Finding::at(Code::CellMissing, self.row.number, Column::Email, "");
                self.findings.push(finding.expecting(why));
                None
            }
            _ if email::is_address(cell) => Some(cell.to_owned()),
            _ => self.wrong(Code::EmailInvalid, Column::Email, cell),
        }
    }

    pub(super) fn custom_id(&mut self) -> Option<String> {
        let column = Column::CustomId;
        let cell = self.sound(column)?;
        match cell {
            "" => self.wrong(Code::CellMissing, column, ""),
            _ if is_marked(cell) => {
                let meant = without_marks(cell);
                self.marked(column, cell, meant);
                // Whose row it is can still be told, so that user stays.
                (!meant.is_empty()).then(|| meant.to_owned())
            }
            _ if is_formatted_number(cell) => {
                let finding = Finding::at(Code::CustomIdScientific, self.row.number, column, cell);
                let meant = plain_number(cell);
                let expected = match (&meant, digits_of_scientific(cell)) {
                    (Some(number), _) => {
                        Some(format!("The ID as the student information system has it, probably {number}."))
                    }
                    (None, Some(digits)) => {
                        Some(format!("The ID as the student information system has it: {digits} digits."))
                    }
                    (None, None) => None,
                };
                self.findings.push(Finding { expected, ..finding });
                meant
            }
            _ if cell.contains(['\n', '\r']) => self.wrong(Code::CellControlCharacter, column, cell),
            _ => Some(cell.to_owned()),
        }
    }

    /// Whether the cell of the custom ID has anything by which a user can be looked for.
    pub(super) fn custom_id_is_legible(&self) -> bool {
        let cell = self.legible(Column::CustomId).unwrap_or_default();
        !cell.is_empty() && !is_spreadsheet_error(cell) && !is_too_long(Column::CustomId, cell)
    }

    pub(super) fn school(&mut self, schools: &Schools, scope: &Scope, hints: &mut SchoolHints) -> Option<SchoolId> {
        let column = Column::SchoolDistrictExternalId;
        let cell = self.sound(column)?;
        let Some(school) = schools.by_external_id(cell) else {
            if is_marked(cell) {
                self.marked(column, cell, without_marks(cell));
                return None;
            }
            let code = match cell {
                "" => Code::CellMissing,
                _ if is_formatted_number(cell) => Code::CustomIdScientific,
                _ => Code::SchoolUnknown,
            };
            let finding = Finding::at(code, self.row.number, column, cell);
            let meant = hints.external_id(cell, schools).filter(|_| code == Code::SchoolUnknown);
            self.findings.push(match meant {
                Some(id) => finding.expecting(format!("Probably {id}.")),
                None => finding,
            });
            return None;
        };
        match scope {
            Scope::School(own) if *own != school.id => self.wrong(Code::SchoolOutOfScope, column, cell),
            _ => Some(school.id.clone()),
        }
    }

    pub(super) fn user_type(&mut self) -> Option<UserType> {
        self.word(Column::UserType, Code::UserTypeUnknown, || UserType::ALL.iter().map(|w| w.as_str()).collect())
    }

    pub(super) fn status(&mut self) -> Option<Status> {
        self.word(Column::Status, Code::StatusUnknown, || Status::ALL.iter().map(|w| w.as_str()).collect())
    }

    pub(super) fn grade(&mut self) -> Option<Grade> {
        match self.legible(Column::Grade)? {
            "" => Some(Grade::Unspecified),
            _ => self.word(Column::Grade, Code::GradeUnknown, || Grade::ALL.iter().map(|w| w.as_str()).collect()),
        }
    }

    /// `Some(None)` where there is none.
    pub(super) fn password(&mut self) -> Option<Option<Password>> {
        let cell = self.legible(Column::Password)?;
        if cell.chars().any(char::is_control) {
            return self.wrong(Code::CellControlCharacter, Column::Password, cell);
        }
        if is_too_long(Column::Password, cell) {
            return self.wrong(Code::CellTooLong, Column::Password, cell);
        }
        Some((!cell.trim().is_empty()).then(|| Password::new(cell)))
    }

    /// `Some(None)` where there is none.
    pub(super) fn username(&mut self) -> Option<Option<String>> {
        let cell = self.sound(Column::Username)?;
        // Not a space: where a roster gives none, the custom ID is the user name, and may have one.
        if cell.contains(['\n', '\r']) {
            return self.wrong(Code::UsernameInvalid, Column::Username, cell);
        }
        Some((!cell.is_empty()).then(|| cell.to_owned()))
    }

    /// `Some(None)` where there is none.
    pub(super) fn guid(&mut self) -> Option<Option<Guid>> {
        let cell = self.legible(Column::UserGuid)?;
        if cell.is_empty() {
            return Some(None);
        }
        if is_spreadsheet_error(cell) {
            return self.wrong(Code::CellExcelError, Column::UserGuid, cell);
        }
        match uuid::Uuid::try_parse(cell) {
            Ok(guid) if cell.len() == Column::UserGuid.spec().max_chars => Some(Some(Guid(guid))),
            _ => self.wrong(Code::GuidInvalid, Column::UserGuid, cell),
        }
    }

    fn word<T: FromStr>(&mut self, column: Column, code: Code, words: impl Fn() -> Vec<&'static str>) -> Option<T> {
        let cell = self.legible(column)?;
        if let Ok(word) = cell.parse() {
            return Some(word);
        }
        if cell.is_empty() {
            return self.wrong(Code::CellMissing, column, "");
        }
        if is_spreadsheet_error(cell) {
            return self.wrong(Code::CellExcelError, column, cell);
        }
        let finding = Finding::at(code, self.row.number, column, cell);
        self.findings.push(match nearest::word(cell, &words()) {
            Some(word) => finding.expecting(format!("Probably {word}. {}", code.text().expected)),
            None => finding,
        });
        None
    }

    /// The cell, unless a program damaged it.
    fn sound(&mut self, column: Column) -> Option<&'u str> {
        let cell = self.legible(column)?;
        if is_spreadsheet_error(cell) {
            return self.wrong(Code::CellExcelError, column, cell);
        }
        if cell.chars().any(is_unprintable) {
            return self.wrong(Code::CellControlCharacter, column, cell);
        }
        if is_too_long(column, cell) {
            return self.wrong(Code::CellTooLong, column, cell);
        }
        Some(cell)
    }

    /// The cell, unless it has letters that can't be read; the parser has made the finding of that.
    fn legible(&self, column: Column) -> Option<&'u str> {
        let cell = self.upload.cell(self.row, column).unwrap_or_default();
        (!cell.contains(char::REPLACEMENT_CHARACTER)).then_some(cell)
    }

    fn marked(&mut self, column: Column, cell: &str, meant: &str) {
        let finding = Finding::at(Code::CustomIdMarked, self.row.number, column, cell);
        self.findings.push(match meant {
            "" => finding,
            _ => finding.expecting(format!("The ID without it: {}.", shorten(meant))),
        });
    }

    fn wrong<T>(&mut self, code: Code, column: Column, value: &str) -> Option<T> {
        self.findings.push(Finding::at(code, self.row.number, column, value));
        None
    }
}

pub(crate) fn is_too_long(column: Column, cell: &str) -> bool {
    let max = column.spec().max_chars;
    // Bytes are counted faster, and there are never more characters than bytes.
    cell.len() > max && cell.chars().count() > max
}
