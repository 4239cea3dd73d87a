//! The words and sentences that the page shows for what the API says.

use roster::{ClassCounts, Counts, Grade, Kind, Mode, RemovalAction, SchoolId, Schools, Scope, Severity, SourceId};
use wire::http::SignOnProblem;
use wire::stored::UsedKey;
use wire::upload::Decider;
use wire::{FileKind, Source, Verdict};

use crate::format::{count, list, number};
use crate::session::PageSession;

pub use wire::shown::{Tense, class_kind, enrolment_kind, item_kind, kind};

/// Every kind with its word in addresses, in the order of the tiles.
pub const KINDS: [(Kind, &str); 7] = [
    (Kind::Created, "created"),
    (Kind::Updated, "updated"),
    (Kind::Moved, "moved"),
    (Kind::Reactivated, "reactivated"),
    (Kind::Renamed, "renamed"),
    (Kind::Rekeyed, "rekeyed"),
    (Kind::Removed, "removed"),
];

/// Returns the word for a sync mode.
pub fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Partial => "Partial",
        Mode::Full => "Full",
        Mode::Students => "Students only",
        Mode::Staff => "Staff only",
    }
}

/// Returns the word for how bad a finding is.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::File => "File",
        Severity::Row => "Error",
        Severity::Class => "Class error",
        Severity::Doubtful => "Doubtful",
        Severity::Warning => "Warning",
        Severity::Note => "Note",
    }
}

/// Returns what a file of an upload is called and what is in it.
pub fn file(kind: FileKind) -> (&'static str, &'static str) {
    match kind {
        FileKind::Uploaded => (
            "Uploaded file",
            "As it was sent. Passwords, cells of columns that Rollbook does not know, and lines that are no rows are never \
             kept and empty here",
        ),
        FileKind::Plan => ("Plan", "Every change, field by field, before and after"),
        FileKind::Completed => ("Completed file", "Every row that was processed, with GUID and user name"),
        FileKind::Errors => {
            ("Error file", "Every row that was not, with what to mend; upload it as a partial sync when corrected")
        }
        FileKind::UploadedClasses => ("Uploaded classes", "The columns that are read"),
        FileKind::UploadedEnrolments => ("Uploaded enrolments", "The columns that are read"),
        FileKind::CompletedClasses => {
            ("Completed classes", "Every row that was processed, with the class\u{2019}s GUID")
        }
        FileKind::CompletedEnrolments => {
            ("Completed enrolments", "Every row that was processed, with the class\u{2019}s GUID")
        }
        FileKind::ErrorsClasses => ("Errors in classes", "Every row that was not processed, with what to mend"),
        FileKind::ErrorsEnrolments => ("Errors in enrolments", "Every row that was not processed, with what to mend"),
    }
}

/// Returns the word for a field of a user, a class or an enrolment, from the header of its column.
pub fn field(header: &str) -> String {
    match header {
        "first_name" => "First name",
        "last_name" => "Last name",
        "middle_name" => "Middle name",
        "email" => "E-mail",
        "custom_id" => "Custom ID",
        "school_district_external_id" => "School",
        "user_type" => "User type",
        "position" => "Position",
        "grade" => "Grade",
        "status" => "Status",
        "username" => "User name",
        "roles" => "Roles",
        "source" => "Source",
        "password" => "Password",
        "user_guid" | "class_guid" => "GUID",
        "class_id" => "Class ID",
        "class_name" => "Name",
        "class_grade" => "Grade",
        "course_code" => "Course code",
        "class_subject" => "Subject",
        "class_period" => "Period",
        "class_term" => "Term",
        "class_start_date" | "enrolment_start_date" => "First day",
        "class_end_date" | "enrolment_end_date" => "Last day",
        "class_status" => "Status",
        "class_role" => "Role in the class",
        other => other,
    }
    .to_owned()
}

/// Returns the value of a field as people know it.
///
/// Roles that are built in are called by their first names, and a user that was added by hand is said to be.
pub fn value(header: &str, text: &str) -> String {
    let name = |id: &str| {
        let known = roster::role::built_in().into_iter().find(|role| role.id.0 == id);
        known.map_or_else(|| id.to_owned(), |role| role.name)
    };
    match header {
        "roles" => text.split(';').map(|id| name(id.trim())).collect::<Vec<_>>().join(", "),
        "source" if !text.is_empty() => user_source(&SourceId(text.to_owned())),
        _ => text.to_owned(),
    }
}

/// Returns where a user came from.
///
/// That is the short name that the settings give a source, or that somebody added the user.
pub fn user_source(source: &SourceId) -> String {
    if source.is_by_hand() { "Added by hand".to_owned() } else { source.0.clone() }
}

