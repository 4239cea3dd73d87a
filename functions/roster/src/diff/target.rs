//! Whom a row is about.

use std::collections::HashMap;

use super::person;
use crate::model::alike::{Index, IndexBuilder, Reason, alike};
use crate::model::{Code, Column, Directory, Finding, Findings, Guid, User};
use crate::settings::Scope;
use crate::validate::{RejectedRow, Valid};

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

/// Another custom ID that is the same but for how it is written.
pub(super) enum OtherSpelling<'t> {
    /// The lowest of those that the uploader may know of.
    Known(&'t str),
    /// Only users of other schools have such IDs, and which they are is not told.
    OutOfScope,
}

/// What decides whom a row is about: the users that exist, and the custom IDs of the whole file.
pub(super) struct Targets<'d, 'c> {
    directory: &'d Directory,
    scope: &'c Scope,
    /// The custom IDs of all rows, rejected ones included, unless they are damaged, with the names of their people:
    /// empty where they are not known, or the rows name several.
    names: HashMap<String, SaidName>,
    /// Those of nobody, sorted, and by what they mean.
    new_ids: Vec<String>,
    alike: Index,
    /// The custom IDs that rows take from their users by GUID.
    renamed: HashMap<String, IdChange>,
    /// The rows that have such a custom ID all the same.
    kept: HashMap<String, u32>,
}

/// The rows that give a user, known by its GUID, another custom ID.
struct IdChange {
    /// The first of them.
    row: u32,
    to: Vec<String>,
}

