//! What several pages are made of.

mod badge;
mod basics;
mod brand;
mod changes;
mod decision;
mod document_editor;
mod encoding;
mod field;
mod findings;
mod icon;
mod own_password;
mod paged;
mod tallies;

pub use badge::{KindBadge, ModeBadge, StatusBadge};
pub use basics::{Day, Empty, Notice, PAGE_TITLE, PageHead, ProblemNote, Skeleton, Tone, When};
pub use brand::BrandSign;
pub use changes::{ChangeCard, ChangesList, FieldChanges};
pub use decision::DecisionPanel;
pub use document_editor::{DocumentEditor, NotLoaded, NotSaved, SaveBar, WhenLoaded};
pub use encoding::EncodingSelect;
pub use field::{SelectField, TextField};
pub use findings::FindingsTable;
pub use icon::{Icon, Sign};
pub use own_password::OwnPasswordForm;
pub use paged::{LoadMore, More, Paged};
pub use tallies::{CountTiles, Tallies};
