//! Users that probably have another custom ID by now: a row whose ID is nobody's is like a user that no row is about.
//!
//! As new user and absent one they would be made anew and removed. Whether they are one person can only be told by
//! somebody, so that each pair becomes one change, which waits until it is decided.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::person::{self, Name};
use crate::model::finding::shorten;
use crate::model::people::{UserPlace, UserView};
use crate::model::{Code, Column, Directory, Finding, Findings, Guid, SchoolId, User, fold};
use crate::username;
use crate::username::Maker;

use super::absent::Absent;
use super::comparison::{Comparison, DiffBasis};
use super::exchanges::{Act, Exchanges};
use super::mistyped_id::is_slip;
use super::present::Present;
use super::row_diff::{Rekey, RowDiff};
use super::target::{Target, Targets};

/// With how many rows of one name a user is compared, and a row with how many users. Whoever has more namesakes fits
/// several anyway.
const MOST: usize = 30;

/// A user that no row is about.
struct RekeyCandidate<'d> {
    rekey: Rekey<'d>,
    name: String,
    /// The name taken apart, once it is compared.
    parts: OnceCell<Name>,
    fits: Vec<usize>,
}

impl RekeyCandidate<'_> {
    fn parts(&self) -> &Name {
        self.parts.get_or_init(|| Name::of(self.rekey.user))
    }
}

/// Leaves to their users the user names of rows that probably are about those under a new custom ID. Should such a row
/// be about somebody else, that user gets a name by the rule, so that nothing is left where there is no rule.
pub(super) fn leave_usernames<'d>(
    entries: &mut [RowDiff<'d>],
    present: &Present,
    directory: &'d Directory,
    c: &Comparison,
) {
    let names = Maker::new(&c.accounts.usernames, c.schools, c.now);
    let asks = |entry: &RowDiff| {
        let by_rule = || names.core(&username::NameSource::of_fields(&entry.after)).is_some();
        (is_new(entry) && entry.has_username && by_rule()).then(|| fold(&entry.after.username))
    };
    let mut asking: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, entry) in entries.iter().enumerate() {
        if let Some(name) = asks(entry) {
            asking.entry(name).or_default().push(i);
        }
    }
    for (name, places) in asking {
        let [only] = places[..] else { continue };
        let entry = &mut entries[only];
        let (first, last) = (&entry.after.first_name, &entry.after.last_name);
        let same = |user: &&User| {
            let named = person::key(first, last) == person::key(&user.first_name, &user.last_name);
            named && user.is_named(&name) && fits(entry, user)
        };
        let is_missing = |place: &UserPlace| present.is_nobodys(directory.person(*place), c);
        let missing = directory.place_of_username(&name).filter(is_missing);
        if let Some(user) = missing.map(|place| directory.user(place)).filter(same) {
            entry.left_username_to = Some(user);
            entry.has_username = false;
            entry.after.username.clear();
        }
    }
}

