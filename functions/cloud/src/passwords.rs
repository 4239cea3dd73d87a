//! Passwords: how they are hashed, and how one that is typed is held against its hash.
//!
//! Both take tens of milliseconds of computing: call them where that blocks nobody.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use crate::Error;

/// What a password is held against where there is no user: takes as long as a real one and is never right.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$\
                       bm9ib2R5bm9ib2R5MTIzNA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password with Argon2id (19 MiB, two passes, a random salt) into PHC format.
pub fn hash(password: &str) -> Result<String, Error> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|e| Error::Password(e.to_string()))
}

/// Hashes a temporary password, one of 59 random bits that Rollbook made, with Argon2id of 256 KiB and one pass.
///
/// A password that a person chose is one of few, and what protects it is that each guess is dear. A random one is
/// protected by being random: at 2^58 guesses on average, a thousand machines that make a million guesses a
/// second each would need nine years for one of them. So this hash need not be dear, and it must not: a plan makes
/// one for each new user. Measured on one core of the development machine: 0.33 ms against 62 ms, which for
/// 100,000 new users is half a minute against an hour and three quarters.
pub fn hash_temporary(password: &str) -> Result<String, Error> {
    let parameters = Params::new(256, 1, 1, None).map_err(|e| Error::Password(e.to_string()))?;
    let hashed = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters).hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|e| Error::Password(e.to_string()))
}

/// Whether `password` is the one of `hash`. Takes the same time where there is no hash to hold it against.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODYS));
    let right = parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    right && hash.is_some()
}

/// Like [`verify`], for somebody who signs in: a wrong password takes as long against the cheap hash of a temporary
/// one as against any other or none, so that nobody can tell by the time who exists.
pub fn verify_sign_in(password: &str, hash: Option<&str>) -> bool {
    let right = verify(password, hash);
    if !right && hash.is_some_and(|hash| parameters(hash) != parameters(NOBODYS)) {
        verify(password, None);
    }
    right
}

/// The part of a hash that says what computing it costs.
fn parameters(hash: &str) -> Option<&str> {
    hash.split('$').nth(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_that_was_hashed_is_right() {
        let hashed = hash("correct horse").unwrap();
        assert!(verify("correct horse", Some(&hashed)));
        assert!(!verify("correct horsf", Some(&hashed)));
        assert!(!verify("", Some(&hashed)));
        assert!(!verify("correct horse", Some("not a hash")));
        assert!(!verify("correct horse", None));
    }

    #[test]
    fn a_temporary_password_is_verified_like_any_other() {
        let hashed = hash_temporary("abcd-efgh-jkmn").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=256,t=1,p=1$"));
        for verify in [verify, verify_sign_in] {
            assert!(verify("abcd-efgh-jkmn", Some(&hashed)));
            assert!(!verify("abcd-efgh-jkmm", Some(&hashed)));
        }
    }

    #[test]
    fn nobodys_hash_costs_what_a_new_one_costs() {
        let hashed = hash("correct horse").unwrap();
        assert_eq!(parameters(NOBODYS), parameters(&hashed));
        assert!(PasswordHash::new(NOBODYS).is_ok());
        assert_eq!(NOBODYS.len(), hashed.len());
    }
}
