//! Which notices are due.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::model::SourceId;
use crate::model::durations::HOUR;
use crate::settings::{SourceSchedule, WatchPause, WatchRules};

use super::mark::Mark;
use super::notice::{DigestCounts, Notice, NoticeAbout};
use super::zone::{NoZone, Zone, day_of, weekday_of};

/// An upload, as far as it is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedUpload {
    pub upload: String,
    pub source: Option<SourceId>,
    pub came_at: u64,
    pub stage: WatchedStage,
    /// When it came to this stage.
    pub since: u64,
    /// Whether it was filled in by hand, about one person: no roster is expected to come like that.
    pub by_hand: bool,
    /// What is odd about it beside the last one of its kind.
    pub marks: Vec<Mark>,
}

/// How far an upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchedStage {
    /// Something will happen to it without anybody's doing.
    Moving,
    /// It waits for the end of a pause.
    Paused,
    Held {
        changes: u64,
    },
    Failed,
    /// `left_out` counts rows that were rejected, and changes that were left undone.
    Done {
        changes: u64,
        left_out: u64,
    },
    /// Somebody decided so, or put a newer file in its place during a pause, and need not be told.
    Dropped,
}

/// A source of which nothing came in time, and nothing since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateSource {
    pub source: Option<SourceId>,
    pub expected_at: u64,
    /// When something last came, as far as the arrivals reach back.
    pub last_at: Option<u64>,
}

/// For how many days a slot that was missed is still told.
const LOOK_BACK_DAYS: i64 = 7;

/// Returns what people are to be told at `now`, the oldest first.
///
/// `since` is when watching began: what happened before is told to nobody. `sent` has the ids of what was told before,
/// which is not told again.
///
/// `arrivals` has every upload that came within the last nine days, and those that ended since watching was last asked.
///
/// # Errors
///
/// [`NoZone`] where the rules name a time zone that there is not.
pub fn due(
    now: u64,
    since: u64,
    rules: &WatchRules,
    arrivals: &[WatchedUpload],
    sent: &BTreeSet<String>,
) -> Result<Vec<Notice>, NoZone> {
    if !rules.enabled {
        return Ok(Vec::new());
    }
    let zone = Zone::named(&rules.zone)?;
    let mut notices: Vec<Notice> =
        arrivals.iter().filter(|arrival| arrival.since >= since).flat_map(of_upload).collect();
    for schedule in &rules.schedules {
        let missed = slots(now, &zone, rules, schedule).into_iter().filter(|slot| slot.deadline >= since);
        notices.extend(missed.filter(|slot| slot.is_missed(schedule, arrivals, now)).map(|slot| slot.notice(schedule)));
    }
    notices.extend(digest(now, &zone, rules, arrivals).filter(|digest| digest.at >= since));
    notices.retain(|notice| !sent.contains(&notice.id));
    notices.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    Ok(notices)
}

/// Returns the sources that are late at a time, in the order of their schedules.
///
/// # Errors
///
/// [`NoZone`] where the rules name a time zone that there is not.
pub fn late_at(now: u64, rules: &WatchRules, arrivals: &[WatchedUpload]) -> Result<Vec<LateSource>, NoZone> {
    if !rules.enabled {
        return Ok(Vec::new());
    }
    let zone = Zone::named(&rules.zone)?;
    Ok(late(now, &zone, rules, arrivals))
}

/// Returns the pause in which a time is.
///
/// # Errors
///
/// [`NoZone`] where the rules name a time zone that there is not.
pub fn pause_at(now: u64, rules: &WatchRules) -> Result<Option<&WatchPause>, NoZone> {
    if !rules.enabled || rules.pauses.is_empty() {
        return Ok(None);
    }
    Ok(rules.pause_on(&Zone::named(&rules.zone)?.day_at(now)))
}

fn late(now: u64, zone: &Zone, rules: &WatchRules, arrivals: &[WatchedUpload]) -> Vec<LateSource> {
    let is_paused = rules.pause_on(&zone.day_at(now)).is_some();
    let schedules = rules.schedules.iter().filter(|_| !is_paused);
    let late = schedules.filter_map(|schedule| {
        // Whatever comes after the last slot is good for the present.
        let last = slots(now, zone, rules, schedule).pop()?;
        let came = || of_schedule(schedule, arrivals).map(|arrival| arrival.came_at).filter(|at| *at <= now);
        let is_late = !came().any(|at| at >= last.opens);
        let source = schedule.source.clone();
        is_late.then(|| LateSource { source, expected_at: last.deadline, last_at: came().max() })
    });
    late.collect()
}

/// A time by which a roster was expected.
struct Slot {
    date: Date,
    /// From when on what comes counts for it.
    opens: u64,
    deadline: u64,
    /// From when on what comes counts for the next one.
    closes: u64,
}

