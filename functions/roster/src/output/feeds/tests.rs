//! Feeds as somebody else's validator reads them: by what the formats ask for, written down here apart from the writer.

mod rules;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::*;
use crate::model::{
    Class, ClassFields, ClassGuid, ClassRole, ClassStatus, Enrolment, EnrolmentFields, Grade, SchoolId, User,
};
use rules::Asks::{self, *};
use rules::{CANVAS, CLEVER, FileRules, ONE_ROSTER, SDS};

use crate::testing::{NOW, guid, schools, users};

/// The files of a feed as rows of cells.
struct ReadFeed(BTreeMap<String, Vec<Vec<String>>>);

impl ReadFeed {
    fn of(format: FeedFormat) -> ReadFeed {
        let (users, classes, enrolments) = town();
        let schools = schools();
        let contents =
            FeedContents { schools: &schools, users: &users, classes: &classes, enrolments: &enrolments, now: NOW };
        let read = |file: SentFile| {
            assert!(!file.bytes.starts_with("\u{feff}".as_bytes()), "{} has a byte order mark", file.name);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&file.bytes[..]);
            let row = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
            (file.name, reader.records().map(|record| row(record.expect("as many cells as headers"))).collect())
        };
        ReadFeed(feed(format, &contents).into_iter().map(read).collect())
    }

    fn column(&self, file: &str, header: &str) -> Vec<&str> {
        let rows = &self.0[file];
        let place = rows[0].iter().position(|own| own == header).expect("the column");
        rows[1..].iter().map(|row| row[place].as_str()).collect()
    }

    /// Checks that the files are just these, with just these columns in this order, and that every cell is as it asks.
    fn check(&self, rules: &[FileRules]) {
        let names: BTreeSet<&str> = rules.iter().map(|(name, _)| *name).collect();
        assert_eq!(self.0.keys().map(String::as_str).collect::<BTreeSet<_>>(), names);
        for (name, columns) in rules {
            let headers: Vec<&str> = columns.iter().map(|(header, _)| *header).collect();
            assert_eq!(self.0[*name][0], headers, "{name}");
            assert!(self.0[*name].len() > 1, "{name} shows nothing");
            for (header, asks) in *columns {
                let cells = self.column(name, header);
                for cell in &cells {
                    assert!(self.is_right(asks, cell), "{name}, {header}: {cell:?}");
                }
                if matches!(asks, OwnId) {
                    assert_eq!(cells.iter().collect::<BTreeSet<_>>().len(), cells.len(), "{name}, {header}");
                }
            }
        }
    }

    fn is_right(&self, asks: &Asks, cell: &str) -> bool {
        let is_day = |cell: &str| cell.len() == 10 && cell.parse::<crate::model::Day>().is_ok();
        match asks {
            Nothing => true,
            Text | OwnId => !cell.is_empty(),
            Blank => cell.is_empty(),
            OneOf(words) => words.contains(&cell),
            Perhaps(words) => cell.is_empty() || words.contains(&cell),
            IdIn(file, column) => self.column(file, column).contains(&cell),
            PerhapsIdIn(file, column) => cell.is_empty() || self.column(file, column).contains(&cell),
            Day => is_day(cell),
            PerhapsDay => cell.is_empty() || is_day(cell),
            Year => cell.len() == 4 && cell.parse::<u16>().is_ok(),
        }
    }
}

