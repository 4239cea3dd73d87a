//! The file and where it stands.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::web_sys::File;
use roster::{FileEncoding, Mode, SchoolId, Scope, Severity, SourceId};
use wire::UploadId;
use wire::http::{NewUpload, UploadTicket};
use worker::{CheckReport, Request};

use super::{digest, pack, send};
use crate::api::{Api, CallFailure, use_api};
use crate::browser::focus;
use crate::components::PAGE_TITLE;
use crate::format::{count, number};
use crate::jobs::check_file;
use crate::session::{PageSession, use_session};
use crate::tasks::Latest;

/// The step that an upload has come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum UploadStep {
    /// No file yet.
    Choosing,
    /// `rows` are known once the file was read.
    Checking {
        rows: Option<u64>,
    },
    Checked,
    /// No school was chosen yet.
    SchoolMissing,
    /// The check itself could not run.
    NotChecked(String),
    Sending,
    NotSent(CallFailure),
}

/// The terms on which a file is sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SendingTerms {
    mode: Mode,
    encoding: Option<FileEncoding>,
    sheet: Option<String>,
    schools: BTreeSet<SchoolId>,
    of_source: Option<SourceId>,
}

/// The upload as it is prepared: the file, how it is to be read, and what the check found.
#[derive(Clone, Copy)]
pub(super) struct UploadDraft {
    pub(super) mode: RwSignal<Mode>,
    /// The schools that were chosen; `None` for all that the sender may touch.
    pub(super) schools: RwSignal<Option<BTreeSet<SchoolId>>>,
    /// The source that was chosen; `None` for none.
    pub(super) of_source: RwSignal<Option<SourceId>>,
    pub(super) step: RwSignal<UploadStep>,
    /// What the check found; stays while the file is sent, and when that fails.
    pub(super) report: RwSignal<Option<Arc<CheckReport>>>,
    pub(super) file: StoredValue<Option<File>, LocalStorage>,
    /// The file's name and size, to show.
    pub(super) named: RwSignal<Option<(String, u64)>>,
    /// How many of its bytes have gone.
    pub(super) sent_bytes: RwSignal<u64>,
    /// Whether the file was on its way before, and did not surely get there.
    pub(super) begun: RwSignal<bool>,
    /// With what it was on its way, and on which terms. Sent again with the same one it makes no second upload.
    pub(super) ticket: RwSignal<Option<(SendingTerms, UploadTicket)>>,
    /// The encoding that was chosen for this file.
    pub(super) encoding: RwSignal<Option<FileEncoding>>,
    /// The sheet of a workbook that was chosen.
    pub(super) sheet: RwSignal<Option<String>>,
    /// The packing of several files.
    packing: Latest,
    /// The check or the sending.
    pub(super) task: Latest,
    pub(super) api: Api,
    pub(super) session: PageSession,
}

impl UploadDraft {
    /// Returns a draft without a file, in the part of the page that is being built now.
    pub(super) fn here() -> UploadDraft {
        UploadDraft {
            mode: RwSignal::new(Mode::Partial),
            schools: RwSignal::new(None),
            of_source: RwSignal::new(None),
            step: RwSignal::new(UploadStep::Choosing),
            report: RwSignal::new(None),
            file: StoredValue::new_local(None),
            named: RwSignal::new(None),
            sent_bytes: RwSignal::new(0),
            begun: RwSignal::new(false),
            ticket: RwSignal::new(None),
            encoding: RwSignal::new(None),
            sheet: RwSignal::new(None),
            packing: Latest::here(),
            task: Latest::here(),
            api: use_api(),
            session: use_session(),
        }
    }

    /// Takes a file for the upload, or several that are a set, and checks what is in them.
    pub(super) fn choose(self, mut files: Vec<File>) {
        match files.len() {
            0 => {}
            1 => self.take(files.remove(0)),
            _ => {
                self.named.set(Some((pack::NAME.to_owned(), files.iter().map(|file| file.size() as u64).sum())));
                self.step.set(UploadStep::Checking { rows: None });
                self.packing.run(async move {
                    match pack::pack(&files).await {
                        Ok(set) => self.take(set),
                        Err(why) => self.step.set(UploadStep::NotChecked(why)),
                    }
                });
            }
        }
    }

    fn take(self, file: File) {
        self.named.set(Some((file.name(), file.size() as u64)));
        self.file.set_value(Some(file));
        self.begun.set(false);
        self.ticket.set(None);
        self.encoding.set(None);
        self.sheet.set(None);
        self.check();
    }

    /// Forgets the file.
    pub(super) fn clear(self) {
        self.packing.stop();
        self.task.stop();
        self.file.set_value(None);
        self.named.set(None);
        self.report.set(None);
        self.step.set(UploadStep::Choosing);
        focus(PAGE_TITLE);
    }

