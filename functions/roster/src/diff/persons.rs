//! Rows whose names say somebody else than the user whose custom ID they have.

use std::collections::HashSet;

use crate::finding::{Findings, shorten};
use crate::settings::PersonDiffers;
use crate::user::User;
use crate::{Code, Column, Finding, person};

use super::Comparison;
use super::entry::Entry;

/// Reports every row that would turn its user into somebody else, whether or not the settings update names: the
/// account, with all that is in it, would be another person's. A GUID in the row says that it is meant, unless the row
/// changes the custom ID, too.
pub(super) fn report(entries: &mut [Entry], findings: &mut Findings, c: &Comparison) {
    let code = match c.settings.person_differs {
        PersonDiffers::Wait => Code::PersonDiffers,
        PersonDiffers::Reject => Code::PersonIsAnother,
    };
    for entry in entries.iter_mut().filter(|entry| !entry.rejected) {
        let Some(user) = entry.target.user().filter(|user| is_another(entry, user)) else { continue };
        let [present, said] =
            [names_of(user), entry.names()].map(|[first, _, last]| shorten(&format!("{first} {last}")));
        let id = user.custom_id.as_deref().unwrap_or_default();
        findings.push(Finding::at(code, entry.row, Column::CustomId, &entry.after.custom_id).expecting(format!(
            "The row of {present}, whose custom ID {id} is; the row would make {said} of {present}."
        )));
        entry.rejected |= c.settings.person_differs == PersonDiffers::Reject;
    }
}

/// How many rows of users that exist have their names in the wrong place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Misplaced {
    /// First and last names are exchanged.
    pub(super) exchanged: u64,
    /// One of the names is another one's of the file, and the other one is right.
    pub(super) mixed_up: u64,
    pub(super) rows: u64,
}

impl Misplaced {
    pub(super) fn of(entries: &[Entry]) -> Misplaced {
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

fn is_another(entry: &Entry, user: &User) -> bool {
    let said = entry.names();
    let (one, other) = (said.concat(), names_of(user).concat());
    !entry.is_meant(user) && !person::is_other_writing(&one, &other) && person::differ(said, names_of(user))
}

fn names_of(user: &User) -> [&str; 3] {
    [&user.first_name, &user.middle_name, &user.last_name]
}
