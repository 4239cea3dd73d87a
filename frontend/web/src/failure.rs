//! Why the API did not answer as hoped.

use wire::http::Problem;

/// Why a call was not answered as hoped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// The HTTP status; 0 where there was no answer.
    pub status: u16,
    pub problem: Problem,
    /// Seconds to wait before the next try.
    pub retry_after: Option<u32>,
}

impl CallFailure {
    /// Returns the failure to load or run the worker or a part of the page.
    pub fn of_this_browser() -> CallFailure {
        let problem = said(
            "part_missing",
            "A part of the page could not be loaded.",
            "Check the connection and try again. If it stays, load the page again.",
        );
        CallFailure { status: 0, problem, retry_after: None }
    }
}

/// Returns a problem that the page itself has found.
pub fn said(code: &str, message: &str, hint: &str) -> Problem {
    Problem { code: code.to_owned(), message: message.to_owned(), hint: Some(hint.to_owned()) }
}
