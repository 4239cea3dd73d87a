//! What a proposal goes by, and what it asks to look at.

use super::*;

#[test]
fn of_two_ids_the_one_of_known_users_wins_and_the_other_is_named() {
    let file = "Student ID,Student Number,First Name,Last Name,School,Grade\n900,S1,Ora,Klein,10,1\n901,S2,Ben,Bo,10,2\n902,S3,Li,Di,10,3\n";
    let told = proposed(file, &["S1", "S3"]);
    let id = of(&told, Column::CustomId);
    assert_eq!((&id.from, id.confidence), (&CellSource::Header("Student Number".to_owned()), Confidence::Likely));
    assert_eq!((id.reason.as_str(), &id.look_at), ("2 of 3 values are custom IDs of your users.", &None));
    assert_eq!(id.others, ["Student ID"]);
    let guessed = proposed(file, &["x"]);
    let id = of(&guessed, Column::CustomId);
    assert_eq!((id.confidence, id.others.as_slice()), (Confidence::Guess, &["Student Number".to_owned()][..]));
    let what = id.look_at.as_deref().expect("a question");
    assert!(what.contains("“Student ID” or “Student Number”"), "{what}");
    // A column that no name tells is found by its values alone.
    let nameless = proposed("Zahl,Wer,Wo\nS1,\"Klein, Ora\",North\nS2,\"Bo, Ben\",South\n", &["S1", "S2"]);
    assert_eq!(of(&nameless, Column::CustomId).from, CellSource::Header("Zahl".to_owned()));
    assert_eq!(of(&nameless, Column::CustomId).confidence, Confidence::Certain);
    let wo = of(&nameless, Column::SchoolDistrictExternalId);
    assert_eq!((&wo.from, wo.confidence), (&CellSource::Header("Wo".to_owned()), Confidence::Certain));
    assert_eq!(wo.values[0], ValueGroup { value: "North".to_owned(), count: 1, becomes: Some("10".to_owned()) });
}

#[test]
fn headers_that_nobody_knows_are_found_by_the_shape_of_the_file() {
    let file =
        "Bericht vom Montag;;;\n;;;\nZahl;Wer;Wo;Was\n1;Klein, Ora;North;x\n2;Bo, Ben;South;y\n3;Di, Li;North;y\n";
    let proposal = proposed(file, &["1"]);
    assert_eq!((proposal.header_row, proposal.rows), (3, 3));
    let headers: Vec<&str> = proposal.headers.iter().map(|seen| seen.header.as_str()).collect();
    assert_eq!(headers, ["Zahl", "Wer", "Wo", "Was"]);
    assert_eq!(proposal.headers[3].read_as, [], "what is unmapped is named");
    assert_eq!(people(file.as_bytes(), &proposal)[0], "Ora|Klein||1|10|Student|-|Active|-");
    let look_at = of(&proposal, Column::CustomId).look_at.as_deref().unwrap_or_default();
    assert!(look_at.starts_with("None of the headers is known: make sure that row 3 has headers"), "{look_at}");
    let known = proposed("Zahl;Nachname\n1;Klein\n2;Bo\n", &["1"]);
    assert_eq!(of(&known, Column::CustomId).look_at, None);
}

#[test]
fn no_sample_is_of_a_column_that_may_hold_a_password() {
    let file = "Student ID,First Name,Last Name,School ID,Initial Pwd,PIN,Temp Passcode\n1,Ora,Klein,10,PLANTED1,PLANTED2,PLANTED3\n";
    let json = serde_json::to_string(&proposed(file, &[])).expect("JSON");
    assert!(!json.contains("PLANTED") && json.contains("Temp Passcode"), "{json}");
}

#[test]
fn values_are_grouped_and_only_numbered_beyond_fifty() {
    let rows: String = (0..70).map(|i| format!("{i},A,B,S{i},{}\n", if i < 9 { "North" } else { "South" })).collect();
    let proposal = proposed(&format!("Student ID,First Name,Last Name,Role,School\n{rows}"), &[]);
    let school = of(&proposal, Column::SchoolDistrictExternalId);
    let counts: Vec<(&str, u64)> = school.values.iter().map(|group| (group.value.as_str(), group.count)).collect();
    assert_eq!((counts, school.more_values), (vec![("South", 61), ("North", 9)], 0));
    let rows: String = (0..70).map(|i| format!("{i},A,B,10,X{i}\n")).collect();
    let proposal = proposed(&format!("Student ID,First Name,Last Name,School ID,Enrollment Status\n{rows}"), &[]);
    let status = of(&proposal, Column::Status);
    assert_eq!((status.values.len(), status.more_values), (50, 20));
    assert!(status.look_at.is_some() && status.values.iter().all(|group| group.becomes.is_none()));
}

