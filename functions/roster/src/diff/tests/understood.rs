//! What rows do that were read otherwise than written.

use crate::diff::Unchanged;
use crate::file::reading::Reading;
use crate::model::Code;

use super::*;

#[track_caller]
fn check(setup: Setup, directory: &[&str], rows: &[&str], expected: &[&str]) {
    check_by(setup, &Reading::default(), directory, rows, expected);
}

fn names() -> Setup {
    let settings = ModeSettings { update_names: true, ..ModeSettings::default() };
    Setup { settings, ..PARTIAL() }
}

#[test]
fn a_person_at_several_schools_stays_at_the_present_one() {
    let teacher = "custom_id=1|user_type=Teacher|email=a@x.example|position=Maths";
    let at = |school: &str| format!("{teacher}|school_district_external_id={school}");
    let (south, office) = (at("0020"), at("D"));
    let warned = |row: &str, school: &str| format!("{row} SEVERAL_SCHOOLS {school}");
    check(FULL(), &[teacher], &[teacher, &south], &[&warned("3", "0020")]);
    check(FULL(), &[teacher], &[&south, teacher], &[&warned("3", "10")]);
    check(FULL(), &[teacher], &[&office, &south, teacher], &[&warned("3", "0020"), &warned("4", "10")]);
    // Who is at none of them gets the first.
    let moved = "moved 1: school_district_external_id id-10>id-0020";
    check(FULL(), &[teacher], &[&south, &office], &[moved, &warned("3", "D")]);
    let (diff, _) = compared_by(&PARTIAL(), &Reading::default(), Vec::new(), &[&south, teacher]);
    assert_eq!(diff.changes[0].after.as_ref().map(|fields| fields.school.0.as_str()), Some("id-0020"));
    let other = &diff.unchanged[0].row;
    assert_eq!((other.row, other.why, other.guid), (3, Unchanged::SamePerson, Some(diff.changes[0].guid)));
    // What the person is at the school where it stays.
    let nurse = south.replace("Maths", "Nurse");
    check(FULL(), &[teacher], &[&nurse, teacher], &[&warned("3", "10")]);
    let silent = teacher.replace("Maths", "");
    check(FULL(), &[teacher], &[&south, &silent, teacher], &[&warned("3", "10"), "4 SAME_PERSON -"]);
}

#[test]
fn a_school_that_says_no_grade_takes_none_away() {
    let student = |school: &str, grade: &str| format!("custom_id=1|school_district_external_id={school}|grade={grade}");
    let check = |user_grade: &str, rows: [&str; 2], expected: &[&str]| {
        let rows = [student("0020", rows[0]), student("10", rows[1])];
        let expected: Vec<&str> = expected.iter().copied().chain(["3 SEVERAL_SCHOOLS 10"]).collect();
        check(FULL(), &[&student("10", user_grade)], &[&rows[0], &rows[1]], &expected);
    };
    check("10", ["10", ""], &[]);
    check("10", ["", "10"], &[]);
    check("10", ["11", ""], &["updated 1: grade 10>11"]);
    check("10", ["", ""], &["updated 1: grade 10>Unspecified"]);
}

#[test]
fn of_a_person_with_one_name_and_a_new_id_the_other_name_may_be_lost() {
    let check = |row: &str, unclear: bool| {
        let user = "custom_id=20001|first_name=Ana|last_name=Ash";
        let (diff, findings) = compared_by(&FULL(), &Reading::default(), users(&[user]), &[row]);
        assert_eq!(diff.changes.len(), 2, "{row}");
        assert_eq!(findings.iter().any(|f| f.code == Code::RekeyUnclear), unclear, "{row}");
    };
    check("custom_id=?0001|first_name=|last_name=Ash", true);
    check("custom_id=?0001|first_name=Ana|last_name=", true);
    check("custom_id=?0001|first_name=ash|last_name=.", true);
    check("custom_id=?0001|first_name=|last_name=Asher", false);
    check("custom_id=?0001|first_name=|last_name=Ash|school_district_external_id=0020", false);
    check("custom_id=?0001|first_name=Bo|last_name=Ash", false);
}

#[test]
fn the_rows_of_one_person_are_rejected_together() {
    let teacher = "custom_id=1|user_type=Teacher|email=a@x.example";
    let owner = "custom_id=2|user_type=Teacher|email=a@x.example|username=x";
    let south = format!("{teacher}|school_district_external_id=0020");
    let told = ["2 EMAIL_TAKEN a@x.example", "3 OTHER_ROW_REJECTED -", "3 SEVERAL_SCHOOLS 0020"];
    check(PARTIAL(), &[owner], &[teacher, &south], &told);
    let unknown = "user_guid=6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506|custom_id=1";
    let (diff, findings) =
        compared_by(&PARTIAL(), &Reading::default(), Vec::new(), &[unknown, "custom_id=1|status=Disabled"]);
    assert_eq!(diff.rejected.len(), 2);
    let about = |f: &&crate::model::Finding| f.person.as_ref().is_some_and(|person| person.custom_id == "1");
    assert_eq!(findings.iter().filter(about).count(), findings.len(), "{findings:#?}");
}

#[test]
fn what_nobody_can_see_is_no_change() {
    let present = "custom_id=1|first_name=Jose\u{301}|last_name=Van Dyk|user_type=Teacher|email=jose\u{301}@x.example|position=a b";
    let row =
        "custom_id=1|first_name=José|last_name=Van\u{a0}Dyk|user_type=Teacher|email=josé@x.example|position=a\u{2003}b";
    check(names(), &[present], &[row], &[]);
    check(names(), &[row], &[present], &[]);
    check(names(), &[present], &[&row.replace("José", "Jose")], &["updated 1: first_name Jose\u{301}>Jose"]);
    // An address in another form is the same address.
    let other = "custom_id=2|user_type=Teacher|email=josé@x.example|username=x";
    let (_, findings) = compared_by(&PARTIAL(), &Reading::default(), users(&[present]), &[other]);
    assert_eq!(findings[0].code, Code::EmailTaken);
}

#[test]
fn a_student_keeps_the_address_that_the_row_does_not_replace() {
    let present = "custom_id=1|email=a@x.example";
    check(PARTIAL(), &[present], &["custom_id=1|email=x@"], &["2 EMAIL_DROPPED x@"]);
    let emptied = ["updated 1: email a@x.example>", "2 NULL_READ_AS_EMPTY none"];
    check(PARTIAL(), &[present], &["custom_id=1|email=none"], &emptied);
}

#[test]
fn nobody_loses_a_name_in_silence() {
    let (present, row) = ("custom_id=1|first_name=Ora|last_name=Klein", "custom_id=1|first_name=Ora|last_name=");
    check(names(), &[present], &[row], &["updated 1: last_name Klein>", "2 NAME_EMPTIED -", "2 SINGLE_NAME Ora"]);
    check(PARTIAL(), &[present], &[row], &["2 SINGLE_NAME Ora"]);
    check(names(), &[row], &[row], &["2 SINGLE_NAME Ora"]);
    let (diff, _) = compared_by(&names(), &Reading::default(), users(&[present]), &[row]);
    assert_eq!(diff.doubts.get(&Code::NameEmptied), Some(&1));
}
