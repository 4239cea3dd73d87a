//! Which encoding a file is in that does not show it.
//!
//! The names of the file decide. Read in a wrong encoding they have signs inside, capitals in the middle, letters of
//! two scripts, or letters that no language has together. Where two readings are about as good, or the best one is not
//! good, the guess is doubtful, and somebody has to look at the names.

use std::collections::HashSet;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::{LOOKED_AT, text_of};
use crate::settings::FileEncoding;

/// The letters beyond ASCII of each language that is written in Latin letters, small. Each has é, which many names have
/// wherever they are borne. The first [`WESTERN`] are those of Western Europe.
const LANGUAGES: [&str; 21] = [
    "éàâæçèêëîïôœùûüÿ",
    "éáíñóúüç",
    "éáâãàçêíóôõúü",
    "éäöüß",
    "éàèìíîòóùú",
    "éëïóöüáèêí",
    "éåäöü",
    "éæøåöäóô",
    "éáíóúàèìòùçïü",
    "éáíóúýþðæö",
    "éąćęłńóśźż",
    "éáčďěíňóřšťúůýžäöü",
    "éáäčďíĺľňóôŕšťúýž",
    "éáíóöőúüű",
    "éăâîşţșțöü",
    "éčćđšžöü",
    "éçğıöşüâîûi̇",
    "éąčęėįšųūž",
    "éāčēģīķļņōŗšūž",
    "éäöõüšž",
    "éàáâãèêìíòóôõùúýăđĩũơư",
];
const WESTERN: usize = 9;

/// The encodings that are tried, with how likely each is by itself.
const TRIED: [(FileEncoding, f64); 24] = [
    (FileEncoding::Windows1252, 0.25),
    (FileEncoding::Windows1250, 0.1),
    (FileEncoding::Windows1251, 0.1),
    (FileEncoding::Cp850, 0.0),
    (FileEncoding::MacRoman, 0.0),
    (FileEncoding::Windows1254, 0.05),
    (FileEncoding::Windows1257, 0.05),
    (FileEncoding::Windows1253, 0.05),
    (FileEncoding::Windows1255, 0.05),
    (FileEncoding::Windows1256, 0.05),
    (FileEncoding::Windows874, 0.0),
    (FileEncoding::Iso88592, 0.02),
    (FileEncoding::Iso885915, -0.05),
    (FileEncoding::Cp437, -0.05),
    (FileEncoding::Cp852, -0.05),
    (FileEncoding::Koi8, 0.0),
    (FileEncoding::Cp866, 0.0),
    (FileEncoding::Iso88595, 0.0),
    (FileEncoding::Iso88597, 0.0),
    (FileEncoding::Gbk, 0.05),
    (FileEncoding::Big5, 0.05),
    (FileEncoding::ShiftJis, 0.05),
    (FileEncoding::EucKr, 0.05),
    (FileEncoding::EucJp, 0.0),
];
/// What it counts that the library holds an encoding for the likeliest, and that the lines end as on old Macs.
const DETECTED: f64 = 0.15;
const LINES_OF_A_MAC: f64 = 0.4;
/// Readings that are this close are as good as each other; and where the library holds the better one for it, too.
const CLOSE: f64 = 0.3;
const CLOSE_DETECTED: f64 = 0.15;
/// How many cells are looked at, and how much of each.
const CELLS: usize = 2000;
const CELL_BYTES: usize = 200;

/// Returns the likeliest encoding of text that is not Unicode, and whether it is doubtful.
pub(super) fn likeliest(bytes: &[u8]) -> (FileEncoding, bool) {
    let cells = cells(bytes);
    let detected = detected(bytes);
    let mac = bytes.contains(&b'\r') && !bytes.contains(&b'\n');
    let mut readings: Vec<EncodingScore> = Vec::new();
    for (encoding, likely) in TRIED {
        let own = if detected == Some(encoding) { DETECTED } else { 0.0 };
        let lines = if mac && encoding == FileEncoding::MacRoman { LINES_OF_A_MAC } else { 0.0 };
        let judged = EncodingScore::of(&cells, encoding);
        readings.push(EncodingScore { score: judged.score + likely + own + lines, ..judged });
    }
    // Of equals the first is taken.
    let best = readings.iter().rev().max_by(|a, b| a.score.total_cmp(&b.score)).unwrap_or(&readings[0]);
    (best.encoding, best.is_doubtful(&readings, detected == Some(best.encoding)))
}

/// Returns whether the chosen encoding gives letters that no name has.
pub(super) fn misfits(bytes: &[u8], chosen: FileEncoding) -> bool {
    chosen != FileEncoding::Utf8 && !bytes.is_ascii() && EncodingScore::of(&cells(bytes), chosen).is_odd()
}