#[test]
fn short_headers_of_no_known_system_are_proposed() {
    let file = "PupilRef,Given,Family,Yr,EnrolStat,Campus\n1,Ora,Klein,KG,ACTV,North\n2,Ben,Bo,01,LEFT,South\n\
                3,Li,Di,12,ACTV,North\n";
    let expected = Expected {
        system: None,
        columns: &[
            "first_name: Given",
            "last_name: Family",
            "custom_id: PupilRef",
            "school_district_external_id: Campus {North=10, South=0020}",
            "user_type: =Student",
            "grade: Yr",
            "status: EnrolStat {ACTV=Active, LEFT=Disabled}",
        ],
        look_at: &[Column::CustomId, Column::UserType, Column::Status],
        people: &[
            "Ora|Klein|-|1|10|Student|K|Active|-",
            "Ben|Bo|-|2|0020|Student|1|Disabled|-",
            "Li|Di|-|3|10|Student|12|Active|-",
        ],
    };
    check(file, &expected);
}

#[test]
fn grades_and_statuses_are_found_by_their_values() {
    let file = "Student ID,First Name,Last Name,School ID,Zug,Lage,Bus\n1,Ora,Klein,10,K,Active,Y\n2,Ben,Bo,10,1,Left,N\n\
                3,Li,Di,10,2,Active,Y\n";
    let proposal = proposed(file, &[]);
    let (grade, status) = (of(&proposal, Column::Grade), of(&proposal, Column::Status));
    assert_eq!((&grade.from, grade.confidence), (&CellSource::Header("Zug".to_owned()), Confidence::Guess));
    assert_eq!(status.from, CellSource::Header("Lage".to_owned()));
    assert!(grade.look_at.is_some() && status.look_at.is_some());
    // Some leave, but not every value is a status.
    let file = file.replace("Li,Di,10,2,Active", "Li,Di,10,2,ZZ");
    let proposal = proposed(&file, &[]);
    let status = of(&proposal, Column::Status);
    assert_eq!(status.from, CellSource::Fixed("Active".to_owned()));
    let what = status.look_at.as_deref().expect("a question");
    assert_eq!(
        what,
        "In 1 of 3 rows, \u{201c}Lage\u{201d} has a word for somebody who has left: choose it if it is the status."
    );
}

#[test]
fn a_file_of_teachers_is_not_taken_for_students() {
    let file = "Employee ID,First Name,Last Name,Role,School,Work Email\n1,Uche,Abara,T,North,u@x.example\n2,Cy,Bell,Faculty,South,c@x.example\n";
    let proposal = proposed(file, &[]);
    let role = of(&proposal, Column::UserType);
    assert_eq!(role.values.iter().map(|group| group.becomes.as_deref()).collect::<Vec<_>>(), [Some("Teacher"); 2]);
    assert_eq!(people(file.as_bytes(), &proposal)[1], "Cy|Bell|-|2|0020|Teacher|-|Active|c@x.example");
}

#[test]
fn dates_of_classes_are_read_as_the_file_writes_them() {
    let file = "Student ID,First Name,Last Name,School,Grade,Section ID,Section Start Date,Class End Date\n\
                1,Ora,Klein,10,1,M-1,08/31/2026,01/02/2027\n";
    let proposal = proposed(file, &[]);
    let columns = &proposal.profile.columns;
    let dates = |column| columns[&column].dates.as_ref().map(|dates| dates.0.as_str());
    assert_eq!(dates(Column::ClassStartDate), Some("MM/DD/YYYY"));
    assert!(
        of(&proposal, Column::ClassEndDate)
            .look_at
            .as_deref()
            .is_some_and(|what| what.contains("MM/DD/YYYY or DD/MM/YYYY"))
    );
}
