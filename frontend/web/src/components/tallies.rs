//! Counts: as tiles for the whole upload, as a table per school and user type.

use leptos::prelude::*;
use roster::{Counts, Kind, Tally};
use wire::shown::counts_by_kind;

use crate::format::number;
use crate::session::use_session;
use crate::words::{self, Tense};

/// Shows the counts of an upload.
///
/// The tiles of changes lead to them.
#[component]
pub fn CountTiles(counts: Counts, tense: Tense, #[prop(into)] show: Callback<Kind>) -> impl IntoView {
    let changes = counts_by_kind(&counts);
    // What few plans have is shown where it is.
    let shown = changes.into_iter().filter(|(kind, n)| *n > 0 || *kind != Kind::Rekeyed);
    let tiles = shown.map(|(kind, n)| {
        let class = if kind == Kind::Removed && n > 0 { "tile warn" } else { "tile" };
        let words = view! { <span class="tile-figure">{number(n)}</span><span class="tile-word">{words::kind(kind, tense)}</span> };
        if n == 0 {
            view! { <li><div class="tile zero">{words}</div></li> }.into_any()
        } else {
            view! {
                <li><button type="button" class=class title="Show these changes" on:click=move |_| show.run(kind)>{words}</button></li>
            }
            .into_any()
        }
    });
    let rows = [
        ("Unchanged", counts.unchanged, "tile"),
        (KEPT, counts.kept, "tile"),
        (OUTSIDE, counts.outside, "tile"),
        ("Rejected", counts.rejected, "tile warn"),
    ];
    // What only some settings bring about is shown where it is.
    let usual = |word: &str| word != KEPT && word != OUTSIDE;
    let rows = rows.into_iter().filter(move |(word, n, _)| *n > 0 || usual(word)).map(|(word, n, class)| {
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

/// Shows the counts per school and user type.
#[component]
pub fn Tallies(tallies: Vec<Tally>, tense: Tense) -> impl IntoView {
    let session = use_session();
    let heads = heads(&tallies, tense);
    let named = heads.clone();
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
                        {figures(&heads, tally.counts)}
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <div class="table-frame">
            <table class="table tallies cards">
                <caption class="unseen">"Counts per school and user type"</caption>
                <thead>
                    <tr>
                        <th scope="col">"School"</th>
                        <th scope="col">"User type"</th>
                        {named.into_iter().map(|(head, _)| view! { <th scope="col" class="figure">{head}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}

const KEPT: &str = "Not updated";
const OUTSIDE: &str = "Not synced";

type Figure = fn(&Counts) -> u64;

/// Returns the columns, and whether they are there even if all is zero.
fn columns(tense: Tense) -> [(&'static str, Figure, bool); 11] {
    let of = |kind| words::kind(kind, tense);
    [
        (of(Kind::Created), |c| c.created, true),
        (of(Kind::Updated), |c| c.updated, true),
        (of(Kind::Moved), |c| c.moved, true),
        (of(Kind::Reactivated), |c| c.reactivated, true),
        (of(Kind::Renamed), |c| c.renamed, false),
        (of(Kind::Rekeyed), |c| c.rekeyed, false),
        (of(Kind::Removed), |c| c.removed, true),
        ("Unchanged", |c| c.unchanged, true),
        (KEPT, |c| c.kept, false),
        (OUTSIDE, |c| c.outside, false),
        ("Rejected", |c| c.rejected, true),
    ]
}

fn heads(tallies: &[Tally], tense: Tense) -> Vec<(&'static str, Figure)> {
    let needed = |figure: Figure| tallies.iter().any(|tally| figure(&tally.counts) > 0);
    let shown = columns(tense).into_iter().filter(|(_, figure, always)| *always || needed(*figure));
    shown.map(|(head, figure, _)| (head, figure)).collect()
}

fn figures(heads: &[(&'static str, Figure)], counts: Counts) -> impl IntoView + use<> {
    let cell = |(head, figure): &(&'static str, Figure)| {
        let (head, n) = (*head, figure(&counts));
        view! { <td class="figure" class:zero=n == 0 data-label=head>{number(n)}</td> }
    };
    heads.iter().map(cell).collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_few_need_are_there_where_they_have_something_to_say() {
        let tally = |counts| Tally { school: None, user_type: None, counts };
        let names = |counts| heads(&[tally(counts)], Tense::Done).into_iter().map(|(head, _)| head).collect::<Vec<_>>();
        assert_eq!(names(Counts::default()).len(), 7);
        assert!(names(Counts { kept: 1, ..Counts::default() }).contains(&KEPT));
        assert!(names(Counts { outside: 1, ..Counts::default() }).contains(&OUTSIDE));
    }
}
