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
mod mistyped_id;
mod names;
mod person;
mod present;
mod rekeys;
mod row_diff;
pub(crate) mod settle;
mod target;
mod unchanged;
mod unique;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::file::parsed::SettledRows;
use crate::model::people::UserView;
use crate::model::{Code, Column, Directory, Finding, Findings, Grade, Guid, SchoolId, Status, UserType};
use crate::validate::{Clues, RejectedRow, Valid, ValidRow};

pub use change::{Change, KeptField, Kind, RekeyChoice, Removal, TwoPeople, Unchanged, UnchangedRow};
pub use comparison::{Comparison, Sender};
pub use diffed::{CountedRow, Diff, Diffed};
pub use lookup_keys::Named;
pub use unchanged::{SameRows, UnchangedRows};

use absent::Absent;
use another_person::Misplaced;
use claims::Claims;
use clues::AbsentIndex;
use exchanges::Act;
use names::Names;
use present::{Present, is_member, is_missed};
use row_diff::{RowDiff, counted, others_rejected};
use target::{Target, Targets, in_scope};

/// Compares the rows with the users.
///
/// A full sync needs every user of the organisation in `directory`; for a partial one see [`crate::Named`].
pub fn diff(mut valid: Valid, directory: &Directory, c: &Comparison) -> Diffed {
    if !c.accounts.usernames.reads_column() {
        valid.rows.iter_mut().for_each(|row| row.username = None);
        valid.rejected.iter_mut().for_each(|row| row.username = None);
    }
    valid.rows.iter_mut().for_each(|row| take_from_user(row, directory));
    let targets = Targets::new(&valid, directory, &c.scope);
    // Sorted, so that the order of the rows decides nothing.
    valid.rows.sort_by_cached_key(|row| row.custom_id.clone());
    let names = Names::new(&valid, directory, c);
    let mut findings = Findings::from(targets.problems(&valid.rejected));
    findings.note_probable_ids(targets.probable_ids(&valid.rejected));
    let ids_unknown = targets.ids_unknown(&valid.rejected);
    let mut rejected = valid.rejected;
    let (mut entries, mut outside) = (Vec::with_capacity(valid.rows.len()), Vec::new());
    let mut outside_of_nobody: Vec<(Clues, SchoolId)> = Vec::new();
    let mut written_otherwise: HashMap<Guid, Vec<OtherSpellingRow>> = HashMap::new();
    for row in valid.rows {
        match find(&row, &targets, c) {
            Ok(target) if !c.syncs(row.user_type, row.grade) => {
                if target.user().is_none() {
                    outside_of_nobody.push((Clues::of(&row), row.school.clone()));
                }
                outside.extend(outside_rows(row, target, c));
            }
            Ok(target) => entries.push(RowDiff::new(row, target, &valid.no_place, directory, c)),
            Err(finding) => {
                if matches!(finding.code, Code::CustomIdAlike | Code::CustomIdZerosLost) {
                    for guid in targets.meant(&row.custom_id) {
                        written_otherwise.entry(guid).or_default().push(OtherSpellingRow::of(&row));
                    }
                }
                findings.push(finding.about(row.person()));
                findings.extend(others_rejected(row.row, &row.others, row.person().as_ref()));
                rejected.extend(RejectedRow::of(row));
            }
        }
    }

    reject_contradicted(&mut entries, &written_otherwise, &mut findings);
    another_person::report(&mut entries, &mut findings, c);
    let misplaced = Misplaced::of(&entries, &valid.settled.rows, directory, c);
    let protecting = || rejected.iter().chain(&valid.left_out);
    let mut present = Present::new(protecting(), &entries, &outside, &targets).with(&valid.settled);
    rekeys::leave_usernames(&mut entries, &present, directory, c);
    let names_unknown = names.give(&mut entries, &mut findings, c);
    let mut absent = present.absent(directory, c, &valid.no_place);
    let of_rejected = rejected.iter().filter(|row| !is_told(row, directory, c)).map(|r| (&r.clues, r.school.as_ref()));
    let of_outside = outside_of_nobody.iter().map(|(clues, school)| (clues, Some(school)));
    leave_out(&mut absent, of_rejected.chain(of_outside), &targets, &mut present);
    let removal = c.settings.removal_action;
    let mut claims = Claims::settle(&mut entries, &mut absent, &mut findings, directory, c);
    claims.reject_large_exchanges();
    administrators::keep_one(&mut claims, &valid.settled, directory, c);
    claims.keep_whom_rejected_rows_tell(&targets);
    present.report_taken(&rejected, &targets, &mut claims, directory, &c.scope);
    let exchanges = claims.exchange_numbers();
    rekeys::pair(&mut entries, &absent, &present, &exchanges, (directory, &targets), c, &mut findings);
    for rekey in entries.iter().filter_map(|entry| entry.rekey) {
        rekey.absent.into_iter().for_each(|place| absent[place].withdrawn = true);
    }
    name_people(&mut findings, &entries, &rejected);

    let mut diff = Diff {
        rows_without_owner: without_owner(&rejected, &entries, &absent, &targets, directory, c),
        cut_off: valid.cut_off,
        total_rows: valid.total_rows,
        rows_of_other_types: of_other_types(&outside, &rejected, c),
        managed: count_users(&valid.settled, directory, |user| is_member(user, c)),
        removable: count_users(&valid.settled, directory, |user| is_missed(user, c, &valid.no_place)),
        unchanged: outside,
        same: SameRows::of(valid.settled, directory),
        rejected,
        known_rows: misplaced.rows,
        names_exchanged: misplaced.exchanged,
        names_mixed_up: misplaced.mixed_up,
        ..Diff::default()
    };
    let doubtful_texts: u64 = entries.iter().map(RowDiff::doubtful_texts).sum();
    for (i, entry) in entries.into_iter().enumerate() {
        findings
            .extend(id_warnings::alike_to_another(&targets, &entry).map(|finding| finding.about(entry.person.clone())));
        findings.extend(entry.findings(c));
        entry.finish(i, &exchanges, c, &mut diff);
    }
    for (i, absent) in absent.iter().enumerate() {
        diff.changes.extend(absent.change(removal, exchanges.of(Act::Absent(i))));
    }
    let large = c.settings.limits.large_changes.as_ref();
    let of_users = diff.changes.iter().filter(|change| change.before.is_some()).count() as u64;
    let shares_unknown = large.is_some_and(|large| large.may_be_passed(of_users));
    let last = findings.counts().contains_key(&Code::LastAdministrator);
    if !directory.is_whole() && (names_unknown || ids_unknown || shares_unknown || last) {
        return Diffed::NeedsWholeDirectory;
    }
    findings.sort();
    diff.doubts = valid.doubts;
    if doubtful_texts > 0 {
        *diff.doubts.entry(Code::TextDoubtful).or_default() += doubtful_texts;
    }
    diff.doubts.extend(findings.doubts());
    Diffed::Complete(Box::new(diff), findings)
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

/// Takes those off the list of absent users whom rows are about that have nobody's custom ID and GUID.
fn leave_out<'r>(
    absent: &mut Vec<Absent>,
    clues: impl Iterator<Item = (&'r Clues, Option<&'r SchoolId>)>,
    targets: &Targets,
    present: &mut Present,
) {
    let mut clues = clues.peekable();
    if absent.is_empty() || clues.peek().is_none() {
        return;
    }
    let mut missing = AbsentIndex::new(absent);
    let found: HashSet<usize> = clues.flat_map(|(clues, school)| missing.find(clues, school, targets)).collect();
    found.iter().for_each(|&place| present.add(absent[place].user.guid));
    let mut place = 0..;
    absent.retain(|_| place.next().is_some_and(|place| !found.contains(&place)));
}

