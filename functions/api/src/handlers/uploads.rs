//! Uploads: the history, one of them, and the link with which the browser sends a file.

use std::collections::BTreeSet;

use axum::Extension;
use axum::extract::State;
use cloud::bucket::{LinkToPut, keys};
use cloud::tickets::Ticket;
use cloud::uploads::upload_id;
use futures::future::try_join_all;
use roster::{MAX_BYTES, Mode, SchoolId, Scope};
use uuid::Uuid;
use wire::http::{BY_HAND_BYTES, Cursor, FileArrival, NewUpload, Page, UploadDetail, UploadTicket};
use wire::stored::PlanHead;
use wire::{Source, Status, Upload, UploadId};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Path, Query};
use crate::random;
use crate::resources::page::{PAGE, visible_page};
use crate::resources::password_file::readable_passwords;
use crate::resources::sendings::{TicketOutcome, keep_ticket};
use crate::resources::sources::check_source;
use crate::resources::uploads::{overtaken_at, readable, visible};

/// The longest file name that is kept, in characters, and how much of it a key has.
const FILE_NAME_CHARS: usize = 200;
const KEY_CHARS: usize = 80;

/// Serves `GET /api/uploads`.
pub async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<Cursor>,
) -> Result<Json<Page<Upload>>, Failure> {
    let read = |start: Option<String>| {
        let app = &app;
        async move { app.cloud.upload_list(PAGE, start.as_deref()).await }
    };
    visible_page(query.cursor, read, |upload: &Upload| caller.may_see_upload(upload)).await.map(Json)
}

/// Serves `GET /api/uploads/waiting`.
///
/// Those are the uploads whose plans wait for approval, and which the caller may see. The oldest comes first.
pub async fn waiting(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<Cursor>,
) -> Result<Json<Page<Upload>>, Failure> {
    let open = app.cloud.upload_list_open().await?;
    let (app, open) = (&app, &open);
    let read = |start: Option<String>| async move {
        let mut left = open.iter().filter(|id| start.as_ref().is_none_or(|start| id.0 > *start));
        let ids: Vec<&UploadId> = left.by_ref().take(usize::from(PAGE)).collect();
        let cursor = left.next().and(ids.last()).map(|id| id.0.clone());
        let records = try_join_all(ids.iter().map(|id| app.cloud.upload_get(id))).await?;
        // One that ended in between is in the list no more.
        let items = records.into_iter().flatten().map(|record| record.upload).collect();
        Ok(Page { items, cursor })
    };
    let waits = |upload: &Upload| upload.status == Status::AwaitingApproval && caller.may_see_upload(upload);
    visible_page(query.cursor, read, waits).await.map(Json)
}

/// Serves `GET /api/uploads/{id}`.
pub async fn detail(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<Uuid>,
) -> Result<Json<UploadDetail>, Failure> {
    let upload = visible(&app, &caller, id).await?;
    let head = match upload.digest.as_ref().filter(|_| upload.files_deleted_at.is_none()) {
        Some(digest) => readable(app.cloud.plan_head_get(&upload.id, digest).await)?,
        None => None,
    };
    let rekeys_with_removal = head.as_ref().map_or(0, PlanHead::rekeys_with_removal);
    let class_tallies = head.as_ref().and_then(|head| head.classes.as_ref()).map(|classes| classes.tallies.clone());
    let class_tallies = class_tallies.unwrap_or_default();
    let tallies = head.map(|head| head.tallies).unwrap_or_default();
    let may_decide = caller.may_decide(&upload);
    let may_approve = may_decide && caller.check_may_approve(&upload).is_ok();
    let passwords_until = readable_passwords(&app, &caller, &upload).await?;
    let overtaken_at = overtaken_at(&app, &upload).await?;
    Ok(Json(UploadDetail {
        upload,
        tallies,
        class_tallies,
        rekeys_with_removal,
        overtaken_at,
        may_decide,
        may_approve,
        passwords_until,
    }))
}

/// How many characters the name of a sheet may have: more than any spreadsheet allows.
const SHEET_CHARS: usize = 255;

