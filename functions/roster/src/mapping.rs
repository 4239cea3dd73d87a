//! Proposes how a file of another system is to be read, from its headers and its values.
//!
//! Nothing is decided here: what may be wrong is named, with the reason, and a person says yes. The same names and values
//! always give the same proposal.

mod choose;
mod in_use;
mod meant;
mod observed;
mod proposal;
mod sheet;

use crate::file::decode::decode;
use crate::file::mapped::{self, ProfileFit};
use crate::file::reading::Reading;
use crate::file::{MAX_BYTES, cell, words};
use crate::model::{Code, Column, Finding};
use crate::settings::MappingProfile;

pub use meant::suggested_meanings;
pub use proposal::{Confidence, MappingFacts, MappingProposal, PreviewPerson, ProposedColumn, SeenHeader, ValueGroup};

use choose::Chooser;
use observed::SeenSheet;
use sheet::FoundHeaders;

/// Proposes how a file could be read.
///
/// The profile has nothing wrong ([`MappingProfile::check`]), and reads the file.
///
/// # Errors
///
/// Where the file is no text, or has nothing that could be headers.
pub fn propose(bytes: &[u8], known: &MappingFacts) -> Result<MappingProposal, Finding> {
    if bytes.len() > MAX_BYTES {
        return Err(Finding::file(Code::FileTooLarge));
    }
    let mut reading = known.reading.clone().by_profiles(Vec::new());
    reading.settings.strict_format = false;
    let decoded = decode(bytes, &reading)?;
    let FoundHeaders { layout, are_known } = sheet::find(&decoded, &reading)?;
    let seen = SeenSheet::read(&decoded, &layout, known);
    let mut chosen = Chooser::new(&seen, known).choose()?;
    if !are_known {
        doubt_headers(&mut chosen.columns, layout.row);
    }
    let headers = seen.columns.iter().enumerate().filter(|(_, column)| !column.key.is_empty());
    let headers = headers.map(|(place, column)| SeenHeader {
        header: column.header.clone(),
        samples: column.samples.clone(),
        read_as: chosen.read_as(&column.key),
        is_about: chosen.abouts.get(&place).cloned(),
    });
    Ok(MappingProposal {
        headers: headers.collect(),
        preview: preview(&chosen.profile, &seen, &layout.header, &reading),
        profile: chosen.profile,
        system: chosen.system,
        header_row: layout.row,
        rows: seen.rows,
        columns: chosen.columns,
    })
}

/// Asks somebody to look at the headers, before they are kept: by their shape alone they may be somebody's data.
fn doubt_headers(columns: &mut [ProposedColumn], row: u32) {
    let is_id = |column: &ProposedColumn| column.column == Column::CustomId;
    let place = columns.iter().position(is_id).unwrap_or(0);
    let Some(column) = columns.get_mut(place) else { return };
    let doubt = format!("None of the headers is known: make sure that row {row} has headers, and not a person.");
    column.look_at = Some(match &column.look_at {
        Some(other) => format!("{doubt} {other}"),
        None => doubt,
    });
}

/// Reads the first people by the profile, with the words of ours for what has one.
fn preview(profile: &MappingProfile, seen: &SeenSheet, header: &[String], reading: &Reading) -> Vec<PreviewPerson> {
    let reading = reading.clone().by_profiles(vec![profile.clone()]);
    let ProfileFit::Reads(mapping) = mapped::fit(header, &reading) else { return Vec::new() };
    let shown = |column: &Column| !column.spec().secret;
    let person = |(row, sent): &(u32, Vec<String>)| {
        let line: Vec<&str> = sent.iter().map(String::as_str).collect();
        let read = |column: Column| {
            let cell = mapping.cell_of_line(column, &line)?;
            let value = cell::value(&cell);
            let meant = match column {
                Column::UserType | Column::Status | Column::Grade => words::meaning(column, value).unwrap_or(value),
                _ => value,
            };
            Some((column, meant.to_owned()))
        };
        let columns = profile.columns.keys().filter(|column| shown(column));
        PreviewPerson { row: *row, cells: columns.filter_map(|column| read(*column)).collect() }
    };
    seen.first.iter().map(person).collect()
}

#[cfg(test)]
mod tests;
