//! The files of a set.

use serde::{Deserialize, Serialize};

/// One of the files that make a roster together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetPart {
    Users,
    Classes,
    Enrolments,
}

impl SetPart {
    /// All of them.
    pub const ALL: [SetPart; 3] = [SetPart::Users, SetPart::Classes, SetPart::Enrolments];

    /// Returns the name of the file in the sets that Rollbook gives out.
    pub fn file_name(self) -> &'static str {
        match self {
            SetPart::Users => "users.csv",
            SetPart::Classes => "classes.csv",
            SetPart::Enrolments => "enrolments.csv",
        }
    }

    /// Returns the file that a name means, whatever its case; with or without a folder before it.
    pub fn from_file_name(name: &str) -> Option<SetPart> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
        if !matches!(ending, "csv" | "tsv" | "txt") {
            return None;
        }
        match stem {
            "users" | "user" | "roster" | "people" => Some(SetPart::Users),
            "classes" | "class" | "sections" | "section" => Some(SetPart::Classes),
            "enrolments" | "enrollments" | "enrolment" | "enrollment" => Some(SetPart::Enrolments),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name() {
        for part in SetPart::ALL {
            assert_eq!(SetPart::from_file_name(part.file_name()), Some(part));
        }
        assert_eq!(SetPart::from_file_name("export/Sections.CSV"), Some(SetPart::Classes));
        assert_eq!(SetPart::from_file_name("enrollments.csv"), Some(SetPart::Enrolments));
        assert_eq!(SetPart::from_file_name("demographics.csv"), None);
        assert_eq!(SetPart::from_file_name("users.xlsx"), None);
    }
}
