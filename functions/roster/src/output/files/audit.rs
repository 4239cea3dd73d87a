//! The audit log as a file.

use crate::file::csv_file::CsvFile;

/// The columns of an [`AuditFile`].
const HEADER: [&str; 13] = [
    "time",
    "by",
    "action",
    "subject",
    "id",
    "custom_id",
    "school",
    "upload",
    "file",
    "row",
    "change",
    "outcome",
    "details",
];

/// A line of the file.
///
/// What it does not have is empty.
#[derive(Debug, Clone, Default)]
pub struct AuditLine<'a> {
    pub time: &'a str,
    pub by: &'a str,
    pub action: &'a str,
    /// What kind of thing it was done to, and which.
    pub subject: &'a str,
    pub id: &'a str,
    pub custom_id: &'a str,
    /// The external ID.
    pub school: &'a str,
    pub upload: &'a str,
    pub file: &'a str,
    pub row: Option<u32>,
    /// Of an account: what kind of change, and what became of it.
    pub change: &'a str,
    pub outcome: &'a str,
    pub details: &'a str,
}

/// The file while it is written: it may be long, so its lines are never all there beside it.
pub struct AuditFile(CsvFile);

impl AuditFile {
    /// Begins the file with its headers.
    #[expect(clippy::new_without_default, reason = "a file with a header is no default of anything")]
    pub fn new() -> AuditFile {
        let mut file = CsvFile::new();
        file.values(HEADER);
        AuditFile(file)
    }

    /// Adds a line.
    pub fn add(&mut self, line: &AuditLine<'_>) {
        let row = line.row.map(|row| row.to_string()).unwrap_or_default();
        self.0.values([
            line.time,
            line.by,
            line.action,
            line.subject,
            line.id,
            line.custom_id,
            line.school,
            line.upload,
            line.file,
            &row,
            line.change,
            line.outcome,
            line.details,
        ]);
    }

    /// Returns the file.
    pub fn bytes(self) -> Vec<u8> {
        self.0.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_the_log_starts_a_formula() {
        let mut file = AuditFile::new();
        file.add(&AuditLine { by: "dora", file: "=cmd.csv", row: Some(12), custom_id: "-1+2", ..AuditLine::default() });
        let text = String::from_utf8(file.bytes()).unwrap();
        assert_eq!(text.lines().nth(1), Some(",dora,,,,'-1+2,,,'=cmd.csv,12,,,"));
    }
}
