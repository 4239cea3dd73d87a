//! The cells of one row, read by the rules of their columns.

use std::borrow::Cow;
use std::str::FromStr;

use super::valid::Password;
use crate::file::cell::trim;
use crate::file::plain_cell::PlainCell;
use crate::file::{ParsedRoster, Row, words};
use crate::model::finding::{Notes, grouped, shorten};
use crate::model::text::{has_idle_joiner, is_unprintable, mixes_alphabets, normal};
use crate::model::{Code, Column, Finding, Grade, Guid, SchoolId, Schools, Status, UserType};
use crate::settings::{NameColumn, Scope, SingleName};

use super::broken::{self, TextCondition};
use super::damage::{is_formatted_number, is_marked, is_spreadsheet_error, plain_number, without_marks};
use super::email;
use super::nearest::{self, SchoolHints};
use super::nothing::{is_no_name, is_nothing, may_be_no_id, may_be_null};
use super::unremarkable::looks_unremarkable;

/// Reads cells and collects what is wrong with them. Every reader gives `None` where its cell is wrong.
pub(super) struct CellReader<'u, 'n> {
    parsed: &'u ParsedRoster,
    row: &'u Row,
    notes: &'n mut Notes,
    pub(super) findings: Vec<Finding>,
    /// The address can't be used, and the row is taken without it.
    pub(super) drops_email: bool,
    /// The columns whose text may have been broken.
    pub(super) doubted: Vec<Column>,
}

impl<'u, 'n> CellReader<'u, 'n> {
    pub(super) fn new(parsed: &'u ParsedRoster, row: &'u Row, notes: &'n mut Notes) -> Self {
        CellReader { parsed, row, notes, findings: Vec::new(), drops_email: false, doubted: Vec::new() }
    }

    /// Reads first and last name. One of them is enough, unless the format is strict.
    pub(super) fn names(&mut self, single: &SingleName) -> [Option<String>; 2] {
        const COLUMNS: [Column; 2] = [Column::FirstName, Column::LastName];
        let names = COLUMNS.map(|column| self.name(column));
        match names.each_ref().map(|name| name.as_deref()) {
            [Some(first), Some(last)] if [first, last].iter().all(|name| name.is_empty() || broken::is_lost(name)) => {
                for (column, name) in COLUMNS.into_iter().zip([first, last]) {
                    let finding = Finding::at(Code::CellMissing, self.row.number, column, name);
                    self.findings.push(match name {
                        "" => finding,
                        _ => finding.expecting("A name: a program lost all letters of it."),
                    });
                }
                names
            }
            [Some(first), Some(last)] if self.is_strict() || first.is_empty() == last.is_empty() => {
                let both = [first.is_empty(), last.is_empty()];
                let missing = COLUMNS.into_iter().zip(both).filter(|(_, empty)| *empty);
                missing.for_each(|(column, _)| self.reject(Code::CellMissing, column, ""));
                self.doubt_null_names([first, last]);
                names
            }
            [Some(first), Some(last)] => {
                self.doubt_null_names([first, last]);
                let (name, is_first) = if last.is_empty() { (first, true) } else { (last, false) };
                let finding = Finding { value: Some(shorten(name)), ..Finding::row(Code::SingleName, self.row.number) };
                self.notes.add(finding, "");
                let (name, other) = (Some(name.to_owned()), Some(single.other.clone()));
                match single.column {
                    NameColumn::FirstName => [name, other],
                    NameColumn::AsWritten if is_first => [name, other],
                    NameColumn::AsWritten | NameColumn::LastName => [other, name],
                }
            }
            _ => names,
        }
    }

    /// Reads a text on one line; empty where there is none. A line break is read as a space.
    pub(super) fn text(&mut self, column: Column) -> Option<String> {
        if let Some(cell) = self.unremarkable(column) {
            return Some(cell.to_owned());
        }
        let cell = self.said(column)?;
        self.one_line(column, cell)
    }

