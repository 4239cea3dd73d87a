//! Which IDs are alike, why, and that an index finds the same.

use proptest::prelude::*;

use super::Reason::*;
use super::*;

/// That the first is alike to all the others for that reason, found by an index, too.
fn check(reason: Option<Reason>, pairs: &[(&str, &str)]) {
    for (written, known) in pairs {
        assert_eq!(alike(written, known), reason, "{written} and {known}");
        let found = find(written, &[known]);
        assert_eq!(!found.places.is_empty(), reason.is_some(), "{written} in an index of {known}");
    }
}

/// Finds an ID among others, of which none is there twice.
fn find(id: &str, ids: &[&str]) -> AlikeIds {
    let (id_of, place_of) = (|place: usize| ids[place], |id: &str| ids.iter().position(|other| *other == id));
    let mut index = IndexBuilder::default();
    ids.iter().enumerate().for_each(|(place, id)| index.add(place, id));
    index.finish(ids.len()).find(id, id_of, place_of)
}

#[test]
fn numbers_beyond_all_numbers_are_alike_to_nothing() {
    let exponents =
        ["18446744073709551615", "-2147483648", "+2147483647", "99999999999999999999999", "-0", "39", "-39"];
    for exponent in exponents {
        for mantissa in ["1", "1.5", "0", "12345678901234567890", "1.", ".5"] {
            let id = format!("{mantissa}e{exponent}");
            assert_eq!(alike(&id, "100000000000"), None, "{id}");
            assert_eq!(alike("100000000000", &id), None, "{id}");
        }
    }
}

#[test]
fn says_why_two_ids_are_alike() {
    check(Some(LetterCase), &[("S-AB12", "s-ab12"), ("äb1", "ÄB1"), ("1e5", "1E5")]);
    check(
        Some(UnicodeForm),
        &[("A\u{308}b1", "Äb1"), ("２０００７", "20007"), ("20\u{200b}007", "20007"), ("ﬁ1", "FI1")],
    );
    check(
        Some(HyphenOrSpace),
        &[("AB\u{2011}07", "AB-07"), ("AB–07", "AB-07"), ("AB−07", "AB-07"), ("20 007", "20007")],
    );
    check(Some(HyphenOrSpace), &[("20\u{202f}007", "20007"), ("A B", "A\u{a0}B"), ("ab 07", "AB07")]);
    check(Some(Marks), &[("“20007”", "20007"), ("+20007", "20007"), ("'20007", "20007"), ("=\"20007\"", "20007")]);
    check(Some(Marks), &[("\"ab‑7\"", "AB-7"), ("20007'", "20007"), ("´20007", "20007"), ("«20007»", "20007")]);
    check(Some(Thousands), &[("20,007", "20007"), ("20.007", "20007"), ("1’234’567", "1234567"), ("20007", "20,007")]);
    check(Some(Thousands), &[("1,00,000", "100000")]);
    check(Some(Decimals), &[("20007.0", "20007"), ("20007,00", "20007"), ("20,007.00", "20007"), ("20.000", "20")]);
    check(Some(ZerosLost), &[("123", "00123"), ("0123", "00123"), ("A12", "A0012"), ("-7", "-07"), ("0", "000")]);
    check(Some(ZerosLost), &[("20,007", "0020007"), ("“123”", "00123"), ("ab-7", "AB-07")]);
    check(Some(ZerosGained), &[("0020007", "20007"), ("A0012", "A12"), ("00", "0")]);
    check(Some(Scientific), &[("1.2E+11", "123456789012"), ("1.23457E+11", "123456789012"), ("1E+11", "99999999999")]);
    check(
        Some(Scientific),
        &[("1.00E+05", "1E5"), ("100000", "1E5"), ("1,2E+11", "00120000000000"), ("2.05E+02", "205")],
    );
    check(Some(LastDigits), &[("1234567890123450", "1234567890123456"), ("1234567890123456", "1234567890123450")]);
    check(Some(LastDigits), &[("123456789012346000", "123456789012345678")]);
}

