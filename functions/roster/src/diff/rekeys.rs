//! Users that probably have another custom ID by now: a row whose ID is nobody's is like a user that no row is about.
//!
//! As new user and absent one they would be made anew and removed. Whether they are one person can only be told by
//! somebody, so that each pair becomes one change, which waits until it is decided.

use std::collections::HashMap;

use crate::finding::shorten;
use crate::settings::Mode;
use crate::user::{Directory, Guid, SchoolId, User, fold};
use crate::{Code, Column, Finding, Findings, person};

use super::Comparison;
use super::claims::{Act, Exchanges};
use super::entry::Entry;
use super::present::{Absent, Present, is_member};
use super::target::{Target, Targets};
use super::unique::Unique;

/// A user whose new custom ID a row probably has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rekey<'d> {
    pub(super) user: &'d User,
    /// The place of its removal, in a full sync.
    pub(super) absent: Option<usize>,
}

/// With how many rows of one name a user is compared, and a row with how many users. Whoever has more namesakes fits
/// several anyway.
const MOST: usize = 30;

/// A user that no row is about.
struct Missing<'d> {
    rekey: Rekey<'d>,
    name: String,
    fits: Vec<usize>,
}

/// Leaves to their users the user names of rows that probably are about those under a new custom ID. Should such a row
/// be about somebody else, that user gets a name by the rule.
pub(super) fn leave_usernames<'d>(
    entries: &mut [Entry<'d>],
    present: &Present,
    directory: &'d Directory,
    c: &Comparison,
) {
    let asks = |entry: &Entry| (is_new(entry) && entry.has_username).then(|| fold(&entry.after.username));
    let mut asked: HashMap<String, usize> = HashMap::new();
    for name in entries.iter().filter_map(asks) {
        *asked.entry(name).or_default() += 1;
    }
    for entry in entries.iter_mut() {
        let Some(name) = asks(entry).filter(|name| asked[name] == 1) else { continue };
        let (first, last) = (&entry.after.first_name, &entry.after.last_name);
        let same = |user: &&User| {
            let named = person::key(first, last) == person::key(&user.first_name, &user.last_name);
            named && user.is_named(&name) && is_member(user, c) && !present.has(user) && fits(entry, user)
        };
        if let Some(user) = directory.by_username(&name).filter(same) {
            entry.left_username = Some((user, std::mem::take(&mut entry.after.username)));
            entry.has_username = false;
        }
    }
}

/// Gives every new entry the one user that it is like, and reports those that are like several.
pub(super) fn pair<'d>(
    entries: &mut [Entry<'d>],
    absent: &[Absent<'d>],
    present: &Present,
    exchanges: &Exchanges,
    (directory, targets): (&'d Directory, &Targets),
    c: &Comparison,
    findings: &mut Findings,
) {
    if !entries.iter().any(is_new) {
        return;
    }
    let by_name = by_name(entries);
    let by_username = by_username(entries);
    let mut missing = missing(absent, present, directory, c);
    let mut users_of: HashMap<usize, Vec<usize>> = HashMap::new();
    for (place, user) in missing.iter_mut().enumerate() {
        let namesakes = by_name.get(&user.name).map_or(&[][..], Vec::as_slice);
        let fitting = namesakes.iter().take(MOST).filter(|&&i| fits(&entries[i], user.rekey.user));
        user.fits = match by_username.get(&user.rekey.user.guid) {
            Some(&i) => vec![i],
            None => fitting.copied().collect(),
        };
        for &i in &user.fits {
            users_of.entry(i).or_default().push(place);
        }
    }
    let nearly = Nearly::new(&missing, c);
    for (i, entry) in entries.iter_mut().enumerate().filter(|(_, entry)| is_new(entry)) {
        let users = users_of.get(&i).map_or(&[][..], Vec::as_slice);
        if let Some((user, username)) = entry.left_username.clone() {
            let place = users.iter().find(|place| missing[**place].rekey.user.guid == user.guid);
            match place.map(|place| missing[*place].rekey).filter(|rekey| !parted(i, *rekey, exchanges)) {
                Some(rekey) => {
                    findings.push(probable(entry, rekey.user));
                    entry.rekey = Some(rekey);
                }
                None => {
                    entry.after.username = username;
                    entry.rejected = true;
                    findings.push(entry.finding(Code::UsernameTaken, Unique::Username));
                }
            }
            continue;
        }
        match users {
            [] => findings.extend(nearly.finding(entry, &missing, targets)),
            [place] if missing[*place].fits.len() == 1 && !parted(i, missing[*place].rekey, exchanges) => {
                let rekey = missing[*place].rekey;
                findings.push(probable(entry, rekey.user));
                entry.rekey = Some(rekey);
            }
            users => {
                let ids = users.iter().filter_map(|place| missing[*place].rekey.user.custom_id.as_deref());
                findings.push(unclear(entry, ids));
            }
        }
    }
}

fn is_new(entry: &Entry) -> bool {
    !entry.rejected && matches!(entry.target, Target::New)
}

/// The new entries that have the user name of a user, by that one.
fn by_username(entries: &[Entry]) -> HashMap<Guid, usize> {
    let new = entries.iter().enumerate().filter(|(_, entry)| is_new(entry));
    new.filter_map(|(i, entry)| Some((entry.left_username.as_ref()?.0.guid, i))).collect()
}

/// The new entries by their names, but for those that have the user name of a user.
fn by_name(entries: &[Entry]) -> HashMap<String, Vec<usize>> {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, entry) in entries.iter().enumerate() {
        let name = person::key(&entry.after.first_name, &entry.after.last_name);
        if !name.is_empty() && is_new(entry) && entry.left_username.is_none() {
            by_name.entry(name).or_default().push(i);
        }
    }
    by_name
}

/// The users that the sync may touch and no row is about. One whose removal was taken back counts as present.
fn missing<'d>(absent: &[Absent<'d>], present: &Present, directory: &'d Directory, c: &Comparison) -> Vec<Missing<'d>> {
    let places: HashMap<_, _> = absent.iter().enumerate().map(|(i, absent)| (absent.user.guid, i)).collect();
    let missing = |user: &'d User| {
        let place = places.get(&user.guid).copied();
        let stays = place.is_some_and(|place| absent[place].withdrawn);
        (is_member(user, c) && !present.has(user) && !stays).then(|| Missing {
            rekey: Rekey { user, absent: place },
            name: person::key(&user.first_name, &user.last_name),
            fits: Vec::new(),
        })
    };
    directory.iter().filter_map(missing).collect()
}

