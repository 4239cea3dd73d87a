//! Exports of systems that are in no table: what is understood of their headers, and what is asked.

use super::{Expected, check, of, proposed};
use crate::model::Column;

#[test]
fn a_german_export_with_name_and_vorname() {
    check(
        "Schüler-ID;Name;Vorname;Jahrgangsstufe;Schulnr.;Schul-E-Mail;Abgangsdatum;Schülerstatus;Konfession\n\
         D1;Müller;Jürgen;05;10;a@x.example;31.07.2026;abgemeldet;ev\n\
         D2;Groß;Zoë;06;10;b@x.example;;aktiv;ev\n\
         D3;Weiß;Änne;10;10;c@x.example;;aktiv;rk\n",
        &Expected {
            system: None,
            columns: &[
                "first_name: Vorname",
                "last_name: Name",
                "email: Schul-E-Mail",
                "custom_id: Schüler-ID",
                "school_district_external_id: Schulnr.",
                "user_type: =Student",
                "grade: Jahrgangsstufe",
                "status: Schülerstatus {abgemeldet=Disabled}",
            ],
            look_at: &[Column::UserType, Column::Status],
            people: &[
                "Jürgen|Müller|-|D1|10|Student|5|Disabled|a@x.example",
                "Zoë|Groß|-|D2|10|Student|6|Active|b@x.example",
                "Änne|Weiß|-|D3|10|Student|10|Active|c@x.example",
            ],
        },
    );
}

#[test]
fn a_spanish_export_with_two_surnames_and_levels_of_its_own() {
    check(
        "Nº Id. Escolar;Primer apellido;Segundo apellido;Nombre;Curso;Código de centro;Estado de matrícula\n\
         E1;García;López;José;1º de E.S.O.;10;Baja\n\
         E2;Muñoz;;María;2º de Bachillerato;10;Matriculado\n\
         E3;Peña;Vega;Íñigo;6º de Primaria;10;Matriculado\n",
        &Expected {
            system: None,
            columns: &[
                "first_name: Nombre",
                "last_name: Primer apellido + + Segundo apellido",
                "custom_id: Nº Id. Escolar",
                "school_district_external_id: Código de centro",
                "user_type: =Student",
                "grade: Curso {1º de E.S.O.=7, 2º de Bachillerato=12, 6º de Primaria=6}",
                "status: Estado de matrícula {Baja=Disabled, Matriculado=Active}",
            ],
            look_at: &[Column::CustomId, Column::UserType, Column::Grade, Column::Status],
            people: &[
                "José|García López|-|E1|10|Student|7|Disabled|-",
                "María|Muñoz|-|E2|10|Student|12|Active|-",
                "Íñigo|Peña Vega|-|E3|10|Student|6|Active|-",
            ],
        },
    );
}

#[test]
fn a_french_export_with_levels_of_its_own() {
    check(
        "N° interne;INE;Nom de famille;Prénom;Deuxième prénom;Niveau;UAI;Date de sortie;Situation\n\
         1;A1;DAHLGREN;Anneke;Léa;6ème;10;04/07/2026;Sorti\n\
         2;A2;KAVANAGH;Bartol;;2nde;10;;Présent\n\
         3;A3;ROWNTREE;Cyra;;CM2;10;;Présent\n",
        &Expected {
            system: None,
            columns: &[
                "first_name: Prénom",
                "last_name: Nom de famille",
                "middle_name: Deuxième prénom",
                "custom_id: N° interne",
                "school_district_external_id: UAI",
                "user_type: =Student",
                "grade: Niveau {2nde=10, 6ème=6, CM2=5}",
                "status: Situation {Présent=Active, Sorti=Disabled}",
            ],
            look_at: &[Column::CustomId, Column::UserType, Column::Grade, Column::Status],
            people: &[
                "Anneke|DAHLGREN|Léa|1|10|Student|6|Disabled|-",
                "Bartol|KAVANAGH||2|10|Student|10|Active|-",
                "Cyra|ROWNTREE||3|10|Student|5|Active|-",
            ],
        },
    );
}

#[test]
fn first_and_second_given_names_are_first_and_middle_names() {
    check(
        "Student Code,Family name,First given name,Second given name,Preferred given name,Scholastic year,School code,Exit date\n\
         A1,Dahlgren,Anneke,Jo,Ann,Kindergarten,10,2026-09-18\n\
         A2,Kavanagh,Bartol,,Bar,Year 1,10,\n",
        &Expected {
            system: None,
            columns: &[
                "first_name: First given name",
                "last_name: Family name",
                "middle_name: Second given name",
                "custom_id: Student Code",
                "school_district_external_id: School code",
                "user_type: =Student",
                "status: =Active",
            ],
            look_at: &[Column::UserType, Column::Status],
            people: &["Anneke|Dahlgren|Jo|A1|10|Student|-|Active|-", "Bartol|Kavanagh||A2|10|Student|-|Active|-"],
        },
    );
}

#[test]
fn a_class_keeps_its_name_beside_its_id() {
    let file = "User ID,Role,First Name,Last Name,School ID,Grade Level,Class ID,Class Name,Class Grade Level\n\
                T1,Teacher,Bartol,Corvin,10,,c1,Reading A,3\n\
                S1,Student,Anneke,Aldous,10,03,c1,Reading A,3\n";
    let proposal = proposed(file, &[]);
    assert_eq!(of(&proposal, Column::ClassName).from.headers().collect::<Vec<_>>(), ["Class Name"]);
    // Without the ID of a class the name of one is not read, and nothing else is said to be read for it.
    let proposal = proposed(&file.replace("Class ID", "Room no"), &[]);
    let about = |header: &str| proposal.headers.iter().find(|seen| seen.header == header).unwrap().is_about.clone();
    assert_eq!(about("Class Name").as_deref(), Some("about a class, but no header has the ID of one"));
}

#[test]
fn whoever_may_have_left_is_asked_about() {
    let asked = |header: &str, values: [&str; 3]| {
        let rows = values.iter().enumerate().map(|(i, value)| format!("S{i},Ann,Ash{i},10,4,{value}\n"));
        let file = format!("Student ID,First Name,Last Name,School ID,Grade,{header}\n{}", rows.collect::<String>());
        of(&proposed(&file, &[]), Column::Status).look_at.clone()
    };
    let ask = "Choose “Situation scolaire” if its values say who is still there.";
    assert_eq!(asked("Situation scolaire", ["xa", "xa", "xb"]).as_deref(), Some(ask));
    for header in ["Enrolment State", "Situação", "Scolarité", "Schülerart", "On Roll"] {
        let ask = format!("Choose “{header}” if its values say who is still there.");
        assert_eq!(asked(header, ["xa", "xb", "xa"]), Some(ask));
    }
    assert_eq!(asked("Enrolment date", ["2026-08-01", "2026-08-01", "2026-08-02"]), None, "it is a day");
    assert_eq!(asked("SEN status", ["xa", "xa", "xb"]), None, "it says something else");
    assert_eq!(asked("Situation scolaire", ["xa", "xa", "xa"]), None, "it says nothing");
    let ask = "1 of the rows have a date in “Date de sortie”: are they still there?";
    assert_eq!(asked("Date de sortie", ["04/07/2026", "", ""]).as_deref(), Some(ask));
    assert_eq!(asked("Date de sortie", ["04/07/2026", "04/07/2027", "04/07/2028"]), None, "everybody leaves one day");
}
