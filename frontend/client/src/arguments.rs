//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use roster::Mode;
use wire::FileKind;

use crate::exit;

/// Checks rosters, sends them to Rollbook, and watches folders for new ones.
///
/// Files are checked on this machine with the organisation's settings before anything leaves it. `rollbook init` writes a
/// configuration to begin with.
#[derive(Debug, Parser)]
#[command(name = "rollbook", version, after_long_help = exit::TABLE)]
pub struct Arguments {
    /// The configuration
    #[arg(
        long,
        global = true,
        env = "ROLLBOOK_CONFIG",
        hide_env_values = true,
        default_value = "rollbook.toml",
        value_name = "FILE"
    )]
    pub config: PathBuf,
    /// Say everything as JSON, one value in a line
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: ClientCommand,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Check rosters; nothing is sent
    Check(CheckArguments),
    /// Check rosters and send them
    Send(SendArguments),
    /// Watch the folders of the configuration, and send what appears in them
    Run(RunArguments),
    /// Say where an upload stands, or list the newest ones
    Status {
        /// The identifier of an upload
        upload: Option<String>,
    },
    /// Say what the plan of an upload would change, why it waits, and what was found
    Plan(PlanArguments),
    /// Say once more what a plan would change, and approve it, with a key that may
    Approve(ApproveArguments),
    /// Fetch the files of an upload: what was sent, the plan, what was completed, and the errors
    Download(DownloadArguments),
    /// Write an example of a configuration
    Init(InitArguments),
    /// Write what a shell needs to complete commands
    Completions { shell: Shell },
    /// Write the manual page
    Man,
}

/// What files are sent as.
#[derive(Debug, Args)]
pub struct TermArguments {
    /// The kind of sync: partial, full, students or staff; needed where the key is for several
    #[arg(long, value_parser = mode)]
    pub mode: Option<Mode>,
    /// The short name of the source of the file
    #[arg(long)]
    pub source: Option<String>,
    /// The external ID of a school that the file is for; may be repeated
    #[arg(long = "school", value_name = "EXTERNAL_ID")]
    pub schools: Vec<String>,
}

/// Which files are checked, and as what.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The rosters: CSV, workbooks, or sets in a zip
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub terms: TermArguments,
    /// Ask nobody, and check with the settings that were fetched last
    #[arg(long)]
    pub offline: bool,
}

/// Which files are sent, as what, and how.
#[derive(Debug, Args)]
pub struct SendArguments {
    /// The rosters: CSV, workbooks, or sets in a zip
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub terms: TermArguments,
    /// Send only files without a rejected row
    #[arg(long)]
    pub strict: bool,
    /// Send also what was sent in the last 20 hours
    #[arg(long)]
    pub again: bool,
    /// Wait until the plan waits for approval, or the upload is over
    #[arg(long)]
    pub wait: bool,
}

/// How folders are watched.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Send what is there and has stopped growing, and end; for cron and the Task Scheduler
    #[arg(long)]
    pub once: bool,
}

/// Which plan is shown, and how much of it.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// The identifier of an upload
    pub upload: String,
    /// How many changes of users, of classes and enrolments, and findings to show of each; 20 without it, and with --json
    /// all
    #[arg(long, value_name = "NUMBER")]
    pub limit: Option<usize>,
}

/// The plan that is approved.
#[derive(Debug, Args)]
pub struct ApproveArguments {
    /// The identifier of an upload
    pub upload: String,
    /// The digest of the plan, as `rollbook plan` says it
    #[arg(long)]
    pub digest: String,
    /// How many users the plan removes
    #[arg(long)]
    pub removals: u64,
}

/// Which files are fetched, and where to.
#[derive(Debug, Args)]
pub struct DownloadArguments {
    /// The identifier of an upload
    pub upload: String,
    /// Which files: uploaded, plan, completed, errors; all of them without it
    #[arg(long = "file", value_name = "KIND", value_parser = kind)]
    pub kinds: Vec<FileKind>,
    /// Where to
    #[arg(long = "to", value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
}

/// What is written.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// Write a unit for systemd instead, to standard output
    #[arg(long)]
    pub systemd: bool,
}

fn mode(word: &str) -> Result<Mode, String> {
    let words = Mode::ALL.map(Mode::as_str).join(", ");
    Mode::from_word(word).ok_or_else(|| format!("expected one of {words}"))
}

fn kind(word: &str) -> Result<FileKind, String> {
    let words = FileKind::ALL.map(FileKind::as_str).join(", ");
    FileKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| format!("expected one of {words}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_help_says_what_there_is() {
        let mut command = Arguments::command().term_width(100);
        command.build();
        let mut texts = vec![command.render_long_help().to_string()];
        for sub in command.get_subcommands_mut() {
            texts.push(sub.render_help().to_string());
        }
        insta::assert_snapshot!(texts.join("\n----\n"));
    }

    #[test]
    fn a_key_is_no_argument() {
        let command = Arguments::command();
        let all = command.get_subcommands().flat_map(clap::Command::get_arguments).chain(command.get_arguments());
        let names: Vec<&str> = all.map(|argument| argument.get_id().as_str()).collect();
        assert!(names.len() > 15 && names.iter().all(|name| !name.contains("key")), "{names:?}");
    }
}
