//! What values of a file probably mean, where the words themselves do not say it.

use std::collections::BTreeMap;

use crate::file::words;
use crate::model::{Column, School, Schools, fold};
use crate::settings::{MappingProfile, value_key};

use super::in_use::{self, ExportKind};

/// Returns what values below one header probably mean as a column of ours.
///
/// They are those that are not read by themselves. `system` is the one that writes such files
/// ([`super::MappingProposal::system`]). At most [`MappingProfile::MOST_VALUES`] come back, and a person has to look at
/// each.
pub fn suggested_meanings(
    column: Column,
    values: &[&str],
    system: Option<&str>,
    schools: &Schools,
) -> BTreeMap<String, String> {
    let kind = system.and_then(in_use::named);
    let has_grades = values.iter().any(|value| is_grade_number(value));
    let meant = |value: &str| match column {
        Column::Status => status(kind, value),
        Column::UserType => user_type(value),
        Column::Grade => grade(kind, has_grades, value),
        Column::SchoolDistrictExternalId => school(schools, value).filter(|_| schools.by_external_id(value).is_none()),
        _ => None,
    };
    let unread = values.iter().filter(|value| words::meaning(column, value).is_none());
    let short = unread.filter(|value| value.chars().count() <= MappingProfile::MOST_CHARS);
    short.filter_map(|value| Some(((*value).to_owned(), meant(value)?))).take(MappingProfile::MOST_VALUES).collect()
}

/// Returns the status that a value is.
pub(super) fn status(kind: Option<&ExportKind>, value: &str) -> Option<String> {
    let known = kind.and_then(|kind| kind.value(Column::Status, value));
    known.or_else(|| status_word(value)).map(str::to_owned)
}

/// Returns what words for a status probably mean. Whoever has left, is away or comes later is Disabled.
pub(super) fn status_word(value: &str) -> Option<&'static str> {
    const ACTIVE: [&str; 18] = [
        "actv",
        "act",
        "a",
        "on roll",
        "current pupil",
        "current student",
        "registered",
        "attending",
        "angemeldet",
        "présent",
        "présente",
        "inscrit",
        "inscrite",
        "scolarisé",
        "scolarisée",
        "matriculado",
        "matriculada",
        "alta",
    ];
    const GONE: [&str; 36] = [
        "left",
        "leaver",
        "lvr",
        "gone",
        "inac",
        "inact",
        "inactv",
        "i",
        "fut",
        "future",
        "withdrawn",
        "wd",
        "transferred",
        "tran",
        "graduated",
        "grad",
        "pre-registered",
        "pre-enrolled",
        "off roll",
        "suspended",
        "tobedeleted",
        "to be deleted",
        "abgang",
        "ausgetreten",
        "beurlaubt",
        "abgemeldet",
        "ehemalig",
        "entlassen",
        "sorti",
        "sortie",
        "parti",
        "partie",
        "radié",
        "radiée",
        "baja",
        "trasladado",
    ];
    let word = value_key(value);
    if ACTIVE.contains(&word.as_str()) {
        return Some("Active");
    }
    GONE.contains(&word.as_str()).then_some("Disabled")
}

/// Returns the user type that a letter is.
pub(super) fn user_type(value: &str) -> Option<String> {
    let word = match value_key(value).as_str() {
        "s" | "stu" | "p" => "Student",
        "t" | "tch" => "Teacher",
        _ => return None,
    };
    Some(word.to_owned())
}

/// Returns the grade that a value is. `has_grades` says whether the column has a grade from 1 to 12 as a number.
pub(super) fn grade(kind: Option<&ExportKind>, has_grades: bool, value: &str) -> Option<String> {
    if let Some(known) = kind.and_then(|kind| kind.value(Column::Grade, value)) {
        return Some(known.to_owned());
    }
    let word = value.trim().to_lowercase();
    // Beside 1 to 12, nothing is before the first grade but Kindergarten.
    match number(&word) {
        Some(0) if has_grades => return Some("K".to_owned()),
        Some(-2..=-1) if has_grades => return Some("PreK".to_owned()),
        Some(_) => return None,
        None => {}
    }
    if let Some(known) = level_elsewhere(&word) {
        return Some(known);
    }
    let of_years = ["year", "yr", "y", "stufe", "jg"]
        .iter()
        .find_map(|before| number(word.strip_prefix(before)?.trim_start_matches(['.', ' '])));
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    // A class such as 7b is in grade 7. What begins with two zeros, as 00A, is none.
    let is_class = (1..=2).contains(&digits)
        && !word.starts_with("00")
        && word[digits..].chars().count() <= 2
        && word[digits..].chars().all(char::is_alphabetic);
    let of_class = || is_class.then(|| number(&word[..digits])).flatten();
    match of_years.or_else(of_class)? {
        grade @ 1..=12 => Some(grade.to_string()),
        13 => Some("Other".to_owned()),
        _ => None,
    }
}

/// Returns the grade of pupils of the same age where a level of a British, Australian, French or Spanish school is
/// meant. `word` is in small letters.
///
/// What could be the name of a class, such as `5e`, is none.
fn level_elsewhere(word: &str) -> Option<String> {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, after) = (number(&word[..digits]), word[digits..].trim_start_matches(['º', 'ª', '°', '.', ' ']));
    let name: String = after.chars().filter(|c| c.is_alphanumeric()).collect();
    let name = name.strip_prefix("de").filter(|rest| rest.len() > 2).unwrap_or(&name);
    let grade = match (number, name) {
        (None, "nursery") => return Some("PreK".to_owned()),
        (None, "reception" | "foundation" | "prep") => return Some("K".to_owned()),
        (None, "cp") => 1,
        (None, "ce1") => 2,
        (None, "ce2") => 3,
        (None, "cm1") => 4,
        (None, "cm2") => 5,
        (Some(year @ 3..=6), "ème" | "eme" | "ième" | "ieme") => 12 - year,
        (Some(2), "nde") | (None, "seconde") => 10,
        (Some(1), "ère" | "ere") | (None, "première" | "premiere") => 11,
        (None, "terminale" | "tle") => 12,
        (Some(year @ 1..=6), "primaria") => year,
        (Some(year @ 1..=4), "eso") => year + 6,
        (Some(year @ 1..=2), "bachillerato" | "bach") => year + 10,
        _ => return None,
    };
    Some(grade.to_string())
}

/// Returns whether a value is a grade from 1 to 12 as a number.
pub(super) fn is_grade_number(value: &str) -> bool {
    number(value).is_some_and(|number| (1..=12).contains(&number))
}

/// Returns the external ID of the one school with this name.
pub(super) fn school(schools: &Schools, name: &str) -> Option<String> {
    let same = |school: &&School| fold(school.name.trim()) == fold(name);
    let mut found = schools.iter().filter(same);
    found.next().filter(|_| found.next().is_none()).map(|school| school.external_id.clone())
}

fn number(text: &str) -> Option<i32> {
    text.trim().parse().ok()
}
