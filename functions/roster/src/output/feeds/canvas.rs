//! Canvas SIS.
//!
//! It knows no administrators by their type: they are left out. A class is a course with one section, both with the ID of the
//! class. Canvas has one text for the code of a course, which it wants filled: of a class without a code it is the name.

use std::collections::BTreeSet;

use crate::formats::SentFile;
use crate::formats::layout::canvas::{ACCOUNTS, COURSES, ENROLLMENTS, SECTIONS, TERMS, USERS};
use crate::model::{ClassRole, Day, UserType};

use super::directory::{FeedDirectory, id_of};
use super::file::FeedFile;

/// Returns the files, in the order in which Canvas reads them.
pub(super) fn files(directory: &FeedDirectory) -> Vec<SentFile> {
    vec![
        accounts(directory),
        terms(directory),
        users(directory),
        courses(directory),
        sections(directory),
        enrollments(directory),
    ]
}

fn accounts(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(ACCOUNTS, &["account_id", "parent_account_id", "name", "status"]);
    let district = directory.district();
    // An account stands below the one that it belongs to.
    let mut schools = directory.schools.clone();
    schools.sort_by_key(|school| !school.is_district());
    for school in schools {
        let parent = district.filter(|district| district.id != school.id);
        file.row([&school.external_id, parent.map_or("", |parent| &parent.external_id), &school.name, "active"]);
    }
    file.finish()
}

fn terms(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(TERMS, &["term_id", "name", "status"]);
    let terms: BTreeSet<&str> = directory.classes.iter().map(|of| of.class.fields.term.as_str()).collect();
    for term in terms.into_iter().filter(|term| !term.is_empty()) {
        file.row([&term_id(term), term, "active"]);
    }
    file.finish()
}

fn users(directory: &FeedDirectory) -> SentFile {
    let columns =
        ["user_id", "login_id", "first_name", "last_name", "email", "status", "declared_user_type", "home_account"];
    let mut file = FeedFile::only(USERS, &columns);
    for of in &directory.users {
        let user_type = match of.user.user_type {
            UserType::Student => "student",
            UserType::Teacher => "teacher",
            UserType::Staff => "staff",
            UserType::Administrator => continue,
        };
        let status = if of.user.can_sign_in() { "active" } else { "suspended" };
        let (first, last, email) = (&of.user.first_name, &of.user.last_name, &of.user.email);
        let (login, home) = (&of.user.username, &of.school.external_id);
        file.row([of.custom_id, login, first, last, email, status, user_type, home]);
    }
    file.finish()
}

fn courses(directory: &FeedDirectory) -> SentFile {
    let columns = ["course_id", "short_name", "long_name", "account_id", "term_id", "status"];
    let mut file = FeedFile::only(COURSES, &columns);
    for of in &directory.classes {
        let fields = &of.class.fields;
        let code = if fields.course_code.is_empty() { &fields.name } else { &fields.course_code };
        let term = if fields.term.is_empty() { String::new() } else { term_id(&fields.term) };
        file.row([&fields.class_id, code, &fields.name, &of.school.external_id, &term, "active"]);
    }
    file.finish()
}

fn sections(directory: &FeedDirectory) -> SentFile {
    let columns = ["section_id", "course_id", "name", "status", "start_date", "end_date"];
    let mut file = FeedFile::only(SECTIONS, &columns);
    for of in &directory.classes {
        let fields = &of.class.fields;
        let at = |day: &Option<Day>, time| day.as_ref().map_or_else(String::new, |day| format!("{day}T{time}Z"));
        // The last day belongs to it.
        let (starts, ends) = (at(&fields.starts, "00:00:00"), at(&fields.ends, "23:59:59"));
        file.row([&fields.class_id, &fields.class_id, &fields.name, "active", &starts, &ends]);
    }
    file.finish()
}

fn enrollments(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(ENROLLMENTS, &["course_id", "user_id", "role", "section_id", "status"]);
    for of in &directory.classes {
        let id = &of.class.fields.class_id;
        for member in of.members.iter().filter(|member| member.who.user.user_type != UserType::Administrator) {
            let role = match member.role() {
                ClassRole::Student => "student",
                ClassRole::Primary | ClassRole::CoTeacher => "teacher",
                ClassRole::Aide => "ta",
            };
            file.row([id, member.who.custom_id, role, id, "active"]);
        }
    }
    file.finish()
}

/// Returns the ID of a term, which has none of its own.
fn term_id(term: &str) -> String {
    id_of("term", &[term])
}
