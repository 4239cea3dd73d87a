//! Words and signs for no value at all.

use crate::model::Column;

/// Returns whether `cell` says in `column`, whose cells may be empty, that there is nothing.
pub(super) fn is_nothing(column: Column, cell: &str) -> bool {
    let may_be_empty = matches!(
        column,
        Column::MiddleName | Column::Email | Column::Position | Column::Grade | Column::Username | Column::UserGuid
    );
    // A user name may be any of these words.
    let is_word = |cell: &str| column != Column::Username && is_word(cell);
    may_be_empty && (is_null(cell) || is_mark(cell) || is_word(cell))
}

/// Returns whether a cell is what a program writes for no value, exactly as programs write it: Nan and Null are names,
/// too.
pub(super) fn is_null(cell: &str) -> bool {
    matches!(cell, "NULL" | "null" | "NaN" | "nan" | "NaT" | "undefined") || is_mark(cell)
}

/// Returns whether a name is one that programs also write for no value.
pub(super) fn may_be_null(name: &str) -> bool {
    is_null(name) || name == "NA"
}

/// Returns whether a cell stands in the place of a name and is none: a sign, or words that nobody is called.
pub(super) fn is_no_name(cell: &str) -> bool {
    let signs = !cell.is_empty() && cell.chars().all(|c| is_dash(c) || matches!(c, '.' | '_' | '*' | '/' | ','));
    signs || is_mark(cell) || cell.eq_ignore_ascii_case("n/a")
}

/// Returns whether a cell stands in the place of a custom ID and is none: words and signs for nothing, and for an ID
/// that is to come.
pub(super) fn is_no_id(cell: &str) -> bool {
    const WORDS: [&str; 22] = [
        "tbd",
        "tba",
        "tbc",
        "to be determined",
        "to be assigned",
        "pending",
        "unknown",
        "unassigned",
        "not assigned",
        "not yet assigned",
        "missing",
        "blank",
        "empty",
        "no id",
        "true",
        "false",
        "keine",
        "unbekannt",
        "ninguno",
        "desconocido",
        "aucun",
        "inconnu",
    ];
    let signs = !cell.is_empty() && !cell.contains(char::is_alphanumeric);
    let crossed = cell.len() > 2 && cell.bytes().all(|b| b.eq_ignore_ascii_case(&b'x'));
    let word = || WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word));
    signs || crossed || cell == "0" || is_null(cell) || is_word(cell) || word()
}

/// Returns whether a cell can be a custom ID, and can also stand where there is none: initials, and the first number of
/// all.
pub(super) fn may_be_no_id(cell: &str) -> bool {
    cell == "NA" || (cell.len() > 1 && cell.bytes().all(|b| b == b'0'))
}

/// Returns whether a cell is what no program or person writes for anything but no value.
fn is_mark(cell: &str) -> bool {
    let marked = ["(null)", "<null>", "[null]", "{null}", "(none)", "<none>", "<na>", "(blank)", "(empty)"];
    cell == "\\N" || marked.iter().any(|mark| cell.eq_ignore_ascii_case(mark))
}

fn is_word(cell: &str) -> bool {
    let words = ["null", "none", "nil", "n/a", "n.a.", "not applicable", "not available", "no middle name", "-none-"];
    let signs = !cell.is_empty()
        && cell.chars().count() <= 3
        && cell.chars().all(|c| is_dash(c) || matches!(c, '.' | '_' | '/'));
    signs || words.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_nothing_from_names() {
        let check = |column: Column, nothing: bool, cells: &[&str]| {
            for cell in cells {
                assert_eq!(is_nothing(column, cell), nothing, "{cell}");
            }
        };
        let words = [
            "NULL", "null", "Null", "\\N", "nan", "NaN", "None", "none", "n/a", "N/A", "-", "--", "—", "(null)", "nil",
            "<NA>", "NaT",
        ];
        check(Column::MiddleName, true, &words);
        check(Column::Position, true, &words);
        check(Column::Grade, true, &words);
        check(Column::Email, true, &words);
        check(Column::MiddleName, false, &["", "Nan", "NAN", "Na", "NA", "N", "Nullo", "Noni", "A.", "O'", "Nilsson"]);
        check(Column::Username, true, &["NULL", "\\N", "nan"]);
        check(Column::Username, false, &["none", "nil", "-", "Null"]);
        check(Column::LastName, false, &words);
        for (no_name, cells) in [
            (true, ["-", ".", "--", "—", "N/A", "\\N", "(none)"].as_slice()),
            (false, &["", "Null", "NULL", "Nan", "None", "O", "-x", "X Æ"]),
        ] {
            cells.iter().for_each(|cell| assert_eq!(is_no_name(cell), no_name, "{cell}"));
        }
    }

    #[test]
    fn tells_nothing_from_ids() {
        let check = |rule: fn(&str) -> bool, right: bool, cells: &[&str]| {
            cells.iter().for_each(|cell| assert_eq!(rule(cell), right, "{cell}"));
        };
        check(is_no_id, true, &["NULL", "N/A", "n/a", "None", "none", "-", "---", "?", "??", ".", "*", "—", "_", "#"]);
        check(is_no_id, true, &["TBD", "tba", "unknown", "Pending", "0", "xxx", "XXXX", "no ID", "TRUE", "\\N"]);
        check(is_no_id, false, &["", "00", "1", "-1", "X", "XX", "A", "0-0", "NA", "N1", "Nil7", "new", "١", "李"]);
        check(may_be_no_id, true, &["NA", "00", "0000"]);
        check(may_be_no_id, false, &["", "0", "na", "NB", "001"]);
    }
}
