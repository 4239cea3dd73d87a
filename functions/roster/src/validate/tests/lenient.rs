//! What is understood where the format is not strict.

use proptest::prelude::*;

use crate::file::reading::Reading;
use crate::model::{Column, Grade, Severity, Status, UserType};
use crate::settings::{NameColumn, ReadingSettings, SingleName};
use crate::validate::ValidRow;

use super::*;

fn read_by(reading: &Reading, rows: &[&str], settings: &ModeSettings) -> (Valid, Findings) {
    let (parsed, _) = parse(&roster(rows), reading);
    validate(&parsed.expect("the headers are right"), &schools(), &Scope::Organisation, settings)
}

fn read(rows: &[&str]) -> (Valid, Findings) {
    read_by(&Reading::default(), rows, &ModeSettings::default())
}

/// The first row is row 2.
#[track_caller]
fn check(rows: &[&str], expected: &[&str]) -> Valid {
    let (valid, findings) = read(rows);
    assert_eq!(told(&findings), expected, "{rows:?}: {findings:#?}");
    let others: usize = valid.rows.iter().map(|row| row.others.len()).sum();
    assert_eq!(valid.rows.len() + others + valid.rejected.len(), rows.len(), "every row is somewhere once");
    valid
}

fn only(valid: &Valid) -> &ValidRow {
    assert_eq!((valid.rows.len(), valid.rejected.len()), (1, 0));
    &valid.rows[0]
}

#[test]
fn words_for_ours_are_read_and_noted_by_cause() {
    let rows = ["user_type=student|grade=09|status=ACTIVE", "grade=09", "grade=KG|status=false", "grade=9"];
    let noted = [
        "2 WORD_UNDERSTOOD grade",
        "2 WORD_UNDERSTOOD status",
        "2 WORD_UNDERSTOOD user_type",
        "4 WORD_UNDERSTOOD grade",
        "4 WORD_UNDERSTOOD status",
    ];
    let valid = check(&rows, &noted);
    let read: Vec<_> = valid.rows.iter().map(|row| (row.user_type, row.grade, row.status)).collect();
    let student = |grade, status| (UserType::Student, grade, status);
    assert_eq!(read[..2], [student(Grade::G9, Status::Active); 2]);
    assert_eq!(read[2], student(Grade::K, Status::Disabled));
    let (_, findings) = self::read(&rows);
    assert_eq!(findings[0].expected.as_deref(), Some("It was read as 9."));
    assert_eq!(findings[0].rows.map(|rows| (rows.count, rows.last)), Some((2, 3)));
    check(&["grade=0", "grade=-1"], &["2 GRADE_UNKNOWN grade", "3 GRADE_UNKNOWN grade"]);
    check(&["user_type=parent", "status=1"], &["2 USER_TYPE_UNKNOWN user_type", "3 STATUS_UNKNOWN status"]);
}

#[test]
fn words_for_nothing_are_empty_cells() {
    let noted = ["2 NULL_READ_AS_EMPTY email", "2 NULL_READ_AS_EMPTY grade", "2 NULL_READ_AS_EMPTY middle_name"];
    let valid = check(&["middle_name=NULL|email=none|grade=nan"], &noted);
    assert_eq!((&*only(&valid).middle_name, &*only(&valid).email), ("", ""));
    assert_eq!(only(&valid).grade, Grade::Unspecified);
    check(&["username=NULL|user_guid=\\N"], &["2 NULL_READ_AS_EMPTY user_guid", "2 NULL_READ_AS_EMPTY username"]);
    check(&["user_type=Staff|email=a@x.example|position=\\N"], &["2 NULL_READ_AS_EMPTY position"]);
    // An ID that is none: whose row it is can't be told.
    let valid = check(&["custom_id=NULL"], &["2 CELL_MISSING custom_id"]);
    assert_eq!((valid.rejected[0].custom_id.as_deref(), valid.rejected[0].without_owner), (None, true));
    for id in ["N/A", "None", "none", "-", "---", "?", ".", "*", "TBD", "unknown", "pending", "0"] {
        let valid = check(&[&format!("custom_id={id}")], &["2 CELL_MISSING custom_id"]);
        // If a user has it all the same, that user stays.
        assert_eq!((valid.rejected[0].custom_id.as_deref(), valid.rejected[0].without_owner), (Some(id), true));
    }
    check(&["custom_id=NA", "custom_id=0000"], &["2 TEXT_DOUBTFUL custom_id", "3 TEXT_DOUBTFUL custom_id"]);
    // Who is called like that stays.
    assert_eq!(only(&check(&["last_name=Null"], &[])).last_name, "Null");
    assert_eq!(only(&check(&["first_name=Nan|middle_name=Nan"], &[])).middle_name, "Nan");
    check(&["first_name=JO|last_name=NULL"], &[]);
    check(&["last_name=NULL", "last_name=nan"], &["2 TEXT_DOUBTFUL last_name", "3 TEXT_DOUBTFUL last_name"]);
    check(&["middle_name=<NA>"], &["2 NULL_READ_AS_EMPTY middle_name"]);
    check(&["middle_name=NaT"], &["2 NULL_READ_AS_EMPTY middle_name"]);
    check(&["middle_name=NA", "first_name=NA"], &["2 TEXT_DOUBTFUL middle_name", "3 TEXT_DOUBTFUL first_name"]);
    check(&["first_name=MINHO|middle_name=NA|last_name=KIM", "middle_name=Na"], &[]);
    check(&["first_name=NULL|last_name=NULL"], &["2 TEXT_DOUBTFUL first_name", "2 TEXT_DOUBTFUL last_name"]);
}

