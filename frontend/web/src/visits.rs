//! Which page is the first one that somebody sees.

use leptos::prelude::*;

/// Counts the pages that were shown, so that only a further one takes the focus.
#[derive(Clone, Copy)]
pub struct Visits(StoredValue<u32>);

impl Visits {
    /// Returns a count of no pages.
    pub fn none() -> Visits {
        Visits(StoredValue::new(0))
    }

    /// Counts this page, and says whether one was shown before it.
    pub fn is_a_further_one(self) -> bool {
        self.0.update_value(|n| *n += 1);
        self.0.get_value() > 1
    }
}
