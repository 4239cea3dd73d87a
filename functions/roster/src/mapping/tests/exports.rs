//! A made-up file for each kind of export, with the proposal and the people that must come of it.

use super::*;

#[test]
fn power_school() {
    let headers = "Student_Number\tState_StudentNumber\tLastFirst\tLast_Name\tFirst_Name\tMiddle_Name\tGrade_Level\tGender\tDOB\tSchoolID\tHome_Room\tEnroll_Status";
    let rows = "1001\tS1\tKlein, Ora M\tKlein\tOra\tM\t0\tF\t1/2/2020\t10\tR1\t0\n1002\tS2\tOkafor, Ben\tOkafor\tBen\t\t-1\tM\t1/2/2021\t0020\tR2\t2\n1003\tS3\tDi, Li\tDi\tLi\t\t9\tM\t1/2/2011\t10\tR2\t3\n";
    let proposal = check(
        &format!("{headers}\n{rows}"),
        &Expected {
            system: Some("PowerSchool"),
            columns: &[
                "first_name: First_Name",
                "last_name: Last_Name",
                "middle_name: Middle_Name",
                "custom_id: Student_Number",
                "school_district_external_id: SchoolID",
                "user_type: =Student",
                "grade: Grade_Level {-1=PreK, 0=K}",
                "status: Enroll_Status {0=Active, 2=Disabled, 3=Disabled}",
            ],
            look_at: &[Column::UserType, Column::Status],
            people: &[
                "Ora|Klein|M|1001|10|Student|K|Active|-",
                "Ben|Okafor||1002|0020|Student|PreK|Disabled|-",
                "Li|Di||1003|10|Student|9|Disabled|-",
            ],
        },
    );
    let school = proposal.columns.iter().find(|c| c.column == Column::SchoolDistrictExternalId).expect("a school");
    assert_eq!(
        (school.confidence, school.reason.as_str()),
        (Confidence::Certain, "Every value is one of your schools' IDs.")
    );
    let header = proposal.headers.iter().find(|seen| seen.header == "LastFirst").expect("a header");
    assert_eq!(header.samples, ["Klein, Ora M", "Okafor, Ben", "Di, Li"]);
    assert_eq!(
        (header.read_as.len(), header.is_about.as_deref()),
        (0, Some("the whole name, of which the parts are read"))
    );
}

/// One kind of export: its headers as the system writes them, made-up rows, and what must come of them.
struct ExportCase {
    system: &'static str,
    file: &'static str,
    columns: &'static [&'static str],
    look_at: &'static [Column],
    people: &'static [&'static str],
}

