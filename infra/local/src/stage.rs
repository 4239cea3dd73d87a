//! The lines that say what is being done, and how long it took.

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// A step that is being taken.
pub struct Stage {
    what: String,
    since: Instant,
    /// Dropped with the stage, which ends the thread that says that it goes on.
    _going_on: Option<mpsc::Sender<()>>,
}

impl Stage {
    /// Says that it begins. Where there is no terminal, in which cargo shows a bar, it also says from time to time
    /// that it goes on.
    pub fn begin(what: impl Into<String>) -> Stage {
        let what = what.into();
        let since = Instant::now();
        println!("[local] {what} …");
        let going_on = (!std::io::stderr().is_terminal()).then(|| say_that_it_goes_on(what.clone(), since));
        Stage { what, since, _going_on: going_on }
    }

    /// Says that it is done, and how long it took.
    pub fn done(self) {
        println!("[local] {}: done in {:.1} s", self.what, self.since.elapsed().as_secs_f64());
    }
}

fn say_that_it_goes_on(what: String, since: Instant) -> mpsc::Sender<()> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        while receiver.recv_timeout(Duration::from_secs(10)) == Err(RecvTimeoutError::Timeout) {
            println!("[local] {what} … {} s", since.elapsed().as_secs());
        }
    });
    sender
}
