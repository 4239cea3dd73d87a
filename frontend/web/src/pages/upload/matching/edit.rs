//! A proposed mapping with what somebody has made of it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use roster::{
    CellSource, Column, DateFormat, MappedColumn, MappingPlace, MappingProfile, MappingProposal, Presence,
    PreviewPerson, ProposedColumn, RowFilter, Schools, header_key, suggested_meanings, words,
};
use worker::{LookReport, SeenValues};

/// A mapping while it is edited.
#[derive(Debug, Clone)]
pub(crate) struct MappingEdit {
    proposal: Arc<MappingProposal>,
    schools: Arc<Schools>,
    profile: MappingProfile,
    /// The columns that somebody has looked at or changed.
    seen: BTreeSet<Column>,
    /// The columns whose source somebody has changed.
    chosen: BTreeSet<Column>,
    /// Those of them whose values are still to come.
    without_values: BTreeSet<Column>,
    values: BTreeMap<Column, SeenValues>,
    preview: Vec<PreviewPerson>,
}

/// What becomes of the rows with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueMeaning {
    /// It is read as this.
    Becomes(String),
    /// Its rows are not read.
    LeftOut,
    /// It is not understood, so that its rows are rejected.
    Unclear,
}

/// Something that has to be done before the mapping can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenPoint {
    /// Where: `None` for the mapping as a whole.
    pub(crate) column: Option<Column>,
    /// It only has to be looked at, and ticked.
    pub(crate) is_look: bool,
    /// In a sentence.
    pub(crate) what: String,
}

impl MappingEdit {
    /// Begins with what is proposed.
    pub(crate) fn new(proposal: Arc<MappingProposal>, schools: Arc<Schools>) -> MappingEdit {
        let seen_values = |column: &ProposedColumn| {
            let counts = column.values.iter().map(|group| (group.value.clone(), group.count)).collect();
            (column.column, SeenValues { counts, more: column.more_values })
        };
        MappingEdit {
            profile: proposal.profile.clone(),
            seen: BTreeSet::new(),
            chosen: BTreeSet::new(),
            without_values: BTreeSet::new(),
            values: proposal.columns.iter().filter(|column| !column.values.is_empty()).map(seen_values).collect(),
            preview: proposal.preview.clone(),
            proposal,
            schools,
        }
    }

    /// Begins with a mapping that is in use: somebody has looked at it before.
    pub(crate) fn of_used(proposal: Arc<MappingProposal>, schools: Arc<Schools>, used: &MappingProfile) -> MappingEdit {
        let mut edit = MappingEdit::new(proposal, schools);
        let headers = edit.profile.headers.clone();
        let differs = |column: &Column| {
            let from = |profile: &MappingProfile| profile.columns.get(column).map(|mapped| mapped.from.clone());
            from(used) != from(&edit.profile)
        };
        edit.chosen = Column::ALL.into_iter().filter(differs).collect();
        edit.seen = Column::ALL.into_iter().collect();
        edit.values.retain(|column, _| !edit.chosen.contains(column));
        edit.profile = MappingProfile { headers, ..used.clone() };
        edit
    }

    /// Begins with what a mapping that no longer fits says of the columns whose headers are all there; the others are
    /// proposed.
    pub(crate) fn of_misfit(
        proposal: Arc<MappingProposal>,
        schools: Arc<Schools>,
        misfit: &MappingProfile,
    ) -> MappingEdit {
        let mut edit = MappingEdit::new(proposal, schools);
        let keys: BTreeSet<String> = edit.profile.headers.clone();
        let is_there = |header: &str| keys.contains(&header_key(header));
        for (column, mapped) in &misfit.columns {
            if mapped.from.headers().all(is_there) {
                if edit.profile.columns.get(column).map(|proposed| &proposed.from) != Some(&mapped.from) {
                    edit.chosen.insert(*column);
                    edit.values.remove(column);
                }
                edit.profile.columns.insert(*column, mapped.clone());
                edit.seen.insert(*column);
            }
        }
        let kept = misfit.leave_out.iter().filter(|filter| is_there(&filter.header));
        edit.profile.leave_out.retain(|filter| !misfit.headers.contains(&header_key(&filter.header)));
        edit.profile.leave_out.extend(kept.cloned());
        edit.profile.source.clone_from(&misfit.source);
        edit
    }

