//! What is understood of a file whose format need not be strict.

use crate::file::reading::Reading;
use crate::file::{ParsedRoster, parse};
use crate::model::{Code, Column, Finding, Severity};
use crate::settings::FileEncoding;

const HEADERS: &str =
    "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status";
const ORA: &str = "Ora,Klein,,ora@contoso.example,0013,10001,Student,,9,Active";
const MAX: &str = "Max,Berg,,max@contoso.example,0014,10001,Teacher,Head,,Active";
const BOTH: &str = "2: Ora 0013\n3: Max 0014";

fn read(bytes: &[u8]) -> (Option<ParsedRoster>, Vec<Finding>) {
    let (parsed, findings) = parse(bytes, &Reading::default());
    (parsed, findings.to_vec())
}

/// Returns what a file reads as: its findings with the rows that they stand for, and its rows.
fn told(bytes: &[u8]) -> String {
    let (parsed, findings) = read(bytes);
    let mut lines: Vec<String> = findings
        .iter()
        .map(|f| {
            let rows = f.rows.map_or(String::new(), |rows| format!(" ({} to {})", rows.count, rows.last));
            let row = f.row.map_or(String::new(), |row| format!("{row}: "));
            format!("{row}{}{rows}", f.code)
        })
        .collect();
    lines.extend(parsed.iter().flat_map(|parsed| {
        parsed.rows.iter().map(|row| {
            let cell = |column| parsed.cell(row, column).unwrap_or("(none)");
            let damage = row.damage.map(|damage| format!(" {damage}")).unwrap_or_default();
            format!("{}: {} {}{damage}", row.number, cell(Column::FirstName), cell(Column::CustomId))
        })
    }));
    if parsed.is_some_and(|parsed| parsed.cut_off) {
        lines.push("cut off".to_owned());
    }
    lines.join("\n")
}

#[track_caller]
fn check(text: impl AsRef<[u8]>, expected: &str) {
    assert_eq!(told(text.as_ref()), expected);
}

fn file(rows: &[&str]) -> String {
    [&[HEADERS], rows].concat().join("\n") + "\n"
}

fn mapped(line: impl Fn(&str) -> String) -> String {
    [HEADERS, ORA, MAX].map(line).join("\n") + "\n"
}

/// Checks that the file, as a strict format reads it, has one of these codes.
#[track_caller]
fn strict_refuses(text: &str) {
    let (_, findings) = parse(text.as_bytes(), &Reading::strict());
    assert!(findings.iter().any(|f| f.severity() <= Severity::Row), "{text}: {findings:?}");
}

#[test]
fn headers_in_other_words() {
    for header in [
        "First Name,Surname,Middle Name,E-Mail,Student ID,School,Role,Job Title,Grade Level,Account Status",
        "FIRST_NAME,LAST_NAME,MIDDLE_NAME,EMAIL,CUSTOM_ID,SCHOOL_DISTRICT_EXTERNAL_ID,USER_TYPE,POSITION,GRADE,STATUS",
        "first name ,last-name:,Middle  Name,e mail,Custom ID*,School ID,User Type,Position,Grade,Status",
        "givenName,familyName,middleName,email,sourcedId,orgSourcedIds,role,position,grades,status",
        "STUDENTS.First_Name,STUDENTS.Last_Name,STUDENTS.Middle_Name,Student Email,Student_Number,SchoolID,Role,Position,Grade_Level,Enrollment Status",
        "Forename,Surname,Middle Names,Email Address,UPN,School Code,Role,Job Title,Year Group,Status",
        "Vorname,Nachname,Zweiter Vorname,E-Mail-Adresse,Schülernummer,Schulnummer,Rolle,Funktion,Jahrgang,Status",
        "Prénom,Nom,Deuxième prénom,Courriel,Numéro élève,Code école,Rôle,Fonction,Niveau,Statut",
        "Nombre,Apellidos,Segundo nombre,Correo electrónico,Matrícula,Código de centro,Rol,Cargo,Grado,Estado",
        "Frist Name,Lastname,Midle Name,Emial,CustomID,school_distric_external_id,Usertype,Positon,Grade,Staus",
        "ï»¿first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status",
    ] {
        let text = format!("{header}\n{ORA}\n{MAX}\n");
        check(&text, &format!("HEADERS_UNDERSTOOD\n{BOTH}"));
        strict_refuses(&text);
    }
    let (_, findings) = read(format!("{}\n{ORA}\n", HEADERS.replace("last_name", "Surname")).as_bytes());
    assert_eq!(findings[0].message(), "Headers were read by what they mean: “Surname” as last_name.");
}

