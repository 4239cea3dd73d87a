//! Passwords that are too weak to be anybody's.

use crate::model::{Code, Column, Finding, Findings};

use super::password_policy::{self, KnownBy};
use super::valid::ValidRow;

/// Leaves out passwords that no user could choose, and says by which rule. Their rows go on: pupils do not wait for an
/// account because somebody wrote their birthday into the column.
pub(super) fn leave_weak_ones_out(rows: &mut [ValidRow], findings: &mut Findings) {
    for row in rows {
        let Some(password) = &row.password else { continue };
        if let Err(weakness) = password_policy::check(password.reveal(), KnownBy::from(&*row)) {
            let finding = Finding::at(Code::PasswordWeak, row.row, Column::Password, "");
            findings.push(finding.expecting(weakness.expected()));
            row.password = None;
        }
    }
}
