//! Lines below the last row that are about the file, not about a person.

use std::collections::HashSet;
use std::sync::LazyLock;

use deunicode::deunicode;

use super::Layout;
use crate::records::Records;
use crate::{Column, Presence, Status, UserType, cell, header};

/// How many lines at the end are looked at, blank ones too, and how long each may be.
const LINES: usize = 100;
const LINE_BYTES: usize = 1000;
/// How many cells of such a line may have anything.
const FILLED: usize = 3;

/// Words of lines about the file, in small letters without accents.
const WORDS: &str = "total totals subtotal grand count counts sum record records row rows line lines entry entries page \
    pages report generated exported export printed created produced extracted extract downloaded run query returned \
    confidential copyright summary trailer end eof finished completion completed selected affected filter source \
    summe gesamt gesamtzahl anzahl datensatze seite bericht erstellt exportiert gedruckt stand ende totale totaal \
    lignes enregistrements genere exporte imprime filas registros generado exportado impreso pagina suma somme \
    students pupils users teachers number";
/// Those that say it alone.
const ALONE: [&str; 11] =
    ["total", "totals", "subtotal", "eof", "summe", "gesamt", "gesamtzahl", "anzahl", "totale", "totaal", "count"];
/// Words that say nothing, between the others.
const BETWEEN: &str = "of the by on at in and for from to is all data file list sis der die das von am du de la le les \
    des del el los no nr date time";

static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.split_whitespace().collect());
static NOTHING: LazyLock<HashSet<&str>> = LazyLock::new(|| BETWEEN.split_whitespace().collect());

/// Where the lines below the last row start, and how many they are.
///
/// A line that may be a person is none of them, however little of it is left: it is read as a row and rejected, which
/// keeps its user. So the words of a line have to say that it is about the file.
pub(super) fn start(text: &str, layout: &Layout) -> (usize, u32) {
    let places = columns(&layout.header);
    let (mut start, mut below, mut at) = (layout.rows.end, 0, layout.rows.end);
    for _ in 0..LINES {
        let rest = &text[layout.rows.start..at];
        let line_end = rest.trim_end_matches(['\r', '\n']).len();
        let line_start = rest[..line_end].rfind(['\r', '\n']).map_or(0, |place| place + 1);
        let line = &rest[line_start..line_end];
        if line.is_empty() || line.len() > LINE_BYTES {
            break;
        }
        match kind(line, layout.delimiter, &places, at < text.len() || line_end < rest.len()) {
            Kind::Blank => {}
            Kind::Footer => {
                start = layout.rows.start + line_start;
                below += 1;
            }
            Kind::Row => break,
        }
        at = layout.rows.start + line_start;
    }
    (start, below)
}

enum Kind {
    Blank,
    Footer,
    Row,
}

fn columns(headers: &[String]) -> Vec<Option<Column>> {
    match header::understand(headers) {
        Ok(understood) => understood.places.iter().map(|place| place.column()).collect(),
        Err(_) => headers.iter().map(|header| Column::from_header(cell::trim(header))).collect(),
    }
}

fn kind(line: &str, delimiter: u8, places: &[Option<Column>], ended: bool) -> Kind {
    let mut records = Records::new(line, delimiter, None, true);
    let Some(Ok(record)) = records.next() else { return Kind::Row };
    if record.broken.is_some() {
        return Kind::Row;
    }
    let cells: Vec<String> = record.cells.iter().map(|c| cell::trim(&String::from_utf8_lossy(c)).to_owned()).collect();
    let filled: Vec<(Option<Column>, &str)> = cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(i, cell)| (places.get(i).copied().flatten(), &**cell))
        .collect();
    match filled.len() {
        0 => Kind::Blank,
        // What is cut into many cells may be a sentence with commas, if nothing else is in the line.
        1..=FILLED if !filled.iter().any(|(column, cell)| is_persons(*column, cell)) && says_so(&filled, ended) => {
            Kind::Footer
        }
        _ => Kind::Row,
    }
}

