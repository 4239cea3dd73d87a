//! Where what is filled in stands: checked here, and sent.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::web_sys::File;
use roster::{Day, Mode, Scope, Severity};
use wire::UploadId;
use wire::http::FindingRow;
use worker::{CheckReport, Request};

use super::row::{self, PersonFields};
use super::said::said;
use crate::api::{Api, CallFailure, use_api};
use crate::browser::{focus, now};
use crate::jobs::check_file;
use crate::pages::by_hand;
use crate::pages::upload::send;
use crate::session::{PageSession, use_session};
use crate::tasks::{Latest, sleep};

/// For how many milliseconds nothing is typed before it is checked again.
const REST: u32 = 400;

/// The step that an edit has come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PersonStep {
    Filling,
    Checking,
    /// It is what the user has already.
    Unchanged,
    /// The row would be rejected.
    Wrong,
    /// Nothing is wrong, but something may not be meant.
    ToLookAt,
    NotChecked(String),
    Sending,
    NotSent(CallFailure),
}

/// An edit as it is prepared.
#[derive(Clone, Copy)]
pub(super) struct PersonDraft {
    fields: PersonFields,
    pub(super) step: RwSignal<PersonStep>,
    findings: RwSignal<Vec<FindingRow>>,
    /// The user as it is, where it is edited.
    before: Option<PersonFields>,
    /// What was checked last, so that what is sent is what was seen.
    checked: StoredValue<Option<Vec<String>>>,
    task: Latest,
    api: Api,
    session: PageSession,
}

impl PersonDraft {
    /// Returns a draft of these fields, in the part of the page that is being built now.
    pub(super) fn here(fields: PersonFields, before: Option<PersonFields>) -> PersonDraft {
        PersonDraft {
            fields,
            step: RwSignal::new(PersonStep::Filling),
            findings: RwSignal::new(Vec::new()),
            before,
            checked: StoredValue::new(None),
            task: Latest::here(),
            api: use_api(),
            session: use_session(),
        }
    }

    /// Returns what was found in the field of a column, and what to do about it.
    pub(super) fn finding_at(self, column: &str) -> Option<String> {
        self.findings.with(|findings| {
            let texts: Vec<String> = findings.iter().filter(|f| is_at(f, column)).map(said).collect();
            (!texts.is_empty()).then(|| texts.join(" "))
        })
    }

    /// Returns how many fields on the page have something to look at.
    pub(super) fn marked_fields(self) -> usize {
        let columns: BTreeSet<String> =
            self.findings.with(|findings| findings.iter().filter_map(|f| f.column.clone()).collect());
        columns.iter().filter(|column| self.has_finding_at(column)).count()
    }

    /// Returns what was found that stands at no field.
    pub(super) fn elsewhere(self) -> Vec<String> {
        self.findings.with(|findings| {
            let at_field = |f: &FindingRow| f.column.as_deref().is_some_and(|column| self.fields.has_field(column));
            findings.iter().filter(|f| !at_field(f) && f.severity != Severity::Note).map(said).collect()
        })
    }

    fn has_finding_at(self, column: &str) -> bool {
        self.fields.has_field(column) && self.findings.with(|findings| findings.iter().any(|f| is_at(f, column)))
    }

    /// Checks what is filled in, and sends it where nothing is wrong and nothing new is to be looked at.
    pub(super) fn send_when_checked(self, opened: Callback<UploadId>) {
        let cells = untrack(|| self.cells());
        let seen = self.step.get_untracked() == PersonStep::ToLookAt
            && self.checked.with_value(|checked| checked.as_ref() == Some(&cells));
        if self.before.is_some_and(|before| untrack(|| before.cells(&self.session.schools())) == cells) {
            self.findings.set(Vec::new());
            self.step.set(PersonStep::Unchanged);
            return;
        }
        self.step.set(if seen { PersonStep::Sending } else { PersonStep::Checking });
        self.task.run(async move {
            if !seen && !self.is_clean(cells.clone()).await {
                return;
            }
            self.step.set(PersonStep::Sending);
            match self.sent(&cells).await {
                Ok(id) => {
                    self.session.say("The edit was sent.");
                    opened.run(id);
                }
                Err(failure) => self.step.set(PersonStep::NotSent(failure)),
            }
        });
    }

