//! From bytes to text.

mod guess;
mod positions;

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::file::reading::Reading;
use crate::model::{Code, Finding};
use crate::settings::FileEncoding;

pub(crate) use positions::Positions;

/// How much of a file is looked at to tell what it is.
const LOOKED_AT: usize = 64 * 1024;

/// A file that is text.
pub(crate) struct Decoded<'b> {
    /// The text. Where the bytes break the rules of their encoding, it has U+FFFD.
    pub text: Cow<'b, str>,
    pub encoding: Encoded,
    /// The file does not show its encoding; this one is the likeliest.
    pub guessed: bool,
    /// Read like this the file has letters that hardly are those of its names.
    pub doubtful: bool,
    /// The file without its byte order mark.
    body: &'b [u8],
}

/// How the letters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoded {
    Utf16 {
        little_endian: bool,
    },
    Utf32 {
        little_endian: bool,
    },
    /// One byte for each character of ASCII.
    As(FileEncoding),
}

/// Reads a file in the encoding that it says or shows it is in; else in the one that was chosen, or the likeliest.
///
/// A choice yields only to what shows itself: a byte order mark, zero bytes, or text that is UTF-8 throughout where
/// the chosen encoding gives letters that no name has.
pub(crate) fn decode<'b>(bytes: &'b [u8], reading: &Reading) -> Result<Decoded<'b>, Finding> {
    if let Some((encoded, mark)) = byte_order_mark(bytes) {
        return Ok(Decoded::shown(&bytes[mark..], encoded));
    }
    if let Some(encoded) = wide_without_mark(bytes) {
        return Ok(Decoded::shown(bytes, encoded));
    }
    if let Some(kind) = other_than_text(bytes, reading) {
        return Err(Finding { value: Some(kind.to_owned()), ..Finding::file(Code::FileNotText) });
    }
    Ok(match reading.settings.encoding {
        Some(chosen) if !guess::contradicts(bytes, chosen) => {
            Decoded { doubtful: guess::misfits(bytes, chosen), ..Decoded::shown(bytes, Encoded::As(chosen)) }
        }
        _ => match str::from_utf8(bytes) {
            Ok(text) => {
                let encoding = Encoded::As(FileEncoding::Utf8);
                Decoded { text: Cow::Borrowed(text), encoding, guessed: false, doubtful: false, body: bytes }
            }
            Err(_) if is_damaged_utf8(bytes) => Decoded::shown(bytes, Encoded::As(FileEncoding::Utf8)),
            Err(_) => {
                let (likeliest, doubtful) = guess::likeliest(bytes);
                Decoded { guessed: true, doubtful, ..Decoded::shown(bytes, Encoded::As(likeliest)) }
            }
        },
    })
}

/// Returns the text of bytes in that encoding.
fn text_of(bytes: &[u8], encoding: FileEncoding) -> Cow<'_, str> {
    match encoding {
        // Checking all at once is many times as fast as looking for what is broken.
        FileEncoding::Utf8 => str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed),
        FileEncoding::Cp437 => yore::code_pages::CP437.decode(bytes),
        FileEncoding::Cp850 => yore::code_pages::CP850.decode(bytes),
        FileEncoding::Cp852 => yore::code_pages::CP852.decode(bytes),
        other => other.standard().decode_without_bom_handling(bytes).0,
    }
}

impl FileEncoding {
    /// Returns the encoding as the library names it; those of DOS, which it does not have, are read elsewhere.
    fn standard(self) -> &'static Encoding {
        let label = match self {
            FileEncoding::Cp866 => "ibm866",
            other => other.id(),
        };
        Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8)
    }

    /// Returns whether some characters have more than one byte.
    fn is_multibyte(self) -> bool {
        use FileEncoding::*;
        matches!(self, Utf8 | Gbk | Big5 | ShiftJis | EucJp | EucKr)
    }
}

