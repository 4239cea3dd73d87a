//! One row with everything that could be read of it.

use crate::finding::{Findings, Notes};
use crate::settings::{ModeSettings, Scope};
use crate::user::{Grade, Guid, SchoolId, Schools, Status, UserType};
use crate::valid::{Clues, Password, RejectedRow, Valid, ValidRow};
use crate::{Code, Column, Finding, Presence, Row, Severity, Upload};

use super::cells::{Cells, is_too_long};
use super::nearest::SchoolHints;

/// What rows are checked by.
pub(super) struct Rules<'r> {
    schools: &'r Schools,
    scope: &'r Scope,
    settings: &'r ModeSettings,
    hints: SchoolHints,
    /// What was read otherwise than written.
    pub(super) notes: Notes,
}

impl<'r> Rules<'r> {
    pub(super) fn new(schools: &'r Schools, scope: &'r Scope, settings: &'r ModeSettings) -> Self {
        Rules { schools, scope, settings, hints: SchoolHints::default(), notes: Notes::default() }
    }
}

/// A row with everything that could be read of it. What is wrong is `None`, and has its finding.
pub(super) struct Draft<'u> {
    pub(super) row: &'u Row,
    pub(super) custom_id: Option<String>,
    pub(super) guid: Option<Guid>,
    pub(super) username: Option<String>,
    /// The row says no more than whom it may be about: it is damaged, or repeats another one.
    pub(super) only_protects: bool,
    pub(super) without_owner: bool,
    /// See [`RejectedRow::id_may_tell`].
    id_may_tell: bool,
    email: Option<String>,
    school: Option<SchoolId>,
    user_type: Option<UserType>,
    /// In a box, for of a million rejected rows there is none.
    rest: Option<Box<Rest>>,
    pub(super) rejected: bool,
}

/// What only a good row needs.
struct Rest {
    first_name: String,
    middle_name: String,
    last_name: String,
    position: String,
    grade: Grade,
    status: Status,
    password: Option<Password>,
}

