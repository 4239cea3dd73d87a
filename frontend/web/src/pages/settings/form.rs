//! The fields of one mode while they are edited.

use leptos::prelude::*;
use roster::{LargeChanges, LimitSet, Limits, ModeSettings, PersonDiffers, RemovalAction};

/// The settings of one mode, each in a signal of its own.
///
/// Numbers are text while they are typed.
#[derive(Clone, Copy)]
pub struct ModeFields {
    pub requires_approval: RwSignal<bool>,
    pub overwrite: RwSignal<bool>,
    pub update_password: RwSignal<bool>,
    pub update_names: RwSignal<bool>,
    pub student_email_required: RwSignal<bool>,
    /// Whether rows that may turn a user into somebody else are rejected.
    pub rejects_others: RwSignal<bool>,
    pub removal_action: RwSignal<RemovalAction>,
    pub overall: LimitFields,
    pub per_school: LimitFields,
    pub per_user_type: LimitFields,
    pub shrink_percent: RwSignal<String>,
    pub large_percent: RwSignal<String>,
    /// How many users a group has at least for that limit.
    pub large_group: RwSignal<u64>,
}

/// The limits of one group of users.
///
/// An empty field is no limit.
#[derive(Clone, Copy)]
pub struct LimitFields {
    pub removals_percent: RwSignal<String>,
    pub removals_number: RwSignal<String>,
    pub changes_percent: RwSignal<String>,
    pub changes_number: RwSignal<String>,
}

impl ModeFields {
    /// Returns the rows of the table of limits.
    pub fn limits(self) -> [LimitFields; 3] {
        [self.overall, self.per_school, self.per_user_type]
    }

    /// Returns the fields with the settings that are stored.
    pub fn new(settings: &ModeSettings) -> ModeFields {
        let large = settings.limits.large_changes.as_ref();
        ModeFields {
            requires_approval: RwSignal::new(settings.requires_approval),
            overwrite: RwSignal::new(settings.overwrite),
            update_password: RwSignal::new(settings.update_password),
            update_names: RwSignal::new(settings.update_names),
            student_email_required: RwSignal::new(settings.student_email_required),
            rejects_others: RwSignal::new(settings.person_differs == PersonDiffers::Reject),
            removal_action: RwSignal::new(settings.removal_action),
            overall: LimitFields::new(&settings.limits.overall),
            per_school: LimitFields::new(&settings.limits.per_school),
            per_user_type: LimitFields::new(&settings.limits.per_user_type),
            shrink_percent: text(settings.limits.shrink_percent),
            large_percent: text(large.map(|large| large.percent)),
            large_group: RwSignal::new(large.cloned().unwrap_or_default().group),
        }
    }

    /// Returns the settings as they stand; `None` while a number is not valid.
    pub fn values(self) -> Option<ModeSettings> {
        let limits = Limits {
            overall: self.overall.values()?,
            per_school: self.per_school.values()?,
            per_user_type: self.per_user_type.values()?,
            shrink_percent: percent(&self.shrink_percent.get()).ok()?,
            large_changes: percent(&self.large_percent.get())
                .ok()?
                .map(|percent| LargeChanges { percent, group: self.large_group.get() }),
        };
        Some(ModeSettings {
            requires_approval: self.requires_approval.get(),
            overwrite: self.overwrite.get(),
            update_password: self.update_password.get(),
            update_names: self.update_names.get(),
            student_email_required: self.student_email_required.get(),
            person_differs: if self.rejects_others.get() { PersonDiffers::Reject } else { PersonDiffers::Wait },
            removal_action: self.removal_action.get(),
            limits,
        })
    }
}

impl LimitFields {
    /// Returns whether a share in this row is not valid.
    pub fn has_wrong_percent(self) -> bool {
        [self.removals_percent, self.changes_percent].iter().any(|field| field.with(|text| percent(text).is_err()))
    }

    /// Returns whether a number of users in this row is not valid.
    pub fn has_wrong_number(self) -> bool {
        [self.removals_number, self.changes_number].iter().any(|field| field.with(|text| whole(text).is_err()))
    }

    fn new(limits: &LimitSet) -> LimitFields {
        LimitFields {
            removals_percent: text(limits.removals_percent),
            removals_number: text(limits.removals_number),
            changes_percent: text(limits.changes_percent),
            changes_number: text(limits.changes_number),
        }
    }

    fn values(self) -> Option<LimitSet> {
        Some(LimitSet {
            removals_percent: percent(&self.removals_percent.get()).ok()?,
            removals_number: whole(&self.removals_number.get()).ok()?,
            changes_percent: percent(&self.changes_percent.get()).ok()?,
            changes_number: whole(&self.changes_number.get()).ok()?,
        })
    }
}

/// Returns a field with a limit; an empty one is none.
pub fn text(value: Option<impl ToString>) -> RwSignal<String> {
    RwSignal::new(value.map(|v| v.to_string()).unwrap_or_default())
}

/// What is typed is no number, or one that is too small or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotThatNumber;

/// Reads a percentage from 0 to 100; `None`, no limit, where nothing is typed.
pub fn percent(text: &str) -> Result<Option<f64>, NotThatNumber> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.strip_suffix('%').unwrap_or(text).trim_end().replace(',', ".");
    // `parse` alone would take a sign, an exponent and words.
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value = number.parse().ok().filter(|value| plain && (0.0..=100.0).contains(value));
    value.map(Some).ok_or(NotThatNumber)
}

/// Reads a whole number; `None`, no limit, where nothing is typed.
pub fn whole(text: &str) -> Result<Option<u64>, NotThatNumber> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    crate::format::typed_number(text).map(Some).ok_or(NotThatNumber)
}

#[cfg(test)]
mod tests {
    use super::{NotThatNumber, percent, whole};

    #[test]
    fn empty_is_no_limit() {
        assert_eq!(percent(" "), Ok(None));
        assert_eq!(whole(""), Ok(None));
    }

    #[test]
    fn percentages_lie_between_0_and_100() {
        assert_eq!(percent("12.5 %"), Ok(Some(12.5)));
        assert_eq!(percent("12,5"), Ok(Some(12.5)));
        assert_eq!(percent("2.5"), Ok(Some(2.5)));
        assert_eq!((percent("0"), percent("100%")), (Ok(Some(0.0)), Ok(Some(100.0))));
        for text in ["101", "100.1", "-1", "-0", "+5", "NaN", "1e1", "ten", "%", "1,2,3", "10 %%"] {
            assert_eq!(percent(text), Err(NotThatNumber), "{text}");
        }
    }

    #[test]
    fn numbers_are_whole() {
        assert_eq!(whole("1,000"), Ok(Some(1000)));
        for text in ["2.5", "2,5", "-1", "10 %", "ten"] {
            assert_eq!(whole(text), Err(NotThatNumber), "{text}");
        }
    }
}
