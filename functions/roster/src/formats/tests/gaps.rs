//! What files lack, and what is cut off, over or unknown in them.

use super::*;

#[test]
fn a_file_that_ends_in_any_cell_of_its_last_row_is_cut_off() {
    let check = |files: &[(&str, &str)], name: &str, tail: &str| {
        let text = files.iter().find(|(own, _)| *own == name).expect("the file").1;
        let cut = text.to_owned() + tail;
        let read = read(&with(files, name, &cut));
        let reading = read.translation.reading(Reading::default());
        let (parsed, mut findings) = parse(read.set.users.as_deref().expect("users"), &reading);
        read.translation.locate(&mut findings);
        let whole = text.lines().count() - 1;
        assert!(parsed.as_ref().is_some_and(|parsed| parsed.cut_off), "{name} {tail}: {findings:?}");
        assert!(findings.iter().any(|finding| finding.code == Code::RowCutOff), "{name} {tail}: {findings:?}");
        assert!(parsed.is_some_and(|parsed| parsed.rows.len() > whole), "{name} {tail}");
    };
    for tail in ["u-03", "7", "Total", "-", ",", "u-03,", "\"u-0", "10001,", "S\u{fc}"] {
        check(&FILES, "users.csv", tail);
        check(&CANVAS, "users.csv", tail);
        for name in ["students.csv", "teachers.csv", "staff.csv"] {
            check(&CLEVER, name, tail);
        }
        check(&CLASSIC, "Student.csv", tail);
        check(&CLASSIC, "Teacher.csv", tail);
    }
}

/// Reads files on a day.
fn read_on(files: &[(&str, &str)], today: &str) -> Translated {
    let today: Day = today.parse().expect("a day");
    let reading = Reading::default().on(Some(today));
    translate(&delivery(files), &reading, &schools()).expect("a set").expect("a format")
}

const DATED_ROLES: &str = "sourcedId,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n\
                           r1,u1,primary,teacher,,,s1\nr2,u2,primary,siteAdministrator,2020-08-01,2026-07-01,s1\n\
                           r3,u2,primary,student,2026-08-01,2027-07-01,s1\n";

#[test]
fn roles_count_from_their_first_to_their_last_day() {
    let files = [FILES[0], USERS_12, ("roles.csv", DATED_ROLES)];
    let row = |today: &str| users_of(&read_on(&files, today)).lines().nth(2).expect("a row").to_owned();
    assert!(row("2026-11-29").starts_with("S1,Sam,Pupil,,,10001,Student,"), "{}", row("2026-11-29"));
    assert!(row("2026-06-30").starts_with("S1,Sam,Pupil,,,10001,Administrator,"), "{}", row("2026-06-30"));
    assert!(row("2026-07-01").starts_with("S1,Sam,Pupil,,,,,"), "the end is the day after: {}", row("2026-07-01"));
    assert_eq!(notes_of(&read_on(&files, "2026-11-29"), Code::RoleNotNow).len(), 1);
}

#[test]
fn of_several_primary_roles_at_one_school_none_is_taken() {
    let several = DATED_ROLES.replace("2026-07-01", "2030-07-01");
    let read = read_on(&[FILES[0], USERS_12, ("roles.csv", &several)], "2026-11-29");
    let text = users_of(&read);
    assert!(text.contains("S1,Sam,Pupil,,,10001,siteAdministrator or student,"), "{text}");
    assert_eq!(notes_of(&read, Code::SourcedIdRepeated).len(), 1);
    let same = several.replace("siteAdministrator", "student");
    let read = read_on(&[FILES[0], USERS_12, ("roles.csv", &same)], "2026-11-29");
    assert!(notes_of(&read, Code::SourcedIdRepeated).is_empty() && users_of(&read).contains(",10001,Student,"));
    let parent = several.replace("siteAdministrator", "parent");
    let read = read_on(&[FILES[0], USERS_12, ("roles.csv", &parent)], "2026-11-29");
    assert!(notes_of(&read, Code::SourcedIdRepeated).is_empty() && users_of(&read).contains(",10001,Student,"));
}

