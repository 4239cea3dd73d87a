//! What other systems and people call our columns.

use std::collections::HashMap;
use std::sync::LazyLock;

use deunicode::deunicode;

use crate::model::Column;

/// How surely a name means its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    /// Our own name, in whatever letters.
    Own,
    /// Nobody means anything else by it.
    Sure,
    /// It means another thing where the column has a surer name: `School` beside `School ID` is its name.
    Alone,
    /// It can mean several of our columns.
    Several,
}

/// Returns the column that the header means, if it is a known name. It may be in capitals or not, with or without
/// accents, spaces and punctuation, behind the name of a table or the word `Student`, and before something in brackets.
pub(crate) fn meaning(header: &str) -> Option<(Column, Certainty)> {
    let header = header.strip_prefix("ï»¿").unwrap_or(header);
    let without_brackets = header.split(['(', '[']).next().unwrap_or_default();
    let field = header.rsplit('.').next().unwrap_or_default();
    [header, without_brackets, field].into_iter().find_map(|text| {
        let name = name_of(text);
        let known = |name: &str| MEANINGS.get(name).copied();
        known(&name).or_else(|| {
            let own = BEFORE.iter().filter_map(|word| name.strip_prefix(word)).find_map(known);
            own.filter(|(_, certainty)| *certainty <= Certainty::Sure)
        })
    })
}

/// Words before the name of a column that change nothing.
const BEFORE: [&str; 7] = ["student", "students", "pupil", "user", "person", "legal", "stu"];

