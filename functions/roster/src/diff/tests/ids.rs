//! Whom a row is about, by its GUID and its custom ID, however that is written.

use super::*;

#[test]
fn guids() {
    let row = |id: &str| format!("custom_id={id}|last_name=Fir|user_guid={}", guid(7));
    let known = ["custom_id=1|last_name=Fir|guid=7", "custom_id=2|guid=8"];
    check(PARTIAL(), &known, &[&row("1")], &[]);
    check(PARTIAL(), &known, &[&row("3")], &["updated 3: custom_id 1>3"]);
    check(PARTIAL(), &known, &[&row("2")], &[&format!("2 GUID_SWAPPED {}", guid(7))]);
    let unknown = format!("2 GUID_UNKNOWN {}", guid(7));
    check(PARTIAL(), &["custom_id=1|guid=6"], &[&row("1")], &[&unknown]);
    check(PARTIAL(), &["custom_id=|username=u|guid=7"], &[&row("1")], &[&unknown]);
    check(PARTIAL(), &["custom_id=1|guid=7|deleted="], &[&row("2")], &[&unknown]);
    // Another row has the custom ID that this one changes.
    check(PARTIAL(), &known, &[&row("3"), "custom_id=1"], &["2 USER_REPEATED 1", "3 USER_REPEATED 1"]);
    // Two users that give each other their IDs are two swapped GUIDs.
    let other = format!("custom_id=1|user_guid={}", guid(8));
    check(
        PARTIAL(),
        &known,
        &[&row("2"), &other],
        &[&format!("2 GUID_SWAPPED {}", guid(7)), &format!("3 GUID_SWAPPED {}", guid(8))],
    );
}

#[test]
fn zeros_that_a_spreadsheet_took() {
    check(FULL(), &["custom_id=00123"], &["custom_id=123"], &["2 CUSTOM_ID_ZEROS_LOST 123"]);
    check(FULL(), &["custom_id=00123"], &["custom_id=0123"], &["2 CUSTOM_ID_ZEROS_LOST 0123"]);
    check(
        PARTIAL(),
        &["custom_id=00123"],
        &["custom_id=123|last_name=Fir", "custom_id=00123"],
        &["created 123: temporary password", "2 CUSTOM_ID_ZEROS_ALIKE 123"],
    );
    // One person would be two users.
    check(PARTIAL(), &["custom_id=00123"], &["custom_id=123", "custom_id=00123"], &["2 CUSTOM_ID_ZEROS_LOST 123"]);
    // And who is Disabled in the one row and Active in the other is not shut out.
    check(
        PARTIAL(),
        &["custom_id=00123"],
        &["custom_id=123", "custom_id=00123|status=Disabled"],
        &["2 CUSTOM_ID_ZEROS_LOST 123", "3 USER_REPEATED 00123"],
    );
    check(PARTIAL(), &["custom_id=123"], &["custom_id=00123"], &["2 CUSTOM_ID_ALIKE 00123"]);
    // Who was deleted does not come back as somebody else, and is in nobody else's way.
    check(PARTIAL(), &["custom_id=00123|deleted="], &["custom_id=123"], &["2 CUSTOM_ID_ZEROS_LOST 123"]);
    let other = "custom_id=123|last_name=Fir";
    check(PARTIAL(), &["custom_id=00123|deleted="], &[other], &["created 123: temporary password"]);
    // Of several the one of the same name is meant, and of none all are named.
    let several = ["custom_id=00123|last_name=Ash", "custom_id=0123|last_name=Birch"];
    let named = |last_name: &str| {
        let (_, findings) = compared(&PARTIAL(), &several, &[&format!("custom_id=123|last_name={last_name}")]);
        findings[0].expected.clone().unwrap_or_default()
    };
    assert_eq!(named("Birch"), "The ID with its leading zeros: 0123.");
    assert_eq!(named("Fir"), "The ID of one of these users: 00123, 0123.");
    check(PARTIAL(), &["custom_id=00123", "custom_id=123"], &["custom_id=123"], &[]);
    // A download that went through a spreadsheet has the right GUID and the wrong ID.
    let row = format!("custom_id=123|user_guid={}", guid(7));
    check(PARTIAL(), &["custom_id=00123|guid=7"], &[&row], &["2 CUSTOM_ID_ZEROS_LOST 123"]);
    let row = format!("custom_id=00123|user_guid={}", guid(7));
    check(PARTIAL(), &["custom_id=123|guid=7"], &[&row], &["updated 00123: custom_id 123>00123"]);
}

