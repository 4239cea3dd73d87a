//! `cargo local`: builds what changed, starts the system and waits for Ctrl-C.

use std::path::PathBuf;

use local::{BucketHost, FunctionHost, Options, Ports, System};
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Run;
use crate::seed;
use build::page::Build;
use build::problem::ProblemText;
use build::stage::Stage;
use build::{cargo, page};

/// Runs the system until it is told to stop.
pub async fn run(options: Run) -> Result<(), ProblemText> {
    let data = options.data.unwrap_or_else(|| cargo::checkout().join(".local"));
    if options.fresh {
        local::clear(&data)?;
    }
    let page = page::build(Build::Local)?;
    let mail = match options.smtp {
        Some(server) => format!("goes to {server}"),
        None => data.join(local::MAIL_FOLDER).display().to_string(),
    };
    let stage = Stage::begin("Starting the bucket, the table, the functions and the page");
    let system = System::start(Options {
        folder: Some(data),
        ports: Ports::From(options.port),
        page: Some(page),
        functions: FunctionHost::Processes(program()?),
        bucket: BucketHost::Own,
        show_logs: true,
        table_faults: None,
        metered: false,
        smtp: options.smtp,
    })
    .await?;
    stage.done();
    let sign_in = seed::seed(&system).await?;
    println!(
        "\n  The page   {}\n  Sign in    {} / {}\n\n  Bucket     {}  (rollbook; a roster put under inbox/partial/, full/, students/ or staff/ is an upload)\n  Table      {}  (rollbook)\n  Keys       {}\n  State      {}\n  E-mail     {}\n\nCtrl-C stops everything.",
        system.address(),
        sign_in.username,
        sign_in.password,
        system.s3_address(),
        system.dynamodb_address(),
        system.folder().join(local::KEYS_FILE).display(),
        system.folder().display(),
        mail,
    );
    told_to_stop().await;
    println!("\nStopping.");
    system.stop().await;
    Ok(())
}

/// Returns the path of this program, which is also every function.
pub fn program() -> Result<PathBuf, ProblemText> {
    std::env::current_exe().map_err(|error| ProblemText::new(format!("This program cannot find itself: {error}")))
}

async fn told_to_stop() {
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without handlers the signals end the program anyway.
        _ => std::future::pending().await,
    }
}
