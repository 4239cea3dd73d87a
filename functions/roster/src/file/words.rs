//! What people and other programs write for a user type, a status or a grade: the one table of synonyms.
//!
//! Only what has one meaning is in it. `0` is Kindergarten for some and nothing for others, a number is Active for one
//! program and Inactive for the next, a parent or an aide has no user type of ours, and `Year 9` is grade 8 where the
//! word comes from; such words are refused. So is `Admin`, which may be an office, for Administrator gives rights.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::model::Column;

/// What is read as one of our words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synonyms {
    pub column: Column,
    /// The word of ours.
    pub value: &'static str,
    /// What is read as it, besides the word itself. Capitals, spaces, dots and hyphens make no difference. `#` stands
    /// for the grade as a number, `##` for it with its ending, as in `9th`, and `#w` for it as a word, as in `ninth`.
    pub written: &'static [&'static str],
}

/// The table.
pub const SYNONYMS: &[Synonyms] = &[
    row(
        Column::UserType,
        "Student",
        &[
            "Students",
            "Pupil",
            "Pupils",
            "Learner",
            "Learners",
            "Schüler",
            "Schülerin",
            "Schueler",
            "Schuelerin",
            "Estudiante",
            "Alumno",
            "Alumna",
            "Élève",
        ],
    ),
    row(
        Column::UserType,
        "Teacher",
        &[
            "Teachers",
            "Faculty",
            "Instructor",
            "Instructors",
            "Educator",
            "Educators",
            "Teaching staff",
            "Lehrer",
            "Lehrerin",
            "Lehrkraft",
            "Profesor",
            "Profesora",
            "Enseignant",
            "Enseignante",
        ],
    ),
    row(
        Column::UserType,
        "Staff",
        &["Staff member", "Member of staff", "Support staff", "Non-teaching staff", "Office staff"],
    ),
    row(Column::UserType, "Administrator", &["Administrators"]),
    row(
        Column::Status,
        "Active",
        &["True", "Yes", "Y", "Enabled", "Enrolled", "Current", "Aktiv", "Activo", "Activa", "Actif"],
    ),
    row(
        Column::Status,
        "Disabled",
        &["False", "No", "N", "Inactive", "Not active", "Deactivated", "Inaktiv", "Inactivo", "Inactiva", "Inactif"],
    ),
    row(Column::Grade, "Unspecified", &["Not specified", "Unknown"]),
    row(
        Column::Grade,
        "PreK",
        &[
            "PK",
            "PPK",
            "PR",
            "Preschool",
            "Prekindergarten",
            "Pre-Kinder",
            "Pre-pre-kindergarten",
            "PreK3",
            "PreK4",
            "PK3",
            "PK4",
            "Grade PK",
            "Grade PreK",
        ],
    ),
    row(
        Column::Grade,
        "K",
        &[
            "KG",
            "Kinder",
            "Kindergarten",
            "Kindergarden",
            "KF",
            "KH",
            "TK",
            "Transitional Kindergarten",
            "Grade K",
            "Gr K",
            "Grade KG",
            "Grade TK",
        ],
    ),
    grade("1", &[]),
    grade("2", &["II"]),
    grade("3", &["III"]),
    grade("4", &["IV"]),
    grade("5", &[]),
    grade("6", &["VI"]),
    grade("7", &["VII"]),
    grade("8", &["VIII"]),
    grade("9", &["IX", "Freshman"]),
    grade("10", &["Sophomore"]),
    grade("11", &["XI"]),
    grade("12", &["XII"]),
    row(Column::Grade, "Other", &["13", "13.0", "Grade 13", "IT", "Infant/toddler", "UG", "Ungraded"]),
];

/// How each of the grades from 1 to 12 is written.
pub const GRADE_FORMS: &[&str] = &[
    "0#",
    "00#",
    "#.0",
    "0#.0",
    "#.00",
    "#,0",
    "#,00",
    "G#",
    "G0#",
    "Gr #",
    "Gr 0#",
    "Grade #",
    "Grade 0#",
    "# Grade",
    "##",
    "## Gr",
    "## Grade",
    "Grade #w",
    "#w Grade",
    "Klasse #",
    "Kl #",
    "# Klasse",
    "Jahrgang #",
    "Jahrgangsstufe #",
];

