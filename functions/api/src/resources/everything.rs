//! Everything that is kept about one person: what the list in `functions/cloud/docs/data.md` has of it.
//!
//! Nothing in it opens an account: no password, no hash of one, no token. What the person did as an administrator to others
//! is not in it, for the log is not kept by who acted. The completed file, the error file and the plan's file of an upload
//! are made of what is in it: the row that was sent, its change and its findings.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use cloud::audit::Trail;
use cloud::bucket::keys::{self, Part};
use cloud::kept::Kept;
use cloud::sessions::SessionTimes;
use cloud::sign_in_failures::FailedAttempts;
use roster::{
    Change, Class, ClassFields, ClassGuid, Enrolment, EnrolmentChange, Erased, Finding, Guid, SentRow, UnchangedRow,
    User, redact_copy, sent_rows,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::audit::{Action, Entry};
use wire::stored::{ChangeResult, HistoryEntry};
use wire::{Upload, UploadId};

use crate::app::App;
use crate::error::Failure;
use crate::resources::uploads::reading;

/// For how long uploads are gone through: a request has half a minute in all.
const AT_MOST: Duration = Duration::from_secs(18);

/// How many entries of the audit log are read at once.
const READ: usize = 100;

/// Everything that is kept about one person.
///
/// Times are milliseconds since 1970.
#[derive(Debug, Serialize)]
pub struct Everything {
    pub made_at: u64,
    /// The attributes of the account, as the table has them.
    pub user: BTreeMap<&'static str, Value>,
    pub custom_ids: Vec<String>,
    pub has_password: bool,
    /// When the present password was given or chosen; `None` where there is none, or it is not known.
    pub password_since: Option<u64>,
    pub history: Vec<HistoryEntry>,
    /// The entries about the person, but for what uploads did, which the history has.
    pub audit_log: Vec<Entry>,
    /// The places in classes, also those that ended in the last 30 days.
    pub enrolments: Vec<InClass>,
    /// Those that began in the last twelve hours.
    pub sessions: Vec<SessionTimes>,
    pub failed_sign_ins: Vec<FailedAttempts>,
    pub uploads: Vec<InUpload>,
    /// Uploads with files that there was no time to go through, or of whose files a part is gone or can't be read: the
    /// person may be in them, too, or be in more of their rows.
    pub uploads_left_out: Vec<UploadId>,
}

/// The person's place in a class.
#[derive(Debug, Serialize)]
pub struct InClass {
    pub class_id: String,
    pub class_name: String,
    #[serde(flatten)]
    pub enrolment: Enrolment,
}

/// What an upload that has files says of the person.
#[derive(Debug, Serialize)]
pub struct InUpload {
    pub upload: UploadId,
    pub file_name: String,
    pub created_at: u64,
    pub rows: Vec<SentRow>,
    pub changes: Vec<Change>,
    /// Rows that changed nothing.
    pub unchanged: Vec<UnchangedRow>,
    pub results: Vec<ChangeResult>,
    /// Changes of places in classes.
    pub enrolments: Vec<EnrolmentChange>,
    pub findings: Vec<Finding>,
}

impl Everything {
    /// Collects all of it.
    ///
    /// Of the uploads those come first that are in the person's history.
    ///
    /// # Errors
    ///
    /// Where the table or the bucket does not answer, or something in them can't be read.
    pub async fn collect(app: &App, user: &User) -> Result<Everything, Failure> {
        let cloud = &app.cloud;
        let account = cloud.account_get(user.guid).await?;
        let temporary_since = account.as_ref().and_then(|account| account.temporary_since);
        let has_password = account.is_some_and(|account| account.password_hash.is_some());
        let custom_ids = cloud.user_list_custom_ids(user).await?;
        let history = whole_history(app, user.guid).await?;
        let (uploads, uploads_left_out) = in_uploads(app, user.guid, &custom_ids, &history).await?;
        Ok(Everything {
            made_at: app.now(),
            user: cloud.user_get_attributes(user.guid).await?,
            custom_ids,
            has_password,
            password_since: last_given(&history).max(temporary_since).filter(|_| has_password),
            history,
            audit_log: whole_log(app, user).await?,
            enrolments: in_classes(app, user.guid).await?,
            sessions: cloud.session_list(user.guid).await?,
            failed_sign_ins: cloud.sign_in_list_failures(&user.username).await?,
            uploads,
            uploads_left_out,
        })
    }
}

/// Returns when a password was last given or chosen by hand.
fn last_given(history: &[HistoryEntry]) -> Option<u64> {
    let given = |entry: &&HistoryEntry| entry.fields.iter().any(|change| change.field == "password");
    history.iter().filter(given).map(|entry| entry.at).max()
}

async fn whole_history(app: &App, user: Guid) -> Result<Vec<HistoryEntry>, Failure> {
    let (mut history, mut next) = app.cloud.history_list_part(user, None).await?;
    while let Some(place) = next {
        let (older, after) = app.cloud.history_list_part(user, Some(&place)).await?;
        history.extend(older);
        next = after;
    }
    Ok(history)
}

async fn in_classes(app: &App, user: Guid) -> Result<Vec<InClass>, Failure> {
    let mut enrolments = app.cloud.enrolment_list_of_user(user).await?;
    enrolments.sort_by_key(|enrolment| enrolment.class);
    let guids: Vec<ClassGuid> = enrolments.iter().map(|enrolment| enrolment.class).collect();
    let classes = app.cloud.class_get_many(&guids).await?;
    let classes: HashMap<ClassGuid, Class> = classes.into_iter().map(|class| (class.guid, class)).collect();
    let named = enrolments.into_iter().map(|enrolment| {
        let fields = classes.get(&enrolment.class).map(|class| &class.fields);
        let text = |of: fn(&ClassFields) -> &String| fields.map(of).cloned().unwrap_or_default();
        InClass { class_id: text(|fields| &fields.class_id), class_name: text(|fields| &fields.name), enrolment }
    });
    Ok(named.collect())
}

async fn whole_log(app: &App, user: &User) -> Result<Vec<Entry>, Failure> {
    let (mut log, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = app.cloud.audit_list(Trail::User(user), 0..u64::MAX, cursor.as_deref(), READ).await?;
        log.extend(page.items.into_iter().filter(|entry| entry.action != Action::UserSynced));
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(log);
        }
    }
}

