use super::kind::recognise;
use super::*;
use crate::file::parse;
use crate::model::{Code, Column, Day, School, SchoolId, SchoolKind, UserType};
use crate::sent::Sent;
use crate::settings::{CellSource, MappingProfile, Mode};

mod gaps;

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
    translate(&delivery(files), &Reading::default(), &schools()).expect("a set").expect("a format")
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
    assert!(translation.notes.iter().any(|note| note.code == Code::PersonOnlyInClasses));
}

#[test]
fn a_set_of_ours_is_no_format_and_neither_is_one_that_a_mapping_reads() {
    let reading = Reading::default();
    assert_eq!(format_of(&FILES, &reading), Some(Format::OneRoster11));
    assert_eq!(format_of(&FILES, &Reading::strict()), None);
    let ours = [("users.csv", "custom_id,first_name\n1,Ora\n"), ("classes.csv", "class_id,class_name\n")];
    assert_eq!(format_of(&ours, &reading), None);
}

#[test]
fn no_mapping_reads_what_a_format_says_itself() {
    let mut profile = MappingProfile::identity();
    profile.columns.clear();
    profile.headers = FILES[1].1.lines().next().expect("headers").split(',').map(str::to_lowercase).collect();
    profile.columns.insert(Column::CustomId, CellSource::Header("sourcedId".to_owned()).into());
    let reading = Reading::default().by_profiles(vec![profile]);
    assert_eq!(format_of(&FILES, &reading), Some(Format::OneRoster11));
    assert!(lone_users(FILES[1].1.as_bytes(), &reading).is_some());
}

#[test]
fn a_file_of_users_alone_is_known_by_its_headers() {
    let format = |text: &str| {
        let delivery = lone_users(text.as_bytes(), &Reading::default())?;
        recognise(&delivery, &Reading::default())
    };
    assert_eq!(format(FILES[1].1), Some(Format::OneRoster11));
    assert_eq!(format(USERS_12.1), Some(Format::OneRoster12));
    assert_eq!(lone_users(FILES[1].1.as_bytes(), &Reading::strict()), None);
    for other in [
        "custom_id,first_name,last_name,user_type\n1,Ora,Klein,Student\n",
        "sourcedId,givenName,familyName,school\n1,Ora,Klein,10001\n",
        FILES[2].1,
        FILES[3].1,
        "",
    ] {
        assert_eq!(format(other), None, "{other}");
    }
    let alone = |text: &str, schools: &Schools| {
        let sent = Sent::read(text.as_bytes(), &Reading::default(), schools);
        sent.map(|sent| sent.translation.map(|translation| translation.format))
            .map_err(|findings| findings[0].message())
    };
    let by_id = FILES[1].1.replace(",s1,", ",10001,");
    assert_eq!(alone(&by_id, &schools()).expect("a set"), Some(Format::OneRoster11));
    let why = alone(FILES[1].1, &schools()).expect_err("no orgs");
    assert!(why.contains("orgs.csv is missing"), "{why}");
    let why = alone(USERS_12.1, &schools()).expect_err("no roles");
    assert!(why.contains("roles.csv is missing") && why.contains("zip"), "{why}");
}

#[test]
fn formats_are_told_apart() {
    let check = |files: &[(&str, &str)], expected| assert_eq!(format_of(files, &Reading::default()), Some(expected));
    let v2 = ("users.csv", "sourcedId,orgSourcedIds,givenName,familyName,username,password,role,grade\n");
    check(&[v2], Format::SdsV2);
    let v2_1 = ("users.csv", "sourcedId,username,givenName,familyName\n");
    check(&[v2_1, ("roles.csv", "userSourcedId,orgSourcedId,role\n")], Format::SdsV21);
    check(&[v2_1, ("roles.csv", "sourcedId,userSourcedId,orgSourcedId,role\n")], Format::OneRoster12);
    check(&[USERS_12], Format::OneRoster12);
    check(&[v2_1], Format::SdsV21);
    check(&[FILES[1], ("manifest.csv", "propertyName,value\noneroster.version,1.2\n")], Format::OneRoster12);
    check(&[("Student.csv", "SIS ID,School SIS ID\n")], Format::SdsClassic);
    check(&[("teacher.csv", "ID,School DfE Number\n")], Format::SdsClassic);
    check(&[("STUDENTS.CSV", "school_ID;Student_Id\n")], Format::Clever);
    check(&[("users.csv", "user_id,login_id\n")], Format::Canvas);
    check(&CANVAS[1..], Format::Canvas);
}

