//! What the files of formats are called, and their columns as the formats write them, in order.
//!
//! They stand here once: feeds are written in these columns, and whatever stands beside them in a file that is read is named
//! as not read.

use super::table::key;

/// A file of a format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileLayout {
    pub name: &'static str,
    pub columns: &'static [&'static str],
}

/// What a class is called by the district, in a feed whose classes are named by GUID.
pub(crate) const CLASS_ID_OF_FEED: &str = "metadata.classId";
/// Which columns of a session a feed had to fill in, although nobody said anything.
pub(crate) const ASSUMED_IN_FEED: &str = "metadata.assumed";

/// OneRoster 1.2, with the columns that a feed has besides.
pub(crate) mod one_roster {
    use super::{ASSUMED_IN_FEED, CLASS_ID_OF_FEED, FileLayout};

    pub(crate) const MANIFEST: FileLayout = FileLayout { name: "manifest.csv", columns: &["propertyName", "value"] };

    pub(crate) const ACADEMIC_SESSIONS: FileLayout = FileLayout {
        name: "academicSessions.csv",
        columns: &[
            "sourcedId",
            "status",
            "dateLastModified",
            "title",
            "type",
            "startDate",
            "endDate",
            "parentSourcedId",
            "schoolYear",
            ASSUMED_IN_FEED,
        ],
    };

    pub(crate) const CLASSES: FileLayout = FileLayout {
        name: "classes.csv",
        columns: &[
            "sourcedId",
            "status",
            "dateLastModified",
            "title",
            "grades",
            "courseSourcedId",
            "classCode",
            "classType",
            "location",
            "schoolSourcedId",
            "termSourcedIds",
            "subjects",
            "subjectCodes",
            "periods",
            CLASS_ID_OF_FEED,
        ],
    };

    pub(crate) const COURSES: FileLayout = FileLayout {
        name: "courses.csv",
        columns: &[
            "sourcedId",
            "status",
            "dateLastModified",
            "schoolYearSourcedId",
            "title",
            "courseCode",
            "grades",
            "orgSourcedId",
            "subjects",
            "subjectCodes",
        ],
    };

    pub(crate) const ENROLLMENTS: FileLayout = FileLayout {
        name: "enrollments.csv",
        columns: &[
            "sourcedId",
            "status",
            "dateLastModified",
            "classSourcedId",
            "schoolSourcedId",
            "userSourcedId",
            "role",
            "primary",
            "beginDate",
            "endDate",
        ],
    };

    pub(crate) const ORGS: FileLayout = FileLayout {
        name: "orgs.csv",
        columns: &["sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"],
    };

    pub(crate) const ROLES: FileLayout = FileLayout {
        name: "roles.csv",
        columns: &[
            "sourcedId",
            "status",
            "dateLastModified",
            "userSourcedId",
            "roleType",
            "role",
            "beginDate",
            "endDate",
            "orgSourcedId",
            "userProfileSourcedId",
        ],
    };

    pub(crate) const USERS: FileLayout = FileLayout {
        name: "users.csv",
        columns: &[
            "sourcedId",
            "status",
            "dateLastModified",
            "enabledUser",
            "username",
            "userIds",
            "givenName",
            "familyName",
            "middleName",
            "identifier",
            "email",
            "sms",
            "phone",
            "agentSourcedIds",
            "grades",
            "password",
            "userMasterIdentifier",
            "preferredGivenName",
            "preferredMiddleName",
            "preferredFamilyName",
            "primaryOrgSourcedId",
            "pronouns",
        ],
    };

    /// The files that are read and written, by name.
    pub(crate) const FILES: [FileLayout; 7] = [ACADEMIC_SESSIONS, CLASSES, COURSES, ENROLLMENTS, ORGS, ROLES, USERS];

    /// The other files that a manifest speaks of, without their endings.
    pub(crate) const OTHER_FILES: [&str; 14] = [
        "categories",
        "classResources",
        "courseResources",
        "demographics",
        "lineItemLearningObjectiveIds",
        "lineItems",
        "lineItemScoreScales",
        "resources",
        "resultLearningObjectiveIds",
        "results",
        "resultScoreScales",
        "scoreScales",
        "userProfiles",
        "userResources",
    ];
}

/// School Data Sync v2.1.
pub(crate) mod sds {
    use super::FileLayout;

    pub(crate) const CLASSES: FileLayout = FileLayout {
        name: "classes.csv",
        columns: &["sourcedId", "orgSourcedId", "title", "sessionSourcedIds", "courseSourcedId", "code"],
    };

    pub(crate) const COURSES: FileLayout = FileLayout {
        name: "courses.csv",
        columns: &["sourcedId", "orgSourcedId", "title", "code", "schoolYearSourcedId", "subject", "grade"],
    };

    pub(crate) const ENROLLMENTS: FileLayout =
        FileLayout { name: "enrollments.csv", columns: &["classSourcedId", "userSourcedId", "role"] };

    pub(crate) const ORGS: FileLayout =
        FileLayout { name: "orgs.csv", columns: &["sourcedId", "name", "type", "parentSourcedId"] };

    pub(crate) const ROLES: FileLayout = FileLayout {
        name: "roles.csv",
        columns: &[
            "userSourcedId",
            "orgSourcedId",
            "role",
            "sessionSourcedId",
            "grade",
            "isPrimary",
            "roleStartDate",
            "roleEndDate",
        ],
    };

