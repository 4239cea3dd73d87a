//! API keys: what one looks like, and for whom it acts.
//!
//! A key is `rb_<identifier>_<secret>`. The secret has 256 random bits, so nobody guesses it, however fast its SHA-256 is
//! to compute; that is all that the table has of it. A key acts for whoever made it and never for longer: it does nothing
//! while that person can't sign in, and at any moment it may at most what that person may, where they may.

use axum::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cloud::api_keys::KeyRecord;
use cloud::users::Account;
use roster::role::Power;
use roster::{KeyUse, Permission, SchoolId};
use subtle::ConstantTimeEq;
use wire::http::{API_KEY, KeyState};
use wire::stored::{ApiKey, KeyId};

use crate::app::App;
use crate::auth::caller::{ActingKey, Caller};
use crate::auth::session::digest;
use crate::error::Failure;
use crate::random;

/// How a key begins, by which programs find one that was left in a file.
const PREFIX: &str = "rb_";

/// A key as a program sends it.
pub struct PresentedKey<'h> {
    id: KeyId,
    secret: &'h str,
}

/// A key that was just made.
pub struct FreshKey {
    pub id: KeyId,
    /// The whole of it, for the one who made it to keep.
    pub text: String,
    /// What is stored of its secret.
    pub secret_digest: String,
}

impl FreshKey {
    /// Makes a key that nobody can guess.
    pub fn new() -> Result<FreshKey, Failure> {
        let id = hex::encode(random::bytes::<8>()?);
        let secret = BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<32>()?);
        Ok(FreshKey { text: format!("{PREFIX}{id}_{secret}"), secret_digest: digest(&secret), id: KeyId(id) })
    }
}

/// Returns the key that a request carries; `None` where it carries none.
///
/// One that can't be a key has an identifier that no key has.
pub fn presented(headers: &HeaderMap) -> Option<PresentedKey<'_>> {
    let text = headers.get(API_KEY)?.to_str().unwrap_or_default().trim();
    let parts = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
    let (id, secret) = parts.unwrap_or_default();
    Some(PresentedKey { id: KeyId(id.to_owned()), secret })
}

/// Returns for whom the key acts, and what it may.
pub async fn caller(app: &App, presented: PresentedKey<'_>) -> Result<Caller, Failure> {
    let is_id = presented.id.0.len() == 16;
    let record = if is_id { app.cloud.api_key_get(&presented.id).await? } else { None };
    let record = record.filter(|record| is_secret_of(presented.secret, record)).ok_or(Failure::KeyUnknown)?;
    let now = app.now();
    if record.end.is_some() {
        return Err(Failure::KeyEnded);
    }
    if record.key.expires_at <= now {
        return Err(Failure::KeyExpired);
    }
    if app.cloud.settings_get().await?.settings.api_keys == KeyUse::Off {
        return Err(Failure::KeysOff);
    }
    let caller = for_maker(app, &record.key).await?.ok_or(Failure::KeyMakerGone)?;
    app.cloud.api_key_touch(&record, now).await?;
    Ok(caller)
}

fn is_secret_of(secret: &str, record: &KeyRecord) -> bool {
    digest(secret).as_bytes().ct_eq(record.secret_digest.as_bytes()).into()
}

/// Returns what becomes of a key that is used now.
pub async fn state(app: &App, record: &KeyRecord) -> Result<KeyState, Failure> {
    Ok(if record.end.is_some() {
        KeyState::Ended
    } else if record.key.expires_at <= app.now() {
        KeyState::Expired
    } else if for_maker(app, &record.key).await?.is_none() {
        KeyState::MakerGone
    } else {
        KeyState::Active
    })
}

/// Returns the maker, with what the key leaves of what they may; `None` where they can't sign in any more, or may do
/// nothing where the key is for.
async fn for_maker(app: &App, key: &ApiKey) -> Result<Option<Caller>, Failure> {
    let account = app.cloud.account_get(key.maker).await?.filter(|account| account.user.can_sign_in());
    let Some(Account { user, temporary_password, .. }) = account else { return Ok(None) };
    // Like a session of theirs, which does nothing before the password is replaced.
    if temporary_password && !app.cloud.settings_get().await?.settings.accounts.single_sign_on.enabled {
        return Ok(None);
    }
    let Some(home) = app.cloud.school_get(&user.school).await? else {
        tracing::error!(user = %user.guid, school = %user.school.0, "a user's school is missing");
        return Ok(None);
    };
    let power = Power::of_user(&user, home.is_district(), &app.cloud.roles_get().await?.roles);
    let Ok(school) = narrowed(power.school, key.school.clone()) else { return Ok(None) };
    let of_maker = power.permissions;
    let permissions = of_key(key).iter().copied().filter(|permission| of_maker.contains(permission)).collect();
    Ok(Some(Caller {
        guid: user.guid,
        username: user.username,
        first_name: user.first_name,
        last_name: user.last_name,
        user_type: user.user_type,
        grade: user.grade,
        school,
        permissions,
        must_set_password: false,
        key: Some(ActingKey { key: key.clone(), of_maker }),
    }))
}

/// A key is for another school than the one that its maker is at now.
#[derive(Debug, PartialEq, Eq)]
struct OtherSchool;

/// Returns the school that both are about, where `None` is the whole organisation.
fn narrowed(of_maker: Option<SchoolId>, of_key: Option<SchoolId>) -> Result<Option<SchoolId>, OtherSchool> {
    match (of_maker, of_key) {
        (Some(maker), Some(key)) if maker != key => Err(OtherSchool),
        (maker, key) => Ok(key.or(maker)),
    }
}

/// Returns what a key is for. Users, settings and passwords are for people.
fn of_key(key: &ApiKey) -> &'static [Permission] {
    if key.may_decide() {
        &[Permission::SeeUploads, Permission::Upload, Permission::Approve, Permission::ApproveOwn]
    } else {
        &[Permission::SeeUploads, Permission::Upload]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_made() {
        let fresh = FreshKey::new().expect("random bytes");
        let mut headers = HeaderMap::new();
        assert!(presented(&headers).is_none());
        headers.insert(API_KEY, fresh.text.parse().expect("a header"));
        let read = presented(&headers).expect("a key");
        assert_eq!((&read.id, digest(read.secret)), (&fresh.id, fresh.secret_digest.clone()));
        assert!(fresh.text.starts_with("rb_") && fresh.text.len() == 3 + 16 + 1 + 43, "{}", fresh.text.len());
        assert_ne!(FreshKey::new().expect("random bytes").text, fresh.text);
        for other in ["", "rb_", "Bearer x", "rb_0123456789abcdef"] {
            headers.insert(API_KEY, other.parse().expect("a header"));
            assert_eq!(presented(&headers).expect("something is presented").secret, "", "{other}");
        }
    }

    #[test]
    fn a_key_reaches_no_further_than_its_maker() {
        let school = |id: &str| Some(SchoolId(id.to_owned()));
        assert_eq!(narrowed(None, None), Ok(None));
        assert_eq!(narrowed(None, school("a")), Ok(school("a")));
        assert_eq!(narrowed(school("a"), None), Ok(school("a")));
        assert_eq!(narrowed(school("a"), school("a")), Ok(school("a")));
        assert_eq!(narrowed(school("a"), school("b")), Err(OtherSchool));
    }
}
