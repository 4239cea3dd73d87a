//! Names of people, as far as they tell who somebody is.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use unicode_normalization::UnicodeNormalization;

use crate::model::User;

/// Returns the parts of a name in small Latin letters: `Núñez-Müller` is `nunez` and `muller`.
pub(crate) fn parts(name: &str) -> Vec<String> {
    if name.is_ascii() {
        let spoken = name.to_ascii_lowercase().replace(['\'', '`'], "");
        return spoken.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(latin).collect();
    }
    let composed: String = undone(name).nfkc().collect::<String>().to_lowercase();
    let spoken: String = composed.chars().filter(|c| !matches!(c, '\'' | '\u{2019}' | '`' | '\u{b4}')).collect();
    let words = spoken.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(latin).filter(|word| !word.is_empty()).collect()
}

/// Returns the parts of a whole name, sorted, so that their order and the columns that they stand in do not count;
/// empty where there is no name.
pub(crate) fn key(first: &str, last: &str) -> String {
    Name::new(first, last).key()
}

/// Returns a name whose UTF-8 was read as Windows-1252 as it was written: `José` where `JosÃ©` is written.
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

/// Returns a word in Latin letters; `ä`, `ae` and `a` are the same.
fn latin(word: &str) -> String {
    let plain: String = if word.is_ascii() {
        word.to_owned()
    } else {
        let letters: String = word.chars().filter_map(deunicode::deunicode_char).collect();
        letters.to_lowercase().split_whitespace().collect()
    };
    if plain.contains('e') { plain.replace("ae", "a").replace("oe", "o").replace("ue", "u") } else { plain }
}

/// Returns whether two whole names clearly are those of two people: no part of the one is a part of the other or short
/// for it, and first and last names are not both spelled alike. A marriage, a nickname, a middle name that is used or
/// left out, parts in another order, another spelling and another alphabet make no other person, nor does one of two
/// names that is missing.
pub(crate) fn differ(one: [&str; 3], other: [&str; 3]) -> bool {
    if one == other {
        return false;
    }
    let [one, other] = [one, other].map(|name| name.map(parts));
    let known = |name: &[Vec<String>; 3]| !name[0].is_empty() || !name[2].is_empty();
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
        (*a_column, *b_column) != (1, 1) && is_same(a, b, (*a_column, *b_column))
    };
    let spelled = |is_alike: fn(&str, &str) -> bool, column: usize| {
        let [a, b] = [&of_one, &of_other].map(|all| all.iter().filter(move |part| part.0 == column));
        a.clone().any(|a| b.clone().any(|b| is_alike(&a.1, &b.1)))
    };
    let one_person = of_one.iter().any(|a| of_other.iter().any(|b| same(a, b)));
    let likely = spelled(is_similar, FIRST) || spelled(is_similar, LAST);
    !(one_person || likely && spelled(is_remotely_similar, FIRST) && spelled(is_remotely_similar, LAST))
}

/// The places of first and last name among the three.
const FIRST: usize = 0;
const LAST: usize = 2;

/// Returns whether two names nearly are the same, as where a letter was lost.
pub(crate) fn nearly(one: (&str, &str), other: (&str, &str)) -> bool {
    let folded = |name: &str| latin(&undone(name).nfkc().collect::<String>().to_lowercase());
    let whole = |(first, last): (&str, &str)| format!("{} {}", folded(first), folded(last));
    let (one, other) = (whole(one), whole(other));
    let (length, other_length) = (one.chars().count(), other.chars().count());
    let most = if length > 8 { 2 } else { 1 };
    // Comparing takes as long as both lengths multiplied.
    length <= 64 && length.abs_diff(other_length) <= most && strsim::osa_distance(&one, &other) <= most
}

/// A first and a last name, taken apart to be compared with many.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    first: Vec<String>,
    last: Vec<String>,
}

impl Name {
    pub(crate) fn new(first: &str, last: &str) -> Name {
        Name { first: parts(first), last: parts(last) }
    }

    pub(crate) fn of(user: &User) -> Name {
        Name::new(&user.first_name, &user.last_name)
    }

    /// Returns whether the two may be those of one person: a part of the first names is alike, and one of the last
    /// names.
    pub(crate) fn resembles(&self, other: &Name) -> bool {
        let alike = |one: &[String], other: &[String], column: usize| {
            one.iter().any(|a| other.iter().any(|b| is_same(a, b, (column, column)) || is_similar(a, b)))
        };
        alike(&self.first, &other.first, FIRST) && alike(&self.last, &other.last, LAST)
    }

    /// Returns whether any part of the one is spelled about as one of the other.
    pub(crate) fn has_part_like(&self, other: &Name) -> bool {
        self.parts().any(|a| other.parts().any(|b| a == b || is_similar(a, b)))
    }

    /// Returns whether there is a name, and `is_among` holds of all its parts.
    pub(crate) fn is_within(&self, is_among: impl Fn(&String) -> bool) -> bool {
        self.parts().next().is_some() && self.parts().all(is_among)
    }

    pub(crate) fn has_part(&self, part: &String) -> bool {
        self.parts().any(|own| own == part)
    }

    /// Returns the name as [`key`] gives it.
    pub(crate) fn key(&self) -> String {
        let mut all: Vec<&str> = self.parts().map(String::as_str).collect();
        all.sort_unstable();
        all.join(" ")
    }

    fn parts(&self) -> impl Iterator<Item = &String> {
        self.first.iter().chain(&self.last)
    }
}

