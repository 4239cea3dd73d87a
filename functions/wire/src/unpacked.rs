//! What was sent, once it is taken out of the archive or the workbook that it came in.

use std::collections::BTreeMap;

use roster::{
    Code, Finding, Findings, Reading, Schools, Sent, SetBytes, SetPart, lone_part, lone_users, recognise_part,
};
use serde::{Deserialize, Serialize};

use crate::archive;
use crate::workbook::{self, SheetTable};

/// What was sent, once it is unpacked.
#[derive(Debug)]
pub struct Unpacked<'b> {
    /// What it is, or the findings where it fails as a whole.
    pub sent: Result<Sent<'b>, Findings>,
    /// The sheet of a workbook that was read; of a set its sheets, with commas between them.
    pub sheet: Option<String>,
    /// The sheets of a workbook among which somebody can choose; empty where there is no choice.
    pub choices: Vec<SheetChoice>,
}

/// A sheet of a workbook that somebody can choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetChoice {
    pub name: String,
    /// How many of its rows have anything in them.
    pub rows: u64,
}

impl<'b> Unpacked<'b> {
    /// Reads what was sent.
    ///
    /// It is one roster, a workbook with one, an archive or a workbook of a set, an archive of files of another system's
    /// format, or one of a set's files alone. `sheet` is the sheet of a workbook that somebody chose.
    pub fn read(bytes: &'b [u8], reading: &Reading, schools: &Schools, sheet: Option<&str>) -> Unpacked<'b> {
        let alone = |sent| Unpacked { sent, sheet: None, choices: Vec::new() };
        match workbook::sheets(bytes) {
            Ok(Some(tables)) => return of_workbook(tables, reading, schools, sheet),
            Ok(None) => {}
            Err(finding) => return alone(Err(vec![finding].into())),
        }
        alone(match archive::unpack(bytes) {
            Ok(Some(delivery)) => Sent::of_delivery(delivery, reading, schools),
            Ok(None) => Sent::read(bytes, reading, schools),
            Err(finding) => Err(vec![finding].into()),
        })
    }
}

/// Picks the sheets to read, and reads them.
///
/// They are the chosen one, else the only one with a roster's headers, else the sheets of a set.
fn of_workbook<'b>(
    tables: Vec<SheetTable>,
    reading: &Reading,
    schools: &Schools,
    chosen: Option<&str>,
) -> Unpacked<'b> {
    let (mut seen, skipped): (Vec<_>, Vec<_>) = tables.into_iter().partition(|table| table.visible && table.rows > 0);
    let mut left_out: Vec<String> = skipped.iter().map(why_skipped).collect();
    let choices = match &seen[..] {
        [] | [_] => Vec::new(),
        seen => seen.iter().map(|table| SheetChoice { name: table.name.clone(), rows: table.rows }).collect(),
    };
    let unclear = |what: String| {
        let finding = Finding { value: Some(what), ..Finding::file(Code::SheetUnclear) };
        Unpacked { sent: Err(vec![finding].into()), sheet: None, choices: choices.clone() }
    };
    let parts: Vec<Option<SetPart>> = match &seen[..] {
        [] => {
            let finding = match skipped.iter().find(|table| table.rows > 0) {
                None => Finding::file(Code::FileEmpty),
                Some(_) => {
                    return unclear(format!("it has no sheet with rows that is visible ({})", left_out.join(", ")));
                }
            };
            return Unpacked { sent: Err(vec![finding].into()), sheet: None, choices };
        }
        [_] => vec![None],
        seen => seen.iter().map(|table| part_of(table, reading)).collect(),
    };
    let wanted = match chosen {
        Some(name) => match seen.iter().position(|table| table.name == name) {
            Some(place) => SheetsToRead::One(place),
            None => return unclear(format!("no visible sheet with rows has the name that was chosen, “{name}”")),
        },
        None => match wanted(&parts) {
            Some(wanted) => wanted,
            None => return unclear(described(&seen, &parts)),
        },
    };
    let is_wanted = |place: usize| match &wanted {
        SheetsToRead::One(one) => place == *one,
        SheetsToRead::Set(set) => set.values().any(|one| *one == place),
    };
    let others = seen.iter().enumerate().filter(|(place, _)| !is_wanted(*place));
    left_out.extend(others.map(|(_, table)| format!("{} ({})", quoted(&table.name), rows(table.rows))));
    let mut notes = Vec::new();
    if !left_out.is_empty() {
        notes.push(Finding { value: Some(left_out.join(", ")), ..Finding::file(Code::SheetsLeftOut) });
    }
    let (sent, sheet) = match wanted {
        SheetsToRead::One(place) => {
            let table = seen.swap_remove(place);
            notes.extend(table.notes());
            (of_table(table.csv, reading, schools), table.name)
        }
        SheetsToRead::Set(places) => {
            let mut set = SetBytes::default();
            let mut names = Vec::new();
            for (part, place) in places {
                let table = &mut seen[place];
                let in_part = (part != SetPart::Users).then_some(part);
                notes.extend(table.notes().map(|note| note.in_part(in_part)));
                names.push(table.name.clone());
                *set.part_mut(part) = Some(std::mem::take(&mut table.csv));
            }
            (Sent::of_set(set, reading), names.join(", "))
        }
    };
    let sent = sent.map(|sent| Sent { notes: [notes, sent.notes].concat(), ..sent });
    Unpacked { sent, sheet: Some(sheet), choices }
}

