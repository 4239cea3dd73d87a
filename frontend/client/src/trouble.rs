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
        Trouble { code, message, hint: hint.unwrap_or_default(), exit }
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

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}", self.message, self.hint)
    }
}
