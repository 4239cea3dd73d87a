//! Classes, with what their courses and sessions say of them.

use crate::formats::known::FormatFiles;
use crate::formats::report::FormatReport;
use crate::formats::set_writer::PartWriter;
use crate::formats::table::{ColumnPlace, ForeignRow, ForeignTable};
use crate::formats::translation::Completeness;
use crate::formats::values::{SlashDates, day, is_over, list, only_grade};
use crate::model::{Code, Column, SetPart};

use super::lookup::Lookup;
use super::orgs::Orgs;

/// Writes the file of classes.
///
/// What files that are not there or damaged would say is left as it is. So it is where files hold only what has changed
/// and lack what a class names: otherwise a class would lose its course.
pub(super) fn write(
    known: &FormatFiles,
    table: &ForeignTable,
    orgs: &Orgs,
    completeness: &Completeness,
    report: &mut FormatReport,
) -> PartWriter {
    let courses = Courses::read(known, table, report);
    let sessions = Sessions::read(known, table, report);
    let place = |keys: &[&str]| table.place(keys);
    let (id, title, school) = (place(&["sourcedid"]), place(&["title"]), place(&["schoolsourcedid", "orgsourcedid"]));
    let (grades, subjects, periods) = (place(&["grades"]), place(&["subjects"]), place(&["periods"]));
    let status = place(&["status"]);
    let all_there = |missing: bool| !missing || *completeness == Completeness::Everybody;
    let whole = |lookup: &Lookup| lookup.table().is_some_and(|table| table.damaged_rows().next().is_none());
    let has_courses = whole(&courses.courses) && all_there(courses.lacks);
    let has_sessions = whole(&sessions.sessions) && all_there(sessions.lacks);
    let says_subject = |row: &ForeignRow| row.damage.is_some() || !row.get(subjects).is_empty();
    let all_say_subject = subjects.is_there() && table.rows.iter().all(says_subject);
    let columns: Vec<Column> = [
        (Column::ClassId, true),
        (Column::SchoolDistrictExternalId, true),
        (Column::ClassName, true),
        (Column::ClassGrade, grades.is_there()),
        (Column::CourseCode, has_courses),
        (Column::Subject, has_courses || all_say_subject),
        (Column::Period, periods.is_there()),
        (Column::Term, has_sessions),
        (Column::ClassStartDate, has_sessions),
        (Column::ClassEndDate, has_sessions),
        (Column::ClassStatus, true),
    ]
    .into_iter()
    .filter_map(|(column, is_there)| is_there.then_some(column))
    .collect();
    let mut writer = PartWriter::new(SetPart::Classes, &columns);
    for row in &table.rows {
        let org = orgs.school(row.get(school));
        let course = courses.of(row);
        let session = sessions.of(row);
        let subject = match list(row.get(subjects)).collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => course.as_ref().map(|course| course.subject.clone()).unwrap_or_default(),
            own => own,
        };
        writer.row(table, row, |column| match column {
            Column::ClassId => row.get(id),
            Column::SchoolDistrictExternalId => &org.external_id,
            Column::ClassName => row.get(title),
            Column::ClassGrade => only_grade(row.get(grades)),
            Column::CourseCode => course.as_ref().map_or("", |course| course.code),
            Column::Subject => &subject,
            Column::Period => row.get(periods),
            Column::Term => &session.title,
            Column::ClassStartDate => &session.starts,
            Column::ClassEndDate => &session.ends,
            Column::ClassStatus if is_over(row.get(status)) => "Archived",
            Column::ClassStatus => "Active",
            _ => "",
        });
    }
    writer
}

/// The courses that classes name.
struct Courses<'t> {
    courses: Lookup<'t>,
    course: ColumnPlace,
    code: ColumnPlace,
    subjects: ColumnPlace,
    /// A class names one that is not there.
    lacks: bool,
}

struct Course<'t> {
    code: &'t str,
    subject: String,
}

