//! What a roster changes: its rows compared with the users that exist.

mod absent;
mod administrators;
pub(crate) mod another_person;
pub mod change;
mod claims;
mod clues;
mod comparison;
mod diffed;
mod exchanges;
mod id_warnings;
mod lookup_keys;
mod matched_rows;
mod mistyped_id;
mod names;
mod person;
mod present;
mod rejected_rows;
mod rekeys;
mod row_diff;
pub(crate) mod settle;
mod target;
mod unchanged;
mod unique;

use std::collections::{BTreeMap, HashSet};

use crate::file::parsed::SettledRows;
use crate::model::people::UserView;
use crate::model::{Code, Directory, Findings, Grade, SchoolId, UserType};
use crate::validate::{RejectedRow, Valid, ValidRow};

pub use change::{Change, KeptField, Kind, RekeyChoice, Removal, TwoPeople, Unchanged, UnchangedRow};
pub use comparison::{Comparison, Sender};
pub use diffed::{CountedRow, Diff, Diffed};
pub use lookup_keys::Named;
pub use unchanged::{SameRows, UnchangedRows};

use absent::Absent;
use another_person::Misplaced;
use claims::Claims;
use comparison::DiffBasis;
use exchanges::{Act, Exchanges};
use matched_rows::MatchedRows;
use names::{NameOwners, Names};
use present::{Present, is_member, is_missed};
use row_diff::RowDiff;
use target::Targets;

/// Compares the rows with the users.
///
/// A full sync needs every user of the organisation in `directory`; for a partial one see [`crate::Named`].
pub fn diff(mut valid: Valid, directory: &Directory, c: &Comparison) -> Diffed {
    complete_rows(&mut valid, directory, c);
    let targets = Targets::new(&valid, directory, &c.scope);
    let names = Names::new(&valid, directory, c);
    let ids_unknown = targets.ids_unknown(&valid.rejected);
    let Valid { rows, rejected, left_out, settled, no_place, .. } = valid;
    let basis = DiffBasis { directory, targets: &targets, c };
    let mut findings = targets.findings_about(&rejected);

    // What each row would make of its user.
    let MatchedRows { mut entries, outside, outside_newcomers, rejected } =
        MatchedRows::of(rows, rejected, &no_place, &basis, &mut findings);
    another_person::report(&mut entries, &mut findings, c);
    let misplaced = Misplaced::of(&entries, &settled.rows, directory, c);
    let mut present = Present::new(rejected.iter().chain(&left_out), &entries, &outside, &targets).with(&settled);
    rekeys::leave_usernames(&mut entries, &present, directory, c);
    let name_owners = names.assign(&mut entries, &mut findings, c);

    // Who is removed, and what may not happen with the rest.
    let mut absent = present.absent(directory, c, &no_place);
    rejected_rows::keep_their_users(&mut absent, &rejected, &outside_newcomers, &mut present, &basis);
    let mut claims = Claims::settle(&mut entries, &mut absent, &mut findings, directory, c);
    claims.reject_large_exchanges();
    administrators::keep_one(&mut claims, &settled, directory, c);
    claims.keep_users_of_rejected_rows(&targets);
    present.report_taken(&rejected, &targets, &mut claims, directory, &c.scope);
    let exchanges = claims.exchange_numbers();
    rekeys::pair(&mut entries, &mut absent, &present, &exchanges, &basis, &mut findings);
    name_people(&mut findings, &entries, &rejected);

    let mut diff = Diff {
        rows_without_owner: rejected_rows::without_owner(&rejected, &entries, &absent, &basis),
        cut_off: valid.cut_off,
        total_rows: valid.total_rows,
        rows_of_other_types: of_other_types(&outside, &rejected, c),
        managed: count_users(&settled, directory, |user| is_member(user, c)),
        removable: count_users(&settled, directory, |user| is_missed(user, c, &no_place)),
        unchanged: outside,
        same: SameRows::of(settled, directory),
        rejected,
        known_rows: misplaced.rows,
        names_exchanged: misplaced.exchanged,
        names_mixed_up: misplaced.mixed_up,
        doubts: valid.doubts,
        ..Diff::default()
    };
    finish_rows(entries, &exchanges, &basis, &mut diff, &mut findings);
    finish_removals(&absent, &exchanges, c, &mut diff);
    let unknown = ids_unknown || name_owners == NameOwners::Unknown || needs_everybody(&diff, &findings, c);
    if unknown && !directory.is_whole() {
        return Diffed::NeedsWholeDirectory;
    }
    findings.sort();
    diff.doubts.extend(findings.doubts());
    Diffed::Complete(Box::new(diff), findings)
}

