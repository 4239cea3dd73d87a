//! The last administrators of an organisation stay.

use crate::file::parsed::SettledRows;
use crate::model::{Code, Column, Directory, Finding, User};

use super::claims::Claims;
use super::comparison::Comparison;
use super::exchanges::Act;

/// Takes back every change and removal of an active administrator of the district office if none would remain after the
/// plan, whether managed or not. Only they can run the organisation: so none of them may be moved away, either, and whoever
/// administers a school may go. Where there is none to begin with, there is none to keep.
///
/// Those of the office count whatever schools the file is for: it can't touch them where the office is not among these.
pub(super) fn keep_one(claims: &mut Claims, settled: &SettledRows, directory: &Directory, c: &Comparison) {
    // No administrator has a settled row.
    let active = settled.other_users(directory).filter(|user| user.is_active_administrator());
    let administrators: Vec<&User> =
        active.filter(|user| c.schools.is_district(user.school())).map(|user| directory.user(user.place)).collect();
    let would_be = |i: usize| {
        let after = &claims.entries[i].after;
        after.is_active_administrator() && c.schools.is_district(&after.school)
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
