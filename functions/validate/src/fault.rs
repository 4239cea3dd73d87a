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
