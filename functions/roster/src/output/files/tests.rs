use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::diff::{Change, Kind};
use crate::file::parse;
use crate::model::{
    Code, Fields, Finding, Findings, Grade, RowOfPart, School, SchoolId, SchoolKind, Schools, Status, User, UserType,
};
use crate::settings::PasswordSource;

const HEADERS: &str =
    "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status";
const ORA: &str = "Ora,Klein,,ora@contoso.example,0013,10001,Student,,9,Active";

#[track_caller]
fn check(file: Vec<u8>, expected: &str) {
    let text = String::from_utf8(file).unwrap();
    assert_eq!(text.strip_prefix('\u{feff}').unwrap().replace("\r\n", "\n"), expected);
}

fn read(text: impl AsRef<[u8]>) -> ParsedRoster {
    let (parsed, findings) = parse(text.as_ref(), &crate::Reading::strict());
    parsed.unwrap_or_else(|| panic!("{findings:?}"))
}

fn errors(of: &[(u32, &[&str])]) -> RowErrors<'static> {
    let texts = |errors: &[&str]| errors.iter().map(|error| (*error).to_owned()).collect();
    of.iter().map(|(row, errors)| (*row, texts(errors))).collect::<BTreeMap<u32, Vec<String>>>().into()
}

fn schools() -> Schools {
    let school = |id: &str, external_id: &str| School {
        id: SchoolId(id.to_owned()),
        external_id: external_id.to_owned(),
        name: "School".to_owned(),
        kind: SchoolKind::School,
    };
    Schools::new(vec![school("a", "10001"), school("b", "0020")])
}

fn ora() -> User {
    User {
        guid: Guid(Uuid::from_u128(7)),
        custom_id: Some("0013".to_owned()),
        first_name: "Ora".to_owned(),
        middle_name: String::new(),
        last_name: "Klein".to_owned(),
        email: "ora@contoso.example".to_owned(),
        school: SchoolId("a".to_owned()),
        user_type: UserType::Student,
        position: String::new(),
        grade: Grade::G9,
        status: Status::Active,
        username: "oklein".to_owned(),
        version: 1,
        deleted_at: None,
        erase_at: None,
        roles: crate::Roles::default(),
        source: None,
        former_usernames: Vec::new(),
    }
}

#[test]
fn error_files_have_the_rows_as_sent_and_what_is_wrong_at_the_far_right() {
    let parsed = read(format!("Error,{HEADERS},password\nold, {ORA},Secret1\nold,{ORA},Secret2\n"));
    let expected = format!("{HEADERS},password,Error\n \"{}\",,\"First. Fix it; Second, too.\"\n", ORA);
    let expected = expected.replace(" \"", " ").replace("Active\"", "Active");
    check(error_file(&parsed, &errors(&[(2, &["First. Fix it", "Second, too."])])), &expected);
}

#[test]
fn what_an_error_quotes_starts_no_formula() {
    let parsed = read(format!("{HEADERS}\n{ORA}\n"));
    check(
        error_file(&parsed, &errors(&[(2, &["\u{201c}x;=1+1\u{201d} is wrong.", "=1"])])),
        &format!("{HEADERS},Error\n{ORA},\u{201c}x;'=1+1\u{201d} is wrong.;' =1\n"),
    );
}

#[test]
fn damaged_rows_have_their_error_below_its_header() {
    let parsed = read(format!("{HEADERS}\nOra,Klein\n{ORA},Jr.,x\n"));
    let file = error_file(&parsed, &errors(&[(2, &["short"]), (3, &["long"])]));
    check(file.clone(), &format!("{HEADERS},Error\nOra,Klein,,,,,,,,,short,{NOT_YET}\n{ORA},long,Jr.,x\n"));
    let again = read(file);
    assert_eq!(again.rows.iter().map(|r| r.damage).collect::<Vec<_>>(), [Some(Code::RowTooLong); 2]);
}

#[test]
fn error_files_have_no_passwords_that_slipped() {
    let header = format!("{HEADERS},password,username");
    for row in [
        format!("{},Secret1,ok", ORA.replacen(',', "", 1)),
        format!("{},Secret1,ok", ORA.replacen(',', ",,", 1)),
        format!("{ORA},Sec,ret1,ok"),
        format!("{ORA},\"Sec\nret1,ok"),
        format!("{ORA}\"Sec,ret1\",ok"),
        format!("{},Secret1,ok", ORA.replace("Klein", "\"Klein, O")),
        format!("{ORA},Secret1"),
    ] {
        let parsed = read(format!("{header}\n{row}\n"));
        assert!(parsed.rows[0].damage.is_some(), "{row}");
        let errors: BTreeMap<_, _> = parsed.rows.iter().map(|row| (row.number, vec!["x".to_owned()])).collect();
        let file = String::from_utf8(error_file(&parsed, &errors.into())).unwrap();
        assert!(!file.contains("Sec") && !file.contains("ret1"), "{row}: {file}");
        assert!(parsed.cell(&parsed.rows[0], Column::CustomId).is_some(), "whose row it is can still be seen");
    }
}

