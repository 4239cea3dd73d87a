//! What the newest file would do to one user now.

use std::collections::{BTreeSet, HashMap};

use axum::Extension;
use axum::extract::State;
use cloud::bucket::keys;
use cloud::changes::MAX_EXCHANGE_WRITES;
use roster::files::rows_file;
use roster::username::Maker;
use roster::{
    Accounts, Change, CheckedRoster, Comparison, Erased, FileEncoding, Guid, Inputs, Limits, Mode, ModeSettings,
    PlannedRoster, Reading, RemovalAction, Schools, Scope, Sender, SentRow, Settings, Severity, User, parse,
    plan_checked, redact_copy, sent_rows, validate,
};
use wire::http::{FindingRow, KeptFile, LastFile, Outlook};
use wire::{FileKind, Status, Upload};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Failure;
use crate::extract::{Json, Path};
use crate::resources::page::PAGE;
use crate::resources::uploads::reading;
use crate::resources::users::visible;

/// How long a file may be that is looked through, in bytes: it is read as text in a few seconds, and held in memory.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// How many uploads are looked at in search of the newest file, from the newest on.
const LOOKED_AT: usize = 500;

/// Serves `GET /api/users/{guid}/last-file`.
///
/// It is what the newest file that the user could be in would do to the user now.
///
/// It is that of the newest upload that was carried out, is not by hand, whose mode, scope and source cover the user, whose file
/// is kept, and that the caller may see. Its row about the user is compared again as a partial sync with the settings of
/// its mode; passwords are gone from it.
///
/// At most [`LOOKED_AT`] uploads are looked at, one file is read, and none that is longer than [`MAX_FILE`]. Where the
/// comparison needs to know of every user, as for a custom ID that nobody has, the answer is that it is unclear.
pub async fn outlook(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(guid): Path<Guid>,
) -> Result<Json<LastFile>, Failure> {
    let user = visible(&app, &caller, guid).await?;
    let Some(upload) = newest(&app, &caller, &user).await? else {
        return Ok(Json(LastFile { file: None, outlook: Outlook::NoFile }));
    };
    let outlook = if upload.bytes > MAX_FILE { Outlook::TooLarge } else { of_file(&app, &upload, &user).await? };
    let Upload { id, file_name, created_at, mode, .. } = upload;
    Ok(Json(LastFile { file: Some(KeptFile { upload: id, file_name, created_at, mode }), outlook }))
}

/// Returns the newest upload with a kept file that the user could be in.
async fn newest(app: &App, caller: &Caller, user: &User) -> Result<Option<Upload>, Failure> {
    let (mut cursor, mut looked_at) = (None::<String>, 0);
    loop {
        let page = app.cloud.upload_list(PAGE, cursor.as_deref()).await?;
        looked_at += page.items.len();
        let mut fitting = page.items.into_iter().filter(|upload| could_have(upload, user));
        if let Some(upload) = fitting.find(|upload| caller.may_see_scope(&upload.scope)) {
            return Ok(Some(upload));
        }
        cursor = page.cursor;
        if cursor.is_none() || looked_at >= LOOKED_AT {
            return Ok(None);
        }
    }
}

/// Returns whether the file of an upload is there, was carried out, and could have a row about the user.
fn could_have(upload: &Upload, user: &User) -> bool {
    let carried_out = matches!(upload.status, Status::Completed | Status::CompletedWithErrors);
    let kept = upload.files.contains(&FileKind::Uploaded) && upload.files_deleted_at.is_none();
    let covers = upload.scope.covers(&user.school) && upload.mode.covers(user.user_type);
    let is_of_source =
        user.source.as_ref().is_none_or(|source| source.is_by_hand() || upload.of_source.as_ref() == Some(source));
    carried_out && kept && covers && is_of_source && !upload.by_hand
}

async fn of_file(app: &App, upload: &Upload, user: &User) -> Result<Outlook, Failure> {
    let Some(copy) = app.cloud.object_get(&keys::uploaded(&upload.id)).await? else { return Ok(Outlook::NoFile) };
    let reading = reading(app, upload).await?;
    let settings = app.cloud.settings_get().await?.settings;
    let mut person = Erased::default();
    // The file may be from before the custom ID was changed.
    let custom_ids = app.cloud.user_list_custom_ids(user).await?;
    person.add(user.guid, custom_ids.iter().map(String::as_str));
    let rows = redact_copy(&copy, &reading, &person, &HashMap::new()).rows;
    if rows.is_empty() {
        return Ok(Outlook::NoRow { removes: removes(upload, user, &settings) });
    }
    let rows = sent_rows(&copy, &reading, &rows);
    drop(copy);
    let schools = app.cloud.school_list().await?;
    let mode = settings.of(upload.mode);
    // How large a share of a group the user is says nothing of what becomes of the user.
    let limits = Limits { large_changes: None, ..mode.limits.clone() };
    let terms = Terms {
        scope: &upload.scope,
        sender: Sender { source: upload.of_source.as_ref(), rules: Some(&settings.sources), is_by_hand: false },
        mode: ModeSettings { limits, ..mode.clone() },
        accounts: &settings.accounts,
        now: app.now(),
        schools: &schools,
    };
    let reading = reading.in_encoding(Some(FileEncoding::Utf8));
    let Some(own) = own_rows(&rows, user, &reading, &terms) else { return Ok(Outlook::Unclear) };
    let names = Maker::new(&settings.accounts.usernames, &schools, terms.now);
    let directory = app.cloud.directory_get_named(&own.roster.valid.named(&names)).await?;
    let comparison = terms.comparison();
    let inputs = Inputs { reading: &reading, directory: &directory, comparison: &comparison, previous_rows: None };
    let planned = plan_checked(own.roster, &inputs);
    Ok(planned.map_or(Outlook::Unclear, |planned| outlook_of(planned, upload.mode, user.guid, &own.numbers)))
}

