//! Sets whose files are dropped one by one into a folder of their own, which a manifest closes.
//!
//! `inbox/<mode>/…/sets/<name>/users.csv`, `classes.csv` and `enrolments.csv` lie there until `manifest.csv` comes. That one
//! is the upload: it names the files, and they are read when it is. So are files of another system's format, whatever they
//! are called: all that lie there.

use bytes::Bytes;
use cloud::Cloud;
use cloud::bucket::{Head, digest};
use roster::{Code, Delivery, FileUse, Finding, MANIFEST, ManifestFile, SentFile, SetPart, file_use, read_manifest};
use wire::Upload;

use crate::ValidateFault;

/// The folder below that of a mode, a source or a school that has a folder for each set.
const SETS: &str = "sets";

/// A folder with the files of a set.
pub(crate) struct SetFolder<'k> {
    /// With a slash at its end.
    prefix: &'k str,
    file: &'k str,
}

impl<'k> SetFolder<'k> {
    /// Returns the folder of a set in which the object of this key lies.
    pub(crate) fn of(key: &'k str) -> Option<SetFolder<'k>> {
        let (folder, file) = key.rsplit_once('/')?;
        let mut names = folder.rsplit('/');
        let (name, sets) = (names.next()?, names.next()?);
        let is_set = sets == SETS && !name.is_empty();
        is_set.then_some(SetFolder { prefix: &key[..=folder.len()], file })
    }

    /// Returns whether the object is the manifest. Any other file of the folder waits for it.
    pub(crate) fn is_closed_by_it(&self) -> bool {
        self.file.eq_ignore_ascii_case(roster::MANIFEST)
    }

    /// Returns the files that a manifest names, the files of other systems' formats, and the manifest itself; the finding
    /// where one that it names is not there.
    pub(crate) async fn read(
        &self,
        cloud: &Cloud,
        manifest: &[u8],
    ) -> Result<Result<Delivery, Finding>, ValidateFault> {
        let incomplete = |what: String| Finding { value: Some(what), ..Finding::file(Code::SetIncomplete) };
        let mut delivery = Delivery::default();
        let present = self.present(cloud).await?;
        let names = || present.iter().filter_map(|head| head.key.strip_prefix(self.prefix));
        let foreign = names().filter(|name| SetPart::from_file_name(name).is_none());
        let (read, unread): (Vec<&str>, _) = foreign.partition(|name| file_use(name) == FileUse::Read);
        delivery.unread = unread.into_iter().map(str::to_owned).collect();
        let foreign = read.into_iter().map(|name| WantedFile { name: name.to_owned(), sha256: None });
        let of_set = self.files(&present, manifest).into_iter();
        let of_set = of_set.map(|ManifestFile { name, sha256, .. }| WantedFile { name, sha256 });
        let mut left = roster::MAX_BYTES as u64;
        for WantedFile { name, sha256 } in of_set.chain(foreign) {
            let Some(head) = cloud.object_head(&format!("{}{name}", self.prefix)).await? else {
                return Ok(Err(incomplete(format!("{name} is missing"))));
            };
            let Some(rest) = left.checked_sub(head.bytes) else { return Ok(Err(Finding::file(Code::FileTooLarge))) };
            left = rest;
            let Some(bytes) = cloud.object_get_same(&head).await? else { return Err(ValidateFault::Overtaken) };
            if sha256.is_some_and(|announced| announced != digest(&bytes)) {
                return Ok(Err(incomplete(format!("{name} is another file than the manifest names"))));
            }
            delivery.files.push(SentFile { name, bytes: Bytes::into(bytes) });
        }
        if delivery.files.is_empty() {
            return Ok(Err(incomplete("it has none of the files".to_owned())));
        }
        delivery.files.push(SentFile { name: MANIFEST.to_owned(), bytes: manifest.to_vec() });
        Ok(Ok(delivery))
    }

    /// Deletes the files once they are checked. Those of a set that was not whole stay, so that only what is missing has to
    /// be put beside them.
    pub(crate) async fn delete(&self, cloud: &Cloud, upload: &Upload) -> Result<(), ValidateFault> {
        if upload.findings.contains_key(&Code::SetIncomplete) {
            return Ok(());
        }
        for file in self.present(cloud).await? {
            // What came after the manifest belongs to the next set.
            if file.modified_at <= upload.created_at {
                cloud.object_delete(&file.key).await?;
            }
        }
        Ok(())
    }

    /// Returns the files of a set that the manifest names; where it names none, those that lie there.
    fn files(&self, present: &[Head], manifest: &[u8]) -> Vec<ManifestFile> {
        let named = read_manifest(manifest);
        if !named.is_empty() {
            return named;
        }
        let file = |head: &Head| {
            let name = head.key.strip_prefix(self.prefix)?.to_owned();
            let part = SetPart::from_file_name(&name)?;
            Some(ManifestFile { name, part, sha256: None })
        };
        present.iter().filter_map(file).collect()
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

/// A file that is to be read.
struct WantedFile {
    name: String,
    sha256: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_a_folder_of_its_own() {
        let folder = |key| SetFolder::of(key).map(|folder| (folder.prefix, folder.is_closed_by_it()));
        assert_eq!(folder("inbox/full/sets/night/manifest.csv"), Some(("inbox/full/sets/night/", true)));
        assert_eq!(folder("inbox/full/schools/10/sets/a/users.csv"), Some(("inbox/full/schools/10/sets/a/", false)));
        assert_eq!(folder("inbox/full/sets/users.csv"), None);
        assert_eq!(folder("inbox/full/roster.csv"), None);
    }
}