/// Returns whether the file is UTF-8 throughout and reads better so than in the chosen encoding.
pub(super) fn contradicts(bytes: &[u8], chosen: FileEncoding) -> bool {
    chosen != FileEncoding::Utf8
        && !bytes.is_ascii()
        && std::str::from_utf8(bytes).is_ok()
        && EncodingScore::of(&cells(bytes), chosen).faults > 0.0
}

/// Returns the encoding that the library holds for the likeliest.
fn detected(bytes: &[u8]) -> Option<FileEncoding> {
    let first = bytes.iter().position(|b| !b.is_ascii())?;
    let telling = &bytes[first.saturating_sub(LOOKED_AT)..bytes.len().min(first + 16 * LOOKED_AT)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(telling, true);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    FileEncoding::ALL.into_iter().find(|encoding| encoding.standard() == guessed)
}

/// Returns the first cells that are not ASCII, each once. What cuts the file into them is never a part of a letter.
fn cells(bytes: &[u8]) -> Vec<&[u8]> {
    let mut seen = HashSet::new();
    let cells = bytes.split(|b| matches!(b, b',' | b';' | b'\t' | b'\r' | b'\n' | b'"'));
    let cells = cells.filter(|cell| !cell.is_ascii()).map(|cell| &cell[..cell.len().min(CELL_BYTES)]);
    cells.filter(|cell| seen.insert(*cell)).take(CELLS).collect()
}

/// How well the cells of a file read in an encoding.
struct EncodingScore {
    encoding: FileEncoding,
    texts: Vec<String>,
    words: f64,
    /// Signs inside words, capitals in the middle and the like.
    faults: f64,
    /// The share of words whose letters one language has, and of those that the same language has.
    covered: f64,
    together: f64,
    western: bool,
    score: f64,
}

impl EncodingScore {
    fn of(cells: &[&[u8]], encoding: FileEncoding) -> EncodingScore {
        let texts: Vec<String> = cells.iter().map(|cell| text_of(cell, encoding).into_owned()).collect();
        let (mut words, mut faults, mut covered) = (0.0, 0.0, 0.0);
        let mut by_language = [0.0; LANGUAGES.len()];
        for (cell, text) in cells.iter().zip(&texts) {
            for word in words_of(text) {
                words += 1.0;
                let beyond: Vec<char> =
                    word.chars().filter(|c| !c.is_ascii() && is_letter(*c)).flat_map(char::to_lowercase).collect();
                if beyond.iter().any(|c| !is_latin(*c)) {
                    faults += faults_of(word);
                    let common = common_share(cell, encoding);
                    covered += common;
                    by_language[0] += common;
                    continue;
                }
                let languages = LANGUAGES.map(|letters| beyond.iter().all(|c| letters.contains(*c)));
                let known = languages.contains(&true);
                covered += f64::from(u8::from(known));
                // Hardly any name is all letters beyond ASCII, but some are, like Żółć.
                faults += faults_of(word) + if known { 0.0 } else { run_fault(word) };
                by_language.iter_mut().zip(languages).for_each(|(n, has)| *n += f64::from(u8::from(has)));
            }
        }
        let share = |part: f64| if words > 0.0 { part / words } else { 1.0 };
        let most = |counts: &[f64]| counts.iter().copied().fold(0.0, f64::max);
        let (covered, together) = (share(covered), share(most(&by_language)));
        EncodingScore {
            encoding,
            score: covered + together / 2.0 - 1.5 * share(faults).min(3.0) * f64::from(u8::from(words > 0.0)),
            western: most(&by_language[..WESTERN]) >= words,
            texts,
            words,
            faults,
            covered,
            together,
        }
    }

    /// Returns whether the text reads badly by itself.
    fn is_odd(&self) -> bool {
        self.faults * 20.0 > self.words
    }

    fn is_doubtful(&self, all: &[EncodingScore], detected: bool) -> bool {
        let presumed = self.encoding == FileEncoding::Windows1252;
        let close = if detected { CLOSE_DETECTED } else { CLOSE };
        let rivals = all.iter().any(|other| {
            other.texts != self.texts
                && other.faults <= self.faults
                && other.covered >= self.covered
                && other.score >= self.score - close
                && !(presumed && (self.western || (other.together <= self.together && !other.western)))
        });
        self.is_odd() || self.covered < 0.7 || rivals
    }
}

/// Returns the words with a letter or sign that is not ASCII.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let cut = |c: char| c.is_whitespace() || (c.is_ascii() && !c.is_ascii_alphabetic());
    text.split(cut).filter(|word| !word.is_ascii())
}

