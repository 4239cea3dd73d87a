//! Sets of files in an archive, as they are sent.
//!
//! Not in the domain, for the archive's crate can make random numbers.

use std::borrow::Borrow;
use std::io::{Cursor, Read, Write};

use roster::{Code, Delivery, FileUse, Finding, MAX_BYTES, SentFile, SetBytes, SetPart, file_use};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// How an archive begins.
const MARK: &[u8] = b"PK\x03\x04";
/// How one without any files begins, which is its end, too.
const EMPTY: &[u8] = b"PK\x05\x06";
/// How many files of an archive are looked at.
const MOST_FILES: usize = 100;

/// Returns the archive of the files.
pub fn pack(set: &SetBytes) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(false);
    for part in SetPart::ALL {
        if let Some(bytes) = set.part(part) {
            archive.start_file(part.file_name(), stored).expect("a vector takes every file");
            archive.write_all(bytes).expect("a vector takes every file");
        }
    }
    archive.finish().expect("a vector takes every file").into_inner()
}

/// Returns an archive of files as they were sent.
pub fn pack_files(files: &[SentFile]) -> Vec<u8> {
    packed(files.iter(), CompressionMethod::Stored)
}

/// Returns a small archive of files that go out.
///
/// Each is let go once it is packed.
pub fn pack_feed(files: Vec<SentFile>) -> Vec<u8> {
    packed(files.into_iter(), CompressionMethod::Deflated)
}

fn packed(files: impl Iterator<Item: Borrow<SentFile>>, method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method).large_file(false);
    for file in files {
        let SentFile { name, bytes } = file.borrow();
        archive.start_file(name.as_str(), options).expect("a vector takes every file");
        archive.write_all(bytes).expect("a vector takes every file");
    }
    archive.finish().expect("a vector takes every file").into_inner()
}

/// Returns the tables that stand in an archive.
///
/// `None` where the bytes are no archive, or one of something else than tables, such as a workbook. Only files that may be
/// read are opened.
///
/// # Errors
///
/// Where the archive holds tables that can't be read; the finding says why.
pub fn unpack(bytes: &[u8]) -> Result<Option<Delivery>, Finding> {
    if bytes.starts_with(EMPTY) {
        return Err(unreadable("it has no files in it".to_owned()));
    }
    if !bytes.starts_with(MARK) {
        return Ok(None);
    }
    // Its list of files stands at its end.
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Err(unreadable("it is damaged, or its end is missing".to_owned()));
    };
    let count = archive.len().min(MOST_FILES);
    let name = |place| archive.by_index_raw(place).map(|file| String::from_utf8_lossy(file.name_raw()).into_owned());
    let names: Vec<String> = (0..count).map(name).map(Result::unwrap_or_default).collect();
    let is_table = |name: &&String| {
        let name = name.to_ascii_lowercase();
        [".csv", ".tsv", ".txt"].iter().any(|ending| name.ends_with(ending)) && !name.contains("__macosx/")
    };
    if !names.iter().any(|name| is_table(&name)) {
        return Ok(None);
    }
    if let Some(inner) = names.iter().find(|name| name.to_ascii_lowercase().ends_with(".zip")) {
        let what = format!("another archive, {}, stands beside the tables, and either may be meant", own_name(inner));
        return Err(unreadable(what));
    }
    let tables = names.iter().enumerate().filter(|(_, name)| is_table(name));
    read(&mut archive, tables).map(Some)
}

fn read<'n>(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    tables: impl Iterator<Item = (usize, &'n String)>,
) -> Result<Delivery, Finding> {
    let mut delivery = Delivery::default();
    let mut left = MAX_BYTES as u64;
    for (place, path) in tables {
        let name = own_name(path).to_owned();
        if file_use(&name) != FileUse::Read {
            delivery.unread.push(name);
            continue;
        }
        if path.split(['/', '\\']).any(|folder| folder == "..") {
            return Err(unreadable(format!("the path {path} leads out of it")));
        }
        if delivery.files.iter().any(|other| other.name.eq_ignore_ascii_case(&name)) {
            return Err(unreadable(format!("it has {name} twice, and either may be meant")));
        }
        let damaged = |_| unreadable(format!("{name} in it is damaged"));
        if archive.by_index_raw(place).is_ok_and(|file| file.encrypted()) {
            return Err(unreadable("it is protected with a password".to_owned()));
        }
        let file = archive.by_index(place).map_err(|_| unreadable(format!("{name} in it is damaged")))?;
        let mut bytes = Vec::new();
        // An archive can unpack to a thousand times its size.
        file.take(left + 1).read_to_end(&mut bytes).map_err(damaged)?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| Finding::file(Code::FileTooLarge))?;
        delivery.files.push(SentFile { name, bytes });
    }
    Ok(delivery)
}

