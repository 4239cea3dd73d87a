//! How snapshots write things: a line for each, so that a difference can be read.

use roster::{Change, Counts, Fields, Finding, Hold, LimitOf, Plan, Schools, Unchanged, User};
use tests::case::Case;
use tests::outcome::{UploadFiles, word};
use tests::world::World;

pub fn findings(findings: &[Finding]) -> String {
    let line = |f: &Finding| {
        let row = f.row.map_or("file".to_owned(), |n| format!("row {n}"));
        let row = f.part.map_or(row.clone(), |part| format!("{} {row}", part.file_name()));
        let place = f.in_file.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        format!("{place}{row}  {}  {}\n    {}\n", f.code, f.message(), f.hint())
    };
    findings.iter().map(line).collect()
}

pub fn plan(plan: &Plan, schools: &Schools) -> String {
    let external = |id: &Option<roster::SchoolId>| match id {
        Some(id) => schools.by_id(id).map_or("?".to_owned(), |s| s.external_id.clone()),
        None => "-".to_owned(),
    };
    let mut lines = vec![format!("all: {}", counts(&plan.counts))];
    for tally in &plan.tallies {
        let user_type = tally.user_type.map_or("-", |t| t.as_str());
        lines.push(format!("{} {user_type}: {}", external(&tally.school), counts(&tally.counts)));
    }
    lines.extend(plan.holds.iter().map(|h| format!("waits: {}", hold(h, &external))));
    lines.extend(plan.changes.iter().map(|c| change(c, schools)));
    let whys = [
        Unchanged::Same,
        Unchanged::Kept,
        Unchanged::Outside,
        Unchanged::OtherType,
        Unchanged::SamePerson,
        Unchanged::FurtherClass,
    ];
    for why in whys {
        let rows: Vec<String> = plan.unchanged.iter().filter(|u| u.why == why).map(|u| u.row.to_string()).collect();
        if why == Unchanged::Same || !rows.is_empty() {
            lines.push(format!("{} rows: {}", why.as_str(), rows.join(" ")));
        }
    }
    lines.join("\n")
}

/// The files as text, and whether the kept copy differs from what was sent.
pub fn files(files: &UploadFiles, case: &Case) -> String {
    let kept = roster::without_secrets(&case.roster, &case.reading);
    let kept = if *kept == *case.roster { "as sent\n".to_owned() } else { String::from_utf8_lossy(&kept).into_owned() };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("our files are UTF-8").replace('\u{feff}', "");
    format!(
        "# uploaded\n{kept}\n# plan\n{}\n# completed\n{}\n# errors\n{}",
        text(&files.plan),
        text(&files.completed),
        text(&files.errors)
    )
}

/// The users that are not as they were before.
pub fn directory(before: &World, after: &World, schools: &Schools) -> String {
    let same = |user: &&User| {
        before.users.contains(user) && before.passwords.get(&user.guid) == after.passwords.get(&user.guid)
    };
    let mut users: Vec<&User> = after.users.iter().filter(|u| !same(u)).collect();
    let others = after.users.len() - users.len();
    users.sort_by(|a, b| (&a.custom_id, a.guid).cmp(&(&b.custom_id, b.guid)));
    let line = |user: &&User| {
        let school = schools.by_id(&user.school).map_or("?", |s| s.external_id.as_str());
        let former: Vec<String> = user.former_usernames.iter().map(|name| format!(" was {name}")).collect();
        let deleted = if user.deleted_at.is_some() { " deleted" } else { "" };
        format!(
            "{} {} | {} | {} | {} | {} | {school} {} | {} | {} | {} | v{}{deleted}{}\n",
            user.guid,
            user.custom_id.as_deref().unwrap_or("-"),
            user.username,
            [&*user.first_name, &*user.middle_name, &*user.last_name].join("/"),
            user.email,
            user.position,
            user.user_type,
            user.grade,
            user.status,
            if after.passwords.contains_key(&user.guid) { "password set" } else { "" },
            user.version,
            former.concat(),
        )
    };
    users.iter().map(line).chain([format!("{others} as before\n")]).collect()
}