/// Returns the text of the file of users.
fn users_of(translated: &Translated) -> String {
    String::from_utf8(translated.set.users.clone().unwrap_or_default()).expect("text")
}

fn notes_of(translated: &Translated, code: Code) -> Vec<&Finding> {
    translated.translation.notes.iter().filter(|note| note.code == code).collect()
}

fn fails(files: &[(&str, &str)]) -> Code {
    let translated = translate(&delivery(files), &Reading::default(), &schools());
    translated.expect_err("a refusal").iter().next().expect("a finding").code
}

const ROLES: &str = "sourcedId,userSourcedId,roleType,role,orgSourcedId\n";
const USERS_12: (&str, &str) = (
    "users.csv",
    "sourcedId,enabledUser,username,givenName,familyName,identifier\nu1,true,a,Tom,Teach,T1\nu2,true,b,Sam,Pupil,S1\n",
);

#[test]
fn a_changed_role_that_is_not_the_primary_one_moves_nobody() {
    let manifest = ("manifest.csv", "propertyName,value\noneroster.version,1.2\nfile.users,bulk\nfile.roles,delta\n");
    let roles = ROLES.to_owned() + "r1,u1,secondary,student,s1\nr2,u2,primary,student,s1\n";
    let read = read(&[FILES[0], USERS_12, ("roles.csv", &roles), manifest]);
    let text = users_of(&read);
    assert!(text.contains("T1,Tom,Teach,,,,,,,Active"), "neither school nor type: {text}");
    assert!(text.contains("S1,Sam,Pupil,,,10001,Student,"), "{text}");
    assert!(read.translation.omissions.blank_keeps.contains(&Column::UserType), "who exists keeps both");
    assert_eq!(notes_of(&read, Code::ReferenceUnknown).len(), 0);
}

#[test]
fn a_damaged_row_of_roles_leaves_whomever_it_names_without_a_place() {
    let whole = "r1,u1,primary,teacher,s1\nr2,u2,primary,student,s1\n";
    let files = |roles: &str| [FILES[0], USERS_12, ("roles.csv", roles.to_owned().leak())];
    let read_roles = |rows: &str| read(&files(&format!("{ROLES}{rows}")));
    let damaged = read_roles(&format!("{whole}r3,u1\nr4,u2,secondary,student,s1\n"));
    assert!(users_of(&damaged).contains("T1,Tom,Teach,,,,,"), "{}", users_of(&damaged));
    assert!(users_of(&damaged).contains("S1,Sam,Pupil,,,10001,Student"), "{}", users_of(&damaged));
    assert_eq!(notes_of(&damaged, Code::FormatRowDamaged).len(), 1);
    assert_eq!(fails(&files(&format!("{ROLES}{whole}r3,u?\nr4,u2,secondary,student,s1\n"))), Code::FormatIncomplete);
    assert_eq!(fails(&files(&format!("{ROLES}{whole}r3,u1"))), Code::FormatIncomplete);
}

