//! Where the new password of a user comes from.

use serde::{Deserialize, Serialize};

use crate::model::{Guid, temporary_password, temporary_words};

/// Where the new password of a user comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordSource {
    /// From the file. It is a temporary one: known to whoever sees the file.
    File,
    /// A random temporary one of characters, made when the plan is applied.
    Temporary,
    /// A random temporary one of words, made when the plan is applied.
    Words,
    /// The organisation's default password, as it was when the file was checked. It is a temporary one, too.
    Default,
    /// From the file, and good for ever, because the settings say so.
    FileLasting,
}

impl PasswordSource {
    /// Returns the random password itself, which follows from the upload's seed.
    ///
    /// `None` where it comes from elsewhere.
    pub fn temporary_password(self, seed: &[u8; 32], guid: Guid) -> Option<String> {
        match self {
            PasswordSource::Temporary => Some(temporary_password(seed, guid)),
            PasswordSource::Words => Some(temporary_words(seed, guid)),
            PasswordSource::File | PasswordSource::FileLasting | PasswordSource::Default => None,
        }
    }

    /// Returns whether the password works once only, and the user has to set an own one.
    pub fn is_temporary(self) -> bool {
        self != PasswordSource::FileLasting
    }

    /// Returns whether the password comes from the file.
    pub fn is_of_file(self) -> bool {
        matches!(self, PasswordSource::File | PasswordSource::FileLasting)
    }

    /// Returns whether the hash of the password is made when the file is checked.
    ///
    /// It is kept with the plan until that is applied.
    pub fn is_hashed_ahead(self) -> bool {
        self.is_of_file() || self == PasswordSource::Default
    }

    /// Returns the words that files use.
    pub fn as_str(self) -> &'static str {
        match self {
            PasswordSource::File => "from the file",
            PasswordSource::Temporary => "temporary",
            PasswordSource::Words => "temporary, of words",
            PasswordSource::Default => "the default password",
            PasswordSource::FileLasting => "from the file, lasting",
        }
    }
}
