//! Capital letters where small ones belong.
//!
//! An old encoding that is read as another one makes capitals of small letters (`Léa` becomes `LŽa`), and a program that
//! knows ASCII only leaves them when it makes small letters of capitals (`JOSÉ` becomes `JosÉ`).

/// What families write in front of a name, together with it, so that a capital follows.
const FRONTS: [&str; 30] = [
    "Mc", "Mac", "Mag", "De", "Des", "Del", "Della", "Di", "Da", "Do", "Du", "Le", "La", "Las", "Los", "Lo", "Van",
    "Von", "Vande", "Vander", "Ver", "Fitz", "Al", "El", "Abd", "Abu", "Ibn", "Ben", "San", "Saint",
];

/// Returns whether a capital that is not ASCII stands among the small letters of a word.
pub(super) fn is_odd(word: &str) -> bool {
    if word.is_ascii() || !word.contains(char::is_lowercase) || !word.starts_with(char::is_uppercase) {
        // In Irish a small letter stands before the capital: hÓgáin.
        return false;
    }
    let within = word.char_indices().skip(1).filter(|(_, c)| c.is_uppercase() && is_accented(*c));
    within.into_iter().any(|(at, c)| {
        let (front, back) = (&word[..at], &word[at + c.len_utf8()..]);
        if front.ends_with(char::is_lowercase) {
            !is_front(front, back)
        } else {
            let second = front.chars().count() == 1 && back.starts_with(char::is_lowercase);
            second && !goes_before(front, c, back)
        }
    })
}

/// Returns whether an old Macintosh wrote the apostrophe: `OÕBrien`.
pub(super) fn is_apostrophe(word: &str) -> bool {
    let mut letters = word.chars();
    let starts = letters.next().is_some_and(char::is_uppercase)
        && letters.next() == Some('Õ')
        && letters.next().is_some_and(char::is_uppercase);
    starts && letters.as_str().starts_with(char::is_lowercase)
}

/// Returns whether a character is a letter of the Latin alphabet beyond ASCII.
fn is_accented(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// Returns whether a name of its own begins behind what families write in front, or behind another long name.
fn is_front(front: &str, back: &str) -> bool {
    const LONG: usize = 5;
    let small = |fewest: usize| back.chars().take_while(|c| c.is_lowercase()).count() >= fewest;
    (FRONTS.contains(&front) && small(2)) || (front.chars().count() >= LONG && small(LONG - 1))
}

/// Returns whether a capital can stand before another one: two that are one letter in the languages of former
/// Yugoslavia, the Ó of Irish families, and D’ or L’ without the apostrophe.
fn goes_before(front: &str, c: char, back: &str) -> bool {
    let long = back.chars().count() > 3;
    match front {
        "D" if matches!(c, 'Ž' | 'Ź' | 'Ż') => true,
        "D" | "L" => long && "ÀÁÂÈÉÊÍÎÓÔÚ".contains(c),
        "Ó" | "O" => long,
        _ => false,
    }
}
