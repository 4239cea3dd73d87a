//! What the formats ask of each column, from their own descriptions and not from the writer.

/// The rules of a column.
pub enum Asks {
    Nothing,
    Text,
    OneOf(&'static [&'static str]),
    /// One of these, or nothing.
    Perhaps(&'static [&'static str]),
    /// An ID that no other row of the file has.
    OwnId,
    /// The ID of a row: of this file, in this column.
    IdIn(&'static str, &'static str),
    /// The same, or nothing.
    PerhapsIdIn(&'static str, &'static str),
    /// `2026-11-28`
    Day,
    PerhapsDay,
    /// `2026`
    Year,
    /// Empty, as in files with everybody.
    Blank,
}

use Asks::*;

/// The columns of a file, in order.
pub type FileRules = (&'static str, &'static [(&'static str, Asks)]);

const GRADES: &[&str] = &[
    "IT", "PR", "PK", "TK", "KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "PS",
    "UG", "Other",
];

pub const ONE_ROSTER: &[FileRules] = &[
    ("manifest.csv", &[("propertyName", OwnId), ("value", Text)]),
    (
        "orgs.csv",
        &[
            ("sourcedId", OwnId),
            ("status", Blank),
            ("dateLastModified", Blank),
            ("name", Text),
            ("type", OneOf(&["department", "school", "district", "local", "state", "national"])),
            ("identifier", Nothing),
            ("parentSourcedId", PerhapsIdIn("orgs.csv", "sourcedId")),
        ],
    ),
    (
        "users.csv",
        &[
            ("sourcedId", OwnId),
            ("status", Blank),
            ("dateLastModified", Blank),
            ("enabledUser", OneOf(&["true", "false"])),
            ("username", Text),
            ("userIds", Blank),
            ("givenName", Text),
            ("familyName", Text),
            ("middleName", Nothing),
            ("identifier", Nothing),
            ("email", Nothing),
            ("sms", Blank),
            ("phone", Blank),
            ("agentSourcedIds", Blank),
            ("grades", Perhaps(GRADES)),
            ("password", Blank),
            ("userMasterIdentifier", Blank),
            ("preferredGivenName", Blank),
            ("preferredMiddleName", Blank),
            ("preferredFamilyName", Blank),
            ("primaryOrgSourcedId", IdIn("orgs.csv", "sourcedId")),
            ("pronouns", Blank),
        ],
    ),
    (
        "roles.csv",
        &[
            ("sourcedId", OwnId),
            ("status", Blank),
            ("dateLastModified", Blank),
            ("userSourcedId", IdIn("users.csv", "sourcedId")),
            ("roleType", OneOf(&["primary", "secondary"])),
            (
                "role",
                OneOf(&[
                    "aide",
                    "counselor",
                    "districtAdministrator",
                    "principal",
                    "proctor",
                    "siteAdministrator",
                    "student",
                    "systemAdministrator",
                    "teacher",
                ]),
            ),
            ("beginDate", Blank),
            ("endDate", Blank),
            ("orgSourcedId", IdIn("orgs.csv", "sourcedId")),
            ("userProfileSourcedId", Blank),
        ],
    ),
    (
        "academicSessions.csv",
        &[
            ("sourcedId", OwnId),
            ("status", Blank),
            ("dateLastModified", Blank),
            ("title", Text),
            ("type", OneOf(&["gradingPeriod", "semester", "schoolYear", "term"])),
            ("startDate", Day),
            ("endDate", Day),
            ("parentSourcedId", Blank),
            ("schoolYear", Year),
            ("metadata.assumed", Nothing),
        ],
    ),
    (
        "courses.csv",
        &[
            ("sourcedId", OwnId),
            ("status", Blank),
            ("dateLastModified", Blank),
            ("schoolYearSourcedId", Blank),
            ("title", Text),
            ("courseCode", Nothing),
            ("grades", Blank),
            ("orgSourcedId", IdIn("orgs.csv", "sourcedId")),
            ("subjects", Blank),
            ("subjectCodes", Blank),
        ],
    ),
    (
        "classes.csv",
        &[
            ("sourcedId", OwnId),
            ("status", Blank),
            ("dateLastModified", Blank),
            ("title", Text),
            ("grades", Perhaps(GRADES)),
            ("courseSourcedId", IdIn("courses.csv", "sourcedId")),
            ("classCode", Nothing),
            ("classType", OneOf(&["homeroom", "scheduled"])),
            ("location", Blank),
            ("schoolSourcedId", IdIn("orgs.csv", "sourcedId")),
            ("termSourcedIds", IdIn("academicSessions.csv", "sourcedId")),
            ("subjects", Nothing),
            ("subjectCodes", Nothing),
            ("periods", Nothing),
            ("metadata.classId", Text),
        ],
    ),
    (
        "enrollments.csv",
        &[
            ("sourcedId", OwnId),
            ("status", Blank),
            ("dateLastModified", Blank),
            ("classSourcedId", IdIn("classes.csv", "sourcedId")),
            ("schoolSourcedId", IdIn("orgs.csv", "sourcedId")),
            ("userSourcedId", IdIn("users.csv", "sourcedId")),
            ("role", OneOf(&["administrator", "proctor", "student", "teacher"])),
            ("primary", Perhaps(&["true", "false"])),
            ("beginDate", PerhapsDay),
            ("endDate", PerhapsDay),
        ],
    ),
];

pub const SDS: &[FileRules] = &[
    (
        "orgs.csv",
        &[
            ("sourcedId", OwnId),
            ("name", Text),
            ("type", OneOf(&["school", "district"])),
            ("parentSourcedId", PerhapsIdIn("orgs.csv", "sourcedId")),
        ],
    ),
    (
        "users.csv",
        &[("sourcedId", OwnId), ("username", Text), ("givenName", Text), ("familyName", Text), ("email", Nothing)],
    ),
    (
        "roles.csv",
        &[
            ("userSourcedId", IdIn("users.csv", "sourcedId")),
            ("orgSourcedId", IdIn("orgs.csv", "sourcedId")),
            ("role", OneOf(&["administrator", "teacher", "staff", "student"])),
            ("grade", Perhaps(GRADES)),
            ("isPrimary", OneOf(&["true", "false"])),
        ],
    ),
    (
        "courses.csv",
        &[
            ("sourcedId", OwnId),
            ("orgSourcedId", IdIn("orgs.csv", "sourcedId")),
            ("title", Text),
            ("code", Nothing),
            ("subject", Nothing),
        ],
    ),
    (
        "classes.csv",
        &[
            ("sourcedId", OwnId),
            ("orgSourcedId", IdIn("orgs.csv", "sourcedId")),
            ("title", Text),
            ("courseSourcedId", PerhapsIdIn("courses.csv", "sourcedId")),
        ],
    ),
    (
        "enrollments.csv",
        &[
            ("classSourcedId", IdIn("classes.csv", "sourcedId")),
            ("userSourcedId", IdIn("users.csv", "sourcedId")),
            ("role", OneOf(&["student", "teacher", "teacherAssistant"])),
        ],
    ),
];

const CLEVER_GRADES: &[&str] =
    &["Prekindergarten", "Kindergarten", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "Other"];

pub const CLEVER: &[FileRules] = &[
    ("schools.csv", &[("School_id", OwnId), ("School_name", Text), ("School_number", Text)]),
    (
        "students.csv",
        &[
            ("School_id", IdIn("schools.csv", "School_id")),
            ("Student_id", OwnId),
            ("Student_number", Nothing),
            ("Last_name", Text),
            ("Middle_name", Nothing),
            ("First_name", Text),
            ("Grade", Perhaps(CLEVER_GRADES)),
            ("Student_email", Nothing),
            ("Username", Nothing),
        ],
    ),
    (
        "teachers.csv",
        &[
            ("School_id", IdIn("schools.csv", "School_id")),
            ("Teacher_id", OwnId),
            ("Teacher_number", Nothing),
            ("Teacher_email", Nothing),
            ("First_name", Text),
            ("Middle_name", Nothing),
            ("Last_name", Text),
            ("Title", Nothing),
            ("Username", Nothing),
        ],
    ),
    (
        "staff.csv",
        &[
            ("School_id", IdIn("schools.csv", "School_id")),
            ("Staff_id", OwnId),
            ("Staff_email", Nothing),
            ("First_name", Text),
            ("Last_name", Text),
            ("Title", Nothing),
            ("Username", Nothing),
        ],
    ),
    (
        "sections.csv",
        &[
            ("School_id", IdIn("schools.csv", "School_id")),
            ("Section_id", OwnId),
            ("Teacher_id", IdIn("teachers.csv", "Teacher_id")),
            ("Teacher_2_id", PerhapsIdIn("teachers.csv", "Teacher_id")),
            ("Teacher_3_id", PerhapsIdIn("teachers.csv", "Teacher_id")),
            ("Teacher_4_id", PerhapsIdIn("teachers.csv", "Teacher_id")),
            ("Teacher_5_id", PerhapsIdIn("teachers.csv", "Teacher_id")),
            ("Teacher_6_id", PerhapsIdIn("teachers.csv", "Teacher_id")),
            ("Teacher_7_id", PerhapsIdIn("teachers.csv", "Teacher_id")),
            ("Teacher_8_id", PerhapsIdIn("teachers.csv", "Teacher_id")),
            ("Teacher_9_id", PerhapsIdIn("teachers.csv", "Teacher_id")),
            ("Teacher_10_id", PerhapsIdIn("teachers.csv", "Teacher_id")),
            ("Name", Text),
            ("Grade", Perhaps(CLEVER_GRADES)),
            ("Course_number", Nothing),
            ("Period", Nothing),
            ("Subject", Nothing),
            ("Term_name", Nothing),
            ("Term_start", Perhaps(&["08/31/2026"])),
            ("Term_end", Perhaps(&["01/29/2027"])),
        ],
    ),
    (
        "enrollments.csv",
        &[
            ("School_id", IdIn("schools.csv", "School_id")),
            ("Section_id", IdIn("sections.csv", "Section_id")),
            ("Student_id", IdIn("students.csv", "Student_id")),
        ],
    ),
];

pub const CANVAS: &[FileRules] = &[
    (
        "accounts.csv",
        &[
            ("account_id", OwnId),
            ("parent_account_id", PerhapsIdIn("accounts.csv", "account_id")),
            ("name", Text),
            ("status", OneOf(&["active", "deleted"])),
        ],
    ),
    ("terms.csv", &[("term_id", OwnId), ("name", Text), ("status", OneOf(&["active", "deleted"]))]),
    (
        "users.csv",
        &[
            ("user_id", OwnId),
            ("login_id", Text),
            ("first_name", Nothing),
            ("last_name", Nothing),
            ("email", Nothing),
            ("status", OneOf(&["active", "suspended", "deleted"])),
            (
                "declared_user_type",
                OneOf(&["administrative", "observer", "staff", "student", "student_other", "teacher"]),
            ),
            ("home_account", PerhapsIdIn("accounts.csv", "account_id")),
        ],
    ),
    (
        "courses.csv",
        &[
            ("course_id", OwnId),
            ("short_name", Text),
            ("long_name", Text),
            ("account_id", IdIn("accounts.csv", "account_id")),
            ("term_id", PerhapsIdIn("terms.csv", "term_id")),
            ("status", OneOf(&["active", "deleted", "completed"])),
        ],
    ),
    (
        "sections.csv",
        &[
            ("section_id", OwnId),
            ("course_id", IdIn("courses.csv", "course_id")),
            ("name", Text),
            ("status", OneOf(&["active", "deleted"])),
            ("start_date", Perhaps(&["2026-08-31T00:00:00Z"])),
            ("end_date", Perhaps(&["2027-01-29T23:59:59Z"])),
        ],
    ),
    (
        "enrollments.csv",
        &[
            ("course_id", IdIn("courses.csv", "course_id")),
            ("user_id", IdIn("users.csv", "user_id")),
            ("role", OneOf(&["student", "teacher", "ta", "observer", "designer"])),
            ("section_id", IdIn("sections.csv", "section_id")),
            ("status", OneOf(&["active", "deleted", "completed", "inactive"])),
        ],
    ),
];
