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
/// empty text where there is none.
#[derive(Debug, Clone, Default)]
pub struct Index {
    hasher: KeyHasher,
    /// The places of the IDs by each of their plain forms.
    plain: HashIndex,
    /// Made once an ID is looked for that may be a date.
    dates: OnceLock<DateIndex>,
    /// The IDs that are numbers, sorted. Made once one is looked for that a spreadsheet shortened.
    numbers: OnceLock<Vec<(u128, usize)>>,
    count: usize,
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

    /// Indexes the IDs of the first `count` places.
    pub fn new<'i>(count: usize, id_of: impl Fn(usize) -> &'i str) -> Index {
        let hasher = KeyHasher::default();
        let mut plain = Vec::with_capacity(count);
        for (place, id) in ids(count, &id_of) {
            let number = u32::try_from(place).expect("there are no four billion IDs");
            let entry = |form: &[u8]| HashEntry { hash: hasher.bytes(form), number };
            if let Some(form) = form_of_digits(id) {
                plain.push(entry(form));
                continue;
            }
            match SimpleForm::read(id) {
                Some(form) => plain.push(entry(form.as_bytes())),
                None => plain.extend(Forms::new(id).plain.iter().map(|form| entry(form.as_bytes()))),
            }
        }
        let plain = HashIndex::new(&plain);
        Index { hasher, plain, count, ..Index::default() }
    }

    /// Returns the places of all IDs that have a form in common with `id`, the same ID included. `id_of` is what the
    /// index was made of.
    pub fn find<'i>(&self, id: &str, id_of: impl Fn(usize) -> &'i str) -> AlikeIds {
        let forms = Forms::new(id);
        let mut found = AlikeIds::default();
        for form in &forms.plain {
            let places = self.plain.with_hash(self.hasher.bytes(form.as_bytes())).map(|place| place as usize);
            found.add(places.filter(|place| has_form(id_of(*place), form)));
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

/// Returns the plain form of an ID of digits only, which most are: what [`SimpleForm::read`] makes of it, without a copy.
fn form_of_digits(id: &str) -> Option<&[u8]> {
    let bytes = id.as_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == b'0').count();
    // Of zeros alone one is left.
    let form = &bytes[zeros.min(bytes.len().saturating_sub(1))..];
    (bytes.len() <= SimpleForm::LONGEST && bytes.iter().all(u8::is_ascii_digit)).then_some(form)
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
