use super::*;
use crate::file::{ParsedRoster, parse, sent_rows, without_secrets};
use crate::model::Findings;
use crate::settings::RowFilter;

/// An export of PowerSchool, and what reads it.
const HEADERS: &str = "Student_Number,LastFirst,Grade_Level,SchoolID,Enroll_Status,Home_Room,Email_1,Email_2,Pin";

fn profile() -> MappingProfile {
    let text = str::to_owned;
    let part = |part| CellSource::NamePart { header: text("LastFirst"), order: NameOrder::LastCommaFirst, part };
    let with = |header: &str, values: &[(&str, &str)]| MappedColumn {
        values: values.iter().map(|(from, to)| (text(from), text(to))).collect(),
        ..CellSource::Header(text(header)).into()
    };
    let columns = [
        (Column::FirstName, part(NamePart::First).into()),
        (Column::MiddleName, part(NamePart::Middle).into()),
        (Column::LastName, part(NamePart::Last).into()),
        (Column::CustomId, with("student number", &[])),
        (Column::SchoolDistrictExternalId, with("SchoolID", &[("1", "10")])),
        (Column::Grade, with("Grade_Level", &[("0", "K"), ("-1", "PreK")])),
        (Column::Status, with("Enroll_Status", &[("0", "Active"), ("2", "Disabled")])),
        (Column::UserType, CellSource::Fixed(text("Student")).into()),
        (Column::Email, CellSource::FirstOf(vec![text("Email_1"), text("Email_2")]).into()),
        (
            Column::Password,
            CellSource::Joined { headers: vec![text("Pin"), text("Home_Room")], with: text("-") }.into(),
        ),
    ];
    MappingProfile {
        name: text("PowerSchool"),
        version: 3,
        source: None,
        headers: HEADERS.split(',').map(header_key).collect(),
        columns: columns.into(),
        leave_out: vec![RowFilter { header: text("Enroll_Status"), values: [text("3")].into() }],
    }
}

fn reading() -> Reading {
    Reading::default().by_profiles(vec![profile()])
}

#[track_caller]
fn read(text: &str) -> (ParsedRoster, Findings) {
    let (parsed, findings) = parse(text.as_bytes(), &reading());
    (parsed.unwrap_or_else(|| panic!("{findings:?}")), findings)
}

fn said<'r>(parsed: &'r ParsedRoster, row: usize, columns: &[Column]) -> Vec<&'r str> {
    columns.iter().map(|column| parsed.cell(&parsed.rows[row], *column).expect("a cell")).collect()
}

#[test]
fn cells_are_made_as_the_profile_says_and_rows_stay_as_they_were_sent() {
    use Column::*;
    assert_eq!(profile().check(), []);
    let rows = "0042,\"Klein, Ora M\",0,1,0,R1,,b@x.example,77\n43,\"Okafor, Ben\",09,10,2,R2,a@x.example,,\n";
    let (parsed, findings) = read(&format!("Students of today\n\n{HEADERS}\n{rows}"));
    let columns = [CustomId, FirstName, MiddleName, LastName, Grade, Status, SchoolDistrictExternalId, UserType, Email];
    let ora = ["0042", "Ora", "M", "Klein", "K", "Active", "10", "Student", "b@x.example"];
    assert_eq!(said(&parsed, 0, &columns), ora);
    let ben = ["43", "Ben", "", "Okafor", "09", "Disabled", "10", "Student", "a@x.example"];
    assert_eq!(said(&parsed, 1, &columns), ben);
    assert_eq!(said(&parsed, 0, &[Password]), ["77-R1"]);
    assert_eq!(parsed.rows[0].cells.iter().nth(1), Some("Klein, Ora M"));
    assert!(!parsed.has(Position), "the file says nothing of it");
    let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::MappingUsed, Code::LineLeftOut]);
    let used = parsed.profile().expect("a profile");
    assert_eq!((used.name.as_str(), used.version, used.digest.len()), ("PowerSchool", 3, 64));
}

#[test]
fn rows_are_left_out_with_a_note_and_keep_their_users() {
    let rows = "1,\"A, B\",1,1,0,,,,\n2,\"C, D\",1,1, 3 ,,,,\n3,\"E, F\",1,1,3,,,,\n";
    let (parsed, findings) = read(&format!("{HEADERS}\n{rows}"));
    assert_eq!(parsed.rows.len(), 1);
    let ids: Vec<&str> = parsed.left_out.iter().map(|row| row.custom_id.as_str()).collect();
    assert_eq!(ids, ["2", "3"]);
    let note = findings.iter().find(|finding| finding.code == Code::RowLeftOut).expect("a note");
    assert_eq!(note.rows.expect("several").count, 2);
    assert!(note.message().contains("“Enroll_Status” is “3”"), "{}", note.message());
}

