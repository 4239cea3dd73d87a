//! How the files of one upload are read.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{ClassRole, Column, Day, Status, UserType};
use crate::settings::{FileEncoding, MappingProfile, ReadingSettings};

/// How the files of one upload are read: by the settings, and by what is known of the files.
///
/// In JSON all fields stand beside each other, as a plan keeps them, so that its kept copy is read in the same way again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// What the settings say of the file's source.
    ///
    /// After reading, `encoding` is the one that was used, and `profiles` holds at most the one that was used.
    #[serde(flatten)]
    pub settings: ReadingSettings,
    #[serde(flatten)]
    pub omissions: Omissions,
    /// Every line below the headers is a row: Rollbook made the file of those of a format.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub only_rows: bool,
    /// The day on which it is read; `None` where nobody knows, so that nothing is over and everything has begun. It is
    /// kept nowhere.
    #[serde(skip)]
    pub today: Option<Day>,
}

/// What the files of a format do not say, so that it stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Omissions {
    /// Columns of the file of users that stand there empty and say nothing, so that users keep what they have: the format
    /// from which the file was made does not have them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unsaid: BTreeSet<Column>,
    /// Columns whose empty cells say nothing of people of a type: the file that they came in does not have them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unsaid_of: BTreeMap<UserType, BTreeSet<Column>>,
    /// Columns whose empty cells leave users as they are: the files hold only what has changed. Nobody new can have such
    /// a cell.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub blank_keeps: BTreeSet<Column>,
    /// Who is absent although nobody said so, for the format has no place for them.
    #[serde(skip_serializing_if = "NoPlace::is_for_nobody")]
    pub no_place: NoPlace,
}

/// Whom the files of a format have no place for, so that their absence says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoPlace {
    pub user_types: BTreeSet<UserType>,
    /// Of which types those have no place who are disabled: no column says so, and whoever writes such files leaves them
    /// out.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub disabled: BTreeSet<UserType>,
    /// In a class.
    pub class_roles: BTreeSet<ClassRole>,
}

impl NoPlace {
    /// Returns whether everybody has a place.
    pub fn is_for_nobody(&self) -> bool {
        self.user_types.is_empty() && self.disabled.is_empty() && self.class_roles.is_empty()
    }

    /// Returns whether the absence of a user says nothing.
    pub(crate) fn is_for(&self, user_type: UserType, status: Status) -> bool {
        self.user_types.contains(&user_type) || status == Status::Disabled && self.disabled.contains(&user_type)
    }

    /// Returns whom there is no place for, in words.
    pub(crate) fn words(&self) -> Vec<String> {
        let types = self.user_types.iter().map(|of| of.plural().to_owned());
        let all = UserType::ALL.iter().all(|of| self.is_for(*of, Status::Disabled));
        let disabled = self.disabled.iter().filter(|_| !all).map(|of| format!("disabled {}", of.plural()));
        let whoever = (all && !self.disabled.is_empty()).then(|| "disabled users".to_owned());
        types.chain(disabled).chain(whoever).collect()
    }
}

impl From<ReadingSettings> for Reading {
    /// Returns how files are read of which nothing is known yet.
    fn from(settings: ReadingSettings) -> Reading {
        Reading { settings, ..Reading::default() }
    }
}

impl Reading {
    /// Reads only what is exactly as the data dictionary says.
    pub fn strict() -> Reading {
        ReadingSettings { strict_format: true, ..ReadingSettings::default() }.into()
    }

    /// Returns how files are read by these profiles and no other.
    pub fn by_profiles(mut self, profiles: Vec<MappingProfile>) -> Reading {
        self.settings.profiles = profiles;
        self
    }

    /// Returns how files of this encoding are read.
    pub fn in_encoding(mut self, encoding: Option<FileEncoding>) -> Reading {
        self.settings.encoding = encoding;
        self
    }

    /// Returns how files are read on this day.
    pub fn on(self, today: Option<Day>) -> Reading {
        Reading { today, ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Plans keep it so.
    #[test]
    fn in_json_all_fields_stand_beside_each_other() {
        let kept = json!({
            "strict_format": false,
            "encoding": "utf-8",
            "single_name": { "column": "as_written", "other": "" },
            "unsaid": ["middle_name"],
            "unsaid_of": { "Student": ["email"] },
            "blank_keeps": ["user_type"],
            "no_place": { "user_types": ["Staff"], "disabled": ["Student"], "class_roles": ["Aide"] },
            "only_rows": true,
        });
        let reading: Reading = serde_json::from_value(kept.clone()).expect("a reading");
        assert!(reading.omissions.unsaid.contains(&Column::MiddleName) && reading.only_rows);
        assert_eq!(serde_json::to_value(reading).expect("JSON"), kept);
        let of_nothing = serde_json::to_value(Reading::default()).expect("JSON");
        assert_eq!(of_nothing, serde_json::to_value(ReadingSettings::default()).expect("JSON"));
    }
}