/// A directory with everything that a feed can meet.
fn town() -> (Vec<User>, Vec<Class>, HashMap<ClassGuid, Vec<Enrolment>>) {
    let mut users = users(&[
        "guid=1|custom_id=S1|username=s1|grade=K|email=s1@town.example|middle_name=von",
        "guid=2|custom_id=S2|username=s2|grade=12|school_district_external_id=0020",
        "guid=3|custom_id=S3|username=s3|status=Disabled",
        "guid=4|custom_id=T1|username=t1|user_type=Teacher|email=t1@town.example|position=Head, \"of\" Maths",
        "guid=5|custom_id=T2|username=t2|user_type=Teacher|email=t2@town.example|school_district_external_id=0020",
        "guid=6|custom_id=F1|username=f1|user_type=Staff|email=f1@town.example",
        "guid=7|custom_id=A1|username=a1|user_type=Administrator|email=a1@town.example",
        "guid=8|custom_id=A2|username=a2|user_type=Administrator|email=a2@town.example|school_district_external_id=D",
        "guid=9|custom_id=S9|username=s9|deleted=",
        "guid=10|custom_id=S10|username=s10",
    ]);
    users[9].custom_id = None;
    let full = ["MA-1", "Maths, Logic", "3", "Fall", "2026-08-31", "2027-01-29"];
    let classes = [
        ("M 1/\u{e4}", "id-10", full, ClassStatus::Active),
        ("0042", "id-0020", ["", "", "", "", "", ""], ClassStatus::Active),
        ("C", "id-10", ["MA-1", "", "", "Fall", "", "2027-01-29"], ClassStatus::Active),
        ("office", "id-D", full, ClassStatus::Active),
        ("over", "id-10", full, ClassStatus::Archived),
    ];
    let classes: Vec<Class> = classes.into_iter().enumerate().map(|(i, parts)| class(i, parts)).collect();
    let mut enrolments: HashMap<ClassGuid, Vec<Enrolment>> = HashMap::new();
    let roles = [
        (4, ClassRole::Primary),
        (5, ClassRole::CoTeacher),
        (6, ClassRole::Aide),
        (7, ClassRole::Aide),
        (1, ClassRole::Student),
        (2, ClassRole::Student),
        (3, ClassRole::Student),
        (9, ClassRole::Student),
        (10, ClassRole::Student),
    ];
    for class in &classes {
        let of_class = roles.map(|(user, role)| Enrolment {
            class: class.guid,
            user: guid(user),
            version: 1,
            fields: EnrolmentFields {
                role,
                starts: (user < 5).then(|| "2026-09-01".parse().expect("a day")),
                ends: (user < 3).then(|| "2026-12-31".parse().expect("a day")),
            },
            ended_at: (user == 2 && class.fields.class_id == "0042").then_some(1),
        });
        enrolments.insert(class.guid, of_class.to_vec());
    }
    (users, classes, enrolments)
}

