//! Whose the rejected rows are.

use std::collections::HashSet;

use crate::validate::RejectedRow;

use super::absent::Absent;
use super::clues::AbsentIndex;
use super::comparison::DiffBasis;
use super::matched_rows::OutsideNewcomer;
use super::person;
use super::present::Present;
use super::row_diff::RowDiff;
use super::target::{Target, in_scope};

/// Takes users off the list of absent ones who probably have a row, under an ID that is nobody's.
///
/// That row is rejected, or of a user type or year level that is not synced, so that nothing else keeps them.
pub(super) fn keep_their_users(
    absent: &mut Vec<Absent>,
    rejected: &[RejectedRow],
    outside: &[OutsideNewcomer],
    present: &mut Present,
    basis: &DiffBasis,
) {
    let of_rejected = rejected.iter().filter(|row| !names_its_user(row, basis));
    let of_rejected = of_rejected.map(|row| (&row.clues, row.school.as_ref()));
    let of_outside = outside.iter().map(|newcomer| (&newcomer.clues, Some(&newcomer.school)));
    let mut clues = of_rejected.chain(of_outside).peekable();
    if absent.is_empty() || clues.peek().is_none() {
        return;
    }
    let mut missing = AbsentIndex::new(absent);
    let found: HashSet<usize> = clues.flat_map(|(clues, school)| missing.find(clues, school, basis.targets)).collect();
    found.iter().for_each(|&place| present.add(absent[place].user.guid));
    let mut place = 0..;
    absent.retain(|_| place.next().is_some_and(|place| !found.contains(&place)));
}

/// Counts the rejected rows of which nobody can tell whose they are.
pub(super) fn without_owner(
    rejected: &[RejectedRow],
    entries: &[RowDiff],
    absent: &[Absent],
    basis: &DiffBasis,
) -> u64 {
    let is_new = |entry: &&RowDiff| entry.rejected && matches!(entry.target, Target::New);
    if rejected.is_empty() && !entries.iter().any(|entry| is_new(&entry)) {
        return 0;
    }
    let missing = AbsentIndex::new(absent);
    let of_nobody = |row: &&RejectedRow| {
        names_nobody(row, basis)
            || (!names_its_user(row, basis)
                && missing.may_be(&row.clues, row.custom_id.as_deref().unwrap_or_default(), row.school.as_ref()))
    };
    let new = |entry: &&RowDiff| {
        is_new(entry) && missing.may_be(&entry.clues, &entry.after.custom_id, Some(&entry.after.school))
    };
    (rejected.iter().filter(of_nobody).count() + entries.iter().filter(new).count()) as u64
}

/// Returns whether nobody can tell whose row it is.
///
/// The row does not say, or it has a GUID, which only users that exist have, and nobody whom the uploader may know of has
/// that GUID, or anybody its custom ID.
fn names_nobody(row: &RejectedRow, basis: &DiffBasis) -> bool {
    let DiffBasis { directory, targets, c } = *basis;
    let by_guid = row.guid.map(|guid| directory.by_guid(guid).is_some_and(|user| in_scope(&c.scope, user)));
    let by_id = row.custom_id.as_deref().is_some_and(|id| directory.by_custom_id(id).is_some());
    let told = row.id_may_tell && row.custom_id.as_deref().is_some_and(|id| !targets.meant(id).is_empty());
    (row.without_owner && !told) || (by_guid == Some(false) && !by_id)
}

/// Returns whether the custom ID or the GUID says whose the row is, and the name agrees.
///
/// Only users whom the uploader may know of count.
fn names_its_user(row: &RejectedRow, basis: &DiffBasis) -> bool {
    let DiffBasis { directory, c, .. } = *basis;
    let by_id = row.custom_id.as_deref().and_then(|id| directory.by_custom_id(id));
    let user = row.guid.and_then(|guid| directory.by_guid(guid)).or(by_id).filter(|user| in_scope(&c.scope, user));
    let name = person::key(&row.clues.first_name, &row.clues.last_name);
    user.is_some_and(|user| person::key(&user.first_name, &user.last_name) == name)
}
