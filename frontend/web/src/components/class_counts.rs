//! Counts of classes and enrolments: of a whole upload, and per school.

use leptos::prelude::*;
use roster::{ClassCounts, ClassTally, ItemCounts};
use wire::http::ItemKind;
use wire::stored::ChunkOf;

use crate::format::number;
use crate::session::use_session;
use crate::words::{self, Tense};

type ItemFigure = fn(&ItemCounts) -> u64;

/// Returns the columns: what they are called, what they count, and the changes that they lead to.
fn columns(tense: Tense) -> [(&'static str, ItemFigure, Option<ItemKind>); 5] {
    let of = |kind, figure: ItemFigure| (words::item_kind(kind, tense), figure, Some(kind));
    [
        of(ItemKind::Created, |c| c.created),
        of(ItemKind::Updated, |c| c.updated),
        of(ItemKind::Ended, |c| c.ended),
        ("Unchanged", |c| c.unchanged, None),
        ("Rejected", |c| c.rejected, None),
    ]
}

/// Shows the counts of an upload.
///
/// Those of changes lead to them.
#[component]
pub fn ClassCountTable(
    counts: ClassCounts,
    tense: Tense,
    #[prop(into)] show: Callback<(ChunkOf, ItemKind)>,
) -> impl IntoView {
    let line = |word: &'static str, of: ChunkOf, counts: ItemCounts| {
        let cells = columns(tense).map(|(head, figure, kind)| {
            let n = figure(&counts);
            let label = format!("{word}, {}: {}", head.to_lowercase(), number(n));
            let figure = match kind.filter(|_| n > 0) {
                None => number(n).into_any(),
                Some(kind) => view! {
                    <button type="button" class="link" aria-label=label title="Show these changes" on:click=move |_| show.run((of, kind))>
                        {number(n)}
                    </button>
                }
                .into_any(),
            };
            view! { <td class="figure" class:zero=n == 0 data-label=head>{figure}</td> }
        });
        view! { <tr><th scope="row">{word}</th>{cells}</tr> }
    };
    view! {
        <div class="table-frame">
            <table class="table cards class-counts" id="class-counts">
                <caption class="unseen">"Counts of classes and enrolments"</caption>
                <Heads tense first=view! { <th scope="col"><span class="unseen">"Of what"</span></th> }.into_any()/>
                <tbody>
                    {line("Classes", ChunkOf::Classes, counts.classes)}
                    {line("Enrolments", ChunkOf::Enrolments, counts.enrolments)}
                </tbody>
            </table>
        </div>
        <p class="muted small counts-note">"A class that ends is archived, and its enrolments end with it. Nobody\u{2019}s account is closed by that."</p>
    }
}

/// Shows the counts of classes and enrolments per school.
#[component]
pub fn ClassTallies(tallies: Vec<ClassTally>, tense: Tense) -> impl IntoView {
    let session = use_session();
    let lines = move || {
        let schools = session.schools();
        let of_school = |tally: &ClassTally| {
            let school =
                tally.school.as_ref().map_or_else(|| "Unknown school".to_owned(), |id| words::school(&schools, id));
            let ClassCounts { classes, enrolments } = tally.counts;
            let line = move |school: String, again: bool, word: &'static str, counts: ItemCounts| {
                let cells = columns(tense).map(|(head, figure, _)| {
                    let n = figure(&counts);
                    view! { <td class="figure" class:zero=n == 0 data-label=head>{number(n)}</td> }
                });
                view! {
                    <tr class:group=!again>
                        <th scope="row" data-label="School"><span class:unseen=again>{school}</span></th>
                        <td data-label="Of what">{word}</td>
                        {cells}
                    </tr>
                }
            };
            [line(school.clone(), false, "Classes", classes), line(school, true, "Enrolments", enrolments)]
        };
        tallies.iter().map(of_school).collect_view()
    };
    view! {
        <div class="table-frame">
            <table class="table tallies">
                <caption class="unseen">"Counts of classes and enrolments per school"</caption>
                <Heads tense first=view! { <th scope="col">"School"</th><th scope="col">"Of what"</th> }.into_any()/>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Heads(tense: Tense, first: AnyView) -> impl IntoView {
    let heads = columns(tense).map(|(head, ..)| view! { <th scope="col" class="figure">{head}</th> });
    view! { <thead><tr>{first}{heads}</tr></thead> }
}
