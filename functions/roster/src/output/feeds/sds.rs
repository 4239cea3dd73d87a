//! School Data Sync v2.1.
//!
//! It has no word for somebody who can't sign in: disabled users are left out. Every feed has the same files, because the
//! reader takes a file that stays away for one whose records are over.

use std::collections::BTreeMap;

use crate::formats::SentFile;
use crate::formats::layout::sds::{CLASSES, COURSES, ENROLLMENTS, ORGS, ROLES, USERS};
use crate::model::{ClassRole, UserType};

use super::directory::{FeedClass, FeedDirectory, id_of, two_letter_grade};
use super::file::FeedFile;

/// Returns the files.
pub(super) fn files(directory: FeedDirectory) -> Vec<SentFile> {
    let directory = directory.without_disabled();
    vec![
        orgs(&directory),
        users(&directory),
        roles(&directory),
        courses(&directory),
        classes(&directory),
        enrollments(&directory),
    ]
}

fn orgs(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(ORGS, &["sourcedId", "name", "type", "parentSourcedId"]);
    for school in &directory.schools {
        let kind = if school.is_district() { "district" } else { "school" };
        let parent = directory.district().filter(|district| district.id != school.id);
        file.row([&school.external_id, &school.name, kind, parent.map_or("", |parent| &parent.external_id)]);
    }
    file.finish()
}

fn users(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(USERS, &["sourcedId", "username", "givenName", "familyName", "email"]);
    for of in &directory.users {
        let user = of.user;
        file.row([of.custom_id, &user.username, &user.first_name, &user.last_name, &user.email]);
    }
    file.finish()
}

fn roles(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(ROLES, &["userSourcedId", "orgSourcedId", "role", "grade", "isPrimary"]);
    let further = directory.further_schools();
    for of in &directory.users {
        let role = match of.user.user_type {
            UserType::Student => "student",
            UserType::Teacher => "teacher",
            UserType::Staff => "staff",
            UserType::Administrator => "administrator",
        };
        let grade = two_letter_grade(of.user.grade);
        file.row([of.custom_id, &of.school.external_id, role, grade, "true"]);
        let elsewhere = further.get(&of.user.guid);
        for school in directory.schools.iter().filter(|school| elsewhere.is_some_and(|all| all.contains(&school.id))) {
            file.row([of.custom_id, &school.external_id, role, grade, "false"]);
        }
    }
    file.finish()
}

fn courses(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(COURSES, &["sourcedId", "orgSourcedId", "title", "code", "subject"]);
    let courses = directory.classes.iter().filter_map(|of| Some((course_id(of)?, of)));
    for (id, FeedClass { class, school, .. }) in courses.collect::<BTreeMap<_, _>>() {
        let (code, subject) = (class.fields.course_code.as_str(), class.fields.subject.as_str());
        let title = if subject.is_empty() { code } else { subject };
        file.row([&id, &school.external_id, title, code, subject]);
    }
    file.finish()
}

fn classes(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(CLASSES, &["sourcedId", "orgSourcedId", "title", "courseSourcedId"]);
    for of in &directory.classes {
        let fields = &of.class.fields;
        let course = course_id(of).unwrap_or_default();
        file.row([&fields.class_id, &of.school.external_id, &fields.name, &course]);
    }
    file.finish()
}

fn enrollments(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(ENROLLMENTS, &["classSourcedId", "userSourcedId", "role"]);
    for of in &directory.classes {
        for member in &of.members {
            let role = match member.role() {
                ClassRole::Student => "student",
                ClassRole::Primary | ClassRole::CoTeacher => "teacher",
                ClassRole::Aide => "teacherAssistant",
            };
            file.row([&of.class.fields.class_id, member.who.custom_id, role]);
        }
    }
    file.finish()
}

/// Returns the ID of the course of a class; `None` for one of which nothing is known.
fn course_id(of: &FeedClass) -> Option<String> {
    let fields = &of.class.fields;
    let is_known = !fields.course_code.is_empty() || !fields.subject.is_empty();
    is_known.then(|| id_of("course", &[&of.school.id.0, &fields.course_code, &fields.subject]))
}
