//! The table of names in use: what the headers of each system mean, and what is known of their values.
//!
//! One row of [`SYSTEMS`] is one kind of export, its headers as the system writes them. `tests.rs` has a made-up file for
//! each.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::Column;
use crate::settings::{NameOrder, header_key};

use HeaderUse::{About, Decoded, Fallback, Internal, Is, Preferred, Whole};

/// What a header of a system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderUse {
    Is(Column),
    /// The same in words, beside a column of codes.
    Decoded(Column),
    /// Where the first header has nothing.
    Fallback(Column),
    /// The whole name of a person.
    Whole(NameOrder),
    /// What somebody is called, where the legal name stands beside it.
    Preferred(Column),
    /// An ID that people hardly see, where another one is on their lists.
    Internal,
    /// Nothing of ours: this says what.
    About(&'static str),
}

/// One kind of export.
pub(super) struct ExportKind {
    pub name: &'static str,
    pub headers: &'static [(&'static str, HeaderUse)],
    /// What values mean, where the words themselves do not say it.
    pub values: &'static [(Column, &'static [(&'static str, &'static str)])],
    /// The user type of everybody in it.
    pub user_type: Option<&'static str>,
}

/// Returns the kind whose headers a file has, by their keys: at least three of them, and half of what it has.
pub(super) fn recognise(keys: &[String]) -> Option<&'static ExportKind> {
    let filled = keys.iter().filter(|key| !key.is_empty()).count();
    let scored = BY_KEY.iter().enumerate().map(|(i, names)| {
        let known = keys.iter().filter(|key| names.contains_key(*key)).count();
        (known, SYSTEMS[i].headers.len(), i)
    });
    let fits = scored.filter(|(known, ..)| *known >= 3 && *known * 2 >= filled);
    let best = fits.max_by_key(|(known, all, i)| (*known, std::cmp::Reverse(*all), std::cmp::Reverse(*i)));
    best.map(|(.., i)| &SYSTEMS[i])
}

/// Returns the kind with this name.
pub(super) fn named(name: &str) -> Option<&'static ExportKind> {
    SYSTEMS.iter().find(|kind| kind.name == name)
}

impl ExportKind {
    /// Returns what the header with this key is here.
    pub(super) fn meaning(&self, key: &str) -> Option<HeaderUse> {
        let own = self.headers.iter().find(|(header, _)| header_key(header) == key);
        own.map(|(_, meaning)| *meaning)
    }

    /// Returns what a value of the column means here.
    pub(super) fn value(&self, column: Column, value: &str) -> Option<&'static str> {
        let own = self.values.iter().filter(|(own, _)| *own == column).flat_map(|(_, values)| values.iter());
        own.into_iter().find(|(written, _)| written.eq_ignore_ascii_case(value)).map(|(_, meant)| *meant)
    }
}

/// Returns what a header with this key is in every kind that has it; `None` where they differ.
pub(super) fn anywhere(key: &str) -> Option<HeaderUse> {
    let mut meanings = BY_KEY.iter().filter_map(|names| names.get(key).copied());
    let first = meanings.next()?;
    meanings.all(|other| other == first).then_some(first)
}

static BY_KEY: LazyLock<Vec<HashMap<String, HeaderUse>>> = LazyLock::new(|| {
    let of = |kind: &ExportKind| kind.headers.iter().map(|(header, meaning)| (header_key(header), *meaning)).collect();
    SYSTEMS.iter().map(of).collect()
});

const STUDENTS: Option<&str> = Some("Student");
const TEACHERS: Option<&str> = Some("Teacher");
const GENDER: HeaderUse = About("the gender");
const BIRTH: HeaderUse = About("the date of birth");
const STATE_ID: HeaderUse = About("a number of the state");
const ROOM: HeaderUse = About("the home room");
const HOUSE: HeaderUse = About("the house");
const PARENT: HeaderUse = About("a parent");
const TEACHER: HeaderUse = About("the teacher");
const COURSE: HeaderUse = About("a course, without the ID of a class");
const SCHOOL: HeaderUse = Is(Column::SchoolDistrictExternalId);
const FIRST: HeaderUse = Is(Column::FirstName);
const LAST: HeaderUse = Is(Column::LastName);
const MIDDLE: HeaderUse = Is(Column::MiddleName);
const ID: HeaderUse = Is(Column::CustomId);
const GRADE: HeaderUse = Is(Column::Grade);
const EMAIL: HeaderUse = Is(Column::Email);
const CALLED: HeaderUse = Preferred(Column::FirstName);