#[test]
fn whoever_is_only_in_classes_is_missed() {
    let check = |files: &[(&str, &str)], name: &str, row: &str| {
        let text = files.iter().find(|(own, _)| *own == name).expect("the file").1.to_owned() + row;
        let sent =
            || Sent::of_delivery(delivery(&with(files, name, &text)), &Reading::default(), &schools()).expect("a set");
        let codes =
            |mode| -> Vec<Code> { sent().for_mode(mode).expect("a set").notes.iter().map(|note| note.code).collect() };
        assert!(codes(Mode::Full).contains(&Code::PersonOnlyInClasses), "{name}");
        assert!(!codes(Mode::Partial).contains(&Code::PersonOnlyInClasses), "{name}");
        let whole = read(files);
        assert!(notes_of(&whole, Code::PersonOnlyInClasses).is_empty(), "{name}");
    };
    check(&FILES, "enrollments.csv", "e3,,c1,u9,student\n");
    check(&CLEVER, "enrollments.csv", "10001,c1,S9\n");
    check(&CLEVER, "sections.csv", "10001,c2,T9,Arts\n");
    check(&CLASSIC, "StudentEnrollment.csv", "c1,S9\n");
    check(&CLASSIC, "TeacherRoster.csv", "c1,T9\n");
    check(&CANVAS, "enrollments.csv", "S9,student,c1,,active\n");
}

#[test]
fn who_is_in_no_row_is_called_as_in_the_files() {
    let enrolments = FILES[3].1.to_owned() + "e3,,c1,u-9,student\n";
    let read = read(&with(&FILES, "enrollments.csv", &enrolments));
    let finding = Finding::at(Code::EnrolmentUserUnknown, 4, Column::CustomId, "?")
        .in_part(Some(crate::model::SetPart::Enrolments))
        .about(crate::model::finding::Person::new("", "", "?"));
    let mut findings = Findings::from(vec![finding]);
    read.translation.locate(&mut findings);
    assert_eq!(findings[0].value.as_deref(), Some("u-9"));
    assert_eq!(findings[0].person.as_ref().map(|person| person.custom_id.as_str()), Some("u-9"));
}

const DELTA: (&str, &str) = (
    "manifest.csv",
    "propertyName,value\noneroster.version,1.1\nfile.users,delta\nfile.classes,delta\nfile.orgs,absent\n",
);

#[test]
fn changes_need_not_say_what_somebody_is_and_where() {
    let users = FILES[1].1.lines().next().expect("headers").to_owned()
        + "\nu1,active,true,s7,teacher,T,Tom,Teach,T1,,\nu2,tobedeleted,true,,,S,Sam,Pupil,S1,,\n";
    let classes = "sourcedId,status,title,schoolSourcedId\nc1,tobedeleted,,\n";
    let delta = read(&[("users.csv", &users), ("classes.csv", classes), DELTA]);
    let text = users_of(&delta);
    assert!(text.contains("T1,Tom,Teach,,,,Teacher,,,Active"), "an unknown school is as before: {text}");
    assert!(text.contains("S1,Sam,Pupil,,,,,,,Disabled"), "{text}");
    let kept = [Column::UserType, Column::SchoolDistrictExternalId];
    assert!(kept.iter().all(|column| delta.translation.omissions.blank_keeps.contains(column)));
    assert!(notes_of(&delta, Code::ReferenceUnknown).is_empty(), "there is no orgs.csv that could name the school");
    let orgs = ("orgs.csv", "sourcedId,status,name,type,identifier\no9,active,South,school,10002\n");
    let manifest = DELTA.1.replace("orgs,absent", "orgs,delta");
    let with_orgs = read(&[("users.csv", &users), ("classes.csv", classes), orgs, ("manifest.csv", &manifest)]);
    assert_eq!(notes_of(&with_orgs, Code::ReferenceUnknown).len(), 1);
    let text = String::from_utf8(delta.set.classes.expect("classes")).expect("text");
    assert!(text.contains("c1,,,Archived,REMOVE-CLASS"), "{text}");
    let users_12 = USERS_12.1.replace("sourcedId,", "sourcedId,status,dateLastModified,");
    let users_12 = users_12.replace("u1,", "u1,active,,").replace("u2,", "u2,active,,");
    let manifest = ("manifest.csv", "propertyName,value\noneroster.version,1.2\nfile.users,delta\n");
    let read = read(&[("users.csv", &users_12), manifest]);
    assert!(users_of(&read).contains("T1,Tom,Teach,,,,,,,Active"), "no roles are needed: {}", users_of(&read));
}

