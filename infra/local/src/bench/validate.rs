//! `cargo local bench validate`: what checking a large roster takes of the function that does it.
//!
//! The users are written into the table as they stand there, but for the items that reserve their GUIDs, names and
//! addresses, which a full sync does not read to plan: going through uploads would take hours.

use std::time::Instant;

use cloud::users::item_of;
use local::{FunctionHost, FunctionKind, Options, System};
use wire::Upload;

use super::domain::files::BenchFiles;
use super::{items, megabytes, plan};
use crate::client::AdminSession;
use crate::organisation;
use crate::run;
use build::problem::{ProblemText, unusable};
use build::stage::Stage;

/// The memory that the function has to do with at 1,000,000 rows and users.
const FUNCTION_MEGABYTES: f64 = 1024.0;

/// Measures the plan of a full roster of so many rows, beside as many users.
pub async fn run(rows: u32) -> Result<(), ProblemText> {
    let options = Options {
        functions: FunctionHost::Processes(run::program()?),
        page: None,
        show_logs: true,
        ..Options::temporary()
    };
    let system = System::start(options).await?;
    let folder = tempfile::tempdir().map_err(|error| unusable("A temporary folder", &error))?;
    let files = BenchFiles::make(folder.path(), rows)?;
    let sign_in = organisation::random_sign_in()?;
    organisation::found(&system, &schools(&files)?, &sign_in).await?;
    let stage = Stage::begin(format!("Writing {rows} users into the table"));
    write_users(&system, &files).await?;
    stage.done();

    let session = AdminSession::sign_in(&system, &sign_in).await?;
    let stage = Stage::begin(format!("A full sync of {rows} rows, up to its plan"));
    let since = Instant::now();
    let upload = plan(&system, &session, "full", "roster.csv", read(&files.roster)?).await?;
    stage.done();
    let peak = megabytes(system.peak_memory(FunctionKind::Validate));
    print(rows, since.elapsed().as_secs_f64(), &upload, peak);
    system.stop().await;
    expect_people(&upload, &files)?;
    if peak > FUNCTION_MEGABYTES {
        return Err(ProblemText::new(format!("The function took {peak:.0} MB, more than {FUNCTION_MEGABYTES}.")));
    }
    Ok(())
}

fn schools(files: &BenchFiles) -> Result<Vec<(String, String)>, ProblemText> {
    let schools = roster::read_schools(&read(&files.schools)?).map_err(|error| unusable("The schools", &error))?;
    Ok(schools.into_iter().map(|school| (school.external_id, school.name)).collect())
}

async fn write_users(system: &System, files: &BenchFiles) -> Result<(), ProblemText> {
    let cloud = system.cloud();
    let schools = cloud.school_list().await.map_err(|error| unusable("The table", &error))?;
    let users = roster::read_users(&read(&files.users)?, &schools).map_err(|error| unusable("The users", &error))?;
    items::write(&cloud.dynamo, &cloud.table, &users, item_of).await
}

fn print(rows: u32, seconds: f64, upload: &Upload, peak: f64) {
    let counts = upload.counts.unwrap_or_default();
    println!("\n  drop → plan   {seconds:>8.1} s   {:>8.0} rows/s", f64::from(rows) / seconds);
    println!("  peak memory   {:>8.0} MB  of {FUNCTION_MEGABYTES} that the function has", peak);
    println!(
        "  created {}, updated {}, moved {}, removed {}, probably re-keyed {}, unchanged {}, rejected {}",
        counts.created, counts.updated, counts.moved, counts.removed, counts.rekeyed, counts.unchanged, counts.rejected
    );
}

/// Fails where the plan is about other people than the files were made with.
fn expect_people(upload: &Upload, files: &BenchFiles) -> Result<(), ProblemText> {
    let counts = upload.counts.unwrap_or_default();
    let found = [counts.created + counts.rekeyed, counts.removed + counts.rekeyed];
    let made = [files.classes.new, files.classes.gone].map(u64::from);
    if found == made {
        return Ok(());
    }
    Err(ProblemText::new(format!("The plan has {found:?} new and gone people, but the files were made with {made:?}.")))
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, ProblemText> {
    std::fs::read(path).map_err(|error| unusable(&path.display().to_string(), &error))
}
