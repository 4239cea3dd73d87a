//! The courses and sections, and the accounts that they belong to.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::formats::known::FormatFiles;
use crate::formats::report::FormatReport;
use crate::formats::set_writer::PartWriter;
use crate::formats::table::{ColumnPlace, ForeignRow, ForeignTable};
use crate::formats::values::{SlashDates, class_role, day, is_over};
use crate::model::{Code, Column, Schools, SetPart};

/// What the files say of classes.
pub(super) struct CanvasClasses<'t> {
    schools: &'t Schools,
    accounts: CanvasFile<'t>,
    terms: CanvasFile<'t>,
    courses: CanvasFile<'t>,
    /// The terms that courses name are all there.
    has_terms: bool,
    sections: CanvasFile<'t>,
    /// The courses whose members are in no section.
    without_sections: HashSet<&'t str>,
}

/// A file whose rows have an ID of their own.
struct CanvasFile<'t> {
    table: Option<&'t ForeignTable>,
    rows: HashMap<&'t str, &'t ForeignRow>,
}

impl<'t> CanvasFile<'t> {
    fn read(table: Option<&'t ForeignTable>, id: &str) -> CanvasFile<'t> {
        let rows = table.into_iter().flat_map(|table| {
            let id = table.place(&[id]);
            // Of several rows with one ID the same is taken whatever their order.
            let mut rows: Vec<&ForeignRow> = table.rows.iter().filter(|row| row.damage.is_none()).collect();
            rows.sort_by(|a, b| a.cells().cmp(b.cells()));
            rows.into_iter().map(move |row| (row.get(id), row))
        });
        CanvasFile { table, rows: rows.collect() }
    }

    fn place(&self, key: &str) -> ColumnPlace {
        self.table.map_or(ColumnPlace::NOWHERE, |table| table.place(&[key]))
    }

    /// Returns a cell of the row with this ID; nothing where there is no such row.
    fn cell(&self, id: &str, key: &str) -> &'t str {
        self.rows.get(id).map_or("", |row| row.get(self.place(key)))
    }
}

/// Returns whether every term is there that a course names. What terms that are missing would say is left as it is.
fn has_terms(terms: &CanvasFile, courses: &CanvasFile, report: &mut FormatReport) -> bool {
    let Some(table) = courses.table else { return terms.table.is_some() };
    let place = table.place(&["termid"]);
    let named = || table.rows.iter().map(|row| (row, row.get(place))).filter(|(_, term)| !term.is_empty());
    let Some(file) = terms.table else {
        if named().next().is_some() {
            report.of_file(Code::FormatFileMissing, format!("terms.csv, which {} names", table.name));
        }
        return named().next().is_none();
    };
    let missing: Vec<_> =
        named().filter(|(row, term)| row.damage.is_none() && !terms.rows.contains_key(term)).collect();
    for (row, term) in &missing {
        let what = format!("{} names {{value}}, which is not in {}", table.name, file.name);
        report.of_row(Code::ReferenceUnknown, table, row, &what, term);
    }
    missing.is_empty() && file.damaged_rows().next().is_none()
}

const COLUMNS: [Column; 8] = [
    Column::ClassId,
    Column::SchoolDistrictExternalId,
    Column::ClassName,
    Column::CourseCode,
    Column::Term,
    Column::ClassStartDate,
    Column::ClassEndDate,
    Column::ClassStatus,
];

impl<'t> CanvasClasses<'t> {
    /// Reads the files.
    pub fn read(known: &FormatFiles<'t>, report: &mut FormatReport) -> CanvasClasses<'t> {
        // One that has only headers says no more than one that is not there.
        let with_rows = |stem: &str| known.tables.get(stem).filter(|table| !table.rows.is_empty());
        let file = |stem: &str, id: &str| CanvasFile::read(with_rows(stem), id);
        let mut without_sections = HashSet::new();
        if let Some(table) = known.tables.get("enrollments") {
            let (course, section) = (table.place(&["courseid"]), table.place(&["sectionid"]));
            let alone = table.rows.iter().filter(|row| row.damage.is_none() && row.get(section).is_empty());
            without_sections.extend(alone.map(|row| row.get(course)));
        }
        let (terms, courses) = (file("terms", "termid"), file("courses", "courseid"));
        CanvasClasses {
            schools: known.schools,
            accounts: file("accounts", "accountid"),
            has_terms: has_terms(&terms, &courses, report),
            terms,
            courses,
            sections: file("sections", "sectionid"),
            without_sections,
        }
    }

    /// Returns how many schools the files have.
    pub fn schools(&self) -> usize {
        self.accounts.rows.keys().filter(|id| self.schools.by_external_id(id).is_some()).count()
    }

    /// Returns the school to which the class of a row of `enrollments.csv` belongs.
    pub fn school_of_class(&self, section: &str, course: &str) -> &'t str {
        let course = if section.is_empty() { course } else { self.sections.cell(section, "courseid") };
        self.school_of_account(self.courses.cell(course, "accountid"))
    }