#[test]
fn a_file_of_courses_or_sessions_without_rows_is_none() {
    let classes = "sourcedId,status,title,schoolSourcedId,courseSourcedId,termSourcedIds\nc1,,Mathematics,s1,k1,t1\n";
    let read = read(&[
        FILES[0],
        FILES[1],
        ("classes.csv", classes),
        ("courses.csv", "sourcedId,title,courseCode\n"),
        ("academicSessions.csv", "sourcedId,title,startDate,endDate\n"),
    ]);
    let text = String::from_utf8(read.set.classes.clone().expect("classes")).expect("text");
    assert!(["course_code", "subject", "term", "start_date"].iter().all(|column| !text.contains(column)), "{text}");
    assert_eq!(notes_of(&read, Code::FormatFileMissing).len(), 1);
}

#[test]
fn orgs_that_are_missing_or_empty_are_named() {
    let why = |files: &[(&str, &str)]| {
        let translated = translate(&delivery(files), &Reading::default(), &schools());
        translated.expect_err("a refusal")[0].message()
    };
    for files in without(&FILES, "orgs.csv") {
        assert!(why(&files).contains("orgs.csv"), "{}", why(&files));
    }
    let by_id: Vec<(String, String)> =
        FILES.iter().map(|(name, text)| ((*name).to_owned(), text.replace(",s1", ",10001"))).collect();
    let by_id: Vec<(&str, &str)> = by_id.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    for files in without(&by_id, "orgs.csv") {
        assert_eq!(notes_of(&read(&files), Code::FormatFileMissing).len(), 1);
    }
}

#[test]
fn an_account_that_is_no_school_rejects_nobody_who_is_at_one() {
    let whole = read(&CANVAS);
    let text = users_of(&whole);
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("S1,Sam,Pupil,,,10001,Student"), "{text}");
    assert_eq!(notes_of(&whole, Code::ReferenceUnknown).len(), 1);
    let elsewhere = CANVAS[1].1.replace("10001", "x8");
    let text = users_of(&read(&with(&CANVAS, "courses.csv", &elsewhere)));
    assert_eq!(text.lines().count(), 2, "one unknown school is enough to be rejected for: {text}");
}

#[test]
fn files_without_their_users_say_so() {
    for files in without(&CANVAS, "users.csv").into_iter().take(1) {
        assert_eq!(fails(&files), Code::FormatIncomplete);
    }
    for files in [&FILES[..], &CANVAS] {
        let [_, only_headers] = without(files, "users.csv");
        let refusal = read(&only_headers).translation.refusal(Mode::Full).expect("a refusal");
        assert!(refusal.message().contains("users.csv has no rows"), "{}", refusal.message());
    }
}

#[test]
fn a_corrected_error_file_leaves_what_the_format_never_said() {
    let students = "School_id,Student_id,First_name,Last_name,Grade\n99,S1,Sam,Pupil,9\n";
    let read = read(&with(&CLEVER, "students.csv", students));
    let reading = read.translation.reading(Reading::default());
    let (parsed, _) = parse(read.set.users.as_deref().expect("users"), &reading);
    let errors = std::collections::BTreeMap::from([(2, vec!["wrong".to_owned()])]).into();
    let file = String::from_utf8(crate::output::error_file(&parsed.expect("a file"), &errors)).expect("text");
    assert!(file.contains("S1,Sam,Pupil,(as before),(as before),99,Student,(as before),9,(as before),"), "{file}");
    let corrected = file.replace(",99,", ",10001,").replace("wrong", "");
    let (parsed, findings) = parse(corrected.as_bytes(), &Reading::default());
    let (scope, settings) = (crate::settings::Scope::Organisation, crate::settings::ModeSettings::default());
    let (valid, of_rows) = crate::validate::validate(&parsed.expect("a file"), &schools(), &scope, &settings);
    let row = valid.rows.first().unwrap_or_else(|| panic!("{findings:?} {of_rows:?}"));
    let unsaid = row.unsaid;
    assert!(unsaid.email && unsaid.middle_name && unsaid.position && unsaid.status && !unsaid.grade, "{unsaid:?}");
    assert_eq!((row.email.as_str(), row.grade.as_str(), row.status.as_str()), ("", "9", "Active"));
}
