//! New temporary passwords for the students of a class, and their slips.

use leptos::prelude::*;
use roster::{Class, ClassGuid};
use wire::http::{NewReset, ResetRow, ResetsQuery};

use crate::api::{CallFailure, use_api};
use crate::browser::focus;
use crate::components::{LoadMore, More, Paged, ProblemNote, When};
use crate::format::count;
use crate::pages::classes::called;
use crate::pages::passwords::{ResetDone, ResetFiles};
use crate::session::use_session;
use crate::tasks::{Tasks, sleep};

/// The resets of a class, newest first.
#[derive(Clone, Copy)]
pub struct ClassResets(Paged<ResetRow>);

impl ClassResets {
    /// Begins to load the resets of a class.
    pub fn of(class: ClassGuid) -> ClassResets {
        let api = use_api();
        let list = Paged::<ResetRow>::new(move |cursor| async move {
            api.resets(&ResetsQuery { class: Some(class), cursor }).await
        });
        list.restart();
        ClassResets(list)
    }
}

/// Offers a reset of the students of a class.
#[component]
pub fn ClassPasswords(class: Class, students: u64, made: ClassResets) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let (confirming, busy) = (RwSignal::new(false), RwSignal::new(false));
    let failure = RwSignal::new(None::<CallFailure>);
    let done = RwSignal::new(None::<ResetRow>);
    let asked = NewReset { school: class.fields.school.clone(), grade: None, user_type: None, class: Some(class.guid) };
    let reset = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        busy.set(true);
        let asked = asked.clone();
        tasks.run(async move {
            let reply = api.reset_passwords(&asked).await;
            busy.set(false);
            confirming.set(false);
            match reply {
                Ok(row) => {
                    session.say("The passwords were reset.");
                    done.set(Some(row));
                    made.0.restart();
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    // The button comes in the place of the one that was pressed.
    let focus_when_there = move |id: &'static str| {
        tasks.run(async move {
            sleep(0).await;
            focus(id);
        });
    };
    let ask = move |_| {
        done.set(None);
        confirming.set(true);
        focus_when_there("reset-back");
    };
    let back = move |_| {
        confirming.set(false);
        focus_when_there("reset-class");
    };
    let question =
        format!("Reset the passwords of {} of {}?", count(students, "student", "students"), called(&class.fields));
    view! {
        <section class="panel" aria-labelledby="reset-title">
            <h2 id="reset-title">"Passwords of the class"</h2>
            <p class="muted">"A reset gives every student of the class a new temporary password on a slip to print. The ones that they have now stop working, also those they chose themselves. Teachers and aides are left alone."</p>
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            {move || done.get().map(|row| view! { <ResetDone row/> })}
            <Show
                when=move || confirming.get()
                fallback=move || view! {
                    <div class="actions">
                        <button type="button" class="button" id="reset-class" disabled=students == 0 on:click=ask>
                            "Reset passwords of the class\u{2026}"
                        </button>
                    </div>
                }
            >
                <p><strong>{question.clone()}</strong>" Nobody can take this back."</p>
                <div class="actions">
                    <button type="button" class="button" id="reset-back" on:click=back>"Back"</button>
                    <button type="button" class="button danger" id="reset-now" disabled=busy on:click=move |_| reset.run(())>
                        {move || if busy.get() { "Resetting\u{2026}" } else { "Reset these passwords" }}
                    </button>
                </div>
            </Show>
        </section>
    }
}

/// Shows the resets of the class, where there are some. It stands below the rest, which it would push down.
#[component]
pub fn MadeResets(made: ClassResets) -> impl IntoView {
    let ClassResets(list) = made;
    let line = |row: ResetRow| {
        let reset = row.reset.clone();
        view! {
            <li class="made-reset">
                <span><When at=reset.at/>" by "{reset.by}", "{count(reset.users, "student", "students")}</span>
                <ResetFiles row/>
            </li>
        }
    };
    let any = move || !list.items.with(Vec::is_empty);
    let more = move || matches!(list.more.get(), More::Available | More::Failed(_));
    view! {
        <Show when=move || any() || more()>
            <section class="panel" aria-labelledby="made-title">
                <h2 id="made-title">"Resets of this class"</h2>
                <ul class="made-resets"><For each=move || list.items.get() key=|row| row.reset.id.clone() let:row>{line(row)}</For></ul>
                <Show when=more><LoadMore list/></Show>
            </section>
        </Show>
    }
}
