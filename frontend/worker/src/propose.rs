//! The proposal how a file of another system is to be read, on the person's own machine.

use std::collections::HashSet;

use roster::{
    Code, FileEncoding, MappingFacts, MappingProposal, Reading, School, Schools, Settings, SourceId, UsedProfile,
    propose, recognise_headers,
};
use serde::{Deserialize, Serialize};
use wire::Unpacked;
use wire::http::FindingRow;

/// What a proposal is made from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProposalRequest {
    pub schools: Vec<School>,
    pub settings: Settings,
    /// The source of the file, where the organisation names any.
    #[serde(default)]
    pub source: Option<SourceId>,
    /// Custom IDs of users, where the page has some at hand: a few hundred are enough to tell which column holds them.
    #[serde(default)]
    pub custom_ids: Option<Vec<String>>,
    /// The sheet that was chosen, where the file is a workbook.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The encoding that was chosen for the file.
    #[serde(default)]
    pub encoding: Option<FileEncoding>,
}

/// Whether a file has to be mapped, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalReport {
    /// Its headers are not understood, and no mapping reads them. Only then the page asks.
    pub is_needed: bool,
    /// The mapping of the settings that reads it already.
    pub used: Option<UsedProfile>,
    /// `None` for a set, and for what is no roster at all.
    pub proposal: Option<MappingProposal>,
    /// The name of the mapping that was made for such files and does not fit this one any more.
    #[serde(default)]
    pub misfit: Option<String>,
    /// Why its headers can't be read as they are.
    pub findings: Vec<FindingRow>,
}

/// Proposes how a file is to be read.
pub fn propose_mapping(bytes: &[u8], request: &ProposalRequest) -> ProposalReport {
    let usual = request.settings.reading.clone().of_source(request.source.as_ref());
    let reading = Reading::from(usual.in_encoding(request.encoding));
    let nothing =
        || ProposalReport { is_needed: false, used: None, proposal: None, misfit: None, findings: Vec::new() };
    // A set has headers of its own, and what is no archive and no text has none.
    let schools = Schools::new(request.schools.clone());
    let unpacked = Unpacked::read(bytes, &reading, &schools, request.sheet.as_deref());
    let Ok(sent) = unpacked.sent else { return nothing() };
    let (Some(users), None) = (&sent.users, &sent.set) else { return nothing() };
    let custom_ids: Option<HashSet<String>> = request.custom_ids.clone().map(|ids| ids.into_iter().collect());
    let facts = MappingFacts { reading: &reading, schools: &schools, custom_ids: custom_ids.as_ref() };
    let proposal = propose(users, &facts).ok();
    match recognise_headers(users, &reading) {
        Ok(used) => ProposalReport { is_needed: false, used, proposal, misfit: None, findings: Vec::new() },
        Err(findings) => ProposalReport {
            is_needed: proposal.is_some() && !reading.settings.strict_format,
            used: None,
            proposal,
            misfit: findings.iter().find(|finding| finding.code == Code::MappingMisfit).and_then(|f| f.value.clone()),
            findings: findings.iter().map(FindingRow::from).collect(),
        },
    }
}
