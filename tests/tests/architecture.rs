//! Which crate may know which, and what lies at the top level.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, TargetKind};
use tests::imports::{Imports, Items, items_of_target};

/// Every crate of the workspace and the crates of the workspace that it may use.
const ARROWS: [(&str, &[&str]); 15] = [
    ("roster", &[]),
    ("wire", &["roster"]),
    ("runtime", &["roster"]),
    ("cloud", &["wire", "roster"]),
    ("validate", &["runtime", "cloud", "wire", "roster"]),
    ("apply", &["runtime", "cloud", "wire", "roster"]),
    ("api", &["runtime", "cloud", "wire", "roster"]),
    ("notices", &["runtime", "cloud", "wire", "roster"]),
    ("worker", &["wire", "roster"]),
    ("client", &["wire", "roster"]),
    ("web", &["worker", "wire", "roster"]),
    ("build", &[]),
    ("deploy", &["build", "runtime", "roster"]),
    ("local", &["build", "validate", "apply", "api", "notices", "runtime", "cloud", "wire", "roster"]),
    ("tests", &["local", "validate", "apply", "api", "notices", "runtime", "cloud", "wire", "roster"]),
];

/// Crates whose files have a direction: their rooms from the lowest to the highest, and how many files may use each other
/// in a circle. No file uses one of a room above its own.
const ROOMS: [(&str, &[Room], usize); 4] = [
    (
        "functions/roster",
        &[
            Room::new(&["model"]),
            Room::new(&["settings"]),
            Room::new(&["file"]),
            Room::new(&["formats"]),
            Room::new(&["validate"]),
            Room::new(&["username"]),
            Room::new(&["diff"]),
            Room::new(&["plan"]),
            Room::new(&["classes"]),
            Room::new(&["plan_roster"]),
            Room::new(&["sent"]),
            Room::new(&["mapping"]),
            Room::new(&["watching"]),
            Room::new(&["output"]),
            Room::new(&["lib", "testing"]),
        ],
        // A file and one that was taken out of it.
        2,
    ),
    (
        "functions/wire",
        &[
            Room::new(&["attribute", "archive", "workbook"]),
            Room::new(&["unpacked"]),
            Room::new(&["stored"]),
            Room::new(&["http"]),
            Room::new(&["origin", "shown"]),
            Room::new(&["lib"]),
        ],
        1,
    ),
    // Its files are one room: none uses another in a circle.
    (
        "functions/cloud",
        &[Room::new(&[
            "api_keys",
            "archive",
            "arrivals",
            "audit",
            "bucket",
            "changes",
            "chunks",
            "classes",
            "credentials",
            "devices",
            "directory",
            "email",
            "erase",
            "error",
            "full_rows",
            "inventory",
            "kept",
            "last_applied",
            "lease",
            "lib",
            "notices",
            "pauses",
            "people",
            "plans",
            "retry",
            "roles",
            "schema",
            "schools",
            "sessions",
            "settings",
            "sign_in_failures",
            "table",
            "tickets",
            "transact",
            "uploads",
            "users",
            "webhooks",
        ])],
        1,
    ),
    (
        "functions/api",
        &[
            Room::new(&["app"]),
            Room::new(&["error"]),
            Room::new(&["extract", "random"]),
            Room::new(&["auth"]),
            Room::new(&["resources"]),
            Room { modules: &["handlers"], apart: true },
            Room::new(&["routes"]),
            Room::new(&["lib"]),
        ],
        1,
    ),
];

/// Files that stand side by side: modules at the root of a crate, with all that is in them.
struct Room {
    modules: &'static [&'static str],
    /// No file of the room uses another one of it.
    apart: bool,
}

impl Room {
    const fn new(modules: &'static [&'static str]) -> Room {
        Room { modules, apart: false }
    }

    fn has(&self, file: &str) -> bool {
        let module = file.split(['/', '.']).next().unwrap_or_default();
        self.modules.contains(&module)
    }
}