#[test]
fn headers_that_can_mean_two_things_are_not_guessed() {
    let failed = |from: &str, to: &str| {
        let (parsed, findings) = read(format!("{}\n{ORA}\n", HEADERS.replace(from, to)).as_bytes());
        assert!(parsed.is_none(), "{to}");
        findings.iter().map(|f| format!("{} {}", f.message(), f.expected.as_deref().unwrap_or(""))).collect::<String>()
    };
    assert_eq!(
        failed("first_name", "Name"),
        "The header first_name is missing. Perhaps it is “Name” above column A: rename it if so."
    );
    assert!(failed("custom_id", "User ID").starts_with("The header custom_id is missing. Perhaps it is “User ID”"));
    assert_eq!(
        failed("custom_id", "Student ID,Employee ID"),
        "The header custom_id stands more than once. Expected one column for it; columns E, F can be it."
    );
    assert!(failed("email", "email,Email").starts_with("The header email stands more than once."));
    assert!(failed("email,", "").starts_with("The header email is missing."));
    // The surer name has the column, and the other one is left out.
    let text = HEADERS.replace("school_district_external_id", "School,School ID").replace("custom_id", "custom_id,ID");
    let (parsed, findings) = read(format!("{text}\nOra,Klein,,,0013,7,North,10001,Student,,9,Active\n").as_bytes());
    let parsed = parsed.unwrap();
    assert_eq!(parsed.cell(&parsed.rows[0], Column::SchoolDistrictExternalId), Some("10001"));
    assert_eq!(findings[1].message(), "Columns that are none of ours were not read: “ID”, “School”.");
}

#[test]
fn columns_that_are_none_of_ours_are_left_out() {
    let text = format!("row,{HEADERS},phone,PIN code\n1,{ORA},555,Secret1\n2,{MAX},,\n");
    check(&text, &format!("COLUMNS_LEFT_OUT\n{BOTH}"));
    strict_refuses(&text);
    let (parsed, findings) = read(text.as_bytes());
    let parsed = parsed.unwrap();
    assert_eq!((parsed.header.len(), parsed.rows[0].cells.len()), (10, 10));
    assert!(!format!("{findings:?}").contains("Secret1"));
    let errors = std::collections::BTreeMap::from([(2, vec!["wrong".to_owned()])]).into();
    let file = String::from_utf8(crate::output::error_file(&parsed, &errors)).unwrap();
    assert_eq!(file.trim_start_matches('\u{feff}'), format!("{HEADERS},Error\r\n{ORA},wrong\r\n"));
}

#[test]
fn a_column_that_speaks_of_passwords_is_none_that_sets_them() {
    let headers = "Password hint,My passcode";
    let (parsed, findings) = read(format!("{HEADERS},{headers}\n{ORA},Secret1,Secret2\n").as_bytes());
    assert!(!parsed.unwrap().has(Column::Password));
    assert_eq!(findings[0].code, Code::ColumnsLeftOut);
    let (parsed, _) = read(format!("{HEADERS},Passwort\n{ORA},Secret1\n").as_bytes());
    let parsed = parsed.unwrap();
    assert_eq!(parsed.cell(&parsed.rows[0], Column::Password), Some("Secret1"));
}

#[test]
fn columns_without_header_and_values() {
    let text = mapped(|line| format!("{line},,"));
    check(&text, &format!("COLUMNS_EMPTY\n{BOTH}"));
    strict_refuses(&text);
    check(mapped(|line| line.replacen(',', ",,", 1)), &format!("COLUMNS_EMPTY\n{BOTH}"));
    check(
        format!("{HEADERS},,\n{ORA},,\n{MAX},x,\n{MAX}\n"),
        "COLUMNS_EMPTY\n3: ROW_TOO_LONG\n2: Ora 0013\n3: Max 0014 ROW_TOO_LONG\n4: Max 0014",
    );
    check(format!("{HEADERS},\n{ORA},a\n{MAX},b\n"), "HEADER_EMPTY");
    check(format!(",{HEADERS}\n0,{ORA}\n,{MAX}\n"), "HEADER_EMPTY");
}

#[test]
fn empty_cells_too_many() {
    let text = file(&[&format!("{ORA},"), MAX]);
    check(&text, &format!("2: ROW_SURPLUS_CELLS\n{BOTH}"));
    strict_refuses(&text);
    check(file(&[&format!("{ORA},,,"), &format!("{MAX}, ,")]), &format!("2: ROW_SURPLUS_CELLS (2 to 3)\n{BOTH}"));
    // A comma too many in a name pushes the others to the right.
    let slipped = "Ora,Klein, Jr.,,ora@contoso.example,0013,10001,Student,,9,Active,";
    check(
        format!("{HEADERS},password\n{MAX},x\n{slipped}\n"),
        "3: ROW_TOO_LONG\n2: Max 0014\n3: Ora ora@contoso.example ROW_TOO_LONG",
    );
}

