//! The WebAssembly modules of the page and their JavaScript.
//!
//! There are two crates: `web`, which draws the page, and `worker`, which a worker of the page loads for a file. The
//! page that is deployed is cut once more, where `frontend/web/src/app.rs` says, so that nobody waits for the pages
//! behind the sign-in before signing in.

use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;
use wasm_encoder::RawSection;
use wasm_split_cli_support::{Options, transform};
use wasmparser::{Parser, Payload};

use super::audience::Build;
use crate::cargo;
use crate::problem::{ProblemText, about};
use crate::setup::WASM;

/// Compiles both crates and writes their modules into `folder`.
pub fn make(build: Build, folder: &Path) -> Result<(), ProblemText> {
    fs::create_dir_all(folder).map_err(about(folder))?;
    match build {
        Build::Local => {
            // The profile of everything else, so that what runs in the compiler is not built twice.
            let command = ["build", "--package", "web", "--package", "worker", "--target", WASM];
            cargo::run(cargo::cargo(&command))?;
            let built = cargo::target().join(WASM).join("debug");
            bind(&built.join("web.wasm"), "web", folder)?;
            bind(&built.join("worker.wasm"), "worker_module", folder)
        }
        Build::Deployed => {
            let profile = ["--target", WASM, "--profile", "web"];
            cargo::run(cargo::cargo(&[&["build", "--package", "worker"][..], &profile].concat()))?;
            // The linker's relocations say which function needs which.
            let cut = ["--", "--cfg", "lazy_pages", "-Clink-arg=--emit-relocs"];
            let web = [&["rustc", "--package", "web", "--bin", "web"][..], &profile, &cut].concat();
            cargo::run(cargo::cargo(&web))?;
            let built = cargo::target().join(WASM).join("web");
            split(&built.join("web.wasm"), folder)?;
            bind(&built.join("worker.wasm"), "worker_module", folder)
        }
    }
}

/// Writes `NAME.js` and `NAME_bg.wasm`.
fn bind(wasm: &Path, name: &str, folder: &Path) -> Result<(), ProblemText> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(name).typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    // The parts of a module that was cut need what the linker exported.
    bindgen.keep_lld_exports(name == "web");
    let made = bindgen.web(true).and_then(|bindgen| bindgen.generate(folder));
    made.map_err(|error| {
        ProblemText::new(format!("wasm-bindgen could not make the page from {}: {error:#}", wasm.display()))
    })
}

/// Writes `web.js` and `web_bg.wasm`, which are loaded first, and `parts.js` and the parts that it loads when they are
/// wanted.
fn split(wasm: &Path, folder: &Path) -> Result<(), ProblemText> {
    let input = fs::read(wasm).map_err(about(wasm))?;
    let first = folder.join("web.wasm");
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &first;
    options.main_module = "./web.js";
    options.link_name = "./parts.js";
    let parts = transform(options)
        .map_err(|error| ProblemText::new(format!("{} could not be cut into parts: {error:#}", wasm.display())))?;
    for part in &parts.split_modules {
        without_names(part)?;
    }
    bind(&first, "web", folder)?;
    fs::remove_file(&first).map_err(about(&first))
}

/// Takes what only people read out of a module.
fn without_names(path: &Path) -> Result<(), ProblemText> {
    let wasm = fs::read(path).map_err(about(path))?;
    let unread = |error| ProblemText::new(format!("{} is no module: {error}", path.display()));
    let mut module = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(&wasm) {
        let payload = payload.map_err(unread)?;
        let is_for_people =
            matches!(&payload, Payload::CustomSection(section) if ["name", "producers"].contains(&section.name()));
        if let Some((id, range)) = payload.as_section().filter(|_| !is_for_people) {
            module.section(&RawSection { id, data: &wasm[range.start as usize..range.end as usize] });
        }
    }
    fs::write(path, module.finish()).map_err(about(path))
}
