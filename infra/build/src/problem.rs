//! Why a command stopped, in words for the person who typed it.

use std::fmt;
use std::path::Path;

/// A text that says what is wrong and what to do about it.
#[derive(Debug)]
pub struct ProblemText(String);

impl ProblemText {
    /// Returns a problem with this text, which says what to do about it, too.
    pub fn new(text: impl Into<String>) -> ProblemText {
        ProblemText(text.into())
    }
}

impl fmt::Display for ProblemText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns what makes the problem of a file that can't be used.
pub fn about(path: &Path) -> impl FnOnce(std::io::Error) -> ProblemText {
    move |error| ProblemText::new(format!("Cannot use {}: {error}", path.display()))
}

/// Returns the problem that something can't be used.
pub fn unusable(what: &str, error: &dyn std::fmt::Display) -> ProblemText {
    ProblemText::new(format!("{what} can't be used: {error}"))
}
