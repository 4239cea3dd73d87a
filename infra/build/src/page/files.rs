//! The files of the page: those of the checkout and those that were compiled, under one name that is theirs alone.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::audience::Build;
use super::styles;
use crate::problem::{ProblemText, about};

/// What `index.html` calls the folder of all other files.
const ASSETS: &str = "/assets/";

/// Puts the page together in `folder` from `parts` and `sources`.
pub fn assemble(build: Build, sources: &Path, parts: &Path, folder: &Path) -> Result<(), ProblemText> {
    let [index, sheet, sheets] = ["index.html", "style.css", "styles"].map(|name| sources.join(name));
    for source in sorted(sources)?.iter().filter(|source| ![&index, &sheet, &sheets].contains(source)) {
        let target = parts.join(source.file_name().unwrap_or_default());
        fs::copy(source, &target).map_err(about(source))?;
    }
    let joined = parts.join("style.css");
    fs::write(&joined, styles::join(&sheet, sorted(&sheets)?)?).map_err(about(&joined))?;
    let digest = digest(parts)?;
    let assets = folder.join("assets").join(&digest);
    fs::create_dir_all(folder.join("assets")).map_err(about(folder))?;
    fs::rename(parts, &assets).map_err(about(parts))?;
    let text = fs::read_to_string(&index).map_err(about(&index))?;
    let text = text.replace(ASSETS, &format!("{ASSETS}{digest}/"));
    let target = folder.join("index.html");
    fs::write(&target, text).map_err(about(&target))?;
    for file in sorted(&assets)?.iter().chain([&target]) {
        compress(build, file).map_err(about(file))?;
    }
    Ok(())
}

/// Returns a digest of the names and the contents of all files.
fn digest(folder: &Path) -> Result<String, ProblemText> {
    let mut digest = Sha256::new();
    for file in sorted(folder)? {
        let content = fs::read(&file).map_err(about(&file))?;
        digest.update(file.file_name().unwrap_or_default().as_encoded_bytes());
        digest.update((content.len() as u64).to_le_bytes());
        digest.update(content);
    }
    Ok(hex::encode(&digest.finalize()[..8]))
}

/// Writes `FILE.br` and `FILE.gz`.
fn compress(build: Build, file: &Path) -> io::Result<()> {
    let content = fs::read(file)?;
    let (quality, level) = match build {
        Build::Local => (2, 1),
        Build::Deployed => (11, 9),
    };
    let params = BrotliEncoderParams { quality, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut brotli = fs::File::create(beside(file, "br"))?;
    brotli::BrotliCompress(&mut content.as_slice(), &mut brotli, &params)?;
    let mut gzip = GzEncoder::new(fs::File::create(beside(file, "gz"))?, Compression::new(level));
    gzip.write_all(&content)?;
    gzip.finish()?;
    Ok(())
}

fn beside(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

/// Returns the files of a folder, sorted by name.
pub fn sorted(folder: &Path) -> Result<Vec<PathBuf>, ProblemText> {
    let entries = fs::read_dir(folder).map_err(about(folder))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(about(folder))?;
    paths.sort();
    Ok(paths)
}

/// Removes a file or a folder that may be there.
pub fn remove(path: &Path) -> Result<(), ProblemText> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(about(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_a_folder_that_is_named_after_their_content() {
        let made = |style: &str| {
            let folder = tempfile::tempdir().expect("a folder");
            let [sources, parts, page] = ["sources", "parts", "page"].map(|name| folder.path().join(name));
            for path in [&sources, &sources.join("styles"), &parts] {
                fs::create_dir(path).expect("a folder");
            }
            fs::write(sources.join("index.html"), "<link href=\"/assets/style.css\">").expect("a file");
            fs::write(sources.join("style.css"), "@import \"styles/all.css\";\n").expect("a file");
            fs::write(sources.join("styles/all.css"), style).expect("a file");
            fs::write(parts.join("web.js"), "export {}").expect("a file");
            assemble(Build::Local, &sources, &parts, &page).expect("a page");
            let assets = sorted(&page.join("assets")).expect("one folder");
            let index = fs::read_to_string(page.join("index.html")).expect("an index");
            let named = index.split('/').nth(2).expect("the folder").to_owned();
            assert_eq!(assets, [page.join("assets").join(&named)]);
            for name in ["style.css", "style.css.br", "style.css.gz", "web.js", "web.js.br", "web.js.gz"] {
                assert!(assets[0].join(name).is_file(), "{name}");
            }
            named
        };
        assert_eq!(made("p {}"), made("p {}"));
        assert_ne!(made("p {}"), made("q {}"));
    }
}
