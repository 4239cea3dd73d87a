//! What an organisation expects of its nightly jobs, and when it expects nothing.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{Date, Duration};

use crate::model::{Day, SourceId};
use crate::settings::SourceRules;

/// Whether rosters are watched for, and which are expected when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatchRules {
    /// Off: nobody is told anything.
    pub enabled: bool,
    /// The name of the time zone in the IANA database, in which all times and days below are.
    pub zone: String,
    pub schedules: Vec<SourceSchedule>,
    /// When nothing is expected.
    pub pauses: Vec<WatchPause>,
    /// When the daily digest is sent.
    pub digest_at: ClockTime,
    /// By which share a roster may be shorter than the last one of its kind without a mark, in percent.
    pub shrunken_percent: f64,
}

/// For how many days on end there may be a pause.
pub const MAX_PAUSE_DAYS: i64 = 120;

const MAX_SCHEDULES: usize = 50;
const MAX_PAUSES: usize = 50;

impl Default for WatchRules {
    fn default() -> Self {
        WatchRules {
            enabled: false,
            zone: "UTC".to_owned(),
            schedules: Vec::new(),
            pauses: Vec::new(),
            digest_at: ClockTime { hour: 7, minute: 0 },
            shrunken_percent: 20.0,
        }
    }
}

/// When a roster of a source is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSchedule {
    /// `None` for rosters of no source.
    #[serde(default)]
    pub source: Option<SourceId>,
    pub days: BTreeSet<Weekday>,
    /// By when it is to be here on each of these days.
    pub by: ClockTime,
    /// How long before that it may come, in hours, to count for that day.
    #[serde(default = "half_a_day")]
    pub within_hours: u8,
}

/// Returns how long before its time a roster may come unless somebody says otherwise.
fn half_a_day() -> u8 {
    12
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All of them, Monday first.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// Returns the word that pages show.
    pub fn label(self) -> &'static str {
        match self {
            Weekday::Monday => "Monday",
            Weekday::Tuesday => "Tuesday",
            Weekday::Wednesday => "Wednesday",
            Weekday::Thursday => "Thursday",
            Weekday::Friday => "Friday",
            Weekday::Saturday => "Saturday",
            Weekday::Sunday => "Sunday",
        }
    }
}

/// A time of the day, written like `06:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime {
    hour: u8,
    minute: u8,
}

impl ClockTime {
    /// Returns the hour, from 0 to 23.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// Returns the minute of the hour.
    pub fn minute(self) -> u8 {
        self.minute
    }
}

/// The text is no time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no time like 06:30")]
pub struct NoClockTime;

impl FromStr for ClockTime {
    type Err = NoClockTime;

    fn from_str(text: &str) -> Result<ClockTime, NoClockTime> {
        let (hour, minute) = text.split_once(':').ok_or(NoClockTime)?;
        let number = |part: &str| {
            let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { part.parse::<u8>().map_err(|_| NoClockTime) } else { Err(NoClockTime) }
        };
        let time = ClockTime { hour: number(hour)?, minute: number(minute)? };
        if time.hour < 24 && time.minute < 60 { Ok(time) } else { Err(NoClockTime) }
    }
}

impl TryFrom<String> for ClockTime {
    type Error = NoClockTime;