const EXPORTS: &[ExportCase] = &[
    ExportCase {
        system: "PowerSchool",
        file: "[Students]Student_Number,LastFirst,Grade_Level,SchoolID,Enroll_Status\n\
               1001,\"Klein, Ora Maria\",12,10,0\n1002,\"van Dam, Li\",0,10,-1\n",
        columns: &[
            "first_name: LastFirst LastCommaFirst First",
            "last_name: LastFirst LastCommaFirst Last",
            "middle_name: LastFirst LastCommaFirst Middle",
            "custom_id: [Students]Student_Number",
            "school_district_external_id: SchoolID",
            "user_type: =Student",
            "grade: Grade_Level {0=K}",
            "status: Enroll_Status {-1=Disabled, 0=Active}",
        ],
        look_at: &[Column::UserType, Column::Status],
        people: &["Ora|Klein|Maria|1001|10|Student|12|Active|-", "Li|van Dam||1002|10|Student|K|Disabled|-"],
    },
    ExportCase {
        system: "Infinite Campus",
        file: "student.personID,student.stateID,student.lastName,student.firstName,student.middleName,\
               student.birthdate,student.grade,sch.number,pcontact.email\n\
               501,9001,Klein,Ora,M,01/02/2010,09,10,p@x.example\n502,9002,Okafor,Ben,,01/02/2011,KG,0020,q@x.example\n",
        columns: &[
            "first_name: student.firstName",
            "last_name: student.lastName",
            "middle_name: student.middleName",
            "custom_id: student.personID",
            "school_district_external_id: sch.number",
            "user_type: =Student",
            "grade: student.grade",
            "status: =Active",
        ],
        look_at: &[Column::CustomId, Column::UserType],
        people: &["Ora|Klein|M|501|10|Student|9|Active|-", "Ben|Okafor||502|0020|Student|K|Active|-"],
    },
    ExportCase {
        system: "Infinite Campus (conversion)",
        file: "studentnum,statenum,lastname,firstname,middlename,schoolnum,grade\n\
               77,9,Klein,Ora,M,10,1\n78,8,Okafor,Ben,,10,2\n",
        columns: &[
            "first_name: firstname",
            "last_name: lastname",
            "middle_name: middlename",
            "custom_id: studentnum",
            "school_district_external_id: schoolnum",
            "user_type: =Student",
            "grade: grade",
            "status: =Active",
        ],
        look_at: &[Column::UserType],
        people: &["Ora|Klein|M|77|10|Student|1|Active|-", "Ben|Okafor||78|10|Student|2|Active|-"],
    },
    ExportCase {
        system: "Aeries",
        file: "STU.ID,STU.LN,STU.FN,STU.MN,STU.CID,STU.BD,STU.GN,STU.GR,STU.GR?,STU.SC,STU.PEM,STU.SEM\n\
               99400001,Klein,Ora,M,123,1/2/2015,F,0,Kindergarten,10,p@x.example,ora@x.example\n\
               99400002,Okafor,Ben,,124,1/2/2010,M,5,Fifth Grade,0020,q@x.example,\n",
        columns: &[
            "first_name: STU.FN",
            "last_name: STU.LN",
            "middle_name: STU.MN",
            "email: STU.SEM",
            "custom_id: STU.ID",
            "school_district_external_id: STU.SC",
            "user_type: =Student",
            "grade: STU.GR?",
            "status: =Active",
        ],
        look_at: &[Column::UserType],
        people: &[
            "Ora|Klein|M|99400001|10|Student|K|Active|ora@x.example",
            "Ben|Okafor||99400002|0020|Student|5|Active|",
        ],
    },
    ExportCase {
        system: "Aeries staff",
        file: "STF.ID,STF.LN,STF.FN,STF.EM,STF.PSC,TCH.TE\n\
               5,Abara,Uche,u@x.example,10,Abara U\n6,Bell,Cy,c@x.example,0020,Bell C\n",
        columns: &[
            "first_name: STF.FN",
            "last_name: STF.LN",
            "email: STF.EM",
            "custom_id: STF.ID",
            "school_district_external_id: STF.PSC",
            "user_type: =Teacher",
            "status: =Active",
        ],
        look_at: &[Column::UserType],
        people: &["Uche|Abara|-|5|10|Teacher|-|Active|u@x.example", "Cy|Bell|-|6|0020|Teacher|-|Active|c@x.example"],
    },
    ExportCase {
        system: "Synergy",
        file: "SIS_NUMBER,STATE_STUDENT_NUMBER,LAST_NAME,FIRST_NAME,MIDDLE_NAME,STUDENT_GU,SECTION_ID,COURSE_TITLE,GRADE,SCHOOL_CODE\n\
               905,1,Klein,Ora,M,6F1C2A34,101-3,Algebra I,09,10\n906,2,Okafor,Ben,,6F1C2A35,101-3,Algebra I,10,10\n",
        columns: &[
            "first_name: FIRST_NAME",
            "last_name: LAST_NAME",
            "middle_name: MIDDLE_NAME",
            "custom_id: SIS_NUMBER",
            "school_district_external_id: SCHOOL_CODE",
            "user_type: =Student",
            "grade: GRADE",
            "status: =Active",
            "class_id: SECTION_ID",
            "class_name: COURSE_TITLE",
        ],
        look_at: &[Column::UserType, Column::ClassId],
        people: &["Ora|Klein|M|905|10|Student|9|Active|-", "Ben|Okafor||906|10|Student|10|Active|-"],
    },
    ExportCase {
        system: "Skyward",
        file: "Other ID;Alphakey;Last Name;First Name;Middle Name;Entity;Grade;NameEmail\n\
               31;KLEINORA000;Klein;Ora;M;10;PK;ora@x.example\n32;OKAFOBEN000;Okafor;Ben;;0020;03;ben@x.example\n",
        columns: &[
            "first_name: First Name",
            "last_name: Last Name",
            "middle_name: Middle Name",
            "email: NameEmail",
            "custom_id: Other ID",
            "school_district_external_id: Entity",
            "user_type: =Student",
            "grade: Grade",
            "status: =Active",
        ],
        look_at: &[Column::UserType],
        people: &[
            "Ora|Klein|M|31|10|Student|PreK|Active|ora@x.example",
            "Ben|Okafor||32|0020|Student|3|Active|ben@x.example",
        ],
    },
    ExportCase {
        system: "Veracross",
        file: "Person ID,First Name,Middle Name,Last Name,Current Grade,Email 1,Email 2,School Level\n\
               8001,Ora,M,Klein,Grade 4,,ora@home.example,North\n8002,Ben,,Okafor,Kindergarten,ben@x.example,ben@home.example,South\n",
        columns: &[
            "first_name: First Name",
            "last_name: Last Name",
            "middle_name: Middle Name",
            "email: Email 1 | Email 2",
            "custom_id: Person ID",
            "school_district_external_id: School Level {North=10, South=0020}",
            "user_type: =Student",
            "grade: Current Grade",
            "status: =Active",
        ],
        look_at: &[Column::UserType],
        people: &[
            "Ora|Klein|M|8001|10|Student|4|Active|ora@home.example",
            "Ben|Okafor||8002|0020|Student|K|Active|ben@x.example",
        ],
    },
    ExportCase {
        system: "eduCLIMBER",
        file: "School Year,Student ID,Student Local ID,Student First Name,Student Middle Name / Initial,Student Last Name,\
               Grade,School Name,Course Name,Course ID,Course Section,Course Period,Teacher First Name,Teacher Last Name,\
               Teacher Email,Teacher ID\n\
               2026,1,L1,Ora,M,Klein,4,North,Art,A1,1,2,Uche,Abara,u@x.example,5\n\
               2026,2,L2,Ben,,Okafor,5,South,Art,A1,1,2,Uche,Abara,u@x.example,5\n",
        columns: &[
            "first_name: Student First Name",
            "last_name: Student Last Name",
            "middle_name: Student Middle Name / Initial",
            "custom_id: Student ID",
            "school_district_external_id: School Name {North=10, South=0020}",
            "user_type: =Student",
            "grade: Grade",
            "status: =Active",
        ],
        look_at: &[Column::CustomId, Column::UserType],
        people: &["Ora|Klein|M|1|10|Student|4|Active|-", "Ben|Okafor||2|0020|Student|5|Active|-"],
    },
    ExportCase {
        system: "SIMS",
        file: "Admissions Number,Person ID,Forename,Surname,Preferred Forename,Preferred Surname,Year Group,House,Work Email Address\n\
               003321,77001,Ora,Klein,Ori,Klein,Year 7,Oak,ora@x.example\n003322,77002,Benjamin,Okafor,Ben,Okafor,R,Elm,ben@x.example\n",
        columns: &[
            "first_name: Forename",
            "last_name: Surname",
            "email: Work Email Address",
            "custom_id: Admissions Number",
            "school_district_external_id: =0020",
            "user_type: =Student",
            "grade: Year Group {R=K, Year 7=7}",
            "status: =Active",
        ],
        look_at: &[Column::SchoolDistrictExternalId, Column::UserType, Column::Grade],
        people: &[
            "Ora|Klein|-|003321|0020|Student|7|Active|ora@x.example",
            "Benjamin|Okafor|-|003322|0020|Student|K|Active|ben@x.example",
        ],
    },
    ExportCase {
        system: "SIMS",
        file: "Pupil ID,Legal Forename,Legal Surname,NC Year,Reg Group,DOB\n\
               12,Ora,Klein,7,7A,01/02/2014\n13,Ben,Okafor,8,8B,01/02/2013\n",
        columns: &[
            "first_name: Legal Forename",
            "last_name: Legal Surname",
            "custom_id: Pupil ID",
            "school_district_external_id: =0020",
            "user_type: =Student",
            "grade: NC Year",
            "status: =Active",
        ],
        look_at: &[Column::SchoolDistrictExternalId, Column::UserType],
        people: &["Ora|Klein|-|12|0020|Student|7|Active|-", "Ben|Okafor|-|13|0020|Student|8|Active|-"],
    },
    ExportCase {
        system: "SIMS",
        file: "UPN,Surname Forename,Reg Group,Sex,FSM,Exam No\n\
               A123,Klein Ora,7A,F,N,1\nA124,van der Berg Ben,8B,M,Y,2\n",
        columns: &[
            "first_name: Surname Forename LastFirst First",
            "last_name: Surname Forename LastFirst Last",
            "middle_name: Surname Forename LastFirst Middle",
            "custom_id: UPN",
            "school_district_external_id: =0020",
            "user_type: =Student",
            "status: =Active",
        ],
        look_at: &[Column::LastName, Column::SchoolDistrictExternalId, Column::UserType],
        people: &["Ora|Klein||A123|0020|Student|-|Active|-", "Ben|van der Berg||A124|0020|Student|-|Active|-"],
    },
    ExportCase {
        system: "iSAMS",
        file: "Id,UPN,ULN,AD Username,Title,Name Initials,Forename,Middle Names,Surname,Preferred Name,DOB,NC Year,\
               Form/Tutor Group,Tutor,Academic House,School Email Address,Leaving Date\n\
               1,A1,U1,oklein,Miss,OMK,Ora,Maria,Klein,Ori,01/02/2014,7,7A,Abara,Oak,ora@x.example,\n\
               2,A2,U2,bokafor,Mr,BO,Benjamin,,Okafor,Ben,01/02/2013,8,8B,Bell,Elm,ben@x.example,31/12/2026\n",
        columns: &[
            "first_name: Forename",
            "last_name: Surname",
            "middle_name: Middle Names",
            "email: School Email Address",
            "custom_id: UPN",
            "school_district_external_id: =0020",
            "user_type: =Student",
            "grade: NC Year",
            "status: =Active",
            "username: AD Username",
        ],
        look_at: &[Column::SchoolDistrictExternalId, Column::UserType, Column::Status],
        people: &[
            "Ora|Klein|Maria|A1|0020|Student|7|Active|ora@x.example",
            "Benjamin|Okafor||A2|0020|Student|8|Active|ben@x.example",
        ],
    },
    ExportCase {
        system: "CASES21",
        file: "STKEY,SURNAME,FIRST_NAME,PREF_NAME,HOME_GROUP,SCHOOL_YEAR,STATUS,E_MAIL_A,E_MAIL_B,HOUSE,FAMILY,CAMPUS\n\
               KLE0001,Klein,Ora,Ori,00A,00,ACTV,,b@x.example,R,F1,10\nOKA0001,Okafor,Ben,,04B,04,LEFT,a@x.example,,B,F2,10\n\
               DI0001,Di,Li,,05A,05,FUT,,,B,F3,10\nEBO0001,Ebo,Ada,,06A,06,INAC,,,B,F3,10\n",
        columns: &[
            "first_name: FIRST_NAME",
            "last_name: SURNAME",
            "email: E_MAIL_A | E_MAIL_B",
            "custom_id: STKEY",
            "school_district_external_id: CAMPUS",
            "user_type: =Student",
            "grade: SCHOOL_YEAR {00=K}",
            "status: STATUS {ACTV=Active, FUT=Disabled, INAC=Disabled, LEFT=Disabled}",
        ],
        look_at: &[Column::UserType, Column::Status],
        people: &[
            "Ora|Klein|-|KLE0001|10|Student|K|Active|b@x.example",
            "Ben|Okafor|-|OKA0001|10|Student|4|Disabled|a@x.example",
            "Li|Di|-|DI0001|10|Student|5|Disabled|",
            "Ada|Ebo|-|EBO0001|10|Student|6|Disabled|",
        ],
    },
    ExportCase {
        system: "CASES21 (class list)",
        file: "Term 4,,,,,\nPrinted by the office,,,,,\nSTUDENT ID,FIRST NAME,LAST NAME,CLASS NAME,YEAR LEVEL,PARENT EMAIL\n\
               ,,,,,\nKLE0001,Ora,Klein,00A,0.0,p@x.example\nOKA0001,Ben,Okafor,04B,4.0,q@x.example\n",
        columns: &[
            "first_name: FIRST NAME",
            "last_name: LAST NAME",
            "custom_id: STUDENT ID",
            "school_district_external_id: =0020",
            "user_type: =Student",
            "grade: YEAR LEVEL {0.0=K}",
            "status: =Active",
        ],
        look_at: &[Column::SchoolDistrictExternalId, Column::UserType],
        people: &["Ora|Klein|-|KLE0001|0020|Student|K|Active|-", "Ben|Okafor|-|OKA0001|0020|Student|4|Active|-"],
    },
    ExportCase {
        system: "Synergetic",
        file: "School Code,StudentID,GivenName,Preferred,MiddleName,FamilyName,DateOfBirth,YearLevel,HomeClass,Sex\n\
               10,5001,Ora,Ori,M,Klein,2014-01-02,F,FA,F\n0020,5002,Benjamin,Ben,,Okafor,2010-01-02,3,3B,M\n",
        columns: &[
            "first_name: GivenName",
            "last_name: FamilyName",
            "middle_name: MiddleName",
            "custom_id: StudentID",
            "school_district_external_id: School Code",
            "user_type: =Student",
            "grade: YearLevel {F=K}",
            "status: =Active",
        ],
        look_at: &[Column::UserType],
        people: &["Ora|Klein|M|5001|10|Student|K|Active|-", "Benjamin|Okafor||5002|0020|Student|3|Active|-"],
    },
    ExportCase {
        system: "NAPLAN (Northern Territory)",
        file: "Student ID (School),Family Name,Given Name,Preferred Name,Middle Name,Gender,ACARA School ID,School Name\n\
               61,Klein,Ora,Ori,M,F,40001,North\n62,Okafor,Benjamin,Ben,,M,40002,South\n",
        columns: &[
            "first_name: Given Name",
            "last_name: Family Name",
            "middle_name: Middle Name",
            "custom_id: Student ID (School)",
            "school_district_external_id: School Name {North=10, South=0020}",
            "user_type: =Student",
            "status: =Active",
        ],
        look_at: &[Column::UserType],
        people: &["Ora|Klein|M|61|10|Student|-|Active|-", "Benjamin|Okafor||62|0020|Student|-|Active|-"],
    },
    ExportCase {
        system: "SchILD-NRW",
        file: "Interne ID-Nummer;Nachname;Vorname;Klasse;Klassenlehrer;Geburtsdatum;Geschlecht;vorauss. Abschlussdatum;\
               Aufnahmedatum;Entlassdatum;Volljährig;Schulpflicht erfüllt;Status;E-Mail (privat)\n\
               4711;Müller;Zoë;07b;Abara;02.01.2013;w;;01.08.2023;;N;N;2;zoe@x.example\n\
               4712;Groß;Jörg;EF;Bell;02.01.2010;m;;01.08.2020;;N;N;9;\n",
        columns: &[
            "first_name: Vorname",
            "last_name: Nachname",
            "email: E-Mail (privat)",
            "custom_id: Interne ID-Nummer",
            "school_district_external_id: =0020",
            "user_type: =Student",
            "grade: Klasse {07b=7}",
            "status: Status {2=Active, 9=Disabled}",
        ],
        look_at: &[Column::Email, Column::SchoolDistrictExternalId, Column::UserType, Column::Grade, Column::Status],
        people: &[
            "Zoë|Müller|-|4711|0020|Student|7|Active|zoe@x.example",
            "Jörg|Groß|-|4712|0020|Student|EF|Disabled|",
        ],
    },
    ExportCase {
        system: "SchILD-NRW (Lehrkräfte)",
        file: "Vorname|Nachname|E-Mail (Dienstlich)|eindeutige Nummer (GUID)\n\
               Uche|Abara|u@x.example|{6F1C}\nCy|Bell|c@x.example|{6F1D}\n",
        columns: &[
            "first_name: Vorname",
            "last_name: Nachname",
            "email: E-Mail (Dienstlich)",
            "custom_id: eindeutige Nummer (GUID)",
            "school_district_external_id: =0020",
            "user_type: =Teacher",
            "status: =Active",
        ],
        look_at: &[Column::SchoolDistrictExternalId, Column::UserType],
        people: &[
            "Uche|Abara|-|{6F1C}|0020|Teacher|-|Active|u@x.example",
            "Cy|Bell|-|{6F1D}|0020|Teacher|-|Active|c@x.example",
        ],
    },
    ExportCase {
        system: "ASV",
        file: "lokales Differenzierungsmerkmal;Familienname;Vornamen;Rufname;Klasse;M/W.Kurzform;Religionszugehörigkeit.Kurzform\n\
               s-1;Müller;Zoë Anna;Zoë;5a;W;RK\ns-2;Groß;Jörg;Jörg;10b;M;EV\n",
        columns: &[
            "first_name: Vornamen",
            "last_name: Familienname",
            "custom_id: lokales Differenzierungsmerkmal",
            "school_district_external_id: =0020",
            "user_type: =Student",
            "grade: Klasse {10b=10, 5a=5}",
            "status: =Active",
        ],
        look_at: &[Column::SchoolDistrictExternalId, Column::UserType, Column::Grade],
        people: &["Zoë Anna|Müller|-|s-1|0020|Student|5|Active|-", "Jörg|Groß|-|s-2|0020|Student|10|Active|-"],
    },
    ExportCase {
        system: "WebUntis",
        file: "externKey\tlongName\tforeName\tklasse.name\nk1\tMüller\tZoë\t5a\nk2\tGroß\tJörg\t6c\n",
        columns: &[
            "first_name: foreName",
            "last_name: longName",
            "custom_id: externKey",
            "school_district_external_id: =0020",
            "user_type: =Student",
            "grade: klasse.name {5a=5, 6c=6}",
            "status: =Active",
        ],
        look_at: &[Column::SchoolDistrictExternalId, Column::UserType, Column::Grade],
        people: &["Zoë|Müller|-|k1|0020|Student|5|Active|-", "Jörg|Groß|-|k2|0020|Student|6|Active|-"],
    },
    ExportCase {
        system: "WebUntis (Lehrkräfte)",
        file: "name;longName;foreName\nAba;Abara;Uche\nBel;Bell;Cy\n",
        columns: &[
            "first_name: foreName",
            "last_name: longName",
            "custom_id: name",
            "school_district_external_id: =0020",
            "user_type: =Teacher",
            "status: =Active",
        ],
        look_at: &[Column::SchoolDistrictExternalId, Column::UserType],
        people: &["Uche|Abara|-|Aba|0020|Teacher|-|Active|-", "Cy|Bell|-|Bel|0020|Teacher|-|Active|-"],
    },
    ExportCase {
        system: "OneRoster (Japan)",
        file: "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,middleName,\
               identifier,email,grades,metadata.jp.kanaGivenName,metadata.jp.kanaFamilyName,metadata.jp.kanaMiddleName,metadata.jp.homeClass\n\
               u-1,,,true,10,student,ora,太郎,山田,,1,,09,タロウ,ヤマダ,,3-1\nu-2,,,false,0020,teacher,ben,花子,鈴木,,2,h@x.example,,ハナコ,スズキ,,\n",
        columns: &[
            "first_name: givenName",
            "last_name: familyName",
            "middle_name: middleName",
            "email: email",
            "custom_id: sourcedId",
            "school_district_external_id: orgSourcedIds",
            "user_type: role",
            "grade: grades",
            "status: enabledUser",
            "username: username",
        ],
        look_at: &[],
        people: &["太郎|山田||u-1|10|Student|9|Active|", "花子|鈴木||u-2|0020|Teacher||Disabled|h@x.example"],
    },
    ExportCase {
        system: "International school",
        file: "Student ID,First Name,Last Name,Year Group,Grade,年级,Homeroom,Form,Reg Group,Registration Group,班级教室\n\
               1,Ora,Klein,Year 5,4,四年级,4A,4A,4A,4A,4A\n2,Ben,Okafor,Year 6,5,五年级,5A,5A,5A,5A,5A\n",
        columns: &[
            "first_name: First Name",
            "last_name: Last Name",
            "custom_id: Student ID",
            "school_district_external_id: =0020",
            "user_type: =Student",
            "grade: Grade",
            "status: =Active",
        ],
        look_at: &[Column::SchoolDistrictExternalId, Column::UserType],
        people: &["Ora|Klein|-|1|0020|Student|4|Active|-", "Ben|Okafor|-|2|0020|Student|5|Active|-"],
    },
];

#[test]
fn every_kind_of_export_is_proposed_and_read() {
    let mut systems: std::collections::BTreeSet<&str> = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for case in EXPORTS {
        systems.insert(case.system);
        let ExportCase { system, file, columns, look_at, people } = case;
        let expected = Expected { system: Some(system), columns, look_at, people };
        let done = std::panic::catch_unwind(|| check(file, &expected));
        wrong.extend(done.is_err().then_some(*system));
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(systems.len(), in_use::SYSTEMS.len(), "each kind of the table has a file here");
}
