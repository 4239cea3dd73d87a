//! What a password must be that somebody chose: its user, the organisation, or whoever made a file.

use zxcvbn::{Score, zxcvbn};

use crate::model::{User, fold};

use super::valid::ValidRow;

/// How many characters a password has at least.
pub const LEAST_CHARS: usize = 8;
/// How many characters a password has at most.
pub const MOST_CHARS: usize = 128;

/// What is shorter stands in too many good passwords by chance, in characters.
const SHORTEST_NAME: usize = 3;

/// How many characters are looked at at once for how soon they would be guessed. Looking at many takes up to a second,
/// and what holds of a part holds of the whole. For 29 keys that lie side by side on a keypad zxcvbn counts further than
/// its numbers go.
const LOOKED_AT: usize = 24;

/// The rule that a password does not keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    #[error("The password is too short.")]
    TooShort,
    #[error("The password is too long.")]
    TooLong,
    #[error("The password has your name, your user name, your ID or your e-mail address in it.")]
    HasName,
    #[error("This password is one of the first that anybody would try.")]
    Guessable,
}

impl Weakness {
    /// Returns what to do about the weakness, for the one who chooses a password.
    pub fn hint(self) -> &'static str {
        match self {
            Weakness::TooShort => {
                "Take at least 8 characters. Three or four words that don't belong together are easy to remember."
            }
            Weakness::TooLong => "Take at most 128 characters.",
            Weakness::HasName => "Take one that nobody can tell who knows you.",
            Weakness::Guessable => {
                "Take one that is longer or less common, such as three or four words that don't belong together."
            }
        }
    }

    /// Returns what was expected of a password in a file.
    ///
    /// It says nothing of the password.
    pub fn expected(self) -> &'static str {
        match self {
            Weakness::TooShort => "At least 8 characters.",
            Weakness::TooLong => "At most 128 characters.",
            Weakness::HasName => "A password without the user's name, user name, ID or e-mail address in it.",
            Weakness::Guessable => "A password that is none of the first that anybody would try.",
        }
    }
}

/// What the user of a password is known by.
#[derive(Debug, Clone, Copy, Default)]
pub struct KnownBy<'a> {
    pub first_name: &'a str,
    pub middle_name: &'a str,
    pub last_name: &'a str,
    pub username: &'a str,
    pub custom_id: &'a str,
    pub email: &'a str,
}

impl<'a> From<&'a User> for KnownBy<'a> {
    fn from(user: &'a User) -> KnownBy<'a> {
        KnownBy {
            first_name: &user.first_name,
            middle_name: &user.middle_name,
            last_name: &user.last_name,
            username: &user.username,
            custom_id: user.custom_id.as_deref().unwrap_or_default(),
            email: &user.email,
        }
    }
}

impl<'a> From<&'a ValidRow> for KnownBy<'a> {
    fn from(row: &'a ValidRow) -> KnownBy<'a> {
        KnownBy {
            first_name: &row.first_name,
            middle_name: &row.middle_name,
            last_name: &row.last_name,
            username: row.username.as_deref().unwrap_or_default(),
            custom_id: &row.custom_id,
            email: &row.email,
        }
    }
}

/// Refuses a password that is too short or too long, or that somebody could guess.
///
/// It can be guessed if it has something in it by which its user is known, or is one of the first anybody would try.
/// Takes up to some milliseconds of computing.
///
/// The lists of common passwords, words and names, with their usual variations, are those of zxcvbn; what it takes to be
/// found within a million guesses is refused.
///
/// # Errors
///
/// The first rule that the password does not keep.
pub fn check(password: &str, user: KnownBy) -> Result<(), Weakness> {
    match password.chars().count() {
        ..LEAST_CHARS => Err(Weakness::TooShort),
        LEAST_CHARS..=MOST_CHARS if has_name(&fold(password), user) => Err(Weakness::HasName),
        LEAST_CHARS..=MOST_CHARS if is_guessable(password) => Err(Weakness::Guessable),
        LEAST_CHARS..=MOST_CHARS => Ok(()),
        _ => Err(Weakness::TooLong),
    }
}

/// Returns whether the folded password has one of the user's names in it, or a word of one.
fn has_name(password: &str, user: KnownBy) -> bool {
    let mail = user.email.split('@').next().unwrap_or_default();
    let names = [user.first_name, user.middle_name, user.last_name];
    let words = names.into_iter().flat_map(|name| name.split([' ', '-']));
    let whole = names.into_iter().chain([user.username, user.custom_id, mail]);
    let mut names = whole.chain(words).filter(|name| name.chars().count() >= SHORTEST_NAME);
    names.any(|name| password.contains(&fold(name)))
}

/// Returns whether both the first characters and the last ones are among the first guesses.
fn is_guessable(password: &str) -> bool {
    let characters: Vec<char> = password.chars().collect();
    let weak = |part: &[char]| zxcvbn(&part.iter().collect::<String>(), &[]).score() < Score::Two;
    let (first, last) = (&characters[..characters.len().min(LOOKED_AT)], characters.len().saturating_sub(LOOKED_AT));
    weak(first) && (last == 0 || weak(&characters[last..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ora() -> KnownBy<'static> {
        KnownBy {
            first_name: "Ora Lee",
            middle_name: "",
            last_name: "Müller-Xu",
            username: "okm77",
            custom_id: "0013001",
            email: "om@contoso.example",
        }
    }

    #[test]
    fn passwords_have_8_to_128_characters() {
        assert_eq!(check("tvö-7xk", ora()), Err(Weakness::TooShort));
        assert_eq!(check("tvö-7xkq", ora()), Ok(()));
        assert_eq!(check(&"garden 7 plum ".repeat(9), ora()), Ok(()), "126 characters");
        assert_eq!(check(&"x".repeat(129), ora()), Err(Weakness::TooLong));
    }

    #[test]
    fn common_passwords_and_their_usual_variations_are_refused() {
        let long = "a".repeat(128);
        for common in
            ["password", "12345678", "qwertyuiop", "P@ssw0rd", "sunshine1", "aaaaaaaa", "iloveyou", "letmein!", &long]
        {
            assert_eq!(check(common, ora()), Err(Weakness::Guessable), "{common}");
        }
        let end = format!("{}violet-tractor-9", "a".repeat(40));
        for good in ["correct horse battery", "violet-tractor-9", "Zaubertrank im Wald", &end] {
            assert_eq!(check(good, ora()), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_walk_over_the_keypad_is_looked_at_however_long_it_is() {
        for walk in ["1245", "7415963", "+-*/", ".0./", "qawsed"] {
            for chars in LEAST_CHARS..=MOST_CHARS {
                let password: String = walk.chars().cycle().take(chars).collect();
                assert_ne!(check(&password, ora()), Err(Weakness::TooLong), "{password}");
            }
        }
    }

    #[test]
    fn what_its_user_is_known_by_is_refused() {
        for named in
            ["ora-violet-tractor", "MÜLLER violet", "tractor OKM77 violet", "violet 0013001!", "xx lee tractor plum"]
        {
            assert_eq!(check(named, ora()), Err(Weakness::HasName), "{named}");
        }
        assert_eq!(check("xu violet tractor om", ora()), Ok(()), "too short to mean anybody");
        assert_eq!(check("ora-violet-tractor", KnownBy::default()), Ok(()));
    }
}
