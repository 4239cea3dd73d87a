//! Temporary passwords: of characters, or of words for those who have just learned to read.

use diceware_wordlists::EFF_SHORT_WORDLIST_1 as WORDS;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::ids::Guid;

/// Small letters and digits that nobody takes for one another: no `i`, `l`, `o`, `0`, `1`.
const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// The largest multiple of the alphabet's size that fits into a byte: bytes from there on are thrown away, so that
/// every character is equally likely.
const FAIR: u8 = (256 / ALPHABET.len() * ALPHABET.len()) as u8;
const GROUPS: usize = 3;
const GROUP: usize = 4;

/// Returns the temporary password of a user: three groups of four characters, like `abcd-efgh-jkmn`.
///
/// 12 characters out of 31 are 59 bits. The same seed and user give the same password, so whoever carries a plan
/// out may do so twice; without the seed (random for each upload, and gone at its end) nobody can tell it.
pub fn temporary_password(seed: &[u8; 32], guid: Guid) -> String {
    let mut characters = bytes(seed, b"temporary password", guid).filter(|&byte| byte < FAIR);
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

/// How many words a password of words has.
const WORD_COUNT: usize = 4;
/// The largest multiple of the list's size that fits into two bytes: what is larger is thrown away, so that every word
/// is equally likely.
const FAIR_PAIR: usize = (1 << 16) / WORDS.len() * WORDS.len();

/// Returns a temporary password of words, like `acid-poker-slush-tiger`.
///
/// It is for users who read words more easily than characters.
///
/// Four words out of the 1,296 of the first short list of the Electronic Frontier Foundation (short, common English
/// words; the EFF has left vulgar ones out, and none is left out here) are 41 bits. One of the words,
/// `yo-yo`, has a hyphen itself; every password still reads as one row of four words only. Depends on seed and user
/// like [`temporary_password`].
pub fn temporary_words(seed: &[u8; 32], guid: Guid) -> String {
    let mut bytes = bytes(seed, b"temporary words", guid);
    let mut number = move || usize::from(u16::from_be_bytes([0; 2].map(|_| bytes.next().expect("they never end"))));
    let mut words = Vec::with_capacity(WORD_COUNT);
    while words.len() < WORD_COUNT {
        let drawn = number();
        if drawn < FAIR_PAIR {
            words.push(WORDS[drawn % WORDS.len()]);
        }
    }
    words.join("-")
}

/// Returns bytes that nobody can tell without the seed, without end. They are different for each `purpose`.
fn bytes(seed: &[u8; 32], purpose: &'static [u8], guid: Guid) -> impl Iterator<Item = u8> {
    let seed = *seed;
    (0u32..).flat_map(move |n| block(&seed, purpose, guid, n))
}

/// Returns the temporary password that somebody may have meant who typed it from a slip.
///
/// Capitals, spaces and missing hyphens are forgiven, for none of them is part of one.
pub fn as_on_slip(typed: &str) -> String {
    let words: Vec<String> =
        typed.split(|c: char| c.is_whitespace() || c == '-').filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    match &words[..] {
        [all] if all.len() == GROUPS * GROUP && all.is_ascii() => {
            let groups: Vec<&str> = (0..GROUPS).map(|i| &all[i * GROUP..(i + 1) * GROUP]).collect();
            groups.join("-")
        }
        words => words.join("-"),
    }
}

fn block(seed: &[u8; 32], purpose: &[u8], guid: Guid, n: u32) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(seed).expect("HMAC takes keys of any length");
    mac.update(purpose);
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
    fn typing_from_a_slip_is_forgiven() {
        for typed in ["abcd-efgh-jkmn", " ABCD-efgh-JKMN ", "abcdefghjkmn", "abcd efgh jkmn", "ABCD - EFGH - JKMN"] {
            assert_eq!(as_on_slip(typed), "abcd-efgh-jkmn", "{typed}");
        }
        assert_eq!(as_on_slip("Acid poker-slush  tiger"), "acid-poker-slush-tiger");
        assert_eq!(as_on_slip("äbcdefghjkm"), "äbcdefghjkm");
    }

    #[test]
    fn reads_well() {
        let password = of(7, 7);
        let groups: Vec<&str> = password.split('-').collect();
        assert_eq!(groups.iter().map(|g| g.len()).collect::<Vec<_>>(), [4, 4, 4]);
        assert!(password.bytes().all(|b| b == b'-' || ALPHABET.contains(&b)));
    }

    #[test]
    fn stays_what_it_was() {
        // A plan that is carried out again, by a later release, gives the same passwords.
        assert_eq!(of(1, 1), "4bfv-28qm-hemg");
        assert_eq!(temporary_words(&[1; 32], Guid(Uuid::from_u128(1))), "roman-fact-bagel-lent");
    }

    #[test]
    fn words_are_four_of_the_list_and_each_about_equally_likely() {
        assert_eq!(WORDS.len(), 1296);
        assert!(WORDS.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
        let mut counts = BTreeMap::<String, u32>::new();
        let users = 40_000;
        let mut all = BTreeSet::new();
        for user in 0..users {
            let password = temporary_words(&[3; 32], Guid(Uuid::from_u128(user)));
            let words = password.replace("yo-yo", "yo+yo");
            assert_eq!(words.split('-').count(), WORD_COUNT, "{password}");
            words.split('-').for_each(|word| *counts.entry(word.replace('+', "-")).or_default() += 1);
            all.insert(password);
        }
        assert_eq!((counts.len(), all.len()), (WORDS.len(), users as usize));
        // Each is drawn 123 times on average, with a standard deviation of 11.
        assert!(counts.values().all(|n| (60..200).contains(n)), "{counts:?}");
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
