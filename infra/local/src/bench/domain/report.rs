//! The table of what was measured, beside what it should be.

use super::files::BenchFiles;
use super::measure::{Measured, Runs, median};
use build::problem::ProblemText;

/// Prints medians, and ratios of runs that followed each other.
pub fn print(runs: &Runs, files: &BenchFiles) -> Result<(), ProblemText> {
    println!("\n  {:<12} {:>8} {:>8} {:>8}   medians of {}", "", "CPU s", "wall s", "peak MB", runs.plan.len());
    for (name, runs) in [("plan", &runs.plan), ("plain read", &runs.csv), ("DuckDB", &runs.duckdb)] {
        let [cpu, wall] = [|run: &Measured| run.cpu, |run: &Measured| run.wall].map(|of| median(runs.iter().map(of)));
        println!("  {name:<12} {cpu:>8.2} {wall:>8.2} {:>8.0}", peak_bytes(runs) / 1e6);
    }
    let (beside_duckdb, beside_csv) = (ratio(&runs.plan, &runs.duckdb), ratio(&runs.plan, &runs.csv));
    let per_pair = (peak_bytes(&runs.plan) - files.bytes()? as f64) / f64::from(files.rows);
    println!("\n  CPU of plan ÷ DuckDB      {beside_duckdb:>8.2}   goal 0.6, must 1.0");
    println!("  CPU of plan ÷ plain read  {beside_csv:>8.2}   goal 3");
    println!("  bytes a row and its user  {per_pair:>8.0}   goal 300, must 450; peak memory without the files' bytes");
    Ok(())
}

fn peak_bytes(runs: &[Measured]) -> f64 {
    median(runs.iter().map(|run| run.peak_bytes as f64))
}

/// Returns the median of the ratios, run by run.
fn ratio(runs: &[Measured], beside: &[Measured]) -> f64 {
    median(runs.iter().zip(beside).map(|(one, other)| one.cpu / other.cpu))
}