    /// Returns what was proposed.
    pub(crate) fn proposal(&self) -> &MappingProposal {
        &self.proposal
    }

    /// Returns the schools of the organisation.
    pub(crate) fn schools(&self) -> &Schools {
        &self.schools
    }

    /// Returns the mapping as it stands.
    pub(crate) fn profile(&self) -> &MappingProfile {
        &self.profile
    }

    /// Returns whether nothing has been changed.
    pub(crate) fn is_as_proposed(&self) -> bool {
        self.profile == self.proposal.profile
    }

    /// Returns the first people as the mapping reads them.
    pub(crate) fn preview(&self) -> &[PreviewPerson] {
        &self.preview
    }

    /// Returns the columns that are asked for, those that are needed first: columns about users, and those about classes
    /// where the file has any.
    pub(crate) fn columns(&self) -> Vec<Column> {
        let is_of_class = |column: &Column| column.spec().presence == Presence::Class;
        let has_classes = self.proposal.profile.columns.keys().any(is_of_class);
        let asked = |column: &Column| column.spec().presence.is_of_user() || (has_classes && is_of_class(column));
        let mut columns: Vec<Column> = Column::ALL.into_iter().filter(asked).collect();
        columns.sort_by_key(|column| !is_needed(*column));
        columns
    }

    /// Returns what is proposed for a column.
    pub(crate) fn proposed(&self, column: Column) -> Option<&ProposedColumn> {
        self.proposal.columns.iter().find(|proposed| proposed.column == column)
    }

    /// Returns where a column comes from.
    pub(crate) fn source(&self, column: Column) -> Option<&CellSource> {
        self.profile.columns.get(&column).map(|mapped| &mapped.from)
    }

    /// Returns whether somebody has changed where a column comes from.
    pub(crate) fn is_chosen(&self, column: Column) -> bool {
        self.chosen.contains(&column)
    }

    /// Returns what has to be looked at in a column: nothing where its source was changed, unless nobody has a name then.
    pub(crate) fn look_at(&self, column: Column) -> Option<&str> {
        match (column, self.source(column)) {
            (Column::FirstName, None) => Some("Nobody would have a first name. Choose where it comes from."),
            (Column::LastName, None) => Some("Nobody would have a last name. Choose where it comes from."),
            _ => self.proposed(column)?.look_at.as_deref().filter(|_| !self.is_chosen(column)),
        }
    }

    /// Returns whether somebody has looked at a column.
    pub(crate) fn is_seen(&self, column: Column) -> bool {
        self.seen.contains(&column)
    }

    /// Records whether somebody has looked at a column.
    pub(crate) fn tick(&mut self, column: Column, seen: bool) {
        if seen {
            self.seen.insert(column);
        } else {
            self.seen.remove(&column);
        }
    }

    /// Reads a column from somewhere else; `None` where the file does not have it.
    pub(crate) fn choose(&mut self, column: Column, from: Option<CellSource>) {
        let before = self.profile.columns.remove(&column);
        if let Some(before) = &before {
            self.read_rows_of(before);
        }
        self.values.remove(&column);
        match &from {
            Some(_) => self.seen.insert(column),
            None => self.seen.remove(&column),
        };
        let proposed = self.proposal.profile.columns.get(&column).cloned();
        match (from, proposed) {
            // What was proposed comes back with its values.
            (Some(from), Some(proposed)) if proposed.from == from => {
                self.chosen.remove(&column);
                self.profile.columns.insert(column, proposed);
                let again = MappingEdit::new(self.proposal.clone(), self.schools.clone()).values.remove(&column);
                self.values.extend(again.map(|values| (column, values)));
            }
            (Some(from), _) => {
                self.chosen.insert(column);
                self.without_values.insert(column);
                self.profile.columns.insert(column, from.into());
            }
            (None, _) => {
                self.chosen.insert(column);
            }
        }
    }

