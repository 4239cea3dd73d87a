//! Rows whose names say somebody else than the user whose custom ID they have.

use std::collections::HashSet;

use super::person;
use crate::model::finding::shorten;
use crate::model::{Code, Column, Finding, Findings, User};
use crate::settings::PersonDiffers;

use super::comparison::Comparison;
use super::entry::Entry;
use super::target::Target;

/// Reports every row that would turn its user into somebody else, whether or not the settings update names: the
/// account, with all that is in it, would be another person's. A GUID in the row says that it is meant, unless the row
/// changes the custom ID, too.
pub(super) fn report(entries: &mut [Entry], findings: &mut Findings, c: &Comparison) {
    let code = match c.settings.person_differs {
        PersonDiffers::Wait => Code::PersonDiffers,
        PersonDiffers::Reject => Code::PersonIsAnother,
    };
    for entry in entries.iter_mut().filter(|entry| !entry.rejected) {
        let Some(user) = entry.target.user().filter(|user| is_another(entry, user, c)) else { continue };
        let [present, said] =
            [names_of(user), entry.names()].map(|[first, _, last]| shorten(&format!("{first} {last}")));
        let id = user.custom_id.as_deref().unwrap_or_default();
        let what = if takes_names(entry, c) {
            format!("the row would make {said} of {present}")
        } else {
            format!("the row is about {said}, who would get the account of {present}")
        };
        let expected = format!("The row of {present}, whose custom ID {id} is; {what}.");
        findings.push(Finding::at(code, entry.row, Column::CustomId, &entry.after.custom_id).expecting(expected));
        entry.rejected |= c.settings.person_differs == PersonDiffers::Reject;
    }
}

/// How many rows of users that exist have their names in the wrong place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Misplaced {
    /// First and last names are exchanged.
    pub(super) exchanged: u64,
    /// Each of the names that is not the user's is another one's of the file.
    pub(super) mixed_up: u64,
    pub(super) rows: u64,
}

impl Misplaced {
    /// Counts them in a file that changes names, or names new users.
    pub(super) fn of(entries: &[Entry], c: &Comparison) -> Misplaced {
        if !entries.iter().any(|entry| matches!(entry.target, Target::New) || takes_names(entry, c)) {
            return Misplaced::default();
        }
        let known = || entries.iter().filter_map(|entry| Some((entry, entry.target.user()?)));
        let [firsts, lasts] = [0, 2].map(|column| -> HashSet<Vec<String>> {
            known().map(|(_, user)| person::parts(names_of(user)[column])).collect()
        });
        let mut misplaced = Misplaced::default();
        for (entry, user) in known() {
            misplaced.rows += 1;
            let [[said_first, _, said_last], [first, _, last]] =
                [entry.names(), names_of(user)].map(|n| n.map(person::parts));
            match (said_first == first, said_last == last) {
                (true, true) => {}
                _ if said_first == last && said_last == first => misplaced.exchanged += 1,
                (first_same, last_same) => {
                    let others =
                        (first_same || firsts.contains(&said_first)) && (last_same || lasts.contains(&said_last));
                    misplaced.mixed_up += u64::from(others);
                }
            }
        }
        misplaced
    }
}

/// Whether the row's names are another one's. Names in another script can't be compared: they are another one's only
/// where they would replace the present ones.
fn is_another(entry: &Entry, user: &User, c: &Comparison) -> bool {
    let said = entry.names();
    let compared = || takes_names(entry, c) || !person::is_other_writing(&said.concat(), &names_of(user).concat());
    !entry.is_meant(user) && person::differ(said, names_of(user)) && compared()
}

/// Whether the user gets the row's names.
fn takes_names(entry: &Entry, c: &Comparison) -> bool {
    let updates = c.settings.overwrite && c.settings.update_names;
    !entry.rests && (updates || matches!(entry.target, Target::Deleted(_)))
}

fn names_of(user: &User) -> [&str; 3] {
    [&user.first_name, &user.middle_name, &user.last_name]
}