    /// Returns the school that an account is or belongs to.
    ///
    /// The account itself where there is none.
    pub fn school_of_account(&self, account: &'t str) -> &'t str {
        let (mut at, mut seen) = (account, BTreeSet::new());
        while !at.is_empty() && seen.insert(at) {
            if self.schools.by_external_id(at).is_some() {
                return at;
            }
            at = self.accounts.cell(at, "parentaccountid");
        }
        account
    }

    /// Writes the file of classes.
    pub fn write(&self, known: &FormatFiles, report: &mut FormatReport) -> PartWriter {
        let of_term = [Column::Term, Column::ClassStartDate, Column::ClassEndDate];
        let is_said = |column: &Column| self.has_terms || !of_term.contains(column);
        let columns: Vec<Column> = COLUMNS.into_iter().filter(is_said).collect();
        let mut writer = PartWriter::new(SetPart::Classes, &columns);
        if let Some(table) = known.tables.get("sections") {
            let (id, course, name) = (table.place(&["sectionid"]), table.place(&["courseid"]), table.place(&["name"]));
            for row in &table.rows {
                let course = row.get(course);
                if row.damage.is_none() && !self.courses.rows.contains_key(course) {
                    let what = format!("{} names {{value}}, which is not in courses.csv", table.name);
                    report.of_row(Code::ReferenceUnknown, table, row, &what, course);
                }
                let name = Some(row.get(name)).filter(|name| !name.is_empty());
                let name = name.unwrap_or_else(|| self.courses.cell(course, "longname"));
                self.write_class(table, row, row.get(id), course, name, &mut writer);
            }
        }
        if let Some(table) = known.tables.get("courses") {
            let id = table.place(&["courseid"]);
            for row in &table.rows {
                let course = row.get(id);
                if row.damage.is_none() && self.without_sections.contains(course) {
                    self.write_class(table, row, course, course, self.courses.cell(course, "longname"), &mut writer);
                }
            }
        }
        writer
    }

    fn write_class(
        &self,
        table: &ForeignTable,
        row: &ForeignRow,
        id: &str,
        course: &str,
        name: &str,
        writer: &mut PartWriter,
    ) {
        let of_course = |key: &str| self.courses.cell(course, key);
        let term = of_course("termid");
        let date = |key: &str| -> Cow<str> {
            let own = row.get(table.place(&[key]));
            let said = [own, of_course(key), self.terms.cell(term, key)].into_iter().find(|cell| !cell.is_empty());
            day(said.unwrap_or_default(), SlashDates::Unclear)
        };
        let (starts, ends) = (date("startdate"), date("enddate"));
        let is_over = is_over(row.get(table.place(&["status"]))) || is_over(of_course("status"));
        writer.row(table, row, |column| match column {
            Column::ClassId => id,
            Column::SchoolDistrictExternalId => self.school_of_account(of_course("accountid")),
            Column::ClassName => name,
            // Canvas wants one: whoever has none repeats the name.
            Column::CourseCode if of_course("shortname") == of_course("longname") => "",
            Column::CourseCode => of_course("shortname"),
            Column::Term => self.terms.cell(term, "name"),
            Column::ClassStartDate => &starts,
            Column::ClassEndDate => &ends,
            Column::ClassStatus if is_over => "Archived",
            Column::ClassStatus => "Active",
            _ => "",
        });
    }

    /// Returns whether an account is a school of the organisation.
    pub fn is_school(&self, account: &str) -> bool {
        self.schools.by_external_id(account).is_some()
    }

    /// Writes the file of enrolments.
    ///
    /// `there` are the IDs of everybody in the file of users.
    pub fn write_enrolments(
        &self,
        table: &ForeignTable,
        there: &HashSet<&str>,
        report: &mut FormatReport,
    ) -> PartWriter {
        let place = |key: &str| table.place(&[key]);
        let (course, section, user) = (place("courseid"), place("sectionid"), place("userid"));
        let (role, status) = (place("role"), place("status"));
        let columns = [Column::ClassId, Column::CustomId, Column::ClassRole, Column::EnrolmentStatus];
        let mut writer = PartWriter::new(SetPart::Enrolments, &columns);
        for row in &table.rows {
            let said = match class_role(row.get(role)) {
                Some(said) => said,
                // What stands there may be of another column.
                None if row.damage.is_some() => "?".into(),
                None => {
                    report.left_out("enrolments of observers");
                    continue;
                }
            };
            let is_over = is_over(row.get(status));
            if row.damage.is_none() && !is_over && !there.is_empty() && !there.contains(row.get(user)) {
                report.only_in_classes(table, row, "users.csv", row.get(user));
            }
            let class = Some(row.get(section)).filter(|section| !section.is_empty()).unwrap_or(row.get(course));
            writer.row(table, row, |column| match column {
                Column::ClassId => class,
                Column::CustomId => row.get(user),
                // Whatever somebody was.
                Column::ClassRole if is_over => "",
                Column::ClassRole => &said,
                Column::EnrolmentStatus if is_over => "Ended",
                Column::EnrolmentStatus => "Active",
                _ => "",
            });
        }
        writer
    }
}