/// Returns how much in a word no name has.
fn faults_of(word: &str) -> f64 {
    let letters: Vec<char> = word.chars().collect();
    let mut faults = 0.0;
    for (i, &c) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| letters[i]);
        let after = letters.get(i + 1).copied();
        faults += match c {
            _ if c.is_ascii() => 0.0,
            char::REPLACEMENT_CHARACTER | '\u{e000}'..='\u{f8ff}' => 3.0,
            _ if c.is_control() => 3.0,
            _ if is_letter(c) => letter_fault(before, c, after),
            '’' | '´' | '·' => f64::from(u8::from(before.is_none())),
            '‘' | '“' | '„' | '–' | '—' => 0.0,
            '”' | 'ª' | 'º' | '°' | '…' => f64::from(u8::from(before.is_none() || after.is_some())),
            _ if before.is_none() && after.is_none() => 0.5,
            _ => 1.0,
        };
    }
    faults + scripts_fault(&letters)
}

/// Returns the fault of a letter: a capital in the middle of a word, a small letter where it starts, or a letter where
/// its language has none.
fn letter_fault(before: Option<char>, c: char, after: Option<char>) -> f64 {
    let small = |c: Option<char>| c.is_some_and(char::is_lowercase);
    let capital = |c: Option<char>| c.is_some_and(char::is_uppercase);
    let follows = before.is_some_and(is_letter);
    match c {
        'þ' if follows => 1.0,
        'ð' | 'ß' if !follows => 1.0,
        _ if c.is_uppercase() && (small(before) || (capital(before) && small(after))) => 1.0,
        _ if c.is_lowercase() && (capital(after) || (!follows && is_latin(c))) => 0.5,
        _ if c.is_lowercase() && !follows => 0.3,
        _ => 0.0,
    }
}

/// Returns the fault of letters of two scripts.
fn scripts_fault(letters: &[char]) -> f64 {
    let beyond: Vec<char> = letters.iter().copied().filter(|c| !c.is_ascii() && is_letter(*c)).collect();
    let Some(first) = beyond.first() else { return 0.0 };
    let ascii = letters.iter().any(char::is_ascii_alphabetic);
    let script = script(*first);
    if beyond.iter().any(|c| self::script(*c) != script) || (ascii && script != Script::Latin) {
        return 1.0;
    }
    0.0
}

/// Returns the fault of many Latin letters of which none is ASCII.
fn run_fault(word: &str) -> f64 {
    let runs = word.split(|c: char| c.is_ascii() || !is_letter(c) || !is_latin(c)).map(|run| run.chars().count());
    let longest = runs.max().unwrap_or(0);
    if longest >= 3 { longest as f64 / 3.0 } else { 0.0 }
}

#[derive(PartialEq, Clone, Copy)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Thai,
    Hangul,
    /// Kana and Han stand in one word.
    Han,
    Other,
}

fn script(c: char) -> Script {
    match c {
        '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{590}'..='\u{5ff}' => Script::Hebrew,
        '\u{600}'..='\u{6ff}' => Script::Arabic,
        '\u{e00}'..='\u{e7f}' => Script::Thai,
        '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}' => Script::Hangul,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}' => Script::Han,
        _ => Script::Other,
    }
}

fn is_latin(c: char) -> bool {
    script(c) == Script::Latin
}

/// Returns whether a character is a letter, or a mark that some scripts put on one.
fn is_letter(c: char) -> bool {
    let mark =
        matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{e31}'..='\u{e4e}' | '\u{64b}'..='\u{65f}');
    (c.is_alphabetic() || mark) && !matches!(c, 'ª' | 'º' | 'µ')
}

/// Returns the share of the letters of East Asia that are common ones, which the standards put first; 1 in encodings of
/// other scripts.
fn common_share(cell: &[u8], encoding: FileEncoding) -> f64 {
    let common: fn(u8, u8) -> bool = match encoding {
        FileEncoding::Gbk => |lead, trail| matches!(lead, 0xb0..=0xd7) && trail >= 0xa1,
        FileEncoding::Big5 => |lead, _| matches!(lead, 0xa4..=0xc6),
        FileEncoding::EucKr => |lead, trail| matches!(lead, 0xb0..=0xc8) && trail >= 0xa1,
        FileEncoding::EucJp => |lead, _| matches!(lead, 0xa4 | 0xa5 | 0xb0..=0xcf),
        FileEncoding::ShiftJis => |lead, _| matches!(lead, 0x82 | 0x83 | 0x88..=0x97),
        _ => return 1.0,
    };
    let (mut all, mut good, mut bytes) = (0.0, 0.0, cell);
    while let [lead, rest @ ..] = bytes {
        bytes = match rest {
            [trail, rest @ ..] if !lead.is_ascii() => {
                all += 1.0;
                good += f64::from(u8::from(common(*lead, *trail)));
                rest
            }
            _ => rest,
        };
    }
    if all > 0.0 { good / all } else { 1.0 }
}
