//! The files of the benchmark: a school system, its directory and its next roster, the same every time.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use roster::{Column, UserType};

use super::people::BenchPerson;
use build::problem::ProblemText;

/// Of how many users one leaves, and somebody else comes.
const LEAVING: u32 = 200;
/// Of how many users that stay [`CHANGED`] have one field that differs.
const BLOCK: u32 = 199;
const CHANGED: u32 = 3;

/// The columns of the users download. The roster has the first [`ROSTER_COLUMNS`] of them.
const COLUMNS: [Column; 12] = [
    Column::FirstName,
    Column::LastName,
    Column::MiddleName,
    Column::Email,
    Column::CustomId,
    Column::SchoolDistrictExternalId,
    Column::UserType,
    Column::Position,
    Column::Grade,
    Column::Status,
    Column::Username,
    Column::UserGuid,
];
const ROSTER_COLUMNS: usize = 10;

/// The files, and what a comparison has to find in them.
pub struct BenchFiles {
    pub schools: PathBuf,
    pub users: PathBuf,
    pub roster: PathBuf,
    /// Users and rows of the roster: there are as many of the ones as of the others.
    pub rows: u32,
    pub classes: Classes,
}

/// How many people a comparison finds of each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Classes {
    pub new: u32,
    pub gone: u32,
    pub changed: u32,
    pub unchanged: u32,
}

impl BenchFiles {
    /// Writes a directory of so many users and a roster of as many rows into the folder.
    pub fn make(folder: &Path, rows: u32) -> Result<BenchFiles, ProblemText> {
        let [schools, users, roster] = ["schools.csv", "users.csv", "roster.csv"].map(|name| folder.join(name));
        let system = SchoolSystem::with_rows(rows);
        let write = |path: &Path, result: csv::Result<()>| {
            result.map_err(|error| ProblemText::new(format!("{} could not be written: {error}", path.display())))
        };
        write(&schools, system.write_schools(&schools))?;
        write(&users, system.write_users(&users))?;
        write(&roster, system.write_roster(&roster))?;
        Ok(BenchFiles { schools, users, roster, rows, classes: system.classes() })
    }

    /// Returns how many bytes the directory and the roster have together.
    pub fn bytes(&self) -> Result<u64, ProblemText> {
        let bytes = |path: &PathBuf| {
            let metadata = std::fs::metadata(path);
            metadata.map_err(|error| ProblemText::new(format!("{} could not be found: {error}", path.display())))
        };
        Ok(bytes(&self.users)?.len() + bytes(&self.roster)?.len())
    }
}

/// Who is where, by the numbers of people: first those who stay, then those who leave, then those who come.
struct SchoolSystem {
    rows: u32,
    stay: u32,
    schools: u32,
}

impl SchoolSystem {
    fn with_rows(rows: u32) -> SchoolSystem {
        SchoolSystem { rows, stay: rows - rows / LEAVING, schools: (rows / 1000).max(2) }
    }

    fn classes(&self) -> Classes {
        let changed = (0..self.stay).filter(|number| is_changed(*number)).count() as u32;
        let leaving = self.rows - self.stay;
        Classes { new: leaving, gone: leaving, changed, unchanged: self.stay - changed }
    }

    fn write_schools(&self, path: &Path) -> csv::Result<()> {
        let mut writer = writer(path)?;
        writer.write_record(["school_district_external_id", "name", "kind"])?;
        for school in 0..=self.schools {
            let (name, kind) = match school {
                0 => ("District Office".to_owned(), "district"),
                _ => (format!("School {school}"), "school"),
            };
            writer.write_record([&external_id(school), &name, kind])?;
        }
        Ok(writer.flush()?)
    }

    fn write_users(&self, path: &Path) -> csv::Result<()> {
        let mut writer = writer(path)?;
        writer.write_record(COLUMNS.map(Column::header))?;
        for number in shuffled((0..self.rows).collect(), 1) {
            let mut person = BenchPerson::new(number, self.schools);
            if person.user_type != UserType::Student {
                // As the download has it, where the roster has an empty cell.
                person.grade = "Unspecified";
            }
            writer.write_record(cells(&person))?;
        }
        Ok(writer.flush()?)
    }

    fn write_roster(&self, path: &Path) -> csv::Result<()> {
        let mut writer = writer(path)?;
        writer.write_record(&COLUMNS.map(Column::header)[..ROSTER_COLUMNS])?;
        let coming = self.rows..2 * self.rows - self.stay;
        for number in shuffled((0..self.stay).chain(coming).collect(), 2) {
            let mut person = BenchPerson::new(number, self.schools);
            if number < self.stay && is_changed(number) {
                person.change(number / BLOCK, self.schools);
            }
            writer.write_record(&cells(&person)[..ROSTER_COLUMNS])?;
        }
        Ok(writer.flush()?)
    }
}

fn is_changed(number: u32) -> bool {
    number % BLOCK < CHANGED
}

