//! Temporary passwords.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Guid;

/// Small letters and digits that nobody takes for one another: no `i`, `l`, `o`, `0`, `1`.
const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// The largest multiple of the alphabet's size that fits into a byte: bytes from there on are thrown away, so that
/// every character is equally likely.
const FAIR: u8 = (256 / ALPHABET.len() * ALPHABET.len()) as u8;
const GROUPS: usize = 3;
const GROUP: usize = 4;

/// The temporary password of a user: three groups of four characters, like `abcd-efgh-jkmn`.
///
/// 12 characters out of 31 are 59 bits. The same seed and user give the same password, so whoever carries a plan
/// out may do so twice; without the seed (random for each upload, and gone at its end) nobody can tell it.
pub fn temporary_password(seed: &[u8; 32], guid: Guid) -> String {
    let mut characters = (0u32..).flat_map(|n| block(seed, guid, n)).filter(|&byte| byte < FAIR);
    let mut password = String::with_capacity(GROUPS * (GROUP + 1));
    for i in 0..GROUPS * GROUP {
        if i > 0 && i % GROUP == 0 {
            password.push('-');
        }
        let byte = characters.next().expect("the blocks never end");
        password.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
    }
    password
}

fn block(seed: &[u8; 32], guid: Guid, n: u32) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(seed).expect("HMAC takes keys of any length");
    mac.update(b"temporary password");
    mac.update(guid.0.as_bytes());
    mac.update(&n.to_be_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use uuid::Uuid;

    use super::*;

    fn of(seed: u8, user: u128) -> String {
        temporary_password(&[seed; 32], Guid(Uuid::from_u128(user)))
    }

    #[test]
    fn is_the_same_for_the_same_seed_and_user_and_for_no_other() {
        assert_eq!(of(1, 1), of(1, 1));
        let all: BTreeSet<String> = (0..1000).flat_map(|user| [of(1, user), of(2, user)]).collect();
        assert_eq!(all.len(), 2000);
    }

    #[test]
    fn reads_well() {
        let password = of(7, 7);
        let groups: Vec<&str> = password.split('-').collect();
        assert_eq!(groups.iter().map(|g| g.len()).collect::<Vec<_>>(), [4, 4, 4]);
        assert!(password.bytes().all(|b| b == b'-' || ALPHABET.contains(&b)));
    }

    #[test]
    fn uses_every_character_about_equally() {
        let mut counts = BTreeMap::<char, u32>::new();
        for user in 0..5_000 {
            of(3, user).chars().filter(|c| *c != '-').for_each(|c| *counts.entry(c).or_default() += 1);
        }
        assert_eq!(counts.len(), ALPHABET.len());
        let fair = 5_000 * 12 / ALPHABET.len() as u32;
        assert!(counts.values().all(|n| n.abs_diff(fair) < fair / 5), "{counts:?}");
    }
}
