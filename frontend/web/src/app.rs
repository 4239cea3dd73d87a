//! The shell of the page: who is signed in, where one can go, and which page is shown.

use leptos::html;
use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::use_location;
use leptos_router::path;
use roster::{Permission, UserType};
use wasm_bindgen::JsCast;

use crate::api::{Api, CallFailure, use_api};
use crate::browser::focus;
use crate::components::{BrandSign, Empty, Notice, PageHead, ProblemNote, Skeleton, Tone};
use crate::pages::{
    api_keys::ApiKeys,
    audit::Audit,
    class::Class,
    classes::{Classes, MyClasses},
    passwords::Passwords,
    person::{EditPerson, NewPerson},
    profile::Profile,
    roles::Roles,
    schools::Schools,
    set_password::SetPassword,
    settings::Settings,
    sign_in::SignIn,
    slips::{SlipsOfReset, SlipsOfUpload},
    upload::Upload,
    upload_detail::UploadDetail,
    uploads::Uploads,
    user::User,
    users::Users,
    webhooks::Webhooks,
};
use crate::session::{PageSession, State, use_session};
use crate::tasks::Tasks;
use crate::visits::Visits;

/// What the shell shows. As long as it is the same, changes of the session do not draw the page anew.
#[derive(Debug, Clone, PartialEq)]
enum ShellContent {
    Waiting,
    Unreachable(CallFailure),
    SignIn {
        expired: bool,
    },
    /// They signed in with a temporary password: nothing else can be reached before they have set an own one.
    SetPassword,
    Pages,
}

/// Shows the whole page.
#[component]
pub fn App() -> impl IntoView {
    let session = PageSession::new();
    let api = Api::new(session);
    provide_context(session);
    provide_context(api);
    provide_context(Visits::none());
    let tasks = Tasks::here();
    let look = move || tasks.run(api.look_who_is_signed_in());
    look();
    let shown = Memo::new(move |_| match session.state() {
        State::Unknown => ShellContent::Waiting,
        State::Unreachable(failure) => ShellContent::Unreachable(failure),
        State::SignedOut { expired } => ShellContent::SignIn { expired },
        State::SignedIn(me) if me.must_set_password => ShellContent::SetPassword,
        State::SignedIn(_) => ShellContent::Pages,
    });
    let content = move || match shown.get() {
        ShellContent::Waiting => view! { <main class="alone"><Skeleton/></main> }.into_any(),
        ShellContent::Unreachable(failure) => {
            let retry = Callback::new(move |()| look());
            view! { <main class="alone"><ProblemNote failure retry/></main> }.into_any()
        }
        ShellContent::SignIn { expired } => view! { <SignIn expired/> }.into_any(),
        ShellContent::SetPassword => view! { <SetPassword/> }.into_any(),
        ShellContent::Pages => view! { <LoadedPages/> }.into_any(),
    };
    view! {
        <Router>{content}</Router>
        <div class="unseen" role="status" aria-live="polite">{move || session.said()}</div>
    }
}

/// Loads what only those see who are signed in when the first of them is, and shows it.
#[component]
fn LoadedPages() -> impl IntoView {
    let (pages, failure) = (RwSignal::new(None::<ViewFn>), RwSignal::new(None::<CallFailure>));
    let tasks = Tasks::here();
    let load = move || {
        failure.set(None);
        tasks.run(async move {
            match load_pages().await {
                Ok(loaded) => pages.set(Some(loaded)),
                Err(PagesMissing) => failure.set(Some(CallFailure::of_this_browser())),
            }
        });
    };
    load();
    move || match (pages.get(), failure.get()) {
        (Some(pages), _) => pages.run(),
        (None, Some(failure)) => {
            let retry = Callback::new(move |()| load());
            view! { <main class="alone"><ProblemNote failure retry/></main> }.into_any()
        }
        (None, None) => view! { <main class="alone"><Skeleton/></main> }.into_any(),
    }
}

/// The fault that the part of the page behind the sign-in could not be loaded.
#[derive(Debug)]
struct PagesMissing;

#[cfg(lazy_pages)]
impl From<leptos::wasm_split::SplitLoaderError> for PagesMissing {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> PagesMissing {
        PagesMissing
    }
}