/// Returns what the uploads that have files say of the person, and which of them may say more.
///
/// They are gone through as long as there is time.
async fn in_uploads(
    app: &App,
    user: Guid,
    custom_ids: &[String],
    history: &[HistoryEntry],
) -> Result<(Vec<InUpload>, Vec<UploadId>), Failure> {
    let mut person = Erased::default();
    person.add(user, custom_ids.iter().map(String::as_str));
    let known: HashSet<&UploadId> = history.iter().filter_map(|entry| entry.upload.as_ref()).collect();
    let mut kept: Vec<UploadId> =
        app.cloud.upload_list_with_files(None).await?.into_iter().map(|Kept { id, .. }| id).collect();
    kept.reverse();
    kept.sort_by_key(|id| !known.contains(id));
    let (mut found, mut left_out, begun) = (Vec::new(), Vec::new(), Instant::now());
    for id in kept {
        if begun.elapsed() > AT_MOST {
            left_out.push(id);
            continue;
        }
        let upload = app.cloud.upload_get(&id).await?.map(|record| record.upload);
        if let Some(upload) = upload.filter(|upload| upload.files_deleted_at.is_none()) {
            let SearchedUpload { found: in_it, is_whole } = in_upload(app, &upload, &person).await?;
            found.extend(in_it);
            if !is_whole {
                left_out.push(id);
            }
        }
    }
    Ok((found, left_out))
}

/// What was found in the files of an upload.
struct SearchedUpload {
    /// `None` where they say nothing of the person.
    found: Option<InUpload>,
    /// All files were there, and each line of them was read.
    is_whole: bool,
}

