//! The last administrators of an organisation stay.

use crate::file::parsed::SettledRows;
use crate::model::{Code, Column, Directory, Finding, SchoolId, User};

use super::claims::Claims;
use super::comparison::Comparison;
use super::exchanges::Act;

/// Takes back every change and removal of an active administrator if none would remain after the plan, whether
/// managed or not. Where the district office has some, it is they who count, for those of a school can't run the
/// organisation; so none of them may be moved away, either. Where there is none to begin with, there is none to keep.
///
/// A file for some schools keeps one of these: whether others have any is not told.
pub(super) fn keep_one(claims: &mut Claims, settled: &SettledRows, directory: &Directory, c: &Comparison) {
    // No administrator has a settled row.
    let active = || settled.other_users(directory).filter(|user| user.is_active_administrator());
    let in_office = |school: &SchoolId| c.scope.covers(school) && c.schools.is_district(school);
    let has_district = active().any(|user| in_office(user.school()));
    let counts = |school: &SchoolId| if has_district { in_office(school) } else { c.scope.covers(school) };
    let administrators: Vec<&User> =
        active().filter(|user| counts(user.school())).map(|user| directory.user(user.place)).collect();
    let would_be = |i: usize| {
        let after = &claims.entries[i].after;
        after.is_active_administrator() && counts(&after.school)
    };
    let stays = |user: &&User| match claims.act_on(user.guid) {
        None => true,
        Some(Act::Entry(i)) => claims.entries[i].rejected || would_be(i),
        Some(Act::Absent(i)) => claims.absent[i].withdrawn,
    };
    let joins = || (0..claims.entries.len()).any(|i| !claims.entries[i].rejected && would_be(i));
    if administrators.is_empty() || administrators.iter().any(stays) || joins() {
        return;
    }
    let undone: Vec<Act> = administrators.iter().filter_map(|u| claims.act_on(u.guid)).collect();
    for act in &undone {
        match *act {
            Act::Entry(i) => {
                let entry = &claims.entries[i];
                let id = &entry.after.custom_id;
                let finding = Finding::at(Code::LastAdministrator, entry.row, Column::CustomId, id);
                claims.reject(i, finding);
            }
            Act::Absent(i) => claims.withdraw(i, Code::LastAdministrator),
        }
    }
    claims.spread(undone);
}
