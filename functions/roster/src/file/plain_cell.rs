//! A cell of a plain row, and of what kinds its characters are.

use wide::u8x16;

/// A cell of a plain row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlainCell<'t> {
    /// UTF-8.
    pub(crate) bytes: &'t [u8],
    /// The text from the cell on.
    from_here: &'t [u8],
}

impl<'t> PlainCell<'t> {
    /// How many bytes are looked at at once: names and most names of addresses are shorter.
    pub(crate) const BLOCK: usize = 32;

    /// Returns the cell with which a text begins.
    #[inline]
    pub(crate) fn at(text: &'t [u8], bytes: usize) -> PlainCell<'t> {
        PlainCell { bytes: &text[..bytes], from_here: text }
    }

    /// Returns a cell of which it is not known what stands behind it.
    #[inline]
    pub(crate) fn alone(bytes: &'t [u8]) -> PlainCell<'t> {
        PlainCell { bytes, from_here: bytes }
    }

    /// Returns what stands in it.
    pub(crate) fn text(self) -> &'t str {
        str::from_utf8(self.bytes).expect("a cell of a text is one")
    }

    /// Returns its first bytes as a cell.
    #[inline]
    pub(crate) fn first(self, bytes: usize) -> PlainCell<'t> {
        PlainCell { bytes: &self.bytes[..bytes], ..self }
    }

    /// Returns whether none of its characters is of another kind.
    #[inline(always)]
    pub(crate) fn is_within(self, kinds: Kinds) -> bool {
        match self.places_of(kinds) {
            Some(places) => places == !(u64::MAX << self.bytes.len()),
            None => self.kinds().are_within(kinds),
        }
    }

    /// Returns a bit for each of its bytes, and sets that of every character of these kinds; `None` where it is too long
    /// for that, or the text too short.
    ///
    /// A block of the text at once, whatever comes after the cell: one byte after the other took 2.5 times as many
    /// instructions, and a processor foresees no end of a loop that is another one each time.
    #[inline(always)]
    pub(crate) fn places_of(self, kinds: Kinds) -> Option<u64> {
        let block = self.from_here.first_chunk().filter(|_| self.bytes.len() <= PlainCell::BLOCK)?;
        Some(kinds.places_in(block) & !(u64::MAX << self.bytes.len()))
    }

    /// Returns the kinds of all its characters.
    #[inline]
    pub(crate) fn kinds(self) -> Kinds {
        self.bytes.iter().fold(Kinds::default(), |kinds, byte| kinds.or(KINDS[usize::from(*byte)]))
    }
}

/// What the characters of a cell are, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Kinds(u16);

impl Kinds {
    pub(crate) const LETTER: Kinds = Kinds(1);
    pub(crate) const DIGIT: Kinds = Kinds(1 << 1);
    pub(crate) const SPACE: Kinds = Kinds(1 << 2);
    /// `-`.
    pub(crate) const HYPHEN: Kinds = Kinds(1 << 3);
    /// `.`.
    pub(crate) const DOT: Kinds = Kinds(1 << 4);
    /// `_`.
    pub(crate) const LOW_LINE: Kinds = Kinds(1 << 5);
    /// `@`.
    pub(crate) const AT: Kinds = Kinds(1 << 6);
    /// `,`, `/`, `(` and `)`.
    pub(crate) const SIGN: Kinds = Kinds(1 << 7);
    /// Everything else, and all that is not ASCII.
    pub(crate) const OTHER: Kinds = Kinds(1 << 8);

    /// Returns whether there is no character of another kind.
    pub(crate) const fn are_within(self, kinds: Kinds) -> bool {
        self.0 & !kinds.0 == 0
    }

    pub(crate) const fn or(self, kinds: Kinds) -> Kinds {
        Kinds(self.0 | kinds.0)
    }

    /// Returns whether one of the characters is of one of these kinds.
    pub(crate) const fn have(self, kinds: Kinds) -> bool {
        self.0 & kinds.0 != 0
    }

