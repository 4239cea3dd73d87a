//! What became of every row of an upload, and the files that say it.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use cloud::Cloud;
use cloud::bucket::{from_lines, keys};
use cloud::plans::sources;
use roster::{
    Change, ClassChange, ClassCounts, ClassGuid, ClassRow, Code, Column, CompletedClass, CompletedRow, Counts,
    EnrolmentChange, Finding, Findings, Guid, RowOfPart, UnchangedRow,
};
use runtime::metrics::{self, Metric};
use wire::stored::{ChangeResult, ChunkOf, CutFindings, Outcome, PlanHead};
use wire::{FileKind, Upload, UploadId};

use crate::ApplyFault;
use crate::class_chunk::{self, ClassChanges};

/// What became of every row.
pub(crate) struct Report {
    pub(crate) head: PlanHead,
    /// The kept copy of the file.
    pub(crate) kept: Bytes,
    pub(crate) completed: BTreeMap<u32, CompletedRow>,
    /// Those of the check, and of what was left alone.
    pub(crate) findings: Findings,
    pub(crate) applied: u64,
    pub(crate) left_alone: u64,
    /// How many of each kind were carried out.
    pub(crate) done: Counts,
    /// The same of classes and enrolments, where the plan has any.
    pub(crate) class_done: Option<ClassCounts>,
    /// What became of what rows say of classes.
    pub(crate) class_rows: BTreeMap<RowOfPart, CompletedClass>,
}

impl Report {
    /// Reads what became of every row of an upload.
    pub(crate) async fn read(cloud: &Cloud, upload: &Upload) -> Result<Report, ApplyFault> {
        let id = &upload.id;
        let digest = upload.digest.as_deref().ok_or(ApplyFault::Incomplete(id.clone(), "a digest"))?;
        let head = cloud.plan_head_get(id, digest).await?;
        let chunks = head.chunks.len();
        let kept = match &*sources(&head)?.uploaded {
            "" => Bytes::new(),
            uploaded => cloud.object_get_intact(&keys::uploaded(id), uploaded).await?,
        };
        let mut report = Report::new(head, kept);
        report.add_unchanged(cloud, id, digest).await?;
        report.add_class_rows(cloud, id, digest).await?;
        report.add_findings_of_check(cloud, upload, digest).await?;
        let seed = match chunks {
            0 => None,
            _ => Some(cloud.plan_seeds_get(&report.head).await?.password),
        };
        for n in 0..chunks {
            Box::pin(report.add_chunk(cloud, upload, n as u32, seed.as_ref())).await?;
        }
        report.join_classes();
        report.findings.sort();
        Ok(report)
    }

    /// Begins with nothing but the plan and the kept copy of its file.
    pub(crate) fn new(head: PlanHead, kept: Bytes) -> Report {
        let class_done = head.classes.as_ref().map(|classes| classes.counts.before_changes());
        Report {
            head,
            kept,
            completed: BTreeMap::new(),
            findings: Findings::default(),
            applied: 0,
            left_alone: 0,
            done: Counts::default(),
            class_done,
            class_rows: BTreeMap::new(),
        }
    }

    /// Adds the rows that change no enrolment.
    pub(crate) async fn add_class_rows(
        &mut self,
        cloud: &Cloud,
        id: &UploadId,
        digest: &str,
    ) -> Result<(), ApplyFault> {
        let Some(expected) = self.head.classes.as_ref().map(|classes| classes.rows.clone()) else { return Ok(()) };
        let rows: Vec<ClassRow> = cloud.object_get_intact_lines(keys::class_rows(id, digest), &expected).await?;
        self.class_rows.extend(rows.into_iter().map(|ClassRow { part, row, class, why, .. }| {
            let completed = CompletedClass { guid: class, result: why.as_str() };
            (RowOfPart { part, row }, completed)
        }));
        Ok(())
    }

    /// Adds what became of a chunk of classes or enrolments.
    pub(crate) fn add_class_changes(&mut self, changes: &ClassChanges, outcomes: &[Outcome]) {
        match changes {
            ClassChanges::Classes(changes) => {
                for (change, outcome) in changes.iter().zip(outcomes) {
                    self.add_class_change(change, *outcome);
                }
            }
            ClassChanges::Enrolments(changes) => {
                for (change, outcome) in changes.iter().zip(outcomes) {
                    self.add_enrolment(change, *outcome);
                }
            }
        }
    }

    fn add_class_change(&mut self, change: &ClassChange, outcome: Outcome) {
        if outcome == Outcome::Done {
            self.applied += 1;
            self.class_done.get_or_insert_default().count_class(change.kind);
            if change.part.is_some() {
                let completed = CompletedClass { guid: change.class, result: change.kind.as_str() };
                self.class_rows.extend(change.row.map(|row| (RowOfPart { part: change.part, row }, completed)));
            }
            return;
        }
        self.left_alone += 1;
        let finding = Finding::at(Code::ClassDrifted, change.row.unwrap_or(0), Column::ClassId, &change.after.class_id);
        self.findings.push(Finding { row: change.row, ..finding.in_part(change.part) });
    }

