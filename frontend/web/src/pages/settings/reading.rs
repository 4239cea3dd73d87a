//! How files are read.

use leptos::prelude::*;
use roster::{FileEncoding, Reading};

use super::mode_form::Switch;
use crate::components::EncodingSelect;

/// The settings of reading while they are edited.
#[derive(Clone, Copy)]
pub struct ReadingFields {
    strict_format: RwSignal<bool>,
    encoding: RwSignal<Option<FileEncoding>>,
}

impl ReadingFields {
    pub fn new(reading: &Reading) -> ReadingFields {
        ReadingFields { strict_format: RwSignal::new(reading.strict_format), encoding: RwSignal::new(reading.encoding) }
    }

    /// `base` with these settings.
    pub fn values(self, base: Reading) -> Reading {
        Reading { strict_format: self.strict_format.get(), encoding: self.encoding.get(), ..base }
    }
}

/// The part of the page.
#[component]
pub fn ReadingForm(fields: ReadingFields) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="reading-title">
            <h2 id="reading-title">"How files are read"</h2>
            <p class="muted">"Common ways of writing a roster are understood, and every file says what was read otherwise than written."</p>
            <Switch
                id="strict-format".to_owned()
                value=fields.strict_format
                title="Strict format"
                what="Headers, words and layout have to be exactly as the data dictionary says. Rows and files that are not are refused."
            />
            <EncodingSelect
                id="encoding"
                label="Encoding of files that do not show theirs"
                usual="The likeliest for each file"
                hint="Unicode files show theirs. Choose one where old exports come with wrong accents."
                value=fields.encoding
            />
        </section>
    }
}