impl<'t> Courses<'t> {
    fn read(known: &FormatFiles<'t>, classes: &ForeignTable, report: &mut FormatReport) -> Courses<'t> {
        let course = classes.place(&["coursesourcedid"]);
        let courses = Lookup::read(known.tables.get("courses"), report);
        let place = |keys: &[&str]| courses.table().map_or(ColumnPlace::NOWHERE, |table| table.place(keys));
        let (code, subjects) = (place(&["coursecode", "code"]), place(&["subjects", "subject"]));
        let lacks = references(classes, &courses, "courses.csv", |row| vec![row.get(course)], report);
        Courses { courses, course, code, subjects, lacks }
    }

    fn of(&self, class: &ForeignRow) -> Option<Course<'t>> {
        let row = self.courses.find(class.get(self.course))?;
        Some(Course { code: row.get(self.code), subject: list(row.get(self.subjects)).collect::<Vec<_>>().join(", ") })
    }
}

/// The sessions in which classes are held.
struct Sessions<'t> {
    sessions: Lookup<'t>,
    terms: ColumnPlace,
    title: ColumnPlace,
    starts: ColumnPlace,
    ends: ColumnPlace,
    /// A class names one that is not there.
    lacks: bool,
}

/// From the first to the last day of all sessions of a class.
#[derive(Default)]
struct SessionSpan {
    title: String,
    starts: String,
    ends: String,
}

impl<'t> Sessions<'t> {
    fn read(known: &FormatFiles<'t>, classes: &ForeignTable, report: &mut FormatReport) -> Sessions<'t> {
        let terms = classes.place(&["termsourcedids", "sessionsourcedids"]);
        let sessions = Lookup::read(known.tables.get("academicsessions"), report);
        let place = |key: &str| sessions.table().map_or(ColumnPlace::NOWHERE, |table| table.place(&[key]));
        let (title, starts, ends) = (place("title"), place("startdate"), place("enddate"));
        let named = |row: &'_ ForeignRow| list(row.get(terms)).map(str::to_owned).collect::<Vec<_>>();
        let lacks = references(classes, &sessions, "academicSessions.csv", named, report);
        Sessions { sessions, terms, title, starts, ends, lacks }
    }

    fn of(&self, class: &ForeignRow) -> SessionSpan {
        /// How long the name of a term may be.
        const MOST_CHARS: usize = 64;
        let date = |row: &'t ForeignRow, place| day(row.get(place), SlashDates::Unclear);
        let mut rows: Vec<_> = list(class.get(self.terms)).filter_map(|id| self.sessions.find(id)).collect();
        rows.sort_by_key(|row| (date(row, self.starts), row.get(self.title)));
        rows.dedup_by_key(|row| row.number);
        let titles: Vec<&str> = rows.iter().map(|row| row.get(self.title)).collect();
        let title = match titles.join(", ") {
            long if titles.len() > 1 && long.chars().count() > MOST_CHARS => titles[0].to_owned(),
            all => all,
        };
        let starts = rows.iter().map(|row| date(row, self.starts)).min().unwrap_or_default().into_owned();
        let ends = rows.iter().map(|row| date(row, self.ends)).max().unwrap_or_default().into_owned();
        SessionSpan { title, starts, ends }
    }
}

/// Says which of the IDs that classes name are in no row, or that there is no such file. Answers whether any is.
fn references<'c, I: AsRef<str>>(
    classes: &'c ForeignTable,
    lookup: &Lookup,
    file: &str,
    named: impl Fn(&'c ForeignRow) -> Vec<I>,
    report: &mut FormatReport,
) -> bool {
    let mut lacks = false;
    let mut is_named = false;
    for row in classes.rows.iter().filter(|row| row.damage.is_none()) {
        let ids = named(row).into_iter().filter(|id| !id.as_ref().is_empty());
        for id in ids {
            is_named = true;
            if lookup.table().is_none() || lookup.find(id.as_ref()).is_some() {
                continue;
            }
            lacks = true;
            // Of one that several rows have it was said.
            if !lookup.has(id.as_ref()) {
                let what = format!("{} names {{value}}, which is not in {file}", classes.name);
                report.of_row(Code::ReferenceUnknown, classes, row, &what, id.as_ref());
            }
        }
    }
    if is_named && lookup.table().is_none() {
        report.of_file(Code::FormatFileMissing, format!("{file}, which {} names", classes.name));
    }
    lacks
}