/// Returns how many rejected rows there are of which nobody can tell whose they are.
fn without_owner(
    rejected: &[RejectedRow],
    entries: &[RowDiff],
    absent: &[Absent],
    targets: &Targets,
    directory: &Directory,
    c: &Comparison,
) -> u64 {
    let is_new = |entry: &&RowDiff| entry.rejected && matches!(entry.target, Target::New);
    if rejected.is_empty() && !entries.iter().any(|entry| is_new(&entry)) {
        return 0;
    }
    let missing = AbsentIndex::new(absent);
    let of_nobody = |row: &&RejectedRow| {
        is_nobodys(row, targets, directory, c)
            || (!is_told(row, directory, c)
                && missing.may_be(&row.clues, row.custom_id.as_deref().unwrap_or_default(), row.school.as_ref()))
    };
    let new = |entry: &&RowDiff| {
        is_new(entry) && missing.may_be(&entry.clues, &entry.after.custom_id, Some(&entry.after.school))
    };
    (rejected.iter().filter(of_nobody).count() + entries.iter().filter(new).count()) as u64
}

/// Says of every finding about a row whom the row is about.
fn name_people(findings: &mut Findings, entries: &[RowDiff], rejected: &[RejectedRow]) {
    let rows: HashSet<u32> = findings.iter().filter(|f| f.person.is_none()).filter_map(|f| f.row).collect();
    let of_entries = entries.iter().filter(|e| rows.contains(&e.row)).filter_map(|e| Some((e.row, e.person.clone()?)));
    let of_rejected = rejected.iter().filter(|r| rows.contains(&r.row)).filter_map(|r| Some((r.row, r.person()?)));
    findings.name_people(&of_entries.chain(of_rejected).collect());
}

/// Returns whether nobody can tell whose row it is. The row does not say, or it has a GUID, which only users that exist
/// have, and nobody whom the uploader may know of has that GUID, or anybody its custom ID.
fn is_nobodys(row: &RejectedRow, targets: &Targets, directory: &Directory, c: &Comparison) -> bool {
    let by_guid = row.guid.map(|guid| directory.by_guid(guid).is_some_and(|user| in_scope(&c.scope, user)));
    let by_id = row.custom_id.as_deref().is_some_and(|id| directory.by_custom_id(id).is_some());
    let told = row.id_may_tell && row.custom_id.as_deref().is_some_and(|id| !targets.meant(id).is_empty());
    (row.without_owner && !told) || (by_guid == Some(false) && !by_id)
}

/// Returns whether the custom ID or the GUID says whose the row is, of those whom the uploader may know of, and the
/// name does not say somebody else.
fn is_told(row: &RejectedRow, directory: &Directory, c: &Comparison) -> bool {
    let by_id = row.custom_id.as_deref().and_then(|id| directory.by_custom_id(id));
    let user = row.guid.and_then(|guid| directory.by_guid(guid)).or(by_id).filter(|user| in_scope(&c.scope, user));
    let name = person::key(&row.clues.first_name, &row.clues.last_name);
    user.is_some_and(|user| person::key(&user.first_name, &user.last_name) == name)
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
