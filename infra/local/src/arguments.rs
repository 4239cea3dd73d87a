//! What is written after `cargo local`.

use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};
use local::Kind;

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Run(Run),
    Test { filter: Option<String> },
    Bench { rows: u32 },
    BenchPage,
    Function(Kind),
}

/// How to run the system.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub fresh: bool,
    pub port: u16,
    /// `None` for `.local` in the checkout.
    pub data: Option<PathBuf>,
}

/// What `cargo local --help` prints.
pub const HELP: &str = "\
Rollbook on this machine.

  cargo local [--fresh] [--port N] [--data DIR]   builds and runs everything; Ctrl-C stops it
  cargo local test [FILTER]                       runs every check; with FILTER only the tests of that name
  cargo local bench [--rows N]                    measures a large roster (100000 rows unless told otherwise)
  cargo local bench page                          builds the page as it is deployed and weighs its first view

  --fresh      starts with an empty folder, and so with the example organisation as it was at first
  --port N     listens on ports N (page), N+1 (bucket) and N+2 (table); 8460 unless told otherwise
  --data DIR   keeps the state there instead of in .local
";

/// Understands the arguments, or says what is wrong with them.
pub fn parse(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Command, lexopt::Error> {
    let mut parser = Parser::from_iter(arguments);
    let mut run = Run { fresh: false, port: 8460, data: None };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("fresh") => run.fresh = true,
            Arg::Long("port") => run.port = parser.value()?.parse_with(port)?,
            Arg::Long("data") => run.data = Some(parser.value()?.into()),
            Arg::Value(word) => {
                return match word.string()?.as_str() {
                    "help" => Ok(Command::Help),
                    "test" => test(&mut parser),
                    "bench" => bench(&mut parser),
                    "function" => function(&mut parser),
                    other => Err(format!("there is no `cargo local {other}`").into()),
                };
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Run(run))
}

fn port(text: &str) -> Result<u16, &'static str> {
    match text.parse() {
        Ok(port @ 1024..=65533) => Ok(port),
        _ => Err("a port is a number from 1024 to 65533"),
    }
}

fn test(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let mut filter = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Value(text) if filter.is_none() => filter = Some(text.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Test { filter })
}

fn bench(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let mut rows = 100_000;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("rows") => rows = parser.value()?.parse()?,
            Arg::Value(word) if word == "page" => return Ok(Command::BenchPage),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Bench { rows })
}

fn function(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let name = parser.value()?.string()?;
    match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
        Some(kind) => Ok(Command::Function(kind)),
        None => Err(format!("there is no function `{name}`").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        let program = std::iter::once("local").chain(line.split_whitespace());
        parse(program.map(Into::into)).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_is_understood() {
        assert_eq!(parsed(""), Ok(Command::Run(Run { fresh: false, port: 8460, data: None })));
        let run = Run { fresh: true, port: 9000, data: Some("x".into()) };
        assert_eq!(parsed("--fresh --port=9000 --data x"), Ok(Command::Run(run)));
        assert_eq!(parsed("test parse"), Ok(Command::Test { filter: Some("parse".into()) }));
        assert_eq!(parsed("bench --rows 50"), Ok(Command::Bench { rows: 50 }));
        assert_eq!(parsed("bench page"), Ok(Command::BenchPage));
        assert_eq!(parsed("function apply"), Ok(Command::Function(Kind::Apply)));
        assert_eq!(parsed("test --help"), Ok(Command::Help));
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(parsed("run"), Err("there is no `cargo local run`".into()));
        assert!(parsed("--port 80").is_err_and(|text| text.contains("from 1024 to 65533")));
        assert!(parsed("--prot 80").is_err_and(|text| text.contains("--prot")));
    }
}
