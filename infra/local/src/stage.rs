//! The lines that say what is being done, and how long it took.

use std::time::Instant;

/// A step that is being taken.
pub struct Stage {
    what: String,
    since: Instant,
}

impl Stage {
    /// Says that it begins.
    pub fn begin(what: impl Into<String>) -> Stage {
        let what = what.into();
        println!("[local] {what} …");
        Stage { what, since: Instant::now() }
    }

    /// Says that it is done, and how long it took.
    pub fn done(self) {
        println!("[local] {}: done in {:.1} s", self.what, self.since.elapsed().as_secs_f64());
    }
}
