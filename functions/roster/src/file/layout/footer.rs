//! Lines below the last row that are about the file, not about a person.

use std::collections::HashSet;
use std::sync::LazyLock;

use deunicode::deunicode;

use super::Layout;
use super::person::{has_colon, has_digit, is_name, is_persons, pieces};
use crate::file::cell;
use crate::file::records::Records;
use crate::model::{Column, Presence};

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
    students pupils users teachers number average mean minimum maximum school year term as";
/// Those that say it alone.
const ALONE: [&str; 11] =
    ["total", "totals", "subtotal", "eof", "summe", "gesamt", "gesamtzahl", "anzahl", "totale", "totaal", "count"];
/// Words that say nothing, between the others.
const BETWEEN: &str = "of the by on at in and for from to is all data file list sis der die das von am du de la le les \
    des del el los no nr date time ok set sec ms seconds rows";
/// Names of months and days, and what else stands in a written date.
const DATE_WORDS: &str = "january february march april may june july august september october november december jan feb \
    mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri \
    sat sun am pm utc gmt januar februar marz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag \
    samstag sonntag uhr page seite";

static OF_DATES: LazyLock<HashSet<&str>> = LazyLock::new(|| DATE_WORDS.split_whitespace().collect());
static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.split_whitespace().collect());
static NOTHING: LazyLock<HashSet<&str>> = LazyLock::new(|| BETWEEN.split_whitespace().collect());

/// Returns where the lines below the last row start, and how many they are.
///
/// A line that may be a person is none of them, however little of it is left: it is read as a row and rejected, which
/// keeps its user. So the words of a line have to say that it is about the file.
pub(super) fn start(text: &str, layout: &Layout, places: &[Option<Column>]) -> (usize, u32) {
    let (mut start, mut below, mut at) = (layout.rows.end, 0, layout.rows.end);
    for _ in 0..LINES {
        let rest = &text[layout.rows.start..at];
        let line_end = rest.trim_end_matches(['\r', '\n']).len();
        let line_start = rest[..line_end].rfind(['\r', '\n']).map_or(0, |place| place + 1);
        let line = &rest[line_start..line_end];
        if line.is_empty() || line.len() > LINE_BYTES {
            break;
        }
        match kind(line, &rest[..line_start], layout.delimiter, places, at < text.len() || line_end < rest.len()) {
            LineKind::Blank => {}
            LineKind::Footer => {
                start = layout.rows.start + line_start;
                below += 1;
            }
            LineKind::Row => break,
        }
        at = layout.rows.start + line_start;
    }
    (start, below)
}

enum LineKind {
    Blank,
    Footer,
    Row,
}

fn kind(line: &str, above: &str, delimiter: u8, places: &[Option<Column>], ended: bool) -> LineKind {
    let mut records = Records::new(line, delimiter, None, true);
    let Some(Ok(record)) = records.next() else { return LineKind::Row };
    if record.broken.is_some() {
        return LineKind::Row;
    }
    let cells: Vec<String> = record.cells.iter().map(|c| cell::trim(&String::from_utf8_lossy(c)).to_owned()).collect();
    let filled: Vec<(Option<Column>, &str)> = cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(i, cell)| (places.get(i).copied().flatten(), cell::value(cell)))
        .collect();
    let line = FilledLine {
        above,
        pieces: pieces(&cells),
        starts: cells.first().is_some_and(|first| !first.is_empty()),
        together: cells.iter().take_while(|cell| !cell.is_empty()).count() == filled.len(),
        whole: cells.len() >= places.len(),
        ended,
        filled,
    };
    match line.filled.len() {
        0 => LineKind::Blank,
        _ if line.sums_up() || line.is_remark() => LineKind::Footer,
        // What is cut into many cells may be a sentence with commas, if nothing else is in the line.
        1..=FILLED if !line.may_be_a_person() && line.says_so() => LineKind::Footer,
        _ => LineKind::Row,
    }
}