    /// Reads an address, or an empty cell unless an address is `needed`, for that reason. A student's that can't be
    /// used is dropped.
    pub(super) fn email(&mut self, needed: Option<&str>, of_student: bool) -> Option<String> {
        let column = Column::Email;
        if let Some(address) = self.unremarkable(column) {
            return Some(address.to_owned());
        }
        if of_student && needed.is_none() && !self.is_strict() {
            return self.email_if_usable();
        }
        let cell = self.legible(column)?;
        let cell = self.sound_text(column, cell)?;
        match (&*cell, needed) {
            ("", None) => Some(String::new()),
            ("", Some(why)) => {
                let finding = Finding::at(Code::CellMissing, self.row.number, column, "");
                self.findings.push(finding.expecting(why));
                None
            }
            _ if email::is_address(&cell) => Some(cell.into_owned()),
            _ => self.wrong(Code::EmailInvalid, column, &cell),
        }
    }

    pub(super) fn custom_id(&mut self) -> Option<String> {
        let column = Column::CustomId;
        if let Some(id) = self.unremarkable(column) {
            return Some(id.to_owned());
        }
        let cell = self.sound(column)?;
        match cell {
            "" => self.wrong(Code::CellMissing, column, ""),
            // Which ID it was only the directory can tell: without its zeros it would be nobody's, or another one's.
            _ if is_marked(cell) => {
                self.reject(Code::CustomIdMarked, column, cell);
                let meant = without_marks(cell);
                // Whose row it is can still be told, so that user stays.
                (!meant.is_empty()).then(|| meant.to_owned())
            }
            _ if is_formatted_number(cell) => {
                self.reject(Code::CustomIdScientific, column, cell);
                plain_number(cell)
            }
            _ if cell.contains(['\n', '\r']) => self.wrong(Code::CellControlCharacter, column, cell),
            _ => {
                if may_be_no_id(cell) {
                    self.doubt(column, cell, "An ID; people and programs also write this where there is none.");
                }
                Some(cell.to_owned())
            }
        }
    }

    /// Returns whether the cell of the custom ID has anything by which a user can be looked for.
    pub(super) fn custom_id_is_legible(&self) -> bool {
        let cell = self.legible(Column::CustomId).unwrap_or_default();
        !cell.is_empty() && !is_spreadsheet_error(cell) && !is_too_long(Column::CustomId, cell)
    }

    pub(super) fn school(&mut self, schools: &Schools, scope: &Scope, hints: &mut SchoolHints) -> Option<SchoolId> {
        let column = Column::SchoolDistrictExternalId;
        let cell = self.sound(column)?;
        let Some(school) = schools.by_external_id(cell) else {
            if is_marked(cell) {
                let finding = Finding::at(Code::CustomIdMarked, self.row.number, column, cell);
                self.findings.push(match hints.external_id(without_marks(cell), schools, scope) {
                    Some(id) => finding.expecting(format!("Probably {id}.")),
                    None => finding,
                });
                return None;
            }
            let code = match cell {
                "" => Code::CellMissing,
                _ if is_formatted_number(cell) => Code::CustomIdScientific,
                _ => Code::SchoolUnknown,
            };
            let finding = Finding::at(code, self.row.number, column, cell);
            let meant = hints.external_id(cell, schools, scope).filter(|_| code == Code::SchoolUnknown);
            self.findings.push(match meant {
                Some(id) => finding.expecting(format!("Probably {id}.")),
                None => finding,
            });
            return None;
        };
        if scope.covers(&school.id) {
            return Some(school.id.clone());
        }
        self.wrong(Code::SchoolOutOfScope, column, cell)
    }

    pub(super) fn user_type(&mut self) -> Option<UserType> {
        let cell = self.legible(Column::UserType)?;
        self.word(Column::UserType, cell, Code::UserTypeUnknown)
    }

    pub(super) fn status(&mut self) -> Option<Status> {
        let cell = self.legible(Column::Status)?;
        self.word(Column::Status, cell, Code::StatusUnknown)
    }

