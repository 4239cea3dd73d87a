//! What shows that a line is about a person, wherever in the line it stands.

use crate::file::records::DELIMITERS;
use crate::file::{cell, words};
use crate::model::Column;

/// Returns what stands in the cells between delimiters of any kind.
pub(super) fn pieces(cells: &[String]) -> Vec<&str> {
    let delimiter = |c: char| u8::try_from(c).is_ok_and(|byte| DELIMITERS.contains(&byte));
    let pieces = cells.iter().flat_map(|text| text.split(delimiter));
    pieces.map(cell::value).filter(|piece| !piece.is_empty()).collect()
}

/// Returns whether only a person has such a text: a user type, a status, an e-mail address or a GUID.
pub(super) fn is_persons(piece: &str) -> bool {
    let is_word = |column| words::meaning(column, piece).is_some();
    [Column::UserType, Column::Status].into_iter().any(is_word)
        || piece.contains('@')
        || uuid::Uuid::try_parse(piece).is_ok()
}

/// Returns whether somebody can be called like that.
pub(super) fn is_name(piece: &str) -> bool {
    piece.contains(char::is_alphabetic) && !has_colon(piece) && !has_digit(piece)
}

/// Returns whether a text has a colon or an equals sign, which say that something is something. An equals sign in front
/// only makes a formula of a cell.
pub(super) fn has_colon(text: &str) -> bool {
    text.trim_start_matches('=').contains([':', '='])
}

pub(super) fn has_digit(text: &str) -> bool {
    text.contains(char::is_numeric)
}
