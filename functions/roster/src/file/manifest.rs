//! The manifest that closes a set of files.

use crate::model::SetPart;

/// The name of the file that closes a set: once it is there, all the others are.
pub const MANIFEST: &str = "manifest.csv";

/// A file that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestFile {
    pub name: String,
    pub part: SetPart,
    /// The SHA-256 of its bytes in hexadecimal, where the manifest says it.
    pub sha256: Option<String>,
}

/// Returns the files of a set that a manifest names: below the header `file`, with `sha256` beside it where wanted; or one
/// name in each line without a header. One that names none stands for all that are there.
///
/// Of OneRoster's manifest the lines `file.users`, `file.classes` and `file.enrollments` are read, unless they say
/// `absent`.
pub fn read_manifest(bytes: &[u8]) -> Vec<ManifestFile> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let file = |record: csv::StringRecord| {
        let (name, value) = (record.get(0)?.trim(), record.get(1).unwrap_or_default().trim());
        let (name, of_one_roster) = match name.strip_prefix("file.") {
            Some(part) => (format!("{part}.csv"), true),
            None => (name.to_owned(), false),
        };
        let part = SetPart::from_file_name(&name)?;
        let is_digest = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_there = !of_one_roster || value != "absent";
        let sha256 = (is_digest && !of_one_roster).then(|| value.to_ascii_lowercase());
        is_there.then_some(ManifestFile { name, part, sha256 })
    };
    reader.records().filter_map(Result::ok).filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(manifest: &str, expected: &[(&str, SetPart, bool)]) {
        let read = read_manifest(manifest.as_bytes());
        let read: Vec<_> = read.iter().map(|file| (file.name.as_str(), file.part, file.sha256.is_some())).collect();
        assert_eq!(read, expected, "{manifest}");
    }

    #[test]
    fn a_manifest_names_files_in_several_ways() {
        let digest = "0123456789ABCDEF".repeat(4);
        let with_digest = format!("file,sha256\r\nusers.csv,{digest}\r\nenrollments.csv,\r\n");
        check(&with_digest, &[("users.csv", SetPart::Users, true), ("enrollments.csv", SetPart::Enrolments, false)]);
        check(
            "users.csv\nclasses.csv\n",
            &[("users.csv", SetPart::Users, false), ("classes.csv", SetPart::Classes, false)],
        );
        check(
            "propertyName,value\nfile.users,bulk\nfile.classes,absent\nfile.orgs,bulk\n",
            &[("users.csv", SetPart::Users, false)],
        );
        check("", &[]);
    }
}
