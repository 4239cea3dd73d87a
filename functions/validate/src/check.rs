//! From rows to a plan, with what the table knows.

use std::collections::HashSet;

use cloud::Cloud;
use cloud::changes::MAX_EXCHANGE_WRITES;
use cloud::full_rows::RosterKind;
use cloud::uploads::Seeds;
use roster::accounts::NewPasswords;
use roster::username::Maker;
use roster::{
    Accounts, CheckedRoster, ClassPlan, ClassRules, Column, Comparison, Directory, Finding, Findings, Guid, Hold,
    Inputs, Mode, ModeSettings, PartsOfSet, Password, Plan, Reading, Roles, Schools, Sender, SetPart, Settings,
    SourceId, SourceRules, Translation, Unchanged, User, Valid, role,
};
use runtime::{parallel, passwords};
use wire::{Source, Upload};

use crate::ValidateFault;
use crate::classes::{self, ClassTerms};
use crate::planned::PlannedUpload;
use crate::rosters::Rosters;

/// Up to how many rows a partial roster is compared with just the users that it names. Each row asks for a few keys, so
/// that many rows cost more than reading everybody.
const FEW_ROWS: usize = 1000;

const SEVERAL_ROWS: &str = "An edit by hand has one row, about one person, and this file has another number of rows. \
                            Nothing was changed. Upload it as a roster on the page Uploads.";

const SOMEBODY_ELSES: &str = "Somebody has this custom ID already. Nothing was changed. Look the user up on the page \
                              Users and edit it there, or type the right ID.";

const NOT_SYNCED: &str = "The settings leave students of this grade out, so that nothing was changed. Choose another \
                          grade, or sync this year level (Settings, Year levels).";

