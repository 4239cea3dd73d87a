//! What a roster changes: its rows compared with the users that exist.

mod administrators;
mod claims;
mod entry;
mod names;
mod present;
mod target;
mod unique;

use std::collections::{BTreeMap, HashMap};

use crate::Accounts;
use crate::finding::{Doubts, Findings};
use crate::plan::{Change, Unchanged, UnchangedRow};
use crate::settings::{Mode, ModeSettings, Scope};
use crate::user::{Directory, Guid, SchoolId, Schools, User, UserType};
use crate::valid::{Password, RejectedRow, Valid, ValidRow};

use claims::{Act, Claims};
use entry::Entry;
use names::Names;
use present::{Present, is_member};
use target::{Target, Targets};

/// What a comparison goes by, apart from the rows and the users.
pub struct Comparison<'a> {
    pub mode: Mode,
    pub scope: Scope,
    /// Those of `mode`.
    pub settings: &'a ModeSettings,
    /// Names, roles and year levels.
    pub accounts: &'a Accounts,
    /// When the comparison is made, in milliseconds since 1970.
    pub now: u64,
    /// All of the organisation; they say which one is the district office.
    pub schools: &'a Schools,
    /// What the GUIDs of new users are derived from.
    pub guid_seed: [u8; 32],
    /// Whether the user has this password already, so that it is no change. Asked only where the setting Update
    /// password is on.
    pub password_is_current: &'a dyn Fn(&User, &Password) -> bool,
}

/// What every row does, before it is counted and held against the limits.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// In no order that matters.
    pub changes: Vec<Change>,
    pub unchanged: Vec<CountedRow>,
    /// Rows that validation or the comparison rejected.
    pub rejected: Vec<RejectedRow>,
    /// The passwords of created and updated users, until they are hashed. Take them out before the plan is made.
    pub passwords: HashMap<Guid, Password>,
    /// How many managed users each school and user type has now, of those that the sync may touch.
    pub managed: BTreeMap<(SchoolId, UserType), u64>,
    /// Rejected rows of which it can't be told whose they are.
    pub rows_without_owner: u64,
    pub cut_off: bool,
    pub total_rows: u64,
    /// The directory holds only some users, and does not say whose a user name is that had to be known: compare again
    /// with the whole directory.
    pub names_unknown: bool,
    /// Findings of the file, its rows and the comparison for which the plan waits.
    pub doubts: Doubts,
}

/// A row that changes nothing, and where it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedRow {
    pub row: UnchangedRow,
    pub school: SchoolId,
    pub user_type: UserType,
}

/// Compares the rows with the users.
///
/// A full sync needs every user of the organisation in `directory`; for a partial one see [`crate::Named`].
pub fn diff(mut valid: Valid, directory: &Directory, c: &Comparison) -> (Diff, Findings) {
    if !c.accounts.usernames.reads_column() {
        valid.rows.iter_mut().for_each(|row| row.username = None);
        valid.rejected.iter_mut().for_each(|row| row.username = None);
    }
    let targets = Targets::new(&valid, directory, &c.scope);
    // Sorted, so that the order of the rows decides nothing.
    valid.rows.sort_by(|a, b| a.custom_id.cmp(&b.custom_id));
    let names = Names::new(&valid, directory, c);
    let mut findings = Findings::from(targets.problems(&valid.rejected));
    let mut rejected = valid.rejected;
    let (mut entries, mut outside) = (Vec::with_capacity(valid.rows.len()), Vec::new());
    for row in valid.rows {
        match targets.find(row.row, &row.custom_id, row.guid) {
            Ok(target) if !c.accounts.syncs(row.user_type, row.grade) => outside.push(outside_row(row, target)),
            Ok(target) => entries.push(Entry::new(row, target, directory, c)),
            Err(finding) => {
                findings.push(finding);
                rejected.push(RejectedRow::of(row));
            }
        }
    }

    let names_unknown = names.give(&mut entries, &mut findings, c);
    let present = Present::new(&rejected, &entries, &outside, &targets);
    let mut absent = present.absent(directory, c);
    let removal = c.settings.removal_action;
    let mut claims = Claims::settle(&mut entries, &mut absent, &mut findings, directory, removal);
    claims.reject_large_exchanges();
    administrators::keep_one(&mut claims, directory, c.schools);
    present.report_taken(&rejected, &mut claims, directory);
    let exchanges = claims.exchange_numbers();

    let mut diff = Diff {
        rows_without_owner: rejected.iter().filter(|row| is_nobodys(row, directory)).count() as u64,
        cut_off: valid.cut_off,
        total_rows: valid.total_rows,
        managed: managed(directory, c),
        unchanged: outside,
        rejected,
        names_unknown,
        ..Diff::default()
    };
    for (i, entry) in entries.into_iter().enumerate() {
        findings.extend(targets.alike(&entry));
        entry.finish(exchanges.get(&Act::Entry(i)).copied(), c, &mut diff);
    }
    for (i, absent) in absent.iter().enumerate() {
        diff.changes.extend(absent.change(removal, exchanges.get(&Act::Absent(i)).copied()));
    }
    findings.sort();
    diff.doubts = valid.doubts;
    diff.doubts.extend(findings.doubts());
    (diff, findings)
}

/// Whether it can't be told whose row it is: it does not say, or it has a GUID, which only users that exist have,
/// and nobody has that GUID or its custom ID.
fn is_nobodys(row: &RejectedRow, directory: &Directory) -> bool {
    let by_guid = row.guid.map(|guid| directory.by_guid(guid).is_some());
    let by_id = row.custom_id.as_deref().is_some_and(|id| directory.by_custom_id(id).is_some());
    row.without_owner || (by_guid == Some(false) && !by_id)
}

/// A student's row of a year level that is not synced.
fn outside_row(row: ValidRow, target: Target) -> CountedRow {
    let user = target.user();
    let username = user.map(|user| user.username.clone()).or(row.username).unwrap_or_default();
    let unchanged = UnchangedRow {
        row: row.row,
        guid: user.map(|user| user.guid),
        username,
        why: Unchanged::Outside,
        not_updated: Vec::new(),
    };
    CountedRow { row: unchanged, school: row.school, user_type: row.user_type }
}

/// How many users that the sync may touch each school and user type has.
fn managed(directory: &Directory, c: &Comparison) -> BTreeMap<(SchoolId, UserType), u64> {
    let mut managed = BTreeMap::new();
    for user in directory.iter().filter(|u| is_member(u, c)) {
        *managed.entry((user.school.clone(), user.user_type)).or_default() += 1;
    }
    managed
}

#[cfg(test)]
mod tests;
