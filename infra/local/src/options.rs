//! How a system is started.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::busy::TableFaults;

/// How to start a system.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where state is kept between starts; `None` keeps it in memory and in a temporary folder.
    pub folder: Option<PathBuf>,
    pub ports: Ports,
    /// The folder of the built page; `None` serves the API alone.
    pub page: Option<PathBuf>,
    pub functions: FunctionHost,
    pub bucket: BucketHost,
    /// Whether the functions' warnings and errors are shown in the terminal.
    pub show_logs: bool,
    /// How often the table fails as DynamoDB does; `None` is never.
    pub table_faults: Option<TableFaults>,
    /// Whether the use of the table is counted, and no schedule looks for lost work in between; [`System::usage`](crate::System::usage) returns
    /// it. Such a table has no faults.
    pub metered: bool,
    /// The server on this machine that takes e-mail; `None` writes it into a folder.
    pub smtp: Option<SocketAddr>,
}

/// Who runs the functions.
#[derive(Debug, Clone)]
pub enum FunctionHost {
    /// The system itself, with the program whose `function <name>` is a function: `local` itself.
    Processes(PathBuf),
    /// cargo-lambda, whose program this is, with the functions' own programs.
    CargoLambda(PathBuf),
}

/// Who keeps the bucket.
#[derive(Debug, Clone)]
pub enum BucketHost {
    /// The system itself.
    Own,
    /// The LocalStack that answers at this address; the system makes a bucket of its own there.
    LocalStack(String),
}

impl Options {
    /// Returns a system that leaves nothing behind, on any free ports.
    ///
    /// Its functions are run by the cargo-lambda that the environment variable `ROLLBOOK_CARGO_LAMBDA` names, else by
    /// the program that `ROLLBOOK_LOCAL` names, or by the `local` beside the running test. Its bucket is kept by the
    /// LocalStack whose address `ROLLBOOK_LOCALSTACK` is, or by itself.
    pub fn temporary() -> Options {
        let named = |variable| std::env::var_os(variable).map(PathBuf::from);
        let own = named("ROLLBOOK_LOCAL").or_else(binary_beside_test).unwrap_or_else(|| PathBuf::from("local"));
        let cargo_lambda = named("ROLLBOOK_CARGO_LAMBDA").map(FunctionHost::CargoLambda);
        Options {
            folder: None,
            ports: Ports::Any,
            page: named("ROLLBOOK_PAGE"),
            functions: cargo_lambda.unwrap_or(FunctionHost::Processes(own)),
            bucket: std::env::var("ROLLBOOK_LOCALSTACK").map_or(BucketHost::Own, BucketHost::LocalStack),
            show_logs: false,
            table_faults: None,
            metered: false,
            smtp: None,
        }
    }
}

fn binary_beside_test() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.parent()?.join("local"))
}

/// Which ports to listen on; always of the loopback interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// Three that are free.
    Any,
    /// This one for the page, the next for the bucket and the one after for the table.
    From(u16),
}
