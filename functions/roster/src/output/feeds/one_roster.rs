//! OneRoster 1.2 in CSV files, all of them with everybody.

use std::collections::{BTreeMap, BTreeSet};

use time::{Date, Month};

use crate::formats::SentFile;
use crate::formats::layout::one_roster::{
    ACADEMIC_SESSIONS, CLASSES, COURSES, ENROLLMENTS, FILES, MANIFEST, ORGS, OTHER_FILES, ROLES, USERS,
};
use crate::formats::layout::{ASSUMED_IN_FEED, CLASS_ID_OF_FEED};
use crate::model::{Class, ClassRole, Day, School, UserType};

use super::directory::{FeedClass, FeedDirectory, FeedUser, enrolment_id, id_of, two_letter_grade};
use super::file::FeedFile;

/// Returns the files, the manifest first.
pub(super) fn files(directory: &FeedDirectory) -> Vec<SentFile> {
    let taught: Vec<&FeedClass> = directory.classes.iter().filter(|class| !class.school.is_district()).collect();
    vec![
        manifest(),
        orgs(directory),
        users(directory),
        roles(directory),
        sessions(directory, &taught),
        courses(&taught),
        classes(&taught),
        enrollments(&taught),
    ]
}

/// Says of every file whether it is there.
fn manifest() -> SentFile {
    let mut file = FeedFile::whole(MANIFEST, &["propertyName", "value"]);
    file.row(["manifest.version", "1.0"]);
    file.row(["oneroster.version", "1.2"]);
    let written = FILES.iter().map(|layout| (layout.name.trim_end_matches(".csv"), "bulk"));
    let all: BTreeMap<&str, &str> = written.chain(OTHER_FILES.map(|name| (name, "absent"))).collect();
    for (name, how) in all {
        file.row([&format!("file.{name}"), how]);
    }
    file.row(["source.systemName", "Rollbook"]);
    file.row(["source.systemCode", "rollbook"]);
    file.finish()
}

fn orgs(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::whole(ORGS, &["sourcedId", "name", "type", "identifier", "parentSourcedId"]);
    for school in &directory.schools {
        let kind = if school.is_district() { "district" } else { "school" };
        let parent = directory.district().filter(|district| district.id != school.id).map(org_id).unwrap_or_default();
        file.row([&org_id(school), &school.name, kind, &school.external_id, &parent]);
    }
    file.finish()
}

fn users(directory: &FeedDirectory) -> SentFile {
    let columns = [
        "sourcedId",
        "enabledUser",
        "username",
        "givenName",
        "familyName",
        "middleName",
        "identifier",
        "email",
        "grades",
        "primaryOrgSourcedId",
    ];
    let mut file = FeedFile::whole(USERS, &columns);
    for FeedUser { user, custom_id, school } in &directory.users {
        let enabled = if user.can_sign_in() { "true" } else { "false" };
        let names = [user.first_name.as_str(), &user.last_name, &user.middle_name];
        let [given, family, middle] = names;
        let grade = two_letter_grade(user.grade);
        let (id, org) = (user.guid.to_string(), org_id(school));
        file.row([&id, enabled, &user.username, given, family, middle, custom_id, &user.email, grade, &org]);
    }
    file.finish()
}

/// Writes what everybody is at the own school, and at those where they are in classes.
fn roles(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::whole(ROLES, &["sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId"]);
    let further = directory.further_schools();
    for of in &directory.users {
        let user = of.user.guid.to_string();
        let role = match of.user.user_type {
            UserType::Student => "student",
            UserType::Teacher => "teacher",
            UserType::Staff => "aide",
            UserType::Administrator if of.school.is_district() => "districtAdministrator",
            UserType::Administrator => "siteAdministrator",
        };
        let mut at = |org: &str, which: &str| file.row([&id_of("role", &[&user, org]), &user, which, role, org]);
        at(&org_id(of.school), "primary");
        let others = directory
            .schools
            .iter()
            .filter(|school| further.get(&of.user.guid).is_some_and(|schools| schools.contains(&school.id)));
        others.for_each(|school| at(&org_id(school), "secondary"));
    }
    file.finish()
}