    fn try_from(text: String) -> Result<ClockTime, NoClockTime> {
        text.parse()
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> String {
        time.to_string()
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// Days on which no roster is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchPause {
    pub name: String,
    pub first: Day,
    /// It is a day of the pause, too.
    pub last: Day,
}

impl WatchPause {
    /// Returns whether a day is one of the pause.
    pub fn has(&self, day: &Day) -> bool {
        (&self.first..=&self.last).contains(&day)
    }

    /// Returns the summer holidays that somebody may mean, for them to change.
    ///
    /// They are those that last on this day, or the next ones. Where a time zone is in the south, they are those around
    /// New Year.
    pub fn proposed_summer(today: &Day, zone: &str) -> WatchPause {
        let year: i32 = today.as_str().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2000);
        let summer = |year: i32| {
            let (first, last) = if is_in_the_south(zone) {
                (format!("{:04}-12-15", year - 1), format!("{year:04}-01-31"))
            } else {
                (format!("{year:04}-06-15"), format!("{year:04}-08-15"))
            };
            first.parse::<Day>().ok().zip(last.parse::<Day>().ok())
        };
        let present = summer(year).filter(|(_, last)| last >= today);
        let (first, last) = present.or_else(|| summer(year + 1)).unwrap_or_else(|| (today.clone(), today.clone()));
        WatchPause { name: format!("Summer {}", last.as_str().get(..4).unwrap_or_default()), first, last }
    }
}

/// Returns whether schools of a time zone have summer around New Year, as far as its name tells.
fn is_in_the_south(zone: &str) -> bool {
    const SOUTH: [&str; 12] = [
        "Australia/",
        "Antarctica/",
        "Pacific/Auckland",
        "Pacific/Fiji",
        "America/Argentina/",
        "America/Buenos_Aires",
        "America/Sao_Paulo",
        "America/Santiago",
        "America/Montevideo",
        "America/Asuncion",
        "Africa/Johannesburg",
        "Africa/Windhoek",
    ];
    SOUTH.iter().any(|start| zone.starts_with(start))
}

/// Why what is watched for can't be what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WatchProblem {
    #[error("a schedule is of a source that there is not")]
    Source,
    #[error("two schedules are of one source")]
    Twice,
    #[error("a schedule has no day")]
    NoDay,
    #[error("a roster may come from 1 to 24 hours before its time")]
    Within,
    #[error("a pause has no name, or one of more than 40 characters")]
    Name,
    #[error("a pause ends before it begins")]
    Backwards,
    #[error("pauses last for more than 120 days on end")]
    TooLong,
    #[error("there are more than 50 schedules or pauses")]
    TooMany,
    #[error("a share is not from 0 to 100 percent")]
    Share,
}

impl WatchRules {
    /// Returns the pause of a day; where several have it, the one that ends last.
    pub fn pause_on(&self, day: &Day) -> Option<&WatchPause> {
        self.pauses.iter().filter(|pause| pause.has(day)).max_by_key(|pause| &pause.last)
    }

    /// Checks that each schedule is of one source that there is, and that no pause is endless.
    ///
    /// Whether there is such a time zone is asked of [`Zone`](crate::watching::Zone).
    ///
    /// # Errors
    ///
    /// The first problem.
    pub fn check(&self, sources: &SourceRules) -> Result<(), WatchProblem> {
        if self.schedules.len() > MAX_SCHEDULES || self.pauses.len() > MAX_PAUSES {
            return Err(WatchProblem::TooMany);
        }
        if !(0.0..=100.0).contains(&self.shrunken_percent) {
            return Err(WatchProblem::Share);
        }
        let mut seen = BTreeSet::new();
        for SourceSchedule { source, days, within_hours, .. } in &self.schedules {
            if source.as_ref().is_some_and(|id| sources.by_id(id).is_none()) {
                return Err(WatchProblem::Source);
            }
            if !seen.insert(source) {
                return Err(WatchProblem::Twice);
            }
            if days.is_empty() {
                return Err(WatchProblem::NoDay);
            }
            if !(1..=24).contains(within_hours) {
                return Err(WatchProblem::Within);
            }
        }
        self.check_pauses()
    }

