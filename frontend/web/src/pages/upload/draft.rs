//! The file and where it stands.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::web_sys::File;
use roster::{Code, Day, FileEncoding, Mode, Permission, SchoolId, Scope, Severity, SourceId, UsedProfile};
use wire::UploadId;
use wire::http::{NewUpload, Repeat, UploadTicket, UsersQuery};
use wire::upload::CheckedBefore;
use worker::{CheckReport, Request};

use super::matching::save;
use super::matching::state::{ColumnMatching, MatchingFacts};
use super::{digest, pack, send};
use crate::api::{Api, CallFailure, use_api};
use crate::browser::{focus, go_to, now};
use crate::components::PAGE_TITLE;
use crate::format::{count, number};
use crate::jobs::check_file;
use crate::session::{PageSession, use_session};
use crate::tasks::Latest;

/// The ids of the button that takes another file, and of the heading above what the check found.
pub(super) const OTHER_FILE: &str = "other-file";
pub(super) const CHECK_TITLE: &str = "check-title";

/// The step that an upload has come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum UploadStep {
    /// No file yet.
    Choosing,
    /// `rows` are known once the file was read.
    Checking {
        rows: Option<u64>,
    },
    /// Its columns are matched with ours.
    Matching,
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
    checked: Option<CheckedBefore>,
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
    /// How the file's columns are matched with ours.
    pub(super) matching: ColumnMatching,
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
            matching: ColumnMatching::here(),
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
        self.matching.clear();
        self.check();
    }

    /// Forgets the file.
    pub(super) fn clear(self) {
        self.packing.stop();
        self.task.stop();
        self.file.set_value(None);
        self.named.set(None);
        self.report.set(None);
        self.matching.clear();
        self.step.set(UploadStep::Choosing);
        focus(PAGE_TITLE);
    }

    /// Checks the file again, because it or the mode is another one.
    pub(super) fn check(self) {
        self.check_and(|| {});
    }

    /// Checks the file, and then does `after` where something was found.
    fn check_and(self, after: fn()) {
        let Some(file) = self.file.get_value() else { return };
        let is_matched = self.step.with_untracked(|step| *step == UploadStep::Matching);
        let (source, sheet) = (self.of_source.get_untracked(), self.sheet.get_untracked());
        if is_matched && self.matching.is_about(&source, &sheet, self.encoding.get_untracked()) {
            return;
        }
        self.report.set(None);
        if self.schools.with_untracked(|schools| schools.as_ref().is_some_and(BTreeSet::is_empty)) {
            self.task.stop();
            self.step.set(UploadStep::SchoolMissing);
            return;
        }
        self.step.set(UploadStep::Checking { rows: None });
        self.task.run(async move {
            match self.checked(&file).await {
                Ok(None) => self.step.set(UploadStep::Matching),
                Ok(Some(report)) => {
                    self.session.say(spoken(&report));
                    self.report.set(Some(Arc::new(report)));
                    self.step.set(UploadStep::Checked);
                    after();
                }
                Err(why) => self.step.set(UploadStep::NotChecked(why)),
            }
        });
    }

    /// Checks the file; `None` where somebody has to say first how its columns are read.
    async fn checked(self, file: &File) -> Result<Option<CheckReport>, String> {
        let facts = self.facts().await?;
        let mut settings = facts.settings.clone();
        settings.reading.encoding = facts.encoding.or(settings.reading.encoding);
        let scope = match self.session.me_now().and_then(|me| me.school) {
            Some(school) => Scope::School(school),
            None => Scope::of_chosen(self.chosen_schools()),
        };
        let request = Request {
            schools: facts.schools.clone(),
            settings,
            mode: self.mode.get_untracked(),
            scope,
            sheet: self.sheet.get_untracked(),
            source: facts.source.clone(),
            profile: self.matching.accepted.get_untracked(),
            today: Day::of_millis(now()),
        };
        let report =
            check_file(file, &request, move |rows| self.step.set(UploadStep::Checking { rows: Some(rows) })).await?;
        if let (Some(used), None) = (&report.used, &request.profile)
            && self.is_in_doubt(used).await?
        {
            self.matching.propose(file, facts, self.some_custom_ids().await?).await?;
            return Ok((!self.may_match()).then_some(report));
        }
        // Only a file that is not understood is looked at a second time.
        let asks = report.failed
            && request.profile.is_none()
            && report.codes.keys().all(|code| *code != Code::FileTooLarge)
            && self.matching.propose(file, facts, self.some_custom_ids().await?).await?;
        Ok((!asks).then_some(report))
    }

    /// Returns whether the columns of the saved mapping are to be looked at first. Whoever can't see the uploads is not asked.
    async fn is_in_doubt(self, used: &UsedProfile) -> Result<bool, String> {
        if !self.session.may_now(Permission::SeeUploads) {
            return Ok(false);
        }
        let uploads = self.api.uploads(None).await.map_err(in_words)?;
        Ok(self.matching.is_in_doubt(&uploads.items, used))
    }

    async fn facts(self) -> Result<MatchingFacts, String> {
        let settings = self.api.settings().await.map_err(in_words)?.settings;
        let schools = self.api.schools().await.map_err(in_words)?;
        let (source, encoding) = (self.of_source.get_untracked(), self.encoding.get_untracked());
        Ok(MatchingFacts { settings, schools, source, sheet: self.sheet.get_untracked(), encoding })
    }

    /// Returns the custom IDs of the first users, by which the column of such IDs is known; none where they can't be seen.
    async fn some_custom_ids(self) -> Result<Option<Vec<String>>, String> {
        if !self.session.may_now(Permission::SeeUsers) {
            return Ok(None);
        }
        let users = self.api.users(&UsersQuery::default()).await.map_err(in_words)?.items;
        Ok(Some(users.into_iter().filter_map(|user| user.custom_id).collect()))
    }

    /// Goes to the step that matches the columns.
    pub(super) fn match_columns(self) {
        let Some(file) = self.file.get_value() else { return };
        let begin = move || {
            self.report.set(None);
            self.matching.accepted.set(None);
            self.step.set(UploadStep::Matching);
        };
        if self.matching.edit.with_untracked(Option::is_some) {
            return begin();
        }
        self.step.set(UploadStep::Checking { rows: None });
        self.task.run(async move {
            let proposed = async {
                let (facts, ids) = (self.facts().await?, self.some_custom_ids().await?);
                self.matching.propose(&file, facts, ids).await
            };
            match proposed.await {
                Ok(_) if self.matching.edit.with_untracked(Option::is_some) => begin(),
                Ok(_) => self.step.set(UploadStep::NotChecked("Nothing can be proposed for this file.".to_owned())),
                Err(why) => self.step.set(UploadStep::NotChecked(why)),
            }
        });
    }

    /// Returns whether the step that matches the columns can be offered.
    pub(super) fn may_match(self) -> bool {
        self.matching.edit.with_untracked(Option::is_some)
    }

    /// Returns whether the one who is signed in may save the mapping, and wants it.
    pub(super) fn may_save_mapping(self) -> bool {
        self.matching.keep.get() && self.may_change_settings()
    }

    /// Returns whether the one who is signed in may save mappings.
    pub(super) fn may_change_settings(self) -> bool {
        self.session.is_district() && self.session.may(Permission::ChangeSettings)
    }

    /// Takes the columns as they are matched, and checks the file with them.
    pub(super) fn accept_columns(self) {
        self.matching.accept();
        self.step.set(UploadStep::Checking { rows: None });
        // The button that was pressed is gone; what is found takes the focus once it is there.
        focus(OTHER_FILE);
        self.check_and(|| request_animation_frame(|| go_to(CHECK_TITLE)));
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
        self.save_mapping().await?;
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

    /// Saves the mapping that reads the file, if it is not: the server reads by saved ones only.
    async fn save_mapping(self) -> Result<(), CallFailure> {
        let Some(profile) = self.matching.accepted.get_untracked() else { return Ok(()) };
        let saved = save::save(self.api, &profile, &self.matching.saved.get_untracked()).await?;
        self.report.update(|report| {
            if let Some(report) = report {
                Arc::make_mut(report).used = Some(saved.used());
            }
        });
        self.matching.accepted.set(None);
        Ok(())
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
            checked: self
                .report
                .with(|report| report.as_ref().map(|report| CheckedBefore { profile: report.used.clone() })),
        }
    }

    /// Returns the ticket of a try that may have failed, if the terms are still the same.
    pub(super) fn used_ticket(self) -> Option<UploadTicket> {
        let terms = self.terms();
        self.ticket.get().filter(|(of, _)| *of == terms).map(|(_, ticket)| ticket)
    }

    async fn new_ticket(self, file: &File) -> Result<UploadTicket, CallFailure> {
        let terms = untrack(|| self.terms());
        let sha256 = digest::sha256_of_file(file).await.map_err(|_| send::not_sent(0))?;
        let SendingTerms { mode, encoding, sheet, schools, of_source, checked } = terms.clone();
        let (file_name, bytes) = (file.name(), file.size() as u64);
        let upload = NewUpload {
            mode,
            file_name,
            bytes,
            sha256,
            encoding,
            sheet,
            checked,
            schools,
            of_source,
            by_hand: false,
            repeat: Repeat::Never,
        };
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
fn in_words(failure: CallFailure) -> String {
    failure.problem.message
}

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
