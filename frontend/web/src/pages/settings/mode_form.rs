//! The form of one mode.

use leptos::prelude::*;
use roster::{Mode, RemovalAction};

use super::form::{LimitFields, ModeFields, percent, whole};
use crate::components::RadioChoice;

/// What a mistake in a share is told, and what one in a number of users.
const NO_PERCENT: &str = "A share is a number from 0 to 100, such as 10 or 2.5. Empty is no limit.";
const NO_NUMBER: &str = "A number of users is whole, such as 250 or 1,250. Empty is no limit.";

/// Shows every setting of one mode with what it does.
#[component]
pub fn ModeForm(mode: Mode, fields: ModeFields) -> impl IntoView {
    let (id, title, what) = match mode {
        Mode::Partial => ("partial", "Partial sync", "The file has some of the users. Everybody else is left alone."),
        Mode::Full => ("full", "Full sync", "The file has all users. Those who are absent from it are removed."),
        Mode::Students => (
            "students",
            "Students only",
            "The file has all students. Those who are absent from it are removed. Administrators, teachers and staff are \
             left alone, in the file or not.",
        ),
        Mode::Staff => (
            "staff",
            "Administrators, teachers and staff only",
            "The file has all administrators, teachers and staff. Those who are absent from it are removed. Students are \
             left alone, in the file or not.",
        ),
    };
    let removes = mode.removes_absent();
    let title_id = format!("{id}-title");
    view! {
        <section class="panel mode-form" aria-label=title>
            <h2 id=title_id>{title}</h2>
            <p class="muted">{what}</p>
            <Switches id fields/>
            {removes.then(|| view! { <Removal id fields/> })}
            <h3>"Safety limits"</h3>
            <p class="muted small">"A plan past any of these waits for an administrator, even where approval is not required. An empty field is no limit."</p>
            <LimitTable id mode fields/>
            {(!removes).then(|| view! {
                <details class="unused">
                    <summary>"Removal action"</summary>
                    <p class="muted small">"A partial sync never removes anybody, so this and the limits of removals have nothing to act on."</p>
                    <Removal id fields/>
                </details>
            })}
        </section>
    }
}

#[component]
fn Switches(id: &'static str, fields: ModeFields) -> impl IntoView {
    view! {
        <Switch
            id=format!("{id}-approval")
            value=fields.requires_approval
            title="Requires approval after validation"
            what="An administrator looks at every plan before anything changes. Switched off, a plan within the safety limits is carried out at once."
        />
        <Switch
            id=format!("{id}-overwrite")
            value=fields.overwrite
            title="Overwrite existing account details"
            what="Details of users that exist follow the file. Switched off, they keep every detail, and only new users are created; a plan counts the rows that it left alone."
        />
        <Switch
            id=format!("{id}-password")
            value=fields.update_password
            title="Update password"
            what="A password in the file replaces the one that a user has. Switched off, existing users keep theirs; new users still get the one in the file."
        />
        <Switch
            id=format!("{id}-names")
            value=fields.update_names
            title="Update first, middle, last name"
            what="Names in the file replace those of existing users. Switched off, the names that people chose stay."
        />
        <Switch
            id=format!("{id}-email")
            value=fields.student_email_required
            title="Students must have an e-mail address"
            what="A student\u{2019}s row without an address is rejected. Staff always need one."
        />
        <Switch
            id=format!("{id}-others")
            value=fields.rejects_others
            title="Reject rows with somebody else\u{2019}s names"
            what="A row whose first and last name both differ clearly from the user\u{2019}s who has its custom ID. Switched off, the plan waits for an administrator."
        />
    }
}

/// Asks whether something is on or off.
#[component]
pub fn Switch(id: String, value: RwSignal<bool>, title: &'static str, #[prop(into)] what: String) -> impl IntoView {
    let what_id = format!("{id}-what");
    view! {
        <div class="switch">
            <input
                type="checkbox"
                role="switch"
                id=id.clone()
                aria-describedby=what_id.clone()
                prop:checked=value
                on:change:target=move |e| value.set(e.target().checked())
            />
            <div>
                <label for=id>{title}</label>
                <p class="muted small" id=what_id>{what}</p>
            </div>
        </div>
    }
}

