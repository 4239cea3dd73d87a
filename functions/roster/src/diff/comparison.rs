//! What a comparison goes by, apart from the rows and the users.

use crate::model::{Directory, Grade, Schools, SourceId, User, UserType};
use crate::settings::{Accounts, Mode, ModeSettings, OtherSource, Scope, SourceRules};
use crate::validate::Password;

use super::target::Targets;

/// What a comparison goes by, apart from the rows and the users.
pub struct Comparison<'a> {
    pub mode: Mode,
    pub scope: Scope,
    pub sender: Sender<'a>,
    /// Those of `mode`.
    pub settings: &'a ModeSettings,
    /// Names, roles and year levels.
    pub accounts: &'a Accounts,
    /// When the comparison is made, in milliseconds since 1970.
    pub now: u64,
    /// All of the organisation; they say which one is the district office.
    pub schools: &'a Schools,
    /// How many items an exchange of user names or addresses may write, for its changes happen together or not at all.
    pub max_exchange_writes: usize,
    /// What the GUIDs of new users are derived from.
    pub guid_seed: [u8; 32],
    /// Whether the user has this password already, so that it is no change. Asked only where the setting Update
    /// password is on.
    pub password_is_current: &'a dyn Fn(&User, &Password) -> bool,
}

/// What the steps of a comparison look things up in.
pub(super) struct DiffBasis<'a, 'd> {
    pub(super) directory: &'d Directory,
    pub(super) targets: &'a Targets<'d, 'a>,
    pub(super) c: &'a Comparison<'a>,
}

/// From which source a roster is, and what it may do to the users of others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sender<'a> {
    /// `None` where the organisation names no sources, or the roster none of them.
    pub source: Option<&'a SourceId>,
    /// `None` where users are of one source.
    pub rules: Option<&'a SourceRules>,
    /// Somebody typed the roster's one row about one person: users who exist stay of the source that they are of, and it
    /// can be of any type.
    pub is_by_hand: bool,
}

impl Sender<'_> {
    /// Returns whether a user is of the roster's source, so that a full sync removes it if it is absent. A source that the
    /// settings name no longer is none.
    pub(crate) fn owns(&self, source: Option<&SourceId>) -> bool {
        self.named(source) == self.source
    }

    /// Returns whether a user is of the very source that the roster gives it.
    pub(super) fn gives(&self, source: Option<&SourceId>) -> bool {
        source == self.source
    }

    /// Returns the source, if it is one: the settings name it, or it stands for those who were added by hand.
    fn named<'s>(&self, source: Option<&'s SourceId>) -> Option<&'s SourceId> {
        source.filter(|source| source.is_by_hand() || self.rules.is_some_and(|rules| rules.by_id(source).is_some()))
    }

    /// Returns whether a row may be about a user of this source. Whoever came by no roster is taken over by the first that
    /// has the user, and so is whoever came before there were sources.
    pub(super) fn may_change(&self, source: Option<&SourceId>) -> bool {
        let is_free = self.named(source).is_none_or(SourceId::is_by_hand);
        let takes_over = self.rules.is_some_and(|rules| rules.other_source == OtherSource::TakeOver);
        self.owns(source) || is_free || self.is_by_hand || takes_over
    }

    /// Returns whether rows of this type come from another source only.
    pub(super) fn is_refused(&self, user_type: UserType) -> bool {
        !self.is_by_hand && self.rules.is_some_and(|rules| rules.are_owned_by_another(user_type, self.source))
    }

    /// Returns the source that the user of a row will be of. Whoever was deleted and is added by hand again is as one who
    /// was never there.
    pub(super) fn source_after(&self, user: Option<&User>) -> Option<SourceId> {
        match user {
            Some(user) if self.is_by_hand && user.deleted_at.is_none() => user.source.clone(),
            _ => self.source.cloned(),
        }
    }
}

impl Comparison<'_> {
    /// Returns whether users and rows of this type and grade are synced.
    pub(super) fn syncs(&self, user_type: UserType, grade: Grade) -> bool {
        self.mode.covers(user_type) && self.accounts.syncs(user_type, grade)
    }
}