/// Goes through the files of an upload for what they say of the person.
async fn in_upload(app: &App, upload: &Upload, person: &Erased) -> Result<SearchedUpload, Failure> {
    let mut found = InUpload::new(upload);
    let (mut missing, mut unreadable, mut has_copy) = (0, 0, false);
    let copy_key = keys::uploaded(&upload.id);
    let mut processed: HashMap<u32, Guid> = HashMap::new();
    let mut of_findings = Vec::new();
    for object in app.cloud.object_list(&keys::all_of(&upload.id)).await? {
        has_copy |= object.key == copy_key;
        let part = Part::from_key(&object.key);
        if !matches!(part, Some(Part::Changes | Part::Unchanged | Part::Results | Part::Findings | Part::Enrolments)) {
            // Of the same rows, in other forms, or of nobody.
            continue;
        }
        let Some(bytes) = app.cloud.object_get(&object.key).await? else {
            missing += 1;
            continue;
        };
        match part {
            Some(Part::Changes) => found.add_changes(values(&bytes, &mut unreadable), person, &mut processed),
            Some(Part::Unchanged) => found.add_unchanged(values(&bytes, &mut unreadable), person, &mut processed),
            Some(Part::Enrolments) => {
                let theirs = |change: &EnrolmentChange| {
                    [Some(change.user), change.two_people].into_iter().flatten().any(|user| person.has(user))
                };
                found.enrolments.extend(values(&bytes, &mut unreadable).filter(theirs));
            }
            Some(Part::Results) => {
                found
                    .results
                    .extend(values(&bytes, &mut unreadable).filter(|result: &ChangeResult| person.has(result.guid)));
            }
            // Whose they are is known when the rows are.
            _ => of_findings.push(bytes),
        }
    }
    let reading = reading(app, upload).await?;
    // An upload without a file of users has none.
    let copy = app.cloud.object_get(&copy_key).await?;
    missing += usize::from(has_copy && copy.is_none());
    let copy = copy.unwrap_or_default();
    let rows = redact_copy(&copy, &reading, person, &processed).rows;
    if !rows.is_empty() {
        found.rows = sent_rows(&copy, &reading, &rows);
    }
    for bytes in of_findings {
        found.add_findings(
            values(&bytes, &mut unreadable).filter(|finding| person.has_finding(finding, |row| rows.contains(&row))),
        );
    }
    let is_whole = missing == 0 && unreadable == 0;
    if !is_whole {
        tracing::warn!(upload = %upload.id, missing, unreadable, "an upload can't be gone through as a whole");
    }
    Ok(SearchedUpload { found: (!found.is_empty()).then_some(found), is_whole })
}

/// Returns the values of JSON lines one by one, for an upload may have a million, and counts those that can't be read.
fn values<'a, T: DeserializeOwned>(bytes: &'a [u8], unreadable: &'a mut usize) -> impl Iterator<Item = T> + 'a {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.filter_map(|line| {
        let value = serde_json::from_slice(line).ok();
        *unreadable += usize::from(value.is_none());
        value
    })
}

impl InUpload {
    fn new(upload: &Upload) -> InUpload {
        InUpload {
            upload: upload.id.clone(),
            file_name: upload.file_name.clone(),
            created_at: upload.created_at,
            rows: Vec::new(),
            changes: Vec::new(),
            unchanged: Vec::new(),
            results: Vec::new(),
            enrolments: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty()
            && self.changes.is_empty()
            && self.unchanged.is_empty()
            && self.results.is_empty()
            && self.enrolments.is_empty()
            && self.findings.is_empty()
    }

    fn add_changes(
        &mut self,
        changes: impl Iterator<Item = Change>,
        person: &Erased,
        processed: &mut HashMap<u32, Guid>,
    ) {
        for change in changes {
            processed.extend(change.row.map(|row| (row, change.guid)));
            if is_about(&change, person) {
                self.changes.push(change);
            }
        }
    }

    fn add_unchanged(
        &mut self,
        rows: impl Iterator<Item = UnchangedRow>,
        person: &Erased,
        processed: &mut HashMap<u32, Guid>,
    ) {
        for row in rows {
            processed.extend(row.guid.map(|guid| (row.row, guid)));
            if row.guid.is_some_and(|guid| person.has(guid)) {
                self.unchanged.push(row);
            }
        }
    }

    /// Adds each finding once: those of the check stand among all of an upload that has ended again.
    fn add_findings(&mut self, findings: impl Iterator<Item = Finding>) {
        for finding in findings {
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
        }
    }
}

/// Returns whether a change is about the person, or may be.
fn is_about(change: &Change, person: &Erased) -> bool {
    person.has(change.guid) || change.two_people.as_ref().is_some_and(|two_people| person.has(two_people.guid))
}