/// Gives every new entry the one user that it is like, and reports those that are like several.
///
/// A user who gets a row in this way is not removed.
pub(super) fn pair<'d>(
    entries: &mut [RowDiff<'d>],
    absent: &mut [Absent<'d>],
    present: &Present,
    exchanges: &Exchanges,
    basis: &DiffBasis<'_, 'd>,
    findings: &mut Findings,
) {
    let DiffBasis { directory, targets, c } = *basis;
    if !entries.iter().any(is_new) {
        return;
    }
    let namesakes = Namesakes::of(entries);
    let by_username = by_username(entries);
    let mut missing = missing(absent, present, directory, c);
    let mut users_of: HashMap<usize, Vec<usize>> = HashMap::new();
    for (place, user) in missing.iter_mut().enumerate() {
        user.fits = match by_username.get(&user.rekey.user.guid) {
            Some(&i) => vec![i],
            None => namesakes.fitting(user, entries),
        };
        for &i in &user.fits {
            users_of.entry(i).or_default().push(place);
        }
    }
    let nearly = Nearly::new(&missing, c);
    for (i, entry) in entries.iter_mut().enumerate().filter(|(_, entry)| is_new(entry)) {
        let users = users_of.get(&i).map_or(&[][..], Vec::as_slice);
        let can_be_one = |rekey: Rekey| !parted(i, rekey, exchanges) && follows(entry, i, rekey, exchanges, c);
        match users {
            [] => findings.extend(nearly.finding(entry, targets)),
            [place] if missing[*place].fits.len() == 1 && can_be_one(missing[*place].rekey) => {
                let rekey = missing[*place].rekey;
                findings.push(probable(entry, rekey.user));
                entry.rekey = Some(rekey);
                rekey.absent.into_iter().for_each(|place| absent[place].withdrawn = true);
            }
            users => {
                let ids = users.iter().filter_map(|place| missing[*place].rekey.user.custom_id.as_deref());
                findings.push(unclear(entry, ids));
            }
        }
    }
}

fn is_new(entry: &RowDiff) -> bool {
    !entry.rejected && matches!(entry.target, Target::New)
}

/// Returns the new entries that have the user name of a user, by that one.
fn by_username(entries: &[RowDiff]) -> HashMap<Guid, usize> {
    let new = entries.iter().enumerate().filter(|(_, entry)| is_new(entry));
    new.filter_map(|(i, entry)| Some((entry.left_username_to?.guid, i))).collect()
}

/// The new entries by their names, but for those that have the user name of a user.
struct Namesakes {
    by_school: HashMap<(String, SchoolId), Vec<usize>>,
    by_address: HashMap<(String, String), Vec<usize>>,
}

impl Namesakes {
    fn of(entries: &[RowDiff]) -> Namesakes {
        let mut namesakes = Namesakes { by_school: HashMap::new(), by_address: HashMap::new() };
        let asks = |entry: &RowDiff| is_new(entry) && entry.left_username_to.is_none();
        for (i, entry) in entries.iter().enumerate().filter(|(_, entry)| asks(entry)) {
            let name = person::key(&entry.after.first_name, &entry.after.last_name);
            if name.is_empty() {
                continue;
            }
            for school in entry.schools() {
                namesakes.by_school.entry((name.clone(), school.clone())).or_default().push(i);
            }
            if !entry.after.email.is_empty() {
                namesakes.by_address.entry((name, fold(&entry.after.email))).or_default().push(i);
            }
        }
        namesakes
    }

    /// Returns the entries of the user's name that are like it in more than that.
    fn fitting(&self, user: &RekeyCandidate, entries: &[RowDiff]) -> Vec<usize> {
        let RekeyCandidate { rekey: Rekey { user, .. }, name, .. } = user;
        let at_school = self.by_school.get(&(name.clone(), user.school.clone()));
        let of_address = self.by_address.get(&(name.clone(), fold(&user.email)));
        let places = [at_school, of_address].into_iter().flatten().flat_map(|places| places.iter().take(MOST));
        let mut fitting: Vec<usize> = places.copied().filter(|&i| fits(&entries[i], user)).collect();
        fitting.sort_unstable();
        fitting.dedup();
        fitting
    }
}

/// Returns the users that the sync may touch and no row is about. One whose removal was taken back counts as present.
fn missing<'d>(
    absent: &[Absent<'d>],
    present: &Present,
    directory: &'d Directory,
    c: &Comparison,
) -> Vec<RekeyCandidate<'d>> {
    let places: HashMap<_, _> = absent.iter().enumerate().map(|(i, absent)| (absent.user.guid, i)).collect();
    let missing = |user: UserView<'d>| {
        let place = places.get(&user.guid()).copied();
        let stays = place.is_some_and(|place| absent[place].withdrawn);
        let user = directory.user(user.place);
        (!stays).then(|| RekeyCandidate {
            rekey: Rekey { user, absent: place },
            name: person::key(&user.first_name, &user.last_name),
            parts: OnceCell::new(),
            fits: Vec::new(),
        })
    };
    present.nobodys(directory, c).filter_map(missing).collect()
}

/// Returns whether an entry of the same name is like the user: in the address, or in school and type.
fn fits(entry: &RowDiff, user: &User) -> bool {
    let after = &entry.after;
    has_address(entry, user) || (is_at_school(entry, user) && after.user_type == user.user_type)
}

fn has_address(entry: &RowDiff, user: &User) -> bool {
    !user.email.is_empty() && fold(&entry.after.email) == fold(&user.email)
}

fn is_at_school(entry: &RowDiff, user: &User) -> bool {
    entry.schools().any(|school| *school == user.school)
}

/// Returns whether the user would become what the row says, on which other changes count. By the settings it may keep
/// its address, which another row takes over, or stay no administrator, though another one is removed.
fn follows(entry: &RowDiff, place: usize, rekey: Rekey, exchanges: &Exchanges, c: &Comparison) -> bool {
    let exchange = exchanges.with_others(Act::Entry(place), rekey.absent.map(Act::Absent));
    let administers = |user: &User| !entry.after.is_active_administrator() || user.is_active_administrator();
    c.settings.overwrite || (exchange.is_none() && administers(rekey.user))
}

/// Returns whether the two take part in two exchanges, so that they can't be one change.
fn parted(entry: usize, rekey: Rekey, exchanges: &Exchanges) -> bool {
    rekey.absent.is_some_and(|absent| exchanges.part(Act::Entry(entry), Act::Absent(absent)))
}

fn probable(entry: &RowDiff, user: &User) -> Finding {
    let name = shorten(&format!("{} {}", user.first_name, user.last_name));
    let id = user.custom_id.as_deref().unwrap_or_default();
    let after = &entry.after;
    Finding::at(Code::ProbableRekey, entry.row, Column::CustomId, &after.custom_id).expecting(format!(
        "The custom ID of {name}, who is in the directory as {id} and in no row of the file: probably it is {} now.",
        after.custom_id
    ))
}