/// What came of a roster.
pub(crate) enum CheckOutcome {
    /// The file fails as a whole; the findings say why.
    Failed(Findings),
    /// An edit by hand is not about one person: the sentence says what to do.
    Refused(&'static str),
    Planned(Box<PlannedUpload>),
}

/// Reads a roster, validates its rows, compares them with the directory and plans.
pub(crate) async fn check(
    cloud: &Cloud,
    all_settings: &Settings,
    upload: &Upload,
    rosters: Rosters,
    reading: &Reading,
    now: u64,
) -> Result<CheckOutcome, ValidateFault> {
    let Rosters { users, set, notes, translation, .. } = rosters;
    let Upload { id, mode, by_hand, .. } = upload;
    let schools = cloud.school_list().await?;
    let of_mode = all_settings.of(*mode);
    let settings = &if *by_hand { of_mode.by_hand() } else { of_mode.clone() };
    let Seeds { guid: guid_seed, password: password_seed } = cloud.seeds_get_or_create(id, seeds()?).await?;
    let previous_rows = if mode.removes_absent() && users.is_some() {
        cloud.full_rows_get(RosterKind::of(upload)).await?
    } else {
        None
    };
    let accounts = &all_settings.accounts;
    let sources = &all_settings.sources;
    let hand = by_hand.then(SourceId::by_hand);
    let by = Circumstances {
        upload,
        reading,
        settings,
        accounts,
        sources,
        class_rules: &all_settings.classes,
        source: upload.of_source.as_ref().or(hand.as_ref()),
        now,
        guid_seed,
        schools: &schools,
        previous_rows,
        set: set.as_ref(),
        notes: &notes,
        // Without a file of users nobody is absent from it.
        user_mode: if users.is_some() { *mode } else { Mode::Partial },
    };
    let few = match (&users, &set) {
        (Some(bytes), None) => few_rows(cloud, bytes, &by).await?,
        (None, Some(set)) => few_enrolments(cloud, set, &by).await?,
        _ => Few::NotEnough,
    };
    let compared = match few {
        Few::Failed(findings) => return Ok(CheckOutcome::Failed(located(findings, translation.as_ref()))),
        Few::Compared(compared) => *compared,
        Few::NotEnough => {
            let directory = cloud.directory_get().await?;
            let rows = match &users {
                Some(bytes) => roster::check_roster(bytes, reading, &directory, &by.comparison(&|_, _| false)),
                None => Ok(CheckedRoster::without_users(reading)),
            };
            drop(users);
            match rows {
                Err(findings) => return Ok(CheckOutcome::Failed(located(findings, translation.as_ref()))),
                Ok(rows) => {
                    Box::pin(compare(cloud, rows, &directory, &by)).await?.ok_or(ValidateFault::DirectoryNotWhole)?
                }
            }
        }
    };
    if *by_hand && let Some(refusal) = refusal_of_edit(&compared.roster, set.as_ref()) {
        return Ok(CheckOutcome::Refused(refusal));
    }
    let default_password = match accounts.passwords.source {
        NewPasswords::Default => Some(cloud.default_password_get().await?.ok_or(ValidateFault::NoDefaultPassword)?),
        NewPasswords::File | NewPasswords::Random => None,
    };
    let Compared { roster: roster::PlannedRoster { parsed, plan, findings, passwords }, classes } = compared;
    let findings = located(findings, translation.as_ref());
    let planned =
        PlannedUpload { parsed, plan, classes, findings, passwords, default_password, password_seed, schools, set };
    Ok(CheckOutcome::Planned(Box::new(planned)))
}

/// Returns the findings with where they stand in the files of another system that were sent.
fn located(mut findings: Findings, translation: Option<&Translation>) -> Findings {
    if let Some(translation) = translation {
        translation.locate(&mut findings);
    }
    findings
}

/// Returns why a roster is no edit by hand of one person, or of one person's place in a class.
fn refusal_of_edit(compared: &roster::PlannedRoster, set: Option<&PartsOfSet>) -> Option<&'static str> {
    let roster::PlannedRoster { parsed, plan, .. } = compared;
    if let Some(set) = set {
        let is_one =
            matches!(&set.files().collect::<Vec<_>>()[..], [(SetPart::Enrolments, file)] if file.row_count() == 1);
        return (!is_one || parsed.row_count() > 0).then_some(SEVERAL_ROWS);
    }
    let [row] = &parsed.rows[..] else { return Some(SEVERAL_ROWS) };
    if plan.unchanged.iter().any(|row| row.why == Unchanged::Outside) {
        return Some(NOT_SYNCED);
    }
    let names_user = parsed.cell(row, Column::UserGuid).is_some_and(|cell| !cell.is_empty());
    let exists = plan.changes.iter().any(|change| change.before.is_some() && !change.restores)
        || plan.unchanged.iter().any(|row| row.guid.is_some());
    (exists && !names_user).then_some(SOMEBODY_ELSES)
}

/// Compares a few enrolments, sent alone, with just the users that they name.
async fn few_enrolments(cloud: &Cloud, set: &PartsOfSet, by: &Circumstances<'_>) -> Result<Few, ValidateFault> {
    let rows: usize = set.files().map(|(_, file)| file.row_count()).sum();
    if by.upload.mode.removes_absent() || by.class_rules.replace_primary || rows > FEW_ROWS {
        return Ok(Few::NotEnough);
    }
    let scope = &by.upload.scope;
    let (lines, _) = roster::set_lines(false, set.classes.as_ref(), set.enrolments.as_ref(), by.schools, scope);
    let Some(named) = lines.named_users() else { return Ok(Few::NotEnough) };
    let directory = cloud.directory_get_named(&named).await?;
    compare_few(cloud, CheckedRoster::without_users(by.reading), &directory, by).await
}

async fn compare_few(
    cloud: &Cloud,
    rows: CheckedRoster,
    directory: &Directory,
    by: &Circumstances<'_>,
) -> Result<Few, ValidateFault> {
    let compared = Box::pin(compare(cloud, rows, directory, by)).await?;
    Ok(compared.map_or(Few::NotEnough, |compared| Few::Compared(Box::new(compared))))
}

/// What came of a roster with few rows.
enum Few {
    Failed(Findings),
    Compared(Box<Compared>),
    /// It has many rows, or needs to know of everybody.
    NotEnough,
}