#[test]
fn what_damaged_rows_of_courses_and_sessions_would_say_is_left_as_it_is() {
    let classes = "sourcedId,status,title,schoolSourcedId,courseSourcedId,termSourcedIds\nc1,,Mathematics,s1,k1,t1\n";
    let courses = "sourcedId,title,courseCode\nk1,Maths\nk2,Arts,A\n";
    let sessions = "sourcedId,title,startDate,endDate\nt1,Autumn,2026-08-31,2026-12-18\n";
    let read = read(&[
        FILES[0],
        FILES[1],
        ("classes.csv", classes),
        ("courses.csv", courses),
        ("academicSessions.csv", sessions),
    ]);
    let text = String::from_utf8(read.set.classes.clone().expect("classes")).expect("text");
    assert!(!text.contains("course_code") && !text.contains("subject") && text.contains("Autumn"), "{text}");
    assert_eq!(notes_of(&read, Code::FormatRowDamaged).len(), 1);
}

#[test]
fn a_manifest_is_read_in_any_encoding_and_with_any_delimiter() {
    let text = "propertyName;value\r\nmanifest.version;1.0\r\noneroster.version;1.1\r\nfile.users;delta\r\n";
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [text.as_bytes().to_vec(), text.replace(';', "\t").into_bytes(), wide] {
        let mut delivery = delivery(&FILES);
        delivery.files.push(SentFile { name: "manifest.csv".to_owned(), bytes });
        let read = translate(&delivery, &Reading::default(), &schools()).expect("a set").expect("a format");
        let refusal = read.translation.refusal(Mode::Full).expect("a refusal");
        assert_eq!(refusal.code, Code::DeltaInFullSync);
    }
}

#[test]
fn a_manifest_that_says_nothing_of_files_is_refused_where_absence_counts() {
    let refusal = |manifest: &str, mode| {
        let files = [&FILES[..], &[("manifest.csv", manifest)]].concat();
        read(&files).translation.refusal(mode).map(|finding| finding.code)
    };
    let unclear = "propertyName,value\noneroster.version,1.1\n";
    assert_eq!(refusal(unclear, Mode::Full), Some(Code::FormatIncomplete));
    assert_eq!(refusal("something else\n", Mode::Staff), Some(Code::FormatIncomplete));
    assert_eq!(refusal(unclear, Mode::Partial), None);
    for closes in ["", "\n", "file,sha256\nusers.csv,\n", "propertyName,value\nfile.users,bulk\n"] {
        assert_eq!(refusal(closes, Mode::Full), None, "{closes}");
    }
}

#[test]
fn a_sourced_id_is_a_custom_id_only_where_nobody_has_another() {
    let users = FILES[1].1.replace(",Pupil,S1,", ",Pupil,,");
    let text = users_of(&read(&[FILES[0], ("users.csv", &users)]));
    assert!(text.contains("\nT1,Tom") && text.contains("\n,Sam"), "{text}");
    let none = users.replace(",Teach,T1,", ",Teach,,");
    let text = users_of(&read(&[FILES[0], ("users.csv", &none)]));
    assert!(text.contains("\nu1,Tom") && text.contains("\nu2,Sam"), "{text}");
    let delta = ("manifest.csv", "propertyName,value\noneroster.version,1.1\nfile.users,delta\n");
    let text = users_of(&read(&[FILES[0], ("users.csv", &none), delta]));
    assert!(text.contains("\n,Tom") && text.contains("\n,Sam"), "{text}");
    let header = FILES[1].1.lines().next().expect("headers");
    let read = read(&[FILES[0], ("users.csv", header), FILES[2], FILES[3], delta]);
    let text = String::from_utf8(read.set.enrolments.expect("enrolments")).expect("text");
    assert!(text.contains("c1,?,Student") && !text.contains("u1"), "{text}");
}

#[test]
fn nobody_moves_to_another_school_because_theirs_is_unknown() {
    let orgs = "sourcedId,name,type,identifier\ns1,North,school,10001\ns2,South,school,10002\nd1,All,district,\n";
    let users_at = |places: &str| {
        let users = FILES[1].1.replace("true,s1,teacher", &format!("true,\"{places}\",teacher"));
        let read = read(&[("orgs.csv", orgs), ("users.csv", &users)]);
        (users_of(&read).lines().nth(1).expect("a row").to_owned(), notes_of(&read, Code::ReferenceUnknown).len())
    };
    let (row, notes) = users_at("s2,s1");
    assert!(row.contains(",10002,Teacher") && notes == 0, "{row}");
    let (row, notes) = users_at("s1,s2");
    assert!(row.contains(",10001,Teacher") && notes == 1, "{row}");
    let (row, notes) = users_at("d1,s1");
    assert!(row.contains(",10001,Teacher") && notes == 0, "{row}");
    let (row, _) = users_at("s3,s1");
    assert!(row.contains(",s3,Teacher"), "{row}");
}

