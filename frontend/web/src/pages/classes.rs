//! The classes of a school, and those that one teaches.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use roster::{Class, ClassFields, Day, SchoolId, UserType};
use wire::http::{ClassMember, ClassesQuery, OwnClass};

use crate::api::{CallFailure, use_api};
use crate::components::{CalendarDay, Empty, ListView, LoadMore, More, PageHead, Paged, ProblemNote, Skeleton};
use crate::format::number;
use crate::query::encode;
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words;

/// Shows the classes of a school to those who see its users, and the own ones to those who only teach.
#[component]
pub fn Classes() -> impl IntoView {
    let session = use_session();
    move || if session.only_teaches() { view! { <MyClasses/> }.into_any() } else { view! { <OfSchool/> }.into_any() }
}

/// Shows the page of the classes that one teaches.
#[component]
pub fn MyClasses() -> impl IntoView {
    view! {
        <PageHead title="My classes"/>
        <p class="lead">"The classes that you teach now, with their students."</p>
        <OwnClasses/>
    }
}

#[component]
fn OfSchool() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let (query, navigate) = (use_query_map(), use_navigate());
    let own = session.me_now().and_then(|me| me.school);
    let school = Memo::new(move |_| own.clone().or_else(|| query.with(|query| query.get("school")).map(SchoolId)));
    let archived = Memo::new(move |_| query.with(|query| query.get("show").is_some_and(|show| show == "archived")));
    let list = Paged::<Class>::new(move |cursor| {
        let query = ClassesQuery { archived: archived.get_untracked(), cursor };
        let school = school.get_untracked();
        async move { api.classes(&school.unwrap_or_else(|| SchoolId(String::new())), &query).await }
    });
    Effect::new(move |_| {
        archived.track();
        // Nothing is asked before somebody has chosen.
        if school.with(Option::is_some) {
            list.restart();
        }
    });
    // The choice stands in the address, so that a way back from a class leads to the same list.
    let show = move |school: Option<SchoolId>, archived: bool| {
        let school = school.filter(|_| session.is_district()).map(|id| format!("school={}", encode(&id.0)));
        let pairs: Vec<String> = school.into_iter().chain(archived.then(|| "show=archived".to_owned())).collect();
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("/classes?{}", pairs.join("&")), options);
    };
    let (show_school, show_archived) = (show.clone(), show);
    let also_teaches = session.me_now().is_some_and(|me| me.user_type == UserType::Teacher);
    view! {
        <PageHead title="Classes"/>
        {also_teaches.then(|| view! {
            <section aria-labelledby="own-title"><h2 id="own-title">"My classes"</h2><OwnClasses/></section>
        })}
        <div class="filters">
            <label>
                <span>"School"</span>
                <select
                    id="school"
                    disabled=move || !session.is_district()
                    on:change:target=move |e| show_school(Some(SchoolId(e.target().value())).filter(|id| !id.0.is_empty()), archived.get_untracked())
                >
                    {move || session.is_district().then(|| view! { <option value="">"Choose a school"</option> })}
                    <Schools school/>
                </select>
            </label>
            <label>
                <span>"Show"</span>
                <select id="show" on:change:target=move |e| show_archived(school.get_untracked(), e.target().value() == "archived")>
                    <option value="active" selected=move || !archived.get()>"Active classes"</option>
                    <option value="archived" selected=move || archived.get()>"Archived classes"</option>
                </select>
            </label>
        </div>
        {move || match list.view() {
            _ if school.with(Option::is_none) => view! { <Empty title="Choose a school."><p>"Its classes are shown here."</p></Empty> }.into_any(),
            ListView::Loading => view! { <div class="list-loading"><Skeleton lines=8/></div> }.into_any(),
            ListView::Nothing => view! { <NoClasses archived=archived.get_untracked()/> }.into_any(),
            ListView::NotYet => ().into_any(),
            ListView::Items => view! { <Table list/> }.into_any(),
        }}
        <Show when=move || school.with(Option::is_some)><LoadMore list/></Show>
    }
}

#[component]
fn Schools(school: Memo<Option<SchoolId>>) -> impl IntoView {
    let session = use_session();
    move || {
        let (chosen, own) = (school.get_untracked(), session.me().and_then(|me| me.school));
        let schools = session.schools();
        let seen = schools.iter().filter(|school| own.as_ref().is_none_or(|own| *own == school.id));
        seen.map(
            |s| view! { <option value=s.id.0.clone() selected=chosen.as_ref() == Some(&s.id)>{s.name.clone()}</option> },
        )
        .collect_view()
    }
}