    fn add_enrolment(&mut self, change: &EnrolmentChange, outcome: Outcome) {
        if outcome == Outcome::Done {
            self.applied += 1;
            self.class_done.get_or_insert_default().count_enrolment(change.kind);
            let completed = CompletedClass { guid: change.class, result: change.kind.as_str() };
            self.class_rows.extend(change.row.map(|row| (RowOfPart { part: change.part, row }, completed)));
            return;
        }
        self.left_alone += 1;
        let finding =
            Finding::at(Code::EnrolmentDrifted, change.row.unwrap_or(0), Column::ClassId, &change.shown.class_id);
        self.findings.push(Finding { row: change.row, ..finding.in_part(change.part) });
    }

    /// Returns whether it is of a set that has no file of users.
    fn has_no_users(&self) -> bool {
        self.head.sources.as_ref().is_some_and(|sources| sources.uploaded.is_empty())
    }

    /// Puts what became of classes into the lines of their rows.
    pub(crate) fn join_classes(&mut self) {
        for (RowOfPart { part, row }, class) in &self.class_rows {
            if let (None, Some(completed)) = (part, self.completed.get_mut(row)) {
                completed.class = Some(class.clone());
            }
        }
    }

    /// Returns the GUIDs of what was processed of rows with errors.
    fn guids(&self) -> BTreeMap<u32, (Option<Guid>, Option<ClassGuid>)> {
        let guids = |row: &CompletedRow| (row.guid, row.class.as_ref().map(|class| class.guid));
        self.completed.iter().map(|(row, completed)| (*row, guids(completed))).collect()
    }

    /// Adds the rows that change nothing.
    pub(crate) async fn add_unchanged(&mut self, cloud: &Cloud, id: &UploadId, digest: &str) -> Result<(), ApplyFault> {
        let expected = &sources(&self.head)?.unchanged;
        let unchanged: Vec<UnchangedRow> = cloud.object_get_intact_lines(keys::unchanged(id, digest), expected).await?;
        self.completed.extend(unchanged.into_iter().map(|unchanged| {
            let UnchangedRow { row, guid, username, why, not_updated } = unchanged;
            let result = why.as_str();
            (row, CompletedRow { guid, username, temporary_password: None, result, not_updated, class: None })
        }));
        Ok(())
    }

    /// Adds what was found when the file was checked.
    pub(crate) async fn add_findings_of_check(
        &mut self,
        cloud: &Cloud,
        upload: &Upload,
        digest: &str,
    ) -> Result<(), ApplyFault> {
        let mut kept: Vec<Finding> = Vec::new();
        for (n, expected) in (0..).zip(&sources(&self.head)?.findings) {
            kept.extend(cloud.object_get_intact_lines(keys::findings(&upload.id, Some(digest), n), expected).await?);
        }
        let cut = cloud.finding_list_cut(digest, &self.head).await?;
        let cut = cut.into_iter().map(|CutFindings { part, row, codes }| (RowOfPart { part, row }, codes));
        self.findings = Findings::restore(kept, upload.findings.clone(), cut.collect());
        Ok(())
    }

    async fn add_chunk(
        &mut self,
        cloud: &Cloud,
        upload: &Upload,
        n: u32,
        seed: Option<&[u8; 32]>,
    ) -> Result<(), ApplyFault> {
        let id = &upload.id;
        let decision = upload.decision.as_ref().ok_or(ApplyFault::Incomplete(id.clone(), "a decision"))?;
        let chunk = self.head.chunks[n as usize].clone();
        if chunk.of != ChunkOf::Users {
            let changes = class_chunk::changes(cloud, upload, (n, &chunk), decision).await?;
            let missing = ApplyFault::Incomplete(id.clone(), "the results of a part");
            let outcomes = class_chunk::outcomes(cloud, upload, n).await?;
            let whole = outcomes.filter(|outcomes| outcomes.len() == changes.len()).ok_or(missing)?;
            self.add_class_changes(&changes, &whole);
            return Ok(());
        }
        let changes = cloud.plan_changes_get_decided(upload, n, &chunk, decision).await?;
        let key = keys::results(id, n);
        let missing = ApplyFault::Incomplete(id.clone(), "the results of a part");
        let results: Vec<ChangeResult> = from_lines(&key, &cloud.object_get(&key).await?.ok_or(missing)?)?;
        let outcomes: HashMap<Guid, Outcome> =
            results.into_iter().map(|result| (result.guid, result.outcome)).collect();
        for change in &changes {
            let outcome =
                outcomes.get(&change.guid).ok_or(ApplyFault::Incomplete(id.clone(), "the result of a change"))?;
            self.add_change(change, *outcome, seed);
        }
        Ok(())
    }