#[test]
fn nobody_is_called_question_mark() {
    check(&["first_name=??", "last_name=?"], &["2 TEXT_DOUBTFUL first_name", "3 TEXT_DOUBTFUL last_name"]);
    check(&["middle_name=?? ??"], &["2 TEXT_DOUBTFUL middle_name"]);
    let missing = ["2 CELL_MISSING first_name", "2 CELL_MISSING last_name"];
    check(&["first_name=??|last_name=????"], &missing);
    check(&["first_name=|last_name=??"], &missing);
}

#[test]
fn broken_text_is_repaired_or_doubtful() {
    let row = "first_name=LÃ©a|last_name=O&#039;Brien|user_type=Teacher|email=josÃ©@x.example|position=R&amp;D";
    let columns = ["email", "first_name", "last_name", "position"];
    let noted = columns.map(|column| format!("2 TEXT_REPAIRED {column}"));
    let valid = check(&[row], &noted.each_ref().map(String::as_str));
    let ValidRow { first_name, last_name, email, position, .. } = only(&valid);
    assert_eq!([first_name, last_name, email, position], ["Léa", "O'Brien", "josé@x.example", "R&D"]);
    check(&["last_name=M?ller", "first_name=L├®a"], &["2 TEXT_DOUBTFUL last_name", "3 TEXT_DOUBTFUL first_name"]);
    let doubted = |valid: &Valid| valid.rows.iter().map(|row| row.doubted.len()).sum::<usize>();
    assert_eq!(doubted(&read(&["last_name=M?ller", "last_name=J?ger"]).0), 2);
    // A row that is rejected makes nothing wait.
    check(&["last_name=M?ller|status="], &["2 CELL_MISSING status"]);
    // What is in it after the repair is held to the same rules.
    check(&["last_name=Kle&#8206;in"], &["2 CELL_CONTROL_CHARACTER last_name", "2 TEXT_REPAIRED last_name"]);
    let settings = ModeSettings::default();
    let (valid, findings) = read_by(&Reading::strict(), &["first_name=LÃ©a"], &settings);
    assert_eq!(told(&findings), ["2 TEXT_DOUBTFUL first_name"]);
    assert_eq!(valid.rows[0].first_name, "LÃ©a");
}

#[test]
fn values_have_one_form() {
    let valid = check(&["first_name=Jose\u{301}|last_name=Van\u{a0}Dyk|username=Jose\u{301}"], &[]);
    assert_eq!((&*only(&valid).first_name, &*only(&valid).last_name), ("José", "Van Dyk"));
    assert_eq!(only(&valid).username.as_deref(), Some("José"));
    check(
        &["user_type=Teacher|email=jose\u{301}@x.example", "user_type=Teacher|email=josé@x.example"],
        &["2 EMAIL_REPEATED email", "3 EMAIL_REPEATED email"],
    );
}