/// What the user's rows are compared by.
struct Terms<'a> {
    scope: &'a Scope,
    sender: Sender<'a>,
    mode: ModeSettings,
    accounts: &'a Accounts,
    now: u64,
    schools: &'a Schools,
}

impl Terms<'_> {
    fn comparison(&self) -> Comparison<'_> {
        Comparison {
            mode: Mode::Partial,
            sender: self.sender,
            scope: self.scope.clone(),
            settings: &self.mode,
            accounts: self.accounts,
            now: self.now,
            schools: self.schools,
            max_exchange_writes: MAX_EXCHANGE_WRITES,
            // Only GUIDs of new users are made of it, and no plan of these rows is kept.
            guid_seed: [0; 32],
            password_is_current: &|_, _| false,
        }
    }
}

/// Returns whether a sync like this removes the user who is absent from its file.
fn removes(upload: &Upload, user: &User, settings: &Settings) -> bool {
    let disabled = user.status == roster::Status::Disabled;
    let disables = settings.of(upload.mode).removal_action == RemovalAction::Disable;
    let is_synced = user.is_managed() && settings.accounts.syncs(user.user_type, user.grade);
    let is_own = user.source == upload.of_source;
    upload.mode.removes_absent() && is_own && is_synced && user.deleted_at.is_none() && !(disabled && disables)
}

/// The rows about one user, checked.
struct OwnRows {
    roster: CheckedRoster,
    /// The number that each has in the whole file.
    numbers: Vec<u32>,
}

/// Checks the rows that have the user's GUID or custom ID; where none has, those whose custom ID is the user's written
/// otherwise. `None` where they can't be read alone.
fn own_rows(rows: &[SentRow], user: &User, reading: &Reading, terms: &Terms) -> Option<OwnRows> {
    let all = checked_rows(rows.iter().collect(), reading, terms)?;
    let exact = |id: Option<&str>, guid: Option<Guid>| guid == Some(user.guid) || id == user.custom_id.as_deref();
    let valid = &all.roster.valid;
    let good = valid.rows.iter().filter(|row| exact(Some(&row.custom_id), row.guid)).map(|row| row.row);
    let rejected = valid.rejected.iter().filter(|row| exact(row.custom_id.as_deref(), row.guid)).map(|row| row.row);
    let own: BTreeSet<u32> = good.chain(rejected).filter_map(|row| all.number_of(row)).collect();
    if own.is_empty() || own.len() == rows.len() {
        return Some(all);
    }
    checked_rows(rows.iter().filter(|row| own.contains(&row.row)).collect(), reading, terms)
}

fn checked_rows(rows: Vec<&SentRow>, reading: &Reading, terms: &Terms) -> Option<OwnRows> {
    let headers = rows.first()?.cells.iter().map(|(header, _)| header.as_str()).collect::<Vec<_>>();
    let cells = rows.iter().map(|row| row.cells.iter().map(|(_, cell)| cell.as_str()).collect());
    let file = rows_file(&headers, cells);
    let (parsed, mut findings) = parse(&file, reading);
    let parsed = parsed?;
    let (valid, of_rows) = validate(&parsed, terms.schools, terms.scope, &terms.mode);
    findings.append(of_rows);
    let numbers = rows.iter().map(|row| row.row).collect();
    Some(OwnRows { roster: CheckedRoster { parsed, valid, findings }, numbers })
}

impl OwnRows {
    fn number_of(&self, row: u32) -> Option<u32> {
        number_in_whole(&self.numbers, row)
    }
}

/// Returns the number that a row of a file has of which only some rows were read, below the headers in row 1.
fn number_in_whole(numbers: &[u32], row: u32) -> Option<u32> {
    numbers.get(usize::try_from(row).ok()?.checked_sub(2)?).copied()
}

/// Returns what the plan of the user's own rows comes to.
fn outlook_of(planned: PlannedRoster, mode: Mode, user: Guid, numbers: &[u32]) -> Outlook {
    let whole = |row: Option<u32>| row.and_then(|row| number_in_whole(numbers, row));
    let change = planned.plan.changes.into_iter().find(|change| change.guid == user);
    if let Some(change) = change {
        // A sync of some user types makes nobody one of another type.
        let is_synced = change.after.as_ref().is_none_or(|after| mode.covers(after.user_type));
        let row = whole(change.row);
        return if is_synced { Outlook::Change(Box::new(Change { row, ..change })) } else { Outlook::Nothing };
    }
    let reasons = planned.findings.iter().filter(|finding| finding.severity() == Severity::Row);
    let reasons: Vec<FindingRow> =
        reasons.map(|finding| FindingRow { row: whole(finding.row), ..FindingRow::from(finding) }).collect();
    if reasons.is_empty() { Outlook::Nothing } else { Outlook::Rejected(reasons) }
}