    /// Adds what became of the row of a change; `seed` is that of temporary passwords, if there are any.
    pub(crate) fn add_change(&mut self, change: &Change, outcome: Outcome, seed: Option<&[u8; 32]>) {
        let code = match outcome {
            Outcome::Done => {
                self.applied += 1;
                *self.done.count_mut(change.kind) += 1;
                self.completed.extend(change.row.map(|row| (row, completed(change, seed))));
                return;
            }
            Outcome::Drifted => Code::UserDrifted,
            Outcome::Taken => Code::TakenMeanwhile,
            Outcome::Protected => Code::UserProtected,
        };
        self.left_alone += 1;
        let custom_id = change.shown().map_or("", |fields| &fields.custom_id);
        let of_row = |row| Finding::at(code, row, Column::CustomId, custom_id);
        self.findings.push(match change.row {
            Some(row) => of_row(row),
            // A removed user is in no row: the custom ID says who it is.
            None => Finding { row: None, ..of_row(0) },
        });
    }
}

fn completed(change: &Change, seed: Option<&[u8; 32]>) -> CompletedRow {
    let password = change.password.zip(seed).and_then(|(source, seed)| source.temporary_password(seed, change.guid));
    CompletedRow {
        guid: Some(change.guid),
        username: change.shown().map(|fields| fields.username.clone()).unwrap_or_default(),
        temporary_password: password,
        result: change.result(),
        not_updated: change.not_updated.clone(),
        class: None,
    }
}

/// Measures an upload that ended.
pub(crate) fn measure(upload: &UploadId, applied: u64, left_alone: u64, now: u64) {
    let measured = [(Metric::ChangesApplied, applied as f64), (Metric::ChangesLeftAlone, left_alone as f64)];
    metrics::print(now, Some(&upload.0), &measured);
}

/// Writes the completed file and the error file, the latter under `errors_key`, each if it has any row. Returns which;
/// `None` where the kept copy of the file can't be read.
pub(crate) async fn write_files(
    cloud: &Cloud,
    id: &UploadId,
    report: &Report,
    errors_key: &str,
) -> Result<Option<Vec<FileKind>>, ApplyFault> {
    let mut files = Vec::new();
    if !report.has_no_users() {
        let (Some(parsed), _) = roster::parse(&report.kept, &report.head.reading) else { return Ok(None) };
        if write_completed(cloud, id, &parsed, &report.completed).await? {
            files.push(FileKind::Completed);
        }
        if write_errors(cloud, errors_key, &parsed, report).await? {
            files.push(FileKind::Errors);
        }
    }
    let Some(of_parts) = write_parts(cloud, id, report).await? else { return Ok(None) };
    files.extend(of_parts);
    Ok(Some(files))
}

/// Writes the completed files and the error files of the other files of a set, each if it has any row. Returns which;
/// `None` where a kept copy can't be read.
async fn write_parts(cloud: &Cloud, id: &UploadId, report: &Report) -> Result<Option<Vec<FileKind>>, ApplyFault> {
    let mut files = Vec::new();
    for (part, expected) in &sources(&report.head)?.parts {
        let kept = cloud.object_get_intact(&keys::uploaded_part(id, *part), expected).await?;
        let (Some(parsed), _) = roster::parse_part(&kept, *part, &report.head.reading) else { return Ok(None) };
        let of_part =
            |(of, class): (&RowOfPart, &CompletedClass)| (of.part == Some(*part)).then(|| (of.row, class.clone()));
        let done: BTreeMap<u32, CompletedClass> = report.class_rows.iter().filter_map(of_part).collect();
        if !done.is_empty() {
            cloud.object_put(&keys::completed_part(id, *part), roster::completed_part(&parsed, &done)).await?;
            files.push(FileKind::completed(*part));
        }
        let guids = done.iter().map(|(row, class)| (*row, (None, Some(class.guid)))).collect();
        let errors = roster::errors_by_row(&report.findings, Some(*part)).with_guids(guids);
        if !errors.is_empty() {
            cloud.object_put(&keys::errors_part(id, *part), roster::error_file(&parsed, &errors)).await?;
            files.push(FileKind::errors(*part));
        }
    }
    Ok(Some(files))
}

/// Writes the completed file, with the temporary passwords and without, if it has any row.
async fn write_completed(
    cloud: &Cloud,
    id: &UploadId,
    parsed: &roster::ParsedRoster,
    completed: &BTreeMap<u32, CompletedRow>,
) -> Result<bool, ApplyFault> {
    // Before the upload has ended nobody gets a link; so the passwords are there when the first one does.
    if completed.values().any(|row| row.temporary_password.is_some()) {
        cloud.object_put(&keys::credentials(id), roster::credentials_file(parsed, completed)).await?;
    }
    if !completed.is_empty() {
        cloud.object_put(&keys::completed(id), roster::completed_file(parsed, completed)).await?;
    }
    Ok(!completed.is_empty())
}

/// Writes the error file under `key`, if it has any row.
async fn write_errors(
    cloud: &Cloud,
    key: &str,
    parsed: &roster::ParsedRoster,
    report: &Report,
) -> Result<bool, ApplyFault> {
    let errors = roster::errors_by_row(&report.findings, None).with_guids(report.guids());
    if !errors.is_empty() {
        cloud.object_put(key, roster::error_file(parsed, &errors)).await?;
    }
    Ok(!errors.is_empty())
}