impl Slot {
    fn is_missed(&self, schedule: &SourceSchedule, arrivals: &[WatchedUpload], now: u64) -> bool {
        let end = self.closes.max(self.deadline).min(now);
        !of_schedule(schedule, arrivals).any(|arrival| (self.opens..=end).contains(&arrival.came_at))
    }

    fn notice(&self, schedule: &SourceSchedule) -> Notice {
        let of_source = schedule.source.as_ref().map_or_else(String::new, |id| format!("_{}", id.0));
        Notice {
            id: format!("late{of_source}_{}", day_of(self.date)),
            at: self.deadline,
            about: NoticeAbout::Late { source: schedule.source.clone(), expected_at: self.deadline },
        }
    }
}

fn of_schedule<'a>(
    schedule: &SourceSchedule,
    arrivals: &'a [WatchedUpload],
) -> impl Iterator<Item = &'a WatchedUpload> {
    arrivals.iter().filter(move |arrival| arrival.source == schedule.source && !arrival.by_hand)
}

/// Returns the slots of a schedule that are over, but not for longer than [`LOOK_BACK_DAYS`], oldest first. Days of a pause
/// have none.
fn slots(now: u64, zone: &Zone, rules: &WatchRules, schedule: &SourceSchedule) -> Vec<Slot> {
    let today = zone.date_at(now);
    let deadline = |date: Date| zone.at(date, schedule.by);
    let is_expected =
        |date: &Date| schedule.days.contains(&weekday_of(*date)) && rules.pause_on(&day_of(*date)).is_none();
    let days = |range: std::ops::RangeInclusive<i64>| range.filter_map(move |days| today.checked_add(days.days()).ok());
    let within = u64::from(schedule.within_hours) * HOUR;
    let expected: Vec<(Date, u64)> = days(-LOOK_BACK_DAYS..=LOOK_BACK_DAYS)
        .filter(is_expected)
        .filter_map(|date| Some((date, deadline(date)?)))
        .collect();
    let slot = |(index, (date, deadline)): (usize, &(Date, u64))| {
        let next = expected.get(index + 1).map_or(u64::MAX, |(_, next)| next.saturating_sub(within));
        Slot { date: *date, opens: deadline.saturating_sub(within), deadline: *deadline, closes: next }
    };
    expected.iter().enumerate().map(slot).filter(|slot| slot.deadline < now).collect()
}

fn of_stage(arrival: &WatchedUpload) -> Option<Notice> {
    let upload = arrival.upload.clone();
    let (kind, about) = match arrival.stage {
        WatchedStage::Held { changes } => ("held", NoticeAbout::Held { upload, changes }),
        WatchedStage::Failed => ("failed", NoticeAbout::Failed { upload }),
        WatchedStage::Done { changes, left_out } => ("done", NoticeAbout::Done { upload, changes, left_out }),
        WatchedStage::Moving | WatchedStage::Paused | WatchedStage::Dropped => return None,
    };
    Some(Notice { id: format!("{kind}_{}", arrival.upload), at: arrival.since, about })
}

/// Returns what is to be told of an upload: what it came to, and whether it is odd.
fn of_upload(arrival: &WatchedUpload) -> impl Iterator<Item = Notice> {
    let odd = (!arrival.marks.is_empty()).then(|| Notice {
        id: format!("odd_{}", arrival.upload),
        at: arrival.since,
        about: NoticeAbout::Odd { upload: arrival.upload.clone(), marks: arrival.marks.clone() },
    });
    odd.into_iter().chain(of_stage(arrival))
}

/// Returns the last digest, unless there is nothing to say. It says how things were at its time, so that what comes later
/// makes none.
fn digest(now: u64, zone: &Zone, rules: &WatchRules, arrivals: &[WatchedUpload]) -> Option<Notice> {
    let today = zone.date_at(now);
    let moment = |days_ago: i64| {
        let date = today.checked_sub(days_ago.days()).ok()?;
        Some((date, zone.at(date, rules.digest_at)?))
    };
    let days_ago = if moment(0)?.1 <= now { 0 } else { 1 };
    let ((date, at), (_, before)) = (moment(days_ago)?, moment(days_ago + 1)?);
    let mut counts = DigestCounts { late: late(at, zone, rules, arrivals).len() as u64, ..DigestCounts::default() };
    for arrival in arrivals.iter().filter(|arrival| arrival.since <= at) {
        counts.odd += u64::from(!arrival.marks.is_empty() && arrival.since > before);
        match arrival.stage {
            WatchedStage::Held { .. } => counts.held += 1,
            WatchedStage::Paused => counts.paused += 1,
            WatchedStage::Done { .. } if arrival.since > before => counts.done += 1,
            WatchedStage::Failed if arrival.since > before => counts.failed += 1,
            _ => {}
        }
    }
    let about = NoticeAbout::Digest(counts);
    counts.are_worth_a_digest().then(|| Notice { id: format!("digest_{}", day_of(date)), at, about })
}

#[cfg(test)]
mod tests;
