//! Whatever is wrong with the row of a user, the user is not removed in silence.
//!
//! Every user of a small organisation has a row in a full roster but for some who left. Some rows are damaged, often in
//! several ways at once, the last one as often as others, and the headers may have slipped below some of them. Nothing
//! asks for approval, and no limit holds: what is removed is removed because the file is trusted.

use proptest::prelude::*;
use proptest::sample::Index;
use roster::{
    Accounts, Comparison, Directory, Grade, Hold, Kind, LimitSet, Limits, Mode, ModeSettings, Plan, Reading,
    RemovalAction, School, SchoolId, SchoolKind, Schools, Scope, Sender, Status, User, UserType, diff, parse, plan,
    validate,
};
use unicode_normalization::UnicodeNormalization;

const HEADER: &str = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,\
                      grade,status";
const CUSTOM_ID: usize = 4;

/// Names and IDs of many kinds, those of one person in one line, and the positions of staff. Some have words in them that
/// lines about a file have, too.
const PEOPLE: [(&str, &str, &str, &str); 24] = [
    ("Ana", "Ash", "20001", ""),
    ("Gus", "Hazel", "20007", ""),
    ("José", "Núñez", "00123", ""),
    ("Zoë", "Müller-Lüdenscheidt", "AB-07", ""),
    ("Noah", "O'Neil", "s-ab12", ""),
    ("Siân", "Price", "10-12", ""),
    ("Łukasz", "Wójcik", "123456789012", ""),
    ("Ingrid", "Larsen", "1234567890123456", ""),
    ("Mary Ann", "van der Berg", "A0012", ""),
    ("Hope", "Dale", "1E5", ""),
    ("Ida", "Null", "Ä-100", ""),
    ("Tom", "Dale", "3/4", ""),
    ("Beulah", "McMillan", "1234567", ""),
    ("Иван", "Петров", "K 19", ""),
    ("Page", "End", "30001", ""),
    ("Elliot", "Page", "30002", ""),
    ("Total", "Count", "30003", ""),
    ("Sum", "Line", "4-5", ""),
    ("Nia", "Printer", "00125", ""),
    ("Report", "Grand Row", "B-77", ""),
    ("Otto", "Total", "T-1-002", "Line manager"),
    ("Uma", "Ende", "T-1-003", "Page report"),
    ("Craig", "Beane", "T-1-001", "Records"),
    ("Amy", "Roebuck", "9001", ""),
];
/// The administrator, who never leaves.
const ADMINISTRATOR: usize = PEOPLE.len() - 1;

/// Lines that may stand below the last row.
const BELOW: [&str; 5] = ["", "Total: 42\n", "Total,,,42\n", "(42 rows affected)\n", "End of report"];

