use crate::file::{ParsedRoster, parse};
use crate::model::{Code, Column, Finding};

mod lenient;

const HEADERS: &str =
    "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status";
const ORA: &str = "Ora,Klein,,ora@contoso.example,0013,10001,Student,,9,Active";
const MAX: &str = "Max,Berg,,max@contoso.example,0014,10001,Teacher,Head,,Active";

/// What a file reads as: its findings (row, code, value, expected) and rows (number, first name, damage).
fn read(bytes: &[u8]) -> String {
    let (parsed, findings) = parse(bytes, &crate::Reading::strict());
    let mut lines: Vec<String> = findings.iter().map(told).collect();
    if let Some(parsed) = parsed {
        lines.extend(parsed.rows.iter().map(|row| {
            let name = parsed.cell(row, Column::FirstName).unwrap_or("(none)");
            let id = parsed.cell(row, Column::CustomId).unwrap_or("(none)");
            format!("{}: {name} {id}{}", row.number, row.damage.map(|d| format!(" {d}")).unwrap_or_default())
        }));
        if parsed.cut_off {
            lines.push("cut off".to_owned());
        }
    }
    lines.join("\n")
}

fn told(finding: &Finding) -> String {
    let row = finding.row.map(|row| format!("{row}: ")).unwrap_or_default();
    let expected = finding.expected.as_ref().map(|e| format!(" ({e})")).unwrap_or_default();
    format!("{row}{}{expected}", finding.message())
}

#[track_caller]
fn check(text: impl AsRef<[u8]>, expected: &str) {
    assert_eq!(read(text.as_ref()), expected);
}

fn with_rows(rows: &[&str]) -> String {
    [&[HEADERS], rows].concat().join("\n") + "\n"
}

fn parsed(text: impl AsRef<[u8]>) -> ParsedRoster {
    let (parsed, findings) = parse(text.as_ref(), &crate::Reading::strict());
    parsed.unwrap_or_else(|| panic!("{findings:?}"))
}

#[test]
fn delimiters_and_line_breaks() {
    let plain = with_rows(&[ORA, MAX]);
    let expected = "2: Ora 0013\n3: Max 0014";
    for delimiter in [",", ";", "\t"] {
        for line_break in ["\n", "\r\n", "\r"] {
            let text = plain.replace(',', delimiter).replace('\n', line_break);
            check(&text, expected);
            check(text.trim_end(), expected);
            let quoted: Vec<String> = text
                .split_inclusive(line_break)
                .map(|line| {
                    let cells = line.trim_end().split(delimiter).map(|c| format!("\"{c}\""));
                    cells.collect::<Vec<_>>().join(delimiter) + line_break
                })
                .collect();
            check(quoted.concat(), expected);
        }
    }
    check(format!("sep=;\r\n{}", plain.replace(',', ";")), expected);
    check(format!("\u{feff}\"sep=|\"\n{}", plain.replace(',', "|")), expected);
    check(format!("SEP=\t\n{}", plain.replace(',', "\t")), expected);
}

#[test]
fn encodings() {
    let text = with_rows(&[&ORA.replace("Ora", "Zoë"), &MAX.replace("Max", "Łukasz Jürgen 😀")]);
    let expected = "2: Zoë 0013\n3: Łukasz Jürgen 😀 0014";
    let utf16 = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    check(&text, expected);
    check(format!("\u{feff}{text}"), expected);
    check(utf16(u16::to_le_bytes), expected);
    check(utf16(u16::to_be_bytes), expected);
    check([b"\xff\xfe".as_slice(), &utf16(u16::to_le_bytes)].concat(), expected);
    check([b"\xfe\xff".as_slice(), &utf16(u16::to_be_bytes)].concat(), expected);
}