/// Returns the word of ours that `cell` means in `column`, if it means one and no other.
pub fn meaning(column: Column, cell: &str) -> Option<&'static str> {
    static BY_PLAIN: LazyLock<HashMap<(Column, String), &str>> = LazyLock::new(|| {
        let words = SYNONYMS.iter().flat_map(|row| row.words().map(|word| ((row.column, plain(&word)), row.value)));
        words.collect()
    });
    const MAX_BYTES: usize = 80;
    if cell.len() > MAX_BYTES {
        return None;
    }
    BY_PLAIN.get(&(column, plain(cell))).copied()
}

impl Synonyms {
    /// Returns all that is read as the word, the word itself first.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let number = self.value.parse::<usize>().ok().filter(|_| self.column == Column::Grade);
        let forms = number.into_iter().flat_map(|number| GRADE_FORMS.iter().flat_map(move |form| filled(form, number)));
        let written = self.written.iter().map(|word| (*word).to_owned());
        std::iter::once(self.value.to_owned()).chain(written).chain(forms)
    }
}

const fn row(column: Column, value: &'static str, written: &'static [&'static str]) -> Synonyms {
    Synonyms { column, value, written }
}

const fn grade(value: &'static str, written: &'static [&'static str]) -> Synonyms {
    row(Column::Grade, value, written)
}

/// Returns a form of [`GRADE_FORMS`] with the grade filled in, in each way in which it can be.
fn filled(form: &str, grade: usize) -> Vec<String> {
    const CARDINAL: [&str; 12] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    const ORDINAL: [&str; 12] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
        "twelfth",
    ];
    let ending = match grade {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    if form.contains("#w") {
        return [CARDINAL, ORDINAL].map(|words| form.replace("#w", words[grade - 1])).to_vec();
    }
    vec![form.replace("##", &format!("{grade}{ending}")).replace('#', &grade.to_string())]
}

/// Returns `text` in the form in which words are compared: lower-case letters without spaces, dots and hyphens, but for
/// those that make another number of it, as in `-1`, `9.5`, `1-2`, `Grade -1` or `X-I`.
fn plain(text: &str) -> String {
    let text = text.trim().trim_end_matches('.').trim_end();
    let letters = || text.nfkc().flat_map(char::to_lowercase).map(|c| if is_dash(c) { '-' } else { c });
    let is_roman = letters().all(|c| is_skipped(c) || matches!(c, 'i' | 'v' | 'x'));
    let (mut plain, mut skipped) = (String::new(), String::new());
    for c in letters() {
        if !plain.is_empty() && is_skipped(c) {
            skipped.push(c);
            continue;
        }
        let is_digit = c.is_ascii_digit();
        let between_numbers = is_digit && plain.ends_with(|before: char| before.is_ascii_digit());
        // A hyphen behind a space or a dot stands before the number, not behind the word.
        let is_minus = is_digit && skipped.len() > 1 && skipped.contains('-');
        let first = skipped.chars().next().map(|c| if is_minus { '-' } else { c });
        plain.extend(first.filter(|_| between_numbers || is_minus || is_roman));
        plain.push(c);
        skipped.clear();
    }
    plain
}

fn is_skipped(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '_')
}

fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Grade, Status, UserType};

    #[track_caller]
    fn check(column: Column, cells: &[(&str, Option<&str>)]) {
        for (cell, meant) in cells {
            assert_eq!(meaning(column, cell), *meant, "{cell}");
        }
    }

    #[test]
    fn grades_are_understood() {
        let is = |cells: &[&'static str], value| {
            check(Column::Grade, &cells.iter().map(|cell| (*cell, Some(value))).collect::<Vec<_>>());
        };
        is(
            &["9", "09", "009", "9.0", "9.00", "9,0", "Gr 9", "Gr. 9", "GRADE 9", "Grade-09", "g9", "9th", "9TH GRADE"],
            "9",
        );
        is(&["Ninth Grade", "grade nine", "9. Klasse", "Klasse 9", "IX", "Freshman", "９", "9."], "9");
        is(&["1st", "01", "First Grade", "1st Gr."], "1");
        is(&["12th", "012", "Grade 12", "XII"], "12");
        is(&["2nd", "3rd grade"].map(|_| "2nd"), "2");
        is(&["K", "k", "KG", "Kinder", "kindergarten", "TK", "Grade K"], "K");
        is(
            &["PK", "pre-k", "Pre K", "PREK", "PPK", "PR", "Pre-Kindergarten", "Pre-K 4", "PreK3", "pre\u{2013}k"],
            "PreK",
        );
        is(&["13", "UG", "Ungraded", "IT", "other", "OTHER"], "Other");
    }

    #[test]
    fn what_can_mean_two_things_is_not_understood() {
        let grades = [
            "0",
            "00",
            "-1",
            "- 1",
            "\u{2212}1",
            "-01",
            "1.5",
            "9.5",
            "1-2",
            "1 2",
            "9-12",
            "K-5",
            "K5",
            "P3",
            "EE",
            "PS",
            "12+",
            "1 . 2",
            "Year 9",
            "14",
            "99",
            "100",
            "1th",
            "2st",
            "5e",
            "9a",
            "Junior",
            "I",
            "V",
            "X",
            "",
            "9/10",
            "1e1",
            "Grade -1",
            "G -1",
            "Gr.-1",
            "Kl.-1",
            "Grade \u{2212}1",
            "Grade - 1",
            "X-I",
            "V-I",
            "I I",
            "X.I.I",
            "I-X",
        ];
        grades.iter().for_each(|cell| check(Column::Grade, &[(cell, None)]));
        for cell in ["1", "0", "-1", "tobedeleted", "A", "I", "T", "Unactive", "Deactive", "pending", "2"] {
            check(Column::Status, &[(cell, None)]);
        }
        for cell in ["parent", "Guardian", "aide", "proctor", "S", "T", "Admin", "Principal", "Substitute", "Employee"]
        {
            check(Column::UserType, &[(cell, None)]);
        }
    }

    #[test]
    fn types_and_statuses_are_understood() {
        check(
            Column::UserType,
            &[("student", Some("Student")), ("PUPILS", Some("Student")), ("faculty", Some("Teacher"))],
        );
        check(Column::UserType, &[("ADMINISTRATOR", Some("Administrator")), ("Staff-Member", Some("Staff"))]);
        check(Column::Status, &[("ACTIVE", Some("Active")), ("true", Some("Active")), ("Y", Some("Active"))]);
        check(
            Column::Status,
            &[("In-active", Some("Disabled")), ("FALSE", Some("Disabled")), ("disabled", Some("Disabled"))],
        );
    }

    #[test]
    fn every_word_has_one_meaning_and_every_meaning_is_a_word_of_ours() {
        let mut seen: HashMap<(Column, String), &str> = HashMap::new();
        for row in SYNONYMS {
            let accepted = match row.column {
                Column::UserType => row.value.parse::<UserType>().is_ok(),
                Column::Status => row.value.parse::<Status>().is_ok(),
                _ => row.value.parse::<Grade>().is_ok(),
            };
            assert!(accepted, "{row:?}");
            for word in row.words() {
                assert_eq!(meaning(row.column, &word), Some(row.value), "{word}");
                if let Some(other) = seen.insert((row.column, plain(&word)), row.value) {
                    assert_eq!(other, row.value, "{word} has two meanings");
                }
            }
        }
        for (column, words) in [
            (Column::UserType, UserType::ALL.iter().map(|w| w.as_str()).collect::<Vec<_>>()),
            (Column::Status, Status::ALL.iter().map(|w| w.as_str()).collect()),
            (Column::Grade, Grade::ALL.iter().map(|w| w.as_str()).collect()),
        ] {
            for word in words {
                assert_eq!(meaning(column, word), Some(word), "a row of the table is missing");
            }
        }
    }
}
