//! The right value that somebody probably meant.

use std::collections::HashMap;

use crate::user::Schools;

/// What people write for an accepted word, and what a comparison of letters would get wrong.
const SYNONYMS: &[(&str, &str)] = &[
    ("inactive", "Disabled"),
    ("deactivated", "Disabled"),
    ("enabled", "Active"),
    ("pupil", "Student"),
    ("learner", "Student"),
    ("admin", "Administrator"),
    ("employee", "Staff"),
    ("kindergarten", "K"),
    ("kg", "K"),
    ("pk", "PreK"),
    ("prekindergarten", "PreK"),
    ("preschool", "PreK"),
    ("none", "Unspecified"),
];

/// The accepted word that `value` is near to.
pub(super) fn word<'w>(value: &str, accepted: &[&'w str]) -> Option<&'w str> {
    let plain = plain(value);
    let meant = SYNONYMS.iter().find(|(synonym, _)| *synonym == plain).map(|(_, word)| *word);
    if let Some(word) = meant.and_then(|meant| accepted.iter().find(|w| **w == meant)) {
        return Some(word);
    }
    let same = |word: &&&str| word.to_lowercase() == plain;
    let near = |word: &&&str| word.len() > 3 && strsim::damerau_levenshtein(&word.to_lowercase(), &plain) <= 2;
    accepted.iter().find(same).or_else(|| accepted.iter().find(near)).copied()
}

/// Small letters and digits only; `09`, `9th` and `Grade 9` are `9`.
fn plain(value: &str) -> String {
    let letters: String = value.chars().take(40).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let grade = letters.strip_prefix("grade").unwrap_or(&letters).trim_start_matches('0');
    let number = ["st", "nd", "rd", "th", "thgrade"].iter().find_map(|end| grade.strip_suffix(end)).unwrap_or(grade);
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if is_number { number.to_owned() } else { letters }
}

/// What tells a misspelled external ID of a school. It is made when the first one is met.
#[derive(Default)]
pub(super) struct SchoolHints {
    by_plain: Option<HashMap<String, String>>,
}

impl SchoolHints {
    /// The external ID that `value` means if capitals or leading zeros are wrong, or if it is the school's name.
    pub(super) fn external_id(&mut self, value: &str, schools: &Schools) -> Option<&str> {
        let by_plain = self.by_plain.get_or_insert_with(|| {
            let names = schools.iter().map(|s| (key(&s.name), s.external_id.clone()));
            let ids = schools.iter().map(|s| (key(&s.external_id), s.external_id.clone()));
            names.chain(ids).collect()
        });
        by_plain.get(&key(value)).map(String::as_str)
    }
}

fn key(text: &str) -> String {
    text.trim_start_matches('0').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::word;
    use crate::user::{Grade, Status, UserType};

    #[test]
    fn offers_the_word_that_was_meant() {
        let types: Vec<&str> = UserType::ALL.iter().map(|w| w.as_str()).collect();
        let statuses: Vec<&str> = Status::ALL.iter().map(|w| w.as_str()).collect();
        let grades: Vec<&str> = Grade::ALL.iter().map(|w| w.as_str()).collect();
        let check = |accepted: &[&str], value: &str, meant: Option<&str>| {
            assert_eq!(word(value, accepted), meant, "{value}");
        };
        check(&types, "student", Some("Student"));
        check(&types, "Studnet", Some("Student"));
        check(&types, "Pupil", Some("Student"));
        check(&types, "Guardian", None);
        check(&statuses, "Inactive", Some("Disabled"));
        check(&statuses, "ACTIVE", Some("Active"));
        check(&statuses, "1", None);
        check(&grades, "09", Some("9"));
        check(&grades, "9th", Some("9"));
        check(&grades, "Grade 11", Some("11"));
        check(&grades, "Kindergarten", Some("K"));
        check(&grades, "pre-k", Some("PreK"));
        check(&grades, "13", None);
        check(&grades, "99", None);
    }
}
