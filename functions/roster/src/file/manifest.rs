//! The manifest that closes a set of files.

use crate::model::SetPart;

/// The name of the file that closes a set: once it is there, all the others are.
pub const MANIFEST: &str = "manifest.csv";

/// A file that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestFile {
    pub name: String,
    /// The SHA-256 of its bytes in hexadecimal, where the manifest says it.
    pub sha256: Option<String>,
}

/// Which files a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedFiles {
    /// None: it stands for all that are there.
    All,
    /// These, and no others.
    Only(Vec<ManifestFile>),
    /// These of a set; it is OneRoster's, which says itself what the other files are.
    OfOneRoster(Vec<ManifestFile>),
}

/// Returns the files that a manifest names.
///
/// They stand below the header `file`, with `sha256` beside it where wanted; or one name in each line without a header.
///
/// Of OneRoster's manifest the lines `file.users`, `file.classes` and `file.enrollments` are read, unless they say
/// `absent`.
pub fn read_manifest(bytes: &[u8]) -> NamedFiles {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut own, mut of_one_roster) = (Vec::new(), Vec::new());
    for record in reader.records().filter_map(Result::ok) {
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let (name, value) = (cell(0), cell(1));
        if let Some(stem) = name.strip_prefix("file.") {
            let name = format!("{stem}.csv");
            if SetPart::from_file_name(&name).is_some() && value != "absent" {
                of_one_roster.push(ManifestFile { name, sha256: None });
            }
        } else if is_table(name) {
            let is_digest = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
            let sha256 = is_digest.then(|| value.to_ascii_lowercase());
            own.push(ManifestFile { name: name.to_owned(), sha256 });
        }
    }
    if !own.is_empty() {
        NamedFiles::Only(own)
    } else if !of_one_roster.is_empty() {
        NamedFiles::OfOneRoster(of_one_roster)
    } else {
        NamedFiles::All
    }
}

/// Returns whether a file of this name can be a table. A manifest names no file of another folder.
fn is_table(name: &str) -> bool {
    let is_one = |(stem, ending): (&str, &str)| {
        !stem.is_empty() && ["csv", "tsv", "txt"].iter().any(|own| ending.eq_ignore_ascii_case(own))
    };
    !name.contains(['/', '\\']) && !name.eq_ignore_ascii_case(MANIFEST) && name.rsplit_once('.').is_some_and(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(files: &[(&str, bool)]) -> Vec<ManifestFile> {
        let digest = "0123456789abcdef".repeat(4);
        let file =
            |(name, has): &(&str, bool)| ManifestFile { name: (*name).to_owned(), sha256: has.then(|| digest.clone()) };
        files.iter().map(file).collect()
    }

    #[test]
    fn a_manifest_names_files_in_several_ways() {
        let check = |manifest: &str, expected| assert_eq!(read_manifest(manifest.as_bytes()), expected, "{manifest}");
        let digest = "0123456789ABCDEF".repeat(4);
        let with_digest = format!("file,sha256\r\nusers.csv,{digest}\r\nenrollments.csv,\r\n");
        check(&with_digest, NamedFiles::Only(named(&[("users.csv", true), ("enrollments.csv", false)])));
        check("users.csv\nclasses.csv\n", NamedFiles::Only(named(&[("users.csv", false), ("classes.csv", false)])));
        let of_format = format!("file,sha256\norgs.csv,{digest}\n../users.csv,\nmanifest.csv,\npicture.png,\n");
        check(&of_format, NamedFiles::Only(named(&[("orgs.csv", true)])));
        check(
            "propertyName,value\nfile.users,bulk\nfile.classes,absent\nfile.orgs,bulk\n",
            NamedFiles::OfOneRoster(named(&[("users.csv", false)])),
        );
        check("", NamedFiles::All);
        check("file,sha256\n", NamedFiles::All);
    }
}
