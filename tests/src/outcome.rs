//! What comes of a case: the whole way from bytes to files, without any cloud.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use cloud::changes::MAX_EXCHANGE_WRITES;
use roster::{
    Accounts, ClassComparison, ClassLines, ClassPlan, ClassRules, Code, Column, Comparison, CompletedRow, Counts,
    Finding, Findings, Guid, Hold, Inputs, Kind, Mode, ModeSettings, ParsedRoster, Password, Plan, Reading,
    RekeyChoice, Schools, Scope, Sender, SetPart, Severity, Translation, UnchangedRows, Unplanned, role,
};

use wire::Unpacked;

use crate::case::{About, Case, CaseSet};
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
    pub class_plan: ClassPlan,
    /// How many rows of each file say something of a class; those of one file are of no part.
    pub class_rows: BTreeMap<Option<SetPart>, BTreeSet<u32>>,
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
    pub class_rules: &'a ClassRules,
    /// The other files of a set whose file of users the roster is.
    pub set: Option<&'a CaseSet>,
    pub accounts: &'a Accounts,
    pub reading: &'a Reading,
    /// What is said of the workbook or the archive that the roster comes in.
    pub notes: &'a [Finding],
    /// How files of another system were read as a set.
    pub translation: Option<&'a Translation>,
    pub schools: &'a Schools,
    pub previous_rows: Option<u64>,
}

impl Case {
    /// Returns everything but the roster and the users.
    pub fn terms(&self) -> CaseTerms<'_> {
        let About { mode, source, previous_rows, .. } = &self.about;
        let (scope, settings, accounts, schools) = (self.scope(), &self.settings, &self.accounts, &self.schools);
        let reading = &self.reading;
        let unpacked = self.package.as_ref().and_then(|package| package.unpacked.as_ref().ok());
        let sender = Sender { source: source.as_ref(), rules: Some(&self.sources), is_by_hand: false };
        CaseTerms {
            mode: *mode,
            scope,
            sender,
            settings,
            class_rules: &self.class_rules,
            set: self.set.as_ref(),
            accounts,
            reading,
            notes: unpacked.map(|unpacked| &unpacked.notes[..]).unwrap_or_default(),
            translation: unpacked.and_then(|unpacked| unpacked.translation.as_ref()),
            schools,
            previous_rows: *previous_rows,
        }
    }

    /// Runs the whole way with the case's roster.
    pub fn run(&self) -> CaseOutcome {
        match self.package.as_ref().map(|package| &package.unpacked) {
            Some(Err(findings)) => CaseOutcome::Failed(findings.clone()),
            _ => run(&self.roster, &self.world, &self.terms()),
        }
    }
}

/// Returns what the page finds before anything is sent: all findings that need no directory.
pub fn check(bytes: &[u8], terms: &CaseTerms) -> Findings {
    let sent = Unpacked::read(bytes, terms.reading, terms.schools, None).sent;
    let sent = sent.and_then(|sent| sent.for_mode(terms.mode));
    roster::check_sent(sent, terms.reading, (terms.schools, &terms.scope, terms.settings), |_| {}).findings
}

/// Runs the whole way from bytes to a plan and what it makes of the users and classes.
///
/// # Panics
///
/// Where a plan that leaves settled rows out is another one than if every row is read.
pub fn run(bytes: &[u8], world: &World, terms: &CaseTerms) -> CaseOutcome {
    let parts = match Parts::read(terms) {
        Ok(parts) => parts,
        Err(findings) => return CaseOutcome::Failed(findings),
    };
    if terms.set.is_some_and(|set| !set.users) {
        return CaseOutcome::Planned(Box::new(Planned::new(without_users(terms), parts, world, terms)));
    }
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
            CaseOutcome::Planned(Box::new(Planned::new(read, parts, world, terms)))
        }
    }
}

/// Compares and plans the rows of every file in reverse order.
///
/// # Panics
///
/// Where a file fails as a whole.
pub fn run_in_reverse(bytes: &[u8], world: &World, terms: &CaseTerms) -> Planned {
    let mut parts = Parts::read(terms).expect("files that can be read");
    parts.classes.iter_mut().chain(&mut parts.enrolments).for_each(|part| part.rows.reverse());
    if terms.set.is_some_and(|set| !set.users) {
        return Planned::new(without_users(terms), parts, world, terms);
    }
    let (parsed, findings) = roster::parse(bytes, terms.reading);
    let mut parsed = parsed.expect("a file that can be read");
    parsed.rows.reverse();
    Planned::new(step_by_step(parsed, findings, world, terms), parts, world, terms)
}

/// The files of a set beside the one of users, read.
#[derive(Default)]
struct Parts {
    classes: Option<ParsedRoster>,
    enrolments: Option<ParsedRoster>,
    findings: Findings,
}

