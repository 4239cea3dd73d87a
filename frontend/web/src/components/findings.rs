//! Findings by row and column: what is wrong, and how to fix it.

use leptos::prelude::*;
use roster::Severity;
use wire::http::FindingRow;

use super::{Icon, Sign};
use crate::format::{count, curly, number};
use crate::words;

/// How many findings are shown at first, and how many each press of the button adds.
const STEP: usize = 100;

/// Shows a table of findings.
///
/// Long ones are shown in steps, so that they never freeze the page.
#[component]
pub fn FindingsTable(#[prop(into)] findings: Signal<Vec<FindingRow>>) -> impl IntoView {
    let shown = RwSignal::new(STEP);
    let len = Memo::new(move |_| findings.with(Vec::len));
    let part = move || findings.with(|all| all.iter().take(shown.get()).cloned().enumerate().collect::<Vec<_>>());
    view! {
        <div class="table-frame">
            <table class="table findings">
                <caption class="unseen">"Findings by row and column"</caption>
                <thead>
                    <tr>
                        <th scope="col" class="figure">"Row"</th>
                        <th scope="col">"Column"</th>
                        <th scope="col">"What is wrong"</th>
                        <th scope="col">"How to fix it"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=part key=|(i, f)| (*i, f.row, f.code, f.column.clone()) let:item>
                        <Line finding=item.1/>
                    </For>
                </tbody>
            </table>
        </div>
        <Show when=move || { len.get() > shown.get() }>
            <p class="list-foot">
                <button type="button" class="button" on:click=move |_| shown.update(|n| *n += STEP)>
                    {move || format!("Show {} more", count((len.get() - shown.get()).min(STEP) as u64, "finding", "findings"))}
                </button>
                <span class="muted">{move || format!("{} in all", number(len.get() as u64))}</span>
            </p>
        </Show>
    }
}

#[component]
fn Line(finding: FindingRow) -> impl IntoView {
    let (class, sign) = match finding.severity {
        Severity::Doubtful | Severity::Warning => ("severity attention", Sign::Warning),
        Severity::Note => ("severity muted", Sign::Info),
        Severity::Row | Severity::Class | Severity::File => ("severity bad", Sign::Cross),
    };
    // As a spreadsheet writes it, to be found there. What befalls a user who is in no row of the file has none.
    let row = match (finding.row, finding.severity) {
        (Some(row), _) => row.to_string(),
        (None, Severity::Row | Severity::Class) => "\u{2013}".to_owned(),
        (None, _) => "File".to_owned(),
    };
    let rows = finding.rows.map(|rows| view! { <span class="muted small">{rows}</span> });
    let person = finding.person.map(|person| {
        let words = [person.name, person.custom_id].into_iter().filter(|word| !word.is_empty());
        view! { <span class="muted small">{words.collect::<Vec<_>>().join(", ")}</span> }
    });
    let place = finding.place.map(|place| view! { <span class="muted small">{place}</span> });
    let column = finding.column.unwrap_or_else(|| "\u{2013}".to_owned());
    view! {
        <tr>
            <td class="figure" data-label="Row">{row}</td>
            <td data-label="Column"><code>{broken_at_underscores(&column)}</code></td>
            <td data-label="What is wrong">
                <div class="finding">
                    <span class=class>
                        <Icon sign/>
                        <span class="unseen">{words::severity(finding.severity)}": "</span>
                    </span>
                    <span class="finding-words"><span>{curly(&finding.message)}</span>{person}{rows}{place}</span>
                </div>
            </td>
            <td data-label="How to fix it" class="muted">{curly(&finding.hint)}</td>
        </tr>
    }
}

/// Shows the name of a column, which a narrow table may break after its underscores.
fn broken_at_underscores(column: &str) -> impl IntoView + use<> {
    let part = |part: &str| view! { {part.to_owned()}<wbr/> };
    column.split_inclusive('_').map(part).collect_view()
}
