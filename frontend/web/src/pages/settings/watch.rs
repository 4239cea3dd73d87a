//! Which rosters are expected when, and the pauses.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::{ClockTime, Day, SourceId, SourceRules, SourceSchedule, WatchPause, WatchRules, Weekday};

use super::form::percent;
use crate::browser;
use crate::components::{NumberField, TextField};

/// The rules while they are edited.
///
/// Times and days are text while they are typed.
#[derive(Clone, Copy)]
pub struct WatchFields {
    enabled: RwSignal<bool>,
    zone: RwSignal<String>,
    digest_at: RwSignal<String>,
    schedules: RwSignal<Vec<ScheduleLine>>,
    pauses: RwSignal<Vec<PauseLine>>,
    shrunken_percent: RwSignal<String>,
    /// What the next line is known by.
    next: StoredValue<u32>,
}

/// A schedule while it is edited.
#[derive(Clone, Copy, PartialEq, Eq)]
struct ScheduleLine {
    key: u32,
    source: RwSignal<String>,
    days: RwSignal<BTreeSet<Weekday>>,
    by: RwSignal<String>,
    within_hours: u8,
}

/// A pause while it is edited.
#[derive(Clone, Copy, PartialEq, Eq)]
struct PauseLine {
    key: u32,
    name: RwSignal<String>,
    first: RwSignal<String>,
    last: RwSignal<String>,
}

impl ScheduleLine {
    fn new(key: u32, schedule: SourceSchedule) -> ScheduleLine {
        let SourceSchedule { source, days, by, within_hours } = schedule;
        let source = source.map(|SourceId(id)| id).unwrap_or_default();
        let (source, by) = (RwSignal::new(source), RwSignal::new(by.to_string()));
        ScheduleLine { key, source, days: RwSignal::new(days), by, within_hours }
    }

    fn value(self) -> Option<SourceSchedule> {
        let source = self.source.get();
        let source = (!source.trim().is_empty()).then(|| SourceId(source.trim().to_owned()));
        let by = self.by.get().parse::<ClockTime>().ok()?;
        Some(SourceSchedule { source, days: self.days.get(), by, within_hours: self.within_hours })
    }
}

impl PauseLine {
    fn new(key: u32, pause: WatchPause) -> PauseLine {
        let text = |day: Day| RwSignal::new(day.to_string());
        PauseLine { key, name: RwSignal::new(pause.name), first: text(pause.first), last: text(pause.last) }
    }

    fn value(self) -> Option<WatchPause> {
        let day = |text: RwSignal<String>| text.get().parse::<Day>().ok();
        Some(WatchPause { name: self.name.get().trim().to_owned(), first: day(self.first)?, last: day(self.last)? })
    }
}

impl WatchFields {
    /// Returns the fields with the rules that are stored.
    pub fn new(rules: &WatchRules) -> WatchFields {
        let schedules = (0..).zip(&rules.schedules).map(|(key, line)| ScheduleLine::new(key, line.clone()));
        let pauses = (1000..).zip(&rules.pauses).map(|(key, line)| PauseLine::new(key, line.clone()));
        WatchFields {
            enabled: RwSignal::new(rules.enabled),
            zone: RwSignal::new(rules.zone.clone()),
            digest_at: RwSignal::new(rules.digest_at.to_string()),
            schedules: RwSignal::new(schedules.collect()),
            pauses: RwSignal::new(pauses.collect()),
            shrunken_percent: RwSignal::new(rules.shrunken_percent.to_string()),
            next: StoredValue::new(2000),
        }
    }

    /// Returns the rules as they stand; `None` while they can't be kept.
    pub fn values(self, sources: &SourceRules) -> Option<WatchRules> {
        let rules = self.rules()?;
        rules.check(sources).is_ok().then_some(rules)
    }

    fn rules(self) -> Option<WatchRules> {
        Some(WatchRules {
            enabled: self.enabled.get(),
            zone: self.zone.get().trim().to_owned(),
            schedules: self.schedules.get().into_iter().map(ScheduleLine::value).collect::<Option<_>>()?,
            pauses: self.pauses.get().into_iter().map(PauseLine::value).collect::<Option<_>>()?,
            digest_at: self.digest_at.get().parse().ok()?,
            shrunken_percent: percent(&self.shrunken_percent.get()).ok()??,
        })
    }