/// Whether the cell has what only a person has in that column.
fn is_persons(column: Option<Column>, cell: &str) -> bool {
    let word = cell.to_ascii_lowercase();
    match column {
        // Whoever left the column Error in our file has a person in each of its rows.
        Some(column) if column.spec().presence == Presence::Ours => true,
        Some(Column::Email) => cell.contains('@'),
        Some(Column::UserGuid) => uuid::Uuid::try_parse(cell).is_ok(),
        Some(Column::UserType) => UserType::ALL.iter().any(|known| known.as_str().eq_ignore_ascii_case(&word)),
        Some(Column::Status) => Status::ALL.iter().any(|known| known.as_str().eq_ignore_ascii_case(&word)),
        _ => false,
    }
}

/// Whether the line says that it is about the file.
fn says_so(filled: &[(Option<Column>, &str)], ended: bool) -> bool {
    let (first, rest) = (filled[0].1, &filled[1..]);
    let text = filled.iter().map(|(_, cell)| *cell).collect::<Vec<_>>().join(" ");
    let plain = deunicode(&text).to_lowercase();
    let words: Vec<&str> = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || " .,'".contains(c));
    let first_words = deunicode(first).to_lowercase();
    let label = first_words.trim_end_matches([':', '=', ' ']).trim_start_matches("grand ");
    if ALONE.contains(&label) && rest.iter().all(|(_, cell)| is_number(cell)) {
        return true;
    }
    // An ID of its own, or a cell with one, is a person's, whatever else the line has.
    let own_id = |(column, cell): &(Option<Column>, &str)| {
        *column == Some(Column::CustomId) && cell.contains(|c: char| c.is_ascii_digit()) && !says_word(cell)
    };
    if filled.iter().any(own_id) {
        return false;
    }
    let known = words.iter().filter(|word| KNOWN.contains(**word)).count();
    let digits = plain.contains(|c: char| c.is_ascii_digit());
    let letters = plain.contains(|c: char| c.is_ascii_alphabetic());
    if !letters {
        return if digits { ended && filled.len() <= 2 && is_date(&plain) } else { true };
    }
    let framed = filled.len() == 1
        && plain.starts_with(['-', '=', '*', '#', '_', '<', '(', '[', '~', '+'])
        && plain.ends_with(['-', '=', '*', '#', '_', '>', ')', ']', '~', '+']);
    let all = words.iter().all(|word| KNOWN.contains(word) || NOTHING.contains(word) || is_number(word));
    let sentence = filled.len() == 1 && known >= 1 && words.len() >= 3 && starts_as_sentence(&words);
    (framed && (known >= 1 || words.len() > 1))
        || (known >= 1 && all && (digits || plain.contains(':') || (words.len() > 1 && filled.len() == 1)))
        || (known >= 1 && (plain.contains(':') || plain.contains('=')) && says_word(first))
        || (known >= 1 && digits && filled.len() == 1 && words.len() >= 3)
        || sentence
}

/// The words begin as those of a line about the file do.
fn starts_as_sentence(words: &[&str]) -> bool {
    const BEGIN: [&str; 14] = [
        "report",
        "generated",
        "exported",
        "printed",
        "created",
        "produced",
        "extracted",
        "downloaded",
        "copyright",
        "confidential",
        "end",
        "this",
        "erstellt",
        "bericht",
    ];
    words.first().is_some_and(|word| BEGIN.contains(word))
}

/// The cell has one of the words, and is more than a name.
fn says_word(cell: &str) -> bool {
    let plain = deunicode(cell).to_lowercase();
    plain.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| KNOWN.contains(word))
}

/// `1/2/2026`, or a time.
fn is_date(text: &str) -> bool {
    text.chars().filter(|c| matches!(c, '/' | ':' | '-' | '.')).count() >= 2
}
