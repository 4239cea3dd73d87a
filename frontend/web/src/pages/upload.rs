//! Choose a file, see what is wrong with it while it is still on this machine, and send it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::web_sys::File;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use roster::{FileEncoding, Mode, Scope};
use wire::UploadId;
use wire::http::{NewUpload, UploadTicket};
use worker::{Report, Request};

use crate::api::{Api, Failure};
use crate::browser::focus;
use crate::components::PageHead;
use crate::jobs::check_file;
use crate::session::{Session, use_api, use_session};
use crate::tasks::Latest;

mod choose;
mod digest;
mod result;
mod send;

use choose::{Chosen, DropZone, Helpers, ModeChoice};
use result::Outcome;

/// Where the file stands.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// No file yet.
    Choosing,
    /// `rows` are known once the file was read.
    Checking {
        rows: Option<u64>,
    },
    Checked,
    /// The check itself could not run.
    NotChecked(String),
    Sending,
    NotSent(Failure),
}

/// What a file is sent with.
type Terms = (Mode, Option<FileEncoding>);

/// The file and where it stands.
#[derive(Clone, Copy)]
struct Work {
    mode: RwSignal<Mode>,
    step: RwSignal<Step>,
    /// What the check found; stays while the file is sent, and when that fails.
    report: RwSignal<Option<Arc<Report>>>,
    file: StoredValue<Option<File>, LocalStorage>,
    /// The file's name and size, to show.
    named: RwSignal<Option<(String, u64)>>,
    /// How many of its bytes have gone.
    sent: RwSignal<u64>,
    /// Whether the file was on its way before, and did not surely get there.
    begun: RwSignal<bool>,
    /// With what it was on its way, and on which terms. Sent again with the same one it makes no second upload.
    ticket: RwSignal<Option<(Terms, UploadTicket)>>,
    /// The check or the sending.
    /// The encoding that was chosen for this file.
    encoding: RwSignal<Option<FileEncoding>>,
    task: Latest,
    api: Api,
    session: Session,
}

/// The page.
#[component]
pub fn Upload() -> impl IntoView {
    let work = Work {
        mode: RwSignal::new(Mode::Partial),
        step: RwSignal::new(Step::Choosing),
        report: RwSignal::new(None),
        file: StoredValue::new_local(None),
        named: RwSignal::new(None),
        sent: RwSignal::new(0),
        begun: RwSignal::new(false),
        ticket: RwSignal::new(None),
        encoding: RwSignal::new(None),
        task: Latest::here(),
        api: use_api(),
        session: use_session(),
    };
    let navigate = use_navigate();
    let opened = Callback::new(move |id: UploadId| {
        navigate(&format!("/uploads/{id}?sent=1"), NavigateOptions::default());
    });
    let sending = Signal::derive(move || work.step.get() == Step::Sending);
    view! {
        <PageHead title="Upload a roster"/>
        <p class="lead">"The file is checked here, on this computer. Nothing leaves it before you press Send."</p>
        <ModeChoice mode=work.mode locked=sending changed=Callback::new(move |()| work.check())/>
        <Show when=move || work.named.get().is_some() fallback=move || view! { <DropZone work/> }>
            <Chosen work/>
        </Show>
        <Outcome work opened/>
        <Helpers/>
    }
}

impl Work {
    fn choose(self, file: File) {
        self.named.set(Some((file.name(), file.size() as u64)));
        self.file.set_value(Some(file));
        self.begun.set(false);
        self.ticket.set(None);
        self.encoding.set(None);
        self.check();
    }

    /// Forgets the file.
    fn clear(self) {
        self.task.stop();
        self.file.set_value(None);
        self.named.set(None);
        self.report.set(None);
        self.step.set(Step::Choosing);
        focus("page-title");
    }

    /// Checks the file again, because it or the mode is another one.
    fn check(self) {
        let Some(file) = self.file.get_value() else { return };
        self.report.set(None);
        self.step.set(Step::Checking { rows: None });
        self.task.run(async move {
            match self.checked(&file).await {
                Ok(report) => {
                    self.session.say(result::spoken(&report));
                    self.report.set(Some(Arc::new(report)));
                    self.step.set(Step::Checked);
                }
                Err(why) => self.step.set(Step::NotChecked(why)),
            }
        });
    }

    async fn checked(self, file: &File) -> Result<Report, String> {
        let said = |failure: Failure| failure.problem.message;
        let mut settings = self.api.settings().await.map_err(said)?.settings;
        settings.reading.encoding = self.encoding.get_untracked().or(settings.reading.encoding);
        let schools = self.api.schools().await.map_err(said)?;
        let scope = match self.session.me_now().and_then(|me| me.school) {
            Some(school) => Scope::School(school),
            None => Scope::Organisation,
        };
        let request = Request { schools, settings, mode: self.mode.get_untracked(), scope };
        check_file(file, &request, move |rows| self.step.set(Step::Checking { rows: Some(rows) })).await
    }

    /// Sends the file and opens its upload.
    fn send(self, opened: Callback<UploadId>) {
        let Some(file) = self.file.get_value() else { return };
        self.sent.set(0);
        self.step.set(Step::Sending);
        self.task.run(async move {
            match self.sent(&file).await {
                Ok(id) => {
                    self.session.say("The file was sent.");
                    opened.run(id);
                }
                Err(failure) => self.step.set(Step::NotSent(failure)),
            }
        });
    }

    async fn sent(self, file: &File) -> Result<UploadId, Failure> {
        let ticket = match untrack(|| self.used_ticket()) {
            Some(ticket) => ticket,
            None => self.new_ticket(file).await?,
        };
        self.begun.set(true);
        let put = send::put(&ticket, file, move |sent| self.sent.set(sent)).await;
        if put.as_ref().is_err_and(|failure| failure.status == send::EXPIRED) {
            self.ticket.set(None);
        }
        put.map(|()| ticket.id)
    }

    /// The ticket of a try that may have failed, if the terms are still the same.
    fn used_ticket(self) -> Option<UploadTicket> {
        let terms = (self.mode.get(), self.encoding.get());
        self.ticket.get().filter(|(of, _)| *of == terms).map(|(_, ticket)| ticket)
    }

    async fn new_ticket(self, file: &File) -> Result<UploadTicket, Failure> {
        let (mode, encoding) = (self.mode.get_untracked(), self.encoding.get_untracked());
        let sha256 = digest::sha256(file).await.map_err(|_| send::not_sent(0))?;
        let upload = NewUpload { mode, file_name: file.name(), bytes: file.size() as u64, sha256, encoding };
        let ticket = self.api.new_upload(&upload).await?;
        self.ticket.set(Some(((mode, encoding), ticket.clone())));
        Ok(ticket)
    }

    /// Stops the sending; the file and its report stay.
    fn stop(self) {
        self.task.stop();
        self.step.set(Step::Checked);
    }
}
