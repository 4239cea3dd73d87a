//! The SHA-256 of what is sent.

use js_sys::Uint8Array;
use leptos::web_sys::window;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Returns the SHA-256 of the bytes in hexadecimal.
///
/// The browser works it out: it is needed to sign in, and the code of a library would be loaded before that.
pub async fn sha256(bytes: &[u8]) -> Result<String, JsValue> {
    let crypto = window().ok_or(JsValue::NULL)?.crypto()?.subtle();
    let digest = JsFuture::from(crypto.digest_with_str_and_buffer_source("SHA-256", &Uint8Array::from(bytes))?).await?;
    Ok(hex::encode(Uint8Array::new(&digest).to_vec()))
}
