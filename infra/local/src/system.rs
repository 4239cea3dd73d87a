//! Starting and stopping the parts, and what a test may do to them.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use axum::middleware::{Next, from_fn_with_state};
use bytes::Bytes;
use cloud::Cloud;
use dynoxide::Database;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::busy::Busy;
use crate::cargo_lambda::CargoLambda;
use crate::dynamodb::Table;
use crate::event::{Created, Events};
use crate::function::{Function, Programs};
use crate::guard::{guarded, origins};
use crate::invocation::{FunctionKind, InvokeError};
use crate::keys::{KEYS_FILE, Keys, make_private};
use crate::localstack::{self, LocalStackQueues};
use crate::log::Log;
use crate::metered::{Meter, Usage};
use crate::names::{BUCKET, REGION, TABLE};
use crate::options::{BucketHost, FunctionHost, Options, Ports};
use crate::process::ProcessCommand;
use crate::processes::Processes;
use crate::{SystemFault, connect, dynamodb, http, s3};

/// The file of the table in the folder of a system. SQLite keeps its journal beside it, under the same name with an
/// ending.
const TABLE_FILE: &str = "table.sqlite";
const BUCKET_FOLDER: &str = "bucket";
const LOGS_FOLDER: &str = "logs";
/// The folder of the e-mails that were sent, a file each.
pub const MAIL_FOLDER: &str = "mail";
const OWN_FOLDERS: [&str; 3] = [BUCKET_FOLDER, LOGS_FOLDER, MAIL_FOLDER];
const OWN_FILES: [&str; 3] = [ADMINISTRATOR_FILE, SEEDED_FILE, KEYS_FILE];

/// The file in the folder of a kept system that says how its first administrator signs in.
pub const ADMINISTRATOR_FILE: &str = "administrator.json";
/// The file in the folder of a kept system that says that the example organisation is complete.
pub const SEEDED_FILE: &str = "seeded";

