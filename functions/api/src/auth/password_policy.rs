//! Which passwords still open an account. What a password must be is [`roster::password_policy`].

use cloud::users::Account;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Failure;

/// Checks that a temporary password is used for the first time, and in time.
pub async fn check_temporary(app: &App, account: &Account, now: u64) -> Result<(), Failure> {
    if !account.temporary_password {
        return Ok(());
    }
    if account.temporary_used_at.is_some() {
        return Err(Failure::TemporaryUsed);
    }
    let rule = app.cloud.settings_get().await?.settings.accounts.passwords;
    if account.temporary_since.is_some_and(|since| rule.is_expired(since, now)) {
        Err(Failure::TemporaryExpired)
    } else {
        Ok(())
    }
}

/// Returns whether the account has a password that others than its user may know.
pub fn is_known_to_others(account: &Account) -> bool {
    account.password_hash.is_some() && !account.own_password
}

/// Returns whether others may know the password, and its user may do more than when it was given.
pub fn is_outgrown(account: &Account, caller: &Caller) -> bool {
    !account.own_password && account.password_power.as_ref().is_some_and(|given| caller.power().exceeds(given))
}
