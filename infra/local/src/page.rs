//! Building the page: the compiler, then wasm-bindgen as a library, then the static files.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::cargo;
use crate::problem::Problem;
use crate::setup;
use crate::stage::Stage;

/// What the page is made of, in the checkout.
const SOURCES: [&str; 6] =
    ["frontend/web", "functions/roster", "functions/wire", "infra/local/src/page.rs", "Cargo.toml", "Cargo.lock"];

/// The folder of the built page. Builds it unless nothing it is made of has changed.
pub fn build() -> Result<PathBuf, Problem> {
    let folder = cargo::target().join("page");
    let stamp_file = cargo::target().join("page.stamp");
    let stamp = stamp()?;
    if folder.join("index.html").exists() && fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(folder);
    }
    setup::wasm_target()?;
    let stage = Stage::begin("Building the page");
    // A build that breaks off must not pass for a finished one.
    remove(&stamp_file)?;
    cargo::run(cargo::cargo(&["build", "--package", "web", "--target", setup::WASM, "--profile", "web"]))?;
    remove(&folder)?;
    bind(&cargo::target().join("wasm32-unknown-unknown/web/web.wasm"), &folder)?;
    copy(&cargo::checkout().join("frontend/web/static"), &folder)?;
    fs::write(&stamp_file, stamp).map_err(about(&stamp_file))?;
    stage.done();
    Ok(folder)
}

/// Writes `web.js` and `web_bg.wasm`.
fn bind(wasm: &Path, folder: &Path) -> Result<(), Problem> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).typescript(false).remove_name_section(true).remove_producers_section(true);
    let made = bindgen.web(true).and_then(|bindgen| bindgen.generate(folder));
    made.map_err(|error| {
        Problem::new(format!("wasm-bindgen could not make the page from {}: {error:#}", wasm.display()))
    })
}

/// Changes when a source changes: names, sizes and times say so, and reading them takes milliseconds.
fn stamp() -> Result<String, Problem> {
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        hash(&cargo::checkout().join(source), &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> Result<(), Problem> {
    let entry = fs::metadata(path).map_err(about(path))?;
    path.hash(hasher);
    if !entry.is_dir() {
        entry.len().hash(hasher);
        entry.modified().map_err(about(path))?.hash(hasher);
        return Ok(());
    }
    for child in sorted(path)? {
        hash(&child, hasher)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Problem> {
    fs::create_dir_all(to).map_err(about(to))?;
    for source in sorted(from)? {
        let target = to.join(source.file_name().unwrap_or_default());
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(about(&source))?;
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let entries = fs::read_dir(folder).map_err(about(folder))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(about(folder))?;
    paths.sort();
    Ok(paths)
}

/// Removes a file or a folder that may be there.
fn remove(path: &Path) -> Result<(), Problem> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(about(path)(error)),
        _ => Ok(()),
    }
}

fn about(path: &Path) -> impl FnOnce(std::io::Error) -> Problem {
    move |error| Problem::new(format!("Cannot use {}: {error}", path.display()))
}
