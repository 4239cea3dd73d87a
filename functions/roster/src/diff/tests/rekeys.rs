//! New custom IDs of people who have accounts: paired, left to a choice, or nobody's.

use super::*;

#[test]
fn the_same_person_under_a_new_id() {
    let fay = "custom_id=20006|first_name=Fay|last_name=Gorse|grade=10|username=fay";
    let row = "custom_id=77006|first_name=FAY|last_name=Gorse|grade=11";
    let others = ["custom_id=1", fay];
    let rekeyed = "rekeyed 77006: custom_id 20006>77006, grade 10>11";
    let found = "2 PROBABLE_REKEY 77006";
    for setup in [PARTIAL(), FULL()] {
        check(setup, &others, &[row, "custom_id=1"], &[rekeyed, found]);
    }
    let (diff, findings) = compared(&FULL(), &others, &[row, "custom_id=1"]);
    let told = |choice| diff.changes[0].chosen(choice).iter().map(change).collect::<Vec<_>>();
    assert_eq!(told(RekeyChoice::SamePerson), ["updated 77006: custom_id 20006>77006, grade 10>11"]);
    assert_eq!(told(RekeyChoice::TwoPeople), ["created 77006: temporary password", "removed 20006"]);
    assert_eq!(
        findings[0].expected.as_deref(),
        Some(
            "The custom ID of Fay Gorse, who is in the directory as 20006 and in no row of the file: probably it is 77006 now."
        )
    );
    let (diff, _) = compared(&PARTIAL(), &others, &[row]);
    let two = diff.changes[0].chosen(RekeyChoice::TwoPeople);
    assert_eq!(two.iter().map(change).collect::<Vec<_>>(), ["created 77006: temporary password"]);

    // Who is at another school, of another type or in the file is another person.
    let created = "created 77006: temporary password";
    check(PARTIAL(), &others, &[&format!("{row}|school_district_external_id=D")], &[created]);
    check(PARTIAL(), &others, &[&format!("{row}|user_type=Staff|email=f@x.example")], &[created]);
    check(PARTIAL(), &others, &[row, fay], &[created]);
    // Of two nobody knows which one.
    let twins = [fay, "custom_id=20016|first_name=Fay|last_name=Gorse"];
    check(PARTIAL(), &twins, &[row], &[created, "2 REKEY_UNCLEAR 77006"]);
    let rows = [row, "custom_id=77007|first_name=Fay|last_name=Gorse"];
    check(
        PARTIAL(),
        &twins[..1],
        &rows,
        &[created, "created 77007: temporary password", "2 REKEY_UNCLEAR 77006", "3 REKEY_UNCLEAR 77007"],
    );
    // A letter that was lost in the name, and an ID in the wrong column.
    let garbled = "custom_id=77006|first_name=F?y|last_name=Gorse";
    check(
        FULL(),
        &others,
        &[garbled, "custom_id=1"],
        &[created, "removed 20006", "2 TEXT_DOUBTFUL F?y", "2 REKEY_UNCLEAR 77006"],
    );
    let swapped = "custom_id=Fay|first_name=20006|last_name=Gorse";
    check(
        FULL(),
        &others,
        &[swapped, "custom_id=1"],
        &["created Fay: temporary password", "removed 20006", "2 REKEY_UNCLEAR Fay"],
    );
}

#[test]
fn a_new_id_and_the_user_name_of_before() {
    let fay = "custom_id=20006|first_name=Fay|last_name=Gorse|username=fay";
    let row = "custom_id=77006|first_name=Fay|last_name=Gorse|username=FAY";
    for setup in [PARTIAL(), FULL()] {
        check(setup, &[fay], &[row], &["rekeyed 77006: custom_id 20006>77006", "2 PROBABLE_REKEY 77006"]);
    }
    let (diff, _) = compared(&FULL(), &[fay], &[row]);
    let usernames = |choice| {
        let changes = diff.changes[0].chosen(choice);
        changes.iter().map(|change| change.shown().map(|f| f.username.clone())).collect::<Vec<_>>()
    };
    assert_eq!(usernames(RekeyChoice::SamePerson), [Some("fay".to_owned())]);
    assert_eq!(usernames(RekeyChoice::TwoPeople), [Some("77006".to_owned()), Some("fay".to_owned())]);
    // Of two users of one name it is the one who has the user name, and of two rows the one that says it.
    let other = "custom_id=20016|first_name=Fay|last_name=Gorse|username=fay2";
    let found = "2 PROBABLE_REKEY 77006";
    check(PARTIAL(), &[fay, other], &[row], &["rekeyed 77006: custom_id 20006>77006", found]);
    let second = "custom_id=77007|first_name=Fay|last_name=Gorse";
    let created = "created 77007: temporary password";
    check(PARTIAL(), &[fay], &[row, second], &[created, "rekeyed 77006: custom_id 20006>77006", found]);
    // Where two rows have it, or it is somebody else's, it is taken as ever.
    let again = "custom_id=77008|first_name=Fay|last_name=Gorse|username=fay";
    let repeated =
        ["2 USERNAME_REPEATED FAY", "2 USERNAME_TAKEN FAY", "3 USERNAME_REPEATED fay", "3 USERNAME_TAKEN fay"];
    check(PARTIAL(), &[fay], &[row, again], &repeated);
    check(PARTIAL(), &[fay], &[&row.replace("Gorse", "Voss")], &["2 USERNAME_TAKEN FAY"]);
    check(
        PARTIAL(),
        &[fay],
        &[row, &fay.replace("username=fay", "grade=9")],
        &["updated 20006: grade Unspecified>9", "2 USERNAME_TAKEN FAY"],
    );
}