#[test]
fn ids_that_are_only_written_otherwise() {
    let alike = |known: &str, written: &str, why: &str| {
        let (user, row) = (format!("custom_id={known}"), format!("custom_id={written}"));
        for setup in [PARTIAL(), FULL()] {
            check(setup, &[&user], &[&row], &[&format!("2 CUSTOM_ID_ALIKE {written}")]);
        }
        let (_, findings) = compared(&FULL(), &[&user], &[&row]);
        assert_eq!(findings[0].expected, Some(format!("Probably {known}: it differs {why}.")));
        let by_guid = format!("{row}|user_guid={}", guid(7));
        compared(&FULL(), &[&format!("{user}|guid=7")], &[&by_guid]).0.changes.len()
    };
    let corrected = 1;
    assert_eq!(alike("S-AB12", "s-ab12", "by capital letters only"), corrected);
    assert_eq!(
        alike("Ä1", "A\u{308}1", "only by how its letters are stored, or by letters that can't be seen"),
        corrected
    );
    assert_eq!(alike("AB-07", "AB\u{2011}07", "only by the kind of hyphen, or by spaces"), corrected);
    assert_eq!(alike("20007", "20 007", "only by the kind of hyphen, or by spaces"), corrected);
    // What a spreadsheet makes of an ID nobody means, not even with the GUID.
    assert_eq!(alike("10-12", "12-Oct", "because a spreadsheet makes a date of it"), 0);
    assert_eq!(alike("20007", "20.007", "only by marks between the thousands"), 0);
    let last = "only by its last digits, which a spreadsheet turns to zeros";
    assert_eq!(alike("1234567890123456", "1234567890123450", last), 0);

    // Both are there, or both are meant.
    check(PARTIAL(), &["custom_id=ab", "custom_id=AB"], &["custom_id=AB"], &[]);
    check(
        PARTIAL(),
        &["custom_id=ab"],
        &["custom_id=AB|first_name=Ida|last_name=Null", "custom_id=ab"],
        &["created AB: temporary password", "2 CUSTOM_ID_ZEROS_ALIKE AB"],
    );
    check(
        PARTIAL(),
        &[],
        &["custom_id=ab", "custom_id=AB|username=x|first_name=Eli"],
        &[
            "created AB: temporary password",
            "created ab: temporary password",
            "2 CUSTOM_ID_ZEROS_ALIKE ab",
            "3 CUSTOM_ID_ZEROS_ALIKE AB",
        ],
    );
    // One person in two rows would be two users.
    check(PARTIAL(), &[], &["custom_id=ab", "custom_id=AB"], &["2 CUSTOM_ID_ALIKE ab", "3 CUSTOM_ID_ALIKE AB"]);
    // The ID of another user is corrected by nobody's GUID.
    let row = format!("custom_id=ab|user_guid={}", guid(7));
    check(FULL(), &["custom_id=9|guid=7", "custom_id=AB"], &[&row], &["2 CUSTOM_ID_ALIKE ab"]);
    // Of users of other schools nothing is told.
    let north = Setup { scope: Scope::School(SchoolId("id-10".to_owned())), ..PARTIAL() };
    let (_, findings) = compared(&north, &["custom_id=AB|school_district_external_id=D"], &["custom_id=ab"]);
    assert_eq!((findings[0].code.as_str(), &findings[0].expected), ("CUSTOM_ID_ALIKE", &None));
}

#[test]
fn a_guid_comes_from_the_custom_id_and_is_never_given_twice() {
    let created = |directory: Vec<User>| {
        let (diff, _) = compared_with(&PARTIAL(), directory, &["custom_id=1|username=new"]);
        diff.changes[0].guid
    };
    let first = created(Vec::new());
    assert_eq!(created(Vec::new()), first);
    let mut holder = users(&["custom_id=2"]);
    holder[0].guid = first;
    assert_ne!(created(holder), first);
}

#[test]
fn a_damaged_id_is_named_where_it_can_be_one_users_only() {
    #[track_caller]
    fn check(directory: &[&str], id: &str, expected: Option<&str>) {
        let (_, findings) = compared(&FULL(), directory, &[&format!("custom_id={id}|first_name=Ora")]);
        let damaged = [crate::Code::CustomIdScientific, crate::Code::CustomIdMarked];
        let finding = findings.iter().find(|f| damaged.contains(&f.code)).expect("the ID is damaged");
        assert_eq!(finding.expected.as_deref(), expected, "{id}");
    }
    for (own, damaged) in [
        ("00123", "'123"),
        ("AB-07", "=ab-7"),
        ("0020007", "20,007"),
        ("120000000000", "1.2E+11"),
        ("00120000000000", "1.2E+11"),
        ("1234567890123456", "1.23456789012346E+15"),
        ("20007", "2.0007E+4"),
        ("900", "“900”"),
    ] {
        let user = format!("custom_id={own}");
        check(&[&user], damaged, Some(&format!("Probably {own}.")));
        let (diff, _) = compared(&FULL(), &[&user], &[&user]);
        assert!(diff.rejected.is_empty(), "what was named is accepted: {own}");
        check(&["custom_id=7"], damaged, None);
    }
    check(&["custom_id=120000000001", "custom_id=120000000002"], "1.2E+11", None);
    check(&["custom_id=0123", "custom_id=123"], "'123", None);
    // Of another school's users nothing is told.
    let north = Setup { scope: Scope::School(SchoolId("id-10".to_owned())), ..PARTIAL() };
    let (_, findings) = compared(&north, &["custom_id=123|school_district_external_id=D"], &["custom_id='123"]);
    assert_eq!(findings[0].expected, None);
}

#[test]
fn an_id_that_looks_like_a_users_is_refused_beside_it_too() {
    check(FULL(), &["custom_id=AB-07"], &["custom_id=AB-07", "custom_id=АВ-07"], &["3 CUSTOM_ID_ALIKE АВ-07"]);
    check(PARTIAL(), &["custom_id=A0012"], &["custom_id=А0012"], &["2 CUSTOM_ID_ALIKE А0012"]);
    let both = ["custom_id=AB-07", "custom_id=АВ-07|last_name=Berg"];
    check(FULL(), &both, &both, &[]);
}
