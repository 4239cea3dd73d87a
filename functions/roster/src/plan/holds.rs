//! Why a plan waits for an administrator.

use std::collections::BTreeMap;

use crate::diff::another_person::Misplaced;
use crate::diff::{Comparison, Diff};
use crate::model::finding::grouped;
use crate::model::{Code, Finding, Findings, SchoolId, UserType};
use crate::settings::{LargeChanges, LimitSet, Mode};

use super::{Counts, Hold, LimitOf};

/// Returns everything that holds the plan, in the order of [`Hold`].
pub(crate) fn find(
    diff: &Diff,
    tallies: &BTreeMap<UserGroup, Counts>,
    c: &Comparison,
    previous_rows: Option<u64>,
) -> Vec<Hold> {
    let mut holds: Vec<Hold> = many_rekeyed(tallies).into_iter().chain(names_misplaced(diff)).collect();
    if c.settings.requires_approval {
        holds.push(Hold::ApprovalRequired);
    }
    holds.extend(limits_passed(diff, tallies, c));
    // Of a probable re-key it is not decided yet whether somebody is removed.
    let may_remove = |counts: &Counts| counts.removed > 0 || (c.mode.removes_absent() && counts.rekeyed > 0);
    if tallies.values().any(may_remove) {
        holds.extend(doubts_of_removals(diff, c, previous_rows));
    }
    holds.extend(diff.doubts.iter().map(|(&code, &count)| Hold::Doubtful { code, count }));
    holds
}

/// Holds the plan where a share of the new IDs of a full roster, and not only a few, look like users that exist.
fn many_rekeyed(tallies: &BTreeMap<UserGroup, Counts>) -> Option<Hold> {
    const PERCENT: f64 = 25.0;
    const FEW: u64 = 5;
    let counts = tallies.values().fold(Counts::default(), |sum, counts| sum.plus(counts));
    let (rekeyed, new_ids) = (counts.rekeyed, counts.rekeyed + counts.created);
    (rekeyed >= FEW && is_past(rekeyed, new_ids, PERCENT)).then_some(Hold::ManyRekeyed { rekeyed, new_ids })
}

/// Holds the plan where names stand in the wrong place in a share of the rows, and not only in a few.
fn names_misplaced(diff: &Diff) -> Vec<Hold> {
    let of = diff.known_rows;
    let exchanged = Hold::NamesExchanged { rows: diff.names_exchanged, of };
    let mixed_up = Hold::NamesMixedUp { rows: diff.names_mixed_up, of };
    let holds = [(diff.names_exchanged, exchanged), (diff.names_mixed_up, mixed_up)];
    holds.into_iter().filter(|(rows, _)| Misplaced::are_many(*rows, of)).map(|(_, hold)| hold).collect()
}

/// The users among whom a row or change is counted.
///
/// They have the school and the type that its user will have, or had before a removal. Of a rejected row either may be
/// unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UserGroup {
    pub school: Option<SchoolId>,
    pub user_type: Option<UserType>,
}

/// Returns why removals may be wrong, whatever their number.
fn doubts_of_removals(diff: &Diff, c: &Comparison, previous_rows: Option<u64>) -> Vec<Hold> {
    let rows = diff.total_rows;
    let without_owner = diff.rows_without_owner;
    let nobodys = (without_owner > 0).then_some(Hold::RowsWithoutOwner { rows: without_owner });
    let shrank = previous_rows.zip(c.settings.limits.shrink_percent).and_then(|(before, limit_percent)| {
        let missing = before.saturating_sub(rows);
        is_past(missing, before, limit_percent).then_some(Hold::FileShrank { rows, before, limit_percent })
    });
    let cut_off = diff.cut_off.then_some(Hold::RowsCutOff);
    let others = (diff.rows_of_other_types == rows).then_some(Hold::OnlyOtherTypes);
    [nobodys, shrank, cut_off, others].into_iter().flatten().collect()
}

/// The users of one group: how many it has, and what the plan does to it.
#[derive(Default, Clone, Copy)]
struct GroupCounts {
    managed: u64,
    /// Those of them that a full sync may remove.
    removable: u64,
    removals: u64,
    changes: u64,
    created: u64,
}

impl GroupCounts {
    fn add(&mut self, [managed, removable]: [u64; 2], counts: &Counts) {
        self.managed += managed;
        self.removable += removable;
        self.removals += counts.removed;
        self.changes += counts.changes();
        self.created += counts.created;
    }
}

