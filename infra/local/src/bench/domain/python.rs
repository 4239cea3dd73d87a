//! A Python with DuckDB in it, kept in `.local`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::problem::ProblemText;
use crate::stage::Stage;

/// The version that figures are compared with.
const DUCKDB: &str = "duckdb==1.4.5";
const CHECK: &str = "import duckdb; assert duckdb.__version__ == '1.4.5'";

/// A Python that has the DuckDB of this version.
pub struct Python(PathBuf);

impl Python {
    /// Finds the Python that was made before, or makes a virtual environment and installs DuckDB into that.
    pub fn with_duckdb() -> Result<Python, ProblemText> {
        let folder = cargo::checkout().join(".local/bench-python");
        let python = Python(folder.join("bin/python"));
        if !python.has_duckdb() {
            let stage = Stage::begin(format!("Installing {DUCKDB} into .local/bench-python"));
            python.install(&folder)?;
            stage.done();
        }
        Ok(python)
    }

    /// Returns the program.
    pub fn program(&self) -> &Path {
        &self.0
    }

    fn has_duckdb(&self) -> bool {
        let mut check = Command::new(&self.0);
        check.args(["-c", CHECK]);
        cargo::succeeds(check)
    }

    fn install(&self, folder: &Path) -> Result<(), ProblemText> {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(folder);
        cargo::run(venv).map_err(|problem| {
            ProblemText::new(format!("{problem} The benchmark needs Python 3.9 or later with venv, as `python3`."))
        })?;
        let mut pip = Command::new(&self.0);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", DUCKDB]);
        cargo::run(pip).map_err(|problem| {
            ProblemText::new(format!("{problem} The benchmark compares with {DUCKDB}, which pip could not install."))
        })
    }
}
