//! Work that goes on beside the page, and ends with the part of it that wanted it.

use std::future::Future;

use futures::future::{AbortHandle, abortable};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use leptos::web_sys;

/// The part of the page that tasks run for.
///
/// They end when it is gone, and not already when the button is gone that started them.
#[derive(Clone, Copy)]
pub struct Tasks(StoredValue<WeakOwner>);

impl Tasks {
    /// Returns the part that is being built now.
    pub fn here() -> Tasks {
        Tasks(StoredValue::new(Owner::current().unwrap_or_default().downgrade()))
    }

    /// Runs `task` until the part is gone.
    pub fn run(self, task: impl Future<Output = ()> + 'static) {
        let part = self.0.try_with_value(WeakOwner::upgrade).flatten();
        if let Some(part) = part {
            part.with(|| leptos::reactive::spawn_local_scoped_with_cancellation(task));
        }
    }
}

/// A place for one task: a new one ends the one before.
#[derive(Clone, Copy)]
pub struct Latest {
    tasks: Tasks,
    running: StoredValue<Option<AbortHandle>>,
}

impl Latest {
    /// Returns a place in the part that is being built now.
    pub fn here() -> Latest {
        Latest { tasks: Tasks::here(), running: StoredValue::new(None) }
    }

    /// Runs `task` in place of the one before.
    pub fn run(self, task: impl Future<Output = ()> + 'static) {
        let (task, handle) = abortable(task);
        self.stop();
        self.running.set_value(Some(handle));
        self.tasks.run(async move {
            // An ended task has nothing to tell.
            let _ = task.await;
        });
    }

    /// Ends the task.
    pub fn stop(self) {
        self.running.update_value(|running| {
            if let Some(handle) = running.take() {
                handle.abort();
            }
        });
    }
}

/// Runs `round` again and again until the part of the page that is being built now is gone.
///
/// Each round says how many milliseconds to wait for the next one; `None` ends it. Nothing runs while the page is
/// hidden.
pub fn poll(mut round: impl AsyncFnMut() -> Option<u32> + 'static) {
    Tasks::here().run(async move {
        while let Some(pause) = round().await {
            sleep(pause).await;
            while hidden() {
                sleep(500).await;
            }
        }
    });
}

/// Waits for so many milliseconds.
pub async fn sleep(milliseconds: u32) {
    TimeoutFuture::new(milliseconds).await;
}

fn hidden() -> bool {
    web_sys::window().and_then(|w| w.document()).is_some_and(|d| d.hidden())
}