type ClassParts = (&'static str, &'static str, [&'static str; 6], ClassStatus);

fn class(i: usize, (id, school, [code, subject, period, term, starts, ends], status): ClassParts) -> Class {
    Class {
        guid: ClassGuid(uuid::Uuid::from_u128(0x2000 + i as u128)),
        version: 1,
        fields: ClassFields {
            class_id: id.to_owned(),
            school: SchoolId(school.to_owned()),
            name: format!("Class; \"{id}\""),
            grade: if i == 0 { Grade::PreK } else { Grade::Unspecified },
            course_code: code.to_owned(),
            subject: subject.to_owned(),
            period: period.to_owned(),
            term: term.to_owned(),
            starts: starts.parse().ok(),
            ends: ends.parse().ok(),
            status,
        },
        archived_at: None,
    }
}

#[test]
fn every_cell_is_as_the_format_asks() {
    ReadFeed::of(FeedFormat::OneRoster12).check(ONE_ROSTER);
    ReadFeed::of(FeedFormat::SdsV21).check(SDS);
    ReadFeed::of(FeedFormat::Clever).check(CLEVER);
    ReadFeed::of(FeedFormat::Canvas).check(CANVAS);
}

#[test]
fn records_of_one_roster_hold_together() {
    let feed = ReadFeed::of(FeedFormat::OneRoster12);
    let ids = |file: &str| feed.column(file, "sourcedId");
    for file in feed.0.keys().filter(|file| *file != "manifest.csv") {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "./@_-".contains(c);
        assert!(ids(file).iter().all(|id| id.len() <= 255 && id.chars().all(is_allowed)), "{file}");
    }
    let types: BTreeMap<&str, &str> = ids("orgs.csv").into_iter().zip(feed.column("orgs.csv", "type")).collect();
    for file in ["classes.csv", "enrollments.csv"] {
        assert!(feed.column(file, "schoolSourcedId").iter().all(|org| types[org] == "school"), "{file}");
    }
    // One primary role of each user, at the primary org.
    let of_user = feed.column("roles.csv", "userSourcedId").into_iter().zip(feed.column("roles.csv", "orgSourcedId"));
    let primary = of_user.zip(feed.column("roles.csv", "roleType")).filter(|(_, which)| *which == "primary");
    let primary: Vec<(&str, &str)> = primary.map(|(place, _)| place).collect();
    assert_eq!(
        primary,
        ids("users.csv").into_iter().zip(feed.column("users.csv", "primaryOrgSourcedId")).collect::<Vec<_>>()
    );
    // One primary teacher of each class.
    let primary =
        feed.column("enrollments.csv", "classSourcedId").into_iter().zip(feed.column("enrollments.csv", "primary"));
    let primary: Vec<&str> = primary.filter(|(_, primary)| *primary == "true").map(|(class, _)| class).collect();
    assert_eq!(primary.len(), primary.iter().collect::<BTreeSet<_>>().len());
    for (subjects, codes) in
        feed.column("classes.csv", "subjects").iter().zip(feed.column("classes.csv", "subjectCodes"))
    {
        assert_eq!(subjects.split(',').count(), codes.split(',').count());
    }
    let days = |column| feed.column("academicSessions.csv", column);
    assert!(days("startDate").iter().zip(days("endDate")).all(|(starts, ends)| *starts < ends));
    // The day after the last one.
    assert!(
        days("endDate").contains(&"2027-01-30") && feed.column("enrollments.csv", "endDate").contains(&"2027-01-01")
    );
}

#[test]
fn the_manifest_names_every_file_of_the_format() {
    let feed = ReadFeed::of(FeedFormat::OneRoster12);
    let said: BTreeMap<&str, &str> = feed.0["manifest.csv"][1..].iter().map(|row| (&*row[0], &*row[1])).collect();
    let files: Vec<(&str, &str)> =
        said.iter().filter_map(|(name, how)| Some((name.strip_prefix("file.")?, *how))).collect();
    assert_eq!(files.len(), 21);
    for (name, how) in files {
        let is_there = feed.0.contains_key(&format!("{name}.csv"));
        assert_eq!(how, if is_there { "bulk" } else { "absent" }, "{name}");
    }
    assert_eq!((said["manifest.version"], said["oneroster.version"]), ("1.0", "1.2"));
}

#[test]
fn who_can_not_sign_in_is_no_active_user_of_another_system() {
    let is = |format, file, column: &str, id: &str| ReadFeed::of(format).column(file, column).contains(&id);
    let one_roster = ReadFeed::of(FeedFormat::OneRoster12);
    let by_id =
        one_roster.column("users.csv", "identifier").into_iter().zip(one_roster.column("users.csv", "enabledUser"));
    assert_eq!(by_id.filter(|(_, enabled)| *enabled == "false").map(|(id, _)| id).collect::<Vec<_>>(), ["S3"]);
    assert!(!is(FeedFormat::SdsV21, "users.csv", "sourcedId", "S3"));
    assert!(!is(FeedFormat::Clever, "students.csv", "Student_id", "S3"));
    let canvas = ReadFeed::of(FeedFormat::Canvas);
    let by_id = canvas.column("users.csv", "user_id").into_iter().zip(canvas.column("users.csv", "status"));
    assert_eq!(by_id.filter(|(_, status)| *status == "suspended").map(|(id, _)| id).collect::<Vec<_>>(), ["S3"]);
    // Deleted users, and those without a custom ID, are in no feed.
    for user in ["S9", "S10", "s10"] {
        for format in FeedFormat::ALL {
            let rows = ReadFeed::of(format).0.into_values().flatten().flatten();
            assert!(!rows.into_iter().any(|cell| cell == user), "{user} in {format:?}");
        }
    }
}

#[test]
fn feeds_have_no_column_of_secrets_but_an_empty_one() {
    for format in FeedFormat::ALL {
        for (name, rows) in ReadFeed::of(format).0 {
            for (place, header) in rows[0].iter().enumerate().filter(|(_, header)| header.contains("assword")) {
                assert!(rows[1..].iter().all(|row| row[place].is_empty()), "{name}, {header}");
            }
        }
    }
}
