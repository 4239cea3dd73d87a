//! What an organisation decides about its accounts, whatever the sync mode: names, passwords, roles and how long.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::durations::DAY;
use crate::model::{Grade, RoleId, Roles, UserType, role};

use super::password_source::PasswordSource;

/// The settings of accounts.
///
/// Every part may be left out of the JSON and has its default then.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// The grades whose students are synced; `None` for all. Students of other grades are neither created, changed
    /// nor removed: for a row, the grade of the row counts, and for an absent student the present one.
    pub year_levels: Option<BTreeSet<Grade>>,
    pub usernames: UsernameRule,
    pub passwords: PasswordRule,
    pub roles: RoleRule,
    pub archive: ArchiveRule,
    pub single_sign_on: SingleSignOn,
}

impl Accounts {
    /// Returns whether students of this grade, and everybody who is none, are synced.
    pub fn syncs(&self, user_type: UserType, grade: Grade) -> bool {
        user_type != UserType::Student || self.year_levels.as_ref().is_none_or(|levels| levels.contains(&grade))
    }
}

/// How user names are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UsernameRule {
    pub method: UsernameMethod,
    /// Of [`UsernameMethod::Template`], such as `{first:1}{last}`.
    pub template: String,
    /// A user name in the file's column goes before the rule. Off: the column names nobody, unless it is the method.
    pub prefer_column: bool,
    /// Put before and after the name; a number goes between the name and what is appended.
    pub prepend: String,
    pub append: String,
    /// This, the transliteration and the dropping of characters act on names, addresses and templates. The method
    /// custom ID, and the file's own column, take what is there as it stands.
    pub lower_case: bool,
    pub umlauts: Umlauts,
    /// Of the whole name that is made, with what is put before and after it.
    pub max_chars: u8,
    pub clash: ClashRule,
    /// Whether users that exist get other names.
    pub rename: Rename,
}

impl Default for UsernameRule {
    fn default() -> Self {
        UsernameRule {
            method: UsernameMethod::CustomId,
            template: String::new(),
            prefer_column: true,
            prepend: String::new(),
            append: String::new(),
            lower_case: true,
            umlauts: Umlauts::TwoLetters,
            max_chars: 64,
            clash: ClashRule::default(),
            rename: Rename::Column,
        }
    }
}

/// What a user name is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsernameMethod {
    CustomId,
    Email,
    /// The part of the address before the `@`.
    EmailName,
    /// `asmith`
    InitialLast,
    /// `anns`
    FirstInitial,
    /// `ann.smith`
    FirstDotLast,
    /// `smitha`
    LastInitial,
    /// The file's own column `username`, and nothing else.
    Column,
    Template,
}

/// How `ä`, `ö`, `ü` and the like are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Umlauts {
    /// `Müller` becomes `mueller`.
    TwoLetters,
    /// `Müller` becomes `muller`.
    OneLetter,
}

/// What number a user name takes that somebody has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClashRule {
    /// The first number that is tried.
    pub start: u32,
    /// With zeros in front up to so many digits.
    pub min_digits: u8,
}

impl Default for ClashRule {
    fn default() -> Self {
        ClashRule { start: 2, min_digits: 1 }
    }
}

/// Whether users that exist get other user names, which changes how they sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rename {
    Never,
    /// Only where the file's own column gives one.
    Column,
    /// Wherever the rule gives another one.
    Always,
}

/// How new users get their passwords.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordRule {
    pub source: NewPasswords,
    /// The grades whose students get words instead of characters.
    pub words_for: BTreeSet<Grade>,
    /// After how many days a temporary password that nobody used stops working; 0 for never.
    pub expire_days: u32,
    /// For how many days a temporary password can be read in the completed file; 0 for not at all.
    pub readable_days: u32,
    /// A password from the file works once, and its user then sets an own one. Off: it is good for ever, also for
    /// everybody who has seen the file.
    pub file_once: bool,
}

