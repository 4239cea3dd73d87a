//! The file on its way to the bucket. `fetch` can't tell how much has gone, so this is an `XMLHttpRequest`.

use js_sys::{Function, Promise};
use leptos::web_sys::{File, ProgressEvent, XmlHttpRequest};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wire::http::{Problem, UploadTicket};

use crate::api::CallFailure;

/// The status that the bucket answers once the ticket has run out.
pub const EXPIRED: u16 = 403;

/// Sends `file` to where `ticket` says.
///
/// `progress` hears how many bytes have gone. Dropping the future stops the sending.
pub async fn put(ticket: &UploadTicket, file: &File, progress: impl FnMut(u64) + 'static) -> Result<(), CallFailure> {
    let running = RunningRequest::start(ticket, file, progress).map_err(|_| not_sent(0))?;
    // The promise only tells that the request has ended; its status says how.
    let _ = JsFuture::from(running.ended.clone()).await;
    answered(running.request.status().unwrap_or(0))
}

/// Returns what the bucket's answer means. The ticket writes once, so a 412 says that the file is there: an earlier try
/// got through, and only its answer was lost.
fn answered(status: u16) -> Result<(), CallFailure> {
    match status {
        200..=299 | 412 => Ok(()),
        status => Err(not_sent(status)),
    }
}

/// A request under way. Dropping it stops it.
struct RunningRequest {
    request: XmlHttpRequest,
    ended: Promise,
    _progress: Closure<dyn FnMut(ProgressEvent)>,
}

impl RunningRequest {
    fn start(
        ticket: &UploadTicket,
        file: &File,
        mut progress: impl FnMut(u64) + 'static,
    ) -> Result<RunningRequest, JsValue> {
        let request = XmlHttpRequest::new()?;
        request.open("PUT", &ticket.url)?;
        for (name, value) in &ticket.headers {
            request.set_request_header(name, value)?;
        }
        let progress =
            Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| progress(event.loaded() as u64));
        request.upload()?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
        let ended = Promise::new(&mut |resolve: Function, _| request.set_onloadend(Some(&resolve)));
        request.send_with_opt_blob(Some(file))?;
        Ok(RunningRequest { request, ended, _progress: progress })
    }
}

impl Drop for RunningRequest {
    fn drop(&mut self) {
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
        }
        self.request.set_onloadend(None);
        // A request that has ended can't be stopped, and need not be.
        let _ = self.request.abort();
    }
}

/// Returns the failure to send a file; `status` is 0 where it broke off, or the file could not be read.
pub fn not_sent(status: u16) -> CallFailure {
    let (code, message, hint) = match status {
        0 => (
            "not_sent",
            "The sending broke off.",
            "Check the connection. If you have changed the file since you chose it, choose it again.",
        ),
        EXPIRED => ("ticket_expired", "The permission to send this file has run out.", "Send it again."),
        _ => {
            ("not_taken", "The file was not taken.", "Send it again. If it stays, tell whoever runs Rollbook for you.")
        }
    };
    let problem = Problem { code: code.to_owned(), message: message.to_owned(), hint: Some(hint.to_owned()) };
    CallFailure { status, problem, retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::answered;

    #[test]
    fn a_file_that_is_there_already_was_sent() {
        assert!(answered(200).is_ok() && answered(412).is_ok());
        for status in [0, 403, 409, 500, 503] {
            assert_eq!(answered(status).map_err(|failure| failure.status), Err(status));
        }
    }
}