#[test]
fn what_goes_into_a_password_is_in_no_copy() {
    let rows = "1,\"A, B\",1,1,0,PLANTED-room,,,PLANTED-pin\n2,\"C, D\",1,1,0\n3,x,1,1,0,PLANTED,,,PLANTED,PLANTED\n";
    let sent = format!("{HEADERS}\n{rows}");
    let kept = String::from_utf8(without_secrets(sent.as_bytes(), &reading()).into_owned()).expect("text");
    assert!(!kept.contains("PLANTED"), "{kept}");
    assert!(kept.starts_with(&format!("{HEADERS}\n1,\"A, B\",1,1,0,,,,\n2,")), "{kept}");
    let (again, _) = read(&kept);
    assert_eq!(again.rows.len(), read(&sent).0.rows.len());
    let (parsed, _) = read(&sent);
    let all: std::collections::BTreeMap<u32, Vec<String>> = (2..5).map(|row| (row, vec!["no".to_owned()])).collect();
    let errors = String::from_utf8(crate::error_file(&parsed, &all.into())).expect("text");
    assert!(!errors.contains("PLANTED"), "{errors}");
    let (returned, findings) = read(&errors);
    assert_eq!((returned.rows.len(), returned.has(Column::Error)), (3, true));
    assert!(findings.iter().all(|finding| finding.code != Code::MappingHeadersChanged), "{findings:?}");
}

#[test]
fn a_file_that_no_longer_fits_says_what_changed() {
    let row = "1,\"A, B\",1,1,0,,,,\n";
    let fails = |header: &str| {
        let (parsed, findings) = parse(format!("{header}\n{row}").as_bytes(), &reading());
        assert!(parsed.is_none() && findings.len() == 1, "{findings:?}");
        (findings[0].code, findings[0].hint())
    };
    let (code, hint) = fails(&HEADERS.replace("Student_Number", "Student_No"));
    assert_eq!(code, Code::MappingMisfit);
    assert!(hint.starts_with("Gone: “student number” (perhaps “Student_No” now). New: “Student_No”."), "{hint}");
    let (code, hint) = fails(&HEADERS.replace("Home_Room", "Pin"));
    assert_eq!((code, hint.contains("Home_Room")), (Code::MappingMisfit, true));
    let (code, _) = fails(&format!("{HEADERS},Pin"));
    assert_eq!(code, Code::HeaderRepeated);
    // What it does not read may come and go.
    let (_, findings) = read(&format!("{HEADERS},Locker\n{}", row.replace('\n', ",\n")));
    let note = findings.iter().find(|finding| finding.code == Code::MappingHeadersChanged).expect("a note");
    assert!(note.hint().starts_with("New: “Locker”."), "{}", note.hint());
    assert!(findings.iter().any(|finding| finding.code == Code::ColumnsLeftOut));
}

#[test]
fn other_files_are_read_as_without_profiles() {
    let columns = Column::ALL.into_iter().filter(|column| column.spec().presence.is_of_user());
    let own = columns.map(Column::header).collect::<Vec<_>>().join(",");
    let other = "First Name,Surname,Middle,Mail,Student ID,School ID,Role,Job,Year Group,Account Status";
    for header in [own.as_str(), other] {
        let text = format!("{header}\nOra,Klein,,,1,10,Student,,K,Active,,,\n");
        let ((with, findings), (without, expected)) = (read(&text), parse(text.as_bytes(), &Reading::default()));
        let without = without.expect("a roster");
        assert_eq!((findings, with.columns.clone()), (expected, without.columns.clone()));
        assert_eq!((with.rows[0].cells.clone(), with.profile()), (without.rows[0].cells.clone(), None));
    }
    let mut strict = reading();
    strict.settings.strict_format = true;
    assert!(parse(format!("{HEADERS}\n1,x,1,1,0,,,,\n").as_bytes(), &strict).0.is_none());
}

