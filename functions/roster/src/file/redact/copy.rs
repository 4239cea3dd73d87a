//! A copy of a file without some of its parts.

use std::borrow::Cow;
use std::ops::Range;

use crate::file::decode::{Decoded, Positions};

/// A copy of a file without some parts of its text, which are named in their order.
pub(super) struct Copy<'b, 'd> {
    bytes: &'b [u8],
    decoded: &'d Decoded<'b>,
    positions: Positions<'d>,
    mark: usize,
    kept: Vec<u8>,
    copied: usize,
}

impl<'b, 'd> Copy<'b, 'd> {
    pub(super) fn of(bytes: &'b [u8], decoded: &'d Decoded<'b>) -> Copy<'b, 'd> {
        let (positions, mark) = (Positions::new(decoded), decoded.mark(bytes));
        Copy { bytes, decoded, positions, mark, kept: Vec::with_capacity(bytes.len()), copied: 0 }
    }

    pub(super) fn decoded(&self) -> &'d Decoded<'b> {
        self.decoded
    }

    pub(super) fn leave_out(&mut self, part: Range<usize>) {
        self.replace(part, "");
    }

    pub(super) fn replace(&mut self, part: Range<usize>, with: &str) {
        let [start, end] = [part.start, part.end].map(|place| self.mark + self.positions.find(place));
        if start < end || !with.is_empty() {
            self.kept.extend_from_slice(&self.bytes[self.copied..start]);
            self.kept.extend(self.decoded.ascii(with));
            self.copied = end;
        }
    }

    pub(super) fn finish(mut self) -> Cow<'b, [u8]> {
        if self.copied == 0 {
            return Cow::Borrowed(self.bytes);
        }
        self.kept.extend_from_slice(&self.bytes[self.copied..]);
        Cow::Owned(self.kept)
    }
}