impl<'b> Decoded<'b> {
    fn shown(body: &'b [u8], encoding: Encoded) -> Decoded<'b> {
        let text = match encoding {
            Encoded::Utf16 { little_endian: true } => UTF_16LE.decode_without_bom_handling(body).0,
            Encoded::Utf16 { little_endian: false } => UTF_16BE.decode_without_bom_handling(body).0,
            Encoded::Utf32 { little_endian } => Cow::Owned(utf32(body, little_endian)),
            Encoded::As(encoding) => text_of(body, encoding),
        };
        Decoded { text, encoding, guessed: false, doubtful: false, body }
    }

    /// Returns whether the file would be UTF-8 if it were not cut off within its last character.
    ///
    /// Only where the encoding was guessed: in those that show themselves half a character is U+FFFD.
    pub fn ends_in_half(&self) -> bool {
        self.guessed && std::str::from_utf8(self.body).is_err_and(|error| error.error_len().is_none())
    }

    /// Returns text of ASCII as the file writes it.
    pub fn ascii(&self, text: &str) -> Vec<u8> {
        let each = |bytes: fn(u8) -> Vec<u8>| text.bytes().flat_map(bytes).collect();
        match self.encoding {
            Encoded::Utf16 { little_endian: true } => each(|b| vec![b, 0]),
            Encoded::Utf16 { little_endian: false } => each(|b| vec![0, b]),
            Encoded::Utf32 { little_endian: true } => each(|b| vec![b, 0, 0, 0]),
            Encoded::Utf32 { little_endian: false } => each(|b| vec![0, 0, 0, b]),
            Encoded::As(_) => text.as_bytes().to_vec(),
        }
    }

    /// Returns how many bytes of the file stand before the first letter of the text.
    pub fn mark(&self, file: &[u8]) -> usize {
        file.len() - self.body.len()
    }
}

impl Encoded {
    /// Returns the name of the encoding for people.
    pub fn name(self) -> &'static str {
        match self {
            Encoded::Utf16 { little_endian: true } => "UTF-16LE",
            Encoded::Utf16 { little_endian: false } => "UTF-16BE",
            Encoded::Utf32 { little_endian: true } => "UTF-32LE",
            Encoded::Utf32 { little_endian: false } => "UTF-32BE",
            Encoded::As(encoding) => encoding.name(),
        }
    }
}

/// Returns the encoding that a byte order mark says, and how many bytes the mark has.
fn byte_order_mark(bytes: &[u8]) -> Option<(Encoded, usize)> {
    // A mark of UTF-16 and a first character of zeros look the same; no roster begins with such a one.
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => return Some((Encoded::Utf32 { little_endian: true }, 4)),
        [0, 0, 0xfe, 0xff, ..] => return Some((Encoded::Utf32 { little_endian: false }, 4)),
        _ => {}
    }
    let (encoding, mark) = Encoding::for_bom(bytes)?;
    let encoded = match encoding {
        _ if encoding == UTF_16LE => Encoded::Utf16 { little_endian: true },
        _ if encoding == UTF_16BE => Encoded::Utf16 { little_endian: false },
        _ => Encoded::As(FileEncoding::Utf8),
    };
    Some((encoded, mark))
}

/// Returns which of UTF-16 and UTF-32 the zero bytes of a file show. The headers are ASCII, so most characters at the
/// start have zero bytes, all in the same place.
fn wide_without_mark(bytes: &[u8]) -> Option<Encoded> {
    let start = &bytes[..bytes.len().min(1024)];
    let (pairs, fours) = (start.as_chunks::<2>().0, start.as_chunks::<4>().0);
    if pairs.len() < 2 {
        return None;
    }
    let most_pairs = |is: fn(&&[u8; 2]) -> bool| pairs.iter().filter(is).count() * 10 > pairs.len() * 7;
    let most_fours = |is: fn(&&[u8; 4]) -> bool| fours.iter().filter(is).count() * 10 > fours.len() * 7;
    if most_fours(|four| matches!(four, [1..=255, 0, 0, 0])) {
        Some(Encoded::Utf32 { little_endian: true })
    } else if most_fours(|four| matches!(four, [0, 0, 0, 1..=255])) {
        Some(Encoded::Utf32 { little_endian: false })
    } else if most_pairs(|pair| matches!(pair, [1..=255, 0])) {
        Some(Encoded::Utf16 { little_endian: true })
    } else if most_pairs(|pair| matches!(pair, [0, 1..=255])) {
        Some(Encoded::Utf16 { little_endian: false })
    } else {
        None
    }
}

fn utf32(bytes: &[u8], little_endian: bool) -> String {
    let (fours, rest) = bytes.as_chunks::<4>();
    let number = |four: &[u8; 4]| if little_endian { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) };
    let letters = fours.iter().map(|four| char::from_u32(number(four)).unwrap_or(char::REPLACEMENT_CHARACTER));
    letters.chain((!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER)).collect()
}

/// Returns what kind of file it is that is no text, in words for people.
fn other_than_text(bytes: &[u8], reading: &Reading) -> Option<&'static str> {
    const BEGINNINGS: [(&[u8], &str); 17] = [
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a zip archive, or a document that is one inside"),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"\xd0\xcf\x11\xe0", "an Office document of the old kind"),
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
    let written = bytes.len() - padding(bytes);
    let bytes = if reading.settings.strict_format || written == 0 { bytes } else { &bytes[..written] };
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

/// Returns how many bytes at the end are what host systems fill files up with.
fn padding(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|b| matches!(b, 0 | 0x1a | 0x0c | b' ' | b'\r' | b'\n')).count()
}

/// Returns whether bytes that are not valid UTF-8 are damaged UTF-8. Text in another encoding hardly ever holds
/// sequences that UTF-8 allows, and damaged UTF-8 has more good ones than bad ones.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|b| *b >= 0xc0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && good >= bad
}
