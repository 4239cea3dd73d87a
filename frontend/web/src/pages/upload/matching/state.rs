//! How the columns of the chosen file are matched, as far as somebody has come with it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::web_sys::File;
use roster::{
    Code, Column, FileEncoding, MappingProfile, MappingProposal, Presence, School, Schools, Settings, SourceId,
    UsedProfile,
};
use wire::Upload;
use wire::http::FindingRow;
use worker::{LookRequest, ProposalRequest};

use super::doubt::doubt_of;
use super::edit::MappingEdit;
use super::save;
use crate::jobs::{look_at_file, propose_mapping};
use crate::tasks::{Latest, sleep};

/// How the columns of the chosen file are matched.
#[derive(Clone, Copy)]
pub(crate) struct ColumnMatching {
    /// The mapping that is edited; `None` where nothing is proposed.
    pub(crate) edit: RwSignal<Option<MappingEdit>>,
    /// Why the file can't be read as it is.
    pub(crate) why: RwSignal<Vec<FindingRow>>,
    /// The mapping that reads the file and is not saved.
    pub(crate) accepted: RwSignal<Option<MappingProfile>>,
    /// Whether it is to be saved.
    pub(crate) keep: RwSignal<bool>,
    pub(crate) name: RwSignal<String>,
    /// Why the columns of a saved mapping are looked at again.
    pub(crate) doubt: RwSignal<Option<String>>,
    /// The mappings of the settings.
    pub(crate) saved: RwSignal<Vec<MappingProfile>>,
    /// The people are being read again.
    pub(crate) looking: RwSignal<bool>,
    known: StoredValue<Option<MatchingFacts>>,
    /// Somebody has looked at the columns of this file.
    reviewed: StoredValue<bool>,
    looks: Latest,
}

/// The saved mapping that a file has to do with, by its name.
enum MappingBefore {
    /// It reads the file.
    Used(String),
    /// It was made for such files, and misses headers of this one.
    Misfit(String),
}

impl MappingBefore {
    fn misfit(&self) -> Option<&str> {
        match self {
            MappingBefore::Used(_) => None,
            MappingBefore::Misfit(name) => Some(name),
        }
    }
}

/// What a file is matched by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MatchingFacts {
    pub(crate) settings: Settings,
    pub(crate) schools: Vec<School>,
    pub(crate) source: Option<SourceId>,
    /// The sheet that was chosen, where the file is a workbook.
    pub(crate) sheet: Option<String>,
    pub(crate) encoding: Option<FileEncoding>,
}

impl ColumnMatching {
    /// Returns a matching of no file yet, in the part of the page that is being built now.
    pub(crate) fn here() -> ColumnMatching {
        ColumnMatching {
            edit: RwSignal::new(None),
            why: RwSignal::new(Vec::new()),
            accepted: RwSignal::new(None),
            keep: RwSignal::new(true),
            name: RwSignal::new(String::new()),
            doubt: RwSignal::new(None),
            saved: RwSignal::new(Vec::new()),
            looking: RwSignal::new(false),
            known: StoredValue::new(None),
            reviewed: StoredValue::new(false),
            looks: Latest::here(),
        }
    }

    /// Forgets the file.
    pub(crate) fn clear(self) {
        self.looks.stop();
        self.edit.set(None);
        self.why.set(Vec::new());
        self.accepted.set(None);
        self.keep.set(true);
        self.doubt.set(None);
        self.looking.set(false);
        self.known.set_value(None);
        self.reviewed.set_value(false);
    }

    /// Has the worker propose how the file is read, and returns whether that has to be asked at once. What somebody
    /// has begun to edit stays as long as it is about the same. `custom_ids` are some of the users', where they are at
    /// hand.
    pub(crate) async fn propose(
        self,
        file: &File,
        known: MatchingFacts,
        custom_ids: Option<Vec<String>>,
    ) -> Result<bool, String> {
        let request = ProposalRequest {
            schools: known.schools.clone(),
            settings: known.settings.clone(),
            source: known.source.clone(),
            custom_ids,
            sheet: known.sheet.clone(),
            encoding: known.encoding,
        };
        let same = self.known.with_value(|before| before.as_ref().is_some_and(|before| *before == known));
        if same && self.edit.with_untracked(Option::is_some) {
            return Ok(self.asks_at_once());
        }
        let report = propose_mapping(file, &request).await?;
        self.why.set(report.findings);
        let proposal = report.proposal.filter(|_| report.is_needed || report.used.is_some());
        let before = match (report.used, report.misfit) {
            (Some(used), _) => Some(MappingBefore::Used(used.name)),
            (None, misfit) => misfit.map(MappingBefore::Misfit),
        };
        self.edit.set(proposal.map(|proposal| self.edit_of(proposal, &known, before)));
        self.known.set_value(Some(known));
        Ok(report.is_needed && self.asks_at_once())
    }