async fn load_pages() -> Result<ViewFn, PagesMissing> {
    #[cfg(lazy_pages)]
    return pages().await;
    #[cfg(not(lazy_pages))]
    pages()
}

/// Returns the pages behind the sign-in. Here the page is cut: what can only be reached from this function is a
/// WebAssembly module of its own in the page that is deployed, and nobody waits for it before signing in.
#[cfg_attr(lazy_pages, leptos::wasm_split::wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible))]
fn pages() -> Result<ViewFn, PagesMissing> {
    Ok(ViewFn::from(|| view! { <Pages/> }))
}

#[component]
fn Pages() -> impl IntoView {
    let (session, api) = (use_session(), use_api());
    Tasks::here().run(async move {
        // Without the names pages show the schools' identifiers, and the page of schools says what is wrong.
        match api.schools().await {
            Ok(schools) => session.set_schools(schools),
            Err(_) => session.miss_schools(),
        }
    });
    let to_content = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        focus("content");
    };
    view! {
        <a class="skip" href="#content" rel="external" on:click=to_content>"Skip to the content"</a>
        <TopBar/>
        <main id="content" tabindex="-1">
            <Routes fallback=NotFound>
                <Route path=path!("/") view=Home/>
                <Route path=path!("/profile") view=Profile/>
                <Route path=path!("/passwords") view=|| only(Permission::SeePasswords, || view! { <Passwords/> })/>
                <Route path=path!("/resets/:id/slips") view=SlipsOfReset/>
                <Route path=path!("/uploads/:id/slips") view=SlipsOfUpload/>
                <Route path=path!("/upload") view=|| only(Permission::Upload, || view! { <Upload/> })/>
                <Route path=path!("/uploads/:id") view=UploadDetail/>
                <Route path=path!("/users") view=|| only(Permission::SeeUsers, || view! { <Users/> })/>
                <Route path=path!("/users/new") view=NewPerson/>
                <Route path=path!("/users/:guid/edit") view=EditPerson/>
                <Route path=path!("/users/:guid") view=User/>
                <Route path=path!("/classes") view=Classes/>
                <Route path=path!("/classes/:guid") view=Class/>
                <Route path=path!("/schools") view=Schools/>
                <Route path=path!("/settings") view=Settings/>
                <Route path=path!("/settings/keys") view=ApiKeys/>
                <Route path=path!("/settings/webhooks") view=Webhooks/>
                <Route path=path!("/roles") view=Roles/>
                <Route path=path!("/audit") view=Audit/>
            </Routes>
        </main>
    }
}

/// Shows a page to those who have the permission that it takes, and says to others that it is not for them.
fn only<V: IntoView + 'static>(permission: Permission, page: fn() -> V) -> impl IntoView {
    let session = use_session();
    let said = || view! { <Empty title="You may not use this page."><p>"It takes a permission that your roles do not have. Ask an administrator if you need it."</p></Empty> };
    view! { <Show when=move || session.may(permission) fallback=said>{page()}</Show> }
}

/// Shows the uploads; to those who may not see them the own classes, and to those who teach none the own profile.
#[component]
fn Home() -> impl IntoView {
    let session = use_session();
    move || {
        if session.may(Permission::SeeUploads) {
            view! { <Uploads/> }.into_any()
        } else if session.only_teaches() {
            view! { <MyClasses/> }.into_any()
        } else {
            view! { <Profile/> }.into_any()
        }
    }
}

/// The entries of the menu: what one has to be allowed to see the page, its address and its name.
const MENU: [(Permission, &str, &str); 8] = [
    (Permission::SeeUploads, "/", "Uploads"),
    (Permission::SeeUsers, "/users", "Users"),
    (Permission::SeeOwnClasses, "/classes", "Classes"),
    (Permission::SeePasswords, "/passwords", "Passwords"),
    (Permission::ManageSchools, "/schools", "Schools"),
    (Permission::SeeSettings, "/settings", "Settings"),
    (Permission::SeeSettings, "/roles", "Roles"),
    (Permission::ReadAudit, "/audit", "Audit log"),
];

