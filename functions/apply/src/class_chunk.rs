//! Carries one chunk of classes or enrolments out, and tells what became of it.

use cloud::Cloud;
use cloud::bucket::{from_lines, keys, lines};
use cloud::changes::Applying;
use roster::{ClassChange, EnrolmentChange};
use wire::stored::{ChunkHead, ChunkOf, ClassResult, Outcome};
use wire::{Decision, Upload};

use crate::ApplyFault;

/// Makes the changes of chunk `n`, and writes what became of them.
pub(crate) async fn make_changes(
    cloud: &Cloud,
    upload: &Upload,
    (n, chunk): (u32, &ChunkHead),
    applying: &Applying<'_>,
) -> Result<(), ApplyFault> {
    let results: Vec<ClassResult> = match changes(cloud, upload, (n, chunk), applying.decision).await? {
        ClassChanges::Classes(changes) => {
            let outcomes = cloud.class_carry_out(&changes, applying).await?;
            let result =
                |(change, outcome): (&ClassChange, _)| ClassResult { class: change.class, user: None, outcome };
            changes.iter().zip(outcomes).map(result).collect()
        }
        ClassChanges::Enrolments(changes) => {
            let outcomes = cloud.enrolment_carry_out(&changes, applying).await?;
            let result = |(change, outcome): (&EnrolmentChange, _)| ClassResult {
                class: change.class,
                user: Some(change.user),
                outcome,
            };
            changes.iter().zip(outcomes).map(result).collect()
        }
    };
    cloud.object_put(&keys::class_results(&upload.id, n), lines(&results)).await?;
    tracing::info!(upload = %upload.id, chunk = n, changes = results.len(), "carried out");
    Ok(())
}

/// Changes of classes, or of enrolments.
pub(crate) enum ClassChanges {
    Classes(Vec<ClassChange>),
    Enrolments(Vec<EnrolmentChange>),
}

impl ClassChanges {
    /// Returns how many changes there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            ClassChanges::Classes(changes) => changes.len(),
            ClassChanges::Enrolments(changes) => changes.len(),
        }
    }
}

/// Returns what is carried out of chunk `n`, which is not of users, by a decision.
pub(crate) async fn changes(
    cloud: &Cloud,
    upload: &Upload,
    (n, chunk): (u32, &ChunkHead),
    decision: &Decision,
) -> Result<ClassChanges, ApplyFault> {
    Ok(match chunk.of {
        ChunkOf::Enrolments => {
            let changes = cloud.plan_enrolments_get(upload, n, chunk).await?;
            ClassChanges::Enrolments(decision.chosen_enrolments(changes))
        }
        ChunkOf::Classes | ChunkOf::Users => {
            ClassChanges::Classes(cloud.plan_class_changes_get(upload, n, chunk).await?)
        }
    })
}

/// Returns what became of the changes of chunk `n`, in their order; `None` where that is not told.
pub(crate) async fn outcomes(cloud: &Cloud, upload: &Upload, n: u32) -> Result<Option<Vec<Outcome>>, ApplyFault> {
    let key = keys::class_results(&upload.id, n);
    let Some(bytes) = cloud.object_get(&key).await? else { return Ok(None) };
    let results: Vec<ClassResult> = from_lines(&key, &bytes)?;
    Ok(Some(results.into_iter().map(|result| result.outcome).collect()))
}
