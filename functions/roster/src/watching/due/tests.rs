use jiff::Timestamp;

use super::*;
use crate::model::Day;
use crate::settings::{WatchPause, Weekday};

/// Returns a time written like `2026-03-02T06:00Z`.
fn at(text: &str) -> u64 {
    let at: Timestamp = text.replace('Z', ":00Z").parse().expect("a time");
    u64::try_from(at.as_millisecond()).expect("after 1970")
}

fn source(id: &str) -> Option<SourceId> {
    Some(SourceId(id.to_owned()))
}

fn weekdays(source: Option<SourceId>, by: &str) -> SourceSchedule {
    let days = Weekday::ALL[..5].iter().copied().collect();
    SourceSchedule { source, days, by: by.parse().expect("a time"), within_hours: 12 }
}

fn rules(zone: &str, schedules: &[SourceSchedule]) -> WatchRules {
    WatchRules { enabled: true, zone: zone.to_owned(), schedules: schedules.to_vec(), ..WatchRules::default() }
}

fn pause(first: &str, last: &str) -> WatchPause {
    let day = |text: &str| text.parse::<Day>().expect("a day");
    WatchPause { name: "Summer".to_owned(), first: day(first), last: day(last) }
}

fn arrival(upload: &str, source: Option<SourceId>, came: &str, stage: WatchedStage) -> WatchedUpload {
    WatchedUpload {
        upload: upload.to_owned(),
        source,
        came_at: at(came),
        stage,
        since: at(came),
        by_hand: false,
        marks: Vec::new(),
    }
}

const DONE: WatchedStage = WatchedStage::Done { changes: 3, left_out: 0 };

fn ids_of(now: &str, rules: &WatchRules, arrivals: &[WatchedUpload]) -> Vec<String> {
    ids_since("2026-01-01T00:00Z", now, rules, arrivals)
}

fn ids_since(since: &str, now: &str, rules: &WatchRules, arrivals: &[WatchedUpload]) -> Vec<String> {
    let notices = due(at(now), at(since), rules, arrivals, &BTreeSet::new()).expect("a zone");
    notices.into_iter().map(|notice| notice.id).collect()
}

fn late_ids(now: &str, rules: &WatchRules, arrivals: &[WatchedUpload]) -> Vec<String> {
    ids_of(now, rules, arrivals).into_iter().filter(|id| id.starts_with("late")).collect()
}

#[test]
fn a_roster_is_late_from_its_time_on_and_once_for_each_day() {
    // 2026-03-02 is a Monday, and Chicago is six hours behind.
    let rules = rules("America/Chicago", &[weekdays(None, "06:00")]);
    let since = |now: &str, arrivals: &[WatchedUpload]| {
        let ids = ids_since("2026-03-01T00:00Z", now, &rules, arrivals);
        ids.into_iter().filter(|id| id.starts_with("late")).collect::<Vec<_>>()
    };
    let came = |text: &str| [arrival("1", None, text, DONE)];
    let table: [(&str, &[WatchedUpload], &[&str]); 9] = [
        ("2026-03-02T12:00Z", &[], &[]),
        ("2026-03-02T12:01Z", &[], &["late_2026-03-02"]),
        ("2026-03-02T12:01Z", &came("2026-03-02T11:00Z"), &[]),
        // The evening before counts, the afternoon before does not.
        ("2026-03-02T12:01Z", &came("2026-03-02T00:00Z"), &[]),
        ("2026-03-02T12:01Z", &came("2026-03-01T23:59Z"), &["late_2026-03-02"]),
        // It came after its time, and before anybody looked.
        ("2026-03-02T15:00Z", &came("2026-03-02T14:00Z"), &[]),
        // What came too late yesterday is no roster of today.
        ("2026-03-03T12:01Z", &came("2026-03-02T14:00Z"), &["late_2026-03-03"]),
        ("2026-03-03T12:01Z", &[], &["late_2026-03-02", "late_2026-03-03"]),
        // Nobody looked for two days: the roster of one day is not that of the day before.
        ("2026-03-03T13:00Z", &came("2026-03-03T11:00Z"), &["late_2026-03-02"]),
    ];
    for (now, arrivals, expected) in table {
        assert_eq!(since(now, arrivals), expected, "{now} {arrivals:?}");
    }
}