fn limits_passed(diff: &Diff, tallies: &BTreeMap<UserGroup, Counts>, c: &Comparison) -> Vec<Hold> {
    let mut overall = GroupCounts::default();
    let mut schools: BTreeMap<&SchoolId, GroupCounts> = BTreeMap::new();
    let mut types: BTreeMap<UserType, GroupCounts> = BTreeMap::new();
    let none = Counts::default();
    let managed = diff.managed.iter().map(|((school, user_type), &n)| (Some(school), Some(*user_type), [n, 0], &none));
    let removable =
        diff.removable.iter().map(|((school, user_type), &n)| (Some(school), Some(*user_type), [0, n], &none));
    let counted = tallies.iter().map(|(group, counts)| (group.school.as_ref(), group.user_type, [0, 0], counts));
    for (school, user_type, n, counts) in managed.chain(removable).chain(counted) {
        overall.add(n, counts);
        school.into_iter().for_each(|school| schools.entry(school).or_default().add(n, counts));
        user_type.into_iter().for_each(|user_type| types.entry(user_type).or_default().add(n, counts));
    }
    // A user who goes elsewhere is a change for the school and the type that lose it, too.
    for change in diff.changes.iter().filter(|change| !change.restores) {
        let (Some(before), Some(after)) = (&change.before, &change.after) else { continue };
        if before.school != after.school {
            schools.entry(&before.school).or_default().changes += 1;
        }
        if before.user_type != after.user_type {
            types.entry(before.user_type).or_default().changes += 1;
        }
    }
    let limits = &c.settings.limits;
    let large = limits.large_changes.as_ref();
    let passed = |set, m, school, user_type| passed(set, large, c.mode, m, school, user_type);
    let mut holds = passed(&limits.overall, overall, None, None);
    holds.extend(schools.into_iter().flat_map(|(school, m)| passed(&limits.per_school, m, Some(school), None)));
    holds.extend(types.into_iter().flat_map(|(user_type, m)| passed(&limits.per_user_type, m, None, Some(user_type))));
    holds
}

/// Returns the limits that a group is past. A group that has no users yet is past no share: whatever comes to it is
/// infinitely much, and a first roster would always be held.
fn passed(
    limits: &LimitSet,
    large: Option<&LargeChanges>,
    mode: Mode,
    m: GroupCounts,
    school: Option<&SchoolId>,
    user_type: Option<UserType>,
) -> Vec<Hold> {
    let large = large.filter(|large| m.managed >= large.group).map(|large| large.percent);
    let of_kind = |of, count: u64, percent: Option<f64>, number: Option<u64>| {
        let whole = if of == LimitOf::Removals { m.removable } else { m.managed };
        let share = percent.filter(|&limit| is_past(count, whole, limit));
        let share = share.map(|limit| (true, count as f64 * 100.0 / whole as f64, limit));
        let number = number.filter(|&limit| count > limit).map(|limit| (false, count as f64, limit as f64));
        [share, number].into_iter().flatten().map(move |(share, measured, limit)| (of, share, measured, limit))
    };
    let removals = of_kind(LimitOf::Removals, m.removals, limits.removals_percent, limits.removals_number);
    let changes = of_kind(LimitOf::Changes, m.changes, limits.changes_percent, limits.changes_number);
    // Users are added with a partial roster, be they many; a full one that does not know those who exist makes new ones.
    let large_count = if mode == Mode::Partial { m.changes - m.created } else { m.changes };
    let large = large.filter(|_| limits.changes_percent.is_none());
    removals
        .chain(changes)
        .chain(of_kind(LimitOf::Changes, large_count, large, None))
        .map(|(of, share, measured, limit)| Hold::Limit {
            of,
            school: school.cloned(),
            user_type,
            share,
            measured,
            limit,
        })
        .collect()
}

/// Returns whether `part` of `whole` is more than `percent`.
fn is_past(part: u64, whole: u64, percent: f64) -> bool {
    whole > 0 && part as f64 * 100.0 > percent * whole as f64
}

impl Hold {
    /// Returns what a plan waits for by what is to be said of how its files came.
    pub fn of_notes(notes: &[Finding]) -> impl Iterator<Item = Hold> {
        let doubts = Findings::from(notes.to_vec()).doubts();
        doubts.into_iter().map(|(code, count)| Hold::Doubtful { code, count })
    }