impl PasswordRule {
    /// Returns what a new user gets.
    ///
    /// `in_file` is whether the file has a password for it. The default password is for students only: everybody knows
    /// it, and the others may do more.
    pub fn for_new(&self, user_type: UserType, grade: Grade, in_file: bool) -> PasswordSource {
        match self.source {
            NewPasswords::File if in_file => self.of_file(),
            NewPasswords::Default if user_type == UserType::Student => PasswordSource::Default,
            NewPasswords::File | NewPasswords::Random | NewPasswords::Default => self.random(user_type, grade),
        }
    }

    /// Returns what a password of the file is.
    pub fn of_file(&self) -> PasswordSource {
        if self.file_once { PasswordSource::File } else { PasswordSource::FileLasting }
    }

    /// Returns a random one in the style of the user: words for students of the lower grades.
    pub fn random(&self, user_type: UserType, grade: Grade) -> PasswordSource {
        if user_type == UserType::Student && self.words_for.contains(&grade) {
            PasswordSource::Words
        } else {
            PasswordSource::Temporary
        }
    }

    /// Returns whether a temporary password that was given at `since` no longer works.
    ///
    /// Times are milliseconds since 1970.
    pub fn is_expired(&self, since: u64, now: u64) -> bool {
        self.expire_days > 0 && now >= since.saturating_add(u64::from(self.expire_days) * DAY)
    }

    /// Returns until when passwords can be read that were written into a file at `at`.
    ///
    /// Both are milliseconds since 1970.
    pub fn readable_until(&self, at: u64) -> u64 {
        at.saturating_add(u64::from(self.readable_days) * DAY)
    }
}

impl Default for PasswordRule {
    fn default() -> Self {
        use Grade::{G1, G2, G3, K, PreK};
        PasswordRule {
            source: NewPasswords::File,
            words_for: [PreK, K, G1, G2, G3].into(),
            expire_days: 90,
            readable_days: 14,
            file_once: true,
        }
    }
}

/// Where the password of a new user comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewPasswords {
    /// A random temporary one for each; what the file's column says of new users is ignored.
    Random,
    /// One temporary one for all students, whose hash is kept apart from the settings, and a random one for everybody
    /// else; what the file's column says of new users is ignored.
    Default,
    /// From the file's column; a row without one gets a random temporary one.
    File,
}

/// Which roles a sync gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleRule {
    pub student: BTreeSet<RoleId>,
    pub teacher: BTreeSet<RoleId>,
    pub staff: BTreeSet<RoleId>,
    /// Administrators of a school.
    pub school_administrator: BTreeSet<RoleId>,
    /// Administrators of the district office. Has always the built-in District Administrator, for somebody must be able
    /// to run the organisation.
    pub district_administrator: BTreeSet<RoleId>,
    pub when: GiveRoles,
    /// A file that is dropped into the bucket makes, hands over and closes accounts that may do more than students and
    /// teachers without anybody's approval.
    pub bucket_unattended: bool,
}

impl Default for RoleRule {
    fn default() -> Self {
        let only = |id: &str| BTreeSet::from([RoleId::new(id)]);
        RoleRule {
            student: only(role::STUDENT),
            teacher: only(role::TEACHER),
            staff: only(role::STAFF),
            school_administrator: only(role::SCHOOL_ADMINISTRATOR),
            district_administrator: only(role::DISTRICT_ADMINISTRATOR),
            when: GiveRoles::OnCreation,
            bucket_unattended: false,
        }
    }
}

impl RoleRule {
    /// Returns the roles of a user of this type.
    pub fn of(&self, user_type: UserType, at_district: bool) -> Roles {
        Roles::from_ids(match user_type {
            UserType::Student => &self.student,
            UserType::Teacher => &self.teacher,
            UserType::Staff => &self.staff,
            UserType::Administrator if at_district => &self.district_administrator,
            UserType::Administrator => &self.school_administrator,
        })
    }

