//! What a password that somebody chooses must be.

use roster::User;
use roster::user::fold;
use zxcvbn::{Score, zxcvbn};

use crate::Failure;

/// Of a password, in characters.
const LEAST: usize = 8;
const MOST: usize = 128;

/// What is shorter stands in too many good passwords by chance, in characters.
const SHORTEST_NAME: usize = 3;

/// Refuses a password that is too short or too long, that is one of the first anybody would try, or that has something
/// in it by which its user is known. Takes milliseconds of computing.
///
/// The lists of common passwords, words and names, with their usual variations, are those of zxcvbn; what it takes to be
/// found within a million guesses is refused.
pub fn check(password: &str, user: Option<&User>) -> Result<(), Failure> {
    match password.chars().count() {
        ..LEAST => {
            return Err(Failure::Invalid(
                "The password is too short.",
                "Take at least 8 characters. Three or four words that don't belong together are easy to remember.",
            ));
        }
        LEAST..=MOST => {}
        _ => return Err(Failure::Invalid("The password is too long.", "Take at most 128 characters.")),
    }
    if user.is_some_and(|user| names_in(&fold(password), user)) {
        return Err(Failure::Invalid(
            "The password has your name, your user name, your ID or your e-mail address in it.",
            "Take one that nobody can tell who knows you.",
        ));
    }
    match zxcvbn(password, &[]).score() < Score::Two {
        true => Err(Failure::Invalid(
            "This password is one of the first that anybody would try.",
            "Take one that is longer or less common, such as three or four words that don't belong together.",
        )),
        false => Ok(()),
    }
}

/// Whether the folded password has one of the user's names in it, or a word of one.
fn names_in(password: &str, user: &User) -> bool {
    let mail = user.email.split('@').next().unwrap_or_default();
    let custom_id = user.custom_id.as_deref().unwrap_or_default();
    let whole = [&user.first_name, &user.middle_name, &user.last_name, &user.username, custom_id, mail];
    let words =
        [&user.first_name, &user.middle_name, &user.last_name].into_iter().flat_map(|name| name.split([' ', '-']));
    let mut names = whole.into_iter().chain(words).filter(|name| name.chars().count() >= SHORTEST_NAME);
    names.any(|name| password.contains(&fold(name)))
}

#[cfg(test)]
mod tests {
    use roster::{Grade, Guid, SchoolId, Status, UserType};

    use super::*;

    fn ora() -> User {
        User {
            guid: Guid(Default::default()),
            custom_id: Some("0013001".to_owned()),
            first_name: "Ora Lee".to_owned(),
            middle_name: String::new(),
            last_name: "Müller-Xu".to_owned(),
            email: "om@contoso.example".to_owned(),
            school: SchoolId("a".to_owned()),
            user_type: UserType::Student,
            position: String::new(),
            grade: Grade::G9,
            status: Status::Active,
            username: "okm77".to_owned(),
            version: 1,
            deleted_at: None,
            erase_at: None,
            roles: roster::Roles::default(),
            former_usernames: Vec::new(),
        }
    }

    fn said(password: &str) -> String {
        check(password, Some(&ora())).map_or_else(|refused| refused.to_string(), |()| "good".to_owned())
    }

    #[test]
    fn passwords_have_8_to_128_characters() {
        assert_eq!(said("tvö-7xk"), "The password is too short.");
        assert_eq!(said("tvö-7xkq"), "good");
        assert_eq!(said(&"garden 7 plum ".repeat(9)), "good", "126 characters");
        assert_eq!(said(&"x".repeat(129)), "The password is too long.");
    }

    #[test]
    fn common_passwords_and_their_usual_variations_are_refused() {
        for common in
            ["password", "12345678", "qwertyuiop", "P@ssw0rd", "sunshine1", "aaaaaaaa", "iloveyou", "letmein!"]
        {
            assert_eq!(said(common), "This password is one of the first that anybody would try.", "{common}");
        }
        for good in ["correct horse battery", "violet-tractor-9", "Zaubertrank im Wald"] {
            assert_eq!(said(good), "good", "{good}");
        }
    }

    #[test]
    fn what_its_user_is_known_by_is_refused() {
        for named in
            ["ora-violet-tractor", "MÜLLER violet", "tractor OKM77 violet", "violet 0013001!", "xx lee tractor plum"]
        {
            assert!(said(named).starts_with("The password has your name"), "{named}");
        }
        assert_eq!(said("xu violet tractor om"), "good", "too short to mean anybody");
        assert!(check("ora-violet-tractor", None).is_ok());
    }
}