fn counts(c: &Counts) -> String {
    let all = [
        ("created", c.created),
        ("updated", c.updated),
        ("moved", c.moved),
        ("reactivated", c.reactivated),
        ("removed", c.removed),
        ("unchanged", c.unchanged),
        ("rejected", c.rejected),
        ("renamed", c.renamed),
        ("rekeyed", c.rekeyed),
        ("kept", c.kept),
        ("outside", c.outside),
        ("further", c.further),
    ];
    let said: Vec<String> = all.iter().filter(|(_, n)| *n > 0).map(|(word, n)| format!("{n} {word}")).collect();
    said.join(", ")
}

pub fn hold(hold: &Hold, external: &dyn Fn(&Option<roster::SchoolId>) -> String) -> String {
    match hold {
        Hold::ApprovalRequired => "the settings require approval".to_owned(),
        Hold::HandsOutMore => "accounts that may do more than the uploader".to_owned(),
        Hold::ClosesMore => "closed accounts that may do more than the uploader".to_owned(),
        Hold::FromBucket => "powerful accounts by a file in the bucket".to_owned(),
        Hold::RowsCutOff => "rows were cut off".to_owned(),
        Hold::OnlyOtherTypes => "all rows are of other user types".to_owned(),
        Hold::ManyRekeyed { rekeyed, new_ids } => format!("{rekeyed} of {new_ids} new IDs are like users that exist"),
        Hold::NamesExchanged { rows, of } => format!("names are exchanged in {rows} of {of} rows"),
        Hold::NamesMixedUp { rows, of } => format!("names are others' in {rows} of {of} rows"),
        Hold::Doubtful { code, count } => format!("{count} doubtful: {code}"),
        Hold::Others { count } => format!("{count} more"),
        Hold::EnrolmentsEnd { school, class, measured, limit } => {
            let group = class.as_ref().map(|class| format!(" of {class}"));
            let group = group.or(school.as_ref().map(|_| format!(" at {}", external(school)))).unwrap_or_default();
            format!("ended enrolments{group}: {measured:.1} %, more than {limit} %")
        }
        Hold::ClassesArchived { classes, limit } => format!("{classes} archived classes, more than {limit}"),
        Hold::RowsWithoutOwner { rows } => format!("{rows} rows without an owner"),
        Hold::FileShrank { rows, before, limit_percent } => {
            format!("the file shrank from {before} to {rows} rows, more than {limit_percent} %")
        }
        Hold::Limit { of, school, user_type, share, measured, limit } => {
            let of = if *of == LimitOf::Removals { "removals" } else { "changes" };
            let group = match (school, user_type) {
                (Some(_), _) => format!(" at {}", external(school)),
                (None, Some(user_type)) => format!(" of {user_type}"),
                (None, None) => String::new(),
            };
            let unit = if *share { " %" } else { "" };
            format!("{of}{group}: {measured:.1}{unit}, more than {limit}{unit}")
        }
    }
}

fn change(change: &Change, schools: &Schools) -> String {
    let row = change.row.map_or("no row".to_owned(), |n| format!("row {n}"));
    let version = change.seen_version.map_or("new".to_owned(), |v| format!("v{v}"));
    let id = change.shown().map_or("?", |f| f.custom_id.as_str());
    let mut line = format!("{} {id} ({row}, {version}, {})", word(change.kind), change.guid);
    if change.restores {
        line += " restores";
    }
    if let Some(exchange) = change.exchange {
        line += &format!(" exchange {exchange}");
    }
    if let Some(password) = change.password {
        line += &format!(" password {password:?}");
    }
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    match (before.map(|f| list(f, schools)), after.map(|f| list(f, schools))) {
        (Some(before), Some(after)) => {
            let differ = before.iter().zip(&after).filter(|(b, a)| b != a);
            line + &differ.map(|((name, b), (_, a))| format!("\n    {name}: {b} → {a}")).collect::<String>()
        }
        (None, Some(fields)) | (Some(fields), None) => {
            let said = fields.iter().filter(|(_, value)| !value.is_empty());
            line + "\n    " + &said.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
        }
        (None, None) => line,
    }
}

/// The fields with the school as rosters call it.
fn list(fields: &Fields, schools: &Schools) -> Vec<(&'static str, String)> {
    let value = |name: &str, value: &str| match name {
        "school_district_external_id" => schools.by_id(&fields.school).map_or("?", |s| &s.external_id).to_owned(),
        _ => value.to_owned(),
    };
    fields.list().map(|(name, text)| (name, value(name, text))).to_vec()
}
