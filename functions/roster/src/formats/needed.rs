//! What the files of a format need: columns, and rows.

use crate::model::{Code, Finding, UserType};

use super::known::FormatFiles;
use super::report::FormatReport;
use super::translation::incomplete;

impl FormatFiles<'_> {
    /// Checks that files have the columns without which their rows say nothing.
    ///
    /// Each column has one of its names.
    ///
    /// # Errors
    ///
    /// The finding where one is missing.
    pub fn check_columns(&self, needed: &[(&str, &[&[&str]])]) -> Result<(), Finding> {
        for (stem, columns) in needed {
            let Some(table) = self.tables.get(stem) else { continue };
            if let Some(missing) = columns.iter().find(|names| !table.place(names).is_there()) {
                let what = format!("{} has no column {}", table.name, written(missing[0]));
                return Err(incomplete(self.format, &what));
            }
        }
        Ok(())
    }

    /// Returns whether a file has any rows.
    pub fn has_rows(&self, stem: &str) -> bool {
        self.tables.get(stem).is_some_and(|table| !table.rows.is_empty())
    }

    /// Says which of these files are missing, or have no rows.
    pub fn say_missing(&self, stems: &[&str], report: &mut FormatReport) {
        for stem in stems.iter().filter(|stem| !self.has_rows(stem)) {
            let rows = if self.is_there(stem) { "the rows of " } else { "" };
            report.of_file(Code::FormatFileMissing, format!("{rows}{}", self.name_of(stem)));
        }
    }

    /// Returns in words that a file is missing, or has no rows.
    pub fn lack_of(&self, stem: &str) -> String {
        let how = if self.is_there(stem) { "has no rows" } else { "is missing" };
        format!("{} {how}", self.name_of(stem))
    }

    /// Returns what a file is called: as it was sent, or else as its format writes it.
    pub fn name_of(&self, stem: &str) -> String {
        let written = match stem {
            "academicsessions" => "academicSessions",
            "school" => "School",
            "section" => "Section",
            "student" => "Student",
            "studentenrollment" => "StudentEnrollment",
            "teacher" => "Teacher",
            "teacherroster" => "TeacherRoster",
            other => other,
        };
        self.tables.get(stem).map_or_else(|| format!("{written}.csv"), |table| table.name.clone())
    }

    /// Says of files of people that are missing or empty, that who is absent there is not absent.
    pub fn check_people(&self, files: &[(&str, UserType)], report: &mut FormatReport) {
        for (stem, user_type) in files.iter().filter(|(stem, _)| !self.has_rows(stem)) {
            report.gap(Some(*user_type), self.lack_of(stem));
        }
    }

    /// Returns whether both of two files have rows, without which nobody can tell who is in which class.
    ///
    /// Says which has none.
    pub fn have_rows_both(&self, stems: [&str; 2], report: &mut FormatReport) -> bool {
        let missing: Vec<&str> = stems.into_iter().filter(|stem| !self.has_rows(stem)).collect();
        self.say_missing(&missing, report);
        missing.is_empty()
    }
}

/// Returns a header as the formats write it.
fn written(key: &str) -> &str {
    match key {
        "sourcedid" => "sourcedId",
        "usersourcedid" => "userSourcedId",
        "orgsourcedid" => "orgSourcedId",
        "classsourcedid" => "classSourcedId",
        "schoolsourcedid" => "schoolSourcedId",
        "studentid" => "Student_id",
        "teacherid" => "Teacher_id",
        "staffid" => "Staff_id",
        "schoolid" => "School_id",
        "sectionid" => "Section_id",
        "sisid" => "SIS ID",
        "schoolsisid" => "School SIS ID",
        "sectionsisid" => "Section SIS ID",
        "userid" => "user_id",
        "courseid" => "course_id",
        other => other,
    }
}