#[component]
fn TopBar() -> impl IntoView {
    let session = use_session();
    let path = use_location().pathname;
    let sign_out_failure = RwSignal::new(None::<CallFailure>);
    let link = move |href: &'static str, words: &'static str| {
        // Who may not see uploads finds the own classes on the first page, too.
        let is_home = move || session.only_teaches() && !session.may(Permission::SeeUploads) && href == "/classes";
        let here = move || path.with(|path| leads_to(href, path) || path == "/" && is_home()).then_some("page");
        let words = move || if href == "/classes" && session.only_teaches() { "My classes" } else { words };
        view! { <li><a href=href aria-current=here>{words}</a></li> }
    };
    let menu = NodeRef::<html::Nav>::new();
    Effect::new(move |_| {
        path.track();
        // The entries come with the session, after the page.
        let _ = session.me();
        request_animation_frame(move || {
            menu.get_untracked().inspect(show_current);
        });
    });
    view! {
        <header class="top">
            <div class="top-inner">
                <a class="brand" href="/"><BrandSign/>"Rollbook"</a>
                <nav aria-label="Main" node_ref=menu>
                    <ul>
                        {move || MENU.into_iter().filter(|entry| session.may(entry.0)).map(|(_, href, words)| link(href, words)).collect_view()}
                    </ul>
                </nav>
                <Account sign_out_failure/>
            </div>
            {move || sign_out_failure.get().map(|failure| view! { <StillSignedIn failure/> })}
        </header>
    }
}

/// Moves the menu, which is wider than a phone, to its current entry.
fn show_current(menu: &web_sys::HtmlElement) {
    let current = menu.query_selector("[aria-current]").ok().flatten();
    if let Some(entry) = current.and_then(|entry| entry.dyn_into::<web_sys::HtmlElement>().ok()) {
        let middle = entry.offset_left() - menu.offset_left() + entry.offset_width() / 2;
        menu.set_scroll_left(middle - menu.client_width() / 2);
    }
}

#[component]
fn StillSignedIn(failure: CallFailure) -> impl IntoView {
    view! {
        <div class="top-note" id="still-signed-in">
            <Notice tone=Tone::Bad title="You are still signed in.">
                <p>{failure.problem.message}" "{failure.problem.hint}</p>
            </Notice>
        </div>
    }
}

/// Shows who is signed in, with a button that signs them out. `sign_out_failure` is why that failed, if it
/// did.
#[component]
fn Account(sign_out_failure: RwSignal<Option<CallFailure>>) -> impl IntoView {
    let (session, api, tasks) = (use_session(), use_api(), Tasks::here());
    let name = move || session.me().map(|me| format!("{} {}", me.first_name, me.last_name));
    let role = move || {
        session.me().map(|me| match me.school {
            None if me.user_type == UserType::Administrator => "District administrator".to_owned(),
            None => "District office".to_owned(),
            Some(id) => crate::words::school(&session.schools(), &id),
        })
    };
    let busy = RwSignal::new(false);
    let sign_out = move |_| {
        busy.set(true);
        sign_out_failure.set(None);
        tasks.run(async move {
            let reply = api.sign_out().await;
            busy.set(false);
            match reply {
                Ok(()) => session.sign_out(),
                // The cookie still opens everything, so nothing may look as if it did not.
                Err(failure) => sign_out_failure.set(Some(failure)),
            }
        });
    };
    view! {
        <div class="account">
            <div class="account-words"><a class="account-name" id="profile-link" href="/profile">{name}</a><span class="muted small">{role}</span></div>
            <button type="button" class="button small" id="sign-out" disabled=busy on:click=sign_out>
                {move || if busy.get() { "Signing out\u{2026}" } else { "Sign out" }}
            </button>
        </div>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <PageHead title="Page not found"/>
        <Empty title="There is no such page."><p><a href="/">"Go to the first page"</a></p></Empty>
    }
}

/// Returns whether the page at `path` belongs to the link to `href`.
fn leads_to(href: &str, path: &str) -> bool {
    match href {
        "/" => path == "/" || path.starts_with("/upload"),
        _ => path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::leads_to;

    #[test]
    fn a_link_is_current_on_the_pages_below_it() {
        assert!(leads_to("/", "/") && leads_to("/", "/upload") && leads_to("/", "/uploads/7"));
        assert!(leads_to("/users", "/users") && leads_to("/users", "/users/7"));
        assert!(!leads_to("/", "/users") && !leads_to("/users", "/usersx"));
    }
}