    pub(crate) const USERS: FileLayout = FileLayout {
        name: "users.csv",
        columns: &[
            "sourcedId",
            "username",
            "givenName",
            "familyName",
            "password",
            "activeDirectoryMatchId",
            "email",
            "phone",
            "sms",
        ],
    };

    /// The files that are read and written, by name.
    pub(crate) const FILES: [FileLayout; 6] = [CLASSES, COURSES, ENROLLMENTS, ORGS, ROLES, USERS];
}

/// Clever.
pub(crate) mod clever {
    use super::FileLayout;

    pub(crate) const ENROLLMENTS: FileLayout =
        FileLayout { name: "enrollments.csv", columns: &["School_id", "Section_id", "Student_id"] };

    pub(crate) const SCHOOLS: FileLayout = FileLayout {
        name: "schools.csv",
        columns: &[
            "School_id",
            "School_name",
            "School_number",
            "State_id",
            "Low_grade",
            "High_grade",
            "Principal",
            "Principal_email",
            "School_address",
            "School_city",
            "School_state",
            "School_zip",
            "School_phone",
        ],
    };

    pub(crate) const SECTIONS: FileLayout = FileLayout {
        name: "sections.csv",
        columns: &[
            "School_id",
            "Section_id",
            "Teacher_id",
            "Teacher_2_id",
            "Teacher_3_id",
            "Teacher_4_id",
            "Teacher_5_id",
            "Teacher_6_id",
            "Teacher_7_id",
            "Teacher_8_id",
            "Teacher_9_id",
            "Teacher_10_id",
            "Name",
            "Section_number",
            "Grade",
            "Course_name",
            "Course_number",
            "Course_description",
            "Period",
            "Subject",
            "Term_name",
            "Term_start",
            "Term_end",
        ],
    };

    pub(crate) const STAFF: FileLayout = FileLayout {
        name: "staff.csv",
        columns: &[
            "School_id",
            "Staff_id",
            "Staff_email",
            "First_name",
            "Last_name",
            "Department",
            "Title",
            "Username",
            "Password",
            "Role",
        ],
    };

    /// Without what is never read: what `students.csv` says of people besides.
    pub(crate) const STUDENTS: FileLayout = FileLayout {
        name: "students.csv",
        columns: &[
            "School_id",
            "Student_id",
            "Student_number",
            "State_id",
            "Last_name",
            "Middle_name",
            "First_name",
            "Grade",
            "Graduation_year",
            "Student_email",
            "Username",
            "Password",
        ],
    };

    pub(crate) const TEACHERS: FileLayout = FileLayout {
        name: "teachers.csv",
        columns: &[
            "School_id",
            "Teacher_id",
            "Teacher_number",
            "State_teacher_id",
            "Teacher_email",
            "First_name",
            "Middle_name",
            "Last_name",
            "Title",
            "Username",
            "Password",
        ],
    };

    /// The files that are read and written, by name.
    pub(crate) const FILES: [FileLayout; 6] = [ENROLLMENTS, SCHOOLS, SECTIONS, STAFF, STUDENTS, TEACHERS];
}

/// Canvas SIS.
pub(crate) mod canvas {
    use super::FileLayout;

    pub(crate) const ACCOUNTS: FileLayout = FileLayout {
        name: "accounts.csv",
        columns: &["account_id", "parent_account_id", "name", "status", "integration_id"],
    };

    pub(crate) const COURSES: FileLayout = FileLayout {
        name: "courses.csv",
        columns: &[
            "course_id",
            "short_name",
            "long_name",
            "account_id",
            "term_id",
            "status",
            "start_date",
            "end_date",
            "course_format",
            "integration_id",
            "blueprint_course_id",
        ],
    };

    pub(crate) const ENROLLMENTS: FileLayout = FileLayout {
        name: "enrollments.csv",
        columns: &[
            "course_id",
            "root_account",
            "user_id",
            "role",
            "role_id",
            "section_id",
            "status",
            "associated_user_id",
            "limit_section_privileges",
            "start_date",
            "end_date",
        ],
    };

    pub(crate) const SECTIONS: FileLayout = FileLayout {
        name: "sections.csv",
        columns: &["section_id", "course_id", "name", "status", "start_date", "end_date", "integration_id"],
    };

    pub(crate) const TERMS: FileLayout = FileLayout {
        name: "terms.csv",
        columns: &["term_id", "name", "status", "start_date", "end_date", "integration_id"],
    };

    pub(crate) const USERS: FileLayout = FileLayout {
        name: "users.csv",
        columns: &[
            "user_id",
            "integration_id",
            "login_id",
            "password",
            "ssha_password",
            "authentication_provider_id",
            "first_name",
            "last_name",
            "full_name",
            "sortable_name",
            "short_name",
            "email",
            "status",
            "pronouns",
            "declared_user_type",
            "canvas_password_notification",
            "home_account",
        ],
    };

    /// The files that are read and written, by name.
    pub(crate) const FILES: [FileLayout; 6] = [ACCOUNTS, COURSES, ENROLLMENTS, SECTIONS, TERMS, USERS];
}

/// Returns the columns that files of this name have in any of the layouts, in small letters and digits alone; nothing
/// where none of them has such a file.
pub(super) fn known_columns(layouts: &[FileLayout], stem: &str) -> Vec<String> {
    let of_stem = layouts.iter().filter(|layout| super::delivery::stem(layout.name).as_deref() == Some(stem));
    of_stem.flat_map(|layout| layout.columns.iter().map(|column| key(column))).collect()
}
