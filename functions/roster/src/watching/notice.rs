//! Something that people are told: counts and a link, and nothing about anybody.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::model::SourceId;
use crate::model::finding::grouped;

use super::mark::Mark;

/// Something to tell people.
///
/// It names no person, and no file, for files may be named after one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same whenever the notice is computed again.
    pub id: String,
    /// When it became true.
    pub at: u64,
    pub about: NoticeAbout,
}

/// What a notice tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeAbout {
    /// Nothing came in time.
    Late {
        source: Option<SourceId>,
        expected_at: u64,
    },
    /// A plan waits for somebody's decision.
    Held {
        upload: String,
        changes: u64,
    },
    Failed {
        upload: String,
    },
    /// A plan was carried out.
    Done {
        upload: String,
        changes: u64,
        /// How many rows were rejected, and changes left undone.
        left_out: u64,
    },
    /// A roster is odd beside the last one of its kind.
    Odd {
        upload: String,
        marks: Vec<Mark>,
    },
    Digest(DigestCounts),
    /// Somebody tries whether notices arrive.
    Test,
}

/// What happened within a day, and what waits at its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestCounts {
    pub done: u64,
    pub failed: u64,
    pub held: u64,
    pub late: u64,
    /// Rosters that are odd beside the last one of their kind.
    #[serde(default)]
    pub odd: u64,
    /// Files that wait for the end of a pause. They alone are no reason for a digest.
    pub paused: u64,
}

impl DigestCounts {
    /// Returns whether there is anything to say.
    pub fn are_worth_a_digest(&self) -> bool {
        self.done + self.failed + self.held + self.late + self.odd > 0
    }
}

/// The kinds of notices, of which each person chooses some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    Late,
    Held,
    Failed,
    Done,
    Odd,
    Digest,
}

impl NoticeKind {
    /// All of them, in the order of pages.
    pub const ALL: [NoticeKind; 6] =
        [NoticeKind::Late, NoticeKind::Held, NoticeKind::Failed, NoticeKind::Odd, NoticeKind::Done, NoticeKind::Digest];

    /// Returns whether it is about an upload, and not about the whole organisation.
    pub fn is_of_upload(self) -> bool {
        !matches!(self, NoticeKind::Late | NoticeKind::Digest)
    }

    /// Returns the word for it in what programs read.
    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::Late => "late",
            NoticeKind::Held => "held",
            NoticeKind::Failed => "failed",
            NoticeKind::Done => "done",
            NoticeKind::Odd => "odd",
            NoticeKind::Digest => "digest",
        }
    }

    /// Returns what pages say of it.
    pub fn label(self) -> &'static str {
        match self {
            NoticeKind::Late => "A roster is late",
            NoticeKind::Held => "A plan waits for approval",
            NoticeKind::Failed => "A file failed",
            NoticeKind::Done => "A plan was carried out",
            NoticeKind::Odd => "A roster is the same as the last, much shorter, or without some of its files",
            NoticeKind::Digest => "Once a day, what happened and what waits",
        }
    }
}

impl Notice {
    /// Returns its kind; `None` of one that is only a test, which goes to whoever asked for it.
    pub fn kind(&self) -> Option<NoticeKind> {
        Some(match self.about {
            NoticeAbout::Late { .. } => NoticeKind::Late,
            NoticeAbout::Held { .. } => NoticeKind::Held,
            NoticeAbout::Failed { .. } => NoticeKind::Failed,
            NoticeAbout::Done { .. } => NoticeKind::Done,
            NoticeAbout::Odd { .. } => NoticeKind::Odd,
            NoticeAbout::Digest(_) => NoticeKind::Digest,
            NoticeAbout::Test => return None,
        })
    }

    /// Returns the upload that it is about.
    pub fn upload(&self) -> Option<&str> {
        match &self.about {
            NoticeAbout::Held { upload, .. }
            | NoticeAbout::Failed { upload }
            | NoticeAbout::Done { upload, .. }
            | NoticeAbout::Odd { upload, .. } => Some(upload),
            NoticeAbout::Late { .. } | NoticeAbout::Digest(_) | NoticeAbout::Test => None,
        }
    }

    /// Returns the page that says more.
    pub fn path(&self) -> String {
        self.upload().map_or_else(|| "/uploads".to_owned(), |upload| format!("/uploads/{upload}"))
    }

    /// Returns the subject of an e-mail.
    ///
    /// `source_name` names a source.
    pub fn subject(&self, source_name: impl Fn(&SourceId) -> Option<String>) -> String {
        match &self.about {
            NoticeAbout::Late { source, .. } => {
                let name = source.as_ref().map(|id| source_name(id).unwrap_or_else(|| id.0.clone()));
                name.map_or_else(
                    || "No roster came in time".to_owned(),
                    |name| format!("No roster came from {name} in time"),
                )
            }
            NoticeAbout::Held { .. } => "A plan waits for approval".to_owned(),
            NoticeAbout::Failed { .. } => "A roster could not be processed".to_owned(),
            NoticeAbout::Done { left_out: 0, .. } => "A roster was carried out".to_owned(),
            NoticeAbout::Done { .. } => "A roster was carried out, with errors".to_owned(),
            NoticeAbout::Odd { .. } => "A roster is odd beside the last one".to_owned(),
            NoticeAbout::Digest(_) => "What happened to rosters in a day".to_owned(),
            NoticeAbout::Test => "This is a test".to_owned(),
        }
    }

    /// Returns the lines that say what it is about, without the link.
    pub fn text(&self) -> String {
        match &self.about {
            NoticeAbout::Late { .. } => {
                "A roster was expected and did not come. Look whether the job that sends it ran, \
                                         and whether it could reach Rollbook."
                    .to_owned()
            }
            NoticeAbout::Held { changes, .. } => {
                format!("The plan has {}. Nothing happens until somebody approves or rejects it.", of_changes(*changes))
            }
            NoticeAbout::Failed { .. } => {
                "Nothing was changed, unless the page says how much. It also says why.".to_owned()
            }
            NoticeAbout::Done { changes, left_out: 0, .. } => format!("It made {}.", of_changes(*changes)),
            NoticeAbout::Done { changes, left_out, .. } => format!(
                "It made {}. Rows that were rejected and changes that were left undone: {}.",
                of_changes(*changes),
                grouped(*left_out)
            ),
            NoticeAbout::Odd { marks, .. } => marks.iter().map(Mark::sentence).collect::<Vec<_>>().join("\n"),
            NoticeAbout::Digest(counts) => digest(counts),
            NoticeAbout::Test => "Notices arrive. Nothing has to be done.".to_owned(),
        }
    }
}

fn of_changes(count: u64) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{} changes", grouped(count)) }
}

fn digest(counts: &DigestCounts) -> String {
    let DigestCounts { done, failed, held, late, odd, paused } = *counts;
    let lines = [
        ("Carried out", done),
        ("Failed", failed),
        ("Waiting for approval", held),
        ("Late", late),
        ("Odd beside the last one", odd),
        ("Waiting for the end of a pause", paused),
    ];
    lines.iter().filter(|(_, count)| *count > 0).fold(String::new(), |mut text, (what, count)| {
        // A string takes every line.
        let _ = writeln!(text, "{what}: {}", grouped(*count));
        text
    })
}