    fn check_pauses(&self) -> Result<(), WatchProblem> {
        for WatchPause { name, first, last } in &self.pauses {
            if name.trim().is_empty() || name.chars().count() > 40 || name.chars().any(char::is_control) {
                return Err(WatchProblem::Name);
            }
            if last < first {
                return Err(WatchProblem::Backwards);
            }
        }
        let mut ranges: Vec<(Date, Date)> =
            self.pauses.iter().map(|pause| (pause.first.date(), pause.last.date())).collect();
        ranges.sort();
        let mut on_end: Option<(Date, Date)> = None;
        for (first, last) in ranges {
            // One that begins on the day after another goes on with it.
            let (begin, end) = match on_end {
                Some((begin, end)) if first.saturating_sub(Duration::DAY) <= end => (begin, end.max(last)),
                _ => (first, last),
            };
            if (end - begin).whole_days() >= MAX_PAUSE_DAYS {
                return Err(WatchProblem::TooLong);
            }
            on_end = Some((begin, end));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn pause(first: &str, last: &str) -> WatchPause {
        WatchPause { name: "Summer".to_owned(), first: day(first), last: day(last) }
    }

    fn with_pauses(pauses: &[WatchPause]) -> Result<(), WatchProblem> {
        WatchRules { pauses: pauses.to_vec(), ..WatchRules::default() }.check(&SourceRules::default())
    }

    #[test]
    fn a_pause_has_its_first_day_and_its_last() {
        let rules = WatchRules {
            pauses: vec![pause("2026-07-01", "2026-08-15"), pause("2026-08-01", "2026-08-20")],
            ..WatchRules::default()
        };
        let until = |text: &str| rules.pause_on(&day(text)).map(|pause| pause.last.to_string());
        assert_eq!(until("2026-06-30"), None);
        assert_eq!(until("2026-07-01").as_deref(), Some("2026-08-15"));
        assert_eq!(until("2026-08-01").as_deref(), Some("2026-08-20"), "the one that ends last");
        assert_eq!(until("2026-08-20").as_deref(), Some("2026-08-20"));
        assert_eq!(until("2026-08-21"), None);
    }

    #[test]
    fn pauses_end_and_none_is_endless() {
        assert_eq!(with_pauses(&[pause("2026-07-01", "2026-10-28")]), Ok(()), "120 days");
        assert_eq!(with_pauses(&[pause("2026-07-01", "2026-10-29")]), Err(WatchProblem::TooLong));
        let chained = [pause("2026-09-01", "2026-11-30"), pause("2026-07-01", "2026-08-31")];
        assert_eq!(with_pauses(&chained), Err(WatchProblem::TooLong), "one goes on with the other");
        let apart = [pause("2026-09-02", "2026-11-30"), pause("2026-07-01", "2026-08-31")];
        assert_eq!(with_pauses(&apart), Ok(()));
        assert_eq!(with_pauses(&[pause("2026-07-02", "2026-07-01")]), Err(WatchProblem::Backwards));
        let nameless = WatchPause { name: " ".to_owned(), ..pause("2026-07-01", "2026-07-01") };
        assert_eq!(with_pauses(&[nameless]), Err(WatchProblem::Name));
    }

    #[test]
    fn summer_is_proposed_for_the_hemisphere_and_not_after_it_is_over() {
        let proposed = |today: &str, zone: &str| {
            let WatchPause { name, first, last } = WatchPause::proposed_summer(&day(today), zone);
            format!("{name}: {first} to {last}")
        };
        assert_eq!(proposed("2026-03-01", "America/Chicago"), "Summer 2026: 2026-06-15 to 2026-08-15");
        assert_eq!(proposed("2026-08-15", "Europe/Berlin"), "Summer 2026: 2026-06-15 to 2026-08-15");
        assert_eq!(proposed("2026-08-16", "Europe/Berlin"), "Summer 2027: 2027-06-15 to 2027-08-15");
        assert_eq!(proposed("2026-03-01", "Australia/Sydney"), "Summer 2027: 2026-12-15 to 2027-01-31");
        assert_eq!(proposed("2026-01-02", "Pacific/Auckland"), "Summer 2026: 2025-12-15 to 2026-01-31");
        for zone in ["UTC", "Australia/Sydney"] {
            assert_eq!(with_pauses(&[WatchPause::proposed_summer(&day("2026-03-01"), zone)]), Ok(()));
        }
    }

    #[test]
    fn times_of_the_day_have_one_form() {
        assert_eq!("06:05".parse::<ClockTime>().map(|time| time.to_string()), Ok("06:05".to_owned()));
        for bad in ["", "6:05", "24:00", "12:60", "06:5", "+6:05", "06:05:00"] {
            assert_eq!(bad.parse::<ClockTime>(), Err(NoClockTime), "{bad}");
        }
    }

    #[test]
    fn each_source_has_one_schedule_and_each_schedule_a_day() {
        let schedule = |source: Option<&str>, days: &[Weekday], within_hours| SourceSchedule {
            source: source.map(|id| SourceId(id.to_owned())),
            days: days.iter().copied().collect(),
            by: ClockTime { hour: 6, minute: 0 },
            within_hours,
        };
        let check = |schedules: &[SourceSchedule]| {
            WatchRules { schedules: schedules.to_vec(), ..WatchRules::default() }.check(&SourceRules::default())
        };
        let monday = [Weekday::Monday];
        assert_eq!(check(&[schedule(None, &monday, 12)]), Ok(()));
        assert_eq!(check(&[schedule(Some("sis"), &monday, 12)]), Err(WatchProblem::Source));
        assert_eq!(check(&[schedule(None, &[], 12)]), Err(WatchProblem::NoDay));
        assert_eq!(check(&[schedule(None, &monday, 0)]), Err(WatchProblem::Within));
        assert_eq!(check(&[schedule(None, &monday, 12), schedule(None, &monday, 2)]), Err(WatchProblem::Twice));
    }
}
