//! Resetting the passwords of many users, and the files of resets.

pub mod reset;

use leptos::prelude::*;
use roster::{Grade, SchoolId, UserType};
use wire::http::{NewReset, ResetRow, ResetsQuery};

use crate::api::use_api;
use crate::components::{Empty, ListView, LoadMore, PageHead, Paged, Skeleton, When};
use crate::session::use_session;
use crate::words;

use reset::{PasswordReset, ResetFiles};

/// Shows the page of passwords.
#[component]
pub fn Passwords() -> impl IntoView {
    let api = use_api();
    let list =
        Paged::<ResetRow>::new(move |cursor| async move { api.resets(&ResetsQuery { class: None, cursor }).await });
    list.restart();
    view! {
        <PageHead title="Passwords"/>
        <p class="lead">"New temporary passwords for those who lost theirs. Each works once; whoever gets one then sets an own password."</p>
        <ResetForm list/>
        <section aria-labelledby="resets-title">
            <h2 id="resets-title">"Resets"</h2>
            {move || match list.view() {
                ListView::Loading => view! { <Skeleton/> }.into_any(),
                ListView::Nothing => view! {
                    <Empty title="No password has been reset yet."><p>"The passwords of new users are in the completed file of their upload."</p></Empty>
                }
                .into_any(),
                ListView::NotYet => ().into_any(),
                ListView::Items => view! { <Table list/> }.into_any(),
            }}
            <LoadMore list/>
        </section>
    }
}

/// The choices in the form.
#[derive(Clone, Copy)]
struct Chosen {
    school: RwSignal<Option<SchoolId>>,
    grade: RwSignal<Option<Grade>>,
    user_type: RwSignal<Option<UserType>>,
}

impl Chosen {
    fn asked(self) -> Option<NewReset> {
        let school = self.school.get()?;
        Some(NewReset { school, grade: self.grade.get(), user_type: self.user_type.get(), class: None, user: None })
    }
}

#[component]
fn ResetForm(list: Paged<ResetRow>) -> impl IntoView {
    let session = use_session();
    let chosen = Chosen {
        school: RwSignal::new(session.me_now().and_then(|me| me.school)),
        grade: RwSignal::new(None),
        user_type: RwSignal::new(Some(UserType::Student)),
    };
    let asked = Signal::derive(move || chosen.asked());
    let question = Signal::derive(move || format!("Reset the passwords of {}?", meant(chosen)));
    view! {
        <section class="panel" aria-labelledby="reset-title">
            <h2 id="reset-title">"Reset the passwords of a school"</h2>
            <p class="muted">"The passwords that these users have now stop working, also those they chose themselves, and they are signed out everywhere. Disabled users are left alone. For the students of one class, open "<a href="/classes">"the class"</a>"."</p>
            <Choice chosen/>
            <PasswordReset asked question button="Reset the passwords\u{2026}" list/>
        </section>
    }
}

#[component]
fn Choice(chosen: Chosen) -> impl IntoView {
    let session = use_session();
    let schools = move || {
        let now = chosen.school.get_untracked();
        let schools = session.schools();
        let may = session.me().and_then(|me| me.school);
        let seen = schools.iter().filter(|school| may.as_ref().is_none_or(|own| *own == school.id));
        seen.map(
            |s| view! { <option value=s.id.0.clone() selected=now.as_ref() == Some(&s.id)>{s.name.clone()}</option> },
        )
        .collect_view()
    };
    let grades =
        Grade::ALL.iter().map(|g| view! { <option value=g.as_str()>{words::grade(*g)}</option> }).collect_view();
    let types = UserType::ALL
        .iter()
        .map(|t| view! { <option value=t.as_str() selected=*t == UserType::Student>{t.as_str()}</option> });
    view! {
        <div class="filters">
            <label>
                <span>"School"</span>
                <select
                    id="reset-school"
                    disabled=move || !session.is_district()
                    on:change:target=move |e| chosen.school.set(Some(e.target().value()).filter(|v| !v.is_empty()).map(SchoolId))
                >
                    {move || session.is_district().then(|| view! { <option value="">"Choose a school"</option> })}
                    {schools}
                </select>
            </label>
            <label>
                <span>"Grade"</span>
                <select id="reset-grade" on:change:target=move |e| chosen.grade.set(e.target().value().parse().ok())>
                    <option value="">"All"</option>
                    {grades}
                </select>
            </label>
            <label>
                <span>"User type"</span>
                <select id="reset-type" on:change:target=move |e| chosen.user_type.set(e.target().value().parse().ok())>
                    <option value="">"All"</option>
                    {types.collect_view()}
                </select>
            </label>
        </div>
    }
}

/// Returns whose passwords the form would reset.
fn meant(chosen: Chosen) -> String {
    let session = use_session();
    let Some(asked) = chosen.asked() else { return String::new() };
    format!("{} of {}", whom(asked.grade, asked.user_type), words::school(&session.schools(), &asked.school))
}

/// Returns whom a reset is for: `all users`, `all students in grade 3`.
fn whom(grade: Option<Grade>, user_type: Option<UserType>) -> String {
    let who = match user_type {
        None => "all users",
        Some(UserType::Student) => "all students",
        Some(UserType::Teacher) => "all teachers",
        Some(UserType::Staff) => "all staff",
        Some(UserType::Administrator) => "all administrators",
    };
    match grade {
        None => who.to_owned(),
        Some(grade) => format!("{who}, {}", words::grade(grade).to_lowercase()),
    }
}

#[component]
fn Table(list: Paged<ResetRow>) -> impl IntoView {
    view! {
        <div class="table-frame">
            <table class="table cards">
                <caption class="unseen">"Resets, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"By"</th>
                        <th scope="col">"School"</th>
                        <th scope="col">"Whose"</th>
                        <th scope="col">"Users"</th>
                        <th scope="col">"File"</th>
                    </tr>
                </thead>
                <tbody><For each=move || list.items.get() key=|row| row.reset.id.clone() let:row><Row row/></For></tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(row: ResetRow) -> impl IntoView {
    let session = use_session();
    let reset = row.reset.clone();
    let school = reset.school.clone();
    let whose = match (reset.user, reset.class) {
        (Some(guid), _) => view! { <a href=format!("/users/{guid}")>"one user"</a> }.into_any(),
        (None, Some(guid)) => view! { <a href=format!("/classes/{guid}")>"the students of a class"</a> }.into_any(),
        (None, None) => whom(reset.grade, reset.user_type).into_any(),
    };
    view! {
        <tr>
            <th scope="row" data-label="When"><When at=reset.at/></th>
            <td data-label="By">{reset.by}</td>
            <td data-label="School">{move || words::school(&session.schools(), &school)}</td>
            <td data-label="Whose">{whose}</td>
            <td data-label="Users">{reset.users}</td>
            <td data-label="File"><ResetFiles row/></td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_passwords_are_reset_is_told_in_words() {
        assert_eq!(whom(None, None), "all users");
        assert_eq!(whom(Some(Grade::G3), Some(UserType::Student)), "all students, grade 3");
    }
}
