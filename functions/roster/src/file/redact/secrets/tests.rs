use proptest::prelude::*;

use crate::file::without_secrets;

const HEADERS: &str =
    "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status";
const ORA: &str = "Ora,Klein,,ora@contoso.example,0013,10001,Student,,9,Active";

#[track_caller]
fn check(sent: &str, kept: &str) {
    assert_eq!(String::from_utf8_lossy(&without_secrets(sent.as_bytes(), &crate::Reading::strict())), kept);
    for mark in [true, false] {
        let utf16 = |text: &str, to: fn(u16) -> [u8; 2]| {
            let mark = if mark && !text.is_empty() { "\u{feff}" } else { "" };
            format!("{mark}{text}").encode_utf16().flat_map(to).collect::<Vec<u8>>()
        };
        assert_eq!(
            without_secrets(&utf16(sent, u16::to_le_bytes), &crate::Reading::strict()),
            utf16(kept, u16::to_le_bytes)
        );
        assert_eq!(
            without_secrets(&utf16(sent, u16::to_be_bytes), &crate::Reading::strict()),
            utf16(kept, u16::to_be_bytes)
        );
    }
}

#[test]
fn everything_but_secrets_stays_as_it_was() {
    let plain = format!("\n{HEADERS}\r\n{ORA} \n\n\"Zoë\"\"\"{}\r", &ORA[3..]);
    check(&plain, &plain);
    check(
        &format!(
            "sep=,\n\n{HEADERS},password,username\r\n{ORA},a 😀,x\n\n,,,\n\"Zoë\"{},\"pa,\n\"\"ss\", y\r{ORA},,",
            &ORA[3..]
        ),
        &format!("sep=,\n\n{HEADERS},password,username\r\n{ORA},,x\n\n,,,\n\"Zoë\"{},, y\r{ORA},,", &ORA[3..]),
    );
    check(
        &format!("password,{HEADERS},temporary_password\nfirst,{ORA},last\n").replace(',', ";"),
        &format!("password,{HEADERS},temporary_password\n,{ORA},\n").replace(',', ";"),
    );
}

#[test]
fn a_row_in_a_cell_of_another_row_keeps_no_password() {
    check(
        &format!(
            "{HEADERS},password\nOra,\"Klein,,,0013,1,Student,,9,Active,secret\nMax,Berg\",,,0014,1,Student,,9,Active,other\n"
        ),
        &format!("{HEADERS},password\nOra,,,,,,,,,,\nMax,,,,,,,,,,\n"),
    );
}

#[test]
fn a_row_that_lacks_a_cell_in_a_cell_of_another_row_keeps_no_password() {
    let sent = format!(
        "{HEADERS},password\nOra,Klein,,,0013,1,Student,\"x,9,Active,secret\nMax,Berg,,,0014,1,Student\",9,Active,other\n"
    );
    let kept = String::from_utf8(without_secrets(sent.as_bytes(), &crate::Reading::strict()).into_owned()).unwrap();
    assert!(!kept.contains("secret") && !kept.contains("other"), "{kept}");
}

#[test]
fn other_encodings_stay_as_they_are() {
    let in_1252 = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let sent = in_1252(&format!("{HEADERS},password\n{},pässwort\n", ORA.replace("Ora", "Zoë")));
    assert_eq!(
        without_secrets(&sent, &crate::Reading::strict()),
        in_1252(&format!("{HEADERS},password\n{},\n", ORA.replace("Ora", "Zoë")))
    );
    let broken = [
        format!("{HEADERS},password\n{},x\nM", ORA.replace("Ora", "Zoë")).as_bytes(),
        b"\xe4",
        &ORA.as_bytes()[3..],
        b",\xe4\n",
    ]
    .concat();
    let kept = [
        format!("{HEADERS},password\n{},\nM", ORA.replace("Ora", "Zoë")).as_bytes(),
        b"\xe4",
        &ORA.as_bytes()[3..],
        b",\n",
    ]
    .concat();
    assert_eq!(without_secrets(&broken, &crate::Reading::strict()), kept);
    let odd: Vec<u8> = format!("\u{feff}{HEADERS},password\n{ORA},x")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .chain([0x79])
        .collect();
    assert_eq!(without_secrets(&odd, &crate::Reading::strict()), &odd[..odd.len() - 3]);
}

