//! The whole way from a file's bytes to a plan.

use std::collections::HashMap;

use crate::diff::settle::{Settler, met};
use crate::diff::{Comparison, Diffed, diff};
use crate::file::ParsedRoster;
use crate::file::parse::read;
use crate::file::parsed::SettledRows;
use crate::file::reading::Reading;
use crate::model::people::UserPlace;
use crate::model::{Directory, Findings, Guid};
use crate::plan::{Plan, plan};
use crate::validate::{Password, Valid, validate};

/// What a roster is planned by.
pub struct Inputs<'a> {
    pub reading: &'a Reading,
    pub directory: &'a Directory,
    pub comparison: &'a Comparison<'a>,
    /// How many rows the last full roster of the same scope had.
    pub previous_rows: Option<u64>,
}

/// A plan, and what else came of its roster.
#[derive(Debug, Clone)]
pub struct PlannedRoster {
    pub parsed: ParsedRoster,
    pub plan: Plan,
    /// Everything that is to be said of the file, its rows and the comparison, sorted.
    pub findings: Findings,
    /// The passwords of created and updated users, until they are hashed.
    pub passwords: HashMap<Guid, Password>,
}

/// Why there is no plan.
#[derive(Debug, Clone)]
pub enum Unplanned {
    /// The file fails as a whole; the findings say why.
    Failed(Findings),
    /// See [`Diffed::NeedsWholeDirectory`].
    NeedsWholeDirectory,
}

/// A roster whose rows were read and checked, to be compared with the users.
#[derive(Debug, Clone)]
pub struct CheckedRoster {
    pub parsed: ParsedRoster,
    pub valid: Valid,
    /// What is wrong with the file and its rows.
    pub findings: Findings,
}

impl CheckedRoster {
    /// Returns a roster without any users, as of a set that has no file of them.
    pub fn without_users(reading: &Reading) -> CheckedRoster {
        let parsed = ParsedRoster::new(Vec::new(), Vec::new(), reading.clone());
        CheckedRoster { parsed, valid: Valid::default(), findings: Findings::default() }
    }
}

/// Reads a roster, checks its rows, compares them with the users and plans.
///
/// # Errors
///
/// Where the file fails as a whole, and where the directory does not hold all users that have to be known.
pub fn plan_roster(bytes: &[u8], inputs: &Inputs) -> Result<PlannedRoster, Unplanned> {
    let Inputs { reading, directory, comparison, .. } = inputs;
    let checked = check_roster(bytes, reading, directory, comparison).map_err(Unplanned::Failed)?;
    plan_checked(checked, inputs)
}

/// Compares the rows of a checked roster with the users and plans.
///
/// # Errors
///
/// Where the directory does not hold all users that have to be known.
pub fn plan_checked(checked: CheckedRoster, inputs: &Inputs) -> Result<PlannedRoster, Unplanned> {
    let Inputs { directory, comparison, previous_rows, .. } = inputs;
    let CheckedRoster { parsed, valid, mut findings } = checked;
    let Diffed::Complete(mut diff, of_comparison) = diff(valid, directory, comparison) else {
        return Err(Unplanned::NeedsWholeDirectory);
    };
    findings.append(of_comparison);
    parsed.name_headers(&mut findings);
    findings.sort();
    let passwords = std::mem::take(&mut diff.passwords);
    Ok(PlannedRoster { parsed, plan: plan(*diff, comparison, *previous_rows), findings, passwords })
}

/// Reads a roster and checks its rows.
///
/// Rows that change nothing are told by the directory, and read no further: plan and findings are the same as if
/// [`crate::parse()`] and [`validate`] had read every row.
///
/// # Errors
///
/// Where the file fails as a whole; the findings say why.
pub fn check_roster(
    bytes: &[u8],
    reading: &Reading,
    directory: &Directory,
    comparison: &Comparison,
) -> Result<CheckedRoster, Findings> {
    let mut open: Vec<UserPlace> = Vec::new();
    loop {
        let (parsed, mut findings) = read(bytes, reading, |parser| match Settler::new(directory, comparison, &open) {
            Some(settler) => settler.read(parser),
            None => Ok(SettledRows::default()),
        });
        let Some(parsed) = parsed else { return Err(findings) };
        let (valid, of_rows) = validate(&parsed, comparison.schools, &comparison.scope, comparison.settings);
        let met = met(&valid, &parsed, directory);
        if met.is_empty() {
            findings.append(of_rows);
            return Ok(CheckedRoster { parsed, valid, findings });
        }
        // A cell may mean another user than it says: that one's row is read, too.
        open.extend(met);
    }
}