impl<'d, 'c> Targets<'d, 'c> {
    pub(super) fn new(valid: &Valid, directory: &'d Directory, scope: &'c Scope) -> Self {
        let rows = || {
            let good = valid.rows.iter().map(|r| (r.row, Some(r.custom_id.as_str()), r.guid));
            let rejected = valid.rejected.iter().filter(|r| says_id(r));
            good.chain(rejected.map(|r| (r.row, r.custom_id.as_deref(), r.guid)))
        };
        let mut renamed: HashMap<String, IdChange> = HashMap::new();
        for (row, id, guid) in rows() {
            if let (Some(id), Some(guid)) = (id, guid)
                && directory.by_custom_id(id).is_none()
                && let Some(old) = directory.by_guid(guid).filter(|user| in_scope(scope, user))
                && let Some(old) = &old.custom_id
            {
                let known = renamed.entry(old.clone()).or_insert(IdChange { row, to: Vec::new() });
                known.row = known.row.min(row);
                if !known.to.iter().any(|to| to == id) && known.to.len() < 2 {
                    known.to.push(id.to_owned());
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
        let names = names(valid);
        let ids: Vec<&str> = names.keys().map(String::as_str).collect();
        let holders = directory.places_of_all(&ids);
        let of_nobody = ids.into_iter().zip(holders).filter(|(_, holder)| holder.is_none());
        let mut new_ids: Vec<String> = of_nobody.map(|(id, _)| id.to_owned()).collect();
        new_ids.sort_unstable();
        let mut alike = IndexBuilder::default();
        new_ids.iter().enumerate().for_each(|(place, id)| alike.add(place, id));
        let alike = alike.finish(new_ids.len());
        Targets { directory, scope, names, new_ids, alike, renamed, kept }
    }

    /// Returns whether this directory, which holds only some users, can't tell whose the custom ID of a row is.
    pub(super) fn ids_unknown(&self, rejected: &[RejectedRow]) -> bool {
        let damaged = || rejected.iter().any(|row| row.id_is_damaged && row.custom_id.is_some());
        !self.directory.is_whole() && (!self.new_ids.is_empty() || damaged())
    }

    /// Returns the IDs that the damaged ones of rejected rows probably are: those of the only users to whom they are
    /// alike.
    fn probable_ids<'t>(&'t self, rejected: &'t [RejectedRow]) -> impl Iterator<Item = (u32, String)> + 't {
        let damaged = rejected.iter().filter(|row| row.id_is_damaged && !row.only_protects);
        damaged.filter_map(|row| match self.directory.alike(row.custom_id.as_deref()?) {
            (users, false) if users.len() == 1 && in_scope(self.scope, users[0]) => {
                Some((row.row, users[0].custom_id.clone()?))
            }
            _ => None,
        })
    }

    /// Returns the user that a row with this custom ID and GUID is about, or why it can't be about anybody.
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

    /// Returns what is wrong with whom rejected rows are about, and which IDs they probably mean.
    pub(super) fn findings_about(&self, rejected: &[RejectedRow]) -> Findings {
        let problem = |row: &RejectedRow| self.find(row.row, row.custom_id.as_deref()?, row.guid).err();
        let problems: Vec<Finding> = rejected.iter().filter(|row| says_id(row)).filter_map(problem).collect();
        let mut findings = Findings::from(problems);
        findings.note_probable_ids(self.probable_ids(rejected));
        findings
    }

    /// Returns the users that a rejected row may be about, by its GUID and its custom ID, however that is written.
    pub(super) fn maybe(&self, row: &RejectedRow) -> Vec<Guid> {
        let mut users: Vec<Guid> = row.guid.into_iter().collect();
        users.extend(row.custom_id.as_deref().map_or_else(Vec::new, |id| self.meant(id)));
        users
    }

    /// Returns the users that somebody may mean who writes this custom ID; nobody where it may be too many.
    pub(super) fn meant(&self, id: &str) -> Vec<Guid> {
        if let Some(user) = self.directory.by_custom_id(id) {
            return vec![user.guid];
        }
        let (users, too_many) = self.directory.alike(id);
        if too_many { Vec::new() } else { users.into_iter().map(|user| user.guid).collect() }
    }

    /// Returns another custom ID, of a user or of another row with a new one, that is the same but for how it is written.
    pub(super) fn other_spelling(&self, id: &str) -> Option<OtherSpelling<'_>> {
        let (users, _) = self.directory.alike(id);
        let (own, others): (Vec<&User>, Vec<&User>) = users.into_iter().partition(|u| in_scope(self.scope, u));
        let there = |user: &&&User| {
            user.deleted_at.is_none() || user.custom_id.as_ref().is_some_and(|id| self.names.contains_key(id))
        };
        let of_users = own.iter().filter(there).filter_map(|u| u.custom_id.as_deref());
        match of_users.chain(self.new_ids_alike(id)).min() {
            Some(other) => Some(OtherSpelling::Known(other)),
            None => (!others.is_empty()).then_some(OtherSpelling::OutOfScope),
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

    /// Checks that a new custom ID is not that of a user written otherwise, nor that of another row about the same
    /// person. Where the other one stands in a row of somebody else and does not look the same, or a row changes it,
    /// both are meant. The user whose ID a row corrects by its GUID is meant, too, unless the new ID is the old one as
    /// a program would damage it. Which one of another school's it is, and whether its user is deleted, is not told.
    fn like_nobodys(&self, row: u32, id: &str, own: Option<&User>) -> Result<(), Finding> {
        let (users, too_many) = self.directory.alike(id);
        let mut likely: Vec<Likely> = users.iter().filter_map(|user| self.likely(id, user, own)).collect();
        likely.sort_unstable();
        let Some(first) = likely.first() else { return self.like_no_row_of_the_same(row, id) };
        // Whoever has the row's name is meant before all others.
        let best: Vec<&Likely> =
            likely.iter().filter(|l| (l.others, l.another) == (first.others, first.another)).collect();
        let code = if first.why == Reason::ZerosLost { Code::CustomIdZerosLost } else { Code::CustomIdAlike };
        let finding = Finding::at(code, row, Column::CustomId, id);
        Err(match (best.as_slice(), first.why) {
            _ if first.others || too_many => finding,
            ([only], Reason::ZerosLost) => finding.expecting(format!("The ID with its leading zeros: {}.", only.known)),
            ([only], why) => finding.expecting(format!("Probably {}: it differs {}.", only.known, why.as_str())),
            (several, _) => {
                let ids: Vec<&str> = several.iter().map(|likely| likely.known).collect();
                finding.expecting(format!("The ID of one of these users: {}.", ids.join(", ")))
            }
        })
    }

    /// Returns the user as one whose custom ID the row may mean; `None` where both IDs are meant.
    fn likely<'u>(&self, id: &str, user: &'u User, own: Option<&User>) -> Option<Likely<'u>> {
        let known = user.custom_id.as_deref()?;
        let why = alike(id, known)?;
        let is_own = own.is_some_and(|own| own.guid == user.guid);
        let changed = self.renamed.get(known).is_some_and(|renamed| renamed.to.iter().any(|to| to != id));
        let (others, deleted) = (!in_scope(self.scope, user), user.deleted_at.is_some());
        let said = self.names.get(id).map(SaidName::key).unwrap_or_default();
        let another = !others && said != person::key(&user.first_name, &user.last_name);
        // Whoever left is no longer meant by the row of somebody else.
        let left = deleted && another && !said.is_empty();
        // Nobody can tell two apart that look the same.
        let both = self.is_of_another(known, id) && why != Reason::LookAlike;
        let meant = both || changed || left || (is_own && !why.is_damage());
        (!meant).then_some(Likely { others, another, deleted: deleted && !others, known, why })
    }

    /// Returns whether the file has a row with the custom ID `known` about somebody else than the row of `id`.
    fn is_of_another(&self, known: &str, id: &str) -> bool {
        let Some(name) = self.names.get(known).map(SaidName::key) else { return false };
        name.is_empty() || self.names.get(id).map(SaidName::key) != Some(name)
    }

    /// Returns the other new IDs of the file that are alike to this one.
    fn new_ids_alike(&self, id: &str) -> impl Iterator<Item = &str> {
        let id_of = |place: usize| self.new_ids[place].as_str();
        let place_of = |id: &str| self.new_ids.binary_search_by(|new| new.as_str().cmp(id)).ok();
        let places = self.alike.find(id, id_of, place_of).places;
        places.into_iter().map(id_of).filter(move |other| *other != id)
    }

    /// Checks that no other row about the same person has a new ID that is only written otherwise. The person would be
    /// two users.
    fn like_no_row_of_the_same(&self, row: u32, id: &str) -> Result<(), Finding> {
        let likely = self.new_ids_alike(id).filter_map(|other| Some((other, alike(id, other)?)));
        let same = |(other, why): &(&str, Reason)| *why == Reason::LookAlike || !self.is_of_another(other, id);
        match likely.filter(same).min() {
            None => Ok(()),
            Some((other, why)) => Err(Finding::at(Code::CustomIdAlike, row, Column::CustomId, id).expecting(format!(
                "One custom ID in all rows of a person, and IDs that can be told apart: there is also a row with \
                 {other}, which differs {}.",
                why.as_str()
            ))),
        }
    }

    /// Checks that a user whose custom ID one row changes has no other row with the old one.
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

/// A user whose custom ID a row may mean, those first who are likelier.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Likely<'u> {
    /// Of another school, of which nothing is told.
    others: bool,
    /// The row's name is another one. Names of another school's users decide nothing.
    another: bool,
    deleted: bool,
    known: &'u str,
    why: Reason,
}

/// First and last name as a row has them. Few are ever compared, so that they are taken apart only then.
#[derive(Default, PartialEq, Eq)]
struct SaidName {
    first: String,
    last: String,
}

impl SaidName {
    fn new(first: &str, last: &str) -> SaidName {
        SaidName { first: first.to_owned(), last: last.to_owned() }
    }

    fn key(&self) -> String {
        person::key(&self.first, &self.last)
    }
}

/// Returns the custom IDs of the file with the names in their rows.
fn names(valid: &Valid) -> HashMap<String, SaidName> {
    let good = valid.rows.iter().map(|r| (&r.custom_id, SaidName::new(&r.first_name, &r.last_name)));
    let rejected = valid.rejected.iter().filter(|r| says_id(r));
    let rejected =
        rejected.filter_map(|r| Some((r.custom_id.as_ref()?, SaidName::new(&r.clues.first_name, &r.clues.last_name))));
    let mut names: HashMap<String, SaidName> = HashMap::new();
    for (id, name) in good.chain(rejected) {
        match names.get_mut(id) {
            Some(known) if *known != name && known.key() != name.key() => *known = SaidName::default(),
            Some(_) => {}
            None => drop(names.insert(id.clone(), name)),
        }
    }
    names
}

/// Returns whether the custom ID of a rejected row is one, so that it counts among those of the file.
fn says_id(row: &RejectedRow) -> bool {
    !row.only_protects && !row.id_is_damaged
}

/// Returns whether the uploader may touch the user.
pub(super) fn in_scope(scope: &Scope, user: &User) -> bool {
    scope.covers(&user.school)
}
