//! What rosters are checked with: the organisation's schools and settings, kept for when Rollbook can't be reached.

use std::fs;
use std::path::{Path, PathBuf};

use wire::http::ClientFacts;

use crate::api::RollbookApi;
use crate::config::Config;
use crate::private::{make_folder, write_private};
use crate::trouble::Trouble;

/// Where the facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Now,
    /// What was kept when Rollbook was last asked.
    Kept,
}

/// Returns the facts as they are now, and keeps them.
pub fn fetch(api: &RollbookApi, config: &Config) -> Result<ClientFacts, Trouble> {
    let facts = api.facts()?;
    keep(&config.state, &facts)?;
    Ok(facts)
}

/// Returns the facts as they are now or, where Rollbook can't be reached, as they were.
pub fn fetch_or_kept(api: &RollbookApi, config: &Config) -> Result<(ClientFacts, Freshness), Trouble> {
    match fetch(api, config) {
        Ok(facts) => Ok((facts, Freshness::Now)),
        Err(trouble) if trouble.may_pass() => match kept(config) {
            Ok(facts) => Ok((facts, Freshness::Kept)),
            Err(_) => Err(trouble),
        },
        Err(trouble) => Err(trouble),
    }
}

/// Returns the facts that were kept.
pub fn kept(config: &Config) -> Result<ClientFacts, Trouble> {
    let path = path(&config.state);
    let text = fs::read(&path).map_err(|_| {
        let words = "Run the command once with a connection to Rollbook.";
        Trouble::usage("The settings of the organisation were never fetched.", words)
    })?;
    serde_json::from_slice(&text).map_err(|_| {
        let words = "Run the command once with a connection to Rollbook.";
        Trouble::usage(format!("{} is of another release of rollbook.", path.display()), words)
    })
}

fn keep(state: &Path, facts: &ClientFacts) -> Result<(), Trouble> {
    let path = path(state);
    let text = serde_json::to_vec(facts).map_err(|error| Trouble::machine("written", &path, &error.into()))?;
    make_folder(state)?;
    write_private(&path, &text)
}

fn path(state: &Path) -> PathBuf {
    state.join("settings.json")
}
