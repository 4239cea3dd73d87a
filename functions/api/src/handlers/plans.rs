//! The plan of an upload, of users and of classes, and its findings, page by page.

use axum::Extension;
use axum::extract::State;
use roster::{Change, ClassTally, ItemCounts, Tally};
use uuid::Uuid;
use wire::Upload;
use wire::http::{ChangesQuery, ClassChangesQuery, Cursor, FindingRow, ItemKind, Page, PlannedClassChange};
use wire::stored::{ChunkHead, ChunkOf};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Path, Query};
use crate::resources::uploads::{visible, with_files};

/// How many changes or findings a page has at most.
const PAGE: usize = 100;

/// How many chunks one request opens at most, so that a filter that finds little still answers soon.
const CHUNKS_OPENED: usize = 10;

/// Serves `GET /api/uploads/{id}/changes`.
pub async fn changes(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
    Query(query): Query<ChangesQuery>,
) -> Result<Json<Page<Change>>, Failure> {
    let upload = with_files(visible(&app, &caller, id).await?)?;
    let chunks = chunks_of_plan(&app, &upload).await?;
    let mut page = PlanPage::from(query.cursor.as_deref())?;
    while let Some((n, head)) = page.next_chunk(&chunks, |head| may_hold(head, &query)) {
        let chunk = app.cloud.plan_changes_get(&upload, n, head).await?;
        page.take(chunk, |change| matches(change, &query));
    }
    Ok(Json(page.end()))
}

/// Serves `GET /api/uploads/{id}/plan/classes`: the changes of classes, then those of enrolments.
pub async fn class_changes(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
    Query(query): Query<ClassChangesQuery>,
) -> Result<Json<Page<PlannedClassChange>>, Failure> {
    let upload = with_files(visible(&app, &caller, id).await?)?;
    let chunks = chunks_of_plan(&app, &upload).await?;
    let mut page = PlanPage::from(query.cursor.as_deref())?;
    while let Some((n, head)) = page.next_chunk(&chunks, |head| may_hold_of_classes(head, &query)) {
        let chunk = class_chunk(&app, &upload, n, head).await?;
        page.take(chunk, |change| matches_of_classes(change, &query));
    }
    Ok(Json(page.end()))
}

async fn chunks_of_plan(app: &App, upload: &Upload) -> Result<Vec<ChunkHead>, Failure> {
    let digest = upload.digest.clone().ok_or(Failure::Missing { thing: Thing::Plan })?;
    Ok(app.cloud.plan_head_get(&upload.id, &digest).await?.chunks)
}

async fn class_chunk(app: &App, upload: &Upload, n: u32, head: &ChunkHead) -> Result<Vec<PlannedClassChange>, Failure> {
    Ok(match head.of {
        ChunkOf::Users => Vec::new(),
        ChunkOf::Classes => {
            let changes = app.cloud.plan_class_changes_get(upload, n, head).await?;
            changes.into_iter().map(PlannedClassChange::Class).collect()
        }
        ChunkOf::Enrolments => {
            let changes = app.cloud.plan_enrolments_get(upload, n, head).await?;
            changes.into_iter().map(PlannedClassChange::Enrolment).collect()
        }
    })
}

/// Serves `GET /api/uploads/{id}/findings`.
pub async fn findings(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
    Query(query): Query<Cursor>,
) -> Result<Json<Page<FindingRow>>, Failure> {
    let upload = with_files(visible(&app, &caller, id).await?)?;
    let mut place = ChangesCursor::parse(query.cursor.as_deref())?;
    let mut found = Vec::new();
    let cursor = loop {
        let Some(part) = app.cloud.finding_list(&upload, place.part).await? else { break None };
        place = take(&mut found, place, part, |_| true);
        if found.len() == PAGE {
            break Some(place.cursor());
        }
    };
    Ok(Json(Page { items: found.iter().map(FindingRow::from).collect(), cursor }))
}

/// Returns whether the chunk has a change that the query asks for.
fn may_hold(chunk: &ChunkHead, query: &ChangesQuery) -> bool {
    chunk.of == ChunkOf::Users
        && chunk.tallies.iter().any(|tally| {
            let Tally { school, user_type, mut counts } = tally.clone();
            let number = query.kind.map_or(counts.changes(), |kind| *counts.count_mut(kind));
            number > 0
                && (query.school.is_none() || query.school == school)
                && (query.user_type.is_none() || query.user_type == user_type)
        })
}