    /// Returns who is given which, with the words for them.
    pub fn groups(&self) -> [(&'static str, &BTreeSet<RoleId>); 5] {
        [
            ("students", &self.student),
            ("teachers", &self.teacher),
            ("staff", &self.staff),
            ("administrators of a school", &self.school_administrator),
            ("administrators of the district office", &self.district_administrator),
        ]
    }

    /// Returns every role that a sync gives to somebody.
    pub fn given(&self) -> impl Iterator<Item = &RoleId> {
        self.groups().into_iter().flat_map(|(_, ids)| ids)
    }
}

/// When a sync gives the roles of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GiveRoles {
    /// To new users, and to users who become one of another type (or administrators who come to the district office or
    /// leave it). Roles that were given by hand stay otherwise.
    OnCreation,
    /// At every sync: roles that were given by hand are taken back.
    Always,
}

/// What becomes of users that stay disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArchiveRule {
    /// After how many days of being disabled a managed user leaves the lists; `None` for never.
    pub after_days: Option<u32>,
    /// After how many days in the archive the personal fields are erased.
    pub erase_after_days: u32,
}

impl Default for ArchiveRule {
    fn default() -> Self {
        ArchiveRule { after_days: None, erase_after_days: 365 }
    }
}

/// Signing in at the organisation's OpenID Connect provider instead of here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SingleSignOn {
    pub enabled: bool,
    /// The address of the provider, under which `/.well-known/openid-configuration` stands.
    pub issuer: String,
    pub client_id: String,
    pub matching: Matching,
    /// The claim that has the custom ID, with [`Matching::CustomId`].
    pub claim: String,
    /// Where people find the page, such as `https://rollbook.contoso.example`: the provider sends them back there.
    pub address: String,
}

/// By what an identity of the provider is matched with a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    #[default]
    Email,
    CustomId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_decide_where_a_new_password_comes_from() {
        use NewPasswords::{Default, File, Random};
        let rule = |source| PasswordRule { source, ..PasswordRule::default() };
        let of = |source, in_file| rule(source).for_new(UserType::Student, Grade::G9, in_file);
        assert_eq!([of(Random, true), of(Random, false)], [PasswordSource::Temporary; 2]);
        assert_eq!([of(Default, true), of(Default, false)], [PasswordSource::Default; 2]);
        assert_eq!([of(File, true), of(File, false)], [PasswordSource::File, PasswordSource::Temporary]);
        let lasting = PasswordRule { file_once: false, ..rule(File) };
        assert_eq!(lasting.for_new(UserType::Student, Grade::G9, true), PasswordSource::FileLasting);
    }

    #[test]
    fn the_default_password_is_for_students_only() {
        let rule = PasswordRule { source: NewPasswords::Default, ..PasswordRule::default() };
        let of = |user_type: &UserType| rule.for_new(*user_type, Grade::Unspecified, true);
        let given: Vec<PasswordSource> = UserType::ALL.iter().map(of).collect();
        use PasswordSource::{Default, Temporary};
        assert_eq!(given, [Default, Temporary, Temporary, Temporary]);
    }

    #[test]
    fn only_students_of_the_grades_get_words() {
        let rule = PasswordRule::default();
        assert_eq!(rule.random(UserType::Student, Grade::G3), PasswordSource::Words);
        assert_eq!(rule.random(UserType::Student, Grade::G4), PasswordSource::Temporary);
        assert_eq!(rule.random(UserType::Teacher, Grade::G3), PasswordSource::Temporary);
    }

    #[test]
    fn days_are_counted_from_the_moment_and_none_is_never() {
        let rule = PasswordRule { expire_days: 90, readable_days: 14, ..PasswordRule::default() };
        assert!(!rule.is_expired(5, 5 + 90 * DAY - 1) && rule.is_expired(5, 5 + 90 * DAY));
        assert!(!PasswordRule { expire_days: 0, ..rule.clone() }.is_expired(0, u64::MAX));
        assert_eq!(rule.readable_until(5), 5 + 14 * DAY);
    }
}
