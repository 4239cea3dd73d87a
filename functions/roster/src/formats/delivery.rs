//! The files that came together, and what each is by its name.

use crate::file::SetBytes;
use crate::model::{Code, Finding, SetPart};

/// Files that came together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    pub files: Vec<SentFile>,
    /// The names of those that were not opened.
    pub unread: Vec<String>,
}

/// A file as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    /// Its name, without folders.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Delivery {
    /// Takes the files as a set of ours, which is known by their names.
    ///
    /// # Errors
    ///
    /// Where they are no set; the finding says why.
    pub fn into_set(self) -> Result<SetBytes, Finding> {
        let unknown = |what: String| Finding { value: Some(what), ..Finding::file(Code::SetUnknown) };
        let (mut set, mut others) = (SetBytes::default(), self.unread);
        for SentFile { name, bytes } in self.files {
            let Some(part) = SetPart::from_file_name(&name) else {
                others.push(name);
                continue;
            };
            let place = set.part_mut(part);
            if place.is_some() {
                return Err(unknown(format!("it has several files that can be {}", part.file_name())));
            }
            *place = Some(bytes);
        }
        if set.parts().is_empty() {
            return Err(unknown(format!("it has {}", others.join(", "))));
        }
        Ok(set)
    }
}

/// What a file is for, by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileUse {
    /// It may be one that is read.
    Read,
    /// It is one of a format, and nothing of it is kept.
    NotRead,
    /// It has what Rollbook never opens.
    Demographics,
    Other,
}

/// Returns what a file is for.
pub fn file_use(name: &str) -> FileUse {
    let Some(stem) = stem(name) else { return FileUse::Other };
    match stem.as_str() {
        "demographics" => FileUse::Demographics,
        stem if READ.contains(&stem) || SetPart::from_file_name(name).is_some() => FileUse::Read,
        stem if NOT_READ.contains(&stem) => FileUse::NotRead,
        _ => FileUse::Other,
    }
}

/// Returns the name of a file without its ending, in small letters and digits alone; `None` where it is no table.
pub(super) fn stem(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.')?;
    let is_table = matches!(ending, "csv" | "tsv" | "txt");
    is_table.then(|| stem.chars().filter(char::is_ascii_alphanumeric).collect())
}

const READ: [&str; 20] = [
    "academicsessions",
    "accounts",
    "classes",
    "courses",
    "enrollments",
    "manifest",
    "orgs",
    "roles",
    "school",
    "schools",
    "section",
    "sections",
    "staff",
    "student",
    "studentenrollment",
    "students",
    "teacher",
    "teacherroster",
    "teachers",
    "terms",
];

const NOT_READ: [&str; 27] = [
    "admins",
    "categories",
    "changesissid",
    "classresources",
    "courseresources",
    "groups",
    "groupscategories",
    "groupsmembership",
    "guardianrelationship",
    "lineitemlearningobjectiveids",
    "lineitems",
    "lineitemscorescales",
    "logins",
    "relationships",
    "resources",
    "resultlearningobjectiveids",
    "results",
    "resultscorescales",
    "scorescales",
    "userflags",
    "userobservers",
    "userprofiles",
    "userresources",
    "guardians",
    "guardian",
    "contacts",
    "xlists",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name() {
        let check = |name: &str, expected: FileUse| assert_eq!(file_use(name), expected, "{name}");
        check("OneRoster/academicSessions.csv", FileUse::Read);
        check("Student_Enrollment.CSV", FileUse::Read);
        check("enrolments.csv", FileUse::Read);
        check("demographics.csv", FileUse::Demographics);
        check("userprofiles.csv", FileUse::NotRead);
        check("pictures.zip", FileUse::Other);
        check("lunch.csv", FileUse::Other);
    }
}
