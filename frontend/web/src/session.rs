//! Who is signed in, and what every page needs to know of the organisation.

use std::sync::Arc;

use leptos::prelude::*;
use roster::{Permission, School, Schools};
use wire::http::Me;

use crate::failure::CallFailure;

/// What the page knows of the one who looks at it.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The API has not answered yet.
    Unknown,
    /// The API does not answer.
    Unreachable(CallFailure),
    /// Nobody. `expired` where somebody was.
    SignedOut {
        expired: bool,
    },
    SignedIn(Me),
}

/// The session as all pages share it: who is signed in, the schools, and what a screen reader says.
#[derive(Clone, Copy)]
pub struct PageSession {
    state: RwSignal<State>,
    schools: RwSignal<Arc<Schools>>,
    knows_schools: RwSignal<bool>,
    said: RwSignal<String>,
}

impl PageSession {
    /// Returns a session of which nothing is known yet.
    pub fn new() -> PageSession {
        PageSession {
            state: RwSignal::new(State::Unknown),
            schools: RwSignal::new(Arc::new(Schools::default())),
            knows_schools: RwSignal::new(false),
            said: RwSignal::new(String::new()),
        }
    }

    /// Returns what is known of the one who looks at the page.
    pub fn state(self) -> State {
        self.state.get()
    }

    /// Returns the one who is signed in.
    pub fn me(self) -> Option<Me> {
        match self.state.get() {
            State::SignedIn(me) => Some(me),
            _ => None,
        }
    }

    /// Returns the one who is signed in now, for what is not drawn again when somebody else signs in.
    pub fn me_now(self) -> Option<Me> {
        untrack(|| self.me())
    }

    /// Returns whether the one who is signed in belongs to the district office.
    pub fn is_district(self) -> bool {
        self.me().is_some_and(|me| me.school.is_none())
    }

    /// Returns whether one of the roles of the one who is signed in has this permission.
    pub fn may(self, permission: Permission) -> bool {
        self.me().is_some_and(|me| me.permissions.contains(&permission))
    }

    /// Returns what [`Self::may`] returns, for what is not drawn again when somebody else signs in.
    pub fn may_now(self, permission: Permission) -> bool {
        untrack(|| self.may(permission))
    }

    /// Returns whether the one who is signed in sees the own classes, and no other ones.
    pub fn only_teaches(self) -> bool {
        self.may(Permission::SeeOwnClasses) && !self.may(Permission::SeeUsers)
    }

    /// Records who has signed in.
    pub fn sign_in(self, me: Me) {
        self.state.set(State::SignedIn(me));
    }

    /// Records that somebody signed out.
    pub fn sign_out(self) {
        self.state.set(State::SignedOut { expired: false });
    }

    /// Records that the API no longer knows the session.
    pub fn expire(self) {
        let expired = matches!(self.state.get_untracked(), State::SignedIn(_));
        if expired || !matches!(self.state.get_untracked(), State::SignedOut { .. }) {
            self.state.set(State::SignedOut { expired });
        }
    }

    /// Records that the API does not answer.
    pub fn unreachable(self, failure: CallFailure) {
        self.state.set(State::Unreachable(failure));
    }

    /// Returns all schools that the one who is signed in may see; empty until they have come.
    pub fn schools(self) -> Arc<Schools> {
        self.schools.get()
    }

    /// Returns whether the schools have come, or can't.
    pub fn knows_schools(self) -> bool {
        self.knows_schools.get()
    }

    /// Records that the schools can't be had: pages show their identifiers.
    pub fn miss_schools(self) {
        self.knows_schools.set(true);
    }

    /// Records all schools that the one who is signed in may see.
    pub fn set_schools(self, schools: Vec<School>) {
        self.schools.set(Arc::new(Schools::new(schools)));
        self.knows_schools.set(true);
    }

    /// Returns what a screen reader says next.
    pub fn said(self) -> String {
        self.said.get()
    }

    /// Has a screen reader say `text`.
    pub fn say(self, text: impl Into<String>) {
        self.said.set(text.into());
    }
}

/// Returns the session of the page.
pub fn use_session() -> PageSession {
    expect_context()
}
