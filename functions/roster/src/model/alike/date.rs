//! IDs that a spreadsheet takes for dates.

/// The dates that an ID may stand for, and in which shape.
///
/// Two IDs of one shape, such as `10-12` and `12-10`, are two IDs; in different shapes, such as `10-12` and `12-Oct`,
/// they are the same where they stand for the same date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Dates {
    pub(super) all: Vec<String>,
    pub(super) shape: String,
}

/// The months as spreadsheets write them in English, German, French, Spanish, Italian, Dutch, Portuguese and Swedish,
/// by their beginnings.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "janv"],
    &["feb", "fev", "fév", "févr"],
    &["mar", "mär", "mrz", "maa", "mrt", "mars"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mag", "mei", "maj"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "aou", "ago"],
    &["sep", "set", "sept"],
    &["oct", "okt", "ott", "out"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];

/// The longest name of a month.
const MAX_MONTH: usize = 10;

enum DateToken {
    Number { value: u32, digits: usize },
    Month(u32),
}

impl Dates {
    /// Reads the dates that an ID may be; `id` is in small letters.
    pub(super) fn read(id: &str) -> Dates {
        read(id).unwrap_or_default()
    }

    /// Returns whether both IDs may stand for the same date, in different shapes.
    pub(super) fn meet(&self, other: &Dates) -> bool {
        self.shape != other.shape && self.all.iter().any(|date| other.all.contains(date))
    }
}

fn read(id: &str) -> Option<Dates> {
    let id = without_time(id);
    if !(3..=24).contains(&id.len()) {
        return None;
    }
    let (tokens, shape) = tokens(id)?;
    let mut dates = Vec::new();
    match tokens[..] {
        [DateToken::Month(month), DateToken::Number { value, digits }]
        | [DateToken::Number { value, digits }, DateToken::Month(month)] => {
            dates.push((month, value % if digits == 4 { 100 } else { 1000 }, None));
        }
        [
            DateToken::Number { value: year, digits: 4 },
            DateToken::Month(month),
            DateToken::Number { value: day, .. },
        ]
        | [DateToken::Number { value: day, .. }, DateToken::Month(month), DateToken::Number { value: year, .. }]
        | [DateToken::Month(month), DateToken::Number { value: day, .. }, DateToken::Number { value: year, .. }] => {
            dates.push((month, day, Some(year)));
        }
        [DateToken::Number { value: a, digits: 4 }, DateToken::Number { value: b, .. }]
        | [DateToken::Number { value: b, .. }, DateToken::Number { value: a, digits: 4 }] => {
            dates.push((b, a % 100, None));
        }
        [DateToken::Number { value: a, .. }, DateToken::Number { value: b, .. }] => {
            dates.extend([(a, b, None), (b, a, None)]);
        }
        [
            DateToken::Number { value: a, digits },
            DateToken::Number { value: b, .. },
            DateToken::Number { value: c, digits: last },
        ] => {
            if digits == 4 {
                dates.extend([(b, c, Some(a)), (c, b, Some(a))]);
            } else {
                dates.extend([(a, b, Some(c)), (b, a, Some(c))]);
                dates.extend((last != 4).then_some((b, c, Some(a))));
            }
        }
        _ => return None,
    }
    // Two digits of a year between hyphens are what somebody wrote, not what a spreadsheet shows.
    let short_year = shape == "9-9-9";
    let mut all: Vec<String> = Vec::new();
    for (month, day, year) in dates.into_iter().filter(|(month, day, _)| (1..=12).contains(month) && *day < 100) {
        match year {
            None => all.push(format!("{month}-{day}")),
            Some(year) => {
                all.push(format!("{month}-{day}-{}", year % 100));
                all.extend((!short_year).then(|| format!("{month}-{day}")));
                // `10-2012` becomes the first of October.
                all.extend((!short_year && day == 1).then(|| format!("{month}-{}", year % 100)));
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    (!all.is_empty()).then_some(Dates { all, shape })
}

/// Returns a date that has the time of midnight behind it, without it.
fn without_time(id: &str) -> &str {
    let id = id.trim();
    match id.find([' ', 't']).map(|at| (at, &id[at + 1..])) {
        Some((at, time))
            if time.starts_with("00:00") || time.starts_with("0:00") || time.starts_with("12:00:00 am") =>
        {
            &id[..at]
        }
        _ => id,
    }
}

/// Returns the numbers and months, and the shape: `9` for a number, `2026` for a year, `m` for a month and what stands
/// between.
fn tokens(id: &str) -> Option<(Vec<DateToken>, String)> {
    let (mut tokens, mut shape) = (Vec::new(), String::new());
    let mut rest = id;
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        let same = |c: &char| if is_digit { c.is_ascii_digit() } else { c.is_alphabetic() == first.is_alphabetic() };
        let stop = |c: char| !same(&c) || (!is_digit && c.is_ascii_digit());
        let (run, more) = rest.split_at(rest.find(stop).unwrap_or(rest.len()));
        rest = more;
        if is_digit {
            let value = run.parse().ok().filter(|_| matches!(run.len(), 1 | 2 | 4))?;
            shape.push_str(if run.len() == 4 { "2026" } else { "9" });
            tokens.push(DateToken::Number { value, digits: run.len() });
        } else if first.is_alphabetic() {
            tokens.push(DateToken::Month(month(run)?));
            shape.push('m');
        } else {
            let mark = run.trim();
            let between = mark.is_empty() || matches!(mark, "-" | "/" | "." | ",");
            if !between || (tokens.is_empty() && !mark.is_empty()) {
                return None;
            }
            if !rest.is_empty() {
                shape.push(mark.chars().next().unwrap_or(' '));
            }
        }
    }
    ((2..=3).contains(&tokens.len())).then_some((tokens, shape))
}

fn month(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let of = |list: &[&str]| list.contains(&word);
    let short = MONTHS.iter().position(|list| of(list));
    let long = || NAMES.iter().position(|name| *name == word);
    // In other languages the whole name begins like the short one.
    let other = || {
        let begins = |list: &[&str]| list.iter().any(|short| word.starts_with(short) && word.len() <= MAX_MONTH);
        (word.len() > 4).then(|| MONTHS.iter().position(|list| begins(list))).flatten()
    };
    short.or_else(long).or_else(other).map(|place| place as u32 + 1)
}