    fn key(self) -> u32 {
        let key = self.next.get_value();
        self.next.set_value(key + 1);
        key
    }

    fn add_schedule(self) {
        let days = Weekday::ALL[..5].iter().copied().collect();
        let Ok(by) = "06:00".parse() else { return };
        let line = ScheduleLine::new(self.key(), SourceSchedule { source: None, days, by, within_hours: 12 });
        self.schedules.update(|lines| lines.push(line));
    }

    /// Switches watching on or off. Whoever switches it on for the first time is most likely in the time zone of the schools.
    fn enable(self, on: bool) {
        self.enabled.set(on);
        if on && self.zone.with_untracked(|zone| zone == "UTC") {
            self.zone.set(browser::time_zone().unwrap_or_else(|| "UTC".to_owned()));
        }
    }

    fn add_pause(self, pause: WatchPause) {
        let line = PauseLine::new(self.key(), pause);
        self.pauses.update(|lines| lines.push(line));
    }

    fn add_day(self) {
        if let Some(today) = today() {
            self.add_pause(WatchPause { name: String::new(), first: today.clone(), last: today });
        }
    }

    fn propose_summer(self) {
        if let Some(today) = today() {
            self.add_pause(WatchPause::proposed_summer(&today, &self.zone.get_untracked()));
        }
    }
}

fn today() -> Option<Day> {
    browser::iso_time(browser::now()).get(..10)?.parse().ok()
}

/// Shows which rosters are expected when, and the pauses.
#[component]
pub fn WatchForm(fields: WatchFields, #[prop(into)] sources: Signal<Option<SourceRules>>) -> impl IntoView {
    let wrong = move || match fields.rules() {
        None => Some("Fill in each time, day and percentage.".to_owned()),
        Some(rules) => {
            let problem = sources.get().and_then(|sources| rules.check(&sources).err());
            problem.map(|problem| format!("Correct what is watched: {problem}."))
        }
    };
    let is_percent = |text: &str| percent(text).is_ok_and(|percent| percent.is_some());
    view! {
        <section class="panel watch" aria-labelledby="watch-title">
            <h2 id="watch-title">"Watching"</h2>
            <p class="muted">"People are told when a roster does not come, when a plan waits, and what became of it. Everybody chooses on the own profile of what to hear by e-mail."</p>
            <label class="radio">
                <input type="checkbox" id="watch-enabled" prop:checked=fields.enabled on:change:target=move |e| fields.enable(e.target().checked())/>
                <span>"Watch for rosters, and tell people"</span>
            </label>
            <Show when=move || fields.enabled.get()>
                <div class="field-row">
                    <TextField id="watch-zone" label="Time zone" value=fields.zone hint="Such as America/Chicago. All times and days here are in it."/>
                    <LineField id="watch-digest".to_owned() kind="time" label="Daily digest at" value=fields.digest_at/>
                    <NumberField
                        id="watch-shrunken"
                        label="Shrunken from, %"
                        value=fields.shrunken_percent
                        inputmode="decimal"
                        hint="Rows fewer than in the last roster of its kind. 100 marks none."
                        accepts=is_percent
                        expected="A percentage from 0 to 100."
                    />
                </div>
                <h3>"When rosters are expected"</h3>
                <p class="muted small">"One is late that has not come by its time. It may come up to half a day before."</p>
                <div class="sources">
                    <For each=move || fields.schedules.get() key=|line| line.key let:line><Schedule line fields sources/></For>
                </div>
                <button type="button" class="button" id="add-schedule" on:click=move |_| fields.add_schedule()>"Add a schedule"</button>
                <h3>"Pauses"</h3>
                <p class="muted small">"In a pause nothing is late, and what a program sends waits until it is over. Both days are days of the pause."</p>
                <div class="sources">
                    <For each=move || fields.pauses.get() key=|line| line.key let:line><PauseRow line fields/></For>
                </div>
                <div class="actions start">
                    <button type="button" class="button" id="propose-summer" on:click=move |_| fields.propose_summer()>"Propose summer"</button>
                    <button type="button" class="button" id="add-pause" on:click=move |_| fields.add_day()>"Add a pause"</button>
                </div>
            </Show>
            <p class="field-error" aria-live="polite">{wrong}</p>
            <p><a href="/settings/webhooks">"Webhooks, and what could not be told"</a></p>
        </section>
    }
}

