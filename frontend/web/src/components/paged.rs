//! Lists that come in pages.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use wire::http::Page;

use super::ProblemNote;
use crate::api::{ApiResult, CallFailure};
use crate::tasks::Tasks;

/// How far a list has come.
#[derive(Debug, Clone, PartialEq)]
pub enum More {
    /// A part is on its way.
    Loading,
    /// There is more to ask for.
    Available,
    /// That is all.
    End,
    Failed(CallFailure),
}

/// What the page shows in the place of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListView {
    Items,
    /// The first part is on its way.
    Loading,
    /// There is nothing, and that is all.
    Nothing,
    /// Nothing has come yet; what is below the list says why.
    NotYet,
}

type PendingPage<T> = Pin<Box<dyn Future<Output = ApiResult<Page<T>>>>>;
type Fetch<T> = Rc<dyn Fn(Option<String>) -> PendingPage<T>>;

/// A list that grows a page at a time.
pub struct Paged<T: Send + Sync + 'static> {
    pub items: RwSignal<Vec<T>>,
    pub more: RwSignal<More>,
    cursor: StoredValue<Option<String>>,
    /// Counts the starts, so that an answer to an older question is dropped.
    start: StoredValue<u32>,
    /// No page has come since the last start, so the next one replaces what is there.
    afresh: StoredValue<bool>,
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
    /// How many items a press of the button adds at least, where there are as many.
    const WANTED: usize = 25;

    /// Returns an empty list; [`Paged::restart`] fills it.
    pub fn new<F>(fetch: impl Fn(Option<String>) -> F + 'static) -> Paged<T>
    where
        F: Future<Output = ApiResult<Page<T>>> + 'static,
    {
        let fetch: Fetch<T> = Rc::new(move |cursor| Box::pin(fetch(cursor)));
        Paged {
            items: RwSignal::new(Vec::new()),
            more: RwSignal::new(More::Loading),
            cursor: StoredValue::new(None),
            start: StoredValue::new(0),
            afresh: StoredValue::new(true),
            fetch: StoredValue::new_local(fetch),
            tasks: Tasks::here(),
        }
    }

    /// Returns what to show in the place of the list.
    pub fn view(self) -> ListView {
        let more = self.more.get();
        match more {
            _ if !self.items.with(Vec::is_empty) => ListView::Items,
            More::Loading => ListView::Loading,
            More::End => ListView::Nothing,
            More::Available | More::Failed(_) => ListView::NotYet,
        }
    }

    /// Asks from the beginning.
    ///
    /// What was shown answers another question, so it goes at once.
    pub fn restart(self) {
        self.forget();
        self.next();
    }

    /// Asks for the next part; for the first one until that has come.
    pub fn next(self) {
        self.tasks.run(self.load());
    }

    fn forget(self) {
        self.start.update_value(|start| *start += 1);
        self.afresh.set_value(true);
        self.cursor.set_value(None);
        self.items.set(Vec::new());
    }

    fn load(self) -> impl Future<Output = ()> {
        let start = self.start.get_value();
        let fetch = self.fetch.get_value();
        self.more.set(More::Loading);
        async move {
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
                        self.take(page);
                    }
                }
                let ended = self.cursor.with_value(Option::is_none);
                if ended || wanted == 0 {
                    return self.more.set(if ended { More::End } else { More::Available });
                }
            }
        }
    }

    fn take(self, page: Page<T>) {
        self.cursor.set_value(page.cursor);
        if self.afresh.get_value() {
            // Something else may have filled the list while its own first page did not come.
            self.afresh.set_value(false);
            self.items.set(page.items);
        } else if !page.items.is_empty() {
            self.items.update(|items| items.extend(page.items));
        }
    }
}

/// Shows a button for the next part of a list, or why there is none.
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use futures::executor::block_on;
    use wire::http::Problem;

    use super::*;

    fn page(items: &[u32], cursor: Option<&str>) -> ApiResult<Page<u32>> {
        Ok(Page { items: items.to_vec(), cursor: cursor.map(str::to_owned) })
    }

    fn failure() -> ApiResult<Page<u32>> {
        let problem = Problem { code: "unreachable".to_owned(), message: "No answer.".to_owned(), hint: None };
        Err(CallFailure { status: 0, problem, retry_after: None })
    }

    /// Returns a list that is given these answers, one after the other.
    fn list(answers: impl IntoIterator<Item = ApiResult<Page<u32>>>) -> Paged<u32> {
        let answers = RefCell::new(answers.into_iter().collect::<VecDeque<_>>());
        Paged::new(move |_| {
            let answer = answers.borrow_mut().pop_front();
            async move { answer.expect("nobody asks further") }
        })
    }

    fn items(list: Paged<u32>) -> Vec<u32> {
        list.items.get_untracked()
    }

    #[test]
    fn a_list_grows_and_a_restart_replaces_it() {
        Owner::new().with(|| {
            let whole: Vec<u32> = (0..25).collect();
            let list = list([page(&whole, Some("a")), page(&[25], None), page(&[7], None)]);
            block_on(list.load());
            assert_eq!((items(list), list.more.get_untracked()), (whole, More::Available));
            block_on(list.load());
            assert_eq!((items(list).len(), list.more.get_untracked()), (26, More::End));
            list.forget();
            block_on(list.load());
            assert_eq!(items(list), [7]);
        });
    }

    #[test]
    fn after_a_failed_restart_nothing_of_the_question_before_is_left() {
        Owner::new().with(|| {
            let list = list([page(&[1, 2], None), failure(), page(&[2, 3], None)]);
            block_on(list.load());
            list.forget();
            block_on(list.load());
            assert!(items(list).is_empty() && matches!(list.more.get_untracked(), More::Failed(_)));
            // Trying again is asking for the next part. The history renews its list by itself meanwhile.
            list.items.set(vec![3]);
            block_on(list.load());
            assert_eq!(items(list), [2, 3]);
        });
    }

    #[test]
    fn a_failure_on_the_way_keeps_what_has_come() {
        Owner::new().with(|| {
            let list = list([page(&[1], Some("a")), failure(), page(&[2], None)]);
            block_on(list.load());
            assert_eq!(items(list), [1]);
            block_on(list.load());
            assert_eq!(items(list), [1, 2]);
        });
    }
}
