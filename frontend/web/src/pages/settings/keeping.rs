//! For how long the files of uploads are kept.

use leptos::prelude::*;

use crate::components::NumberField;
use crate::format::typed_number;

/// The most days that the API takes.
const MAX_DAYS: u64 = 3650;

/// The setting while it is edited.
///
/// The number is text while it is typed.
#[derive(Clone, Copy)]
pub struct KeepingFields {
    days: RwSignal<String>,
}

impl KeepingFields {
    /// Returns the field with the setting that is stored.
    pub fn new(days: u32) -> KeepingFields {
        KeepingFields { days: RwSignal::new(days.to_string()) }
    }

    /// Returns the days; `None` while they are not valid.
    pub fn value(self) -> Option<u32> {
        self.days.with(|text| days(text))
    }
}

/// Shows for how long the files of uploads are kept.
#[component]
pub fn KeepingForm(fields: KeepingFields) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="keeping-title">
            <h2 id="keeping-title">"Files of uploads"</h2>
            <p class="muted">"The history, its counts and the audit log stay. Lines about a user go earlier where that user\u{2019}s personal fields are erased."</p>
            <NumberField
                id="uploads-kept"
                label="Days until files and plans are deleted"
                value=fields.days
                accepts=|text| days(text).is_some()
                expected="A whole number of days from 0 to 3,650."
                hint="Counted from the day on which an upload ended. 0 keeps them for ever."
            />
        </section>
    }
}

fn days(text: &str) -> Option<u32> {
    typed_number(text).filter(|days| *days <= MAX_DAYS).and_then(|days| u32::try_from(days).ok())
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_are_whole_and_may_be_none() {
        assert_eq!((days("400"), days("0"), days("3,650")), (Some(400), Some(0), Some(3650)));
        for text in ["", "-1", "1.5", "3651", "ten"] {
            assert_eq!(days(text), None, "{text}");
        }
    }
}
