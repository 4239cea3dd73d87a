//! Which functions there are, and why an invocation of one gave no response.

use std::time::Duration;

/// The functions of Rollbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    Validate,
    Apply,
    Api,
    Notices,
}

impl FunctionKind {
    /// All of them.
    pub const ALL: [FunctionKind; 4] =
        [FunctionKind::Validate, FunctionKind::Apply, FunctionKind::Api, FunctionKind::Notices];

    /// Returns the name that the log and the command line have.
    pub fn name(self) -> &'static str {
        match self {
            FunctionKind::Validate => "validate",
            FunctionKind::Apply => "apply",
            FunctionKind::Api => "api",
            FunctionKind::Notices => "notices",
        }
    }

    /// Returns how many of it run side by side.
    pub(crate) fn concurrency(self) -> usize {
        match self {
            FunctionKind::Validate => 2,
            // In AWS a second one would be as harmless: one of them has the turn to tell.
            FunctionKind::Notices => 1,
            FunctionKind::Apply | FunctionKind::Api => 4,
        }
    }

    /// Returns how long an invocation may take: what Lambda allows, and for HTTP what API Gateway waits.
    pub(crate) fn timeout(self) -> Duration {
        match self {
            FunctionKind::Validate | FunctionKind::Apply => Duration::from_mins(15),
            FunctionKind::Api => Duration::from_secs(29),
            FunctionKind::Notices => Duration::from_mins(5),
        }
    }

    /// Returns the name that AWS would have for it.
    pub(crate) fn arn(self) -> String {
        format!("arn:aws:lambda:{}:000000000000:function:rollbook-{}", crate::names::REGION, self.name())
    }
}

/// Why an invocation gave no response.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The handler answered with an error.
    #[error("the function failed: {0}")]
    Function(String),
    #[error("the function's process died")]
    Died,
    #[error("the function was stopped after {} s", .0.as_secs())]
    TimedOut(Duration),
    #[error("the function's process could not be started: {0}")]
    Start(std::io::Error),
    #[error("the system is stopping")]
    Stopping,
}
