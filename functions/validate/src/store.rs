//! What a check leaves in the bucket.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;
use cloud::Cloud;
use cloud::bucket::{digest, from_lines, keys, lines};
use cloud::plans::{CHUNK, FINDINGS_PAGE};
use roster::{
    Change, ClassCounts, ClassKind, ClassPlan, ClassTally, EnrolmentKind, Fields, Findings, Guid, Password,
    PasswordSource, Reading, RowOfPart, SchoolId, SetPart, Tally,
};
use runtime::{parallel, passwords};
use serde::Serialize;
use wire::stored::{ChunkHead, ChunkOf, ClassHead, CutFindings, PasswordHash, PlanHead, Sources, VERSION};
use wire::{FileKind, UploadId};

use crate::ValidateFault;
use crate::planned::{PlannedUpload, WrittenPlan};

/// Keeps the file without its passwords, and answers with the digest of the copy if there is anything to keep.
pub(crate) async fn kept_copy(
    cloud: &Cloud,
    id: &UploadId,
    bytes: &Bytes,
    reading: &Reading,
) -> Result<Option<String>, ValidateFault> {
    let kept = match roster::without_secrets(bytes, reading) {
        // The same bytes need not be copied.
        std::borrow::Cow::Borrowed(kept) => bytes.slice_ref(kept),
        std::borrow::Cow::Owned(kept) => Bytes::from(kept),
    };
    if kept.is_empty() {
        return Ok(None);
    }
    cloud.object_put(&keys::uploaded(id), kept.clone()).await?;
    Ok(Some(digest(&kept)))
}

/// The digests of the kept copies.
pub(crate) struct KeptCopies {
    /// Of the file of users; empty where there is none.
    pub(crate) users: String,
    /// Of the other files of a set.
    pub(crate) parts: BTreeMap<SetPart, String>,
}

/// Writes the plan, its files and its findings.
pub(crate) async fn plan(
    cloud: &Cloud,
    id: &UploadId,
    checked: &PlannedUpload,
    kept: KeptCopies,
) -> Result<WrittenPlan, ValidateFault> {
    let (parsed, plan) = (&checked.parsed, &checked.plan);
    let mut chunks = Vec::new();
    for part in chunks_of(&plan.changes) {
        chunks.push(chunk(cloud, id, chunks.len() as u32, &part, checked).await?);
    }
    let class_rows = match &checked.classes {
        Some(classes) => {
            class_chunks(cloud, id, &mut chunks, classes).await?;
            Some(lines(&classes.rows))
        }
        None => None,
    };
    let pages = Pages::new(&checked.findings);
    let unchanged = lines(plan.unchanged.iter());
    let sources = Sources {
        uploaded: kept.users,
        parts: kept.parts,
        unchanged: digest(&unchanged),
        findings: pages.of_findings.iter().map(|page| digest(page)).collect(),
        cut_findings: pages.cut.as_deref().map(digest),
        password_seed: digest(&checked.password_seed),
    };
    let head = PlanHead {
        version: VERSION,
        upload: id.clone(),
        mode: plan.mode,
        scope: plan.scope.clone(),
        removal_action: plan.removal_action,
        counts: plan.counts,
        rekeys_with_removal: Some(plan.changes.iter().filter(|change| change.is_rekey_with_removal()).count() as u64),
        tallies: plan.tallies.clone(),
        holds: plan.holds.clone(),
        reading: parsed.reading.clone(),
        hands_out: checked.hands_out(),
        closes: checked.closes(),
        sources: Some(sources),
        classes: checked.classes.as_ref().zip(class_rows.as_deref()).map(|(classes, rows)| ClassHead {
            counts: classes.counts,
            tallies: classes.tallies.clone(),
            rows: digest(rows),
        }),
        chunks,
    };
    let head = serde_json::to_vec(&head).expect("our own types are JSON");
    let plan_digest = digest(&head);

    pages.write(cloud, id, Some(&plan_digest)).await?;
    cloud.object_put(&keys::unchanged(id, &plan_digest), unchanged).await?;
    if let Some(rows) = class_rows {
        cloud.object_put(&keys::class_rows(id, &plan_digest), rows).await?;
    }
    let plan_file = roster::plan_file(plan.changes.iter(), checked.classes.as_ref(), &checked.schools);
    cloud.object_put(&keys::plan_file(id, &plan_digest), plan_file).await?;
    let errors = error_files(cloud, id, checked, &plan_digest).await?;
    cloud.object_put(&keys::plan(id, &plan_digest), head).await?;
    Ok(WrittenPlan { digest: plan_digest, errors })
}

