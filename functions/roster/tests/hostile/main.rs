//! What a file costs never grows faster than n log n, whatever is in it.
//!
//! Every test reads, checks, compares and plans a hostile file and makes all files of it, once of `n` rows and once of
//! twice as many, and counts operations: the second one may need two and a half times as many, no more. Seconds would
//! depend on the machine and on what else it does.
//!
//! What is counted is how much the code asks of memory: allocations, and bytes allocated, each by itself. That needs
//! nothing in the code that is tested, and is nearly the same in every run. It sees every loop that folds, formats,
//! copies or collects something, which is what most mistakes here look like; it does not see a loop that only looks at
//! what is there. For these the same tests count every branch that is executed, where the compiler is told to put
//! counters into all code:
//!
//! ```text
//! RUSTFLAGS="-C instrument-coverage --cfg branches" CARGO_TARGET_DIR=target/branches \
//!     cargo test -p roster --test hostile -- --test-threads=1
//! ```

#![expect(unsafe_code, reason = "an allocator that counts can only be written so")]

mod shapes;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeMap;

use roster::username::Maker;
use roster::{
    Comparison, CompletedRow, Directory, Scope, Sender, completed_file, diff, error_file, errors_by_row, parse, plan,
    plan_file, validate, without_secrets,
};

use shapes::{Hostile, SHAPES, Shape};

/// How many rows the smaller of two files has: enough for a square to show beside what each row costs.
const ROWS: usize = 2_000;

/// How much more a file of twice the rows may cost.
const GROWTH: f64 = 2.5;

/// Operations beside which what a file costs whatever its rows is not to be seen.
const FEW: u64 = 20_000;

#[test]
fn twice_the_rows_cost_at_most_two_and_a_half_times_as_much() {
    let grown: Vec<String> = SHAPES.iter().filter_map(grown_too_much).collect();
    assert!(grown.is_empty(), "more than n log n:\n{}", grown.join("\n"));
}

/// A loop in a loop is found, or the other test would say nothing.
#[test]
fn a_square_is_found() {
    let found = |same: fn(&str, &str) -> bool| {
        let [one, two] = [ROWS, 2 * ROWS].map(|n| {
            let rows: Vec<String> = (0..n / 3).map(|i| i.to_string()).collect();
            let before = Spent::now();
            let alike = rows.iter().map(|row| rows.iter().filter(|other| same(row, other)).count());
            assert_eq!(alike.sum::<usize>(), rows.len());
            Spent::now().since(before)
        });
        !two.grew_too_much_from(one).is_empty()
    };
    assert!(found(|row, other| row == other.to_lowercase()));
    assert_eq!(found(|row, other| row == other), cfg!(branches), "where only branches show it");
}

/// What of the shape grows too fast, in words.
fn grown_too_much((name, make): &Shape) -> Option<String> {
    let [one, two] = [ROWS, 2 * ROWS].map(|n| spent_on(make(n)));
    let grew = two.grew_too_much_from(one);
    (!grew.is_empty()).then(|| format!("{name}: {}", grew.join(", ")))
}

/// Does everything that is done to an upload before it is applied, and all that is done afterwards with its rows.
fn spent_on(hostile: Hostile) -> Spent {
    let Hostile { file, users, schools, mode, settings } = hostile;
    let before = Spent::now();
    let reading = &settings.reading.clone().into();
    without_secrets(&file, reading);
    let (Some(parsed), mut findings) = parse(&file, reading) else { return Spent::now().since(before) };
    let directory = Directory::new(users);
    let comparison = Comparison {
        mode,
        sender: Sender::default(),
        scope: Scope::Organisation,
        settings: settings.of(mode),
        accounts: &settings.accounts,
        now: 1_795_000_000_000,
        schools: &schools,
        max_exchange_writes: 99,
        guid_seed: [0; 32],
        password_is_current: &|_, _| false,
    };
    let (valid, of_rows) = validate(&parsed, &schools, &comparison.scope, comparison.settings);
    findings.append(of_rows);
    valid.named(&Maker::new(&settings.accounts.usernames, &schools, comparison.now));
    let (diff, of_comparison) = diff(valid, &directory, &comparison).of_everybody();
    findings.append(of_comparison);
    findings.sort();
    let plan = plan(diff, &comparison, Some(1));
    plan_file(plan.changes.iter(), None, &schools);
    error_file(&parsed, &errors_by_row(&findings, None));
    let done = plan.changes.iter().filter_map(|change| {
        let (row, after) = (change.row?, change.after.as_ref()?);
        let done = CompletedRow {
            guid: Some(change.guid),
            username: after.username.clone(),
            temporary_password: None,
            result: change.result(),
            not_updated: change.not_updated.clone(),
            class: None,
        };
        Some((row, done))
    });
    completed_file(&parsed, &done.collect::<BTreeMap<u32, CompletedRow>>());
    Spent::now().since(before)
}

/// Operations of this thread.
#[derive(Debug, Clone, Copy)]
struct Spent {
    allocations: u64,
    bytes: u64,
    /// None where the compiler put no counters into the code.
    branches: u64,
}

impl Spent {
    fn now() -> Spent {
        Spent { allocations: ALLOCATIONS.get(), bytes: BYTES.get(), branches: branches::executed() }
    }

    fn since(self, before: Spent) -> Spent {
        Spent {
            allocations: self.allocations - before.allocations,
            bytes: self.bytes - before.bytes,
            branches: self.branches - before.branches,
        }
    }

    fn grew_too_much_from(self, half: Spent) -> Vec<String> {
        let counts = [
            ("allocations", half.allocations, self.allocations, FEW),
            ("bytes", half.bytes, self.bytes, 64 * FEW),
            ("branches", half.branches, self.branches, 64 * FEW),
        ];
        let grew = counts.into_iter().filter(|(_, one, two, few)| *two as f64 > GROWTH * (*one).max(*few) as f64);
        grew.map(|(what, one, two, _)| format!("{one} to {two} {what}")).collect()
    }
}

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<u64> = const { Cell::new(0) };
}

/// The allocator of the system, with counters.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

impl Counting {
    fn count(bytes: usize) {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        BYTES.set(BYTES.get() + bytes as u64);
    }
}

// SAFETY: everything is left to the allocator of the system. The counters are constants at first and need no drop, so
// that they are there for as long as their thread and never allocate themselves.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Counting::count(layout.size());
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: `at` came from `System`, with this layout.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Counting::count(size);
        // SAFETY: `at` came from `System`, with this layout.
        unsafe { System.realloc(at, layout, size) }
    }
}

/// The counters that the compiler puts into the code, see above.
#[cfg(branches)]
mod branches {
    unsafe extern "C" {
        fn __llvm_profile_begin_counters() -> *const u64;
        fn __llvm_profile_end_counters() -> *const u64;
    }

    pub fn executed() -> u64 {
        // SAFETY: the profiler's own functions, which say where its counters stand; no other test runs, for they share
        // these counters.
        let counters = unsafe {
            let (begin, end) = (__llvm_profile_begin_counters(), __llvm_profile_end_counters());
            std::slice::from_raw_parts(begin, end.offset_from(begin) as usize)
        };
        counters.iter().fold(0, |sum, count| sum.wrapping_add(*count))
    }
}

#[cfg(not(branches))]
mod branches {
    pub fn executed() -> u64 {
        0
    }
}