impl Parts {
    /// Reads the files, or says why one of them fails as a whole.
    fn read(terms: &CaseTerms) -> Result<Parts, Findings> {
        let mut parts = Parts::default();
        let Some(set) = terms.set else { return Ok(parts) };
        for (part, bytes) in [(SetPart::Classes, &set.classes), (SetPart::Enrolments, &set.enrolments)] {
            let Some(bytes) = bytes else { continue };
            let (parsed, findings) = roster::parse_part(bytes, part, terms.reading);
            let Some(parsed) = parsed else { return Err(findings) };
            parts.findings.append(findings);
            match part {
                SetPart::Classes => parts.classes = Some(parsed),
                _ => parts.enrolments = Some(parsed),
            }
        }
        Ok(parts)
    }

    /// Returns what the files say of classes, or else what the roster says.
    fn lines(&self, roster: &ParsedRoster, terms: &CaseTerms) -> (ClassLines, Findings) {
        let (classes, enrolments) = (self.classes.as_ref(), self.enrolments.as_ref());
        match terms.set {
            Some(set) => roster::set_lines(set.users, classes, enrolments, terms.schools, &terms.scope),
            None => roster::class_lines(roster, terms.schools, &terms.scope),
        }
    }

    fn rows(&self, roster: &ParsedRoster, terms: &CaseTerms) -> BTreeMap<Option<SetPart>, BTreeSet<u32>> {
        let numbers = |parsed: &ParsedRoster| parsed.rows.iter().map(|row| row.number).collect();
        if terms.set.is_some() {
            let files = [(SetPart::Classes, &self.classes), (SetPart::Enrolments, &self.enrolments)];
            return files.into_iter().filter_map(|(part, file)| Some((Some(part), numbers(file.as_ref()?)))).collect();
        }
        let named = [Column::ClassId, Column::ClassGuid];
        let speaks = |row: &&roster::Row| {
            named.iter().any(|column| roster.cell(row, *column).is_some_and(|cell| !cell.is_empty()))
        };
        BTreeMap::from([(None, roster.rows.iter().filter(speaks).map(|row| row.number).collect())])
    }
}

/// Returns what there is to say of users where a set has no file of them.
fn without_users(terms: &CaseTerms) -> roster::PlannedRoster {
    // A file of enrolments without rows stands for the roster that there is not.
    let (parsed, _) = roster::parse_part(b"class_id,custom_id\n", SetPart::Enrolments, terms.reading);
    let plan = Plan {
        mode: terms.mode,
        scope: terms.scope.clone(),
        removal_action: terms.settings.removal_action,
        counts: Counts::default(),
        tallies: Vec::new(),
        holds: Vec::new(),
        changes: Vec::new(),
        unchanged: UnchangedRows::default(),
    };
    let parsed = parsed.expect("headers are enough");
    roster::PlannedRoster { parsed, plan, findings: Findings::default(), passwords: HashMap::new() }
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
    fn new(planned: roster::PlannedRoster, parts: Parts, world: &World, terms: &CaseTerms) -> Planned {
        let roster::PlannedRoster { parsed, mut plan, mut findings, passwords } = planned;
        let promoted = role::promoted(&plan.changes, &role::built_in(), terms.schools).into_iter();
        let promoted = promoted.filter(|user| !world.own_passwords.contains(user)).collect();
        role::renew_passwords(&mut plan.changes, &promoted, &terms.accounts.passwords);
        let (lines, of_lines) = parts.lines(&parsed, terms);
        let sent = |row| roster::typed_id(Column::CustomId, parsed.cell(row, Column::CustomId)?);
        let sent_ids: HashSet<String> = match terms.set {
            Some(_) => parsed.rows.iter().filter_map(sent).collect(),
            None => HashSet::new(),
        };
        let comparison = ClassComparison {
            mode: terms.mode,
            scope: &terms.scope,
            rules: terms.class_rules,
            accounts: terms.accounts,
            sender: terms.sender,
            guid_seed: [7; 32],
            sent_ids: &sent_ids,
        };
        let (class_plan, of_comparison) =
            roster::plan_classes(&lines, &plan, &world.directory(), &world.class_directory(), &comparison);
        let class_rows = parts.rows(&parsed, terms);
        findings.extend(terms.notes.iter().cloned());
        plan.holds.extend(Hold::of_notes(terms.notes));
        [parts.findings, of_lines, of_comparison].into_iter().for_each(|more| findings.append(more));
        if let Some(translation) = terms.translation {
            translation.locate(&mut findings);
        }
        findings.sort();
        let after = world.after(&plan, &passwords).after_classes(&class_plan);
        Planned { parsed, findings, plan, class_plan, class_rows, passwords, after }
    }

    /// Returns the rows that are rejected.
    pub fn rejected(&self) -> BTreeSet<u32> {
        let of_users = |f: &&Finding| f.severity() == Severity::Row && f.part.is_none();
        self.findings.iter().filter(of_users).filter_map(|f| f.row).collect()
    }

    /// Returns the rows of which something is rejected, that about a class too.
    pub fn rejected_in(&self, part: Option<SetPart>) -> BTreeSet<u32> {
        let rejects = |f: &&Finding| f.severity().rejects() && f.part == part;
        self.findings.iter().filter(rejects).filter_map(|f| f.row).collect()
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
