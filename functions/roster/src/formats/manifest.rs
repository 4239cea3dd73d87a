//! The manifest of OneRoster.

use std::collections::BTreeMap;

use crate::file::decode::decode;
use crate::file::parse_part::delimiter;
use crate::file::reading::Reading;

/// What `manifest.csv` of OneRoster says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OneRosterManifest {
    pub version: Option<Version>,
    /// What it says of each file, by the file's name in small letters and without its ending.
    pub files: BTreeMap<String, Announced>,
}

/// The version of OneRoster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V11,
    V12,
}

/// What a manifest says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced {
    Absent,
    Bulk,
    Delta,
}

impl OneRosterManifest {
    /// Reads a manifest; `None` where it is none of OneRoster.
    pub fn read(bytes: &[u8], reading: &Reading) -> Option<OneRosterManifest> {
        let text = decode(bytes, reading).ok()?.text;
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(text))
            .from_reader(text.as_bytes());
        let mut manifest = OneRosterManifest::default();
        let mut is_one = false;
        for record in reader.records().filter_map(Result::ok) {
            let cell = |place: usize| record.get(place).unwrap_or_default().trim().to_ascii_lowercase();
            let (property, value) = (cell(0), cell(1));
            is_one |= property == "propertyname" || property.starts_with("oneroster.");
            match (property.as_str(), value.as_str()) {
                ("oneroster.version", value) if value.starts_with("1.2") => manifest.version = Some(Version::V12),
                ("oneroster.version", value) if value.starts_with('1') => manifest.version = Some(Version::V11),
                (property, value) => {
                    let announced = match value {
                        "absent" => Announced::Absent,
                        "bulk" => Announced::Bulk,
                        "delta" => Announced::Delta,
                        _ => continue,
                    };
                    if let Some(file) = property.strip_prefix("file.") {
                        manifest.files.insert(file.to_owned(), announced);
                    }
                }
            }
        }
        is_one.then_some(manifest)
    }

    /// Returns what it says of a file; `None` where it says nothing.
    pub fn of(&self, stem: &str) -> Option<Announced> {
        self.files.get(stem).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_read_whatever_their_case() {
        let text = "PropertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.academicSessions,absent\n\
                    file.users,Delta\nfile.orgs,perhaps\nsource.systemName,\"A, B\"\n";
        let manifest = OneRosterManifest::read(text.as_bytes(), &Reading::default()).expect("a manifest");
        assert_eq!(manifest.version, Some(Version::V12));
        assert_eq!(
            (manifest.of("users"), manifest.of("academicsessions")),
            (Some(Announced::Delta), Some(Announced::Absent))
        );
        assert_eq!(manifest.of("orgs"), None);
        assert_eq!(OneRosterManifest::read(b"file,sha256\nusers.csv,\n", &Reading::default()), None);
    }
}
