//! Names of people, as far as they tell who somebody is.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use unicode_normalization::UnicodeNormalization;

/// The parts of a name in small Latin letters: `Núñez-Müller` is `nunez` and `muller`.
pub(crate) fn parts(name: &str) -> Vec<String> {
    let composed: String = undone(name).nfkc().collect::<String>().to_lowercase();
    let spoken: String = composed.chars().filter(|c| !matches!(c, '\'' | '\u{2019}' | '`' | '\u{b4}')).collect();
    let words = spoken.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(latin).filter(|word| !word.is_empty()).collect()
}

/// The parts of a whole name, sorted, so that their order and the columns that they stand in do not count; empty where
/// there is no name.
pub(crate) fn key(first: &str, last: &str) -> String {
    let mut all = [parts(first), parts(last)].concat();
    all.sort_unstable();
    all.join(" ")
}

/// UTF-8 that was read as Windows-1252, as what it was: `José` where `JosÃ©` is written.
fn undone(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    let (bytes, _, other_letters) = WINDOWS_1252.encode(name);
    match String::from_utf8(bytes.into_owned()) {
        Ok(meant) if !other_letters => Cow::Owned(meant),
        _ => Cow::Borrowed(name),
    }
}

/// In Latin letters; `ä`, `ae` and `a` are the same.
fn latin(word: &str) -> String {
    let plain: String = if word.is_ascii() {
        word.to_owned()
    } else {
        let letters: String = word.chars().filter_map(deunicode::deunicode_char).collect();
        letters.to_lowercase().split_whitespace().collect()
    };
    plain.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

/// Whether two whole names clearly are those of two people: first and last names both differ, and no part of the one is
/// a part of the other, or nearly so. A marriage, a nickname, a middle name that is used or left out, parts in another
/// order, another spelling and another alphabet make no other person, nor does a name that is missing.
pub(crate) fn differ(one: [&str; 3], other: [&str; 3]) -> bool {
    let [one, other] = [one, other].map(|name| name.map(parts));
    let known = |name: &[Vec<String>; 3]| !name[0].is_empty() && !name[2].is_empty();
    if !known(&one) || !known(&other) {
        return false;
    }
    let all = |name: &[Vec<String>; 3]| -> Vec<(usize, String)> {
        name.iter().enumerate().flat_map(|(column, parts)| parts.iter().map(move |p| (column, p.clone()))).collect()
    };
    let joined = |name: &[Vec<String>; 3], column: usize| (column, name[column].concat());
    let [of_one, of_other] = [&one, &other].map(|name| {
        let mut all = all(name);
        all.extend([joined(name, 0), joined(name, 2)]);
        all
    });
    // Middle names alone make nobody the same.
    let same = |(a_column, a): &(usize, String), (b_column, b): &(usize, String)| {
        (*a_column, *b_column) != (1, 1) && alike(a, b, a_column == b_column)
    };
    !of_one.iter().any(|a| of_other.iter().any(|b| same(a, b)))
}

/// Whether two names nearly are the same, as where a letter was lost.
pub(crate) fn nearly(one: (&str, &str), other: (&str, &str)) -> bool {
    let folded = |name: &str| latin(&undone(name).nfkc().collect::<String>().to_lowercase());
    let whole = |(first, last): (&str, &str)| format!("{} {}", folded(first), folded(last));
    let (one, other) = (whole(one), whole(other));
    let (length, other_length) = (one.chars().count(), other.chars().count());
    let most = if length > 8 { 2 } else { 1 };
    // Comparing takes as long as both lengths multiplied.
    length <= 64 && length.abs_diff(other_length) <= most && strsim::osa_distance(&one, &other) <= most
}

/// Whether two names are written in letters that can't be compared: an alphabet and, say, Chinese characters.
pub(crate) fn is_other_writing(one: &str, other: &str) -> bool {
    let sounds = |c: char| c.is_alphabetic() && (c as u32) < 0x590;
    let [one, other] = [one, other].map(|name| name.chars().filter(|c| c.is_alphabetic()).any(|c| !sounds(c)));
    one != other
}

/// Whether one part of a name may stand for another one.
fn alike(one: &str, other: &str, same_column: bool) -> bool {
    let least = one.chars().count().min(other.chars().count());
    let likely = if same_column && least > 3 { LIKELY } else { MORE_LIKELY };
    let short = |a: &str, b: &str| a.chars().count() <= 3 && b.starts_with(a) && same_column;
    match least {
        0 => false,
        1 => same_column && (one.starts_with(other) || other.starts_with(one)),
        _ => {
            one == other
                || short(one, other)
                || short(other, one)
                || (least > 3 && (one.starts_with(other) || other.starts_with(one)))
                || strsim::jaro_winkler(one, other) >= likely
                || is_nickname(one, other)
        }
    }
}

/// How similar two parts of names must be, by Jaro and Winkler, to stand for each other: in the same column, and
/// elsewhere or where one is short, so that its few letters are found in many names.
const LIKELY: f64 = 0.85;
const MORE_LIKELY: f64 = 0.92;

fn is_nickname(one: &str, other: &str) -> bool {
    NICKNAMES.iter().any(|names| names.contains(&one) && names.contains(&other))
}

/// Names that people call each other by which do not begin like the whole name. A name may stand in several lines.
const NICKNAMES: [&[&str]; 44] = [
    &["william", "bill", "billy", "will", "liam"],
    &["robert", "bob", "bobby", "rob"],
    &["richard", "dick", "rick", "ricky", "rich"],
    &["john", "jack", "johnny", "jon"],
    &["james", "jim", "jimmy", "jamie"],
    &["margaret", "peggy", "meg", "maggie", "greta", "daisy", "madge"],
    &["elizabeth", "liz", "beth", "betty", "lisa", "libby", "eliza", "bess", "elsie", "lizzie"],
    &["katherine", "catherine", "kathryn", "kate", "kitty", "cathy", "kathy", "katie", "kay"],
    &["mary", "molly", "polly", "mamie", "maria", "marie"],
    &["edward", "ed", "ted", "teddy", "ned", "eddie"],
    &["theodore", "ted", "teddy", "theo"],
    &["henry", "harry", "hank", "hal"],
    &["charles", "chuck", "charlie", "chas"],
    &["thomas", "tom", "tommy"],
    &["sarah", "sally", "sadie"],
    &["ann", "anna", "anne", "nancy", "nan", "annie"],
    &["dorothy", "dot", "dolly", "dottie"],
    &["martha", "patty", "matty"],
    &["patricia", "pat", "patty", "tricia", "trish"],
    &["helen", "nell", "nellie", "ellen"],
    &["eleanor", "nell", "nora", "ellie", "lenora"],
    &["susan", "sue", "susie"],
    &["christopher", "kit", "chris", "topher"],
    &["christine", "christina", "tina", "kristin", "chris", "kirsten"],
    &["alexander", "sandy", "alex", "sasha", "xander", "alec"],
    &["alexandra", "sandra", "sandy", "sasha", "alex", "lexi"],
    &["anthony", "tony", "antonio", "toni"],
    &["michael", "mike", "mick", "mickey", "misha"],
    &["joseph", "joe", "jose", "pepe", "sepp", "giuseppe"],
    &["francis", "francisco", "frank", "paco", "pancho", "franz"],
    &["ignacio", "nacho"],
    &["jesus", "chuy"],
    &["guadalupe", "lupe", "lupita"],
    &["lawrence", "larry", "laurence"],
    &["gerald", "jerry", "gerard", "gerry"],
    &["stephen", "steven", "steve", "stefan"],
    &["andrew", "drew", "andy"],
    &["virginia", "ginny", "ginger"],
    &["rebecca", "becky", "becca"],
    &["abigail", "gail", "abby"],
    &["matilda", "tilly", "maud"],
    &["johannes", "hans", "johann", "jan"],
    &["vladimir", "vova", "volodya"],
    &["yevgeny", "evgeny", "zhenya", "eugene", "gene"],
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(differs: bool, pairs: &[([&str; 3], [&str; 3])]) {
        for (one, other) in pairs {
            assert_eq!(differ(*one, *other), differs, "{one:?} and {other:?}");
            assert_eq!(differ(*other, *one), differs, "{other:?} and {one:?}");
        }
    }

    #[test]
    fn knows_two_people() {
        check(true, &[(["Eli", "", "Fir"], ["Lionel", "", "Voss"]), (["Ana", "", "Ash"], ["Gus", "", "Hazel"])]);
        check(
            true,
            &[(["Konrad", "", "Weiss"], ["Ora", "Christopher", "Klein"]), (["Maria", "", "Gil"], ["Mark", "", "Chen"])],
        );
        check(true, &[(["Emma", "Louise", "Baker"], ["Noah", "James", "Whitfield"])]);
        check(true, &[(["Иван", "", "Петров"], ["Olga", "", "Sokolova"]), (["Wei", "", "Chen"], ["Ida", "", "Null"])]);
        check(true, &[(["José", "", "Núñez"], ["Karl", "", "Öberg"]), (["Tom", "A", "Dale"], ["Ria", "A", "Thorn"])]);
    }

    #[test]
    fn knows_one_person() {
        // A marriage, a nickname, a middle name, another order.
        check(false, &[(["Ana", "", "Ash"], ["Ana", "", "Birch"]), (["Bill", "", "Fir"], ["William", "", "Voss"])]);
        check(false, &[(["Alex", "", "Fir"], ["Alexandra", "", "Voss"]), (["Fay", "Ida", "Fir"], ["Ida", "", "Voss"])]);
        check(false, &[(["Fir", "", "Eli"], ["Eli", "", "Fir"]), (["Ana Maria", "", "Ruiz"], ["Maria", "", "Gil"])]);
        check(false, &[(["Zoe", "", "Smith-Jones"], ["Z.", "", "Jones"]), (["E", "", "Fir"], ["Eli", "", "Voss"])]);
        check(false, &[(["Mary Ann", "", "van der Berg"], ["Maryann", "", "Vanderberg"])]);
        // Another spelling or alphabet, and a name that is not there.
        check(
            false,
            &[(["Jörg", "", "Müller"], ["Joerg", "", "Mueller"]), (["Иван", "", "Петров"], ["Ivan", "", "P"])],
        );
        check(false, &[(["Katherine", "", "Fir"], ["Catharine", "", "Voss"]), (["", "", ""], ["Eli", "", "Fir"])]);
        check(false, &[(["Siân", "", "O'Neil"], ["Sian", "", "ONeill"])]);
    }

    #[test]
    fn a_key_is_the_same_for_one_name() {
        assert_eq!(key("José", "Núñez-Müller"), "jose muller nunez");
        assert_eq!(key("MUELLER", "Jose\u{301} Nunez"), key("José", "Núñez-Müller"));
        assert_eq!(key("JosÃ©", "NÃºÃ±ez"), key("José", "Núñez"));
        assert_eq!(key("Ｊｏｓｅ", "O’Neil"), key("jose", "ONeil"));
        assert!(nearly(("G?s", "Hazel"), ("Gus", "Hazel")) && !nearly(("Ana", "Ash"), ("Gus", "Ash")));
        assert!(is_other_writing("田中", "Tanaka") && !is_other_writing("Иван", "Ivan"));
    }
}
