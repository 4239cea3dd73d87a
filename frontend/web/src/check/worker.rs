//! What the worker calls: `static/check-worker.js` loads this same module where there is no window.

use wasm_bindgen::prelude::*;

use super::{Request, check};

/// Checks a roster against a [`Request`] in JSON and answers a [`super::Report`] in JSON. `parsed` is called with
/// the number of rows before they are checked.
#[wasm_bindgen(js_name = check)]
pub fn check_json(bytes: &[u8], request: &str, parsed: &js_sys::Function) -> Result<String, JsError> {
    let request: Request = serde_json::from_str(request)?;
    let report = check(bytes, &request, |rows| {
        // Progress is a courtesy: a listener that fails does not stop the check.
        let _ = parsed.call1(&JsValue::UNDEFINED, &JsValue::from_f64(rows as f64));
    });
    Ok(serde_json::to_string(&report)?)
}
