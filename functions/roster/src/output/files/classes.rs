//! Classes and enrolments as files that upload again.

use crate::model::{Class, ClassFields, Column, Enrolment, Schools, User};

use crate::file::csv_file::CsvFile;

use super::users::{user_cells, user_columns};

/// The columns of [`classes_file`].
const CLASS_COLUMNS: [Column; 12] = [
    Column::ClassGuid,
    Column::ClassId,
    Column::SchoolDistrictExternalId,
    Column::ClassName,
    Column::ClassGrade,
    Column::CourseCode,
    Column::Subject,
    Column::Period,
    Column::Term,
    Column::ClassStartDate,
    Column::ClassEndDate,
    Column::ClassStatus,
];

/// The columns of [`enrolments_file`].
const ENROLMENT_COLUMNS: [Column; 8] = [
    Column::ClassGuid,
    Column::ClassId,
    Column::UserGuid,
    Column::CustomId,
    Column::ClassRole,
    Column::EnrolmentStartDate,
    Column::EnrolmentEndDate,
    Column::EnrolmentStatus,
];

/// Somebody's place in a class, with both.
#[derive(Debug, Clone, Copy)]
pub struct Membership<'a> {
    pub class: &'a Class,
    pub user: &'a User,
    pub enrolment: &'a Enrolment,
}

/// Returns classes as the file of a set has them, so that the edited file uploads again.
pub fn classes_file<'a>(classes: impl IntoIterator<Item = &'a Class>, schools: &Schools) -> Vec<u8> {
    let mut file = CsvFile::new();
    file.values(CLASS_COLUMNS.map(Column::header));
    for class in classes {
        let guid = class.guid.to_string();
        let fields = class_fields(&class.fields, schools);
        file.values([guid.as_str()].into_iter().chain(fields.iter().map(|(_, value)| value.as_str())));
    }
    file.bytes()
}

/// Returns enrolments as the file of a set has them, so that the edited file uploads again.
///
/// Those that have ended are left out.
pub fn enrolments_file<'a>(places: impl IntoIterator<Item = Membership<'a>>) -> Vec<u8> {
    let mut file = CsvFile::new();
    file.values(ENROLMENT_COLUMNS.map(Column::header));
    for Membership { class, user, enrolment } in places {
        let [class_guid, user_guid] = [class.guid.to_string(), user.guid.to_string()];
        let custom_id = user.custom_id.as_deref().unwrap_or_default();
        let of_class = [class_guid.as_str(), &class.fields.class_id, &user_guid, custom_id];
        file.values(of_class.into_iter().chain(member_cells(enrolment)).chain(["Active"]));
    }
    file.bytes()
}

/// Returns users with a row for each of their classes, and one for who has none.
///
/// The edited file uploads again. The places of one user stand together.
pub fn flat_file<'a>(
    users: impl IntoIterator<Item = (&'a User, Vec<(&'a Class, &'a Enrolment)>)>,
    schools: &Schools,
) -> Vec<u8> {
    let mut file = CsvFile::new();
    let of_class = CLASS_COLUMNS.into_iter().filter(|column| *column != Column::SchoolDistrictExternalId);
    let of_member = [Column::ClassRole, Column::EnrolmentStartDate, Column::EnrolmentEndDate];
    file.values(user_columns().chain(of_class).chain(of_member).map(Column::header));
    for (user, classes) in users {
        let guid = user.guid.to_string();
        let cells = user_cells(user, &guid, schools.external_id(&user.school));
        if classes.is_empty() {
            file.values(cells.iter().copied().chain([""; 14]));
        }
        for (class, enrolment) in classes {
            let class_guid = class.guid.to_string();
            let fields = class_fields(&class.fields, schools);
            let school = Column::SchoolDistrictExternalId.header();
            let fields = fields.iter().filter(|(name, _)| *name != school).map(|(_, value)| value.as_str());
            let of_class = [class_guid.as_str()].into_iter().chain(fields);
            file.values(cells.iter().copied().chain(of_class).chain(member_cells(enrolment)));
        }
    }
    file.bytes()
}

/// Returns the headers of a roster with classes, to be filled in.
pub fn flat_template() -> Vec<u8> {
    let mut file = CsvFile::new();
    let wanted = |column: &Column| column.spec().presence != crate::model::Presence::Ours;
    file.values(Column::ALL.into_iter().filter(wanted).map(Column::header));
    file.bytes()
}

/// Returns the headers of the files of classes and enrolments of a set, to be filled in.
pub fn part_templates() -> [Vec<u8>; 2] {
    let template = |columns: &[Column]| {
        let mut file = CsvFile::new();
        file.values(columns.iter().map(|column| column.header()));
        file.bytes()
    };
    [template(&CLASS_COLUMNS), template(&ENROLMENT_COLUMNS)]
}

fn member_cells(enrolment: &Enrolment) -> [&str; 3] {
    let fields = &enrolment.fields;
    [
        fields.role.as_str(),
        fields.starts.as_ref().map_or("", |day| day.as_str()),
        fields.ends.as_ref().map_or("", |day| day.as_str()),
    ]
}

/// Returns the fields of a class with the headers of their columns, and the school as the district names it.
pub(super) fn class_fields(fields: &ClassFields, schools: &Schools) -> [(&'static str, String); 11] {
    let school = Column::SchoolDistrictExternalId.header();
    fields.list().map(|(field, value)| {
        if field == school { (field, schools.external_id(&fields.school).to_owned()) } else { (field, value) }
    })
}
