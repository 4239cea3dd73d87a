//! Where what is compared stands in a row.

use crate::file::header;
use crate::file::parse::PlainRow;
use crate::file::plain_cell::{Kinds, PlainCell};
use crate::model::Column;
use crate::model::people::UserText;

/// Where the columns stand in a row.
#[derive(Debug)]
pub(super) struct ComparedColumns {
    places: [Option<usize>; Column::ALL.len()],
    /// Of columns that are not compared.
    others: Vec<usize>,
    /// Of columns without a header, which must be empty.
    nameless: Vec<usize>,
    /// The first and the last of [`UserText::SIDE_BY_SIDE`], where they stand so and our separators are between them.
    pub(super) side_by_side: Option<(usize, usize)>,
}

impl Default for ComparedColumns {
    fn default() -> Self {
        ComparedColumns {
            places: [None; Column::ALL.len()],
            others: Vec::new(),
            nameless: Vec::new(),
            side_by_side: None,
        }
    }
}

impl ComparedColumns {
    pub(super) fn of(slots: &[header::PlaceContent], delimiter: u8) -> ComparedColumns {
        let mut columns = ComparedColumns::default();
        for (place, slot) in slots.iter().enumerate() {
            match slot {
                header::PlaceContent::Of(column) if is_compared(*column) => {
                    columns.places[*column as usize] = Some(place)
                }
                header::PlaceContent::Of(_) | header::PlaceContent::Part | header::PlaceContent::LeftOut => {
                    columns.others.push(place)
                }
                header::PlaceContent::Nameless => columns.nameless.push(place),
            }
        }
        let beside = UserText::SIDE_BY_SIDE.map(|column| columns.places[column as usize]);
        if let [Some(first), .., Some(last)] = beside
            && beside.into_iter().eq((first..=last).map(Some))
            && delimiter == UserText::SEPARATOR
        {
            columns.side_by_side = Some((first, last));
        }
        columns
    }

    /// An empty cell where the file has no such column.
    #[inline]
    pub(super) fn cell<'t>(&self, row: &PlainRow<'t>, column: Column) -> PlainCell<'t> {
        match self.places[column as usize] {
            Some(place) => row.cells.cell(place),
            None => PlainCell::alone(&[]),
        }
    }

    /// Whether nothing in the other cells could make another row of it.
    pub(super) fn others_are_plain(&self, row: &PlainRow) -> bool {
        let cell = |place: &usize| row.cells.cell(*place);
        self.nameless.iter().all(|place| cell(place).bytes.is_empty())
            && self.others.iter().all(|place| !cell(place).kinds().have(Kinds::OTHER))
    }
}

/// Whether the cells of a column are compared, or must be empty; those that we write into our own files are not read.
/// A column that is added has to answer, and [`super::Settler::says_what_is_known`] then has to ask for it.
fn is_compared(column: Column) -> bool {
    match column {
        Column::FirstName
        | Column::LastName
        | Column::MiddleName
        | Column::Email
        | Column::CustomId
        | Column::SchoolDistrictExternalId
        | Column::UserType
        | Column::Position
        | Column::Grade
        | Column::Status
        | Column::Password
        | Column::Username
        | Column::UserGuid => true,
        Column::ClassGuid
        | Column::ClassId
        | Column::ClassName
        | Column::ClassGrade
        | Column::CourseCode
        | Column::Subject
        | Column::Period
        | Column::Term
        | Column::ClassStartDate
        | Column::ClassEndDate
        | Column::ClassStatus
        | Column::ClassRole
        | Column::EnrolmentStartDate
        | Column::EnrolmentEndDate
        | Column::EnrolmentStatus
        | Column::Action => false,
        Column::TemporaryPassword | Column::Result | Column::NotUpdated | Column::Error => false,
    }
}
