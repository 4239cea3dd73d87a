//! Files that are made to be downloaded once.

use cloud::bucket::keys;
use uuid::Uuid;

use crate::app::App;
use crate::error::Failure;
use crate::random;

/// Stores a file to be downloaded and returns its key, which can't be guessed. It is deleted after a day.
pub async fn store(app: &App, file: Vec<u8>) -> Result<String, Failure> {
    let key = keys::download(&Uuid::from_bytes(random::bytes()?).to_string());
    app.cloud.object_put(&key, file).await?;
    Ok(key)
}