#[component]
fn LineField(
    id: String,
    label: &'static str,
    value: RwSignal<String>,
    #[prop(default = "text")] kind: &'static str,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input type=kind id=id autocomplete="off" spellcheck="false" prop:value=value on:input:target=move |e| value.set(e.target().value())/>
        </div>
    }
}

/// Asks whose rosters a schedule is for. Where there are no sources, there is nothing to ask.
#[component]
fn SourceChoice(id: String, value: RwSignal<String>, sources: Signal<Option<SourceRules>>) -> impl IntoView {
    let named = Memo::new(move |before: Option<&Vec<(String, String)>>| {
        let Some(rules) = sources.get() else { return before.cloned().unwrap_or_default() };
        let named = rules.sources.into_iter().map(|source| (source.id.0, source.name));
        [(String::new(), "Without a source".to_owned())].into_iter().chain(named).collect::<Vec<_>>()
    });
    let options = move || {
        let (mut options, chosen) = (named.get(), value.get());
        if options.iter().all(|(id, _)| *id != chosen) {
            options.push((chosen.clone(), format!("{chosen}, which is gone")));
        }
        let option = |(id, name): (String, String)| {
            let selected = id == chosen;
            view! { <option value=id selected=selected>{name}</option> }
        };
        options.into_iter().map(option).collect_view()
    };
    let is_asked = move || named.with(|named| named.len() > 1) || value.with(|value| !value.is_empty());
    view! {
        <Show when=is_asked>
            <div class="field">
                <label for=id.clone()>"Rosters of"</label>
                <select id=id.clone() on:change:target=move |e| value.set(e.target().value())>{options}</select>
            </div>
        </Show>
    }
}

#[component]
fn Schedule(line: ScheduleLine, fields: WatchFields, sources: Signal<Option<SourceRules>>) -> impl IntoView {
    let ScheduleLine { key, source, days, by, .. } = line;
    let day = move |day: Weekday| {
        let set = move |on: bool| {
            days.update(|days| {
                if on {
                    days.insert(day);
                } else {
                    days.remove(&day);
                }
            });
        };
        view! {
            <label class="radio">
                <input type="checkbox" prop:checked=move || days.with(|days| days.contains(&day)) on:change:target=move |e| set(e.target().checked())/>
                <span>{day.label()}</span>
            </label>
        }
    };
    let remove = move |_| fields.schedules.update(|lines| lines.retain(|line| line.key != key));
    view! {
        <fieldset class="source">
            <legend class="unseen">"Schedule"</legend>
            <div class="source-names">
                <SourceChoice id=format!("schedule-{key}-source") value=source sources/>
                <LineField id=format!("schedule-{key}-by") kind="time" label="To be here by" value=by/>
            </div>
            <fieldset class="radios"><legend>"On"</legend>{Weekday::ALL.map(day).collect_view()}</fieldset>
            <button type="button" class="button small" on:click=remove>"Remove this schedule"</button>
        </fieldset>
    }
}

#[component]
fn PauseRow(line: PauseLine, fields: WatchFields) -> impl IntoView {
    let PauseLine { key, name, first, last } = line;
    let remove = move |_| fields.pauses.update(|lines| lines.retain(|line| line.key != key));
    view! {
        <fieldset class="source">
            <legend class="unseen">{move || format!("Pause {}", name.get())}</legend>
            <div class="source-names pause">
                <LineField id=format!("pause-{key}-name") label="Name" value=name/>
                <LineField id=format!("pause-{key}-first") kind="date" label="First day" value=first/>
                <LineField id=format!("pause-{key}-last") kind="date" label="Last day" value=last/>
            </div>
            <button type="button" class="button small" on:click=remove>"Remove this pause"</button>
        </fieldset>
    }
}