/// Writes the error files, each if it has any row, and answers which.
async fn error_files(
    cloud: &Cloud,
    id: &UploadId,
    checked: &PlannedUpload,
    plan_digest: &str,
) -> Result<Vec<FileKind>, ValidateFault> {
    let mut written = Vec::new();
    let of_set = checked.set.iter().flat_map(|set| set.files()).map(|(part, file)| (Some(part), file));
    let files: Vec<_> = [(None, &checked.parsed)].into_iter().chain(of_set).collect();
    for (part, file) in files {
        let errors = roster::errors_by_row(&checked.findings, part);
        if errors.is_empty() {
            continue;
        }
        let (key, kind) = match part {
            None => (keys::rejected_rows(id, plan_digest), FileKind::Errors),
            Some(part) => (keys::rejected_rows_part(id, plan_digest, part), FileKind::errors(part)),
        };
        cloud.object_put(&key, roster::error_file(file, &errors)).await?;
        written.push(kind);
    }
    Ok(written)
}

/// Writes the findings of a file that no row was read of.
pub(crate) async fn findings(cloud: &Cloud, id: &UploadId, findings: &Findings) -> Result<(), ValidateFault> {
    Pages::new(findings).write(cloud, id, None).await
}

/// Findings as they stand in the bucket.
struct Pages {
    of_findings: Vec<Vec<u8>>,
    /// The codes of those that are too many to be kept whole.
    cut: Option<Vec<u8>>,
}

impl Pages {
    fn new(findings: &Findings) -> Pages {
        let cut = findings.cut().iter().map(|(&RowOfPart { part, row }, &codes)| CutFindings { part, row, codes });
        let cut: Vec<CutFindings> = cut.collect();
        Pages {
            of_findings: findings.chunks(FINDINGS_PAGE).map(lines).collect(),
            cut: (!cut.is_empty()).then(|| lines(&cut)),
        }
    }

    async fn write(self, cloud: &Cloud, id: &UploadId, plan_digest: Option<&str>) -> Result<(), ValidateFault> {
        for (n, page) in (0..).zip(self.of_findings) {
            cloud.object_put(&keys::findings(id, plan_digest, n), page).await?;
        }
        if let Some(cut) = self.cut {
            cloud.object_put(&keys::cut_findings(id, plan_digest), cut).await?;
        }
        Ok(())
    }
}

/// A part of the plan that is carried out at once.
struct Chunk<'a> {
    changes: Vec<&'a Change>,
    last: bool,
}

/// Cuts the changes into chunks, and never between the changes of one exchange. Where there are several, those that
/// take administrators away are in chunks of their own.
fn chunks_of(changes: &[Change]) -> Vec<Chunk<'_>> {
    let together = |a: &Change, b: &Change| a.exchange.is_some() && a.exchange == b.exchange;
    let units = changes.chunk_by(together);
    if changes.len() <= CHUNK {
        return filled(units.collect(), false);
    }
    let (last, first) = units.partition(|unit| unit.iter().any(takes_administrator_away));
    filled(first, false).into_iter().chain(filled(last, true)).collect()
}

fn filled(units: Vec<&[Change]>, last: bool) -> Vec<Chunk<'_>> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for unit in units {
        match chunks.last_mut() {
            Some(chunk) if chunk.changes.len() < CHUNK => chunk.changes.extend(unit),
            _ => chunks.push(Chunk { changes: unit.iter().collect(), last }),
        }
    }
    chunks
}

fn takes_administrator_away(change: &Change) -> bool {
    let Some(before) = change.before.as_ref().filter(|before| before.is_active_administrator()) else { return false };
    let stays = |after: &Fields| after.is_active_administrator() && after.school == before.school;
    change.is_rekey_with_removal() || !change.restores && !change.after.as_ref().is_some_and(stays)
}

async fn chunk(
    cloud: &Cloud,
    id: &UploadId,
    n: u32,
    Chunk { changes, last }: &Chunk<'_>,
    checked: &PlannedUpload,
) -> Result<ChunkHead, ValidateFault> {
    let bytes = lines(changes);
    let chunk_digest = digest(&bytes);
    let passwords = hashes(cloud, ChunkId { id, n, chunk_digest: &chunk_digest }, changes, checked).await?;
    cloud.object_put(&keys::changes(id, n, &chunk_digest), bytes).await?;
    let (changes, tallies) = (changes.len() as u32, tallies(changes));
    let (of, class_tallies) = (ChunkOf::Users, Vec::new());
    Ok(ChunkHead { changes, digest: chunk_digest, passwords, tallies, last: *last, of, class_tallies })
}