/// Returns whether two parts of names are spelled about the same, as where letters were lost.
pub(crate) fn is_similar(one: &str, other: &str) -> bool {
    let least = one.chars().count().min(other.chars().count());
    let likely = if least > 3 { LIKELY } else { MORE_LIKELY };
    least > 1 && strsim::jaro_winkler(one, other) >= likely
}

/// Returns whether two names are written in letters that can't be compared: an alphabet and, say, Chinese characters.
pub(crate) fn is_other_writing(one: &str, other: &str) -> bool {
    let sounds = |c: char| c.is_alphabetic() && (c as u32) < 0x590;
    let [one, other] = [one, other].map(|name| name.chars().filter(|c| c.is_alphabetic()).any(|c| !sounds(c)));
    one != other
}

fn is_remotely_similar(one: &str, other: &str) -> bool {
    strsim::jaro_winkler(one, other) >= REMOTE
}

/// Returns whether one part of a name stands for another one, given their columns: it is the same, a nickname, an
/// initial or the beginning of a first name. A last name that is the beginning of another one is another one.
fn is_same(one: &str, other: &str, columns: (usize, usize)) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let same_column = columns.0 == columns.1;
    match short.chars().count() {
        0 => false,
        1 => same_column && long.starts_with(short),
        _ if one == other || is_nickname(one, other) => true,
        _ => same_column && columns.0 != LAST && long.starts_with(short) && !is_other_sex(short, long),
    }
}

/// Returns whether the longer first name is the shorter one with the ending of the other sex: Daniel and Daniela.
fn is_other_sex(short: &str, long: &str) -> bool {
    matches!(&long[short.len()..], "a" | "e" | "o" | "ia" | "ine" | "ina" | "ette")
}

/// How similar two parts of names must be, by Jaro and Winkler, to be spelled alike; more so where one is short, so
/// that its few letters are found in many names.
const LIKELY: f64 = 0.85;
const MORE_LIKELY: f64 = 0.92;
const REMOTE: f64 = 0.7;

fn is_nickname(one: &str, other: &str) -> bool {
    NICKNAMES.iter().any(|names| names.contains(&one) && names.contains(&other))
}

/// Names that people call each other by which do not begin like the whole name. A name may stand in several lines.
const NICKNAMES: [&[&str]; 48] = [
    &["william", "bill", "billy", "will", "liam"],
    &["robert", "bob", "bobby", "rob"],
    &["richard", "dick", "rick", "ricky", "rich"],
    &["john", "jack", "johnny", "jon"],
    &["james", "jim", "jimmy", "jamie"],
    &["margaret", "peggy", "meg", "maggie", "greta", "daisy", "madge"],
    &["elizabeth", "liz", "beth", "betty", "lisa", "libby", "eliza", "bess", "elsie", "lizzie"],
    &["katherine", "catherine", "katharine", "catharine", "kathryn", "kate", "kitty", "cathy", "kathy", "katie", "kay"],
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
    &["isabella", "isabel", "isabelle", "bella", "belle", "izzy"],
    &["dominic", "dominik", "nico", "nick", "dom"],
    &["nicholas", "nicolas", "nikolas", "nick", "nicky", "nico", "klaus"],
    &["antonia", "toni", "tonia"],
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
    fn a_name_that_only_begins_like_another_is_another() {
        check(true, &[(["Wei", "", "Li"], ["Tom", "", "Lindqvist"]), (["Kim", "", "Park"], ["Dov", "", "Parker"])]);
        check(true, &[(["Leo", "", "Martin"], ["Rosa", "", "Martinez"]), (["Ana", "", "Ng"], ["Ben", "", "Nguyen"])]);
        check(true, &[(["Marie", "", "Dubois"], ["Mario", "", "Rossi"]), (["Jan", "", "Novák"], ["Jana", "", "Fir"])]);
        check(true, &[(["Daniel", "", "Fir"], ["Daniela", "", "Voss"])]);
        check(true, &[(["Christian", "", "Fir"], ["Christina", "", "Voss"])]);
        // One letter that was lost in each of the two makes no other person.
        check(false, &[(["Ora", "", "Klein"], ["Aura", "", "Kleine"])]);
        check(false, &[(["Olivia", "", "Hazel"], ["Olvia", "", "Hazl"]), (["Sam", "", "Fir"], ["Samuel", "", "Voss"])]);
        check(false, &[(["Bella", "", "Fir"], ["Isabella", "", "Voss"]), (["Dominic", "", "A"], ["Nico", "", "Voss"])]);
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
    fn a_person_of_one_name_is_somebody_else_where_nothing_is_alike() {
        check(true, &[(["Suharto", "", ""], ["Eli", "", "Fir"]), (["", "", "Suharto"], ["Eli", "", "Fir"])]);
        check(false, &[(["Suharto", "", ""], ["Suharto", "", "."]), (["", "", "Fir"], ["Eli", "", "Fir"])]);
        check(false, &[(["", "", ""], ["Eli", "", "Fir"]), (["", "", ""], ["", "", ""])]);
        let resemble =
            |(first, last), (other, other_last)| Name::new(first, last).resembles(&Name::new(other, other_last));
        assert!(resemble(("William", "Gorse"), ("Bill", "Gorse")) && resemble(("Fay Ida", "Gorse"), ("Fay", "Gorse")));
        assert!(!resemble(("Ana", "Gorse"), ("Gus", "Gorse")) && !resemble(("Fay", "Gorse"), ("Fay", "Voss")));
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