#[test]
fn a_file_that_fails_keeps_what_is_surely_harmless() {
    let sent =
        "First Name,Last name,e-mail,Passwort,Kennwort,user pwd,custom_id\nOra,Klein,a@b.example,p1,p2,p3,0013\n";
    let kept = "First Name,Last name,e-mail,Passwort,Kennwort,user pwd,custom_id\nOra,Klein,a@b.example,,,,0013\n";
    check(sent, kept);
}

#[test]
fn nothing_is_kept_of_a_file_that_cannot_be_cut_into_cells() {
    check(&format!("{ORA},Secret1\n{ORA},Secret2\n"), "");
    check(&format!("{HEADERS},password\n{}\n", "x".repeat(2 << 20)), "");
    for bytes in [b"PK\x03\x04 Secret1".as_slice(), b"%PDF-1.7 Secret1", b"\x1f\x8bSecret1"] {
        assert!(without_secrets(bytes, &crate::Reading::strict()).is_empty());
    }
}

/// Rows with the planted password, and what happens to files on their way.
fn damaged() -> impl Strategy<Value = (String, String)> {
    let password = prop_oneof!["Pa55[a-z]{3}word", Just("Pa55,word".to_owned()), Just("Pa55\"word".to_owned())];
    let rows = (password, 0usize..=10, 1usize..5, any::<prop::sample::Index>(), 0u8..6);
    rows.prop_map(|(password, place, rows, at, damage)| {
        let insert = |line: &str, cell: &str| {
            let mut cells: Vec<&str> = line.split(',').collect();
            cells.insert(place, cell);
            cells.join(",")
        };
        let quoted = if password.contains([',', '"']) {
            format!("\"{}\"", password.replace('"', "\"\""))
        } else {
            password.clone()
        };
        let header = insert(HEADERS, "password") + "\n";
        let mut body = format!("{}\r\n", insert(ORA, &quoted)).repeat(rows);
        let places: Vec<usize> = match damage {
            // A delimiter or a quotation mark goes missing: the first of them that is not in the password.
            0 => body.match_indices(',').map(|(i, _)| i).collect(),
            _ => (0..=body.len()).collect(),
        };
        let at = *at.get(&places);
        match damage {
            0 => body.replace_range(at..=at, ""),
            1 => body.insert(at, ','),
            2 => body.insert(at, '"'),
            3 => body.truncate(at),
            4 => body.insert(at, '\n'),
            _ => {}
        }
        (header + &body, password)
    })
}

/// The same file in a form that is read only where the format need not be strict.
fn in_form(text: &str, form: u8) -> Vec<u8> {
    let lines = |line: &dyn Fn(&str) -> String| text.split_inclusive('\n').map(line).collect::<String>();
    let whole = |line: &str| {
        let written = line.trim_end_matches(['\r', '\n']);
        format!("\"{}\"{}", written.replace('"', "\"\""), &line[written.len()..])
    };
    match form {
        0 => text.to_owned(),
        1 => lines(&whole),
        2 => lines(&|line| line.replace(',', ", ")),
        3 => format!("Roster,Pa55word\n\n{text}"),
        4 => format!("{text}\nTotal: 3, password Pa55word\n"),
        5 => text.replace("password", "Passwort").replace("first_name", "Vorname"),
        6 => text.replace("password", "PIN").replace("status", "Zustand"),
        7 => lines(&|line| format!("x,{line}")),
        8 => text.replace('\n', ",,\n"),
        9 => format!("{text}\u{1a}\0\0"),
        10 => text.replace(',', "|"),
        11 => return text.replace("Klein", "Kl\u{e9}in").encode_utf16().flat_map(u16::to_le_bytes).collect(),
        12 => return text.chars().flat_map(|c| (c as u32).to_be_bytes()).collect(),
        13 => return encoding_rs::GBK.encode(&text.replace("Ora", "\u{738b}\u{4f1f}\u{674e}")).0.into_owned(),
        14 => return encoding_rs::SHIFT_JIS.encode(&text.replace("Ora", "\u{8868}\u{80fd}\u{4e88}")).0.into_owned(),
        15 => return text.replace("Klein", "Kl~in").bytes().map(|b| if b == b'~' { 0x82 } else { b }).collect(),
        _ => lines(&|line| line.replace(',', "','")),
    }
    .into_bytes()
}

