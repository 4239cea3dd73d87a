//! The plan, the findings and the counts per school, one at a time.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use roster::{ClassTally, Kind, Tally};
use wire::UploadId;
use wire::http::{FindingRow, UploadDetail};

use crate::api::use_api;
use crate::browser::focus;
use crate::components::{
    ChangesList, ClassChangesList, ClassFilter, ClassTallies, Empty, FindingsTable, LoadMore, More, Paged, Tallies,
};
use crate::format::number;
use crate::words::Tense;

/// The parts of the page that share a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Changes,
    Classes,
    Findings,
    Schools,
}

impl Tab {
    const ALL: [Tab; 4] = [Tab::Changes, Tab::Classes, Tab::Findings, Tab::Schools];

    fn id(self) -> &'static str {
        match self {
            Tab::Changes => "tab-changes",
            Tab::Classes => "tab-classes",
            Tab::Findings => "tab-findings",
            Tab::Schools => "tab-schools",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Tab::Changes => "Changes",
            Tab::Classes => "Classes",
            Tab::Findings => "Findings",
            Tab::Schools => "By school",
        }
    }
}

/// Shows the tabs and the part that is chosen.
#[component]
pub fn Tabs(
    id: StoredValue<UploadId>,
    detail: RwSignal<Option<UploadDetail>>,
    kind: RwSignal<Option<Kind>>,
    classes: ClassFilter,
    tab: RwSignal<Tab>,
) -> impl IntoView {
    // A plan can be looked at once its counts are known, and is drawn again when it is another plan.
    let plan = Memo::new(move |_| {
        detail.with(|d| d.as_ref().map(|d| d.upload.digest.clone().filter(|_| d.upload.counts.is_some())))
    });
    let found = Memo::new(move |_| detail.with(|d| d.as_ref().map_or(0, |d| d.upload.findings.values().sum::<u64>())));
    let tallies = Memo::new(move |_| detail.with(|d| d.as_ref().map(|d| d.tallies.clone()).unwrap_or_default()));
    let tense = Memo::new(move |_| detail.with(|d| d.as_ref().map_or(Tense::Ahead, |d| Tense::of(&d.upload))));
    let changes =
        Memo::new(move |_| detail.with(|d| d.as_ref().and_then(|d| d.upload.counts).map_or(0, |c| c.changes())));
    let class_tallies =
        Memo::new(move |_| detail.with(|d| d.as_ref().map(|d| d.class_tallies.clone()).unwrap_or_default()));
    let class_counts = Memo::new(move |_| detail.with(|d| d.as_ref().and_then(|d| d.upload.class_counts)));
    let class_changes = Memo::new(move |_| class_counts.get().map_or(0, |counts| counts.changes()));
    let offered = Memo::new(move |_| {
        let has = |tab: &Tab| match tab {
            Tab::Changes => plan.get().flatten().is_some(),
            Tab::Classes => plan.get().flatten().is_some() && class_counts.get().is_some(),
            Tab::Findings => plan.get().flatten().is_some() || found.get() > 0,
            Tab::Schools => tallies.with(|t| !t.is_empty()),
        };
        Tab::ALL.into_iter().filter(has).collect::<Vec<_>>()
    });
    Effect::new(move |_| {
        // A failed upload has no plan: its findings are what there is to see.
        let first = offered
            .with(|offered| if offered.contains(&tab.get_untracked()) { None } else { offered.first().copied() });
        if let Some(first) = first {
            tab.set(first);
        }
    });
    let panel = move || match tab.get() {
        Tab::Changes => plan.get().flatten().map(|_| view! { <ChangesList id=id.get_value() kind tense/> }.into_any()),
        Tab::Classes => plan
            .get()
            .flatten()
            .map(|_| view! { <ClassChangesList id=id.get_value() filter=classes tense/> }.into_any()),
        Tab::Findings => {
            found.track();
            Some(view! { <Findings id=id.get_value()/> }.into_any())
        }
        Tab::Schools => {
            Some(view! { <BySchool tallies=tallies.get() classes=class_tallies.get() tense=tense.get()/> }.into_any())
        }
    };
    let buttons = move || {
        offered
            .get()
            .into_iter()
            .map(|of| {
                let n = match of {
                    Tab::Changes => Some(changes),
                    Tab::Classes => Some(class_changes),
                    Tab::Findings => Some(found),
                    Tab::Schools => None,
                };
                view! { <TabButton of tab n/> }
            })
            .collect_view()
    };
    view! {
        <Show when=move || offered.with(|offered| !offered.is_empty())>
            <section id="details" aria-label="Details">
                <div class="tabs" role="tablist" aria-label="Details" on:keydown=move |e| turn(&e, &offered.get_untracked(), tab)>
                    {buttons}
                </div>
                <div role="tabpanel" id="tab-panel" aria-labelledby=move || tab.get().id()>{panel}</div>
            </section>
        </Show>
    }
}

#[component]
fn TabButton(of: Tab, tab: RwSignal<Tab>, n: Option<Memo<u64>>) -> impl IntoView {
    let chosen = move || tab.get() == of;
    view! {
        <button
            type="button"
            role="tab"
            id=of.id()
            class="tab"
            aria-controls="tab-panel"
            aria-selected=move || if chosen() { "true" } else { "false" }
            tabindex=move || if chosen() { "0" } else { "-1" }
            on:click=move |_| tab.set(of)
        >
            {of.words()}
            {move || n.map(|n| n.get()).filter(|n| *n > 0).map(|n| view! { <span class="tab-count">{number(n)}</span> })}
        </button>
    }
}

#[component]
fn BySchool(tallies: Vec<Tally>, classes: Vec<ClassTally>, tense: Tense) -> impl IntoView {
    let classes = (!classes.is_empty()).then(|| {
        view! { <h3 class="tallies-title">"Classes and enrolments"</h3><ClassTallies tallies=classes tense/> }
    });
    view! { <Tallies tallies tense/>{classes} }
}

fn turn(event: &KeyboardEvent, offered: &[Tab], tab: RwSignal<Tab>) {
    let step = match event.key().as_str() {
        "ArrowRight" => 1,
        "ArrowLeft" => offered.len() - 1,
        _ => return,
    };
    event.prevent_default();
    let at = offered.iter().position(|of| *of == tab.get_untracked()).unwrap_or(0);
    let next = offered[(at + step) % offered.len()];
    tab.set(next);
    focus(next.id());
}

#[component]
fn Findings(id: UploadId) -> impl IntoView {
    let api = use_api();
    let list = Paged::<FindingRow>::new(move |cursor| {
        let id = id.clone();
        async move { api.findings(&id, cursor).await }
    });
    list.restart();
    let none = move || list.more.get() == More::End && list.items.with(Vec::is_empty);
    view! {
        <Show when=move || !list.items.with(Vec::is_empty)><FindingsTable findings=list.items/></Show>
        <Show when=none>
            <Empty title="Nothing was found.">
                <p>"Every row holds, by itself and compared with the directory."</p>
            </Empty>
        </Show>
        <LoadMore list/>
    }
}