#[test]
fn letters_and_characters_that_deceive_are_named() {
    check(&["first_name=\u{410}na"], &["2 NAME_MIXED_ALPHABETS first_name"]);
    check(&["first_name=Анна Maria"], &[]);
    check(
        &["username=\u{43e}ra", "custom_id=A\u{412}12"],
        &["2 USERNAME_INVALID username", "3 CUSTOM_ID_MIXED_ALPHABETS custom_id"],
    );
    let (_, findings) = read(&["last_name=Kl\u{200e}ein", "first_name=O\u{200d}ra"]);
    assert_eq!(told(&findings), ["2 CELL_CONTROL_CHARACTER last_name", "3 CELL_CONTROL_CHARACTER first_name"]);
    let named = "Letters, digits and punctuation; the character is U+200E.";
    assert_eq!(findings[0].expected.as_deref(), Some(named));
}

#[test]
fn a_typed_id_has_one_form() {
    let check = |text: &str, id: Option<&str>| {
        assert_eq!(crate::validate::typed_id(Column::CustomId, text).as_deref(), id, "{text:?}");
    };
    check(" 0123 ", Some("0123"));
    check("Jose\u{301}-1", Some("José-1"));
    check("A\u{a0}1", Some("A 1"));
    for text in ["", "A\u{412}12", "1\u{200b}2", "1\u{200d}2", "'12", "1.2E+11", "#N/A", "1\n2"] {
        check(text, None);
    }
}

#[test]
fn a_students_unusable_address_is_dropped() {
    for cell in ["1", "x@", "a@x.example;b@x.example", "#N/A", "a b@x.example", "k?"] {
        let valid = check(&[&format!("email={cell}")], &["2 EMAIL_DROPPED email"]);
        assert!(only(&valid).email.is_empty() && only(&valid).unsaid.email, "{cell}");
    }
    check(&["user_type=Teacher|email=x@"], &["2 EMAIL_INVALID email"]);
    check(&["user_type=Teacher|email=none"], &["2 EMAIL_INVALID email"]);
    let settings = ModeSettings { student_email_required: true, ..ModeSettings::default() };
    let (_, findings) = read_by(&Reading::default(), &["email=x@"], &settings);
    assert_eq!(told(&findings), ["2 EMAIL_INVALID email"]);
}

#[test]
fn guids_are_read_in_every_form() {
    let guid = "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506";
    let plain = guid.replace('-', "");
    for form in [format!("{{{}}}", guid.to_uppercase()), format!("urn:uuid:{guid}"), plain, format!("({guid})")] {
        let valid = check(&[&format!("user_guid={form}")], &["2 GUID_UNDERSTOOD user_guid"]);
        assert_eq!(only(&valid).guid.map(|guid| guid.to_string()).as_deref(), Some(guid));
    }
    check(&[&format!("user_guid={}", guid.to_uppercase())], &[]);
    check(&["user_guid={6f1c2a34}"], &["2 GUID_INVALID user_guid"]);
}

#[test]
fn one_name_is_enough() {
    let names = |single: &SingleName, row: &str| {
        let reading = Reading::from(ReadingSettings { single_name: single.clone(), ..ReadingSettings::default() });
        let (valid, findings) = read_by(&reading, &[row], &ModeSettings::default());
        assert!(findings.iter().any(|f| f.code == Code::SingleName), "{findings:#?}");
        let row = only(&valid);
        (row.first_name.clone(), row.last_name.clone())
    };
    let both = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    let (first, last) = ("first_name=Suharto|last_name=", "first_name=|last_name=Suharto");
    let single = SingleName::default();
    assert_eq!(names(&single, first), both("Suharto", ""));
    assert_eq!(names(&single, last), both("", "Suharto"));
    assert_eq!(names(&single, "first_name=Suharto|last_name=-"), both("Suharto", ""));
    let single = SingleName { column: NameColumn::LastName, other: "-".to_owned() };
    assert_eq!(names(&single, first), both("-", "Suharto"));
    assert_eq!(names(&single, "first_name=-|last_name=Suharto"), both("-", "Suharto"));
    let single = SingleName { column: NameColumn::FirstName, ..single };
    assert_eq!(names(&single, last), both("Suharto", "-"));
    check(&["first_name=|last_name="], &["2 CELL_MISSING first_name", "2 CELL_MISSING last_name"]);
}

