//! The window's side of the worker: each job gets one of its own, which ends with it, so that a job that is no longer
//! wanted stops at once and gives its memory back.

use js_sys::{Array, Function, JSON, Object, Promise, Reflect, Uint8Array};
use leptos::web_sys::{Event, File, MessageEvent, Worker, WorkerOptions, WorkerType, window};
use roster::slips::Sheet;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use worker::{Blank, CheckReport, LookReport, LookRequest, ProposalReport, ProposalRequest, Request, too_large};

/// What people are told where a file can't be opened.
const UNREADABLE: &str =
    "The file can\u{2019}t be read: it may have been moved, changed or opened by another program. Choose it again.";
/// What people are told where a worker ended in the middle of its job. Most often that is the reader of workbooks.
const STOPPED: &str = "The check stopped before its end: the file may be damaged, or too large for this browser. Open it \
                       in the program that made it, save it again, and choose the new file.";

/// Checks `file` in a worker.
///
/// `parsed` hears how many rows there are. Dropping the future ends the worker.
pub async fn check_file(
    file: &File,
    request: &Request,
    parsed: impl FnMut(u64) + 'static,
) -> Result<CheckReport, String> {
    if file.size() > roster::MAX_BYTES as f64 {
        return Ok(too_large());
    }
    let request = serde_json::to_string(request).map_err(|e| e.to_string())?;
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| UNREADABLE.to_owned())?;
    let report = checked(&Uint8Array::new(&buffer), &request, parsed).await.map_err(|e| words(&e))?;
    serde_json::from_str(&report).map_err(|e| e.to_string())
}

/// Proposes in a worker how `file` is to be read.
///
/// Dropping the future ends the worker.
pub async fn propose_mapping(file: &File, request: &ProposalRequest) -> Result<ProposalReport, String> {
    of_file(file, "propose", request).await
}

/// Looks at `file` in a worker through a mapping that is being edited.
///
/// Dropping the future ends the worker.
pub async fn look_at_file(file: &File, request: &LookRequest) -> Result<LookReport, String> {
    of_file(file, "look", request).await
}

/// Reads the slips of one of our files in a worker.
///
/// Dropping the future ends the worker.
pub async fn read_slips(file: &[u8]) -> Result<Vec<Sheet>, String> {
    let job = Job { name: "slips", bytes: &Uint8Array::from(file), request: None };
    let sheets = job.run(|_| {}).await.and_then(text).map_err(|e| words(&e))?;
    serde_json::from_str(&sheets).map_err(|e| e.to_string())
}

/// Makes a blank workbook in a worker, for what writes workbooks is no part of the page.
pub async fn template_workbook(blank: Blank) -> Result<Vec<u8>, String> {
    let request = serde_json::to_string(&blank).map_err(|e| e.to_string())?;
    let job = Job { name: "template", bytes: &Uint8Array::new_with_length(0), request: Some(&request) };
    let workbook = job.run(|_| {}).await.map_err(|e| words(&e))?;
    Ok(Uint8Array::new(&workbook).to_vec())
}

/// Offers scripts the very check that the page runs.
///
/// It is `window.rollbookCheck(bytes, {schools, settings, mode, scope?})`, which answers a promise of the report.
pub fn offer_to_scripts() {
    let check = Closure::<dyn Fn(Uint8Array, JsValue) -> Promise>::new(|bytes: Uint8Array, request: JsValue| {
        future_to_promise(async move {
            let request = JSON::stringify(&request)?.as_string().unwrap_or_default();
            // A copy, because the worker takes the bytes over.
            let report = checked(&bytes.slice(0, bytes.length()), &request, |_| {}).await?;
            JSON::parse(&report)
        })
    });
    if let Some(window) = window() {
        // A window that takes no new property only lacks the offer; the page itself does not use it.
        let _ = Reflect::set(&window, &"rollbookCheck".into(), &check.into_js_value());
    }
}

