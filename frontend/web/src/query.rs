//! The query part of an address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

/// Returns `path` with the fields of `query` that have a value.
pub fn with_query(path: &str, query: &impl Serialize) -> String {
    let Ok(Value::Object(fields)) = serde_json::to_value(query) else { return path.to_owned() };
    let pairs: Vec<String> = fields
        .iter()
        .filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text.clone())),
            Value::Null => None,
            other => Some((name, other.to_string())),
        })
        .map(|(name, text)| format!("{name}={}", encode(&text)))
        .collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// The characters that are not safe in every part of an address.
const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes everything but the characters that are safe in every part of an address.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNSAFE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster::{Kind, SchoolId, UserType};
    use wire::http::{ChangesQuery, Cursor, UsersQuery};

    #[test]
    fn a_query_without_values_adds_nothing() {
        assert_eq!(with_query("/api/uploads", &Cursor::default()), "/api/uploads");
    }

    #[test]
    fn filters_become_pairs() {
        let query = ChangesQuery {
            kind: Some(Kind::Removed),
            user_type: Some(UserType::Student),
            school: None,
            cursor: Some("2/7".to_owned()),
        };
        assert_eq!(with_query("/x", &query), "/x?cursor=2%2F7&kind=removed&user_type=Student");
    }

    #[test]
    fn what_people_type_is_encoded() {
        let query = UsersQuery {
            school: Some(SchoolId("a b".to_owned())),
            search: Some("Zoë & co".to_owned()),
            deleted: true,
            archived: false,
            cursor: None,
        };
        assert_eq!(with_query("/u", &query), "/u?deleted=true&school=a%20b&search=Zo%C3%AB%20%26%20co");
    }
}