    const fn of(byte: u8) -> Kinds {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Kinds::LETTER,
            b'0'..=b'9' => Kinds::DIGIT,
            b' ' => Kinds::SPACE,
            b'-' => Kinds::HYPHEN,
            b'.' => Kinds::DOT,
            b'_' => Kinds::LOW_LINE,
            b'@' => Kinds::AT,
            b',' | b'/' | b'(' | b')' => Kinds::SIGN,
            _ => Kinds::OTHER,
        }
    }

    /// Returns a bit for each byte, and sets that of every character of one of these kinds, of which none may be
    /// [`Kinds::OTHER`]. Where it is known which they are, nothing is left of the others.
    #[inline(always)]
    fn places_in(self, block: &[u8; PlainCell::BLOCK]) -> u64 {
        let (pieces, _) = block.as_chunks();
        let [low, high] = [pieces[0], pieces[1]].map(u8x16::new);
        u64::from(self.of_each(low).to_bitmask()) | u64::from(self.of_each(high).to_bitmask()) << 16
    }

    #[inline(always)]
    fn of_each(self, bytes: u8x16) -> u8x16 {
        let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
        // Whoever is below the first one becomes large.
        let from = |bytes: u8x16, first: u8, count: u8| {
            let after = bytes - u8x16::splat(first);
            after.min(u8x16::splat(count - 1)).simd_eq(after)
        };
        let mut each = u8x16::splat(0);
        let mut add = |kind: Kinds, these: u8x16| {
            if self.have(kind) {
                each |= these;
            }
        };
        // The bit by which small letters differ from capitals.
        add(Kinds::LETTER, from(bytes | u8x16::splat(0x20), b'a', 26));
        add(Kinds::DIGIT, from(bytes, b'0', 10));
        add(Kinds::SPACE, is(b' '));
        add(Kinds::HYPHEN, is(b'-'));
        add(Kinds::DOT, is(b'.'));
        add(Kinds::LOW_LINE, is(b'_'));
        add(Kinds::AT, is(b'@'));
        add(Kinds::SIGN, is(b',') | is(b'/') | is(b'(') | is(b')'));
        each
    }
}

/// The kinds of all bytes.
static KINDS: [Kinds; 256] = {
    let mut kinds = [Kinds::OTHER; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = Kinds::of(byte as u8);
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_characters_a_cell_has() {
        let kinds = PlainCell::alone(b"Ora-1").kinds();
        assert!(kinds.are_within(Kinds::LETTER.or(Kinds::DIGIT).or(Kinds::HYPHEN)) && !kinds.have(Kinds::DOT));
        assert!(PlainCell::alone("\u{e9}".as_bytes()).kinds().have(Kinds::OTHER));
    }

    #[test]
    fn says_where_characters_of_a_kind_stand() {
        let all = (0..8).map(|kind| Kinds(1 << kind));
        for kind in all.chain([Kinds::LETTER.or(Kinds::DIGIT)]) {
            for first in (0..=u8::MAX).step_by(16) {
                let text: [u8; PlainCell::BLOCK] = std::array::from_fn(|place| first.wrapping_add(place as u8));
                let expected = (0..16).filter(|place| kind.have(Kinds::of(text[*place])));
                let expected = expected.fold(0, |places: u64, place| places | 1 << place);
                assert_eq!(PlainCell::at(&text, 16).places_of(kind), Some(expected), "{kind:?} from {first}");
            }
        }
    }

    #[test]
    fn a_cell_is_within_kinds_whatever_comes_after_it() {
        for length in 0..70 {
            let letters = "x".repeat(length);
            for (after, other) in [("", false), ("1", true), (&"1".repeat(PlainCell::BLOCK), true)] {
                let text = format!("{letters}{after}");
                let is_within = |bytes| PlainCell::at(text.as_bytes(), bytes).is_within(Kinds::LETTER);
                assert!(is_within(length), "{text}");
                assert!(!other || !is_within(length + 1), "{text}");
            }
        }
    }
}
