//! What is wrong with a profile: what, where, and how to put it right.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CellSource, MappedColumn, MappingProfile, header_key};
use crate::model::{Column, Presence};

/// Where something is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingPlace {
    /// The whole profile, or all of them.
    Profile,
    Column(Column),
    /// The filter of rows at this place of the list.
    Filter(usize),
}

/// One thing that is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingProblem {
    /// The name of the profile.
    pub profile: String,
    pub place: MappingPlace,
    /// What is wrong, in one sentence.
    pub message: String,
    /// How to put it right.
    pub hint: String,
}

impl fmt::Display for MappingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The mapping \u{201c}{}\u{201d}: {} {}", self.profile, self.message, self.hint)
    }
}

/// Checks all profiles of an organisation: each by itself, and that they can be told apart.
pub fn check_profiles(profiles: &[MappingProfile]) -> Vec<MappingProblem> {
    let mut problems: Vec<MappingProblem> = profiles.iter().flat_map(MappingProfile::check).collect();
    let whole = |profile: &MappingProfile, message: String, hint: &str| MappingProblem {
        profile: profile.name.clone(),
        place: MappingPlace::Profile,
        message,
        hint: hint.to_owned(),
    };
    if let Some(last) = profiles.get(MappingProfile::MOST) {
        let message = format!("There are {} mappings, and at most {}.", profiles.len(), MappingProfile::MOST);
        problems.push(whole(last, message, "Delete those that no file needs any more."));
    }
    let bytes: usize = profiles.iter().map(|profile| serde_json::to_vec(profile).map_or(0, |json| json.len())).sum();
    if let Some(last) = profiles.last().filter(|_| bytes > MappingProfile::MOST_BYTES) {
        let message = format!("The mappings take {bytes} bytes, and at most {}.", MappingProfile::MOST_BYTES);
        problems.push(whole(last, message, "Delete some, or take values out of their lists."));
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut files: BTreeMap<_, &str> = BTreeMap::new();
    for profile in profiles {
        if !names.insert(profile.name.trim().to_lowercase()) {
            let message = "Another mapping has this name.".to_owned();
            problems.push(whole(profile, message, "Give each mapping a name of its own."));
        }
        if let Some(other) = files.insert((profile.source.clone(), profile.headers.clone()), &profile.name) {
            let message = format!("\u{201c}{other}\u{201d} is for the same headers of the same source.");
            problems.push(whole(profile, message, "Keep one of them, or tie each to a source of its own."));
        }
    }
    problems
}

impl MappingProfile {
    /// The most profiles of an organisation.
    pub const MOST: usize = 50;
    /// The most bytes of JSON that all of them take.
    ///
    /// They are kept with the other settings, in one item of the table.
    pub const MOST_BYTES: usize = 150_000;
    /// The most values of one list.
    pub const MOST_VALUES: usize = 200;
    /// The longest name, header or value, in characters.
    pub const MOST_CHARS: usize = 100;
    /// The most headers of a file, and the most that one cell is made of.
    const MOST_HEADERS: usize = 1000;
    const MOST_SOURCES: usize = 10;
    const MOST_FILTERS: usize = 20;

    /// Returns all that is wrong with the profile by itself.
    pub fn check(&self) -> Vec<MappingProblem> {
        let mut check = ProfileCheck { profile: self, problems: Vec::new() };
        check.names();
        for (column, mapped) in &self.columns {
            check.column(*column, mapped);
        }
        check.needed();
        check.secrets();
        check.filters();
        check.problems
    }
}

struct ProfileCheck<'p> {
    profile: &'p MappingProfile,
    problems: Vec<MappingProblem>,
}