/// What the domain must not reach, however many crates lie between: a clock, randomness, threads of a runtime, the
/// network.
// Not `chrono`: on wasm32 `zxcvbn` has it, which weighs a year in a password against the present one.
const IMPURE: [&str; 6] = ["tokio", "getrandom", "rand", "reqwest", "hyper", "mio"];

#[test]
fn crates_use_only_what_the_design_allows() {
    let metadata = metadata();
    let arrows: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let members: BTreeSet<_> = metadata.workspace_packages().iter().map(|p| p.name.to_string()).collect();
    assert_eq!(members, arrows.keys().map(|n| n.to_string()).collect(), "a new crate needs its line in ARROWS");
    for package in metadata.workspace_packages() {
        // What only the tests of a crate use is no arrow: those of `apply` have `validate` make a plan.
        let used = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
        for dependency in used.filter(|d| members.contains(&d.name)) {
            let allowed = arrows[package.name.as_str()].contains(&dependency.name.as_str());
            assert!(allowed, "{} must not use {}", package.name, dependency.name);
        }
    }
}

#[test]
fn files_use_only_rooms_below_and_never_in_a_circle() {
    for (folder, rooms, most) in ROOMS {
        let imports = Imports::of_folder(&root().join(folder).join("src"), "lib.rs");
        let room = |file: &str| {
            let room = rooms.iter().position(|room| room.has(file));
            room.unwrap_or_else(|| panic!("{folder}: {file} needs a room in ROOMS"))
        };
        let arrows = imports.files().flat_map(|(file, used)| used.iter().map(move |used| (file, used)));
        let against: Vec<_> = arrows
            .filter(|(file, used)| room(used) > room(file) || room(used) == room(file) && rooms[room(file)].apart)
            .map(|(file, used)| format!("{file} must not use {used}"))
            .collect();
        assert!(against.is_empty(), "{folder}: {against:#?}");
        let circles: Vec<_> = imports.circles().into_iter().filter(|circle| circle.len() > most).collect();
        assert!(circles.is_empty(), "{folder}: each of these files reaches all others of its circle: {circles:#?}");
    }
}

#[test]
fn no_circle_is_over_more_than_two_files() {
    let roots = [
        ("functions/runtime", "lib.rs"),
        ("functions/validate", "lib.rs"),
        ("functions/apply", "lib.rs"),
        ("functions/notices", "lib.rs"),
        ("frontend/client", "main.rs"),
        ("frontend/worker", "lib.rs"),
        ("frontend/web", "main.rs"),
        ("infra/build", "lib.rs"),
        ("infra/deploy", "main.rs"),
        ("infra/local", "lib.rs"),
        ("infra/local", "main.rs"),
    ];
    for (folder, file) in roots {
        let imports = Imports::of_folder(&root().join(folder).join("src"), file);
        assert!(imports.files().count() > 1, "{folder} has more files than {file}");
        let circles: Vec<_> = imports.circles().into_iter().filter(|circle| circle.len() > 2).collect();
        assert!(circles.is_empty(), "{folder}: each of these files reaches all others of its circle: {circles:#?}");
    }
}

#[test]
fn no_two_types_have_one_name() {
    let items = items();
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (file, name) in items.iter().flat_map(|(file, items)| items.types.iter().map(move |name| (file, name))) {
        files.entry(name).or_default().push(file);
    }
    assert!(files.contains_key("Upload"), "the types were not found: {files:?}");
    files.retain(|_, files| files.len() > 1);
    assert!(files.is_empty(), "these names have more than one meaning: {files:#?}");
}

#[test]
fn every_public_item_has_a_comment() {
    let mut items = items();
    items.retain(|_, items| !items.undocumented.is_empty());
    let undocumented: BTreeMap<_, _> = items.iter().map(|(file, items)| (file, &items.undocumented)).collect();
    assert!(undocumented.is_empty(), "these need a comment: {undocumented:#?}");
}

