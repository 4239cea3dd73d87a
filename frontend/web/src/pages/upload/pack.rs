//! Several files that are chosen together: those of a set or of another system's format, which are sent as one archive.

use js_sys::{Array, Uint8Array};
use leptos::web_sys::File;
use roster::{FileUse, SentFile, file_use};
use wasm_bindgen_futures::JsFuture;

/// The name of the archive.
pub(super) const NAME: &str = "set.zip";

/// Returns the archive of the files, or in a sentence why they can't be sent together. Demographics never leave the machine:
/// of such a file only its name is sent.
pub(super) async fn pack(files: &[File]) -> Result<File, String> {
    if files.iter().map(|file| file.size()).sum::<f64>() > roster::MAX_BYTES as f64 {
        return Err("The files are too large: together they may have 256 MB.".to_owned());
    }
    let mut sent: Vec<SentFile> = Vec::new();
    for file in files {
        let name = file.name();
        if sent.iter().any(|other| other.name.eq_ignore_ascii_case(&name)) {
            return Err(format!("{name} was chosen twice: choose one of them."));
        }
        let bytes = match file_use(&name) {
            FileUse::Read => {
                let buffer = JsFuture::from(file.array_buffer()).await;
                Uint8Array::new(&buffer.map_err(|_| format!("{name} can\u{2019}t be read."))?).to_vec()
            }
            FileUse::NotRead | FileUse::Demographics => Vec::new(),
            FileUse::Other if name.to_ascii_lowercase().ends_with(".zip") => {
                return Err(format!("{name} is an archive: choose it alone, without the files beside it."));
            }
            FileUse::Other => {
                return Err(format!(
                    "{name} is no file of a set: name the files users.csv, classes.csv and enrolments.csv, or choose the \
                     files of OneRoster, School Data Sync, Clever or Canvas under their own names."
                ));
            }
        };
        sent.push(SentFile { name, bytes });
    }
    let content = Array::of1(&Uint8Array::from(wire::archive::pack_files(&sent).as_slice()));
    File::new_with_u8_array_sequence(&content, NAME).map_err(|_| "The browser could not pack the files.".to_owned())
}
