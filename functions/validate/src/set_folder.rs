//! Sets whose files are dropped one by one into a folder of their own, which a manifest closes.
//!
//! `inbox/<mode>/…/sets/<name>/users.csv`, `classes.csv` and `enrolments.csv` lie there until `manifest.csv` comes. That one
//! is the upload: it names the files, and they are read when it is, and no others. One that names none stands for all that
//! lie there; so does OneRoster's for the files of its format.

use bytes::Bytes;
use cloud::Cloud;
use cloud::bucket::{Head, digest};
use roster::{
    Code, Delivery, FileUse, Finding, MANIFEST, ManifestFile, NamedFiles, SentFile, SetPart, file_use, read_manifest,
};
use wire::Upload;

use crate::ValidateFault;
use crate::handled::delete;

/// The folder below that of a mode, a source or a school that has a folder for each set.
const SETS: &str = "sets";

/// How the names of archives and workbooks end.
const WHOLE: [&str; 6] = ["zip", "xlsx", "xlsm", "xlsb", "xls", "ods"];

/// What was found in the folder of a set.
pub(crate) enum FolderContents {
    /// All files that the manifest stands for, and the manifest itself.
    Whole(Delivery),
    /// What keeps them from being read: one is not there, or is another one, there are none, or they are too large.
    Unusable(Finding),
}

/// A folder with the files of a set.
pub(crate) struct SetFolder<'k> {
    /// With a slash at its end.
    prefix: &'k str,
    file: &'k str,
    /// The files as they were read.
    read: Vec<Head>,
}

impl<'k> SetFolder<'k> {
    /// Returns the folder of a set in which the object of this key lies; `None` of an archive or a workbook: it is whole by
    /// itself, and waits for no manifest wherever it lies.
    pub(crate) fn of(key: &'k str) -> Option<SetFolder<'k>> {
        let (folder, file) = key.rsplit_once('/')?;
        let mut names = folder.rsplit('/');
        let (name, sets) = (names.next()?, names.next()?);
        let is_set = sets == SETS && !name.is_empty();
        (is_set && !is_whole(file)).then_some(SetFolder { prefix: &key[..=folder.len()], file, read: Vec::new() })
    }

    /// Returns whether the object is the manifest. Any other file of the folder waits for it.
    pub(crate) fn is_closed_by_it(&self) -> bool {
        self.file.eq_ignore_ascii_case(roster::MANIFEST)
    }

    /// Returns what the folder is called, by which people know which set it is.
    pub(crate) fn name(&self) -> &'k str {
        self.prefix.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }

    /// Reads the files that a manifest stands for.
    pub(crate) async fn read(&mut self, cloud: &Cloud, manifest: &[u8]) -> Result<FolderContents, ValidateFault> {
        let incomplete = |what: String| {
            FolderContents::Unusable(Finding { value: Some(what), ..Finding::file(Code::SetIncomplete) })
        };
        let mut delivery = Delivery::default();
        let present = self.present(cloud).await?;
        let wanted = wanted(present.iter().filter_map(|head| head.key.strip_prefix(self.prefix)), manifest);
        delivery.unread = wanted.unread;
        let mut left = roster::MAX_BYTES as u64;
        for ManifestFile { name, sha256 } in wanted.read {
            let Some(head) = cloud.object_head(&format!("{}{name}", self.prefix)).await? else {
                return Ok(incomplete(format!("{name} is missing")));
            };
            let Some(rest) = left.checked_sub(head.bytes) else {
                return Ok(FolderContents::Unusable(Finding::file(Code::FileTooLarge)));
            };
            left = rest;
            let Some(bytes) = cloud.object_get_same(&head).await? else { return Err(ValidateFault::Overtaken) };
            if sha256.is_some_and(|announced| announced != digest(&bytes)) {
                return Ok(incomplete(format!("{name} is another file than the manifest names")));
            }
            self.read.push(head);
            delivery.files.push(SentFile { name, bytes: Bytes::into(bytes) });
        }
        if delivery.files.is_empty() {
            return Ok(incomplete("it has none of the files".to_owned()));
        }
        delivery.files.push(SentFile { name: MANIFEST.to_owned(), bytes: manifest.to_vec() });
        Ok(FolderContents::Whole(delivery))
    }

    /// Deletes the files once they are checked: those that were read, whenever they came, and what lay beside them before
    /// the manifest was seen. Those of a set that was not whole stay, so that only what is missing has to be put beside them.
    pub(crate) async fn delete(&self, cloud: &Cloud, upload: &Upload) -> Result<(), ValidateFault> {
        if upload.findings.contains_key(&Code::SetIncomplete) {
            return Ok(());
        }
        for file in &self.read {
            delete(cloud, file).await?;
        }
        for file in self.present(cloud).await? {
            // What came after the manifest, and was not read with it, belongs to the next set.
            if file.modified_at <= upload.created_at {
                cloud.object_delete(&file.key).await?;
            }
        }
        Ok(())
    }

