//! Plans a roster without any cloud: what would change, and what is wrong with the file.
//!
//! Prints a JSON line for every finding, change and reason to wait for approval, and the counts as the last line.
//! A file that fails as a whole prints `{"failed":[…]}` as its last line and exits with 2; a mistake in the command
//! or in the other files is told on standard error, and exits with 1.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use lexopt::{Arg, Parser, ValueExt};
use roster::{
    Change, Comparison, Counts, Directory, Finding, Findings, Inputs, Mode, Plan, PlannedRoster, Reading, Schools,
    Scope, Sender, Settings, Unplanned, plan_roster, read_directory, read_schools, role,
};
use serde::Serialize;
use serde_json::{Value, json};

/// What the table of a deployment takes: `cloud::changes::MAX_EXCHANGE_WRITES`.
const MAX_EXCHANGE_WRITES: usize = 99;

const USAGE: &str = "\
usage: cargo run -p roster --example plan -- --schools SCHOOLS.csv --directory USERS.csv --mode MODE
           [--settings SETTINGS.json] [--school EXTERNAL_ID]… [--previous-rows N] ROSTER.csv

  --schools        school_district_external_id,name and, if you like, kind (school or district)
  --directory      the users that exist, with the columns of the users download
  --settings       like {\"full\":{\"removal_action\":\"disable\"},\"partial\":{\"update_names\":true,\"overwrite\":false},
                   \"accounts\":{\"usernames\":{\"method\":\"initial_last\",\"rename\":\"always\"},\"year_levels\":[\"9\",\"10\"]}}
  --mode           partial, full, students (a full sync of students only) or staff (of everybody else only)
  --school         plan for this school: its users only; more than once for several
  --previous-rows  how many rows the last full roster had

The last line counts the rows; renamed, kept (left alone) and outside (year levels) are there where they are not 0.";

fn main() -> ExitCode {
    let stdout = &mut BufWriter::new(io::stdout().lock());
    match run(stdout).and_then(|code| stdout.flush().map(|()| code).map_err(|e| e.to_string())) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("plan: {message}");
            ExitCode::from(1)
        }
    }
}

fn run(out: &mut impl Write) -> Result<ExitCode, String> {
    let options = CommandLine::parse(Parser::from_env()).map_err(|e| format!("{e}\n{USAGE}"))?;
    let naming = |path: &Path, problem: &dyn std::fmt::Display| format!("can't use {}: {problem}", path.display());

    // One after the other, so that there is room for the largest file only.
    let mut file = Vec::new();
    let schools = read_schools(read(&options.schools, &mut file)?).map_err(|e| naming(&options.schools, &e))?;
    let schools = Schools::new(schools);
    let directory = read(&options.directory, &mut file)?;
    let directory = read_directory(directory, &schools).map_err(|e| naming(&options.directory, &e))?;
    let settings = match &options.settings {
        Some(path) => settings(read(path, &mut file)?).map_err(|e| naming(path, &e))?,
        None => Settings::default(),
    };
    settings.accounts.usernames.check().map_err(|e| format!("user names can't be made by these settings: {e}"))?;
    let school = |id: &String| {
        let school = schools.by_external_id(id).ok_or(format!("there is no school {id}"))?;
        Ok::<_, String>(school.id.clone())
    };
    let scope = Scope::of_chosen(options.chosen.iter().map(school).collect::<Result<_, _>>()?);
    let roster = read(&options.roster, &mut file)?;
    let planned = planned(roster, &schools, &directory, options.mode, scope, &settings, options.previous_rows);
    let (plan, findings) = match planned {
        Ok(planned) => planned,
        Err(findings) => {
            let findings: Vec<Value> = findings.iter().map(finding_json).collect();
            line(out, &json!({ "failed": findings }))?;
            return Ok(ExitCode::from(2));
        }
    };
    print(out, &plan, &findings, &schools)?;
    // The process ends here, and the system takes the memory back at once: users are not freed one by one.
    std::mem::forget((directory, plan, findings));
    Ok(ExitCode::SUCCESS)
}

/// Reads a file, or as much of it as shows that it is too large, in place of what was read before.
fn read<'b>(path: &Path, bytes: &'b mut Vec<u8>) -> Result<&'b [u8], String> {
    let most = roster::MAX_BYTES as u64 + 1;
    bytes.clear();
    let read = File::open(path).and_then(|file| {
        bytes.reserve_exact(file.metadata()?.len().min(most) as usize);
        file.take(most).read_to_end(bytes)
    });
    read.map(|_| &**bytes).map_err(|e| format!("can't read {}: {e}", path.display()))
}

