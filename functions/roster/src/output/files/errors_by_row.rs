//! What is wrong with each row, for the column `Error`.

use std::collections::BTreeMap;

use crate::model::{ClassGuid, Codes, Column, Finding, Findings, Guid, RowOfPart, SetPart};

/// Returns what the `Error` column says of each row that is rejected, or whose class is.
pub fn errors_by_row(findings: &Findings, part: Option<SetPart>) -> RowErrors<'_> {
    let mut whole: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.severity().rejects() && finding.part == part) {
        if let Some(row) = finding.row {
            let place = finding.in_file.as_ref().map(|place| format!(" It is {place}.")).unwrap_or_default();
            whole.entry(row).or_default().push(format!("{} {}{place}", finding.message(), finding.hint()));
        }
    }
    RowErrors { whole, part, cut: Some(findings.cut()), guids: BTreeMap::new() }
}

/// What the `Error` column says of each row.
#[derive(Debug, Clone, Default)]
pub struct RowErrors<'f> {
    whole: BTreeMap<u32, Vec<String>>,
    part: Option<SetPart>,
    /// The codes of findings that are not kept whole, of which only the message is said. It is put together when its row
    /// is written: all at once they would be many times as large as the roster.
    cut: Option<&'f BTreeMap<RowOfPart, Codes>>,
    /// Of rows that were processed in part: their user, and their class.
    guids: BTreeMap<u32, (Option<Guid>, Option<ClassGuid>)>,
}

impl RowErrors<'_> {
    /// Returns whether no row has any errors.
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.cut.is_none_or(|cut| cut.keys().all(|of| of.part != self.part))
    }

    /// Returns the errors with the GUIDs of what was processed of the rows.
    pub fn with_guids(self, guids: BTreeMap<u32, (Option<Guid>, Option<ClassGuid>)>) -> Self {
        RowErrors { guids, ..self }
    }

    /// Returns whether any row has a GUID for the column.
    pub(super) fn have(&self, column: Column) -> bool {
        self.guids.keys().any(|row| self.text(*row).is_some() && self.guid(*row, column).is_some())
    }

    pub(super) fn guid(&self, row: u32, column: Column) -> Option<String> {
        let (user, class) = self.guids.get(&row)?;
        match column {
            Column::ClassGuid => class.map(|guid| guid.to_string()),
            _ => user.map(|guid| guid.to_string()),
        }
    }

    pub(super) fn text(&self, row: u32) -> Option<String> {
        let whole = self.whole.get(&row).into_iter().flatten().cloned();
        let cut = self
            .cut
            .and_then(|cut| cut.get(&RowOfPart { part: self.part, row }))
            .into_iter()
            .flat_map(|codes| codes.iter());
        let texts: Vec<String> = whole.chain(cut.map(Finding::message_of_some_cell)).collect();
        (!texts.is_empty()).then(|| texts.join("; "))
    }
}

impl From<BTreeMap<u32, Vec<String>>> for RowErrors<'_> {
    fn from(whole: BTreeMap<u32, Vec<String>>) -> Self {
        RowErrors { whole, part: None, cut: None, guids: BTreeMap::new() }
    }
}
