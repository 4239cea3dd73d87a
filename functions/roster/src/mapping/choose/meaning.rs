//! What a header means by its name.

use crate::file::header;
use crate::file::header::Certainty;
use crate::model::{Column, Presence};
use crate::settings::NameOrder;

use super::super::in_use::{self, ExportKind, HeaderUse};
use super::super::observed::SeenColumn;

/// Returns what a header means: in its system, in any, or by its words.
pub(super) fn meaning_of(column: &SeenColumn, kind: Option<&ExportKind>) -> Option<(HeaderUse, NameStrength)> {
    const OF_OTHERS: [&str; 12] = [
        "parent",
        "guardian",
        "mother",
        "father",
        "contact",
        "emergency",
        "eltern",
        "mutter",
        "vater",
        "tutoremail",
        "teachere",
        "teachern",
    ];
    const CALLED: [&str; 5] = ["preferred", "prefname", "preffirst", "nickname", "knownas"];
    let key = column.key.as_str();
    if let Some(meaning) = kind.and_then(|kind| kind.meaning(key)) {
        return Some((meaning, NameStrength::OfSystem));
    }
    let named = header::name_meaning(&column.header);
    // What one system has under `Family` is no reason to leave the last names of all others out.
    // Nor is what another one has under `Class Name` a reason to leave out the names of classes.
    let is_ours = |column: Column| {
        matches!(column, Column::FirstName | Column::LastName) || column.spec().presence == Presence::Class
    };
    let is_ours = matches!(named, Some((column, Certainty::Own | Certainty::Sure)) if is_ours(column));
    let elsewhere = in_use::anywhere(key);
    if let Some(meaning) = elsewhere.filter(|meaning| !(is_ours && matches!(meaning, HeaderUse::About(_)))) {
        return Some((meaning, NameStrength::Sure));
    }
    if OF_OTHERS.iter().any(|word| key.contains(word)) {
        return Some((HeaderUse::About("a parent, a contact or a teacher"), NameStrength::Sure));
    }
    if CALLED.iter().any(|word| key.contains(word)) {
        let of = if key.contains("surname") || key.contains("last") { Column::LastName } else { Column::FirstName };
        return Some((HeaderUse::Preferred(of), NameStrength::Sure));
    }
    match key {
        "surnameforename" | "lastfirst" | "lastnamefirstname" | "nachnamevorname" | "namevorname" => {
            return Some((HeaderUse::Whole(NameOrder::LastFirst), NameStrength::Sure));
        }
        "firstlast" | "firstnamelastname" | "vornamenachname" | "forenamesurname" => {
            return Some((HeaderUse::Whole(NameOrder::FirstLast), NameStrength::Sure));
        }
        _ => {}
    }
    let (meant, certainty) = named?;
    if meant.spec().presence == Presence::Ours {
        return Some((HeaderUse::About("a column of Rollbook's own files"), NameStrength::Sure));
    }
    match certainty {
        Certainty::Own | Certainty::Sure => Some((HeaderUse::Is(meant), NameStrength::Sure)),
        Certainty::Alone => Some((HeaderUse::Is(meant), NameStrength::Alone)),
        Certainty::Several if meant == Column::LastName => {
            Some((HeaderUse::Whole(NameOrder::FirstLast), NameStrength::Several))
        }
        Certainty::Several => Some((HeaderUse::Is(meant), NameStrength::Several)),
    }
}

/// How surely a header means what it seems to, by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameStrength {
    /// It can mean several columns.
    Several,
    /// It means another one where there is a surer name for this one.
    Alone,
    Sure,
    /// The system is known by its headers, and this is one of them.
    OfSystem,
}