    /// Reads the rows again that were left out by the values of a column, unless another column reads its header.
    fn read_rows_of(&mut self, mapped: &MappedColumn) {
        let still: Vec<&str> = self.profile.columns.values().flat_map(|other| other.from.headers()).collect();
        let gone: Vec<&str> = mapped.from.headers().filter(|header| !still.contains(header)).collect();
        self.profile.leave_out.retain(|filter| !gone.contains(&filter.header.as_str()));
    }

    /// Says how a column writes dates.
    pub(crate) fn set_dates(&mut self, column: Column, format: Option<DateFormat>) {
        if let Some(mapped) = self.profile.columns.get_mut(&column) {
            mapped.dates = format;
            self.seen.insert(column);
        }
    }

    /// Returns the values of a column that holds one of a few words.
    pub(crate) fn values(&self, column: Column) -> Option<&SeenValues> {
        self.values.get(&column).filter(|_| matches!(self.source(column), Some(CellSource::Header(_))))
    }

    /// Returns what becomes of the rows with a value.
    pub(crate) fn meaning(&self, column: Column, value: &str) -> ValueMeaning {
        let Some(mapped) = self.profile.columns.get(&column) else { return ValueMeaning::Unclear };
        if self.leaves_out(mapped, value) {
            return ValueMeaning::LeftOut;
        }
        let said = mapped.values.iter().find(|(from, _)| is_same(from, value)).map(|(_, to)| to.clone());
        match said.or_else(|| self.by_itself(column, value)) {
            Some(becomes) => ValueMeaning::Becomes(becomes),
            None => ValueMeaning::Unclear,
        }
    }

    fn leaves_out(&self, mapped: &MappedColumn, value: &str) -> bool {
        let of_column = |filter: &&RowFilter| mapped.from.headers().any(|header| header == filter.header);
        let filters = self.profile.leave_out.iter().filter(of_column);
        filters.flat_map(|filter| &filter.values).any(|other| is_same(other, value))
    }

    /// Returns what a value is read as without being told.
    fn by_itself(&self, column: Column, value: &str) -> Option<String> {
        match column {
            Column::SchoolDistrictExternalId => Some(self.schools.by_external_id(value)?.external_id.clone()),
            _ => words::meaning(column, value).map(str::to_owned),
        }
    }

    /// Says what becomes of the rows with a value.
    pub(crate) fn set_meaning(&mut self, column: Column, value: &str, meaning: ValueMeaning) {
        let by_itself = self.by_itself(column, value);
        let Some(mapped) = self.profile.columns.get_mut(&column) else { return };
        let Some(header) = mapped.from.headers().next().map(str::to_owned) else { return };
        mapped.values.retain(|from, _| !is_same(from, value));
        self.seen.insert(column);
        leave_in(&mut self.profile.leave_out, &header, value);
        match meaning {
            ValueMeaning::LeftOut => leave_out(&mut self.profile.leave_out, header, value),
            ValueMeaning::Becomes(to) if Some(&to) != by_itself.as_ref() => {
                mapped.values.insert(value.to_owned(), to);
            }
            ValueMeaning::Becomes(_) | ValueMeaning::Unclear => {}
        }
    }

    /// Returns how many of the values that are known become nothing.
    pub(crate) fn unclear(&self, column: Column) -> usize {
        let Some(values) = self.values(column) else { return 0 };
        values.counts.iter().filter(|(value, _)| self.meaning(column, value) == ValueMeaning::Unclear).count()
    }