#[test]
fn an_error_that_is_not_kept_whole_speaks_of_a_cell() {
    let check = |code: Code, expected: &str| {
        let cut = BTreeMap::from([(RowOfPart { part: None, row: 2 }, vec![code].into())]);
        let findings = Findings::restore(Vec::new(), BTreeMap::from([(code, 1)]), cut);
        assert_eq!(errors_by_row(&findings, None).text(2).as_deref(), Some(expected));
    };
    check(Code::CellMissing, "A cell is empty.");
    check(Code::CellTooLong, "The value of a cell is too long.");
    check(Code::CellExcelError, "A cell is an error that a spreadsheet wrote.");
    check(Code::GradeUnknown, "A cell is not a grade.");
    check(Code::CustomIdRepeated, "Several rows have the custom ID; none of them can be trusted.");
    check(Code::UserOutOfScope, "The user with the value of a cell belongs to another school.");
    check(Code::CustomIdZerosLost, "There is no such user, but there is one with more zeros in front.");
    check(Code::RowTooShort, "The row has fewer cells than there are headers.");
    for code in Code::ALL.iter().filter(|code| code.severity().rejects()) {
        let message = Finding::message_of_some_cell(*code);
        assert!(!message.contains(['{', '}']) && message.starts_with(char::is_uppercase), "{message}");
    }
}

#[test]
fn a_row_that_is_sent_again_uncorrected_is_rejected_again() {
    let check = |header: &str, rows: &[&str], end: &str| {
        let header = format!("{HEADERS}{header}");
        for reading in [crate::Reading::default(), crate::Reading::strict()] {
            let read = |file: &[u8]| {
                let (parsed, findings) = parse(file, &reading);
                let parsed = parsed.unwrap_or_else(|| panic!("{findings:?}"));
                let settings = crate::ModeSettings::default();
                let (valid, more) =
                    crate::validate::validate(&parsed, &schools(), &crate::Scope::Organisation, &settings);
                (parsed, valid.rejected.len(), Findings::from([&findings[..], &more].concat()))
            };
            let mut file = ([&[&*header], rows].concat().join("\n") + end).into_bytes();
            // And once more.
            for _ in 0..3 {
                let (parsed, rejected, findings) = read(&file);
                assert_eq!(rejected, rows.len(), "{}", String::from_utf8_lossy(&file));
                file = error_file(&parsed, &errors_by_row(&findings, None));
                assert!(!String::from_utf8_lossy(&file).contains("Secret"));
            }
        }
    };
    let short = format!("{ORA},Secret1");
    check(",username,password", &[&short], "\n");
    check(",username,password", &[&short.replace("0013", "0014"), &short], "\n");
    check(",username,password", &[&ORA.replace("Klein", "Klein \"OK")], "\n");
    check(",password", &[&format!("{ORA},\"Secret1\"x")], "\n");
    check(",password", &[&format!("{ORA},Secret1\u{7}")], "\n");
    check(",password", &[&format!("{ORA},{}", "Secret1".repeat(40))], "\n");
    check(",password", &[&format!("{ORA},Secret1,x")], "\n");
    check(",password", &[&format!("{ORA},Secret1,Secret2")], "\n");
    check(",password", &[&format!("{ORA},Secret\u{fffd}")], "\n");
    // It may have been cut off.
    check(",username", &[ORA], "");
}

#[test]
fn a_row_that_is_corrected_is_taken() {
    let header = format!("{HEADERS},username,password");
    let parsed = parse(format!("{header}\n{ORA},Secret1\n").as_bytes(), &crate::Reading::default()).0.unwrap();
    let file = String::from_utf8(error_file(&parsed, &errors(&[(2, &["short"])]))).unwrap();
    assert!(file.ends_with(&format!("{ORA},,,short,{NOT_YET}\r\n")), "{file}");
    let corrected = file.replace(&format!(",{NOT_YET}"), "");
    let (again, findings) = parse(corrected.as_bytes(), &crate::Reading::default());
    assert_eq!((again.unwrap().rows[0].damage, findings.len()), (None, 0));
}

