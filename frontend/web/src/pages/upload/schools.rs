//! The schools that the file is for.

use std::collections::BTreeSet;

use leptos::prelude::*;
use roster::School;

use super::draft::UploadDraft;

/// Asks which schools the file is for: whoever sees one school alone is not asked.
#[component]
pub fn SchoolChoice(draft: UploadDraft, locked: Signal<bool>) -> impl IntoView {
    let session = draft.session;
    // Before the schools have come, the question has its place and is not seen: what is below it would move.
    let unknown = move || !session.knows_schools();
    let may_choose = move || session.is_district() && (unknown() || session.schools().iter().nth(1).is_some());
    let some = move || draft.schools.with(Option::is_some);
    let choose = move |schools: Option<BTreeSet<_>>| {
        draft.schools.set(schools);
        draft.check();
    };
    view! {
        <Show when=may_choose>
            <fieldset class="radios school-choice" class:unknown=unknown disabled=locked>
                <legend>"Which schools is it for?"</legend>
                <label class="radio">
                    <input type="radio" name="schools" value="all" prop:checked=move || !some() on:change=move |_| choose(None)/>
                    <span>"All schools"</span>
                </label>
                <label class="radio">
                    <input
                        type="radio"
                        name="schools"
                        value="some"
                        prop:checked=some
                        on:change=move |_| choose(Some(BTreeSet::new()))
                    />
                    <span>"Some schools"</span>
                </label>
                <Show when=some>
                    <p class="muted small wide" id="school-choice-hint">
                        "Users of other schools are left alone, in a full sync, too. Rows of other schools are errors."
                    </p>
                    <div class="school-list" role="group" aria-label="Schools" aria-describedby="school-choice-hint">
                        {move || session.schools().iter().map(|school| line(draft, school.clone())).collect_view()}
                    </div>
                </Show>
            </fieldset>
        </Show>
    }
}

fn line(draft: UploadDraft, school: School) -> impl IntoView {
    let id = StoredValue::new(school.id);
    let chosen = move || {
        id.with_value(|id| draft.schools.with(|schools| schools.as_ref().is_some_and(|schools| schools.contains(id))))
    };
    let set = move |on: bool| {
        draft.schools.update(|schools| {
            let schools = schools.get_or_insert_default();
            if on {
                schools.insert(id.get_value());
            } else {
                schools.remove(&id.get_value());
            }
        });
        draft.check();
    };
    view! {
        <label class="radio">
            <input type="checkbox" prop:checked=chosen on:change:target=move |e| set(e.target().checked())/>
            <span>{school.name}</span>
        </label>
    }
}