    /// Takes in what the mapping makes of the file.
    pub(crate) fn looked(&mut self, report: LookReport) {
        for (column, values) in report.values {
            // Values that are shown stay in their order: somebody may be at one of them.
            if let Entry::Vacant(place) = self.values.entry(column) {
                place.insert(values);
                if self.without_values.remove(&column) {
                    self.suggest(column);
                }
            }
        }
        self.preview = report.preview;
    }

    /// Says of the values of a column what they probably mean, where they do not say it themselves.
    fn suggest(&mut self, column: Column) {
        let (Some(values), Some(mapped)) = (self.values.get(&column), self.profile.columns.get_mut(&column)) else {
            return;
        };
        let values: Vec<&str> = values.counts.iter().map(|(value, _)| value.as_str()).collect();
        mapped.values = suggested_meanings(column, &values, self.proposal.system.as_deref(), &self.schools);
    }

    /// Returns what has to be done before the mapping can be used, in the order of the columns.
    pub(crate) fn open_points(&self) -> Vec<OpenPoint> {
        // The name has a field of its own.
        let named = MappingProfile { name: "Mapping".to_owned(), ..self.profile.clone() };
        let wrong = named.check().into_iter().map(|problem| {
            let column = match problem.place {
                MappingPlace::Column(column) => Some(column),
                MappingPlace::Filter(_) | MappingPlace::Profile => None,
            };
            OpenPoint { column, is_look: false, what: format!("{} {}", problem.message, problem.hint) }
        });
        let looks = self.columns().into_iter().filter(|column| !self.is_seen(*column)).filter_map(|column| {
            let what = self.look_at(column)?.to_owned();
            Some(OpenPoint { column: Some(column), is_look: true, what })
        });
        let mut points: Vec<OpenPoint> = wrong.chain(looks).collect();
        points.sort_by_key(|point| (!point.column.is_some_and(is_needed), point.column.is_none(), point.column));
        points
    }
}

/// Returns whether a file can't be read without the column.
pub(crate) fn is_needed(column: Column) -> bool {
    use Column::{CustomId, FirstName, LastName, SchoolDistrictExternalId, Status, UserType};
    matches!(column, FirstName | LastName | CustomId | SchoolDistrictExternalId | UserType | Status)
}

/// Compares as mappings compare values.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn leave_out(filters: &mut Vec<RowFilter>, header: String, value: &str) {
    match filters.iter_mut().find(|filter| filter.header == header) {
        Some(filter) => {
            filter.values.insert(value.to_owned());
        }
        None => filters.push(RowFilter { header, values: [value.to_owned()].into() }),
    }
}

fn leave_in(filters: &mut Vec<RowFilter>, header: &str, value: &str) {
    for filter in filters.iter_mut().filter(|filter| filter.header == header) {
        filter.values.retain(|other| !is_same(other, value));
    }
    filters.retain(|filter| !filter.values.is_empty());
}

#[cfg(test)]
mod tests {
    use roster::{MappingFacts, Reading, School, SchoolId, SchoolKind, propose};

    use super::*;

    const EXPORT: &str = "Student_Number,LastFirst,Grade_Level,SchoolID,Enroll_Status,E_Mail,Home_Room\n\
                          1,\"Klein, Ora M\",-1,10,0,ora@x.example,1a\n2,\"Okafor, Ben\",3,10,3,,1a\n3,\"Small, Nia\",0,77,0,,2b\n";

    fn edit() -> MappingEdit {
        let school = School {
            id: SchoolId("s1".to_owned()),
            external_id: "10".to_owned(),
            name: "North School".to_owned(),
            kind: SchoolKind::School,
        };
        let schools = Schools::new(vec![school]);
        let facts = MappingFacts { reading: &Reading::default(), schools: &schools, custom_ids: None };
        let proposal = propose(EXPORT.as_bytes(), &facts).expect("a proposal");
        MappingEdit::new(Arc::new(proposal), Arc::new(schools))
    }

    fn becomes(to: &str) -> ValueMeaning {
        ValueMeaning::Becomes(to.to_owned())
    }

