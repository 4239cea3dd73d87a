//! Cells that are told once, and known again.

use hashbrown::HashMap;

use crate::file::plain_cell::PlainCell;
use crate::model::Column;
use crate::validate::unremarkable::{is_domain, is_name, is_read_as_written, looks_unremarkable, parts_of_address};

/// What was told of cells whose characters alone do not tell it. A name comes again and again.
pub(super) struct UnremarkableCells {
    told: [HashMap<Vec<u8>, bool>; Column::ALL.len()],
    /// The domain of the last address that was told by its characters: nearly everybody has the same one.
    domain: Option<Vec<u8>>,
}

impl Default for UnremarkableCells {
    fn default() -> Self {
        UnremarkableCells { told: std::array::from_fn(|_| HashMap::new()), domain: None }
    }
}

impl UnremarkableCells {
    /// How many cells of a column are known again.
    const MOST: usize = 50_000;

    /// Returns whether a cell is empty, or read as it is written.
    #[inline(always)]
    pub(super) fn is_empty_or_unremarkable(&mut self, column: Column, cell: PlainCell) -> bool {
        cell.bytes.is_empty() || self.is_unremarkable(column, cell)
    }

    /// Returns whether a cell is read as it is written.
    ///
    /// Inlined for each column, of which then only its own questions are left.
    #[inline(always)]
    pub(super) fn is_unremarkable(&mut self, column: Column, cell: PlainCell) -> bool {
        let looks_so = match column {
            Column::Email => self.looks_like_address(cell),
            _ => looks_unremarkable(column, cell),
        };
        looks_so || self.is_known(column, cell)
    }

    /// Says the same of a cell that does not look so.
    #[cold]
    fn is_known(&mut self, column: Column, cell: PlainCell) -> bool {
        let told = &mut self.told[column as usize];
        if let Some(known) = told.get(cell.bytes) {
            return *known;
        }
        let is_unremarkable = is_read_as_written(column, cell.text());
        // Addresses and IDs are everybody's own.
        let is_ones_own = matches!(column, Column::CustomId | Column::Email | Column::Username);
        if !is_ones_own && told.len() < UnremarkableCells::MOST {
            told.insert(cell.bytes.to_owned(), is_unremarkable);
        }
        is_unremarkable
    }

    /// Says of an address what [`looks_unremarkable`] says.
    #[inline(always)]
    fn looks_like_address(&mut self, address: PlainCell) -> bool {
        let Some((name, domain)) = parts_of_address(address) else { return false };
        if self.domain.as_deref() != Some(domain) {
            if !is_domain(domain) {
                return false;
            }
            self.domain = Some(domain.to_owned());
        }
        address.bytes.len() <= Column::Email.spec().max_chars && is_name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_by_itself_whatever_came_before() {
        let mut told = UnremarkableCells::default();
        let addresses = ["a@", "a@x", "a@x.example", "b@x.example", "@x.example", "b@", "b@x", ".b@x.example"];
        let is_told = addresses.map(|address| told.looks_like_address(PlainCell::alone(address.as_bytes())));
        assert_eq!(is_told, [false, false, true, true, false, false, false, false]);
    }
}
