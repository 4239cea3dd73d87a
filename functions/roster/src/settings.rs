//! What an organisation decides about its syncs, for each of the two modes.

use serde::{Deserialize, Serialize};

use crate::{Accounts, SchoolId};

/// The settings of an organisation. Every part may be left out of the JSON and has its default then.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub partial: ModeSettings,
    pub full: ModeSettings,
    /// What holds in both modes.
    pub accounts: Accounts,
    /// How files are read, in both modes.
    pub reading: Reading,
}

impl Settings {
    /// The settings of one mode.
    pub fn of(&self, mode: Mode) -> &ModeSettings {
        match mode {
            Mode::Partial => &self.partial,
            Mode::Full => &self.full,
        }
    }
}

/// How a file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// The file has to be exactly as the data dictionary says. Off: what people commonly write is understood, and said
    /// in notes.
    pub strict_format: bool,
    /// The encoding of files that do not show theirs; `None` for the likeliest.
    pub encoding: Option<FileEncoding>,
    /// How a person with one name only is kept.
    pub single_name: SingleName,
}

/// How a person with one name only is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SingleName {
    pub column: NameColumn,
    /// What stands in the other column; empty for nothing.
    pub other: String,
}

/// Which column holds the name of a person who has one only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameColumn {
    /// The one that the file has it in.
    #[default]
    AsWritten,
    FirstName,
    LastName,
}

impl Reading {
    /// Reads only what is exactly as the data dictionary says.
    pub fn strict() -> Reading {
        Reading { strict_format: true, ..Reading::default() }
    }
}

/// An encoding that somebody can choose for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FileEncoding {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// Whether users that are not in the file are left alone or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Absent users are left alone.
    Partial,
    /// Absent managed users within the scope are removed.
    Full,
}

/// The settings of one sync mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModeSettings {
    /// An administrator has to approve every plan.
    pub requires_approval: bool,
    /// Details of users that exist follow the file. Off: they keep every detail, passwords too, and only new users are
    /// created and deleted ones come back.
    pub overwrite: bool,
    /// A password in the file replaces that of a user that exists.
    pub update_password: bool,
    /// First, middle and last names in the file replace those of users that exist.
    pub update_names: bool,
    /// Students must have an e-mail address, too.
    pub student_email_required: bool,
    /// What happens to a user that a full sync removes.
    pub removal_action: RemovalAction,
    /// Past which a plan waits for approval regardless.
    pub limits: Limits,
}

impl Default for ModeSettings {
    fn default() -> Self {
        ModeSettings {
            requires_approval: true,
            overwrite: true,
            update_password: false,
            update_names: false,
            student_email_required: false,
            removal_action: RemovalAction::Delete,
            limits: Limits::default(),
        }
    }
}

impl ModeSettings {
    /// Whether a comparison needs every user of the organisation: to find who is absent, or to measure shares.
    pub fn needs_whole_directory(&self, mode: Mode) -> bool {
        let limits = &self.limits;
        let shares = [&limits.overall, &limits.per_school, &limits.per_user_type];
        mode == Mode::Full || shares.iter().any(|set| set.changes_percent.is_some())
    }
}

/// What removal means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalAction {
    /// The account is gone, and recoverable for 30 days.
    #[default]
    Delete,
    /// The account stays and can't be signed in to.
    Disable,
}

/// The safety limits: a plan past any of them is held for approval, and says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Over all users of the scope.
    pub overall: LimitSet,
    /// For each school by itself.
    pub per_school: LimitSet,
    /// For each user type by itself.
    pub per_user_type: LimitSet,
    /// How much shorter than the last full roster of the same scope a full roster may be, in percent.
    pub shrink_percent: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        let removals = LimitSet { removals_percent: Some(10.0), ..LimitSet::default() };
        Limits {
            overall: removals.clone(),
            per_school: removals.clone(),
            per_user_type: removals,
            shrink_percent: Some(10.0),
        }
    }
}

/// Limits of one group of users. A share is a percentage of the managed users that the group has now; `None`
/// means no limit. A plan is past a limit when it has *more* than the limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSet {
    pub removals_percent: Option<f64>,
    pub removals_number: Option<u64>,
    /// Changes of every kind, removals included.
    pub changes_percent: Option<f64>,
    pub changes_number: Option<u64>,
}

/// Whose users an upload may touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All schools: a district administrator's upload, or a file dropped into the bucket.
    Organisation,
    /// One school: a school administrator's upload.
    School(SchoolId),
}