    #[test]
    fn what_is_not_changed_is_what_was_proposed() {
        let mut edit = edit();
        assert_eq!(edit.profile(), &edit.proposal().profile);
        assert!(edit.open_points().iter().all(|point| point.is_look), "{:?}", edit.open_points());
        for column in edit.columns() {
            edit.tick(column, true);
        }
        assert_eq!((edit.open_points(), edit.profile()), (Vec::new(), &edit.proposal().profile));
    }

    #[test]
    fn a_mapping_that_no_longer_fits_gives_what_the_file_still_has() {
        let mut misfit = edit().profile().clone();
        misfit.columns.insert(Column::UserType, CellSource::Fixed("Teacher".to_owned()).into());
        misfit.columns.insert(Column::CustomId, CellSource::Header("Old_Number".to_owned()).into());
        misfit.columns.insert(Column::Position, CellSource::Header("Home_Room".to_owned()).into());
        misfit.headers.insert("oldnumber".to_owned());
        let filter = |header: &str| RowFilter { header: header.to_owned(), values: ["3".to_owned()].into() };
        misfit.leave_out = vec![filter("Enroll_Status"), filter("Old_Number")];
        let MappingEdit { proposal, schools, .. } = edit();
        let edit = MappingEdit::of_misfit(proposal, schools, &misfit);
        let source = |column| edit.source(column).cloned();
        assert_eq!(source(Column::CustomId), Some(CellSource::Header("Student_Number".to_owned())), "as proposed");
        assert_eq!(source(Column::UserType), Some(CellSource::Fixed("Teacher".to_owned())));
        assert_eq!(source(Column::Position), Some(CellSource::Header("Home_Room".to_owned())));
        assert_eq!(edit.profile().leave_out, [filter("Enroll_Status")]);
        assert!(edit.is_chosen(Column::Position) && !edit.is_seen(Column::CustomId));
        assert_eq!(edit.profile().check(), []);
    }

    #[test]
    fn what_is_marked_is_open_until_it_is_ticked_or_changed() {
        let mut edit = edit();
        let is_open = |edit: &MappingEdit, column| edit.open_points().iter().any(|point| point.column == Some(column));
        for column in [Column::Status, Column::UserType, Column::SchoolDistrictExternalId] {
            assert!(is_open(&edit, column), "{column:?}: {:?}", edit.open_points());
        }
        edit.tick(Column::Status, true);
        edit.choose(Column::UserType, Some(CellSource::Fixed("Teacher".to_owned())));
        edit.set_meaning(Column::SchoolDistrictExternalId, "77", ValueMeaning::LeftOut);
        assert_eq!(edit.open_points(), []);
        edit.tick(Column::Status, false);
        assert!(is_open(&edit, Column::Status));
    }

    #[test]
    fn a_needed_column_without_a_source_is_open() {
        let mut edit = edit();
        edit.choose(Column::CustomId, None);
        let point = edit.open_points().into_iter().find(|point| point.column == Some(Column::CustomId)).unwrap();
        assert!(!point.is_look && point.what.contains("Choose the header that has it."), "{point:?}");
        edit.choose(Column::CustomId, Some(CellSource::Header("Student_Number".to_owned())));
        assert!(!edit.is_chosen(Column::CustomId), "it is what was proposed");
    }

