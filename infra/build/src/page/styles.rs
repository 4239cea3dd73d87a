//! The stylesheet of the page: the files that `style.css` imports, joined in its order.

use std::fs;
use std::path::{Path, PathBuf};

use crate::problem::{ProblemText, about};

/// Returns one stylesheet of those of `files` that are stylesheets.
///
/// `sheet` imports them with a line each.
///
/// # Errors
///
/// Fails where a line is neither empty nor a comment nor an import, and where a file is not imported exactly once.
pub fn join(sheet: &Path, mut files: Vec<PathBuf>) -> Result<String, ProblemText> {
    // Editors leave backups and locks beside what they edit.
    files.retain(|file| is_stylesheet(file));
    let mut joined = String::new();
    let text = fs::read_to_string(sheet).map_err(about(sheet))?;
    for line in lines(&text) {
        let name = line.strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";"));
        let imported = name.and_then(|name| files.iter().position(|file| *file == sheet.with_file_name(name)));
        let Some(imported) = imported else {
            let expected = "a line imports a file of the folder beside it that no line before imports";
            return Err(ProblemText::new(format!("{} has the line {line}; {expected}.", sheet.display())));
        };
        let file = files.remove(imported);
        let text = fs::read_to_string(&file).map_err(about(&file))?;
        joined.extend(lines(&text).flat_map(|line| [line, "\n"]));
    }
    match files.first() {
        Some(file) => Err(ProblemText::new(format!("{} does not import {}.", sheet.display(), file.display()))),
        None => Ok(joined),
    }
}

fn is_stylesheet(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().as_encoded_bytes();
    name.ends_with(b".css") && !name.starts_with(b".")
}

/// Returns the lines of a stylesheet without indentation, and without those that are empty or a comment.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line))
}

/// Returns whether a line is one comment that begins and ends with it.
fn is_comment(line: &str) -> bool {
    line.strip_prefix("/*").and_then(|rest| rest.split_once("*/")).is_some_and(|(_, after)| after.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_in_the_order_of_their_imports() {
        let joined = joined("/* Order. */\n\n@import \"styles/b.css\";\n@import \"styles/a.css\";\n");
        assert_eq!(joined.as_deref(), Ok("p {\ncolor: red;\n}\nq {}\n"));
    }

    #[test]
    fn every_file_is_imported_once() {
        let twice = "@import \"styles/a.css\";\n@import \"styles/b.css\";\n@import \"styles/a.css\";\n";
        let other = "@import \"styles/a.css\";\n@import \"styles/c.css\";\n";
        let rule = "@import \"styles/a.css\";\n@import \"styles/b.css\";\np {}\n";
        for sheet in ["@import \"styles/a.css\";\n", twice, other, rule] {
            assert!(joined(sheet).is_err(), "{sheet}");
        }
    }

    #[test]
    fn a_rule_between_two_comments_stays() {
        let kept = ["/* a */ .x { color: red } /* b */", "/*/", ".x {} /* b */"];
        for line in kept {
            assert_eq!(lines(line).collect::<Vec<_>>(), [line]);
        }
        assert_eq!(lines("  /* a */\n/**/\n/* a /* b */\n\n").next(), None);
    }

    fn joined(sheet: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let [style, a, b] = ["style.css", "styles/a.css", "styles/b.css"].map(|name| folder.path().join(name));
        fs::create_dir(folder.path().join("styles")).expect("a folder");
        for (file, text) in [(&style, sheet), (&a, "q {}\n"), (&b, "/* B. */\n\np {\n  color: red;\n}\n")] {
            fs::write(file, text).expect("a file");
        }
        let left_by_editors = ["styles/.#a.css", "styles/a.css~"].map(|name| folder.path().join(name));
        let files = left_by_editors.into_iter().chain([a, b]).collect();
        join(&style, files).map_err(|problem| problem.to_string())
    }
}
