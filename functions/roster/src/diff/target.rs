//! Whom a row is about.

use std::collections::{HashMap, HashSet};

use crate::settings::Scope;
use crate::user::{Directory, Guid, User, without_zeros};
use crate::valid::{RejectedRow, Valid};
use crate::{Code, Column, Finding};

use super::entry::Entry;

/// How many digits a custom ID has at most that is compared with others by its digits.
const MAX_DIGITS: usize = crate::Named::PADDED_DIGITS;

/// The user that a row is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'d> {
    /// Nobody yet.
    New,
    Existing(&'d User),
    /// A user that a sync deleted, and that comes back.
    Deleted(&'d User),
}

impl<'d> Target<'d> {
    pub(super) fn user(self) -> Option<&'d User> {
        match self {
            Target::New => None,
            Target::Existing(user) | Target::Deleted(user) => Some(user),
        }
    }

    fn of(user: &'d User) -> Target<'d> {
        if user.deleted_at.is_some() { Target::Deleted(user) } else { Target::Existing(user) }
    }
}

/// What decides whom a row is about: the users that exist, and the custom IDs of the whole file.
pub(super) struct Targets<'d, 'c> {
    directory: &'d Directory,
    scope: &'c Scope,
    /// The custom IDs of all rows, rejected ones included.
    ids: HashSet<String>,
    /// The custom IDs that rows take from their users by GUID.
    renamed: HashMap<String, Renamed>,
    /// The rows that have such a custom ID all the same.
    kept: HashMap<String, u32>,
}

/// A row that gives a user, known by its GUID, another custom ID.
struct Renamed {
    row: u32,
    to: String,
}

impl<'d, 'c> Targets<'d, 'c> {
    pub(super) fn new(valid: &Valid, directory: &'d Directory, scope: &'c Scope) -> Self {
        let rows = || {
            let good = valid.rows.iter().map(|r| (r.row, Some(r.custom_id.as_str()), r.guid));
            let rejected = valid.rejected.iter().filter(|r| !r.only_protects);
            good.chain(rejected.map(|r| (r.row, r.custom_id.as_deref(), r.guid)))
        };
        let mut renamed: HashMap<String, Renamed> = HashMap::new();
        for (row, id, guid) in rows() {
            if let (Some(id), Some(guid)) = (id, guid)
                && directory.by_custom_id(id).is_none()
                && let Some(old) = directory.by_guid(guid).filter(|user| in_scope(scope, user))
                && let Some(old) = &old.custom_id
            {
                let change = Renamed { row, to: id.to_owned() };
                let first = renamed.entry(old.clone()).or_insert(change);
                if row < first.row {
                    *first = Renamed { row, to: id.to_owned() };
                }
            }
        }
        let mut kept: HashMap<String, u32> = HashMap::new();
        for (row, id, _) in rows() {
            if let Some(id) = id.filter(|id| renamed.contains_key(*id)) {
                let first = kept.entry(id.to_owned()).or_insert(row);
                *first = row.min(*first);
            }
        }
        let ids = rows().filter_map(|(_, id, _)| id.map(str::to_owned)).collect();
        Targets { directory, scope, ids, renamed, kept }
    }

    /// The user that a row with this custom ID and GUID is about, or why it can't be about anybody.
    pub(super) fn find(&self, row: u32, id: &str, guid: Option<Guid>) -> Result<Target<'d>, Finding> {
        let holder = self.directory.by_custom_id(id);
        // Whatever GUID the row has: that two values belong together is not told, either.
        if holder.is_some_and(|holder| !in_scope(self.scope, holder)) {
            return Err(Finding::at(Code::UserOutOfScope, row, Column::CustomId, id));
        }
        let user = match guid {
            Some(guid) => Some(self.by_guid(row, id, guid)?),
            None => holder,
        };
        let Some(user) = user else {
            self.zeros_kept(row, id)?;
            return Ok(Target::New);
        };
        if let (Some(guid), Some(holder)) = (guid, holder)
            && holder.guid != guid
        {
            return Err(Finding::at(Code::GuidSwapped, row, Column::UserGuid, &guid.to_string()));
        }
        if holder.is_none() {
            self.zeros_kept(row, id)?;
        }
        self.only_row_of(row, user)?;
        Ok(Target::of(user))
    }

    /// What is wrong with whom rejected rows are about.
    pub(super) fn problems(&self, rejected: &[RejectedRow]) -> Vec<Finding> {
        let problem = |row: &RejectedRow| self.find(row.row, row.custom_id.as_deref()?, row.guid).err();
        rejected.iter().filter(|row| !row.only_protects).filter_map(problem).collect()
    }

    /// The users that a rejected row may be about.
    pub(super) fn maybe(&self, id: Option<&str>, guid: Option<Guid>) -> Vec<Guid> {
        let mut users: Vec<Guid> = guid.into_iter().collect();
        if let Some(id) = id {
            match self.directory.by_custom_id(id) {
                Some(user) => users.push(user.guid),
                None => users.extend(self.with_more_zeros(id).map(|u| u.guid)),
            }
        }
        users
    }

    /// A warning where the custom ID of a new user differs only by zeros in front from another one of the file
    /// or of a user.
    pub(super) fn alike(&self, entry: &Entry) -> Option<Finding> {
        let id = entry.after.custom_id.as_str();
        let is_new = matches!(entry.target, Target::New) && !entry.rejected;
        if !is_new || id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let bare = without_zeros(id).unwrap_or(id);
        let users = self.directory.with_zeros_lost(bare).chain(self.directory.by_custom_id(bare));
        let (own, others): (Vec<&User>, Vec<&User>) = users.partition(|u| in_scope(self.scope, u));
        let of_users = own.iter().filter(|u| u.deleted_at.is_none()).filter_map(|u| u.custom_id.clone());
        let of_rows = (bare.len()..=MAX_DIGITS).map(|digits| format!("{bare:0>digits$}"));
        let mut alike = of_users.chain(of_rows.filter(|other| self.ids.contains(other)));
        let finding = Finding::at(Code::CustomIdZerosAlike, entry.row, Column::CustomId, id);
        match alike.find(|other| other != id) {
            Some(other) => Some(finding.expecting(format!("IDs that can't be confused; there is also {other}."))),
            None => (!others.is_empty()).then_some(finding),
        }
    }

    fn by_guid(&self, row: u32, id: &str, guid: Guid) -> Result<&'d User, Finding> {
        let unknown = || Finding::at(Code::GuidUnknown, row, Column::UserGuid, &guid.to_string());
        // A GUID of another school's user is as good as none.
        let user = self.directory.by_guid(guid).filter(|user| in_scope(self.scope, user)).ok_or_else(unknown)?;
        let why = match &user.custom_id {
            None => "A user with a custom ID; this one's user has none: give it one by hand.".to_owned(),
            Some(own) if user.deleted_at.is_some() && own != id => {
                format!("The user is deleted: bring it back as {own}, then change its ID.")
            }
            Some(_) => return Ok(user),
        };
        Err(unknown().expecting(why))
    }

    /// A new custom ID must not be an old one without its zeros. Where the old one stands in the file by itself,
    /// or a row changes it, it is not. Which one of another school's it is, and whether its user is deleted, is not told.
    fn zeros_kept(&self, row: u32, id: &str) -> Result<(), Finding> {
        let lost = self
            .with_more_zeros(id)
            .map(|u| (u.custom_id.as_deref().unwrap_or_default(), in_scope(self.scope, u), u.deleted_at.is_none()))
            .filter(|&(_, own, there)| there || !own)
            // Longer ones a small partial sync does not fetch, and the answer must be the same for every size.
            .filter(|(full, ..)| full.len() <= MAX_DIGITS)
            .filter(|(full, ..)| !self.ids.contains(*full) && self.renamed.get(*full).is_none_or(|r| r.to == id));
        let finding = || Finding::at(Code::CustomIdZerosLost, row, Column::CustomId, id);
        match lost.min_by_key(|&(full, own, _)| (!own, full)) {
            None => Ok(()),
            Some((full, true, _)) => Err(finding().expecting(format!("The ID with its leading zeros: {full}."))),
            Some((_, false, _)) => Err(finding()),
        }
    }

    /// The users whose custom ID is `id` with more zeros in front.
    fn with_more_zeros(&self, id: &str) -> impl Iterator<Item = &'d User> {
        let digits = id.len();
        let users = self.directory.with_zeros_lost(without_zeros(id).unwrap_or(id));
        users.filter(move |u| u.custom_id.as_ref().is_some_and(|full| full.len() > digits))
    }

    /// A user whose custom ID one row changes must have no other row with the old one.
    fn only_row_of(&self, row: u32, user: &User) -> Result<(), Finding> {
        let Some(id) = &user.custom_id else { return Ok(()) };
        match (self.renamed.get(id), self.kept.get(id)) {
            (Some(renamed), Some(kept)) => Err(Finding::at(Code::UserRepeated, row, Column::CustomId, id).expecting(
                format!("One row for each user: row {} has its GUID, and row {kept} its custom ID.", renamed.row),
            )),
            _ => Ok(()),
        }
    }
}

/// Whether the uploader may touch the user.
pub(super) fn in_scope(scope: &Scope, user: &User) -> bool {
    match scope {
        Scope::Organisation => true,
        Scope::School(school) => user.school == *school,
    }
}
