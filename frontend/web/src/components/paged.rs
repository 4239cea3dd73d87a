//! Lists that come in pages.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use wire::http::Page;

use super::ProblemNote;
use crate::api::{Failure, Reply};
use crate::tasks::Tasks;

/// Where a list stands.
#[derive(Debug, Clone, PartialEq)]
pub enum More {
    /// A part is on its way.
    Loading,
    /// There is more to ask for.
    Available,
    /// That is all.
    End,
    Failed(Failure),
}

type Answer<T> = Pin<Box<dyn Future<Output = Reply<Page<T>>>>>;
type Fetch<T> = Rc<dyn Fn(Option<String>) -> Answer<T>>;

/// A list that grows a page at a time.
pub struct Paged<T: Send + Sync + 'static> {
    pub items: RwSignal<Vec<T>>,
    pub more: RwSignal<More>,
    cursor: StoredValue<Option<String>>,
    /// Counts the starts, so that an answer to an older question is dropped.
    start: StoredValue<u32>,
    fetch: StoredValue<Fetch<T>, LocalStorage>,
    tasks: Tasks,
}

impl<T: Send + Sync + 'static> Clone for Paged<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Paged<T> {}

impl<T: Send + Sync + 'static> Paged<T> {
    /// How many items a person gets at least for one press of a button, where there are as many.
    const WANTED: usize = 25;

    /// An empty list; [`Paged::restart`] fills it.
    pub fn new<F>(fetch: impl Fn(Option<String>) -> F + 'static) -> Paged<T>
    where
        F: Future<Output = Reply<Page<T>>> + 'static,
    {
        let fetch: Fetch<T> = Rc::new(move |cursor| Box::pin(fetch(cursor)));
        Paged {
            items: RwSignal::new(Vec::new()),
            more: RwSignal::new(More::Loading),
            cursor: StoredValue::new(None),
            start: StoredValue::new(0),
            fetch: StoredValue::new_local(fetch),
            tasks: Tasks::here(),
        }
    }

    /// Asks from the beginning. What is shown stays until the answer comes.
    pub fn restart(self) {
        self.start.update_value(|start| *start += 1);
        self.cursor.set_value(None);
        self.load(true);
    }

    /// Asks for the next part.
    pub fn next(self) {
        self.load(false);
    }

    fn load(self, mut afresh: bool) {
        let start = self.start.get_value();
        let fetch = self.fetch.get_value();
        self.more.set(More::Loading);
        self.tasks.run(async move {
            let mut wanted = Self::WANTED;
            loop {
                let answer = fetch(self.cursor.get_value()).await;
                if self.start.get_value() != start {
                    return;
                }
                match answer {
                    Err(failure) => return self.more.set(More::Failed(failure)),
                    Ok(page) => {
                        wanted = wanted.saturating_sub(page.items.len());
                        self.take(page, &mut afresh);
                    }
                }
                let ended = self.cursor.with_value(Option::is_none);
                if ended || wanted == 0 {
                    return self.more.set(if ended { More::End } else { More::Available });
                }
            }
        });
    }

    fn take(self, page: Page<T>, afresh: &mut bool) {
        self.cursor.set_value(page.cursor);
        // An empty page with a next one does not clear the list yet: its items may be on the next.
        let last = self.cursor.with_value(Option::is_none);
        if *afresh && (last || !page.items.is_empty()) {
            *afresh = false;
            self.items.set(page.items);
        } else if !page.items.is_empty() {
            self.items.update(|items| items.extend(page.items));
        }
    }
}

/// The foot of a list: a button for the next part, or why there is none.
#[component]
pub fn LoadMore<T: Send + Sync + 'static>(list: Paged<T>) -> impl IntoView {
    move || match list.more.get() {
        More::Loading => view! { <p class="list-foot" role="status">"Loading\u{2026}"</p> }.into_any(),
        More::Available => view! {
            <p class="list-foot">
                <button type="button" class="button" on:click=move |_| list.next()>"Load more"</button>
            </p>
        }
        .into_any(),
        More::End => view! { <p class="list-foot"></p> }.into_any(),
        More::Failed(failure) => view! { <ProblemNote failure retry=Callback::new(move |()| list.next())/> }.into_any(),
    }
}
