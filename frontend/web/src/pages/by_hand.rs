//! An upload of one row that somebody filled in on the page.

use std::collections::BTreeSet;

use js_sys::{Array, Uint8Array};
use leptos::web_sys::File;
use roster::Mode;
use wasm_bindgen::JsValue;
use wire::UploadId;
use wire::http::NewUpload;

use super::upload::{digest, send};
use crate::api::{Api, CallFailure};

/// The longest custom ID that is in the name of a file.
const NAME_CHARS: usize = 60;

/// Makes the file that is sent, named after the custom ID that it is about.
pub(super) fn file(csv: &[u8], custom_id: &str) -> Result<File, JsValue> {
    let parts = Array::of1(&Uint8Array::from(csv));
    File::new_with_u8_array_sequence(&parts, &file_name(custom_id))
}

/// Sends the file, whose plan waits for approval then.
pub(super) async fn send_file(api: Api, file: &File) -> Result<UploadId, CallFailure> {
    let upload = NewUpload {
        mode: Mode::Partial,
        file_name: file.name(),
        bytes: file.size() as u64,
        sha256: digest::sha256_of_file(file).await.map_err(|_| send::not_sent(0))?,
        encoding: None,
        sheet: None,
        checked: None,
        schools: BTreeSet::new(),
        of_source: None,
        by_hand: true,
        repeat: wire::http::Repeat::Never,
    };
    let ticket = api.new_upload(&upload).await?;
    send::put(&ticket, file, |_| {}).await?;
    Ok(ticket.id)
}

fn file_name(custom_id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let id: String = custom_id.trim().chars().map(plain).take(NAME_CHARS).collect();
    if id.is_empty() { "by-hand.csv".to_owned() } else { format!("by-hand-{id}.csv") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_has_the_custom_id_and_nothing_that_means_something() {
        let names = [
            ("00123", "by-hand-00123.csv"),
            (" A-7 ", "by-hand-A-7.csv"),
            ("../a b.é", "by-hand-___a_b__.csv"),
            ("", "by-hand.csv"),
        ];
        for (id, name) in names {
            assert_eq!(file_name(id), name, "{id:?}");
        }
        assert_eq!(file_name(&"7".repeat(64)).len(), "by-hand-.csv".len() + NAME_CHARS);
    }
}
