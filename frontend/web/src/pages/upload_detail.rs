//! One upload: where it stands, what it would change, the decision, and its files.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use roster::Kind;
use roster::durations::MINUTE;
use wire::http::UploadDetail as Detail;
use wire::shown::LeftAlone;
use wire::{Status, Upload, UploadId};

use crate::api::{Api, CallFailure, use_api};
use crate::browser::{self, scroll_to};
use crate::components::{
    ClassCountTable, ClassFilter, CountTiles, Day, DecisionPanel, Empty, ModeBadge, Notice, PAGE_TITLE, PageHead,
    ProblemNote, Skeleton, StatusBadge, Tone,
};
use crate::format::{count, share};
use crate::session::{PageSession, use_session};
use crate::tasks::poll;
use crate::words::Tense;

mod about;
mod files;
mod paused;
mod tabs;

use about::{About, Holds, Overtaken};
use files::Files;
use paused::{Odd, Paused};
use tabs::{Tab, Tabs};

/// How long a file that was just sent may go unseen before that is said.
const PATIENCE_ROUNDS: u32 = 60;

/// The upload, as far as the page knows it.
#[derive(Clone, Copy)]
struct Known {
    id: StoredValue<UploadId>,
    detail: RwSignal<Option<Detail>>,
    failure: RwSignal<Option<CallFailure>>,
    api: Api,
    session: PageSession,
}

/// Shows the page of an upload.
#[component]
pub fn UploadDetail() -> impl IntoView {
    let id = use_params_map().with_untracked(|p| p.get("id").unwrap_or_default());
    let just_sent = use_query_map().with_untracked(|q| q.get("sent").is_some());
    let known = Known {
        id: StoredValue::new(UploadId(id)),
        detail: RwSignal::new(None),
        failure: RwSignal::new(None),
        api: use_api(),
        session: use_session(),
    };
    known.follow(just_sent);
    let title = Signal::derive(move || {
        known.detail.with(|d| d.as_ref().map_or_else(|| "Upload".to_owned(), |d| d.upload.file_name.clone()))
    });
    view! {
        <PageHead title=title above=ViewFn::from(|| view! { <p class="crumb"><a href="/">"Uploads"</a></p> })/>
        {move || known.failure.get().map(|failure| match failure.status {
            404 => view! { <NoUpload/> }.into_any(),
            _ => view! { <ProblemNote failure/> }.into_any(),
        })}
        <Show when=move || known.detail.with(Option::is_some) fallback=move || view! { <NotYet known just_sent/> }>
            <Loaded known/>
        </Show>
    }
}

