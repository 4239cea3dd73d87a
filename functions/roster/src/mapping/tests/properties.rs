//! What holds of all files and profiles.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::file::{parse, without_secrets};
use crate::model::Code;
use crate::settings::{DateFormat, MappedColumn, NameOrder, NamePart, RowFilter, header_key};

const HEADERS: [&str; 14] = [
    "custom_id",
    "first_name",
    "Last Name",
    "Email",
    "Student ID",
    "Year Group",
    "School",
    "Status",
    "Password",
    "Zahl",
    "STU.GR?",
    "user_guid",
    "Error",
    "",
];
const CELLS: [&str; 14] = [
    "",
    "Ora",
    "Klein, Ora",
    "0042",
    "9",
    "0",
    "10",
    "North",
    "Active",
    "a@x.example",
    "=1",
    "'x",
    "\"a\nb\"",
    "\u{fffd}",
];

fn file() -> impl Strategy<Value = String> {
    let line = |cells: &[&'static str]| vec(select(cells.to_vec()), 1..8).prop_map(|cells| cells.join(","));
    let rows = vec(line(&CELLS), 0..6).prop_map(|rows| rows.join("\n"));
    (vec("[a-zA-Z ]{0,12}", 0..2), line(&HEADERS), rows, any::<bool>()).prop_map(|(titles, header, rows, ends)| {
        format!(
            "{}{header}\n{rows}{}",
            titles.iter().map(|title| format!("{title}\n")).collect::<String>(),
            if ends { "\n" } else { "" }
        )
    })
}

fn source() -> impl Strategy<Value = CellSource> {
    let header = || select(HEADERS.to_vec()).prop_map(str::to_owned);
    prop_oneof![
        header().prop_map(CellSource::Header),
        vec(header(), 0..4).prop_map(CellSource::FirstOf),
        (vec(header(), 0..4), "[ -]{0,2}").prop_map(|(headers, with)| CellSource::Joined { headers, with }),
        (
            header(),
            select(vec![NameOrder::LastCommaFirst, NameOrder::LastFirst, NameOrder::FirstLast]),
            select(vec![NamePart::First, NamePart::Last, NamePart::Middle])
        )
            .prop_map(|(header, order, part)| CellSource::NamePart { header, order, part }),
        "[a-zA-Z0-9]{0,4}".prop_map(CellSource::Fixed),
    ]
}

fn profile() -> impl Strategy<Value = MappingProfile> {
    let column =
        (source(), btree_map("[a-zA-Z0-9]{0,2}", "[a-zA-Z0-9]{0,3}", 0..3), proptest::option::of("[YMD/.]{0,10}"));
    let column = column.prop_map(|(from, values, dates)| MappedColumn { from, values, dates: dates.map(DateFormat) });
    let filter = select(HEADERS.to_vec())
        .prop_map(|header| RowFilter { header: header.to_owned(), values: ["9".to_owned()].into() });
    (btree_map(select(Column::ALL.to_vec()), column, 0..8), vec(filter, 0..2), any::<bool>()).prop_map(
        |(columns, leave_out, all)| {
            let columns: BTreeMap<Column, MappedColumn> = columns;
            let used = columns
                .values()
                .flat_map(|mapped| mapped.from.headers())
                .map(header_key)
                .collect::<std::collections::BTreeSet<_>>();
            let headers = if all { HEADERS.iter().map(|header| header_key(header)).collect() } else { used };
            MappingProfile { name: "Any".to_owned(), version: 1, source: None, headers, columns, leave_out }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_profile_reads_any_file_without_panic(file in file(), profile in profile()) {
        let reading = Reading::default().by_profiles(vec![profile]);
        if let (Some(parsed), _) = parse(file.as_bytes(), &reading) {
            for row in &parsed.rows {
                for column in Column::ALL {
                    let _ = parsed.cell(row, column);
                }
            }
        }
        let kept = without_secrets(file.as_bytes(), &reading).into_owned();
        let (again, _) = parse(&kept, &reading);
        prop_assert!(again.is_none_or(|again| again.row_count() <= file.lines().count()));
    }

    #[test]
    fn the_identity_profile_reads_as_none_does(rows in vec(vec(select(CELLS.to_vec()), 10), 1..5)) {
        let header: Vec<&str> = Column::ALL.into_iter().filter(|c| c.spec().presence == crate::Presence::Required).map(Column::header).collect();
        let rows: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
        let file = format!("{}\n{}\n", header.join(","), rows.join("\n"));
        let reading = Reading::default().by_profiles(vec![MappingProfile::identity()]);
        let ((with, found), (without, expected)) = (parse(file.as_bytes(), &reading), parse(file.as_bytes(), &Reading::default()));
        let plain = |findings: &crate::Findings| findings.iter().filter(|f| f.code != Code::MappingUsed).cloned().collect::<Vec<_>>();
        prop_assert_eq!(plain(&found), plain(&expected));
        prop_assert_eq!(with.is_some(), without.is_some());
        let (Some(with), Some(without)) = (with, without) else { return Ok(()) };
        prop_assert_eq!(with.rows.len(), without.rows.len());
        for (a, b) in with.rows.iter().zip(&without.rows) {
            prop_assert_eq!((a.number, &a.cells, a.damage), (b.number, &b.cells, b.damage));
            for column in Column::ALL {
                // Of a damaged row a profile makes empty cells where there are none.
                prop_assert_eq!(with.cell(a, column).unwrap_or_default(), without.cell(b, column).unwrap_or_default());
            }
        }
    }

    #[test]
    fn a_proposal_is_right_in_itself_whatever_the_bytes(bytes in prop_oneof![
        vec(any::<u8>(), 0..400),
        "[a-z,;\t|\"\n@ 0-9İßǅ]{0,300}".prop_map(String::into_bytes),
        file().prop_map(String::into_bytes),
    ]) {
        let (reading, schools) = (Reading::default(), schools());
        let facts = MappingFacts { reading: &reading, schools: &schools, custom_ids: None };
        if let Ok(proposal) = propose(&bytes, &facts) {
            prop_assert_eq!(proposal.profile.check(), vec![], "{:?}", String::from_utf8_lossy(&bytes));
            prop_assert_eq!(proposal.columns.len(), proposal.profile.columns.len());
        }
    }

    #[test]
    fn an_accepted_proposal_reads_the_file_without_findings_of_its_headers(
        header in vec("[A-Z][a-z]{2,9}( [A-Z][a-z]{2,6})?", 3..9),
        rows in vec(vec("[A-Z]?[a-z0-9]{1,8}", 9), 2..6),
    ) {
        let keys: std::collections::BTreeSet<String> = header.iter().map(|header| header_key(header)).collect();
        prop_assume!(keys.len() == header.len());
        let rows: Vec<String> = rows.iter().map(|row| row[..header.len()].join(",")).collect();
        let file = format!("{}\n{}\n", header.join(","), rows.join("\n"));
        let proposal = proposed(&file, &[]);
        let reading = Reading::default().by_profiles(vec![proposal.profile.clone()]);
        let (parsed, findings) = parse(file.as_bytes(), &reading);
        prop_assert!(parsed.is_some_and(|parsed| parsed.profile().is_some()), "{:?} {:?}", findings, file);
        prop_assert!(findings.iter().all(|f| f.severity() != Severity::File && f.code != Code::MappingHeadersChanged));
    }
}