fn unclear<'i>(entry: &RowDiff, ids: impl Iterator<Item = &'i str>) -> Finding {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    let more = ids.len().saturating_sub(3);
    ids.truncate(3);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Finding::at(Code::RekeyUnclear, entry.row, Column::CustomId, &entry.after.custom_id).expecting(format!(
        "A custom ID of nobody: the row may be about {}{more}, and no other row is.",
        ids.join(", ")
    ))
}

/// The users that a full sync removes, for rows that are not quite like them.
struct Nearly<'m> {
    missing: &'m [RekeyCandidate<'m>],
    /// The places of those that are removed, where they are so few that each one is looked at.
    few: Vec<usize>,
    by_name: HashMap<String, Vec<usize>>,
    by_part: HashMap<(String, SchoolId), Vec<usize>>,
    by_guid: HashMap<Guid, usize>,
}

impl<'m> Nearly<'m> {
    fn new(missing: &'m [RekeyCandidate<'m>], c: &Comparison) -> Nearly<'m> {
        let (by_name, by_part, by_guid) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut nearly = Nearly { missing, few: Vec::new(), by_name, by_part, by_guid };
        for (place, user) in
            missing.iter().enumerate().filter(|(_, m)| c.mode.removes_absent() && m.rekey.absent.is_some())
        {
            nearly.few.push(place);
            nearly.by_guid.insert(user.rekey.user.guid, place);
            nearly.by_name.entry(user.name.clone()).or_default().push(place);
            for part in user.name.split(' ') {
                nearly.by_part.entry((part.to_owned(), user.rekey.user.school.clone())).or_default().push(place);
            }
        }
        if nearly.few.len() > MOST {
            nearly.few.clear();
        }
        nearly
    }

    /// Returns the finding that the row may be about somebody whose custom ID stands in another column, or who is much
    /// like the row.
    fn finding(&self, entry: &RowDiff, targets: &Targets) -> Option<Finding> {
        if self.by_guid.is_empty() {
            return None;
        }
        let user = self.user(self.by_cell(entry, targets).or_else(|| self.by_likeness(entry))?);
        Some(unclear(entry, user.custom_id.as_deref().into_iter()))
    }

    fn by_cell(&self, entry: &RowDiff, targets: &Targets) -> Option<usize> {
        let after = &entry.after;
        let cells = [&after.first_name, &after.middle_name, &after.last_name, &after.email, &after.username];
        let cells = cells.into_iter().chain(&entry.clues.others).filter(|cell| !cell.is_empty());
        let users = cells.filter(|cell| **cell != after.custom_id).flat_map(|cell| targets.meant(cell));
        users.filter_map(|guid| self.by_guid.get(&guid)).next().copied()
    }

    fn by_likeness(&self, entry: &RowDiff) -> Option<usize> {
        let after = &entry.after;
        let parts = entry.clues.parts(&after.custom_id);
        let said = Name::new(&after.first_name, &after.last_name);
        let namesakes = self.by_name.get(&said.key()).into_iter().flatten();
        if let Some(place) = namesakes.take(MOST).find(|place| self.user(**place).user_type == after.user_type) {
            return Some(*place);
        }
        let of_part = |part: &String| self.by_part.get(&(part.clone(), after.school.clone()));
        // The cells may be exchanged, so that a name stands where the ID should.
        let at_school = parts.iter().filter_map(of_part).flat_map(|places| places.iter().take(MOST)).take(MOST);
        let mut places = at_school.chain(&self.few).copied();
        places.find(|place| is_like(entry, (&said, &parts), self.user(*place), self.missing[*place].parts()))
    }

    fn user(&self, place: usize) -> &'m User {
        self.missing[place].rekey.user
    }
}

/// Returns whether the row, with these parts of names in it, may be about the user. It is of the same type, and the
/// one's name is a part of the other's, is spelled about the same, or is alike in some part where the custom ID lost a
/// character or the address is the same.
fn is_like(entry: &RowDiff, (said, parts): (&Name, &[String]), user: &User, name: &Name) -> bool {
    let after = &entry.after;
    let at_school = || {
        let written = (after.first_name.as_str(), after.last_name.as_str());
        let in_part = || name.is_within(|part| parts.contains(part)) || said.is_within(|part| name.has_part(part));
        in_part() || said.resembles(name) || person::nearly(written, (&user.first_name, &user.last_name))
    };
    let slip = || user.custom_id.as_deref().is_some_and(|id| is_slip(id, &after.custom_id));
    let in_one_part = || (slip() || has_address(entry, user)) && said.has_part_like(name);
    after.user_type == user.user_type && ((is_at_school(entry, user) && at_school()) || in_one_part())
}
