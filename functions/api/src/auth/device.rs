//! Devices on which people have signed in before. What others do elsewhere never locks anybody out of their own.
//!
//! A device is known by a random ID in a cookie that is kept long, with a signature for each of the last users who signed
//! in on it. So it counts as known for these only, and nobody can make one up.

use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cookie::SameSite;
use hmac::{Hmac, KeyInit, Mac};
use roster::user::fold;
use sha2::Sha256;

use crate::app::App;
use crate::auth::cookies::CookieKind;
use crate::error::Failure;
use crate::random;

const COOKIE: CookieKind = CookieKind { name: "rollbook_device", same_site: SameSite::Strict };

/// The longest that browsers keep a cookie.
const LIFETIME: Duration = Duration::from_hours(400 * 24);

/// How many users a device is known for: those who signed in on it last.
const MOST_USERS: usize = 10;

/// How many bytes an ID and a signature have.
const BYTES: usize = 16;

/// What the cookie of a device says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    id: String,
    /// Of the users, the last one first.
    signatures: Vec<String>,
}

impl Device {
    /// Returns the device that the request comes from, if it says.
    pub fn read(app: &App, headers: &HeaderMap) -> Option<Device> {
        let mut parts = COOKIE.read(app, headers)?.split('.').map(str::to_owned);
        let id = parts.next().filter(|id| BASE64_URL_SAFE_NO_PAD.decode(id).is_ok_and(|bytes| bytes.len() == BYTES))?;
        Some(Device { id, signatures: parts.take(MOST_USERS).collect() })
    }

    /// Returns a device that nobody has signed in on.
    pub fn new() -> Result<Device, Failure> {
        let id = random::bytes::<BYTES>()?;
        Ok(Device { id: BASE64_URL_SAFE_NO_PAD.encode(id), signatures: Vec::new() })
    }

    /// Returns the ID of the device, if the user has signed in on it.
    pub fn known_to(&self, username: &str, key: &[u8; 32]) -> Option<&str> {
        let right = |signature: &String| {
            let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
            signature.len() == BYTES && self.mac(username, key).verify_truncated_left(&signature).is_ok()
        };
        self.signatures.iter().any(right).then_some(self.id.as_str())
    }

    /// Returns the header that has the browser remember it, with this user as the last one.
    pub fn remembering(self, app: &App, username: &str, key: &[u8; 32]) -> String {
        let own = BASE64_URL_SAFE_NO_PAD.encode(&self.mac(username, key).finalize().into_bytes()[..BYTES]);
        let others = self.signatures.iter().filter(|signature| **signature != own).take(MOST_USERS - 1);
        let parts: Vec<&str> = [&self.id, &own].into_iter().chain(others).map(String::as_str).collect();
        COOKIE.set(app, &parts.join("."), LIFETIME)
    }

    fn mac(&self, username: &str, key: &[u8; 32]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.update(self.id.as_bytes());
        mac.update(b"\0");
        mac.update(fold(username).as_bytes());
        mac
    }
}

/// Returns the organisation's key.
pub async fn key(app: &App) -> Result<[u8; 32], Failure> {
    Ok(app.cloud.device_key_get(random::bytes()?).await?)
}
