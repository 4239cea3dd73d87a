//! Programs that come as Python packages, each in an environment of its own below `.local/tools`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::problem::{ProblemText, about};
use crate::stage::Stage;

/// An environment and the packages in it, with their versions.
#[derive(Debug, Clone, Copy)]
pub struct Environment {
    /// The folder below `.local/tools`.
    pub name: &'static str,
    /// As pip takes them: `package==version`.
    pub packages: &'static [&'static str],
}

/// Builds the functions for what AWS runs them on, and serves them as Lambda does.
pub const CARGO_LAMBDA: Environment = Environment { name: "cargo-lambda", packages: &["cargo-lambda==1.9.2"] };
/// The command-line program of AWS, where the machine has none.
pub const AWS_CLI: Environment = Environment { name: "aws", packages: &["awscli==1.46.3"] };
/// An emulator of AWS that runs the functions.
pub const MINISTACK: Environment = Environment { name: "ministack", packages: &["ministack==1.5.33"] };
/// What looks over the template.
pub const TEMPLATE_CHECKS: Environment =
    Environment { name: "template-checks", packages: &["cfn-lint==1.58.0", "checkov==3.3.30"] };

/// The file in an environment that says what was installed: an environment without it is not finished.
const STAMP: &str = "installed.txt";

impl Environment {
    /// Returns the path of a program of the environment, which is made where it is not there.
    ///
    /// # Errors
    ///
    /// Where there is no Python, or pip can't install the packages.
    pub fn program(&self, program: &str) -> Result<PathBuf, ProblemText> {
        Ok(self.ready()?.join("bin").join(program))
    }

    fn ready(&self) -> Result<PathBuf, ProblemText> {
        let folder = cargo::checkout().join(".local/tools").join(self.name);
        let stamp = folder.join(STAMP);
        let wanted = self.packages.join("\n");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(folder);
        }
        let stage = Stage::begin(format!("Installing {} into .local/tools/{}", self.packages.join(", "), self.name));
        self.install(&folder)?;
        fs::write(&stamp, wanted).map_err(about(&stamp))?;
        stage.done();
        Ok(folder)
    }

    fn install(&self, folder: &Path) -> Result<(), ProblemText> {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(folder);
        cargo::run(venv).map_err(|problem| {
            ProblemText::new(format!("{problem} It needs Python 3.9 or later with venv, as `python3`."))
        })?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(self.packages);
        cargo::run(pip).map_err(|problem| {
            ProblemText::new(format!("{problem} pip could not install {}.", self.packages.join(", ")))
        })
    }
}
