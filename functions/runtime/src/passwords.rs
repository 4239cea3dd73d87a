//! How passwords are hashed, and how one that is typed is verified.
//!
//! Both take up to tens of milliseconds of computing: call them where that blocks nobody.
//!
//! | password | Argon2id | why |
//! | --- | --- | --- |
//! | that a person chose, the default password | 19 MiB, 2 passes | what the OWASP Password Storage Cheat Sheet recommends at least: few passwords are ever chosen, and what protects one is that each guess is expensive |
//! | temporary, 12 characters, 59 bits | 256 KiB, 1 pass | at 2^58 guesses on average, a thousand machines that make a million guesses a second each need nine years for one of them |
//! | temporary, 4 words, 41 bits | 4 MiB, 1 pass | a graphics card that makes ten thousand guesses a second at the expensive hash makes some 170,000 at this one: with 2^40 guesses on average it needs 75 days for one password, which by then was used and replaced, or is about to expire |
//!
//! The expensive hash would stall what must not be stalled: a plan makes one for each new user. Measured on the two cores of
//! the development machine, busy with other work: 47 ms for a chosen one, 2.7 ms for words (0.058 of it), 0.18 ms for
//! characters (0.004 of it). For 100,000 new users that is an hour and 18 minutes, 4½ minutes, or 18 seconds; chunks of
//! 1,000 are carried out side by side, and no chunk takes longer than 3 seconds for them. `cargo local bench` measures it
//! anew.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use roster::{Guid, PasswordSource};

/// The hash with which a password is compared where there is no user: it takes as long as a real one and is never right.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$\
                       bm9ib2R5bm9ib2R5MTIzNA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The same with what temporary passwords cost.
const NOBODYS_WORDS: &str = "$argon2id$v=19$m=4096,t=1,p=1$\
                             bm9ib2R5bm9ib2R5MTIzNA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const NOBODYS_CHARACTERS: &str = "$argon2id$v=19$m=256,t=1,p=1$\
                                  bm9ib2R5bm9ib2R5MTIzNA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password with Argon2id (19 MiB, two passes, a random salt) into PHC format.
///
/// # Errors
///
/// [`HashError`] where the machine gives no random numbers, or has no memory left.
pub fn hash(password: &str) -> Result<String, HashError> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|e| HashError(e.to_string()))
}

/// Hashes a temporary password of 59 random bits with Argon2id of 256 KiB and one pass.
///
/// It is one of [`roster::temporary_password()`].
///
/// # Errors
///
/// [`HashError`] where the machine gives no random numbers, or has no memory left.
pub fn hash_characters(password: &str) -> Result<String, HashError> {
    hash_random(password, 256)
}

/// Hashes a temporary password of 41 random bits with Argon2id of 4 MiB and one pass.
///
/// It is one of [`roster::temporary_words`].
///
/// # Errors
///
/// [`HashError`] where the machine gives no random numbers, or has no memory left.
pub fn hash_words(password: &str) -> Result<String, HashError> {
    hash_random(password, 4 * 1024)
}

/// A random temporary password, and its hash.
///
/// Its `Debug` form shows neither.
pub struct Temporary {
    pub password: String,
    pub hash: String,
}

impl fmt::Debug for Temporary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Temporary(…)")
    }
}

/// Makes the random temporary password of a user; `None` where its source is not random.
///
/// # Errors
///
/// [`HashError`] where the machine gives no random numbers, or has no memory left.
pub fn temporary(source: PasswordSource, seed: &[u8; 32], guid: Guid) -> Result<Option<Temporary>, HashError> {
    let Some(password) = source.temporary_password(seed, guid) else { return Ok(None) };
    let hash = if source == PasswordSource::Words { hash_words(&password) } else { hash_characters(&password) };
    Ok(Some(Temporary { password, hash: hash? }))
}

/// A password can't be hashed: the machine gives no random numbers, or has no memory left.
#[derive(Debug, thiserror::Error)]
#[error("a password can't be hashed: {0}")]
pub struct HashError(String);

fn hash_random(password: &str, kib: u32) -> Result<String, HashError> {
    let parameters = Params::new(kib, 1, 1, None).map_err(|e| HashError(e.to_string()))?;
    let hashed = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters).hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|e| HashError(e.to_string()))
}

/// Returns whether `password` is the one of `hash`.
///
/// Takes the same time where there is no hash.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODYS));
    let right = parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    right && hash.is_some()
}

/// Verifies the password of somebody who signs in.
///
/// A wrong one takes equally long for chosen passwords, temporary ones and users who do not exist: it is compared with one
/// hash of every cost, so that nobody can tell by the time who exists.
pub fn verify_sign_in(password: &str, hash: Option<&str>) -> bool {
    let right = verify(password, hash);
    if !right {
        let own = parameters(hash.unwrap_or(NOBODYS));
        for nobodys in [NOBODYS, NOBODYS_WORDS, NOBODYS_CHARACTERS].into_iter().filter(|n| parameters(n) != own) {
            verify(password, Some(nobodys));
        }
    }
    right
}

/// Returns whether the hash is that of a random password, and not of one that somebody chose.
pub fn is_of_random(hash: &str) -> bool {
    parameters(hash) != parameters(NOBODYS)
}

/// Returns the part of a hash that says what computing it costs.
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
        let nobody = Guid(Default::default());
        for (source, cost) in [(PasswordSource::Temporary, "m=256,t=1,p=1"), (PasswordSource::Words, "m=4096,t=1,p=1")]
        {
            let Temporary { password, hash: hashed } = temporary(source, &[7; 32], nobody).unwrap().unwrap();
            assert_eq!(parameters(&hashed), Some(cost));
            for verify in [verify, verify_sign_in] {
                assert!(verify(&password, Some(&hashed)));
                assert!(!verify(&password[1..], Some(&hashed)));
            }
        }
        assert!(temporary(PasswordSource::Default, &[7; 32], nobody).unwrap().is_none());
    }

    #[test]
    fn nobodys_hash_costs_what_a_new_one_costs() {
        let hashed = [hash("x").unwrap(), hash_words("x").unwrap(), hash_characters("x").unwrap()];
        for (nobodys, hashed) in [NOBODYS, NOBODYS_WORDS, NOBODYS_CHARACTERS].into_iter().zip(hashed) {
            assert_eq!(parameters(nobodys), parameters(&hashed));
            assert!(PasswordHash::new(nobodys).is_ok() && !verify("x", Some(nobodys)));
            assert_eq!(nobodys.len(), hashed.len());
        }
    }
}
