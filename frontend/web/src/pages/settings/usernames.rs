//! How user names are made, with what that would give, and which year levels are synced.

use leptos::prelude::*;
use roster::Grade;
use roster::accounts::{Rename, UsernameMethod};
use wire::http::UsernameExample;

use super::mode_form::Switch;
use crate::api::{CallFailure, use_api};
use crate::components::{Notice, ProblemNote, RadioChoice, TextField, Tone};
use crate::tasks::{Latest, sleep};

mod form;

pub use form::NameFields;

/// How long nobody must have typed before examples are asked for, in milliseconds.
const PAUSE: u32 = 400;

const METHODS: [(UsernameMethod, &str, &str); 9] = [
    (UsernameMethod::CustomId, "custom_id", "Custom ID"),
    (UsernameMethod::Email, "email", "E-mail address"),
    (UsernameMethod::EmailName, "email_name", "E-mail address, the part before @"),
    (UsernameMethod::InitialLast, "initial_last", "First initial and last name: asmith"),
    (UsernameMethod::FirstInitial, "first_initial", "First name and last initial: anns"),
    (UsernameMethod::FirstDotLast, "first_dot_last", "First name, dot, last name: ann.smith"),
    (UsernameMethod::LastInitial, "last_initial", "Last name and first initial: smitha"),
    (UsernameMethod::Column, "column", "Only the column username of the file"),
    (UsernameMethod::Template, "template", "A template of your own"),
];

const TEMPLATE_HINT: &str = "Fields in braces: {first}, {middle}, {last}, {email}, {email_name}, {custom_id}, {grade}, \
                             {school}, {type}, {year}. {first:1} takes the first character, {custom_id:-4} the last four; \
                             {year} is the year in which a student leaves grade 12.";

/// Shows everything about user names, and the year levels.
#[component]
pub fn UsernamesForm(fields: NameFields) -> impl IntoView {
    view! {
        <section class="panel usernames-form" aria-labelledby="usernames-title">
            <h2 id="usernames-title">"User names"</h2>
            <p class="muted">"What a new user is called who has no user name in the file. A user name that somebody had is never given to anybody else."</p>
            <div class="field">
                <label for="username-method">"Made of"</label>
                <select id="username-method" on:change:target=move |e| fields.choose_method(&e.target().value())>
                    {METHODS.map(|(method, id, title)| view! {
                        <option value=id selected=fields.method.get_untracked() == method>{title}</option>
                    })}
                </select>
            </div>
            <Show when=move || fields.method.get() == UsernameMethod::Template>
                <TextField
                    id="username-template"
                    label="Template"
                    value=fields.template
                    hint=TEMPLATE_HINT
                    error=Signal::derive(move || fields.template_error())
                />
            </Show>
            <Show when=move || fields.method.get() != UsernameMethod::Column>
                <RuleFields fields/>
            </Show>
            <p class="field-error" id="username-rule-error" aria-live="polite">{move || fields.rule_error()}</p>
            <Renaming fields/>
            <Examples fields/>
        </section>
        <YearLevels fields/>
    }
}

#[component]
fn RuleFields(fields: NameFields) -> impl IntoView {
    view! {
        <Switch
            id="username-column".to_owned()
            value=fields.prefer_column
            title="The column username goes first"
            what="Where the file has a user name, the user gets that one. Switched off, the column names nobody."
        />
        <Switch
            id="username-lower".to_owned()
            value=fields.lower_case
            title="Small letters"
            what="Names and addresses are written in small letters. Signing in never minds capitals."
        />
        <Switch
            id="username-umlauts".to_owned()
            value=fields.two_letters
            title="Two letters for \u{e4}, \u{f6}, \u{fc}, \u{f8} and the like"
            what="M\u{fc}ller becomes mueller, as in passports. Switched off, it becomes muller."
        />
        <div class="field-row">
            <TextField id="username-prepend" label="Put before" value=fields.prepend hint="For example s-"/>
            <TextField id="username-append" label="Put after" value=fields.append hint="For example @school.example"/>
            <TextField id="username-max" label="Longest, in characters" value=fields.max_chars inputmode="numeric" hint="At most 64. What is put before and after, and the number, stay whole."/>
        </div>
        <div class="field-row">
            <TextField id="username-start" label="First number" value=fields.start inputmode="numeric" hint="What the second user of a name gets"/>
            <TextField id="username-digits" label="Digits" value=fields.min_digits inputmode="numeric" hint="3 makes 002 of 2"/>
        </div>
    }
}

