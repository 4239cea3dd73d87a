//! The functions as Lambda takes them: built for its processor, zipped, and uploaded under the digest of what is in them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use build::cargo;
use build::problem::{ProblemText, about, unusable};
use build::python::CARGO_LAMBDA;
use build::stage::Stage;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;

use crate::aws::{Aws, AwsRefusal};

/// The functions, and the parameters of the template that name their code.
const FUNCTIONS: [(&str, &str); 4] =
    [("validate", "ValidateCode"), ("apply", "ApplyCode"), ("api", "ApiCode"), ("notices", "NoticesCode")];

/// The processor that the functions run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    Arm64,
    X86,
}

impl Architecture {
    /// Reads the name that the template has for it.
    pub fn from_name(name: &str) -> Option<Architecture> {
        match name {
            "arm64" => Some(Architecture::Arm64),
            "x86_64" => Some(Architecture::X86),
            _ => None,
        }
    }
}

/// Builds the functions and returns the folder in which each is a program by its name.
///
/// # Errors
///
/// Where the tool can't be installed, or the functions can't be compiled.
pub fn build(architecture: Architecture) -> Result<PathBuf, ProblemText> {
    let stage = Stage::begin("Building the functions");
    let mut command = tool()?;
    command.args([
        "lambda",
        "build",
        "--release",
        "--bin",
        "validate",
        "--bin",
        "apply",
        "--bin",
        "api",
        "--bin",
        "notices",
    ]);
    command.arg(match architecture {
        Architecture::Arm64 => "--arm64",
        Architecture::X86 => "--x86-64",
    });
    command.current_dir(cargo::checkout());
    cargo::forget_this_package(&mut command);
    cargo::run(command)?;
    let folder = cargo::target().join("functions");
    fs::create_dir_all(&folder).map_err(about(&folder))?;
    for (name, _) in FUNCTIONS {
        let built = cargo::target().join("lambda").join(name).join("bootstrap");
        fs::copy(&built, folder.join(name)).map_err(about(&built))?;
    }
    stage.done();
    Ok(folder)
}

/// Returns cargo-lambda: the machine's own, or one that is installed for this. That one comes with a linker, which it finds
/// beside the Python of its environment.
fn tool() -> Result<Command, ProblemText> {
    let mut own = Command::new("cargo-lambda");
    own.args(["lambda", "--version"]);
    if cargo::succeeds(own) {
        return Ok(Command::new("cargo-lambda"));
    }
    let program = CARGO_LAMBDA.program("cargo-lambda")?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = program.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).map_err(|error| unusable("The variable PATH", &error))?;
    let mut command = Command::new(program);
    command.env("PATH", path);
    Ok(command)
}

/// Returns the name of the bucket that holds the code and the template.
///
/// It is no part of the stack, which needs it to be made.
pub fn bucket(name: &str, account: &str, region: &str) -> String {
    format!("{name}-code-{account}-{region}")
}

/// Makes the bucket for the code, unless it is there.
///
/// # Errors
///
/// Where it can't be made.
pub fn make_bucket(aws: &Aws, bucket: &str) -> Result<(), ProblemText> {
    let failed = |refusal: AwsRefusal| refusal.while_doing("Making the bucket for the code");
    if aws.tell(&["s3api", "head-bucket", "--bucket", bucket]).is_ok() {
        return Ok(());
    }
    let place = format!("LocationConstraint={}", aws.region());
    let mut arguments = vec!["s3api", "create-bucket", "--bucket", bucket];
    // This region is named by not naming it.
    if aws.region() != "us-east-1" {
        arguments.extend(["--create-bucket-configuration", &place]);
    }
    aws.ask(&arguments).map_err(failed)?;
    let blocked = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true";
    let arguments = ["s3api", "put-public-access-block", "--bucket", bucket];
    aws.ask(&[&arguments[..], &["--public-access-block-configuration", blocked]].concat()).map_err(failed)?;
    Ok(())
}

/// Uploads the functions and returns the template's parameters that name them.
///
/// # Errors
///
/// Where a function can't be read or uploaded.
pub fn upload(aws: &Aws, bucket: &str, folder: &Path) -> Result<Vec<(String, String)>, ProblemText> {
    let stage = Stage::begin("Uploading the functions");
    let scratch = tempfile::tempdir().map_err(|error| unusable("A temporary folder", &error))?;
    let mut parameters = vec![("CodeBucket".to_owned(), bucket.to_owned())];
    for (name, parameter) in FUNCTIONS {
        let program = folder.join(name);
        let content = fs::read(&program).map_err(about(&program))?;
        let key = format!("functions/{name}-{}.zip", digest(&content));
        if aws.tell(&["s3api", "head-object", "--bucket", bucket, "--key", &key]).is_err() {
            let file = scratch.path().join(name);
            zip(&content, &file).map_err(about(&file))?;
            let (source, target) = (file.display().to_string(), format!("s3://{bucket}/{key}"));
            aws.tell(&["s3", "cp", "--only-show-errors", &source, &target])
                .map_err(|refusal| refusal.while_doing("Uploading the functions"))?;
        }
        parameters.push((parameter.to_owned(), key));
    }
    stage.done();
    Ok(parameters)
}

/// Writes the zip of a function: one program that is called `bootstrap`.
fn zip(program: &[u8], target: &Path) -> io::Result<()> {
    let mut zip = zip::ZipWriter::new(File::create(target)?);
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755))?;
    zip.write_all(program)?;
    zip.finish()?.flush()
}

fn digest(content: &[u8]) -> String {
    hex::encode(&Sha256::digest(content)[..16])
}

/// Deletes the bucket of the code with all that is in it.
///
/// # Errors
///
/// Where it can't be deleted.
pub fn remove_bucket(aws: &Aws, bucket: &str) -> Result<(), ProblemText> {
    match aws.tell(&["s3", "rb", "--force", &format!("s3://{bucket}")]) {
        Err(refusal) if !refusal.message.contains("NoSuchBucket") => {
            Err(refusal.while_doing("Deleting the bucket of the code"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_zip_has_the_program_as_lambda_starts_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.zip");
        zip(b"program", &file).expect("a zip");
        let mut archive = zip::ZipArchive::new(File::open(&file).expect("the zip")).expect("a zip");
        let mut program = archive.by_name("bootstrap").expect("the program");
        assert_eq!(program.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        let mut content = String::new();
        program.read_to_string(&mut content).expect("its content");
        assert_eq!(content, "program");
    }
}
