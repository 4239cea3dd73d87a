//! Credential sheets to print and cut: a page for each school and grade, a slip for each user.

use std::future::Future;

use leptos::prelude::*;
use leptos::web_sys;
use leptos_router::hooks::use_params_map;
use roster::Permission;
use roster::slips::{Sheet, SheetOf, Slip};
use wire::http::Link;
use wire::{FileKind, UploadId};

use crate::api::{ApiResult, CallFailure, use_api};
use crate::components::{Empty, PageHead, ProblemNote, Skeleton};
use crate::format::count;
use crate::jobs::read_slips;
use crate::session::use_session;
use crate::tasks::Tasks;
use crate::words;

/// Shows the slips of an upload.
#[component]
pub fn SlipsOfUpload() -> impl IntoView {
    let (api, id) = (use_api(), id());
    let back = format!("/uploads/{id}");
    view! { <Slips back title="Upload" link=async move { api.file(&UploadId(id), FileKind::Completed).await }/> }
}

/// Shows the slips of a reset.
#[component]
pub fn SlipsOfReset() -> impl IntoView {
    let (api, id) = (use_api(), id());
    // Who may reset in the own classes alone came from one of them.
    let (back, title) = if use_session().may_now(Permission::SeePasswords) {
        ("/passwords", "Passwords")
    } else {
        ("/classes", "My classes")
    };
    view! { <Slips back=back.to_owned() title link=async move { api.reset_file(&id).await }/> }
}

fn id() -> String {
    use_params_map().with_untracked(|p| p.get("id").unwrap_or_default())
}

/// Shows the sheets of the file that `link` leads to.
#[component]
fn Slips(back: String, title: &'static str, link: impl Future<Output = ApiResult<Link>> + 'static) -> impl IntoView {
    let api = use_api();
    let sheets = RwSignal::new(None::<Vec<Sheet>>);
    let failure = RwSignal::new(None::<CallFailure>);
    let left_out = RwSignal::new(None::<String>);
    Tasks::here().run(async move {
        let file = async {
            let link = link.await?;
            left_out.set(words::left_out(link.left_out));
            read_slips(&api.fetch(&link).await?).await.map_err(|_| CallFailure::of_this_browser())
        };
        match file.await {
            Ok(found) => sheets.set(Some(found)),
            Err(why) => failure.set(Some(why)),
        }
    });
    let above = ViewFn::from(move || view! { <p class="crumb"><a href=back.clone()>{title}</a></p> });
    let print = move |_| {
        if let Some(window) = web_sys::window() {
            // A browser that can't print leaves the page as it is.
            let _ = window.print();
        }
    };
    let some = move || sheets.with(|sheets| sheets.as_ref().is_some_and(|sheets| !sheets.is_empty()));
    view! {
        <PageHead title="Credential slips" above=above>
            <Show when=some><button type="button" class="button primary" id="print" on:click=print>"Print"</button></Show>
        </PageHead>
        {move || failure.get().map(|failure| view! { <ProblemNote failure/> })}
        {move || left_out.get().map(|text| view! { <p class="muted">{text}</p> })}
        {move || match sheets.get() {
            Some(sheets) if sheets.is_empty() => view! {
                <Empty title="There are no temporary passwords here.">
                    <p>"Nobody got one, or the time in which they can be read is over. Reset the passwords of those who still need one."</p>
                </Empty>
            }
            .into_any(),
            Some(sheets) => view! { <Sheets sheets/> }.into_any(),
            None if failure.get().is_none() => view! { <Skeleton lines=8/> }.into_any(),
            None => ().into_any(),
        }}
    }
}

#[component]
fn Sheets(sheets: Vec<Sheet>) -> impl IntoView {
    let (people, pages) = (sheets.iter().map(|sheet| sheet.slips.len() as u64).sum(), sheets.len() as u64);
    let words = format!(
        "{} on {}: one for each school and grade. Print them, cut them, and hand each to its owner only.",
        count(people, "slip", "slips"),
        count(pages, "sheet", "sheets")
    );
    let address = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    let address = StoredValue::new(address);
    let sheets = sheets.into_iter().map(|sheet| view! { <OneSheet sheet address/> }).collect_view();
    view! { <p class="lead no-print">{words}</p><div class="sheets" id="sheets">{sheets}</div> }
}

#[component]
fn OneSheet(sheet: Sheet, address: StoredValue<String>) -> impl IntoView {
    let session = use_session();
    let external_id = sheet.school;
    let school = move || {
        let schools = session.schools();
        schools.by_external_id(&external_id).map_or_else(|| external_id.clone(), |school| school.name.clone())
    };
    let of = match sheet.of {
        SheetOf::Students(grade) => words::grade(grade),
        SheetOf::Staff => "Staff".to_owned(),
    };
    let slips = sheet.slips.into_iter().map(|slip| view! { <OneSlip slip address/> }).collect_view();
    view! {
        <section class="sheet">
            <h2>{school}", "{of}</h2>
            <ul class="slips">{slips}</ul>
        </section>
    }
}

#[component]
fn OneSlip(slip: Slip, address: StoredValue<String>) -> impl IntoView {
    view! {
        <li class="slip">
            <p class="slip-name">{slip.first_name}" "{slip.last_name}</p>
            <dl>
                <div><dt>"Address"</dt><dd class="breaks">{address.get_value()}</dd></div>
                <div><dt>"User name"</dt><dd><code class="slip-username">{slip.username}</code></dd></div>
                <div><dt>"Password"</dt><dd><code class="slip-password">{slip.temporary_password}</code></dd></div>
            </dl>
            <p class="small">"Open the address and sign in with this user name and password. The password works once: you will then choose your own."</p>
        </li>
    }
}