/// Removes the state of a system that is not running.
///
/// Whatever else is in the folder stays.
///
/// # Errors
///
/// [`SystemFault::File`] where something in it can't be deleted, or [`SystemFault::AlreadyRunning`] where a system uses
/// it.
pub fn clear(folder: &Path) -> Result<(), SystemFault> {
    if !folder.exists() {
        return Ok(());
    }
    let _lock = lock(folder)?;
    for entry in std::fs::read_dir(folder).map_err(SystemFault::file(folder))? {
        let path = entry.map_err(SystemFault::file(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let removed = if OWN_FOLDERS.contains(&name.as_ref()) {
            std::fs::remove_dir_all(&path)
        } else if OWN_FILES.contains(&name.as_ref()) || name.starts_with(TABLE_FILE) {
            std::fs::remove_file(&path)
        } else {
            Ok(())
        };
        removed.map_err(SystemFault::file(path))?;
    }
    Ok(())
}

/// How large the table is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSize {
    pub table: u64,
    pub indexes: u64,
}

/// Where the bucket is, and what it is called there.
struct BucketPlace {
    endpoint: String,
    name: String,
}

/// A running system.
///
/// It stops when it is dropped; [`System::stop`] also waits until it has.
pub struct System {
    page: SocketAddr,
    bucket: BucketPlace,
    dynamodb: SocketAddr,
    folder: PathBuf,
    keys: Keys,
    functions: Vec<Arc<Function>>,
    events: Arc<Events>,
    busy: Option<Arc<Busy>>,
    meter: Arc<Meter>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    /// Held, so that no second system uses the folder.
    _lock: File,
    _temporary: Option<TempDir>,
}

impl System {
    /// Starts everything.
    ///
    /// What was left undone when the last system on the same folder stopped is taken up.
    ///
    /// # Errors
    ///
    /// [`SystemFault`]: a port is in use, the folder can't be used or is in use, or a function can't be started.
    pub async fn start(options: Options) -> Result<System, SystemFault> {
        let (folder, temporary) = folder(options.folder.as_deref())?;
        let lock = lock(&folder)?;
        make_private(&folder)?;
        let keys = match options.bucket {
            BucketHost::Own => Keys::kept(&folder)?,
            BucketHost::LocalStack(_) => localstack::keys(),
        };
        let page = listen(options.ports, 0, "the page").await?;
        let s3 = listen(options.ports, 1, "the bucket").await?;
        let dynamodb = listen(options.ports, 2, "the table").await?;
        let table_file = temporary.is_none().then(|| folder.join(TABLE_FILE));
        let database = dynamodb::open(table_file.as_deref())?;

        let addresses = (address(&page)?, address(&s3)?, address(&dynamodb)?);
        let bucket = match &options.bucket {
            BucketHost::Own => BucketPlace { endpoint: format!("http://{}", addresses.1), name: BUCKET.to_owned() },
            BucketHost::LocalStack(endpoint) => {
                BucketPlace { endpoint: endpoint.clone(), name: format!("{BUCKET}-{}", uuid::Uuid::new_v4().simple()) }
            }
        };
        let mut environment = environment(&bucket, addresses.2, &keys);
        environment.extend(of_notices(&folder, addresses.0, options.smtp));
        let logs = folder.join(LOGS_FOLDER);
        let meter = Arc::new(Meter::default());
        let programs = match options.functions {
            FunctionHost::Processes(binary) => {
                own_programs(ProcessCommand { binary, environment }, &logs, options.show_logs)?
            }
            FunctionHost::CargoLambda(program) => cargo_lambda_programs(program, environment, &logs)?,
        };
        let functions: Vec<_> =
            programs.into_iter().map(|(kind, programs)| Function::new(kind, programs, meter.clone())).collect();
        let pauses = match options.ports {
            Ports::Any => [Duration::from_millis(50), Duration::from_millis(100)],
            Ports::From(_) => [Duration::from_secs(1), Duration::from_secs(5)],
        };
        let events = Events::new(functions.clone(), pauses);
        let origins = origins(addresses.0.port());
        let files = s3::router(&folder.join(BUCKET_FOLDER), events.clone(), &origins, &keys)?;
        let busy = options.table_faults.map(|faults| Arc::new(Busy::new(faults)));
        let table = dynamodb::router(Table {
            database: database.clone(),
            keys: keys.clone(),
            busy: busy.clone(),
            meter: options.metered.then(|| meter.clone()),
        });
        let files = files.layer(from_fn_with_state(meter.clone(), count));
        let api = functions[2].clone();
        let web = http::router(api, options.page, &bucket.endpoint);

        let stop = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        for (listener, router) in [(page, web), (s3, files), (dynamodb, table)] {
            let router = guarded(router, address(&listener)?.port(), origins.clone());
            tasks.spawn(serve(listener, router, stop.subscribe()));
        }
        let mut system = System {
            page: addresses.0,
            bucket,
            dynamodb: addresses.2,
            folder,
            keys,
            functions,
            events,
            busy,
            meter,
            stop,
            tasks,
            _lock: lock,
            _temporary: temporary,
        };
        system.cloud().table_create().await.map_err(|error| SystemFault::Table(error.to_string()))?;
        if let BucketHost::LocalStack(endpoint) = &options.bucket {
            let queues = LocalStackQueues::make(&system.cloud(), endpoint, &origins).await?;
            let (bridge, stop) = (queues.bring(system.events.clone()), stopped(system.stop.subscribe()));
            system.tasks.spawn(async {
                tokio::select! { () = bridge => {}, () = stop => {} }
            });
        }
        if !options.metered {
            system.tasks.spawn(look_now_and_then(system.events.clone(), database, system.stop.subscribe()));
        }
        Ok(system)
    }

    /// Returns the address of the page and the API: `http://127.0.0.1:<port>`.
    pub fn address(&self) -> String {
        format!("http://{}", self.page)
    }

    /// Returns the S3 endpoint.
    pub fn s3_address(&self) -> String {
        self.bucket.endpoint.clone()
    }

    /// Returns the DynamoDB endpoint.
    pub fn dynamodb_address(&self) -> String {
        format!("http://{}", self.dynamodb)
    }

    /// Returns the environment variables that the functions get: names, credentials and endpoints.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(&self.bucket, self.dynamodb, &self.keys)
    }

    /// Returns the table and the bucket, as the functions use them.
    pub fn cloud(&self) -> Cloud {
        let cloud = connect::cloud(&self.bucket.endpoint, &self.dynamodb_address(), &self.keys);
        Cloud { bucket: self.bucket.name.clone(), ..cloud }
    }

    /// Returns the folder that holds the state and, under `logs`, what the functions logged.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Invokes a function with an event of the caller's making.
    ///
    /// # Errors
    ///
    /// [`InvokeError`] where the function fails or dies, or takes too long.
    pub async fn invoke(&self, kind: FunctionKind, event: impl Into<Bytes>) -> Result<Bytes, InvokeError> {
        self.function(kind).invoke(event.into()).await
    }

    /// Lets the API answer a request, as it would on the page's port.
    pub async fn request(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        http::answer(self.function(FunctionKind::Api), &parts, &body).await
    }

    /// Sends the event of an object once more, as S3 may.
    pub fn send_again(&self, key: &str, size: u64, e_tag: &str) {
        let created = Created { key: key.to_owned(), size, e_tag: e_tag.to_owned(), how: "Put" };
        self.events.object_created(&created);
    }

    /// Makes the functions look for work whose event was lost.
    pub fn look(&self) {
        self.events.look();
    }

    /// Returns whether the bucket is somebody else's.
    ///
    /// Its events come at a time that this system does not know.
    pub fn has_foreign_bucket(&self) -> bool {
        self.bucket.name != BUCKET
    }

    /// Waits until every event that has come has been dealt with, and those that came of them.
    pub async fn settled(&self) {
        self.events.settled().await;
    }

    /// Kills every process of a function, and says how many of them were at work.
    ///
    /// The events that they had in hand are delivered again.
    pub fn kill(&self, kind: FunctionKind) -> usize {
        self.function(kind).kill()
    }

    /// Returns the most memory that one process of a function ever had, in bytes.
    ///
    /// As far as its invocations have ended.
    pub fn peak_memory(&self, kind: FunctionKind) -> u64 {
        self.function(kind).peak_memory()
    }

    /// Returns how many requests to the table have met a fault of [`Options::table_faults`].
    pub fn table_faults_met(&self) -> u64 {
        self.busy.as_ref().map_or(0, |busy| busy.met())
    }

    /// Returns what was used so far; of the table only with [`Options::metered`].
    pub fn usage(&self) -> Usage {
        self.meter.usage()
    }

    /// Returns the size of the table and of its indexes, as DynamoDB counts it.
    ///
    /// # Errors
    ///
    /// [`SystemFault::Table`] where the table does not answer.
    pub async fn table_size(&self) -> Result<TableSize, SystemFault> {
        let described = self.cloud().dynamo.describe_table().table_name(TABLE).send().await;
        let table = described
            .map_err(|error| SystemFault::Table(error.to_string()))?
            .table
            .unwrap_or_else(|| aws_sdk_dynamodb::types::TableDescription::builder().build());
        let indexes = table.global_secondary_indexes().iter().filter_map(|index| index.index_size_bytes());
        Ok(TableSize {
            table: table.table_size_bytes().unwrap_or_default().unsigned_abs(),
            indexes: indexes.sum::<i64>().unsigned_abs(),
        })
    }

    /// Stops everything.
    ///
    /// Events that were not dealt with are found by the next start on the same folder.
    pub async fn stop(mut self) {
        self.begin_stop();
        while self.tasks.join_next().await.is_some() {}
    }

    fn begin_stop(&self) {
        self.stop.send_replace(true);
        for function in &self.functions {
            function.stop();
        }
    }

    fn function(&self, kind: FunctionKind) -> &Arc<Function> {
        &self.functions[kind as usize]
    }
}