/// Returns the letters and digits of a header in lower case and without accents.
fn name_of(header: &str) -> String {
    let short: String = header.chars().take(64).collect();
    deunicode(&short).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

static MEANINGS: LazyLock<HashMap<String, (Column, Certainty)>> = LazyLock::new(|| {
    let own = Column::ALL.map(|column| (name_of(column.header()), (column, Certainty::Own)));
    let others = NAMES.iter().flat_map(|(column, certainty, names)| {
        names.split_whitespace().map(|name| (name.to_owned(), (*column, *certainty)))
    });
    own.into_iter().chain(others).collect()
});

/// The names, in their letters and digits only: those of PowerSchool, Infinite Campus, Aeries, Synergy, Veracross,
/// Skyward, Clever, Canvas and OneRoster, and of schools that speak English, German, French, Spanish and some more
/// languages.
const NAMES: [(Column, Certainty, &str); 40] = [
    (
        Column::FirstName,
        Certainty::Sure,
        "first firstnames firstgivenname fname givenname givennames given forename forenames vorname vornamen rufname prenom prenoms \
         nombre nombres primernombre nome voornaam fornavn fornamn etunimi imie",
    ),
    (
        Column::LastName,
        Certainty::Sure,
        "last lastnames lname surname surnames familyname family nachname familienname zuname nom nomdefamille apellido \
         apellidos primerapellido apellido1 apellidopaterno cognome sobrenome achternaam efternavn etternavn efternamn sukunimi nazwisko",
    ),
    (
        Column::MiddleName,
        Certainty::Sure,
        "middle middlenames secondgivenname mname zweitervorname weiterevornamen deuxiemeprenom autresprenoms segundonombre \
         otrosnombres secondonome mellomnavn mellannamn",
    ),
    (Column::MiddleName, Certainty::Alone, "middleinitial mi minitial"),
    (
        Column::Email,
        Certainty::Sure,
        "emailaddress emailaddr emailid primaryemail primaryemailaddress schoolemailaddress emailadresse mailadresse \
         courriel adressemail adresseemail adresseelectronique adressecourriel correo correoelectronico \
         direcciondecorreo indirizzoemail emailadres sahkoposti epost epostadress epostadresse",
    ),
    (Column::Email, Certainty::Alone, "mail schoolemail schulemail workemail districtemail"),
    (
        Column::CustomId,
        Certainty::Sure,
        "studentid studentsid studentnumber studentno studentnum studentcode employeeid employeenumber employeeno \
         employeenum staffid staffnumber teacherid teachernumber sisid sisuserid sisnumber sisstudentid permid \
         permnumber permanentid localid localstudentid otherid schoolstudentid pupilid pupilnumber pupilno upn \
         uniquepupilnumber admissionnumber admissionno admno sourcedid usersourcedid studentemployeeid \
         studentoremployeeid employeeorstudentid schuelernummer schulernummer schuelerid schulerid schuelernr \
         schulernr personalnummer personalnr matricula numerodematricula numeromatricula numerodeestudiante \
         identifianteleve numeroeleve numeroetudiant matricule leerlingnummer stamnummer elevnummer",
    ),
    (Column::CustomId, Certainty::Alone, "id number identifier personid personnumber uniqueid sis perm"),
    (
        Column::SchoolDistrictExternalId,
        Certainty::Sure,
        "schoolid schoolcode schoolnumber schoolno schoolnum schoolexternalid schoolsisid schoolidentifier \
         schoolsourcedid orgsourcedids orgsourcedid orgid buildingid buildingcode buildingnumber campusid campuscode \
         siteid sitecode entityid entitycode schoolentity enrolledschoolid currentschoolid homeschoolid schulnummer \
         schulnr schulid schulkennung codigodecentro codigocentro codigoescuela codigodeescuela codeecole codeuai uai \
         codeetablissement codicescuola",
    ),
    (
        Column::SchoolDistrictExternalId,
        Certainty::Alone,
        "school building campus site org schule escuela centro ecole etablissement scuola skole skola",
    ),
    (
        Column::UserType,
        Certainty::Sure,
        "role roles userrole userroles primaryrole personrole persontype accounttype usercategory usertyp rolle \
         benutzertyp benutzerrolle personentyp rol roldeusuario tipodeusuario tipousuario typeutilisateur \
         typedutilisateur roleutilisateur ruolo",
    ),
    (Column::UserType, Certainty::Alone, "type typ tipo category"),
    (
        Column::Position,
        Certainty::Sure,
        "jobtitle job jobposition jobtitleposition staffposition positiontitle funktion dienststellung stelle puesto \
         cargo poste fonction incarico functie",
    ),
    (
        Column::Grade,
        Certainty::Sure,
        "grades gradelevel gradelevels gradelvl gradecode gradecd currentgrade currentgradelevel schoolgrade yearlevel yeargroup \
         nationalcurriculumyear ncyear ncyeargroup klassenstufe jahrgang jahrgangsstufe schuljahrgang grado niveau \
         niveauscolaire nivel anneescolaire leerjaar arskurs trinn",
    ),
    (
        Column::Grade,
        Certainty::Alone,
        "year yr yrlevel yrgroup yrgrp gr grd grdlvl level lvl class form klasse stufe classe curso clase annee klass klas",
    ),
    (
        Column::Status,
        Certainty::Sure,
        "accountstatus userstatus enrollmentstatus enrolmentstatus enrollstatus enrolstatus enrolledstatus \
         enrollmentstat enrolmentstat enrollstat enrolstat enrlstat enrstatus activestatus statuscode statuscd zustand kontostatus estatus \
         statut statutducompte stato estadodematricula schulerstatus schuelerstatus",
    ),
    (
        Column::Status,
        Certainty::Alone,
        "stat active isactive enabled enableduser accountenabled aktiv activo actif attivo estado etat",
    ),
    (
        Column::Password,
        Certainty::Sure,
        "passwords passwort kennwort initialpassword initialespasswort startpasswort pwd pass pw passwd contrasena \
         motdepasse wachtwoord losenord adgangskode senha haslo",
    ),
    (
        Column::Username,
        Certainty::Sure,
        "login loginname loginid logon logonname logonid samaccountname useraccount userlogin benutzername anmeldename \
         benutzerkennung nombredeusuario usuario nomdutilisateur utilisateur nomeutente gebruikersnaam brugernavn \
         brukernavn anvandarnamn",
    ),
    (Column::UserGuid, Certainty::Sure, "guid rollbookguid"),
    (Column::ClassGuid, Certainty::Sure, "sectionguid"),
    (
        Column::ClassId,
        Certainty::Sure,
        "classsourcedid sectionid sectionsisid sectionsourcedid sectionnumber sectioncode classnumber classnum \
         classexternalid",
    ),
    (Column::ClassName, Certainty::Sure, "classtitle sectionname sectiontitle"),
    (Column::ClassGrade, Certainty::Sure, "classgradelevel classgrades sectiongrade"),
    (Column::CourseCode, Certainty::Sure, "coursenumber courseid coursesisid"),
    (Column::Subject, Certainty::Sure, "subjectname coursesubject"),
    (Column::Period, Certainty::Sure, "periodnumber sectionperiod"),
    (Column::Term, Certainty::Sure, "termname sectionterm"),
    (Column::ClassStartDate, Certainty::Sure, "classstart sectionstartdate"),
    (Column::ClassEndDate, Certainty::Sure, "classend sectionenddate"),
    (Column::ClassStatus, Certainty::Sure, "sectionstatus"),
    (Column::ClassRole, Certainty::Sure, "enrolmentrole enrollmentrole sectionrole"),
    (Column::EnrolmentStartDate, Certainty::Sure, "enrollmentstartdate enrolmentbegindate enrollmentbegindate"),
    (Column::EnrolmentEndDate, Certainty::Sure, "enrollmentenddate"),
    // Which of several columns these mean, only people know.
    (Column::LastName, Certainty::Several, "name fullname displayname studentname secondname names"),
    (Column::CustomId, Certainty::Several, "user userid uid externalid externaluserid key"),
    (Column::Username, Certainty::Several, "account accountname"),
    (
        Column::SchoolDistrictExternalId,
        Certainty::Several,
        "district districtid schooldistrict schooldistrictid districtcode",
    ),
    (Column::Position, Certainty::Several, "title titel titulo titre"),
    (Column::Status, Certainty::Several, "state"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn means(certainty: Certainty, column: Column, headers: &[&str]) {
        for header in headers {
            assert_eq!(meaning(header), Some((column, certainty)), "{header}");
        }
    }

    #[test]
    fn headers_that_say_the_same() {
        use Certainty::{Alone, Own, Several, Sure};
        means(
            Own,
            Column::FirstName,
            &["First Name", "FIRST-NAME", " first name: ", "First Name*", "Student First Name"],
        );
        means(Own, Column::FirstName, &["ï»¿first_name", "STUDENTS.First_Name", "firstName", "First Name (required)"]);
        means(Sure, Column::FirstName, &["givenName", "Forename", "Vorname", "Prénom", "Nombre"]);
        means(Sure, Column::LastName, &["Surname", "familyName", "Nachname", "Nom", "Apellidos", "Legal Surname"]);
        means(Own, Column::Email, &["E-Mail", "eMail", "Student Email", "E Mail"]);
        means(Sure, Column::Email, &["E-mail Address", "Courriel", "Correo electrónico"]);
        means(
            Sure,
            Column::CustomId,
            &["Student ID", "Student_Number", "Perm ID", "UPN", "sourcedId", "Schülernummer"],
        );
        means(Alone, Column::CustomId, &["ID", "Person ID"]);
        means(Sure, Column::SchoolDistrictExternalId, &["School ID", "SchoolCode", "orgSourcedIds", "Schul-Nr."]);
        means(Alone, Column::SchoolDistrictExternalId, &["School", "Schule", "Building"]);
        means(Sure, Column::UserType, &["Role", "User Role", "Rolle"]);
        means(Sure, Column::Grade, &["Grade Level", "grades", "Year Group", "Jahrgang"]);
        means(Alone, Column::Grade, &["Klasse", "Year"]);
        means(Own, Column::Username, &["User Name", "userName"]);
        means(Sure, Column::Username, &["Login", "login_id", "Benutzername"]);
        means(Sure, Column::Password, &["Passwort", "Mot de passe", "Contraseña"]);
        means(Several, Column::LastName, &["Name", "Full Name"]);
        for header in ["", "Parent Email", "Teacher", "phone", "Guardian", "Homeroom", "Date of birth", "State ID", "9"]
        {
            assert_eq!(meaning(header), None, "{header}");
        }
    }

    #[test]
    fn no_name_stands_twice() {
        let names: Vec<&str> = NAMES.iter().flat_map(|(_, _, names)| names.split_whitespace()).collect();
        assert_eq!(MEANINGS.len(), names.len() + Column::ALL.len());
        assert!(names.iter().all(|name| *name == name_of(name)));
    }
}
