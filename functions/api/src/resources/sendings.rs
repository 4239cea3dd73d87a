//! What is sent with an API key, and is to become one upload however often the program asks.
//!
//! A program may be stopped after it asked for a link and before it kept the answer, or while it sends. So the same
//! contents, asked for in the same way with the same key, are the same upload for some hours, unless that one failed or
//! was rejected: then there was something to mend, and sending once more is meant.

use cloud::api_keys::SameContents;
use cloud::bucket::digest;
use cloud::table::WriteOutcome;
use cloud::tickets::Ticket;
use roster::Scope;
use serde::Serialize;
use wire::http::{NewUpload, Repeat};
use wire::stored::ApiKey;
use wire::{Status, UploadId};

use crate::app::App;
use crate::error::Failure;
use crate::resources::uploads::awaited;

/// How often what another request does at the same moment is looked at anew.
const TRIES: u32 = 3;

/// What a request for a link comes to.
pub enum TicketOutcome {
    /// The file is awaited, by this ticket.
    Awaited(Box<Ticket>),
    /// It is here.
    Arrived(UploadId),
}

/// Keeps the ticket of what was asked for, unless it was sent before, or is awaited.
pub async fn keep_ticket(app: &App, key: &ApiKey, asked: &NewUpload, ticket: Ticket) -> Result<TicketOutcome, Failure> {
    let digest = digest_of(asked, &ticket)?;
    let sending = SameContents { key: &key.id, mode: asked.mode, sha256: &digest };
    let mut kept = false;
    for _ in 0..TRIES {
        let before = app.cloud.sent_get(&sending, ticket.created_at).await?;
        if let Some(before) = &before
            && let Some(sent) = sent_before(app, before, asked.repeat).await?
        {
            return Ok(sent);
        }
        // Before the upload is remembered, so that whoever finds it remembered finds its ticket.
        if !kept {
            app.cloud.ticket_put(&ticket).await?;
            kept = true;
        }
        if app.cloud.sent_put(&sending, before.as_ref(), &ticket.id, ticket.created_at).await? == WriteOutcome::Written
        {
            return Ok(TicketOutcome::Awaited(Box::new(ticket)));
        }
    }
    Err(cloud::Error::Contended("what an API key sent").into())
}

/// Returns what became of it, where that stands for sending it now, too.
async fn sent_before(app: &App, id: &UploadId, repeat: Repeat) -> Result<Option<TicketOutcome>, Failure> {
    if let Some(record) = app.cloud.upload_get(id).await? {
        let is_over = matches!(record.upload.status, Status::Failed | Status::Rejected);
        let again = is_over || repeat == Repeat::Always;
        return Ok((!again).then(|| TicketOutcome::Arrived(id.clone())));
    }
    Ok(awaited(app, id).await?.map(Box::new).map(TicketOutcome::Awaited))
}

/// What makes two requests the same.
#[derive(Serialize)]
struct Meant<'a> {
    /// Without the name of the file, which may be moved, and how it was checked.
    asked: NewUpload,
    /// Whose users the upload may touch: what was asked by somebody who looked after more is another request.
    scope: &'a Scope,
}

/// Returns the digest of what makes two requests the same.
fn digest_of(asked: &NewUpload, ticket: &Ticket) -> Result<String, Failure> {
    let asked = NewUpload { file_name: String::new(), repeat: Repeat::Never, checked: None, ..asked.clone() };
    let meant = Meant { asked, scope: &ticket.scope };
    let text = serde_json::to_vec(&meant).map_err(|error| Failure::Fault { source: error.into() })?;
    Ok(digest(&text))
}
