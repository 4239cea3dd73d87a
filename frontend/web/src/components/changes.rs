//! The plan explorer: every change with each field before and after.

use leptos::prelude::*;
use roster::{Change, KeptField, Kind, PasswordSource, SchoolId, UserType};
use wire::UploadId;
use wire::http::ChangesQuery;
use wire::stored::FieldChange;

use super::{Empty, KindBadge, LoadMore, More, Paged};
use crate::api::use_api;
use crate::session::use_session;
use crate::words::{self, Tense};

/// Shows the changes of an upload, filtered by kind, school and user type.
#[component]
pub fn ChangesList(id: UploadId, kind: RwSignal<Option<Kind>>, #[prop(into)] tense: Signal<Tense>) -> impl IntoView {
    let api = use_api();
    let school = RwSignal::new(None::<SchoolId>);
    let user_type = RwSignal::new(None::<UserType>);
    let list = Paged::<Change>::new(move |cursor| {
        let id = id.clone();
        let query = ChangesQuery {
            kind: kind.get_untracked(),
            school: school.get_untracked(),
            user_type: user_type.get_untracked(),
            cursor,
        };
        async move { api.changes(&id, &query).await }
    });
    Effect::new(move |_| {
        kind.track();
        school.track();
        user_type.track();
        list.restart();
    });
    let filtered = move || kind.get().is_some() || school.get().is_some() || user_type.get().is_some();
    let none = move || list.more.get() == More::End && list.items.with(Vec::is_empty);
    view! {
        <Filters kind school user_type tense/>
        <ul class="changes" aria-busy=move || (list.more.get() == More::Loading).then_some("true")>
            <For each=move || list.items.get() key=|c| (c.guid, c.kind) let:change>
                <ChangeCard change tense open=list.items.with_untracked(|all| all.len() == 1)/>
            </For>
        </ul>
        <Show when=none>
            <Empty title=if filtered() { "No changes match these filters." } else { "This plan changes nothing." }>""</Empty>
        </Show>
        <LoadMore list/>
    }
}

#[component]
fn Filters(
    kind: RwSignal<Option<Kind>>,
    school: RwSignal<Option<SchoolId>>,
    user_type: RwSignal<Option<UserType>>,
    tense: Signal<Tense>,
) -> impl IntoView {
    let session = use_session();
    let chosen_kind =
        move || kind.get().and_then(|k| words::KINDS.iter().find(|(of, _)| *of == k)).map_or("", |(_, word)| word);
    let choose_kind = move |word: String| kind.set(words::KINDS.iter().find(|(_, w)| *w == word).map(|(k, _)| *k));
    let schools = move || {
        let schools = session.schools();
        schools
            .iter()
            .map(|s| view! { <option value=s.id.0.clone() selected=school.get_untracked().as_ref() == Some(&s.id)>{s.name.clone()}</option> })
            .collect_view()
    };
    view! {
        <div class="filters" role="group" aria-label="Filter the changes">
            <label>
                <span>"Change"</span>
                <select id="filter-kind" prop:value=chosen_kind on:change:target=move |e| choose_kind(e.target().value())>
                    <option value="">"All changes"</option>
                    {words::KINDS.map(|(k, word)| view! { <option value=word selected=kind.get_untracked() == Some(k)>{move || words::kind(k, tense.get())}</option> })}
                </select>
            </label>
            <label>
                <span>"School"</span>
                <select id="filter-school" on:change:target=move |e| school.set(Some(e.target().value()).filter(|v| !v.is_empty()).map(SchoolId))>
                    <option value="">"All schools"</option>
                    {schools}
                </select>
            </label>
            <label>
                <span>"User type"</span>
                <select id="filter-type" on:change:target=move |e| user_type.set(e.target().value().parse().ok())>
                    <option value="">"All types"</option>
                    {UserType::ALL.iter().map(|t| view! { <option value=t.as_str()>{t.as_str()}</option> }).collect_view()}
                </select>
            </label>
        </div>
    }
}