impl Known {
    /// Asks again and again, until nothing will happen any more.
    fn follow(self, just_sent: bool) {
        let mut patience = if just_sent { PATIENCE_ROUNDS } else { 0 };
        let mut api = self.api;
        poll(async move || {
            // Somebody opened the page; what follows it asks by itself.
            let asked = std::mem::replace(&mut api, self.api.by_itself());
            match asked.upload(&self.id.get_value()).await {
                Ok(detail) => {
                    self.failure.set(None);
                    self.take(detail);
                }
                // The bucket has the file; the function that makes an upload of it has not got to it yet.
                Err(failure) if failure.status == 404 && patience > 0 => patience -= 1,
                Err(failure) if failure.status == 404 => {
                    self.failure.set(Some(failure));
                    return None;
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
            self.detail.with_untracked(|d| match d.as_ref().map(|d| d.upload.status) {
                Some(status) if status.is_final() => None,
                Some(Status::AwaitingApproval | Status::Paused) => Some(2_000),
                _ => Some(1_200),
            })
        });
    }

    fn take(self, detail: Detail) {
        if self.detail.with_untracked(|known| known.as_ref() == Some(&detail)) {
            return;
        }
        let before = self.detail.with_untracked(|d| d.as_ref().map(|d| d.upload.status));
        if before.is_some_and(|before| before != detail.upload.status) {
            self.session.say(format!("Status: {}.", detail.upload.status.label()));
        }
        self.detail.set(Some(detail));
    }

    /// Shows the upload as a decision left it.
    fn decided(self, upload: Upload) {
        self.detail.update(|detail| {
            if let Some(detail) = detail {
                detail.upload = upload;
                detail.may_decide = false;
                detail.overtaken_at = None;
            }
        });
        crate::browser::focus(PAGE_TITLE);
    }
}

#[component]
fn NoUpload() -> impl IntoView {
    view! {
        <Empty title="There is no such upload.">
            <p>"It never came, or its address is not whole. "<a href="/">"See all uploads"</a></p>
        </Empty>
    }
}

#[component]
fn NotYet(known: Known, just_sent: bool) -> impl IntoView {
    move || match known.failure.get() {
        Some(_) => ().into_any(),
        None if just_sent => view! {
            <Moving words="The file was sent. Waiting for the check to begin\u{2026}" done=None/>
        }
        .into_any(),
        None => view! { <Skeleton lines=8/> }.into_any(),
    }
}

#[component]
fn Loaded(known: Known) -> impl IntoView {
    let kind = RwSignal::new(None::<Kind>);
    let (tab, classes) = (RwSignal::new(Tab::Changes), ClassFilter::new());
    let show = Callback::new(move |wanted: Kind| {
        kind.set(Some(wanted));
        tab.set(Tab::Changes);
        scroll_to("details");
    });
    let show_classes = Callback::new(move |(of, kind)| {
        classes.only(of, kind);
        tab.set(Tab::Classes);
        scroll_to("details");
    });
    let upload = Memo::new(move |_| known.detail.with(|d| d.as_ref().map(|d| d.upload.clone())));
    // Each part is drawn again only when what it shows is another.
    let head = move || upload.get().map(|upload| view! { <About upload/> });
    let counts = Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| Some((u.counts_done()?, Tense::of(u))))));
    let class_counts =
        Memo::new(move |_| upload.with(|u| u.as_ref().and_then(|u| Some((u.class_counts_done()?, Tense::of(u))))));
    let holds = Memo::new(move |_| {
        upload.with(|u| u.as_ref().filter(|u| u.status == Status::AwaitingApproval).map(|u| u.holds.clone()))
    });
    let overtaken = Memo::new(move |_| {
        known.detail.with(|d| d.as_ref().filter(|d| d.overtaken_at.is_some()).map(|d| d.upload.clone()))
    });
    let by_hand = Memo::new(move |_| upload.with(|u| u.as_ref().is_some_and(|u| u.by_hand)));
    let passwords_until = Memo::new(move |_| known.detail.with(|d| d.as_ref().and_then(|d| d.passwords_until)));
    let gone = Memo::new(move |_| upload.with(|u| u.as_ref().is_some_and(|u| u.files_deleted_at.is_some())));
    let files = Memo::new(move |_| upload.with(|u| u.as_ref().map(|u| (u.id.clone(), u.files.clone()))));
    view! {
        {head}
        <Standing upload/>
        <Odd upload/>
        <Paused id=known.id upload taken=Callback::new(move |upload| known.decided(upload))/>
        {move || holds.get().filter(|holds| !holds.is_empty()).map(|holds| view! { <Holds holds by_hand=by_hand.get()/> })}
        {move || overtaken.get().map(|upload| view! { <Overtaken upload/> })}
        <Decide known show/>
        {move || counts.get().map(|(counts, tense)| view! {
            <section aria-labelledby="counts-title">
                <h2 id="counts-title">"Rows and users"</h2>
                <CountTiles counts tense show/>
            </section>
        })}
        {move || class_counts.get().map(|(counts, tense)| view! {
            <section aria-labelledby="class-counts-title">
                <h2 id="class-counts-title">"Classes and enrolments"</h2>
                <ClassCountTable counts tense show=show_classes/>
            </section>
        })}
        {move || files.get().filter(|(_, files)| !files.is_empty()).map(|(id, files)| view! { <Files id files passwords_until=passwords_until.get()/> })}
        <Kept upload/>
        <Show when=move || !gone.get()>
            <Tabs id=known.id detail=known.detail kind classes tab/>
        </Show>
    }
}

/// Shows what is no longer there of what an upload had.
#[component]
fn Kept(upload: Memo<Option<Upload>>) -> impl IntoView {
    move || {
        let upload = upload.get()?;
        Some(match (upload.files_deleted_at, upload.redacted_at) {
            (Some(at), _) => view! {
                <Notice tone=Tone::Info title="The files and the plan of this upload are no longer kept.">
                    <p>"They were deleted on "<Day at/>", as the settings say. The counts stay."</p>
                </Notice>
            }
            .into_any(),
            (None, Some(at)) => view! {
                <p class="muted small" id="redacted">
                    "Lines of users whose personal fields were erased were taken out of its files and its plan, last on "<Day at/>"."
                </p>
            }
            .into_any(),
            (None, None) => ().into_any(),
        })
    }
}

