//! What an organisation decides about its syncs, for each of the two modes.

use serde::{Deserialize, Serialize};

use crate::{Accounts, SchoolId};

/// The settings of an organisation. Every part may be left out of the JSON and has its default then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub partial: ModeSettings,
    pub full: ModeSettings,
    /// What holds in both modes.
    pub accounts: Accounts,
    /// How files are read, in both modes.
    pub reading: Reading,
    /// For how many days the files and the plan of an upload are kept after it ended; 0 for ever.
    pub uploads_kept_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            partial: ModeSettings::default(),
            full: ModeSettings::default(),
            accounts: Accounts::default(),
            reading: Reading::default(),
            uploads_kept_days: 400,
        }
    }
}

impl Settings {
    /// Whether the files of an upload that ended at `at` are kept no longer. Times are milliseconds since 1970.
    pub fn is_past_keeping(&self, at: u64, now: u64) -> bool {
        self.uploads_kept_days > 0 && now >= at.saturating_add(u64::from(self.uploads_kept_days) * DAY)
    }

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
    /// The encoding of files that do not show theirs; `None` for the likeliest. Of an upload that was read, the one
    /// that it was read in, so that its kept copy is read the same.
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

impl SingleName {
    /// The longest text that can stand in the other column, in characters.
    pub const MOST_CHARS: usize = 20;
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

macro_rules! encodings {
    ($($variant:ident $id:literal $name:literal $letters:literal,)+) => {
        /// An encoding that a file can have without showing it, so that somebody can choose it. UTF-16 and UTF-32 show
        /// themselves by their zero bytes, and every file with a byte order mark by that.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum FileEncoding { $(#[serde(rename = $id)] $variant),+ }

        impl FileEncoding {
            /// Every encoding, in the order in which a page offers them.
            pub const ALL: [FileEncoding; [$($id),+].len()] = [$(FileEncoding::$variant),+];

            /// Returns the word for it in JSON.
            pub fn id(self) -> &'static str {
                match self { $(FileEncoding::$variant => $id),+ }
            }

            /// Returns its name for people.
            pub fn name(self) -> &'static str {
                match self { $(FileEncoding::$variant => $name),+ }
            }

            /// Returns what a page offers: the letters that it is made for, and its name.
            pub fn label(self) -> &'static str {
                match self { $(FileEncoding::$variant => concat!($letters, " (", $name, ")")),+ }
            }
        }
    };
}

encodings! {
    Utf8 "utf-8" "UTF-8" "All letters",
    Windows1252 "windows-1252" "Windows-1252" "Western European",
    Iso885915 "iso-8859-15" "ISO-8859-15" "Western European",
    MacRoman "macintosh" "Mac Roman" "Western European, old Macs",
    Cp850 "cp850" "CP850" "Western European, DOS",
    Cp437 "cp437" "CP437" "Western European, DOS in the US",
    Windows1250 "windows-1250" "Windows-1250" "Central European",
    Iso88592 "iso-8859-2" "ISO-8859-2" "Central European",
    Cp852 "cp852" "CP852" "Central European, DOS",
    Windows1254 "windows-1254" "Windows-1254" "Turkish",
    Windows1257 "windows-1257" "Windows-1257" "Baltic",
    Windows1251 "windows-1251" "Windows-1251" "Cyrillic",
    Koi8 "koi8-u" "KOI8-U" "Cyrillic",
    Iso88595 "iso-8859-5" "ISO-8859-5" "Cyrillic",
    Cp866 "cp866" "CP866" "Cyrillic, DOS",
    Windows1253 "windows-1253" "Windows-1253" "Greek",
    Iso88597 "iso-8859-7" "ISO-8859-7" "Greek",
    Windows1255 "windows-1255" "Windows-1255" "Hebrew",
    Windows1256 "windows-1256" "Windows-1256" "Arabic",
    Windows1258 "windows-1258" "Windows-1258" "Vietnamese",
    Windows874 "windows-874" "Windows-874" "Thai",
    Gbk "gb18030" "GBK" "Chinese, simplified",
    Big5 "big5" "Big5" "Chinese, traditional",
    ShiftJis "shift_jis" "Shift_JIS" "Japanese",
    EucJp "euc-jp" "EUC-JP" "Japanese",
    EucKr "euc-kr" "EUC-KR" "Korean",
}

/// A day in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;

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
    /// What happens to a row whose names say somebody else than the user who has its custom ID.
    pub person_differs: PersonDiffers,
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
            person_differs: PersonDiffers::Wait,
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

/// What happens to a row whose names say somebody else than the user who has its custom ID.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonDiffers {
    /// The plan waits for approval.
    #[default]
    Wait,
    /// The row is rejected.
    Reject,
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
    /// Which share of a large group a roster may change where no other share is set for it; `None` for any. New users
    /// count in a full roster only.
    ///
    /// To measure it every user has to be read, but not for a partial roster that changes no more users than that share
    /// of the smallest large group; see [`crate::Diffed::NeedsWholeDirectory`].
    pub large_changes: Option<LargeChanges>,
}

/// A share of a group that is large enough for shares to mean something: all users, those of a school, or of a type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LargeChanges {
    pub percent: f64,
    /// How many users the group has at least.
    pub group: u64,
}

impl LargeChanges {
    /// Whether so many changes may be more than the share of some group.
    pub(crate) fn may_be_passed(&self, changes: u64) -> bool {
        changes as f64 * 100.0 > self.percent * self.group as f64
    }
}

impl Default for LargeChanges {
    fn default() -> Self {
        LargeChanges { percent: 25.0, group: 20 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let removals = LimitSet { removals_percent: Some(10.0), ..LimitSet::default() };
        Limits {
            overall: removals.clone(),
            per_school: removals.clone(),
            per_user_type: removals,
            shrink_percent: Some(10.0),
            large_changes: Some(LargeChanges::default()),
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
