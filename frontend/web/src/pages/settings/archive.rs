//! What becomes of users that stay disabled.

use leptos::prelude::*;
use roster::Accounts;
use roster::accounts::ArchiveRule;

use super::mode_form::Switch;
use crate::components::NumberField;
use crate::format::typed_number;

/// The settings of the archive while they are edited.
///
/// Numbers are text while they are typed.
#[derive(Clone, Copy)]
pub struct ArchiveFields {
    enabled: RwSignal<bool>,
    after_days: RwSignal<String>,
    erase_after_days: RwSignal<String>,
}

/// What stands in the field when archiving is switched on.
const USUAL_DAYS: u32 = 90;

/// The most days that the API takes.
const MAX_DAYS: u64 = 3650;

impl ArchiveFields {
    /// Returns the fields with the settings that are stored.
    pub fn new(accounts: &Accounts) -> ArchiveFields {
        let ArchiveRule { after_days, erase_after_days } = accounts.archive;
        ArchiveFields {
            enabled: RwSignal::new(after_days.is_some()),
            after_days: RwSignal::new(after_days.unwrap_or(USUAL_DAYS).to_string()),
            erase_after_days: RwSignal::new(erase_after_days.to_string()),
        }
    }

    /// Returns `base` with these settings; `None` while a number of days is not valid.
    pub fn values(self, base: Accounts) -> Option<Accounts> {
        let after_days = if self.enabled.get() { Some(self.after_days.with(|text| days(text))?) } else { None };
        let erase_after_days = self.erase_after_days.with(|text| days(text))?;
        Some(Accounts { archive: ArchiveRule { after_days, erase_after_days }, ..base })
    }
}

/// Shows the settings of the archive.
#[component]
pub fn ArchiveForm(fields: ArchiveFields) -> impl IntoView {
    const EXPECTED: &str = "A whole number of days from 1 to 3,650.";
    let is_days = |text: &str| days(text).is_some();
    view! {
        <section class="panel" aria-labelledby="archive-title">
            <h2 id="archive-title">"Users that stay disabled"</h2>
            <p class="muted">"A user whose status is Disabled can\u{2019}t sign in. One that a later roster makes Active is the same user again, even if it was archived or erased."</p>
            <Switch
                id="archive-enabled".to_owned()
                value=fields.enabled
                title="Archive users that stay disabled"
                what="They leave the lists, and can be brought back by hand from the list of archived users."
            />
            <Show when=move || fields.enabled.get()>
                <NumberField
                    id="archive-after"
                    label="Days until a disabled user is archived"
                    value=fields.after_days
                    accepts=is_days
                    expected=EXPECTED
                />
                <NumberField
                    id="archive-erase"
                    label="Days until an archived user\u{2019}s personal fields are erased"
                    value=fields.erase_after_days
                    accepts=is_days
                    expected=EXPECTED
                    hint="GUID, custom ID and user name stay, so that none is ever given to somebody else."
                />
            </Show>
        </section>
    }
}

fn days(text: &str) -> Option<u32> {
    typed_number(text).filter(|days| (1..=MAX_DAYS).contains(days)).and_then(|days| u32::try_from(days).ok())
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_are_whole_and_not_none() {
        assert_eq!((days("90"), days("3,650")), (Some(90), Some(3650)));
        for text in ["", "0", "-1", "1.5", "3651", "ten"] {
            assert_eq!(days(text), None, "{text}");
        }
    }
}
