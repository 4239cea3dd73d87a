//! What a proposal is made from, and what it says.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::file::reading::Reading;
use crate::model::{Column, Schools};
use crate::settings::{CellSource, MappingProfile};

/// What is known of the organisation.
pub struct MappingFacts<'k> {
    /// How files are read apart from profiles.
    pub reading: &'k Reading,
    pub schools: &'k Schools,
    /// The custom IDs of users, where they are at hand.
    pub custom_ids: Option<&'k HashSet<String>>,
}

/// How a file could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingProposal {
    /// What reads the file once it is accepted. It holds no more than what is proposed below.
    pub profile: MappingProfile,
    /// The system that writes such files, where it is known.
    pub system: Option<String>,
    /// The number of the row of headers.
    pub header_row: u32,
    /// How many rows there are below it.
    pub rows: u64,
    /// Where each column of ours comes from, in our order; those of which nothing is proposed are not here.
    pub columns: Vec<ProposedColumn>,
    /// Every header of the file that has letters, in its order.
    pub headers: Vec<SeenHeader>,
    /// The first people, as they would be read.
    pub preview: Vec<PreviewPerson>,
}

/// Where a column of ours comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedColumn {
    pub column: Column,
    pub from: CellSource,
    pub confidence: Confidence,
    /// Why, in a sentence.
    pub reason: String,
    /// What a person has to look at before it is accepted, in a sentence; `None` where it is clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<String>,
    /// Other headers that could be it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// The values with what each becomes, the most frequent first: of columns that hold one of a few words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValueGroup>,
    /// How many more values there are.
    #[serde(default)]
    pub more_values: u64,
}

/// How sure a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    Guess,
    Likely,
    Certain,
}

/// The rows that have one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueGroup {
    pub value: String,
    pub count: u64,
    /// What it is read as; `None` where that is not known, so that the rows would be rejected.
    pub becomes: Option<String>,
}

/// A header of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenHeader {
    pub header: String,
    /// The first values below it; none of a column that may hold passwords.
    pub samples: Vec<String>,
    /// The columns that read it; empty where it is not read.
    pub read_as: Vec<Column>,
    /// What it is, where it is known and not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_about: Option<String>,
}

/// Somebody of the file, as the proposal reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewPerson {
    pub row: u32,
    /// Without columns that are secret.
    pub cells: Vec<(Column, String)>,
}

impl MappingProposal {
    /// How many values are listed of a column.
    pub const MOST_GROUPS: usize = 50;
}
