//! The original and this library side by side: the same random calls against the same random server, and equal callbacks,
//! return codes, tokens and packets. CONTRIBUTING.md says how to run many cases, and how to repeat one by its seed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test ends by failing")]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod calls;
mod case;
mod driver;
mod incoming;
mod known;
mod random;
mod run;
mod server;

use case::{Case, Mode, Subject};
use driver::{Driver, Programs};
use known::without_known_differences;
use run::{Record, Run};
use std::env;
use std::fs;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// A number of the environment.
fn setting(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name}: a number")))
}

/// The seeds of a run, or those of the environment.
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
        let stores = ["theirs", "ours"]
            .map(|whose| self.programs.directory().join(format!("{:?}-{}-{whose}", case.mode, case.seed)));
        let (original, ours) = (&mut self.original, &mut self.ours);
        let (mut theirs, mut ours) = thread::scope(|scope| {
            let theirs = scope.spawn(|| Run::all(case, original, &stores[0], grace));
            let ours = Run::all(case, ours, &stores[1], grace);
            (theirs.join().unwrap(), ours)
        });
        without_known_differences(&mut theirs, &mut ours);
        if case.stored {
            stores.iter().for_each(|store| drop(fs::remove_dir_all(store)));
        }
        if self.original.lost {
            self.original = self.programs.start(self.mode, true);
        }
        if self.ours.lost {
            self.ours = self.programs.start(self.mode, false);
        }
        (theirs, ours)
    }

    fn compare(&mut self, case: &Case) -> Comparison {
        let (theirs, ours) = self.run(case, Duration::from_millis(1));
        let Some(mut difference) = first_difference(&theirs, &ours) else { return Comparison::Equal };
        // Slower runs have to confirm it.
        for grace in [100, 400] {
            let (theirs, ours) = self.run(case, Duration::from_millis(grace));
            match first_difference(&theirs, &ours) {
                Some(again) => difference = again,
                None => return Comparison::Passing(difference),
            }
        }
        Comparison::Different(difference)
    }
}

enum Comparison {
    Equal,
    /// A difference that a slower run has not confirmed.
    Passing(String),
    Different(String),
}

/// Everything up to the first difference, side by side, which shows what led to it.
fn transcript(theirs: &[Record], ours: &[Record]) -> String {
    let equal = theirs.iter().zip(ours).take_while(|(theirs, ours)| theirs == ours);
    equal.map(|(record, _)| format!("{:.300}\n{record}", format!("{:?}", record.step))).collect()
}

fn first_difference(theirs: &[Record], ours: &[Record]) -> Option<String> {
    let index = (0..theirs.len().max(ours.len())).find(|&index| theirs.get(index) != ours.get(index))?;
    let before =
        if env::var_os("PAHO_C_RS_TRANSCRIPT").is_some() { transcript(theirs, ours) } else { String::new() };
    let (theirs, ours) = (theirs.get(index), ours.get(index));
    let step = theirs.or(ours).map(|record| &record.step);
    let shown = |record: Option<&Record>| record.map_or("    nothing\n".to_owned(), Record::to_string);
    Some(format!("{before}step {index}: {step:?}\n  original:\n{}  ours:\n{}", shown(theirs), shown(ours)))
}

/// What came of the cases.
#[derive(Default)]
struct Tally {
    cases: AtomicU64,
    passing: Mutex<Vec<u64>>,
    different: Mutex<Vec<u64>>,
}

/// Runs the cases, many at a time since most of their time is waiting, and reports each difference.
fn run_all(programs: &Programs, mode: Mode, subject: Subject, seeds: Range<u64>, workers: u64) -> Tally {
    let next = AtomicU64::new(seeds.start);
    let tally = Tally::default();
    let work = || {
        let mut pair = Pair::new(programs, mode);
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            let case = Case::new(mode, subject, seed);
            let comparison = pair.compare(&case);
            let compared = 1 + tally.cases.fetch_add(1, Ordering::Relaxed);
            if compared % 2_000 == 0 {
                eprintln!("{mode:?} {subject:?}: {compared} cases so far");
            }
            let (list, word, difference) = match comparison {
                Comparison::Equal => continue,
                Comparison::Passing(difference) => (&tally.passing, "once, not confirmed: ", difference),
                Comparison::Different(difference) => (&tally.different, "", difference),
            };
            list.lock().unwrap().push(seed);
            if word.is_empty() || env::var_os("PAHO_C_RS_TRANSCRIPT").is_some() {
                eprintln!("{word}seed {seed} {mode:?} {subject:?} version {}: {difference}", case.level);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers.min(seeds.end.saturating_sub(seeds.start)) {
            thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, work).unwrap();
        }
    });
    tally
}

/// Compares these cases of each subject.
fn compare(mode: Mode, cases: [(Subject, Range<u64>); 2], workers: u64) {
    let Some(programs) = Programs::new() else {
        eprintln!("skipped: the original is not installed");
        return;
    };
    let mut different = 0;
    for (subject, range) in cases {
        let tally = run_all(&programs, mode, subject, seeds(range), setting("PAHO_C_RS_WORKERS", workers));
        let (found, passing) = (tally.different.into_inner().unwrap(), tally.passing.into_inner().unwrap());
        eprintln!(
            "{mode:?} {subject:?}: {} cases, {} differ, {} once only {passing:?}",
            tally.cases.into_inner(),
            found.len(),
            passing.len()
        );
        different += found.len();
    }
    assert!(different == 0, "{different} cases differ");
}

/// The share of `make test`.
fn compare_some(mode: Mode) {
    compare(mode, [(Subject::Server, 0..120), (Subject::Calls, 0..60)], 40);
}

#[test]
fn synchronous_with_callbacks() {
    compare_some(Mode::Callbacks);
}

#[test]
fn synchronous_without_callbacks() {
    compare_some(Mode::Receive);
}

#[test]
fn asynchronous() {
    compare_some(Mode::Asynchronous);
}

#[test]
#[ignore = "100,000 cases of servers and 20,000 sequences of calls take long; `make soak` runs it"]
fn soak_differential() {
    thread::scope(|scope| {
        for mode in [Mode::Callbacks, Mode::Receive, Mode::Asynchronous] {
            let cases = [(Subject::Server, 1_000..34_334), (Subject::Calls, 1_000..7_667)];
            scope.spawn(move || compare(mode, cases, 60));
        }
    });
}