#[component]
fn Removal(id: &'static str, fields: ModeFields) -> impl IntoView {
    let choice = move |value: RemovalAction, title: &'static str, what: &'static str| {
        view! {
            <RadioChoice name=format!("{id}-removal") value=fields.removal_action of=value title what/>
        }
    };
    view! {
        <fieldset class="radios stacked">
            <legend>"Removal action"</legend>
            {choice(RemovalAction::Delete, "Delete", "The account is gone, and recoverable for 30 days.")}
            {choice(RemovalAction::Disable, "Disable", "The account stays and can\u{2019}t be signed in to.")}
        </fieldset>
    }
}

#[component]
fn LimitTable(id: &'static str, mode: Mode, fields: ModeFields) -> impl IntoView {
    let large_group = move || {
        format!(
            "All users, those of a school or those of a type, where there are {} or more.",
            fields.large_group.get()
        )
    };
    let shrink = if mode.removes_absent() {
        "A plan that removes users waits when the file has fewer rows than the last one of this sync by more than this share."
    } else {
        "Only looked at where a plan removes users."
    };
    view! {
        <table class="limits">
            <thead>
                <tr>
                    <th scope="col"><span class="unseen">"Group"</span></th>
                    <th scope="col">"Removals, %"</th>
                    <th scope="col">"Removals"</th>
                    <th scope="col">"Changes, %"</th>
                    <th scope="col">"Changes"</th>
                </tr>
            </thead>
            <tbody>
                <LimitRow id row="overall" title="Overall" limits=fields.overall/>
                <LimitRow id row="school" title="Each school" limits=fields.per_school/>
                <LimitRow id row="type" title="Each user type" limits=fields.per_user_type/>
            </tbody>
        </table>
        <div id=format!("{id}-limits-error") aria-live="polite">
            <p class="field-error">{move || fields.limits().iter().any(|row| row.has_wrong_percent()).then_some(NO_PERCENT)}</p>
            <p class="field-error">{move || fields.limits().iter().any(|row| row.has_wrong_number()).then_some(NO_NUMBER)}</p>
        </div>
        <p class="muted small">"Shares are measured against the users with a custom ID that the group has now. Removals count as changes, too."</p>
        <ShareField id=format!("{id}-large") label="Changes in a large group, %" hint=Signal::derive(large_group) value=fields.large_percent/>
        <ShareField id=format!("{id}-shrink") label="File shorter than the last one, %" hint=shrink value=fields.shrink_percent/>
    }
}

/// Asks for a limit that is a share and is not in the table.
#[component]
fn ShareField(
    id: String,
    label: &'static str,
    #[prop(into)] hint: Signal<String>,
    value: RwSignal<String>,
) -> impl IntoView {
    let wrong = move || value.with(|text| percent(text).is_err());
    let error = format!("{id}-error");
    view! {
        <div class="field short" class:wrong=wrong>
            <label for=id.clone()>{label}</label>
            <NumberInput id label=String::new() error=error.clone() value whole_number=false/>
            <p class="field-hint">{hint}</p>
            <p class="field-error" id=error aria-live="polite">{move || wrong().then_some(NO_PERCENT)}</p>
        </div>
    }
}

#[component]
fn LimitRow(id: &'static str, row: &'static str, title: &'static str, limits: LimitFields) -> impl IntoView {
    let cell = |part: &'static str, head: &'static str, value: RwSignal<String>, whole_number: bool| {
        let (label, error) = (format!("{title}: {head}"), format!("{id}-limits-error"));
        view! { <td data-label=head><NumberInput id=format!("{id}-{row}-{part}") label error value whole_number/></td> }
    };
    view! {
        <tr>
            <th scope="row">{title}</th>
            {cell("removals-percent", "Removals, %", limits.removals_percent, false)}
            {cell("removals-number", "Removals", limits.removals_number, true)}
            {cell("changes-percent", "Changes, %", limits.changes_percent, false)}
            {cell("changes-number", "Changes", limits.changes_number, true)}
        </tr>
    }
}

/// Asks for a number. `error` is the id of the element that says what is wrong with it.
#[component]
fn NumberInput(id: String, label: String, error: String, value: RwSignal<String>, whole_number: bool) -> impl IntoView {
    let wrong = move || value.with(|text| if whole_number { whole(text).is_err() } else { percent(text).is_err() });
    view! {
        <input
            type="text"
            class="number"
            class:wrong=wrong
            id=id
            inputmode=if whole_number { "numeric" } else { "decimal" }
            autocomplete="off"
            placeholder="none"
            aria-label=(!label.is_empty()).then_some(label)
            aria-invalid=move || wrong().then_some("true")
            aria-describedby=move || wrong().then(|| error.clone())
            prop:value=value
            on:input:target=move |e| value.set(e.target().value())
        />
    }
}