/// Shows a change with each field before and after. `open` shows the fields of a user that comes or goes at once.
#[component]
pub fn ChangeCard(change: Change, #[prop(into)] tense: Signal<Tense>, #[prop(optional)] open: bool) -> impl IntoView {
    let session = use_session();
    let kind = change.kind;
    let fields = differences(&change);
    let note = note(&change).map(|note| view! { <p class="change-note">{note}</p> });
    let row = change.row.map(|row| view! { <span>{format!("row {row}")}</span> });
    let Some(shown) = change.shown().cloned() else { return ().into_any() };
    let school = shown.school;
    let head = view! {
        <div class="change-head">
            <KindBadge kind tense/>
            <span class="change-name">{shown.first_name}" "{shown.last_name}</span>
            <span class="change-facts muted">
                <span><code>{shown.custom_id}</code></span>
                <span>{shown.user_type.as_str()}</span>
                <span>{move || words::school(&session.schools(), &school)}</span>
                {row}
            </span>
        </div>
    };
    // Of a user that comes or goes every field differs, so those are shown on demand.
    let body = match kind {
        Kind::Created | Kind::Removed => {
            view! { <details open=open><summary>{head}</summary>{note}<FieldChanges fields whole=true/></details> }
                .into_any()
        }
        _ => view! { {head}<FieldChanges fields/>{note} }.into_any(),
    };
    view! { <li class="change">{body}</li> }.into_any()
}

/// Shows each field that changes, before and after. `whole` is for a user that comes or goes, where only one side is
/// there.
#[component]
pub fn FieldChanges(fields: Vec<FieldChange>, #[prop(optional)] whole: bool) -> impl IntoView {
    let session = use_session();
    let value = move |field: &str, text: &str| match field {
        "school_district_external_id" if !text.is_empty() => {
            words::school(&session.schools(), &SchoolId(text.to_owned()))
        }
        _ => words::value(field, text),
    };
    let lines = move || {
        fields
            .iter()
            .map(|change| {
                let before = value(&change.field, &change.before);
                let after = value(&change.field, &change.after);
                let sides = match (whole, change.field.as_str()) {
                    // What it was and is, nobody knows.
                    (_, "password") => view! { <span class="after">"set anew"</span> }.into_any(),
                    (true, _) => only(before, after).into_any(),
                    (false, _) => both(before, after).into_any(),
                };
                view! { <div class="field-change"><dt>{words::field(&change.field)}</dt><dd>{sides}</dd></div> }
            })
            .collect_view()
    };
    view! { <dl class="field-changes">{lines}</dl> }
}

fn both(before: String, after: String) -> impl IntoView {
    view! {
        <span class="unseen">"before: "</span>
        {side("before", before)}
        <span class="to" aria-hidden="true">"\u{2192}"</span>
        <span class="unseen">", after: "</span>
        {side("after", after)}
    }
}

fn only(before: String, after: String) -> impl IntoView {
    if after.is_empty() { side("before", before) } else { side("after", after) }
}

fn side(class: &'static str, text: String) -> impl IntoView {
    let nothing = text.is_empty();
    let text = if nothing { "empty".to_owned() } else { text };
    view! { <span class=class class:nothing=nothing>{text}</span> }
}

