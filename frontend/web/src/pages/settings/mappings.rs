//! How files of other systems are read: the mappings that were saved on the page that sends rosters.

use leptos::prelude::*;
use roster::MappingProfile;

use crate::browser::focus;
use crate::components::Empty;
use crate::format::{count, number};

/// The id of the title, which takes the focus when a mapping is gone from the list.
const TITLE: &str = "mappings-title";

/// Lists the saved mappings, and takes those out that are not wanted any more.
#[component]
pub fn SavedMappings(profiles: RwSignal<Vec<MappingProfile>>) -> impl IntoView {
    let lines = move || {
        let line = |profile: MappingProfile| view! { <Line profile profiles/> };
        profiles.get().into_iter().map(line).collect_view()
    };
    let nothing = || {
        view! {
            <Empty title="No mappings are saved.">
                <p>"Where a file has the headers of another system, the page that uploads rosters asks which column is which, and saves the answer here."</p>
            </Empty>
        }
    };
    view! {
        <section class="saved-mappings" aria-labelledby=TITLE>
            <h3 id=TITLE tabindex="-1">"Saved mappings"</h3>
            <p class="muted">"A file with the headers of one of these is read by it. To change one, upload such a file and press Change."</p>
            <Show when=move || profiles.with(|profiles| !profiles.is_empty()) fallback=nothing>
                <div class="table-frame">
                    <table class="table cards" id="saved-mappings">
                        <thead>
                            <tr>
                                <th scope="col">"Name"</th>
                                <th scope="col">"Version"</th>
                                <th scope="col">"Source"</th>
                                <th scope="col">"Reads"</th>
                                <th scope="col"><span class="unseen">"Delete"</span></th>
                            </tr>
                        </thead>
                        <tbody>{lines}</tbody>
                    </table>
                </div>
            </Show>
        </section>
    }
}

#[component]
fn Line(profile: MappingProfile, profiles: RwSignal<Vec<MappingProfile>>) -> impl IntoView {
    let asks = RwSignal::new(false);
    let name = StoredValue::new(profile.name.clone());
    let back_id = StoredValue::new(format!("keep-mapping-{}", profile.name));
    let delete_id = StoredValue::new(format!("delete-mapping-{}", profile.name));
    let turn = move |on: bool| {
        asks.set(on);
        let id = if on { back_id.get_value() } else { delete_id.get_value() };
        request_animation_frame(move || focus(&id));
    };
    let delete = move |_| {
        name.with_value(|name| profiles.update(|profiles| profiles.retain(|profile| profile.name != *name)));
        request_animation_frame(|| focus(TITLE));
    };
    let source = profile.source.map_or_else(|| "Any".to_owned(), |source| source.0);
    let columns = count(profile.columns.len() as u64, "column", "columns");
    let mut headers: Vec<&str> = profile.columns.values().flat_map(|mapped| mapped.from.headers()).collect();
    headers.sort_unstable();
    headers.dedup();
    let headers = headers.join(", ");
    view! {
        <tr>
            <th scope="row">{profile.name}</th>
            <td data-label="Version">{number(profile.version.into())}</td>
            <td data-label="Source">{source}</td>
            <td data-label="Reads"><div>{columns}<span class="mapping-headers">{headers}</span></div></td>
            <td class="row-actions">
                <Show
                    when=move || asks.get()
                    fallback=move || view! {
                        <button type="button" class="button small" id=delete_id.get_value() on:click=move |_| turn(true)>
                            "Delete"<span class="unseen">" "{name.get_value()}</span>
                        </button>
                    }
                >
                    <div class="mapping-question" role="group" aria-label=format!("Delete {}", name.get_value())>
                        <p>"Files with these headers are asked about again, and drops into the bucket fail until a mapping is saved. Uploads keep what they were read by. It is gone once you save the settings."</p>
                        <div class="actions">
                            <button type="button" class="button small" id=back_id.get_value() on:click=move |_| turn(false)>"Keep it"</button>
                            <button type="button" class="button small danger" on:click=delete>"Delete it"</button>
                        </div>
                    </div>
                </Show>
            </td>
        </tr>
    }
}
