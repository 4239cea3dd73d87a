//! The schools: add one, rename one, change its external ID.

use leptos::prelude::*;
use roster::{Permission, School, SchoolId, SchoolKind};
use wire::http::SchoolEdit;

use crate::api::use_api;
use crate::browser::focus;
use crate::components::{DocumentEditor, Empty, NotLoaded, NotSaved, PAGE_TITLE, PageHead, TextField, WhenLoaded};
use crate::query::encode;
use crate::session::{PageSession, use_session};
use crate::tasks::{Tasks, sleep};

/// What a button says that opens a form while another one is open.
const ONE_AT_A_TIME: &str = "Save or cancel the form that is open first.";

/// The form that is open. There is one at a time, because its fields have the same ids for every school.
#[derive(Debug, Clone, PartialEq, Eq)]
enum OpenForm {
    Add,
    Change(SchoolId),
}

/// The state of the page, which its parts share.
#[derive(Clone, Copy)]
struct SchoolsEditor {
    schools: DocumentEditor<Vec<School>>,
    open: RwSignal<Option<OpenForm>>,
    session: PageSession,
    tasks: Tasks,
}

impl SchoolsEditor {
    /// Opens `form`, unless that would close another one or change what is being saved.
    fn open(self, form: OpenForm) {
        if untrack(|| !self.is_closed_to_forms()) {
            self.schools.forget_saving();
            self.open.set(Some(form));
        }
    }

    /// Closes the form, and moves the focus to the button that opened it as soon as that is there again.
    fn close(self) {
        let Some(form) = self.open.get_untracked() else { return };
        self.schools.forget_saving();
        self.open.set(None);
        self.tasks.run(async move {
            sleep(0).await;
            focus(&form.button());
        });
    }

    fn is_open(self, form: &OpenForm) -> bool {
        self.open.with(|open| open.as_ref() == Some(form))
    }

    /// Returns whether no form can be opened now.
    fn is_closed_to_forms(self) -> bool {
        self.one_at_a_time().is_some() || self.schools.is_busy()
    }

    /// Returns why no form can be opened now, if that is because of another one.
    fn one_at_a_time(self) -> Option<&'static str> {
        self.open.with(Option::is_some).then_some(ONE_AT_A_TIME)
    }

    /// Puts `school` into the list as it is stored now, and closes its form.
    fn saved(self, school: School) {
        self.schools.update_stored(|schools| {
            schools.retain(|other| other.id != school.id);
            schools.push(school);
            // As the API lists them.
            schools.sort_by_cached_key(|s| (s.kind == SchoolKind::School, s.name.to_lowercase(), s.id.clone()));
            self.session.set_schools(schools.clone());
        });
        self.close();
    }

    /// Closes the form and loads the schools again.
    fn start_over(self) {
        focus(PAGE_TITLE);
        self.open.set(None);
        self.schools.forget_saving();
        self.schools.load_again();
    }
}

impl OpenForm {
    /// Returns the id of the button that opens the form.
    fn button(&self) -> String {
        match self {
            OpenForm::Add => "add-school".to_owned(),
            OpenForm::Change(id) => format!("change-school-{}", id.0),
        }
    }
}

/// Shows the page of schools.
#[component]
pub fn Schools() -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let schools = DocumentEditor::new("schools", "school_changed", move || async move {
        let schools = api.schools().await?;
        session.set_schools(schools.clone());
        Ok(schools)
    });
    let editor = SchoolsEditor { schools, open: RwSignal::new(None), session, tasks: Tasks::here() };
    let adding = move || editor.is_open(&OpenForm::Add);
    view! {
        <PageHead title="Schools">
            <Show when=move || !adding() && session.is_district()>
                <button
                    type="button"
                    class="button primary"
                    id=OpenForm::Add.button()
                    disabled=move || editor.is_closed_to_forms()
                    title=move || editor.one_at_a_time()
                    on:click=move |_| editor.open(OpenForm::Add)
                >
                    "Add a school"
                </button>
            </Show>
        </PageHead>
        <p class="lead">"A roster names each school by its external ID, written exactly as here."</p>
        <Show when=adding><Add editor/></Show>
        <WhenLoaded editor=schools lines=4>
            <NotLoaded editor=schools/>
            <Table editor/>
        </WhenLoaded>
    }
}

#[component]
fn Table(editor: SchoolsEditor) -> impl IntoView {
    let list = move || editor.schools.stored().unwrap_or_default();
    view! {
        <Show when=move || !list().is_empty() fallback=|| view! { <Empty title="There is no school yet."><p>"Add the schools that your rosters name."</p></Empty> }>
            <div class="table-frame">
                <table class="table schools cards">
                    <caption class="unseen">"Schools"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"External ID"</th>
                            <th scope="col">"Kind"</th>
                            <th scope="col"><span class="unseen">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=list key=|s| (s.id.clone(), s.name.clone(), s.external_id.clone()) let:school>
                            <Row school editor/>
                        </For>
                    </tbody>
                </table>
            </div>
        </Show>
    }
}

