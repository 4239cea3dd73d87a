//! Files that are made to be downloaded once.

use cloud::bucket::keys;
use serde::Serialize;
use uuid::Uuid;

use crate::app::App;
use crate::error::Failure;
use crate::random;

/// Stores a table to be downloaded and returns its key, which can't be guessed.
///
/// It is deleted after a day.
pub async fn store(app: &App, file: Vec<u8>) -> Result<String, Failure> {
    store_under(app, keys::download(&name()?), file).await
}

/// Stores a workbook in the same way.
pub async fn store_workbook(app: &App, file: Vec<u8>) -> Result<String, Failure> {
    store_under(app, keys::download_workbook(&name()?), file).await
}

/// Stores an archive in the same way.
pub async fn store_archive(app: &App, file: Vec<u8>) -> Result<String, Failure> {
    store_under(app, keys::download_archive(&name()?), file).await
}

/// Stores a JSON document in the same way.
pub async fn store_document(app: &App, document: &impl Serialize) -> Result<String, Failure> {
    let file = serde_json::to_vec_pretty(document).expect("our own types are JSON");
    store_under(app, keys::download_document(&name()?), file).await
}

async fn store_under(app: &App, key: String, file: Vec<u8>) -> Result<String, Failure> {
    app.cloud.object_put(&key, file).await?;
    Ok(key)
}

fn name() -> Result<String, Failure> {
    Ok(Uuid::from_bytes(random::bytes()?).to_string())
}