/// Returns the word for a grade: `Grade 3`, `Kindergarten`.
pub fn grade(grade: Grade) -> String {
    match grade {
        Grade::Unspecified => "No grade".to_owned(),
        Grade::PreK => "Pre-kindergarten".to_owned(),
        Grade::K => "Kindergarten".to_owned(),
        Grade::Other => "Other grade".to_owned(),
        numbered => format!("Grade {numbered}"),
    }
}

/// Returns the word for a grade in a table, which is empty where there is none.
pub fn short_grade(grade: Grade) -> String {
    match grade {
        Grade::Unspecified => String::new(),
        grade => grade.to_string(),
    }
}

/// Returns who sent an upload.
pub fn source(source: &Source) -> String {
    match source {
        Source::Administrator { username, key, .. } => with_key(username, key.as_ref()),
        Source::Bucket { .. } => "Dropped into the bucket".to_owned(),
    }
}

/// Returns who decided or did something.
pub fn decider(by: &Decider) -> String {
    with_key(&by.username, by.key.as_ref())
}

/// Returns a user name, with the API key that acted for its user.
fn with_key(username: &str, key: Option<&UsedKey>) -> String {
    match key {
        Some(key) => format!("{username} (API key {})", key.name),
        None => username.to_owned(),
    }
}

/// Returns the name of a school, or its identifier where it is not known.
pub fn school(schools: &Schools, id: &SchoolId) -> String {
    schools.by_id(id).map_or_else(|| id.0.clone(), |s| s.name.clone())
}

/// Returns the name of a school for a list that must not jump: a dash until the schools have come.
pub fn school_in_list(session: PageSession, id: &SchoolId) -> String {
    if session.knows_schools() { school(&session.schools(), id) } else { "\u{2013}".to_owned() }
}

/// Returns the names of the schools that an upload is for.
pub fn scope(schools: &Schools, scope: &Scope) -> String {
    match scope {
        Scope::Organisation => "All schools".to_owned(),
        Scope::School(id) => school(schools, id),
        Scope::Schools(ids) => ids.iter().map(|id| school(schools, id)).collect::<Vec<_>>().join(", "),
    }
}

/// Returns what approving will do, in numbers: `create 3 users, update 1 user and delete 2 users`.
///
/// `None` where the plan changes nothing.
pub fn doing(counts: &Counts, classes: &ClassCounts, removal: RemovalAction) -> Option<String> {
    let removing = match removal {
        RemovalAction::Delete => "delete",
        RemovalAction::Disable => "disable",
    };
    const USERS: (&str, &str) = ("user", "users");
    const CLASSES: (&str, &str) = ("class", "classes");
    const ENROLMENTS: (&str, &str) = ("enrolment", "enrolments");
    let parts: Vec<String> = [
        ("create", counts.created, USERS),
        ("update", counts.updated, USERS),
        ("move", counts.moved, USERS),
        ("reactivate", counts.reactivated, USERS),
        ("rename", counts.renamed, USERS),
        ("give a new custom ID to", counts.rekeyed, USERS),
        (removing, counts.removed, USERS),
        ("create", classes.classes.created, CLASSES),
        ("update", classes.classes.updated, CLASSES),
        ("archive", classes.classes.ended, CLASSES),
        ("add", classes.enrolments.created, ENROLMENTS),
        ("update", classes.enrolments.updated, ENROLMENTS),
        ("end", classes.enrolments.ended, ENROLMENTS),
    ]
    .into_iter()
    .filter(|(_, n, _)| *n > 0)
    .map(|(verb, n, (one, many))| format!("{verb} {}", count(n, one, many)))
    .collect();
    (!parts.is_empty()).then(|| list(&parts))
}

/// Returns the counts of a plan in a few words for a list: `12 created, 3 removed`.
///
/// A number is not parted from its word at the end of a line.
pub fn summary(counts: &Counts, classes: &ClassCounts, tense: Tense) -> String {
    let of = |kind_of: Kind| kind(kind_of, tense).to_lowercase();
    let parts: Vec<String> = [
        (of(Kind::Created), counts.created),
        (of(Kind::Updated), counts.updated),
        (of(Kind::Moved), counts.moved),
        (of(Kind::Reactivated), counts.reactivated),
        (of(Kind::Renamed), counts.renamed),
        ("with a new ID".to_owned(), counts.rekeyed),
        (of(Kind::Removed), counts.removed),
        ("rejected".to_owned(), counts.rejected),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .map(|(words, n)| format!("{} {words}", number(n)))
    .chain(of_classes(classes))
    .map(|words| words.replace(' ', "\u{a0}"))
    .collect();
    if parts.is_empty() { "No changes".to_owned() } else { parts.join(", ") }
}

/// Returns how many classes and enrolments change: `2 classes`, `30 enrolments`.
fn of_classes(counts: &ClassCounts) -> impl Iterator<Item = String> + use<> {
    let changed = [
        (counts.classes.changes(), "class changed", "classes changed"),
        (counts.enrolments.changes(), "enrolment changed", "enrolments changed"),
        (counts.rejected(), "class or enrolment rejected", "classes and enrolments rejected"),
    ];
    changed.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| count(n, one, many))
}

