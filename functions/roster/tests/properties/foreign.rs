//! What holds of files of other systems, whatever is in them: their order decides nothing, and whoever is missing because a
//! file was cut off is not removed unseen.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use roster::{Guid, Hold, Mode, SentFile};

use crate::feeds::{ComesBack, format, town};
use crate::{codes, config, without_rows};

/// Returns the files in another order, and the lines below their headers, too.
fn shuffled(mut files: Vec<SentFile>, seed: u64) -> Vec<SentFile> {
    let key = |place: usize| (place as u64 + 1).wrapping_mul(seed | 1).rotate_left(23);
    for file in &mut files {
        let text = String::from_utf8(std::mem::take(&mut file.bytes)).expect("text");
        let mut lines: Vec<(usize, &str)> = text.split_inclusive('\n').enumerate().collect();
        lines[1..].sort_by_key(|(place, _)| key(*place));
        file.bytes = lines.into_iter().map(|(_, line)| line).collect::<String>().into_bytes();
    }
    let mut files: Vec<(usize, SentFile)> = files.into_iter().enumerate().collect();
    files.sort_by_key(|(place, _)| key(*place));
    files.into_iter().map(|(_, file)| file).collect()
}

/// Returns whether every line of a file that is cut here has a cell for each header: nobody can see that it was.
fn looks_whole(text: &[u8]) -> bool {
    let start = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let cells = |line: &[u8]| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line);
        reader.byte_records().next().and_then(Result::ok).map_or(0, |record| record.len())
    };
    let header = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_open = text[start..].iter().filter(|byte| **byte == b'"').count() % 2 == 1;
    start == text.len() || start == 0 || (cells(&text[start..]) >= cells(header) && !is_open)
}

fn removed(back: &Option<ComesBack>) -> BTreeSet<Guid> {
    let changes = back.iter().flat_map(|back| &back.users.plan.changes);
    changes.filter(|change| change.after.is_none()).map(|change| change.guid).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_order_of_files_and_lines_decides_nothing(
        town in town(),
        format in format(),
        full in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let mode = if full { Mode::Full } else { Mode::Partial };
        let files = town.feed(format);
        let (one, other) = (town.read(files.clone(), mode), town.read(shuffled(files, seed), mode));
        match (one, other) {
            (Ok(Some(one)), Ok(Some(other))) => {
                prop_assert_eq!(codes(&one.users.findings), codes(&other.users.findings));
                prop_assert_eq!(codes(&one.findings), codes(&other.findings));
                prop_assert_eq!(codes(&one.notes), codes(&other.notes));
                prop_assert_eq!(one.classes.counts, other.classes.counts);
                prop_assert_eq!(without_rows(one.users.plan), without_rows(other.users.plan));
            }
            (one, other) => prop_assert_eq!(one.is_err(), other.is_err()),
        }
    }

    #[test]
    fn whoever_is_missing_because_a_file_was_cut_off_is_not_removed_unseen(
        town in town(),
        format in format(),
        which in any::<Index>(),
        end in any::<Index>(),
    ) {
        let files = town.feed(format);
        let Ok(whole) = town.read(files.clone(), Mode::Full) else { return Ok(()) };
        let mut cut = files;
        let file = which.index(cut.len());
        let end = end.index(cut[file].bytes.len());
        cut[file].bytes.truncate(end);
        if looks_whole(&cut[file].bytes) {
            return Ok(());
        }
        let name = cut[file].name.clone();
        let Ok(back) = town.read(cut, Mode::Full) else { return Ok(()) };
        let more: Vec<Guid> = removed(&back).difference(&removed(&whole)).copied().collect();
        let Some(back) = back.filter(|_| !more.is_empty()) else { return Ok(()) };
        let of_notes: Vec<Hold> = Hold::of_notes(&back.notes).collect();
        let mut holds = back.users.plan.holds.iter().chain(&of_notes);
        let is_held = holds.any(|hold| {
            matches!(hold, Hold::RowsCutOff | Hold::RowsWithoutOwner { .. } | Hold::Doubtful { .. })
        });
        prop_assert!(is_held, "{name} at {end}: {more:?} {:?}", back.users.plan.holds);
    }
}
