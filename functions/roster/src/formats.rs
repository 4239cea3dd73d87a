//! Files in the formats of other systems, read as a set of ours.
//!
//! ```text
//! files --recognise--> Format --translate--> users.csv, classes.csv, enrolments.csv in our columns, and whence each row comes
//! ```
//!
//! From there on they are a set like any other: what holds of one, and what is kept of one, holds of these. Findings are
//! about rows of the set; [`Translation::locate`] says of each where it stands in the files that were sent.

mod canvas;
mod clever;
mod delivery;
mod flat;
mod kind;
mod known;
pub(crate) mod layout;
mod manifest;
mod needed;
mod report;
mod sds_classic;
mod set_writer;
mod sourced;
mod table;
pub(crate) mod translation;
mod values;

use crate::file::reading::Reading;
use crate::model::{Finding, Findings, Schools};

pub use delivery::{Delivery, FileUse, SentFile, file_use};
pub use kind::{Format, lone_users};
pub use known::Translated;
pub use translation::{Completeness, Gap, Translation};

use kind::recognise;
use known::FormatFiles;
use table::Tables;

/// Reads files as a set, if they are of a format that is known.
///
/// `None` where they are not, or where files have to be as the data dictionary says. No mapping reads what a format says
/// itself.
///
/// The order of the files and of their rows makes no difference to what is read.
///
/// # Errors
///
/// The findings where the files fail as a whole.
pub fn translate(delivery: &Delivery, reading: &Reading, schools: &Schools) -> Result<Option<Translated>, Findings> {
    let Some(format) = recognise(delivery, reading) else { return Ok(None) };
    Ok(Some(read(delivery, format, reading, schools).map_err(|finding| vec![finding])?))
}

fn read(delivery: &Delivery, format: Format, reading: &Reading, schools: &Schools) -> Result<Translated, Finding> {
    let tables = Tables::read(delivery, reading)?;
    let today = reading.today.as_ref();
    let known = FormatFiles { format, tables: &tables, schools, today, unread: &delivery.unread };
    match format {
        Format::OneRoster11 | Format::OneRoster12 | Format::SdsV21 | Format::SdsV2 => sourced::translate(&known),
        Format::SdsClassic => sds_classic::translate(&known),
        Format::Clever => clever::translate(&known),
        Format::Canvas => canvas::translate(&known),
    }
}

#[cfg(test)]
mod tests;