const CLEVER: [(&str, &str); 5] = [
    ("students.csv", "School_id,Student_id,First_name,Last_name\n10001,S1,Sam,Pupil\n"),
    ("teachers.csv", "School_id,Teacher_id,First_name,Last_name,Teacher_email\n10001,T1,Tom,Teach,tom@town.example\n"),
    ("staff.csv", "School_id,Staff_id,First_name,Last_name,Staff_email\n10001,O1,Ora,Office,ora@town.example\n"),
    ("sections.csv", "School_id,Section_id,Teacher_id,Name\n10001,c1,T1,Mathematics\n"),
    ("enrollments.csv", "School_id,Section_id,Student_id\n10001,c1,S1\n"),
];

const CLASSIC: [(&str, &str); 5] = [
    ("Student.csv", "SIS ID,School SIS ID,First Name,Last Name\nS1,10001,Sam,Pupil\n"),
    ("Teacher.csv", "SIS ID,School SIS ID,First Name,Last Name\nT1,10001,Tom,Teach\n"),
    ("Section.csv", "SIS ID,School SIS ID,Section Name\nc1,10001,Mathematics\n"),
    ("StudentEnrollment.csv", "Section SIS ID,SIS ID\nc1,S1\n"),
    ("TeacherRoster.csv", "Section SIS ID,SIS ID\nc1,T1\n"),
];

/// Returns the files, where this one is missing, and where it has only its headers.
fn without<'f>(files: &[(&'f str, &'f str)], name: &str) -> [Vec<(&'f str, &'f str)>; 2] {
    let missing = files.iter().copied().filter(|(own, _)| *own != name).collect();
    let only_headers = |(own, text): &(&'f str, &'f str)| {
        (*own, if *own == name { text.lines().next().expect("headers") } else { *text })
    };
    [missing, files.iter().map(only_headers).collect()]
}

#[test]
fn whoever_is_in_a_file_that_is_missing_or_empty_is_not_absent() {
    let check = |files: &[(&str, &str)], name: &str, refusing: &[Mode]| {
        for files in without(files, name) {
            let translation = read(&files).translation;
            for mode in [Mode::Partial, Mode::Full, Mode::Students, Mode::Staff] {
                let refusal = translation.refusal(mode).map(|finding| finding.code);
                let expected = refusing.contains(&mode).then_some(Code::FormatIncomplete);
                assert_eq!(refusal, expected, "{name} in {mode:?}");
            }
        }
    };
    check(&CLEVER, "students.csv", &[Mode::Full, Mode::Students]);
    check(&CLEVER, "teachers.csv", &[Mode::Full, Mode::Staff]);
    check(&CLEVER, "staff.csv", &[Mode::Full, Mode::Staff]);
    check(&CLEVER, "enrollments.csv", &[]);
    check(&CLASSIC, "Student.csv", &[Mode::Full, Mode::Students]);
    check(&CLASSIC, "Teacher.csv", &[Mode::Full, Mode::Staff]);
}

#[test]
fn nobody_leaves_a_class_because_one_of_two_files_is_missing_or_empty() {
    let both = read(&CLEVER).set.enrolments.is_some() && read(&CLASSIC).set.enrolments.is_some();
    assert!(both);
    let check = |files: &[(&str, &str)], name: &str| {
        for files in without(files, name) {
            let read = read(&files);
            assert!(read.set.enrolments.is_none(), "{name}");
            assert!(!notes_of(&read, Code::FormatFileMissing).is_empty(), "{name}");
        }
    };
    check(&CLEVER, "enrollments.csv");
    check(&CLEVER, "sections.csv");
    check(&CLASSIC, "StudentEnrollment.csv");
    check(&CLASSIC, "TeacherRoster.csv");
}

