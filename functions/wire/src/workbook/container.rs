//! Which workbook bytes are, by what is in them, and whether they can be unpacked.

use std::io::{Cursor, Read, copy, sink};

use memchr::memmem;
use roster::{Code, Finding, MAX_BYTES};
use zip::ZipArchive;

/// What a workbook is packed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
    /// Nobody can look into it without a password.
    Encrypted,
    /// It begins like a workbook and has no directory, which stands at the end.
    CutOff,
}

/// The most sheets of a workbook that are read.
pub(super) const MOST_SHEETS: usize = 200;
/// How an archive begins.
const ZIP: &[u8] = b"PK\x03\x04";
/// How documents of Office begin that are no archives: old ones, and new ones with a password.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// How an archive of OpenDocument begins: the first file is not packed and says what it all is.
const ODS: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
/// How far the first names of an archive are looked for.
const BEGINNING: usize = 4096;

impl Container {
    /// Returns what the bytes are; `None` where they are no workbook.
    pub(super) fn of(bytes: &[u8]) -> Option<Container> {
        if bytes.starts_with(OLE) {
            return of_streams(bytes);
        }
        if !bytes.starts_with(ZIP) {
            return None;
        }
        let has = |part: &[u8]| memmem::find(&bytes[..bytes.len().min(BEGINNING)], part).is_some();
        let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else {
            return (has(b"xl/") || has(ODS)).then_some(Container::CutOff);
        };
        let names: Vec<_> = archive.file_names().flatten().collect();
        let any = |part: &str| names.iter().any(|name| name.eq_ignore_ascii_case(part));
        if any("xl/workbook.bin") {
            Some(Container::Xlsb)
        } else if any("[Content_Types].xml") && names.iter().any(|name| name.starts_with("xl/")) {
            Some(Container::Xlsx)
        } else if any("content.xml") && has(ODS) {
            Some(Container::Ods)
        } else {
            None
        }
    }
}

/// Returns what an OLE container is by the names of its streams, which are UTF-16.
fn of_streams(bytes: &[u8]) -> Option<Container> {
    let has = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memmem::find(bytes, &name).is_some()
    };
    if has("EncryptedPackage") {
        Some(Container::Encrypted)
    } else if has("Workbook\0") || has("Book\0") {
        Some(Container::Xls)
    } else {
        None
    }
}

/// Opens an archive once it is certain that it can be unpacked whole. `look` sees the content of each part, and need not
/// read it to the end.
///
/// # Errors
///
/// Where it is encrypted, damaged, has a part twice, or would be too large.
pub(super) fn open(
    bytes: &[u8],
    mut look: impl FnMut(&str, &mut dyn Read) -> Result<(), Finding>,
) -> Result<ZipArchive<Cursor<&[u8]>>, Finding> {
    let damaged = |_| unreadable("it is damaged");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if entries(bytes).is_some_and(|entries| entries != archive.len()) {
        return Err(unreadable("it has a part twice"));
    }
    let mut left = MAX_BYTES as u64;
    for place in 0..archive.len() {
        let raw = archive.by_index_raw(place).map_err(damaged)?;
        let (name, encrypted) = (String::from_utf8_lossy(raw.name_raw()).into_owned(), raw.encrypted());
        drop(raw);
        if encrypted {
            return Err(Finding::file(Code::WorkbookEncrypted));
        }
        let file = archive.by_index(place).map_err(damaged)?;
        // What a part says of its size need not be true.
        let mut content = file.take(left + 1);
        look(&name, &mut content)?;
        copy(&mut content, &mut sink()).map_err(|_| unreadable("it is damaged"))?;
        left = content.limit().checked_sub(1).ok_or_else(|| Finding::file(Code::FileTooLarge))?;
    }
    Ok(archive)
}

/// Returns how many parts the archive's directory says it has, some of which may have one name; `None` where it does not
/// say.
fn entries(bytes: &[u8]) -> Option<usize> {
    let end = memmem::rfind(bytes, b"PK\x05\x06")?;
    let count = bytes.get(end + 10..end + 12)?;
    let count = u16::from_le_bytes([count[0], count[1]]);
    (count != u16::MAX).then_some(count.into())
}

/// Returns the finding that a workbook can't be read.
pub(super) fn unreadable(why: impl Into<String>) -> Finding {
    Finding { value: Some(why.into()), ..Finding::file(Code::WorkbookUnreadable) }
}