#[test]
fn what_was_told_before_or_happened_before_watching_is_not_told() {
    let rules = rules("UTC", &[weekdays(None, "06:00")]);
    let arrivals = [arrival("1", None, "2026-03-02T09:00Z", WatchedStage::Failed)];
    let now = at("2026-03-03T06:30Z");
    let ids = |since: &str, sent: &[&str]| {
        let sent = sent.iter().map(|id| (*id).to_owned()).collect();
        let notices = due(now, at(since), &rules, &arrivals, &sent).expect("a zone");
        // The digest of the first day says that it is late, too.
        let ids = notices.into_iter().map(|notice| notice.id).filter(|id| !id.starts_with("digest"));
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids("2026-03-02T06:30Z", &[]), ["failed_1", "late_2026-03-03"]);
    assert_eq!(ids("2026-03-02T06:30Z", &["failed_1"]), ["late_2026-03-03"]);
    assert_eq!(ids("2026-03-03T06:10Z", &[]), Vec::<String>::new());
    let off = WatchRules { enabled: false, ..rules.clone() };
    assert_eq!(due(now, 0, &off, &arrivals, &BTreeSet::new()), Ok(Vec::new()));
    let nowhere = WatchRules { zone: "Mars/Base".to_owned(), ..rules.clone() };
    assert_eq!(due(now, 0, &nowhere, &arrivals, &BTreeSet::new()), Err(NoZone));
}

#[test]
fn an_hour_that_is_left_out_or_comes_twice_makes_one_slot() {
    // In 2026 the clock goes from 02:00 to 03:00 on 8 March, and from 02:00 back to 01:00 on 1 November: Sundays.
    let sunday = SourceSchedule { days: [Weekday::Sunday].into(), ..weekdays(None, "02:30") };
    let spring = rules("America/Chicago", &[sunday]);
    assert_eq!(late_ids("2026-03-08T08:29Z", &spring, &[]).last().map(String::as_str), Some("late_2026-03-01"));
    let late = due(at("2026-03-08T09:00Z"), at("2026-03-05T00:00Z"), &spring, &[], &BTreeSet::new()).expect("a zone");
    assert_eq!(late.len(), 2, "a digest of the day says so, too: {late:?}");
    let slot = late.iter().find(|notice| notice.id == "late_2026-03-08").expect("it is late");
    assert_eq!(slot.at, at("2026-03-08T08:30Z"), "02:30 is left out, so that it is 03:30");
    let sunday = SourceSchedule { days: [Weekday::Sunday].into(), ..weekdays(None, "01:30") };
    let autumn = rules("America/Chicago", &[sunday]);
    let of = |now: &str| {
        let ids = ids_since("2026-10-30T00:00Z", now, &autumn, &[]);
        ids.into_iter().filter(|id| id.starts_with("late")).collect::<Vec<_>>()
    };
    assert_eq!(of("2026-11-01T06:31Z"), ["late_2026-11-01"], "the first 01:30");
    assert_eq!(of("2026-11-01T07:31Z"), ["late_2026-11-01"], "the second 01:30 is the same slot");
}

#[test]
fn in_a_pause_nothing_is_late_and_after_it_something_is() {
    let mut rules = rules("Australia/Sydney", &[weekdays(None, "06:00")]);
    // 2026-12-14 is a Monday; Sydney is eleven hours ahead.
    rules.pauses = vec![pause("2026-12-15", "2027-01-31")];
    let of = |now: &str| {
        let ids = ids_since("2026-12-13T20:00Z", now, &rules, &[]);
        ids.into_iter().filter(|id| id.starts_with("late")).collect::<Vec<_>>()
    };
    assert_eq!(of("2026-12-13T19:01Z"), Vec::<String>::new(), "before watching");
    assert_eq!(of("2026-12-14T19:01Z"), Vec::<String>::new(), "the 15th, the first day of the pause");
    assert_eq!(of("2027-01-31T18:59Z"), Vec::<String>::new());
    assert_eq!(of("2027-01-31T19:01Z"), ["late_2027-02-01"], "the first day after it");
    assert_eq!(late_at(at("2026-12-20T00:00Z"), &rules, &[]), Ok(Vec::new()), "no line on the page either");
}

