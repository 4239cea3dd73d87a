//! The people of a school system that does not exist: who somebody is follows from a number alone.

use fastrand::Rng;
use roster::UserType;

const SEED: u64 = 0x526f_6c6c_626f_6f6b;

/// Somebody as the directory has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchPerson {
    pub first_name: String,
    pub last_name: String,
    pub middle_name: &'static str,
    pub email: String,
    pub custom_id: String,
    /// 0 is the district office.
    pub school: u32,
    pub user_type: UserType,
    pub position: &'static str,
    pub grade: &'static str,
    pub status: &'static str,
    pub username: String,
    pub guid: uuid::Uuid,
}

impl BenchPerson {
    /// Makes the person with this number, in a system of so many schools.
    pub fn new(number: u32, schools: u32) -> BenchPerson {
        let mut rng = Rng::with_seed(SEED.wrapping_add(u64::from(number)));
        let user_type = user_type(&mut rng);
        let is_student = user_type == UserType::Student;
        let (first_name, last_name) = (first_name(&mut rng), last_name(&mut rng));
        let address = format!("{}.{}{number}", plain(&first_name), plain(&last_name));
        let has_address = !is_student || rng.u8(0..100) < 85;
        let custom_id = custom_id(number, user_type);
        BenchPerson {
            middle_name: if rng.u8(0..3) == 0 { one_of(&mut rng, &MIDDLE_NAMES) } else { "" },
            email: if has_address { format!("{address}@contoso.example") } else { String::new() },
            school: if user_type == UserType::Administrator { 0 } else { rng.u32(1..=schools) },
            position: if is_student { "" } else { one_of(&mut rng, &POSITIONS) },
            grade: if is_student { one_of(&mut rng, &GRADES) } else { "" },
            status: if rng.u8(0..100) == 0 { "Disabled" } else { "Active" },
            username: if is_student { custom_id.clone() } else { address },
            guid: uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid(),
            first_name,
            last_name,
            custom_id,
            user_type,
        }
    }

    /// Changes one field, another one every turn.
    pub fn change(&mut self, turn: u32, schools: u32) {
        match turn % 7 {
            0 => self.first_name = next(&FIRST_NAMES, &self.first_name).to_owned(),
            1 => self.last_name.push_str("-Marsh"),
            2 => self.middle_name = next(&MIDDLE_NAMES, self.middle_name),
            3 => self.email = format!("{}@mail.contoso.example", self.custom_id.to_lowercase()),
            4 => self.school = 1 + self.school % schools,
            5 if self.user_type == UserType::Student => self.grade = next(&GRADES, self.grade),
            5 => self.position = next(&POSITIONS, self.position),
            _ => self.status = next(&["Active", "Disabled"], self.status),
        }
    }
}

fn user_type(rng: &mut Rng) -> UserType {
    match rng.u16(0..1000) {
        0..2 => UserType::Administrator,
        2..30 => UserType::Staff,
        30..100 => UserType::Teacher,
        _ => UserType::Student,
    }
}

/// Returns 7 digits, with a letter in front for those who are no students. No two numbers give the same digits.
fn custom_id(number: u32, user_type: UserType) -> String {
    let digits = (u64::from(number) * 7_368_787 + 204_613) % 10_000_000;
    match user_type {
        UserType::Student => format!("{digits:07}"),
        _ => format!("T{digits:07}"),
    }
}

/// Returns a first name: 1 in 20 has letters that are not those of English, and 1 in 25 a nickname in quotation marks.
fn first_name(rng: &mut Rng) -> String {
    let name = if rng.u8(0..20) == 0 { one_of(rng, &ACCENTED_FIRST_NAMES) } else { one_of(rng, &FIRST_NAMES) };
    match rng.u8(0..25) {
        0 => format!("{name} \"{}\"", one_of(rng, &NICKNAMES)),
        _ => name.to_owned(),
    }
}

