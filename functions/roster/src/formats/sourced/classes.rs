//! Classes, with what their courses and sessions say of them.

use std::collections::HashMap;

use crate::formats::known::FormatFiles;
use crate::formats::layout::{ASSUMED_IN_FEED, CLASS_ID_OF_FEED};
use crate::formats::report::FormatReport;
use crate::formats::set_writer::PartWriter;
use crate::formats::table::{ColumnPlace, ForeignRow, ForeignTable, key};
use crate::formats::translation::Completeness;
use crate::formats::values::{SlashDates, day, is_over, list, only_grade};
use crate::model::{Code, Column, SetPart};

use super::end_days::EndDays;
use super::lookup::Lookup;
use super::orgs::Orgs;

/// Writes the file of classes.
///
/// What files that are not there or damaged would say is left as it is. So it is where files hold only what has changed
/// and lack what a class names: otherwise a class would lose its course.
pub(super) fn write(
    known: &FormatFiles,
    table: &ForeignTable,
    ids: &ClassIds,
    orgs: &Orgs,
    completeness: &Completeness,
    report: &mut FormatReport,
) -> PartWriter {
    let courses = Courses::read(known, table, report);
    let sessions = Sessions::read(known, table, report);
    let place = |keys: &[&str]| table.place(keys);
    let (title, school) = (place(&["title"]), place(&["schoolsourcedid", "orgsourcedid"]));
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
        // What else a row says of a class that goes does not matter, and need not be there.
        (Column::Action, *completeness != Completeness::Everybody),
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
            Column::ClassId => ids.of_class(row),
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
            Column::Action if is_over(row.get(status)) => "REMOVE-CLASS",
            _ => "",
        });
    }
    writer
}

/// What the district calls the classes of a file.
#[derive(Default)]
pub(super) struct ClassIds<'t> {
    sourced_id: ColumnPlace,
    own: ColumnPlace,
    /// By `sourcedId`, where it is not the class ID itself, as in a feed of ours.
    by_sourced_id: HashMap<&'t str, &'t str>,
}

impl<'t> ClassIds<'t> {
    /// Reads the IDs of all classes.
    pub fn of(table: &'t ForeignTable) -> ClassIds<'t> {
        let (sourced_id, own) = (table.place(&["sourcedid"]), table.place(&[&key(CLASS_ID_OF_FEED)]));
        let rows = table.rows.iter().filter(|row| row.damage.is_none() && !row.get(own).is_empty());
        ClassIds { sourced_id, own, by_sourced_id: rows.map(|row| (row.get(sourced_id), row.get(own))).collect() }
    }

    fn of_class<'r>(&self, row: &'r ForeignRow) -> &'r str {
        Some(row.get(self.own)).filter(|own| !own.is_empty()).unwrap_or(row.get(self.sourced_id))
    }

    /// Returns the class ID of the class with a `sourcedId`.
    ///
    /// It is the `sourcedId` unless the file says otherwise.
    pub fn find(&self, sourced_id: &'t str) -> &'t str {
        self.by_sourced_id.get(sourced_id).copied().unwrap_or(sourced_id)
    }
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
        let courses = Lookup::read(with_rows(known, "courses"), report);
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
    /// Which of these a feed of ours made up.
    assumed: ColumnPlace,
    end_days: EndDays,
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
        let sessions = Lookup::read(with_rows(known, "academicsessions"), report);
        let place = |key: &str| sessions.table().map_or(ColumnPlace::NOWHERE, |table| table.place(&[key]));
        let (title, starts, ends) = (place("title"), place("startdate"), place("enddate"));
        let (assumed, end_days) = (place(&key(ASSUMED_IN_FEED)), EndDays::of(known.format));
        let named = |row: &'_ ForeignRow| list(row.get(terms)).map(str::to_owned).collect::<Vec<_>>();
        let lacks = references(classes, &sessions, "academicSessions.csv", named, report);
        Sessions { sessions, terms, title, starts, ends, assumed, end_days, lacks }
    }

    fn of(&self, class: &ForeignRow) -> SessionSpan {
        /// How long the name of a term may be.
        const MOST_CHARS: usize = 64;
        let said = |row: &'t ForeignRow, name: &str, place| {
            let is_assumed = list(row.get(self.assumed)).any(|own| own == name);
            if is_assumed { "" } else { row.get(place) }
        };
        let starts_of = |row| day(said(row, "startDate", self.starts), SlashDates::Unclear);
        let title_of = |row| said(row, "title", self.title);
        let mut rows: Vec<_> = list(class.get(self.terms)).filter_map(|id| self.sessions.find(id)).collect();
        rows.sort_by_key(|row| (starts_of(row), title_of(row)));
        rows.dedup_by_key(|row| row.number);
        let titles: Vec<&str> = rows.iter().map(|row| title_of(row)).filter(|title| !title.is_empty()).collect();
        let title = match titles.join(", ") {
            long if titles.len() > 1 && long.chars().count() > MOST_CHARS => titles[0].to_owned(),
            all => all,
        };
        let ends_of = |row| self.end_days.last_day(said(row, "endDate", self.ends), &starts_of(row));
        let starts = rows.iter().map(|row| starts_of(row)).filter(|day| !day.is_empty()).min();
        let ends = rows.iter().map(|row| ends_of(row)).filter(|day| !day.is_empty()).max();
        let (starts, ends) = (starts.unwrap_or_default().into_owned(), ends.unwrap_or_default());
        SessionSpan { title, starts, ends }
    }
}

/// Returns a file that has rows: one that has only headers says no more than one that is not there.
fn with_rows<'t>(known: &FormatFiles<'t>, stem: &str) -> Option<&'t ForeignTable> {
    known.tables.get(stem).filter(|table| !table.rows.is_empty())
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
