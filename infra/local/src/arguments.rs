//! What is written after `cargo local`.

use std::net::SocketAddr;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};
use local::FunctionKind;

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Run(Run),
    Test(Test),
    Bench { rows: u32 },
    BenchDomain(BenchDomain),
    BenchPage,
    BenchCosts { users: Vec<u32> },
    BenchValidate { rows: u32 },
    Function(FunctionKind),
}

/// How to run the system.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub fresh: bool,
    pub port: u16,
    /// `None` for `.local` in the checkout.
    pub data: Option<PathBuf>,
    /// The server on this machine that takes e-mail; `None` for a folder.
    pub smtp: Option<SocketAddr>,
}

/// Which checks to run, and against what.
#[derive(Debug, PartialEq, Eq)]
pub struct Test {
    pub filter: Option<String>,
    pub on: Stand,
}

/// What the system tests run against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    /// The parts of this program, and what CI looks at besides.
    Embedded,
    /// The functions' own programs, run by cargo-lambda; the bucket and the table are those of this program.
    CargoLambda,
    /// The same, with the bucket of LocalStack.
    LocalStack,
    /// The template, deployed to an emulator of AWS.
    Ministack,
    /// The template, deployed to another emulator, which answers for all services at one address.
    Endpoint(String),
}

/// How to measure the domain.
#[derive(Debug, PartialEq, Eq)]
pub struct BenchDomain {
    pub rows: u32,
    pub scale: bool,
    pub instructions: bool,
    /// Where the files are made and stay; `None` for a folder that is deleted afterwards.
    pub data: Option<PathBuf>,
}

/// What `cargo local --help` prints.
pub const HELP: &str = "\
Rollbook on this machine.

  cargo local [--fresh] [--port N] [--data DIR] [--smtp 127.0.0.1:N]
                                                  builds and runs everything; Ctrl-C stops it
  cargo local test [FILTER]                       runs every check; with FILTER only the tests of that name
  cargo local test --on cargo-lambda [FILTER]     runs the system tests with the functions that cargo-lambda runs
  cargo local test --on localstack [FILTER]       the same with a bucket of LocalStack
  cargo local test --on ministack [FILTER]        runs the system tests against the template, deployed to an emulator
  cargo local test --endpoint URL [FILTER]        the same against another emulator of AWS, at one address
  cargo local bench [--rows N]                    measures a large roster (100000 rows unless told otherwise)
  cargo local bench domain [--rows N] [--scale] [--instructions] [--data DIR]
                                                  measures reading, checking and comparing alone (1000000 rows)
  cargo local bench validate [--rows N]           measures the function that checks, beside as many users (1000000)
  cargo local bench costs [--rows N]              counts what a month in an AWS account costs (1000, 10000 and 100000 users)
  cargo local bench page                          builds the page as it is deployed and weighs its first view

  --fresh      starts with an empty folder, and so with the example organisation as it was at first
  --port N     listens on ports N (page), N+1 (bucket) and N+2 (table); 8460 unless told otherwise
  --data DIR   keeps the state there instead of in .local; of a benchmark, the files that are made for it
  --scale      measures how the time grows with the rows, instead of comparing it
  --instructions  counts instructions, too, if valgrind is there, with a tenth of the rows
";

/// Understands the arguments, or says what is wrong with them.
pub fn parse(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Command, lexopt::Error> {
    let mut parser = Parser::from_iter(arguments);
    let mut run = Run { fresh: false, port: 8460, data: None, smtp: None };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("fresh") => run.fresh = true,
            Arg::Long("port") => run.port = parser.value()?.parse_with(port)?,
            Arg::Long("data") => run.data = Some(parser.value()?.into()),
            Arg::Long("smtp") => run.smtp = Some(parser.value()?.parse_with(mail_server)?),
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

fn mail_server(text: &str) -> Result<SocketAddr, &'static str> {
    let address: Option<SocketAddr> = text.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback());
    address.ok_or("a server for e-mail is on this machine, such as 127.0.0.1:2525")
}

fn port(text: &str) -> Result<u16, &'static str> {
    match text.parse() {
        Ok(port @ 1024..=65533) => Ok(port),
        _ => Err("a port is a number from 1024 to 65533"),
    }
}

fn test(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let (mut filter, mut on) = (None, Stand::Embedded);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("on") => on = parser.value()?.parse_with(stand)?,
            Arg::Long("endpoint") => on = Stand::Endpoint(parser.value()?.string()?),
            Arg::Value(text) if filter.is_none() => filter = Some(text.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Test(Test { filter, on }))
}