fn shuffled(mut numbers: Vec<u32>, seed: u64) -> Vec<u32> {
    Rng::with_seed(seed).shuffle(&mut numbers);
    numbers
}

fn writer(path: &Path) -> csv::Result<csv::Writer<BufWriter<File>>> {
    let file = BufWriter::new(File::create(path)?);
    Ok(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file))
}

fn cells(person: &BenchPerson) -> [String; COLUMNS.len()] {
    let BenchPerson { first_name, last_name, email, custom_id, username, .. } = person.clone();
    let [middle_name, position, grade, status] =
        [person.middle_name, person.position, person.grade, person.status].map(str::to_owned);
    let (school, user_type) = (external_id(person.school), person.user_type.as_str().to_owned());
    let guid = person.guid.to_string();
    [first_name, last_name, middle_name, email, custom_id, school, user_type, position, grade, status, username, guid]
}

fn external_id(school: u32) -> String {
    format!("{:05}", 10_000 + school)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    type Table = HashMap<String, csv::StringRecord>;

    /// The lines of a file by custom ID.
    fn read(path: &Path) -> Table {
        let mut reader = csv::Reader::from_path(path).expect("the file is there");
        let lines = reader.records().map(|line| line.expect("it is CSV"));
        lines.map(|line| (line[4].to_owned(), line)).collect()
    }

    fn made(folder: &tempfile::TempDir) -> (BenchFiles, Table, Table) {
        let files = BenchFiles::make(folder.path(), 10_000).expect("the files can be made");
        let (users, roster) = (read(&files.users), read(&files.roster));
        (files, users, roster)
    }

    #[test]
    fn the_files_differ_as_promised() {
        let folder = tempfile::tempdir().expect("a folder");
        let (files, users, roster) = made(&folder);
        assert_eq!(files.classes, Classes { new: 50, gone: 50, changed: 150, unchanged: 9800 });
        assert_eq!((users.len(), roster.len()), (10_000, 10_000), "no two have one custom ID");
        let gone = users.keys().filter(|id| !roster.contains_key(*id)).count();
        // All but the grade, which is empty in one and Unspecified in the other for those who are no students.
        let fields = |line: &csv::StringRecord| -> Vec<String> {
            let grade = Some(&line[8]).filter(|grade| *grade != "Unspecified").unwrap_or_default().to_owned();
            line.iter().take(8).chain([grade.as_str(), &line[9]]).map(str::to_owned).collect()
        };
        let pairs = users.iter().filter_map(|(id, user)| Some((user, roster.get(id)?)));
        let differing: Vec<usize> = pairs
            .map(|(user, row)| fields(user).iter().zip(fields(row)).filter(|(a, b)| *a != b).count())
            .filter(|fields| *fields > 0)
            .collect();
        assert_eq!((gone, differing), (50, vec![1; 150]));
    }

    #[test]
    fn the_people_are_as_promised() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_, users, roster) = made(&folder);
        let percent = |is: &dyn Fn(&csv::StringRecord) -> bool| {
            roster.values().filter(|line| is(line)).count() as f64 * 100.0 / roster.len() as f64
        };
        let check = |is: &dyn Fn(&csv::StringRecord) -> bool, range: std::ops::Range<f64>, what: &str| {
            assert!(range.contains(&percent(is)), "{what}: {} %", percent(is));
        };
        check(&|line| &line[6] == "Student", 89.0..91.0, "students");
        check(&|line| &line[6] == "Teacher", 6.0..8.0, "teachers");
        check(&|line| !line[2].is_empty(), 31.0..36.0, "middle names");
        check(&|line| !line[0].is_ascii() || !line[1].is_ascii(), 8.0..12.0, "accents");
        check(&|line| line.iter().any(|cell| cell.contains([',', '"'])), 4.0..7.0, "quoted cells");
        check(&|line| line[3].is_empty() && &line[6] != "Student", 0.0..0.001, "staff without address");
        for table in [users, roster] {
            let addresses: Vec<&str> = table.values().map(|line| &line[3]).filter(|cell| !cell.is_empty()).collect();
            let different: std::collections::HashSet<&&str> = addresses.iter().collect();
            assert_eq!(different.len(), addresses.len());
        }
    }

    #[test]
    fn the_files_are_the_same_every_time() {
        let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
        let [one, other] = folders.each_ref().map(|folder| {
            let files = BenchFiles::make(folder.path(), 1000).expect("the files can be made");
            [files.schools, files.users, files.roster].map(|path| std::fs::read(path).expect("it is there"))
        });
        assert!(one == other);
        let download = roster::users_file([].iter(), &roster::Schools::new(Vec::new()));
        let header = one[1].split(|byte| *byte == b'\r').next();
        assert_eq!(header, download.trim_ascii_end().strip_prefix(b"\xef\xbb\xbf"), "the columns of the download");
    }
}