/// Which sheets are read.
enum SheetsToRead {
    One(usize),
    Set(BTreeMap<SetPart, usize>),
}

/// Returns which sheets are read; `None` where it can't be told.
fn wanted(parts: &[Option<SetPart>]) -> Option<SheetsToRead> {
    let mut places: BTreeMap<SetPart, usize> = BTreeMap::new();
    for (place, part) in parts.iter().enumerate() {
        if let Some(part) = part
            && places.insert(*part, place).is_some()
        {
            return None;
        }
    }
    match (places.len(), parts.len()) {
        (_, 1) => Some(SheetsToRead::One(0)),
        (0, _) => None,
        (1, _) => places.into_values().next().map(SheetsToRead::One),
        _ => Some(SheetsToRead::Set(places)),
    }
}

/// Returns which file of a set a sheet is, by its headers, or else by its name.
fn part_of(table: &SheetTable, reading: &Reading) -> Option<SetPart> {
    /// How much is looked at: as much as headers are looked for in.
    const LOOKED_AT: usize = 256 * 1024;
    let start = &table.csv[..table.csv.len().min(LOOKED_AT)];
    // Half a letter at the end would make the encoding doubtful.
    let end = start.iter().rposition(|byte| *byte == b'\n').map_or(start.len(), |end| end + 1);
    recognise_part(&start[..end], reading).or_else(|| SetPart::from_file_name(&format!("{}.csv", table.name)))
}

fn of_table<'b>(csv: Vec<u8>, reading: &Reading, schools: &Schools) -> Result<Sent<'b>, Findings> {
    if let Some(delivery) = lone_users(&csv, reading) {
        return Sent::of_delivery(delivery, reading, schools);
    }
    match lone_part(&csv, reading) {
        Some(part) => {
            let mut set = SetBytes::default();
            *set.part_mut(part) = Some(csv);
            Sent::of_set(set, reading)
        }
        None => Ok(Sent { users: Some(csv.into()), set: None, notes: Vec::new(), translation: None }),
    }
}

fn why_skipped(table: &SheetTable) -> String {
    let why = if table.rows == 0 { "empty" } else { "hidden" };
    format!("{} ({why})", quoted(&table.name))
}

/// Returns in words which sheets could be the roster.
fn described(tables: &[SheetTable], parts: &[Option<SetPart>]) -> String {
    let named = |is: fn(&Option<SetPart>) -> bool| -> Vec<String> {
        let tables = tables.iter().zip(parts).filter(|(_, part)| is(part));
        tables.map(|(table, _)| format!("{} ({})", quoted(&table.name), rows(table.rows))).collect()
    };
    match named(Option::is_some) {
        none if none.is_empty() => format!("none of {} has its headers", named(|_| true).join(", ")),
        some => format!("several have headers of one: {}", some.join(", ")),
    }
}

fn quoted(name: &str) -> String {
    format!("“{name}”")
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}
