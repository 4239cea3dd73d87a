//! New temporary passwords for the students of a class, and their slips.

use leptos::prelude::*;
use roster::{Class, ClassGuid};
use wire::http::{NewReset, ResetRow, ResetsQuery};

use crate::api::use_api;
use crate::components::{LoadMore, More, Paged, When};
use crate::format::count;
use crate::pages::classes::called;
use crate::pages::passwords::reset::{PasswordReset, ResetFiles};

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
    let asked = NewReset { school: class.fields.school.clone(), grade: None, user_type: None, class: Some(class.guid) };
    let asked = (students > 0).then_some(asked);
    let question =
        format!("Reset the passwords of {} of {}?", count(students, "student", "students"), called(&class.fields));
    view! {
        <section class="panel" aria-labelledby="reset-title">
            <h2 id="reset-title">"Passwords of the class"</h2>
            <p class="muted">"A reset gives every student of the class a new temporary password on a slip to print. The ones that they have now stop working, also those they chose themselves. Teachers and aides are left alone."</p>
            <PasswordReset asked=Signal::stored(asked) question=Signal::stored(question) button="Reset passwords of the class\u{2026}" list=made.0/>
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