#[test]
fn missing_cells_at_the_end() {
    let headers = format!("{HEADERS},username,password");
    check(format!("{headers}\n{ORA}\n{MAX},,\n"), &format!("2: ROW_LACKS_CELLS\n{BOTH}"));
    check(format!("{headers}\n{ORA},\n{MAX}\n"), &format!("2: ROW_LACKS_CELLS (2 to 3)\n{BOTH}"));
    let in_words = ORA.replace("Student", "Pupil").replace("Active", "TRUE");
    check(format!("{headers}\n{in_words}\n{MAX}\n"), &format!("2: ROW_LACKS_CELLS (2 to 3)\n{BOTH}"));
    // The last one may be a password that slipped into the column username.
    check(format!("{headers}\n{ORA},Secret1\n"), "2: ROW_TOO_SHORT\n2: Ora 0013 ROW_TOO_SHORT");
    // Another cell is missing.
    check(format!("{headers}\n{}\n", ORA.replacen(",,", ",", 1)), "2: ROW_TOO_SHORT\n2: Ora 10001 ROW_TOO_SHORT");
    // Status may not be empty.
    check(file(&[&ORA.replace(",Active", "")]), "2: ROW_TOO_SHORT\n2: Ora 0013 ROW_TOO_SHORT");
    // The file may go on.
    check(format!("{headers}\n{MAX},,\n{ORA}"), "3: ROW_CUT_OFF\n2: Max 0014\n3: Ora 0013 ROW_CUT_OFF\ncut off");
}

#[test]
fn titles_above_the_headers() {
    for title in [
        "Roster",
        "\"Alder District, all schools\"\nPrinted,1/2/2026\n",
        "Student Roster 2025-26,,,,,,,,,\n\nby admin@contoso.example",
        "School: North,10001\n,,,\nx",
        "Alder District,Roster,2025-26,Page 1 of 3,1/2/2026",
        "Teachers",
        "Name,,,,IDs,,Kind,,,",
    ] {
        let text = format!("{title}\n{}", file(&[ORA]));
        let above = title.matches('\n').count() as u32 + 1;
        let (parsed, findings) = read(text.as_bytes());
        assert_eq!(parsed.unwrap().rows[0].number, above + 2, "{title}");
        assert_eq!((findings.len(), findings[0].code), (1, Code::LineLeftOut), "{title}");
        for to in [u16::to_le_bytes, u16::to_be_bytes] {
            let wide: Vec<u8> = text.encode_utf16().flat_map(to).collect();
            assert_eq!(told(&wide), told(text.as_bytes()));
        }
    }
    check(format!("{ORA}\n{}", file(&[MAX])), "HEADERS_NOT_FOUND");
    let (_, findings) = read(format!("{ORA}\n{}", file(&[MAX])).as_bytes());
    assert_eq!(
        findings[0].expected.as_deref(),
        Some("Row 2 looks like headers, but a row above it looks like a person.")
    );
    check(format!("{}{}", "x\n".repeat(60), file(&[MAX])), "HEADERS_NOT_FOUND");
}

#[test]
fn people_above_the_headers_are_no_titles() {
    let more = ["phone", "room", "bus", "locker", "lunch", "advisor", "notes", "flag1", "flag2", "flag3"];
    for (headers, person) in [
        (&more[..], "Ana,Ash,,,20001,10001,Student,,9,Active,,,,,,,,,,"),
        (&more[..], "Ana,Ash,,,20001,10001,,,9,,,,,,,,,,,"),
        (&["password", "username", "user_guid"][..], "Ana,Ash,,,20001,10001,Student,,,Active,,,"),
        (&[], "Ana,,,,,,pupil,,,"),
        (&[], ",Ash,,,20001,,,,,"),
        (&[], "Ana,Ash,,,,,,,,Disabled"),
        (&[], "Ana;Ash;;;20001;10001;Student;;9;Active"),
        (&[], "Ana\tAsh\t\t\t20001\t10001\t\t\t\t"),
    ] {
        let headers = [&[HEADERS], headers].concat().join(",");
        check(format!("{person}\n{headers}\n{MAX}\n"), "HEADERS_NOT_FOUND");
        check(format!("Roster\n{person}\n{headers}\n{MAX}\n"), "HEADERS_NOT_FOUND");
    }
}

#[test]
fn headers_that_are_not_found_are_one_finding() {
    let expected = |text: &str| {
        let (parsed, findings) = read(text.as_bytes());
        assert!(parsed.is_none() && findings.len() == 1, "{findings:?}");
        findings[0].expected.clone().unwrap()
    };
    assert!(expected(&format!("{ORA}\n{MAX}\n")).starts_with("No row looks like headers; the first is row 1."));
    let some = "Secret1,last_name,first_name,x,y\nSecret2,a,b,c,d\n";
    let told = expected(some);
    assert!(told.starts_with("Row 1 looks most like headers: it has first_name, last_name, and misses middle_name"));
    assert!(!told.contains("Secret"));
}

