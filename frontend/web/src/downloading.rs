//! Files that Rollbook prepares on demand and the browser then saves.

use std::future::Future;

use leptos::prelude::*;
use wire::http::Link;

use crate::api::{ApiResult, CallFailure};
use crate::browser::follow;
use crate::session::{PageSession, use_session};
use crate::tasks::Tasks;

/// A download of a part of the page.
#[derive(Clone, Copy)]
pub struct Downloading {
    /// Whether the file is being prepared.
    pub busy: RwSignal<bool>,
    pub failure: RwSignal<Option<CallFailure>>,
    /// What the file lacks, as its link says; see [`Link::left_out`].
    pub left_out: RwSignal<u64>,
    session: PageSession,
    tasks: Tasks,
}

impl Downloading {
    /// Returns a download in the part of the page that is being built now.
    pub fn here() -> Downloading {
        Downloading {
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            left_out: RwSignal::new(0),
            session: use_session(),
            tasks: Tasks::here(),
        }
    }

    /// Asks for the link, and has the browser save what it leads to.
    pub fn start(self, link: impl Future<Output = ApiResult<Link>> + 'static) {
        self.failure.set(None);
        self.busy.set(true);
        self.tasks.run(async move {
            let reply = link.await;
            self.busy.set(false);
            match reply {
                Ok(link) => {
                    self.session.say("The download starts.");
                    self.left_out.set(link.left_out);
                    follow(&link.url, None);
                }
                Err(why) => self.failure.set(Some(why)),
            }
        });
    }
}
