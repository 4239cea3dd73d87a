//! Rows that have what only one may have.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use crate::file::ParsedRoster;
use crate::model::finding::Notes;
use crate::model::{Code, Column, Finding, Findings, Presence, fold};

use super::draft::Draft;
use super::same_person;

/// Adds the findings that rows have because of each other.
pub(super) fn report<'u>(
    parsed: &'u ParsedRoster,
    drafts: &mut [Draft<'u>],
    notes: &mut Notes,
    findings: &mut Findings,
) {
    report_custom_ids(parsed, drafts, notes, findings);
    let guids = groups(drafts, |d| d.guid);
    report_people(drafts, guids, Code::GuidRepeated, Column::UserGuid, parsed, findings);
    let usernames = groups(drafts, |d| d.username.as_deref().map(fold));
    report_people(drafts, usernames, Code::UsernameRepeated, Column::Username, parsed, findings);
    let emails = groups(drafts, |d| d.email_of(true).map(fold));
    report_people(drafts, emails, Code::EmailRepeated, Column::Email, parsed, findings);
    let shared = groups(drafts, |d| d.email_of(false).map(fold));
    report_people(drafts, shared, Code::EmailShared, Column::Email, parsed, findings);
}

/// Reports rows with the same custom ID. If they are the same in every cell, the first is taken; if they are about one
/// person and do not contradict each other, they become one; else none is taken. Rows that have no custom ID of their
/// own can still be the same in every cell. A damaged row that may have the ID makes the others as doubtful, unless
/// users have a row for each class anyway; of itself everything has been said.
fn report_custom_ids<'u>(
    parsed: &'u ParsedRoster,
    drafts: &mut [Draft<'u>],
    notes: &mut Notes,
    findings: &mut Findings,
) {
    let all: Vec<usize> = (0..drafts.len()).collect();
    let flat = parsed.names_classes();
    for group in groups_of(&all, |i| parsed.cell(drafts[i].row, Column::CustomId)) {
        let rows = || Finding::rows_have_it(group.iter().map(|&i| drafts[i].row.number).collect());
        let (damaged, places): (Vec<usize>, Vec<usize>) = group.iter().partition(|&&i| drafts[i].only_protects);
        let Some(&first) = places.first() else { continue };
        if flat && drafts[first].custom_id.is_some() {
            report_rows_for_classes(parsed, drafts, &places, notes, findings);
            continue;
        }
        let alike = groups_of(&places, |i| {
            let of_class = flat.then(|| class_cells(parsed, &drafts[i]));
            Some((cells(parsed, &drafts[i]), of_class))
        });
        let has_id = drafts[first].custom_id.is_some();
        let same = alike.len() == 1 && alike[0].len() == places.len();
        let conflict = has_id && !(same && damaged.is_empty());
        if conflict {
            let rows = rows();
            if damaged.is_empty() && same_person::join(parsed, drafts, &places, notes, findings) {
                continue;
            }
            for i in places {
                drafts[i].without_owner = true;
                drafts[i].add(Code::CustomIdRepeated, Column::CustomId, &rows, parsed, findings);
            }
            continue;
        }
        for same in alike {
            let first = drafts[same[0]].row.number;
            for &i in &same[1..] {
                drafts[i].repeats(first, parsed, findings);
            }
        }
    }
}

/// Makes one row of those about one user, who has a row for each class. Where they disagree about the user, none of them
/// is taken; rows that are the same in the class, too, repeat each other.
fn report_rows_for_classes<'u>(
    parsed: &'u ParsedRoster,
    drafts: &mut [Draft<'u>],
    places: &[usize],
    notes: &mut Notes,
    findings: &mut Findings,
) {
    let mut places = places.to_vec();
    places.sort_by_key(|&i| drafts[i].row.number);
    let mut distinct: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<Vec<&str>, usize> = HashMap::new();
    for &i in &places {
        let place = *known.entry(cells(parsed, &drafts[i])).or_insert(distinct.len());
        if place == distinct.len() {
            distinct.push(Vec::new());
        }
        distinct[place].push(i);
    }
    let firsts: Vec<usize> = distinct.iter().map(|same| same[0]).collect();
    if firsts.len() > 1 && !same_person::join(parsed, drafts, &firsts, notes, findings) {
        let expected = disagreement(parsed, drafts, &firsts);
        for i in places {
            drafts[i].without_owner = true;
            drafts[i].add(Code::UserCellsDiffer, Column::CustomId, &expected, parsed, findings);
        }
        return;
    }
    let Some(&main) = firsts.iter().find(|&&i| drafts[i].joins.is_none()) else { return };
    for same in &distinct {
        let mut of_class: HashMap<Vec<&str>, usize> = HashMap::new();
        for &i in same {
            let before = *of_class.entry(class_cells(parsed, &drafts[i])).or_insert(i);
            if before != i {
                let before = drafts[before].row.number;
                drafts[i].repeats(before, parsed, findings);
            } else if i != same[0] {
                Draft::join_for_class(drafts, i, main);
            }
        }
    }
}

