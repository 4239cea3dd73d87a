//! Small labels: a sign, a colour and, always, the word.

use leptos::prelude::*;
use roster::{ClassKind, EnrolmentKind, Kind, Mode};
use wire::Status;

use super::{Icon, Sign};
use crate::words::{self, Tense};

/// Shows the status of an upload.
#[component]
pub fn StatusBadge(status: Status) -> impl IntoView {
    let (class, sign) = match status {
        Status::Queued => ("badge quiet", Sign::Clock),
        Status::Paused => ("badge quiet", Sign::Pause),
        Status::InProgress => ("badge busy", Sign::Work),
        Status::AwaitingApproval => ("badge attention", Sign::Pause),
        Status::Completed => ("badge good", Sign::Check),
        Status::CompletedWithErrors => ("badge attention", Sign::Warning),
        Status::Failed => ("badge bad", Sign::Warning),
        Status::Rejected => ("badge quiet", Sign::Cross),
    };
    view! { <span class=class data-status=status.label()><Icon sign/>{status.label()}</span> }
}

/// Shows the kind of a change.
#[component]
pub fn KindBadge(kind: Kind, #[prop(into)] tense: Signal<Tense>) -> impl IntoView {
    let (class, sign) = match kind {
        Kind::Created => ("badge good", Sign::Plus),
        Kind::Updated => ("badge busy", Sign::Pencil),
        Kind::Moved => ("badge busy", Sign::Arrow),
        Kind::Reactivated => ("badge good", Sign::Return),
        Kind::Renamed => ("badge attention", Sign::Pencil),
        Kind::Rekeyed => ("badge attention", Sign::Warning),
        Kind::Removed => ("badge bad", Sign::Minus),
    };
    view! { <span class=class><Icon sign/>{move || words::kind(kind, tense.get())}</span> }
}

/// Shows the kind of a change of a class.
#[component]
pub fn ClassKindBadge(kind: ClassKind, #[prop(into)] tense: Signal<Tense>) -> impl IntoView {
    let (class, sign) = match kind {
        ClassKind::Created => ("badge good", Sign::Plus),
        ClassKind::Updated => ("badge busy", Sign::Pencil),
        ClassKind::Restored => ("badge good", Sign::Return),
        ClassKind::Archived => ("badge bad", Sign::Minus),
    };
    view! { <span class=class><Icon sign/>{move || words::class_kind(kind, tense.get())}</span> }
}

/// Shows the kind of a change of an enrolment.
#[component]
pub fn EnrolmentKindBadge(kind: EnrolmentKind, #[prop(into)] tense: Signal<Tense>) -> impl IntoView {
    let (class, sign) = match kind {
        EnrolmentKind::Created => ("badge good", Sign::Plus),
        EnrolmentKind::Updated => ("badge busy", Sign::Pencil),
        EnrolmentKind::Ended => ("badge bad", Sign::Minus),
    };
    view! { <span class=class><Icon sign/>{move || words::enrolment_kind(kind, tense.get())}</span> }
}

/// Shows the sync mode of an upload, or that it was filled in by hand.
#[component]
pub fn ModeBadge(mode: Mode, by_hand: bool) -> impl IntoView {
    let words = if by_hand { "By hand" } else { words::mode(mode) };
    view! { <span class="chip">{words}</span> }
}
