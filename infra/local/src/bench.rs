//! `cargo local bench`: how long a large roster takes, beside what the table itself takes for as many items, and
//! what hashing passwords takes.

mod baseline;
pub mod costs;
pub mod domain;
mod hashing;
mod items;
mod roster_of;
pub mod validate;

use std::time::{Duration, Instant};

use local::{FunctionHost, FunctionKind, Options, System};
use wire::{Status, Upload};

use crate::client::AdminSession;
use crate::organisation;
use crate::run;
use baseline::Baseline;
use build::problem::ProblemText;
use build::stage::Stage;

/// A step that was measured.
struct BenchStep {
    what: &'static str,
    took: Duration,
    /// What it is compared with.
    beside: Beside,
    /// How many items it is about, where not as many as there are rows.
    items: u64,
}

#[derive(Clone, Copy)]
enum Beside {
    Reading,
    Writing,
}

/// Measures a partial sync that creates everybody, and a full sync that changes 2 in 100.
pub async fn run(rows: u32) -> Result<(), ProblemText> {
    let options = Options {
        functions: FunctionHost::Processes(run::program()?),
        page: None,
        show_logs: true,
        ..Options::temporary()
    };
    let system = System::start(options).await?;
    let schools = roster_of::schools(rows);
    let sign_in = organisation::random_sign_in()?;
    organisation::found(&system, &schools, &sign_in).await?;
    let session = AdminSession::sign_in(&system, &sign_in).await?;

    let stage = Stage::begin(format!("Writing and reading {rows} bare items"));
    let baseline = baseline::measure(&system, rows).await?;
    stage.done();

    let bench = Bench { system: &system, session: &session };
    let mut steps = Vec::new();
    let stage = Stage::begin(format!("A partial sync of {rows} rows"));
    let first = roster_of::roster(rows, &schools, roster_of::Year::First)?;
    let created = bench.sync("partial", "first.csv", first, ["first drop → plan", "first approval → done"], &mut steps);
    let created = created.await?;
    stage.done();
    let stage = Stage::begin(format!("A full sync of {rows} rows, 2 in 100 changed"));
    let second = roster_of::roster(rows, &schools, roster_of::Year::Second)?;
    let changed =
        bench.sync("full", "second.csv", second, ["second drop → plan", "second approval → done"], &mut steps);
    let changed = changed.await?;
    stage.done();

    let (set, enrolments) = roster_of::set(rows, &schools);
    let stage = Stage::begin(format!("A set of {enrolments} enrolments, twice"));
    let names = ["classes drop → plan", "classes approval → done"];
    let enrolled = bench.sync("full", "set.zip", set.clone(), names, &mut steps).await?;
    let since = Instant::now();
    // It changes nothing, so that nobody has to approve it.
    let unchanged = plan_of_set(&system, &session, set).await?;
    steps.push(BenchStep { what: "the same classes again", took: since.elapsed(), beside: Beside::Reading, items: 1 });
    stage.done();
    let of_classes = steps.len() - 3;
    steps[of_classes..].iter_mut().for_each(|step| step.items = u64::from(enrolments));

    print_steps(rows, &steps, &baseline);
    hashing::measure(rows).await?;
    print_memory(&system);
    for upload in [&created, &changed, &enrolled, &unchanged] {
        print_upload(&system, upload).await?;
    }
    system.stop().await;
    Ok(())
}

struct Bench<'a> {
    system: &'a System,
    session: &'a AdminSession<'a>,
}

impl Bench<'_> {
    /// Drops a roster, approves its plan and waits until it is carried out.
    async fn sync(
        &self,
        mode: &str,
        name: &str,
        roster: Vec<u8>,
        names: [&'static str; 2],
        steps: &mut Vec<BenchStep>,
    ) -> Result<Upload, ProblemText> {
        println!("        {name}: {:.1} MB", megabytes(roster.len() as u64));
        let since = Instant::now();
        let planned = plan(self.system, self.session, mode, name, roster).await?;
        steps.push(BenchStep { what: names[0], took: since.elapsed(), beside: Beside::Reading, items: 0 });
        let since = Instant::now();
        let done = carry_out(self.system, self.session, &planned).await?;
        steps.push(BenchStep { what: names[1], took: since.elapsed(), beside: Beside::Writing, items: 0 });
        Ok(done)
    }
}

