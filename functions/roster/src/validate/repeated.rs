//! Rows that have what only one may have.

use std::collections::HashMap;
use std::hash::Hash;

use crate::finding::Findings;
use crate::user::fold;
use crate::{Code, Column, Finding, Presence, Upload};

use super::draft::Draft;

/// Adds the findings that rows have because of each other.
pub(super) fn report<'u>(upload: &'u Upload, drafts: &mut [Draft<'u>], findings: &mut Findings) {
    report_custom_ids(upload, drafts, findings);
    let guids = groups(drafts, |d| d.guid);
    report_people(drafts, guids, Code::GuidRepeated, Column::UserGuid, findings);
    let usernames = groups(drafts, |d| d.username.as_deref().map(fold));
    report_people(drafts, usernames, Code::UsernameRepeated, Column::Username, findings);
    let emails = groups(drafts, |d| d.email_of(true).map(fold));
    report_people(drafts, emails, Code::EmailRepeated, Column::Email, findings);
    let shared = groups(drafts, |d| d.email_of(false).map(fold));
    report_people(drafts, shared, Code::EmailShared, Column::Email, findings);
}

/// Rows with the same custom ID: if they are the same in every cell, the first is taken; else none is. Rows that
/// have no custom ID of their own can still be the same in every cell. A damaged row that may have the ID makes the
/// others as doubtful; of itself everything has been said.
fn report_custom_ids<'u>(upload: &'u Upload, drafts: &mut [Draft<'u>], findings: &mut Findings) {
    let all: Vec<usize> = (0..drafts.len()).collect();
    for group in groups_of(&all, |i| upload.cell(drafts[i].row, Column::CustomId)) {
        let rows = || Finding::rows_have_it(group.iter().map(|&i| drafts[i].row.number).collect());
        let (damaged, places): (Vec<usize>, Vec<usize>) = group.iter().partition(|&&i| drafts[i].only_protects);
        let Some(&first) = places.first() else { continue };
        let alike = groups_of(&places, |i| Some(cells(upload, &drafts[i])));
        let has_id = drafts[first].custom_id.is_some();
        let same = alike.len() == 1 && alike[0].len() == places.len();
        let conflict = has_id && !(same && damaged.is_empty());
        if conflict {
            let rows = rows();
            for i in places {
                drafts[i].without_owner = true;
                drafts[i].add(Code::CustomIdRepeated, Column::CustomId, &rows, findings);
            }
            continue;
        }
        for same in alike {
            let first = drafts[same[0]].row.number;
            for &i in &same[1..] {
                drafts[i].repeats(first, findings);
            }
        }
    }
}

/// Rows of several people that have the same value. Rows with the same custom ID are about one person, and have
/// a finding for that.
fn report_people(drafts: &mut [Draft], groups: Vec<Vec<usize>>, code: Code, column: Column, findings: &mut Findings) {
    for places in groups {
        let mut people: Vec<_> = places.iter().map(|&i| (drafts[i].custom_id.as_deref(), i)).collect();
        people.sort_unstable();
        people.dedup_by(|a, b| a.0.is_some() && a.0 == b.0);
        if people.len() < 2 {
            continue;
        }
        let rows = Finding::rows_have_it(places.iter().map(|&i| drafts[i].row.number).collect());
        for i in places {
            drafts[i].add(code, column, &rows, findings);
        }
    }
}

/// Every cell but those of our own columns.
fn cells<'u>(upload: &'u Upload, draft: &Draft<'u>) -> Vec<&'u str> {
    let columns = upload.columns.iter().filter(|c| c.spec().presence != Presence::Ours);
    columns.map(|&column| upload.cell(draft.row, column).unwrap_or_default()).collect()
}

/// The places of drafts that have the same key, two or more, in the order of the file.
fn groups<'u, K: Hash + Eq>(drafts: &[Draft<'u>], key: impl Fn(&Draft<'u>) -> Option<K>) -> Vec<Vec<usize>> {
    let places: Vec<usize> = (0..drafts.len()).filter(|&i| !drafts[i].only_protects).collect();
    groups_of(&places, |i| key(&drafts[i]))
}

fn groups_of<K: Hash + Eq>(places: &[usize], key: impl Fn(usize) -> Option<K>) -> Vec<Vec<usize>> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::with_capacity(places.len());
    for &i in places {
        if let Some(key) = key(i) {
            groups.entry(key).or_default().push(i);
        }
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}