/// Leaves out of the rows what the settings don't read, and adds what they leave to their users.
fn complete_rows(valid: &mut Valid, directory: &Directory, c: &Comparison) {
    if !c.accounts.usernames.reads_column() {
        valid.rows.iter_mut().for_each(|row| row.username = None);
        valid.rejected.iter_mut().for_each(|row| row.username = None);
    }
    valid.rows.iter_mut().for_each(|row| take_from_user(row, directory));
}

/// Puts into a row what it leaves to its user, who is known by the custom ID.
fn take_from_user(row: &mut ValidRow, directory: &Directory) {
    if !row.unsaid.needs_user {
        return;
    }
    let Some(user) = directory.by_custom_id(&row.custom_id).filter(|user| user.deleted_at.is_none()) else { return };
    if row.unsaid.school {
        row.school.clone_from(&user.school);
    }
    if row.unsaid.user_type {
        row.user_type = user.user_type;
        match user.user_type {
            UserType::Student if row.unsaid.grade => row.grade = user.grade,
            UserType::Student => {}
            _ => row.grade = Grade::Unspecified,
        }
    }
}

/// Makes of every row its change, or says why it changes nothing, with the findings that are left.
fn finish_rows(
    entries: Vec<RowDiff>,
    exchanges: &Exchanges,
    basis: &DiffBasis,
    diff: &mut Diff,
    findings: &mut Findings,
) {
    let doubtful_texts: u64 = entries.iter().map(RowDiff::doubtful_texts).sum();
    if doubtful_texts > 0 {
        *diff.doubts.entry(Code::TextDoubtful).or_default() += doubtful_texts;
    }
    for (place, entry) in entries.into_iter().enumerate() {
        let alike = id_warnings::alike_to_another(basis.targets, &entry);
        findings.extend(alike.map(|finding| finding.about(entry.person.clone())));
        findings.extend(entry.findings(basis.c));
        entry.finish(place, exchanges, basis.c, diff);
    }
}

/// Makes of every removal that was not taken back its change.
fn finish_removals(absent: &[Absent], exchanges: &Exchanges, c: &Comparison, diff: &mut Diff) {
    for (place, absent) in absent.iter().enumerate() {
        diff.changes.extend(absent.change(c.settings.removal_action, exchanges.of(Act::Absent(place))));
    }
}

/// Returns whether only the whole directory can tell if the changes are too many, or leave no administrator.
fn needs_everybody(diff: &Diff, findings: &Findings, c: &Comparison) -> bool {
    let large = c.settings.limits.large_changes.as_ref();
    let of_users = diff.changes.iter().filter(|change| change.before.is_some()).count() as u64;
    large.is_some_and(|large| large.may_be_passed(of_users)) || findings.counts().contains_key(&Code::LastAdministrator)
}

/// Says of every finding about a row whom the row is about.
fn name_people(findings: &mut Findings, entries: &[RowDiff], rejected: &[RejectedRow]) {
    let rows: HashSet<u32> = findings.iter().filter(|f| f.person.is_none()).filter_map(|f| f.row).collect();
    let of_entries = entries.iter().filter(|e| rows.contains(&e.row)).filter_map(|e| Some((e.row, e.person.clone()?)));
    let of_rejected = rejected.iter().filter(|r| rows.contains(&r.row)).filter_map(|r| Some((r.row, r.person()?)));
    findings.name_people(&of_entries.chain(of_rejected).collect());
}

/// Returns how many rows are of user types that the sync leaves alone.
fn of_other_types(outside: &[CountedRow], rejected: &[RejectedRow], c: &Comparison) -> u64 {
    let outside = outside.iter().map(|counted| counted.user_type);
    let types = outside.chain(rejected.iter().filter_map(|row| row.user_type));
    types.filter(|user_type| !c.mode.covers(*user_type)).count() as u64
}

/// Returns how many users each school and user type has, settled ones and those of the others that are `counted`.
fn count_users(
    settled: &SettledRows,
    directory: &Directory,
    counted: impl Fn(UserView) -> bool,
) -> BTreeMap<(SchoolId, UserType), u64> {
    let mut counts = settled.counts.clone();
    counts.resize(directory.schools().len(), Default::default());
    for user in settled.other_users(directory).filter(|user| counted(*user)) {
        counts[user.school_number().index()][user.user_type() as usize] += 1;
    }
    unchanged::by_school_and_type(directory, &counts)
}

#[cfg(test)]
mod tests;
