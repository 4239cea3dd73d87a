//! What is odd about a roster beside the last one of its kind.

use serde::{Deserialize, Serialize};

use crate::model::finding::grouped;

/// What is odd about a roster beside the last one of the same source, sync mode and schools.
///
/// It changes nothing of what becomes of it: limits hold plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The same contents as the last time, byte by byte.
    Identical,
    /// No row at all.
    HeaderOnly,
    FewerFiles {
        files: u64,
        before: u64,
    },
    Shrunken {
        rows: u64,
        before: u64,
    },
}

/// What is remembered of a roster, for the next one of its kind: what is compared with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRoster {
    pub upload: String,
    /// The SHA-256 of its contents, in hexadecimal.
    pub sha256: String,
    pub files: u64,
    pub rows: u64,
}

impl LastRoster {
    /// Returns what the next one is compared with.
    ///
    /// One without rows has nothing to be compared with but its contents.
    pub fn or_longer(self, last: Option<&LastRoster>) -> LastRoster {
        match last {
            Some(last) if self.rows == 0 => LastRoster { files: last.files, rows: last.rows, ..self },
            _ => self,
        }
    }
}

impl Mark {
    /// Returns the words of a list.
    pub fn label(&self) -> &'static str {
        match self {
            Mark::Identical => "Identical to the last",
            Mark::HeaderOnly => "Header only",
            Mark::FewerFiles { .. } => "Fewer files",
            Mark::Shrunken { .. } => "Shrunken",
        }
    }

    /// Returns what pages say.
    pub fn sentence(&self) -> String {
        match self {
            Mark::Identical => "Identical to the last: the sending system may repeat an old file.".to_owned(),
            Mark::HeaderOnly => "Header only: the file has no rows.".to_owned(),
            Mark::FewerFiles { files, before } => {
                format!("Fewer files than last time: {files}, and {before} the last time.")
            }
            Mark::Shrunken { rows, before } => {
                format!("Shrunken: {} rows, and {} the last time.", grouped(*rows), grouped(*before))
            }
        }
    }
}

/// Returns what is odd about a roster.
///
/// `last` is the last one of its kind; it is no other upload where it is this one.
pub fn marks(this: &LastRoster, last: Option<&LastRoster>, shrunken_percent: f64) -> Vec<Mark> {
    let mut marks = Vec::new();
    let last = last.filter(|last| last.upload != this.upload);
    marks.extend(last.filter(|last| last.sha256 == this.sha256).map(|_| Mark::Identical));
    if this.rows == 0 {
        marks.push(Mark::HeaderOnly);
    }
    if let Some(last) = last {
        if this.files < last.files {
            marks.push(Mark::FewerFiles { files: this.files, before: last.files });
        }
        let missing = last.rows.saturating_sub(this.rows);
        if this.rows > 0 && missing as f64 * 100.0 > shrunken_percent * last.rows as f64 {
            marks.push(Mark::Shrunken { rows: this.rows, before: last.rows });
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(upload: &str, sha256: &str, files: u64, rows: u64) -> LastRoster {
        LastRoster { upload: upload.to_owned(), sha256: sha256.to_owned(), files, rows }
    }

    #[test]
    fn a_roster_is_compared_with_the_last_one_and_not_with_itself() {
        let last = roster("1", "a", 3, 100);
        let of = |this: LastRoster| marks(&this, Some(&last), 20.0);
        assert_eq!(of(roster("2", "b", 3, 100)), []);
        assert_eq!(of(roster("2", "b", 3, 80)), [], "as much as the limit is no more than it");
        assert_eq!(of(roster("2", "b", 3, 79)), [Mark::Shrunken { rows: 79, before: 100 }]);
        assert_eq!(of(roster("2", "b", 2, 100)), [Mark::FewerFiles { files: 2, before: 3 }]);
        assert_eq!(of(roster("2", "a", 3, 100)), [Mark::Identical]);
        assert_eq!(of(roster("2", "b", 3, 0)), [Mark::HeaderOnly]);
        assert_eq!(of(roster("1", "a", 3, 100)), [], "checked once more");
        assert_eq!(marks(&roster("1", "a", 1, 0), None, 20.0), [Mark::HeaderOnly]);
    }

    #[test]
    fn after_one_without_rows_the_one_before_it_counts() {
        let last = roster("1", "a", 3, 100);
        let empty = roster("2", "b", 1, 0).or_longer(Some(&last));
        assert_eq!(empty, roster("2", "b", 3, 100));
        assert_eq!(marks(&roster("3", "c", 3, 50), Some(&empty), 20.0), [Mark::Shrunken { rows: 50, before: 100 }]);
        assert_eq!(marks(&roster("3", "b", 3, 0), Some(&empty), 20.0), [Mark::Identical, Mark::HeaderOnly]);
        assert_eq!(roster("3", "c", 3, 50).or_longer(Some(&last)).rows, 50, "a shorter one is the last one");
    }
}