#[component]
fn NoClasses(archived: bool) -> impl IntoView {
    if archived {
        return view! {
            <Empty title="No archived classes.">
                <p>"A class that is archived, by a roster or by hand, is kept here and can be restored with its enrolments for 30 days."</p>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty title="This school has no classes yet.">
            <p>"Classes come with a roster: in further columns beside each user, or as the files users, classes and enrolments together."</p>
            <p><a href="/upload">"Upload a roster"</a></p>
        </Empty>
    }
    .into_any()
}

#[component]
fn Table(list: Paged<Class>) -> impl IntoView {
    view! {
        <div class="table-frame" aria-busy=move || (list.more.get() == More::Loading).then_some("true")>
            <table class="table cards classes">
                <caption class="unseen">"Classes"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Class ID"</th>
                        <th scope="col">"Grade"</th>
                        <th scope="col">"Subject"</th>
                        <th scope="col">"Period"</th>
                        <th scope="col">"Term"</th>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody><For each=move || list.items.get() key=|class| (class.guid, class.version) let:class><Row class/></For></tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(class: Class) -> impl IntoView {
    let off = !class.is_active();
    let fields = class.fields;
    view! {
        <tr>
            <th scope="row" data-label="Name"><a href=format!("/classes/{}", class.guid)>{called(&fields)}</a></th>
            <td data-label="Class ID"><code class="breaks">{fields.class_id.clone()}</code></td>
            <td data-label="Grade">{words::short_grade(fields.grade)}</td>
            <td data-label="Subject">{fields.subject.clone()}</td>
            <td data-label="Period">{fields.period.clone()}</td>
            <td data-label="Term">{term(&fields)}</td>
            <td data-label="Status"><span class="state" class:off=off>{fields.status.as_str()}</span></td>
        </tr>
    }
}

/// Returns what people call a class: its name, or its ID where it has none.
pub fn called(fields: &ClassFields) -> String {
    if fields.name.is_empty() { fields.class_id.clone() } else { fields.name.clone() }
}

/// Returns the name of somebody as lists have it.
pub fn full_name(member: &ClassMember) -> String {
    let name = format!("{}, {}", member.last_name, member.first_name);
    // One that was erased has no name.
    if name == ", " { "No name".to_owned() } else { name }
}

/// Shows the term of a class, or its first and last day where it has none.
fn term(fields: &ClassFields) -> AnyView {
    if fields.term.is_empty() {
        days(fields.starts.clone(), fields.ends.clone())
    } else {
        fields.term.clone().into_any()
    }
}

/// Shows from when until when something is.
pub fn days(starts: Option<Day>, ends: Option<Day>) -> AnyView {
    match (starts, ends) {
        (None, None) => ().into_any(),
        // One element, because a card puts each into a cell of its own.
        (Some(starts), None) => view! { <span>"From "<CalendarDay day=starts/></span> }.into_any(),
        (None, Some(ends)) => view! { <span>"Until "<CalendarDay day=ends/></span> }.into_any(),
        (Some(starts), Some(ends)) => {
            view! { <span><CalendarDay day=starts/>" to "<CalendarDay day=ends/></span> }.into_any()
        }
    }
}

#[component]
fn OwnClasses() -> impl IntoView {
    let (api, tasks) = (use_api(), Tasks::here());
    let classes = RwSignal::new(None::<Vec<OwnClass>>);
    let failure = RwSignal::new(None::<CallFailure>);
    let load = Callback::new(move |()| {
        failure.set(None);
        tasks.run(async move {
            match api.own_classes().await {
                Ok(found) => classes.set(Some(found)),
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    load.run(());
    move || match (classes.get(), failure.get()) {
        (Some(found), _) if found.is_empty() => view! {
            <Empty title="You teach no class here at the moment.">
                <p>"Classes come from your school. Tell the school office if one of yours is missing."</p>
            </Empty>
        }
        .into_any(),
        (Some(found), _) => view! { <OwnTable found/> }.into_any(),
        (None, Some(failure)) => view! { <ProblemNote failure retry=load/> }.into_any(),
        (None, None) => view! { <Skeleton lines=4/> }.into_any(),
    }
}

#[component]
fn OwnTable(found: Vec<OwnClass>) -> impl IntoView {
    let rows = found.into_iter().map(|OwnClass { class, role, students }| {
        let fields = class.fields;
        view! {
            <tr>
                <th scope="row" data-label="Name"><a href=format!("/classes/{}", class.guid)>{called(&fields)}</a></th>
                <td data-label="Subject">{fields.subject.clone()}</td>
                <td data-label="Period">{fields.period.clone()}</td>
                <td data-label="Term">{term(&fields)}</td>
                <td data-label="You are">{role.as_str()}</td>
                <td data-label="Students" class="figure">{number(students)}</td>
            </tr>
        }
    });
    view! {
        <div class="table-frame">
            <table class="table cards classes" id="own-classes">
                <caption class="unseen">"The classes that you teach"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Subject"</th>
                        <th scope="col">"Period"</th>
                        <th scope="col">"Term"</th>
                        <th scope="col">"You are"</th>
                        <th scope="col" class="figure">"Students"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