    /// Returns the reason in one plain sentence.
    ///
    /// `school_name` names a school; one that has gone meanwhile has no name.
    pub fn sentence<'n>(&self, school_name: impl Fn(&SchoolId) -> Option<&'n str>) -> String {
        match self {
            Hold::ApprovalRequired => "The settings ask for approval of every plan.".to_owned(),
            Hold::Limit { of, school, user_type, share, measured, limit } => {
                let what = match of {
                    LimitOf::Removals => "removes",
                    LimitOf::Changes => "changes",
                };
                let whom = noun(*user_type, !share && *measured == 1.0);
                let of_group = match school.as_ref().map(|school| school_name(school).unwrap_or("a school")) {
                    Some(name) if *share => format!(" of the {whom} of {name}"),
                    Some(name) => format!(" {whom} of {name}"),
                    None if *share => format!(" of all {whom}"),
                    None => format!(" {whom}"),
                };
                let sign = if *share { " %" } else { "" };
                let (measured, limit) = (number(*measured, *limit), number(*limit, *limit));
                format!("The plan {what} {measured}{sign}{of_group}, more than the limit of {limit}{sign}.")
            }
            Hold::RowsWithoutOwner { rows: 1 } => {
                "The plan removes users, and it can't be told whose row one of the rejected rows is.".to_owned()
            }
            Hold::RowsWithoutOwner { rows } => {
                format!("The plan removes users, and it can't be told whose rows {rows} of the rejected rows are.")
            }
            Hold::FileShrank { rows, before, limit_percent } => format!(
                "The plan removes users, and the last file had {before} rows and this one has {rows}: it shrank by \
                 {} %, more than the limit of {} %.",
                number(before.saturating_sub(*rows) as f64 * 100.0 / *before as f64, *limit_percent),
                number(*limit_percent, *limit_percent),
            ),
            Hold::HandsOutMore => {
                "The plan makes accounts, or changes how somebody signs in to them, that may do more \
                                   than the one who uploaded the file."
                    .to_owned()
            }
            Hold::Doubtful { code, count } => doubt(*code, *count),
            Hold::ClosesMore => {
                "The plan disables or removes accounts that may do more than the one who uploaded the file.".to_owned()
            }
            Hold::FromBucket => "The file was dropped into the bucket, and the plan makes, changes or closes accounts \
                                 that may do more than students and teachers."
                .to_owned(),
            Hold::ManyRekeyed { rekeyed, new_ids } => {
                format!("{} of {} new IDs look like users that exist.", grouped(*rekeyed), grouped(*new_ids))
            }
            Hold::NamesExchanged { rows, of } => format!(
                "In {} of {} rows of users that exist, first and last names are exchanged: two columns may be in the \
                 wrong place.",
                grouped(*rows),
                grouped(*of)
            ),
            Hold::NamesMixedUp { rows, of } => format!(
                "In {} of {} rows of users that exist, a name is that of another user of the file: one column may have \
                 been sorted by itself.",
                grouped(*rows),
                grouped(*of)
            ),
            Hold::EnrolmentsEnd { school, class, measured, limit } => {
                let whose = match (class, school.as_ref().map(|s| school_name(s).unwrap_or("a school"))) {
                    (Some(class), _) => format!("the enrolments of the class {class}"),
                    (None, Some(name)) => format!("the enrolments of {name}"),
                    (None, None) => "all enrolments of the classes in the file".to_owned(),
                };
                let (measured, limit) = (number(*measured, *limit), number(*limit, *limit));
                format!("The plan ends {measured} % of {whose}, more than the limit of {limit} %.")
            }
            Hold::ClassesArchived { classes, limit } => {
                format!("The plan archives {} classes, more than the limit of {}.", grouped(*classes), grouped(*limit))
            }
            Hold::Others { count: 1 } => "One more limit is passed.".to_owned(),
            Hold::Others { count } => format!("{count} more limits are passed."),
            Hold::OnlyOtherTypes => {
                "The plan removes users, and every row of the file is of a user type that this sync \
                                     leaves alone: it may be the wrong file."
                    .to_owned()
            }
            Hold::RowsCutOff => {
                "The plan removes users, and the file seems to end in the middle of a row, so that rows may be missing."
                    .to_owned()
            }
        }
    }
}

