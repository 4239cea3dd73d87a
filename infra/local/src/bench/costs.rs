//! `cargo local bench costs`: what a month in an AWS account costs, from what is counted in a run.
//!
//! Every night a full roster comes. The requests, the units of the table, the sizes and the times are counted and measured
//! here; the prices stand in `prices.yaml`.

use std::time::Duration;

use local::{FunctionHost, Options, System, Usage};
use serde::Deserialize;
use wire::Upload;

use super::{carry_out, plan, roster_of};
use crate::client::AdminSession;
use crate::organisation;
use crate::run;
use build::problem::{ProblemText, unusable};
use build::stage::Stage;

/// How many nights a month has.
const NIGHTS: f64 = 30.0;
/// How many days the files of uploads are kept where the settings say nothing else.
const DAYS_KEPT: f64 = 400.0;
/// How often a month both schedules look for lost work: every five minutes.
const LOOKS: f64 = 30.0 * 24.0 * 12.0;
/// The memory of a function as the template has it, in GB.
const FUNCTION_MEMORY: f64 = 1769.0 / 1024.0;

/// Prints a table with a column for each number of users.
pub async fn run(users: &[u32]) -> Result<(), ProblemText> {
    let prices: Prices =
        yaml_serde::from_str(include_str!("prices.yaml")).map_err(|error| unusable("The prices", &error))?;
    let mut counted = Vec::new();
    for users in users {
        let stage = Stage::begin(format!("Two full syncs of {users} users, counted"));
        counted.push(count(*users).await?);
        stage.done();
    }
    print(users, &counted, &prices);
    Ok(())
}

/// What AWS charges. Units are those of [`Usage`]; storage is a GB and month.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prices {
    table_read_units_million: f64,
    table_write_units_million: f64,
    table_storage: f64,
    table_backups: f64,
    bucket_writes_thousand: f64,
    bucket_reads_thousand: f64,
    bucket_storage: f64,
    function_invocations_million: f64,
    function_memory: f64,
    key: f64,
    free_function_invocations: f64,
    free_function_memory: f64,
    free_table_storage: f64,
}

/// What was counted for one number of users.
struct CountedUse {
    first: Usage,
    night: Usage,
    /// Both functions looking for lost work, once.
    look: Usage,
    /// The table, in GB.
    table: f64,
    /// Its indexes, in GB, of which no backup is made.
    indexes: f64,
    /// The files of one night's upload, in GB.
    files: f64,
}

async fn count(users: u32) -> Result<CountedUse, ProblemText> {
    let functions = FunctionHost::Processes(run::program()?);
    let options = Options { functions, page: None, show_logs: true, metered: true, ..Options::temporary() };
    let system = System::start(options).await?;
    let schools = roster_of::schools(users);
    let sign_in = organisation::random_sign_in()?;
    organisation::found(&system, &schools, &sign_in).await?;
    let session = AdminSession::sign_in(&system, &sign_in).await?;
    let mut used = [Usage::default(); 2];
    let rosters = [("first.csv", roster_of::Year::First), ("night.csv", roster_of::Year::Second)];
    let mut files = 0;
    for (used, (name, year)) in used.iter_mut().zip(rosters) {
        let before = system.usage();
        let planned = plan(&system, &session, "full", name, roster_of::roster(users, &schools, year)?).await?;
        let upload = carry_out(&system, &session, &planned).await?;
        *used = system.usage() - before;
        files = size_of_files(&system, &upload).await?;
    }
    let before = system.usage();
    system.look();
    system.settled().await;
    let look = system.usage() - before;
    let size = system.table_size().await.map_err(|error| unusable("The size of the table", &error))?;
    system.stop().await;
    let [first, night] = used;
    let (table, indexes) = (gigabytes(size.table), gigabytes(size.indexes));
    Ok(CountedUse { first, night, look, table, indexes, files: gigabytes(files) })
}

async fn size_of_files(system: &System, upload: &Upload) -> Result<u64, ProblemText> {
    let objects = system.cloud().object_list(&format!("uploads/{}/", upload.id)).await;
    Ok(objects.map_err(|error| unusable("The bucket", &error))?.iter().map(|object| object.bytes).sum())
}