    #[test]
    fn a_value_becomes_what_is_said_or_its_rows_are_left_out() {
        let mut edit = edit();
        assert_eq!(edit.meaning(Column::Grade, "-1"), becomes("PreK"));
        assert_eq!(edit.meaning(Column::Grade, "3"), becomes("3"));
        assert_eq!(edit.meaning(Column::SchoolDistrictExternalId, "10"), becomes("10"));
        assert_eq!((edit.unclear(Column::SchoolDistrictExternalId), edit.unclear(Column::Grade)), (1, 0));
        edit.set_meaning(Column::SchoolDistrictExternalId, "77", becomes("10"));
        assert_eq!(edit.profile().columns[&Column::SchoolDistrictExternalId].values["77"], "10");
        assert_eq!(edit.unclear(Column::SchoolDistrictExternalId), 0);
        edit.set_meaning(Column::Grade, "3", becomes("4"));
        edit.set_meaning(Column::Grade, "3", becomes("3"));
        assert!(!edit.profile().columns[&Column::Grade].values.contains_key("3"), "it means that by itself");
        edit.set_meaning(Column::Status, "3", ValueMeaning::LeftOut);
        assert_eq!(edit.meaning(Column::Status, " 3 "), ValueMeaning::LeftOut);
        assert_eq!(edit.profile().leave_out[0].header, "Enroll_Status");
        edit.set_meaning(Column::Status, "3", becomes("Disabled"));
        assert_eq!((edit.profile().leave_out.len(), edit.meaning(Column::Status, "3")), (0, becomes("Disabled")));
        assert_eq!(edit.profile().check(), []);
    }

    #[test]
    fn another_header_takes_no_values_of_the_one_before_along() {
        let mut edit = edit();
        edit.set_meaning(Column::Status, "3", ValueMeaning::LeftOut);
        edit.choose(Column::Status, Some(CellSource::Header("Home_Room".to_owned())));
        let mapped = &edit.profile().columns[&Column::Status];
        assert!(
            mapped.values.is_empty() && edit.profile().leave_out.is_empty() && edit.values(Column::Status).is_none()
        );
        edit.choose(Column::Status, Some(CellSource::Header("Enroll_Status".to_owned())));
        assert_eq!(edit.meaning(Column::Status, "3"), becomes("Disabled"), "the proposal is back");
        assert!(edit.values(Column::Status).is_some());
    }

    #[test]
    fn nobody_is_left_without_a_name_unless_somebody_says_so() {
        let mut edit = edit();
        edit.choose(Column::LastName, None);
        let look = edit.open_points().into_iter().find(|point| point.column == Some(Column::LastName));
        assert_eq!(look.map(|point| point.is_look), Some(true));
        edit.tick(Column::LastName, true);
        assert!(edit.open_points().iter().all(|point| point.column != Some(Column::LastName)));
        edit.choose(Column::LastName, Some(CellSource::Header("Home_Room".to_owned())));
        edit.choose(Column::LastName, None);
        assert!(!edit.is_seen(Column::LastName), "it is asked again");
    }

    #[test]
    fn the_values_of_a_chosen_header_have_a_suggestion_each() {
        let mut edit = edit();
        let values = |words: [&str; 3]| SeenValues { counts: words.map(|word| (word.to_owned(), 1)).into(), more: 0 };
        let report = |values: SeenValues| LookReport { values: [(Column::Status, values)].into(), preview: Vec::new() };
        edit.choose(Column::Status, Some(CellSource::Header("Home_Room".to_owned())));
        edit.looked(report(values(["ACTV", "LEFT", "??"])));
        let meanings = ["ACTV", "LEFT", "??"].map(|value| edit.meaning(Column::Status, value));
        assert_eq!(meanings, [becomes("Active"), becomes("Disabled"), ValueMeaning::Unclear]);
        edit.set_meaning(Column::Status, "LEFT", ValueMeaning::LeftOut);
        edit.looked(report(values(["ACTV", "LEFT", "??"])));
        assert_eq!(edit.meaning(Column::Status, "LEFT"), ValueMeaning::LeftOut, "what somebody said stays");
    }

    #[test]
    fn a_mapping_in_use_is_edited_from_where_it_stands() {
        let first = edit();
        let mut used = first.profile().clone();
        used.columns.insert(Column::Status, CellSource::Fixed("Active".to_owned()).into());
        used.name = "SIS".to_owned();
        let edit = MappingEdit::of_used(first.proposal.clone(), first.schools.clone(), &used);
        assert_eq!((edit.profile(), edit.open_points()), (&used, Vec::new()));
        assert!(edit.is_chosen(Column::Status) && !edit.is_chosen(Column::Grade));
    }
}
