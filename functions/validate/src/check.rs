//! From rows to a plan, with what the table knows.

use std::collections::{HashMap, HashSet};

use cloud::Cloud;
use cloud::changes::MAX_EXCHANGE_WRITES;
use cloud::uploads::Seeds;
use roster::accounts::NewPasswords;
use roster::username::Maker;
use roster::{
    Accounts, Comparison, Diffed, Directory, Findings, Guid, Hold, Mode, ModeSettings, Password, Plan, Roles, Schools,
    User, Valid, role,
};
use runtime::{parallel, passwords};
use wire::upload::PlanMade;
use wire::{Source, Upload};

use crate::Fault;

/// Up to how many rows a partial roster is compared with just the users that it names. Each row asks for a few keys, so
/// that many rows cost more than reading everybody.
const FEW_ROWS: usize = 1000;

/// What came of a roster that could be read.
pub(crate) struct Checked {
    pub(crate) plan: Plan,
    pub(crate) findings: Findings,
    /// The passwords of the file that the plan sets.
    pub(crate) passwords: HashMap<Guid, Password>,
    /// The hash of the default password, where new users get it.
    pub(crate) default_password: Option<String>,
    /// What temporary passwords are derived from.
    pub(crate) password_seed: [u8; 32],
    pub(crate) schools: Schools,
}

/// Validates the rows, compares them with the directory and plans.
pub(crate) async fn check(
    cloud: &Cloud,
    upload: &Upload,
    parsed: &roster::ParsedRoster,
    mut findings: Findings,
    now: u64,
) -> Result<Checked, Fault> {
    let Upload { id, mode, scope, .. } = upload;
    let schools = cloud.schools().await?;
    let all_settings = cloud.settings().await?.settings;
    let settings = all_settings.of(*mode);
    let (valid, more) = roster::validate(parsed, &schools, scope, settings);
    findings.append(more);

    let Seeds { guid: guid_seed, password: password_seed } = cloud.keep_seeds(id, seeds()?).await?;
    let previous_rows = match mode {
        Mode::Full => cloud.last_full_rows(scope).await?,
        Mode::Partial => None,
    };
    let accounts = &all_settings.accounts;
    let default_password = match accounts.passwords.source {
        NewPasswords::Default => Some(cloud.default_password().await?.ok_or(Fault::NoDefaultPassword)?),
        NewPasswords::File | NewPasswords::Random => None,
    };
    let circumstances = Circumstances { upload, settings, accounts, now, guid_seed, schools: &schools, previous_rows };
    if !settings.needs_whole_directory(*mode) && parsed.rows.len() <= FEW_ROWS {
        let names = Maker::new(&accounts.usernames, &schools, now);
        let directory = cloud.named_users(&valid.named(&names)).await?;
        if let Some(compared) = compare(cloud, valid.clone(), &directory, &circumstances).await? {
            return Ok(Checked::new(compared, findings, (default_password, password_seed), schools));
        }
    }
    let directory = cloud.directory().await?;
    let compared = compare(cloud, valid, &directory, &circumstances).await?.ok_or(Fault::DirectoryNotWhole)?;
    Ok(Checked::new(compared, findings, (default_password, password_seed), schools))
}

/// The settings approve nothing by which the one who uploaded would gain more than their roles allow, or get rid of those
/// who may do more: somebody who may as much has to. Of a file in the bucket it is not known who put it there.
pub(crate) async fn hold_what_reaches_too_far(
    cloud: &Cloud,
    upload: &Upload,
    checked: &mut Checked,
) -> Result<(), Fault> {
    let known = cloud.roles().await?;
    let (handed, closed) = (known.permissions_of(&checked.hands_out()), known.permissions_of(&checked.closes()));
    let Source::Administrator { guid, .. } = &upload.source else {
        let everyday = role::everyday(&known.roles);
        let reaches_far = !handed.is_subset(&everyday) || !closed.is_subset(&everyday);
        if reaches_far && !cloud.settings().await?.settings.accounts.roles.bucket_unattended {
            checked.plan.holds.push(Hold::FromBucket);
        }
        return Ok(());
    };
    let own = match cloud.account(*guid).await?.filter(|account| account.user.can_sign_in()) {
        Some(account) => account.user.roles_in_force(checked.schools.is_district(&account.user.school)),
        None => Roles::default(),
    };
    let own = known.permissions_of(&own);
    checked.plan.holds.extend((!handed.is_subset(&own)).then_some(Hold::HandsOutMore));
    checked.plan.holds.extend((!closed.is_subset(&own)).then_some(Hold::ClosesMore));
    Ok(())
}

/// What a comparison goes by apart from rows and users.
struct Circumstances<'a> {
    upload: &'a Upload,
    settings: &'a ModeSettings,
    accounts: &'a Accounts,
    now: u64,
    guid_seed: [u8; 32],
    schools: &'a Schools,
    previous_rows: Option<u64>,
}

/// What came of a comparison.
struct Compared {
    plan: Plan,
    passwords: HashMap<Guid, Password>,
    findings: Findings,
}

/// Compares the rows with the users and plans; `None` where these users are not enough.
async fn compare(
    cloud: &Cloud,
    valid: Valid,
    directory: &Directory,
    by: &Circumstances<'_>,
) -> Result<Option<Compared>, Fault> {
    let current = current_passwords(cloud, &valid, directory, by.settings).await?;
    let Some(mut compared) = planned(valid, directory, by, &current) else { return Ok(None) };
    keep_no_secret(cloud, &mut compared.plan, by).await?;
    Ok(Some(compared))
}