#[test]
fn encodings_that_do_not_show_themselves() {
    let warning = "The file does not say how its letters are written; it was read as Windows-1252.";
    for name in ["José", "Zoë", "Müller", "Françoise", "Ærø", "Šárka", "O’Neil", "Ñuñez", "Jürgen Groß", "Renée–Anne"]
    {
        let text = with_rows(&[&ORA.replace("Ora", name)]);
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
        check(&bytes, &format!("{warning}\n2: {name} 0013"));
    }
    let text = with_rows(&[&ORA.replace("Ora", "Екатерина"), &MAX.replace("Berg", "Воробьёва")]);
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(&text);
    let (parsed, findings) = parse(&bytes, &crate::Reading::strict());
    assert_eq!(findings[0].value.as_deref(), Some("Windows-1251"));
    assert_eq!(parsed.unwrap().encoding, "Windows-1251");
}

#[test]
fn rows_with_broken_characters() {
    let mut bytes = with_rows(&[&ORA.replace("Ora", "Zoë"), MAX, ORA]).into_bytes();
    let max = bytes.windows(3).position(|w| w == b"Max").unwrap();
    bytes[max + 1] = 0xe4;
    check(
        &bytes,
        "3: The row has characters that can't be read.\n2: Zoë 0013\n3: M\u{fffd}x 0014 ROW_UNREADABLE\n4: Ora 0013",
    );
    let all_ascii = with_rows(&[MAX]).replace("Max", "M~x").into_bytes();
    let with_mark = [b"\xef\xbb\xbf".as_slice(), &all_ascii]
        .concat()
        .iter()
        .map(|&b| if b == b'~' { 0xe4 } else { b })
        .collect::<Vec<u8>>();
    check(with_mark, "2: The row has characters that can't be read.\n2: M\u{fffd}x 0014 ROW_UNREADABLE");
}

#[test]
fn files_that_are_no_rosters() {
    for text in ["", "\u{feff}", "\n\n\r\n", " \n\t\n", ",,,\n,,\n", ";\n"] {
        check(text, "The file is empty.");
    }
    check(HEADERS, "The file has headers and no rows.");
    check(with_rows(&["", ",,,,,,,,,", "  "]), "The file has headers and no rows.");
    let nothing_else = |kind: &str| format!("The file is {kind}, not a CSV file or a workbook.");
    check("%PDF-1.7 whatever", &nothing_else("a PDF document"));
    check("PK\u{3}\u{4}\u{14}", &nothing_else("a zip archive, or a document that is one inside"));
    check(b"\x1f\x8b\x08\0", &nothing_else("a gzip archive"));
    check(b"\xd0\xcf\x11\xe0\xa1\xb1", &nothing_else("an Office document of the old kind"));
    check("\n<!DOCTYPE HTML><p>Please sign in", &nothing_else("a web page"));
    check("{\"users\": []}", &nothing_else("a JSON document"));
    check((0..=255).collect::<Vec<u8>>(), &nothing_else("a binary file"));
    check(vec![0; 5000], &nothing_else("a binary file"));
}

#[test]
fn files_that_are_too_large() {
    check(vec![b'a'; 256 * 1024 * 1024 + 1], "The file is too large to be a roster.");
    let long_line = "x".repeat(2 << 20);
    check(&long_line, "1: A row is longer than 1 MiB.");
    check(with_rows(&[ORA, &long_line, MAX]), "3: A row is longer than 1 MiB.");
    check(with_rows(&[ORA, &",".repeat(2 << 20), MAX]), "3: A row is longer than 1 MiB.");
    check(with_rows(&[ORA, &"\"".repeat(2 << 20), MAX]), "3: A row is longer than 1 MiB.");
}

#[test]
fn blank_rows_are_counted_and_left_out() {
    check(
        format!("\n ,\n{}", with_rows(&["", ORA, "\t", ",,,,,,,,,", "\u{a0},,", MAX, "", ",,,,,,,,,"])),
        "5: Ora 0013\n9: Max 0014",
    );
}

