//! The words and sentences that the page shows for what the API says.

use roster::{Counts, Hold, Kind, LimitOf, Mode, RemovalAction, SchoolId, Schools, Severity};
use wire::{FileKind, Source, Verdict};

use crate::format::{count, list, number, percent};

/// A kind of change.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Created => "Created",
        Kind::Updated => "Updated",
        Kind::Moved => "Moved",
        Kind::Reactivated => "Reactivated",
        Kind::Removed => "Removed",
    }
}

/// Every kind with its word in addresses, in the order of the tiles.
pub const KINDS: [(Kind, &str); 5] = [
    (Kind::Created, "created"),
    (Kind::Updated, "updated"),
    (Kind::Moved, "moved"),
    (Kind::Reactivated, "reactivated"),
    (Kind::Removed, "removed"),
];

/// A sync mode.
pub fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Partial => "Partial",
        Mode::Full => "Full",
    }
}

/// How bad a finding is.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::File => "File",
        Severity::Row => "Error",
        Severity::Warning => "Warning",
    }
}

/// A file of an upload: its name and what is in it.
pub fn file(kind: FileKind) -> (&'static str, &'static str) {
    match kind {
        FileKind::Uploaded => ("Uploaded file", "As it was sent, without passwords"),
        FileKind::Plan => ("Plan", "Every change, field by field, before and after"),
        FileKind::Completed => {
            ("Completed file", "Every row that was processed, with GUID, user name and new passwords")
        }
        FileKind::Errors => ("Error file", "Every row that was not, with what to mend; upload it again when corrected"),
    }
}

/// A field of a user, from the header of its column.
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
        "password" => "Password",
        "user_guid" => "GUID",
        other => other,
    }
    .to_owned()
}

/// Who sent an upload.
pub fn source(source: &Source) -> String {
    match source {
        Source::Administrator { username, .. } => username.clone(),
        Source::Bucket { .. } => "Dropped into the bucket".to_owned(),
    }
}

/// The name of a school, or its identifier where it is not known.
pub fn school(schools: &Schools, id: &SchoolId) -> String {
    schools.by_id(id).map_or_else(|| id.0.clone(), |s| s.name.clone())
}

/// Why a plan waits for an administrator.
pub fn hold(hold: &Hold, schools: &Schools) -> String {
    match hold {
        Hold::ApprovalRequired => "The settings ask for an approval of every upload in this mode.".to_owned(),
        Hold::Limit { of, school: id, user_type, share, measured, limit } => {
            let what = match of {
                LimitOf::Removals => "removes",
                LimitOf::Changes => "changes",
            };
            let figure = |v: f64| if *share { percent(v) } else { number(v as u64) };
            let group = match (id, user_type) {
                (Some(id), Some(user_type)) => format!("the users of type {user_type} at {}", school(schools, id)),
                (Some(id), None) => format!("the users of {}", school(schools, id)),
                (None, Some(user_type)) => format!("all users of type {user_type}"),
                (None, None) => "all users".to_owned(),
            };
            format!("It {what} {} of {group}. The safety limit is {}.", figure(*measured), figure(*limit))
        }
        Hold::RowsWithoutOwner { rows } => format!(
            "{} can\u{2019}t be told whose {}, so somebody may look absent who is not.",
            count(*rows, "row", "rows"),
            if *rows == 1 { "it is" } else { "they are" },
        ),
        Hold::FileShrank { rows, before, limit_percent } => format!(
            "The file has {}; the last full one had {}. That is shorter by more than the limit of {}.",
            count(*rows, "row", "rows"),
            number(*before),
            percent(*limit_percent),
        ),
        Hold::RowsCutOff => {
            "The file seems to end in the middle of a row, so rows may be missing at its end.".to_owned()
        }
    }
}

/// What approving will do, in numbers: `create 3 users, update 1 user and delete 2 users`. `None` where the plan
/// changes nothing.
pub fn doing(counts: &Counts, removal: RemovalAction) -> Option<String> {
    let removing = match removal {
        RemovalAction::Delete => "delete",
        RemovalAction::Disable => "disable",
    };
    let parts: Vec<String> = [
        ("create", counts.created),
        ("update", counts.updated),
        ("move", counts.moved),
        ("reactivate", counts.reactivated),
        (removing, counts.removed),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .map(|(verb, n)| format!("{verb} {}", count(n, "user", "users")))
    .collect();
    (!parts.is_empty()).then(|| list(&parts))
}

/// The counts of a plan in a few words for a list: `12 created, 3 removed`.
pub fn summary(counts: &Counts) -> String {
    let parts: Vec<String> = [
        ("created", counts.created),
        ("updated", counts.updated),
        ("moved", counts.moved),
        ("reactivated", counts.reactivated),
        ("removed", counts.removed),
        ("rejected", counts.rejected),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .map(|(word, n)| format!("{} {word}", number(n)))
    .collect();
    if parts.is_empty() { "No changes".to_owned() } else { parts.join(", ") }
}

/// What was decided, without who and when.
pub fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Approved => "Approved",
        Verdict::Rejected { .. } => "Rejected",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster::{School, SchoolKind, UserType};

    fn schools() -> Schools {
        Schools::new(vec![School {
            id: SchoolId("s1".to_owned()),
            external_id: "north".to_owned(),
            name: "North School".to_owned(),
            kind: SchoolKind::School,
        }])
    }

    #[test]
    fn a_limit_says_of_whom_and_how_far() {
        let passed = Hold::Limit {
            of: LimitOf::Removals,
            school: Some(SchoolId("s1".to_owned())),
            user_type: Some(UserType::Teacher),
            share: true,
            measured: 25.0,
            limit: 10.0,
        };
        let said = hold(&passed, &schools());
        assert_eq!(said, "It removes 25% of the users of type Teacher at North School. The safety limit is 10%.");
    }

    #[test]
    fn doing_names_only_what_happens() {
        let counts = Counts { created: 1, removed: 2, unchanged: 9, ..Counts::default() };
        assert_eq!(doing(&counts, RemovalAction::Delete).as_deref(), Some("create 1 user and delete 2 users"));
        assert_eq!(doing(&Counts { unchanged: 9, ..Counts::default() }, RemovalAction::Delete), None);
    }

    #[test]
    fn a_summary_leaves_unchanged_rows_out() {
        let counts = Counts { updated: 1200, rejected: 1, unchanged: 5, ..Counts::default() };
        assert_eq!(summary(&counts), "1,200 updated, 1 rejected");
        assert_eq!(summary(&Counts::default()), "No changes");
    }

    #[test]
    fn every_hold_is_a_sentence() {
        for (reason, words) in [
            (Hold::ApprovalRequired, "The settings ask"),
            (Hold::RowsWithoutOwner { rows: 1 }, "1 row can\u{2019}t be told whose it is"),
            (
                Hold::FileShrank { rows: 5, before: 10, limit_percent: 10.0 },
                "The file has 5 rows; the last full one had 10",
            ),
            (Hold::RowsCutOff, "The file ends in the middle"),
        ] {
            let said = hold(&reason, &schools());
            assert!(said.starts_with(words) && said.ends_with('.'), "{said}");
        }
    }
}
