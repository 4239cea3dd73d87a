//! The digest of the file, by which the server knows that what arrives is what was chosen here.

use js_sys::Uint8Array;
use leptos::web_sys::File;
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// How many bytes are read at once. A part is small, so that a large file does not fill the memory and the page answers
/// in between.
const PART: f64 = 4.0 * 1024.0 * 1024.0;

/// Returns the SHA-256 of the file in hexadecimal.
pub async fn sha256_of_file(file: &File) -> Result<String, JsValue> {
    let (mut digest, mut from) = (Sha256::new(), 0.0);
    while from < file.size() {
        let to = (from + PART).min(file.size());
        let part = file.slice_with_f64_and_f64(from, to)?;
        digest.update(Uint8Array::new(&JsFuture::from(part.array_buffer()).await?).to_vec());
        from = to;
    }
    Ok(hex::encode(digest.finalize()))
}