impl ProfileCheck<'_> {
    fn add(&mut self, place: MappingPlace, message: impl Into<String>, hint: impl Into<String>) {
        let profile = self.profile.name.chars().take(MappingProfile::MOST_CHARS).collect();
        self.problems.push(MappingProblem { profile, place, message: message.into(), hint: hint.into() });
    }

    fn names(&mut self) {
        let MappingProfile { name, headers, .. } = self.profile;
        if name.trim().is_empty() || is_too_long(name) || name.chars().any(char::is_control) {
            let message = "The name is missing, too long or has characters that can't be printed.";
            self.add(MappingPlace::Profile, message, "Type a name of up to 100 characters.");
        }
        if headers.is_empty() || headers.len() > MappingProfile::MOST_HEADERS {
            let message = format!("It is made for a file with {} headers.", headers.len());
            self.add(MappingPlace::Profile, message, "Propose it from a file with 1 to 1,000 headers.");
        }
        if let Some(wrong) = headers.iter().find(|key| key.is_empty() || **key != header_key(key)) {
            let message = format!("\u{201c}{}\u{201d} is no header in small letters and digits only.", shown(wrong));
            self.add(MappingPlace::Profile, message, "Propose it from the file once more.");
        }
    }

    fn column(&mut self, column: Column, mapped: &MappedColumn) {
        let MappedColumn { from, values, dates } = mapped;
        let place = || MappingPlace::Column(column);
        let name = column.header();
        if column.spec().presence == Presence::Ours {
            self.add(place(), format!("{name} is written by Rollbook, and never read."), "Leave the column out.");
        }
        let headers: Vec<&str> = from.headers().collect();
        let needs = match from {
            CellSource::Fixed(_) => 0..=0,
            CellSource::Header(_) | CellSource::NamePart { .. } => 1..=1,
            CellSource::FirstOf(_) | CellSource::Joined { .. } => 2..=MappingProfile::MOST_SOURCES,
        };
        if !needs.contains(&headers.len()) {
            let hint = format!("Choose 2 to {} of them.", MappingProfile::MOST_SOURCES);
            self.add(place(), format!("{name} comes from {} headers.", headers.len()), hint);
        }
        let mut keys = BTreeSet::new();
        for header in headers {
            self.header(place(), name, header);
            if !keys.insert(header_key(header)) {
                let message = format!("{name} reads \u{201c}{}\u{201d} twice.", shown(header));
                self.add(place(), message, "Choose each header once.");
            }
        }
        match from {
            CellSource::Fixed(value) if value.trim().is_empty() || is_too_long(value) => {
                let hint = "Type a value of up to 100 characters, or leave the column out.";
                self.add(place(), format!("The value of {name} is empty or too long."), hint);
            }
            CellSource::Fixed(_) if column.spec().secret || is_unique(column) => {
                let message = format!("{name} is the same in every row, and has to be each person's own.");
                self.add(place(), message, "Choose the header that has it.");
            }
            CellSource::Joined { with, .. } if with.chars().count() > 10 => {
                let hint = "Type up to 10 characters, such as a space.";
                self.add(place(), format!("The text between the parts of {name} is too long."), hint);
            }
            CellSource::NamePart { .. } if !is_name(column) => {
                let message = format!("{name} is no name, and reads a part of one.");
                self.add(place(), message, "Choose a whole cell.");
            }
            _ => {}
        }
        self.values(column, values);
        if dates.as_ref().is_some_and(|dates| !is_date(column) || !dates.is_right()) {
            let hint = "Write a date column's format like MM/DD/YYYY or DD.MM.YYYY.";
            self.add(
                place(),
                format!("{name} has a date format that says no year, month and day, or needs none."),
                hint,
            );
        }
    }

    fn values(&mut self, column: Column, values: &BTreeMap<String, String>) {
        let (place, name) = (|| MappingPlace::Column(column), column.header());
        if values.len() > MappingProfile::MOST_VALUES {
            let message = format!("{name} has a list of {} values, and at most 200.", values.len());
            self.add(place(), message, "Keep those that need another meaning.");
        }
        if values.iter().any(|(from, to)| is_too_long(from) || is_too_long(to)) {
            let hint = "Keep values within 100 characters.";
            self.add(place(), format!("A value in the list of {name} is too long."), hint);
        }
        if !values.is_empty() && column.spec().secret {
            let message = format!("{name} has a list of values, and settings hold no secrets.");
            self.add(place(), message, "Read the cells as they are.");
        }
        let mut known: BTreeMap<String, &str> = BTreeMap::new();
        for (from, to) in values {
            if known.insert(super::value_key(from), to).is_some_and(|other| other != to) {
                let message = format!("\u{201c}{}\u{201d} means two things in {name}.", shown(from));
                self.add(place(), message, "Capitals and blanks make no difference: keep one of them.");
            }
        }
    }

    /// Whoever is in the file needs a name, an ID, a school, a type and a status.
    fn needed(&mut self) {
        let columns = &self.profile.columns;
        let has = |column: &Column| columns.contains_key(column);
        if !has(&Column::FirstName) && !has(&Column::LastName) {
            let hint = "Choose where first_name or last_name comes from.";
            self.add(MappingPlace::Column(Column::LastName), "Nobody has a name.", hint);
        }
        let needed = [Column::CustomId, Column::SchoolDistrictExternalId, Column::UserType, Column::Status].into_iter();
        for column in needed.filter(|column| !has(column)) {
            let message = format!("{} comes from nowhere, and is needed.", column.header());
            let hint = match column {
                Column::CustomId => "Choose the header that has it.",
                _ => "Choose the header that has it, or one value for every row.",
            };
            self.add(MappingPlace::Column(column), message, hint);
        }
    }

    /// What goes into a password is gone from every file that is kept, so that nothing else may depend on it.
    fn secrets(&mut self) {
        let keys = |mapped: &MappedColumn| mapped.from.headers().map(header_key).collect::<Vec<_>>();
        let columns = self.profile.columns.iter();
        let (secret, others): (Vec<_>, Vec<_>) = columns.partition(|(column, _)| column.spec().secret);
        let mut elsewhere: BTreeSet<String> = others.iter().flat_map(|(_, mapped)| keys(mapped)).collect();
        elsewhere.extend(self.profile.leave_out.iter().map(|filter| header_key(&filter.header)));
        for (column, mapped) in secret {
            if let Some(shared) = mapped.from.headers().find(|header| elsewhere.contains(&header_key(header))) {
                let message =
                    format!("\u{201c}{}\u{201d} is read as a password, and as something else.", shown(shared));
                let hint = "Choose another header: what may be a password is kept in no file.";
                self.add(MappingPlace::Column(*column), message, hint);
            }
        }
    }

    fn filters(&mut self) {
        let filters = &self.profile.leave_out;
        if filters.len() > MappingProfile::MOST_FILTERS {
            let message = format!("There are {} lists of rows to leave out, and at most 20.", filters.len());
            self.add(MappingPlace::Profile, message, "Delete some.");
        }
        for (i, filter) in filters.iter().enumerate() {
            let place = || MappingPlace::Filter(i);
            self.header(place(), "A list of rows to leave out", &filter.header);
            let wrong = filter.values.is_empty() || filter.values.len() > MappingProfile::MOST_VALUES;
            if wrong || filter.values.iter().any(|value| is_too_long(value)) {
                let message =
                    format!("\u{201c}{}\u{201d} has no values, too many or too long ones.", shown(&filter.header));
                self.add(place(), message, "Name 1 to 200 values of up to 100 characters.");
            }
        }
    }

    fn header(&mut self, place: MappingPlace, what: &str, header: &str) {
        let key = header_key(header);
        if key.is_empty() || is_too_long(header) {
            let message = format!("{what} reads a header that has no letters, or too many.");
            self.add(place, message, "Choose one of the file's headers.");
        } else if !self.profile.headers.contains(&key) {
            let message = format!("{what} reads \u{201c}{}\u{201d}, which the file does not have.", shown(header));
            self.add(place, message, "Choose one of the file's headers.");
        }
    }
}