impl<'u> Draft<'u> {
    /// Reads a row, and reports what is wrong with it by itself.
    pub(super) fn read(upload: &'u Upload, row: &'u Row, rules: &mut Rules, findings: &mut Findings) -> Draft<'u> {
        match row.damage {
            None | Some(Code::RowUnreadable) => Draft::whole(upload, row, rules, findings),
            Some(_) => Draft::damaged(upload, row),
        }
    }

    /// A row whose cells stand in their columns, even if some letters can't be read.
    fn whole(upload: &'u Upload, row: &'u Row, rules: &mut Rules, findings: &mut Findings) -> Draft<'u> {
        let mut cells = Cells::new(upload, row);
        let user_type = cells.user_type();
        let is_student = user_type == Some(UserType::Student);
        let needs_email = match user_type {
            Some(UserType::Student) if rules.settings.student_email_required => {
                Some("An address: by the settings, students need one, too.")
            }
            Some(UserType::Student) | None => None,
            Some(_) => Some("An address: teachers, staff and administrators need one."),
        };
        let email = cells.email(needs_email);
        let custom_id = cells.custom_id();
        let id_may_tell = custom_id.is_none() && cells.custom_id_is_legible();
        let school = cells.school(rules.schools, rules.scope, &mut rules.hints);
        let (username, guid) = (cells.username(), cells.guid());
        // Read them all before any is looked at, so that everything wrong is found.
        let names = [Column::FirstName, Column::LastName].map(|column| cells.required_text(column));
        let middle_name = cells.text(Column::MiddleName);
        let position = if is_student { Some(String::new()) } else { cells.text(Column::Position) };
        let grade = if is_student { cells.grade() } else { Some(Grade::Unspecified) };
        let (status, password) = (cells.status(), cells.password());
        let rest = || {
            let [first_name, last_name] = names;
            Some(Box::new(Rest {
                first_name: first_name?,
                last_name: last_name?,
                middle_name: middle_name?,
                position: position?,
                grade: grade?,
                status: status?,
                password: password?,
            }))
        };
        let rest = rest();
        let rejected = row.damage.is_some() || cells.findings.iter().any(|f| f.severity() == Severity::Row);
        findings.extend(cells.findings);
        Draft {
            without_owner: custom_id.is_none() && guid.flatten().is_none(),
            rejected,
            guid: guid.flatten(),
            username: username.flatten(),
            only_protects: false,
            id_may_tell,
            row,
            custom_id,
            email,
            school,
            user_type,
            rest,
        }
    }

    /// The cells of a damaged row may stand in the wrong columns, so nothing is read of it but whom it may be
    /// about; its finding has been made by the parser.
    fn damaged(upload: &'u Upload, row: &'u Row) -> Draft<'u> {
        let cell = |column| upload.cell(row, column).filter(|cell| !cell.is_empty());
        Draft {
            row,
            // One that is too long is another cell, or several, and nobody's ID.
            custom_id: cell(Column::CustomId).filter(|id| !is_too_long(Column::CustomId, id)).map(str::to_owned),
            guid: cell(Column::UserGuid).and_then(|guid| guid.parse().ok()).map(Guid),
            username: None,
            only_protects: true,
            without_owner: true,
            id_may_tell: false,
            email: None,
            school: None,
            user_type: None,
            rest: None,
            rejected: true,
        }
    }

    /// The address of a staff row, or of a student's.
    pub(super) fn email_of(&self, staff: bool) -> Option<&str> {
        let email = self.email.as_deref().filter(|email| !email.is_empty())?;
        (self.user_type?.is_staff() == staff).then_some(email)
    }

    /// Adds a finding about a cell that was read, saying what was expected.
    pub(super) fn add(&mut self, code: Code, column: Column, expected: &str, findings: &mut Findings) {
        let value = match column {
            Column::Email => self.email.clone(),
            Column::Username => self.username.clone(),
            Column::UserGuid => self.guid.map(|guid| guid.to_string()),
            _ => self.custom_id.clone(),
        };
        let finding = Finding::at(code, self.row.number, column, value.as_deref().unwrap_or_default());
        self.rejected |= code.severity() == Severity::Row;
        findings.push(finding.expecting(expected));
    }

    /// Rejects the row because it repeats `first`.
    pub(super) fn repeats(&mut self, first: u32, findings: &mut Findings) {
        let finding = Finding::row(Code::RowRepeated, self.row.number);
        findings.push(finding.expecting(format!("One row for each person; row {first} is the same.")));
        self.rejected = true;
        self.only_protects = true;
    }

    /// Puts the row where it belongs.
    pub(super) fn finish(self, upload: &Upload, valid: &mut Valid) {
        let staff_email = self.email_of(true).map(str::to_owned);
        match (self.rest, self.email, self.custom_id, self.school, self.user_type) {
            (Some(rest), Some(email), Some(custom_id), Some(school), Some(user_type)) if !self.rejected => {
                let rest = *rest;
                valid.rows.push(ValidRow {
                    row: self.row.number,
                    first_name: rest.first_name,
                    middle_name: rest.middle_name,
                    last_name: rest.last_name,
                    email,
                    custom_id,
                    school,
                    user_type,
                    position: rest.position,
                    grade: rest.grade,
                    status: rest.status,
                    password: rest.password,
                    username: self.username,
                    guid: self.guid,
                });
            }
            (_, _, custom_id, school, user_type) => {
                let school_is_known = school.is_some();
                let written = upload.cell(self.row, Column::CustomId).filter(|id| !id.is_empty());
                valid.rejected.push(RejectedRow {
                    row: self.row.number,
                    id_is_damaged: custom_id.as_deref() != written,
                    id_may_tell: self.id_may_tell,
                    custom_id: written.map(str::to_owned),
                    clues: clues(upload, self.row, school_is_known),
                    guid: self.guid,
                    school,
                    user_type,
                    staff_email: staff_email.filter(|_| !self.only_protects),
                    username: self.username.filter(|_| !self.only_protects),
                    only_protects: self.only_protects,
                    without_owner: self.without_owner,
                });
            }
        }
    }
}

/// What else tells whose the row is. A cell that is right in its column is no custom ID in the wrong one.
fn clues(upload: &Upload, row: &Row, school_is_known: bool) -> Clues {
    use Column::{CustomId, Email, FirstName, LastName, MiddleName, Status, UserType, Username};
    let cell = |column| upload.cell(row, column).unwrap_or_default().to_owned();
    let told = [FirstName, MiddleName, LastName, Email, CustomId, Username, Status, UserType];
    let says = |column: &&Column| !column.spec().secret && column.spec().presence != Presence::Ours;
    let others = upload.columns.iter().filter(says).filter(|column| !told.contains(column));
    let is_right = |column: &&Column| match column {
        Column::SchoolDistrictExternalId => school_is_known,
        Column::Grade => cell(Column::Grade).parse::<Grade>().is_ok(),
        _ => false,
    };
    let others = others.filter(|column| !is_right(column));
    Clues {
        first_name: cell(FirstName),
        middle_name: cell(MiddleName),
        last_name: cell(LastName),
        email: cell(Email),
        username: cell(Username),
        others: others.map(|column| cell(*column)).filter(|cell| !cell.is_empty()).collect(),
    }
}
