//! What comes of a case: the whole way from bytes to files, without any cloud.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cloud::changes::MAX_EXCHANGE_WRITES;
use roster::{
    Accounts, Code, Comparison, CompletedRow, Finding, Findings, Guid, Inputs, Kind, Mode, ModeSettings, ParsedRoster,
    Password, Plan, Reading, RekeyChoice, Schools, Scope, Sender, Severity, Unplanned, role,
};

use crate::case::{About, Case};
use crate::world::World;

/// When every case is compared: in November 2026.
pub const NOW: u64 = 1_795_000_000_000;

/// The findings of a file that fails as a whole, or all that comes of one that does not.
pub enum CaseOutcome {
    Failed(Findings),
    Planned(Box<Planned>),
}

/// A roster that was compared.
pub struct Planned {
    pub parsed: ParsedRoster,
    pub findings: Findings,
    pub plan: Plan,
    pub passwords: HashMap<Guid, Password>,
    pub after: World,
}

/// The files of an upload.
pub struct UploadFiles {
    pub plan: Vec<u8>,
    pub completed: Vec<u8>,
    pub errors: Vec<u8>,
}

/// Everything of a case but the roster and the users.
pub struct CaseTerms<'a> {
    pub mode: Mode,
    pub scope: Scope,
    pub sender: Sender<'a>,
    pub settings: &'a ModeSettings,
    pub accounts: &'a Accounts,
    pub reading: &'a Reading,
    pub schools: &'a Schools,
    pub previous_rows: Option<u64>,
}

impl Case {
    /// Returns everything but the roster and the users.
    pub fn terms(&self) -> CaseTerms<'_> {
        let About { mode, source, previous_rows, .. } = &self.about;
        let (scope, settings, accounts, schools) = (self.scope(), &self.settings, &self.accounts, &self.schools);
        let reading = &self.reading;
        let sender = Sender { source: source.as_ref(), rules: Some(&self.sources), is_by_hand: false };
        CaseTerms { mode: *mode, scope, sender, settings, accounts, reading, schools, previous_rows: *previous_rows }
    }

    /// Runs the whole way with the case's roster.
    pub fn run(&self) -> CaseOutcome {
        run(&self.roster, &self.world, &self.terms())
    }
}

/// Returns what the page finds before anything is sent: all findings that need no directory.
pub fn check(bytes: &[u8], terms: &CaseTerms) -> Findings {
    let sent = wire::archive::read_sent(bytes, terms.reading);
    roster::check_sent(sent, terms.reading, (terms.schools, &terms.scope, terms.settings), |_| {}).findings
}

/// Runs the whole way from bytes to a plan and what it makes of the users.
///
/// # Panics
///
/// Where a plan that leaves settled rows out is another one than if every row is read.
pub fn run(bytes: &[u8], world: &World, terms: &CaseTerms) -> CaseOutcome {
    let at_once = with_inputs(world, terms, |inputs| roster::plan_roster(bytes, inputs));
    match roster::parse(bytes, terms.reading) {
        (None, findings) => {
            assert!(matches!(at_once, Err(Unplanned::Failed(failed)) if failed == findings));
            CaseOutcome::Failed(findings)
        }
        (Some(parsed), findings) => {
            let read = step_by_step(parsed, findings, world, terms);
            let at_once = at_once.expect("a plan, as step by step");
            assert_eq!((&at_once.plan, &at_once.findings), (&read.plan, &read.findings));
            CaseOutcome::Planned(Box::new(Planned::new(read, world, terms)))
        }
    }
}

/// Compares and plans rows that could be read.
pub fn compare(parsed: ParsedRoster, findings: Findings, world: &World, terms: &CaseTerms) -> Planned {
    Planned::new(step_by_step(parsed, findings, world, terms), world, terms)
}

