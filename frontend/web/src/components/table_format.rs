//! The choice between CSV and a workbook.

use leptos::prelude::*;
use wire::http::TableFormat;

/// Asks whether a file is CSV or a workbook.
///
/// `name` begins the ids of both choices; `by_hand` says what a workbook is for.
#[component]
pub fn TableFormatChoice(
    format: RwSignal<TableFormat>,
    name: &'static str,
    legend: &'static str,
    by_hand: &'static str,
) -> impl IntoView {
    let choice = move |value: TableFormat, ending: &str, words: String| {
        let id = format!("{name}-{ending}");
        view! {
            <label class="radio">
                <input type="radio" name=name id=id prop:checked=move || format.get() == value on:change=move |_| format.set(value)/>
                <span>{words}</span>
            </label>
        }
    };
    view! {
        <fieldset class="radios">
            <legend>{legend}</legend>
            {choice(TableFormat::Csv, "csv", "CSV, for programs".to_owned())}
            {choice(TableFormat::Xlsx, "xlsx", format!("Excel workbook, {by_hand}: IDs keep their zeros"))}
        </fieldset>
    }
}
