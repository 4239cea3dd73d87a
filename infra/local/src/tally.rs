//! Counting what passed and failed, from what `cargo test` prints.

/// Where a line was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// How the checks went so far.
#[derive(Debug, Default)]
pub struct CheckTally {
    passed: u64,
    failed: u64,
    failures: Vec<String>,
    /// Test programs that were started, and those that said how it went.
    started: u64,
    finished: u64,
}

impl CheckTally {
    /// Returns how many checks passed.
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// Returns how many checks failed.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Returns the names of what failed.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Counts a check that passed.
    pub fn pass(&mut self) {
        self.passed += 1;
    }

    /// Counts a check that failed.
    pub fn fail(&mut self, name: &str) {
        self.failed += 1;
        self.failures.push(name.to_owned());
    }

    /// Takes a line of `cargo test` into account.
    pub fn read(&mut self, stream: Stream, line: &str) {
        match stream {
            Stream::Out => self.read_test(line),
            Stream::Err => self.read_cargo(line),
        }
    }

    fn read_test(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.failures.push(name.to_owned());
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.finished += 1;
            self.passed += count(result, "passed");
            self.failed += count(result, "failed");
        }
    }

    fn read_cargo(&mut self, line: &str) {
        let line = line.trim_start();
        if line.starts_with("Running ") || line.starts_with("Doc-tests ") {
            self.started += 1;
        } else if let Some(target) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
            // Cargo lists the test programs that failed at the end, crashed ones among them.
            self.failures.push(format!("cargo test {target}"));
        }
    }

    /// Counts as failed every program that said nothing of how it went.
    ///
    /// And a run that failed without saying why.
    pub fn end_of_tests(&mut self, succeeded: bool) {
        let crashed = self.started.saturating_sub(self.finished);
        self.failed += crashed;
        if !succeeded && self.failed == 0 {
            self.fail("cargo test");
        } else if crashed > 0 {
            self.failures.push(format!("{crashed} test programs ended without a result"));
        }
    }
}

/// Returns the number before a word, as in `ok. 3 passed; 0 failed; 0 ignored`.
fn count(result: &str, word: &str) -> u64 {
    let words: Vec<_> = result.split([' ', ';', '.']).filter(|part| !part.is_empty()).collect();
    let pair = words.windows(2).find(|pair| pair[1] == word);
    pair.and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(out: &str, err: &str, succeeded: bool) -> CheckTally {
        let mut tally = CheckTally::default();
        err.lines().for_each(|line| tally.read(Stream::Err, line));
        out.lines().for_each(|line| tally.read(Stream::Out, line));
        tally.end_of_tests(succeeded);
        tally
    }

    const RESULT: &str = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";

    #[test]
    fn results_are_summed_up() {
        let err = "     Running unittests src/lib.rs (target/debug/deps/a)\n   Doc-tests roster";
        let out = format!("{RESULT}\n{RESULT}");
        let tally = read(&out, err, true);
        assert_eq!((tally.passed(), tally.failed()), (6, 0));
    }

    #[test]
    fn failures_are_named() {
        let out = "test parse::reads ... FAILED\ntest result: FAILED. 2 passed; 1 failed; 0 ignored";
        let err = "     Running unittests src/lib.rs (a)\nerror: 1 target failed:\n    `-p roster --lib`";
        let tally = read(out, err, false);
        assert_eq!((tally.passed(), tally.failed()), (2, 1));
        assert_eq!(tally.failures(), ["cargo test -p roster --lib", "parse::reads"]);
    }

    #[test]
    fn a_crashed_program_has_failed() {
        let err = "     Running unittests src/lib.rs (a)\n     Running tests/system.rs (b)";
        let tally = read(RESULT, err, false);
        assert_eq!((tally.passed(), tally.failed()), (3, 1));
    }

    #[test]
    fn what_does_not_compile_has_failed() {
        let tally = read("", "error: could not compile `api`", false);
        assert_eq!((tally.passed(), tally.failed()), (0, 1));
        assert_eq!(tally.failures(), ["cargo test"]);
    }
}
