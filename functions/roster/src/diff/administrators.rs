//! The last administrators of an organisation stay.

use crate::Code;
use crate::user::{Directory, User};
use crate::{Column, Finding};

use super::claims::{Act, Claims};

/// Takes back every change and removal of an active administrator if none would remain after the plan, whether
/// managed or not. Where the organisation has none to begin with, there is none to keep.
pub(super) fn keep_one(claims: &mut Claims, directory: &Directory) {
    let administrators: Vec<&User> = directory.iter().filter(|u| u.is_active_administrator()).collect();
    let stays = |user: &&User| match claims.act_on(user.guid) {
        None => true,
        Some(Act::Entry(i)) => claims.entries[i].rejected || claims.entries[i].after.is_active_administrator(),
        Some(Act::Absent(i)) => claims.absent[i].withdrawn,
    };
    let joins = || claims.entries.iter().any(|e| !e.rejected && e.after.is_active_administrator());
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
