//! Whose a row may be whose custom ID and GUID are nobody's: by everything else that it says.

use std::collections::HashMap;

use unicode_normalization::char::is_combining_mark;

use super::person::{self, Name};
use crate::model::{Guid, SchoolId, User, fold};
use crate::validate::Clues;

use super::absent::Absent;
use super::mistyped_id::is_slip;
use super::target::Targets;

/// The absent users, by what rows may say of them. Whoever is found is looked at no more, so that however many rows
/// say the same, the work grows with the number of rows and users only.
#[derive(Default)]
pub(super) struct AbsentIndex {
    /// First, middle and last names by place.
    names: HashMap<usize, [String; 3]>,
    places: HashMap<Guid, usize>,
    by_email: HashMap<String, Vec<usize>>,
    by_username: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
    by_name_and_school: HashMap<(String, SchoolId), Vec<usize>>,
    /// By each part of the name.
    by_part: HashMap<String, Vec<usize>>,
    by_part_and_school: HashMap<(String, SchoolId), Vec<usize>>,
    /// Names and custom IDs, where there are so few that each one is looked at.
    few: Vec<(Name, String)>,
}

impl AbsentIndex {
    pub(super) fn new(absent: &[Absent]) -> AbsentIndex {
        let mut missing = AbsentIndex::default();
        for (i, absent) in absent.iter().enumerate().filter(|(_, absent)| !absent.withdrawn) {
            missing.places.insert(absent.user.guid, i);
            let User { first_name, middle_name, last_name, .. } = absent.user;
            missing.names.insert(i, [first_name, middle_name, last_name].map(String::clone));
            missing.add(i, absent.user);
        }
        if missing.places.len() <= MOST {
            let absent = absent.iter().filter(|absent| !absent.withdrawn).map(|absent| absent.user);
            missing.few = absent.map(|user| (Name::of(user), user.custom_id.clone().unwrap_or_default())).collect();
        }
        missing
    }

    fn add(&mut self, i: usize, user: &User) {
        if !user.email.is_empty() {
            self.by_email.entry(fold(&user.email)).or_default().push(i);
        }
        for name in user.former_usernames.iter().chain([&user.username]) {
            self.by_username.entry(fold(name)).or_default().push(i);
        }
        let name = person::key(&user.first_name, &user.last_name);
        for part in name.split(' ').filter(|part| !part.is_empty()) {
            self.by_part.entry(part.to_owned()).or_default().push(i);
            self.by_part_and_school.entry((part.to_owned(), user.school.clone())).or_default().push(i);
        }
        if !name.is_empty() {
            self.by_name_and_school.entry((name.clone(), user.school.clone())).or_default().push(i);
            self.by_name.entry(name).or_default().push(i);
        }
    }

    /// Returns the places of those whom these clues are about: by address, by user name, by the whole name at the same
    /// school, or by a custom ID in another column. `school` is `None` where the row does not tell it.
    pub(super) fn find(&mut self, clues: &Clues, school: Option<&SchoolId>, targets: &Targets) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        found.extend(named_so(&mut self.by_email, fold(&clues.email), &self.names, clues));
        found.extend(named_so(&mut self.by_username, fold(&clues.username), &self.names, clues));
        let name = person::key(&clues.first_name, &clues.last_name);
        let of_name = match school {
            Some(school) => self.by_name_and_school.remove(&(name, school.clone())),
            None => self.by_name.remove(&name),
        };
        found.extend(of_name.into_iter().flatten());
        let Clues { first_name, middle_name, last_name, email, username, others } = clues;
        let cells = [first_name, middle_name, last_name, email, username].into_iter().chain(others);
        let users = cells.filter(|cell| !cell.is_empty()).flat_map(|cell| targets.meant(cell));
        found.extend(users.filter_map(|guid| self.places.get(&guid)));
        found
    }

    /// Returns whether the clues may be about somebody who is absent all the same. The name can't be read, a part of it
    /// is the same or spelled about the same, the custom ID is somebody's but for a slip, or the whole name is at
    /// another school. Of many who are absent, anybody may be one.
    pub(super) fn may_be(&self, clues: &Clues, id: &str, school: Option<&SchoolId>) -> bool {
        if self.places.is_empty() {
            return false;
        }
        if self.places.len() > MOST || !reads_as_a_name(clues) {
            return true;
        }
        let said = Name::new(&clues.first_name, &clues.last_name);
        let is_like = |(name, own): &(Name, String)| is_slip(own, id) || said.has_part_like(name);
        self.few.iter().any(is_like)
            || self.by_name.contains_key(&said.key())
            || clues.parts(id).into_iter().any(|part| match school {
                Some(school) => self.by_part_and_school.contains_key(&(part, school.clone())),
                None => self.by_part.contains_key(&part),
            })
    }
}

impl Clues {
    /// Returns the parts of the name, and of whatever stands in the cells where a name may have slipped.
    pub(super) fn parts(&self, custom_id: &str) -> Vec<String> {
        let Clues { first_name, middle_name, last_name, others, .. } = self;
        let cells = [first_name, middle_name, last_name].into_iter().chain(others).map(String::as_str);
        cells.chain([custom_id]).flat_map(person::parts).collect()
    }
}

/// How many users of one address are told apart by their names, and how many are looked at one by one.
const MOST: usize = 30;

/// Returns whether first and last name are made of letters, as names are.
fn reads_as_a_name(clues: &Clues) -> bool {
    let Clues { first_name, last_name, .. } = clues;
    let in_names = |c: char| c.is_alphabetic() || is_combining_mark(c) || " -'\u{2019}.,`()".contains(c);
    let letters = first_name.chars().chain(last_name.chars()).filter(|c| c.is_alphabetic()).count();
    letters > 1 && first_name.chars().chain(last_name.chars()).all(in_names)
}

/// Takes out whoever has the address or user name, but for those whose names clearly are another one's: somebody may be
/// given the address of a predecessor.
fn named_so(
    places: &mut HashMap<String, Vec<usize>>,
    key: String,
    names: &HashMap<usize, [String; 3]>,
    clues: &Clues,
) -> Vec<usize> {
    let Some(all) = places.remove(&key) else { return Vec::new() };
    let said = [&*clues.first_name, &*clues.middle_name, &*clues.last_name];
    let another = |place: &usize| {
        names.get(place).is_some_and(|[first, middle, last]| person::differ(said, [&**first, &**middle, &**last]))
    };
    let (others, found): (Vec<usize>, Vec<usize>) =
        if all.len() > MOST { (Vec::new(), all) } else { all.into_iter().partition(another) };
    if !others.is_empty() {
        places.insert(key, others);
    }
    found
}