fn is_too_long(text: &str) -> bool {
    text.chars().count() > MappingProfile::MOST_CHARS
}

fn shown(text: &str) -> String {
    text.chars().take(MappingProfile::MOST_CHARS).collect()
}

fn is_name(column: Column) -> bool {
    matches!(column, Column::FirstName | Column::LastName | Column::MiddleName)
}

fn is_unique(column: Column) -> bool {
    matches!(column, Column::CustomId | Column::Username | Column::UserGuid)
}

fn is_date(column: Column) -> bool {
    use Column::{ClassEndDate, ClassStartDate, EnrolmentEndDate, EnrolmentStartDate};
    matches!(column, ClassStartDate | ClassEndDate | EnrolmentStartDate | EnrolmentEndDate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{DateFormat, NameOrder, NamePart, RowFilter};

    /// Checks that the identity profile, changed by `change`, has just one problem there, which says so.
    #[track_caller]
    fn check(change: impl FnOnce(&mut MappingProfile), place: MappingPlace, says: &str) {
        let mut profile = MappingProfile::identity();
        change(&mut profile);
        let problems = profile.check();
        let found: Vec<_> = problems.iter().map(|problem| (&problem.place, problem.to_string())).collect();
        assert!(found.len() == 1 && *found[0].0 == place && found[0].1.contains(says), "{found:#?}");
    }

    fn source(from: CellSource, column: Column) -> impl FnOnce(&mut MappingProfile) {
        move |profile| {
            profile.headers.extend(from.headers().map(header_key));
            profile.columns.insert(column, from.into());
        }
    }

    #[test]
    fn what_is_wrong_is_said_where_it_is() {
        let text = |text: &str| text.to_owned();
        assert_eq!(MappingProfile::identity().check(), []);
        check(|p| p.name = " ".to_owned(), MappingPlace::Profile, "name is missing");
        check(|p| p.name = "x".repeat(101), MappingPlace::Profile, "up to 100");
        check(|p| p.headers.extend(["A B".to_owned()]), MappingPlace::Profile, "small letters");
        let of = MappingPlace::Column;
        check(|p| drop(p.columns.remove(&Column::CustomId)), of(Column::CustomId), "comes from nowhere");
        check(source(CellSource::Fixed(text(" ")), Column::Status), of(Column::Status), "empty or too long");
        check(source(CellSource::Fixed(text("7")), Column::CustomId), of(Column::CustomId), "each person's own");
        check(source(CellSource::Header(text("x")), Column::Error), of(Column::Error), "written by Rollbook");
        check(source(CellSource::FirstOf(vec![text("a")]), Column::Email), of(Column::Email), "comes from 1 headers");
        let twice = CellSource::FirstOf(vec![text("E-Mail"), text("email")]);
        check(source(twice, Column::Email), of(Column::Email), "twice");
        let part = |part| CellSource::NamePart { header: text("n"), order: NameOrder::FirstLast, part };
        check(source(part(NamePart::Last), Column::Email), of(Column::Email), "no name");
        let foreign = |p: &mut MappingProfile| {
            p.columns.insert(Column::Email, CellSource::Header(text("Mail")).into());
        };
        check(foreign, of(Column::Email), "does not have");
        let joined = CellSource::Joined { headers: vec![text("a"), text("b")], with: text("-----------") };
        check(source(joined, Column::Email), of(Column::Email), "between the parts");
        let values = |column: Column, values: &[(&str, &str)]| {
            let values: BTreeMap<String, String> = values.iter().map(|(a, b)| (text(a), text(b))).collect();
            move |p: &mut MappingProfile| p.columns.get_mut(&column).expect("a column").values = values
        };
        check(values(Column::Grade, &[("kg", "K"), ("KG ", "1")]), of(Column::Grade), "two things");
        let many: Vec<(String, String)> = (0..201).map(|i| (i.to_string(), text("K"))).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        check(values(Column::Grade, &many), of(Column::Grade), "at most 200");
        let long = "x".repeat(101);
        check(values(Column::Grade, &[(&long, "K")]), of(Column::Grade), "too long");
        let dates = |p: &mut MappingProfile| {
            p.columns.get_mut(&Column::Grade).expect("a column").dates = Some(DateFormat(text("MM/DD/YYYY")));
        };
        check(dates, of(Column::Grade), "date format");
        let shared = CellSource::Joined { headers: vec![text("custom_id"), text("pin")], with: String::new() };
        check(source(shared, Column::Password), of(Column::Password), "as a password, and as something else");
        let filter = |values: &[&str]| RowFilter {
            header: text("status"),
            values: values.iter().map(|value| text(value)).collect(),
        };
        check(|p| p.leave_out.push(filter(&[])), MappingPlace::Filter(0), "no values");
        check(|p| p.leave_out = vec![filter(&["x"]); 21], MappingPlace::Profile, "at most 20");
    }

    #[test]
    fn profiles_can_be_told_apart() {
        let named = |name: &str| MappingProfile { name: name.to_owned(), ..MappingProfile::identity() };
        let says = |profiles: &[MappingProfile]| {
            check_profiles(profiles).iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(says(&[named("One")]), "");
        let headers = named("").headers.into_iter().chain(["x".to_owned()]).collect();
        let other = MappingProfile { headers, ..named("Two") };
        assert_eq!(says(&[named("One"), other.clone()]), "");
        assert!(says(&[named("One"), named("Two")]).contains("for the same headers"));
        assert!(says(&[named("one"), MappingProfile { name: "One".to_owned(), ..other }]).contains("has this name"));
        let many: Vec<MappingProfile> = (0..51).map(|i| named(&i.to_string())).collect();
        assert!(says(&many).contains("at most 50"));
    }
}