    /// Returns whether the matching is about this sheet of a file of this source, read in this encoding.
    pub(crate) fn is_about(
        self,
        source: &Option<SourceId>,
        sheet: &Option<String>,
        encoding: Option<FileEncoding>,
    ) -> bool {
        let is_it =
            |known: &MatchingFacts| known.source == *source && known.sheet == *sheet && known.encoding == encoding;
        self.known.with_value(|known| known.as_ref().is_some_and(is_it))
    }

    fn edit_of(self, proposal: MappingProposal, known: &MatchingFacts, before: Option<MappingBefore>) -> MappingEdit {
        let (proposal, schools) = (Arc::new(proposal), Arc::new(Schools::new(known.schools.clone())));
        let saved = &known.settings.reading.profiles;
        self.saved.set(saved.clone());
        let of_name = |name: &str| saved.iter().find(|profile| profile.name == name);
        let misfit = before.as_ref().and_then(MappingBefore::misfit);
        let name = save::name_for(&proposal.profile, saved, misfit);
        match &before {
            Some(MappingBefore::Used(used)) if let Some(used) = of_name(used) => {
                self.name.set(used.name.clone());
                MappingEdit::of_used(proposal, schools, used)
            }
            Some(MappingBefore::Misfit(misfit)) if let Some(misfit) = of_name(misfit) => {
                self.name.set(name);
                MappingEdit::of_misfit(proposal, schools, misfit)
            }
            _ => {
                self.name.set(name);
                MappingEdit::new(proposal, schools)
            }
        }
    }

    /// Returns whether the step is shown by itself: the file is of another system. A roster of ours with a header
    /// missing, and a file that a saved mapping no longer fits, are told what is wrong first.
    fn asks_at_once(self) -> bool {
        let is_misfit = self.why.with_untracked(|why| why.iter().any(|finding| finding.code == Code::MappingMisfit));
        let of_ours = |edit: &MappingEdit| {
            let is_ours = |header: &str| {
                Column::from_header(header).is_some_and(|column| column.spec().presence == Presence::Required)
            };
            edit.proposal().headers.iter().filter(|seen| is_ours(&seen.header)).count()
        };
        let is_foreign = self.edit.with_untracked(|edit| edit.as_ref().is_some_and(|edit| of_ours(edit) < 6));
        is_foreign && !is_misfit
    }

    /// Returns the mapping as it would be saved; `None` while nothing is matched.
    pub(crate) fn profile(self) -> Option<MappingProfile> {
        let name = self.name.get().trim().to_owned();
        self.edit.with(|edit| edit.as_ref().map(|edit| MappingProfile { name, ..edit.profile().clone() }))
    }

    /// Returns whether the columns of the saved mapping that reads the file are to be looked at first, because nothing came
    /// of the last upload that it read. `uploads` are the newest first.
    pub(crate) fn is_in_doubt(self, uploads: &[Upload], used: &UsedProfile) -> bool {
        let doubt = doubt_of(uploads, used).filter(|_| !self.reviewed.get_value());
        let is_in_doubt = doubt.is_some();
        self.doubt.set(doubt);
        is_in_doubt
    }

    /// Takes the mapping for the check. One that is saved like that needs no more than its name.
    pub(crate) fn accept(self) {
        let Some(profile) = untrack(|| self.profile()) else { return };
        self.reviewed.set_value(true);
        let is_saved = self.saved.with_untracked(|saved| {
            saved.iter().any(|other| *other == MappingProfile { version: other.version, ..profile.clone() })
        });
        self.accepted.set((!is_saved).then_some(profile));
    }

    /// Reads the people and the values again by the mapping as it stands.
    pub(crate) fn look(self, file: File) {
        let is_wrong = |edit: &MappingEdit| edit.open_points().iter().any(|point| !point.is_look);
        let profile = self
            .edit
            .with_untracked(|edit| edit.as_ref().filter(|edit| !is_wrong(edit)).map(|edit| edit.profile().clone()));
        let (Some(profile), Some(MatchingFacts { settings, sheet, encoding, .. })) = (profile, self.known.get_value())
        else {
            return;
        };
        self.looks.run(async move {
            sleep(200).await;
            self.looking.set(true);
            // Whoever can't see the people again now sees those from before, and the check says what is wrong.
            if let Ok(report) = look_at_file(&file, &LookRequest { settings, profile, sheet, encoding }).await {
                self.edit.update(|edit| edit.iter_mut().for_each(|edit| edit.looked(report.clone())));
            }
            self.looking.set(false);
        });
    }
}
