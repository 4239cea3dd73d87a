//! Where users come from: the systems that send rosters, and what one may do to the users of another.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{SourceId, UserType};

/// The sources of an organisation.
///
/// Where it names none, all rosters are of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceRules {
    /// In the order in which pages list them.
    pub sources: Vec<NamedSource>,
    pub other_source: OtherSource,
}

/// A system that users come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedSource {
    /// As folders have it. It is never changed: users keep it.
    pub id: SourceId,
    /// As pages have it.
    pub name: String,
    /// The user types that come from this source only.
    #[serde(default)]
    pub owns: BTreeSet<UserType>,
}

impl NamedSource {
    /// Checks that people and folders can call the source by its names.
    ///
    /// # Errors
    ///
    /// [`SourceProblem::Id`] or [`SourceProblem::Name`].
    pub fn check(&self) -> Result<(), SourceProblem> {
        let NamedSource { id, name, .. } = self;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=20).contains(&id.0.len()) || !id.0.chars().all(allowed) || id.is_by_hand() {
            return Err(SourceProblem::Id);
        }
        if name.trim().is_empty() || name.chars().count() > 40 || name.chars().any(char::is_control) {
            return Err(SourceProblem::Name);
        }
        Ok(())
    }
}

/// What happens to a row about a user of another source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherSource {
    /// It is rejected.
    #[default]
    Reject,
    /// It is processed, and the user is of the roster's source from then on.
    TakeOver,
}

/// Why the sources of an organisation can't be what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SourceProblem {
    #[error("a source has no name, or one of more than 40 characters")]
    Name,
    #[error("the short name of a source has 1 to 20 small letters, digits and hyphens, and by-hand is taken")]
    Id,
    #[error("two sources have one name")]
    Twice,
    #[error("two sources are the only one for a user type")]
    OwnedTwice,
    #[error("there are more than 20 sources")]
    TooMany,
}

impl SourceRules {
    /// Returns the source of this short name.
    pub fn by_id(&self, id: &SourceId) -> Option<&NamedSource> {
        self.sources.iter().find(|source| source.id == *id)
    }

    /// Returns whether users of a type come only from another source than this one.
    pub fn are_owned_by_another(&self, user_type: UserType, source: Option<&SourceId>) -> bool {
        self.sources.iter().any(|other| Some(&other.id) != source && other.owns.contains(&user_type))
    }

    /// Checks that people and folders can tell the sources apart, and that each user type has one owner.
    ///
    /// # Errors
    ///
    /// Where that is not so: the first problem.
    pub fn check(&self) -> Result<(), SourceProblem> {
        if self.sources.len() > 20 {
            return Err(SourceProblem::TooMany);
        }
        let (mut ids, mut names, mut owned) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for source in &self.sources {
            source.check()?;
            let NamedSource { id, name, owns } = source;
            if !ids.insert(id) || !names.insert(name.trim().to_lowercase()) {
                return Err(SourceProblem::Twice);
            }
            if !owns.iter().all(|user_type| owned.insert(user_type)) {
                return Err(SourceProblem::OwnedTwice);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(id: &str, name: &str, owns: &[UserType]) -> NamedSource {
        NamedSource { id: SourceId(id.to_owned()), name: name.to_owned(), owns: owns.iter().copied().collect() }
    }

    fn check(sources: &[NamedSource]) -> Result<(), SourceProblem> {
        SourceRules { sources: sources.to_vec(), ..SourceRules::default() }.check()
    }

    #[test]
    fn sources_can_be_told_apart() {
        let students = [UserType::Student];
        let (sis, hr) = (source("sis", "SIS", &students), source("hr", "HR", &[UserType::Staff]));
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&[sis.clone(), hr.clone()]), Ok(()));
        assert_eq!(check(&[sis.clone(), sis.clone()]), Err(SourceProblem::Twice));
        assert_eq!(check(&[sis.clone(), source("sis2", "sis ", &[])]), Err(SourceProblem::Twice));
        assert_eq!(check(&[sis.clone(), source("hr", "HR", &students)]), Err(SourceProblem::OwnedTwice));
        for id in ["", "SIS", "a b", "by-hand", "a/b", "abcdefghijklmnopqrstu"] {
            assert_eq!(check(&[source(id, "x", &[])]), Err(SourceProblem::Id), "{id}");
        }
        assert_eq!(check(&[source("sis", " ", &[])]), Err(SourceProblem::Name));
        let many: Vec<_> = (0..21).map(|n| source(&format!("s{n}"), &format!("{n}"), &[])).collect();
        assert_eq!(check(&many), Err(SourceProblem::TooMany));
    }

    #[test]
    fn a_type_is_owned_by_the_source_that_names_it() {
        let rules = SourceRules { sources: vec![source("sis", "SIS", &[UserType::Student])], ..SourceRules::default() };
        let (sis, hr) = (SourceId("sis".to_owned()), SourceId("hr".to_owned()));
        assert!(rules.are_owned_by_another(UserType::Student, Some(&hr)));
        assert!(rules.are_owned_by_another(UserType::Student, None));
        assert!(!rules.are_owned_by_another(UserType::Student, Some(&sis)));
        assert!(!rules.are_owned_by_another(UserType::Teacher, None));
    }
}
