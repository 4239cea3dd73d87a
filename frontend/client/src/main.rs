//! `rollbook`, the sync client: checks rosters, sends them, and watches folders for new ones.
//!
//! It is a thin shell: files are checked by the same domain as on the page and the server, and what crosses the network is
//! what the page sends, with an API key instead of a session.
//!
//! | file | what it is |
//! | --- | --- |
//! | `arguments` | the command line |
//! | `config`, `init` | the configuration, and the example that is written |
//! | `api`, `facts` | requests, and what files are checked with |
//! | `check`, `sending`, `ledger` | one file: checked, sent, and remembered |
//! | `send_files` | files that are named on the command line |
//! | `watch`, `follow` | folders, and what becomes of what was sent from them |
//! | `uploads` | uploads that are named on the command line |
//! | `plan`, `plan_words` | what a plan would change, and why it waits |
//! | `say`, `trouble`, `exit` | what people and scripts hear |
//! | `clock` | what time it is |

mod api;
mod arguments;
mod check;
mod clock;
mod config;
mod exit;
mod facts;
mod follow;
mod init;
mod ledger;
mod plan;
mod plan_words;
mod private;
mod say;
mod send_files;
mod sending;
mod trouble;
mod uploads;
mod watch;

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use wire::http::ClientFacts;

use api::RollbookApi;
use arguments::{Arguments, CheckArguments, ClientCommand, InitArguments, TermArguments};
use check::{ChosenTerms, FileTerms};
use config::Config;
use exit::Exit;
use facts::Freshness;
use say::{Audience, check_in_words};
use trouble::Trouble;
use watch::Lasting;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let to = if arguments.json { Audience::Programs } else { Audience::People };
    let exit = run(&arguments, to).unwrap_or_else(|trouble| {
        to.say_trouble(&trouble);
        trouble.exit
    });
    exit.code()
}

fn run(arguments: &Arguments, to: Audience) -> Result<Exit, Trouble> {
    let config = || Config::load(&arguments.config);
    let connected = || {
        let config = config()?;
        Ok((RollbookApi::new(&config.server, config.key()?)?, config))
    };
    match &arguments.command {
        ClientCommand::Check(asked) if asked.offline => check_files(asked, &facts::kept(&config()?)?, to),
        ClientCommand::Check(asked) => {
            let (api, config) = connected()?;
            let (facts, freshness) = facts::fetch_or_kept(&api, &config)?;
            if freshness == Freshness::Kept {
                eprintln!("rollbook: Rollbook can't be reached; checking with the settings that were fetched last.");
            }
            check_files(asked, &facts, to)
        }
        ClientCommand::Send(asked) => {
            let (api, config) = connected()?;
            send_files::run(asked, &chosen(&asked.terms), &api, &config, to)
        }
        ClientCommand::Run(asked) => {
            let (api, config) = connected()?;
            let lasting = if asked.once { Lasting::Once } else { Lasting::ForEver };
            watch::run(&api, &config, lasting, to)
        }
        ClientCommand::Status { upload } => uploads::status(&connected()?.0, upload.as_deref(), to),
        ClientCommand::Plan(asked) => uploads::plan(&connected()?.0, asked, to),
        ClientCommand::Approve(asked) => uploads::approve(&connected()?.0, asked, to),
        ClientCommand::Download(asked) => uploads::download(&connected()?.0, asked, to),
        ClientCommand::Init(asked) => write_example(asked, &arguments.config),
        ClientCommand::Completions { shell } => {
            clap_complete::generate(*shell, &mut Arguments::command(), "rollbook", &mut io::stdout());
            Ok(Exit::Done)
        }
        ClientCommand::Man => {
            let written = clap_mangen::Man::new(Arguments::command()).render(&mut io::stdout());
            written.map_err(|error| Trouble::machine("written", Path::new("the manual page"), &error))?;
            Ok(Exit::Done)
        }
    }
}

fn check_files(asked: &CheckArguments, facts: &ClientFacts, to: Audience) -> Result<Exit, Trouble> {
    let terms = FileTerms::choose(&chosen(&asked.terms), facts)?;
    let mut worst = Exit::Done;
    for path in &asked.files {
        let report = check::check(&path.display().to_string(), &check::read(path)?, &terms, facts);
        to.say(&report, || check_in_words(&report));
        if report.is_wrong() {
            worst = Exit::FileWrong;
        }
    }
    Ok(worst)
}

/// Returns what the command line chose.
fn chosen(terms: &TermArguments) -> ChosenTerms<'_> {
    ChosenTerms {
        mode: terms.mode,
        source: terms.source.as_deref(),
        schools: terms.schools.iter().map(String::as_str).collect(),
    }
}

fn write_example(asked: &InitArguments, path: &Path) -> Result<Exit, Trouble> {
    if asked.systemd {
        print!("{}", init::UNIT);
        return Ok(Exit::Done);
    }
    init::write(path)?;
    println!("{} is written. Edit it, put the key into its file, and try `rollbook status`.", path.display());
    Ok(Exit::Done)
}
