use super::*;
use crate::model::{Code, School, SchoolId, SchoolKind};
use crate::settings::{CellSource, MappingProfile};

const FILES: [(&str, &str); 4] = [
    ("orgs.csv", "sourcedId,name,type,identifier\ns1,North,school,10001\n"),
    (
        "users.csv",
        "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,identifier,email,grades\n\
         u1,,true,s1,teacher,TTeach,Tom,Teach,T1,tom@town.example,\n\
         u2,,true,s1,student,SPupil,Sam,Pupil,S1,,09\n",
    ),
    ("classes.csv", "sourcedId,status,title,schoolSourcedId\nc1,,Mathematics,s1\n"),
    ("enrollments.csv", "sourcedId,status,classSourcedId,userSourcedId,role\ne1,,c1,u1,teacher\ne2,,c1,u2,student\n"),
];

fn delivery(files: &[(&str, &str)]) -> Delivery {
    let file = |(name, text): &(&str, &str)| SentFile { name: (*name).to_owned(), bytes: text.as_bytes().to_vec() };
    Delivery { files: files.iter().map(file).collect(), unread: Vec::new() }
}

fn schools() -> Schools {
    let id = SchoolId("north".to_owned());
    let school = School { id, external_id: "10001".to_owned(), name: "North".to_owned(), kind: SchoolKind::School };
    Schools::new(vec![school])
}

fn read(files: &[(&str, &str)]) -> Translated {
    translate(&delivery(files), &Reading::default(), &schools()).expect("a format").expect("a set")
}

fn format_of(files: &[(&str, &str)], reading: &Reading) -> Option<Format> {
    recognise(&delivery(files), reading)
}

#[test]
fn the_order_of_files_decides_nothing() {
    let (read, mut files) = (|files: &[_]| read(files), FILES);
    let Translated { set, translation } = read(&files);
    files.reverse();
    let other = read(&files);
    assert_eq!((other.set, other.translation.notes), (set, translation.notes));
}

#[test]
fn rows_keep_their_numbers_where_one_file_has_them_all() {
    let users = FILES[1].1.replace("u1,,true,s1,teacher", "u0,,true,s1,guardian,G,G,G,,,\n\nu1,,true,s1,teacher");
    let Translated { set, .. } = read(&[FILES[0], ("users.csv", &users)]);
    let text = String::from_utf8(set.users.expect("users")).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[1], lines[2]), (5, "\"\"", "\"\""));
    assert!(lines[3].starts_with("T1,Tom") && lines[4].starts_with("S1,Sam"), "{text}");
}

#[test]
fn nobody_is_enrolled_by_an_id_that_somebody_else_may_have() {
    let enrolments = FILES[3].1.to_owned() + "e3,,c1,S1,student\n";
    let Translated { set, translation } = read(&[FILES[0], FILES[1], FILES[2], ("enrollments.csv", &enrolments)]);
    let text = String::from_utf8(set.enrolments.expect("enrolments")).expect("text");
    assert!(text.trim_end().ends_with("c1,?,Student,Active"), "{text}");
    assert!(translation.notes.iter().any(|note| note.code == Code::ReferenceUnknown));
}

#[test]
fn a_set_of_ours_is_no_format_and_neither_is_one_that_a_mapping_reads() {
    let reading = Reading::default();
    assert_eq!(format_of(&FILES, &reading), Some(Format::OneRoster11));
    assert_eq!(format_of(&FILES, &Reading::strict()), None);
    let ours = [("users.csv", "custom_id,first_name\n1,Ora\n"), ("classes.csv", "class_id,class_name\n")];
    assert_eq!(format_of(&ours, &reading), None);
    let mut profile = MappingProfile::identity();
    profile.columns.clear();
    profile.headers = FILES[1].1.lines().next().expect("headers").split(',').map(str::to_lowercase).collect();
    profile.columns.insert(crate::model::Column::CustomId, CellSource::Header("sourcedId".to_owned()).into());
    assert_eq!(format_of(&FILES, &reading.with_profile(profile)), None);
}

#[test]
fn formats_are_told_apart() {
    let check = |files: &[(&str, &str)], expected| assert_eq!(format_of(files, &Reading::default()), Some(expected));
    let v2 = ("users.csv", "sourcedId,orgSourcedIds,givenName,familyName,username,password,role,grade\n");
    check(&[v2], Format::SdsV2);
    let v2_1 = ("users.csv", "sourcedId,username,givenName,familyName\n");
    check(&[v2_1, ("roles.csv", "userSourcedId,orgSourcedId,role\n")], Format::SdsV21);
    check(&[v2_1, ("roles.csv", "sourcedId,userSourcedId,orgSourcedId,role\n")], Format::OneRoster12);
    check(&[FILES[1], ("manifest.csv", "propertyName,value\noneroster.version,1.2\n")], Format::OneRoster12);
    check(&[("Student.csv", "SIS ID,School SIS ID\n")], Format::SdsClassic);
    check(&[("teacher.csv", "ID,School DfE Number\n")], Format::SdsClassic);
    check(&[("STUDENTS.CSV", "school_ID;Student_Id\n")], Format::Clever);
    check(&[("users.csv", "user_id,login_id\n")], Format::Canvas);
}
