//! The lines that say what is being done, and how long it took.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long a step may be silent.
const SILENCE: Duration = Duration::from_secs(5);

/// Takes the line on which the cursor stands off a terminal: ours that says that a step goes on, or cargo's bar.
const CLEAR_LINE: &str = "\r\x1b[2K";

/// A step that is being taken.
pub struct Stage {
    what: String,
    since: Instant,
    /// Dropped with the stage, which ends the thread that says that it goes on.
    _going_on: mpsc::Sender<()>,
}

impl Stage {
    /// Says that it begins, and from time to time that it goes on.
    ///
    /// Also where cargo shows a bar, for that stands still while one large crate is being compiled.
    pub fn begin(what: impl Into<String>) -> Stage {
        let what = what.into();
        let since = Instant::now();
        println!("[rollbook] {what} …");
        let going_on = say_that_it_goes_on(what.clone(), since);
        Stage { what, since, _going_on: going_on }
    }

    /// Says that it is done, and how long it took.
    pub fn done(self) {
        println!(
            "{}[rollbook] {}: done in {:.1} s",
            clear_line(&std::io::stdout()),
            self.what,
            self.since.elapsed().as_secs_f64()
        );
    }
}

/// Returns what to write to a stream before a line that must not begin in the middle of another.
pub fn clear_line(stream: &impl IsTerminal) -> &'static str {
    if stream.is_terminal() { CLEAR_LINE } else { "" }
}

fn say_that_it_goes_on(what: String, since: Instant) -> mpsc::Sender<()> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        while receiver.recv_timeout(SILENCE) == Err(RecvTimeoutError::Timeout) {
            let seconds = since.elapsed().as_secs();
            let mut out = std::io::stdout().lock();
            // On a terminal the line stays where it is, and the next one takes its place.
            let said = match clear_line(&out) {
                "" => writeln!(out, "[rollbook] {what} … {seconds} s"),
                clear => write!(out, "{clear}[rollbook] {what} … {seconds} s"),
            };
            if said.and_then(|()| out.flush()).is_err() {
                return;
            }
        }
    });
    sender
}
