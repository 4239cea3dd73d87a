//! Rows whose names say somebody else than the user whose custom ID they have.

use std::collections::HashSet;

use super::person;
use crate::file::parsed::SettledRow;
use crate::model::finding::shorten;
use crate::model::people::UserText;
use crate::model::{Code, Column, Directory, Finding, Findings, User};
use crate::settings::PersonDiffers;

use super::comparison::Comparison;
use super::row_diff::RowDiff;
use super::target::Target;

/// Reports every row that would turn its user into somebody else, whether or not the settings update names: the
/// account, with all that is in it, would be another person's. A GUID in the row says that it is meant, unless the row
/// changes the custom ID, too.
pub(super) fn report(entries: &mut [RowDiff], findings: &mut Findings, c: &Comparison) {
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
pub(crate) struct Misplaced {
    /// First and last names are exchanged.
    pub(super) exchanged: u64,
    /// Each of the names that is not the user's is another one's of the file.
    pub(super) mixed_up: u64,
    pub(super) rows: u64,
}

impl Misplaced {
    /// How many percent of the rows they have to be, and how many rows at least, for anything to follow from them.
    const PERCENT: u64 = 20;
    const FEW: u64 = 3;

    /// Counts the rows of users that exist whose names are in the wrong place, in a file that changes names or names new
    /// users. Where such rows are not many, those that are mixed up are not counted: each of their names has to be
    /// looked for among all users.
    pub(super) fn of(entries: &[RowDiff], settled: &[SettledRow], directory: &Directory, c: &Comparison) -> Misplaced {
        let updates = !settled.is_empty() && c.settings.overwrite && c.settings.update_names;
        let names_somebody = |entry: &RowDiff| matches!(entry.target, Target::New) || takes_names(entry, c);
        if !updates && !entries.iter().any(names_somebody) {
            return Misplaced::default();
        }
        let known = || entries.iter().filter_map(|entry| Some((entry, entry.target.user()?)));
        let mut misplaced = Misplaced { rows: (known().count() + settled.len()) as u64, ..Misplaced::default() };
        let others: Vec<NameDifference> = known().filter_map(|(entry, user)| NameDifference::of(entry, user)).collect();
        misplaced.exchanged = others.iter().filter(|renamed| renamed.is_exchanged()).count() as u64;
        let others: Vec<&NameDifference> = others.iter().filter(|renamed| !renamed.is_exchanged()).collect();
        if Misplaced::are_many(others.len() as u64, misplaced.rows) {
            let [firsts, lasts] = [UserText::FirstName, UserText::LastName].map(|text| {
                let of_settled = settled.iter().map(|row| directory.person(row.place).text(text));
                let of_entries = known()
                    .map(|(_, user)| if text == UserText::FirstName { &*user.first_name } else { &*user.last_name });
                let distinct: HashSet<&str> = of_settled.chain(of_entries).collect();
                distinct.into_iter().map(person::parts).collect::<HashSet<Vec<String>>>()
            });
            let mixed_up = |renamed: &&&NameDifference| renamed.is_among(&firsts, &lasts);
            misplaced.mixed_up = others.iter().filter(mixed_up).count() as u64;
        }
        misplaced
    }

    /// Returns whether so many of these rows of known users are a share that somebody has to look at, and not only a few.
    pub(crate) fn are_many(rows: u64, of: u64) -> bool {
        rows >= Misplaced::FEW && rows * 100 > of * Misplaced::PERCENT
    }
}

/// A row whose first or last name is not its user's.
struct NameDifference {
    said: [Vec<String>; 2],
    present: [Vec<String>; 2],
}

impl NameDifference {
    fn of(entry: &RowDiff, user: &User) -> Option<NameDifference> {
        let [said, present] = [entry.names(), names_of(user)].map(|[first, _, last]| [first, last]);
        if said == present {
            return None;
        }
        let [said, present] = [said, present].map(|names| names.map(person::parts));
        (said != present).then_some(NameDifference { said, present })
    }

    fn is_exchanged(&self) -> bool {
        self.said[0] == self.present[1] && self.said[1] == self.present[0]
    }

    /// Returns whether each of the names that is not the user's is another one's.
    fn is_among(&self, firsts: &HashSet<Vec<String>>, lasts: &HashSet<Vec<String>>) -> bool {
        let is_known = |column: usize, names: &HashSet<Vec<String>>| {
            self.said[column] == self.present[column] || names.contains(&self.said[column])
        };
        is_known(0, firsts) && is_known(1, lasts)
    }
}

/// Returns whether the row's names are another one's. Names in another script can't be compared: they are another one's
/// only where they would replace the present ones.
fn is_another(entry: &RowDiff, user: &User, c: &Comparison) -> bool {
    let said = entry.names();
    let compared = || takes_names(entry, c) || !person::is_other_writing(&said.concat(), &names_of(user).concat());
    !entry.is_meant(user) && person::differ(said, names_of(user)) && compared()
}

/// Returns whether the user gets the row's names.
fn takes_names(entry: &RowDiff, c: &Comparison) -> bool {
    let updates = c.settings.overwrite && c.settings.update_names;
    !entry.rests && (updates || matches!(entry.target, Target::Deleted(_)))
}

fn names_of(user: &User) -> [&str; 3] {
    [&user.first_name, &user.middle_name, &user.last_name]
}
