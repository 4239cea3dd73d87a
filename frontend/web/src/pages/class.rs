//! One class: what it is, who is in it, and what happened to it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use roster::{ClassRole, Permission, Status};
use wire::http::{ClassDetail, ClassMember};

use super::classes::{called, days, full_name};
use crate::api::{CallFailure, use_api};
use crate::components::{Day, Empty, Notice, PageHead, ProblemNote, Skeleton, Tone};
use crate::format::{count, number};
use crate::query::encode;
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words;

mod archive;
mod enrol;
mod history;
mod passwords;

use archive::{ArchivePanel, RestorePanel};
use enrol::{ClassByHand, EnrolPanel, TakeOut};
use history::ClassHistory;
use passwords::{ClassPasswords, ClassResets, MadeResets};

/// The class as the page knows it, which its parts share.
#[derive(Clone, Copy)]
struct KnownClass {
    detail: RwSignal<Option<ClassDetail>>,
    /// What was done on this page, in a sentence.
    saved: RwSignal<Option<String>>,
    load: Callback<()>,
}

/// Shows the page of a class.
#[component]
pub fn Class() -> impl IntoView {
    let (api, tasks, session) = (use_api(), Tasks::here(), use_session());
    let params = use_params_map();
    let detail = RwSignal::new(None::<ClassDetail>);
    let failure = RwSignal::new(None::<CallFailure>);
    let load = Callback::new(move |()| {
        let guid = params.with_untracked(|p| p.get("guid").unwrap_or_default());
        failure.set(None);
        tasks.run(async move {
            match api.class(&guid).await {
                Ok(found) => detail.set(Some(found)),
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    load.run(());
    let known = KnownClass { detail, saved: RwSignal::new(None), load };
    let title = Signal::derive(move || {
        detail.with(|d| d.as_ref().map_or_else(|| "Class".to_owned(), |d| called(&d.class.fields)))
    });
    let crumb = move || {
        let school = detail.with(|d| d.as_ref().map(|d| d.class.fields.school.clone()));
        let school = school.filter(|_| session.is_district());
        let href = school.map_or_else(|| "/classes".to_owned(), |id| format!("/classes?school={}", encode(&id.0)));
        let word = if session.only_teaches() { "My classes" } else { "Classes" };
        view! { <p class="crumb"><a href=href>{word}</a></p> }
    };
    let crumb = ViewFn::from(move || crumb);
    view! {
        <PageHead title=title above=crumb/>
        {move || failure.get().map(|failure| view! { <ProblemNote failure retry=load/> })}
        {move || known.saved.get().map(|title| view! { <Notice tone=Tone::Good title>""</Notice> })}
        {move || match (detail.get(), failure.get()) {
            (Some(found), _) => view! { <Detail found known/> }.into_any(),
            (None, None) => view! { <Skeleton lines=8/> }.into_any(),
            (None, Some(_)) => ().into_any(),
        }}
    }
}

#[component]
fn Detail(found: ClassDetail, known: KnownClass) -> impl IntoView {
    let session = use_session();
    let whole = session.may_now(Permission::SeeUsers);
    let ClassDetail { class, members, ended, history, restorable_until, may_change, may_reset } = found;
    let archived = class.archived_at.or((!class.is_active()).then_some(0));
    let may_enrol = whole && archived.is_none() && session.may_now(Permission::Upload);
    let by_hand = may_enrol.then(|| ClassByHand::here(class.clone()));
    let failed = by_hand.map(|by_hand| move || by_hand.failure.get().map(|failure| view! { <ProblemNote failure/> }));
    let enrol = by_hand.map(|by_hand| view! { <EnrolPanel members=members.clone() by_hand/> });
    let (students, staff): (Vec<_>, Vec<_>) = members.into_iter().partition(|one| one.role == ClassRole::Student);
    let (n, teachers) = (students.len() as u64, staff.len() as u64);
    let made = may_reset.then(|| ClassResets::of(class.guid));
    let passwords = made.map(|made| view! { <ClassPasswords class=class.clone() students=students.clone() made/> });
    let made = made.map(|made| view! { <MadeResets made/> });
    let aside = match archived {
        Some(_) => view! { <RestorePanel class=class.clone() restorable_until may_change known/> }.into_any(),
        None if may_change => view! { <ArchivePanel class=class.clone() students=n staff=teachers known/> }.into_any(),
        None => ().into_any(),
    };
    let nobody = if archived.is_some() { "An archived class has nobody in it." } else { "No students are in it." };
    let title = format!("Students ({})", number(n));
    view! {
        {failed}
        <div class="columns">
            <div>
                <section class="panel" aria-labelledby="fields-title">
                    <h2 id="fields-title">"Class"</h2>
                    <Fields class/>
                </section>
                <section class="part" aria-labelledby="staff-title">
                    <h2 id="staff-title">"Teachers and aides"</h2>
                    <Members members=staff caption="Teachers and aides" empty="Nobody teaches this class at the moment." staff=true by_hand/>
                </section>
                <section class="part" aria-labelledby="students-title">
                    <h2 id="students-title">{title}</h2>
                    <Members members=students caption="Students" empty=nobody staff=false by_hand/>
                    {(!ended.is_empty()).then(|| view! { <Ended ended/> })}
                </section>
                {whole.then(|| view! {
                    <section class="part" aria-labelledby="history-title">
                        <h2 id="history-title">"History"</h2>
                        <ClassHistory entries=history/>
                    </section>
                })}
            </div>
            <div>{passwords}{enrol}{aside}{made}</div>
        </div>
    }
}

#[component]
fn Fields(class: roster::Class) -> impl IntoView {
    let session = use_session();
    let fields = class.fields;
    let school = fields.school.clone();
    let line = |name: &'static str, value: String| {
        let value = if value.is_empty() { dash() } else { value.into_any() };
        view! { <div><dt>{name}</dt><dd class="breaks">{value}</dd></div> }
    };
    let has_days = fields.starts.is_some() || fields.ends.is_some();
    let when = days(fields.starts.clone(), fields.ends.clone());
    view! {
        <dl class="facts" id="class-facts">
            {line("Class ID", fields.class_id.clone())}
            <div><dt>"School"</dt><dd>{move || words::school(&session.schools(), &school)}</dd></div>
            {line("Subject", fields.subject.clone())}
            {line("Course code", fields.course_code.clone())}
            {line("Grade", words::short_grade(fields.grade))}
            {line("Period", fields.period.clone())}
            {line("Term", fields.term.clone())}
            {has_days.then(|| view! { <div><dt>"Days"</dt><dd>{when}</dd></div> })}
            {line("Status", fields.status.as_str().to_owned())}
            <div class="wide"><dt>"GUID"</dt><dd><code class="breaks">{class.guid.to_string()}</code></dd></div>
        </dl>
    }
}

fn dash() -> AnyView {
    view! { <span class="muted">"\u{2013}"</span> }.into_any()
}

/// Shows people of a class who are in it now.
#[component]
fn Members(
    members: Vec<ClassMember>,
    caption: &'static str,
    empty: &'static str,
    staff: bool,
    /// Of those who may take somebody out.
    by_hand: Option<ClassByHand>,
) -> impl IntoView {
    if members.is_empty() {
        return view! { <Empty title=empty>""</Empty> }.into_any();
    }
    let with_days = members.iter().any(|one| one.starts.is_some() || one.ends.is_some());
    let rows = members.into_iter().map(|member| view! { <Row member staff with_days by_hand/> });
    view! {
        <div class="table-frame">
            <table class="table cards members">
                <caption class="unseen">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Custom ID"</th>
                        <th scope="col">{if staff { "Role in the class" } else { "Grade" }}</th>
                        {with_days.then(|| view! { <th scope="col">"Days"</th> })}
                        <th scope="col">"Account"</th>
                        {by_hand.is_some().then(|| view! { <th scope="col"><span class="unseen">"What can be done"</span></th> })}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(member: ClassMember, staff: bool, with_days: bool, by_hand: Option<ClassByHand>) -> impl IntoView {
    let what = if staff { member.role.as_str().to_owned() } else { words::short_grade(member.grade) };
    let when = days(member.starts.clone(), member.ends.clone());
    let off = member.status == Status::Disabled;
    let take_out = by_hand.map(|by_hand| view! { <td class="act"><TakeOut member=member.clone() by_hand/></td> });
    view! {
        <tr>
            <th scope="row" data-label="Name">{name(&member)}</th>
            <td data-label="Custom ID">{member.custom_id.map(|id| view! { <code class="breaks">{id}</code> })}</td>
            <td data-label=if staff { "Role" } else { "Grade" }>{what}</td>
            {with_days.then(|| view! { <td data-label="Days">{when}</td> })}
            <td data-label="Account"><span class="state" class:off=off>{member.status.as_str()}</span></td>
            {take_out}
        </tr>
    }
}

/// Shows the name of somebody, which leads to the page of those that one may see.
fn name(member: &ClassMember) -> AnyView {
    let name = full_name(member);
    if member.visible {
        view! { <a href=format!("/users/{}", member.user)>{name}</a> }.into_any()
    } else {
        name.into_any()
    }
}

/// Shows who left the class not long ago.
#[component]
fn Ended(ended: Vec<ClassMember>) -> impl IntoView {
    let title = format!("Left in the last 30 days: {}", count(ended.len() as u64, "person", "people"));
    let rows = ended.into_iter().map(|member| {
        view! {
            <tr>
                <th scope="row" data-label="Name">{name(&member)}</th>
                <td data-label="Custom ID">{member.custom_id.clone().map(|id| view! { <code class="breaks">{id}</code> })}</td>
                <td data-label="Role">{member.role.as_str()}</td>
                <td data-label="Ended">{member.ended_at.map(|at| view! { <Day at/> })}</td>
            </tr>
        }
    });
    view! {
            <details class="unused" id="ended">
                <summary>{title}</summary>
                <div class="table-frame">
                    <table class="table cards members">
                        <caption class="unseen">"People whose enrolment ended"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Name"</th>
                                <th scope="col">"Custom ID"</th>
                                <th scope="col">"Role in the class"</th>
                                <th scope="col">"Ended"</th>
                            </tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            </details>
    }
}
