//! The schools and the district office, as lists have them.

use roster::{School, SchoolKind, Schools};

/// Returns the district first, then by name.
pub fn in_order(schools: &Schools) -> Vec<School> {
    let mut list: Vec<School> = schools.iter().cloned().collect();
    list.sort_by_cached_key(|school| {
        (school.kind == SchoolKind::School, school.name.to_lowercase(), school.id.clone())
    });
    list
}
