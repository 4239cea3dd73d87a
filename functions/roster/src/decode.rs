//! From bytes to text.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::{Code, Finding};

/// How much of a file is looked at to tell what it is.
const LOOKED_AT: usize = 64 * 1024;

/// A file that is text.
pub(crate) struct Decoded<'b> {
    /// The text. Where the bytes break the rules of their encoding, it has U+FFFD.
    pub text: Cow<'b, str>,
    pub encoding: &'static Encoding,
    /// The file does not show its encoding; this one is the likeliest.
    pub guessed: bool,
    /// The file without its byte order mark.
    body: &'b [u8],
}

/// Reads a file in the encoding that it says or shows it is in.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Finding> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Ok(read(&bytes[mark..], encoding, false));
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return Ok(read(bytes, encoding, false));
    }
    if let Some(kind) = other_than_text(bytes) {
        return Err(Finding { value: Some(kind.to_owned()), ..Finding::file(Code::FileNotText) });
    }
    match is_utf8(bytes) {
        true => Ok(read(bytes, UTF_8, false)),
        false => Ok(read(bytes, guess(bytes), true)),
    }
}

impl Decoded<'_> {
    /// The file with one byte for each unit of its encoding, in which everything that cuts it into rows and cells
    /// stands for itself, and how many bytes of the file a unit has.
    pub fn units(&self) -> (Cow<'_, [u8]>, usize) {
        let ascii = |unit: u16| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(0xff);
        let wide = |unit: fn([u8; 2]) -> u16| self.body.as_chunks().0.iter().map(|&u| ascii(unit(u))).collect();
        if self.encoding == UTF_16LE {
            (wide(u16::from_le_bytes), 2)
        } else if self.encoding == UTF_16BE {
            (wide(u16::from_be_bytes), 2)
        } else {
            // In all the others a byte of ASCII means what it does in ASCII, as far as commas, semicolons, tabs,
            // quotation marks and line breaks go.
            (Cow::Borrowed(self.body), 1)
        }
    }

    /// The encoding was guessed, and would be UTF-8 if the file were not cut off in the middle of its last character.
    /// In the encodings that show themselves half a character is U+FFFD.
    pub fn ends_in_half(&self) -> bool {
        self.guessed && std::str::from_utf8(self.body).is_err_and(|error| error.error_len().is_none())
    }

    /// How many bytes of the file stand before [`Decoded::units`].
    pub fn mark(&self, file: &[u8]) -> usize {
        file.len() - self.body.len()
    }
}

fn read<'b>(body: &'b [u8], encoding: &'static Encoding, guessed: bool) -> Decoded<'b> {
    let (text, _) = encoding.decode_without_bom_handling(body);
    Decoded { text, encoding, guessed, body }
}

/// UTF-16 shows itself by its zero bytes: the headers are ASCII, so every other byte at the start is one.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let (start, _) = bytes[..bytes.len().min(64)].as_chunks::<2>();
    if start.len() < 2 {
        return None;
    }
    let all = |is: fn(&[u8; 2]) -> bool| start.iter().all(is);
    if all(|&[low, high]| low != 0 && high == 0) {
        Some(UTF_16LE)
    } else if all(|&[high, low]| high == 0 && low != 0) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// What a file is that is no text, in words for people.
fn other_than_text(bytes: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: [(&[u8], &str); 17] = [
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "an Excel workbook or a zip archive"),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"\xd0\xcf\x11\xe0", "an Excel workbook or another Office document of the old kind"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"7z\xbc\xaf", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"{\\rtf", "a Word document (RTF)"),
        (b"SQLite format 3", "a database"),
        (b"\x7fELF", "a program"),
        (b"MZ\x90", "a program"),
    ];
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    if let Some((_, kind)) = BEGINNINGS.iter().find(|(beginning, _)| start.starts_with(beginning)) {
        return Some(kind);
    }
    let markup = start.trim_ascii_start().to_ascii_lowercase();
    if [b"<!doctype html".as_slice(), b"<html"].iter().any(|tag| markup.starts_with(tag)) {
        return Some("a web page");
    }
    if markup.starts_with(b"<?xml") {
        return Some("an XML document");
    }
    if markup.starts_with(b"{\"") || markup.starts_with(b"[{") {
        return Some("a JSON document");
    }
    let control = start.iter().filter(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\r' | b'\n')).count();
    (control >= 8 && control * 50 > start.len()).then_some("a binary file")
}

/// Whether the bytes are UTF-8, perhaps with some that were damaged. Text in another encoding hardly ever holds
/// sequences that UTF-8 allows, and damaged UTF-8 has more good ones than bad ones.
fn is_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|b| *b >= 0xc0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad == 0 || (good > 0 && good >= bad)
}

/// The likeliest encoding of text that is not Unicode. All that hold the Latin letters of Western Europe are taken
/// for Windows-1252, which is what such files are in; a short one does not tell its neighbours apart.
fn guess(bytes: &[u8]) -> &'static Encoding {
    const OTHER_LATIN: [&str; 11] = [
        "windows-1250",
        "windows-1254",
        "windows-1257",
        "windows-1258",
        "ISO-8859-2",
        "ISO-8859-3",
        "ISO-8859-4",
        "ISO-8859-10",
        "ISO-8859-13",
        "ISO-8859-15",
        "ISO-8859-16",
    ];
    let first = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(0);
    let telling = &bytes[first.saturating_sub(LOOKED_AT)..bytes.len().min(first + 16 * LOOKED_AT)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(telling, true);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    if OTHER_LATIN.contains(&guessed.name()) { WINDOWS_1252 } else { guessed }
}
