//! What people read leads somewhere: every link to a file, to a heading, and every path that a page names.
//!
//! Links to other sites are not followed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

#[test]
fn every_link_and_path_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let pages = pages(root);
    assert!(pages.contains(&PathBuf::from("README.md")), "the README is none of {pages:?}");
    let mut wrong = Vec::new();
    for page in &pages {
        let read = Page::read(&root.join(page));
        for link in read.links.iter().filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = root.join(page).parent().unwrap().join(file);
            let target = if file.is_empty() { root.join(page) } else { target };
            if !target.exists() {
                wrong.push(format!("{}: there is no {link}", page.display()));
            } else if !heading.is_empty() && !Page::read(&target).headings.contains(heading) {
                wrong.push(format!("{}: {link} has no such heading", page.display()));
            }
        }
        let missing = read.paths.iter().filter(|path| !root.join(path).exists());
        wrong.extend(missing.map(|path| format!("{}: there is no `{path}`", page.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_heading_is_called_as_a_browser_calls_it() {
    let check = |heading: &str, expected: &str| assert_eq!(anchor(heading), expected, "{heading}");
    check("Two commands", "two-commands");
    check("Files of other systems' formats", "files-of-other-systems-formats");
    check("Which schools, user types and sources", "which-schools-user-types-and-sources");
    check("Sign-ins and sessions", "sign-ins-and-sessions");
}

/// What one page has and names.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    /// The headings as links call them.
    headings: BTreeSet<String>,
    /// The files and folders of the repository that it names.
    paths: Vec<String>,
}

impl Page {
    fn read(path: &Path) -> Page {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let (mut page, mut heading) = (Page::default(), None);
        for event in Parser::new_ext(&text, pulldown_cmark::Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.headings.extend(heading.take().map(|text| anchor(&text))),
                Event::Text(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
                Event::Code(text) => {
                    heading.iter_mut().for_each(|heading| heading.push_str(&text));
                    page.paths.extend(is_path(&text).then(|| text.into_string()));
                }
                _ => {}
            }
        }
        page
    }
}

/// Returns what a link calls a heading: small letters, digits and hyphens, as GitHub makes them.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// Returns whether a word is a path from the top of the repository, and no pattern of paths.
fn is_path(word: &str) -> bool {
    let roots = ["functions/", "frontend/", "infra/", "tests/", ".github/", ".cargo/"];
    roots.iter().any(|root| word.starts_with(root)) && !word.contains([' ', '*', '{', '<'])
}

/// Returns the pages that are kept in the repository, by their paths.
fn pages(root: &Path) -> Vec<PathBuf> {
    let listed = Command::new("git").args(["ls-files", "-co", "--exclude-standard", "*.md"]).current_dir(root).output();
    let listed = listed.expect("git runs");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    String::from_utf8(listed.stdout).expect("paths are UTF-8").lines().map(PathBuf::from).collect()
}