/// Whether an entry of the same name is like the user: in school or address, and in grade or type.
fn fits(entry: &Entry, user: &User) -> bool {
    let after = &entry.after;
    let address = !user.email.is_empty() && fold(&after.email) == fold(&user.email);
    (after.school == user.school || address) && after.user_type == user.user_type
}

/// Whether the two take part in two exchanges, so that they can't be one change.
fn parted(entry: usize, rekey: Rekey, exchanges: &Exchanges) -> bool {
    rekey.absent.is_some_and(|absent| exchanges.part(Act::Entry(entry), Act::Absent(absent)))
}

fn probable(entry: &Entry, user: &User) -> Finding {
    let name = shorten(&format!("{} {}", user.first_name, user.last_name));
    let id = user.custom_id.as_deref().unwrap_or_default();
    let after = &entry.after;
    Finding::at(Code::ProbableRekey, entry.row, Column::CustomId, &after.custom_id).expecting(format!(
        "The custom ID of {name}, who is in the directory as {id} and in no row of the file: probably it is {} now.",
        after.custom_id
    ))
}

fn unclear<'i>(entry: &Entry, ids: impl Iterator<Item = &'i str>) -> Finding {
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

/// The users that a full sync removes, for rows that are not quite like them: by a part of the name at one school.
struct Nearly {
    by_part: HashMap<(String, SchoolId), Vec<usize>>,
    by_guid: HashMap<Guid, usize>,
}

impl Nearly {
    fn new(missing: &[Missing], c: &Comparison) -> Nearly {
        let mut nearly = Nearly { by_part: HashMap::new(), by_guid: HashMap::new() };
        for (place, user) in
            missing.iter().enumerate().filter(|(_, m)| c.mode == Mode::Full && m.rekey.absent.is_some())
        {
            nearly.by_guid.insert(user.rekey.user.guid, place);
            for part in user.name.split(' ') {
                nearly.by_part.entry((part.to_owned(), user.rekey.user.school.clone())).or_default().push(place);
            }
        }
        nearly
    }

    /// That the row may be about somebody whose name nearly is the same, or whose custom ID stands in another column.
    fn finding(&self, entry: &Entry, missing: &[Missing], targets: &Targets) -> Option<Finding> {
        if self.by_guid.is_empty() {
            return None;
        }
        let after = &entry.after;
        let cells = [&after.first_name, &after.middle_name, &after.last_name, &after.email, &after.username];
        let cells = cells.into_iter().chain(&entry.clues.others).filter(|cell| !cell.is_empty());
        let users = cells.filter(|cell| **cell != after.custom_id).flat_map(|cell| targets.meant(cell));
        let by_cell = users.filter_map(|guid| self.by_guid.get(&guid)).next().copied();
        let by_name = || {
            let said = (after.first_name.as_str(), after.last_name.as_str());
            let names = [said.0, said.1].map(person::parts);
            let left: Vec<String> = if names.iter().any(Vec::is_empty) { names.concat() } else { Vec::new() };
            // The cells may be exchanged, so that a name stands where the ID should.
            let parts: Vec<String> = entry.clues.parts(&after.custom_id);
            let places = parts.iter().filter_map(|part| self.by_part.get(&(part.clone(), after.school.clone())));
            places.flat_map(|places| places.iter().take(MOST)).take(MOST).copied().find(|place| {
                let Missing { rekey: Rekey { user, .. }, name, .. } = &missing[*place];
                let is_there = name.split(' ').all(|part| parts.iter().any(|said| said == part));
                // Of a person with one name the other one may have been lost.
                let is_left = !left.is_empty() && left.iter().all(|said| name.split(' ').any(|part| said == part));
                user.user_type == after.user_type
                    && (is_there || is_left || person::nearly(said, (&user.first_name, &user.last_name)))
            })
        };
        let user = missing[by_cell.or_else(by_name)?].rekey.user;
        Some(unclear(entry, user.custom_id.as_deref().into_iter()))
    }
}
