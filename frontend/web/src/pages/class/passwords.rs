//! New temporary passwords for the students of a class, and their slips.

use leptos::prelude::*;
use roster::{Class, ClassGuid, Status};
use wire::http::{ClassMember, NewReset, ResetRow, ResetsQuery};

use crate::api::use_api;
use crate::components::{LoadMore, More, Paged, When};
use crate::format::{count, number};
use crate::pages::classes::{called, full_name};
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

/// Offers a reset of the students of a class, or of one of them.
#[component]
pub fn ClassPasswords(class: Class, students: Vec<ClassMember>, made: ClassResets) -> impl IntoView {
    let n = students.len() as u64;
    let everybody = format!("All of the class ({})", number(n));
    // Who can't sign in needs no password.
    let students: Vec<ClassMember> = students.into_iter().filter(|one| one.status == Status::Active).collect();
    let options = students.iter().map(|one| view! { <option value=one.user.to_string()>{full_name(one)}</option> });
    let options = options.collect_view();
    let students = StoredValue::new(students);
    let chosen = RwSignal::new(String::new());
    let of_one = move || {
        chosen.with(|chosen| students.with_value(|all| all.iter().find(|s| s.user.to_string() == *chosen).cloned()))
    };
    let (school, guid) = (class.fields.school.clone(), class.guid);
    let asked = Signal::derive(move || {
        let (school, user) = (school.clone(), of_one().map(|one| one.user));
        (n > 0).then_some(NewReset { school, grade: None, user_type: None, class: Some(guid), user })
    });
    let of_class = format!("Reset the passwords of {} of {}?", count(n, "student", "students"), called(&class.fields));
    let question = Signal::derive(move || match of_one() {
        Some(one) => format!("Reset the password of {}?", full_name(&one)),
        None => of_class.clone(),
    });
    let button = Signal::derive(move || match of_one() {
        Some(_) => "Reset this password\u{2026}",
        None => "Reset passwords of the class\u{2026}",
    });
    view! {
        <section class="panel" aria-labelledby="reset-title">
            <h2 id="reset-title">"Passwords of the class"</h2>
            <p class="muted">"A reset gives every student of the class, or the one that is chosen, a new temporary password on a slip to print. The ones that they have now stop working, also those they chose themselves. Teachers and aides are left alone."</p>
            <div class="field">
                <label for="reset-whom">"Whose passwords"</label>
                <select id="reset-whom" on:change:target=move |e| chosen.set(e.target().value())>
                    <option value="">{everybody}</option>
                    {options}
                </select>
            </div>
            <PasswordReset asked question button list=made.0/>
        </section>
    }
}

/// Shows the resets of the class, where there are some.
///
/// It stands below the rest, which it would push down.
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
