//! Whether anything came of what a saved mapping read before.

use roster::UsedProfile;
use wire::{Status, Upload};

/// Returns why the columns are to be looked at again, in a sentence: nothing came of the last upload that the mapping
/// read, as it is now. `uploads` are the newest first.
pub(super) fn doubt_of(uploads: &[Upload], used: &UsedProfile) -> Option<String> {
    let is_over = |upload: &&Upload| upload.status.is_final() && upload.profile.as_ref() == Some(used);
    let last = uploads.iter().find(is_over)?;
    let became = match last.status {
        Status::Rejected => "that upload was rejected",
        Status::Failed => "that upload failed",
        _ if is_without_rows(last) => "every row of it was rejected",
        _ => return None,
    };
    Some(format!(
        "The mapping \u{201c}{}\u{201d} has read \u{201c}{}\u{201d} before, and {became}.",
        used.name, last.file_name
    ))
}

/// Returns whether no row of an upload was read to any purpose.
fn is_without_rows(upload: &Upload) -> bool {
    upload.counts.as_ref().is_some_and(|counts| {
        let read = [counts.created, counts.updated, counts.moved, counts.reactivated, counts.unchanged, counts.renamed];
        let others = [counts.rekeyed, counts.kept, counts.outside];
        counts.rejected > 0 && read.iter().chain(&others).all(|count| *count == 0)
    })
}

#[cfg(test)]
mod tests {
    use roster::Counts;

    use super::*;

    fn upload(status: Status, version: u32) -> Upload {
        let json = serde_json::json!({
            "id": "u", "status": "queued", "mode": "partial", "scope": "organisation", "source": {"bucket": {"key": "k"}},
            "file_name": "pupils.csv", "bytes": 1, "created_at": 1, "updated_at": 1, "failure": null, "counts": null,
            "findings": {}, "holds": [], "digest": null, "decision": null, "progress": null, "left_alone": 0, "files": []
        });
        let upload: Upload = serde_json::from_value(json).expect("an upload");
        Upload { status, profile: Some(used(version)), ..upload }
    }

    fn used(version: u32) -> UsedProfile {
        UsedProfile { name: "SIS".to_owned(), version, digest: format!("d{version}") }
    }

    #[test]
    fn a_mapping_whose_last_upload_came_to_nothing_is_looked_at_again() {
        let (rejected, done) = (upload(Status::Rejected, 1), upload(Status::Completed, 1));
        let says = |uploads: &[Upload]| doubt_of(uploads, &used(1)).unwrap_or_default();
        assert!(says(&[rejected.clone(), done.clone()]).ends_with("and that upload was rejected."));
        assert_eq!(says(&[done.clone(), rejected.clone()]), "", "the newest counts");
        assert_eq!(says(&[upload(Status::Rejected, 2), done.clone()]), "", "it was another version");
        assert_eq!(says(&[upload(Status::AwaitingApproval, 1)]), "");
        let counted = |counts| Upload { counts: Some(counts), ..upload(Status::CompletedWithErrors, 1) };
        assert!(
            says(&[counted(Counts { rejected: 2, ..Counts::default() })]).ends_with("every row of it was rejected.")
        );
        assert_eq!(says(&[counted(Counts { rejected: 2, created: 1, ..Counts::default() })]), "");
    }
}
