//! The page in its bucket, which CloudFront serves.
//!
//! Everything but `index.html` has a name that changes with its content, and is there before `index.html` names it:
//! whoever loads the page meanwhile gets the old one or the new one, and whoever has the old one open can go on.

use std::fs;
use std::path::Path;

use build::page::sorted;
use build::problem::{ProblemText, about, unusable};
use build::stage::Stage;

use crate::aws::Aws;

/// How long a browser and CloudFront keep a file whose name has a digest in it.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// `index.html` is asked for each time.
const ASK_FIRST: &str = "no-cache";

/// The types of content, by the endings that the page's files have.
const TYPES: [(&str, &str); 5] = [
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("wasm", "application/wasm"),
];

/// Files that are uploaded alike.
#[derive(Debug, PartialEq, Eq)]
struct FileForm {
    content_type: &'static str,
    /// As HTTP calls it; `None` for a file as it is.
    encoding: Option<&'static str>,
}

/// Uploads the page of `folder` and has CloudFront forget the old `index.html`.
///
/// # Errors
///
/// Where a file has an ending that is not known, or AWS refuses.
pub fn upload(aws: &Aws, folder: &Path, bucket: &str, distribution: &str) -> Result<(), ProblemText> {
    let stage = Stage::begin("Uploading the page");
    for top in sorted(&folder.join("assets"))? {
        let name = top.file_name().unwrap_or_default().to_string_lossy().into_owned();
        copy_all(aws, &top, &format!("s3://{bucket}/assets/{name}"), FOR_GOOD)?;
    }
    let indexes = sorted(folder)?.into_iter().filter(|file| file.is_file());
    let scratch = tempfile::tempdir().map_err(|error| unusable("A temporary folder", &error))?;
    for index in indexes {
        let copy = scratch.path().join(index.file_name().unwrap_or_default());
        fs::copy(&index, &copy).map_err(about(&index))?;
    }
    copy_all(aws, scratch.path(), &format!("s3://{bucket}"), ASK_FIRST)?;
    let arguments = ["cloudfront", "create-invalidation", "--distribution-id", distribution];
    aws.ask(&[&arguments[..], &["--paths", "/", "/index.html*"]].concat())
        .map_err(|refusal| refusal.while_doing("Having CloudFront forget the old page"))?;
    stage.done();
    Ok(())
}

/// Copies the files of a folder, those of one form at once.
fn copy_all(aws: &Aws, folder: &Path, target: &str, cache_control: &str) -> Result<(), ProblemText> {
    let source = folder.display().to_string();
    for (ending, form) in forms(folder)? {
        let pattern = format!("*{ending}");
        let mut arguments = vec!["s3", "cp", "--recursive", "--only-show-errors", &source, target];
        arguments.extend(["--exclude", "*", "--include", &pattern, "--no-guess-mime-type"]);
        arguments.extend(["--content-type", form.content_type, "--cache-control", cache_control]);
        if let Some(encoding) = form.encoding {
            arguments.extend(["--content-encoding", encoding]);
        }
        aws.tell(&arguments).map_err(|refusal| refusal.while_doing("Uploading the page"))?;
    }
    Ok(())
}

/// Returns the endings of the files in a folder, with what files of such an ending are.
fn forms(folder: &Path) -> Result<Vec<(String, FileForm)>, ProblemText> {
    let mut forms: Vec<(String, FileForm)> = Vec::new();
    for file in sorted(folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (ending, form) = form_of(&name).ok_or_else(|| {
            ProblemText::new(format!(
                "The page has a file {name}, and what its content is isn't known: add its ending to \
                                      the list in infra/deploy/src/website.rs."
            ))
        })?;
        if !forms.iter().any(|(known, _)| *known == ending) {
            forms.push((ending, form));
        }
    }
    Ok(forms)
}

fn form_of(name: &str) -> Option<(String, FileForm)> {
    let compressed = [("br", "br"), ("gz", "gzip")];
    let coded = compressed
        .iter()
        .find_map(|(end, encoding)| Some((name.strip_suffix(end)?.strip_suffix('.')?, Some((*end, *encoding)))));
    let (plain, coding) = coded.unwrap_or((name, None));
    let (_, ending) = plain.rsplit_once('.')?;
    let (_, content_type) = TYPES.iter().find(|(known, _)| *known == ending)?;
    let end = coding.map(|(end, _)| format!(".{end}")).unwrap_or_default();
    let form = FileForm { content_type, encoding: coding.map(|(_, encoding)| encoding) };
    Some((format!(".{ending}{end}"), form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressed_file_has_the_type_of_what_is_in_it() {
        let form = |content_type, encoding| FileForm { content_type, encoding };
        assert_eq!(form_of("a.wasm"), Some((".wasm".to_owned(), form("application/wasm", None))));
        assert_eq!(form_of("a.wasm.br"), Some((".wasm.br".to_owned(), form("application/wasm", Some("br")))));
        assert_eq!(
            form_of("index.html.gz"),
            Some((".html.gz".to_owned(), form("text/html; charset=utf-8", Some("gzip"))))
        );
        assert_eq!(form_of("a.exe"), None);
        assert_eq!(form_of("readme"), None);
    }
}
