//! All IDs that are alike to one, found at once.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Forms;
use super::date::Dates;
use super::number::Number;
use crate::model::hash_index::{HashEntry, HashIndex, KeyHasher};

/// IDs by their forms, so that those alike to one are found at once.
///
/// The IDs themselves stay where they are: each is known by its place, and a function gives the ID of a place, or an
/// empty text where there is none. Whoever asks knows who has just this ID, so that those that are their own only form
/// ([`is_own_form`]) need not be here. Nearly all are such: to index a million of them, too, took 16 MB.
#[derive(Debug, Clone, Default)]
pub struct Index {
    hasher: KeyHasher,
    /// The places of the IDs by each of their plain forms, but for those that are their own.
    plain: HashIndex,
    /// Made once an ID is looked for that may be a date.
    dates: OnceLock<DateIndex>,
    /// The IDs that are numbers, sorted. Made once one is looked for that a spreadsheet shortened.
    numbers: OnceLock<Vec<(u128, usize)>>,
    count: usize,
}

/// IDs that are put together to an [`Index`] one after the other, while each is at hand.
#[derive(Debug, Clone, Default)]
pub struct IndexBuilder {
    hasher: KeyHasher,
    plain: Vec<HashEntry>,
}

impl IndexBuilder {
    /// Adds the ID of a place.
    ///
    /// An empty one is none.
    pub fn add(&mut self, place: usize, id: &str) {
        if id.is_empty() || is_own_form(id.as_bytes()) {
            return;
        }
        let number = u32::try_from(place).expect("there are no four billion IDs");
        let IndexBuilder { hasher, plain } = self;
        let entry = |form: &str| HashEntry { hash: hasher.bytes(form.as_bytes()), number };
        match SimpleForm::read(id) {
            Some(form) => plain.push(HashEntry { hash: hasher.bytes(form.as_bytes()), number }),
            None => plain.extend(Forms::new(id).plain.iter().map(|form| entry(form))),
        }
    }

    /// Indexes the IDs that were added, those of the first `count` places.
    pub fn finish(self, count: usize) -> Index {
        Index { hasher: self.hasher, plain: HashIndex::new(&self.plain), count, ..Index::default() }
    }
}

/// By date and then by shape, for IDs of one shape are told apart by their numbers.
type DateIndex = HashMap<String, HashMap<String, Vec<usize>>>;

/// The places of the IDs that are alike to one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlikeIds {
    pub places: Vec<usize>,
    /// There are more than [`Index::MOST`], so that nobody can tell which one is meant.
    pub too_many: bool,
}

impl Index {
    /// How many IDs one is alike to at most, for anything to follow from it.
    pub const MOST: usize = 20;

    /// Returns the places of all IDs that have a form in common with `id`, the same ID included.
    ///
    /// `id_of` is what the index was made of, and `place_of` gives the place of just this ID.
    pub fn find<'i>(
        &self,
        id: &str,
        id_of: impl Fn(usize) -> &'i str,
        place_of: impl Fn(&str) -> Option<usize>,
    ) -> AlikeIds {
        let forms = Forms::new(id);
        let mut found = AlikeIds::default();
        for form in &forms.plain {
            let others = self.plain.with_hash(self.hasher.bytes(form.as_bytes())).map(|place| place as usize);
            let has_it = |place: &usize| has_form(id_of(*place), form);
            // Of too many the first ones are found, and no more are looked at: a file may have a million of one form.
            let others = others.filter(has_it).take(Index::MOST + 1);
            let mut places: Vec<usize> = others.chain(place_of(form).filter(has_it)).collect();
            places.sort_unstable();
            found.add(places.into_iter());
        }
        for date in &forms.dates.all {
            let dates = self.dates.get_or_init(|| dates(self.count, &id_of));
            let shapes = dates.get(date).into_iter().flatten();
            found.add(shapes.filter(|(shape, _)| **shape != forms.dates.shape).flat_map(|(_, places)| places).copied());
        }
        for (from, to) in forms.number.iter().flat_map(Number::ranges) {
            let numbers = self.numbers.get_or_init(|| numbers(self.count, &id_of));
            let start = numbers.partition_point(|(number, _)| *number < from);
            found.add(numbers[start..].iter().take_while(|(number, _)| *number <= to).map(|(_, place)| *place));
        }
        found.places.sort_unstable();
        found
    }
}

fn ids<'i>(count: usize, id_of: &impl Fn(usize) -> &'i str) -> impl Iterator<Item = (usize, &'i str)> {
    (0..count).map(|place| (place, id_of(place))).filter(|(_, id)| !id.is_empty())
}

fn dates<'i>(count: usize, id_of: &impl Fn(usize) -> &'i str) -> DateIndex {
    let mut dates = DateIndex::new();
    for (place, id) in ids(count, id_of) {
        let Dates { all, shape } = Forms::new(id).dates;
        for date in all {
            dates.entry(date).or_default().entry(shape.clone()).or_default().push(place);
        }
    }
    dates
}

fn numbers<'i>(count: usize, id_of: &impl Fn(usize) -> &'i str) -> Vec<(u128, usize)> {
    let exact = |(place, id)| Some((Forms::new(id).number?.exact?, place));
    let mut numbers: Vec<(u128, usize)> = ids(count, id_of).filter_map(exact).collect();
    numbers.sort_unstable();
    numbers
}

/// Returns whether an ID is its own only form, as those are that most have: a number without zeros in front.
pub(super) fn is_own_form(id: &[u8]) -> bool {
    id.first().is_some_and(|first| *first != b'0')
        && id.len() <= SimpleForm::LONGEST
        && id.iter().all(u8::is_ascii_digit)
}

/// The plain form of an ID of ASCII letters, digits, `-`, `_` and `/` that can't be read in two ways.
struct SimpleForm {
    bytes: [u8; SimpleForm::LONGEST],
    length: usize,
}

impl SimpleForm {
    const LONGEST: usize = 64;

    /// Reads an ID of ASCII letters, digits, `-`, `_` and `/` that has one plain form; `None` for any other, for one of
    /// more than 64 bytes, and for one that may be a number with an exponent.
    fn read(id: &str) -> Option<SimpleForm> {
        let mut form = SimpleForm { bytes: [0; SimpleForm::LONGEST], length: 0 };
        if id.len() > SimpleForm::LONGEST {
            return None;
        }
        // Zeros in front of the first digits mean nothing; one zero is a number.
        let (mut in_front, mut zero, mut all_digits) = (true, false, true);
        for (place, byte) in id.bytes().enumerate() {
            let is_first = place == 0;
            match byte {
                b'0' if in_front => {
                    zero = true;
                    continue;
                }
                // With an E between digits it may be a number: `12E3`.
                b'e' | b'E' if all_digits && !is_first => return None,
                b'0'..=b'9' => in_front = false,
                b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'/' if zero && in_front => {
                    form.push(b'0');
                    in_front = false;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'/' => {}
                _ => return None,
            }
            all_digits &= byte.is_ascii_digit();
            form.push(byte.to_ascii_lowercase());
        }
        if zero && in_front {
            form.push(b'0');
        }
        Some(form)
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

fn has_form(id: &str, form: &str) -> bool {
    match SimpleForm::read(id) {
        Some(simple) => simple.as_bytes() == form.as_bytes(),
        None => Forms::new(id).plain.iter().any(|other| other == form),
    }
}

impl AlikeIds {
    fn add(&mut self, places: impl Iterator<Item = usize>) {
        for place in places {
            if self.places.len() == Index::MOST {
                self.too_many = true;
                return;
            }
            if !self.places.contains(&place) {
                self.places.push(place);
            }
        }
    }
}