/// The kinds. Where two have as many headers of a file, the one with fewer of its own comes first.
pub(super) const SYSTEMS: &[ExportKind] = &[
    ExportKind {
        name: "PowerSchool",
        headers: &[
            ("Student_Number", ID),
            ("ID", Internal),
            ("DCID", Internal),
            ("State_StudentNumber", STATE_ID),
            ("LastFirst", Whole(NameOrder::LastCommaFirst)),
            ("Last_Name", LAST),
            ("First_Name", FIRST),
            ("Middle_Name", MIDDLE),
            ("Grade_Level", GRADE),
            ("Gender", GENDER),
            ("DOB", BIRTH),
            ("SchoolID", SCHOOL),
            ("Home_Room", ROOM),
            ("Enroll_Status", Is(Column::Status)),
            ("Student_Web_ID", About("an account of the parents' site")),
        ],
        values: &[
            (Column::Grade, &[("0", "K"), ("-1", "PreK"), ("-2", "PreK")]),
            (Column::Status, &[("0", "Active"), ("2", "Disabled"), ("3", "Disabled"), ("-1", "Disabled")]),
        ],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "Infinite Campus",
        headers: &[
            ("student.studentNumber", ID),
            ("student.personID", Internal),
            ("student.stateID", STATE_ID),
            ("student.lastName", LAST),
            ("student.firstName", FIRST),
            ("student.middleName", MIDDLE),
            ("student.birthdate", BIRTH),
            ("student.grade", GRADE),
            ("dist.number", About("the district")),
            ("sch.number", SCHOOL),
            ("courseSection.courseName", COURSE),
            ("pcontact.email", PARENT),
        ],
        values: &[],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "Infinite Campus (conversion)",
        headers: &[
            ("studentnum", ID),
            ("statenum", STATE_ID),
            ("lastname", LAST),
            ("firstname", FIRST),
            ("middlename", MIDDLE),
            ("schoolnum", SCHOOL),
            ("grade", GRADE),
        ],
        values: &[],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "Aeries",
        headers: &[
            ("STU.ID", ID),
            ("STU.SN", Internal),
            ("STU.LN", LAST),
            ("STU.FN", FIRST),
            ("STU.MN", MIDDLE),
            ("STU.CID", STATE_ID),
            ("STU.BD", BIRTH),
            ("STU.GN", GENDER),
            ("STU.GN?", GENDER),
            ("STU.GR", GRADE),
            ("STU.GR?", Decoded(Column::Grade)),
            ("STU.SC", SCHOOL),
            ("STU.SC?", Decoded(Column::SchoolDistrictExternalId)),
            ("STU.PEM", PARENT),
            ("STU.SEM", EMAIL),
        ],
        values: &[(Column::Grade, &[("0", "K"), ("-1", "PreK"), ("-2", "PreK")])],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "Aeries staff",
        headers: &[
            ("STF.ID", ID),
            ("STF.LN", LAST),
            ("STF.FN", FIRST),
            ("STF.MN", MIDDLE),
            ("STF.EM", EMAIL),
            ("STF.PSC", SCHOOL),
            ("STF.TI", Is(Column::Position)),
            ("TCH.TE", About("the name on schedules")),
        ],
        values: &[],
        user_type: TEACHERS,
    },
    ExportKind {
        name: "Synergy",
        headers: &[
            ("SIS_NUMBER", ID),
            ("Perm ID", ID),
            ("STATE_STUDENT_NUMBER", STATE_ID),
            ("LAST_NAME", LAST),
            ("FIRST_NAME", FIRST),
            ("MIDDLE_NAME", MIDDLE),
            ("STUDENT_GU", Internal),
            ("GRADE", GRADE),
            ("SCHOOL_CODE", SCHOOL),
            ("SECTION_ID", Is(Column::ClassId)),
            ("COURSE_TITLE", Is(Column::ClassName)),
        ],
        values: &[],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "Skyward",
        headers: &[
            ("Other ID", ID),
            ("NameID", Internal),
            ("Alphakey", Internal),
            ("Last Name", LAST),
            ("First Name", FIRST),
            ("Middle Name", MIDDLE),
            ("Entity", SCHOOL),
            ("EntityID", SCHOOL),
            ("NameEmail", EMAIL),
            ("Grade", GRADE),
        ],
        values: &[],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "Veracross",
        headers: &[
            ("Person ID", ID),
            ("First Name", FIRST),
            ("Middle Name", MIDDLE),
            ("Last Name", LAST),
            ("Current Grade", GRADE),
            ("Email 1", EMAIL),
            ("Email 2", Fallback(Column::Email)),
            ("School Level", SCHOOL),
        ],
        values: &[],
        user_type: None,
    },
    ExportKind {
        name: "eduCLIMBER",
        headers: &[
            ("School Year", About("the school year")),
            ("Student ID", ID),
            ("Student Local ID", ID),
            ("Student First Name", FIRST),
            ("Student Middle Name / Initial", MIDDLE),
            ("Student Last Name", LAST),
            ("Grade", GRADE),
            ("School Name", SCHOOL),
            ("Course Name", COURSE),
            ("Course ID", COURSE),
            ("Course Section", COURSE),
            ("Course Period", COURSE),
            ("Teacher First Name", TEACHER),
            ("Teacher Last Name", TEACHER),
            ("Teacher Email", TEACHER),
            ("Teacher ID", TEACHER),
        ],
        values: &[],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "SIMS",
        headers: &[
            ("Admissions Number", ID),
            ("Admission Number", ID),
            ("Adno", ID),
            ("Pupil ID", ID),
            ("UPN", ID),
            ("Person ID", Internal),
            ("Forename", FIRST),
            ("Surname", LAST),
            ("Legal Forename", FIRST),
            ("Legal Surname", LAST),
            ("Middle Name(s)", MIDDLE),
            ("Preferred Forename", CALLED),
            ("Preferred Surname", Preferred(Column::LastName)),
            ("Surname Forename", Whole(NameOrder::LastFirst)),
            ("Year Group", GRADE),
            ("NC Year", GRADE),
            ("Reg Group", ROOM),
            ("House", HOUSE),
            ("DOB", BIRTH),
            ("Sex", GENDER),
            ("FSM", About("free school meals")),
            ("Exam No", About("a number for examinations")),
            ("Work Email Address", EMAIL),
        ],
        values: UK_YEARS,
        user_type: STUDENTS,
    },
    ExportKind {
        name: "iSAMS",
        headers: &[
            ("Id", Internal),
            ("UPN", ID),
            ("ULN", About("a number for examinations")),
            ("AD Username", Is(Column::Username)),
            ("Title", About("the form of address")),
            ("Name Initials", About("initials")),
            ("Forename", FIRST),
            ("Middle Names", MIDDLE),
            ("Surname", LAST),
            ("Preferred Name", CALLED),
            ("DOB", BIRTH),
            ("NC Year", GRADE),
            ("Form/Tutor Group", ROOM),
            ("Tutor", TEACHER),
            ("Academic House", HOUSE),
            ("School Email Address", EMAIL),
            ("Leaving Date", About("when somebody leaves")),
        ],
        values: UK_YEARS,
        user_type: STUDENTS,
    },
    ExportKind {
        name: "CASES21",
        headers: &[
            ("STKEY", ID),
            ("SURNAME", LAST),
            ("FIRST_NAME", FIRST),
            ("SECOND_NAME", MIDDLE),
            ("PREF_NAME", CALLED),
            ("HOME_GROUP", ROOM),
            ("SCHOOL_YEAR", GRADE),
            ("STATUS", Is(Column::Status)),
            ("E_MAIL_A", EMAIL),
            ("E_MAIL_B", Fallback(Column::Email)),
            ("HOUSE", HOUSE),
            ("FAMILY", About("the family")),
            ("CAMPUS", SCHOOL),
        ],
        values: &[
            (
                Column::Status,
                &[
                    ("ACTV", "Active"),
                    ("LEFT", "Disabled"),
                    ("INAC", "Disabled"),
                    ("FUT", "Disabled"),
                    ("LVNG", "Active"),
                ],
            ),
            (Column::Grade, AU_YEARS),
        ],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "CASES21 (class list)",
        headers: &[
            ("STUDENT ID", ID),
            ("FIRST NAME", FIRST),
            ("LAST NAME", LAST),
            ("CLASS NAME", ROOM),
            ("YEAR LEVEL", GRADE),
            ("PARENT EMAIL", PARENT),
        ],
        values: &[(Column::Grade, AU_YEARS)],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "Synergetic",
        headers: &[
            ("School Code", SCHOOL),
            ("StudentID", ID),
            ("GivenName", FIRST),
            ("Preferred", CALLED),
            ("MiddleName", MIDDLE),
            ("FamilyName", LAST),
            ("DateOfBirth", BIRTH),
            ("YearLevel", GRADE),
            ("HomeClass", ROOM),
            ("Sex", GENDER),
        ],
        values: &[(Column::Grade, AU_YEARS)],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "NAPLAN (Northern Territory)",
        headers: &[
            ("Student ID (School)", ID),
            ("Family Name", LAST),
            ("Given Name", FIRST),
            ("Preferred Name", CALLED),
            ("Middle Name", MIDDLE),
            ("Gender", GENDER),
            ("ACARA School ID", SCHOOL),
            ("School Name", Decoded(Column::SchoolDistrictExternalId)),
            ("Year Level", GRADE),
        ],
        values: &[(Column::Grade, AU_YEARS)],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "SchILD-NRW",
        headers: &[
            ("Interne ID-Nummer", ID),
            ("Nachname", LAST),
            ("Vorname", FIRST),
            ("Klasse", GRADE),
            ("Klassenlehrer", TEACHER),
            ("Geburtsdatum", BIRTH),
            ("Geschlecht", GENDER),
            ("vorauss. Abschlussdatum", About("when somebody leaves")),
            ("Aufnahmedatum", About("when somebody came")),
            ("Entlassdatum", About("when somebody leaves")),
            ("Volljährig", About("the age")),
            ("Schulpflicht erfüllt", About("the age")),
            ("Status", Is(Column::Status)),
            ("E-Mail (privat)", EMAIL),
            ("Schulnummer", SCHOOL),
        ],
        values: &[(Column::Status, &[("2", "Active"), ("0", "Disabled"), ("8", "Disabled"), ("9", "Disabled")])],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "SchILD-NRW (Lehrkräfte)",
        headers: &[
            ("Vorname", FIRST),
            ("Nachname", LAST),
            ("E-Mail (Dienstlich)", EMAIL),
            ("eindeutige Nummer (GUID)", ID),
        ],
        values: &[],
        user_type: TEACHERS,
    },
    ExportKind {
        name: "ASV",
        headers: &[
            ("lokales Differenzierungsmerkmal", ID),
            ("Familienname", LAST),
            ("Vornamen", FIRST),
            ("Rufname", CALLED),
            ("Klasse", GRADE),
            ("M/W.Kurzform", GENDER),
            ("Religionszugehörigkeit.Kurzform", About("the religion")),
        ],
        values: &[],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "WebUntis",
        headers: &[
            ("externKey", ID),
            ("name", Internal),
            ("longName", LAST),
            ("foreName", FIRST),
            ("klasse.name", GRADE),
            ("gender", GENDER),
            ("birthDate", BIRTH),
            ("address.email", EMAIL),
        ],
        values: &[],
        user_type: STUDENTS,
    },
    ExportKind {
        name: "WebUntis (Lehrkräfte)",
        headers: &[("name", ID), ("longName", LAST), ("foreName", FIRST)],
        values: &[],
        user_type: TEACHERS,
    },
    ExportKind {
        name: "OneRoster (Japan)",
        headers: &[
            ("sourcedId", ID),
            ("status", About("whether the record was deleted")),
            ("dateLastModified", About("when the record was changed")),
            ("enabledUser", Is(Column::Status)),
            ("orgSourcedIds", SCHOOL),
            ("role", Is(Column::UserType)),
            ("username", Is(Column::Username)),
            ("userMasterIdentifier", Internal),
            ("userIds", About("IDs of other systems")),
            ("givenName", FIRST),
            ("familyName", LAST),
            ("middleName", MIDDLE),
            ("preferredGivenName", CALLED),
            ("identifier", Internal),
            ("email", EMAIL),
            ("grades", GRADE),
            ("metadata.jp.kanaGivenName", About("how the name is read")),
            ("metadata.jp.kanaFamilyName", About("how the name is read")),
            ("metadata.jp.kanaMiddleName", About("how the name is read")),
            ("metadata.jp.homeClass", ROOM),
        ],
        values: &[],
        user_type: None,
    },
    ExportKind {
        name: "International school",
        headers: &[
            ("Student ID", ID),
            ("First Name", FIRST),
            ("Last Name", LAST),
            ("Year Group", GRADE),
            ("Grade", GRADE),
            ("年级", GRADE),
            ("Homeroom", ROOM),
            ("Form", ROOM),
            ("Reg Group", ROOM),
            ("Registration Group", ROOM),
            ("班级教室", ROOM),
        ],
        values: &[],
        user_type: STUDENTS,
    },
];

/// Years of England and Wales: Reception comes before year 1.
const UK_YEARS: &[(Column, &[(&str, &str)])] =
    &[(Column::Grade, &[("R", "K"), ("Reception", "K"), ("0", "K"), ("N", "PreK"), ("N1", "PreK"), ("N2", "PreK")])];
/// Years of Australia: Foundation, which each state calls otherwise, comes before year 1.
const AU_YEARS: &[(&str, &str)] =
    &[("0", "K"), ("00", "K"), ("0.0", "K"), ("F", "K"), ("FND", "K"), ("Foundation", "K"), ("P", "K"), ("Prep", "K")];