fn sessions(directory: &FeedDirectory, classes: &[&FeedClass]) -> SentFile {
    let columns = ["sourcedId", "title", "type", "startDate", "endDate", "schoolYear", ASSUMED_IN_FEED];
    let mut file = FeedFile::whole(ACADEMIC_SESSIONS, &columns);
    let terms: BTreeSet<Term> = classes.iter().map(|of| Term::of(of.class)).collect();
    for term in terms {
        let year = directory.school_year_of(term.starts.or(term.ends));
        let first_of_july = |year| Date::from_calendar_date(year, Month::July, 1).ok().and_then(Day::of_date);
        // The day after the last one.
        let ends = term.ends.and_then(Day::next).or_else(|| first_of_july(year));
        let starts = term.starts.cloned().or_else(|| first_of_july(year - 1));
        let day = |day: Option<Day>| day.map_or_else(String::new, String::from);
        let whole_year = format!("{}-{year}", year - 1);
        let title = if term.title.is_empty() { &whole_year } else { term.title };
        let kind = if term.title.is_empty() { "schoolYear" } else { "term" };
        let assumed =
            [("title", term.title.is_empty()), ("startDate", term.starts.is_none()), ("endDate", term.ends.is_none())];
        let assumed: Vec<&str> = assumed.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        let year = format!("{year:04}");
        file.row([&term.id(), title, kind, &day(starts), &day(ends), &year, &assumed.join(",")]);
    }
    file.finish()
}

fn courses(classes: &[&FeedClass]) -> SentFile {
    let mut file = FeedFile::whole(COURSES, &["sourcedId", "title", "courseCode", "orgSourcedId"]);
    let courses: BTreeMap<String, &FeedClass> = classes.iter().map(|of| (course_id(of), *of)).rev().collect();
    for (id, FeedClass { class, school, .. }) in courses {
        let code = class.fields.course_code.as_str();
        let title = if code.is_empty() { &class.fields.name } else { code };
        file.row([&id, title, code, &org_id(school)]);
    }
    file.finish()
}

fn classes(classes: &[&FeedClass]) -> SentFile {
    let columns = [
        "sourcedId",
        "title",
        "grades",
        "courseSourcedId",
        "classCode",
        "classType",
        "schoolSourcedId",
        "termSourcedIds",
        "subjects",
        "subjectCodes",
        "periods",
        CLASS_ID_OF_FEED,
    ];
    let mut file = FeedFile::whole(CLASSES, &columns);
    for of in classes {
        let fields = &of.class.fields;
        let (id, org, course) = (of.class.guid.to_string(), org_id(of.school), course_id(of));
        let grade = two_letter_grade(fields.grade);
        // There has to be a code for each subject, and none is known.
        let subjects: Vec<&str> = fields.subject.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        let (subjects, term) = (subjects.join(","), Term::of(of.class).id());
        file.row([
            &id,
            &fields.name,
            grade,
            &course,
            &fields.class_id,
            "scheduled",
            &org,
            &term,
            &subjects,
            &subjects,
            &fields.period,
            &fields.class_id,
        ]);
    }
    file.finish()
}

fn enrollments(classes: &[&FeedClass]) -> SentFile {
    let columns =
        ["sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"];
    let mut file = FeedFile::whole(ENROLLMENTS, &columns);
    for of in classes {
        let (class, org) = (of.class.guid.to_string(), org_id(of.school));
        for member in &of.members {
            let user = member.who.user.guid;
            let (role, primary) = match member.role() {
                ClassRole::Student => ("student", "false"),
                ClassRole::Primary => ("teacher", "true"),
                ClassRole::CoTeacher => ("teacher", "false"),
                ClassRole::Aide => ("proctor", "false"),
            };
            let fields = &member.enrolment.fields;
            let starts = fields.starts.as_ref().map_or("", Day::as_str);
            // The day after the last one.
            let ends = fields.ends.as_ref().and_then(Day::next).map_or_else(String::new, String::from);
            let (id, user) = (enrolment_id(of.class.guid, user), user.to_string());
            file.row([&id, &class, &org, &user, role, primary, starts, &ends]);
        }
    }
    file.finish()
}

/// When a class is taught, as far as anything is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Term<'a> {
    title: &'a str,
    starts: Option<&'a Day>,
    ends: Option<&'a Day>,
}

impl<'a> Term<'a> {
    fn of(class: &'a Class) -> Term<'a> {
        let fields = &class.fields;
        Term { title: &fields.term, starts: fields.starts.as_ref(), ends: fields.ends.as_ref() }
    }

    fn id(&self) -> String {
        let day = |day: Option<&'a Day>| day.map_or("", Day::as_str);
        id_of("term", &[self.title, day(self.starts), day(self.ends)])
    }
}

/// Returns the ID of a school: of one that never changes, as the external ID may.
fn org_id(school: &School) -> String {
    id_of("org", &[&school.id.0])
}

/// Returns the ID of the course of a class; a class without a code has one of its own.
fn course_id(of: &FeedClass) -> String {
    let fields = &of.class.fields;
    match fields.course_code.as_str() {
        "" => id_of("course of class", &[&of.class.guid.to_string()]),
        code => id_of("course", &[&of.school.id.0, code]),
    }
}
