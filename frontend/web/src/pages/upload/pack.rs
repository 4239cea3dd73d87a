//! Several files that are chosen together: a set, which is sent as one archive.

use js_sys::{Array, Uint8Array};
use leptos::web_sys::File;
use roster::{SetBytes, SetPart};
use wasm_bindgen_futures::JsFuture;

/// The name of the archive.
pub(super) const NAME: &str = "set.zip";

/// Returns the archive of the files, or in a sentence why they are no set.
pub(super) async fn pack(files: &[File]) -> Result<File, String> {
    if files.iter().map(|file| file.size()).sum::<f64>() > roster::MAX_BYTES as f64 {
        return Err("The files are too large: together they may have 256 MB.".to_owned());
    }
    let mut set = SetBytes::default();
    for file in files {
        let name = file.name();
        let part = SetPart::from_file_name(&name).ok_or_else(|| {
            format!("{name} is no file of a set: name the files users.csv, classes.csv and enrolments.csv.")
        })?;
        let place = set.part_mut(part);
        if place.is_some() {
            return Err(format!("Several files can be {}: choose one of them.", part.file_name()));
        }
        let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| format!("{name} can\u{2019}t be read."))?;
        *place = Some(Uint8Array::new(&buffer).to_vec());
    }
    let content = Array::of1(&Uint8Array::from(wire::archive::pack(&set).as_slice()));
    File::new_with_u8_array_sequence(&content, NAME).map_err(|_| "The browser could not pack the files.".to_owned())
}