    pub(super) fn grade(&mut self) -> Option<Grade> {
        match self.said(Column::Grade)? {
            "" => Some(Grade::Unspecified),
            cell => self.word(Column::Grade, cell, Code::GradeUnknown),
        }
    }

    /// Reads the password.
    pub(super) fn password(&mut self) -> PasswordCell {
        let Some(cell) = self.legible(Column::Password) else { return PasswordCell::Wrong };
        if let Some(code) = wrong_password(cell) {
            self.reject(code, Column::Password, cell);
            return PasswordCell::Wrong;
        }
        if cell.trim().is_empty() { PasswordCell::Empty } else { PasswordCell::Is(Password::new(cell)) }
    }

    /// Reads the user name; `None` also where there is none.
    pub(super) fn username(&mut self) -> Option<String> {
        let column = Column::Username;
        let cell = self.said(column)?;
        let cell = self.sound_text(column, cell)?;
        // Not a space: where a roster gives none, the custom ID is the user name, and may have one.
        if cell.contains(['\n', '\r']) {
            return self.wrong(Code::UsernameInvalid, column, &cell);
        }
        if mixes_alphabets(&cell) {
            let finding = Finding::at(Code::UsernameInvalid, self.row.number, column, &cell);
            self.findings.push(finding.expecting("Letters of one alphabet: some of these only look alike."));
            return None;
        }
        (!cell.is_empty()).then(|| cell.into_owned())
    }

    /// Reads the GUID; `None` also where there is none.
    pub(super) fn guid(&mut self) -> Option<Guid> {
        let column = Column::UserGuid;
        let cell = self.said(column).filter(|cell| !cell.is_empty())?;
        if is_spreadsheet_error(cell) {
            return self.wrong(Code::CellExcelError, column, cell);
        }
        match uuid::Uuid::try_parse(cell) {
            Ok(guid) if cell.len() == column.spec().max_chars => return Some(Guid(guid)),
            _ if self.is_strict() => {}
            _ => {
                if let Some(guid) = guid_in_another_form(cell) {
                    self.note(Code::GuidUnderstood, column, cell, &format!("It was read as {guid}."), "");
                    return Some(guid);
                }
            }
        }
        self.wrong(Code::GuidInvalid, column, cell)
    }

    /// Warns of words in names with letters that only look like the right ones.
    pub(super) fn warn_of_alphabets(&mut self, names: [(Column, Option<&str>); 3]) {
        for (column, name) in names {
            let name = name.unwrap_or_default();
            if !name.is_ascii() && name.split(|c: char| !c.is_alphabetic()).any(mixes_alphabets) {
                self.findings.push(Finding::at(Code::NameMixedAlphabets, self.row.number, column, name));
            }
        }
    }

    fn is_strict(&self) -> bool {
        self.parsed.reading.settings.strict_format
    }

    /// Reads a first or last name; empty where there is none.
    fn name(&mut self, column: Column) -> Option<String> {
        if let Some(name) = self.unremarkable(column) {
            return Some(name.to_owned());
        }
        let cell = self.legible(column)?;
        if !self.is_strict() && is_no_name(cell) {
            self.note(Code::NullReadAsEmpty, column, cell, "An empty cell, of a person with one name.", cell);
            return Some(String::new());
        }
        self.one_line(column, cell)
    }

    /// Reads the middle name; empty where there is none.
    pub(super) fn middle_name(&mut self, [first, last]: [&str; 2]) -> Option<String> {
        let name = self.text(Column::MiddleName)?;
        self.doubt_null_name(Column::MiddleName, &name, &[first, last].concat());
        Some(name)
    }

    fn doubt_null_names(&mut self, [first, last]: [&str; 2]) {
        self.doubt_null_name(Column::FirstName, first, last);
        self.doubt_null_name(Column::LastName, last, first);
    }