impl Drop for System {
    fn drop(&mut self) {
        self.begin_stop();
    }
}

type FunctionPrograms = Vec<(FunctionKind, Programs)>;

fn own_programs(command: ProcessCommand, logs: &Path, show_logs: bool) -> Result<FunctionPrograms, SystemFault> {
    let command = Arc::new(command);
    let programs = |kind: FunctionKind| {
        let log = Log::open(logs, kind.name(), show_logs)?;
        Ok((kind, Programs::Own(Processes::new(kind, command.clone(), log))))
    };
    FunctionKind::ALL.into_iter().map(programs).collect()
}

fn cargo_lambda_programs(
    program: PathBuf,
    environment: Vec<(String, String)>,
    logs: &Path,
) -> Result<FunctionPrograms, SystemFault> {
    std::fs::create_dir_all(logs).map_err(SystemFault::file(logs))?;
    let emulator = Arc::new(CargoLambda::start(program, environment, logs.join("cargo-lambda.log"))?);
    Ok(FunctionKind::ALL.map(|kind| (kind, Programs::CargoLambda(emulator.clone()))).into())
}

async fn count(State(meter): State<Arc<Meter>>, request: Request<Body>, next: Next) -> Response<Body> {
    meter.bucket(request.method(), request.uri().query());
    next.run(request).await
}

