//! Templates for user names, such as `{first:1}{last}`.

use std::fmt;

use super::letters;

/// A template that was read: text, and fields of which all, the first or the last characters are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<TemplatePart>,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("the template is empty: write one such as {{first:1}}{{last}}")]
    Empty,
    #[error("the template has no field, so that everybody would get the same name: {}", FieldList)]
    NoField,
    #[error("{{{name}}} is not a field: {}", FieldList)]
    UnknownField { name: String },
    #[error("{{{0}}} is not a field: {{{1}}} may be meant")]
    Misspelled(String, Field),
    #[error("the brace before “{0}” is never closed: write a field like {{last}}")]
    NotClosed(String),
    #[error("a brace is closed that was never opened: write a field like {{last}}")]
    NotOpened,
    #[error("{{{field}:{number}}} takes no number of characters: write 1 to 64 after the colon, -4 for the last four")]
    BadNumber { field: Field, number: String },
    #[error("“{0}” can't be in a user name: use letters from a to z, digits and . - _ @ beside the fields")]
    Forbidden(char),
}

macro_rules! fields {
    ($($(#[$meta:meta])* $variant:ident $word:literal)+) => {
        /// What a template can take of a person.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Field { $($(#[$meta])* $variant),+ }

        impl Field {
            /// All of them, in the order in which pages list them.
            pub const ALL: &'static [Field] = &[$(Field::$variant),+];

            /// Returns the field as it stands between the braces.
            pub fn as_str(self) -> &'static str {
                match self { $(Field::$variant => $word),+ }
            }
        }
    };
}

fields! {
    First "first"
    Middle "middle"
    Last "last"
    Email "email"
    /// The part of the address before the `@`.
    EmailName "email_name"
    CustomId "custom_id"
    /// Of a student; empty where it is unspecified.
    Grade "grade"
    /// The external ID.
    School "school"
    Type "type"
    /// The year in which a student leaves grade 12.
    Year "year"
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplatePart {
    Text(String),
    Field(Field, Taken),
}

/// Which characters of a field are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    All,
    First(usize),
    Last(usize),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What is wrong with it: it is empty, too long or has no field, a field is unknown, or braces do not match.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(TemplateError::Empty);
        }
        while !rest.is_empty() {
            let (literal, from_brace) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
            parts.extend(read_text(literal)?);
            let Some(inside) = from_brace.strip_prefix('{') else { break };
            let not_closed = || TemplateError::NotClosed(inside.chars().take(20).collect());
            let (field, after) = inside.split_once('}').ok_or_else(not_closed)?;
            if field.contains('{') {
                return Err(not_closed());
            }
            parts.push(read_field(field)?);
            rest = after;
        }
        let has_field = parts.iter().any(|part| matches!(part, TemplatePart::Field(..)));
        if has_field { Ok(Template { parts }) } else { Err(TemplateError::NoField) }
    }

    /// Returns the text with the values of the fields; `None` where no field has any.
    pub fn fill(&self, value: impl Fn(Field) -> String) -> Option<String> {
        let mut filled = String::new();
        let mut has_value = false;
        for part in &self.parts {
            match part {
                TemplatePart::Text(text) => filled += text,
                TemplatePart::Field(field, taken) => {
                    let taken = taken.cut(&value(*field));
                    has_value |= !taken.is_empty();
                    filled += &taken;
                }
            }
        }
        has_value.then_some(filled)
    }
}

fn read_text(text: &str) -> Result<Option<TemplatePart>, TemplateError> {
    match text.chars().find(|c| !letters::is_allowed(*c) && *c != '@') {
        Some('}') => Err(TemplateError::NotOpened),
        Some(forbidden) => Err(TemplateError::Forbidden(forbidden)),
        None => Ok((!text.is_empty()).then(|| TemplatePart::Text(text.to_owned()))),
    }
}

fn read_field(text: &str) -> Result<TemplatePart, TemplateError> {
    let (name, number) = text.split_once(':').map_or((text, None), |(name, number)| (name, Some(number.trim())));
    let name = name.trim();
    let field = Field::ALL.iter().copied().find(|field| field.as_str() == name).ok_or_else(|| unknown(name))?;
    let taken = match number {
        None => Taken::All,
        Some(number) => Taken::read(number)
            .ok_or_else(|| TemplateError::BadNumber { field, number: number.chars().take(20).collect() })?,
    };
    Ok(TemplatePart::Field(field, taken))
}

/// Returns the error for an unknown field. It names the field that is near to what was written, if there is one.
fn unknown(name: &str) -> TemplateError {
    let shown: String = name.chars().take(20).collect();
    let plain: String = shown.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let distance = |field: &Field| strsim::damerau_levenshtein(&field.as_str().replace('_', ""), &plain);
    let begins = |field: &Field| plain.starts_with(field.as_str()) || plain.ends_with(field.as_str());
    let nearest = Field::ALL.iter().copied().min_by_key(distance).filter(|field| distance(field) <= 2);
    match nearest.or_else(|| Field::ALL.iter().copied().find(begins)) {
        Some(field) => TemplateError::Misspelled(shown, field),
        None => TemplateError::UnknownField { name: shown },
    }
}

impl Taken {
    fn read(number: &str) -> Option<Taken> {
        let (digits, last) = number.strip_prefix('-').map_or((number, false), |digits| (digits, true));
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let count =
            digits.parse().ok().filter(|count| plain && (1..=usize::from(letters::MAX_CHARS)).contains(count))?;
        Some(if last { Taken::Last(count) } else { Taken::First(count) })
    }

    fn cut(self, value: &str) -> String {
        match self {
            Taken::All => value.to_owned(),
            Taken::First(count) => value.chars().take(count).collect(),
            Taken::Last(count) => value.chars().skip(value.chars().count().saturating_sub(count)).collect(),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// All fields, as a sentence.
struct FieldList;

impl fmt::Display for FieldList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = Field::ALL.iter().map(|field| format!("{{{field}}}")).collect();
        write!(f, "there are {}", names.join(", "))
    }
}
