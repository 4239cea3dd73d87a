//! Files that are for nobody else on the machine, and are on the disk once they are written.

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::trouble::Trouble;

/// Writes a file that only its owner may read.
///
/// It replaces one that is there, for whoever may read that one can't read this one.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    // A new file beside it has the rights of its owner alone.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        sync_folder(folder)
    });
    written.map_err(|error| Trouble::machine("written", path, &error))
}

/// Makes a folder, and those above it, where there is none.
pub fn make_folder(path: &Path) -> Result<(), Trouble> {
    std::fs::create_dir_all(path).map_err(|error| Trouble::machine("made", path, &error))
}

/// Waits until the disk has the names of a folder: a file whose name is lost with the power is lost.
#[cfg(unix)]
pub fn sync_folder(path: &Path) -> io::Result<()> {
    std::fs::File::open(path)?.sync_all()
}

/// Windows opens no folder as a file, and writes names with the files.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_others_could_read_becomes_one_that_they_can_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("completed.csv");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write_private(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
