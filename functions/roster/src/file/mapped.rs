//! Files of other systems, read by a mapping profile.
//!
//! Rows stay as they were sent: what a profile makes of them stands beside them. So the error file, the kept copy and
//! what is taken out of it are the same as of any other file.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use csv::StringRecord;

use crate::file::reading::Reading;
use crate::model::finding::shorten;
use crate::model::{Code, Column, Finding, Presence};
use crate::settings::{
    CellSource, DateFormat, MappedColumn, MappingProfile, NameOrder, NamePart, header_key, value_key,
};

use super::cell;
use super::header::{self, PlaceContent, Understood};

/// How alike a header that is gone and a new one are for the one to be perhaps the other: 0 to 1.
const PERHAPS: f64 = 0.6;
/// How many headers a finding names.
const NAMED: usize = 20;
/// Columns that tell which kind of people a file is about.
const TELLING: [Column; 5] =
    [Column::UserType, Column::Grade, Column::Position, Column::SchoolDistrictExternalId, Column::Status];

/// Whether a profile reads a file.
pub(crate) enum ProfileFit {
    /// The file has to be understood by itself.
    NoProfile,
    Reads(Box<FileMapping>),
    /// One was made for such files, and does not fit this one any more: this says what changed.
    Misfit(Finding),
}

/// A profile, and where a file has what it reads.
pub(crate) struct FileMapping {
    pub profile: MappingProfile,
    /// Up to the last one that has a header.
    pub places: Vec<PlaceContent>,
    /// For each place whether its cells can't be secrets.
    pub harmless: Vec<bool>,
    /// For each header whether it may be shown and kept.
    pub shown: Vec<bool>,
    /// What was read otherwise than written, and what has changed since the profile was made.
    pub notes: Vec<Finding>,
    columns: Vec<ColumnReader>,
    filters: Vec<FilterReader>,
}

/// How the cells of a column are read. Cells are numbered as a row has them: those that are read.
struct ColumnReader {
    column: Column,
    from: PlacedSource,
    values: HashMap<String, String>,
    dates: Option<DateFormat>,
}

enum PlacedSource {
    Cell(usize),
    FirstOf(Vec<usize>),
    Joined(Vec<usize>, String),
    NamePart(usize, NameOrder, NamePart),
    Fixed(String),
}

struct FilterReader {
    header: String,
    cell: usize,
    values: HashSet<String>,
}

/// Returns how many of the cells are headers that a profile reads. Where it finds all of them, that is more than any
/// row has cells.
pub(crate) fn named(cells: &[String], reading: &Reading) -> usize {
    const ALL: usize = 10_000_000;
    if reading.settings.strict_format || reading.settings.profiles.is_empty() {
        return 0;
    }
    let keys: HashSet<String> = cells.iter().map(|cell| header_key(cell)).collect();
    let of_profile = |profile: &MappingProfile| {
        let used: HashSet<String> = profile.used_headers().map(header_key).collect();
        let found = used.iter().filter(|key| keys.contains(*key)).count();
        let is_whole = found == used.len() && found > 0 && !used.contains("");
        if is_whole { ALL + found } else { found }
    };
    reading.settings.profiles.iter().map(of_profile).max().unwrap_or(0)
}

/// Returns the profile that reads a file with these headers. One whose headers are all there is used, and what else
/// changed is noted. Where one misses some of them, nobody is guessed: the file would be read in another way than before.
pub(crate) fn fit(header: &[String], reading: &Reading) -> ProfileFit {
    if reading.settings.strict_format || reading.settings.profiles.is_empty() {
        return ProfileFit::NoProfile;
    }
    let file = FileHeaders::new(header);
    let mut fits: Vec<HeaderDifference> =
        reading.settings.profiles.iter().filter_map(|profile| HeaderDifference::of(profile, &file)).collect();
    fits.sort_by_key(HeaderDifference::rank);
    match fits.into_iter().next() {
        None => ProfileFit::NoProfile,
        Some(fit) if !fit.missing.is_empty() => ProfileFit::Misfit(fit.misfit(&file)),
        Some(fit) => match repeated(fit.profile, &file) {
            Some(finding) => ProfileFit::Misfit(finding),
            None => ProfileFit::Reads(Box::new(FileMapping::new(fit, &file))),
        },
    }
}