/// Writes the chunks of classes and those of enrolments, and adds their heads.
async fn class_chunks(
    cloud: &Cloud,
    id: &UploadId,
    heads: &mut Vec<ChunkHead>,
    planned: &ClassPlan,
) -> Result<(), ValidateFault> {
    for changes in planned.classes.chunks(CHUNK) {
        let tallies =
            class_tallies(changes.iter().map(|change| (&change.after.school, ClassOrEnrolment::Class(change.kind))));
        class_chunk(cloud, id, heads, ChunkOf::Classes, changes, tallies).await?;
    }
    for changes in planned.enrolments.chunks(CHUNK) {
        let kinds = changes.iter().map(|change| (&change.shown.school, ClassOrEnrolment::Enrolment(change.kind)));
        class_chunk(cloud, id, heads, ChunkOf::Enrolments, changes, class_tallies(kinds)).await?;
    }
    Ok(())
}

async fn class_chunk<T: Serialize>(
    cloud: &Cloud,
    id: &UploadId,
    heads: &mut Vec<ChunkHead>,
    of: ChunkOf,
    changes: &[T],
    class_tallies: Vec<ClassTally>,
) -> Result<(), ValidateFault> {
    let bytes = lines(changes);
    let head = ChunkHead {
        changes: changes.len() as u32,
        digest: digest(&bytes),
        passwords: None,
        tallies: Vec::new(),
        last: false,
        of,
        class_tallies,
    };
    cloud.object_put(&keys::changes_of_chunk(id, heads.len() as u32, &head), bytes).await?;
    heads.push(head);
    Ok(())
}

/// What a change is of, and of which kind.
#[derive(Clone, Copy)]
enum ClassOrEnrolment {
    Class(ClassKind),
    Enrolment(EnrolmentKind),
}

fn class_tallies<'c>(changes: impl Iterator<Item = (&'c SchoolId, ClassOrEnrolment)>) -> Vec<ClassTally> {
    let mut tallies: BTreeMap<SchoolId, ClassCounts> = BTreeMap::new();
    for (school, kind) in changes {
        let counts = tallies.entry(school.clone()).or_default();
        match kind {
            ClassOrEnrolment::Class(kind) => counts.count_class(kind),
            ClassOrEnrolment::Enrolment(kind) => counts.count_enrolment(kind),
        }
    }
    tallies.into_iter().map(|(school, counts)| ClassTally { school: Some(school), counts }).collect()
}

/// Which chunk of which upload it is.
#[derive(Clone, Copy)]
struct ChunkId<'a> {
    id: &'a UploadId,
    n: u32,
    chunk_digest: &'a str,
}

/// Hashes the passwords of a chunk and answers with the digest of the hashes, if there are any. Hashing takes long: an
/// attempt that follows a broken one finds those that were hashed before. The key says which changes, and so which rows
/// of the file, they belong to. The default password is what it is now, so its hash stands among them, and who carries
/// the plan out decides nothing.
async fn hashes(
    cloud: &Cloud,
    place: ChunkId<'_>,
    changes: &[&Change],
    checked: &PlannedUpload,
) -> Result<Option<String>, ValidateFault> {
    let all = || changes.iter().flat_map(|change| change.passwords());
    let ahead: HashSet<Guid> = all().filter(|(_, source)| source.is_hashed_ahead()).map(|(guid, _)| guid).collect();
    if ahead.is_empty() {
        return Ok(None);
    }
    if let Some(before) = hashed_before(cloud, place, &ahead).await? {
        return Ok(Some(before));
    }
    let given = given(changes, &checked.passwords)?;
    let hashed = parallel::map(given, |(guid, password)| {
        passwords::hash(password.reveal()).map(|hash| PasswordHash { guid: *guid, hash })
    });
    let mut hashed = hashed.await.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (guid, _) in all().filter(|(_, source)| *source == PasswordSource::Default) {
        let hash = checked.default_password.clone().ok_or(ValidateFault::NoDefaultPassword)?;
        hashed.push(PasswordHash { guid, hash });
    }
    let bytes = lines(&hashed);
    let made = digest(&bytes);
    cloud.object_put(&keys::passwords(place.id, place.n, place.chunk_digest, &made), bytes).await?;
    Ok(Some(made))
}