#[component]
fn Row(school: School, editor: SchoolsEditor) -> impl IntoView {
    let session = use_session();
    let form = OpenForm::Change(school.id.clone());
    let classes = format!("/classes?school={}", encode(&school.id.0));
    let being_edited = Memo::new({
        let form = form.clone();
        move |_| editor.is_open(&form)
    });
    move || {
        let school = school.clone();
        if being_edited.get() {
            return view! { <tr class="editing"><td colspan="4"><Change school editor/></td></tr> }.into_any();
        }
        let kind = match school.kind {
            SchoolKind::District => "District office",
            SchoolKind::School => "School",
        };
        let label = format!("Change {}", school.name);
        let (form, classes) = (form.clone(), classes.clone());
        let classes_label = format!("Classes of {}", school.name);
        let own = session.me_now().and_then(|me| me.school);
        let sees_classes = session.may(Permission::SeeUsers) && own.is_none_or(|own| own == school.id);
        view! {
            <tr>
                <th scope="row" data-label="Name">{school.name}</th>
                <td data-label="External ID"><code>{school.external_id}</code></td>
                <td data-label="Kind">{kind}</td>
                <td class="row-actions">
                    <div class="side-by-side">
                    {sees_classes.then(|| view! { <a class="button small" href=classes aria-label=classes_label>"Classes"</a> })}
                    {session.is_district().then(|| view! {
                        <button
                            type="button"
                            class="button small"
                            id=form.button()
                            aria-label=label
                            disabled=move || editor.is_closed_to_forms()
                            title=move || editor.one_at_a_time()
                            on:click=move |_| editor.open(form.clone())
                        >
                            "Change"
                        </button>
                    })}
                    </div>
                </td>
            </tr>
        }
        .into_any()
    }
}

#[component]
fn Add(editor: SchoolsEditor) -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let save = Callback::new(move |edit: SchoolEdit| {
        editor.schools.save(async move { api.add_school(&edit).await }, move |school| {
            session.say(format!("{} was added.", school.name));
            editor.saved(school);
        });
    });
    view! {
        <section class="panel" aria-labelledby="add-title">
            <h2 id="add-title">"Add a school"</h2>
            <Form title="Add a school" name=String::new() external_id=String::new() button="Add the school" editor save/>
        </section>
    }
}

#[component]
fn Change(school: School, editor: SchoolsEditor) -> impl IntoView {
    let (api, session) = (use_api(), use_session());
    let seen = school.clone();
    let save = Callback::new(move |edit: SchoolEdit| {
        let (id, edit) = (seen.id.clone(), SchoolEdit { seen: Some(seen.clone()), ..edit });
        editor.schools.save(async move { api.change_school(&id, &edit).await }, move |school| {
            session.say(format!("{} was changed.", school.name));
            editor.saved(school);
        });
    });
    let title = format!("Change {}", school.name);
    view! { <Form title name=school.name external_id=school.external_id button="Save" editor save/> }
}

#[component]
fn Form(
    #[prop(into)] title: String,
    name: String,
    external_id: String,
    button: &'static str,
    editor: SchoolsEditor,
    save: Callback<SchoolEdit>,
) -> impl IntoView {
    let name = RwSignal::new(name);
    let external_id = RwSignal::new(external_id);
    let tried = RwSignal::new(false);
    let missing = move |field: RwSignal<String>, words: &'static str| {
        Signal::derive(move || (tried.get() && field.with(|v| v.trim().is_empty())).then(|| words.to_owned()))
    };
    Effect::new(|_| focus("school-name"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let edit = SchoolEdit {
            name: name.get_untracked().trim().to_owned(),
            external_id: external_id.get_untracked().trim().to_owned(),
            seen: None,
        };
        if !edit.name.is_empty() && !edit.external_id.is_empty() {
            // The button that was pressed is disabled while the school is saved.
            focus("school-form");
            save.run(edit);
        }
    };
    view! {
        <form id="school-form" tabindex="-1" aria-label=title on:submit=submit>
            <fieldset class="row-form" disabled=move || editor.schools.is_busy()>
                <TextField id="school-name" label="Name" value=name error=missing(name, "Give the school a name.")/>
                <TextField
                    id="school-external-id"
                    label="External ID"
                    value=external_id
                    hint="As the roster\u{2019}s school_district_external_id writes it."
                    error=missing(external_id, "Give the ID that rosters use.")
                />
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| editor.close()>"Cancel"</button>
                    <button type="submit" class="button primary">{button}</button>
                </div>
            </fieldset>
        </form>
        <div aria-live="polite">
            <NotSaved editor=editor.schools load_again=Callback::new(move |()| editor.start_over())/>
        </div>
    }
}
