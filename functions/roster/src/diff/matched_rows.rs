//! Rows with whom they are about.

use std::collections::HashMap;

use crate::file::reading::NoPlace;
use crate::model::{Code, Column, Finding, Findings, Guid, SchoolId, Status};
use crate::validate::{Clues, RejectedRow, ValidRow};

use super::change::{Unchanged, UnchangedRow};
use super::comparison::{Comparison, DiffBasis};
use super::diffed::CountedRow;
use super::person;
use super::row_diff::{RowDiff, counted, others_rejected};
use super::target::{Target, Targets};

/// The rows of a file, sorted out by whom they are about.
pub(super) struct MatchedRows<'d> {
    /// The rows that the sync is about, by custom ID.
    pub(super) entries: Vec<RowDiff<'d>>,
    /// The rows of user types and year levels that are not synced.
    pub(super) outside: Vec<CountedRow>,
    /// Those of them who don't exist.
    pub(super) outside_newcomers: Vec<OutsideNewcomer>,
    /// The rows that were rejected before, and those that can't be about anybody.
    pub(super) rejected: Vec<RejectedRow>,
}

/// What is known of somebody new whose user type or year level is not synced.
pub(super) struct OutsideNewcomer {
    pub(super) clues: Clues,
    pub(super) school: SchoolId,
}

impl<'d> MatchedRows<'d> {
    /// Finds whom each row is about; rows that can't be about anybody are rejected.
    ///
    /// `no_place` says whom the format of the file has no place for.
    pub(super) fn of(
        mut rows: Vec<ValidRow>,
        rejected: Vec<RejectedRow>,
        no_place: &NoPlace,
        basis: &DiffBasis<'_, 'd>,
        findings: &mut Findings,
    ) -> MatchedRows<'d> {
        let DiffBasis { directory, targets, c } = *basis;
        // So that the order of the rows decides nothing.
        rows.sort_by_cached_key(|row| row.custom_id.clone());
        let entries = Vec::with_capacity(rows.len());
        let mut matched = MatchedRows { entries, outside: Vec::new(), outside_newcomers: Vec::new(), rejected };
        let mut other_spellings: HashMap<Guid, Vec<OtherSpellingRow>> = HashMap::new();
        for row in rows {
            match find(&row, targets, c) {
                Ok(target) if !c.syncs(row.user_type, row.grade) => {
                    if target.user().is_none() {
                        let newcomer = OutsideNewcomer { clues: Clues::of(&row), school: row.school.clone() };
                        matched.outside_newcomers.push(newcomer);
                    }
                    matched.outside.extend(outside_rows(row, target, c));
                }
                Ok(target) => matched.entries.push(RowDiff::new(row, target, no_place, directory, c)),
                Err(finding) => {
                    if matches!(finding.code, Code::CustomIdAlike | Code::CustomIdZerosLost) {
                        for guid in targets.meant(&row.custom_id) {
                            other_spellings.entry(guid).or_default().push(OtherSpellingRow::of(&row));
                        }
                    }
                    findings.push(finding.about(row.person()));
                    findings.extend(others_rejected(row.row, &row.others, row.person().as_ref()));
                    matched.rejected.extend(RejectedRow::of(row));
                }
            }
        }
        reject_contradicted(&mut matched.entries, &other_spellings, findings);
        matched
    }
}

/// A rejected row whose custom ID probably is that of a user, written otherwise.
struct OtherSpellingRow {
    row: u32,
    name: String,
    status: Status,
}

impl OtherSpellingRow {
    fn of(row: &ValidRow) -> OtherSpellingRow {
        let name = person::key(&row.first_name, &row.last_name);
        OtherSpellingRow { row: row.row, name, status: row.status }
    }
}

/// Rejects the rows of people of whom another row, which spells the custom ID otherwise, says another status: the one may
/// be the account of before, and disabling it would shut somebody out.
fn reject_contradicted(
    entries: &mut [RowDiff],
    others: &HashMap<Guid, Vec<OtherSpellingRow>>,
    findings: &mut Findings,
) {
    for entry in entries.iter_mut() {
        let Some(others) = others.get(&entry.guid) else { continue };
        let name = person::key(&entry.clues.first_name, &entry.clues.last_name);
        let same = |other: &&OtherSpellingRow| other.name == name && other.status != entry.after.status;
        if let Some(row) = others.iter().filter(same).map(|other| other.row).min() {
            let expected = format!("One row for each user: row {row} has the same name, and the ID in other writing.");
            let finding = Finding::at(Code::UserRepeated, entry.row, Column::CustomId, &entry.after.custom_id);
            findings.push(finding.expecting(expected));
            entry.rejected = true;
        }
    }
}

/// Returns whom a row is about, or why it can't be about anybody. A sync of some user types neither takes a user out of
/// another type nor changes one of another source, unless the settings let it: the system that the user comes from would
/// have no say.
fn find<'d>(row: &ValidRow, targets: &Targets<'d, '_>, c: &Comparison) -> Result<Target<'d>, Finding> {
    let target = targets.find(row.row, &row.custom_id, row.guid)?;
    if row.unsaid.needs_user && !matches!(target, Target::Existing(_)) {
        let column = if row.unsaid.user_type { Column::UserType } else { Column::SchoolDistrictExternalId };
        let finding = Finding::at(Code::CellMissing, row.row, column, "");
        return Err(finding.expecting("What a new user can't be made without; only a user who exists keeps it."));
    }
    if !c.mode.covers(row.user_type) {
        // The row is left alone, whatever it says.
        return Ok(target);
    }
    let types = [Some(row.user_type), target.user().map(|user| user.user_type)];
    let owned = types.into_iter().flatten().find(|user_type| c.sender.is_refused(*user_type));
    if let Some(owned) = owned {
        return Err(Finding::at(Code::TypeOfOtherSource, row.row, Column::UserType, owned.as_str()));
    }
    match target.user() {
        Some(user) if !c.mode.covers(user.user_type) => {
            Err(Finding::at(Code::UserTypeOutOfScope, row.row, Column::CustomId, &row.custom_id))
        }
        Some(user) if !c.sender.may_change(user.source.as_ref()) => {
            Err(Finding::at(Code::UserOfOtherSource, row.row, Column::CustomId, &row.custom_id))
        }
        _ => Ok(target),
    }
}

/// Returns a row of a user type or a year level that is not synced, and those about the same person.
fn outside_rows(row: ValidRow, target: Target, c: &Comparison) -> Vec<CountedRow> {
    let user = target.user();
    let guid = user.map(|user| user.guid);
    let username = user.map(|user| user.username.clone()).or(row.username).unwrap_or_default();
    let count = |other| counted(other, guid, &username, row.school.clone(), row.user_type);
    let mut rows: Vec<CountedRow> = row.others.iter().map(count).collect();
    let why = if c.mode.covers(row.user_type) { Unchanged::Outside } else { Unchanged::OtherType };
    let not_updated = Vec::new();
    let unchanged = UnchangedRow { row: row.row, guid, username, why, not_updated };
    rows.push(CountedRow { row: unchanged, school: row.school, user_type: row.user_type });
    rows
}
