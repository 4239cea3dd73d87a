//! Warnings of new custom IDs that can be confused with others.

use crate::model::{Code, Column, Finding};

use super::row_diff::RowDiff;
use super::target::{OtherSpelling, Target, Targets};

/// Warns where the custom ID of a new user is the same as another one of the file or of a user, but for how it is
/// written.
pub(super) fn alike_to_another(targets: &Targets, entry: &RowDiff) -> Option<Finding> {
    let id = entry.after.custom_id.as_str();
    if !matches!(entry.target, Target::New) || entry.rejected {
        return None;
    }
    let finding = Finding::at(Code::CustomIdZerosAlike, entry.row, Column::CustomId, id);
    match targets.other_spelling(id)? {
        OtherSpelling::Known(other) => {
            Some(finding.expecting(format!("IDs that can't be confused; there is also {other}.")))
        }
        OtherSpelling::OutOfScope => Some(finding),
    }
}
