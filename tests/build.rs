//! Makes one test of every folder of `cases`, so that each has its own name in the report.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=cases");
    let mut names: Vec<String> = fs::read_dir("cases")
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("the folder can be read"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("cases have plain names"))
        .collect();
    names.sort();
    let test = |name: &String| format!("#[test]\nfn {}() {{ check({name:?}); }}\n", name.replace('-', "_"));
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("cases.rs"), names.iter().map(test).collect::<String>()).expect("it can be written");
}