#[component]
fn Decide(known: Known, show: Callback<Kind>) -> impl IntoView {
    let plan = Memo::new(move |_| {
        known.detail.with(|detail| {
            let detail = detail.as_ref().filter(|d| d.may_decide && d.upload.status == Status::AwaitingApproval)?;
            let upload = &detail.upload;
            let digest = upload.digest.clone()?;
            let class_counts = upload.class_counts.unwrap_or_default();
            Some((upload.mode, upload.counts?, class_counts, detail.rekeys_with_removal, digest, detail.may_approve))
        })
    });
    let decided = Callback::new(move |upload| known.decided(upload));
    move || {
        let (mode, counts, class_counts, rekeys_with_removal, digest, may_approve) = plan.get()?;
        let upload = known.id.get_value();
        Some(
            view! { <DecisionPanel upload mode counts class_counts rekeys_with_removal digest may_approve decided show/> },
        )
    }
}

/// Shows what is happening, or what came of it.
#[component]
fn Standing(upload: Memo<Option<Upload>>) -> impl IntoView {
    move || {
        let upload = upload.get()?;
        Some(match upload.status {
            Status::Queued if has_not_arrived(&upload, browser::now()) => view! {
                <Notice tone=Tone::Attention title="No file has been looked at.">
                    <p>"It was announced, and did not arrive whole, or waits for its check for long. Nothing was changed. If you did not see it being sent, "<a href="/upload">"upload it again"</a>"; this entry goes away by itself then."</p>
                </Notice>
            }
            .into_any(),
            Status::Queued | Status::InProgress => {
                let done = upload.progress.map(|p| share(p.done.into(), p.total.into()));
                view! { <Moving words=going_on(&upload) done/> }.into_any()
            }
            Status::Failed => {
                let why = upload.failure.unwrap_or_default();
                let title = match upload.progress {
                    None => "This upload failed. Nothing was changed.",
                    Some(_) => "This upload was stopped.",
                };
                view! { <Notice tone=Tone::Bad title><p>{why}</p></Notice> }.into_any()
            }
            Status::CompletedWithErrors => with_errors(&upload),
            Status::Rejected | Status::AwaitingApproval | Status::Paused | Status::Completed => ().into_any(),
        })
    }
}

/// For how long a file that was announced can be sent, in milliseconds: as long as the link to it is good.
const MAY_ARRIVE: u64 = 15 * MINUTE;

/// Returns whether a file was announced and can't arrive any more.
fn has_not_arrived(upload: &Upload, now: u64) -> bool {
    let is_announced = upload.decision.is_none() && upload.counts.is_none();
    upload.status == Status::Queued && is_announced && now > upload.created_at + MAY_ARRIVE
}

/// Returns what happens to an upload that has not ended and waits for nobody.
fn going_on(upload: &Upload) -> &'static str {
    let is_queued = upload.status == Status::Queued;
    if upload.decision.is_some() && is_queued {
        "Approved. It begins as soon as no other upload is being carried out\u{2026}"
    } else if upload.decision.is_some() {
        "Carrying the plan out\u{2026}"
    } else if upload.counts.is_some() {
        // A plan that changes nothing ends without a decision.
        "Checked. There is nothing to change; the upload is being finished\u{2026}"
    } else if is_queued {
        "Waiting for the file to arrive\u{2026}"
    } else {
        "Checking the file and comparing it with the directory\u{2026}"
    }
}

fn with_errors(upload: &Upload) -> AnyView {
    let rejected = upload.counts.map_or(0, |c| c.rejected);
    let rejected = (rejected > 0).then(|| {
        if upload.by_hand {
            return view! { <p>"The row was rejected: the findings say why. Mend it where it was filled in, and send it again."</p> }
                .into_any();
        }
        view! { <p>{count(rejected, "row was", "rows were")}" rejected. The error file has them, with what to mend; upload it as a partial sync when corrected."</p> }
            .into_any()
    });
    let of_classes = upload.class_counts.map_or(0, |counts| counts.rejected());
    let of_classes = (of_classes > 0).then(|| {
        view! { <p>{count(of_classes, "class or enrolment was", "classes and enrolments were")}" rejected: the findings say why."</p> }
    });
    let alone = left_alone(upload).map(|words| view! { <p>{words}</p> });
    view! { <Notice tone=Tone::Attention title="Done, but not with everything.">{rejected}{of_classes}{alone}</Notice> }
        .into_any()
}

