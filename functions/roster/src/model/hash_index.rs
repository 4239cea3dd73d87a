//! Values by their hashes, in little room.

use std::hash::{BuildHasher, Hasher};
use std::hint::black_box;

use hashbrown::DefaultHashBuilder;

/// A hash of something that is looked for. It can't be foreseen, so that nobody can choose different values
/// with one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyHash(u32);

/// Makes the hashes of one or several indexes.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyHasher(DefaultHashBuilder);

impl KeyHasher {
    /// Returns the hash of bytes.
    #[inline]
    pub(crate) fn bytes(&self, bytes: &[u8]) -> KeyHash {
        let mut state = self.0.build_hasher();
        state.write(bytes);
        KeyHash(state.finish() as u32)
    }
}

/// Values by their hashes. The values themselves stand elsewhere, and are known by their numbers.
///
/// Entries of one bucket stand together, and buckets by hash, so that an entry takes 8 bytes and a look-up two places of
/// the memory. It is made once and never changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct HashIndex {
    entries: Vec<HashEntry>,
    /// Where the entries of each bucket end.
    ends: Vec<u32>,
}

/// A value by its hash and its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HashEntry {
    pub(crate) hash: KeyHash,
    pub(crate) number: u32,
}

/// How many entries a bucket has on average.
const ENTRIES_PER_BUCKET: usize = 4;

impl HashIndex {
    /// Indexes the numbers of values by the values' hashes.
    pub(crate) fn new(values: &[HashEntry]) -> HashIndex {
        let buckets = values.len().div_ceil(ENTRIES_PER_BUCKET);
        let mut ends = vec![0; buckets];
        values.iter().for_each(|entry| ends[bucket(entry.hash, buckets)] += 1);
        // Where each bucket starts, which moves on with every entry that is put in.
        let mut next = 0;
        for end in &mut ends {
            next += std::mem::replace(end, next);
        }
        let mut entries = vec![HashEntry { hash: KeyHash(0), number: 0 }; values.len()];
        for entry in values {
            let place = &mut ends[bucket(entry.hash, buckets)];
            entries[*place as usize] = *entry;
            *place += 1;
        }
        HashIndex { entries, ends }
    }

    /// Indexes the numbers of values by the values' hashes, and keeps one of several values for which `same` holds: the
    /// last one. `replaced` is told both numbers each time.
    pub(crate) fn of_unique(
        values: &[HashEntry],
        same: impl Fn(u32, u32) -> bool,
        mut replaced: impl FnMut(u32, u32),
    ) -> HashIndex {
        let mut index = HashIndex::new(values);
        let (mut kept, mut start) = (0, 0);
        for end in &mut index.ends {
            let first = kept;
            for place in start..*end as usize {
                let entry = index.entries[place];
                let is_same = |other: &&mut HashEntry| other.hash == entry.hash && same(other.number, entry.number);
                match index.entries[first..kept].iter_mut().find(is_same) {
                    Some(other) => {
                        replaced(other.number, entry.number);
                        other.number = entry.number;
                    }
                    None => {
                        index.entries[kept] = entry;
                        kept += 1;
                    }
                }
            }
            start = *end as usize;
            *end = kept as u32;
        }
        index.entries.truncate(kept);
        index
    }

    /// Returns the numbers of all values with this hash, in the order in which they came.
    #[inline]
    pub(crate) fn with_hash(&self, hash: KeyHash) -> impl Iterator<Item = u32> {
        self.bucket(hash).iter().filter(move |entry| entry.hash == hash).map(|entry| entry.number)
    }

    /// Brings the entries with these hashes from the memory to the processor, all at once: whoever looks for one after
    /// the other waits for each.
    pub(crate) fn fetch(&self, hashes: &[KeyHash]) {
        let ends = |hash: &KeyHash| match self.bucket(*hash) {
            [] => 0,
            [first, .., last] => first.number.wrapping_add(last.number),
            [only] => only.number,
        };
        black_box(hashes.iter().map(ends).fold(0, u32::wrapping_add));
    }

    #[inline]
    fn bucket(&self, hash: KeyHash) -> &[HashEntry] {
        if self.ends.is_empty() {
            return &[];
        }
        let bucket = bucket(hash, self.ends.len());
        let start = if bucket == 0 { 0 } else { self.ends[bucket - 1] };
        &self.entries[start as usize..self.ends[bucket] as usize]
    }
}

#[inline]
fn bucket(hash: KeyHash, buckets: usize) -> usize {
    ((u64::from(hash.0) * buckets as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(hasher: &KeyHasher, words: &[&str]) -> Vec<HashEntry> {
        let entry = |(word, number): (&&str, u32)| HashEntry { hash: hasher.bytes(word.as_bytes()), number };
        words.iter().zip(0..).map(entry).collect()
    }

    fn index(words: &[&str], replaced: &mut Vec<(u32, u32)>) -> (KeyHasher, HashIndex) {
        let hasher = KeyHasher::default();
        let values = entries(&hasher, words);
        let same = |one: u32, other: u32| words[one as usize] == words[other as usize];
        let index = HashIndex::of_unique(&values, same, |before, now| replaced.push((before, now)));
        (hasher, index)
    }

    #[test]
    fn finds_each_value_and_no_other() {
        let words: Vec<String> = (0..10_000).map(|number| format!("word {number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut replaced = Vec::new();
        let (hasher, index) = index(&words, &mut replaced);
        let find =
            |word: &str| index.with_hash(hasher.bytes(word.as_bytes())).find(|number| words[*number as usize] == word);
        for (word, number) in words.iter().zip(0..) {
            assert_eq!(find(word), Some(number));
        }
        assert_eq!((find("word 10000"), replaced.len()), (None, 0));
    }

    #[test]
    fn keeps_the_last_of_the_same() {
        let mut replaced = Vec::new();
        let words = ["a", "b", "a", "c", "a"];
        let (hasher, index) = index(&words, &mut replaced);
        assert_eq!(index.with_hash(hasher.bytes(b"a")).collect::<Vec<_>>(), [4]);
        assert_eq!(replaced, [(0, 2), (2, 4)]);
    }

    #[test]
    fn keeps_all_where_the_same_are_not_asked_for() {
        let hasher = KeyHasher::default();
        let index = HashIndex::new(&entries(&hasher, &["a", "b", "a"]));
        assert_eq!(index.with_hash(hasher.bytes(b"a")).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn an_empty_index_has_nothing() {
        let (hasher, index) = index(&[], &mut Vec::new());
        assert_eq!(index.with_hash(hasher.bytes(b"")).count(), 0);
    }
}