#[component]
fn Renaming(fields: NameFields) -> impl IntoView {
    let choice = move |value: Rename, title: &'static str, what: &'static str| {
        view! {
            <RadioChoice name="username-rename" value=fields.rename of=value title what/>
        }
    };
    view! {
        <fieldset class="radios stacked">
            <legend>"Users that exist"</legend>
            {choice(Rename::Never, "Keep their user names", "The column username counts for new users only.")}
            {choice(Rename::Column, "Follow the column username", "Users who have another user name in the file get that one.")}
            {choice(Rename::Always, "Follow the column and the rule", "Users whose user name is not what the rule makes get the one that it makes.")}
        </fieldset>
        <Show when=move || fields.rename.get() == Rename::Always>
            <Notice tone=Tone::Attention title="People will have to sign in with other user names.">
                <p>"The next sync renames every user whom the rule calls otherwise, and nobody tells them. The plan shows each of them as Renamed."</p>
            </Notice>
        </Show>
    }
}

/// The examples of user names, as far as they have come.
#[derive(Clone, PartialEq)]
enum ShownExamples {
    Waiting,
    Here(Vec<UsernameExample>),
    Refused(CallFailure),
}

/// Shows what the rule would call users of the organisation, before it is saved.
#[component]
fn Examples(fields: NameFields) -> impl IntoView {
    let (api, latest) = (use_api(), Latest::here());
    let shown = RwSignal::new(ShownExamples::Waiting);
    let rule = Memo::new(move |_| fields.rule());
    Effect::new(move || {
        let Some(rule) = rule.get() else { return latest.stop() };
        latest.run(async move {
            sleep(PAUSE).await;
            shown.set(match api.username_examples(&rule).await {
                Ok(examples) => ShownExamples::Here(examples),
                Err(failure) => ShownExamples::Refused(failure),
            });
        });
    });
    view! {
        <h3>"Examples"</h3>
        <p class="muted small">"Users of yours, and what this rule would call them if it named everybody anew."</p>
        <div aria-live="polite" class="username-examples">
            {move || match shown.get() {
                _ if rule.get().is_none() => view! { <p class="muted">"There is no rule to show examples of."</p> }.into_any(),
                ShownExamples::Waiting => view! { <p class="muted">"Looking for examples\u{2026}"</p> }.into_any(),
                ShownExamples::Refused(failure) => view! { <ProblemNote failure/> }.into_any(),
                ShownExamples::Here(examples) if examples.is_empty() => {
                    view! { <p class="muted">"There are no users with a custom ID yet."</p> }.into_any()
                }
                ShownExamples::Here(examples) => view! { <ExampleTable examples/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn ExampleTable(examples: Vec<UsernameExample>) -> impl IntoView {
    let row = |example: UsernameExample| {
        let UsernameExample { first_name, last_name, user_type, present, made } = example;
        let none = made.is_none();
        view! {
            <tr>
                <th scope="row" data-label="Name">{format!("{first_name} {last_name}")}</th>
                <td data-label="User type">{user_type.as_str()}</td>
                <td data-label="Now">{present}</td>
                <td data-label="By this rule" class:field-error=none>{made.unwrap_or_else(|| "no user name: the row would be rejected".to_owned())}</td>
            </tr>
        }
    };
    view! {
        <div class="table-frame">
            <table class="table cards">
                <caption class="unseen">"Examples of user names"</caption>
                <thead>
                    <tr><th scope="col">"Name"</th><th scope="col">"User type"</th><th scope="col">"Now"</th><th scope="col">"By this rule"</th></tr>
                </thead>
                <tbody>{examples.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn YearLevels(fields: NameFields) -> impl IntoView {
    let level = move |grade: Grade| {
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || fields.levels.with(|levels| levels.contains(&grade))
                    on:change:target=move |e| fields.choose_level(grade, e.target().checked())
                />
                <span>{grade.as_str()}</span>
            </label>
        }
    };
    view! {
        <section class="panel" aria-labelledby="levels-title">
            <h2 id="levels-title">"Year levels"</h2>
            <Switch
                id="levels-all".to_owned()
                value=fields.all_levels
                title="Sync all year levels"
                what="Switched off, students of other grades are neither created, changed nor removed, and a plan counts their rows. Everybody who is no student is synced."
            />
            <Show when=move || !fields.all_levels.get()>
                <fieldset class="checks">
                    <legend>"Grades that are synced"</legend>
                    {Grade::ALL.iter().copied().map(level).collect_view()}
                </fieldset>
            </Show>
        </section>
    }
}