/// The headers of a file.
struct FileHeaders<'h> {
    header: &'h [String],
    keys: Vec<String>,
    /// Places of columns that we add to files that we give back.
    added: HashMap<usize, Column>,
    /// All headers are ours, exactly.
    is_ours: bool,
    /// It has a column that only files of ours have, which lack what was not read.
    is_returned: bool,
}

impl<'h> FileHeaders<'h> {
    fn new(header: &'h [String]) -> FileHeaders<'h> {
        let own = |header: &String| Column::from_header(cell::trim(header));
        let is_added = |column: &Column| {
            let of_us = column.spec().presence == Presence::Ours;
            of_us || matches!(column, Column::UserGuid | Column::Username | Column::ClassGuid)
        };
        let added = header.iter().enumerate().filter_map(|(place, header)| Some((place, own(header)?)));
        let added: HashMap<usize, Column> = added.filter(|(_, column)| is_added(column)).collect();
        FileHeaders {
            header,
            keys: header.iter().map(|header| header_key(header)).collect(),
            is_ours: header.iter().all(|header| own(header).is_some()),
            is_returned: added.values().any(|column| column.spec().presence == Presence::Ours),
            added,
        }
    }

    fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|own| own == key)
    }

    fn named(&self, place: usize, shown: bool) -> String {
        if shown {
            format!("\u{201c}{}\u{201d}", shorten(cell::trim(&self.header[place])))
        } else {
            header::at_columns(&[place])
        }
    }
}

/// What differs between the headers that a profile was made for and those of a file.
struct HeaderDifference<'p> {
    profile: &'p MappingProfile,
    /// Headers that it reads and that are not there, as it writes them.
    missing: Vec<&'p str>,
    /// Other headers that are not there, in the form of keys.
    gone: Vec<&'p str>,
    /// Places of headers that it does not know.
    new: Vec<usize>,
}

impl<'p> HeaderDifference<'p> {
    /// Returns how a file differs that is of the profile's kind; `None` for another file.
    fn of(profile: &'p MappingProfile, file: &FileHeaders) -> Option<HeaderDifference<'p>> {
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut missing: Vec<&str> = Vec::new();
        for header in profile.used_headers() {
            let key = header_key(header);
            let there = file.has(&key);
            if used.insert(key) && !there {
                missing.push(header);
            }
        }
        let gone: Vec<&str> = profile.headers.iter().map(String::as_str).filter(|key| !file.has(key)).collect();
        let is_new = |place: &usize| {
            let key = &file.keys[*place];
            !key.is_empty() && !profile.headers.contains(key) && !file.added.contains_key(place)
        };
        let new: Vec<usize> = (0..file.keys.len()).filter(is_new).collect();
        let is_exact = gone.is_empty() && new.is_empty();
        let there = profile.headers.len() - gone.len();
        // Whoever takes the column Error out of our file leaves the headers that are read. Where most headers are none of
        // the profile's, the file is of another kind that happens to have what the profile reads.
        let most_are_known = there * 2 >= profile.headers.len() && new.len() <= there;
        let is_alike = file.is_returned || new.is_empty() || most_are_known;
        let most_are_there = missing.len() * 3 <= used.len();
        let gone = gone.into_iter().filter(|key| !file.is_returned && !used.contains(*key)).collect();
        let is_of_kind = is_exact || (is_alike && most_are_there && !file.is_ours);
        // Settings that were not checked may name a header without letters, which every file has.
        (is_of_kind && !used.is_empty() && !used.contains("")).then_some(HeaderDifference {
            profile,
            missing,
            gone,
            new,
        })
    }

    /// Returns by what the best profile comes first: it finds all that it reads, little has changed, and it is for files
    /// of one source.
    fn rank(&self) -> (usize, usize, bool) {
        (self.missing.len(), self.gone.len() + self.new.len(), self.profile.source.is_none())
    }

    fn misfit(&self, file: &FileHeaders) -> Finding {
        let shown = header::shown(file.header);
        let perhaps = |key: &str| {
            let scored =
                self.new.iter().map(|&place| (place, strsim::normalized_damerau_levenshtein(key, &file.keys[place])));
            scored.filter(|(_, score)| *score >= PERHAPS).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(place, _)| place)
        };
        let mut near: BTreeSet<usize> = BTreeSet::new();
        let gone = |header: &&str| match perhaps(&header_key(header)) {
            Some(place) => {
                near.insert(place);
                format!("\u{201c}{}\u{201d} (perhaps {} now)", shorten(header), file.named(place, true))
            }
            None => format!("\u{201c}{}\u{201d}", shorten(header)),
        };
        let gone = listed(self.missing.iter().map(gone).collect());
        let new =
            listed(self.new.iter().map(|&place| file.named(place, shown[place] || near.contains(&place))).collect());
        let new = if new.is_empty() { String::new() } else { format!(" New: {new}.") };
        let value = Some(self.profile.name.clone());
        Finding { value, ..Finding::file(Code::MappingMisfit) }.expecting(format!("Gone: {gone}.{new}"))
    }

