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
    pub installer: Installer,
}

/// What installs the packages of an environment.
#[derive(Debug, Clone, Copy)]
pub enum Installer {
    /// pip, with the `python3` of the machine.
    Pip,
    /// uv, with a Python 3.13 of the machine. What the packages need is as new as it was on this day: they name no
    /// versions of it, and its newest ones need not go with them.
    Uv { as_of: &'static str },
}

/// Builds the functions for what AWS runs them on, and serves them as Lambda does.
pub const CARGO_LAMBDA: Environment =
    Environment { name: "cargo-lambda", packages: &["cargo-lambda==1.9.2"], installer: Installer::Pip };
/// The command-line program of AWS, where the machine has none.
pub const AWS_CLI: Environment = Environment { name: "aws", packages: &["awscli==1.46.3"], installer: Installer::Pip };
/// An emulator of AWS that runs the functions.
pub const MINISTACK: Environment =
    Environment { name: "ministack", packages: &["ministack==1.5.33"], installer: Installer::Pip };
/// What looks over the template.
pub const TEMPLATE_CHECKS: Environment = Environment {
    name: "template-checks",
    packages: &["cfn-lint==1.58.0", "checkov==3.3.30"],
    installer: Installer::Pip,
};

/// Another emulator of AWS, for its S3.
pub const LOCALSTACK: Environment = Environment {
    name: "localstack",
    packages: &["localstack-core[runtime]==2026.3.0"],
    installer: Installer::Uv { as_of: "2026-04-15" },
};
/// Installs packages as they were on a day.
const UV: Environment = Environment { name: "uv", packages: &["uv==0.13.9"], installer: Installer::Pip };

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
        let wanted = format!("{}\n{:?}", self.packages.join("\n"), self.installer);
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
        match self.installer {
            Installer::Pip => self.install_by_pip(folder),
            Installer::Uv { as_of } => self.install_by_uv(folder, as_of),
        }
    }

    fn install_by_pip(&self, folder: &Path) -> Result<(), ProblemText> {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(folder);
        cargo::run(venv).map_err(|problem| {
            ProblemText::new(format!("{problem} It needs Python 3.9 or later with venv, as `python3`."))
        })?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(self.packages);
        self.installed(cargo::run(pip), "pip")
    }

    fn install_by_uv(&self, folder: &Path, as_of: &str) -> Result<(), ProblemText> {
        let (uv, python) = (UV.program("uv")?, python_3_13()?);
        let mut venv = Command::new(&uv);
        venv.args(["venv", "--quiet", "--clear", "--no-python-downloads", "--python"]).arg(python).arg(folder);
        cargo::run(venv)?;
        let mut install = Command::new(&uv);
        install.args(["pip", "install", "--quiet", "--exclude-newer", as_of, "--python"]);
        install.arg(folder.join("bin/python")).args(self.packages);
        self.installed(cargo::run(install), "uv")
    }

    fn installed(&self, result: Result<(), ProblemText>, installer: &str) -> Result<(), ProblemText> {
        result.map_err(|problem| {
            ProblemText::new(format!("{problem} {installer} could not install {}.", self.packages.join(", ")))
        })
    }
}

/// Returns a Python 3.13 of this machine. None is downloaded: where a machine gets its programs from is its owner's
/// business.
fn python_3_13() -> Result<PathBuf, ProblemText> {
    let in_path = ["python3.13", "python3"].map(PathBuf::from);
    let is_it = |python: &PathBuf| {
        let mut version = Command::new(python);
        version.args(["-c", "import sys; sys.exit(sys.version_info[:2] != (3, 13))"]);
        cargo::succeeds(version)
    };
    in_path.into_iter().chain(of_pyenv()).find(is_it).ok_or_else(|| {
        ProblemText::new(
            "LocalStack needs Python 3.13, and neither `python3.13` nor `python3` nor pyenv is one. Install it and try again.",
        )
    })
}

/// Returns the Pythons that pyenv has installed: those that are not chosen are not in the path.
fn of_pyenv() -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let versions = root.and_then(|root| fs::read_dir(root.join("versions")).ok());
    versions.into_iter().flatten().flatten().map(|version| version.path().join("bin/python3.13")).collect()
}
