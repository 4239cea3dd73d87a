//! Building the page: the compiler, then wasm-bindgen as a library, then the static files.
//!
//! What is made is `index.html` and one folder under `assets/`, whose name is a digest of all files in it: they name
//! each other, and a browser may keep them for good. Beside each file lies what is sent to whom understands Brotli or
//! gzip.

mod audience;
mod files;
mod modules;
mod styles;

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::cargo;
use crate::problem::{ProblemText, about};
use crate::setup;
use crate::stage::Stage;
pub use audience::Build;
pub use files::sorted;

/// What the page is made of, in the checkout.
const SOURCES: [&str; 9] = [
    "frontend/web",
    "frontend/worker",
    "functions/roster",
    "functions/wire",
    "infra/build/src/page.rs",
    "infra/build/src/page",
    ".cargo",
    "Cargo.toml",
    "Cargo.lock",
];

/// Returns the folder of the built page.
///
/// Builds it unless nothing it is made of has changed.
pub fn build(build: Build) -> Result<PathBuf, ProblemText> {
    let folder = cargo::target().join(build.name());
    let stamp_file = cargo::target().join(format!("{}.stamp", build.name()));
    let stamp = stamp()?;
    if folder.join("index.html").exists() && fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(folder);
    }
    setup::wasm_target()?;
    let stage = Stage::begin(match build {
        Build::Local => "Building the page",
        Build::Deployed => "Building the page as it is deployed",
    });
    // A build that breaks off must not pass for a finished one.
    files::remove(&stamp_file)?;
    files::remove(&folder)?;
    let parts = cargo::target().join(format!("{}-parts", build.name()));
    files::remove(&parts)?;
    modules::make(build, &parts)?;
    let sources = cargo::checkout().join("frontend/web/static");
    files::assemble(build, &sources, &parts, &folder)?;
    files::remove(&parts)?;
    fs::write(&stamp_file, stamp).map_err(about(&stamp_file))?;
    stage.done();
    Ok(folder)
}

/// Changes when a source changes: names, sizes and times say so, and reading them takes milliseconds.
fn stamp() -> Result<String, ProblemText> {
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        hash(&cargo::checkout().join(source), &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> Result<(), ProblemText> {
    let entry = fs::metadata(path).map_err(about(path))?;
    path.hash(hasher);
    if !entry.is_dir() {
        entry.len().hash(hasher);
        entry.modified().map_err(about(path))?.hash(hasher);
        return Ok(());
    }
    for child in files::sorted(path)? {
        hash(&child, hasher)?;
    }
    Ok(())
}
