//! `cargo local bench domain`: what reading, checking and comparing a roster takes, beside DuckDB and a plain read.
//!
//! Each of the three is a process of its own, run in turn. Where one finds other people than the files were made with, the
//! benchmark fails, for its times would say nothing.

pub(super) mod files;
mod measure;
mod people;
mod python;
mod report;

use std::path::{Path, PathBuf};

use crate::arguments::BenchDomain;
use build::cargo;
use build::problem::{ProblemText, unusable};
use build::stage::Stage;
use files::{BenchFiles, Classes};
use measure::{Measured, Measurer, Runs};
use python::DUCKDB;

/// How often each is run.
const RUNS: usize = 5;
/// The settings of the plan: it takes over names, so that a name that differs is a change.
const SETTINGS: &str = r#"{"full":{"update_names":true}}"#;
const CLASSIFY: &str = include_str!("../../bench/classify.py");

/// Measures the domain and prints what it took.
pub fn run(options: &BenchDomain) -> Result<(), ProblemText> {
    let temporary = tempfile::tempdir().map_err(|error| unusable("A temporary folder", &error))?;
    let data = options.data.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(data).map_err(|error| unusable(&data.display().to_string(), &error))?;
    build()?;
    let python = DUCKDB.program("python")?;
    let bench =
        DomainBench { measurer: Measurer::new(&python, temporary.path())?, python: &python, scratch: temporary.path() };
    if options.scale {
        return bench.scale(data, options.rows);
    }
    let files = make(data, options.rows)?;
    bench.compare(&files)?;
    if options.instructions {
        bench.count_instructions(&make(temporary.path(), (options.rows / 10).max(1000))?)?;
    }
    Ok(())
}

struct DomainBench<'a> {
    measurer: Measurer<'a>,
    python: &'a Path,
    scratch: &'a Path,
}

impl DomainBench<'_> {
    fn compare(&self, files: &BenchFiles) -> Result<(), ProblemText> {
        let stage = Stage::begin(format!("Running plan, a plain read and DuckDB {RUNS} times each"));
        let mut runs = Runs::default();
        for _ in 0..RUNS {
            runs.plan.push(self.plan(files)?);
            runs.csv.push(self.measurer.run(&read_csv_command(files))?.measured);
            runs.duckdb.push(self.duckdb(files)?);
        }
        stage.done();
        report::print(&runs, files)
    }

    /// Prints how the time of the plan grows with the rows.
    fn scale(&self, data: &Path, rows: u32) -> Result<(), ProblemText> {
        println!("\n  {:>9} {:>8} {:>10}", "rows", "CPU s", "µs per row");
        for rows in [1000, 10_000, 100_000].into_iter().filter(|few| *few < rows).chain([rows]) {
            let files = BenchFiles::make(data, rows)?;
            let runs = (0..RUNS).map(|_| self.plan(&files)).collect::<Result<Vec<_>, _>>()?;
            let cpu = measure::median(runs.iter().map(|run| run.cpu));
            println!("  {rows:>9} {cpu:>8.3} {:>10.2}", cpu * 1e6 / f64::from(rows));
        }
        Ok(())
    }

    fn plan(&self, files: &BenchFiles) -> Result<Measured, ProblemText> {
        let output = self.measurer.run(&self.plan_command(files)?)?;
        let counts: PlanCounts = output.last_line()?;
        counts.classes().expect_those_of(files, "The plan")?;
        Ok(output.measured)
    }

    fn duckdb(&self, files: &BenchFiles) -> Result<Measured, ProblemText> {
        let script = self.scratch.join("classify.py");
        std::fs::write(&script, CLASSIFY).map_err(|error| unusable("The script for DuckDB", &error))?;
        let command = [self.python.to_owned(), script, files.users.clone(), files.roster.clone()];
        let output = self.measurer.run(&command)?;
        output.last_line::<Classes>()?.expect_those_of(files, "DuckDB")?;
        Ok(output.measured)
    }

    fn plan_command(&self, files: &BenchFiles) -> Result<Vec<PathBuf>, ProblemText> {
        let settings = self.scratch.join("settings.json");
        std::fs::write(&settings, SETTINGS).map_err(|error| unusable("The settings", &error))?;
        let mut command = vec![example("plan"), "--mode".into(), "full".into(), "--settings".into(), settings];
        command.extend(["--schools".into(), files.schools.clone(), "--directory".into(), files.users.clone()]);
        command.push(files.roster.clone());
        Ok(command)
    }

    fn count_instructions(&self, files: &BenchFiles) -> Result<(), ProblemText> {
        let plan = measure::instructions(&self.plan_command(files)?, self.scratch)?;
        let csv = measure::instructions(&read_csv_command(files), self.scratch)?;
        let (Some(plan), Some(csv)) = (plan, csv) else {
            println!("\n  Instructions can't be counted: there is no `valgrind` (Debian: `apt-get install valgrind`).");
            return Ok(());
        };
        let (per_row, ratio) = (plan / u64::from(files.rows), plan as f64 / csv as f64);
        println!(
            "\n  instructions at {} rows: plan {plan} ({per_row} a row), plain read {csv}, {ratio:.1} ×",
            files.rows
        );
        Ok(())
    }
}

impl Classes {
    fn expect_those_of(self, files: &BenchFiles, who: &str) -> Result<(), ProblemText> {
        if self == files.classes {
            return Ok(());
        }
        let made = files.classes;
        Err(ProblemText::new(format!("{who} found {self:?}, but the files were made with {made:?}.")))
    }
}

/// The last line of the plan example.
#[derive(serde::Deserialize)]
struct PlanCounts {
    #[serde(flatten)]
    counts: roster::Counts,
}

impl PlanCounts {
    /// Returns what a comparison has to find. Somebody who came with the name of somebody at the same school who left
    /// is a probable re-key.
    fn classes(&self) -> Classes {
        let roster::Counts { created, updated, moved, reactivated, removed, unchanged, rekeyed, .. } = self.counts;
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Classes {
            new: count(created + rekeyed),
            gone: count(removed + rekeyed),
            changed: count(updated + moved + reactivated),
            unchanged: count(unchanged),
        }
    }
}

fn build() -> Result<(), ProblemText> {
    let stage = Stage::begin("Building the examples `plan` and `read_csv` for release");
    let examples = ["--example", "plan", "--example", "read_csv"];
    cargo::run(cargo::cargo(&[&["build", "--release", "--package", "roster"][..], &examples].concat()))?;
    stage.done();
    Ok(())
}

fn make(folder: &Path, rows: u32) -> Result<BenchFiles, ProblemText> {
    let stage = Stage::begin(format!("Making a directory and a roster of {rows} people"));
    let files = BenchFiles::make(folder, rows)?;
    stage.done();
    Ok(files)
}

fn read_csv_command(files: &BenchFiles) -> [PathBuf; 3] {
    [example("read_csv"), files.users.clone(), files.roster.clone()]
}

fn example(name: &str) -> PathBuf {
    cargo::target().join("release/examples").join(name)
}