/// Compares a roster of few rows with just the users that it names.
async fn few_rows(cloud: &Cloud, bytes: &[u8], by: &Circumstances<'_>) -> Result<Few, ValidateFault> {
    if by.settings.needs_whole_directory(by.upload.mode) {
        return Ok(Few::NotEnough);
    }
    let (parsed, mut findings) = roster::parse(bytes, by.reading);
    let Some(parsed) = parsed else { return Ok(Few::Failed(findings)) };
    if parsed.row_count() > FEW_ROWS {
        return Ok(Few::NotEnough);
    }
    let (valid, of_rows) = roster::validate(&parsed, by.schools, &by.upload.scope, by.settings);
    findings.append(of_rows);
    let names = Maker::new(&by.accounts.usernames, by.schools, by.now);
    let directory = cloud.directory_get_named(&valid.named(&names)).await?;
    let rows = roster::CheckedRoster { parsed, valid, findings };
    compare_few(cloud, rows, &directory, by).await
}

/// Holds a plan by which the one who uploaded would gain more than their roles allow, or get rid of those who may do
/// more: somebody who may as much has to approve it. Of a file in the bucket it is not known who put it there.
pub(crate) async fn hold_what_reaches_too_far(
    cloud: &Cloud,
    settings: &Settings,
    upload: &Upload,
    checked: &mut PlannedUpload,
) -> Result<(), ValidateFault> {
    let known = cloud.roles_get().await?;
    let (handed, closed) = (known.permissions_of(&checked.hands_out()), known.permissions_of(&checked.closes()));
    let Source::Administrator { guid, key, .. } = &upload.source else {
        let everyday = role::everyday(&known.roles);
        let reaches_far = !handed.is_subset(&everyday) || !closed.is_subset(&everyday);
        if reaches_far && !settings.accounts.roles.bucket_unattended {
            checked.plan.holds.push(Hold::FromBucket);
        }
        return Ok(());
    };
    let own = match cloud.account_get(*guid).await?.filter(|account| account.user.can_sign_in()) {
        Some(account) => account.user.roles_in_force(checked.schools.is_district(&account.user.school)),
        None => Roles::default(),
    };
    let mut own = known.permissions_of(&own);
    if key.is_some() {
        own = role::with_key(&known.roles, &own);
    }
    checked.plan.holds.extend((!handed.is_subset(&own)).then_some(Hold::HandsOutMore));
    checked.plan.holds.extend((!closed.is_subset(&own)).then_some(Hold::ClosesMore));
    Ok(())
}

/// What a comparison goes by apart from rows and users.
struct Circumstances<'a> {
    upload: &'a Upload,
    reading: &'a Reading,
    settings: &'a ModeSettings,
    accounts: &'a Accounts,
    sources: &'a SourceRules,
    class_rules: &'a ClassRules,
    /// The source of the rows.
    source: Option<&'a SourceId>,
    now: u64,
    guid_seed: [u8; 32],
    schools: &'a Schools,
    previous_rows: Option<u64>,
    /// The other files of a set.
    set: Option<&'a PartsOfSet>,
    /// What is to be said of how the files were packed.
    notes: &'a [Finding],
    user_mode: Mode,
}

impl<'a> Circumstances<'a> {
    fn sender(&self) -> Sender<'a> {
        Sender { source: self.source, rules: Some(self.sources), is_by_hand: self.upload.by_hand }
    }

    /// Returns what rows are compared by; `current` says whose password is the one that the file gives them.
    fn comparison(&self, current: &'a dyn Fn(&User, &Password) -> bool) -> Comparison<'a> {
        Comparison {
            mode: self.user_mode,
            sender: self.sender(),
            scope: self.upload.scope.clone(),
            settings: self.settings,
            accounts: self.accounts,
            now: self.now,
            schools: self.schools,
            max_exchange_writes: MAX_EXCHANGE_WRITES,
            guid_seed: self.guid_seed,
            password_is_current: current,
        }
    }
}

/// The plans of users and classes.
struct Compared {
    roster: roster::PlannedRoster,
    classes: Option<ClassPlan>,
}

