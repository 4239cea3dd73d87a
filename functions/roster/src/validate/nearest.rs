//! The right value that somebody probably meant.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::file::words;
use crate::model::{Column, Schools};
use crate::settings::Scope;

/// Returns the accepted word that `cell` probably means in `column`.
pub(super) fn word(column: Column, cell: &str) -> Option<&'static str> {
    words::meaning(column, cell).or_else(|| misspelled(column, cell))
}

/// Returns the word that differs from `cell` by one slip or, if it is a long word, by two. In a shorter word or one
/// with digits a slip can make another word. Administrators may do much, and two slips make of the word what others
/// call an office.
fn misspelled(column: Column, cell: &str) -> Option<&'static str> {
    const SHORTEST: usize = 5;
    const LONG: usize = 8;
    let letters: String = cell.chars().take(40).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if letters.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let near = |word: &&str| {
        let slips = if word.len() < LONG || *word == "Administrator" { 1 } else { 2 };
        let long_enough = word.len() >= SHORTEST && *word != "Other";
        long_enough && strsim::damerau_levenshtein(&word.to_lowercase(), &letters) <= slips
    };
    words::SYNONYMS.iter().filter(|row| row.column == column).map(|row| row.value).find(near)
}

/// What tells a misspelled external ID of a school. It is made when the first one is met.
#[derive(Default)]
pub(super) struct SchoolHints {
    /// `None` where several schools are written like that.
    by_plain: Option<HashMap<String, Option<String>>>,
}

impl SchoolHints {
    /// Returns the external ID that `value` means if capitals or leading zeros are wrong, or if it is the school's
    /// name. Of schools outside the scope nothing is told.
    pub(super) fn external_id(&mut self, value: &str, schools: &Schools, scope: &Scope) -> Option<&str> {
        let by_plain = self.by_plain.get_or_insert_with(|| {
            let mut by_plain: HashMap<String, Option<String>> = HashMap::new();
            let inside = schools.iter().filter(|school| scope.covers(&school.id));
            for school in inside {
                for text in [&school.name, &school.external_id] {
                    match by_plain.entry(key(text)) {
                        Entry::Vacant(new) => drop(new.insert(Some(school.external_id.clone()))),
                        Entry::Occupied(mut known) => {
                            let same = known.get().as_ref() == Some(&school.external_id);
                            known.get_mut().take_if(|_| !same);
                        }
                    }
                }
            }
            by_plain
        });
        by_plain.get(&key(value))?.as_deref()
    }
}

fn key(text: &str) -> String {
    text.trim_start_matches('0').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::word;
    use crate::model::Column;

    #[test]
    fn offers_the_word_that_was_meant() {
        let check = |column: Column, cells: &[(&str, Option<&str>)]| {
            for (cell, meant) in cells {
                assert_eq!(word(column, cell), *meant, "{cell}");
            }
        };
        let types =
            [("student", "Student"), ("Studnet", "Student"), ("Staf", "Staff"), ("Adminstrator", "Administrator")];
        check(Column::UserType, &types.map(|(cell, meant)| (cell, Some(meant))));
        check(Column::UserType, &[("Pupil", Some("Student")), ("Administratr", Some("Administrator"))]);
        check(Column::UserType, &["Admin", "admin", "ADMIN.", "Administration"].map(|cell| (cell, None)));
        check(Column::UserType, &["Administrateur", "Administratif", "Guardian"].map(|cell| (cell, None)));
        check(Column::UserType, &["parent", "aide", "S", "Principal", "proctor"].map(|cell| (cell, None)));
        check(Column::Status, &[("Inactive", Some("Disabled")), ("ACTIVE", Some("Active")), ("Actve", Some("Active"))]);
        check(Column::Status, &["1", "0", "Unactive", "Deactive", "tobedeleted", "A"].map(|cell| (cell, None)));
        check(
            Column::Grade,
            &[("09", Some("9")), ("9th", Some("9")), ("pre-k", Some("PreK")), ("unspecifid", Some("Unspecified"))],
        );
        check(
            Column::Grade,
            &["0", "-1", "99", "Prep", "Mother", "PreK5", "KK", "12+", "Year 9"].map(|cell| (cell, None)),
        );
    }
}
