//! What the program ends with, for scripts.

use std::process::ExitCode;

/// How a command went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// The roster, or a row of it.
    FileWrong = 1,
    Usage = 2,
    Refused = 3,
    Waits = 4,
    Machine = 5,
}

/// The table of `--help`; a test compares it with [`Exit`].
pub const TABLE: &str = "\
Exit codes:
  0  done, and nothing is wrong
  1  something is wrong with a roster: rows are rejected, it can't be processed, or its upload failed
  2  the command, the configuration or the key is wrong; nothing was sent
  3  Rollbook can't be reached, or refuses
  4  sent, and the plan waits for somebody's approval
  5  a file or folder of this machine can't be read or written";

impl Exit {
    /// Returns the code for the operating system.
    pub fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }

    /// Returns the one that somebody has to hear of first.
    pub fn worse(self, other: Exit) -> Exit {
        if other.rank() > self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Waits => 1,
            Exit::FileWrong => 2,
            Exit::Usage => 3,
            Exit::Refused => 4,
            Exit::Machine => 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_file_is_worse_than_a_plan_that_waits() {
        assert_eq!(Exit::Waits.worse(Exit::FileWrong), Exit::FileWrong);
        assert_eq!(Exit::FileWrong.worse(Exit::Waits), Exit::FileWrong);
        assert_eq!(Exit::Done.worse(Exit::Waits), Exit::Waits);
        assert_eq!(Exit::Refused.worse(Exit::FileWrong), Exit::Refused);
    }

    #[test]
    fn every_code_is_in_the_table_and_in_the_readme() {
        let all = [Exit::Done, Exit::FileWrong, Exit::Usage, Exit::Refused, Exit::Waits, Exit::Machine];
        let lines: Vec<&str> = TABLE.lines().skip(1).collect();
        assert_eq!(lines.len(), all.len());
        for (line, exit) in lines.iter().zip(all) {
            let text = line.strip_prefix(&format!("  {}  ", exit as u8)).unwrap_or_else(|| panic!("{line}"));
            let in_readme = format!("| {} | {text} |", exit as u8);
            assert!(include_str!("../README.md").contains(&in_readme), "the README lacks {in_readme}");
        }
    }
}
