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
    let digest = upload.digest.clone().ok_or(Failure::Missing { thing: Thing::Plan })?;
    let plan = app.cloud.plan_head_get(&upload.id, &digest).await?;
    let mut place = ChangesCursor::parse(query.cursor.as_deref())?;
    let mut items = Vec::new();
    let mut opened = 0;
    while let Some(head) = plan.chunks.get(place.part as usize) {
        if !may_hold(head, &query) {
            place = place.next_part();
            continue;
        }
        if items.len() == PAGE || opened == CHUNKS_OPENED {
            return Ok(Json(Page { items, cursor: Some(place.cursor()) }));
        }
        opened += 1;
        let chunk = app.cloud.plan_changes_get(&upload, place.part, head).await?;
        place = take(&mut items, place, chunk, |change| matches(change, &query));
    }
    Ok(Json(Page { items, cursor: None }))
}

/// Serves `GET /api/uploads/{id}/plan/classes`: the changes of classes, then those of enrolments.
pub async fn class_changes(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
    Query(query): Query<ClassChangesQuery>,
) -> Result<Json<Page<PlannedClassChange>>, Failure> {
    let upload = with_files(visible(&app, &caller, id).await?)?;
    let digest = upload.digest.clone().ok_or(Failure::Missing { thing: Thing::Plan })?;
    let plan = app.cloud.plan_head_get(&upload.id, &digest).await?;
    let mut place = ChangesCursor::parse(query.cursor.as_deref())?;
    let mut items = Vec::new();
    let mut opened = 0;
    while let Some(head) = plan.chunks.get(place.part as usize) {
        if !may_hold_of_classes(head, &query) {
            place = place.next_part();
            continue;
        }
        if items.len() == PAGE || opened == CHUNKS_OPENED {
            return Ok(Json(Page { items, cursor: Some(place.cursor()) }));
        }
        opened += 1;
        let chunk = class_chunk(&app, &upload, place.part, head).await?;
        place = take(&mut items, place, chunk, |change| matches_of_classes(change, &query));
    }
    Ok(Json(Page { items, cursor: None }))
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