#[test]
fn knows_dates_that_a_spreadsheet_made() {
    let of = |id: &'static str| move |written| (written, id);
    check(Some(Date), &["12-Oct", "2026-10-12", "10/12/2026", "12/10/2026", "12.10.2026", "Oct-12"].map(of("10-12")));
    check(
        Some(Date),
        &["12. Okt", "12-oct.", "12/10", "2026-10-12 00:00:00", "10/12/26", "12-Oct-26"].map(of("10-12")),
    );
    check(
        Some(Date),
        &["12 oct", "12\u{2011}Oct", "12-octobre", "12 de oct"][..3]
            .to_vec()
            .into_iter()
            .map(of("10/12"))
            .collect::<Vec<_>>(),
    );
    check(Some(Date), &["1-Mar", "01/03/2026", "Mar 1"].map(of("MAR1"))[..1]);
    check(Some(Date), &["2003-02-01", "2/1/2003", "1.2.2003"].map(of("1-2-03")));
    check(Some(Date), &["3/12/4411", "12.3.4411"].map(of("03-12-4411")));
    check(Some(Date), &["Oct-12", "2012-10-01", "1/10/2012"].map(of("10-2012")));
    check(None, &[("10-12", "12-10"), ("12-10-2011", "12-10-2012"), ("12-10-03", "10-12-03"), ("10-13", "10-12")]);
    check(None, &[("13-14", "14-13"), ("Marie1", "1"), ("12-Oct", "11-12"), ("1-a", "1-b")]);
}

#[test]
fn knows_letters_of_other_alphabets_that_look_the_same() {
    check(Some(LookAlike), &[("АВ-07", "AB-07"), ("А0012", "A0012"), ("ав-07", "AB-07")]);
    check(Some(LookAlike), &[("AB-07", "АВ-07"), ("ΑΒ-07", "AB-07"), ("АВ–7", "ab-07"), ("СТОРМ", "CTOPM")]);
    check(Some(LookAlike), &[("“А12”", "A0012"), ("І-1", "I-1"), ("Ѕ1", "S1"), ("З1", "31")]);
    check(Some(LetterCase), &[("АВ-07", "ав-07"), ("Ν1", "ν1")]);
    check(None, &[("Г-1", "r-1"), ("Ж1", "K1"), ("É1", "E1"), ("Ø1", "O1"), ("O1", "01"), ("l1", "I1"), ("١", "1")]);
}

#[test]
fn tells_apart_what_is_not_alike() {
    check(None, &[("1", "2"), ("123", "1230"), ("A12", "B12"), ("AB-07", "AB07"), ("10", "1"), ("1.5", "15")]);
    check(None, &[("1.2E+11", "12345678901"), ("123456789012345", "123456789012340"), ("E11", "E12"), ("", "0")]);
    check(None, &[("a", "a"), ("20007", "20007")].map(|_| ("x1", "x2")));
    assert_eq!(alike("a", "a"), None);
}

#[test]
fn too_many_are_nobody() {
    let ids: Vec<String> = (0..100).map(|i| format!("{}", 120_000_000_000u64 + i)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert!(find("1.2E+11", &ids).too_many);
    assert_eq!(find("120,000,000,007", &ids).places, [7]);
}

#[test]
fn of_too_many_the_first_are_found() {
    let ids: Vec<String> = (0..30).map(|zeros| format!("{:0>width$}", 7, width = 30 - zeros)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(find("7", &ids), AlikeIds { places: (0..Index::MOST).collect(), too_many: true });
}

#[test]
fn an_id_of_digits_is_read_like_any_other() {
    let digits = ["0", "000", "7", "0070", "10", "999999999999999", "000999999999999999", "20200131"];
    for id in digits.into_iter().chain(["", "1234567890123456", "1e5", "1.0", "-1", "\u{ff12}"]) {
        let (forms, read) = (Forms::new(id), Forms::of_any(id));
        assert_eq!((&forms.plain, forms.own, &forms.dates), (&read.plain, read.own, &read.dates), "{id}");
        assert_eq!(forms.number, read.number, "{id}");
        assert!(!is_own_form(id.as_bytes()) || forms.plain == [id], "{id}");
    }
    assert!(["7", "10", "20200131"].into_iter().all(|id| is_own_form(id.as_bytes())));
    assert!(!["", "0", "07", "1a", "1 "].into_iter().any(|id| is_own_form(id.as_bytes())));
}

proptest! {
    #[test]
    fn an_index_finds_just_what_is_alike(ids in prop::collection::btree_set("[aAbBАВв0-2１2 \u{2011}.,'\"eE+/-]{0,7}|[01]?[0-9][-/.](1[0-2]|[a-z]{3}|Oct)(-2026)?", 1..12)) {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        for id in &ids {
            let found = find(id, &ids);
            for (i, other) in ids.iter().enumerate().filter(|(_, other)| *other != id) {
                prop_assert_eq!(found.places.contains(&i), alike(id, other).is_some(), "{:?} and {:?}", id, other);
            }
        }
    }
}
