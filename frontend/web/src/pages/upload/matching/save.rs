//! A mapping is saved with the settings, before a file is sent that it reads.

use roster::MappingProfile;
use wire::http::SettingsDocument;

use crate::api::{Api, ApiResult};

/// Saves a mapping in place of that of its name or its headers, and returns it as it is stored. Where somebody else has
/// saved the settings in between, they are loaded and tried once more.
pub(crate) async fn save(api: Api, profile: &MappingProfile) -> ApiResult<MappingProfile> {
    match save_once(api, profile).await {
        Err(failure) if failure.problem.code == "settings_changed" => save_once(api, profile).await,
        answer => answer,
    }
}

async fn save_once(api: Api, profile: &MappingProfile) -> ApiResult<MappingProfile> {
    let mut document: SettingsDocument = api.settings().await?;
    put(&mut document.settings.reading.profiles, profile.clone());
    let stored = api.save_settings(&document).await?.settings.reading.profiles;
    Ok(stored.into_iter().find(|other| other.name == profile.name).unwrap_or_else(|| profile.clone()))
}

/// Puts a mapping in the place of that of its name, and of one for the same headers.
fn put(profiles: &mut Vec<MappingProfile>, profile: MappingProfile) {
    let place = profiles.iter().position(|other| has_name(other, &profile.name));
    match place {
        Some(place) => profiles[place] = profile.clone(),
        None => profiles.push(profile.clone()),
    }
    profiles.retain(|other| *other == profile || other.headers != profile.headers || other.source != profile.source);
}

/// Returns what a mapping is called at first: a name that no mapping of other headers has, unless it is to replace the
/// one that no longer fits.
pub(super) fn name_for(profile: &MappingProfile, saved: &[MappingProfile], replaces: bool) -> String {
    if let Some(same) = saved.iter().find(|other| other.headers == profile.headers) {
        return same.name.clone();
    }
    let likeness = |other: &&MappingProfile| other.headers.intersection(&profile.headers).count();
    if let Some(alike) = saved.iter().max_by_key(likeness).filter(|_| replaces) {
        return alike.name.clone();
    }
    let numbered = (2..).map(|number| format!("{} {number}", profile.name));
    let mut names = std::iter::once(profile.name.clone()).chain(numbered);
    names.find(|name| !saved.iter().any(|other| has_name(other, name))).unwrap_or_default()
}

/// Returns the mapping that one of this name and these headers would replace.
pub(super) fn replaced<'p>(saved: &'p [MappingProfile], profile: &MappingProfile) -> Option<&'p MappingProfile> {
    saved.iter().find(|other| has_name(other, &profile.name))
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
        let mut profiles = vec![profile("SIS", "a"), profile("HR", "b"), profile("Other", "c")];
        put(&mut profiles, profile("hr", "c"));
        let names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, ["SIS", "hr"]);
    }

    #[test]
    fn a_name_is_given_once_unless_a_mapping_no_longer_fits() {
        let saved = [profile("PowerSchool", "a"), profile("powerschool 2", "b")];
        assert_eq!(name_for(&profile("PowerSchool", "c"), &saved, false), "PowerSchool 3");
        assert_eq!(name_for(&profile("PowerSchool", "a"), &saved, false), "PowerSchool");
        assert_eq!(name_for(&profile("New mapping", "b"), &saved, true), "powerschool 2");
        assert_eq!(name_for(&profile("Aeries", "c"), &saved, false), "Aeries");
    }
}