#[test]
fn completed_files_say_what_became_of_each_row() {
    let done = |username: &str, password: Option<&str>| CompletedRow {
        guid: Some(Guid(Uuid::from_u128(7))),
        username: username.to_owned(),
        temporary_password: password.map(str::to_owned),
        result: "created",
        not_updated: Vec::new(),
        class: None,
    };
    let guid = "00000000-0000-0000-0000-000000000007";
    let parsed = read(format!("{HEADERS}\n{ORA}\n{ORA}\n{ORA}\n"));
    check(
        credentials_file(
            &parsed,
            &BTreeMap::from([(2, done("=x", Some("abcd-efgh-jkmn"))), (4, done("oklein", None))]),
        ),
        &format!(
            "{HEADERS},user_guid,username,temporary_password,Result\n\
             {ORA},{guid},'=x,abcd-efgh-jkmn,created\n{ORA},{guid},oklein,,created\n"
        ),
    );
    let parsed =
        read(format!("Result,username,password,{HEADERS},user_guid,temporary_password,Error\na,,Secret1,{ORA},,b,c\n"));
    check(
        completed_file(&parsed, &BTreeMap::from([(2, done("oklein", None))])),
        &format!("username,password,{HEADERS},user_guid,temporary_password,Result\noklein,,{ORA},{guid},,created\n"),
    );
}

#[test]
fn plans_have_a_line_for_each_field() {
    let before = Fields::of(&ora()).unwrap();
    let moved = Fields { school: SchoolId("b".to_owned()), grade: Grade::G10, ..before.clone() };
    let change = Change {
        kind: Kind::Moved,
        guid: Guid(Uuid::from_u128(7)),
        row: Some(2),
        seen_version: Some(1),
        before: Some(before.clone()),
        after: Some(moved),
        password: None,
        restores: false,
        exchange: None,
        two_people: None,
        not_updated: Vec::new(),
    };
    let removed = Change { kind: Kind::Removed, row: None, after: None, ..change.clone() };
    let restored = Change {
        kind: Kind::Reactivated,
        after: Some(before.clone()),
        restores: true,
        password: Some(PasswordSource::Temporary),
        ..change.clone()
    };
    let created = Change { kind: Kind::Created, before: None, seen_version: None, ..restored.clone() };
    let created = Change { restores: false, ..created };
    let guid = "00000000-0000-0000-0000-000000000007";
    let who = format!("{guid},0013,Ora,Klein");
    check(
        plan_file([change, removed, restored, created].iter(), None, &schools()),
        &format!(
            "kind,row,user_guid,custom_id,first_name,last_name,school,field,before,after\n\
             moved,2,{who},0020,school_district_external_id,10001,0020\n\
             moved,2,{who},0020,grade,9,10\n\
             removed,,{who},10001,status,Active,Deleted\n\
             reactivated,2,{who},10001,status,Deleted,Active\n\
             reactivated,2,{who},10001,password,,temporary\n\
             created,2,{who},10001,first_name,,Ora\n\
             created,2,{who},10001,last_name,,Klein\n\
             created,2,{who},10001,email,,ora@contoso.example\n\
             created,2,{who},10001,custom_id,,0013\n\
             created,2,{who},10001,school_district_external_id,,10001\n\
             created,2,{who},10001,user_type,,Student\n\
             created,2,{who},10001,grade,,9\n\
             created,2,{who},10001,status,,Active\n\
             created,2,{who},10001,username,,oklein\n\
             created,2,{who},10001,password,,temporary\n"
        ),
    );
}

#[test]
fn templates_have_every_header_that_people_fill_in() {
    check(template(), &format!("{HEADERS},password,username,user_guid\n"));
}

#[test]
fn dictionaries_have_every_column() {
    let text = String::from_utf8(dictionary()).unwrap();
    for column in Column::ALL {
        assert!(text.contains(&format!("\n{},", column.header())), "{}", column.header());
    }
}

/// Text of the kinds that go wrong in CSV files and spreadsheets.
fn text() -> impl Strategy<Value = String> {
    let hard = prop::sample::select(vec![
        "",
        "'",
        "''",
        "=1+1",
        "'=x",
        "=\"007\"",
        "'=\" '1 \"",
        "=\"a\"b\"",
        "''@x",
        "+49",
        "-",
        "'-'",
        "＝x",
        "00123",
        "1.2E+11",
        "O'Neil",
        "a,b",
        "a;b",
        "\"",
        "a\"b",
        "\"a\"",
        "Zoë",
        "👩‍👧",
        "\u{202e}rtl",
        "a\nb",
        "a\r\nb",
        "\u{feff}a",
        "#N/A",
        "sep=;",
        "x;=1+1",
        "x;'=1+1",
        "x;\"=1+1",
        "x\t @A1",
        "x\r\n-1",
        "a\n\n'\"+1;",
        " \n\"=1",
        ";;=1;\t'",
        "\";=1",
    ]);
    let any = prop_oneof![hard.prop_map(str::to_owned), "\\PC{0,12}", "['=+\\-@,;\"a-z \t\r\n]{0,8}"];
    // Damage of an earlier day is told apart from text.
    any.prop_map(|text| text.replace(char::REPLACEMENT_CHARACTER, "x"))
}

