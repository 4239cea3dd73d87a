//! Why an event has to be sent again.

use roster::Guid;

/// The function could not do its work.
///
/// Nothing is lost: it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ValidateFault {
    #[error(transparent)]
    Cloud(#[from] cloud::Error),
    #[error(transparent)]
    Event(#[from] runtime::UnreadableEvent),
    #[error(transparent)]
    Hash(#[from] runtime::passwords::HashError),
    #[error("the machine gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// What is stored is none, and may be mended.
    #[error("nobody can read the settings")]
    SettingsUnreadable,
    #[error("new users are to get the default password, and there is none")]
    NoDefaultPassword,
    /// The plan was not made right: checking the file again would make the same one.
    #[error("{0} gets a password of the file, and there is none")]
    NoPassword(Guid),
    #[error("the whole directory does not hold everybody")]
    DirectoryNotWhole,
    #[error("the upload was written by somebody else at the same time")]
    Overtaken,
}

impl ValidateFault {
    /// Returns whether trying again is of no use.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            ValidateFault::Cloud(error) => error.is_lasting(),
            ValidateFault::NoPassword(_) | ValidateFault::DirectoryNotWhole => true,
            ValidateFault::Event(_)
            | ValidateFault::Hash(_)
            | ValidateFault::Random(_)
            | ValidateFault::SettingsUnreadable
            | ValidateFault::NoDefaultPassword
            | ValidateFault::Overtaken => false,
        }
    }
}
