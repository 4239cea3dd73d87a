//! The functions' programs that others run on this machine: who they are shows in `/proc`, so this is for Linux.

use std::process::Command;
use std::time::Duration;

/// Returns the numbers of the processes with all of these variables in their environment.
///
/// Each is written as `NAME=value`, or as the beginning of that where it ends with a slash.
pub fn with_variables(variables: &[String]) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    let has_all = |pid: &u32| {
        // Processes of others, and those that have just ended, can't be read.
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let is = |variable: &[u8], wanted: &String| {
            variable == wanted.as_bytes() || wanted.ends_with('/') && variable.starts_with(wanted.as_bytes())
        };
        let has = |wanted: &String| environment.split(|byte| *byte == 0).any(|variable| is(variable, wanted));
        variables.iter().all(has)
    };
    numbers.filter(has_all).collect()
}

/// Returns those of these processes that compute at this moment.
pub fn busy(pids: Vec<u32>) -> Vec<u32> {
    let used = |pid: &u32| processor_time(*pid).unwrap_or_default();
    let before: Vec<u64> = pids.iter().map(used).collect();
    std::thread::sleep(Duration::from_millis(20));
    pids.into_iter().zip(before).filter(|(pid, before)| used(pid) > *before).map(|(pid, _)| pid).collect()
}

/// Kills a process, and says whether it was still there.
pub fn kill(pid: u32) -> bool {
    Command::new("kill").args(["-KILL", &pid.to_string()]).output().is_ok_and(|output| output.status.success())
}

/// Returns how long a process has computed, in the system's ticks.
fn processor_time(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, which may have spaces, stands in parentheses.
    let fields: Vec<_> = text.rsplit_once(") ")?.1.split(' ').collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}
