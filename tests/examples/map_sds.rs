//! `cargo run -p tests --example map_sds -- FOLDER OUT` maps a Microsoft School Data Sync export and writes the
//! example organisation: `schools.csv`, `roster.csv` and the variants of the roster, with classes too.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use tests::sds;

fn main() -> Result<(), Box<dyn Error>> {
    let [folder, out] = &std::env::args_os().skip(1).map(PathBuf::from).collect::<Vec<_>>()[..] else {
        return Err("usage: map_sds FOLDER OUT".into());
    };
    let example = sds::map(folder)?;
    let set = out.join("set");
    fs::create_dir_all(&set)?;
    let flat = sds::with_classes(&example.roster, &example.classes, &example.enrolments);
    fs::write(out.join("roster-with-classes.csv"), flat)?;
    fs::write(set.join("users.csv"), &example.roster)?;
    fs::write(set.join("classes.csv"), example.classes)?;
    fs::write(set.join("enrolments.csv"), example.enrolments)?;
    fs::write(out.join("before.csv"), sds::earlier(&example.roster))?;
    fs::write(out.join("with-errors.csv"), sds::with_errors(&example.roster))?;
    fs::write(out.join("schools.csv"), example.schools)?;
    fs::write(out.join("roster.csv"), example.roster)?;
    Ok(())
}
