//! Files that somebody could make to keep the comparison busy, each for any number of rows.

use roster::accounts::{ClashRule, Rename, UsernameMethod, UsernameRule};
use roster::{
    Accounts, Grade, Guid, Mode, ModeSettings, RemovalAction, Roles, School, SchoolId, SchoolKind, Schools, Settings,
    Status, User, UserType,
};

const HEADER: &str = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,\
                      position,grade,status,password,username,user_guid";

/// A file and what it is compared with.
pub struct Hostile {
    pub file: Vec<u8>,
    pub users: Vec<User>,
    pub schools: Schools,
    pub mode: Mode,
    pub settings: Settings,
}

/// A kind of file: its name, and how one of `n` rows is made.
pub type Shape = (&'static str, fn(usize) -> Hostile);

pub const SHAPES: &[Shape] = &[
    ("everybody is new", |n| of_rows(n, |i| Row { id: id(i), ..Row::default() })),
    ("everybody is absent", |n| Hostile { users: users(n), ..of_rows(1, |_| Row::default()) }),
    ("nothing but x,,,,", |n| of_lines(n, |_| "x,,,,".to_owned())),
    ("every cell is wrong", |n| of_lines(n, |i| format!(",,,x,{i}.0,?,?,,?,?,,,?"))),
    ("blank rows", |n| of_lines(n, |i| if i == 0 { Row::default().line() } else { ",,,,,,,,,,,,".to_owned() })),
    ("blank rows above the headers", |n| Hostile {
        file: [" , ,\n".repeat(n).into_bytes(), of_rows(1, |_| Row::default()).file].concat(),
        ..of_rows(1, |_| Row::default())
    }),
    ("one ID", |n| of_rows(n, |i| Row { first: letters(i), ..Row::default() })),
    ("one row", |n| of_rows(n, |_| Row::default())),
    ("one ID that is damaged", |n| of_lines(n, |i| format!("F,L,,,id,10,Student,,9,Active,,,,{i}"))),
    ("one ID with its own user's name", |n| Hostile {
        users: vec![User { username: "bob".to_owned(), ..user(0) }],
        ..of_rows(n, |i| Row { first: letters(i), username: "bob".to_owned(), ..Row::default() })
    }),
    ("one ID, and others who want its user's name", |n| Hostile {
        users: vec![User { username: "bob".to_owned(), ..user(0) }, user(1)],
        ..of_rows(n, |i| Row { id: id(i % 2), first: letters(i), username: "bob".to_owned(), ..Row::default() })
    }),
    ("one ID, and others who want its user's address", |n| Hostile {
        users: vec![User { email: "bob@x.example".to_owned(), user_type: UserType::Teacher, ..user(0) }, user(1)],
        ..of_rows(n, |i| Row {
            id: id(i % 2),
            first: letters(i),
            email: "bob@x.example".to_owned(),
            user_type: "Teacher",
            ..Row::default()
        })
    }),
    ("one user name", |n| of_rows(n, |i| Row { id: id(i), username: "bob".to_owned(), ..Row::default() })),
    ("one address of staff", |n| {
        of_rows(n, |i| Row { id: id(i), email: "all@x.example".to_owned(), user_type: "Staff", ..Row::default() })
    }),
    ("one address of students", |n| {
        of_rows(n, |i| Row { id: id(i), email: "all@x.example".to_owned(), ..Row::default() })
    }),
    ("one GUID", |n| Hostile {
        users: users(1),
        ..of_rows(n, |i| Row { id: id(i), guid: guid(0).to_string(), ..Row::default() })
    }),
    ("one GUID that nobody has", |n| of_rows(n, |i| Row { id: id(i), guid: guid(0).to_string(), ..Row::default() })),
    ("IDs that differ in zeros", |n| of_rows(n, |i| Row { id: zeros(i), ..Row::default() })),
    ("IDs that lost the zeros of users", |n| Hostile {
        users: (0..n).filter(|i| i % 60 > 0).map(|i| User { custom_id: Some(zeros(i)), ..user(i) }).collect(),
        ..of_rows(n, |i| Row { id: zeros(i / 60 * 60), first: letters(i), ..Row::default() })
    }),
    ("one ID that lost many zeros", |n| Hostile {
        users: (1..60).map(|i| User { custom_id: Some(zeros(i)), ..user(i) }).collect(),
        ..of_rows(n, |i| Row { id: zeros(0), first: letters(i), username: "bob".to_owned(), ..Row::default() })
    }),
    ("IDs that differ at their end", |n| {
        of_rows(n, |i| Row { id: format!("{}{i:07}", "i".repeat(57)), ..Row::default() })
    }),
    ("IDs that rows exchange", |n| Hostile {
        users: users(n),
        ..of_rows(n, |i| Row { id: id(i + 1), guid: guid(i).to_string(), ..Row::default() })
    }),
    ("IDs that rows give to others", |n| Hostile {
        users: users(n),
        ..of_rows(n, |i| Row { id: format!("new{i}"), guid: guid(i / 2).to_string(), ..Row::default() })
    }),
    ("a name for all: initial and last", |n| clashing(n, UsernameMethod::InitialLast)),
    ("a name for all: first and initial", |n| clashing(n, UsernameMethod::FirstInitial)),
    ("a name for all: first and last", |n| clashing(n, UsernameMethod::FirstDotLast)),
    ("a name for all: last and initial", |n| clashing(n, UsernameMethod::LastInitial)),
    ("a name for all: address", |n| clashing(n, UsernameMethod::Email)),
    ("a name for all: name of the address", |n| clashing(n, UsernameMethod::EmailName)),
    ("a name for all: template", |n| clashing(n, UsernameMethod::Template)),
    ("a name for all: column", |n| clashing(n, UsernameMethod::Column)),
    ("a name for all: custom ID", |n| Hostile {
        // Every ID is somebody's name.
        users: (0..n).map(|i| User { username: id(i), ..user(n + i) }).collect(),
        settings: named_by(UsernameRule::default()),
        ..of_rows(n, |i| Row { id: id(i), ..Row::default() })
    }),
    ("a name for all who exist", |n| Hostile { users: users(n), ..clashing(n, UsernameMethod::InitialLast) }),
    ("a name whose numbers users have", |n| Hostile {
        users: (0..n).map(|i| User { username: format!("fl{}", i + 2), ..user(n + i) }).collect(),
        ..clashing(n, UsernameMethod::InitialLast)
    }),
    ("long names with a common beginning", long_names),
    ("long names that end in digits", |n| Hostile {
        settings: named_by(UsernameRule {
            method: UsernameMethod::Template,
            template: "{last}".to_owned(),
            ..UsernameRule::default()
        }),
        ..of_rows(n, |i| Row { id: id(i), last: "2".repeat(i % 50 + 1), ..Row::default() })
    }),
    ("names of combining marks", |n| Hostile {
        settings: named_by(UsernameRule { method: UsernameMethod::FirstDotLast, ..UsernameRule::default() }),
        ..of_rows(n, |i| Row { id: id(i), first: format!("F{}", "\u{301}\u{323}".repeat(49)), ..Row::default() })
    }),
    ("a chain of user names", |n| Hostile {
        users: users(n + 1),
        ..of_rows(n, |i| Row { id: id(i), username: id(i + 1), ..Row::default() })
    }),
    ("a chain of user names that may be taken over", |n| Hostile {
        users: users(n),
        ..of_rows(n, |i| Row { id: id(i), username: id(i + 1), ..Row::default() })
    }),
    ("a circle of user names", |n| circle(n, n)),
    ("circles of two user names", |n| circle(n, 2)),
    ("circles of twenty user names", |n| circle(n, 20)),
    ("a chain of addresses", |n| Hostile {
        users: staff(n + 1),
        ..of_rows(n, |i| Row { id: id(i), email: address(i + 1), user_type: "Staff", ..Row::default() })
    }),
    ("a chain of addresses from a user who is removed", |n| Hostile {
        users: staff(n + 1),
        mode: Mode::Full,
        ..of_rows(n, |i| Row { id: id(i), email: address(i + 1), user_type: "Staff", ..Row::default() })
    }),
    ("a circle of addresses", |n| Hostile {
        users: staff(n),
        ..of_rows(n, |i| Row { id: id(i), email: address((i + 1) % n), user_type: "Staff", ..Row::default() })
    }),
    ("names that users had before", |n| Hostile {
        users: vec![User { former_usernames: (0..n).map(|i| format!("was{i}")).collect(), ..user(n) }],
        ..of_rows(n, |i| Row { id: id(i), username: format!("was{i}"), ..Row::default() })
    }),
    ("users who come back", |n| Hostile {
        users: users(n).into_iter().map(|user| User { deleted_at: Some(1), ..user }).collect(),
        ..of_rows(n, |i| Row { id: id(i), ..Row::default() })
    }),
    ("administrators who all go", |n| Hostile {
        users: users(n).into_iter().map(|user| User { user_type: UserType::Administrator, ..user }).collect(),
        mode: Mode::Full,
        ..of_rows(1, |_| Row { id: "x".to_owned(), ..Row::default() })
    }),
    ("a school for everybody", |n| Hostile {
        schools: schools(n),
        ..of_rows(n, |i| Row { id: id(i), school: (10 + i).to_string(), ..Row::default() })
    }),
    ("schools that are meant", |n| Hostile {
        schools: schools(n),
        ..of_rows(n, |i| Row { id: id(i), school: format!("sCHOOL {i}"), ..Row::default() })
    }),
    ("headers without end", |n| Hostile {
        file: format!("{HEADER},{}\n{}\n", (0..n).map(letters).collect::<Vec<_>>().join(","), Row::default().line())
            .into_bytes(),
        ..of_rows(1, |_| Row::default())
    }),
    ("one header without end", |n| Hostile {
        file: format!("{HEADER}{}\n", ",grade".repeat(n)).into_bytes(),
        ..of_rows(1, |_| Row::default())
    }),
    ("empty headers without end", |n| Hostile {
        file: format!("{HEADER}{}\n{}\n", ",".repeat(n), Row::default().line()).into_bytes(),
        ..of_rows(1, |_| Row::default())
    }),
    ("a row of cells without end", |n| of_lines(1, |_| format!("{}{}", Row::default().line(), ",x".repeat(n)))),
    ("rows with some cells too many", |n| of_lines(n, |i| format!("{},a{i}", Row::default().line()))),
    ("quotation marks that are never closed", |n| {
        of_lines(n, |i| format!("\"{}", Row { id: id(i), ..Row::default() }.line()))
    }),
    ("quotation marks in the last cell", |n| {
        of_lines(n, |i| format!("{}\"", Row { id: id(i), ..Row::default() }.line()))
    }),
    ("quotation marks in every cell", |n| of_lines(n, |_| "\"a\"\"b,".repeat(6))),
    ("a cell of line breaks", |n| of_lines(1, |_| format!("F,L,\"{}\",,id,10,Student,,9,Active,,,", "\n".repeat(n)))),
    ("a position of question marks", |n| {
        // More than rows, for each of them costs next to nothing.
        of_lines(1, |_| format!("F,L,,a@x.example,id,10,Teacher,a{},,Active,,,", "?".repeat(10 * n)))
    }),
    ("an address of question marks", |n| {
        of_lines(1, |_| format!("F,L,,a{},id,10,Student,,9,Active,,,", "?".repeat(10 * n)))
    }),
    ("bytes that are no text", |n| {
        let line = b"F,L\xff\xfe\xe9,,,id,10,Student,,9,Active,,,\n";
        Hostile { file: [HEADER.as_bytes(), b"\n", &line.repeat(n)].concat(), ..of_rows(1, |_| Row::default()) }
    }),
    ("one ID in all capital and small letters", |n| Hostile {
        users: (0..n / 2).map(|i| User { custom_id: Some(capitals(i)), ..user(i) }).collect(),
        ..of_rows(n, |i| Row { id: capitals(n / 2 + i), ..Row::default() })
    }),
    ("long numbers with a common beginning", |n| Hostile {
        users: (0..n).map(|i| User { custom_id: Some(format!("123456789012345{i:07}")), ..user(i) }).collect(),
        ..of_rows(n, |i| Row { id: format!("123456789012345{:07}", 5_000_000 + i), ..Row::default() })
    }),
    ("IDs that are dates", |n| {
        let date = |i: usize, mark: char| format!("{}{mark}{}{mark}{}", i % 12 + 1, i / 12 % 3 + 1, 1000 + i / 36);
        Hostile {
            users: (0..n).map(|i| User { custom_id: Some(date(i, '-')), ..user(i) }).collect(),
            ..of_rows(n, |i| Row { id: date(i, '/'), ..Row::default() })
        }
    }),
    ("IDs that are E-numbers", |n| Hostile {
        users: (0..n).map(|i| User { custom_id: Some(format!("12E{i}")), ..user(i) }).collect(),
        ..of_rows(n, |i| Row { id: format!("1.2E+{i}"), ..Row::default() })
    }),
    ("everybody of one name under a new ID", |n| Hostile {
        users: users(n),
        ..of_rows(n, |i| Row { id: format!("new{i}"), ..Row::default() })
    }),
    ("everybody under a new ID", |n| Hostile {
        users: (0..n).map(|i| User { last_name: letters(i), ..user(i) }).collect(),
        ..of_rows(n, |i| Row { id: format!("new{i}"), last: letters(i), ..Row::default() })
    }),
    ("everybody nearly under a new ID", |n| Hostile {
        users: (0..n).map(|i| User { last_name: format!("Klein {}", letters(i)), ..user(i) }).collect(),
        ..of_rows(n, |i| Row { id: format!("new{i}"), last: format!("Klein {}", letters(i + 1)), ..Row::default() })
    }),
    ("one address under new IDs", |n| Hostile {
        users: users(n).into_iter().map(|user| User { email: address(0), ..user }).collect(),
        ..of_rows(n, |i| Row { id: format!("new{i}"), first: letters(i), email: address(0), ..Row::default() })
    }),
    ("names of many parts under new IDs", |n| Hostile {
        users: (0..n).map(|i| User { last_name: "a b c d e f g h ".repeat(6), ..user(i) }).collect(),
        ..of_rows(n, |i| Row { id: format!("new{i}"), last: "a b c d e f g i ".repeat(6), ..Row::default() })
    }),
    ("rejected rows of one name without an ID", |n| Hostile {
        users: users(n),
        ..of_rows(n, |_| Row { id: String::new(), ..Row::default() })
    }),
    ("rejected rows of one address without an ID", |n| Hostile {
        users: users(n).into_iter().map(|user| User { email: address(0), ..user }).collect(),
        ..of_rows(n, |i| Row { id: String::new(), first: letters(i), email: address(0), ..Row::default() })
    }),
    ("rows that make somebody else of everybody", |n| Hostile {
        users: users(n),
        ..of_rows(n, |i| Row { id: id(i), first: letters(i), last: letters(i + 1), ..Row::default() })
    }),
    ("names that changed places", |n| Hostile {
        users: (0..n).map(|i| User { first_name: letters(i), ..user(i) }).collect(),
        ..of_rows(n, |i| Row { id: id(i), first: "L".to_owned(), last: letters(i), ..Row::default() })
    }),
    ("lines above the headers", |n| {
        let file = of_rows(1, |_| Row::default()).file;
        Hostile {
            file: ["Roster of this year\n".repeat(n).into_bytes(), file].concat(),
            ..of_rows(1, |_| Row::default())
        }
    }),
    ("lines about the file below the last row", |n| of_lines(n, |_| "Total: 12 records".to_owned())),
    ("lines that may be about the file between rows", |n| {
        of_lines(n, |i| match i % 2 {
            0 => "Total: 12 records".to_owned(),
            _ => Row { id: id(i), ..Row::default() }.line(),
        })
    }),
    ("headers between the rows", |n| of_lines(n, |_| HEADER.to_owned())),
    ("whole lines in quotation marks", |n| {
        of_lines(n, |i| format!("\"{}\"", Row { id: id(i), ..Row::default() }.line().replace('"', "\"\"")))
    }),
    ("quotation marks after a space", |n| {
        of_lines(n, |i| format!("F, \"L\" ,, \"\",{i},10,Student,,9,Active,, \"a,b\","))
    }),
    ("other quotation marks", |n| {
        of_lines(n, |i| format!("'F','L','','','{i}','10','Student','','9','Active','','',''"))
    }),
    ("words for everything", |n| {
        of_lines(n, |i| format!("F,L,,,{i},10,{},,{},{},,,", letters(i), letters(i), letters(i)))
    }),
    ("cells without end after the row", |n| {
        of_lines(n, |i| format!("{},,,,,,", Row { id: id(i), ..Row::default() }.line()))
    }),
    ("characters of no byte", |n| {
        let line = |i: usize| format!("F,J\u{fffd}rg \u{c3}\u{a4},,,{i},10,Student,,9,Active,,,");
        of_lines(n, line)
    }),
    ("letters of one byte", |n| {
        let row =
            |i: usize| [b"F,M\x9fller \xe9\x8e", letters(i).as_bytes(), b",,,id,10,Student,,9,Active,,,\n"].concat();
        let rows: Vec<u8> = (0..n).flat_map(row).collect();
        Hostile { file: [HEADER.as_bytes(), b"\n", &rows].concat(), ..of_rows(1, |_| Row::default()) }
    }),
    ("formulas", |n| of_rows(n, |i| Row { id: format!("=\"{i}\""), first: ";=;".repeat(30), ..Row::default() })),
];

/// A row that has nothing wrong.
struct Row {
    first: String,
    last: String,
    email: String,
    id: String,
    school: String,
    user_type: &'static str,
    username: String,
    guid: String,
}

impl Default for Row {
    fn default() -> Row {
        Row {
            first: "F".to_owned(),
            last: "L".to_owned(),
            email: String::new(),
            id: id(0),
            school: "10".to_owned(),
            user_type: "Student",
            username: String::new(),
            guid: String::new(),
        }
    }
}

impl Row {
    fn line(&self) -> String {
        let Row { first, last, email, id, school, user_type, username, guid } = self;
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        format!("{},{last},,{email},{},{school},{user_type},,9,Active,,{username},{guid}", quoted(first), quoted(id))
    }
}

fn of_rows(n: usize, row: impl Fn(usize) -> Row) -> Hostile {
    of_lines(n, |i| row(i).line())
}

fn of_lines(n: usize, line: impl Fn(usize) -> String) -> Hostile {
    let lines: String = (0..n).map(|i| line(i) + "\n").collect();
    let file = format!("{HEADER}\n{lines}").into_bytes();
    Hostile { file, users: Vec::new(), schools: schools(1), mode: Mode::Full, settings: Settings::default() }
}

/// All of one name and address.
fn clashing(n: usize, method: UsernameMethod) -> Hostile {
    let template = "{first:1}{last}".to_owned();
    let rule = UsernameRule { method, template, rename: Rename::Always, ..UsernameRule::default() };
    let row = |i| Row { id: id(i), email: "fl@x.example".to_owned(), ..Row::default() };
    Hostile { settings: named_by(rule), ..of_rows(n, row) }
}

/// Two of each name. The names differ only where a number has to stand, so that all numbered ones are the same.
fn long_names(n: usize) -> Hostile {
    let clash = ClashRule { start: 100_000, ..ClashRule::default() };
    let (method, template) = (UsernameMethod::Template, "{last}".to_owned());
    let rule = UsernameRule { method, template, clash, max_chars: 20, ..UsernameRule::default() };
    let last = |i| format!("aaaaaaaaaaaaaa{}", letters(i / 2));
    Hostile { settings: named_by(rule), ..of_rows(n, |i| Row { id: id(i), last: last(i), ..Row::default() }) }
}

/// Users who all take over the name of the next one, in circles of `size`.
fn circle(n: usize, size: usize) -> Hostile {
    let next = |i: usize| i / size * size + (i % size + 1) % size.min(n - i / size * size);
    Hostile { users: users(n), ..of_rows(n, |i| Row { id: id(i), username: id(next(i)), ..Row::default() }) }
}

fn named_by(usernames: UsernameRule) -> Settings {
    let full = ModeSettings { removal_action: RemovalAction::Disable, ..ModeSettings::default() };
    Settings { accounts: Accounts { usernames, ..Accounts::default() }, full, ..Settings::default() }
}

fn schools(n: usize) -> Schools {
    let school = |i: usize| School {
        id: SchoolId(format!("id-{i}")),
        external_id: (10 + i).to_string(),
        name: format!("School {i}"),
        kind: if i == 0 { SchoolKind::District } else { SchoolKind::School },
    };
    Schools::new((0..n).map(school).collect())
}

/// Students whose user name is their custom ID.
fn users(n: usize) -> Vec<User> {
    (0..n).map(user).collect()
}

fn staff(n: usize) -> Vec<User> {
    (0..n)
        .map(|i| User { email: address(i), user_type: UserType::Staff, grade: Grade::Unspecified, ..user(i) })
        .collect()
}

fn user(i: usize) -> User {
    User {
        guid: guid(i),
        custom_id: Some(id(i)),
        first_name: "F".to_owned(),
        middle_name: String::new(),
        last_name: "L".to_owned(),
        email: String::new(),
        school: SchoolId("id-0".to_owned()),
        user_type: UserType::Student,
        position: String::new(),
        grade: Grade::G9,
        status: Status::Active,
        username: id(i),
        version: 1,
        deleted_at: None,
        erase_at: None,
        roles: Roles::default(),
        source: None,
        former_usernames: Vec::new(),
    }
}

fn id(i: usize) -> String {
    format!("id{i}")
}

fn address(i: usize) -> String {
    format!("a{i}@x.example")
}

/// Sixty forms of each number, which differ in the zeros in front.
fn zeros(i: usize) -> String {
    format!("{:0>width$}", 100 + i / 60, width = 4 + i % 60)
}

/// Other capital letters for each number.
fn capitals(i: usize) -> String {
    let letter = |place: usize| if i >> place & 1 == 1 { 'A' } else { 'a' };
    (0..24).map(letter).collect()
}

/// Six letters that are other ones for each number.
fn letters(i: usize) -> String {
    (0..6).map(|place| char::from(b'a' + (i / 26usize.pow(place) % 26) as u8)).collect()
}

fn guid(i: usize) -> Guid {
    Guid(uuid::Uuid::from_u128(0x1000 + i as u128))
}
