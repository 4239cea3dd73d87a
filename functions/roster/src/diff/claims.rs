//! User names and staff e-mail addresses: who has one, who gives it up, and who may take it over.
//!
//! A row may take over an address that its owner gives up in the same plan, and a user name within a closed circle of
//! users that exchange theirs (see [`super::names`]). So a row that is rejected can cost another row its right, and so
//! on: rejections spread until nothing changes. Nothing here depends on the order of the rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::person;
use crate::model::{Code, Column, Directory, Finding, Findings, Guid, User};
use crate::settings::{RemovalAction, Scope};
use crate::validate::Clues;

use super::absent::Absent;
use super::clues::AbsentIndex;
use super::comparison::Comparison;
use super::exchanges::{Act, Exchanges};
use super::row_diff::RowDiff;
use super::target::{Target, Targets, in_scope};
use super::unique::Unique;

/// At most how many users may exchange user names or addresses among each other.
const MAX_EXCHANGED: usize = 20;

/// The entries and removals, and who wants what of whom.
pub(super) struct Claims<'a, 'd> {
    pub(super) entries: &'a mut [RowDiff<'d>],
    pub(super) absent: &'a mut [Absent<'d>],
    pub(super) findings: &'a mut Findings,
    directory: &'d Directory,
    scope: &'a Scope,
    removal: RemovalAction,
    max_exchange_writes: usize,
    acts: HashMap<Guid, Act>,
    /// For each [`Unique`], who wants to take a value over.
    claimants: [HashMap<String, usize>; 2],
}

