//! How files are read.

use leptos::prelude::*;
use roster::words::SYNONYMS;
use roster::{FileEncoding, MappingProfile, NameColumn, ReadingSettings, SingleName};

use super::mappings::SavedMappings;
use super::mode_form::Switch;
use crate::components::{EncodingSelect, TextField};

/// The settings of reading while they are edited.
#[derive(Clone, Copy)]
pub struct ReadingFields {
    strict_format: RwSignal<bool>,
    encoding: RwSignal<Option<FileEncoding>>,
    name_column: RwSignal<NameColumn>,
    other_name: RwSignal<String>,
    /// How files of other systems are read; here they are only deleted.
    profiles: RwSignal<Vec<MappingProfile>>,
}

impl ReadingFields {
    /// Returns the fields with the settings that are stored.
    pub fn new(reading: &ReadingSettings) -> ReadingFields {
        ReadingFields {
            strict_format: RwSignal::new(reading.strict_format),
            encoding: RwSignal::new(reading.encoding),
            name_column: RwSignal::new(reading.single_name.column),
            other_name: RwSignal::new(reading.single_name.other.clone()),
            profiles: RwSignal::new(reading.profiles.clone()),
        }
    }

    /// Returns the settings as they stand; `None` while the other name is too long.
    pub fn values(self) -> Option<ReadingSettings> {
        let other = self.other_name.get().trim().to_owned();
        (other.chars().count() <= SingleName::MOST_CHARS).then(|| ReadingSettings {
            strict_format: self.strict_format.get(),
            encoding: self.encoding.get(),
            single_name: SingleName { column: self.name_column.get(), other },
            profiles: self.profiles.get(),
        })
    }
}

/// Shows the settings of reading.
#[component]
pub fn ReadingForm(fields: ReadingFields) -> impl IntoView {
    let too_long = Signal::derive(move || {
        fields.values().is_none().then(|| format!("At most {} characters, or nothing.", SingleName::MOST_CHARS))
    });
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
            <Show when=move || !fields.strict_format.get()>
                <SingleNames fields/>
                <TextField
                    id="other-name"
                    label="What stands in the other column"
                    value=fields.other_name
                    error=too_long
                    hint="For example a full stop. Leave it empty for nothing."
                />
                <Words/>
            </Show>
            <SavedMappings profiles=fields.profiles/>
        </section>
    }
}

#[component]
fn SingleNames(fields: ReadingFields) -> impl IntoView {
    let choice = move |value: NameColumn, title: &'static str| {
        view! {
            <label class="radio">
                <input
                    type="radio"
                    name="single-name"
                    prop:checked=move || fields.name_column.get() == value
                    on:change=move |_| fields.name_column.set(value)
                />
                <span class="radio-title">{title}</span>
            </label>
        }
    };
    view! {
        <fieldset class="radios">
            <legend>"People with one name have it in"</legend>
            {choice(NameColumn::AsWritten, "the column that the file has it in")}
            {choice(NameColumn::FirstName, "first_name")}
            {choice(NameColumn::LastName, "last_name")}
        </fieldset>
    }
}

/// Shows the words that are read as words of ours, from the very table that the check reads.
#[component]
fn Words() -> impl IntoView {
    let row = |synonyms: &roster::words::Synonyms| {
        let written: Vec<String> = synonyms.words().skip(1).collect();
        view! {
            <tr>
                <th scope="row"><code>{synonyms.column.header()}</code></th>
                <td data-label="Is read as">{synonyms.value}</td>
                <td data-label="What is written">{written.join(", ")}</td>
            </tr>
        }
    };
    view! {
        <details class="unused">
            <summary>"Words that are understood"</summary>
            <p class="muted small">"Capitals, spaces, dots and hyphens make no difference. What could mean two things is never guessed."</p>
            <div class="table-frame">
                <table class="table">
                    <thead>
                        <tr><th scope="col">"Column"</th><th scope="col">"Is read as"</th><th scope="col">"What is written"</th></tr>
                    </thead>
                    <tbody>{SYNONYMS.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}