/// Returns the passwords of the file that the changes set. Without one of them the plan could be approved and never
/// carried out.
fn given(changes: &[&Change], passwords: &HashMap<Guid, Password>) -> Result<Vec<(Guid, Password)>, ValidateFault> {
    let of_file = changes.iter().flat_map(|change| change.passwords()).filter(|(_, source)| source.is_of_file());
    let given = |guid| passwords.get(&guid).cloned().ok_or(ValidateFault::NoPassword(guid));
    of_file.map(|(guid, _)| Ok((guid, given(guid)?))).collect()
}

/// Returns the digest of the hashes that an attempt before made of all these users' passwords, if there are any, and
/// they are what their key says.
async fn hashed_before(
    cloud: &Cloud,
    place: ChunkId<'_>,
    users: &HashSet<Guid>,
) -> Result<Option<String>, ValidateFault> {
    let ChunkId { id, n, chunk_digest } = place;
    for object in cloud.object_list(&keys::passwords_of_chunk(id, n, chunk_digest)).await? {
        let Some(bytes) = cloud.object_get(&object.key).await? else { continue };
        let made = digest(&bytes);
        let hashes = from_lines::<PasswordHash>(&object.key, &bytes).unwrap_or_default();
        let whole = hashes.iter().map(|hash| hash.guid).collect::<HashSet<_>>() == *users;
        if whole && object.key == keys::passwords(id, n, chunk_digest, &made) {
            return Ok(Some(made));
        }
    }
    Ok(None)
}

fn tallies(changes: &[&Change]) -> Vec<Tally> {
    let mut tallies = BTreeMap::new();
    for change in changes {
        let group = change.shown().map(|fields| (fields.school.clone(), fields.user_type));
        let counts: &mut roster::Counts = tallies.entry(group).or_default();
        *counts.count_mut(change.kind) += 1;
    }
    let tally = |(group, counts): (Option<_>, _)| {
        let (school, user_type) = group.unzip();
        Tally { school, user_type, counts }
    };
    tallies.into_iter().map(tally).collect()
}

#[cfg(test)]
mod tests {
    use roster::{Grade, Kind, Status, UserType};

    use super::*;

    fn change(n: usize, exchange: Option<u32>) -> Change {
        let fields = Fields {
            custom_id: n.to_string(),
            first_name: String::new(),
            middle_name: String::new(),
            last_name: String::new(),
            email: String::new(),
            school: SchoolId("a".to_owned()),
            user_type: UserType::Student,
            position: String::new(),
            grade: Grade::Unspecified,
            status: Status::Active,
            username: n.to_string(),
            roles: roster::Roles::default(),
            source: None,
        };
        Change {
            kind: Kind::Updated,
            guid: Guid(Default::default()),
            row: None,
            seen_version: Some(1),
            before: Some(fields.clone()),
            after: Some(fields),
            password: None,
            restores: false,
            exchange,
            two_people: None,
            not_updated: Vec::new(),
        }
    }

    fn removed_administrator(n: usize, exchange: Option<u32>) -> Change {
        let mut change = Change { after: None, ..change(n, exchange) };
        change.before.as_mut().unwrap().user_type = UserType::Administrator;
        change
    }

    fn cut(changes: &[Change]) -> Vec<(usize, bool)> {
        chunks_of(changes).iter().map(|chunk| (chunk.changes.len(), chunk.last)).collect()
    }

    #[test]
    fn an_exchange_is_never_cut() {
        let exchange = |n: usize| (998..1003).contains(&n).then_some(1);
        let changes: Vec<Change> = (0..2100).map(|n| change(n, exchange(n))).collect();
        assert_eq!(cut(&changes), [(1003, false), (1000, false), (97, false)]);
        assert_eq!(cut(&changes[..0]), []);
    }

    #[test]
    fn a_password_that_is_missing_ends_the_check() {
        let mut lasting = change(1, None);
        lasting.password = Some(PasswordSource::FileLasting);
        let passwords = HashMap::from([(lasting.guid, Password::new("correct horse 9".to_owned()))]);
        assert!(given(&[&lasting], &passwords).is_ok_and(|given| given.len() == 1));
        let fault = given(&[&lasting], &HashMap::new()).unwrap_err();
        assert!(matches!(fault, ValidateFault::NoPassword(guid) if guid == lasting.guid) && fault.is_lasting());
    }

    #[test]
    fn administrators_go_last_where_there_are_several_chunks() {
        let mut changes: Vec<Change> = (0..998).map(|n| change(n, None)).collect();
        changes.insert(3, removed_administrator(1998, None));
        assert_eq!(cut(&changes), [(999, false)]);
        changes.push(removed_administrator(1999, Some(2)));
        changes.push(change(2000, Some(2)));
        assert_eq!(cut(&changes), [(998, false), (3, true)]);
    }
}