#[test]
fn of_several_profiles_the_one_that_was_made_for_the_headers_is_used() {
    let exact = profile();
    let without_pin = |name: &str| {
        let mut other = MappingProfile { name: name.to_owned(), ..profile() };
        other.columns.remove(&Column::Password);
        other.headers.remove("pin");
        other
    };
    let used = |profiles: Vec<MappingProfile>, header: &str| {
        let reading = Reading::default().by_profiles(profiles);
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        match fit(&header, &reading) {
            ProfileFit::Reads(mapping) => mapping.profile.name,
            ProfileFit::NoProfile => "none".to_owned(),
            ProfileFit::Misfit(finding) => finding.code.as_str().to_owned(),
        }
    };
    let both = || vec![without_pin("Without"), exact.clone()];
    assert_eq!(used(both(), HEADERS), "PowerSchool");
    assert_eq!(used(both(), &HEADERS.replace(",Pin", "")), "Without");
    assert_eq!(used(both(), "Name,Id"), "none");
    let of_sis = MappingProfile { source: Some(crate::SourceId("sis".to_owned())), ..without_pin("Of SIS") };
    assert_eq!(used(vec![without_pin("Any"), of_sis.clone()], &HEADERS.replace(",Pin", "")), "Of SIS");
    let reading = Reading::default().by_profiles(vec![of_sis]);
    assert!(reading.settings.of_source(None).profiles.is_empty());
}

#[test]
fn a_file_of_another_kind_is_not_read_by_a_mapping_that_finds_its_headers_in_it() {
    let fits = |more: &str| {
        let header: Vec<String> = HEADERS.split(',').chain(more.split(',')).map(str::to_owned).collect();
        matches!(fit(&header, &reading()), ProfileFit::Reads(_))
    };
    assert!(fits("Locker,Bus"));
    let headers = |count: u8| (0..count).map(|i| format!("Field {i}")).collect::<Vec<_>>().join(",");
    assert!(fits(&headers(9)), "as many as are known");
    assert!(!fits(&headers(10)));
}

#[test]
fn a_value_for_every_row_is_doubted_where_a_new_header_says_that_the_file_has_a_column_for_it() {
    let doubts = |more: &str| {
        let row = "1,\"A, B\",1,1,0,,,,\n";
        let filled = format!(
            "{HEADERS},{more}\n{}",
            row.replace('\n', &format!("{}\n", ",x".repeat(1 + more.matches(',').count())))
        );
        let (parsed, findings) = read(&filled);
        let found = findings.iter().find(|finding| finding.code == Code::MappingFixedDoubtful);
        assert_eq!(parsed.doubts.contains_key(&Code::MappingFixedDoubtful), found.is_some(), "{more}");
        found.map(|finding| finding.hint())
    };
    assert_eq!(doubts("Locker"), None);
    let hint = doubts("Role,Locker,Job Title").expect("a doubt");
    assert!(hint.starts_with("New: \u{201c}Role\u{201d}, \u{201c}Job Title\u{201d}."), "{hint}");
}

#[test]
fn what_a_mapping_makes_a_password_of_is_not_kept_of_a_file_that_does_not_fit_it() {
    let mut profile = profile();
    let password = CellSource::Header("Position".to_owned());
    profile.columns.insert(Column::Password, password.into());
    profile.headers.insert("position".to_owned());
    let reading = Reading::default().by_profiles(vec![profile]);
    let header = HEADERS.replace("Student_Number", "Custom ID,First Name,Last Name,Email") + ",Position";
    let text = format!("{header}\n1,Ann,Berg,,\"A, B\",1,1,0,,,,,Secret77\n");
    let (parsed, findings) = parse(text.as_bytes(), &reading);
    assert!(parsed.is_none() && findings.iter().any(|finding| finding.code == Code::MappingMisfit));
    let kept = String::from_utf8(without_secrets(text.as_bytes(), &reading).into_owned()).expect("text");
    assert!(kept.contains("Ann,Berg") && !kept.contains("Secret77"), "{kept}");
    let unmapped = String::from_utf8(without_secrets(text.as_bytes(), &Reading::default()).into_owned()).expect("text");
    assert!(unmapped.contains("Secret77"), "by its name alone it is no password");
}

#[test]
fn a_row_of_the_kept_copy_names_the_columns_that_no_copy_has() {
    let rows = "0042,\"Klein, Ora M\",9,1,0,R1,,b@x.example,77,2011-02-03\n";
    let sent = format!("Students of today\n\n{HEADERS},BirthDate\n{rows}");
    let copy = without_secrets(sent.as_bytes(), &reading()).into_owned();
    let [ora] = &sent_rows(&copy, &reading(), &[4].into())[..] else { panic!("one row") };
    assert_eq!(ora.never_kept, ["Home_Room", "Pin", "BirthDate"]);
    let empty = |header: &str| ora.cells.iter().any(|(of, cell)| of == header && cell.is_empty());
    assert!(ora.never_kept.iter().all(|header| empty(header)), "{ora:?}");
    let whole = &sent_rows(sent.as_bytes(), &reading(), &[4].into())[0];
    assert_eq!(whole.never_kept, ora.never_kept, "they are told by the headers alone");
}