/// `current` are the users whose password is the one that the file gives them.
fn planned(valid: Valid, directory: &Directory, by: &Circumstances<'_>, current: &HashSet<Guid>) -> Option<Compared> {
    let comparison = Comparison {
        mode: by.upload.mode,
        scope: by.upload.scope.clone(),
        settings: by.settings,
        accounts: by.accounts,
        now: by.now,
        schools: by.schools,
        max_exchange_writes: MAX_EXCHANGE_WRITES,
        guid_seed: by.guid_seed,
        password_is_current: &|user: &User, _: &Password| current.contains(&user.guid),
    };
    let Diffed::Complete(mut diff, findings) = roster::diff(valid, directory, &comparison) else { return None };
    let passwords = std::mem::take(&mut diff.passwords);
    let plan = roster::plan(*diff, &comparison, by.previous_rows);
    Some(Compared { plan, passwords, findings })
}

/// Whoever may do more after the plan gets a new password, unless it is one that only the user knows.
async fn keep_no_secret(cloud: &Cloud, plan: &mut Plan, by: &Circumstances<'_>) -> Result<(), Fault> {
    let promoted: HashSet<Guid> =
        role::promoted(&plan.changes, &cloud.roles().await?.roles, by.schools).into_iter().collect();
    if promoted.is_empty() {
        return Ok(());
    }
    let theirs = plan.changes.iter().filter(|change| promoted.contains(&change.guid));
    let ids: Vec<&str> = theirs.filter_map(|change| Some(change.before.as_ref()?.custom_id.as_str())).collect();
    let known = cloud.with_known_passwords(&ids).await?;
    role::renew_passwords(&mut plan.changes, &known, &by.accounts.passwords);
    Ok(())
}

impl Checked {
    fn new(
        compared: Compared,
        mut findings: Findings,
        (default_password, password_seed): (Option<String>, [u8; 32]),
        schools: Schools,
    ) -> Checked {
        let Compared { plan, passwords, findings: of_users } = compared;
        findings.append(of_users);
        findings.sort();
        Checked { plan, findings, passwords, default_password, password_seed, schools }
    }

    /// The roles of the accounts that the plan makes or hands over.
    pub(crate) fn hands_out(&self) -> Roles {
        role::handed_out(&self.plan.changes, &self.schools)
    }

    /// The roles of the accounts that the plan closes.
    pub(crate) fn closes(&self) -> Roles {
        role::closed(&self.plan.changes, &self.schools)
    }

    /// The upload once the plan with this digest is written.
    pub(crate) fn recorded(&self, mut upload: Upload, digest: String, now: u64) -> Upload {
        let (counts, findings) = (self.plan.counts, self.findings.counts().clone());
        upload.plan_made(PlanMade { digest, counts, findings, holds: recorded_holds(&self.plan.holds) }, now);
        upload
    }
}

/// How many passed limits are recorded with an upload, which is one item of the table.
const MAX_LIMITS: usize = 40;

/// Every reason to hold the plan, but of very many limits only the first ones and how many more there are.
fn recorded_holds(holds: &[Hold]) -> Vec<Hold> {
    let (limits, mut recorded): (Vec<Hold>, Vec<Hold>) =
        holds.iter().cloned().partition(|hold| matches!(hold, Hold::Limit { .. }));
    let others = limits.len().saturating_sub(MAX_LIMITS);
    recorded.extend(limits.into_iter().take(MAX_LIMITS));
    recorded.extend((others > 0).then_some(Hold::Others { count: others as u64 }));
    recorded
}

fn seeds() -> Result<Seeds, Fault> {
    let mut seeds = Seeds { guid: [0; 32], password: [0; 32] };
    getrandom::fill(&mut seeds.guid).map_err(Fault::Random)?;
    getrandom::fill(&mut seeds.password).map_err(Fault::Random)?;
    Ok(seeds)
}

/// The users whose password is already the one that the file gives them. Asked only where the file may change
/// passwords, for it takes as long as hashing them.
async fn current_passwords(
    cloud: &Cloud,
    valid: &Valid,
    directory: &Directory,
    settings: &ModeSettings,
) -> Result<HashSet<Guid>, Fault> {
    if !settings.update_password || !settings.overwrite {
        return Ok(HashSet::new());
    }
    let mut given = Vec::new();
    for row in &valid.rows {
        let user = || match row.guid {
            Some(guid) => directory.by_guid(guid),
            None => directory.by_custom_id(&row.custom_id),
        };
        if let Some(password) = &row.password
            && let Some(user) = user()
        {
            given.push((user, password.clone()));
        }
    }
    let users: Vec<&User> = given.iter().map(|(user, _)| *user).collect();
    let mut hashes = cloud.password_hashes(&users).await?;
    let given =
        given.into_iter().filter_map(|(user, password)| Some((user.guid, password, hashes.remove(&user.guid)?)));
    let same = parallel::map(given.collect(), |(guid, password, hash): &(Guid, Password, String)| {
        passwords::verify(password.reveal(), Some(hash)).then_some(*guid)
    });
    Ok(same.await.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use roster::LimitOf;

    use super::*;

    #[test]
    fn no_reason_is_lost_among_very_many_limits() {
        let limit = |n: usize| Hold::Limit {
            of: LimitOf::Removals,
            school: Some(roster::SchoolId(n.to_string())),
            user_type: None,
            share: true,
            measured: 50.0,
            limit: 10.0,
        };
        let mut holds: Vec<Hold> = [Hold::ApprovalRequired].into_iter().chain((0..45).map(limit)).collect();
        holds.push(Hold::RowsCutOff);
        let recorded = recorded_holds(&holds);
        assert_eq!(recorded[..2], [Hold::ApprovalRequired, Hold::RowsCutOff]);
        assert_eq!((recorded.len(), recorded.last()), (43, Some(&Hold::Others { count: 5 })));
        assert_eq!(recorded_holds(&[limit(1), limit(2)]), [limit(1), limit(2)]);
    }
}
