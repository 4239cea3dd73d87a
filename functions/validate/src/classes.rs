//! What a roster changes of classes, with what the table knows of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use cloud::Cloud;
use roster::{
    Accounts, ClassComparison, ClassGuid, ClassLines, ClassPlan, ClassRules, Directory, Findings, Guid, Mode, Plan,
    Scope, Sender, User,
};

use crate::ValidateFault;

/// What classes are compared by.
pub(crate) struct ClassTerms<'a> {
    pub(crate) mode: Mode,
    pub(crate) scope: &'a Scope,
    pub(crate) rules: &'a ClassRules,
    pub(crate) accounts: &'a Accounts,
    pub(crate) sender: Sender<'a>,
    /// See [`ClassComparison::sent_ids`].
    pub(crate) sent_ids: &'a HashSet<String>,
    pub(crate) guid_seed: [u8; 32],
}

/// Plans what the lines change of classes, where `plan` is that of the users and `users` are those it was made with.
/// `None` where nothing is said of any class, and nobody leaves one.
pub(crate) async fn plan(
    cloud: &Cloud,
    lines: &ClassLines,
    plan: &Plan,
    users: &Directory,
    terms: &ClassTerms<'_>,
) -> Result<Option<(ClassPlan, Findings)>, ValidateFault> {
    let leavers: Vec<Guid> = roster::leavers(plan).collect();
    if lines.is_empty() && leavers.is_empty() {
        return Ok(None);
    }
    let ids: BTreeSet<String> = lines.class_ids().map(str::to_owned).collect();
    let guids: BTreeSet<ClassGuid> = lines.class_guids().collect();
    let classes = cloud.class_directory_get(&ids, &guids, &leavers).await?;
    let ClassTerms { mode, scope, rules, accounts, sender, guid_seed, sent_ids } = *terms;
    let comparison = ClassComparison { mode, scope, rules, accounts, sender, guid_seed, sent_ids };
    let (mut planned, findings) = roster::plan_classes(lines, plan, users, &classes, &comparison);
    name_members(cloud, &mut planned, users).await?;
    Ok(Some((planned, findings)).filter(|(planned, _)| !planned.is_empty()))
}

/// Says who the users are whose enrolments change without a row of theirs, where the comparison did not need to know them.
async fn name_members(cloud: &Cloud, planned: &mut ClassPlan, users: &Directory) -> Result<(), ValidateFault> {
    if users.is_whole() {
        return Ok(());
    }
    let unnamed: HashSet<Guid> = planned
        .enrolments
        .iter()
        .filter(|change| change.shown.custom_id.is_empty())
        .map(|change| change.user)
        .collect();
    let known: HashMap<Guid, User> =
        cloud.user_get_many(unnamed).await?.into_iter().map(|user| (user.guid, user)).collect();
    for change in &mut planned.enrolments {
        if let Some(user) = known.get(&change.user).filter(|_| change.shown.custom_id.is_empty()) {
            change.shown.custom_id = user.custom_id.clone().unwrap_or_default();
            change.shown.first_name.clone_from(&user.first_name);
            change.shown.last_name.clone_from(&user.last_name);
        }
    }
    Ok(())
}
