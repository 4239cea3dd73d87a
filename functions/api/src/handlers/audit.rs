//! The audit log: read page by page, and downloaded.

use std::collections::HashMap;

use axum::Extension;
use axum::extract::State;
use cloud::audit::{Trail, iso_time};
use cloud::bucket::{from_lines, keys};
use roster::files::{AuditFile, AuditLine};
use roster::user::fold;
use roster::{Change, Guid, Schools, User};
use uuid::Uuid;
use wire::audit::{Action, Entry, Subject, said};
use wire::http::{AuditQuery, Link, Page};
use wire::stored::{ChangeResult, Outcome};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::{Failure, Thing};
use crate::extract::{Json, Query};
use crate::resources::{downloads, uploads, users};

/// How many entries one read asks for; a page has less than twice as many.
const READ: usize = 50;

/// How many entries one request looks at in search of those that are asked for.
const LOOKED_AT: usize = 1000;

/// What is said of an upload whose plan is not, or no longer, what it was when it was applied.
const UNREADABLE: &str = "what this upload did to users can't be read, or not all of it: its plan was altered or taken \
                          away, or another version of Rollbook made it";

/// Serves `GET /api/audit`.
pub async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<Entry>>, Failure> {
    let mut cursor = query.cursor.clone();
    if cursor.as_deref().is_some_and(|cursor| !is_place(cursor)) {
        return Err(Failure::CursorUnknown);
    }
    let reading = AuditRequest::load(&app, &caller, query).await?;
    let mut items = Vec::new();
    for _ in 0..LOOKED_AT / READ {
        let page = reading.part(&app, cursor.as_deref()).await?;
        items.extend(page.items);
        cursor = page.cursor;
        if cursor.is_none() || items.len() >= READ {
            break;
        }
    }
    Ok(Json(Page { items, cursor }))
}

/// Serves `POST /api/audit/download`: every entry that is asked for.
///
/// After one that a plan was applied stands each of its changes.
pub async fn download(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(query): Json<AuditQuery>,
) -> Result<Json<Link>, Failure> {
    let reading = AuditRequest::load(&app, &caller, query).await?;
    let schools = app.cloud.school_list().await?;
    let mut writing = Writing { app: &app, schools, file: AuditFile::new() };
    let (mut cursor, mut entries) = (None::<String>, 0);
    loop {
        let page = reading.part(&app, cursor.as_deref()).await?;
        entries += page.items.len();
        for entry in &page.items {
            writing.add(entry).await?;
        }
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    let entry = Entry::new(app.now(), Some(caller.as_decider()), Action::Downloaded, Subject::AuditLog);
    let details = vec![said("entries", &entries)];
    app.cloud.audit_append(&Entry { school: caller.school.clone(), details, ..entry }).await?;
    let key = downloads::store(&app, writing.file.bytes()).await?;
    tracing::info!(user = %caller.guid, entries, "audit log downloaded");
    Ok(Json(Link { url: app.cloud.object_link_to_get(&key, "audit-log.csv").await?, left_out: 0 }))
}

/// Returns whether a cursor can be a place in the log: a time, and which of that time.
fn is_place(cursor: &str) -> bool {
    let (at, which) = cursor.split_once('#').unwrap_or_default();
    at.len() == 13 && at.bytes().all(|b| b.is_ascii_digit()) && (1..=64).contains(&which.len())
}

/// What somebody asks for and may see.
struct AuditRequest<'a> {
    caller: &'a Caller,
    asked: AuditQuery,
    user: Option<User>,
}

impl<'a> AuditRequest<'a> {
    async fn load(app: &App, caller: &'a Caller, asked: AuditQuery) -> Result<AuditRequest<'a>, Failure> {
        caller.check_may_see_school(asked.school.as_ref())?;
        let user = match asked.user {
            Some(guid) => Some(users::visible(app, caller, guid).await?),
            None => None,
        };
        if let Some(id) = &asked.upload {
            let id: Uuid = id.0.parse().map_err(|_| Failure::Missing { thing: Thing::Upload })?;
            uploads::visible(app, caller, id).await?;
        }
        Ok(AuditRequest { caller, asked, user })
    }

    async fn part(&self, app: &App, cursor: Option<&str>) -> Result<Page<Entry>, Failure> {
        let trail = match (&self.user, &self.asked.upload) {
            (Some(user), _) => Trail::User(user),
            (None, Some(id)) => Trail::Upload(id),
            (None, None) => Trail::All,
        };
        let time = self.asked.from.unwrap_or(0)..self.asked.to.unwrap_or(u64::MAX);
        let mut page = app.cloud.audit_list(trail, time, cursor, READ).await?;
        page.items.retain(|entry| self.wants(entry));
        Ok(page)
    }

    fn wants(&self, entry: &Entry) -> bool {
        let by = || entry.by.as_ref().map(|by| fold(&by.username));
        self.caller.may_see_entry(entry)
            && (self.asked.school.is_none() || self.asked.school == entry.school)
            && self.asked.action.is_none_or(|action| entry.action == action)
            && self.asked.upload.as_ref().is_none_or(|id| entry.upload.as_ref() == Some(id))
            && self.asked.by.as_ref().is_none_or(|name| by() == Some(fold(name.trim())))
    }
}

/// The file while it is written.
struct Writing<'a> {
    app: &'a App,
    schools: Schools,
    file: AuditFile,
}