fn step_by_step(
    parsed: ParsedRoster,
    mut findings: Findings,
    world: &World,
    terms: &CaseTerms,
) -> roster::PlannedRoster {
    let (valid, of_rows) = roster::validate(&parsed, terms.schools, &terms.scope, terms.settings);
    findings.append(of_rows);
    let checked = roster::CheckedRoster { parsed, valid, findings };
    with_inputs(world, terms, |inputs| roster::plan_checked(checked, inputs)).expect("the world holds everybody")
}

fn with_inputs<T>(world: &World, terms: &CaseTerms, plan: impl FnOnce(&Inputs) -> T) -> T {
    let is_current = |user: &roster::User, password: &Password| world.has_password(user, password);
    let comparison = Comparison {
        mode: terms.mode,
        sender: terms.sender,
        scope: terms.scope.clone(),
        settings: terms.settings,
        accounts: terms.accounts,
        now: NOW,
        schools: terms.schools,
        max_exchange_writes: MAX_EXCHANGE_WRITES,
        guid_seed: [7; 32],
        password_is_current: &is_current,
    };
    let (directory, previous_rows) = (&world.directory(), terms.previous_rows);
    plan(&Inputs { reading: terms.reading, directory, comparison: &comparison, previous_rows })
}

impl Planned {
    fn new(planned: roster::PlannedRoster, world: &World, terms: &CaseTerms) -> Planned {
        let roster::PlannedRoster { parsed, mut plan, findings, passwords } = planned;
        let promoted = role::promoted(&plan.changes, &role::built_in(), terms.schools).into_iter();
        let promoted = promoted.filter(|user| !world.own_passwords.contains(user)).collect();
        role::renew_passwords(&mut plan.changes, &promoted, &terms.accounts.passwords);
        let after = world.after(&plan, &passwords);
        Planned { parsed, findings, plan, passwords, after }
    }

    /// Returns the rows that are rejected.
    pub fn rejected(&self) -> BTreeSet<u32> {
        self.findings.iter().filter(|f| f.severity() == Severity::Row).filter_map(|f| f.row).collect()
    }

    /// Writes the files of the upload as if every change was carried out.
    pub fn files(&self, schools: &Schools) -> UploadFiles {
        let errors = roster::errors_by_row(&self.findings, None);
        UploadFiles {
            plan: roster::plan_file(self.plan.changes.iter(), None, schools),
            completed: roster::credentials_file(&self.parsed, &self.done()),
            errors: roster::error_file(&self.parsed, &errors),
        }
    }

    fn done(&self) -> BTreeMap<u32, CompletedRow> {
        let unchanged = self.plan.unchanged.iter().map(|u| {
            let (username, not_updated) = (u.username.clone(), u.not_updated.clone());
            (
                u.row,
                CompletedRow {
                    guid: u.guid,
                    username,
                    temporary_password: None,
                    result: u.why.as_str(),
                    not_updated,
                    class: None,
                },
            )
        });
        // As if every probable re-key were one.
        let chosen = self.plan.changes.iter().flat_map(|change| change.chosen(RekeyChoice::SamePerson));
        let changed = chosen.filter_map(|change| {
            let row = CompletedRow {
                guid: Some(change.guid),
                username: change.after.as_ref()?.username.clone(),
                temporary_password: change.password.and_then(|source| source.temporary_password(&[9; 32], change.guid)),
                result: change.result(),
                not_updated: change.not_updated.clone(),
                class: None,
            };
            Some((change.row?, row))
        });
        unchanged.chain(changed).collect()
    }
}

/// Returns how many findings there are of each code.
pub fn by_code(findings: &[Finding]) -> BTreeMap<Code, u64> {
    findings.iter().fold(BTreeMap::new(), |mut all, finding| {
        *all.entry(finding.code).or_default() += 1;
        all
    })
}

/// Returns what the completed file calls a kind.
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Created => "created",
        Kind::Updated => "updated",
        Kind::Moved => "moved",
        Kind::Reactivated => "reactivated",
        Kind::Renamed => "renamed",
        Kind::Rekeyed => "rekeyed",
        Kind::Removed => "removed",
    }
}
