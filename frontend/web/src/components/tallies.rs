//! Counts: as tiles for the whole upload, as a table per school and user type.

use leptos::prelude::*;
use roster::{Counts, Kind, Tally};

use crate::format::number;
use crate::session::use_session;
use crate::words;

/// The counts of an upload. The tiles of changes lead to them.
#[component]
pub fn CountTiles(counts: Counts, #[prop(into)] show: Callback<Kind>) -> impl IntoView {
    let changes = [
        (Kind::Created, counts.created),
        (Kind::Updated, counts.updated),
        (Kind::Moved, counts.moved),
        (Kind::Reactivated, counts.reactivated),
        (Kind::Renamed, counts.renamed),
        (Kind::Removed, counts.removed),
    ];
    let tiles = changes.into_iter().map(|(kind, n)| {
        let class = if kind == Kind::Removed && n > 0 { "tile warn" } else { "tile" };
        let words = view! { <span class="tile-figure">{number(n)}</span><span class="tile-word">{words::kind(kind)}</span> };
        if n == 0 {
            view! { <li><div class="tile zero">{words}</div></li> }.into_any()
        } else {
            view! {
                <li><button type="button" class=class title="Show these changes" on:click=move |_| show.run(kind)>{words}</button></li>
            }
            .into_any()
        }
    });
    let rows = [("Unchanged", counts.unchanged, "tile"), ("Rejected", counts.rejected, "tile warn")];
    let rows = rows.into_iter().map(|(word, n, class)| {
        view! {
            <li>
                <div class=if n == 0 { "tile zero" } else { class }>
                    <span class="tile-figure">{number(n)}</span>
                    <span class="tile-word">{word}</span>
                </div>
            </li>
        }
    });
    view! { <ul class="tiles">{tiles.collect_view()}{rows.collect_view()}</ul> }
}

/// The counts per school and user type.
#[component]
pub fn Tallies(tallies: Vec<Tally>) -> impl IntoView {
    let session = use_session();
    let lines = move || {
        let schools = session.schools();
        let mut above = None;
        tallies
            .iter()
            .map(|tally| {
                let school =
                    tally.school.as_ref().map_or_else(|| "Unknown school".to_owned(), |id| words::school(&schools, id));
                let again = above.replace(tally.school.clone()) == Some(tally.school.clone());
                let user_type = tally.user_type.map_or("Unknown type", |t| t.as_str());
                view! {
                    <tr class:group=!again>
                        <th scope="row" data-label="School"><span class:unseen=again>{school}</span></th>
                        <td data-label="User type">{user_type}</td>
                        {figures(tally.counts)}
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <div class="table-frame">
            <table class="table tallies">
                <caption class="unseen">"Counts per school and user type"</caption>
                <thead>
                    <tr>
                        <th scope="col">"School"</th>
                        <th scope="col">"User type"</th>
                        {HEADS.map(|head| view! { <th scope="col" class="figure">{head}</th> })}
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}

const HEADS: [&str; 7] = ["Created", "Updated", "Moved", "Reactivated", "Removed", "Unchanged", "Rejected"];

fn figures(counts: Counts) -> impl IntoView {
    let figures = [
        counts.created,
        counts.updated,
        counts.moved,
        counts.reactivated,
        counts.removed,
        counts.unchanged,
        counts.rejected,
    ];
    HEADS
        .into_iter()
        .zip(figures)
        .map(|(head, n)| view! { <td class="figure" class:zero=n == 0 data-label=head>{number(n)}</td> })
        .collect_view()
}
