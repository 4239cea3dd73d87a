//! Clever.
//!
//! It has no file of administrators, no place for aides in a class and no word for somebody who can't sign in, and a class
//! has a teacher: whoever and whatever does not fit is left out.

use crate::formats::SentFile;
use crate::formats::layout::clever::{ENROLLMENTS, SCHOOLS, SECTIONS, STAFF, STUDENTS, TEACHERS};
use crate::model::{ClassRole, Day, Grade, UserType};

use super::directory::{FeedClass, FeedDirectory, FeedUser};
use super::file::FeedFile;

/// How many teachers a class has in Clever.
const TEACHERS_OF_SECTION: usize = 10;

/// Returns the files.
pub(super) fn files(directory: FeedDirectory) -> Vec<SentFile> {
    let directory = directory.without_disabled();
    let taught: Vec<TaughtSection> = directory.classes.iter().filter_map(TaughtSection::of).collect();
    vec![
        schools(&directory),
        students(&directory),
        teachers(&directory),
        staff(&directory),
        sections(&taught),
        enrollments(&taught),
    ]
}

/// A class with a teacher.
struct TaughtSection<'d> {
    of: &'d FeedClass<'d>,
    /// The custom IDs of the teachers, the first one first; empty behind the last.
    teachers: [&'d str; TEACHERS_OF_SECTION],
}

impl<'d> TaughtSection<'d> {
    fn of(of: &'d FeedClass<'d>) -> Option<TaughtSection<'d>> {
        // Only who is in the file of teachers.
        let teach = of.members.iter().filter(|member| member.role().teaches());
        let ids = teach.filter(|member| member.who.user.user_type == UserType::Teacher).map(|m| m.who.custom_id);
        let mut teachers = [""; TEACHERS_OF_SECTION];
        teachers.iter_mut().zip(ids).for_each(|(place, id)| *place = id);
        (!teachers[0].is_empty()).then_some(TaughtSection { of, teachers })
    }
}

fn schools(directory: &FeedDirectory) -> SentFile {
    let mut file = FeedFile::only(SCHOOLS, &["School_id", "School_name", "School_number"]);
    for school in &directory.schools {
        file.row([&school.external_id, &school.name, &school.external_id]);
    }
    file.finish()
}

fn students(directory: &FeedDirectory) -> SentFile {
    let columns = [
        "School_id",
        "Student_id",
        "Student_number",
        "Last_name",
        "Middle_name",
        "First_name",
        "Grade",
        "Student_email",
        "Username",
    ];
    let mut file = FeedFile::only(STUDENTS, &columns);
    for FeedUser { user, custom_id, school } in of_type(directory, UserType::Student) {
        let (last, middle, first) = (&user.last_name, &user.middle_name, &user.first_name);
        let school = &school.external_id;
        file.row([school, custom_id, custom_id, last, middle, first, grade(user.grade), &user.email, &user.username]);
    }
    file.finish()
}

fn teachers(directory: &FeedDirectory) -> SentFile {
    let columns = [
        "School_id",
        "Teacher_id",
        "Teacher_number",
        "Teacher_email",
        "First_name",
        "Middle_name",
        "Last_name",
        "Title",
        "Username",
    ];
    let mut file = FeedFile::only(TEACHERS, &columns);
    for FeedUser { user, custom_id, school } in of_type(directory, UserType::Teacher) {
        let (last, middle, first) = (&user.last_name, &user.middle_name, &user.first_name);
        let (school, title, name) = (&school.external_id, &user.position, &user.username);
        file.row([school, custom_id, custom_id, &user.email, first, middle, last, title, name]);
    }
    file.finish()
}

fn staff(directory: &FeedDirectory) -> SentFile {
    let columns = ["School_id", "Staff_id", "Staff_email", "First_name", "Last_name", "Title", "Username"];
    let mut file = FeedFile::only(STAFF, &columns);
    for FeedUser { user, custom_id, school } in of_type(directory, UserType::Staff) {
        let (school, title, name) = (&school.external_id, &user.position, &user.username);
        file.row([school, custom_id, &user.email, &user.first_name, &user.last_name, title, name]);
    }
    file.finish()
}

fn sections(taught: &[TaughtSection]) -> SentFile {
    let columns = [
        "School_id",
        "Section_id",
        "Teacher_id",
        "Teacher_2_id",
        "Teacher_3_id",
        "Teacher_4_id",
        "Teacher_5_id",
        "Teacher_6_id",
        "Teacher_7_id",
        "Teacher_8_id",
        "Teacher_9_id",
        "Teacher_10_id",
        "Name",
        "Grade",
        "Course_number",
        "Period",
        "Subject",
        "Term_name",
        "Term_start",
        "Term_end",
    ];
    let mut file = FeedFile::only(SECTIONS, &columns);
    for TaughtSection { of, teachers: [t1, t2, t3, t4, t5, t6, t7, t8, t9, t10] } in taught {
        let fields = &of.class.fields;
        let (school, id, name) = (&of.school.external_id, &fields.class_id, &fields.name);
        let (code, period, subject, term) = (&fields.course_code, &fields.period, &fields.subject, &fields.term);
        let (starts, ends) = (month_first(fields.starts.as_ref()), month_first(fields.ends.as_ref()));
        let grade = grade(fields.grade);
        file.row([
            school, id, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, name, grade, code, period, subject, term, &starts,
            &ends,
        ]);
    }
    file.finish()
}

fn enrollments(taught: &[TaughtSection]) -> SentFile {
    let mut file = FeedFile::only(ENROLLMENTS, &["School_id", "Section_id", "Student_id"]);
    for TaughtSection { of, .. } in taught {
        for member in of.members.iter().filter(|member| member.role() == ClassRole::Student) {
            file.row([&of.school.external_id, &of.class.fields.class_id, member.who.custom_id]);
        }
    }
    file.finish()
}

fn of_type<'d, 'a>(directory: &'d FeedDirectory<'a>, user_type: UserType) -> impl Iterator<Item = &'d FeedUser<'a>> {
    directory.users.iter().filter(move |of| of.user.user_type == user_type)
}

/// Returns a grade as Clever writes it; empty where none is known.
fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Unspecified => "",
        Grade::PreK => "Prekindergarten",
        Grade::K => "Kindergarten",
        grade => grade.as_str(),
    }
}

/// Returns a day as `08/31/2026`; empty where there is none.
fn month_first(day: Option<&Day>) -> String {
    day.map(Day::date)
        .map_or_else(String::new, |date| format!("{:02}/{:02}/{:04}", u8::from(date.month()), date.day(), date.year()))
}