/// A line that has something in it.
struct FilledLine<'l> {
    /// The rows before it.
    above: &'l str,
    /// The cells that are not empty.
    filled: Vec<(Option<Column>, &'l str)>,
    /// What stands in them between delimiters of any kind: somebody's row may have other ones than the file.
    pieces: Vec<&'l str>,
    /// It starts in the first column.
    starts: bool,
    /// There is no empty cell before one that is not.
    together: bool,
    /// It has a cell for each header.
    whole: bool,
    /// The file goes on after it, if only with a line break.
    ended: bool,
}

impl FilledLine<'_> {
    /// Returns whether the line has what a line about the file has not, and a person's row has even if most of it is
    /// lost.
    fn may_be_a_person(&self) -> bool {
        // Whoever left the column Error in our file has a person in each of its rows.
        let ours = |column: Column| column.spec().presence == Presence::Ours;
        let of_column = |is: fn(Column) -> bool| self.filled.iter().filter(move |cell| cell.0.is_some_and(is));
        if of_column(ours).next().is_some() || self.pieces.iter().any(|piece| is_persons(piece)) {
            return true;
        }
        let mut ids = of_column(|column| column == Column::CustomId);
        let has_id = ids.any(|(_, cell)| has_digit(cell) && !says_word(cell));
        // Of a row that was cut off a first name and an ID can be left.
        let counts = self.counts() && (self.whole || !has_id);
        match self.pieces.iter().filter(|piece| is_name(piece)).count() {
            0 => has_id && !counts,
            1 => self.pieces.iter().any(|piece| has_digit(piece)) && !counts,
            _ => true,
        }
    }

    /// Returns whether the line is a word for what was counted, and numbers: `Total`, or several words like
    /// `Total students`.
    fn counts(&self) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return false };
        let words = words(first);
        let several =
            words.len() > 1 && words.iter().all(|word| is_known(word)) && words.iter().any(|word| counts(word));
        let alone = ALONE.contains(&&*label(first)) && (self.whole || self.together || self.is_their_number(rest));
        self.starts && (several || alone) && rest.iter().all(|piece| is_number(piece))
    }

    /// Returns whether one of the numbers is the number of the rows. A row that was cut off can have a number, too, of
    /// somebody called Count.
    fn is_their_number(&self, numbers: &[&str]) -> bool {
        let rows = self.above.lines().filter(|line| !line.trim().is_empty()).count().to_string();
        numbers.iter().any(|number| number.replace([' ', ',', '.', '\''], "") == rows)
    }

    /// Returns whether the line is a label of several words that begins like a sum, or of a line with a cell for each
    /// header just that, and numbers.
    fn sums_up(&self) -> bool {
        const SUMS: [&str; 6] = ["total", "totals", "subtotal", "grand", "average", "gesamt"];
        let Some((first, rest)) = self.pieces.split_first() else { return false };
        let words = words(first);
        let (several, sum) = (words.len() > 1, words.first().is_some_and(|word| SUMS.contains(&word.as_str())));
        let numbers = !rest.is_empty() && rest.iter().all(|piece| is_number(piece));
        self.together && sum && numbers && (several || (self.whole && rest.len() > 1))
    }

    /// Returns whether the line is a written date or a sentence of known words, or stands in one cell and is none that
    /// a row begins with: a label with a colon, or a mark that no name has.
    fn is_remark(&self) -> bool {
        let cells: Vec<&str> = self.filled.iter().map(|(_, cell)| *cell).collect();
        let text = cells.join(" ");
        if !self.starts || self.pieces.iter().any(|piece| is_persons(piece)) {
            return false;
        }
        let words = words(&text);
        let is_sentence = words.len() > 4 && words.iter().all(|word| is_known(word) || is_number(word));
        if self.together && (is_sentence || is_written_date(&words, cells.len())) {
            return true;
        }
        let labelled = text.split_once(':').is_some_and(|(label, _)| is_label(label));
        let marked = text.starts_with(['\u{a9}', '#', '*', '>', '~']) || text.contains("> ");
        let end = words.iter().any(|word| word == "end" || word == "eof");
        self.pieces.len() == 1 && (labelled || (marked && (words.len() > 2 || end)))
    }

    /// Returns whether the line says that it is about the file.
    fn says_so(&self) -> bool {
        let first = self.filled[0].1;
        let text = self.filled.iter().map(|(_, cell)| *cell).collect::<Vec<_>>().join(" ");
        let plain = deunicode(&text).to_lowercase();
        let (words, alone) = (words(&text), self.pieces.len() == 1);
        let digits = has_digit(&plain);
        if !plain.contains(|c: char| c.is_ascii_alphabetic()) {
            // A date in another column is a damaged ID. One sign may be what is left of a row that was cut off.
            let is_line = self.ended || self.whole || plain.chars().count() > 2;
            return (!digits && is_line) || (self.ended && self.starts && alone && is_date(&plain));
        }
        if !self.starts {
            return false;
        }
        let label = label(first);
        if ALONE.contains(&&*label) && (label == "eof" || digits || has_colon(first)) {
            return true;
        }
        let known = words.iter().any(|word| KNOWN.contains(word.as_str()));
        let framed = alone
            && plain.starts_with(['-', '=', '*', '#', '_', '<', '(', '[', '~', '+'])
            && plain.ends_with(['-', '=', '*', '#', '_', '>', ')', ']', '~', '+']);
        let all = words.iter().all(|word| is_known(word) || is_number(word));
        (framed && (known || words.len() > 1))
            || (known && all && (digits || has_colon(&plain) || (words.len() > 1 && alone)))
            || (has_colon(first) && says_word(first))
            || (known && alone && words.len() >= 3 && starts_as_sentence(&words))
    }
}

