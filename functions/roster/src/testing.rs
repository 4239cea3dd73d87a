//! A short way to write rosters, users and schools in tests.
//!
//! A row or a user is `header=value|header=value`; what it does not say is usual, so that it has nothing wrong.

use crate::file::read_users;
use crate::model::{Column, Guid, School, SchoolId, SchoolKind, Schools, User};

/// When tests compare: in November 2026.
pub(crate) const NOW: u64 = 1_795_000_000_000;

/// What the table takes of one exchange.
pub(crate) const MAX_EXCHANGE_WRITES: usize = 99;

/// Returns two schools and the office of the district: North (`10`), South (`0020`) and Office (`D`).
pub(crate) fn schools() -> Schools {
    let school = |id: &str, name: &str, kind| School {
        id: SchoolId(format!("id-{id}")),
        external_id: id.to_owned(),
        name: name.to_owned(),
        kind,
    };
    Schools::new(vec![
        school("10", "North", SchoolKind::School),
        school("0020", "South", SchoolKind::School),
        school("D", "Office", SchoolKind::District),
    ])
}

/// Returns a roster, whose first row is row 2. Unless told otherwise, row number `i` is a student of North with the
/// custom ID `id<i>`. A row that starts with `…` is taken as it stands, and if it ends with `…`, too, it has no line
/// end.
pub(crate) fn roster(rows: &[&str]) -> Vec<u8> {
    let columns = || Column::ALL.into_iter().filter(|c| c.spec().presence.is_of_user());
    let mut file = columns().map(Column::header).collect::<Vec<_>>().join(",") + "\n";
    for (i, row) in rows.iter().enumerate() {
        let cells: Vec<String> = columns().map(|column| cell(row, column, i)).collect();
        let line = row.strip_prefix('…').map_or_else(|| cells.join(","), str::to_owned);
        file += &line.strip_suffix('…').map_or_else(|| format!("{line}\n"), str::to_owned);
    }
    file.into_bytes()
}

/// Returns users. One that says `deleted=` was deleted; `guid=7` stands for the GUID [`guid`] makes of 7.
pub(crate) fn users(specs: &[&str]) -> Vec<User> {
    let mut users = read_users(&roster(specs), &schools()).expect("users of a test");
    for (user, spec) in users.iter_mut().zip(specs) {
        user.deleted_at = said(spec, "deleted").map(|_| 1);
        if let Some(number) = said(spec, "guid") {
            user.guid = guid(number.parse().expect("a number"));
        }
    }
    users
}

/// Returns a GUID for a small number.
pub(crate) fn guid(number: u128) -> Guid {
    Guid(uuid::Uuid::from_u128(number))
}

fn cell(row: &str, column: Column, i: usize) -> String {
    // Each custom ID has a name of its own, which is the same however the ID is written.
    let id = said(row, Column::CustomId.header()).unwrap_or_default().to_lowercase();
    let own: String = id.trim_start_matches('0').chars().filter(char::is_ascii_alphanumeric).collect();
    let usual = match column {
        Column::FirstName => &name("Ora", &own),
        Column::LastName => &name("Klein", &own),
        Column::CustomId => &format!("id{}", i + 2),
        Column::SchoolDistrictExternalId => "10",
        Column::UserType => "Student",
        Column::Status => "Active",
        _ => "",
    };
    format!("\"{}\"", said(row, column.header()).unwrap_or(usual).replace('"', "\"\""))
}

/// Returns a name that is like no other one: `plain`, or syllables that follow from it and `own`.
fn name(plain: &str, own: &str) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "che", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "we"];
    if own.is_empty() {
        return plain.to_owned();
    }
    let mix = |sum: u32, byte: u8| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let mixed = plain.bytes().chain(own.bytes()).chain(*b"mixed").fold(0x811c_9dc5, mix);
    let mut name: String = (0..4).map(|place| SYLLABLES[(mixed >> (4 * place + 8)) as usize % 16]).collect();
    name[..1].make_ascii_uppercase();
    name
}

fn said<'r>(row: &'r str, header: &str) -> Option<&'r str> {
    row.split('|').filter_map(|cell| cell.split_once('=')).find(|(h, _)| *h == header).map(|(_, value)| value)
}
