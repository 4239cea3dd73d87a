//! Archiving a class, and bringing it back.

use std::future::Future;

use leptos::prelude::*;
use roster::Class;
use roster::user::RECOVERABLE_DAYS;
use wire::http::{ClassDetail, SeenClass};

use super::KnownClass;
use crate::api::{ApiResult, CallFailure, use_api};
use crate::browser::{self, focus};
use crate::components::{Day, PAGE_TITLE, ProblemNote, When};
use crate::format::{count, list};
use crate::pages::classes::called;
use crate::session::{PageSession, use_session};
use crate::tasks::{Tasks, sleep};

/// Offers to archive a class, and says first what that ends.
#[component]
pub fn ArchivePanel(class: Class, students: u64, staff: u64, known: KnownClass) -> impl IntoView {
    let api = use_api();
    let (confirming, busy) = (RwSignal::new(false), RwSignal::new(false));
    let failure = RwSignal::new(None::<CallFailure>);
    let (guid, version) = (class.guid, class.version);
    let sending = Sending { busy, failure, known, session: use_session(), tasks: Tasks::here() };
    let archive = move |_| {
        let said = "The class is archived. It can be restored below.";
        sending.run(async move { api.archive_class(guid, SeenClass { version }).await }, said);
    };
    let ask = move |_| {
        failure.set(None);
        confirming.set(true);
        sending.focus_when_there("archive-back");
    };
    let back = move |_| {
        confirming.set(false);
        sending.focus_when_there("archive-class");
    };
    let name = called(&class.fields);
    let ending = ending(students, staff);
    view! {
        <section class="panel" aria-labelledby="archive-title">
            <h2 id="archive-title">"Archive the class"</h2>
            <p class="muted">"For a class that is over or was made by mistake. It leaves the lists, and its enrolments end. A later roster that has it as active brings it back."</p>
            {move || failure.get().map(|failure| view! { <ProblemNote failure retry=known.load/> })}
            <Show
                when=move || confirming.get()
                fallback=move || view! {
                    <div class="actions">
                        <button type="button" class="button" id="archive-class" on:click=ask>"Archive class\u{2026}"</button>
                    </div>
                }
            >
                <div role="group" aria-labelledby="archive-question">
                    <p id="archive-question"><strong>{format!("Archive {name}?")}</strong>" "{ending.clone()}</p>
                    <p>{format!("Nobody\u{2019}s account is closed. You can restore the class with these enrolments for {RECOVERABLE_DAYS} days.")}</p>
                </div>
                <div class="actions">
                    <button type="button" class="button" id="archive-back" on:click=back>"Back"</button>
                    <button type="button" class="button danger" id="archive-now" disabled=busy on:click=archive>
                        {move || if busy.get() { "Archiving\u{2026}" } else { "Archive this class" }}
                    </button>
                </div>
            </Show>
        </section>
    }
}

/// Returns which enrolments end: `5 enrolments will end: 4 students and 1 teacher or aide.`
fn ending(students: u64, staff: u64) -> String {
    let who: Vec<String> = [(students, "student", "students"), (staff, "teacher or aide", "teachers and aides")]
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| count(n, one, many))
        .collect();
    if who.is_empty() {
        return "Nobody is in it, so no enrolment ends.".to_owned();
    }
    format!("{} will end: {}.", count(students + staff, "enrolment", "enrolments"), list(&who))
}

/// Says that a class is archived, and offers to restore it for as long as that can be done.
#[component]
pub fn RestorePanel(class: Class, restorable_until: Option<u64>, may_change: bool, known: KnownClass) -> impl IntoView {
    let api = use_api();
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<CallFailure>));
    let (guid, version) = (class.guid, class.version);
    let sending = Sending { busy, failure, known, session: use_session(), tasks: Tasks::here() };
    let restore = move |_| {
        let said = "The class is active again, with the enrolments that ended when it was archived.";
        sending.run(async move { api.restore_class(guid, SeenClass { version }).await }, said);
    };
    let until = restorable_until.filter(|until| *until > browser::now());
    let fate = match until {
        Some(until) => view! {
            <p>"It can be restored until "<Day at=until/>", with the enrolments that ended by that. Whoever was removed, moved away or got another place since stays as they are."</p>
        }
        .into_any(),
        None => view! {
            <p>"The time in which it could be restored here is over. A roster that has it as active brings it back with the same GUID; the enrolments come with the roster."</p>
        }
        .into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="archived-title">
            <h2 id="archived-title">"This class is archived"</h2>
            {class.archived_at.map(|at| view! { <p>"Archived on "<When at/>"."</p> })}
            {fate}
            {move || failure.get().map(|failure| view! { <ProblemNote failure retry=known.load/> })}
            {(may_change && until.is_some()).then(|| view! {
                <div class="actions">
                    <button type="button" class="button" id="restore-class" disabled=busy on:click=restore>
                        {move || if busy.get() { "Restoring\u{2026}" } else { "Restore class" }}
                    </button>
                </div>
            })}
        </section>
    }
}

/// Sends what somebody does to the class, and shows the class as it is then.
#[derive(Clone, Copy)]
struct Sending {
    busy: RwSignal<bool>,
    failure: RwSignal<Option<CallFailure>>,
    known: KnownClass,
    session: PageSession,
    tasks: Tasks,
}

impl Sending {
    /// Moves the focus to a button that comes in the place of the one that was pressed.
    fn focus_when_there(self, id: &'static str) {
        self.tasks.run(async move {
            sleep(0).await;
            focus(id);
        });
    }

    fn run(self, sent: impl Future<Output = ApiResult<ClassDetail>> + 'static, said: &'static str) {
        if self.busy.get_untracked() {
            return;
        }
        self.failure.set(None);
        self.busy.set(true);
        self.tasks.run(async move {
            let reply = sent.await;
            self.busy.set(false);
            match reply {
                Ok(found) => {
                    self.session.say(said);
                    self.known.saved.set(Some(said.to_owned()));
                    self.known.detail.set(Some(found));
                    // The button that was pressed is gone.
                    focus(PAGE_TITLE);
                }
                Err(why) => self.failure.set(Some(why)),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn what_archiving_ends_is_counted_and_named() {
        assert_eq!(ending(4, 1), "5 enrolments will end: 4 students and 1 teacher or aide.");
        assert_eq!(ending(1, 0), "1 enrolment will end: 1 student.");
        assert_eq!(ending(0, 2), "2 enrolments will end: 2 teachers and aides.");
        assert_eq!(ending(0, 0), "Nobody is in it, so no enrolment ends.");
    }
}