impl Prices {
    fn of_table(&self, usage: &Usage) -> f64 {
        self.of_reads(usage) + self.of_writes(usage)
    }

    fn of_reads(&self, usage: &Usage) -> f64 {
        usage.table_reads / 1e6 * self.table_read_units_million
    }

    fn of_writes(&self, usage: &Usage) -> f64 {
        usage.table_writes / 1e6 * self.table_write_units_million
    }

    fn of_bucket(&self, usage: &Usage) -> f64 {
        usage.bucket_writes as f64 / 1e3 * self.bucket_writes_thousand
            + usage.bucket_reads as f64 / 1e3 * self.bucket_reads_thousand
    }

    /// Returns what functions cost that were invoked so often and had so many GB and seconds, beyond what is free.
    fn of_functions(&self, invocations: f64, memory: f64) -> f64 {
        let beyond = |used: f64, free: f64| (used - free).max(0.0);
        beyond(invocations, self.free_function_invocations) / 1e6 * self.function_invocations_million
            + beyond(memory, self.free_function_memory) * self.function_memory
    }
}

/// How many lines the table has.
const LINES: usize = 8;

/// Returns the lines of the table for one number of users: what is paid for, and how much.
fn lines(counted: &CountedUse, prices: &Prices) -> [(&'static str, f64); LINES] {
    let CountedUse { first, night, look, table, indexes, files } = counted;
    let invocations = NIGHTS * night.invocations as f64 + LOOKS * look.invocations as f64;
    let seconds = |time: Duration| time.as_secs_f64() * FUNCTION_MEMORY;
    let memory = NIGHTS * seconds(night.function_time) + LOOKS * seconds(look.function_time);
    let beyond_free = (table + indexes - prices.free_table_storage).max(0.0);
    let storage = beyond_free * prices.table_storage + table * prices.table_backups;
    [
        ("the first roster, once", prices.of_table(first) + prices.of_bucket(first)),
        ("reading the users to compare them", NIGHTS * prices.of_reads(night)),
        ("writing the changes", NIGHTS * prices.of_writes(night)),
        ("requests to the bucket", NIGHTS * prices.of_bucket(night)),
        ("looking for lost work, every five minutes", LOOKS * (prices.of_table(look) + prices.of_bucket(look))),
        ("the functions, beyond what is free", prices.of_functions(invocations, memory)),
        ("the table and its backups", storage),
        ("the files of uploads, 400 days of them", files * DAYS_KEPT * prices.bucket_storage),
    ]
}

fn print(users: &[u32], counted: &[CountedUse], prices: &Prices) {
    let columns: Vec<[(&str, f64); LINES]> = counted.iter().map(|counted| lines(counted, prices)).collect();
    let row = |name: &str, cells: Vec<String>| println!("| {name} | {} |", cells.join(" | "));
    println!();
    row("", users.iter().map(|users| format!("{users} users")).collect());
    row("---", users.iter().map(|_| "---".to_owned()).collect());
    for line in 0..LINES {
        row(columns[0][line].0, columns.iter().map(|column| format!("${:.2}", column[line].1)).collect());
    }
    row("the KMS key", users.iter().map(|_| format!("${:.2}", prices.key)).collect());
    // The first roster comes once.
    let month = |column: &[(&str, f64); LINES]| column[1..].iter().map(|(_, price)| price).sum::<f64>() + prices.key;
    row("**a month**", columns.iter().map(|column| format!("**${:.2}**", month(column))).collect());
    for (users, counted) in users.iter().zip(counted) {
        println!(
            "\n{users} users: the first roster {}\n  a night {}\n  a look {}",
            said(&counted.first),
            said(&counted.night),
            said(&counted.look)
        );
        println!(
            "  the table {:.1} MB and its indexes {:.1}, the files of a night {:.2} MB",
            counted.table * 1e3,
            counted.indexes * 1e3,
            counted.files * 1e3
        );
    }
}

fn said(usage: &Usage) -> String {
    format!(
        "{:.0} read and {:.0} write units, {} writing and {} reading requests to the bucket, {} invocations of {:.1} s in all",
        usage.table_reads,
        usage.table_writes,
        usage.bucket_writes,
        usage.bucket_reads,
        usage.invocations,
        usage.function_time.as_secs_f64()
    )
}

fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}
