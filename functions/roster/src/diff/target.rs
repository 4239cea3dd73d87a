//! Whom a row is about.

use std::collections::{HashMap, HashSet};

use crate::alike::{Index, Reason, alike};
use crate::settings::Scope;
use crate::user::{Directory, Guid, User};
use crate::valid::{RejectedRow, Valid};
use crate::{Code, Column, Finding};

use super::entry::Entry;

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
    /// The custom IDs of all rows, rejected ones included, unless they are damaged.
    ids: HashSet<String>,
    /// Those of nobody, sorted, and by what they mean.
    new_ids: Vec<String>,
    alike: Index,
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
            let rejected = valid.rejected.iter().filter(|r| says_id(r));
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
        let ids: HashSet<String> = rows().filter_map(|(_, id, _)| id.map(str::to_owned)).collect();
        let mut new_ids: Vec<String> = ids.iter().filter(|id| directory.by_custom_id(id).is_none()).cloned().collect();
        new_ids.sort_unstable();
        let alike = Index::new(new_ids.iter().enumerate().map(|(i, id)| (i, id.as_str())));
        Targets { directory, scope, ids, new_ids, alike, renamed, kept }
    }

    /// Whether a row has a custom ID of which this directory, which holds only some users, can't tell whose it is.
    pub(super) fn ids_unknown(&self, rejected: &[RejectedRow]) -> bool {
        let damaged = || rejected.iter().any(|row| row.id_is_damaged && row.custom_id.is_some());
        !self.directory.is_whole() && (!self.new_ids.is_empty() || damaged())
    }

    /// The IDs that the damaged ones of rejected rows probably are: those of the only users to whom they are alike.
    pub(super) fn probable_ids<'t>(&'t self, rejected: &'t [RejectedRow]) -> impl Iterator<Item = (u32, String)> + 't {
        let damaged = rejected.iter().filter(|row| row.id_is_damaged && !row.only_protects);
        damaged.filter_map(|row| match self.directory.alike(row.custom_id.as_deref()?) {
            (users, false) if users.len() == 1 && in_scope(self.scope, users[0]) => {
                Some((row.row, users[0].custom_id.clone()?))
            }
            _ => None,
        })
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
            self.like_nobodys(row, id, None)?;
            return Ok(Target::New);
        };
        if let (Some(guid), Some(holder)) = (guid, holder)
            && holder.guid != guid
        {
            return Err(Finding::at(Code::GuidSwapped, row, Column::UserGuid, &guid.to_string()));
        }
        if holder.is_none() {
            self.like_nobodys(row, id, Some(user))?;
        }
        self.only_row_of(row, user)?;
        Ok(Target::of(user))
    }

    /// What is wrong with whom rejected rows are about.
    pub(super) fn problems(&self, rejected: &[RejectedRow]) -> Vec<Finding> {
        let problem = |row: &RejectedRow| self.find(row.row, row.custom_id.as_deref()?, row.guid).err();
        rejected.iter().filter(|row| says_id(row)).filter_map(problem).collect()
    }

    /// The users that a rejected row may be about, by its GUID and its custom ID, however that is written.
    pub(super) fn maybe(&self, row: &RejectedRow) -> Vec<Guid> {
        let mut users: Vec<Guid> = row.guid.into_iter().collect();
        users.extend(row.custom_id.as_deref().map_or_else(Vec::new, |id| self.meant(id)));
        users
    }

    /// The users that somebody may mean who writes this custom ID; nobody where it may be too many.
    pub(super) fn meant(&self, id: &str) -> Vec<Guid> {
        if let Some(user) = self.directory.by_custom_id(id) {
            return vec![user.guid];
        }
        let (users, too_many) = self.directory.alike(id);
        if too_many { Vec::new() } else { users.into_iter().map(|user| user.guid).collect() }
    }

    /// A warning where the custom ID of a new user is the same as another one of the file or of a user, but for how
    /// it is written.
    pub(super) fn alike(&self, entry: &Entry) -> Option<Finding> {
        let id = entry.after.custom_id.as_str();
        if !matches!(entry.target, Target::New) || entry.rejected {
            return None;
        }
        let (users, _) = self.directory.alike(id);
        let (own, others): (Vec<&User>, Vec<&User>) = users.into_iter().partition(|u| in_scope(self.scope, u));
        let there = |user: &&&User| {
            user.deleted_at.is_none() || user.custom_id.as_ref().is_some_and(|id| self.ids.contains(id))
        };
        let of_users = own.iter().filter(there).filter_map(|u| u.custom_id.as_deref());
        let of_rows = self.alike.find(id).places.into_iter().map(|place| self.new_ids[place].as_str());
        let finding = Finding::at(Code::CustomIdZerosAlike, entry.row, Column::CustomId, id);
        match of_users.chain(of_rows).filter(|other| *other != id).min() {
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

    /// A new custom ID must not be one of a user that is only written otherwise, be it a deleted one. Where the other
    /// one stands in the file by itself and does not look the same, or a row changes it, both are meant. The user whose ID a row corrects by its
    /// GUID is meant, too, unless the new ID is the old one as a program would damage it. Which one of another school's
    /// it is, and whether its user is deleted, is not told.
    fn like_nobodys(&self, row: u32, id: &str, own: Option<&User>) -> Result<(), Finding> {
        let (users, _) = self.directory.alike(id);
        let doubtful = |user: &&User, known: &str| {
            let why = alike(id, known)?;
            let is_own = own.is_some_and(|own| own.guid == user.guid);
            let changed = self.renamed.get(known).is_some_and(|renamed| renamed.to != id);
            // Nobody can tell two apart that look the same.
            let both = self.ids.contains(known) && why != Reason::LookAlike;
            let meant = both || changed || (is_own && !why.is_damage());
            (!meant).then_some(why)
        };
        let likely = users.iter().filter_map(|user| {
            let known = user.custom_id.as_deref()?;
            let others = !in_scope(self.scope, user);
            Some((others, !others && user.deleted_at.is_some(), known, doubtful(user, known)?))
        });
        match likely.min() {
            None => Ok(()),
            Some((others, _, known, why)) => {
                let code = if why == Reason::ZerosLost { Code::CustomIdZerosLost } else { Code::CustomIdAlike };
                let finding = Finding::at(code, row, Column::CustomId, id);
                let expected = match why {
                    Reason::ZerosLost => format!("The ID with its leading zeros: {known}."),
                    _ => format!("Probably {known}: it differs {}.", why.as_str()),
                };
                Err(if others { finding } else { finding.expecting(expected) })
            }
        }
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

/// Whether the custom ID of a rejected row is one, so that it counts among those of the file.
fn says_id(row: &RejectedRow) -> bool {
    !row.only_protects && !row.id_is_damaged
}

/// Whether the uploader may touch the user.
pub(super) fn in_scope(scope: &Scope, user: &User) -> bool {
    match scope {
        Scope::Organisation => true,
        Scope::School(school) => user.school == *school,
    }
}
