//! Whose the rows and the changes of one upload are, by what was decided about it.

use std::collections::{BTreeSet, HashMap, HashSet};

use cloud::bucket::lines;
use roster::{Change, Code, Erased, Finding, Guid, Kind, TwoPeople};
use wire::stored::{ChangeResult, Outcome};
use wire::{Decision, Upload, Verdict};

/// The users that are to be taken out of an upload, and which of its rows are theirs.
pub(super) struct ErasedRows<'u> {
    /// What was approved, if anything was.
    decision: Option<&'u Decision>,
    pub(super) erased: Erased,
    /// Whose lines go out of the plan's file. There a re-key that was decided as two people is of both.
    pub(super) in_plan_file: Erased,
    /// Whose the rows are that were processed.
    pub(super) processed: HashMap<u32, Guid>,
    /// Who was changed.
    done: HashSet<Guid>,
    /// The rows of others that are said to be probably about somebody who was erased.
    taken_for: BTreeSet<u32>,
}

/// What is left of a line.
pub(super) enum Left {
    All,
    Nothing,
    Other(Vec<u8>),
}

impl Left {
    /// Returns `Nothing` for a line of an erased user, else `All`.
    pub(super) fn unless(is_of_erased: bool) -> Left {
        if is_of_erased { Left::Nothing } else { Left::All }
    }
}

impl<'u> ErasedRows<'u> {
    /// Begins with the users that were erased and what was decided about the upload.
    pub(super) fn new(upload: &'u Upload, erased: &Erased) -> ErasedRows<'u> {
        let decision = upload.decision.as_ref().filter(|decision| decision.verdict == Verdict::Approved);
        let (erased, in_plan_file) = (erased.clone(), erased.clone());
        let (processed, done, taken_for) = (HashMap::new(), HashSet::new(), BTreeSet::new());
        ErasedRows { decision, erased, in_plan_file, processed, done, taken_for }
    }

    /// Notes what became of a change. All results have to be noted before the changes.
    pub(super) fn add_result(&mut self, result: &ChangeResult) {
        if result.outcome == Outcome::Done {
            self.done.insert(result.guid);
        }
    }

    /// Notes whose the row of a change is.
    pub(super) fn add(&mut self, mut change: Change) {
        match (change.two_people.take(), self.decision) {
            (None, _) => self.add_chosen(&change),
            (Some(two_people), None) => self.add_undecided(&change, &two_people),
            (Some(two_people), Some(decision)) => {
                let guids = (change.guid, two_people.guid);
                let chosen = decision.chosen(vec![Change { two_people: Some(two_people), ..change }]);
                self.add_decided(&chosen, guids);
            }
        }
    }

    /// Adds what a change that was carried out tells. A user that was to be created and was not has a GUID that nobody
    /// ever had: if it came in another way, the ID tells.
    fn add_chosen(&mut self, change: &Change) {
        let unmade = change.kind == Kind::Created && !self.done.contains(&change.guid);
        if unmade && change.shown().is_some_and(|fields| self.erased.has_custom_id(&fields.custom_id)) {
            self.take_out(change.guid);
        }
        self.processed.extend(change.row.map(|row| (row, change.guid)));
    }

    /// Adds a row of which nobody said whose it is: it goes with whomever it may be about.
    fn add_undecided(&mut self, change: &Change, two_people: &TwoPeople) {
        if self.erased.has(change.guid) || self.erased.has_custom_id(&two_people.fields.custom_id) {
            self.take_out(two_people.guid);
            self.in_plan_file.add(change.guid, []);
            self.processed.extend(change.row.map(|row| (row, two_people.guid)));
        }
    }

    fn add_decided(&mut self, chosen: &[Change], (present, new): (Guid, Guid)) {
        chosen.iter().for_each(|change| self.add_chosen(change));
        let is_another_person = chosen.iter().any(|change| change.guid == new);
        if is_another_person && self.erased.has(new) {
            // Each goes without the other one.
            self.in_plan_file.add(present, []);
        } else if is_another_person && self.erased.has(present) {
            self.taken_for.extend(chosen.iter().filter_map(|change| change.row));
        } else if self.erased.has(present) {
            // More rows about the same person have the GUID that a new user would have had.
            self.take_out(new);
        }
    }

    fn take_out(&mut self, guid: Guid) {
        self.erased.add(guid, []);
        self.in_plan_file.add(guid, []);
    }

    /// Forgets whose the rows of others are, where that can't be relied on: their IDs tell it then.
    pub(super) fn know_rows_by_id(&mut self) {
        self.processed.retain(|_, guid| self.erased.has(*guid));
    }

    /// Returns what is left of a change: where it is about two people, what was done to the one who stays.
    pub(super) fn left_of(&self, change: Change) -> Left {
        let Some(two_people) = &change.two_people else { return Left::unless(self.erased.has(change.guid)) };
        if !self.erased.has(change.guid) && !self.erased.has(two_people.guid) {
            return Left::All;
        }
        let chosen = self.decision.map(|decision| decision.chosen(vec![change])).unwrap_or_default();
        let mut left = chosen.iter().filter(|change| !self.erased.has(change.guid)).peekable();
        match left.peek() {
            Some(_) => Left::Other(lines(left)),
            None => Left::Nothing,
        }
    }

    /// Returns whether a finding is about an erased user, or names one; `theirs` tells which rows
    /// may be those of erased users.
    pub(super) fn has_finding(&self, finding: &Finding, theirs: impl Fn(u32) -> bool) -> bool {
        let names = finding.code == Code::ProbableRekey && finding.row.is_some_and(|row| self.taken_for.contains(&row));
        names || self.erased.has_finding(finding, theirs)
    }
}