/// Drops a roster and waits until it is planned.
async fn plan(
    system: &System,
    session: &AdminSession<'_>,
    mode: &str,
    name: &str,
    roster: Vec<u8>,
) -> Result<Upload, ProblemText> {
    let put = system.cloud().object_put(&format!("inbox/{mode}/{name}"), roster).await;
    put.map_err(|error| ProblemText::new(format!("{name} could not be put into the bucket: {error}")))?;
    after(system, session, name, &[Status::AwaitingApproval]).await
}

/// Drops a set that changes nothing and waits until it is over.
async fn plan_of_set(system: &System, session: &AdminSession<'_>, set: Vec<u8>) -> Result<Upload, ProblemText> {
    let put = system.cloud().object_put("inbox/full/again.zip", set).await;
    put.map_err(|error| ProblemText::new(format!("again.zip could not be put into the bucket: {error}")))?;
    after(system, session, "again.zip", &[Status::Completed, Status::CompletedWithErrors]).await
}

/// Approves a plan and waits until it is carried out.
async fn carry_out(system: &System, session: &AdminSession<'_>, planned: &Upload) -> Result<Upload, ProblemText> {
    session.approve(planned).await?;
    after(system, session, &planned.file_name, &[Status::Completed, Status::CompletedWithErrors]).await
}

/// Returns the upload, once nothing moves any more.
async fn after(
    system: &System,
    session: &AdminSession<'_>,
    name: &str,
    expected: &[Status],
) -> Result<Upload, ProblemText> {
    system.settled().await;
    let uploads = session.uploads().await?;
    let upload = uploads.into_iter().find(|upload| upload.file_name == name);
    match upload {
        Some(upload) if expected.contains(&upload.status) => Ok(upload),
        Some(Upload { status, failure, .. }) => Err(ProblemText::new(format!(
            "The upload of {name} is {}: {}",
            status.label(),
            failure.unwrap_or_else(|| "see what the functions logged above".to_owned())
        ))),
        None => Err(ProblemText::new(format!("Nothing became of {name}; see what the functions logged above."))),
    }
}

fn print_steps(rows: u32, steps: &[BenchStep], baseline: &Baseline) {
    // The table alone was asked for as many items as there are rows.
    let line = |what: &str, took: Duration, items: f64, beside: Option<(&str, Duration)>| {
        let (seconds, share) = (took.as_secs_f64(), items / f64::from(rows));
        let ratio = beside.map(|(name, base)| format!("{:>6.1} × {name}", seconds / (base.as_secs_f64() * share)));
        println!("  {what:<24} {seconds:>8.2} {:>10.0}   {}", items / seconds, ratio.unwrap_or_default());
    };
    let rows_of = |step: &BenchStep| if step.items == 0 { f64::from(rows) } else { step.items as f64 };
    println!("\n  {:<24} {:>8} {:>10}   beside the table alone", "step", "seconds", "items/s");
    line("writing bare items", baseline.writing, f64::from(rows), None);
    line("reading them", baseline.reading, f64::from(rows), None);
    for step in steps {
        let beside = match step.beside {
            Beside::Reading => ("reading", baseline.reading),
            Beside::Writing => ("writing", baseline.writing),
        };
        line(step.what, step.took, rows_of(step), Some(beside));
    }
}

fn print_memory(system: &System) {
    println!("\n  {:<24} {:>8}", "peak memory", "MB");
    for kind in FunctionKind::ALL {
        println!("  {:<24} {:>8.0}", kind.name(), megabytes(system.peak_memory(kind)));
    }
}

async fn print_upload(system: &System, upload: &Upload) -> Result<(), ProblemText> {
    let counts = upload.counts.unwrap_or_default();
    println!(
        "\n  {}: created {}, updated {}, moved {}, reactivated {}, removed {}, unchanged {}, rejected {}",
        upload.file_name,
        counts.created,
        counts.updated,
        counts.moved,
        counts.reactivated,
        counts.removed,
        counts.unchanged,
        counts.rejected
    );
    let objects = system.cloud().object_list(&format!("uploads/{}/", upload.id)).await;
    let objects = objects.map_err(|error| ProblemText::new(format!("The bucket could not be listed: {error}")))?;
    for object in objects.iter().filter(|object| object.key.ends_with(".csv") || object.key.ends_with(".json")) {
        let name = object.key.rsplit('/').next().unwrap_or_default();
        println!("  {name:<24} {:>8.2} MB", megabytes(object.bytes));
    }
    Ok(())
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}