#[test]
fn a_file_without_its_columns_is_named() {
    for (files, name) in [(CLEVER, "sections.csv"), (CLASSIC, "Section.csv"), (CLEVER, "enrollments.csv")] {
        let files = files.map(|(own, text)| (own, if own == name { "one,two\n1,2\n" } else { text }));
        assert_eq!(fails(&files), Code::FormatIncomplete, "{name}");
    }
}

#[test]
fn a_damaged_row_stays_a_damaged_row() {
    let enrolments = |read: Translated| String::from_utf8(read.set.enrolments.expect("enrolments")).expect("text");
    let cut = CLEVER.map(|(name, text)| {
        (
            name,
            if name == "sections.csv" {
                "School_id,Section_id,Name,Teacher_id\n10001,c1,Mathematics,T1\n10001,c2,A"
            } else {
                text
            },
        )
    });
    assert!(enrolments(read(&cut)).ends_with("\r\nc2,?"), "{}", enrolments(read(&cut)));
    let cut = FILES[3].1.to_owned() + "e3,,c1,u1,parent,more";
    let text = enrolments(read(&[FILES[0], FILES[1], FILES[2], ("enrollments.csv", &cut)]));
    assert!(text.lines().count() == 4, "{text}");
}

#[test]
fn a_roster_is_one_whatever_lies_beside_it() {
    let students = ("students.csv", "Student_id,School_id\n1,2\n");
    let is_none = |users: &str| format_of(&[("users.csv", users), students], &Reading::default()).is_none();
    assert!(is_none("custom_id,first_name,user_type\n"));
    assert!(is_none("User ID,Login ID,First name,Last name,School,User type\n"));
    let canvas = [("users.csv", "user_id,login_id,school\n"), ("courses.csv", "course_id,account_id\n")];
    assert_eq!(format_of(&canvas, &Reading::default()), Some(Format::Canvas));
}

#[test]
fn a_column_that_one_file_has_says_nothing_of_people_in_another() {
    let unsaid = |translation: &Translation, of| {
        translation.omissions.unsaid_of.get(&of).is_some_and(|columns| columns.contains(&Column::Email))
    };
    let Translated { translation, .. } = read(&CLEVER);
    assert!(!translation.omissions.unsaid.contains(&Column::Email));
    assert!(unsaid(&translation, UserType::Student) && !unsaid(&translation, UserType::Teacher));
    let v2 = "sourcedId,orgSourcedIds,givenName,familyName,username,role\nu1,10001,Sam,Pupil,spupil,student\n";
    assert!(unsaid(&read(&[("users.csv", v2)]).translation, UserType::Student));
}

const CANVAS: [(&str, &str); 5] = [
    ("users.csv", "user_id,login_id,first_name,last_name,status\nS1,spupil,Sam,Pupil,active\n"),
    ("courses.csv", "course_id,short_name,long_name,account_id,status\nk1,M,Maths,10001,active\nk2,A,Arts,x9,active\n"),
    ("accounts.csv", "account_id,parent_account_id,name,status\nx9,,Elsewhere,active\n"),
    ("sections.csv", "section_id,course_id,name,status\nc1,k1,Maths 1,active\nc2,k2,Arts 1,active\n"),
    ("enrollments.csv", "user_id,role,section_id,course_id,status\nS1,student,c1,,active\nS1,student,c2,,active\n"),
];

/// Returns the files with this one replaced.
fn with<'f>(files: &[(&'f str, &'f str)], name: &str, text: &'f str) -> Vec<(&'f str, &'f str)> {
    files.iter().map(|(own, before)| (*own, if *own == name { text } else { *before })).collect()
}