fn stand(text: &str) -> Result<Stand, &'static str> {
    match text {
        "embedded" => Ok(Stand::Embedded),
        "cargo-lambda" => Ok(Stand::CargoLambda),
        "localstack" => Ok(Stand::LocalStack),
        "ministack" => Ok(Stand::Ministack),
        _ => Err("the tests run on embedded, cargo-lambda, localstack or ministack"),
    }
}

fn bench(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let mut rows = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("rows") => rows = Some(parser.value()?.parse()?),
            Arg::Value(word) if word == "domain" && rows.is_none() => return bench_domain(parser),
            Arg::Value(word) if word == "page" && rows.is_none() => return Ok(Command::BenchPage),
            Arg::Value(word) if word == "costs" && rows.is_none() => return bench_costs(parser),
            Arg::Value(word) if word == "validate" && rows.is_none() => return bench_validate(parser),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Bench { rows: rows.unwrap_or(100_000) })
}

fn bench_costs(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let mut users = vec![1000, 10_000, 100_000];
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("rows") => users = vec![parser.value()?.parse_with(rows)?],
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::BenchCosts { users })
}

fn bench_validate(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let mut users = 1_000_000;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("rows") => users = parser.value()?.parse_with(rows)?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::BenchValidate { rows: users })
}

fn bench_domain(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let mut bench = BenchDomain { rows: 1_000_000, scale: false, instructions: false, data: None };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("rows") => bench.rows = parser.value()?.parse_with(rows)?,
            Arg::Long("scale") => bench.scale = true,
            Arg::Long("instructions") => bench.instructions = true,
            Arg::Long("data") => bench.data = Some(parser.value()?.into()),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::BenchDomain(bench))
}

fn rows(text: &str) -> Result<u32, &'static str> {
    match text.parse() {
        // More is more than a roster may have.
        Ok(rows @ 1000..=2_000_000) => Ok(rows),
        _ => Err("the rows are a number from 1000 to 2000000"),
    }
}

fn function(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let name = parser.value()?.string()?;
    match FunctionKind::ALL.into_iter().find(|kind| kind.name() == name) {
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

    fn test(filter: Option<&str>, on: Stand) -> Command {
        Command::Test(Test { filter: filter.map(str::to_owned), on })
    }

    #[test]
    fn every_form_is_understood() {
        assert_eq!(parsed(""), Ok(Command::Run(Run { fresh: false, port: 8460, data: None, smtp: None })));
        let run = Run { fresh: true, port: 9000, data: Some("x".into()), smtp: "127.0.0.1:2525".parse().ok() };
        assert_eq!(parsed("--fresh --port=9000 --data x --smtp 127.0.0.1:2525"), Ok(Command::Run(run)));
        assert_eq!(parsed("test parse"), Ok(test(Some("parse"), Stand::Embedded)));
        assert_eq!(parsed("test --on ministack a"), Ok(test(Some("a"), Stand::Ministack)));
        assert_eq!(parsed("test --on cargo-lambda"), Ok(test(None, Stand::CargoLambda)));
        assert_eq!(parsed("test --on localstack x"), Ok(test(Some("x"), Stand::LocalStack)));
        assert_eq!(parsed("test --endpoint http://x"), Ok(test(None, Stand::Endpoint("http://x".into()))));
        assert_eq!(parsed("bench --rows 50"), Ok(Command::Bench { rows: 50 }));
        let domain = BenchDomain { rows: 2000, scale: true, instructions: false, data: Some("x".into()) };
        assert_eq!(parsed("bench domain --rows 2000 --scale --data x"), Ok(Command::BenchDomain(domain)));
        assert_eq!(parsed("bench page"), Ok(Command::BenchPage));
        assert_eq!(parsed("bench costs --rows 2000"), Ok(Command::BenchCosts { users: vec![2000] }));
        assert_eq!(parsed("bench validate --rows 2000"), Ok(Command::BenchValidate { rows: 2000 }));
        assert_eq!(parsed("function apply"), Ok(Command::Function(FunctionKind::Apply)));
        assert_eq!(parsed("test --help"), Ok(Command::Help));
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(parsed("run"), Err("there is no `cargo local run`".into()));
        assert!(parsed("--port 80").is_err_and(|text| text.contains("from 1024 to 65533")));
        assert!(parsed("bench domain --rows 10").is_err_and(|text| text.contains("from 1000 to 2000000")));
        assert!(parsed("--smtp 10.0.0.1:25").is_err_and(|text| text.contains("on this machine")));
        assert!(parsed("--prot 80").is_err_and(|text| text.contains("--prot")));
    }
}