impl Writing<'_> {
    async fn add(&mut self, entry: &Entry) -> Result<(), Failure> {
        let details = entry.details.iter().map(|change| match change.before.as_str() {
            "" => format!("{}: {}", change.field, change.after),
            before => format!("{}: {before} \u{2192} {}", change.field, change.after),
        });
        let key =
            entry.by.iter().filter_map(|by| by.key.as_ref()).map(|key| format!("API key: {} {}", key.id, key.name));
        let details: Vec<String> = details.chain(key).collect();
        let (id, custom_id) = match &entry.subject {
            Subject::Upload => (entry.upload.as_ref().map(ToString::to_string), None),
            Subject::Role { id } => (Some(id.to_string()), None),
            Subject::School { id } => (Some(id.0.clone()), None),
            Subject::User { guid, custom_id } => (Some(guid.to_string()), custom_id.as_deref()),
            Subject::Class { guid, .. } => (Some(guid.to_string()), None),
            Subject::ApiKey { id } => (Some(id.to_string()), None),
            Subject::Settings | Subject::Users | Subject::AuditLog => (None, None),
        };
        self.file.add(&AuditLine {
            action: entry.action.as_str(),
            subject: entry.subject.kind(),
            id: &id.unwrap_or_default(),
            custom_id: custom_id.unwrap_or_default(),
            row: entry.row,
            details: &details.join("; "),
            ..line_of(entry, &self.schools, &iso_time(entry.at))
        });
        match entry.action {
            Action::Applied => match self.add_changes(entry).await {
                Err(error) if error.is_lasting() || matches!(error, cloud::Error::Object { .. }) => {
                    tracing::warn!(upload = ?entry.upload, %error, "its changes can't be read");
                    self.add_unreadable(entry);
                    Ok(())
                }
                added => Ok(added?),
            },
            _ => Ok(()),
        }
    }

    /// Adds what an upload did to accounts, chunk by chunk, as long as its plan is kept.
    async fn add_changes(&mut self, entry: &Entry) -> Result<(), cloud::Error> {
        let Some(id) = &entry.upload else { return Ok(()) };
        let upload = self.app.cloud.upload_get(id).await?.map(|record| record.upload);
        let Some(upload) = upload.filter(|upload| upload.files_deleted_at.is_none()) else { return Ok(()) };
        // A plan that changes nothing ends without a decision.
        let Some(decision) = &upload.decision else { return Ok(()) };
        let plan = self.app.cloud.plan_head_get(id, &decision.digest).await?;
        for (n, chunk) in plan.user_chunks() {
            let key = keys::results(id, n);
            let results: Vec<ChangeResult> = from_lines(&key, &self.app.cloud.object_get_needed(&key).await?)?;
            let outcomes: HashMap<Guid, Outcome> = results.into_iter().map(|r| (r.guid, r.outcome)).collect();
            for change in self.app.cloud.plan_changes_get_decided(&upload, n, chunk, decision).await? {
                self.add_change(entry, &change, outcomes.get(&change.guid).copied());
            }
        }
        Ok(())
    }

    /// Says that changes are missing in the file, which is no reason to have nothing of the others.
    fn add_unreadable(&mut self, entry: &Entry) {
        self.file.add(&AuditLine {
            action: Action::UserSynced.as_str(),
            subject: "user",
            details: UNREADABLE,
            ..line_of(entry, &self.schools, &iso_time(entry.at))
        });
    }

    fn add_change(&mut self, entry: &Entry, change: &Change, outcome: Option<Outcome>) {
        let shown = change.shown();
        let school = shown.and_then(|fields| self.schools.by_id(&fields.school));
        self.file.add(&AuditLine {
            action: Action::UserSynced.as_str(),
            subject: "user",
            id: &change.guid.to_string(),
            custom_id: shown.map_or("", |fields| &fields.custom_id),
            school: school.map_or("", |school| &school.external_id),
            row: change.row,
            change: change.kind.as_str(),
            outcome: outcome.map_or("", Outcome::as_str),
            ..line_of(entry, &self.schools, &iso_time(entry.at))
        });
    }
}

/// Returns what all lines of an entry have.
fn line_of<'a>(entry: &'a Entry, schools: &'a Schools, time: &'a str) -> AuditLine<'a> {
    let school = entry.school.as_ref().and_then(|id| schools.by_id(id));
    AuditLine {
        time,
        by: entry.by.as_ref().map_or("", |by| &by.username),
        school: school.map_or("", |school| &school.external_id),
        upload: entry.upload.as_ref().map_or("", |id| &id.0),
        file: entry.file_name.as_deref().unwrap_or_default(),
        ..AuditLine::default()
    }
}