/// Returns the name of a file without its folders.
fn own_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn unreadable(what: String) -> Finding {
    Finding { value: Some(what), ..Finding::file(Code::ArchiveUnreadable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(content.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn set_of(bytes: &[u8]) -> Result<Option<SetBytes>, Finding> {
        unpack(bytes)?.map(Delivery::into_set).transpose()
    }

    #[test]
    fn a_set_comes_out_as_it_went_in() {
        let set = SetBytes { users: Some(b"u".to_vec()), classes: None, enrolments: Some(b"e".to_vec()) };
        assert_eq!(set_of(&pack(&set)), Ok(Some(set.clone())));
        assert_eq!(set.parts(), [SetPart::Users, SetPart::Enrolments]);
    }

    #[test]
    fn a_feed_comes_out_as_it_went_in() {
        let file = |name: &str| SentFile { name: name.to_owned(), bytes: b"custom_id\n".repeat(1000) };
        let files = vec![file("manifest.csv"), file("users.csv")];
        let packed = pack_feed(files.clone());
        assert!(packed.len() < files[0].bytes.len() / 2 && packed == pack_feed(files.clone()));
        assert_eq!(unpack(&packed), Ok(Some(Delivery { files, unread: Vec::new() })));
    }

    #[test]
    fn files_are_found_by_their_names() {
        let packed = archive(&[("export/Sections.csv", "s"), ("__MACOSX/export/users.csv", "x"), ("readme.md", "r")]);
        let set = set_of(&packed).expect("a set").expect("tables");
        assert_eq!(set, SetBytes { classes: Some(b"s".to_vec()), ..SetBytes::default() });
    }

    #[test]
    fn only_what_may_be_read_is_opened() {
        let packed = archive(&[("a/users.csv", "u"), ("a/demographics.csv", "d"), ("a/lunch.csv", "l")]);
        let Delivery { files, unread } = unpack(&packed).expect("files").expect("tables");
        assert_eq!(files, [SentFile { name: "users.csv".to_owned(), bytes: b"u".to_vec() }]);
        assert_eq!(unread, ["demographics.csv", "lunch.csv"]);
    }

    #[test]
    fn what_is_no_set_is_told() {
        let value = |files: &[(&str, &str)]| set_of(&archive(files)).map_err(|finding| finding.value);
        let check = |files: &[(&str, &str)], what: &str| {
            assert_eq!(value(files), Err(Some(what.to_owned())));
        };
        assert_eq!(value(&[("xl/workbook.xml", "")]), Ok(None), "a workbook is none");
        assert_eq!(unpack(b"first_name,last_name"), Ok(None));
        assert_eq!(unpack(b"PK of a school"), Ok(None));
        check(&[("pupils.csv", "")], "it has pupils.csv");
        check(&[("users.csv", ""), ("a/users.csv", "")], "it has users.csv twice, and either may be meant");
        check(&[("users.csv", ""), ("roster.csv", "")], "it has several files that can be users.csv");
        check(&[("../users.csv", "")], "the path ../users.csv leads out of it");
        check(
            &[("users.csv", ""), ("OneRoster.zip", "")],
            "another archive, OneRoster.zip, stands beside the tables, and either may be meant",
        );
    }

    #[test]
    fn an_archive_that_is_cut_off_or_empty_is_told() {
        let packed = archive(&[("users.csv", "custom_id\n1\n"), ("orgs.csv", "sourcedId\n")]);
        for end in [4, 30, packed.len() / 2, packed.len() - 1] {
            let finding = unpack(&packed[..end]).expect_err("a finding");
            assert_eq!(finding.code, Code::ArchiveUnreadable, "{end}");
        }
        assert_eq!(unpack(&archive(&[])).expect_err("a finding").code, Code::ArchiveUnreadable);
    }

    #[test]
    fn what_is_protected_or_damaged_is_told() {
        let mut packed = archive(&[("users.csv", "custom_id\n1\n"), ("orgs.csv", "sourcedId\n")]);
        let told = |bytes: &[u8]| unpack(bytes).expect_err("a finding").value;
        let at = packed.windows(9).position(|bytes| bytes == b"users.csv").expect("its name");
        packed[at + 12] ^= 0xff;
        assert_eq!(told(&packed).as_deref(), Some("users.csv in it is damaged"));
        // The flag of the central directory that the file is encrypted.
        let central = packed.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("the directory");
        packed[central + 8] |= 1;
        assert_eq!(told(&packed).as_deref(), Some("it is protected with a password"));
    }

    #[test]
    fn an_archive_that_unpacks_to_too_much_is_too_large() {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("users.csv", SimpleFileOptions::default()).unwrap();
        let zeros = vec![b'0'; 1024 * 1024];
        for _ in 0..=MAX_BYTES / zeros.len() {
            archive.write_all(&zeros).unwrap();
        }
        let packed = archive.finish().unwrap().into_inner();
        assert!(packed.len() < MAX_BYTES / 100);
        assert_eq!(unpack(&packed).unwrap_err().code, Code::FileTooLarge);
    }
}