    /// Returns the doubt about values that are the same in every row, where a new header says that the file has a column
    /// of the kind which nobody reads: a mapping for staff may have met an export of students.
    fn fixed_doubt(&self, file: &FileHeaders) -> Option<Finding> {
        let is_fixed = |column: &Column| {
            self.profile.columns.get(column).is_some_and(|mapped| matches!(mapped.from, CellSource::Fixed(_)))
        };
        let fixed = [Column::UserType, Column::SchoolDistrictExternalId].into_iter().find(is_fixed)?;
        let tells = |place: &&usize| {
            header::name_meaning(cell::trim(&file.header[**place])).is_some_and(|(column, certainty)| {
                let is_read = self.profile.columns.contains_key(&column) && !is_fixed(&column);
                TELLING.contains(&column) && !is_read && certainty <= header::Certainty::Sure
            })
        };
        let telling: Vec<String> = self.new.iter().filter(tells).map(|&place| file.named(place, true)).collect();
        if telling.is_empty() {
            return None;
        }
        let (column, value) = (Some(fixed.header().to_owned()), Some(self.profile.name.clone()));
        let doubt = Finding { column, value, ..Finding::file(Code::MappingFixedDoubtful) };
        Some(doubt.expecting(format!("New: {}.", listed(telling))))
    }

    /// Returns the note about headers that changed and are not read.
    fn changed(&self, file: &FileHeaders, shown: &[bool]) -> Option<Finding> {
        let gone = self.gone.iter().map(|key| format!("\u{201c}{}\u{201d}", shorten(key))).collect();
        let new = self.new.iter().map(|&place| file.named(place, shown[place])).collect();
        let named = [("Gone", listed(gone)), ("New", listed(new))].into_iter().filter(|(_, names)| !names.is_empty());
        let what: Vec<String> = named.map(|(what, names)| format!("{what}: {names}.")).collect();
        if what.is_empty() {
            return None;
        }
        let value = Some(self.profile.name.clone());
        Some(Finding { value, ..Finding::file(Code::MappingHeadersChanged) }.expecting(what.join(" ")))
    }
}