/// The plan with every finding; or the findings of a file that fails as a whole.
fn planned(
    roster: &[u8],
    schools: &Schools,
    directory: &Directory,
    mode: Mode,
    scope: Scope,
    settings: &Settings,
    previous_rows: Option<u64>,
) -> Result<(Plan, Findings), Findings> {
    let accounts = &settings.accounts;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    let comparison = Comparison {
        mode,
        sender: Sender::default(),
        scope,
        settings: settings.of(mode),
        accounts,
        now,
        schools,
        max_exchange_writes: MAX_EXCHANGE_WRITES,
        guid_seed: [0; 32],
        // A file of users has no passwords, so every password is another one.
        password_is_current: &|_, _| false,
    };
    let reading = &Reading::from(settings.reading.clone());
    let inputs = Inputs { reading, directory, comparison: &comparison, previous_rows };
    let PlannedRoster { mut plan, findings, .. } = match plan_roster(roster, &inputs) {
        Ok(planned) => planned,
        Err(Unplanned::Failed(findings)) => return Err(findings),
        Err(Unplanned::NeedsWholeDirectory) => unreachable!("the directory holds everybody"),
    };
    // Nor does it say who set a password, so nobody set an own one.
    let promoted = role::promoted(&plan.changes, &role::built_in(), schools).into_iter().collect();
    role::renew_passwords(&mut plan.changes, &promoted, &accounts.passwords);
    Ok((plan, findings))
}

fn print(out: &mut impl Write, plan: &Plan, findings: &Findings, schools: &Schools) -> Result<(), String> {
    let by_code = findings.counts().iter().map(|(code, count)| (code.as_str(), *count)).collect();
    for finding in findings.iter() {
        line(out, &json!({ "finding": finding_json(finding) }))?;
    }
    for change in &plan.changes {
        line(out, &ChangeLine { change })?;
    }
    for hold in &plan.holds {
        let sentence = hold.sentence(|id| schools.by_id(id).map(|s| s.name.as_str()));
        line(out, &json!({ "hold": hold, "sentence": sentence }))?;
    }
    line(out, &Last { counts: plan.counts, findings: by_code })
}

#[derive(Serialize)]
struct ChangeLine<'c> {
    change: &'c Change,
}

/// The last line.
#[derive(Serialize)]
struct Last<'c> {
    #[serde(flatten)]
    counts: Counts,
    /// How many findings there are of each code.
    findings: BTreeMap<&'c str, u64>,
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "severity": finding.severity(),
        "row": finding.row,
        "column": finding.column,
        "value": finding.value,
        "message": finding.message(),
        "hint": finding.hint(),
        "person": finding.person,
        "rows": finding.rows,
    })
}

fn line(out: &mut impl Write, value: &impl Serialize) -> Result<(), String> {
    let text = serde_json::to_string(value).map_err(|e| e.to_string())?;
    writeln!(out, "{text}").map_err(|e| format!("can't write the plan: {e}"))
}

fn settings(bytes: &[u8]) -> Result<Settings, serde_json::Error> {
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

/// The command line, in any order.
struct CommandLine {
    schools: PathBuf,
    directory: PathBuf,
    mode: Mode,
    settings: Option<PathBuf>,
    /// The external IDs of the schools to plan for; empty for all.
    chosen: Vec<String>,
    previous_rows: Option<u64>,
    roster: PathBuf,
}

impl CommandLine {
    fn parse(mut parser: Parser) -> Result<CommandLine, lexopt::Error> {
        let (mut schools, mut directory, mut mode, mut roster) = (None, None, None, None);
        let (mut settings, mut chosen, mut previous_rows) = (None, Vec::new(), None);
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("schools") => once(&mut schools, "--schools", parser.value()?.into())?,
                Arg::Long("directory") => once(&mut directory, "--directory", parser.value()?.into())?,
                Arg::Long("mode") => once(&mut mode, "--mode", parse_mode(&parser.value()?.string()?)?)?,
                Arg::Long("settings") => once(&mut settings, "--settings", parser.value()?.into())?,
                Arg::Long("school") => chosen.push(parser.value()?.string()?),
                Arg::Long("previous-rows") => {
                    once(&mut previous_rows, "--previous-rows", parse_count(&parser.value()?.string()?)?)?
                }
                Arg::Value(path) => once(&mut roster, "the roster", path.into())?,
                other => return Err(other.unexpected()),
            }
        }
        Ok(CommandLine {
            schools: schools.ok_or("--schools is missing")?,
            directory: directory.ok_or("--directory is missing")?,
            mode: mode.ok_or("--mode is missing")?,
            settings,
            chosen,
            previous_rows,
            roster: roster.ok_or("the roster is missing")?,
        })
    }
}

/// Keeps a value, and fails where it is given twice.
fn once<T>(kept: &mut Option<T>, name: &str, value: T) -> Result<(), lexopt::Error> {
    match kept.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{name} is given twice").into()),
    }
}

fn parse_mode(word: &str) -> Result<Mode, String> {
    Mode::from_word(word).ok_or(format!("--mode is partial, full, students or staff, not “{word}”"))
}

fn parse_count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("--previous-rows is a number of rows, not “{text}”"))
}
