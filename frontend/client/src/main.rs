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
//! | `watch` | folders |
//! | `uploads` | what became of what was sent |
//! | `say`, `trouble`, `exit` | what people and scripts hear |

mod api;
mod arguments;
mod check;
mod config;
mod exit;
mod facts;
mod init;
mod ledger;
mod private;
mod say;
mod sending;
mod trouble;
mod uploads;
mod watch;

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use serde::Serialize;
use wire::http::{ClientFacts, Repeat};

use api::RollbookApi;
use arguments::{Arguments, CheckArguments, ClientCommand, InitArguments, SendArguments, TermArguments};
use check::{ChosenTerms, FileTerms, LocalCheck};
use config::Config;
use exit::Exit;
use facts::Freshness;
use ledger::{Ledger, LedgerState};
use say::{Audience, check_in_words, exit_of, upload_in_words};
use sending::{FileToSend, SendOutcome, now, send, unclear};
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
            send_files(asked, &api, &config, to)
        }
        ClientCommand::Run(asked) => {
            let (api, config) = connected()?;
            let lasting = if asked.once { Lasting::Once } else { Lasting::ForEver };
            watch::run(&api, &config, lasting, to)
        }
        ClientCommand::Status { upload } => uploads::status(&connected()?.0, upload.as_deref(), to),
        ClientCommand::Plan { upload } => uploads::plan(&connected()?.0, upload, to),
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

/// What is said of a file that was to be sent.
#[derive(Serialize)]
struct SendReport<'a> {
    file: &'a str,
    upload: &'a str,
    /// Whether the same contents were there before.
    was_there: bool,
}

fn send_files(asked: &SendArguments, api: &RollbookApi, config: &Config, to: Audience) -> Result<Exit, Trouble> {
    let facts = facts::fetch(api, config)?;
    let terms = FileTerms::choose(&chosen(&asked.terms), &facts)?;
    let mut ledger = Ledger::open(&config.state)?;
    let repeat = if asked.again { Repeat::Always } else { Repeat::Never };
    let mut worst = Exit::Done;
    for path in &asked.files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = check::read(path)?;
        let report: LocalCheck = check::check(&name, &bytes, &terms, &facts);
        to.say(&report, || check_in_words(&report));
        if report.is_wrong() {
            worst = worst.worse(Exit::FileWrong);
        }
        if report.failed || asked.strict && report.is_wrong() {
            continue;
        }
        let file = FileToSend { name: &name, bytes, terms: &terms };
        let key = file.key();
        let outcome = send(api, &mut ledger, file, repeat)?;
        let upload = outcome.upload();
        if let SendOutcome::Unclear { .. } = &outcome {
            return Err(unclear(&name, upload));
        }
        let said =
            SendReport { file: &name, upload, was_there: outcome != SendOutcome::Sent { upload: upload.to_owned() } };
        to.say(&said, || {
            if said.was_there {
                format!("{name}: the same contents were sent before, as {upload}; --again sends them once more")
            } else {
                format!("{name}: sent as {upload}")
            }
        });
        ledger.record(&key, LedgerState::Done { upload: upload.to_owned() }, now())?;
        if asked.wait {
            let upload = uploads::wait(api, upload)?;
            to.say(&upload, || upload_in_words(&upload));
            worst = worst.worse(exit_of(&upload));
        }
    }
    Ok(worst)
}

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