#[test]
fn cells_are_read_without_what_surrounds_them() {
    let parsed = parsed(with_rows(&[
        " \u{feff}Ora\u{a0},'=Klein,'''-x,\u{200b}a@b.example\t,\"00\n13\",'x,' =y,\" \"\"z\"\"\",'＋1,'",
    ]));
    let row = &parsed.rows[0];
    let cells: Vec<&str> = Column::ALL.into_iter().filter_map(|c| parsed.cell(row, c)).collect();
    assert_eq!(cells, ["Ora", "=Klein", "''-x", "a@b.example", "00\n13", "'x", "' =y", "\"z\"", "＋1", "'"]);
    assert_eq!(row.cells.get(0), Some(" \u{feff}Ora\u{a0}"));
}

#[test]
fn a_formula_for_a_text_is_read_as_the_text() {
    let cells = |line: &str| {
        let parsed = parsed(with_rows(&[line]));
        let cells = Column::ALL.into_iter().filter_map(|c| parsed.cell(&parsed.rows[0], c));
        cells.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        cells(
            "=\"Ora\",\"=\"\"Klein\"\"\",=\"\",x,=\"00123\",\" '=\"\" 0020 \"\" \",\"=\"\"=1\"\"\",=\"'x\",=K,\"=\"\"a\"\"b\"\"\""
        ),
        ["Ora", "Klein", "", "x", "00123", "0020", "=1", "'x", "=K", "=\"a\"b\""]
    );
}

#[test]
fn passwords_are_taken_as_they_are() {
    let text = format!("{HEADERS},password\n{ORA}, two words \n{MAX},'=x\n");
    let parsed = parsed(text);
    let passwords: Vec<_> = parsed.rows.iter().map(|row| parsed.cell(row, Column::Password)).collect();
    assert_eq!(passwords, [Some(" two words "), Some("'=x")]);
    let formula = self::parsed(format!("{HEADERS},password\n{ORA},\"=\"\"x\"\"\"\n"));
    assert_eq!(formula.cell(&formula.rows[0], Column::Password), Some("=\"x\""));
    assert!(!format!("{parsed:?}{:?}", parsed.rows).contains("two words"));
}

#[test]
fn rows_with_too_few_or_too_many_cells() {
    check(
        with_rows(&["Ora,Klein,,0013", &format!("{ORA},"), MAX]),
        "2: The row has fewer cells than there are headers. (Expected 10 cells, one for each header; the row has 4.)\n\
         3: The row has more cells than there are headers. (Expected 10 cells, one for each header; the row has 11.)\n\
         2: Ora (none) ROW_TOO_SHORT\n3: Ora 0013 ROW_TOO_LONG\n4: Max 0014",
    );
    let many = parsed(with_rows(&[&format!("{ORA}{}", ",x".repeat(100_000))]));
    assert_eq!(many.rows[0].cells.len(), 110);
    assert_eq!(many.rows[0].cells.iter().collect::<Vec<_>>().join(",").len(), ORA.len() + 200_000);
}

#[test]
fn files_that_were_cut_off() {
    let text = with_rows(&[ORA, MAX]);
    check(
        &text[..text.len() - 12],
        "3: The file ends in the middle of this row.\n2: Ora 0013\n3: Max 0014 ROW_CUT_OFF\ncut off",
    );
    check(&text[..text.len() - 1], "2: Ora 0013\n3: Max 0014");
    let long = format!("{HEADERS}\n{ORA},x");
    let expected = read(format!("{long}\n").as_bytes());
    check(long, &format!("{expected}\ncut off"));
}

#[test]
fn files_that_were_cut_off_in_a_character() {
    let unreadable = "3: The row has characters that can't be read.\n2: Zoë 0013\n3: Max 0014 ROW_UNREADABLE\ncut off";
    let text = with_rows(&[&ORA.replace("Ora", "Zoë"), &MAX.replace("Active", "é")]);
    check(&text.as_bytes()[..text.len() - 2], unreadable);
    for to in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide: Vec<u8> = format!("\u{feff}{}", text.trim_end()).encode_utf16().flat_map(to).collect();
        check(&wide[..wide.len() - 1], unreadable);
    }
    // Nothing else shows that it is UTF-8, so it may be another encoding, or not.
    let text = with_rows(&[ORA, &MAX.replace("Active", "é")]);
    let read = read(&text.as_bytes()[..text.len() - 2]);
    assert!(read.ends_with("\n2: Ora 0013\n3: Max 0014\ncut off"), "{read}");
}

