//! Lists by time of which the caller may see a part only.

use uuid::Uuid;
use wire::http::Page;

use crate::error::Failure;

/// How many items a page has, unless one read brings more.
pub const PAGE: u16 = 50;

/// How many items one request looks at in search of those that the caller may see.
const LOOKED_AT: usize = 500;

/// Returns a page of the items that the caller may see.
///
/// It begins after `cursor`, the ID of the last one that was looked at.
///
/// `read` returns up to [`PAGE`] items after an ID.
pub async fn visible_page<T, R>(
    cursor: Option<String>,
    read: impl Fn(Option<String>) -> R,
    is_visible: impl Fn(&T) -> bool,
) -> Result<Page<T>, Failure>
where
    R: Future<Output = Result<Page<T>, cloud::Error>>,
{
    let mut cursor = cursor.map(|id| id.parse::<Uuid>()).transpose().map_err(|_| Failure::CursorUnknown)?;
    let mut items = Vec::new();
    let mut looked_at = 0;
    loop {
        let page = read(cursor.map(|id| id.to_string())).await?;
        looked_at += page.items.len();
        items.extend(page.items.into_iter().filter(&is_visible));
        cursor = page.cursor.and_then(|id| id.parse().ok());
        if cursor.is_none() || items.len() >= usize::from(PAGE) || looked_at >= LOOKED_AT {
            return Ok(Page { items, cursor: cursor.map(|id| id.to_string()) });
        }
    }
}
