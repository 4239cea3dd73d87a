//! For whom the page is built.

/// For whom the page is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// Whoever works on it: built fast.
    Local,
    /// Whoever uses it: small, and cut in two.
    Deployed,
}

impl Build {
    /// Returns the name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Build::Local => "page",
            Build::Deployed => "page-deployed",
        }
    }
}
