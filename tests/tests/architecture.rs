//! Which crate may know which, and what lies at the top level.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, PackageId};

/// Every crate of the workspace and the crates of the workspace that it may use.
const ARROWS: [(&str, &[&str]); 9] = [
    ("roster", &[]),
    ("wire", &["roster"]),
    ("cloud", &["wire", "roster"]),
    ("validate", &["cloud", "wire", "roster"]),
    ("apply", &["cloud", "wire", "roster"]),
    ("api", &["cloud", "wire", "roster"]),
    ("web", &["wire", "roster"]),
    ("local", &["validate", "apply", "api", "cloud", "wire", "roster"]),
    ("tests", &["local", "validate", "apply", "api", "cloud", "wire", "roster"]),
];

/// What the domain must not reach, however many crates lie between: a clock, randomness, threads of a runtime, the
/// network.
const IMPURE: [&str; 8] = ["tokio", "getrandom", "rand", "time", "chrono", "reqwest", "hyper", "mio"];

#[test]
fn crates_use_only_what_the_design_allows() {
    let metadata = metadata(CargoOpt::AllFeatures, &[]);
    let arrows: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let members: BTreeSet<_> = metadata.workspace_packages().iter().map(|p| p.name.to_string()).collect();
    assert_eq!(members, arrows.keys().map(|n| n.to_string()).collect(), "a new crate needs its line in ARROWS");
    for package in metadata.workspace_packages() {
        let used = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development || d.path.is_none());
        for dependency in used.filter(|d| members.contains(&d.name)) {
            let allowed = arrows[package.name.as_str()].contains(&dependency.name.as_str());
            assert!(allowed, "{} must not use {}", package.name, dependency.name);
        }
    }
}

#[test]
fn only_the_cloud_crate_knows_the_sdk() {
    let metadata = metadata(CargoOpt::AllFeatures, &[]);
    for package in metadata.workspace_packages() {
        if ["cloud", "local", "tests"].contains(&package.name.as_str()) {
            continue;
        }
        for dependency in package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal) {
            assert!(!dependency.name.starts_with("aws-"), "{} must not use {}", package.name, dependency.name);
        }
    }
}

#[test]
fn the_domain_is_pure() {
    for platform in ["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"] {
        let metadata = metadata(CargoOpt::SomeFeatures(Vec::new()), &["--filter-platform", platform]);
        let reached = reached_from(&metadata, "roster");
        for name in IMPURE {
            assert!(!reached.contains(name), "roster reaches {name} on {platform}");
        }
        let aws: Vec<_> = reached.iter().filter(|n| n.starts_with("aws-")).collect();
        assert!(aws.is_empty(), "roster reaches {aws:?} on {platform}");
    }
}

#[test]
fn the_page_never_reaches_the_cloud() {
    let metadata = metadata(CargoOpt::AllFeatures, &["--filter-platform", "wasm32-unknown-unknown"]);
    let reached = reached_from(&metadata, "web");
    let cloudy: Vec<_> = reached.iter().filter(|n| *n == "cloud" || n.starts_with("aws-")).collect();
    assert!(cloudy.is_empty(), "web reaches {cloudy:?}");
}

#[test]
fn the_top_level_holds_nothing_else() {
    let expected = ["Cargo.lock", "Cargo.toml", "README.md", "frontend", "functions", "infra", "tests"];
    let entries = std::fs::read_dir(root()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    // `target` is made by cargo and ignored by git.
    let found: BTreeSet<_> = entries.filter(|n| !n.starts_with('.') && !n.starts_with("LICENSE")).collect();
    let extra: Vec<_> = found.iter().filter(|n| !expected.contains(&n.as_str()) && *n != "target").collect();
    let missing: Vec<_> = expected.iter().filter(|n| !found.contains(**n)).collect();
    assert!(extra.is_empty() && missing.is_empty(), "not expected: {extra:?}; missing: {missing:?}");
}

fn metadata(features: CargoOpt, options: &[&str]) -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml"));
    command.features(features).other_options(options.iter().map(|o| o.to_string()).collect::<Vec<_>>());
    command.exec().expect("cargo metadata answers")
}

/// The names of everything that `crate_name` is built from, itself left out.
fn reached_from(metadata: &Metadata, crate_name: &str) -> BTreeSet<String> {
    let nodes = &metadata.resolve.as_ref().expect("the dependencies were resolved").nodes;
    let nodes: BTreeMap<&PackageId, _> = nodes.iter().map(|n| (&n.id, n)).collect();
    let start = metadata.workspace_packages().into_iter().find(|p| p.name == crate_name).expect("the crate exists");
    let mut reached = BTreeSet::new();
    let mut open = vec![&start.id];
    while let Some(id) = open.pop() {
        for dependency in &nodes[id].deps {
            let built = dependency.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal);
            let name = metadata[&dependency.pkg].name.to_string();
            if built && reached.insert(name) {
                open.push(&dependency.pkg);
            }
        }
    }
    reached
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace")
}