/// What happens to a row.
#[derive(Debug, Clone)]
enum Damage {
    /// To one cell of it.
    Cell(Index, CellDamage),
    /// To its custom ID.
    Id(CellDamage),
    SwapCells(Index, Index),
    DropCell(Index),
    AddCell(Index),
    Cut(Index),
    Quote(Index),
    WholeLineQuoted,
    SpacesBeforeQuotes,
    EmptyCellAtTheEnd,
    OtherDelimiter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellDamage {
    Upper,
    Lower,
    Decomposed,
    FullWidth,
    Hyphen(char),
    Space(char),
    SpacesAround,
    Mark(&'static str, &'static str),
    Thousands(char),
    ZerosGained,
    ZerosLost,
    Scientific,
    Date(u8),
    Decimals,
    LastDigits,
    Garbled(char, u8),
    Mojibake,
    Invisible(char),
    Empty,
    SpreadsheetError,
}

fn cell_damage() -> impl Strategy<Value = CellDamage> {
    use CellDamage::*;
    const HYPHENS: [char; 7] = ['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}', '\u{ff0d}'];
    const SPACES: [char; 6] = [' ', '\u{a0}', '\u{2009}', '\u{202f}', '\u{3000}', '\t'];
    const MARKS: [(&str, &str); 10] = [
        ("\"", "\""),
        ("'", ""),
        ("'", "'"),
        ("\u{201c}", "\u{201d}"),
        ("\u{2018}", "\u{2019}"),
        ("+", ""),
        ("=", ""),
        ("«", "»"),
        ("„", "“"),
        ("`", "`"),
    ];
    prop_oneof![
        Just(Upper),
        Just(Lower),
        Just(Decomposed),
        Just(FullWidth),
        prop::sample::select(&HYPHENS[..]).prop_map(Hyphen),
        prop::sample::select(&SPACES[..]).prop_map(Space),
        Just(SpacesAround),
        prop::sample::select(&MARKS[..]).prop_map(|(front, back)| Mark(front, back)),
        prop::sample::select(&[',', '.', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}'][..]).prop_map(Thousands),
        Just(ZerosGained),
        Just(ZerosLost),
        Just(Scientific),
        (0..8u8).prop_map(Date),
        Just(Decimals),
        Just(LastDigits),
        (prop::sample::select(&['?', '\u{fffd}', 'x', '_'][..]), any::<u8>()).prop_map(|(c, at)| Garbled(c, at)),
        Just(Mojibake),
        prop::sample::select(&['\u{200b}', '\u{200e}', '\u{feff}', '\u{ad}', '\u{7}'][..]).prop_map(Invisible),
        Just(Empty),
        Just(SpreadsheetError),
    ]
}

fn damage() -> impl Strategy<Value = Damage> {
    use Damage::*;
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), cell_damage()).prop_map(|(at, damage)| Cell(at, damage)),
        6 => cell_damage().prop_map(Id),
        1 => (at(), at()).prop_map(|(a, b)| SwapCells(a, b)),
        1 => at().prop_map(DropCell),
        1 => at().prop_map(AddCell),
        1 => at().prop_map(Cut),
        1 => at().prop_map(Quote),
        1 => Just(WholeLineQuoted),
        1 => Just(SpacesBeforeQuotes),
        1 => Just(EmptyCellAtTheEnd),
        1 => Just(OtherDelimiter),
    ]
}

impl CellDamage {
    fn of(self, cell: &str) -> String {
        use CellDamage::*;
        let digits = !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
        let wide = |c: char| if ('!'..='~').contains(&c) { char::from_u32(c as u32 + 0xfee0).unwrap_or(c) } else { c };
        let grouped = |mark: char| {
            let chars: Vec<char> = cell.chars().collect();
            let with_mark = |(i, c): (usize, &char)| {
                let mark = (i > 0 && (chars.len() - i).is_multiple_of(3)).then_some(mark);
                mark.into_iter().chain([*c]).collect::<Vec<_>>()
            };
            chars.iter().enumerate().flat_map(with_mark).collect()
        };
        match self {
            Upper => cell.to_uppercase(),
            Lower => cell.to_lowercase(),
            Decomposed => cell.nfd().collect(),
            FullWidth => cell.chars().map(wide).collect(),
            Hyphen(hyphen) => cell.replace('-', &hyphen.to_string()),
            Space(space) => {
                if cell.contains(' ') {
                    cell.replace(' ', &space.to_string())
                } else {
                    cell.char_indices().flat_map(|(i, c)| [(i == 2).then_some(space), Some(c)]).flatten().collect()
                }
            }
            SpacesAround => format!(" \u{a0}{cell} "),
            Mark(front, back) => format!("{front}{cell}{back}"),
            Thousands(mark) if digits && !cell.starts_with('0') => grouped(mark),
            ZerosGained if digits => format!("00{cell}"),
            ZerosLost if cell.starts_with(|c: char| c.is_ascii_digit()) => match cell.trim_start_matches('0') {
                "" => "0".to_owned(),
                bare => bare.to_owned(),
            },
            ZerosLost => cell.replacen("-0", "-", 1).replacen("A00", "A", 1),
            Scientific if digits && cell.len() > 5 && !cell.starts_with('0') => {
                let number: f64 = cell.parse().unwrap_or_default();
                let text = format!("{number:.5e}");
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                format!("{mantissa}E+{exponent:0>2}")
            }
            Scientific if cell == "1E5" => "1.00E+05".to_owned(),
            Date(how) if matches!(cell, "10-12" | "3/4") => {
                let (month, day) = if cell == "3/4" { (3, 4) } else { (10, 12) };
                let name = ["Mar", "Oct"][usize::from(month == 10)];
                match how {
                    0 => format!("{day}-{name}"),
                    1 => format!("{day:02}-{name}"),
                    2 => format!("2026-{month:02}-{day:02}"),
                    3 => format!("{month}/{day}/2026"),
                    4 => format!("{day:02}.{month:02}.2026"),
                    5 => format!("2026-{month:02}-{day:02} 00:00:00"),
                    6 => format!("{day}. {name}"),
                    _ => format!("{day}-{name}-26"),
                }
            }
            Decimals if digits => format!("{cell}.0"),
            LastDigits if digits && cell.len() > 15 => format!("{}{}", &cell[..15], "0".repeat(cell.len() - 15)),
            Garbled(with, at) if !cell.is_empty() => {
                let at = usize::from(at) % cell.chars().count();
                cell.chars().enumerate().map(|(i, c)| if i == at { with } else { c }).collect()
            }
            Mojibake => encoding_rs::WINDOWS_1252.decode(cell.as_bytes()).0.into_owned(),
            Invisible(c) => cell.char_indices().flat_map(|(i, x)| [(i == 1).then_some(c), Some(x)]).flatten().collect(),
            Empty => String::new(),
            SpreadsheetError => "#N/A".to_owned(),
            _ => cell.to_owned(),
        }
    }
}