/// Returns whether a text is one to five words that may name what stands behind them.
fn is_label(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let letters = |word: &&str| word.chars().all(char::is_alphabetic);
    (1..=5).contains(&words.len()) && words.iter().all(letters)
}

/// Returns whether the words are a date in words, or in figures with the time, and perhaps the number of the page.
fn is_written_date(words: &[String], cells: usize) -> bool {
    let known = |word: &String| OF_DATES.contains(word.as_str()) || word.bytes().all(|b| b.is_ascii_digit());
    let named = words.iter().filter(|word| OF_DATES.contains(word.as_str())).count();
    let year = words.iter().any(|word| word.len() == 4 && word.starts_with("20"));
    year && words.iter().all(known) && named > 0 && words.len() > 2 && named + 2 > cells
}

/// Returns the letters and digits of a text in lower case, word by word.
fn words(text: &str) -> Vec<String> {
    let plain = deunicode(text).to_lowercase();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Returns the cell as one of [`ALONE`] is written.
fn label(cell: &str) -> String {
    let plain = deunicode(cell).to_lowercase();
    plain.trim_end_matches([':', '=', ' ']).trim_start_matches("grand ").to_owned()
}

fn is_known(word: &str) -> bool {
    KNOWN.contains(word) || NOTHING.contains(word)
}

/// Returns whether a word says what was counted, or that something was.
fn counts(word: &str) -> bool {
    const COUNTED: [&str; 18] = [
        "total",
        "totals",
        "count",
        "counts",
        "number",
        "records",
        "rows",
        "lines",
        "entries",
        "students",
        "pupils",
        "users",
        "teachers",
        "anzahl",
        "gesamtzahl",
        "datensatze",
        "lignes",
        "registros",
    ];
    COUNTED.contains(&word)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || " .,'".contains(c))
}

/// Returns whether the words begin like those of a line about the file.
fn starts_as_sentence(words: &[String]) -> bool {
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
    words.first().is_some_and(|word| BEGIN.contains(&word.as_str()))
}

/// Returns whether the cell has one of the [`KNOWN`] words in it.
fn says_word(cell: &str) -> bool {
    words(cell).iter().any(|word| KNOWN.contains(word.as_str()))
}

/// Returns whether a text can be an ID, and not what a line about the file has.
pub(super) fn is_id(piece: &str) -> bool {
    has_digit(piece) && !is_date(piece) && !says_word(piece)
}

/// Returns whether a text has the marks of a date in figures, as in `1/2/2026`, or of a time.
fn is_date(text: &str) -> bool {
    text.chars().filter(|c| matches!(c, '/' | ':' | '-' | '.')).count() >= 2
}
