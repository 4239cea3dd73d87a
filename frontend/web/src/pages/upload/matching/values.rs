//! What the values of the file mean, which headers are not read, and the people who come of it.

use leptos::prelude::*;
use roster::{Column, SeenHeader, header_key};
use worker::SeenValues;

use super::choices::accepted_words;
use super::columns::{change, of_edit};
use super::edit::{MappingEdit, ValueMeaning};
use super::state::ColumnMatching;
use crate::format::{count, number};

/// Shows the values of the columns that hold one of a few words, with what each becomes.
#[component]
pub(super) fn ValueTables(matching: ColumnMatching) -> impl IntoView {
    let shown = Memo::new(move |_| {
        let with_values = |edit: &MappingEdit| {
            let has_values = |column: &Column| edit.values(*column).is_some_and(|values| !values.counts.is_empty());
            SeenValues::COLUMNS.into_iter().filter(has_values).collect::<Vec<_>>()
        };
        of_edit(matching, with_values)
    });
    view! {
        <Show when=move || shown.with(|shown| !shown.is_empty())>
            <section aria-labelledby="match-values-title">
                <h3 id="match-values-title">"What the values mean"</h3>
                <p class="muted">
                    "Whoever is in rows that are left out stays as they are; nobody is removed for it. Rows with a value that is not understood are rejected."
                </p>
                <For each=move || shown.get() key=|column| *column let:column>
                    <ValueTable matching column/>
                </For>
            </section>
        </Show>
    }
}

#[component]
fn ValueTable(matching: ColumnMatching, column: Column) -> impl IntoView {
    let values = Memo::new(move |_| of_edit(matching, |edit| edit.values(column).cloned().unwrap_or_default()));
    let unclear = move || of_edit(matching, |edit| edit.unclear(column));
    // What is clear is folded. It does not fold under the hands of whoever edits it.
    let is_open = matching.edit.with_untracked(|edit| {
        edit.as_ref()
            .is_some_and(|edit| edit.unclear(column) > 0 || edit.look_at(column).is_some() || edit.is_chosen(column))
    });
    let summary = move || {
        let all = values.with(|values| values.counts.len() as u64 + values.more);
        match unclear() as u64 {
            0 => format!("{}, all clear", count(all, "value", "values")),
            n => format!("{}, {} not understood", count(all, "value", "values"), number(n)),
        }
    };
    let more = move || {
        let more = values.with(|values| values.more);
        (more > 0).then(|| view! { <p class="muted small">"And "{count(more, "more value", "more values")}", each in few rows."</p> })
    };
    let lines = move || {
        let lines = values.get().counts.into_iter().enumerate();
        lines.map(|(place, (value, rows))| view! { <ValueLine matching column place value rows/> }).collect_view()
    };
    view! {
        <details class="match-values" open=is_open>
            <summary><code class="match-name">{column.header()}</code>" "<span class:attention=move || { unclear() > 0 }>{summary}</span></summary>
            <div class="table-frame">
                <table class="table match-value-table" aria-label=format!("Values of {}", column.header())>
                    <thead>
                        <tr>
                            <th scope="col">"In the file"</th>
                            <th scope="col" class="figure">"Rows"</th>
                            <th scope="col">"Becomes"</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
            {more}
        </details>
    }
}

/// What a choice of a value's meaning sends for rows that are left out; no value of a column is like it.
const LEFT_OUT: &str = "\u{0}left out";

