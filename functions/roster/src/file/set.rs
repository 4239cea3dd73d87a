//! The files of a set as they were sent.

use crate::model::SetPart;

/// The files of a set as they were sent; one that is missing is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetBytes {
    pub users: Option<Vec<u8>>,
    pub classes: Option<Vec<u8>>,
    pub enrolments: Option<Vec<u8>>,
}

impl SetBytes {
    /// Returns the place of a file.
    pub fn part_mut(&mut self, part: SetPart) -> &mut Option<Vec<u8>> {
        match part {
            SetPart::Users => &mut self.users,
            SetPart::Classes => &mut self.classes,
            SetPart::Enrolments => &mut self.enrolments,
        }
    }

    /// Returns a file.
    pub fn part(&self, part: SetPart) -> Option<&[u8]> {
        match part {
            SetPart::Users => self.users.as_deref(),
            SetPart::Classes => self.classes.as_deref(),
            SetPart::Enrolments => self.enrolments.as_deref(),
        }
    }

    /// Returns which files there are.
    pub fn parts(&self) -> Vec<SetPart> {
        SetPart::ALL.into_iter().filter(|part| self.part(*part).is_some()).collect()
    }
}