#[test]
fn each_source_is_late_by_itself() {
    let schedules = [weekdays(source("sis"), "06:00"), weekdays(source("hr"), "20:00")];
    let rules = rules("UTC", &schedules);
    let sis = [arrival("1", source("sis"), "2026-03-02T05:00Z", DONE)];
    let of = |now: &str| {
        let ids = ids_since("2026-03-02T00:00Z", now, &rules, &sis);
        ids.into_iter().filter(|id| id.starts_with("late")).collect::<Vec<_>>()
    };
    assert_eq!(of("2026-03-02T19:00Z"), Vec::<String>::new());
    assert_eq!(of("2026-03-02T21:00Z"), ["late_hr_2026-03-02"]);
    assert_eq!(of("2026-03-03T21:00Z"), ["late_hr_2026-03-02", "late_sis_2026-03-03", "late_hr_2026-03-03"]);
    let by_hand = [WatchedUpload { by_hand: true, ..arrival("2", source("hr"), "2026-03-02T19:00Z", DONE) }];
    let ids = ids_since("2026-03-02T00:00Z", "2026-03-02T21:00Z", &rules, &by_hand);
    assert!(ids.contains(&"late_hr_2026-03-02".to_owned()), "an edit by hand is no roster: {ids:?}");
}

#[test]
fn the_page_says_late_until_something_comes() {
    let rules = rules("UTC", &[weekdays(source("sis"), "06:00")]);
    let late = |now: &str, came: &str| {
        let late = late_at(at(now), &rules, &[arrival("1", source("sis"), came, DONE)]).expect("a zone");
        late.first().map(|late| (late.expected_at, late.last_at))
    };
    let (friday, monday) = (at("2026-02-27T05:00Z"), at("2026-03-02T06:00Z"));
    assert_eq!(late("2026-03-02T06:01Z", "2026-02-27T05:00Z"), Some((monday, Some(friday))));
    assert_eq!(late("2026-03-02T06:00Z", "2026-02-27T05:00Z"), None);
    assert_eq!(late("2026-03-02T09:00Z", "2026-03-02T08:00Z"), None, "it came, if late");
    assert_eq!(late("2026-03-07T09:00Z", "2026-03-06T05:00Z"), None, "nothing is expected on a Saturday");
}

#[test]
fn an_upload_is_told_of_once_for_each_stage() {
    let rules = rules("UTC", &[]);
    let of = |stage| {
        let ids = ids_of("2026-03-02T06:00Z", &rules, &[arrival("7", None, "2026-03-02T05:00Z", stage)]);
        assert_eq!(ids_of("2026-03-02T06:30Z", &rules, &[arrival("7", None, "2026-03-02T05:00Z", stage)]), ids);
        ids
    };
    assert_eq!(of(WatchedStage::Held { changes: 2 }), ["held_7"]);
    assert_eq!(of(WatchedStage::Failed), ["failed_7"]);
    assert_eq!(of(DONE), ["done_7"]);
    for stage in [WatchedStage::Moving, WatchedStage::Dropped, WatchedStage::Paused] {
        assert_eq!(of(stage), Vec::<String>::new(), "{stage:?}");
    }
}