fn listed(mut names: Vec<String>) -> String {
    if names.len() > NAMED {
        let more = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

/// Returns the headers that any of the profiles makes a password of, in the form of keys. Files keep nothing of them, also
/// one that no profile reads.
pub(crate) fn secret_keys(reading: &Reading) -> HashSet<String> {
    let columns = reading.settings.profiles.iter().flat_map(|profile| &profile.columns);
    let secret = columns.filter(|(column, _)| column.spec().secret);
    secret.flat_map(|(_, mapped)| mapped.from.headers()).map(header_key).collect()
}

/// Returns the finding that a header that is read stands above several columns.
fn repeated(profile: &MappingProfile, file: &FileHeaders) -> Option<Finding> {
    profile.used_headers().find_map(|header| {
        let key = header_key(header);
        let places: Vec<usize> = (0..file.keys.len()).filter(|&place| file.keys[place] == key).collect();
        let expected = || format!("Expected each header once; it stands above {}.", header::at_columns(&places));
        let column = Some(shorten(header));
        (places.len() > 1).then(|| Finding { column, ..Finding::file(Code::HeaderRepeated) }.expecting(expected()))
    })
}

impl FileMapping {
    /// Takes a profile whose headers are all there, each once.
    fn new(fit: HeaderDifference, file: &FileHeaders) -> FileMapping {
        let profile = fit.profile.clone();
        let mut places = vec![PlaceContent::LeftOut; file.header.len()];
        for (place, column) in &file.added {
            if !profile.columns.contains_key(column) {
                places[*place] = PlaceContent::Of(*column);
            }
        }
        let place_of = |header: &str| {
            let key = header_key(header);
            file.keys.iter().position(|own| *own == key).unwrap_or_default()
        };
        profile.leave_out.iter().for_each(|filter| places[place_of(&filter.header)] = PlaceContent::Part);
        for (column, mapped) in &profile.columns {
            for header in mapped.from.headers() {
                let place = &mut places[place_of(header)];
                let is_alone = mapped.from.is_whole() && *place == PlaceContent::LeftOut;
                let is_column = column.spec().secret || is_alone;
                *place = if is_column { PlaceContent::Of(*column) } else { PlaceContent::Part };
            }
        }
        while places.len() > 1 && file.keys[places.len() - 1].is_empty() && !is_read(&places[places.len() - 1]) {
            places.pop();
        }
        let harmless_by_name = header::harmless_by_name(file.header);
        let is_secret = |content: &PlaceContent| content.column().is_some_and(|column| column.spec().secret);
        let harmless = places.iter().zip(&harmless_by_name).map(|(content, by_name)| match content {
            content if is_read(content) => !is_secret(content),
            _ => *by_name,
        });
        let harmless: Vec<bool> = harmless.collect();
        let shown: Vec<bool> = header::shown(file.header)
            .into_iter()
            .enumerate()
            .map(|(place, shown)| {
                let key = &file.keys[place];
                let known = profile.headers.contains(key) || file.added.contains_key(&place);
                shown || known || key.is_empty() || profile.used_headers().any(|used| header_key(used) == *key)
            })
            .collect();
        let cell_of = |header: &str| places[..place_of(header)].iter().filter(|content| is_read(content)).count();
        let mut columns: Vec<ColumnReader> =
            profile.columns.iter().map(|(column, mapped)| ColumnReader::new(*column, mapped, cell_of)).collect();
        for (place, column) in &file.added {
            if !profile.columns.contains_key(column) {
                let cell = places[..*place].iter().filter(|content| is_read(content)).count();
                let from = PlacedSource::Cell(cell);
                columns.push(ColumnReader { column: *column, from, values: HashMap::new(), dates: None });
            }
        }
        columns.sort_by_key(|reader| reader.column);
        // Of a column that a file has twice the first is read.
        columns.dedup_by_key(|reader| reader.column);
        let filters = profile.leave_out.iter().map(|filter| FilterReader {
            header: filter.header.clone(),
            cell: cell_of(&filter.header),
            values: filter.values.iter().map(|value| value_key(value)).collect(),
        });
        let filters = filters.collect();
        let left_out: Vec<usize> = (0..places.len())
            .filter(|&place| places[place] == PlaceContent::LeftOut && !file.keys[place].is_empty())
            .collect();
        let used = Finding { value: Some(profile.name.clone()), ..Finding::file(Code::MappingUsed) };
        let mut notes = vec![used.expecting(format!("It is version {} of it.", profile.version))];
        notes.extend(fit.changed(file, &shown));
        notes.extend(fit.fixed_doubt(file));
        if !left_out.is_empty() {
            let names = listed(left_out.iter().map(|&place| file.named(place, shown[place])).collect());
            notes.push(Finding { value: Some(names), ..Finding::file(Code::ColumnsLeftOut) });
        }
        FileMapping { profile, places, harmless, shown, notes, columns, filters }
    }

    /// Returns what stands in each place, and what is to be said of it.
    pub(crate) fn understood(&self) -> Understood {
        Understood { places: self.places.clone(), notes: self.notes.clone() }
    }

    /// Returns the columns that are read.
    pub(crate) fn columns(&self) -> Vec<Column> {
        self.columns.iter().map(|reader| reader.column).collect()
    }

    /// Returns the cells of our columns that the cells of a row make.
    pub(crate) fn cells(&self, sent: &StringRecord) -> StringRecord {
        self.columns.iter().map(|reader| reader.read(sent)).collect()
    }

    /// Returns one cell that the cells of a line with all its places make; `None` where no such column is read.
    pub(crate) fn cell_of_line(&self, column: Column, line: &[&str]) -> Option<String> {
        let reader = self.columns.iter().find(|reader| reader.column == column)?;
        let read = self.places.iter().enumerate().filter(|(_, content)| is_read(content));
        let sent: StringRecord = read.map(|(place, _)| line.get(place).copied().unwrap_or_default()).collect();
        Some(reader.read(&sent).into_owned())
    }

    /// Returns why a row is not read, in words of the profile.
    pub(crate) fn leaves_out(&self, sent: &StringRecord) -> Option<String> {
        self.filters.iter().find_map(|filter| {
            let value = cell::value(sent.get(filter.cell)?);
            let what = || format!("\u{201c}{}\u{201d} is \u{201c}{}\u{201d}", filter.header, shorten(value));
            filter.values.contains(&value_key(value)).then(what)
        })
    }
}

/// Returns whether the cells of the place are read.
pub(crate) fn is_read(content: &PlaceContent) -> bool {
    matches!(content, PlaceContent::Of(_) | PlaceContent::Part)
}

impl ColumnReader {
    fn new(column: Column, mapped: &MappedColumn, cell_of: impl Fn(&str) -> usize) -> ColumnReader {
        let all = |headers: &[String]| headers.iter().map(|header| cell_of(header)).collect();
        let from = match &mapped.from {
            CellSource::Header(header) => PlacedSource::Cell(cell_of(header)),
            CellSource::FirstOf(headers) => PlacedSource::FirstOf(all(headers)),
            CellSource::Joined { headers, with } => PlacedSource::Joined(all(headers), with.clone()),
            CellSource::NamePart { header, order, part } => PlacedSource::NamePart(cell_of(header), *order, *part),
            CellSource::Fixed(value) => PlacedSource::Fixed(value.clone()),
        };
        let values = mapped.values.iter().map(|(from, to)| (value_key(from), to.clone())).collect();
        ColumnReader { column, from, values, dates: mapped.dates.clone() }
    }

    /// Reads a cell: as it was sent, unless the profile says more of it.
    fn read<'c>(&'c self, sent: &'c StringRecord) -> Cow<'c, str> {
        let at = |cell: &usize| sent.get(*cell).unwrap_or_default();
        let read = match &self.from {
            PlacedSource::Cell(cell) => Cow::Borrowed(at(cell)),
            PlacedSource::FirstOf(cells) => {
                let filled = cells.iter().map(at).find(|sent| !cell::value(sent).is_empty());
                Cow::Borrowed(filled.unwrap_or_default())
            }
            PlacedSource::Joined(cells, with) => {
                let filled = cells.iter().map(|cell| cell::value(at(cell))).filter(|value| !value.is_empty());
                Cow::Owned(filled.collect::<Vec<_>>().join(with))
            }
            PlacedSource::NamePart(cell, order, part) => Cow::Owned(order.part(cell::value(at(cell)), *part)),
            PlacedSource::Fixed(value) => Cow::Borrowed(value.as_str()),
        };
        if self.values.is_empty() && self.dates.is_none() {
            return read;
        }
        let value = cell::value(&read);
        if let Some(meant) = self.values.get(&value_key(value)) {
            return Cow::Borrowed(meant);
        }
        match self.dates.as_ref().and_then(|dates| dates.read(value)) {
            Some(date) => Cow::Owned(date),
            None => read,
        }
    }
}

#[cfg(test)]
mod tests;
