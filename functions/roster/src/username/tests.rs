//! What the rule makes of people.

use crate::model::User;
use crate::settings::accounts::{ClashRule, Umlauts, UsernameMethod, UsernameRule};
use crate::testing::{NOW, schools, users};

use super::{Maker, NameSource, Numbers, RuleError, Template, end_of_school_year, examples};

fn rule(method: UsernameMethod) -> UsernameRule {
    UsernameRule { method, ..UsernameRule::default() }
}

fn template(template: &str) -> UsernameRule {
    UsernameRule { template: template.to_owned(), ..rule(UsernameMethod::Template) }
}

/// Returns the name without a number that the rule makes of a user, and `-` where it makes none.
fn made(rule: &UsernameRule, user: &str) -> String {
    let (users, schools) = (users(&[user]), schools());
    let maker = Maker::new(rule, &schools, NOW);
    maker.core(&NameSource::of_user(&users[0])).and_then(|core| maker.bare(&core)).unwrap_or_else(|| "-".to_owned())
}

const ANN: &str = "first_name=Ann|middle_name=Mia|last_name=Smith|custom_id=00AB7|email=Ann.S@x.example|grade=9";

#[test]
fn every_method() {
    use UsernameMethod::*;
    let check = |method, expected: &str| assert_eq!(made(&rule(method), ANN), expected, "{method:?}");
    check(CustomId, "00AB7");
    check(Email, "ann.s@x.example");
    check(EmailName, "ann.s");
    check(InitialLast, "asmith");
    check(FirstInitial, "anns");
    check(FirstDotLast, "ann.smith");
    check(LastInitial, "smitha");
    check(Column, "-");
    check(Template, "-");
}

#[test]
fn templates() {
    let check = |text: &str, expected: &str| assert_eq!(made(&template(text), ANN), expected, "{text}");
    check("{first:1}{last}", "asmith");
    check("{first:1}{middle:1}{last:-3}", "amith");
    check("{last:6}{year}", "smith2030");
    check("{last}{year:-2}", "smith30");
    check("s-{custom_id:-2}_{grade}", "s-b7_9");
    check("{school}.{type:1}.{email_name}", "10.s.ann.s");
    check("{email}", "ann.s@x.example");
    check("{first}@school.example", "ann@school.example");
    check("{ first : 1 }x", "ax");
}

#[test]
fn what_a_person_does_not_have_is_left_out() {
    let check = |text: &str, user: &str, expected: &str| assert_eq!(made(&template(text), user), expected, "{user}");
    let teacher = "first_name=Ann|last_name=Smith|user_type=Teacher|grade=9";
    check("{last}{year}", teacher, "smith");
    check("{last}{grade}", teacher, "smith");
    check("{last}{year}", "last_name=Smith|grade=Other", "smith");
    check("{last}{grade}", "last_name=Smith", "smith");
    check("{last}{year}", "last_name=Smith|grade=K", "smith2039");
    check("{last}{year}", "last_name=Smith|grade=PreK", "smith2040");
    check("{last}{year}", "last_name=Smith|grade=12", "smith2027");
    // A name of nothing but the text around is nobody's.
    check("x{middle}", "last_name=Smith", "-");
    assert_eq!(made(&rule(UsernameMethod::EmailName), "email="), "-");
    assert_eq!(made(&rule(UsernameMethod::FirstDotLast), "first_name=Ann|last_name=!!!"), "ann");
    assert_eq!(made(&rule(UsernameMethod::FirstDotLast), "first_name=…|last_name=-"), "-");
}

#[test]
fn names_in_other_letters() {
    let check = |first: &str, last: &str, two: &str, one: &str| {
        for (umlauts, expected) in [(Umlauts::TwoLetters, two), (Umlauts::OneLetter, one)] {
            let rule = UsernameRule { umlauts, ..rule(UsernameMethod::FirstDotLast) };
            assert_eq!(made(&rule, &format!("first_name={first}|last_name={last}")), expected);
        }
    };
    check("Jürgen", "Müller", "juergen.mueller", "jurgen.muller");
    check("Ju\u{308}rgen", "Mu\u{308}ller", "juergen.mueller", "jurgen.muller");
    check("Øyvind", "Åse", "oeyvind.aase", "oyvind.ase");
    check("Ægir", "Groß", "aegir.gross", "aegir.gross");
    check("Zoë", "Łukasiewicz", "zoe.lukasiewicz", "zoe.lukasiewicz");
    check("Seán", "O'Brien-Ó Néill", "sean.obrien-oneill", "sean.obrien-oneill");
    check("Sean", "O’Brien", "sean.obrien", "sean.obrien");
    check("Иван", "Щукин", "ivan.shchukin", "ivan.shchukin");
    check("Γιώργος", "Νικολάου", "giorgos.nikolaou", "giorgos.nikolaou");
    check("伟", "王", "wei.wang", "wei.wang");
    check("Nguyễn", "Đặng", "nguyen.dang", "nguyen.dang");
    check("J. R.", "Smith, Jr.", "j.r.smithjr", "j.r.smithjr");
    // An initial is taken of what is written, not of what it is written for.
    assert_eq!(made(&rule(UsernameMethod::InitialLast), "first_name=Ægir|last_name=Щукин"), "ashchukin");
}