    /// Returns the files of the folder that are files of a set or of another system's format, but for the manifest.
    async fn present(&self, cloud: &Cloud) -> Result<Vec<Head>, ValidateFault> {
        let is_one = |head: &Head| {
            let name = head.key.strip_prefix(self.prefix).unwrap_or_default();
            !name.contains('/') && !name.eq_ignore_ascii_case(MANIFEST) && file_use(name) != FileUse::Other
        };
        Ok(cloud.object_list(self.prefix).await?.into_iter().filter(is_one).collect())
    }
}

/// Returns whether the name is that of a file that may hold a whole set.
fn is_whole(file: &str) -> bool {
    let extension = file.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|own| WHOLE.iter().any(|whole| whole.eq_ignore_ascii_case(own)))
}

/// Which files of a folder are read.
#[derive(Debug, PartialEq, Eq)]
struct WantedFiles {
    read: Vec<ManifestFile>,
    unread: Vec<String>,
}

/// Returns which of the files that lie there are read, and those that a manifest names besides. What a manifest of ours
/// names is read whatever it may be for, but for what is never opened.
fn wanted<'n>(present: impl Iterator<Item = &'n str>, manifest: &[u8]) -> WantedFiles {
    let named = read_manifest(manifest);
    let is_named = |name: &str, named: &[ManifestFile]| named.iter().any(|file| file.name == name);
    let is_read = |name: &str| {
        let is_of_set = SetPart::from_file_name(name).is_some();
        match &named {
            NamedFiles::All => file_use(name) == FileUse::Read,
            NamedFiles::Only(_) => false,
            NamedFiles::OfOneRoster(files) => !is_of_set && file_use(name) == FileUse::Read && !is_named(name, files),
        }
    };
    let (read, unread): (Vec<&str>, Vec<&str>) = present.partition(|name| is_read(name));
    let files = match &named {
        NamedFiles::All => &[][..],
        NamedFiles::Only(files) | NamedFiles::OfOneRoster(files) => files,
    };
    let (opened, never): (Vec<&ManifestFile>, Vec<&ManifestFile>) =
        files.iter().partition(|file| file_use(&file.name) != FileUse::Demographics);
    let lying = read.into_iter().map(|name| ManifestFile { name: name.to_owned(), sha256: None });
    let of_set_beside =
        |name: &&str| matches!(named, NamedFiles::OfOneRoster(_)) && SetPart::from_file_name(name).is_some();
    let unread = unread.into_iter().filter(|name| !is_named(name, files) && !of_set_beside(name)).map(str::to_owned);
    WantedFiles {
        read: opened.into_iter().cloned().chain(lying).collect(),
        unread: unread.chain(never.into_iter().map(|file| file.name.clone())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_what_is_read() {
        let lying = ["users.csv", "orgs.csv", "roles.csv", "demographics.csv", "userProfiles.csv"];
        let check = |manifest: &str, read: &[&str], unread: &[&str]| {
            let wanted = wanted(lying.into_iter(), manifest.as_bytes());
            let names: Vec<&str> = wanted.read.iter().map(|file| file.name.as_str()).collect();
            assert_eq!(
                (names.as_slice(), wanted.unread.as_slice()),
                (read, &unread.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..]),
                "{manifest}"
            );
        };
        check("", &["users.csv", "orgs.csv", "roles.csv"], &["demographics.csv", "userProfiles.csv"]);
        check(
            "file,sha256\nusers.csv,\norgs.csv,\ndemographics.csv,\n",
            &["users.csv", "orgs.csv"],
            &["roles.csv", "userProfiles.csv", "demographics.csv"],
        );
        check(
            "propertyName,value\noneroster.version,1.2\nfile.users,bulk\nfile.orgs,bulk\n",
            &["users.csv", "orgs.csv", "roles.csv"],
            &["demographics.csv", "userProfiles.csv"],
        );
        // One that is named and does not lie there is missed when it is read.
        check(
            "classes.csv\n",
            &["classes.csv"],
            &["users.csv", "orgs.csv", "roles.csv", "demographics.csv", "userProfiles.csv"],
        );
    }

    #[test]
    fn a_set_has_a_folder_of_its_own() {
        let folder = |key| SetFolder::of(key).map(|folder| (folder.prefix, folder.is_closed_by_it()));
        assert_eq!(SetFolder::of("inbox/full/sets/night/manifest.csv").map(|folder| folder.name()), Some("night"));
        assert_eq!(folder("inbox/full/sets/night/manifest.csv"), Some(("inbox/full/sets/night/", true)));
        assert_eq!(folder("inbox/full/schools/10/sets/a/users.csv"), Some(("inbox/full/schools/10/sets/a/", false)));
        assert_eq!(folder("inbox/full/sets/users.csv"), None);
        assert_eq!(folder("inbox/full/roster.csv"), None);
        assert_eq!(folder("inbox/full/sets/night/Export.ZIP"), None);
        assert_eq!(folder("inbox/full/sets/night/users.xlsx"), None);
    }
}
