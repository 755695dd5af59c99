//! The original and this library side by side: the same random calls against the same random server, and equal callbacks,
//! return codes, tokens and packets. A seed repeats a case: `PAHO_C_RS_SEEDS=17..18 cargo test --test differential`; with
//! `PAHO_C_RS_TRANSCRIPT=1` the report of a difference begins with what led to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test ends by failing")]

#[path = "../support/mod.rs"]
mod support;

mod case;
mod driver;
mod incoming;
mod known;
mod random;
mod run;
mod server;

use case::{Case, Mode};
use driver::{Driver, Programs};
use known::without_known_differences;
use run::{Record, Run};
use std::env;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Cases that run at a time.
const WORKERS: usize = 8;

/// The seeds of a short run, or those of the environment.
fn seeds(usual: Range<u64>) -> Range<u64> {
    let Ok(text) = env::var("PAHO_C_RS_SEEDS") else { return usual };
    let (from, to) = text.split_once("..").expect("FROM..TO");
    from.parse().unwrap()..to.parse().unwrap()
}

/// The two libraries at work on cases of one mode.
struct Pair<'a> {
    programs: &'a Programs,
    mode: Mode,
    original: Driver,
    ours: Driver,
}

impl Pair<'_> {
    fn new(programs: &Programs, mode: Mode) -> Pair<'_> {
        let (original, ours) = (programs.start(mode, true), programs.start(mode, false));
        Pair { programs, mode, original, ours }
    }

    fn run(&mut self, case: &Case, grace: Duration) -> (Vec<Record>, Vec<Record>) {
        let (original, ours) = (&mut self.original, &mut self.ours);
        let records = thread::scope(|scope| {
            let theirs = scope.spawn(|| Run::all(case, original, grace));
            let ours = Run::all(case, ours, grace);
            (without_known_differences(theirs.join().unwrap()), without_known_differences(ours))
        });
        if self.original.lost {
            self.original = self.programs.start(self.mode, true);
        }
        if self.ours.lost {
            self.ours = self.programs.start(self.mode, false);
        }
        records
    }

    /// The difference that slower runs confirm.
    fn difference(&mut self, case: &Case) -> Option<String> {
        let mut difference = None;
        for grace in [5, 100, 400] {
            let (theirs, ours) = self.run(case, Duration::from_millis(grace));
            difference = Some(first_difference(&theirs, &ours)?);
        }
        difference
    }
}

/// Everything up to the first difference, side by side, which tells what led to it.
fn transcript(theirs: &[Record], ours: &[Record]) -> String {
    let equal = theirs.iter().zip(ours).take_while(|(theirs, ours)| theirs == ours);
    equal.map(|(record, _)| format!("{:.300}\n{record}", record.line)).collect()
}

fn first_difference(theirs: &[Record], ours: &[Record]) -> Option<String> {
    let index = (0..theirs.len().max(ours.len())).find(|&index| theirs.get(index) != ours.get(index))?;
    let before = transcript(theirs, ours);
    let (theirs, ours) = (theirs.get(index), ours.get(index));
    let line = theirs.or(ours).map_or("", |record| &record.line);
    let shown = |record: Option<&Record>| record.map_or("    nothing\n".to_owned(), Record::to_string);
    let before = if env::var_os("PAHO_C_RS_TRANSCRIPT").is_some() { before } else { String::new() };
    Some(format!("{before}step {index}: {line}\n  original:\n{}  ours:\n{}", shown(theirs), shown(ours)))
}

/// Runs the cases, several at a time since most of their time is waiting; the report of each difference.
fn differences(programs: &Programs, mode: Mode, seeds: Range<u64>) -> Vec<String> {
    let next = AtomicU64::new(seeds.start);
    let found = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let mut pair = Pair::new(programs, mode);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let case = Case::new(mode, seed);
                    if let Some(difference) = pair.difference(&case) {
                        let report = format!("seed {seed} {mode:?} version {}: {difference}", case.level);
                        eprintln!("{report}");
                        found.lock().unwrap().push(report);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

fn compare(mode: Mode, usual: Range<u64>) {
    let Some(programs) = Programs::new() else {
        eprintln!("skipped: the original is not installed");
        return;
    };
    let found = differences(&programs, mode, seeds(usual));
    assert!(found.is_empty(), "{} cases differ", found.len());
}

#[test]
fn synchronous_with_callbacks() {
    compare(Mode::Callbacks, 0..50);
}

#[test]
fn synchronous_without_callbacks() {
    compare(Mode::Receive, 0..50);
}

#[test]
fn asynchronous() {
    compare(Mode::Asynchronous, 0..50);
}

#[test]
#[ignore = "takes about half an hour; `make soak` runs it"]
fn soak_differential() {
    for mode in [Mode::Callbacks, Mode::Receive, Mode::Asynchronous] {
        compare(mode, 1_000..6_000);
    }
}