    /// Reports a name that a database writes for no value as doubtful, unless the `other` names are written like that,
    /// too: a family may be called Null.
    fn doubt_null_name(&mut self, column: Column, name: &str, other: &str) {
        let cased = |case: fn(char) -> bool| name.chars().chain(other.chars()).filter(|c| c.is_alphabetic()).all(case);
        let alike =
            || !other.is_empty() && !may_be_null(other) && (cased(char::is_uppercase) || cased(char::is_lowercase));
        if may_be_null(name) && !self.is_strict() && !alike() {
            self.doubt(column, name, "A name; programs write this where there is none.");
        }
    }

    fn one_line(&mut self, column: Column, cell: &'u str) -> Option<String> {
        let text = self.sound_text(column, cell)?;
        if !text.contains(['\n', '\r']) {
            return Some(text.into_owned());
        }
        self.findings.push(Finding::at(Code::LineBreakInCell, self.row.number, column, &text));
        Some(text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "))
    }

    /// Reads an address; empty where it can't be used.
    fn email_if_usable(&mut self) -> Option<String> {
        let column = Column::Email;
        let cell = self.said(column)?;
        let before = self.findings.len();
        let text = normal(&self.repaired(column, cell)).into_owned();
        if text.is_empty()
            || (email::is_address(&text) && !is_too_long(column, &text) && !text.contains(is_unprintable))
        {
            return Some(text);
        }
        // What is dropped need not be doubted.
        self.findings.truncate(before);
        self.findings.push(Finding::at(Code::EmailDropped, self.row.number, column, cell));
        self.drops_email = true;
        Some(String::new())
    }

    fn word<T: FromStr>(&mut self, column: Column, cell: &str, code: Code) -> Option<T> {
        if let Ok(word) = cell.parse() {
            return Some(word);
        }
        if cell.is_empty() {
            return self.wrong(Code::CellMissing, column, "");
        }
        if is_spreadsheet_error(cell) {
            return self.wrong(Code::CellExcelError, column, cell);
        }
        if let Some(word) = words::meaning(column, cell).filter(|_| !self.is_strict())
            && let Ok(meant) = word.parse()
        {
            self.note(Code::WordUnderstood, column, cell, &format!("It was read as {word}."), cell);
            return Some(meant);
        }
        let finding = Finding::at(code, self.row.number, column, cell);
        self.findings.push(match nearest::word(column, cell) {
            Some(word) => finding.expecting(format!("Probably {word}. {}", code.text().expected)),
            None => finding,
        });
        None
    }

    /// Returns the cell, if it can be told at once that it is read as it is written. Most are such, and to
    /// ask everything of them, too, took 9,000 instructions a row.
    fn unremarkable(&self, column: Column) -> Option<&'u str> {
        let cell = self.parsed.cell(self.row, column)?;
        looks_unremarkable(column, PlainCell::alone(cell.as_bytes())).then_some(cell)
    }

