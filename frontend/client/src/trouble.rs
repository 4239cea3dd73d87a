//! Why a command can't go on: what is wrong, what was expected, and what to do.

use std::fmt;
use std::path::Path;

use serde::Serialize;
use wire::http::Problem;

use crate::exit::Exit;

/// A reason not to go on, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Trouble {
    /// A word for programs, such as `keys_off`.
    pub code: String,
    pub message: String,
    pub hint: String,
    #[serde(skip)]
    pub exit: Exit,
}

impl Trouble {
    /// Says that the command, the configuration or the key is wrong.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Trouble {
        Trouble { code: "usage".to_owned(), message: message.into(), hint: hint.into(), exit: Exit::Usage }
    }

    /// Says that something of this machine can't be read or written.
    pub fn machine(what: &str, path: &Path, error: &std::io::Error) -> Trouble {
        Trouble {
            code: "machine".to_owned(),
            message: format!("{} can't be {what}: {error}.", path.display()),
            hint: "Check that it is there, and that the account that rollbook runs as may use it.".to_owned(),
            exit: Exit::Machine,
        }
    }

    /// Returns whether trying again later may help, without anybody doing anything.
    pub fn may_pass(&self) -> bool {
        matches!(self.code.as_str(), "unreachable" | "certificate" | "busy" | "fault")
    }

    /// Says what Rollbook said.
    pub fn refused(Problem { code, message, hint }: Problem) -> Trouble {
        let exit = if is_of_key(&code) { Exit::Usage } else { Exit::Refused };
        let hint = match hint_of_client(&code) {
            Some(own) => own.to_owned(),
            None => hint.filter(|hint| !is_about_the_page(hint)).unwrap_or_default(),
        };
        Trouble { code, message, hint, exit }
    }

    /// Returns whether no file can be sent: Rollbook can't be reached, or takes nothing from this program.
    pub fn is_of_all(&self) -> bool {
        let code = self.code.as_str();
        is_of_key(code) || matches!(code, "keys_off" | "unreachable" | "certificate" | "not_rollbook")
    }
}

/// Returns whether the key opens nothing, so that trying again is of no use before somebody has made another one.
fn is_of_key(code: &str) -> bool {
    matches!(code, "key_unknown" | "key_expired" | "key_ended" | "key_maker_gone")
}

/// Returns what to do with this program about what Rollbook said, where its own hint is for people at its page.
fn hint_of_client(code: &str) -> Option<&'static str> {
    Some(match code {
        "key_unknown" => "Copy the key again from where it is kept, or have a new one made (Settings, API keys).",
        "key_ended" | "key_expired" => "Have a new key made (Settings, API keys), and put it in the place of this one.",
        "key_maker_gone" => {
            "Have a new key made by somebody who may (Settings, API keys), and put it in the place of this one."
        }
        "keys_off" => "Ask a district administrator to switch API keys on (Settings, API keys).",
        "key_other_mode" | "key_other_source" => {
            "Use a key that was made for it: the settings say of each what it is for (Settings, API keys)."
        }
        "key_no_approval" => {
            "Have somebody decide who is signed in, or use a key that was made with the tick for approving (Settings, API \
             keys)."
        }
        "person_needed" => "Have somebody do it who is signed in to Rollbook.",
        "other_school" => "Name a school that this key is for.",
        "no_such_address" | "no_such_method" | "unreadable" | "cursor_unknown" => {
            "Get the rollbook of the release that is deployed."
        }
        "not_found" => "Check the ID: `rollbook status` has the newest uploads that this key may see.",
        "files_gone" => {
            "Its counts stay, and `rollbook status` has them. The settings say for how long files are kept."
        }
        "plan_changed" => "Look at it with `rollbook plan`, and name the digest that it says.",
        "removals_differ" => "Look at it with `rollbook plan`, and name with --removals how many users it removes.",
        "not_awaiting" | "already_approved" | "already_rejected" => "`rollbook status` says where it stands.",
        _ => return None,
    })
}

/// Returns whether a hint is for people at the page, such as one that this program does not know.
fn is_about_the_page(hint: &str) -> bool {
    let hint = hint.to_lowercase();
    ["page", "reload", "button", "above"].iter().any(|word| hint.contains(word))
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, "\n  {}", self.hint) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The table of all that the API answers when it can't do what it was asked.
    const FAILURES: &str = include_str!("../../../functions/api/src/error.rs");

    /// Returns the hint of each code, as the table has it: a line with the code, one with the message, one with the hint.
    fn hints() -> BTreeMap<String, String> {
        let quoted = |line: &str| Some(line.trim().strip_prefix('"')?.rsplit_once('"')?.0.to_owned());
        let lines: Vec<&str> = FAILURES.lines().collect();
        let entries = lines.windows(3).filter_map(|lines| {
            let code = lines[0].trim().strip_suffix("\" {")?.rsplit_once('"')?.1;
            quoted(lines[1])?;
            Some((code.to_owned(), quoted(lines[2])?))
        });
        entries.collect()
    }

    fn shown(code: &str, hint: &str) -> String {
        let problem = Problem { code: code.to_owned(), message: "M.".to_owned(), hint: Some(hint.to_owned()) };
        Trouble::refused(problem).hint
    }

    #[test]
    fn no_hint_speaks_of_a_page_that_nobody_has_before_them() {
        let hints = hints();
        assert!(hints.len() > 60 && hints.values().filter(|hint| is_about_the_page(hint)).count() > 20, "{hints:?}");
        for (code, hint) in &hints {
            let shown = shown(code, hint).to_lowercase();
            assert!(!["page", "reload", "button"].iter().any(|word| shown.contains(word)), "{code}: {shown}");
        }
    }

    #[test]
    fn what_a_key_may_be_refused_says_what_to_do_with_the_program() {
        let hints = hints();
        let codes = FAILURES.split('"').filter(|text| hint_of_client(text).is_some());
        let codes: std::collections::BTreeSet<&str> = codes.collect();
        assert_eq!(codes.len(), 21, "each code that is named here is one that the API has: {codes:?}");
        assert!(!shown("key_ended", &hints["key_ended"]).is_empty());
        assert_eq!(shown("busy", &hints["busy"]), "Wait a moment and try again.");
        assert_eq!(shown("of_another_day", "Press the button above."), "");
        let without = Trouble { hint: String::new(), ..Trouble::usage("M.", "") };
        assert_eq!(without.to_string(), "M.");
    }
}
