//! What several pages are made of.

mod badge;
mod basics;
mod brand;
mod changes;
mod class_changes;
mod class_counts;
mod decision;
mod document_editor;
mod encoding;
mod field;
mod findings;
mod icon;
mod own_password;
mod paged;
mod radio;
mod role_choices;
mod table_format;
mod tallies;

pub use badge::{ClassKindBadge, EnrolmentKindBadge, KindBadge, ModeBadge, StatusBadge};
pub use basics::{CalendarDay, Day, Empty, Notice, PAGE_TITLE, PageHead, ProblemNote, Skeleton, Tone, When};
pub use brand::BrandSign;
pub use changes::{ChangeCard, ChangesList, FieldChanges};
pub use class_changes::{ClassChangesList, ClassFilter, EnrolmentCard};
pub use class_counts::{ClassCountTable, ClassTallies};
pub use decision::DecisionPanel;
pub use document_editor::{DocumentEditor, NotLoaded, NotSaved, SaveBar, WhenLoaded};
pub use encoding::EncodingSelect;
pub use field::{NumberField, SelectField, TextField};
pub use findings::FindingsTable;
pub use icon::{Icon, Sign};
pub use own_password::OwnPasswordForm;
pub use paged::{LoadMore, More, Paged};
pub use radio::RadioChoice;
pub use role_choices::RoleChoices;
pub use table_format::TableFormatChoice;
pub use tallies::{CountTiles, Tallies};