/// The numbers of the rows, and how many cells each has.
fn shape(bytes: &[u8]) -> Option<Vec<(u32, usize)>> {
    let (parsed, _) = crate::file::parse(bytes, &crate::Reading::default());
    Some(parsed?.rows.iter().map(|row| (row.number, row.cells.len())).collect())
}

#[test]
fn the_rest_of_a_quoted_cell_is_not_kept() {
    let headers = HEADERS.replace("custom_id", "custom_id,password");
    let sent =
        headers.replace(',', "','") + "\nOra','Klein','','','1','\"\nPa55','word\"','10001','Student','','9','Active\n";
    let kept = without_secrets(sent.as_bytes(), &crate::Reading::default()).into_owned();
    let kept = String::from_utf8(kept).unwrap();
    assert!(!kept.contains("Pa55") && !kept.contains("word\""), "{kept}");
    assert_eq!(shape(sent.as_bytes()), shape(kept.as_bytes()));
}

#[test]
fn what_is_no_row_is_not_kept() {
    let lenient = |sent: &str| {
        String::from_utf8(without_secrets(sent.as_bytes(), &crate::Reading::default()).into_owned()).unwrap()
    };
    let sent = format!("Default password: Secret1\n{HEADERS}\n{ORA}\nTotal: 1 (Secret2)\n");
    assert_eq!(lenient(&sent), format!("\n{HEADERS}\n{ORA}\n"));
    let unknown = format!("{HEADERS},PIN\n{ORA},Secret1\n");
    assert_eq!(lenient(&unknown), format!("{HEADERS},PIN\n{ORA},\n"));
    // A row that is damaged stays so.
    let long = format!("{HEADERS},password,\n{ORA},Secret1,x\n{ORA},Secret1,\n{ORA},,\n");
    assert_eq!(lenient(&long), format!("{HEADERS},password,\n{ORA},,x\n{ORA},,\n{ORA},,\n"));
    let short = format!("password,{HEADERS}\nSecret1,Ora,Klein\n");
    assert_eq!(lenient(&short), format!("password,{HEADERS}\n,,x\n"));
    let quoted = format!("{HEADERS},password\n\"{ORA},\"\"Sec,ret\"\"\"\n");
    assert_eq!(lenient(&quoted), format!("{HEADERS},password\n\"{ORA},\"\n"));
}

proptest! {
    #[test]
    fn no_password_survives_a_form((sent, password) in damaged(), form in 0u8..=16) {
        let sent = in_form(&sent, form);
        let kept = without_secrets(&sent, &crate::Reading::default());
        let legible: String = kept.iter().filter(|b| **b != 0).map(|&b| char::from(b)).collect();
        for part in ["Pa55", "word"] {
            let found = legible.to_lowercase().replace("password", "").replace("passwort", "").contains(&part.to_lowercase());
            prop_assert!(!found, "{password} in {legible:?}");
        }
        let (sent, kept) = (shape(&sent), shape(&kept));
        prop_assert!(sent.is_none() || sent == kept, "{sent:?} {kept:?} {legible:?}");
    }

    #[test]
    fn no_password_survives_damage((sent, password) in damaged()) {
        let kept = without_secrets(sent.as_bytes(), &crate::Reading::strict());
        let kept = String::from_utf8_lossy(&kept);
        for part in ["Pa55", "word"] {
            // The headers hold the word, too.
            let found = kept.replace("password", "").contains(part);
            prop_assert!(!found, "{password} in {kept:?} of {sent:?}");
        }
    }

    #[test]
    fn the_copy_of_a_copy_is_the_copy((sent, _) in damaged()) {
        let kept = without_secrets(sent.as_bytes(), &crate::Reading::strict());
        prop_assert_eq!(without_secrets(&kept, &crate::Reading::strict()), kept.clone());
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let headed = [HEADERS.as_bytes(), b",password\n", &bytes].concat();
        for reading in [crate::Reading::strict(), crate::Reading::default()] {
            without_secrets(&bytes, &reading);
            without_secrets(&headed, &reading);
            crate::file::parse(&headed, &reading);
        }
    }
}