/// Writes a row with its damages.
fn line(cells: &[String], damages: &[Damage]) -> String {
    use Damage::*;
    let mut cells: Vec<String> = cells.to_vec();
    let mut write: Option<&Damage> = None;
    for damage in damages {
        match damage {
            Cell(at, damage) => {
                let at = at.index(cells.len());
                cells[at] = damage.of(&cells[at]);
            }
            Id(damage) => {
                if let Some(cell) = cells.get_mut(CUSTOM_ID) {
                    *cell = damage.of(cell);
                }
            }
            SwapCells(a, b) => {
                let (a, b) = (a.index(cells.len()), b.index(cells.len()));
                cells.swap(a, b);
            }
            DropCell(at) if cells.len() > 1 => drop(cells.remove(at.index(cells.len()))),
            AddCell(at) => cells.insert(at.index(cells.len()), String::new()),
            other => write = Some(other),
        }
    }
    let quoted = |cell: &String| {
        if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    let line = cells.iter().map(quoted).collect::<Vec<_>>().join(",");
    let place = |at: &Index| line.char_indices().nth(at.index(line.chars().count().max(1))).map_or(0, |(at, _)| at);
    match write {
        Some(Cut(at)) => line.chars().take(1 + at.index(line.chars().count().max(1))).collect(),
        Some(Quote(at)) => format!("{}\"{}", &line[..place(at)], &line[place(at)..]),
        Some(WholeLineQuoted) => format!("\"{}\"", line.replace('"', "\"\"")),
        Some(SpacesBeforeQuotes) => cells.iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(", "),
        Some(EmptyCellAtTheEnd) => format!("{line},"),
        Some(OtherDelimiter) => line.replace(',', ";"),
        _ => line,
    }
}

fn schools() -> Schools {
    let school = |(id, kind): (&str, SchoolKind)| School {
        id: SchoolId(format!("id-{id}")),
        external_id: id.to_owned(),
        name: format!("School {id}"),
        kind,
    };
    Schools::new(
        [("10", SchoolKind::School), ("20", SchoolKind::School), ("D", SchoolKind::District)].map(school).into(),
    )
}

fn user(i: usize) -> User {
    let (first_name, last_name, id, position) = PEOPLE[i];
    let user_type = match position {
        _ if i == ADMINISTRATOR => UserType::Administrator,
        "" => UserType::Student,
        _ => UserType::Teacher,
    };
    User {
        guid: crate::organisation::guid(i),
        custom_id: Some(id.to_owned()),
        first_name: first_name.to_owned(),
        middle_name: String::new(),
        last_name: last_name.to_owned(),
        email: if user_type.is_staff() { format!("u{i}@x.example") } else { String::new() },
        school: SchoolId(["id-10", "id-20"][i % 2].to_owned()),
        user_type,
        position: position.to_owned(),
        grade: if user_type == UserType::Student { [Grade::G9, Grade::G10][i % 2] } else { Grade::Unspecified },
        status: Status::Active,
        username: id.to_owned(),
        version: 1,
        deleted_at: None,
        erase_at: None,
        roles: roster::Roles::default(),
        source: None,
        former_usernames: Vec::new(),
    }
}

fn cells(user: &User) -> Vec<String> {
    let text = |text: &str| text.to_owned();
    let grade = if user.user_type == UserType::Student { user.grade.as_str() } else { "" };
    vec![
        text(&user.first_name),
        text(&user.last_name),
        String::new(),
        text(&user.email),
        user.custom_id.clone().unwrap_or_default(),
        text(user.school.0.trim_start_matches("id-")),
        text(user.user_type.as_str()),
        text(&user.position),
        text(grade),
        text(user.status.as_str()),
    ]
}

/// A full roster of everybody but those who left, some rows damaged.
#[derive(Debug, Clone)]
struct Case {
    left: Vec<usize>,
    /// In which order the rows stand.
    order: Vec<usize>,
    /// How many of them stand above the headers.
    above: usize,
    below: &'static str,
    damages: Vec<(usize, Vec<Damage>)>,
    settings: ModeSettings,
    strict: bool,
}

impl Case {
    fn file(&self) -> String {
        let rows: Vec<String> = self.present().map(|i| self.row(i) + "\n").collect();
        let (above, below) = rows.split_at(self.above);
        [&above.concat(), HEADER, "\n", &below.concat(), self.below].concat()
    }

    fn present(&self) -> impl Iterator<Item = usize> {
        self.order.iter().copied().filter(|i| !self.left.contains(i))
    }

    /// The number of the row of a user, who did not leave.
    fn number(&self, i: usize) -> Option<u32> {
        let place = self.present().position(|other| other == i)?;
        Some(place as u32 + if place < self.above { 1 } else { 2 })
    }

    /// The same file in which no row but that of a user is damaged.
    fn damaging_only(&self, i: usize) -> Case {
        let damages = self.damages.iter().filter(|(row, _)| *row == i).cloned().collect();
        Case { damages, ..self.clone() }
    }

    /// Whether anything is left of the row of a user, who did not leave. Above the headers a word or two can be a title as
    /// well.
    fn has_row_of(&self, i: usize) -> bool {
        let row = self.row(i);
        let filled = row.split([',', ';', '"']).filter(|cell| cell.contains(char::is_alphanumeric)).count();
        let is_above = self.present().take(self.above).any(|other| other == i);
        !self.left.contains(&i) && filled >= if is_above { 4 } else { 1 }
    }

    fn row(&self, i: usize) -> String {
        let damages = self.damages.iter().find(|(row, _)| *row == i).map_or(&[][..], |(_, damages)| damages);
        line(&cells(&user(i)), damages)
    }

    /// `None` where the file fails as a whole.
    fn plan(&self) -> Option<Plan> {
        let reading = if self.strict { Reading::strict() } else { Reading::default() };
        let (parsed, _) = parse(self.file().as_bytes(), &reading);
        let (valid, _) = validate(&parsed?, &schools(), &Scope::Organisation, &self.settings);
        let comparison = Comparison {
            mode: Mode::Full,
            sender: Sender::default(),
            scope: Scope::Organisation,
            settings: &self.settings,
            accounts: &Accounts::default(),
            now: 1_795_000_000_000,
            schools: &schools(),
            max_exchange_writes: 99,
            guid_seed: [7; 32],
            password_is_current: &|_, _| true,
        };
        let users = (0..PEOPLE.len()).map(user).collect();
        let (diff, _) = diff(valid, &Directory::new(users), &comparison).of_everybody();
        Some(plan(diff, &comparison, None))
    }
}

fn case() -> impl Strategy<Value = Case> {
    let left = prop::collection::vec(0..ADMINISTRATOR, 0..3);
    let damages = prop::collection::vec((0..PEOPLE.len(), prop::collection::vec(damage(), 1..4)), 1..3);
    let settings = (any::<[bool; 3]>()).prop_map(|[disable, names, overwrite]| ModeSettings {
        requires_approval: false,
        removal_action: if disable { RemovalAction::Disable } else { RemovalAction::Delete },
        update_names: names,
        overwrite,
        limits: Limits {
            overall: LimitSet::default(),
            per_school: LimitSet::default(),
            per_user_type: LimitSet::default(),
            shrink_percent: None,
            large_changes: None,
        },
        ..ModeSettings::default()
    });
    let order = Just((0..PEOPLE.len()).collect::<Vec<_>>()).prop_shuffle();
    let above = prop_oneof![9 => Just(0), 1 => 1..4usize];
    let below = prop_oneof![2 => Just(BELOW[0]), 1 => prop::sample::select(&BELOW[..])];
    let file = (left, order, above, below, damages);
    (file, settings, any::<bool>()).prop_map(|((left, order, above, below, damages), settings, strict)| Case {
        left,
        order,
        above,
        below,
        damages,
        settings,
        strict,
    })
}

/// Few enough for every build; the variable PROPTEST_CASES asks for more.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(1000), failure_persistence: None, max_shrink_iters: 20_000, ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nobody_whose_row_is_there_is_removed_in_silence(case in case()) {
        let Some(plan) = case.plan() else { return Ok(()) };
        let lost: Vec<usize> = (0..PEOPLE.len()).filter(|i| case.has_row_of(*i) && is_removed(*i, &plan)).collect();
        prop_assert!(waits(&plan) || lost.is_empty(), "{} are removed in silence by\n{}", told(&lost), case.file());
        // The plan may wait for the row of somebody else.
        for i in lost {
            let case = case.damaging_only(i);
            let waits = case.plan().is_none_or(|plan| waits(&plan) || !is_removed(i, &plan));
            prop_assert!(waits, "{} is removed in silence by\n{}", told(&[i]), case.file());
        }
    }

    #[test]
    fn nobody_whose_row_is_there_is_there_twice_in_silence(case in case()) {
        let Some(plan) = case.plan() else { return Ok(()) };
        let created: Vec<u32> =
            plan.changes.iter().filter(|c| c.kind == Kind::Created).filter_map(|c| c.row).collect();
        let is_doubled = |i: &usize| {
            case.number(*i).is_some_and(|number| created.contains(&number)) && !is_removed(*i, &plan)
        };
        let doubled: Vec<usize> = (0..PEOPLE.len()).filter(is_doubled).collect();
        prop_assert!(waits(&plan) || doubled.is_empty(), "{} are doubled in silence by\n{}", told(&doubled), case.file());
    }
}

/// The plan waits because rows are doubtful, not for anything else.
fn waits(plan: &Plan) -> bool {
    plan.holds.iter().any(|hold| {
        matches!(
            hold,
            Hold::RowsWithoutOwner { .. }
                | Hold::RowsCutOff
                | Hold::ManyRekeyed { .. }
                | Hold::Doubtful { .. }
                | Hold::NamesExchanged { .. }
                | Hold::NamesMixedUp { .. }
        )
    })
}

fn is_removed(i: usize, plan: &Plan) -> bool {
    plan.changes.iter().any(|change| change.kind == Kind::Removed && change.guid == crate::organisation::guid(i))
}

fn told(people: &[usize]) -> String {
    people.iter().map(|i| PEOPLE[*i].2).collect::<Vec<_>>().join(", ")
}
