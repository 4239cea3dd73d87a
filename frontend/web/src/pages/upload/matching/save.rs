//! A mapping is saved with the settings, before a file is sent that it reads.

use roster::MappingProfile;
use wire::http::SettingsDocument;

use crate::api::{Api, ApiResult};
use crate::failure::{CallFailure, said};

/// Saves a mapping in place of those that it replaces, and returns it as it is stored. `seen` are the mappings that
/// somebody saw. Where somebody else has saved the settings in between, they are loaded and tried once more.
///
/// # Errors
///
/// Where what it replaces is not as it was seen.
pub(crate) async fn save(api: Api, profile: &MappingProfile, seen: &[MappingProfile]) -> ApiResult<MappingProfile> {
    match save_once(api, profile, seen).await {
        Err(failure) if failure.problem.code == "settings_changed" => save_once(api, profile, seen).await,
        answer => answer,
    }
}

async fn save_once(api: Api, profile: &MappingProfile, seen: &[MappingProfile]) -> ApiResult<MappingProfile> {
    let mut document: SettingsDocument = api.settings().await?;
    put(&mut document.settings.reading.profiles, profile.clone(), seen)?;
    let stored = api.save_settings(&document).await?.settings.reading.profiles;
    Ok(stored.into_iter().find(|other| other.name == profile.name).unwrap_or_else(|| profile.clone()))
}

/// Puts a mapping in the place of those that it replaces.
fn put(profiles: &mut Vec<MappingProfile>, profile: MappingProfile, seen: &[MappingProfile]) -> ApiResult<()> {
    if let Some(other) = profiles.iter().find(|other| profile.replaces(other) && !seen.contains(other)) {
        let message = format!("Somebody else has saved the mapping \u{201c}{}\u{201d} meanwhile.", other.name);
        let hint =
            "Nothing was replaced or sent. Choose the file again: if that mapping reads it, there is nothing to do.";
        return Err(CallFailure { status: 0, problem: said("mapping_changed", &message, hint), retry_after: None });
    }
    let place = profiles.iter().position(|other| profile.replaces(other)).unwrap_or(profiles.len());
    profiles.retain(|other| !profile.replaces(other));
    profiles.insert(place, profile);
    Ok(())
}

/// Returns what a mapping is called at first: as the one for the same headers, or the one that it is to replace because it
/// no longer fits; else a name that no other has.
pub(super) fn name_for(profile: &MappingProfile, saved: &[MappingProfile], misfit: Option<&str>) -> String {
    let is_same = |other: &&MappingProfile| other.headers == profile.headers && other.source == profile.source;
    if let Some(same) = saved.iter().find(is_same) {
        return same.name.clone();
    }
    if let Some(misfit) = misfit {
        return misfit.to_owned();
    }
    let numbered = (2..).map(|number| format!("{} {number}", profile.name));
    let mut names = std::iter::once(profile.name.clone()).chain(numbered);
    names.find(|name| !saved.iter().any(|other| has_name(other, name))).unwrap_or_default()
}

/// Returns what is lost when a mapping is saved, in a sentence; `None` where it replaces itself at most.
pub(super) fn replaced(saved: &[MappingProfile], profile: &MappingProfile) -> Option<String> {
    let lost: Vec<&MappingProfile> = saved.iter().filter(|other| profile.replaces(other)).collect();
    let renamed = lost.iter().find(|other| !has_name(other, &profile.name));
    let of_others = lost.iter().find(|other| has_name(other, &profile.name) && other.headers != profile.headers);
    match (of_others, renamed) {
        (Some(_), None) => Some(
            "A mapping of this name is there for other headers. It is replaced: files with those headers are not read by \
             it any more."
                .to_owned(),
        ),
        (None, Some(other)) => {
            Some(format!("The mapping \u{201c}{}\u{201d} is for the same headers. This one replaces it.", other.name))
        }
        (Some(_), Some(other)) => Some(format!(
            "Two mappings are replaced: the one of this name, which is for other headers, and \u{201c}{}\u{201d}, which \
             is for the same headers.",
            other.name
        )),
        (None, None) => None,
    }
}

fn has_name(profile: &MappingProfile, name: &str) -> bool {
    profile.name.trim().to_lowercase() == name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str, header: &str) -> MappingProfile {
        MappingProfile { name: name.to_owned(), headers: [header.to_owned()].into(), ..MappingProfile::identity() }
    }

    #[test]
    fn a_mapping_takes_the_place_of_its_name_and_of_its_headers() {
        let seen = [profile("SIS", "a"), profile("HR", "b"), profile("Other", "c")];
        let mut profiles = seen.to_vec();
        put(&mut profiles, profile("hr", "c"), &seen).expect("nobody has changed any");
        let names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, ["SIS", "hr"]);
    }

    #[test]
    fn a_mapping_that_somebody_else_has_changed_is_not_replaced() {
        let changed = MappingProfile { version: 2, ..profile("HR", "b") };
        for seen in [vec![], vec![profile("HR", "b")]] {
            let mut profiles = vec![changed.clone()];
            let failure = put(&mut profiles, profile("hr", "c"), &seen).expect_err("it was not seen");
            assert_eq!(failure.problem.code, "mapping_changed");
            assert_eq!(profiles, std::slice::from_ref(&changed));
        }
    }

    #[test]
    fn what_is_lost_is_said() {
        let saved = [profile("SIS", "a"), profile("HR", "b")];
        let said = |profile: MappingProfile| replaced(&saved, &profile).unwrap_or_default();
        assert_eq!(said(profile("SIS", "a")), "");
        assert_eq!(said(profile("New", "c")), "");
        assert!(said(profile("SIS", "c")).contains("for other headers. It is replaced"));
        assert!(said(profile("New", "b")).starts_with("The mapping \u{201c}HR\u{201d} is for the same headers."));
        assert!(said(profile("SIS", "b")).starts_with("Two mappings are replaced"));
    }

    #[test]
    fn a_name_is_given_once_unless_a_mapping_no_longer_fits() {
        let saved = [profile("PowerSchool", "a"), profile("powerschool 2", "b"), profile("HR", "d")];
        assert_eq!(name_for(&profile("PowerSchool", "c"), &saved, None), "PowerSchool 3");
        assert_eq!(name_for(&profile("PowerSchool", "a"), &saved, None), "PowerSchool");
        assert_eq!(name_for(&profile("New mapping", "c"), &saved, Some("HR")), "HR");
        assert_eq!(name_for(&profile("Aeries", "c"), &saved, None), "Aeries");
    }
}
