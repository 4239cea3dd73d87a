//! Resetting the passwords of many users, and the files of resets.

use leptos::prelude::*;
use roster::{Grade, SchoolId, UserType};
use wire::http::{NewReset, ResetRow, ResetsQuery};

use crate::api::{CallFailure, use_api};
use crate::browser::{focus, follow};
use crate::components::{Day, Empty, LoadMore, More, Notice, PageHead, Paged, ProblemNote, Skeleton, Tone, When};
use crate::format::count;
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words;

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
            {move || match (list.items.with(Vec::is_empty), list.more.get()) {
                (true, More::Loading) => view! { <Skeleton/> }.into_any(),
                (true, More::End) => view! {
                    <Empty title="No password has been reset yet."><p>"The passwords of new users are in the completed file of their upload."</p></Empty>
                }
                .into_any(),
                (true, _) => ().into_any(),
                (false, _) => view! { <Table list/> }.into_any(),
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
        Some(NewReset { school, grade: self.grade.get(), user_type: self.user_type.get(), class: None })
    }
}

#[component]
fn ResetForm(list: Paged<ResetRow>) -> impl IntoView {
    let (api, session, tasks) = (use_api(), use_session(), Tasks::here());
    let chosen = Chosen {
        school: RwSignal::new(session.me_now().and_then(|me| me.school)),
        grade: RwSignal::new(None),
        user_type: RwSignal::new(Some(UserType::Student)),
    };
    let (confirming, busy) = (RwSignal::new(false), RwSignal::new(false));
    let failure = RwSignal::new(None::<CallFailure>);
    let done = RwSignal::new(None::<ResetRow>);
    // Whoever chooses others has not confirmed them.
    Effect::new(move |_| {
        chosen.asked();
        confirming.set(false);
    });
    let reset = move |_| {
        let Some(asked) = chosen.asked() else { return };
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        done.set(None);
        busy.set(true);
        tasks.run(async move {
            let reply = api.reset_passwords(&asked).await;
            busy.set(false);
            confirming.set(false);
            match reply {
                Ok(row) => {
                    session.say("The passwords were reset.");
                    done.set(Some(row));
                    list.restart();
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let ask = move |_| {
        done.set(None);
        confirming.set(true);
        focus("reset-back");
    };
    view! {
        <section class="panel" aria-labelledby="reset-title">
            <h2 id="reset-title">"Reset the passwords of a school"</h2>
            <p class="muted">"The passwords that these users have now stop working, also those they chose themselves, and they are signed out everywhere. Disabled users are left alone. For the students of one class, open "<a href="/classes">"the class"</a>"."</p>
            <Choice chosen/>
            {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            {move || done.get().map(|row| view! { <ResetDone row/> })}
            <Show
                when=move || confirming.get()
                fallback=move || view! {
                    <div class="actions">
                        <button type="button" class="button" id="reset-class" disabled=move || chosen.school.with(Option::is_none) on:click=ask>
                            "Reset the passwords\u{2026}"
                        </button>
                    </div>
                }
            >
                <p>"Reset the passwords of "<strong>{move || meant(chosen)}</strong>"? Nobody can take this back."</p>
                <div class="actions">
                    <button type="button" class="button" id="reset-back" on:click=move |_| confirming.set(false)>"Back"</button>
                    <button type="button" class="button danger" id="reset-now" disabled=busy on:click=reset>
                        {move || if busy.get() { "Resetting\u{2026}" } else { "Reset these passwords" }}
                    </button>
                </div>
            </Show>
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

/// Shows how many passwords were reset, and where they are.
#[component]
pub fn ResetDone(row: ResetRow) -> impl IntoView {
    let title = format!("{} reset.", count(row.reset.users, "password was", "passwords were"));
    let skipped = (row.reset.skipped > 0).then(|| {
        let users = count(row.reset.skipped, "user was", "users were");
        view! { <p>{users}" left alone: disabled, changed at the same moment, of another school, or may do more than you."</p> }
    });
    view! { <Notice tone=Tone::Good title=title>{skipped}<ResetFiles row/></Notice> }
}

/// Shows links to the file and the slips of a reset, while they can be read.
#[component]
pub fn ResetFiles(row: ResetRow) -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let failure = RwSignal::new(None::<CallFailure>);
    let left_out = RwSignal::new(None::<String>);
    let id = row.reset.id.clone();
    let download = move |_| {
        failure.set(None);
        let id = id.clone();
        tasks.run(async move {
            match api.reset_file(&id).await {
                Ok(link) => {
                    left_out.set(words::left_out(link.left_out));
                    follow(&link.url, None);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let slips = format!("/resets/{}/slips", row.reset.id);
    match row.readable_until {
        None => view! { <span class="muted">"No longer readable"</span> }.into_any(),
        Some(until) => view! {
            <span class="reset-files">
                <a class="button small" href=slips>"Print slips"</a>
                <button type="button" class="button small" on:click=download>"Download"</button>
                <span class="muted small">"until "<Day at=until/></span>
                {move || left_out.get().map(|text| view! { <span class="muted small">{text}</span> })}
                {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
            </span>
        }
        .into_any(),
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
