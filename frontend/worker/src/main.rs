//! The module that `frontend/web/static/worker.js` loads.

use wasm_bindgen::prelude::*;
use worker::{LookRequest, ProposalRequest, Request, check, look, propose_mapping};

/// Checks a roster against a [`Request`] in JSON and answers a [`worker::CheckReport`] in JSON.
///
/// `parsed` is called with the number of rows before they are checked.
#[wasm_bindgen(js_name = check)]
pub fn check_json(bytes: &[u8], request: &str, parsed: &js_sys::Function) -> Result<String, JsError> {
    let request: Request = serde_json::from_str(request)?;
    let report = check(bytes, &request, |rows| {
        // Progress is a courtesy: a listener that fails does not stop the check.
        let _ = parsed.call1(&JsValue::UNDEFINED, &JsValue::from_f64(rows as f64));
    });
    Ok(serde_json::to_string(&report)?)
}

/// Proposes how a file is to be read.
///
/// Takes a [`ProposalRequest`] and answers a [`worker::ProposalReport`], both in JSON.
#[wasm_bindgen(js_name = propose)]
pub fn propose_json(bytes: &[u8], request: &str) -> Result<String, JsError> {
    let request: ProposalRequest = serde_json::from_str(request)?;
    Ok(serde_json::to_string(&propose_mapping(bytes, &request))?)
}

/// Looks at a file through a mapping that is being edited.
///
/// Takes a [`LookRequest`] and answers a [`worker::LookReport`], both in JSON.
#[wasm_bindgen(js_name = look)]
pub fn look_json(bytes: &[u8], request: &str) -> Result<String, JsError> {
    let request: LookRequest = serde_json::from_str(request)?;
    Ok(serde_json::to_string(&look(bytes, &request))?)
}

/// Reads the slips of one of our files and answers a list of [`roster::slips::Sheet`] in JSON.
#[wasm_bindgen(js_name = slips)]
pub fn slips_json(file: &[u8]) -> Result<String, JsError> {
    // A file that slips can't be made of has none.
    let sheets = roster::slips::slips(file).unwrap_or_default();
    Ok(serde_json::to_string(&sheets)?)
}

/// Returns a blank workbook; `blank` is a [`worker::Blank`] in JSON.
#[wasm_bindgen(js_name = template)]
pub fn template_workbook(blank: &str) -> Result<Vec<u8>, JsError> {
    Ok(worker::template(serde_json::from_str(blank)?)?)
}

fn main() {
    console_error_panic_hook::set_once();
}
