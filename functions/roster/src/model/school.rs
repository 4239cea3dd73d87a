//! The schools of an organisation, and its district office.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::ids::SchoolId;

/// A school, or the district office itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct School {
    pub id: SchoolId,
    /// What a roster calls it. Unique, compared exactly.
    pub external_id: String,
    pub name: String,
    pub kind: SchoolKind,
}

/// Whether it is a school or the office of the district.
///
/// An Administrator of the district office is a district administrator, an Administrator of a school a school
/// administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchoolKind {
    District,
    School,
}

/// All schools of the organisation, found by either identifier.
#[derive(Debug, Clone, Default)]
pub struct Schools {
    list: Vec<School>,
    by_external_id: HashMap<String, usize>,
    by_id: HashMap<SchoolId, usize>,
}

impl School {
    /// Returns whether it is the district office.
    pub fn is_district(&self) -> bool {
        self.kind == SchoolKind::District
    }
}

impl Schools {
    /// Indexes `list`, whose identifiers are unique.
    pub fn new(list: Vec<School>) -> Schools {
        let by_external_id = list.iter().enumerate().map(|(i, s)| (s.external_id.clone(), i)).collect();
        let by_id = list.iter().enumerate().map(|(i, s)| (s.id.clone(), i)).collect();
        Schools { list, by_external_id, by_id }
    }

    /// Returns the school with this external ID.
    pub fn by_external_id(&self, external_id: &str) -> Option<&School> {
        self.by_external_id.get(external_id).map(|&i| &self.list[i])
    }

    /// Returns the school with this identifier.
    pub fn by_id(&self, id: &SchoolId) -> Option<&School> {
        self.by_id.get(id).map(|&i| &self.list[i])
    }

    /// Returns what rosters call the school; empty where there is no such school.
    pub fn external_id(&self, id: &SchoolId) -> &str {
        self.by_id(id).map_or("", |school| &school.external_id)
    }

    /// Returns all schools.
    pub fn iter(&self) -> impl Iterator<Item = &School> {
        self.list.iter()
    }

    /// Returns whether the school is the district office, whose administrators run the whole organisation.
    pub fn is_district(&self, id: &SchoolId) -> bool {
        self.by_id(id).is_some_and(School::is_district)
    }
}
