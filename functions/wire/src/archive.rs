//! Sets of files in an archive, as they are sent.
//!
//! Not in the domain, for the archive's crate can make random numbers.

use std::io::{Cursor, Read, Write};

use roster::{Code, Finding, MAX_BYTES, SetBytes, SetPart};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// How an archive begins.
const MARK: &[u8] = b"PK\x03\x04";
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

/// Returns the files of a set that stand in an archive; `None` where the bytes are no archive, or one of something else
/// than tables, such as a workbook.
///
/// # Errors
///
/// Where the archive holds tables that are no set, or can't be read; the finding says why.
pub fn unpack(bytes: &[u8]) -> Option<Result<SetBytes, Finding>> {
    if !bytes.starts_with(MARK) {
        return None;
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let count = archive.len().min(MOST_FILES);
    let name = |place| archive.by_index_raw(place).map(|file| String::from_utf8_lossy(file.name_raw()).into_owned());
    let names: Vec<String> = (0..count).map(name).map(Result::unwrap_or_default).collect();
    let is_table = |name: &String| {
        let name = name.to_ascii_lowercase();
        [".csv", ".tsv", ".txt"].iter().any(|ending| name.ends_with(ending)) && !name.contains("__macosx/")
    };
    if !names.iter().any(is_table) {
        return None;
    }
    let tables = names.iter().enumerate().filter(|(_, name)| is_table(name));
    Some(read(&mut archive, tables))
}

fn read<'n>(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    tables: impl Iterator<Item = (usize, &'n String)>,
) -> Result<SetBytes, Finding> {
    let unknown = |what: String| Finding { value: Some(what), ..Finding::file(Code::SetUnknown) };
    let (mut set, mut others) = (SetBytes::default(), Vec::new());
    let mut left = MAX_BYTES as u64;
    for (place_in_archive, name) in tables {
        let Some(part) = SetPart::from_file_name(name) else {
            others.push(name.rsplit('/').next().unwrap_or_default().to_owned());
            continue;
        };
        let place = set.part_mut(part);
        if place.is_some() {
            return Err(unknown(format!("it has several files that can be {}", part.file_name())));
        }
        let file = archive.by_index(place_in_archive).map_err(|_| unknown("it is damaged".to_owned()))?;
        let mut content = Vec::new();
        // An archive can unpack to a thousand times its size.
        file.take(left + 1).read_to_end(&mut content).map_err(|_| unknown("it is damaged".to_owned()))?;
        left = left.checked_sub(content.len() as u64).ok_or_else(|| Finding::file(Code::FileTooLarge))?;
        *place = Some(content);
    }
    if set.parts().is_empty() {
        return Err(unknown(format!("it has {}", others.join(", "))));
    }
    Ok(set)
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

    #[test]
    fn a_set_comes_out_as_it_went_in() {
        let set = SetBytes { users: Some(b"u".to_vec()), classes: None, enrolments: Some(b"e".to_vec()) };
        assert_eq!(unpack(&pack(&set)), Some(Ok(set.clone())));
        assert_eq!(set.parts(), [SetPart::Users, SetPart::Enrolments]);
    }

    #[test]
    fn files_are_found_by_their_names() {
        let packed = archive(&[("export/Sections.csv", "s"), ("__MACOSX/export/users.csv", "x"), ("readme.md", "r")]);
        let set = unpack(&packed).expect("tables").expect("a set");
        assert_eq!(set, SetBytes { classes: Some(b"s".to_vec()), ..SetBytes::default() });
    }

    #[test]
    fn what_is_no_set_is_told() {
        let value = |files: &[(&str, &str)]| unpack(&archive(files)).map(|read| read.map_err(|f| f.value));
        assert_eq!(value(&[("xl/workbook.xml", "")]), None, "a workbook is none");
        assert_eq!(unpack(b"first_name,last_name"), None);
        assert_eq!(value(&[("pupils.csv", "")]), Some(Err(Some("it has pupils.csv".to_owned()))));
        let two = value(&[("users.csv", ""), ("a/users.csv", "")]);
        assert_eq!(two, Some(Err(Some("it has several files that can be users.csv".to_owned()))));
    }
}