impl<'a, 'd> Claims<'a, 'd> {
    /// Rejects every entry that wants what another one wants too, or what its owner keeps.
    pub(super) fn settle(
        entries: &'a mut [RowDiff<'d>],
        absent: &'a mut [Absent<'d>],
        findings: &'a mut Findings,
        directory: &'d Directory,
        c: &'a Comparison,
    ) -> Self {
        let of_entries = entries.iter().enumerate().map(|(i, e)| (e.guid, Act::Entry(i)));
        let of_absent = absent.iter().enumerate().map(|(i, a)| (a.user.guid, Act::Absent(i)));
        let acts = of_entries.chain(of_absent).collect();
        let claimants = [HashMap::new(), HashMap::new()];
        let mut claims = Claims {
            entries,
            absent,
            findings,
            directory,
            scope: &c.scope,
            removal: c.settings.removal_action,
            max_exchange_writes: c.max_exchange_writes,
            acts,
            claimants,
        };
        for unique in Unique::ALL {
            claims.reject_rivals(unique);
        }
        for (i, finding) in claims.taken() {
            claims.reject(i, finding);
        }
        let rejected = (0..claims.entries.len()).filter(|&i| claims.entries[i].rejected).map(Act::Entry).collect();
        claims.spread(rejected);
        claims
    }

    /// Rejects all entries that want the same value, where there are several.
    fn reject_rivals(&mut self, unique: Unique) {
        let mut wanted: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, entry) in self.entries.iter().enumerate() {
            if let Some(value) = entry.claims(unique) {
                wanted.entry(value).or_default().push(i);
            }
        }
        let mut rejected = Vec::new();
        let mut claimants = HashMap::with_capacity(wanted.len());
        for (value, rivals) in wanted {
            match rivals[..] {
                [only] => drop(claimants.insert(value, only)),
                _ => {
                    let rows = Finding::rows_have_it(rivals.iter().map(|&i| self.entries[i].row).collect());
                    rejected.extend(rivals.iter().map(|&i| (i, rows.clone())));
                }
            }
        }
        self.claimants[unique as usize] = claimants;
        for (i, others) in rejected {
            let finding = self.entries[i].finding(unique.repeated(), unique).expecting(others);
            self.reject(i, finding);
        }
    }

    /// Returns the entries that want what its owner does not give up, each with its finding.
    fn taken(&self) -> Vec<(usize, Finding)> {
        let claims = Unique::ALL.into_iter().flat_map(|u| self.claimants[u as usize].iter().map(move |c| (u, c)));
        claims
            .filter_map(|(unique, (value, &i))| {
                let owner = unique.owner(self.directory, value)?;
                let free = match unique {
                    Unique::Username => self.entries[i].takes_over,
                    Unique::StaffEmail => self.gives_up(owner, unique, value),
                };
                let finding = || self.entries[i].finding(unique.taken(), unique);
                (owner.guid != self.entries[i].guid && !free).then(|| {
                    let RowDiff { target, clues, .. } = &self.entries[i];
                    let asker = matches!(target, Target::New).then_some(clues);
                    (i, self.explained(owner, unique, value, asker, finding()))
                })
            })
            .collect()
    }

    /// Returns the finding that the owner keeps the value. It has the reason where nobody would guess it: the owner is
    /// a user that was deleted, or is by this plan, or one that has another name by now, or gets one by this plan. Of a
    /// user of another school nothing is told. `asker` is what the row says of a new user, who may be the owner under
    /// another ID.
    pub(super) fn explained(
        &self,
        owner: &User,
        unique: Unique,
        value: &str,
        asker: Option<&Clues>,
        finding: Finding,
    ) -> Finding {
        if !in_scope(self.scope, owner) {
            return finding;
        }
        let act = self.acts.get(&owner.guid);
        let removed = || matches!(act, Some(Act::Absent(_)));
        let gone = owner.deleted_at.is_some() || (self.removal == RemovalAction::Delete && removed());
        let may_be_owner = owner.is_managed() && owner.deleted_at.is_none() && !matches!(act, Some(Act::Entry(_)));
        let key = |clues: &Clues| person::key(&clues.first_name, &clues.last_name);
        let same_name = || asker.is_some_and(|a| key(a) == person::key(&owner.first_name, &owner.last_name));
        let whose = || {
            format!(
                "this is the one of the user {}. If that is the same person, write the GUID {} into the column \
                 user_guid, which corrects the custom ID.",
                owner.custom_id.as_deref().unwrap_or_default(),
                owner.guid,
            )
        };
        match unique {
            Unique::Username if may_be_owner && owner.is_named(value) && same_name() => {
                finding.expecting(format!("A user name of one's own: {}", whose()))
            }
            Unique::Username if gone => finding.expecting(
                "A user name of one's own: the user who has this one is deleted, and a deleted user keeps the user name.",
            ),
            Unique::Username if !owner.is_named(value) || self.gives_up(owner, unique, value) => finding.expecting(
                "A user name of one's own: a user name that somebody had is never given to somebody else.",
            ),
            Unique::StaffEmail if may_be_owner && asker.is_some() => {
                finding.expecting(format!("An address of one's own: {}", whose()))
            }
            Unique::StaffEmail if owner.is_managed() => finding.expecting(format!(
                "An address of one's own: this is the one of the user {}.",
                owner.custom_id.as_deref().unwrap_or_default(),
            )),
            _ => finding,
        }
    }

    /// Returns whether the owner would give the value up, if nothing else stood in the way of its change. A user name
    /// that the owner had before was given up long ago, and is kept all the same.
    pub(super) fn gives_up(&self, owner: &User, unique: Unique, value: &str) -> bool {
        if unique == Unique::Username && !owner.is_named(value) {
            return false;
        }
        match self.acts.get(&owner.guid) {
            Some(&Act::Entry(i)) => self.entries[i].holds(unique).as_deref() != Some(value),
            Some(Act::Absent(_)) => unique == Unique::StaffEmail && self.removal == RemovalAction::Delete,
            None => false,
        }
    }

    /// Returns what is done to the user.
    pub(super) fn act_on(&self, user: Guid) -> Option<Act> {
        self.acts.get(&user).copied()
    }

    pub(super) fn reject(&mut self, i: usize, finding: Finding) {
        self.entries[i].rejected = true;
        self.findings.push(finding);
    }

    /// Rejects whoever counted on one of these acts, which will not happen; and so on. Returns whom.
    pub(super) fn spread(&mut self, mut undone: Vec<Act>) -> Vec<usize> {
        let mut rejected = Vec::new();
        while let Some(act) = undone.pop() {
            for unique in Unique::ALL {
                if let Some(i) = self.counting_on(act, unique) {
                    let finding = self.entries[i].finding(unique.taken(), unique);
                    let what = unique.own();
                    let why = match act {
                        Act::Entry(owner) => {
                            let row = self.entries[owner].row;
                            format!("{what} of one's own; row {row}, which would give this one up, is rejected.")
                        }
                        Act::Absent(_) => format!("{what} of one's own; the user who has this one can't be removed."),
                    };
                    self.reject(i, finding.expecting(why));
                    undone.push(Act::Entry(i));
                    rejected.push(i);
                }
            }
        }
        rejected
    }

    /// Returns the entry, not rejected yet, that takes over what `act` gives up.
    fn counting_on(&self, act: Act, unique: Unique) -> Option<usize> {
        let user = match act {
            Act::Entry(i) => self.entries[i].target.user()?,
            Act::Absent(i) => self.absent[i].user,
        };
        let claimant = *self.claimants[unique as usize].get(&unique.of_user(user)?)?;
        (act != Act::Entry(claimant) && !self.entries[claimant].rejected).then_some(claimant)
    }

    /// Rejects exchanges that are too large to happen at once. A removal in one is not made.
    pub(super) fn reject_large_exchanges(&mut self) {
        let too_large = |acts: &Vec<Act>| acts.len() > MAX_EXCHANGED || self.writes(acts) > self.max_exchange_writes;
        let large: Vec<Vec<Act>> = self.exchanges().into_iter().filter(too_large).collect();
        for exchange in large {
            for act in exchange {
                match act {
                    Act::Entry(i) => {
                        let entry = &self.entries[i];
                        let (row, id) = (entry.row, &entry.after.custom_id);
                        self.reject(i, Finding::at(Code::TooManyExchanged, row, Column::CustomId, id));
                    }
                    Act::Absent(i) => self.withdraw(i, Code::TooManyExchanged),
                }
            }
        }
    }

    /// Returns how many items an exchange writes: each user with its history, a custom ID that changes in three places,
    /// and every name or address that is claimed, or given up and not claimed.
    fn writes(&self, acts: &[Act]) -> usize {
        let of_user = |act: &Act| match act {
            Act::Entry(i) => match self.entries[*i].target.user() {
                None => 3,
                Some(user) if user.custom_id.as_deref() != Some(self.entries[*i].after.custom_id.as_str()) => 4,
                Some(_) => 2,
            },
            Act::Absent(_) => 2,
        };
        let values = Unique::ALL.into_iter().map(|unique| {
            // What a user holds now, and after.
            let of_act = |act: &Act| match act {
                Act::Entry(i) => (self.entries[*i].target.user(), self.entries[*i].holds(unique)),
                Act::Absent(i) => (Some(self.absent[*i].user), None),
            };
            let held = acts.iter().map(of_act).map(|(user, after)| (user.and_then(|user| unique.of_user(user)), after));
            let changed: Vec<_> = held.filter(|(now, after)| now != after).collect();
            let claimed: HashSet<&String> = changed.iter().filter_map(|(_, after)| after.as_ref()).collect();
            let given_up = changed.iter().filter_map(|(now, _)| now.as_ref());
            claimed.len() + given_up.filter(|value| !claimed.contains(*value)).count()
        });
        acts.iter().map(of_user).sum::<usize>() + values.sum::<usize>()
    }

    /// Takes back the removal of users who may be the person of a new user's row that is rejected by now.
    ///
    /// The row's custom ID is nobody's, and its name, address or user name is that of a user who would be removed.
    pub(super) fn keep_users_of_rejected_rows(&mut self, targets: &Targets) {
        let mut late: Vec<usize> = (0..self.entries.len()).filter(|&i| self.entries[i].rejected).collect();
        if self.absent.is_empty() || late.is_empty() {
            return;
        }
        let mut missing = AbsentIndex::new(self.absent);
        while !late.is_empty() {
            let mut kept = Vec::new();
            for RowDiff { clues, after, target, .. } in late.iter().map(|&i| &self.entries[i]) {
                if matches!(target, Target::New) {
                    kept.extend(missing.find(clues, Some(&after.school), targets));
                }
            }
            kept.retain(|&i| !std::mem::replace(&mut self.absent[i].withdrawn, true));
            late = self.spread(kept.into_iter().map(Act::Absent).collect());
        }
    }

    /// Takes a removal back, and says so.
    pub(super) fn withdraw(&mut self, i: usize, code: Code) {
        self.absent[i].withdrawn = true;
        self.findings.push(Finding {
            column: Some(Column::CustomId.header().to_owned()),
            value: self.absent[i].user.custom_id.clone(),
            ..Finding::file(code)
        });
    }

    /// Returns a number for each act that is part of an exchange, the same for those of one exchange.
    pub(super) fn exchange_numbers(&self) -> Exchanges {
        let exchanges = self.exchanges().into_iter().zip(1..);
        let numbered = |(acts, number): (Vec<Act>, u32)| {
            let size = acts.len();
            acts.into_iter().map(move |act| (act, (number, size)))
        };
        Exchanges(exchanges.flat_map(numbered).collect())
    }

    /// Returns the acts that hang together because one takes over what another gives up, by the lowest custom ID.
    fn exchanges(&self) -> Vec<Vec<Act>> {
        let place = |act| match act {
            Act::Entry(i) => i,
            Act::Absent(i) => self.entries.len() + i,
        };
        let mut groups = Groups::new(self.entries.len() + self.absent.len());
        let handed_over = self.handed_over();
        for &(to, from) in &handed_over {
            groups.join(place(to), place(from));
        }
        let mut exchanges: BTreeMap<usize, Vec<Act>> = BTreeMap::new();
        for act in handed_over.into_iter().flat_map(|(to, from)| [to, from]) {
            exchanges.entry(groups.root(place(act))).or_default().push(act);
        }
        for acts in exchanges.values_mut() {
            acts.sort_unstable();
            acts.dedup();
        }
        exchanges.into_values().filter(|acts| acts.len() > 1).collect()
    }

    /// Returns who takes something over, and from whom.
    fn handed_over(&self) -> Vec<(Act, Act)> {
        let of = |unique: Unique| {
            let claims = self.claimants[unique as usize].iter().filter(|&(_, &i)| !self.entries[i].rejected);
            claims.filter_map(move |(value, &claimant)| {
                let owner = unique.owner(self.directory, value)?;
                Some((Act::Entry(claimant), self.act_on(owner.guid)?))
            })
        };
        Unique::ALL.into_iter().flat_map(of).collect()
    }
}

/// Things that are joined into groups.
struct Groups(Vec<usize>);

impl Groups {
    fn new(len: usize) -> Groups {
        Groups((0..len).collect())
    }

    fn root(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}