#[test]
fn lines_below_the_last_person() {
    for line in [
        "Total: 523",
        "Total students: 30,,,,,,,,,",
        ",,,,,,,,,\nTotal,30",
        "Total,,,,30,,,,,",
        "Report generated 1/2/2026",
        "(35 rows affected)\n\nCompletion time: 2026-01-02T10:00:00",
        "-- end --",
        "*** END OF REPORT ***",
        "Page 1 of 1",
        "Exported from PowerSchool on 2026-01-02",
        "Records: 30,,,,,,,,Page 1 of 1,1/2/2026",
        "Anzahl Datensätze: 30",
        "Total général : 30",
        "Total: 42",
        "Total,,,2",
        "Total:,,,,42,,,,,",
        "Total students,42",
        "Count 12",
        "(42 rows affected)",
        "End of report",
        "Page 1 of 3",
        "Printed 2026-08-14 by Ora Klein",
        "Generated by the office",
        "\"Generated by: Nia New, Registrar\"",
        // As databases, printers and people end their lists.
        "11/27/2026 3:00 PM\nPage 1",
        "Nov 27, 2026 3:00 PM                Page 1",
        "27 November 2026",
        "\"Friday, November 27, 2026\"",
        "Friday, November 27, 2026",
        "Date: 27.11.2026",
        "Last updated: 11/27/2026",
        "Prepared for: Alder District",
        "Filters applied: School = North High",
        "Time: 12.345 ms",
        "* Data as of 11/27/2026",
        "\u{a9} 2026 PowerSchool Group LLC",
        "SQL> spool off",
        "# end",
        "Query OK, 34 rows in set (0.01 sec)",
        "School Year 2026-27",
        "Total g\u{e9}n\u{e9}ral,34",
        "Subtotal North High,15\nGrand Total,34",
        "Average grade,10.2",
        "Total,34,34,0,,,,,,",
        "Aantal: 34",
        "\u{418}\u{442}\u{43e}\u{433}\u{43e}: 35",
        "\u{5408}\u{8a08}: 35",
        "EOF",
    ] {
        for end in ["\n", ""] {
            let text = format!("{}{line}{end}", file(&[ORA, MAX]));
            let (parsed, findings) = read(text.as_bytes());
            let codes: Vec<Code> = findings.iter().map(|f| f.code).collect();
            assert_eq!(codes, [Code::LineLeftOut], "{text}");
            let parsed = parsed.unwrap();
            assert_eq!((parsed.rows.len(), parsed.cut_off), (2, false), "{text}");
        }
        let (parsed, _) = parse(format!("{}{line}\n", file(&[ORA, MAX])).as_bytes(), &Reading::strict());
        assert!(parsed.unwrap().rows.len() > 2, "{line}");
    }
}

#[test]
fn lines_that_say_what_the_columns_are() {
    let human = "First Name,Last Name,Middle Name,Email,ID,School ID,User Type,Position,Grade,Status";
    for line in [
        human,
        "Vorname,Nachname,Zweitname,E-Mail,Kennung,Schulnummer,Typ,Position,Klasse,Status",
        "Required,Required,Optional,Optional,Required,Required,Required,Optional,Optional,Required",
        "varchar(50),varchar(50),varchar,varchar,int,int,varchar,varchar,int,varchar",
    ] {
        check(file(&[line, ORA, MAX]), "2: LINE_LEFT_OUT\n3: Ora 0013\n4: Max 0014");
    }
    let (parsed, _) = read(format!("{human}\n{}", file(&[ORA, MAX])).as_bytes());
    assert_eq!(parsed.unwrap().rows.len(), 2);
    // A person is no line of headers.
    let (parsed, _) = read(file(&["Grade,Status,,,0015,10001,Student,Position,9,Active"]).as_bytes());
    assert_eq!(parsed.unwrap().rows.len(), 1);
}

#[test]
fn a_date_below_the_last_person() {
    check(file(&[ORA, MAX, "01/02/2026"]), &format!("4: LINE_LEFT_OUT\n{BOTH}"));
    // It may be the start of a row.
    let (parsed, _) = read(file(&[ORA, "01/02/2026"]).trim_end().as_bytes());
    assert!(parsed.unwrap().cut_off);
}

