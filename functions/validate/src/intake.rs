//! From an object of the inbox to the upload that it is: whose it is, and what it may touch.

use cloud::Cloud;
use cloud::bucket::{Head, digest, keys};
use cloud::tickets::Ticket;
use cloud::uploads::upload_id_of;
use roster::{Mode, School, Scope, SourceId, WatchPause};
use wire::{Source, Upload, UploadId};

use crate::ValidateFault;
use crate::known_settings::KnownSettings;
use crate::set_folder::SetFolder;

/// What an object is.
pub(crate) struct Intake {
    pub(crate) ticket: Ticket,
    /// Why it is not even looked into.
    pub(crate) refusal: Option<&'static str>,
}

/// The folder below that of a mode with a folder for each school, which has the school's external ID as its name.
const SCHOOLS: &str = "schools";

/// The folder below that of a mode with a folder for each source, which has the source's short name.
const SOURCES: &str = "sources";

const UNKNOWN_SOURCE: &str = "The file was put under inbox/…/sources, and not into a folder there whose name is the short \
                              name of a source: rename the folder, or name the source on the page Settings first, and \
                              put the file there again.";

const WRONG_FOLDER: &str = "The file was put where nobody can tell what kind of roster it is: put it into the folder \
                            inbox/partial, inbox/full, inbox/students or inbox/staff.";

const UNKNOWN_SCHOOL: &str = "The file was put under inbox/…/schools, and not into a folder there whose name is the \
                              external ID of exactly one school: rename the folder, or create the school on the page \
                              Schools first, and put the file there again.";

const FORGOTTEN: &str = "The file lay so long before Rollbook could look at it that it is no longer known who sent it. \
                         Upload it again; where a program put it, into a folder that has another name.";

const ANOTHER_FILE: &str = "What arrived is not the file that was sent: it was changed on its way, or somebody put \
                            another one in its place. Nothing was changed. Upload it again; if that happens once more, \
                            ask whoever runs Rollbook who else may write into the bucket.";

impl Intake {
    /// Reads what an object of the inbox is. One with a ticket is what an administrator uploads on the page, within the
    /// scope that was chosen; any other was dropped by somebody with rights on the bucket, and may touch the school in
    /// whose folder it is, or the whole organisation.
    ///
    /// Tickets expire, and an object that once had one must not be taken for a dropped one: the upload that it was made
    /// is asked, and where there is none it is refused.
    pub(crate) async fn read(
        cloud: &Cloud,
        settings: &KnownSettings,
        object: &Head,
        now: u64,
    ) -> Result<Intake, ValidateFault> {
        let path: Vec<&str> = object.key.strip_prefix(keys::INBOX).unwrap_or(&object.key).split('/').collect();
        let had_ticket = if let [_, id, _] = path[..] { id_of_upload(id) } else { None };
        if let Some(id) = &had_ticket {
            let ticket = match cloud.ticket_get(id).await? {
                Some(ticket) => Some(ticket),
                None => cloud.upload_get(id).await?.and_then(|record| of_upload(record.upload, object)),
            };
            if let Some(ticket) = ticket.filter(|ticket| ticket.key == object.key) {
                return Ok(Intake { ticket: Ticket { bytes: object.bytes, ..ticket }, refusal: None });
            }
        }
        let mode = if path.len() > 1 { Mode::from_word(path[0]) } else { None };
        let (folder_source, below) = source_of(settings, &path)?;
        let scope = scope_of(cloud, below).await?;
        let ticket = Ticket {
            id: upload_id_of(object),
            mode: mode.unwrap_or(Mode::Partial),
            by_hand: false,
            scope: scope.clone().unwrap_or(Scope::Organisation),
            source: Source::Bucket { key: object.key.clone() },
            of_source: if let FolderSource::Known(source) = &folder_source { Some(source.clone()) } else { None },
            file_name: file_name(&object.key).to_owned(),
            encoding: None,
            sheet: None,
            checked: None,
            bytes: object.bytes,
            sha256: None,
            key: object.key.clone(),
            created_at: now,
        };
        let refusal = mode.is_none().then_some(WRONG_FOLDER);
        let refusal = refusal.or((folder_source == FolderSource::Unknown).then_some(UNKNOWN_SOURCE));
        let refusal = refusal.or(scope.is_none().then_some(UNKNOWN_SCHOOL)).or(had_ticket.map(|_| FORGOTTEN));
        Ok(Intake { ticket, refusal })
    }

