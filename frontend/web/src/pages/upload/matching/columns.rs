//! Where each column of ours comes from.

use leptos::prelude::*;
use roster::{CellSource, Column, Confidence, DateFormat};

use super::choices::{SourceChoice, choices, samples, short_rule};
use super::edit::{MappingEdit, is_needed};
use super::state::ColumnMatching;
use crate::components::{Icon, Sign};

/// Shows the table of our columns.
#[component]
pub(super) fn ColumnTable(matching: ColumnMatching) -> impl IntoView {
    let columns = matching.edit.with_untracked(|edit| edit.as_ref().map(MappingEdit::columns)).unwrap_or_default();
    view! {
        <div class="table-frame">
            <table class="table cards match-table" aria-labelledby="match-columns-title">
                <thead>
                    <tr>
                        <th scope="col">"Our column"</th>
                        <th scope="col">"Is read from"</th>
                        <th scope="col">"Such as"</th>
                        <th scope="col">"How sure"</th>
                    </tr>
                </thead>
                <tbody>{columns.into_iter().map(|column| view! { <Line matching column/> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// Reads of the edit, while there is one.
pub(super) fn of_edit<T: Default>(matching: ColumnMatching, read: impl FnOnce(&MappingEdit) -> T) -> T {
    matching.edit.with(|edit| edit.as_ref().map(read)).unwrap_or_default()
}

/// Changes the edit, while there is one.
pub(super) fn change(matching: ColumnMatching, change: impl FnOnce(&mut MappingEdit)) {
    matching.edit.update(|edit| {
        if let Some(edit) = edit {
            change(edit);
        }
    });
}

#[component]
fn Line(matching: ColumnMatching, column: Column) -> impl IntoView {
    let name = column.header();
    let shown = Memo::new(move |_| of_edit(matching, |edit| samples(edit, column)));
    view! {
        <tr>
            <th scope="row">
                <code class="match-name">{name}</code>
                {is_needed(column).then(|| view! { <span class="chip">"Needed"</span> })}
                <span class="match-rule">{short_rule(column)}</span>
            </th>
            <td data-label="Is read from"><div class="match-source"><SourceSelect matching column/><DateSelect matching column/></div></td>
            <td data-label="Such as"><Samples shown/></td>
            <td data-label="How sure"><div class="match-how-sure"><Sureness matching column/></div></td>
        </tr>
    }
}

#[component]
fn Samples(shown: Memo<Vec<String>>) -> impl IntoView {
    move || {
        let shown = shown.get();
        if shown.is_empty() {
            return view! { <span class="muted">"\u{2013}"</span> }.into_any();
        }
        let line = |sample: String| view! { <li>{sample}</li> };
        view! { <ul class="match-samples">{shown.into_iter().map(line).collect_view()}</ul> }.into_any()
    }
}

#[component]
fn SourceSelect(matching: ColumnMatching, column: Column) -> impl IntoView {
    let id = format!("from-{}", column.header());
    let groups =
        matching.edit.with_untracked(|edit| edit.as_ref().map(|edit| choices(edit, column)).unwrap_or_default());
    let sources: Vec<CellSource> =
        groups.iter().flat_map(|(_, group)| group).filter_map(|choice| choice.from.clone()).collect();
    let sources = StoredValue::new(sources);
    let chosen = Memo::new(move |_| {
        let from = of_edit(matching, |edit| edit.source(column).cloned())?;
        sources.with_value(|sources| sources.iter().position(|source| *source == from))
    });
    let place = move |choice: &SourceChoice| {
        sources.with_value(|sources| sources.iter().position(|source| Some(source) == choice.from.as_ref()))
    };
    let option = move |choice: SourceChoice| {
        let place = place(&choice);
        let value = place.map(|place| place.to_string()).unwrap_or_default();
        view! { <option value=value prop:selected=move || chosen.get() == place>{choice.words}</option> }
    };
    let pick = move |value: String| {
        let from =
            value.parse().ok().and_then(|place: usize| sources.with_value(|sources| sources.get(place).cloned()));
        change(matching, |edit| edit.choose(column, from));
    };
    let is_wrong = move || {
        of_edit(matching, |edit| edit.open_points().iter().any(|point| point.column == Some(column) && !point.is_look))
    };
    let group = move |(title, choices): (&'static str, Vec<SourceChoice>)| {
        view! { <optgroup label=title>{choices.into_iter().map(option).collect_view()}</optgroup> }
    };
    view! {
        <div class:wrong=is_wrong>
            <label class="unseen" for=id.clone()>{column.header()}" is read from"</label>
            <select id=id aria-invalid=move || is_wrong().then_some("true") on:change:target=move |event| pick(event.target().value())>
                <option value="" prop:selected=move || chosen.get().is_none()>"Not in the file"</option>
                {groups.into_iter().map(group).collect_view()}
            </select>
        </div>
    }
}

/// Asks how a column writes dates, where it holds them.
#[component]
fn DateSelect(matching: ColumnMatching, column: Column) -> impl IntoView {
    const FORMATS: [&str; 8] =
        ["YYYY-MM-DD", "MM/DD/YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "YYYY/MM/DD", "YYYYMMDD"];
    use Column::{ClassEndDate, ClassStartDate, EnrolmentEndDate, EnrolmentStartDate};
    let holds_dates = matches!(column, ClassStartDate | ClassEndDate | EnrolmentStartDate | EnrolmentEndDate);
    let format = move || {
        of_edit(matching, |edit| edit.profile().columns.get(&column).and_then(|mapped| mapped.dates.clone()))
            .map_or_else(|| FORMATS[0].to_owned(), |format| format.0)
    };
    let pick = move |value: String| {
        let format = (value != FORMATS[0]).then_some(DateFormat(value));
        change(matching, |edit| edit.set_dates(column, format));
    };
    let is_read = move || of_edit(matching, |edit| edit.source(column).is_some());
    let option =
        move |name: &'static str| view! { <option value=name prop:selected=move || format() == name>{name}</option> };
    let label = format!("How {} writes dates", column.header());
    view! {
        <Show when=move || holds_dates && is_read()>
            <select class="match-dates" aria-label=label.clone() on:change:target=move |event| pick(event.target().value())>
                {FORMATS.map(option)}
            </select>
        </Show>
    }
}

/// Says how sure it is where a column comes from, and asks to look at what may be wrong.
#[component]
fn Sureness(matching: ColumnMatching, column: Column) -> impl IntoView {
    let words = move || {
        of_edit(matching, |edit| {
            if edit.is_chosen(column) {
                let words = if edit.source(column).is_some() { "Chosen by you" } else { "Left out by you" };
                return Some((words, None));
            }
            edit.proposed(column).map(|proposed| {
                let sure = match proposed.confidence {
                    Confidence::Certain => "Certain",
                    Confidence::Likely => "Likely",
                    Confidence::Guess => "A guess",
                };
                (sure, Some(proposed.reason.clone()))
            })
        })
    };
    let look_at = Memo::new(move |_| of_edit(matching, |edit| edit.look_at(column).map(str::to_owned)));
    view! {
        {move || match words() {
            Some((sure, reason)) => view! {
                <p class="match-sure"><strong>{sure}</strong>{reason.map(|reason| format!(". {reason}"))}</p>
            }
            .into_any(),
            None => view! { <p class="match-sure muted">"No header looks like it."</p> }.into_any(),
        }}
        {move || look_at.get().map(|what| view! { <LookBox matching column what/> })}
    }
}

#[component]
fn LookBox(matching: ColumnMatching, column: Column, what: String) -> impl IntoView {
    let (id, what_id) = (format!("look-{}", column.header()), format!("look-{}-what", column.header()));
    let seen = move || of_edit(matching, |edit| edit.is_seen(column));
    view! {
        <div class="match-look" class:done=seen>
            <p class="match-look-what" id=what_id.clone()>
                <span class="badge attention"><Icon sign=Sign::Warning/>"Look at this"</span>" "{what}
            </p>
            <label class="radio">
                <input
                    type="checkbox"
                    id=id
                    aria-describedby=what_id
                    prop:checked=seen
                    on:change:target=move |event| {
                        let seen = event.target().checked();
                        change(matching, |edit| edit.tick(column, seen));
                    }
                />
                <span>"It is right as it is"<span class="unseen">": "{column.header()}</span></span>
            </label>
        </div>
    }
}
