//! The access key and its secret, of each system its own: without them neither the bucket nor the table answers.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::SystemFault;

/// The file in the folder of a system that has its access key and the secret of it.
pub const KEYS_FILE: &str = "keys.json";

/// What the bucket and the table ask for.
///
/// The secret is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    pub access_key: String,
    pub secret_key: String,
}

impl Keys {
    /// Returns the keys in the folder; random ones that are kept there from now on where there are none.
    pub(crate) fn kept(folder: &Path) -> Result<Keys, SystemFault> {
        let path = folder.join(KEYS_FILE);
        let unusable = |error: serde_json::Error| SystemFault::File { path: path.clone(), source: error.into() };
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(unusable),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let keys = Keys { access_key: format!("RB{}", random(9)?.to_uppercase()), secret_key: random(20)? };
                let opened = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path);
                let bytes = serde_json::to_vec(&keys).map_err(unusable)?;
                opened.and_then(|mut file| file.write_all(&bytes)).map_err(SystemFault::file(&path))?;
                Ok(keys)
            }
            Err(source) => Err(SystemFault::File { path, source }),
        }
    }
}

/// Lets nobody else on this machine look into the folder.
pub(crate) fn make_private(folder: &Path) -> Result<(), SystemFault> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(SystemFault::file(folder))
}

/// Returns random bytes in hexadecimal.
fn random(bytes: usize) -> Result<String, SystemFault> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| SystemFault::Random(error.to_string()))?;
    Ok(hex::encode(random))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn each_folder_has_keys_of_its_own_that_nobody_else_can_read() {
        let [one, other] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        fs::set_permissions(one.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        make_private(one.path()).expect("it is ours");
        let first = Keys::kept(one.path()).expect("keys");
        assert!(Keys::kept(one.path()).is_ok_and(|again| again == first), "they are kept");
        assert!(Keys::kept(other.path()).is_ok_and(|others| others.secret_key != first.secret_key));
        assert_eq!((mode(one.path()), mode(&one.path().join(KEYS_FILE))), (0o700, 0o600));
        assert_eq!((first.access_key.len(), first.secret_key.len()), (20, 40));
    }
}