#[test]
fn a_digest_comes_once_a_day_where_there_is_something_to_say() {
    let rules = rules("Europe/Berlin", &[]);
    let digests = |now: &str, arrivals: &[WatchedUpload]| {
        let notices = due(at(now), at("2026-01-01T00:00Z"), &rules, arrivals, &BTreeSet::new()).expect("a zone");
        let digests = notices.into_iter().filter_map(|notice| match notice.about {
            NoticeAbout::Digest(DigestCounts { done, failed, held, paused, .. }) => {
                Some((notice.id, [done, failed, held, paused]))
            }
            _ => None,
        });
        digests.collect::<Vec<_>>()
    };
    // Seven o'clock in Berlin is six.
    let done = [arrival("1", None, "2026-03-02T05:00Z", DONE)];
    assert_eq!(digests("2026-03-02T05:59Z", &done), []);
    assert_eq!(digests("2026-03-02T06:00Z", &done), [("digest_2026-03-02".to_owned(), [1, 0, 0, 0])]);
    assert_eq!(digests("2026-03-02T23:00Z", &done), [("digest_2026-03-02".to_owned(), [1, 0, 0, 0])]);
    assert_eq!(digests("2026-03-03T06:00Z", &done), [], "nothing happened");
    let waits = [
        arrival("1", None, "2026-02-20T05:00Z", WatchedStage::Held { changes: 1 }),
        arrival("2", None, "2026-02-20T05:00Z", WatchedStage::Paused),
    ];
    assert_eq!(digests("2026-03-03T06:00Z", &waits), [("digest_2026-03-03".to_owned(), [0, 0, 1, 1])]);
    assert_eq!(digests("2026-03-03T06:00Z", &waits[1..]), [], "a file of the pause is no news");
    let later = [arrival("1", None, "2026-03-03T08:00Z", WatchedStage::Failed)];
    assert_eq!(digests("2026-03-03T09:00Z", &later), [], "what came after its time is for the next one");
}

#[test]
fn a_notice_names_no_file_and_no_person() {
    let rules = rules("UTC", &[weekdays(source("sis"), "06:00")]);
    let arrivals = [arrival("7", source("sis"), "2026-02-27T05:00Z", WatchedStage::Held { changes: 1234 })];
    let notices = due(at("2026-03-02T08:00Z"), at("2026-02-27T00:00Z"), &rules, &arrivals, &BTreeSet::new());
    let texts: Vec<String> = notices
        .expect("a zone")
        .iter()
        .map(|notice| format!("{} | {} | {}", notice.subject(|_| None), notice.text().trim(), notice.path()))
        .collect();
    let expected = [
        "A plan waits for approval | The plan has 1,234 changes. Nothing happens until somebody approves or rejects it. \
         | /uploads/7",
        "No roster came from sis in time | A roster was expected and did not come. Look whether the job that sends it \
         ran, and whether it could reach Rollbook. | /uploads",
        "What happened to rosters in a day | Waiting for approval: 1\nLate: 1 | /uploads",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn what_is_odd_is_told_once_beside_what_came_of_it_and_counted() {
    let rules = rules("UTC", &[]);
    let odd = |stage| {
        let marks = vec![Mark::Identical, Mark::Shrunken { rows: 1500, before: 2000 }];
        WatchedUpload { marks, ..arrival("7", None, "2026-03-02T05:00Z", stage) }
    };
    assert_eq!(ids_of("2026-03-02T06:00Z", &rules, &[odd(DONE)]), ["done_7", "odd_7"]);
    assert_eq!(ids_of("2026-03-02T06:00Z", &rules, &[odd(WatchedStage::Dropped)]), ["odd_7"]);
    let arrivals = [odd(DONE)];
    let notices = due(at("2026-03-02T08:00Z"), 0, &rules, &arrivals, &BTreeSet::new()).expect("a zone");
    let texts: Vec<String> =
        notices.iter().map(|notice| format!("{} | {}", notice.subject(|_| None), notice.text().trim())).collect();
    let expected = [
        "A roster was carried out | It made 3 changes.",
        "A roster is odd beside the last one | Identical to the last: the sending system may repeat an old file.\n\
         Shrunken: 1,500 rows, and 2,000 the last time.",
        "What happened to rosters in a day | Carried out: 1\nOdd beside the last one: 1",
    ];
    assert_eq!(texts, expected);
}