    /// Returns the cell, or an empty text where it says in some word that there is nothing.
    fn said(&mut self, column: Column) -> Option<&'u str> {
        let cell = self.legible(column)?;
        if self.is_strict() || !is_nothing(column, cell) {
            return Some(cell);
        }
        self.note(Code::NullReadAsEmpty, column, cell, "An empty cell.", cell);
        Some("")
    }

    /// Returns `cell` as it was before other programs broke it, where that is certain.
    fn repaired<'c>(&mut self, column: Column, cell: &'c str) -> Cow<'c, str> {
        let is_name = matches!(column, Column::FirstName | Column::MiddleName | Column::LastName);
        match broken::look_at(cell, is_name) {
            TextCondition::Sound => Cow::Borrowed(cell),
            TextCondition::Repaired(text, damage) if !self.is_strict() => {
                let read = format!("{} It was read as {}.", damage.sentence(), shorten(&text));
                self.note(Code::TextRepaired, column, cell, &read, damage.sentence());
                Cow::Owned(text)
            }
            TextCondition::Repaired(_, damage) | TextCondition::Doubtful(damage) => {
                self.doubt(column, cell, damage.sentence());
                Cow::Borrowed(cell)
            }
        }
    }

    /// Returns a text in the one form in which it is kept, unless a program damaged it.
    fn sound_text(&mut self, column: Column, cell: &'u str) -> Option<Cow<'u, str>> {
        let text = match self.repaired(column, cell) {
            Cow::Borrowed(cell) => normal(cell),
            Cow::Owned(text) => Cow::Owned(trim(&normal(&text)).to_owned()),
        };
        if has_idle_joiner(&text) {
            return self.wrong(Code::CellControlCharacter, column, &text);
        }
        self.is_sound(column, &text).then_some(text)
    }

    /// Returns the cell, unless a program damaged it.
    fn sound(&mut self, column: Column) -> Option<&'u str> {
        let cell = self.legible(column)?;
        self.is_sound(column, cell).then_some(cell)
    }

    /// Returns whether no program damaged the cell.
    fn is_sound(&mut self, column: Column, cell: &str) -> bool {
        let finding = |code| Finding::at(code, self.row.number, column, cell);
        let wrong = if is_spreadsheet_error(cell) {
            finding(Code::CellExcelError)
        } else if let Some(c) = cell.chars().find(|c| is_unprintable(*c)) {
            let which = format!("Letters, digits and punctuation; the character is U+{:04X}.", u32::from(c));
            finding(Code::CellControlCharacter).expecting(which)
        } else if is_too_long(column, cell) {
            let (has, most) = (cell.chars().count() as u64, column.spec().max_chars as u64);
            let kept = format!("{} letters; at most {} are kept.", grouped(has), grouped(most));
            finding(Code::CellTooLong).expecting(kept)
        } else {
            return true;
        };
        self.findings.push(wrong);
        false
    }

    /// Returns the cell, unless it has letters that can't be read; the parser has made the finding of that.
    fn legible(&self, column: Column) -> Option<&'u str> {
        let cell = self.parsed.cell(self.row, column).unwrap_or_default();
        (!cell.contains(char::REPLACEMENT_CHARACTER)).then_some(cell)
    }

    /// Notes what a cell was read as. Notes with the same cause become one.
    fn note(&mut self, code: Code, column: Column, cell: &str, read: &str, cause: &str) {
        self.notes.add(Finding::at(code, self.row.number, column, cell).expecting(read), cause);
    }

    fn doubt(&mut self, column: Column, cell: &str, expected: &str) {
        self.doubted.push(column);
        self.findings.push(Finding::at(Code::TextDoubtful, self.row.number, column, cell).expecting(expected));
    }

    fn wrong<T>(&mut self, code: Code, column: Column, value: &str) -> Option<T> {
        self.reject(code, column, value);
        None
    }

    fn reject(&mut self, code: Code, column: Column, value: &str) {
        self.findings.push(Finding::at(code, self.row.number, column, value));
    }
}

/// What the cell of a password says.
pub(super) enum PasswordCell {
    /// It can't be read, or can't be a password; its finding says why.
    Wrong,
    Empty,
    Is(Password),
}

/// Reads a GUID in braces or brackets, as a URN, without hyphens, or with hyphens of a word processor.
fn guid_in_another_form(cell: &str) -> Option<Guid> {
    let hyphens = |c| if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') { '-' } else { c };
    let plain: String = cell.chars().map(hyphens).collect::<String>().to_lowercase();
    let plain = plain.trim_start_matches("urn:").trim_start_matches("uuid:").trim_start_matches("guid:");
    let inside =
        plain.trim_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | '(' | ')' | '[' | ']' | '"' | '\''));
    uuid::Uuid::try_parse(inside).ok().map(Guid)
}

/// Returns why a password can't be read; whether it is a good one is another question.
pub(crate) fn wrong_password(cell: &str) -> Option<Code> {
    match cell {
        _ if cell.chars().any(char::is_control) => Some(Code::CellControlCharacter),
        _ if is_too_long(Column::Password, cell) => Some(Code::CellTooLong),
        _ => None,
    }
}

pub(crate) fn is_too_long(column: Column, cell: &str) -> bool {
    let max = column.spec().max_chars;
    // Bytes are counted faster, and there are never more characters than bytes.
    cell.len() > max && cell.chars().count() > max
}
