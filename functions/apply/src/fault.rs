//! Why an event has to be sent again.

use wire::UploadId;

/// The function could not do its work.
///
/// Nothing is lost: it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ApplyFault {
    #[error(transparent)]
    Cloud(#[from] cloud::Error),
    #[error(transparent)]
    Event(#[from] runtime::UnreadableEvent),
    /// What serde says is the source, for it may quote the event.
    #[error(
        "the event that founds the organisation is not as this version expects: deploy with the program of the same version"
    )]
    Founding(#[source] serde_json::Error),
    #[error(transparent)]
    Hash(#[from] runtime::passwords::HashError),
    #[error("the upload {0} was written by somebody else at the same time")]
    Overtaken(UploadId),
    /// Everything that a plan needs is there before it is begun, and stays until the upload is over: what is missing
    /// then never comes.
    #[error("the upload {0} does not have what its plan needs: {1}")]
    Incomplete(UploadId, &'static str),
}

impl ApplyFault {
    /// Returns whether trying again is of no use.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            ApplyFault::Cloud(error) => error.is_lasting(),
            ApplyFault::Incomplete(..) => true,
            ApplyFault::Event(_) | ApplyFault::Founding(_) | ApplyFault::Hash(_) | ApplyFault::Overtaken(_) => false,
        }
    }

    /// Returns whether nothing is wrong but that others were quicker, or that the table or the bucket did not answer.
    pub(crate) fn passes(&self) -> bool {
        use cloud::Error::{Contended, Request};
        matches!(self, ApplyFault::Overtaken(_) | ApplyFault::Cloud(Request { .. } | Contended(_)))
    }
}
