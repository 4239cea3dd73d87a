//! Why an event has to be sent again.

/// The function could not do its work. Nothing is lost: it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error(transparent)]
    Cloud(#[from] cloud::Error),
    #[error("the machine gives no random numbers: {0}")]
    Random(getrandom::Error),
    #[error("new users are to get the default password, and there is none")]
    NoDefaultPassword,
    #[error("the upload was written by somebody else at the same time")]
    Overtaken,
}

impl Fault {
    /// Whether trying again is of no use.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self, Fault::Cloud(error) if error.is_lasting())
    }
}