#[test]
fn only_the_cloud_crate_knows_the_sdk() {
    let metadata = metadata();
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
        let reached = reached_from("roster", platform);
        let impure: Vec<_> = reached.iter().filter(|n| IMPURE.contains(&n.as_str()) || n.starts_with("aws-")).collect();
        assert!(impure.is_empty(), "on {platform}, roster is built from {impure:?}");
    }
    // Dates are computed with crates that can tell the time, too, but not without their features.
    let metadata = metadata();
    let roster = metadata.workspace_packages().into_iter().find(|package| package.name == "roster").unwrap();
    let time = roster.dependencies.iter().find(|dependency| dependency.name == "time").unwrap();
    assert!(!time.uses_default_features && time.features.is_empty(), "roster asks the time: {:?}", time.features);
    let jiff = roster.dependencies.iter().find(|dependency| dependency.name == "jiff").unwrap();
    let only_zones = jiff.features == ["alloc", "tzdb-bundle-always"];
    assert!(!jiff.uses_default_features && only_zones, "roster asks the time or the machine: {:?}", jiff.features);
}

#[test]
fn the_page_never_reaches_the_cloud() {
    let reached = reached_from("web", "wasm32-unknown-unknown");
    let cloudy: Vec<_> = reached.iter().filter(|n| *n == "cloud" || n.starts_with("aws-")).collect();
    assert!(cloudy.is_empty(), "the page is built from {cloudy:?}");
}

#[test]
fn the_top_level_holds_nothing_else() {
    // rustup looks for its file nowhere else.
    let files = ["Cargo.lock", "Cargo.toml", "README.md", "rust-toolchain.toml"];
    let expected = [&files[..], &["frontend", "functions", "infra", "tests"]].concat();
    let entries = std::fs::read_dir(root()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    // `target` is made by cargo and ignored by git.
    let found: BTreeSet<_> = entries.filter(|n| !n.starts_with('.') && !n.starts_with("LICENSE")).collect();
    let extra: Vec<_> = found.iter().filter(|n| !expected.contains(&n.as_str()) && *n != "target").collect();
    let missing: Vec<_> = expected.iter().filter(|n| !found.contains(**n)).collect();
    assert!(extra.is_empty() && missing.is_empty(), "not expected: {extra:?}; missing: {missing:?}");
}

/// Returns what every file of the workspace defines outside of tests, by its path.
fn items() -> BTreeMap<String, Items> {
    let metadata = metadata();
    let targets = metadata.workspace_packages().into_iter().flat_map(|package| &package.targets);
    let counts = |kind: &TargetKind| !matches!(kind, TargetKind::Test | TargetKind::Bench | TargetKind::CustomBuild);
    // By its path, for a file may be one of several targets.
    let mut items = BTreeMap::new();
    for target in targets.filter(|target| target.kind.iter().any(counts)) {
        let path = target.src_path.strip_prefix(root()).expect("the crates lie in the workspace");
        let (folder, file) = (path.parent().expect("it lies in a folder"), path.file_name().expect("it is a file"));
        let of_target = items_of_target(&root().join(folder), file);
        items.extend(of_target.into_iter().map(|(file, items)| (folder.join(file).into_string(), items)));
    }
    items
}

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps();
    command.exec().expect("cargo metadata answers")
}

/// The names of everything that a crate alone is built from. `cargo metadata` would count what the other crates of
/// the workspace ask of the same dependencies.
fn reached_from(crate_name: &str, platform: &str) -> BTreeSet<String> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let output = command.args(["--package", crate_name, "--target", platform]).output().expect("cargo can be run");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let names: BTreeSet<String> = lines.lines().filter_map(|l| l.split(' ').next()).map(str::to_owned).collect();
    assert!(names.len() > 5, "{crate_name} is built from {names:?}");
    names
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace")
}