    /// Checks again, once something was found and then something else was typed.
    pub(super) fn check_again_when_typing_rests(self) {
        Effect::new(move |seen: Option<()>| {
            let cells = self.cells();
            if seen.is_some() {
                self.look_again(cells);
            }
        });
    }

    fn look_again(self, cells: Vec<String>) {
        let step = self.step.get_untracked();
        if matches!(step, PersonStep::Filling | PersonStep::Checking | PersonStep::Sending) {
            return;
        }
        if self.checked.with_value(|checked| checked.as_ref() == Some(&cells)) {
            return;
        }
        if !matches!(step, PersonStep::Wrong | PersonStep::ToLookAt) {
            self.step.set(PersonStep::Filling);
            return;
        }
        self.task.run(async move {
            sleep(REST).await;
            if self.is_clean(cells).await {
                self.step.set(PersonStep::Filling);
            }
        });
    }

    /// Checks the row and shows what was found; returns whether there was nothing to look at.
    async fn is_clean(self, cells: Vec<String>) -> bool {
        let report = match self.report(&cells).await {
            Ok(report) => report,
            Err(why) => {
                self.step.set(PersonStep::NotChecked(why));
                return false;
            }
        };
        self.checked.set_value(Some(cells));
        let wrong = report.failed || report.rejected > 0;
        let to_look_at = report.of(Severity::Doubtful) + report.of(Severity::Warning) > 0;
        let were_marked = matches!(self.step.get_untracked(), PersonStep::Wrong | PersonStep::ToLookAt);
        self.findings.set(report.findings);
        if wrong || to_look_at {
            self.step.set(if wrong { PersonStep::Wrong } else { PersonStep::ToLookAt });
            let first = untrack(|| PersonFields::ON_PAGE.into_iter().find(|column| self.has_finding_at(column)));
            // While somebody types, the focus stays where it is.
            if let Some(first) = first.filter(|_| !were_marked) {
                focus(first);
            }
        }
        !wrong && !to_look_at
    }

    async fn report(self, cells: &[String]) -> Result<CheckReport, String> {
        let why = |failure: CallFailure| failure.problem.message;
        let mut settings = self.api.settings().await.map_err(why)?.settings;
        settings.partial = settings.partial.by_hand();
        let schools = self.api.schools().await.map_err(why)?;
        let scope = match self.session.me_now().and_then(|me| me.school) {
            Some(school) => Scope::School(school),
            None => Scope::Organisation,
        };
        let file = self.file(cells).map_err(|_| "The browser could not make the file.".to_owned())?;
        let (sheet, source, profile, today) = (None, None, None, Day::of_millis(now()));
        let request = Request { schools, settings, mode: Mode::Partial, scope, sheet, source, profile, today };
        check_file(&file, &request, |_| {}).await
    }

    async fn sent(self, cells: &[String]) -> Result<UploadId, CallFailure> {
        let file = self.file(cells).map_err(|_| send::not_sent(0))?;
        by_hand::send_file(self.api, &file).await
    }

    fn cells(self) -> Vec<String> {
        self.fields.cells(&self.session.schools())
    }

    fn file(self, cells: &[String]) -> Result<File, wasm_bindgen::JsValue> {
        by_hand::file(&row::file(cells), &self.fields.custom_id.get_untracked())
    }
}

/// Returns whether a finding is about the column; notes say only how something was read.
fn is_at(finding: &FindingRow, column: &str) -> bool {
    finding.severity != Severity::Note && finding.column.as_deref() == Some(column)
}