/// Serves `POST /api/uploads`.
pub async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(mut asked): Json<NewUpload>,
) -> Result<Json<UploadTicket>, Failure> {
    let limit = MAX_BYTES as u64;
    if asked.bytes == 0 {
        return Err(Failure::FileEmpty);
    }
    if asked.bytes > limit {
        return Err(Failure::FileTooLarge { limit });
    }
    if !is_digest(&asked.sha256) {
        return Err(Failure::Invalid {
            message: "The digest of the file is no SHA-256.",
            hint: "Send 64 digits and letters from a to f, in lower case.",
        });
    }
    if asked.by_hand && (asked.mode != Mode::Partial || asked.bytes > BY_HAND_BYTES) {
        return Err(Failure::Invalid {
            message: "An edit by hand is one row in a partial sync, and this is something else.",
            hint: "Send one row, of at most 64 KiB, as a partial sync.",
        });
    }
    if asked.sheet.as_ref().is_some_and(|sheet| sheet.chars().count() > SHEET_CHARS) {
        return Err(Failure::Invalid {
            message: "The name of the sheet is too long.",
            hint: "Send the name of a sheet of the workbook, of at most 255 characters.",
        });
    }
    let checked_by = asked.checked.as_ref().and_then(|checked| checked.profile.as_ref());
    if checked_by.is_some_and(|used| used.name.chars().count() > SHEET_CHARS || !is_digest(&used.digest)) {
        return Err(Failure::Invalid {
            message: "The mapping by which the file was checked is none.",
            hint: "Send its name, of at most 255 characters, its version and its SHA-256.",
        });
    }
    if let Some(acting) = &caller.key {
        if asked.by_hand {
            return Err(Failure::PersonNeeded);
        }
        asked.of_source = asked.of_source.or_else(|| acting.key.source.clone());
    }
    caller.check_may_send(asked.mode, asked.of_source.as_ref())?;
    let scope = scope_of(&app, &caller, &asked.schools).await?;
    check_source(&app, asked.of_source.as_ref()).await?;
    let now = app.now();
    let id = upload_id(now, random::bytes()?);
    let ticket = Ticket {
        key: keys::inbox(asked.mode, &id, &key_name(&asked.file_name)),
        id,
        mode: asked.mode,
        by_hand: asked.by_hand,
        scope,
        source: Source::Administrator {
            guid: caller.guid,
            username: caller.username.clone(),
            key: caller.key.as_ref().map(|acting| acting.key.as_used()),
        },
        of_source: asked.of_source.clone(),
        file_name: shown_name(&asked.file_name),
        encoding: asked.encoding,
        sheet: asked.sheet.clone(),
        checked: asked.checked.clone(),
        bytes: asked.bytes,
        sha256: Some(asked.sha256.clone()),
        created_at: now,
    };
    let ticket = match &caller.key {
        Some(acting) => match keep_ticket(&app, &acting.key, &asked, ticket).await? {
            TicketOutcome::Awaited(ticket) => *ticket,
            TicketOutcome::Arrived(id) => {
                let (url, headers) = (String::new(), Vec::new());
                return Ok(Json(UploadTicket { id, arrival: FileArrival::Here, url, headers }));
            }
        },
        None => {
            app.cloud.ticket_put(&ticket).await?;
            ticket
        }
    };
    let LinkToPut { url, headers } = app.cloud.object_link_to_put(&ticket.key, ticket.bytes, &asked.sha256).await?;
    tracing::info!(upload = %ticket.id, user = %caller.guid, bytes = asked.bytes, "upload link given");
    Ok(Json(UploadTicket { id: ticket.id, arrival: FileArrival::Awaited, url, headers }))
}

/// Returns whose users an upload for these schools may touch: at most those that the caller may.
async fn scope_of(app: &App, caller: &Caller, schools: &BTreeSet<SchoolId>) -> Result<Scope, Failure> {
    if schools.is_empty() {
        return Ok(caller.scope());
    }
    for school in schools {
        caller.check_may_see_school(Some(school))?;
    }
    let known = app.cloud.school_list().await?;
    if !schools.iter().all(|school| known.by_id(school).is_some()) {
        return Err(Failure::Missing { thing: Thing::School });
    }
    Ok(Scope::of_chosen(schools.clone()))
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns the file's name for people: without the folders that some browsers send along.
fn shown_name(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(FILE_NAME_CHARS).collect();
    match name.trim() {
        "" => "roster.csv".to_owned(),
        name => name.to_owned(),
    }
}

/// Returns the file's name for a key: nothing that has to be encoded, and `.csv` at the end, as triggers may ask.
fn key_name(sent: &str) -> String {
    let name = shown_name(sent);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    let stem = name.strip_suffix(".csv").unwrap_or(&name).trim_matches('.');
    let stem = &stem[..stem.len().min(KEY_CHARS)];
    format!("{}.csv", if stem.is_empty() { "roster" } else { stem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_becomes_a_plain_key_and_stays_readable_for_people() {
        let names = [
            ("roster.csv", "roster.csv", "roster.csv"),
            (r"C:\fakepath\Été 2026.CSV", "Été 2026.CSV", "_t__2026.CSV.csv"),
            ("../../uploads/x.csv", "x.csv", "x.csv"),
            ("a+b%20c.txt", "a+b%20c.txt", "a_b_20c.txt.csv"),
            ("..", "..", "roster.csv"),
            ("", "roster.csv", "roster.csv"),
            ("line\nbreak.csv", "linebreak.csv", "linebreak.csv"),
        ];
        for (sent, shown, key) in names {
            assert_eq!((shown_name(sent).as_str(), key_name(sent).as_str()), (shown, key), "{sent:?}");
        }
    }
}