    /// Returns why the content of the object is not looked at. Whoever may write into the inbox could put another file
    /// in the place of an administrator's, which would have that one's scope and roles and pass for somebody's own.
    pub(crate) fn refusal_of(&self, bytes: &[u8]) -> Option<&'static str> {
        let announced = self.ticket.sha256.as_ref();
        announced.is_some_and(|announced| *announced != digest(bytes)).then_some(ANOTHER_FILE)
    }

    /// Returns the upload as it enters the history: being checked, or waiting for the end of a pause.
    pub(crate) fn upload(&self, pause: Option<&WatchPause>, now: u64) -> Upload {
        let mut upload = self.ticket.upload(now);
        match pause {
            Some(pause) => upload.hold(pause),
            None => upload.begin_check(),
        }
        upload
    }
}

/// Returns what a dropped file is called in the history: a set by its folder, for its manifest is called as any other.
fn file_name(key: &str) -> &str {
    let set = SetFolder::of(key).filter(SetFolder::is_closed_by_it);
    set.map_or_else(|| key.rsplit('/').next().unwrap_or_default(), |set| set.name())
}

/// Returns the ticket that an upload was made of, if it had one. Its key has the upload's id, which nobody else is
/// given.
fn of_upload(upload: Upload, object: &Head) -> Option<Ticket> {
    let ticket = Ticket {
        id: upload.id,
        mode: upload.mode,
        by_hand: upload.by_hand,
        scope: upload.scope,
        source: upload.source,
        of_source: upload.of_source,
        file_name: upload.file_name,
        encoding: upload.encoding,
        sheet: upload.sheet,
        checked: upload.checked,
        bytes: upload.bytes,
        sha256: upload.sha256,
        key: object.key.clone(),
        created_at: upload.created_at,
    };
    matches!(ticket.source, Source::Administrator { .. }).then_some(ticket)
}

/// Returns the id that a folder is named by, if it is one of an upload: the folders that programs make are named
/// otherwise.
fn id_of_upload(folder: &str) -> Option<UploadId> {
    let id = uuid::Uuid::parse_str(folder).ok()?;
    (id.get_version_num() == 7 && id.to_string() == folder).then(|| UploadId(folder.to_owned()))
}

/// The source of a dropped file, by the folder that it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum FolderSource {
    /// It lies in no folder of a source.
    None,
    Known(SourceId),
    /// It lies in, or beside, a folder of a source that there is not.
    Unknown,
}

/// Returns the source in whose folder a dropped file was put, and the rest of its path below the mode.
fn source_of<'p>(
    settings: &KnownSettings,
    path: &'p [&'p str],
) -> Result<(FolderSource, &'p [&'p str]), ValidateFault> {
    let below_mode = path.get(1..).unwrap_or_default();
    match below_mode {
        [folder, below @ ..] if !below.is_empty() && is_like(folder, SOURCES) => {
            let [name, rest @ ..] = below else { return Ok((FolderSource::Unknown, &[])) };
            let (id, rules) = (SourceId((*name).to_owned()), &settings.get()?.sources);
            let is_known = *folder == SOURCES && !rest.is_empty() && rules.by_id(&id).is_some();
            Ok((if is_known { FolderSource::Known(id) } else { FolderSource::Unknown }, rest))
        }
        _ => Ok((FolderSource::None, below_mode)),
    }
}

/// Returns whether somebody meant this folder, however it is written.
fn is_like(folder: &str, name: &str) -> bool {
    let folder = folder.trim().to_lowercase();
    folder == name || Some(folder.as_str()) == name.strip_suffix('s')
}

/// Returns whose users a dropped file may touch: those of the school whose folder it was put into, or everybody. `None`
/// where there is no such school, or the file lies beside the folders of schools: whoever put it there meant one, and the
/// whole organisation would be taken for it. `path` is that below the mode and the source.
async fn scope_of(cloud: &Cloud, path: &[&str]) -> Result<Option<Scope>, ValidateFault> {
    let [folder, below @ ..] = path else { return Ok(Some(Scope::Organisation)) };
    // The last part is the name of the file.
    if below.is_empty() || !is_like(folder, SCHOOLS) {
        return Ok(Some(Scope::Organisation));
    }
    // The folder of a source comes first.
    if *folder != SCHOOLS || below.iter().any(|part| is_like(part, SOURCES)) {
        return Ok(None);
    }
    // External IDs may have a slash in them.
    let (below, schools) = (below.join("/"), cloud.school_list().await?);
    let in_folder_of =
        |school: &&School| below.strip_prefix(&school.external_id).is_some_and(|rest| rest.starts_with('/'));
    let mut found = schools.iter().filter(in_folder_of);
    let (first, second) = (found.next(), found.next());
    Ok(first.filter(|_| second.is_none()).map(|school| Scope::School(school.id.clone())))
}