#[test]
fn rows_about_one_person_become_one() {
    let teacher = "custom_id=1|user_type=Teacher|email=a@x.example|position=Maths";
    let elsewhere = format!("school_district_external_id=0020|{teacher}");
    let valid = check(&[teacher, &elsewhere], &["3 SEVERAL_SCHOOLS school_district_external_id"]);
    assert_eq!(only_with_others(&valid, &[3]).school.0, "id-10");
    // The row that is Active decides, wherever it stands.
    let old = format!("school_district_external_id=0020|status=Disabled|grade=8|{}", "custom_id=1");
    let valid = check(&[&old, "custom_id=1|grade=9"], &["2 SAME_PERSON -"]);
    assert_eq!(only_with_others(&valid, &[2]).grade, Grade::G9);
    let valid = check(&[&old, "custom_id=1|status=Disabled"], &["3 SEVERAL_SCHOOLS school_district_external_id"]);
    assert_eq!(only_with_others(&valid, &[3]).school.0, "id-0020");
    // Capitals of an address are no difference, and what one row leaves out another one says.
    let capitals = teacher.replace("a@x", "A@X").replace("Maths", "");
    let valid = check(&[&capitals, teacher], &["3 SAME_PERSON -"]);
    assert_eq!(only_with_others(&valid, &[3]).email, "A@X.example");
    assert_eq!(only_with_others(&valid, &[3]).position, "Maths");
    let guid = "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506";
    let valid = check(&["custom_id=1|middle_name=M", &format!("custom_id=1|user_guid={guid}")], &["3 SAME_PERSON -"]);
    assert_eq!(only_with_others(&valid, &[3]).guid.map(|guid| guid.to_string()).as_deref(), Some(guid));
}

fn only_with_others<'v>(valid: &'v Valid, rows: &[u32]) -> &'v ValidRow {
    let row = only(valid);
    assert_eq!(row.others.iter().map(|other| other.row).collect::<Vec<_>>(), rows);
    row
}

#[test]
fn rows_that_contradict_each_other_are_rejected() {
    let conflict = ["2 CUSTOM_ID_REPEATED custom_id", "3 CUSTOM_ID_REPEATED custom_id"];
    let with = |other: &str| {
        check(&["custom_id=1|grade=9|middle_name=M", &format!("custom_id=1|{other}")], &conflict);
    };
    with("first_name=Una");
    with("last_name=Todd");
    with("middle_name=N");
    with("grade=10");
    with("school_district_external_id=0020|grade=10");
    with("password=secret|username=a|email=a@x.example|grade=8");
    with("first_name=Una|status=Disabled");
    let teacher = "custom_id=1|user_type=Teacher|email=a@x.example";
    check(&[teacher, "custom_id=1"], &conflict);
    check(&[teacher, &teacher.replace("a@x", "b@x")], &conflict);
    check(&[&format!("{teacher}|position=A"), &format!("{teacher}|position=B")], &conflict);
    check(&["custom_id=1|password=a", "custom_id=1|password=b"], &conflict);
    // A row with something else wrong leaves open what it says.
    let told = ["2 CUSTOM_ID_REPEATED custom_id", "3 CUSTOM_ID_REPEATED custom_id", "3 STATUS_UNKNOWN status"];
    check(&["custom_id=1", "custom_id=1|status=gone"], &told);
    let settings = ModeSettings::default();
    let (_, findings) = read_by(&Reading::strict(), &["custom_id=1", "custom_id=1|status=Disabled"], &settings);
    assert_eq!(self::told(&findings), conflict);
}

#[test]
fn a_row_goes_with_the_one_that_stands_for_it() {
    let teacher = "custom_id=1|user_type=Teacher|email=a@x.example";
    let rows = [teacher, &format!("{teacher}|school_district_external_id=0020"), &teacher.replace("=1", "=2")];
    let told = [
        "2 EMAIL_REPEATED email",
        "3 OTHER_ROW_REJECTED -",
        "3 SEVERAL_SCHOOLS school_district_external_id",
        "4 EMAIL_REPEATED email",
    ];
    let valid = check(&rows, &told);
    assert_eq!(valid.rejected.len(), 3);
}