/// Says which rows disagree, and under which headers.
fn disagreement(parsed: &ParsedRoster, drafts: &[Draft], firsts: &[usize]) -> String {
    let said = |i: usize, column: &Column| parsed.cell(drafts[i].row, *column).unwrap_or_default();
    let differs = |column: &&Column| {
        column.spec().presence.is_of_user() && firsts.iter().any(|&i| said(i, column) != said(firsts[0], column))
    };
    let columns: Vec<&str> = parsed.columns.iter().filter(differs).map(|column| column.header()).collect();
    let rows = Finding::rows_have_it(firsts.iter().map(|&i| drafts[i].row.number).collect());
    let rows = rows.trim_end_matches(" have it.");
    format!("The same {} in all rows of the user. {rows} differ.", columns.join(", "))
}

/// Reports rows of several people that have the same value. Rows with the same custom ID are about one person, and have
/// a finding for that.
fn report_people(
    drafts: &mut [Draft],
    groups: Vec<Vec<usize>>,
    code: Code,
    column: Column,
    parsed: &ParsedRoster,
    findings: &mut Findings,
) {
    for places in groups {
        let mut people: Vec<_> = places.iter().map(|&i| (drafts[i].custom_id.as_deref(), i)).collect();
        people.sort_unstable();
        people.dedup_by(|a, b| a.0.is_some() && a.0 == b.0);
        if people.len() < 2 {
            continue;
        }
        let rows = Finding::rows_have_it(places.iter().map(|&i| drafts[i].row.number).collect());
        for i in places {
            drafts[i].add(code, column, &rows, parsed, findings);
        }
    }
}

/// Returns every cell about the user.
fn cells<'u>(parsed: &'u ParsedRoster, draft: &Draft<'u>) -> Vec<&'u str> {
    cells_of(parsed, draft, Presence::is_of_user)
}

/// Returns every cell about a class.
fn class_cells<'u>(parsed: &'u ParsedRoster, draft: &Draft<'u>) -> Vec<&'u str> {
    cells_of(parsed, draft, |presence| presence == Presence::Class)
}

fn cells_of<'u>(parsed: &'u ParsedRoster, draft: &Draft<'u>, wanted: fn(Presence) -> bool) -> Vec<&'u str> {
    let columns = parsed.columns.iter().filter(|column| wanted(column.spec().presence));
    columns.map(|&column| parsed.cell(draft.row, column).unwrap_or_default()).collect()
}

/// Returns the places of drafts that have the same key, two or more, in the order of the file.
fn groups<'u, K: Hash + Eq>(drafts: &[Draft<'u>], key: impl Fn(&Draft<'u>) -> Option<K>) -> Vec<Vec<usize>> {
    let places: Vec<usize> = (0..drafts.len()).filter(|&i| !drafts[i].only_protects).collect();
    groups_of(&places, |i| key(&drafts[i]))
}

fn groups_of<K: Hash + Eq>(places: &[usize], key: impl Fn(usize) -> Option<K>) -> Vec<Vec<usize>> {
    // Nearly all stand alone, so that only the others get a list.
    let mut first: HashMap<K, KeyRows> = HashMap::with_capacity(places.len());
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for &i in places {
        let Some(key) = key(i) else { continue };
        match first.entry(key) {
            Entry::Vacant(new) => drop(new.insert(KeyRows::Alone(i))),
            Entry::Occupied(mut known) => match *known.get() {
                KeyRows::Group(group) => groups[group].push(i),
                KeyRows::Alone(other) => {
                    known.insert(KeyRows::Group(groups.len()));
                    groups.push(vec![other, i]);
                }
            },
        }
    }
    groups
}

/// Where a key was met.
enum KeyRows {
    Alone(usize),
    Group(usize),
}
