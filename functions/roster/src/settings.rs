//! What an organisation decides about its syncs, for each sync mode.

pub mod accounts;
mod classes;
mod feed_format;
mod mapping;
mod mode;
mod password_source;
mod reading;
pub mod role_rules;
mod sources;
mod watch;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::durations::DAY;

pub use accounts::Accounts;
pub use classes::{ClassProblem, ClassRules};
pub use feed_format::FeedFormat;
pub(crate) use mapping::value_key;
pub use mapping::{
    CellSource, DateFormat, MappedColumn, MappingPlace, MappingProblem, MappingProfile, NameOrder, NamePart, RowFilter,
    UsedProfile, check_profiles, count_up, header_key,
};
pub use mode::{LargeChanges, LimitSet, Limits, Mode, ModeSettings, PersonDiffers, RemovalAction, Scope};
pub use password_source::PasswordSource;
pub use reading::{FileEncoding, NameColumn, ReadingSettings, SingleName};
pub use sources::{NamedSource, OtherSource, SourceProblem, SourceRules};
pub use watch::{
    ClockTime, MAX_PAUSE_DAYS, NoClockTime, SourceSchedule, WatchPause, WatchProblem, WatchRules, Weekday,
};

/// The settings of an organisation.
///
/// Every part may be left out of the JSON and has its default then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub partial: ModeSettings,
    pub full: ModeSettings,
    pub students: ModeSettings,
    pub staff: ModeSettings,
    /// What holds in all modes.
    pub accounts: Accounts,
    /// Where users come from.
    pub sources: SourceRules,
    /// What holds of classes, in all modes.
    pub classes: ClassRules,
    /// How files are read, in all modes.
    pub reading: ReadingSettings,
    /// For how many days the files and the plan of an upload are kept after it ended; 0 for ever.
    pub uploads_kept_days: u32,
    /// Whether programs may send rosters with API keys. Off: every key is refused, and none is lost.
    pub api_keys: KeyUse,
    /// Which rosters are expected when.
    pub watch: WatchRules,
    /// The formats in which the directory is written into the bucket after each roster, for other systems to fetch.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub feeds: BTreeSet<FeedFormat>,
}

/// Whether programs may send rosters with API keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    #[default]
    Off,
    On,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            partial: ModeSettings::default(),
            full: ModeSettings::default(),
            students: ModeSettings::default(),
            staff: ModeSettings::default(),
            accounts: Accounts::default(),
            sources: SourceRules::default(),
            classes: ClassRules::default(),
            reading: ReadingSettings::default(),
            uploads_kept_days: 400,
            api_keys: KeyUse::Off,
            watch: WatchRules::default(),
            feeds: BTreeSet::new(),
        }
    }
}

impl Settings {
    /// Returns whether the files of an upload that ended at `at` are kept no longer.
    ///
    /// Times are milliseconds since 1970.
    pub fn is_past_keeping(&self, at: u64, now: u64) -> bool {
        self.uploads_kept_days > 0 && now >= at.saturating_add(u64::from(self.uploads_kept_days) * DAY)
    }

    /// Returns the settings of one mode.
    pub fn of(&self, mode: Mode) -> &ModeSettings {
        match mode {
            Mode::Partial => &self.partial,
            Mode::Full => &self.full,
            Mode::Students => &self.students,
            Mode::Staff => &self.staff,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_kept_for_as_many_days_and_none_is_for_ever() {
        let kept = |uploads_kept_days| Settings { uploads_kept_days, ..Settings::default() };
        assert_eq!(serde_json::from_str::<Settings>("{}").expect("settings").uploads_kept_days, 400);
        assert!(!kept(400).is_past_keeping(5, 4 + 400 * DAY) && kept(400).is_past_keeping(5, 5 + 400 * DAY));
        assert!(!kept(0).is_past_keeping(0, u64::MAX) && !kept(400).is_past_keeping(u64::MAX, u64::MAX - 1));
    }
}
