//! Who is signed in, and what every page needs to know of the organisation.

use std::sync::Arc;

use leptos::prelude::*;
use roster::{Permission, School, Schools};
use wire::http::Me;

use crate::failure::Failure;

/// What is known of the one who looks at the page.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The API has not answered yet.
    Unknown,
    /// The API does not answer.
    Unreachable(Failure),
    /// Nobody. `expired` where somebody was.
    SignedOut {
        expired: bool,
    },
    SignedIn(Me),
}

/// The state of the session, shared by all pages.
#[derive(Clone, Copy)]
pub struct PageSession {
    state: RwSignal<State>,
    schools: RwSignal<Arc<Schools>>,
    said: RwSignal<String>,
}

impl PageSession {
    pub fn new() -> PageSession {
        PageSession {
            state: RwSignal::new(State::Unknown),
            schools: RwSignal::new(Arc::new(Schools::default())),
            said: RwSignal::new(String::new()),
        }
    }

    pub fn state(self) -> State {
        self.state.get()
    }

    /// The one who is signed in.
    pub fn me(self) -> Option<Me> {
        match self.state.get() {
            State::SignedIn(me) => Some(me),
            _ => None,
        }
    }

    /// The one who is signed in now, for what is not drawn again when somebody else signs in.
    pub fn me_now(self) -> Option<Me> {
        untrack(|| self.me())
    }

    /// Whether the one who is signed in may do everything.
    pub fn is_district(self) -> bool {
        self.me().is_some_and(|me| me.school.is_none())
    }

    /// Whether one of the roles of the one who is signed in allows it.
    pub fn may(self, permission: Permission) -> bool {
        self.me().is_some_and(|me| me.permissions.contains(&permission))
    }

    /// The same, for what is not drawn again when somebody else signs in.
    pub fn may_now(self, permission: Permission) -> bool {
        untrack(|| self.may(permission))
    }

    pub fn sign_in(self, me: Me) {
        self.state.set(State::SignedIn(me));
    }

    pub fn sign_out(self) {
        self.state.set(State::SignedOut { expired: false });
    }

    /// The API no longer knows the session.
    pub fn expire(self) {
        let expired = matches!(self.state.get_untracked(), State::SignedIn(_));
        if expired || !matches!(self.state.get_untracked(), State::SignedOut { .. }) {
            self.state.set(State::SignedOut { expired });
        }
    }

    pub fn unreachable(self, failure: Failure) {
        self.state.set(State::Unreachable(failure));
    }

    /// All schools that the one who is signed in may see; empty until they have come.
    pub fn schools(self) -> Arc<Schools> {
        self.schools.get()
    }

    pub fn set_schools(self, schools: Vec<School>) {
        self.schools.set(Arc::new(Schools::new(schools)));
    }

    /// What a screen reader says next.
    pub fn said(self) -> String {
        self.said.get()
    }

    /// Has a screen reader say `text`.
    pub fn say(self, text: impl Into<String>) {
        self.said.set(text.into());
    }
}

/// The session of the page.
pub fn use_session() -> PageSession {
    expect_context()
}