proptest! {
    #[test]
    fn what_is_protected_reads_as_it_was(value in text()) {
        let protected = cell::protect(&value);
        let sent = cell::unprotect_parts(&protected);
        prop_assert_eq!(cell::unprotect(&sent), value.as_str());
        let again = cell::resend(&sent).into_owned();
        let again = cell::unprotect_parts(&again);
        prop_assert_eq!(cell::value(&again), cell::value(&sent));
    }

    #[test]
    fn no_spreadsheet_finds_a_formula_however_it_cuts_a_file(
        rows in prop::collection::vec(prop::collection::vec(text(), 3), 1..4)
    ) {
        let mut file = CsvFile::new();
        file.values(["a", "b", "c"]);
        for row in &rows {
            file.values(row.iter().map(String::as_str));
            file.line(row.iter().map(|cell| cell::resend(cell)));
        }
        let bytes = file.bytes();
        for (delimiter, quoting) in [(b',', true), (b';', true), (b'\t', true), (b';', false), (b'\t', false)] {
            let mut builder = csv::ReaderBuilder::new();
            let builder = builder.delimiter(delimiter).quoting(quoting).flexible(true).has_headers(false);
            for record in builder.from_reader(&bytes[..]).into_records() {
                for cell in record.unwrap().iter() {
                    let cell = cell.trim_start_matches(['\t', '\r', '\n']);
                    prop_assert!(!cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{:?}", cell);
                }
            }
        }
    }

    #[test]
    fn cells_that_are_sent_back_read_the_same(cells in prop::collection::vec(text(), 10)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(HEADERS.split(',')).unwrap();
        writer.write_record(&cells).unwrap();
        let (Some(parsed), _) = parse(&writer.into_inner().unwrap(), &crate::Reading::strict()) else { return Ok(()) };
        let row = &parsed.rows[0];
        prop_assert_eq!(row.damage, None);
        let file = error_file(&parsed, &errors(&[(row.number, &["x"])]));
        let again = read(&file);
        prop_assert_eq!(again.rows.len(), 1);
        for column in &parsed.columns {
            prop_assert_eq!(again.cell(&again.rows[0], *column), parsed.cell(row, *column));
        }
        // And once it was sent, it never changes again.
        let errors = errors(&[(again.rows[0].number, &["x"])]);
        prop_assert_eq!(error_file(&again, &errors), file);
    }

    #[test]
    fn downloads_read_as_the_users_they_are_of(texts in prop::collection::vec(text(), 6)) {
        // A user's fields have no white space around them.
        let texts: Vec<String> = texts.iter().map(|text| cell::trim(text).to_owned()).collect();
        let [first_name, last_name, middle_name, position, custom_id, username] = <[String; 6]>::try_from(texts).unwrap();
        let user = User { first_name, last_name, middle_name, position, username, custom_id: Some(custom_id), ..ora() };
        let parsed = read(users_file([&user, &ora()].into_iter(), &schools()));
        prop_assert_eq!(parsed.rows.len(), 2);
        let cell = |column| parsed.cell(&parsed.rows[0], column).unwrap();
        for (column, value) in [
            (Column::FirstName, &user.first_name),
            (Column::LastName, &user.last_name),
            (Column::MiddleName, &user.middle_name),
            (Column::Position, &user.position),
            (Column::CustomId, user.custom_id.as_ref().unwrap()),
            (Column::Username, &user.username),
        ] {
            // What a formula for a text says is read as that text.
            let value = cell::text_of_formula(value).map_or(value.as_str(), cell::trim);
            prop_assert_eq!(cell(column), value);
        }
        prop_assert_eq!(cell(Column::UserGuid), user.guid.to_string());
        prop_assert_eq!(cell(Column::SchoolDistrictExternalId), "10001");
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "[\",;\t\r\na=']{0,80}") {
        parse(&bytes, &crate::Reading::strict());
        parse(text.as_bytes(), &crate::Reading::strict());
        let rows = [HEADERS.as_bytes(), b"\n", text.as_bytes(), b"\n", &bytes].concat();
        if let (Some(parsed), findings) = parse(&rows, &crate::Reading::strict()) {
            let damaged = parsed.rows.iter().filter(|r| r.damage.is_some());
            let errors: BTreeMap<u32, Vec<String>> = damaged.map(|r| (r.number, vec!["x".to_owned()])).collect();
            prop_assert_eq!(errors.len(), findings.iter().filter(|f| f.row.is_some()).count());
            parse(&error_file(&parsed, &errors.into()), &crate::Reading::strict());
        }
    }
}