    /// Checks the file again, because it or the mode is another one.
    pub(super) fn check(self) {
        let Some(file) = self.file.get_value() else { return };
        self.report.set(None);
        if self.schools.with_untracked(|schools| schools.as_ref().is_some_and(BTreeSet::is_empty)) {
            self.task.stop();
            self.step.set(UploadStep::SchoolMissing);
            return;
        }
        self.step.set(UploadStep::Checking { rows: None });
        self.task.run(async move {
            match self.checked(&file).await {
                Ok(report) => {
                    self.session.say(spoken(&report));
                    self.report.set(Some(Arc::new(report)));
                    self.step.set(UploadStep::Checked);
                }
                Err(why) => self.step.set(UploadStep::NotChecked(why)),
            }
        });
    }

    async fn checked(self, file: &File) -> Result<CheckReport, String> {
        let said = |failure: CallFailure| failure.problem.message;
        let mut settings = self.api.settings().await.map_err(said)?.settings;
        settings.reading.encoding = self.encoding.get_untracked().or(settings.reading.encoding);
        let schools = self.api.schools().await.map_err(said)?;
        let scope = match self.session.me_now().and_then(|me| me.school) {
            Some(school) => Scope::School(school),
            None => Scope::of_chosen(self.chosen_schools()),
        };
        let request = Request {
            schools,
            settings,
            mode: self.mode.get_untracked(),
            scope,
            sheet: self.sheet.get_untracked(),
            source: None,
            profile: None,
        };
        check_file(file, &request, move |rows| self.step.set(UploadStep::Checking { rows: Some(rows) })).await
    }

    /// Sends the file and opens its upload.
    pub(super) fn send(self, opened: Callback<UploadId>) {
        let Some(file) = self.file.get_value() else { return };
        self.sent_bytes.set(0);
        self.step.set(UploadStep::Sending);
        self.task.run(async move {
            match self.sent(&file).await {
                Ok(id) => {
                    self.session.say("The file was sent.");
                    opened.run(id);
                }
                Err(failure) => self.step.set(UploadStep::NotSent(failure)),
            }
        });
    }

    async fn sent(self, file: &File) -> Result<UploadId, CallFailure> {
        let ticket = match untrack(|| self.used_ticket()) {
            Some(ticket) => ticket,
            None => self.new_ticket(file).await?,
        };
        self.begun.set(true);
        let put = send::put(&ticket, file, move |sent| self.sent_bytes.set(sent)).await;
        if put.as_ref().is_err_and(|failure| failure.status == send::EXPIRED) {
            self.ticket.set(None);
        }
        put.map(|()| ticket.id)
    }

    fn chosen_schools(self) -> BTreeSet<SchoolId> {
        self.schools.get_untracked().unwrap_or_default()
    }

    fn terms(self) -> SendingTerms {
        SendingTerms {
            mode: self.mode.get(),
            encoding: self.encoding.get(),
            sheet: self.sheet.get(),
            schools: self.schools.get().unwrap_or_default(),
            of_source: self.of_source.get(),
        }
    }

    /// Returns the ticket of a try that may have failed, if the terms are still the same.
    pub(super) fn used_ticket(self) -> Option<UploadTicket> {
        let terms = self.terms();
        self.ticket.get().filter(|(of, _)| *of == terms).map(|(_, ticket)| ticket)
    }

    async fn new_ticket(self, file: &File) -> Result<UploadTicket, CallFailure> {
        let terms = untrack(|| self.terms());
        let sha256 = digest::sha256(file).await.map_err(|_| send::not_sent(0))?;
        let SendingTerms { mode, encoding, sheet, schools, of_source } = terms.clone();
        let (file_name, bytes) = (file.name(), file.size() as u64);
        let upload = NewUpload { mode, file_name, bytes, sha256, encoding, sheet, schools, of_source, by_hand: false };
        let ticket = self.api.new_upload(&upload).await?;
        self.ticket.set(Some((terms, ticket.clone())));
        Ok(ticket)
    }

    /// Stops the sending; the file and its report stay.
    pub(super) fn stop(self) {
        self.task.stop();
        self.step.set(UploadStep::Checked);
    }
}

/// Returns what a screen reader says when the check has ended.
fn spoken(report: &CheckReport) -> String {
    if report.failed {
        return "This file can\u{2019}t be processed.".to_owned();
    }
    format!(
        "Checked {}: {} ready, {} with errors, {}, {}.",
        count(report.rows, "row", "rows"),
        number(report.ok),
        number(report.rejected),
        count(report.of(Severity::Doubtful), "doubt", "doubts"),
        count(report.of(Severity::Warning), "warning", "warnings")
    )
}