#[test]
fn letters_before_and_after_and_in_between() {
    let rule = |edit: fn(&mut UsernameRule)| {
        let mut rule = rule(UsernameMethod::InitialLast);
        edit(&mut rule);
        rule
    };
    let upper = rule(|r| (r.lower_case, r.prepend) = (false, "S-".to_owned()));
    assert_eq!(made(&upper, "first_name=ann|last_name=McKay"), "S-aMcKay");
    let domain = rule(|r| r.append = "@x.example".to_owned());
    assert_eq!(made(&domain, ANN), "asmith@x.example");
    let long = format!("first_name=Ann|last_name={}", "x".repeat(80));
    let short = rule(|r| (r.append, r.max_chars) = ("@x.example".to_owned(), 20));
    assert_eq!(made(&short, &long), "axxxxxxxxx@x.example");
    let id = UsernameRule { prepend: "s".to_owned(), ..UsernameRule::default() };
    assert_eq!(made(&id, "custom_id=Ä 7"), "sÄ 7", "a custom ID is taken as it stands");
}

#[test]
fn numbers_stand_between_the_name_and_what_is_appended() {
    let mut rule = rule(UsernameMethod::InitialLast);
    (rule.append, rule.max_chars, rule.clash) = ("-x".to_owned(), 9, ClashRule { start: 7, min_digits: 2 });
    let schools = schools();
    let maker = Maker::new(&rule, &schools, NOW);
    assert_eq!(maker.bare("asmith").as_deref(), Some("asmith-x"));
    assert_eq!(maker.numbered("asmith", 7).as_deref(), Some("asmit07-x"));
    assert_eq!(maker.numbered("asmith", 12345).as_deref(), Some("as12345-x"));
    assert_eq!(maker.numbered("asmith", 12_345_678), None);
    let mut numbers = Numbers::default();
    let mut next = |taken: &str| numbers.first_free(&maker, "asmith", |name| !taken.contains(name)).unwrap();
    assert_eq!(next("asmit07-x asmit08-x"), "asmit09-x");
    assert_eq!(next(""), "asmit10-x");
    for given in ["asmith-x", "ASMITH-x", "asmit07-x", "asmit99-x", "asmi100-x"] {
        assert!(maker.could_have_given(given, "asmith"), "{given}");
    }
    for other in ["asmit06-x", "asmit7-x", "asmith07-x", "asmith", "bsmith-x", "asmit007-x", "äsmith-x"] {
        assert!(!maker.could_have_given(other, "asmith"), "{other}");
    }
    let digits = UsernameRule::default();
    let maker = Maker::new(&digits, &schools, NOW);
    assert!(maker.could_have_given("123", "123") && maker.could_have_given("1232", "123"));
    assert!(maker.could_have_given("1223", "12"), "12 with the number 23");
    assert!(!maker.could_have_given("121", "12") && !maker.could_have_given("1202", "12"));
}

#[test]
fn long_names_that_a_number_makes_the_same_share_its_numbers() {
    let mut rule = rule(UsernameMethod::InitialLast);
    (rule.max_chars, rule.clash) = (9, ClashRule { start: 8, min_digits: 1 });
    let schools = schools();
    let maker = Maker::new(&rule, &schools, NOW);
    let (mut numbers, mut given, mut tried) = (Numbers::default(), Vec::new(), 0);
    for core in ["asmithson-a", "asmithsox", "asmithson", "asmithsoy", "bsmith", "asmithsoz"] {
        let mut is_free = |name: &str| {
            tried += 1;
            !given.contains(&name.to_owned())
        };
        let name = numbers.first_free(&maker, core, &mut is_free).unwrap();
        given.push(name);
    }
    assert_eq!(given, ["asmithso8", "asmithso9", "asmiths10", "asmiths11", "bsmith8", "asmiths12"]);
    assert_eq!(tried, given.len(), "no name is tried twice");
}

#[test]
fn the_school_year_begins_in_july() {
    let year = |text: &str| {
        let format = time::Date::from_calendar_date;
        let [year, month, day]: [i32; 3] =
            text.split('-').map(|n| n.parse().unwrap()).collect::<Vec<_>>().try_into().unwrap();
        let date = format(year, time::Month::try_from(month as u8).unwrap(), day as u8).unwrap();
        end_of_school_year(date.midnight().assume_utc().unix_timestamp() as u64 * 1000)
    };
    assert_eq!(["2026-06-30", "2026-07-01", "2027-01-01"].map(year), [2026, 2027, 2027]);
}