#[test]
fn a_quotation_mark_that_does_not_fit_costs_one_row() {
    let told =
        |row| format!("{row}: A quotation mark in this row is never closed, or closed where it should not be.\n");
    let open = ORA.replace("Klein", "\"Klein");
    let rest = "2: Ora 0013 QUOTE_NOT_CLOSED\n3: Max 0014";
    check(with_rows(&[&open, MAX]), &format!("{}{rest}\ncut off", told(2)));
    let quoted = MAX.replace("Berg", "\"Berg\"");
    check(with_rows(&[&open, &quoted]), &format!("{}{rest}\ncut off", told(2)));
    check(with_rows(&[&ORA.replace("Klein", "\"Ora \"Otto\" Klein\""), MAX]), &format!("{}{rest}", told(2)));
    check(
        with_rows(&[MAX, &open]).trim_end(),
        &format!("{}2: Max 0014\n3: Ora 0013 QUOTE_NOT_CLOSED\ncut off", told(3)),
    );
    // The mark of another row closes it where a cell ends: a row would be gone.
    let closes = MAX.replace("Berg", "Berg\"");
    check(
        with_rows(&[&open, &closes]),
        &format!("{}{}2: Ora 0013 QUOTE_NOT_CLOSED\n3: Max 0014 QUOTE_NOT_CLOSED\ncut off", told(2), told(3)),
    );
    check(
        with_rows(&[&open, MAX, MAX, &closes]),
        &format!(
            "{}{}2: Ora 0013 QUOTE_NOT_CLOSED\n3: Max 0014\n4: Max 0014\n5: Max 0014 QUOTE_NOT_CLOSED\ncut off",
            told(2),
            told(5)
        ),
    );
    let late = ORA.replace("Active", "\"Active");
    check(
        with_rows(&[&late, &closes]),
        &format!("{}{}2: Ora 0013 QUOTE_NOT_CLOSED\n3: Max 0014 QUOTE_NOT_CLOSED\ncut off", told(2), told(3)),
    );
    // Also where the row that closes it lacks cells, so that the two together have as many as one should.
    for (opens, closes) in [
        (ORA.replace("Student,", "Student,\"x"), MAX.replace("Teacher,Head,,", "Teacher\",,")),
        (open.clone(), MAX.replace("Max,Berg,,", "Max\",Berg,")),
        (late, MAX.replace("Head,,Active", "Head,\"")),
    ] {
        let read = read(with_rows(&[&opens, &closes]).as_bytes());
        let rows = read.lines().filter(|line| line.contains("QUOTE_NOT_CLOSED") || line.contains("ROW_TOO_SHORT"));
        assert_eq!((rows.count(), read.ends_with("cut off")), (2, true), "{opens}\n{closes}\n{read}");
    }
    let long = with_rows(&[&open, &[MAX; 30_000].join("\n")]);
    assert_eq!(read(long.as_bytes()).lines().filter(|l| l.ends_with("Max 0014")).count(), 30_000);
}

#[test]
fn quotations_that_fit() {
    check(with_rows(&[&ORA.replace("Klein", "\"Klein, \"\"OK\"\"\n\"  "), MAX]), "2: Ora 0013\n3: Max 0014");
    check(with_rows(&[&ORA.replace("Klein", "\"K,l,e,i,\nn\""), MAX]), "2: Ora 0013\n3: Max 0014");
    check(with_rows(&[&ORA.replace("Klein", "\u{201c}K\u{201d} \"OK\" Klein"), MAX]), "2: Ora 0013\n3: Max 0014");
}

#[test]
fn quotations_that_run_on_and_on_take_no_time() {
    let rows = "\"a\",\"b\"\"\n".repeat(200_000);
    check(with_rows(&[ORA, &rows]), "9: A row is longer than 1 MiB.");
}