/// Returns a last name: 1 in 20 has letters that are not those of English.
fn last_name(rng: &mut Rng) -> String {
    match rng.u8(0..20) {
        0 => one_of(rng, &ACCENTED_LAST_NAMES).to_owned(),
        _ => format!("{}{}", one_of(rng, &LAST_NAME_STARTS), one_of(rng, &LAST_NAME_ENDS)),
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

fn one_of(rng: &mut Rng, words: &[&'static str]) -> &'static str {
    words[rng.usize(..words.len())]
}

/// Returns the word behind this one, or the first one.
fn next(words: &[&'static str], word: &str) -> &'static str {
    let place = words.iter().position(|other| *other == word);
    words[place.map_or(0, |place| (place + 1) % words.len())]
}

const FIRST_NAMES: [&str; 96] = [
    "Aaliyah",
    "Aaron",
    "Abigail",
    "Adam",
    "Aisha",
    "Alice",
    "Amara",
    "Amir",
    "Ana",
    "Andrew",
    "Anna",
    "Anthony",
    "Arjun",
    "Ava",
    "Benjamin",
    "Bianca",
    "Brandon",
    "Caleb",
    "Camila",
    "Carlos",
    "Caroline",
    "Charles",
    "Chloe",
    "Christopher",
    "Daniel",
    "David",
    "Deborah",
    "Diego",
    "Dylan",
    "Edith",
    "Elena",
    "Elijah",
    "Elizabeth",
    "Emily",
    "Emma",
    "Ethan",
    "Eva",
    "Fatima",
    "Felix",
    "Gabriel",
    "Grace",
    "Hannah",
    "Harper",
    "Hassan",
    "Henry",
    "Hugo",
    "Ian",
    "Imani",
    "Isaac",
    "Isabella",
    "Jack",
    "Jacob",
    "Jamal",
    "James",
    "Jasmine",
    "Jonathan",
    "Joseph",
    "Julia",
    "Karen",
    "Kevin",
    "Kofi",
    "Lakshmi",
    "Laura",
    "Leah",
    "Liam",
    "Lucas",
    "Madison",
    "Malik",
    "Maria",
    "Mateo",
    "Mei",
    "Michael",
    "Mohammed",
    "Naomi",
    "Nathan",
    "Nia",
    "Nicholas",
    "Noah",
    "Olivia",
    "Omar",
    "Oscar",
    "Patricia",
    "Priya",
    "Quinn",
    "Rachel",
    "Rosa",
    "Samuel",
    "Sarah",
    "Sofia",
    "Thomas",
    "Uma",
    "Victor",
    "William",
    "Xavier",
    "Yusuf",
    "Zachary",
];
const ACCENTED_FIRST_NAMES: [&str; 16] = [
    "Andrés",
    "Anaïs",
    "Björn",
    "Chloé",
    "Dagný",
    "François",
    "Inés",
    "Jérôme",
    "José",
    "Łukasz",
    "María",
    "Noël",
    "Øyvind",
    "Şebnem",
    "Štěpán",
    "Zoë",
];
const NICKNAMES: [&str; 8] = ["Annie", "Bo", "Coco", "Dee", "JJ", "Max", "Sam", "Ty"];
const MIDDLE_NAMES: [&str; 12] =
    ["Alexander", "Ann", "Ávila", "Grace", "J.", "James", "Lee", "Marie", "May", "Rose", "Thomas", "Van"];
const LAST_NAME_STARTS: [&str; 56] = [
    "Ac", "Al", "Ash", "Bar", "Beck", "Black", "Brad", "Bram", "Broad", "Burn", "Carl", "Chat", "Clay", "Crom", "Dal",
    "Dray", "Dun", "East", "Ed", "El", "Fair", "Farn", "Glad", "Gran", "Hal", "Ham", "Har", "Hart", "Hol", "Hunt",
    "Kil", "King", "Lang", "Lin", "Lock", "Mal", "Mar", "Mil", "Nor", "Oak", "Pen", "Pres", "Rad", "Red", "Rock",
    "Rush", "Sal", "Shel", "Stan", "Stock", "Thorn", "Wal", "Wash", "Wen", "Whit", "Win",
];
const LAST_NAME_ENDS: [&str; 28] = [
    "berg", "born", "bridge", "brook", "burn", "bury", "by", "combe", "cott", "croft", "dale", "den", "field", "ford",
    "ham", "holm", "hurst", "ington", "land", "ley", "low", "man", "more", "stead", "ton", "ward", "well", "worth",
];
const ACCENTED_LAST_NAMES: [&str; 24] = [
    "Åkesson",
    "Ängström",
    "Bélanger",
    "Córdova",
    "Çelik",
    "D’Angelo",
    "Dvořák",
    "Fernández",
    "García",
    "Gómez",
    "González",
    "Hernández",
    "Ibáñez",
    "Jiménez",
    "López",
    "Müller",
    "Nguyễn",
    "Núñez",
    "Pérez",
    "Ramírez",
    "Sánchez",
    "Søndergaard",
    "Wałęsa",
    "Yıldız",
];
const POSITIONS: [&str; 8] =
    ["Bus Driver", "Counselor", "Librarian", "Nurse", "Principal", "Registrar", "Teacher", "Teacher, Mathematics"];
const GRADES: [&str; 14] = ["PreK", "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