#[test]
fn what_is_wrong_with_a_template() {
    let check = |text: &str, message: &str| {
        let error = Template::parse(text).expect_err(text);
        assert_eq!(error.to_string(), message, "{text}");
    };
    let all =
        "there are {first}, {middle}, {last}, {email}, {email_name}, {custom_id}, {grade}, {school}, {type}, {year}";
    check(" ", "the template is empty: write one such as {first:1}{last}");
    check("student", &format!("the template has no field, so that everybody would get the same name: {all}"));
    check("{frist}{last}", "{frist} is not a field: {first} may be meant");
    check("{Last}", "{Last} is not a field: {last} may be meant");
    check("{first_name}", "{first_name} is not a field: {first} may be meant");
    check("{customid}", "{customid} is not a field: {custom_id} may be meant");
    check("{shoe size}", &format!("{{shoe size}} is not a field: {all}"));
    check("{}", &format!("{{}} is not a field: {all}"));
    check("{first:1{last}", "the brace before “first:1{last}” is never closed: write a field like {last}");
    check("{last", "the brace before “last” is never closed: write a field like {last}");
    check("last}", "a brace is closed that was never opened: write a field like {last}");
    for number in ["0", "x", "", "+1", "65", "-", "--1", "1.5"] {
        let wrong = "takes no number of characters: write 1 to 64 after the colon, -4 for the last four";
        check(&format!("{{last:{number}}}"), &format!("{{last:{number}}} {wrong}"));
    }
    let forbidden = "can't be in a user name: use letters from a to z, digits and . - _ @ beside the fields";
    check("{first} {last}", &format!("“ ” {forbidden}"));
    check("ä{last}", &format!("“ä” {forbidden}"));
}

#[test]
fn what_is_wrong_with_a_rule() {
    let check = |edit: fn(&mut UsernameRule), expected: Result<(), RuleError>| {
        let mut rule = UsernameRule::default();
        edit(&mut rule);
        assert_eq!(rule.check(), expected, "{rule:?}");
    };
    check(|_| (), Ok(()));
    check(|r| r.template = "{".to_owned(), Ok(()));
    check(|r| r.method = UsernameMethod::Template, Err(RuleError::Template(super::TemplateError::Empty)));
    check(|r| r.prepend = "s ".to_owned(), Err(RuleError::Forbidden(' ')));
    check(|r| r.append = "ü".to_owned(), Err(RuleError::Forbidden('ü')));
    check(|r| r.append = "@x.example".to_owned(), Ok(()));
    check(|r| r.max_chars = 65, Err(RuleError::TooLong));
    check(|r| r.clash.min_digits = 10, Err(RuleError::TooManyDigits));
    check(|r| r.max_chars = 0, Err(RuleError::NoRoom(7)));
    check(|r| r.max_chars = 7, Ok(()));
    check(|r| (r.max_chars, r.append) = (7, "x".to_owned()), Err(RuleError::NoRoom(8)));
    check(|r| (r.max_chars, r.clash.min_digits) = (9, 9), Err(RuleError::NoRoom(10)));
    // Such a rule names nobody, and says why.
    let schools = schools();
    let bad = template("{lsat}");
    let maker = Maker::new(&bad, &schools, NOW);
    assert_eq!(made(&bad, ANN), "-");
    assert_eq!(maker.needs(), "A rule for user names that can be used: {lsat} is not a field: {last} may be meant.");
}

#[test]
fn examples_show_what_is_odd_first() {
    let mut rows: Vec<String> = (0..20).map(|i| format!("first_name=Ann|last_name=Name{i}|custom_id={i:02}")).collect();
    rows.push("first_name=Zoë|last_name=Groß|custom_id=30".to_owned());
    rows.push("first_name=Ada|last_name=Name3|custom_id=31".to_owned());
    rows.push("first_name=!|last_name=!|custom_id=32|user_type=Staff|email=a@x.example".to_owned());
    let users: Vec<User> = users(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let rule = rule(UsernameMethod::InitialLast);
    let shown = examples(&rule, &users, &schools(), NOW, 4);
    let shown: Vec<(&str, Option<&str>)> =
        shown.iter().map(|e| (e.user.custom_id.as_deref().unwrap(), e.made.as_deref())).collect();
    assert_eq!(
        shown,
        [("31", Some("aname32")), ("30", Some("zgross")), ("00", Some("aname0")), ("01", Some("aname1"))]
    );
}

#[test]
fn signs_are_no_part_of_a_name() {
    use crate::settings::accounts::Umlauts;
    assert_eq!(super::letters::latin("\u{1F642} Ora\u{2019}s \u{2764}", Umlauts::OneLetter).trim(), "Oras");
}
