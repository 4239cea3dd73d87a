//! Who is in which class.

use std::collections::HashSet;

use crate::formats::report::FormatReport;
use crate::formats::set_writer::PartWriter;
use crate::formats::table::{ForeignRow, ForeignTable};
use crate::formats::translation::NOBODY;
use crate::formats::values::{SlashDates, class_role, day, is_over, truth};
use crate::model::{Code, Column, SetPart};

use super::classes::ClassIds;
use super::end_days::EndDays;
use super::people::{SourcedPeople, SourcedUser};

/// Writes the file of enrolments.
pub(super) fn write<'t>(
    table: &'t ForeignTable,
    classes: &ClassIds<'t>,
    people: &SourcedPeople<'t>,
    end_days: EndDays,
    report: &mut FormatReport,
) -> PartWriter {
    let place = |key: &str| table.place(&[key]);
    let (class, user, role, primary) =
        (place("classsourcedid"), place("usersourcedid"), place("role"), place("primary"));
    let (starts, ends, status) = (place("begindate"), place("enddate"), place("status"));
    let columns: Vec<Column> = [
        (Column::ClassId, true),
        (Column::CustomId, true),
        (Column::ClassRole, role.is_there()),
        (Column::EnrolmentStartDate, starts.is_there()),
        (Column::EnrolmentEndDate, ends.is_there()),
        (Column::EnrolmentStatus, true),
    ]
    .into_iter()
    .filter_map(|(column, is_there)| is_there.then_some(column))
    .collect();
    // Senders that fill the column with `false` throughout do not say who comes first.
    let is_primary = |row: &&ForeignRow| truth(row.get(primary)) == Some(true);
    let with_primary: HashSet<&str> = table.rows.iter().filter(is_primary).map(|row| row.get(class)).collect();
    let mut writer = PartWriter::new(SetPart::Enrolments, &columns);
    for row in &table.rows {
        let who = people.find(row.get(user));
        let said = class_role(row.get(role));
        let said = match said.filter(|_| who != SourcedUser::NotKept) {
            Some(said) => said,
            // What stands there may be of another column.
            None if row.damage.is_some() => "?".into(),
            None => {
                report.left_out("their enrolments");
                continue;
            }
        };
        let custom_id = match who {
            SourcedUser::Kept(custom_id) => custom_id,
            // Not the ID that the row has: it may be the custom ID of somebody else.
            SourcedUser::NotKept | SourcedUser::Unclear | SourcedUser::Nobody => NOBODY,
        };
        if !people.has(row.get(user)) && row.damage.is_none() {
            if is_over(row.get(status)) {
                let what = format!("{} names the user {{value}}, who is not in users.csv", table.name);
                report.of_row(Code::ReferenceUnknown, table, row, &what, row.get(user));
            } else {
                report.only_in_classes(table, row, "users.csv", row.get(user));
            }
        }
        let said = match (&*said, truth(row.get(primary))) {
            ("teacher", Some(true)) => "Primary teacher",
            ("teacher", Some(false)) if with_primary.contains(row.get(class)) => "Co-teacher",
            (said, _) => said,
        };
        let starts = day(row.get(starts), SlashDates::Unclear);
        let ends = end_days.last_day(row.get(ends), &starts);
        writer.row(table, row, |column| match column {
            Column::ClassId => classes.find(row.get(class)),
            Column::CustomId => custom_id,
            // Whatever somebody was.
            Column::ClassRole if is_over(row.get(status)) => "",
            Column::ClassRole => said,
            Column::EnrolmentStartDate => &starts,
            Column::EnrolmentEndDate => &ends,
            Column::EnrolmentStatus if is_over(row.get(status)) => "Ended",
            Column::EnrolmentStatus => "Active",
            _ => "",
        });
        if custom_id == NOBODY && row.damage.is_none() {
            writer.means(row.get(user));
        }
    }
    writer
}