#[test]
fn all_that_is_wrong_with_headers_at_once() {
    let header = HEADERS
        .replace("first_name", "Frist Name")
        .replace("middle_name,", "")
        .replace("email", "Email")
        .replace("position", "phone")
        .replace("status", "status,grade,");
    let told = read(format!("{header}\n{ORA}\n").as_bytes());
    insta::assert_snapshot!(told, @"
    “Frist Name” is not a header. (Expected first_name above column A.)
    The header “Email” has the wrong capital letters. (Expected email above column C.)
    “phone” is not a header. (Expected a header of the data dictionary above column G, or no such column.)
    The header grade stands more than once. (Expected each header once; it stands above columns H, J.)
    A column has no header. (Expected a header of the data dictionary above column K.)
    The header middle_name is missing.
    The header position is missing.
    ");
}

#[test]
fn headers_of_every_kind() {
    let with = |from: &str, to: &str| read(format!("{}\n{ORA}\n", HEADERS.replace(from, to)).as_bytes());
    assert_eq!(with("first_name", " first_name\u{a0}"), "2: Ora 0013");
    let headers = [
        ("first_name", "FIRST_NAME"),
        ("first_name", "firstname"),
        ("last_name", "surname"),
        ("email", "e-mail"),
        ("email", "email,Email"),
        ("email", "Email,EMAIL"),
        ("email", "email,email,email"),
        ("email", "emial,emall"),
        ("status", "status,passwort"),
        ("status", "status,O'Neil \"x\" =1+1"),
        ("status", "status,,,"),
        ("school_district_external_id", "school_external_id"),
        ("custom_id", "student number"),
        ("position,grade,status", "Stellung,Klasse,Zustand"),
        ("grade", "Grade,grade"),
        ("custom_id,school_district_external_id,user_type", "Student ID,School-ID,role"),
        ("custom_id,school_district_external_id", "id,student_id,external_id,school"),
        ("custom_id", "custom_id,id"),
        ("first_name,last_name", "family_nam,given_nam"),
        ("status", "status,hunter2"),
        ("status", "status,pasword,phone,Secret55!"),
    ];
    let told = headers.map(|(from, to)| format!("{to}\n{}\n", with(from, to)));
    insta::assert_snapshot!(told.join("\n"), @r#"
    FIRST_NAME
    The header “FIRST_NAME” has the wrong capital letters. (Expected first_name above column A.)

    firstname
    “firstname” is not a header. (Expected first_name above column A.)

    surname
    “surname” is not a header. (Expected last_name above column B.)

    e-mail
    “e-mail” is not a header. (Expected email above column D.)

    email,Email
    The header “Email” has the wrong capital letters. (Expected email above column E.)
    The header email stands more than once. (Expected each header once; it stands above columns D, E.)

    Email,EMAIL
    The header “Email” has the wrong capital letters. (Expected email above column D.)
    The header “EMAIL” has the wrong capital letters. (Expected email above column E.)
    The header email stands more than once. (Expected each header once; it stands above columns D, E.)

    email,email,email
    The header email stands more than once. (Expected each header once; it stands above columns D, E, F.)

    emial,emall
    “emial” is not a header. (Expected email above column D.)
    “emall” is not a header. (Expected a header of the data dictionary above column E, or no such column.)

    status,passwort
    “passwort” is not a header. (Expected password above column K.)

    status,O'Neil "x" =1+1
    The cell is not a header. (Expected a header of the data dictionary above column K, or no such column.)

    status,,,
    A column has no header. (Expected a header of the data dictionary above columns K, L, M.)

    school_external_id
    “school_external_id” is not a header. (Expected school_district_external_id above column F.)

    student number
    “student number” is not a header. (Expected custom_id above column E.)

    Stellung,Klasse,Zustand
    “Stellung” is not a header. (Expected a header of the data dictionary above column H, or no such column.)
    “Klasse” is not a header. (Expected grade above column I.)
    “Zustand” is not a header. (Expected status above column J.)
    The header position is missing.

    Grade,grade
    The header “Grade” has the wrong capital letters. (Expected grade above column I.)
    The header grade stands more than once. (Expected each header once; it stands above columns I, J.)

    Student ID,School-ID,role
    “Student ID” is not a header. (Expected custom_id above column E.)
    “School-ID” is not a header. (Expected school_district_external_id above column F.)
    “role” is not a header. (Expected user_type above column G.)

    id,student_id,external_id,school
    “id” is not a header. (Expected a header of the data dictionary above column E, or no such column.)
    “student_id” is not a header. (Expected custom_id above column F.)
    “external_id” is not a header. (Expected a header of the data dictionary above column G, or no such column.)
    “school” is not a header. (Expected school_district_external_id above column H.)

    custom_id,id
    “id” is not a header. (Expected a header of the data dictionary above column F, or no such column.)

    family_nam,given_nam
    “family_nam” is not a header. (Expected a header of the data dictionary above column A, or no such column.)
    “given_nam” is not a header. (Expected a header of the data dictionary above column B, or no such column.)
    The header first_name is missing.
    The header last_name is missing.

    status,hunter2
    The cell is not a header. (Expected a header of the data dictionary above column K, or no such column.)

    status,pasword,phone,Secret55!
    “pasword” is not a header. (Expected password above column K.)
    The cell is not a header. (Expected a header of the data dictionary above column L, or no such column.)
    The cell is not a header. (Expected a header of the data dictionary above column M, or no such column.)
    "#);
}

#[test]
fn headers_that_are_very_many() {
    let (parsed, findings) =
        parse(format!("{HEADERS}{}\n{ORA}\n", ",x".repeat(100_000)).as_bytes(), &crate::Reading::strict());
    assert!(parsed.is_none());
    assert!(findings.len() <= 50, "{}", findings.len());
    let (_, findings) =
        parse(format!("{HEADERS}{}\n{ORA}\n", ",".repeat(100_000)).as_bytes(), &crate::Reading::strict());
    assert!(findings.iter().all(|f| f.hint().len() < 1000));
}

#[test]
fn a_row_of_data_is_not_shown_as_headers() {
    let (parsed, findings) = parse(format!("{ORA},secret-password\n{MAX},x\n").as_bytes(), &crate::Reading::strict());
    assert!(parsed.is_none());
    let [finding] = &findings[..] else { panic!("one finding says so: {findings:?}") };
    assert_eq!((finding.code, &finding.value), (Code::HeadersNotFound, &None));
    assert!(!finding.hint().contains("secret"));
}

#[test]
fn a_row_of_data_that_ran_into_the_headers_is_not_shown() {
    let secret = ORA.replace("Ora", "Orapax").replace("Klein", "Swordfish");
    let check = |header: String| {
        let file = format!("{header}\n{secret},Kingfisher\n{secret},Kingfisher\n");
        let (parsed, findings) = parse(file.as_bytes(), &crate::Reading::strict());
        assert!(parsed.is_none() && !findings.is_empty());
        let kept =
            String::from_utf8(crate::file::without_secrets(file.as_bytes(), &crate::Reading::strict()).into_owned())
                .unwrap();
        let kept = kept.lines().next().unwrap();
        for part in ["Orapax", "Swordfish", "Kingfisher", "0013", "ora@contoso", "10001"] {
            assert!(findings.iter().all(|f| !format!("{f:?}").contains(part)), "{part}: {findings:#?}");
            assert!(!kept.contains(part), "{part}: {kept}");
        }
        assert!(kept.starts_with("first_name,last_name"), "{kept}");
    };
    check(format!("{HEADERS},password{secret},Kingfisher"));
    check(format!("{HEADERS},password {secret},Kingfisher"));
    check(format!("{HEADERS},password,{secret},Kingfisher"));
    check(format!("{HEADERS}{secret}"));
    check(format!("first_name,last_name,middle_name,email{},Kingfisher", &secret[secret.find(",0013").unwrap()..]));
    check(format!("{HEADERS},pasword,Kingfisher"));
}

#[test]
fn columns_of_ours_are_accepted() {
    check(format!("{HEADERS},temporary_password,Result,Error\n{ORA},a,b,c\n"), "2: Ora 0013");
}
