//! The table: DynamoDB over SQLite.

use std::path::Path;

use dynoxide::Database;

use crate::Fault;

/// Opens the database, in a file or in memory.
pub(crate) fn open(file: Option<&Path>) -> Result<Database, Fault> {
    let database = match file {
        Some(file) => Database::new(&file.to_string_lossy()),
        None => Database::memory(),
    };
    database.map_err(|error| Fault::Table(error.to_string()))
}

/// Removes the items whose time is up, as DynamoDB does of its own accord.
pub(crate) fn sweep(database: &Database) {
    if let Err(error) = database.sweep_ttl() {
        tracing::warn!(%error, "expired items could not be removed");
    }
}