/// Returns whether the chunk has a change of a class or an enrolment that the query asks for.
fn may_hold_of_classes(chunk: &ChunkHead, query: &ClassChangesQuery) -> bool {
    let counted = |tally: &ClassTally| match chunk.of {
        ChunkOf::Users => ItemCounts::default(),
        ChunkOf::Classes => tally.counts.classes,
        ChunkOf::Enrolments => tally.counts.enrolments,
    };
    query.of.is_none_or(|of| of == chunk.of)
        && chunk.class_tallies.iter().any(|tally| {
            let counts = counted(tally);
            let number = query.kind.map_or(counts.changes(), |kind| kind.of(&counts));
            number > 0 && (query.school.is_none() || query.school == tally.school)
        })
}

fn matches_of_classes(change: &PlannedClassChange, query: &ClassChangesQuery) -> bool {
    let (kind, school, class_id) = match change {
        PlannedClassChange::Class(change) => {
            (ItemKind::from(change.kind), &change.after.school, &change.after.class_id)
        }
        PlannedClassChange::Enrolment(change) => {
            (ItemKind::from(change.kind), &change.shown.school, &change.shown.class_id)
        }
    };
    query.kind.is_none_or(|wanted| wanted == kind)
        && query.school.as_ref().is_none_or(|wanted| wanted == school)
        && query.class.as_ref().is_none_or(|wanted| wanted == class_id)
}

fn matches(change: &Change, query: &ChangesQuery) -> bool {
    let shown = change.shown();
    query.kind.is_none_or(|kind| kind == change.kind)
        && query.school.as_ref().is_none_or(|school| shown.is_some_and(|fields| fields.school == *school))
        && query.user_type.is_none_or(|user_type| shown.is_some_and(|fields| fields.user_type == user_type))
}

/// A page of a plan's changes while it is filled.
struct PlanPage<T> {
    items: Vec<T>,
    /// Where to go on; `None` after the last chunk.
    place: Option<ChangesCursor>,
    opened: usize,
}

impl<T> PlanPage<T> {
    fn from(cursor: Option<&str>) -> Result<PlanPage<T>, Failure> {
        Ok(PlanPage { items: Vec::new(), place: Some(ChangesCursor::parse(cursor)?), opened: 0 })
    }

    /// Returns the next chunk to open and its number, if there is one that `may_hold` what is asked for and the page
    /// takes more.
    fn next_chunk<'c>(
        &mut self,
        chunks: &'c [ChunkHead],
        may_hold: impl Fn(&ChunkHead) -> bool,
    ) -> Option<(u32, &'c ChunkHead)> {
        let from = self.place?;
        let next = chunks.iter().enumerate().skip(from.part as usize).find(|(_, head)| may_hold(head));
        let Some((n, head)) = next else {
            self.place = None;
            return None;
        };
        let n = n as u32;
        self.place = Some(if n == from.part { from } else { ChangesCursor { part: n, offset: 0 } });
        if self.items.len() == PAGE || self.opened == CHUNKS_OPENED {
            return None;
        }
        self.opened += 1;
        Some((n, head))
    }

    fn take(&mut self, chunk: Vec<T>, wanted: impl Fn(&T) -> bool) {
        self.place = self.place.map(|place| take(&mut self.items, place, chunk, wanted));
    }

    fn end(self) -> Page<T> {
        Page { items: self.items, cursor: self.place.map(ChangesCursor::cursor) }
    }
}

/// A place in a list that is kept in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ChangesCursor {
    part: u32,
    offset: usize,
}

impl ChangesCursor {
    fn parse(cursor: Option<&str>) -> Result<ChangesCursor, Failure> {
        let Some(cursor) = cursor else {
            return Ok(ChangesCursor { part: 0, offset: 0 });
        };
        let (part, offset) = cursor.split_once(':').unwrap_or_default();
        match (part.parse(), offset.parse()) {
            (Ok(part), Ok(offset)) => Ok(ChangesCursor { part, offset }),
            _ => Err(Failure::CursorUnknown),
        }
    }

    fn cursor(self) -> String {
        format!("{}:{}", self.part, self.offset)
    }

    fn next_part(self) -> ChangesCursor {
        ChangesCursor { part: self.part.saturating_add(1), offset: 0 }
    }
}

/// Moves what `wanted` of a part from `place` on into the page until that is full, and says where to go on.
fn take<T>(page: &mut Vec<T>, place: ChangesCursor, part: Vec<T>, wanted: impl Fn(&T) -> bool) -> ChangesCursor {
    for (offset, item) in part.into_iter().enumerate().skip(place.offset) {
        if page.len() == PAGE {
            return ChangesCursor { offset, ..place };
        }
        if wanted(&item) {
            page.push(item);
        }
    }
    place.next_part()
}