impl Hold {
    /// Returns what to do about the reason before the plan is approved, in one plain sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Hold::ApprovalRequired => "Look at what it changes, then approve or reject it.",
            Hold::Limit { of: LimitOf::Removals, .. } => {
                "Look at who is removed: if the file lacks people, reject the plan and send the whole file."
            }
            Hold::Limit { of: LimitOf::Changes, .. } | Hold::Others { .. } => {
                "Look at what changes: approve it if so much is meant to, else reject the plan and mend the file."
            }
            Hold::RowsWithoutOwner { .. } => {
                "Mend the rejected rows that the findings name, and send the file again: their users may be among those \
                 who are removed."
            }
            Hold::FileShrank { .. } | Hold::RowsCutOff => {
                "Export the file again and compare how many rows it has; reject the plan if rows are missing."
            }
            Hold::OnlyOtherTypes => "Check that it is the right file for this kind of sync; reject the plan if not.",
            Hold::HandsOutMore | Hold::ClosesMore | Hold::FromBucket => {
                "Have somebody look at these accounts who may do as much; a program can't approve it."
            }
            Hold::ManyRekeyed { .. } | Hold::Doubtful { code: Code::ProbableRekey, .. } => {
                "Say on the page of the upload whether they are the same people."
            }
            Hold::NamesExchanged { .. } | Hold::NamesMixedUp { .. } => {
                "Look at the names that change; if columns are in the wrong place, reject the plan and export the file \
                 again."
            }
            Hold::Doubtful { .. } => {
                "Look at these rows in the findings; if they are wrong, reject the plan and mend them."
            }
            Hold::EnrolmentsEnd { .. } | Hold::ClassesArchived { .. } => {
                "Look at the classes: if the file lacks some, or people in them, reject the plan and send the whole file."
            }
        }
    }
}

/// Returns why rows with findings of this code have to be looked at.
fn doubt(code: Code, count: u64) -> String {
    let rows = if count == 1 { "1 row".to_owned() } else { format!("{} rows", grouped(count)) };
    match code {
        // Doubts about the file.
        Code::EncodingDoubtful => {
            "The letters of the file may have been read wrong: look at the names with accents.".to_owned()
        }

        Code::SourcedIdRepeated => "IDs stand in several rows of the files that say different things.".to_owned(),
        Code::ManifestDiffers => "The manifest says otherwise which files there are.".to_owned(),
        Code::PersonOnlyInClasses => {
            "Somebody is in a class of the files and not among their people, who may not all be there.".to_owned()
        }
        Code::DeletedInBulk => {
            "Rows are marked as deleted, so that the files may hold only what has changed.".to_owned()
        }
        Code::MappingFixedDoubtful => "The mapping gives every row the same user type or school, and the file has new \
                                       columns that may say otherwise: it may be the wrong file."
            .to_owned(),

        // Doubts about rows and cells.
        Code::TextDoubtful if count == 1 => "1 value seems to have been broken before it came.".to_owned(),
        Code::TextDoubtful => format!("{} values seem to have been broken before they came.", grouped(count)),
        Code::NameEmptied if count == 1 => "1 row would leave its user with one name of two.".to_owned(),
        Code::NameEmptied => format!("{rows} would leave their users with one name of two."),

        // Doubts about whose a row is.
        Code::PersonDiffers => match count {
            1 => "The names in 1 row are not those of the user who has its custom ID.".to_owned(),
            _ => format!("The names in {rows} are not those of the users who have their custom IDs."),
        },
        Code::ProbableRekey => match count {
            1 => "1 new custom ID probably is that of a user who exists: decide whether it is the same person."
                .to_owned(),
            _ => format!(
                "{} new custom IDs probably are those of users who exist: decide whether they are the same people.",
                grouped(count)
            ),
        },
        Code::RekeyUnclear => format!("{rows} with new custom IDs may be about users who exist."),
        code => format!("{rows} may not mean what they say ({code})."),
    }
}

fn noun(user_type: Option<UserType>, single: bool) -> &'static str {
    if !single {
        return user_type.map_or("users", UserType::plural);
    }
    match user_type {
        None => "user",
        Some(UserType::Student) => "student",
        Some(UserType::Teacher) => "teacher",
        Some(UserType::Staff) => "member of staff",
        Some(UserType::Administrator) => "administrator",
    }
}

/// Returns a number with as many decimals as it takes to tell it from its limit, up to three.
fn number(value: f64, limit: f64) -> String {
    let decimals = (0..3).find(|&d| {
        let shown: f64 = format!("{value:.d$}").parse().unwrap_or(value);
        (value - shown).abs() < 0.05 && (shown > limit) == (value > limit)
    });
    let text = format!("{value:.*}", decimals.unwrap_or(3));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