/// Returns what was left undone of a plan that was carried out, and why.
fn left_alone(upload: &Upload) -> Option<String> {
    let words = LeftAlone::of(upload).in_words(count)?;
    let were = if upload.left_alone == 1 { "was" } else { "were" };
    let why = "changed in between, protected, or in want of a name or an address that somebody else got first";
    Some(format!("{words} {were} left alone: {why}. The findings say which."))
}

#[component]
fn Moving(words: &'static str, done: Option<u64>) -> impl IntoView {
    let bar = match done {
        Some(done) => {
            view! { <progress max="100" prop:value=done.to_string() aria-label="Carried out"></progress> }.into_any()
        }
        None => view! { <progress aria-label="In progress"></progress> }.into_any(),
    };
    let percent = done.map(|done| view! { <span class="figure">{done}"%"</span> });
    view! { <div class="progress"><p>{words}" "{percent}</p>{bar}</div> }
}

/// Shows the badges beside the title.
#[component]
fn Badges(upload: Upload) -> impl IntoView {
    view! { <StatusBadge status=upload.status/><ModeBadge mode=upload.mode by_hand=upload.by_hand/> }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use roster::{Code, Counts, Mode, Scope};
    use wire::{Decision, Source, Verdict};

    use super::*;

    fn upload(status: Status, counts: Option<Counts>, approved: bool) -> Upload {
        let decision = Decision { verdict: Verdict::Approved, by: None, at: 0, digest: String::new(), rekeys: None };
        Upload {
            id: UploadId("u".to_owned()),
            status,
            mode: Mode::Full,
            by_hand: false,
            scope: Scope::Organisation,
            source: Source::Bucket { key: "inbox/full/roster.csv".to_owned() },
            of_source: None,
            file_name: "roster.csv".to_owned(),
            encoding: None,
            sheet: None,
            checked: None,
            profile: None,
            bytes: 1,
            sha256: None,
            created_at: 0,
            updated_at: 0,
            failure: None,
            counts,
            class_counts: None,
            parts: Vec::new(),
            findings: BTreeMap::new(),
            holds: Vec::new(),
            digest: None,
            compared_after: None,
            decision: approved.then_some(decision),
            progress: None,
            left_alone: 0,
            files: Vec::new(),
            done: None,
            class_done: None,
            files_deleted_at: None,
            redacted_at: None,
            marks: Vec::new(),
            pause: None,
        }
    }

    #[test]
    fn a_file_that_was_announced_and_never_came_is_told() {
        let announced = upload(Status::Queued, None, false);
        assert!(!has_not_arrived(&announced, MAY_ARRIVE) && has_not_arrived(&announced, MAY_ARRIVE + 1));
        assert!(!has_not_arrived(&upload(Status::Queued, Some(Counts::default()), true), u64::MAX));
    }

    #[test]
    fn what_goes_on_is_told_by_what_is_known() {
        let counts = Some(Counts::default());
        let words = |status, counts, approved| going_on(&upload(status, counts, approved));
        assert!(words(Status::Queued, None, false).starts_with("Waiting for the file"));
        assert!(words(Status::InProgress, None, false).starts_with("Checking the file"));
        assert!(words(Status::Queued, counts, false).starts_with("Checked. There is nothing to change"));
        assert!(words(Status::Queued, counts, true).starts_with("Approved. It begins as soon as"));
        assert!(words(Status::InProgress, counts, true).starts_with("Carrying the plan out"));
    }

    #[test]
    fn users_and_enrolments_that_were_left_alone_are_told_apart() {
        let done = upload(Status::CompletedWithErrors, Some(Counts::default()), true);
        let of = |n: u64, found: &[(Code, u64)]| {
            left_alone(&Upload { left_alone: n, findings: found.iter().copied().collect(), ..done.clone() })
        };
        assert_eq!(of(0, &[]), None);
        let start = |text: Option<String>| text.and_then(|text| text.split(" left").next().map(str::to_owned)).unwrap();
        assert_eq!(start(of(1, &[(Code::UserDrifted, 1)])), "1 user was");
        assert_eq!(start(of(2, &[(Code::EnrolmentDrifted, 2)])), "2 enrolments were");
        let all =
            [(Code::UserProtected, 1), (Code::TakenMeanwhile, 1), (Code::ClassDrifted, 1), (Code::EnrolmentDrifted, 3)];
        assert_eq!(start(of(6, &all)), "2 users, 1 class and 3 enrolments were");
    }
}
