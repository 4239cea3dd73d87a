//! In which formats the directory is written for other systems.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::FeedFormat;

use super::mode_form::Switch;

/// The setting while it is edited.
#[derive(Clone, Copy)]
pub struct FeedFields {
    on: [RwSignal<bool>; FeedFormat::ALL.len()],
}

impl FeedFields {
    /// Returns the fields with the formats that are stored.
    pub fn new(stored: &BTreeSet<FeedFormat>) -> FeedFields {
        FeedFields { on: FeedFormat::ALL.map(|format| RwSignal::new(stored.contains(&format))) }
    }

    /// Returns the formats as they stand.
    pub fn values(self) -> BTreeSet<FeedFormat> {
        FeedFormat::ALL.into_iter().zip(self.on).filter(|(_, on)| on.get()).map(|(format, _)| format).collect()
    }
}

/// Shows in which formats the directory is written.
#[component]
pub fn FeedsForm(fields: FeedFields) -> impl IntoView {
    let switch = |(format, value): (FeedFormat, RwSignal<bool>)| {
        let name = format.as_str();
        view! {
            <Switch
                id=format!("feed-{name}")
                value
                title=format.name()
                what=format!("feeds/{name}.zip")
            />
        }
    };
    view! {
        <section class="panel" aria-labelledby="feeds-title">
            <h2 id="feeds-title">"Feeds for other systems"</h2>
            <p class="muted">
                "The whole directory without passwords, written into the bucket within minutes after each roster, and once a day for what is changed by hand. Who may fetch it is said when Rollbook is deployed. What a feed leaves out is said under Users."
            </p>
            {FeedFormat::ALL.into_iter().zip(fields.on).map(switch).collect_view()}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formats_that_are_stored_are_the_values() {
        let owner = Owner::new();
        owner.set();
        for stored in [BTreeSet::new(), BTreeSet::from([FeedFormat::Clever, FeedFormat::OneRoster12])] {
            assert_eq!(FeedFields::new(&stored).values(), stored);
        }
    }
}