#[test]
fn what_is_left_of_a_person_is_a_row() {
    for line in [
        "Nia",
        "Nia,New",
        "Nia,New,,,,,,,,",
        "Page,Grand,,,,,,,,",
        "Grand,Total,,,,,,,,",
        "20031,,,,,,,,,",
        ",,,,20031,,,,,",
        "100",
        ",,,,,,Student,,,Active",
        ",,,nia@contoso.example,,,,,,",
        "Total,New,,,30,10001,Student,,9,Active",
        "Report,Klein,,,0015,,,,,",
        // With words of lines about the file in it, and cut at another delimiter.
        "Elliot;Page;;;20030;10002;Student;;10;Active",
        "Elliot\tPage\t\t\t20030\t10002\tStudent\t\t10\tActive",
        "Elliot|Page|||20030|10002|pupil||10|",
        "Toby;Dunn;;tdunn@contoso.example;8004;10002;;Line manager;;",
        "Page;End;;;20030",
        "Page;End;",
        "Page;20030",
        "=Page,Ash,,",
        "=\"Page\";=\"End\";=\"\";=\"\";=\"20030\"",
        // With only some of its cells left.
        "Page,End,,,,10001,,,,",
        "Page,,,,,,,,9,",
        "Page,,,,12:34,,,,,",
        ",Total,,,20030",
        "Total,,,,30",
        "Count,,,3",
        "Total",
        ",,,,,,,Page report,,",
        ",,,2026-10-12,,,,,",
        "Page 7,,,6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506",
        "May,20031",
        "June,2026",
        "April August,May,,,2031",
        "Average,Smith,,,20031",
        "*Nia New",
    ] {
        for end in ["\n", ""] {
            let (parsed, _) = read(format!("{}{line}{end}", file(&[ORA, MAX])).as_bytes());
            assert_eq!(parsed.unwrap().rows.len(), 3, "{line}");
        }
    }
    // Between people it is a row, too.
    check(
        file(&[ORA, "Total: 1", MAX]),
        "3: ROW_TOO_SHORT\n2: Ora 0013\n3: Total: 1 (none) ROW_TOO_SHORT\n4: Max 0014",
    );
}

#[test]
fn lines_of_programs_for_databases() {
    let dashes = HEADERS.split(',').map(|_| "------").collect::<Vec<_>>().join(",");
    check(file(&[&dashes, ORA, MAX]), "2: LINE_LEFT_OUT\n3: Ora 0013\n4: Max 0014");
    let pipes = file(&[&dashes, ORA, MAX]).replace(',', "|");
    check(pipes, "2: LINE_LEFT_OUT\n3: Ora 0013\n4: Max 0014");
    check(file(&[ORA, HEADERS, MAX]), "3: LINE_LEFT_OUT\n2: Ora 0013\n4: Max 0014");
    for delimiter in ["|", "^", "~"] {
        check(file(&[ORA, MAX]).replace(',', delimiter), BOTH);
    }
}

#[test]
fn whole_lines_in_quotation_marks() {
    let quoted = |line: &str| format!("\"{}\"", line.replace('"', "\"\""));
    let note = format!("2: ROW_IN_ONE_CELL (2 to 3)\n{BOTH}");
    check(mapped(quoted), &note);
    strict_refuses(&mapped(quoted));
    check(mapped(|line| quoted(line) + "  "), &note);
    check(mapped(|line| quoted(&line.replace(',', ";"))), &note);
    check(mapped(|line| quoted(&line.split(',').map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(","))), &note);
    check(format!("{HEADERS}\n{}\n{}\n", quoted(ORA), quoted(MAX)), &note);
    check(format!("{}\n{ORA}\n{MAX}\n", quoted(HEADERS)), BOTH);
    let (parsed, _) = read(mapped(|line| quoted(&line.replace("Klein", "\"Klein, \"\"OK\"\"\""))).as_bytes());
    let parsed = parsed.unwrap();
    assert_eq!(parsed.cell(&parsed.rows[0], Column::LastName), Some("Klein, \"OK\""));
    let (parsed, findings) =
        read(format!("{HEADERS}\n{}\n{}\n", quoted(ORA), quoted(&MAX.replace("Berg", "\"Berg"))).as_bytes());
    assert_eq!(parsed.unwrap().rows[1].damage, Some(Code::RowTooShort), "{findings:?}");
}

#[test]
fn spaces_before_quotation_marks() {
    let spaced = |space: &str| {
        mapped(|line| line.split(',').map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(&format!(",{space}")))
    };
    for space in [" ", "  ", "\u{a0}", "\t"] {
        check(spaced(space), &format!("2: QUOTES_AFTER_SPACE (2 to 3)\n{BOTH}"));
    }
    let text = file(&[&ORA.replace("Klein", " \"Klein, Jr.\" "), MAX]);
    check(&text, &format!("2: QUOTES_AFTER_SPACE\n{BOTH}"));
    strict_refuses(&text);
    check(
        file(&[&ORA.replace("Klein", " \"Klein\" Jr."), MAX]),
        "2: QUOTE_NOT_CLOSED\n2: QUOTES_AFTER_SPACE\n2: Ora 0013 QUOTE_NOT_CLOSED\n3: Max 0014",
    );
}

