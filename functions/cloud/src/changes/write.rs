//! One write of a user.

use roster::role::Power;
use roster::{Status, User};
use wire::UploadId;
use wire::stored::HistoryEntry;

use crate::table::Key;
use crate::transact::WriteAction;

/// One write of a user, by a sync or by hand.
pub(super) struct UserWrite {
    /// `None` for a new user.
    pub(super) before: Option<User>,
    /// With `deleted_at` where the user is deleted.
    pub(super) after: User,
    pub(super) password: Option<NewPassword>,
    /// The upload; `None` by hand.
    pub(super) upload: Option<UploadId>,
    pub(super) entry: HistoryEntry,
    /// Its entry in the audit log; what an upload does is told there once for all its changes.
    pub(super) audit: Vec<WriteAction>,
    pub(super) now: u64,
    /// Must not be done, whatever the table says.
    pub(super) protected: bool,
}

/// A password that a user gets.
#[derive(Clone)]
pub struct NewPassword {
    /// Argon2id in PHC format.
    pub hash: String,
    pub kind: PasswordKind,
    /// What the user may do who gets it: once it may do more, the password opens nothing, unless it is an own one.
    /// `None` where that is not known.
    pub power: Option<Power>,
}

/// How long a password is good, and who may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordKind {
    /// It works once, and others may know it.
    Temporary,
    /// It is good for ever, and others may know it, because it came in a file.
    Lasting,
    /// Its user chose it.
    Own,
}

impl UserWrite {
    /// Returns whether it is this that closes the account.
    pub(super) fn disables(&self) -> bool {
        is_disabled(&self.after) && !self.before.as_ref().is_some_and(is_disabled)
    }

    /// Returns whether the user's item gets another key.
    pub(super) fn moves(&self) -> bool {
        self.before.as_ref().is_some_and(|before| key_of(before) != key_of(&self.after))
    }
}

/// Returns the key of the user's item.
pub(super) fn key_of(user: &User) -> Key {
    Key::user(user.custom_id.as_deref(), user.guid)
}

/// Returns whether the user is there, and its account is closed.
pub(crate) fn is_disabled(user: &User) -> bool {
    user.status == Status::Disabled && user.deleted_at.is_none()
}

/// Returns what stands in the history for an upload, or for a change by hand. Such a change is never carried out again,
/// so two at the same moment are two.
pub(crate) fn author(upload: Option<&UploadId>) -> String {
    upload.map_or_else(|| format!("hand#{}", uuid::Uuid::new_v4()), |id| id.0.clone())
}
