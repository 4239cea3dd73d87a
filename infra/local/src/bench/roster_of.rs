//! A roster of any size, the same every time.

use std::collections::HashSet;

use build::problem::ProblemText;
use roster::SetBytes;

/// Which of the two rosters to make.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Year {
    First,
    /// The same people, of whom 1 in 100 changed, 1 in 200 moved, 1 in 400 left and as many came.
    Second,
}

const HEADER: [&str; 10] = [
    "first_name",
    "last_name",
    "middle_name",
    "email",
    "custom_id",
    "school_district_external_id",
    "user_type",
    "position",
    "grade",
    "status",
];
const FIRST_NAMES: [&str; 12] =
    ["Ada", "Björn", "Chloé", "Dmitri", "Eun-ji", "Fatima", "Grace", "Hiroshi", "Inés", "Jamal", "Kwame", "Łucja"];
const LAST_NAMES: [&str; 11] =
    ["Abara", "Brandt", "Castillo", "Dubois", "Eriksen", "Fischer", "Garcia", "Hughes", "Ito", "Jansen", "O’Neil"];
const GRADES: [&str; 14] = ["PreK", "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];

/// Returns external ID and name of the schools: one per thousand rows, and at least two.
pub fn schools(rows: u32) -> Vec<(String, String)> {
    let count = (rows / 1000).max(2);
    (1..=count).map(|number| (format!("S{number:05}"), format!("School {number}"))).collect()
}

/// Returns the roster as a file.
pub fn roster(rows: u32, schools: &[(String, String)], year: Year) -> Result<Vec<u8>, ProblemText> {
    let unwritable = |error: &dyn std::fmt::Display| ProblemText::new(format!("The roster could not be made: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).map_err(|error| unwritable(&error))?;
    for number in 0..rows {
        writer.write_record(row(number, rows, schools, year)).map_err(|error| unwritable(&error))?;
    }
    writer.into_inner().map_err(|error| unwritable(&error))
}

fn row(number: u32, rows: u32, schools: &[(String, String)], year: Year) -> [String; 10] {
    let changed = |one_in: u32, which: u32| year == Year::Second && number % one_in == which;
    let person = if changed(400, 7) { rows + number } else { number };
    let school = if changed(200, 3) { person + 1 } else { person } as usize % schools.len();
    let user_type = match number % 100 {
        0 => "Administrator",
        1..=3 => "Staff",
        4..=11 => "Teacher",
        _ => "Student",
    };
    let is_student = user_type == "Student";
    let grade = GRADES[((person / 13) as usize + usize::from(changed(100, 50))) % GRADES.len()];
    let cells = [
        FIRST_NAMES[person as usize % FIRST_NAMES.len()].to_owned(),
        LAST_NAMES[(person / 7) as usize % LAST_NAMES.len()].to_owned(),
        if person % 3 == 0 { "Lee".to_owned() } else { String::new() },
        if is_student { String::new() } else { format!("person{person}@contoso.example") },
        format!("{:08}", 10_000_000 + person),
        schools[school].0.clone(),
        user_type.to_owned(),
        if is_student { String::new() } else { "Faculty".to_owned() },
        if is_student { grade.to_owned() } else { String::new() },
        "Active".to_owned(),
    ];
    damaged(number, cells)
}

/// How many classes each student is in.
const CLASSES_OF_EACH: u32 = 5;
/// How many students a class has.
const CLASS: u32 = 30;

/// Returns the classes of a set, and how many enrolments it has.
///
/// Its users are those of the second year's roster who stayed as they were.
pub fn set(rows: u32, schools: &[(String, String)]) -> (Vec<u8>, u32) {
    let mut classes = "class_id,school_district_external_id,class_name\n".to_owned();
    let mut enrolments = "class_id,custom_id,class_role\n".to_owned();
    let (mut seen, mut count) = (HashSet::new(), 0);
    let stayed = |number: &u32| number % 400 != 7 && number % 200 != 3 && number % 1000 != 555;
    let teachers = (rows / 100).max(1);
    for number in (0..rows).filter(stayed).filter(|number| number % 100 > 11) {
        let school = number as usize % schools.len();
        let of_school = number / schools.len() as u32 / CLASS;
        for subject in 0..CLASSES_OF_EACH {
            let class = format!("{}-{subject}-{of_school}", schools[school].0);
            enrolments += &format!("{class},{:08},Student\n", 10_000_000 + number);
            count += 1;
            if seen.insert(class.clone()) {
                let teacher = 10_000_004 + 100 * (seen.len() as u32 % teachers);
                classes += &format!("{class},{},Subject {subject}\n", schools[school].0);
                enrolments += &format!("{class},{teacher:08},Primary teacher\n");
                count += 1;
            }
        }
    }
    let set = SetBytes { users: None, classes: Some(classes.into_bytes()), enrolments: Some(enrolments.into_bytes()) };
    (wire::archive::pack(&set), count)
}

/// Returns the row, 1 in 1000 with one of four mistakes.
fn damaged(number: u32, mut cells: [String; 10]) -> [String; 10] {
    if number % 1000 == 555 {
        match number / 1000 % 4 {
            0 => cells[9].clear(),
            1 => cells[5] = "NOWHERE".to_owned(),
            2 => cells[8] = "99".to_owned(),
            _ => cells[9] = "gone".to_owned(),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_year_differs_in_2_of_100_rows() -> Result<(), ProblemText> {
        let schools = schools(20_000);
        let years = [Year::First, Year::Second].map(|year| roster(20_000, &schools, year));
        let [first, second] = years.map(|year| year.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
        let (first, second) = (first?, second?);
        let differing = first.lines().zip(second.lines()).filter(|(a, b)| a != b).count();
        assert!((300..=450).contains(&differing), "{differing} rows differ");
        Ok(())
    }
}
