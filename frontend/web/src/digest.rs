//! SHA-256, in hexadecimal.

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
    Ok(in_hexadecimal(&Uint8Array::new(&digest).to_vec()))
}

/// Returns bytes as hexadecimal digits, as the server writes a digest.
pub fn in_hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::in_hexadecimal;

    #[test]
    fn a_digest_is_told_as_the_server_tells_it() {
        let digest = in_hexadecimal(&Sha256::digest(b"abc"));
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