#[test]
fn bytes_after_the_last_row() {
    let text = file(&[ORA, MAX]);
    let filled = format!("FILE_FILLED_UP\n{BOTH}");
    for end in ["\u{1a}", "\u{1a}\u{1a}\n", "\0\0\0", "\0\r\n", "\u{c}", "\u{c}\r\n\u{1a}", "\0\0\u{1a}\0"] {
        check(format!("{text}{end}"), &filled);
        check(format!("{}{end}", text.trim_end()), &filled);
        let wide: Vec<u8> = format!("{text}{end}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(wide, &filled);
    }
    check(format!("{text}{}", "\0".repeat(5000)), &filled);
    strict_refuses(&format!("{text}\u{1a}"));
    // A file whose end was lost and filled up is cut off all the same.
    check(
        format!("{}{}", &text[..text.len() - 12], "\0".repeat(40)),
        "FILE_FILLED_UP\n3: ROW_CUT_OFF\n2: Ora 0013\n3: Max 0014 ROW_CUT_OFF\ncut off",
    );
    check(vec![0; 5000], "FILE_NOT_TEXT");
}

#[test]
fn quotation_marks_that_are_none_of_a_csv_file() {
    let marks = ["''", "“”", "„“", "„”", "””", "‘’", "‚‘", "’’", "«»", "»«", "＂＂", "``", "´´"];
    for [open, close] in marks.map(|marks| [0, 1].map(|i| marks.chars().nth(i).unwrap())) {
        let around = |line: &str| line.split(',').map(|c| format!("{open}{c}{close}")).collect::<Vec<_>>().join(",");
        check(mapped(around), "FILE_OTHER_QUOTES");
        check(
            file(&[ORA, &around(MAX), ORA]),
            &format!("3: ROW_OTHER_QUOTES\n2: Ora 0013\n3: Max {open}0014{close} ROW_OTHER_QUOTES\n4: Ora 0013"),
        );
        let text = file(&[&ORA.replace("Klein", &format!("{open}Klein{close}"))]);
        let (parsed, findings) = read(text.as_bytes());
        let parsed = parsed.unwrap();
        assert_eq!(parsed.cell(&parsed.rows[0], Column::LastName), Some("Klein"));
        assert_eq!((findings.len(), findings[0].code), (1, Code::CellOtherQuotes));
        let (parsed, _) = read(text.replace("0013", &format!("{open}0013{close}")).as_bytes());
        let parsed = parsed.unwrap();
        assert_ne!(parsed.cell(&parsed.rows[0], Column::CustomId), Some("0013"), "an ID is what it is");
    }
    let quoted = |line: &str| line.split(',').map(|cell| format!("'{cell}'")).collect::<Vec<_>>().join(",");
    let (_, findings) = read(format!("{}\n{}\n", quoted(HEADERS), quoted(ORA)).as_bytes());
    assert_eq!(findings[0].message(), "The cells of the file stand in single quotation marks ('…').");
}

#[test]
fn doubled_quotation_marks_are_other_ones() {
    let doubled = |line: &str| line.split(',').map(|c| format!("\"\"\"{c}\"\"\"")).collect::<Vec<_>>().join(",");
    check(mapped(doubled), "FILE_OTHER_QUOTES");
    let last_name = |cell: &str| {
        let (parsed, _) = read(file(&[&ORA.replace("Klein", cell)]).as_bytes());
        let parsed = parsed.unwrap();
        parsed.cell(&parsed.rows[0], Column::LastName).map(str::to_owned)
    };
    for (cell, name) in [
        ("\"\"\"Klein\"\"\"", "Klein"),
        ("\"\"\"Bob\"\" Klein\"", "\"Bob\" Klein"),
        ("\"\"\"Bob\"\" \"\"Klein\"\"\"", "\"Bob\" \"Klein\""),
        ("'O'Klein'", "O'Klein"),
    ] {
        assert_eq!(last_name(cell).as_deref(), Some(name));
    }
}

#[test]
fn whole_lines_in_quotation_marks_that_are_none_of_a_csv_file() {
    for marks in ["''", "“”", "„“", "””", "«»", "``"] {
        let mut marks = marks.chars();
        let (open, close) = (marks.next().unwrap(), marks.next().unwrap());
        check(mapped(|line| format!("{open}{line}{close}")), "FILE_OTHER_QUOTES");
        let rows = format!("{HEADERS}\n{open}{ORA}{close}\n{MAX}\n");
        check(rows, &BOTH.replace("Ora", &format!("{open}Ora")));
    }
}

#[test]
fn lines_in_one_cell_that_a_spreadsheet_filled_up() {
    let quoted = |line: &str| format!("\"{}\"", line.replace('"', "\"\""));
    let note = format!("2: ROW_IN_ONE_CELL (2 to 3)\n{BOTH}");
    for fill in [";;;", ";", ",,", "\t", "\t\t", "|||", "; ; "] {
        check(mapped(|line| quoted(line) + fill), &note);
        strict_refuses(&mapped(|line| quoted(line) + fill));
    }
    check(mapped(|line| quoted(&line.replace(',', ";")) + ",,,"), &note);
    let in_quotes = |line: &str| quoted(&line.split(',').map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(","));
    check(mapped(|line| in_quotes(line) + ";;;"), &note);
    check(format!("sep=;\n{}", mapped(quoted)), &note);
    check(format!("sep=;\n{}", mapped(|line| quoted(line) + ";;;")), &note);
    // What stands behind the mark is no cell of a row whose quotation marks do not fit.
    let text = file(&[&ORA.replace("Klein", "\"Klein\";;"), MAX]);
    check(text, "2: QUOTE_NOT_CLOSED\n2: Ora 0013 QUOTE_NOT_CLOSED\n3: Max 0014");
}

#[test]
fn marks_that_cannot_be_seen_are_taken_off() {
    let text = file(&[
        "\u{200f}Ora\u{200e},\u{202b}Klein\u{202c},,,\u{200e}0013\u{a0},\u{2068}10001\u{2069},Student,,9,Active",
    ]);
    check(&text, "2: Ora 0013");
    check(text.replace("first_name", "\u{200e}first_name\u{200f}"), "2: Ora 0013");
    check(text.replace("first_name", "\u{feff}\u{feff}\"first_name\""), "2: Ora 0013");
}

/// Checks which names a file in the encoding gives, what it was read as, and whether that is doubtful.
#[track_caller]
fn names(encoding: FileEncoding, line_break: &str, names: &[&str], doubtful: bool) {
    let rows: Vec<String> = names.iter().map(|name| ORA.replace("Ora", name)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let bytes = encoded(&file(&rows).replace('\n', line_break), encoding);
    let (parsed, findings) = read(&bytes);
    let parsed = parsed.unwrap();
    let code = if doubtful { Code::EncodingDoubtful } else { Code::EncodingGuessed };
    assert_eq!(findings[0].code, code, "{names:?} in {}: {findings:?}", encoding.name());
    let read: Vec<&str> = parsed.rows.iter().filter_map(|row| parsed.cell(row, Column::FirstName)).collect();
    if !doubtful {
        assert_eq!(read, names, "{}", encoding.name());
    }
    let again = parse(&bytes, &parsed.reading).0.unwrap();
    assert_eq!(again.rows[0].cells, parsed.rows[0].cells, "the upload says how it was read");
}

/// Returns a text in an encoding. The library does not write those of DOS and Macs; their letters are looked up.
fn encoded(text: &str, encoding: FileEncoding) -> Vec<u8> {
    let table = |byte: u8| match encoding {
        FileEncoding::Cp437 => yore::code_pages::CP437.decode_byte(byte),
        FileEncoding::Cp850 => yore::code_pages::CP850.decode_byte(byte),
        FileEncoding::Cp852 => yore::code_pages::CP852.decode_byte(byte),
        _ => '\0',
    };
    match encoding_rs::Encoding::for_label(encoding.id().as_bytes()) {
        Some(standard) => standard.encode(text).0.into_owned(),
        None => text.chars().map(|c| (0..=255).find(|&byte| table(byte) == c).unwrap()).collect(),
    }
}

#[test]
fn encodings_are_told_by_the_names() {
    use FileEncoding::*;
    let western = ["Léa Müller", "Zoë Nuñez", "José Gonçalves"];
    for encoding in [Windows1252, Iso885915, Cp850, Cp437, MacRoman] {
        names(encoding, "\n", &western, false);
    }
    names(MacRoman, "\r", &western, false);
    names(Cp850, "\n", &["José"], false);
    let polish = ["Łukasz Żak", "Małgorzata Śliwa", "Paweł Wójcik", "Stanisław Żółć", "Jan Dąbrowski"];
    let czech = ["Jiří Dvořák", "Tomáš Šťastný", "Růžena Černá", "Ondřej Žižka"];
    for encoding in [Windows1250, Iso88592, Cp852] {
        names(encoding, "\n", &polish, false);
        names(encoding, "\n", &czech, false);
    }
    names(Windows1254, "\n", &["Ayşe Yıldız", "Çağrı Güneş", "İbrahim Öztürk"], false);
    names(Windows1257, "\n", &["Jānis Bērziņš", "Līga Kļaviņa"], false);
    let russian = ["Екатерина Воробьёва", "Иван Петров", "Юлия Щукина"];
    for encoding in [Windows1251, Koi8, Iso88595] {
        names(encoding, "\n", &russian, false);
    }
    names(Windows1253, "\n", &["Μαρία Παπαδοπούλου", "Γιώργος Νικολαΐδης"], false);
    names(Windows1256, "\n", &["محمد علي", "فاطمة حسن"], false);
    names(Gbk, "\n", &["王伟李娜", "张敏刘洋", "陈静杨帆"], false);
    names(Big5, "\n", &["陳怡君林志明", "王小明張雅婷"], false);
    names(ShiftJis, "\n", &["佐藤花子", "鈴木一郎", "高橋さくら"], false);
}

#[test]
fn a_guess_that_may_be_wrong_is_doubtful() {
    use FileEncoding::*;
    names(MacRoman, "\n", &["Björn"], true);
    names(Windows1250, "\n", &["Stępień"], true);
    names(Gbk, "\n", &["王伟"], true);
    let bytes = [file(&[]).as_bytes(), b"\x81\x8d\x8f,\x90\x9dx,,,0013,10001,Student,,9,Active\n"].concat();
    let (_, findings) = read(&bytes);
    assert_eq!(findings[0].code, Code::EncodingDoubtful);
    // Five names are shown, and never a password.
    let row = |i: usize| format!("Bj\u{161}rn{i},Berg,,,{i},10001,Student,,9,Active,S\u{161}cret\n");
    let text = format!("{HEADERS},password\n{}", (0..9).map(row).collect::<String>());
    let (parsed, findings) = read(&encoded(&text, Windows1252));
    assert_eq!(
        findings[0].expected.as_deref(),
        Some("Read as Windows-1252, names are: Bjšrn0 Berg; Bjšrn1 Berg; Bjšrn2 Berg; Bjšrn3 Berg; Bjšrn4 Berg.")
    );
    assert_eq!(parsed.unwrap().doubts.get(&Code::EncodingDoubtful), Some(&1));
}

#[test]
fn an_encoding_that_was_chosen_is_used() {
    use FileEncoding::*;
    let chosen = |bytes: &[u8], encoding| {
        let (parsed, findings) = parse(bytes, &Reading::default().in_encoding(Some(encoding)));
        let parsed = parsed.unwrap();
        let name = parsed.cell(&parsed.rows[0], Column::FirstName).unwrap().to_owned();
        (name, findings.iter().map(|f| f.code).collect::<Vec<_>>())
    };
    let text = file(&[&ORA.replace("Ora", "Björn")]);
    let name = "Björn".to_owned();
    assert_eq!(chosen(&encoded(&text, MacRoman), MacRoman), (name.clone(), vec![]));
    // It yields to a mark, and to what is UTF-8 and reads badly otherwise.
    assert_eq!(chosen(format!("\u{feff}{text}").as_bytes(), MacRoman), (name.clone(), vec![]));
    assert_eq!(chosen(text.as_bytes(), Windows1252), (name, vec![]));
    let (_, codes) = chosen(&encoded(&text, Windows1252), Cp850);
    assert_eq!(codes, [Code::EncodingDoubtful]);
    let (_, codes) = chosen(&encoded(&text, Windows1252), Utf8);
    assert_eq!(codes, [Code::RowUnreadable]);
}

#[test]
fn unicode_of_every_width() {
    let text = format!("Titel: Schüler\n{}", file(&[&ORA.replace("Ora", "Łukasz 😀")]));
    let expected = told(text.as_bytes());
    assert!(expected.ends_with("3: Łukasz 😀 0013"), "{expected}");
    for mark in ["", "\u{feff}"] {
        for to in [u32::to_le_bytes, u32::to_be_bytes] {
            let wide: Vec<u8> = format!("{mark}{text}").chars().flat_map(|c| to(c as u32)).collect();
            check(wide, &expected);
        }
        for to in [u16::to_le_bytes, u16::to_be_bytes] {
            let wide: Vec<u8> = format!("{mark}{text}").encode_utf16().flat_map(to).collect();
            check(wide, &expected);
        }
    }
}

#[test]
fn hostile_files_take_no_time() {
    let quoted_spaces = format!("{ORA}{}", ", \" ".repeat(100_000));
    let inside = format!("\"{}\"", "\"\",".repeat(200_000));
    let many = [
        file(&[&quoted_spaces, MAX]),
        file(&[&inside, MAX]),
        file(&[ORA, &"Total: 1\n".repeat(200_000)]),
        file(&[ORA, &"\n".repeat(2_000_000)]),
        file(&[ORA, &",,,,\n".repeat(200_000)]),
        "first_name,last_name,email\n".repeat(200_000),
        file(&[&format!("{HEADERS}\n").repeat(100_000)]),
        format!("{}{}", "x|y^z~\n".repeat(50), file(&[ORA])),
        file(&[ORA]) + &"\u{1a} \n".repeat(500_000),
        file(&[&format!("{ORA},\n").repeat(100_000)]),
    ];
    for text in many {
        let (_, findings) = parse(text.as_bytes(), &Reading::default());
        assert!(findings.len() <= 20_000);
        crate::file::without_secrets(text.as_bytes(), &Reading::default());
    }
}