/// Compares the rows with the users and classes and plans; `None` where these users are not enough.
async fn compare(
    cloud: &Cloud,
    rows: roster::CheckedRoster,
    directory: &Directory,
    by: &Circumstances<'_>,
) -> Result<Option<Compared>, ValidateFault> {
    let current = current_passwords(cloud, &rows.valid, directory, by.settings).await?;
    let Some(mut planned) = planned(rows, directory, by, &current) else { return Ok(None) };
    keep_no_secret(cloud, &mut planned.plan, by).await?;
    let scope = &by.upload.scope;
    let sent_ids = by.set.map(|_| planned.parsed.custom_ids()).unwrap_or_default();
    planned.findings.extend(by.notes.iter().cloned());
    planned.plan.holds.extend(Hold::of_notes(by.notes));
    let (lines, of_lines) = match by.set {
        Some(set) => {
            let users = !planned.parsed.columns.is_empty();
            planned.findings.append(set.findings.clone());
            roster::set_lines(users, set.classes.as_ref(), set.enrolments.as_ref(), by.schools, scope)
        }
        None => roster::class_lines(&planned.parsed, by.schools, scope),
    };
    let terms = ClassTerms {
        mode: by.upload.mode,
        scope,
        sent_ids: &sent_ids,
        rules: by.class_rules,
        accounts: by.accounts,
        sender: by.sender(),
        guid_seed: by.guid_seed,
    };
    let classes = Box::pin(classes::plan(cloud, &lines, &planned.plan, directory, &terms)).await?;
    planned.findings.append(of_lines);
    let classes = classes.map(|(classes, findings)| {
        planned.findings.append(findings);
        planned.plan.holds.extend(classes.holds.iter().cloned());
        classes
    });
    planned.findings.sort();
    Ok(Some(Compared { roster: planned, classes }))
}

/// Plans the rows that were read; `current` are the users whose password is the one that the file gives them.
fn planned(
    rows: roster::CheckedRoster,
    directory: &Directory,
    by: &Circumstances<'_>,
    current: &HashSet<Guid>,
) -> Option<roster::PlannedRoster> {
    let is_current = |user: &User, _: &Password| current.contains(&user.guid);
    let comparison = by.comparison(&is_current);
    let inputs = Inputs { reading: by.reading, directory, comparison: &comparison, previous_rows: by.previous_rows };
    roster::plan_checked(rows, &inputs).ok()
}

/// Gives a new password to whoever may do more after the plan, unless the present one is known to its user only.
async fn keep_no_secret(cloud: &Cloud, plan: &mut Plan, by: &Circumstances<'_>) -> Result<(), ValidateFault> {
    let promoted: HashSet<Guid> =
        role::promoted(&plan.changes, &cloud.roles_get().await?.roles, by.schools).into_iter().collect();
    if promoted.is_empty() {
        return Ok(());
    }
    let theirs = plan.changes.iter().filter(|change| promoted.contains(&change.guid));
    let ids: Vec<&str> = theirs.filter_map(|change| Some(change.before.as_ref()?.custom_id.as_str())).collect();
    let known = cloud.user_list_with_known_passwords(&ids).await?;
    role::renew_passwords(&mut plan.changes, &known, &by.accounts.passwords);
    Ok(())
}

fn seeds() -> Result<Seeds, ValidateFault> {
    let mut seeds = Seeds { guid: [0; 32], password: [0; 32] };
    getrandom::fill(&mut seeds.guid).map_err(ValidateFault::Random)?;
    getrandom::fill(&mut seeds.password).map_err(ValidateFault::Random)?;
    Ok(seeds)
}

/// Returns the users whose password is already the one that the file gives them. Asked only where the file may change
/// passwords, for it takes as long as hashing them.
async fn current_passwords(
    cloud: &Cloud,
    valid: &Valid,
    directory: &Directory,
    settings: &ModeSettings,
) -> Result<HashSet<Guid>, ValidateFault> {
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
    let mut hashes = cloud.password_list_hashes(&users).await?;
    let given =
        given.into_iter().filter_map(|(user, password)| Some((user.guid, password, hashes.remove(&user.guid)?)));
    let same = parallel::map(given.collect(), |(guid, password, hash): &(Guid, Password, String)| {
        passwords::verify(password.reveal(), Some(hash)).then_some(*guid)
    });
    Ok(same.await.into_iter().flatten().collect())
}