/// Returns the fields that differ between before and after.
fn differences(change: &Change) -> Vec<FieldChange> {
    let list = |fields: &Option<roster::Fields>| fields.as_ref().map(|f| f.list().map(|(h, v)| (h, v.to_owned())));
    let (before, after) = (list(&change.before), list(&change.after));
    let Some(headers) = before.clone().or(after.clone()) else { return Vec::new() };
    let at =
        |side: &Option<[(&'static str, String); 13]>, i: usize| side.as_ref().map_or(String::new(), |s| s[i].1.clone());
    headers
        .iter()
        .enumerate()
        .map(|(i, (header, _))| FieldChange {
            field: (*header).to_owned(),
            before: at(&before, i),
            after: at(&after, i),
        })
        .filter(|c| c.before != c.after)
        .collect()
}

/// Returns what else is to know of a change: what becomes of the account and its password, what depends on another
/// change or on whoever approves, and what the settings keep.
fn note(change: &Change) -> Option<String> {
    let mut notes = Vec::new();
    match (change.kind, &change.after) {
        (Kind::Removed, None) => notes.push("The account is deleted, and recoverable for 30 days."),
        (Kind::Removed, Some(_)) => notes.push("The account is disabled and stays."),
        _ => {}
    }
    if change.restores {
        notes.push("The user was deleted, and comes back with the same GUID.");
    }
    match change.password {
        Some(PasswordSource::File) => {
            notes.push("The password comes from the file, to be changed at the first sign-in.")
        }
        Some(PasswordSource::FileLasting) => notes.push("The password comes from the file."),
        Some(PasswordSource::Temporary | PasswordSource::Words)
            if !change.restores && change.before.is_some() =>
        {
            notes.push(
                "The user may do more than before, and others may know the password: it is replaced by a temporary one, \
                 which will be in the completed file.",
            )
        }
        Some(PasswordSource::Temporary) => notes.push("A temporary password will be in the completed file."),
        Some(PasswordSource::Words) => notes.push("A temporary password of words will be in the completed file."),
        Some(PasswordSource::Default) => {
            notes.push("The password is the default password, to be changed at the first sign-in.")
        }
        None => {}
    }
    if change.two_people.is_some() {
        notes.push(
            "The custom ID is new, and the rest is this user\u{2019}s: you decide whether it is the same person.",
        );
    }
    if change.exchange.is_some() {
        notes.push("Takes over a user name or an e-mail address from another change; they happen together.");
    }
    let kept = not_updated(&change.not_updated);
    notes.extend(kept.as_deref());
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// Returns which fields differ in the file and are kept by the settings.
fn not_updated(fields: &[KeptField]) -> Option<String> {
    let field = |kept: &KeptField| {
        let KeptField { column, said, kept } = kept;
        format!("{} is \u{201c}{said}\u{201d} in the file and stays \u{201c}{kept}\u{201d}", column.header())
    };
    let fields: Vec<String> = fields.iter().map(field).collect();
    (!fields.is_empty()).then(|| format!("Not updated, by the settings: {}.", fields.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster::{Fields, Grade, Guid, Status};

    fn fields(grade: Grade) -> Fields {
        Fields {
            custom_id: "7".to_owned(),
            first_name: "Ora".to_owned(),
            middle_name: String::new(),
            last_name: "Klein".to_owned(),
            email: String::new(),
            school: SchoolId("s".to_owned()),
            user_type: UserType::Student,
            position: String::new(),
            grade,
            status: Status::Active,
            username: "7".to_owned(),
            roles: roster::Roles::default(),
            source: None,
        }
    }

    fn change(kind: Kind, before: Option<Fields>, after: Option<Fields>) -> Change {
        let guid: Guid = serde_json::from_str("\"00000000-0000-4000-8000-000000000000\"").unwrap();
        Change {
            kind,
            guid,
            row: None,
            seen_version: None,
            before,
            after,
            password: None,
            restores: false,
            exchange: None,
            two_people: None,
            not_updated: Vec::new(),
        }
    }

    #[test]
    fn only_fields_that_change_are_shown() {
        let shown = differences(&change(Kind::Updated, Some(fields(Grade::G3)), Some(fields(Grade::G4))));
        assert_eq!(shown, [FieldChange { field: "grade".to_owned(), before: "3".to_owned(), after: "4".to_owned() }]);
    }

    #[test]
    fn a_new_user_shows_what_it_has() {
        let shown = differences(&change(Kind::Created, None, Some(fields(Grade::K))));
        assert!(shown.iter().all(|c| c.before.is_empty() && !c.after.is_empty()));
        assert!(shown.iter().any(|c| c.field == "last_name" && c.after == "Klein"));
    }

    #[test]
    fn deleting_and_disabling_are_told_apart() {
        let deleted = note(&change(Kind::Removed, Some(fields(Grade::K)), None)).unwrap();
        let disabled = note(&change(Kind::Removed, Some(fields(Grade::K)), Some(fields(Grade::K)))).unwrap();
        assert!(deleted.contains("deleted") && disabled.contains("disabled"));
    }
}