/// Has a worker do the job `name` with a file.
async fn of_file<T: DeserializeOwned>(file: &File, name: &'static str, request: &impl Serialize) -> Result<T, String> {
    let request = serde_json::to_string(request).map_err(|e| e.to_string())?;
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| UNREADABLE.to_owned())?;
    let job = Job { name, bytes: &Uint8Array::new(&buffer), request: Some(&request) };
    let result = job.run(|_| {}).await.and_then(text).map_err(|e| words(&e))?;
    serde_json::from_str(&result).map_err(|e| e.to_string())
}

async fn checked(bytes: &Uint8Array, request: &str, parsed: impl FnMut(u64) + 'static) -> Result<String, JsValue> {
    Job { name: "check", bytes, request: Some(request) }.run(parsed).await.and_then(text)
}

fn text(result: JsValue) -> Result<String, JsValue> {
    result.as_string().ok_or_else(|| JsValue::from_str("the worker gave no result"))
}

/// A job for a worker, which takes `bytes` over.
struct Job<'a> {
    name: &'static str,
    bytes: &'a Uint8Array,
    request: Option<&'a str>,
}

impl Job<'_> {
    /// Has a worker do the job, and returns its result.
    async fn run(&self, parsed: impl FnMut(u64) + 'static) -> Result<JsValue, JsValue> {
        let running = RunningJob::start(self, parsed)?;
        JsFuture::from(running.result.clone()).await
    }

    fn message(&self) -> Result<Object, JsValue> {
        let message = Object::new();
        Reflect::set(&message, &"job".into(), &self.name.into())?;
        Reflect::set(&message, &"bytes".into(), self.bytes)?;
        if let Some(request) = self.request {
            Reflect::set(&message, &"request".into(), &request.into())?;
        }
        Ok(message)
    }
}

/// Returns the address of the worker's script. Its name changes with its content, so `index.html` says it.
fn script() -> Option<String> {
    let element = window()?.document()?.query_selector("meta[name=worker]").ok()??;
    element.get_attribute("content")
}

/// A function that the browser calls with an event.
type Listener<E> = Closure<dyn FnMut(E)>;

/// A worker at its job. Dropping it ends the worker.
struct RunningJob {
    worker: Worker,
    result: Promise,
    _on_message: Listener<MessageEvent>,
    _on_error: Listener<Event>,
}

impl RunningJob {
    fn start(job: &Job, parsed: impl FnMut(u64) + 'static) -> Result<RunningJob, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let script = script().ok_or_else(|| JsValue::from_str("the page names no worker"))?;
        let worker = Worker::new_with_options(&script, &options)?;
        let (result, resolve, reject) = promise();
        let on_message = on_message(resolve, reject.clone(), parsed);
        let on_error = Listener::<Event>::new(move |_| settle(&reject, &STOPPED.into()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let running = RunningJob { worker, result, _on_message: on_message, _on_error: on_error };
        running.worker.post_message_with_transfer(&job.message()?.into(), &Array::of1(&job.bytes.buffer()))?;
        Ok(running)
    }
}

impl Drop for RunningJob {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

fn on_message(resolve: Function, reject: Function, mut parsed: impl FnMut(u64) + 'static) -> Listener<MessageEvent> {
    Closure::new(move |event: MessageEvent| {
        let data = event.data();
        let part = |name: &str| Reflect::get(&data, &name.into()).ok().filter(|v| !v.is_undefined());
        if let Some(rows) = part("parsed").and_then(|v| v.as_f64()) {
            parsed(rows as u64);
        } else if let Some(result) = part("result") {
            settle(&resolve, &result);
        } else {
            settle(&reject, &part("error").unwrap_or_else(|| STOPPED.into()));
        }
    })
}

fn promise() -> (Promise, Function, Function) {
    let mut functions = None;
    let promise = Promise::new(&mut |resolve, reject| functions = Some((resolve, reject)));
    let (resolve, reject) = functions.expect("a promise calls its executor at once");
    (promise, resolve, reject)
}

fn settle(how: &Function, value: &JsValue) {
    // The functions of a promise do not throw.
    let _ = how.call1(&JsValue::UNDEFINED, value);
}

fn words(error: &JsValue) -> String {
    error.as_string().unwrap_or_else(|| STOPPED.to_owned())
}