fn environment(bucket: &BucketPlace, dynamodb: SocketAddr, keys: &Keys) -> Vec<(String, String)> {
    let mut variables = vec![
        ("ROLLBOOK_BUCKET".to_owned(), bucket.name.clone()),
        ("ROLLBOOK_TABLE".to_owned(), TABLE.to_owned()),
        ("ROLLBOOK_INSECURE_COOKIE".to_owned(), "1".to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned()),
        ("AWS_REGION".to_owned(), REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID".to_owned(), keys.access_key.clone()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), keys.secret_key.clone()),
        ("AWS_ENDPOINT_URL_S3".to_owned(), bucket.endpoint.clone()),
        ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), format!("http://{dynamodb}")),
    ];
    let passed_on =
        ["RUST_LOG", "RUST_BACKTRACE", "ROLLBOOK_ADDRESS", "ROLLBOOK_SIGN_ON_SECRET", "ROLLBOOK_PASSWORD_SIGN_IN"];
    variables.extend(passed_on.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))));
    variables
}

/// Returns what `notices` is told: by whom and how e-mail is sent, and where its links lead.
fn of_notices(folder: &Path, page: SocketAddr, smtp: Option<SocketAddr>) -> Vec<(String, String)> {
    let how = match smtp {
        Some(server) => ("ROLLBOOK_SMTP", server.to_string()),
        None => ("ROLLBOOK_MAIL_FOLDER", folder.join(MAIL_FOLDER).display().to_string()),
    };
    let variables = [
        how,
        ("ROLLBOOK_MAIL_FROM", "rollbook@localhost.example".to_owned()),
        ("ROLLBOOK_PAGE_ADDRESS", format!("http://{page}")),
        ("ROLLBOOK_WEBHOOKS_LOOPBACK", "1".to_owned()),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

fn folder(kept: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), SystemFault> {
    match kept {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(SystemFault::file(folder))?;
            Ok((folder.to_owned(), None))
        }
        None => {
            let temporary = TempDir::with_prefix("rollbook-").map_err(SystemFault::file(std::env::temp_dir()))?;
            Ok((temporary.path().to_owned(), Some(temporary)))
        }
    }
}

fn lock(folder: &Path) -> Result<File, SystemFault> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(SystemFault::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(SystemFault::AlreadyRunning(folder.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(SystemFault::File { path, source }),
    }
}

async fn listen(ports: Ports, offset: u16, what: &'static str) -> Result<TcpListener, SystemFault> {
    let port = match ports {
        Ports::Any => 0,
        Ports::From(first) => first.saturating_add(offset),
    };
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => SystemFault::PortInUse { port, what },
        _ => SystemFault::Port { port, what, source },
    })
}

fn address(listener: &TcpListener) -> Result<SocketAddr, SystemFault> {
    listener.local_addr().map_err(|source| SystemFault::Port { port: 0, what: "the system", source })
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // The sender being gone means the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn serve(listener: TcpListener, router: Router, stop: watch::Receiver<bool>) {
    tokio::select! {
        result = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).into_future() => {
            if let Err(error) = result {
                tracing::error!(%error, "a port stopped answering");
            }
        }
        () = stopped(stop) => {}
    }
}

/// Does what schedules do in AWS.
async fn look_now_and_then(events: Arc<Events>, database: Database, stop: watch::Receiver<bool>) {
    events.look_at_once();
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    // The first tick is now.
    minute.tick().await;
    let stopped = stopped(stop);
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            _ = minute.tick() => {
                events.look();
                dynamodb::sweep(&database);
            }
            () = &mut stopped => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_with_the_way_out() -> Result<(), SystemFault> {
        let taken = listen(Ports::Any, 0, "this test").await?;
        let port = address(&taken)?.port();
        let fault = listen(Ports::From(port), 0, "the page").await.map(drop);
        let text = fault.map_err(|fault| fault.to_string()).expect_err("the port is taken");
        assert!(text.contains(&format!("Port {port}, for the page, is in use")), "{text}");
        assert!(text.contains("--port"), "{text}");
        Ok(())
    }

    #[tokio::test]
    async fn two_systems_do_not_share_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = lock(folder.path());
        assert!(first.is_ok());
        assert!(matches!(lock(folder.path()), Err(SystemFault::AlreadyRunning(_))));
        assert!(matches!(clear(folder.path()), Err(SystemFault::AlreadyRunning(_))));
    }

    #[test]
    fn clearing_removes_nothing_but_the_state() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["bucket", "logs", "photos"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        for name in ["table.sqlite", "table.sqlite-wal", SEEDED_FILE, KEYS_FILE, "letter.txt"] {
            std::fs::write(folder.path().join(name), []).expect("a file");
        }
        clear(folder.path()).expect("it is cleared");
        let left =
            std::fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").file_name());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(left, ["letter.txt", "lock", "photos"]);
    }
}