#[test]
fn findings_say_whom_they_are_about() {
    let name = "first_name=Ora|last_name=Klein";
    let rows = ["custom_id=7|status=gone", "custom_id=8|grade=09", "custom_id=9|email=x@"];
    let rows = rows.map(|row| format!("{row}|{name}"));
    let (_, findings) = read(&rows.each_ref().map(String::as_str));
    let about = |f: &Finding| f.person.as_ref().map(|person| (person.name.clone(), person.custom_id.clone()));
    let people: Vec<_> = findings.iter().map(about).collect();
    assert_eq!(people, ["7", "8", "9"].map(|id| Some(("Ora Klein".to_owned(), id.to_owned()))));
    // Not of damaged rows, where any cell may be a password.
    let (parsed, of_file) =
        parse(&roster(&["last_name=\u{fffd}|status=gone", "…Ora,Klein,,,77,10"]), &Reading::strict());
    let parsed = parsed.expect("the headers are right");
    let (_, of_rows) = validate(&parsed, &schools(), &Scope::Organisation, &ModeSettings::default());
    assert!(of_file.iter().chain(of_rows.iter()).all(|f| f.person.is_none()));
    assert!(of_rows.iter().any(|f| f.code == Code::StatusUnknown));
    // A note of several rows is about nobody.
    let (_, findings) = read(&["grade=09", "grade=09"]);
    assert_eq!(findings[0].person, None);
}

#[test]
fn numbers_are_said() {
    let (_, findings) = read(&[&format!("last_name={}", "ü".repeat(1107))]);
    assert_eq!(findings[0].expected.as_deref(), Some("1,107 letters; at most 100 are kept."));
}

#[test]
fn a_hint_tells_nothing_of_schools_outside_the_scope_and_is_never_ambiguous() {
    let north = Scope::School(SchoolId("id-10".to_owned()));
    let hint = |cell: &str, scope: &Scope| {
        let row = format!("school_district_external_id={cell}");
        let (parsed, _) = parse(&roster(&[&row]), &Reading::default());
        let (_, findings) = validate(&parsed.expect("a roster"), &schools(), scope, &ModeSettings::default());
        findings[0].expected.clone()
    };
    assert_eq!(hint("20", &Scope::Organisation).as_deref(), Some("Probably 0020."));
    assert_eq!(hint("20", &north), None);
    assert_eq!(hint("NORTH", &north).as_deref(), Some("Probably 10."));
}

fn cell() -> impl Strategy<Value = (Column, String)> {
    let column =
        prop::sample::select(&[Column::UserType, Column::Status, Column::Grade, Column::SchoolDistrictExternalId][..]);
    let known = crate::file::words::SYNONYMS.iter().flat_map(crate::file::words::Synonyms::words).collect::<Vec<_>>();
    let word = prop_oneof![
        prop::sample::select(known),
        prop::sample::select(&["20", "NORTH", "office", "d", "010", "0", "-1", "admin", "parent", "1"][..])
            .prop_map(str::to_owned),
        "[A-Za-z0-9 .-]{1,12}",
    ];
    // With a slip: a letter left out, added, or exchanged with the next.
    (column, word, 0..12usize, 0..4u8).prop_map(|(column, word, at, slip)| {
        let mut letters: Vec<char> = word.chars().collect();
        let at = at % letters.len();
        match slip {
            0 if letters.len() > 1 => drop(letters.remove(at)),
            1 => letters.insert(at, 'x'),
            2 if at + 1 < letters.len() => letters.swap(at, at + 1),
            _ => {}
        }
        (column, letters.into_iter().collect())
    })
}

proptest! {
    #[test]
    fn a_hinted_value_is_accepted((column, cell) in cell(), strict in any::<bool>()) {
        let reading = Reading::from(ReadingSettings { strict_format: strict, ..ReadingSettings::default() });
        let of_cell = |cell: &str| {
            let row = format!("{}={cell}", column.header());
            let (_, findings) = read_by(&reading, &[&row], &ModeSettings::default());
            findings.iter().find(|f| f.severity() == Severity::Row && f.column.as_deref() == Some(column.header())).cloned()
        };
        let hint = of_cell(&cell).and_then(|finding| finding.expected);
        let hinted = hint.as_deref().and_then(|hint| hint.strip_prefix("Probably "));
        if let Some(value) = hinted.and_then(|hint| hint.split_once('.')).map(|(value, _)| value) {
            prop_assert_eq!(of_cell(value), None, "{} for {}", value, cell);
        }
    }
}

#[test]
fn an_empty_cell_says_nothing_where_the_file_of_the_person_lacks_the_column() {
    let mut reading = Reading::default();
    reading.omissions.unsaid_of.entry(UserType::Student).or_default().insert(Column::Email);
    for (cells, is_unsaid) in [("email=", true), ("email=a@x.example", false)] {
        let (valid, _) = read_by(&reading, &[cells], &ModeSettings::default());
        assert_eq!(only(&valid).unsaid.email, is_unsaid, "{cells}");
    }
}