/// Returns why somebody who came back from the provider is not signed in, and what to do.
pub fn sign_on_problem(problem: SignOnProblem) -> (&'static str, &'static str) {
    match problem {
        SignOnProblem::Off => ("Signing in with your organisation is switched off.", "Sign in with your password."),
        SignOnProblem::Expired => ("That took too long.", "Try again, in one window and within ten minutes."),
        SignOnProblem::Refused => {
            ("Your organisation did not let you in.", "Try again, or ask whoever looks after its accounts.")
        }
        SignOnProblem::Provider => {
            ("Your organisation\u{2019}s sign-in does not work at the moment.", "Try again in a few minutes.")
        }
        SignOnProblem::Unknown => (
            "There is no account here that is yours alone.",
            "Ask your school: your address or ID has to be in its student information system.",
        ),
        SignOnProblem::Disabled => ("Your account is disabled.", "Ask your school."),
    }
}

/// Returns that a file with passwords lacks lines; `None` where it has all of them.
pub fn left_out(lines: u64) -> Option<String> {
    let users = count(lines, "user is", "users are");
    (lines > 0).then(|| format!("{users} left out: by now they may do more than you, or are in another school."))
}

/// Returns what was decided, without who and when.
pub fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Approved => "Approved",
        Verdict::Rejected { .. } => "Rejected",
    }
}

#[cfg(test)]
mod tests {
    use roster::ItemCounts;

    use super::*;

    #[test]
    fn doing_names_only_what_happens() {
        let counts = Counts { created: 1, removed: 2, unchanged: 9, ..Counts::default() };
        let (none, delete) = (ClassCounts::default(), RemovalAction::Delete);
        assert_eq!(doing(&counts, &none, delete).as_deref(), Some("create 1 user and delete 2 users"));
        assert_eq!(doing(&Counts { unchanged: 9, ..Counts::default() }, &none, delete), None);
        let enrolments = ItemCounts { created: 30, ended: 1, unchanged: 4, ..ItemCounts::default() };
        let classes = ClassCounts { classes: ItemCounts { ended: 1, ..ItemCounts::default() }, enrolments };
        let words = doing(&Counts::default(), &classes, delete);
        assert_eq!(words.as_deref(), Some("archive 1 class, add 30 enrolments and end 1 enrolment"));
    }

    #[test]
    fn values_are_said_in_words() {
        assert_eq!(value("roles", "student_portal;librarian"), "Student Portal, librarian");
        assert_eq!(
            (value("source", "by-hand"), value("source", "sis")),
            ("Added by hand".to_owned(), "sis".to_owned())
        );
        assert_eq!((value("roles", ""), value("last_name", "teacher")), (String::new(), "teacher".to_owned()));
    }

    #[test]
    fn lines_that_are_left_out_are_told() {
        assert_eq!(left_out(0), None);
        assert!(left_out(1).is_some_and(|text| text.starts_with("1 user is left out")));
    }

    #[test]
    fn a_summary_leaves_unchanged_rows_out() {
        let counts = Counts { updated: 1200, rejected: 1, unchanged: 5, ..Counts::default() };
        assert_eq!(summary(&counts, &ClassCounts::default(), Tense::Done), "1,200\u{a0}updated, 1\u{a0}rejected");
        assert_eq!(summary(&Counts::default(), &ClassCounts::default(), Tense::Done), "No changes");
        let enrolments = ItemCounts { created: 2, unchanged: 9, rejected: 1, ..ItemCounts::default() };
        let classes = ClassCounts { enrolments, ..ClassCounts::default() };
        let words = summary(&Counts::default(), &classes, Tense::Done);
        assert_eq!(words, "2\u{a0}enrolments\u{a0}changed, 1\u{a0}class\u{a0}or\u{a0}enrolment\u{a0}rejected");
        assert_eq!(
            summary(&counts, &ClassCounts::default(), Tense::Ahead),
            "1,200\u{a0}to\u{a0}update, 1\u{a0}rejected"
        );
    }

    #[test]
    fn a_corrected_error_file_is_no_full_roster() {
        // Its rows are only those that were rejected: as a full sync it would remove everybody else.
        assert!(file(FileKind::Errors).1.contains("as a partial sync"));
    }
}
