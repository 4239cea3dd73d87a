//! One thing that is wrong or odd with a file, a row or a cell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Code, Column, Severity};

/// A finding: its code says what is wrong, the rest says where.
///
/// It never holds a cell of a secret column: [`Finding::at`] takes the value only where the column is not
/// secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// The row as a spreadsheet numbers it: the header is row 1. `None` where the whole file is meant.
    pub row: Option<u32>,
    pub code: Code,
    /// The header of the column as the file writes it; `None` where the whole row is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The cell as read, shortened to [`Finding::SHOWN_CHARS`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What would be right here, where more can be said than the code says: the nearest header, the other
    /// rows, the ID with its zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

impl Finding {
    /// How many characters of a cell a finding shows.
    pub const SHOWN_CHARS: usize = 80;

    /// A finding about the file as a whole.
    pub fn file(code: Code) -> Finding {
        Finding { row: None, code, column: None, value: None, expected: None }
    }

    /// A finding about a whole row.
    pub fn row(code: Code, row: u32) -> Finding {
        Finding { row: Some(row), ..Finding::file(code) }
    }

    /// A finding about one cell.
    pub fn at(code: Code, row: u32, column: Column, value: &str) -> Finding {
        let shown = (!column.spec().secret && !value.is_empty()).then(|| shorten(value));
        Finding { column: Some(column.header().to_owned()), value: shown, ..Finding::row(code, row) }
    }

    /// The same finding with what would be right.
    pub fn expecting(self, expected: impl Into<String>) -> Finding {
        Finding { expected: Some(expected.into()), ..self }
    }

    /// What is expected where several rows have what only one may have: which rows those are.
    pub(crate) fn rows_have_it(mut rows: Vec<u32>) -> String {
        const NAMED: usize = 5;
        rows.sort_unstable();
        let mut names: Vec<String> = rows.iter().take(NAMED).map(u32::to_string).collect();
        match rows.len() {
            0..=NAMED => {}
            more => names.push(format!("{} more", more - NAMED)),
        }
        let last = names.pop().unwrap_or_default();
        format!("Rows {} and {last} have it.", names.join(", "))
    }

    /// What is wrong, in one sentence with the value: `"12a" is not a grade.`
    pub fn message(&self) -> String {
        let text = self.code.text();
        let value = match &self.value {
            Some(value) => format!("\u{201c}{value}\u{201d}"),
            None => "The cell".to_owned(),
        };
        let what = self.value.as_deref().unwrap_or("something else");
        let message = text.message.replace("{what}", what).replace("{value}", &value);
        message.replace("{column}", self.column.as_deref().unwrap_or("the row"))
    }

    /// What was expected and how to fix it, apart from the message.
    pub fn hint(&self) -> String {
        let text = self.code.text();
        match &self.expected {
            Some(expected) => format!("{expected} {}", text.fix),
            None => format!("Expected: {} {}", text.expected, text.fix),
        }
    }

    /// How bad it is; the code decides.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// `value` as a finding shows it.
pub(crate) fn shorten(value: &str) -> String {
    match value.char_indices().nth(Finding::SHOWN_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &value[..end]),
        None => value.to_owned(),
    }
}

/// How many findings there are of each code.
pub fn counted(findings: &[Finding]) -> BTreeMap<Code, u64> {
    let mut counted = BTreeMap::new();
    for finding in findings {
        *counted.entry(finding.code).or_default() += 1;
    }
    counted
}
