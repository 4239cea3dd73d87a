//! One process of a function, and the Lambda Runtime API that it talks to.
//!
//! Every process has a listener of its own, so that it is always known which invocation died with which process.

use std::io;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::guard::guarded;
use crate::invocation::{FunctionKind, InvokeError};
use crate::log::Log;

/// What Lambda takes as a response, in bytes.
const LARGEST_RESPONSE: usize = 6 * 1024 * 1024;

/// A running process that carries out one invocation at a time. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    /// The pipe that ends with this process. Taken out of the child, for waiting for a child closes its pipe.
    _lifeline: Option<ChildStdin>,
    invocations: mpsc::Sender<Invocation>,
    server: JoinHandle<io::Result<()>>,
    kill: Arc<Notify>,
}

impl Process {
    /// Starts `local function <name>`. Its standard input is a pipe that ends with this process, however that happens:
    /// that is how a function knows that it was left alone.
    pub(crate) async fn start(kind: FunctionKind, command: &ProcessCommand, log: &Arc<Log>) -> io::Result<Process> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut child = Command::new(&command.binary)
            .args(["function", kind.name()])
            .env_clear()
            .envs(command.environment.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", format!("rollbook-{}", kind.name()))
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        if let Some(out) = child.stdout.take() {
            tokio::spawn(copy_lines(out, log.clone()));
        }
        if let Some(err) = child.stderr.take() {
            tokio::spawn(copy_lines(err, log.clone()));
        }
        let lifeline = child.stdin.take();
        let (invocations, next) = mpsc::channel(1);
        let api = Arc::new(RuntimeApi { kind, next: tokio::sync::Mutex::new(next), current: Mutex::new(None) });
        let router = guarded(router(api), listener.local_addr()?.port(), Vec::new());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Process { child, _lifeline: lifeline, invocations, server, kill: Arc::new(Notify::new()) })
    }

    /// Hands an event to the process and waits for its answer. After an error other than
    /// [`InvokeError::Function`] the process is of no use any more.
    pub(crate) async fn invoke(&mut self, event: Bytes, timeout: Duration) -> Result<Bytes, InvokeError> {
        let (reply, answer) = oneshot::channel();
        let deadline = SystemTime::now() + timeout;
        let invocation = Invocation { id: uuid::Uuid::new_v4().to_string(), event, deadline, reply };
        if self.invocations.send(invocation).await.is_err() {
            return Err(InvokeError::Died);
        }
        tokio::select! {
            answer = answer => answer.unwrap_or(Err(InvokeError::Died)),
            _ = self.child.wait() => Err(InvokeError::Died),
            () = self.kill.notified() => Err(InvokeError::Died),
            () = tokio::time::sleep(timeout) => Err(InvokeError::TimedOut(timeout)),
        }
    }

    /// Returns whether it can take another invocation.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Stops the invocation in hand, as a crash would.
    pub(crate) fn killer(&self) -> Arc<Notify> {
        self.kill.clone()
    }

    /// Returns the most memory that the process ever had, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.child.id().and_then(peak_memory).unwrap_or(0)
    }

    /// Kills the process and waits until it is gone.
    pub(crate) async fn end(mut self) {
        if let Err(error) = self.child.kill().await {
            tracing::warn!(%error, "a function's process could not be stopped");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What every process of the system is started with.
pub(crate) struct ProcessCommand {
    pub(crate) binary: std::path::PathBuf,
    pub(crate) environment: Vec<(String, String)>,
}

struct Invocation {
    id: String,
    event: Bytes,
    deadline: SystemTime,
    reply: ReplySender,
}

type ReplySender = oneshot::Sender<Result<Bytes, InvokeError>>;

struct RuntimeApi {
    kind: FunctionKind,
    next: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    /// The id of the invocation in hand, and who waits for its answer.
    current: Mutex<Option<(String, ReplySender)>>,
}

impl RuntimeApi {
    /// Answers the invocation in hand, if that is the one that is meant.
    fn answer(&self, id: &str, result: Result<Bytes, InvokeError>) -> StatusCode {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match current.take() {
            Some((expected, reply)) if expected == id => {
                // Nobody waits any more when the invocation has just timed out.
                let _ = reply.send(result);
                StatusCode::ACCEPTED
            }
            other => {
                *current = other;
                StatusCode::BAD_REQUEST
            }
        }
    }
}

fn router(api: Arc<RuntimeApi>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(api)
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> Response {
    let Some(invocation) = api.next.lock().await.recv().await else {
        return status(StatusCode::GONE);
    };
    let deadline = invocation.deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let response = Response::builder()
        .header("Content-Type", "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", &invocation.id)
        .header("Lambda-Runtime-Deadline-Ms", deadline.to_string())
        .header("Lambda-Runtime-Invoked-Function-Arn", api.kind.arn())
        .header("Lambda-Runtime-Trace-Id", format!("Root=1-00000000-{}", invocation.id.replace('-', "")))
        .body(Body::from(invocation.event));
    *api.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((invocation.id, invocation.reply));
    response.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

async fn response(State(api): State<Arc<RuntimeApi>>, Path(id): Path<String>, body: Body) -> StatusCode {
    match to_bytes(body, LARGEST_RESPONSE).await {
        Ok(bytes) => api.answer(&id, Ok(bytes)),
        Err(_) => {
            let message = format!("the response is larger than {LARGEST_RESPONSE} bytes, or broke off");
            api.answer(&id, Err(InvokeError::Function(message)));
            StatusCode::PAYLOAD_TOO_LARGE
        }
    }
}

async fn error(State(api): State<Arc<RuntimeApi>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.answer(&id, Err(InvokeError::Function(String::from_utf8_lossy(&body).into_owned())))
}

async fn init_error(State(api): State<Arc<RuntimeApi>>, body: Bytes) -> StatusCode {
    tracing::error!(function = api.kind.name(), error = %String::from_utf8_lossy(&body), "a function could not start");
    StatusCode::ACCEPTED
}

fn status(code: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = code;
    response
}

async fn copy_lines(source: impl AsyncRead + Unpin, log: Arc<Log>) {
    let mut lines = BufReader::new(source).lines();
    loop {
        match lines.next_line().await {
            Ok(Some(line)) => log.line(&line),
            Ok(None) => return,
            Err(error) => log.line(&format!("ERROR a line of this log could not be read: {error}")),
        }
    }
}

fn peak_memory(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