#[test]
fn a_row_that_is_not_quite_like_somebody_who_would_be_removed() {
    let waits = |user: &str, row: &str| {
        let (diff, _) = compared(&FULL(), &[&format!("custom_id=20006|{user}"), "custom_id=1"], &[row, "custom_id=1"]);
        diff.doubts.contains_key(&crate::Code::RekeyUnclear)
    };
    let fay = "first_name=Fay|last_name=Gorse";
    // The row says less, or more, or a nickname, or two letters are lost, or the school is another one.
    assert!(waits("first_name=Fay Ida|last_name=Gorse Lopez", &format!("custom_id=7|{fay}")));
    assert!(waits(fay, "custom_id=7|first_name=Fay Ida|last_name=Gorse Lopez"));
    assert!(waits("first_name=William|last_name=Gorse", "custom_id=7|first_name=Bill|last_name=Gorse"));
    assert!(waits("first_name=Gustav|last_name=Hazel", "custom_id=7|first_name=Gustv|last_name=Hazl"));
    assert!(waits(fay, &format!("custom_id=7|{fay}|school_district_external_id=0020")));
    let married = "custom_id=7|first_name=Fay|last_name=Voss|email=fay@x.example";
    assert!(waits(&format!("{fay}|email=fay@x.example"), married));
    // The custom ID lost a digit, and the name is alike in part.
    assert!(waits(fay, "custom_id=2006|first_name=Fay|last_name=Voss"));
    assert!(!waits(fay, "custom_id=7|first_name=Fay|last_name=Voss"));
    assert!(!waits(fay, "custom_id=7|first_name=Gus|last_name=Gorse"));
    assert!(!waits(fay, "custom_id=2006|first_name=Ana|last_name=Voss"));
}

#[test]
fn a_new_id_of_whom_the_settings_leave_as_it_is() {
    let kept =
        |mode| Setup { mode, settings: ModeSettings { overwrite: false, ..ModeSettings::default() }, ..PARTIAL() };
    // The address that somebody else takes over would be kept.
    let tess = "custom_id=8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=t@x.example";
    let row = "custom_id=E8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=tess@x.example";
    let zed = "custom_id=9|first_name=Zed|last_name=Voss|user_type=Teacher|email=t@x.example";
    let (diff, findings) = compared(&kept(Mode::Full), &[tess], &[row, zed]);
    assert!(diff.changes.iter().all(|change| change.two_people.is_none()));
    assert!(findings.iter().any(|finding| finding.code == crate::Code::RekeyUnclear));
    // What the row says otherwise is said.
    let fay = "custom_id=20006|first_name=Fay|last_name=Gorse|grade=10";
    let (diff, _) = compared(&kept(Mode::Partial), &[fay], &[&fay.replace("20006", "7").replace("=10", "=11")]);
    assert_eq!(diff.changes[0].not_updated.len(), 1);
}

#[test]
fn a_new_id_takes_no_more_from_a_user_than_its_row_says() {
    let lenient = crate::Reading::default();
    let one = |user: &str, rows: &[&str]| {
        let (diff, _) = compared_by(&PARTIAL(), &lenient, users(&[user]), rows);
        diff.changes[0].chosen(RekeyChoice::SamePerson).iter().map(change).collect::<Vec<_>>()
    };
    let fay = "custom_id=20006|first_name=Fay|last_name=Gorse|email=fay@x.example";
    let row = "custom_id=7|first_name=Fay|last_name=Gorse|email=nobody at home";
    assert_eq!(one(fay, &[row]), ["updated 7: custom_id 20006>7"]);
    let (first, second) = (format!("{fay}|school_district_external_id=0020"), fay.to_owned());
    let rows = [first.replace("20006", "7"), second.replace("20006", "7")];
    assert_eq!(one(fay, &[&rows[0], &rows[1]]), ["updated 7: custom_id 20006>7"]);
}

#[test]
fn a_new_id_and_an_address_that_is_handed_on() {
    let tess = "custom_id=8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=t@x.example|guid=7";
    let row = "custom_id=E8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=t@x.example";
    // In a partial sync the address is taken, and it is said by whom.
    check(PARTIAL(), &[tess], &[row], &["2 EMAIL_TAKEN t@x.example"]);
    let (_, findings) = compared(&PARTIAL(), &[tess], &[row]);
    let expected = findings[0].expected.as_deref().unwrap_or_default();
    assert!(expected.contains("8001") && expected.contains("user_guid"), "{expected}");
    // In a full one it would be handed on from the one to the other.
    check(FULL(), &[tess], &[row], &["rekeyed E8001: custom_id 8001>E8001", "2 PROBABLE_REKEY E8001"]);
    let (diff, _) = compared(&FULL(), &[tess], &[row]);
    let told = |choice| diff.changes[0].chosen(choice).iter().map(change).collect::<Vec<_>>();
    assert_eq!(told(RekeyChoice::SamePerson), ["updated E8001: custom_id 8001>E8001"]);
    assert_eq!(
        told(RekeyChoice::TwoPeople),
        ["created E8001: temporary password, exchange 1", "removed 8001: exchange 1"]
    );
    // A third one takes the address over in either case.
    let (third, gives) =
        ("custom_id=9|user_type=Teacher|email=t@x.example", "custom_id=9|user_type=Teacher|email=n@x.example");
    let row = "custom_id=E8001|first_name=Tess|last_name=Ames|user_type=Teacher|email=new@x.example";
    let (diff, _) = compared(&FULL(), &[tess, gives], &[row, third]);
    for choice in [RekeyChoice::SamePerson, RekeyChoice::TwoPeople] {
        let mut told: Vec<String> = diff.changes.iter().flat_map(|c| c.chosen(choice)).map(|c| change(&c)).collect();
        told.retain(|told| told.ends_with("exchange 1"));
        assert_eq!(told.len(), 2, "{told:?}");
    }
}