#[component]
fn ValueLine(matching: ColumnMatching, column: Column, place: usize, value: String, rows: u64) -> impl IntoView {
    let accepted = matching
        .edit
        .with_untracked(|edit| edit.as_ref().map(|edit| accepted_words(column, edit.schools())).unwrap_or_default());
    let id = format!("value-{}-{place}", column.header());
    let value = StoredValue::new(value);
    let meaning = Memo::new(move |_| {
        matching.edit.with(|edit| {
            edit.as_ref().map_or(ValueMeaning::Unclear, |edit| value.with_value(|value| edit.meaning(column, value)))
        })
    });
    let pick = move |picked: String| {
        let meaning = match picked.as_str() {
            "" => ValueMeaning::Unclear,
            LEFT_OUT => ValueMeaning::LeftOut,
            _ => ValueMeaning::Becomes(picked),
        };
        change(matching, |edit| value.with_value(|value| edit.set_meaning(column, value, meaning)));
    };
    let option = move |(word, words): (String, String)| {
        let becomes = ValueMeaning::Becomes(word.clone());
        view! { <option value=word prop:selected=move || meaning.get() == becomes>{words}</option> }
    };
    let is_unclear = move || meaning.get() == ValueMeaning::Unclear;
    view! {
        <tr class:unclear=is_unclear>
            <th scope="row"><label for=id.clone()>{value.get_value()}<span class="unseen">" becomes"</span></label></th>
            <td class="figure">{number(rows)}</td>
            <td>
                <select id=id on:change:target=move |event| pick(event.target().value())>
                    <option value="" prop:selected=is_unclear>"Not understood: rejected"</option>
                    {accepted.into_iter().map(option).collect_view()}
                    <option value=LEFT_OUT prop:selected=move || meaning.get() == ValueMeaning::LeftOut>"Leave these rows out"</option>
                </select>
            </td>
        </tr>
    }
}

/// Lists the headers that are not read, with why.
#[component]
pub(super) fn NotRead(matching: ColumnMatching) -> impl IntoView {
    let unread = Memo::new(move |_| {
        of_edit(matching, |edit| {
            let used: Vec<String> = edit.profile().used_headers().map(header_key).collect();
            let is_unread = |seen: &&SeenHeader| !used.contains(&header_key(&seen.header));
            edit.proposal().headers.iter().filter(is_unread).cloned().collect::<Vec<_>>()
        })
    });
    let line = |seen: SeenHeader| {
        let why = match seen.is_about {
            Some(what) => what,
            None if seen.read_as.is_empty() => "no column of ours is like it".to_owned(),
            None => "not chosen".to_owned(),
        };
        let samples = (!seen.samples.is_empty()).then(|| format!(", such as {}", seen.samples.join(", ")));
        view! { <div><dt>{seen.header}</dt><dd>{why}<span class="muted">{samples}</span></dd></div> }
    };
    view! {
        <Show when=move || unread.with(|unread| !unread.is_empty())>
            <section aria-labelledby="match-unread-title">
                <h3 id="match-unread-title">"Not read"</h3>
                <p class="muted">"These columns of the file are left alone."</p>
                <dl class="match-unread">{move || unread.get().into_iter().map(line).collect_view()}</dl>
            </section>
        </Show>
    }
}

/// Shows the first people as they will be read.
#[component]
pub(super) fn People(matching: ColumnMatching) -> impl IntoView {
    let people = Memo::new(move |_| of_edit(matching, |edit| edit.preview().to_vec()));
    let columns = Memo::new(move |_| {
        people
            .with(|people| {
                people.first().map(|person| person.cells.iter().map(|(column, _)| *column).collect::<Vec<_>>())
            })
            .unwrap_or_default()
    });
    let rows = move || {
        let row = |person: roster::PreviewPerson| {
            let cell = |(column, value): (Column, String)| {
                view! { <td data-label=column.header()>{if value.is_empty() { "\u{2013}".to_owned() } else { value }}</td> }
            };
            view! {
                <tr><th scope="row">"Row "{number(person.row.into())}</th>{person.cells.into_iter().map(cell).collect_view()}</tr>
            }
        };
        people.get().into_iter().map(row).collect_view()
    };
    let heads =
        move || columns.get().into_iter().map(|column| view! { <th scope="col">{column.header()}</th> }).collect_view();
    view! {
        <section aria-labelledby="match-people-title">
            <h3 id="match-people-title">"The first people, as they will be read"</h3>
            <p class="muted match-looking" role="status">
                {move || if matching.looking.get() { "Reading them again\u{2026}" } else { "They follow each change above." }}
            </p>
            <Show when=move || people.with(|people| !people.is_empty()) fallback=|| view! { <p>"Nobody can be read like this."</p> }>
                <div class="table-frame" role="region" aria-labelledby="match-people-title" tabindex="0">
                    <table class="table cards match-people">
                        <thead><tr><th scope="col">"Row"</th>{heads}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Show>
        </section>
    }
}
