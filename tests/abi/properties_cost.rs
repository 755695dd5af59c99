//! Work on properties takes time in proportion to their number. Instructions are counted, because time depends on the load
//! of the machine.

use crate::support::mosquitto::Directory;
use crate::support::program::compile;
use crate::toolchain::{libraries, output};
use std::path::Path;
use std::process::Command;
use std::thread;

const MANY: u32 = 100_000;

/// What twice as many may cost.
const MOST: f64 = 2.3;

#[test]
fn twice_as_many_properties_cost_twice_as_much() {
    if !Path::new("/usr/bin/valgrind").exists() {
        eprintln!("\n*** NOT CHECKED: this system has no Valgrind ***\n");
        return;
    }
    let (directory, libraries) = (Directory::new("properties"), libraries());
    let headers = concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include");
    let program = compile("properties.c", &["-std=gnu11", headers, "-ldl", "-lpthread"], &directory);
    let measure = |what: &str| {
        let flavour = if what == "receive-async" { "a" } else { "c" };
        let library = libraries.join(format!("libpaho-mqtt3{flavour}.so.1"));
        let [none, once, twice] =
            [1, MANY, 2 * MANY].map(|count| instructions(&program, &library, what, count));
        let ratio = (twice - none) / (once - none);
        eprintln!(
            "{what}: {:.0} instructions for each property, ratio {ratio:.2}",
            (once - none) / f64::from(MANY)
        );
        assert!(ratio <= MOST, "{what}: {once} instructions for {MANY}, {twice} for twice as many");
    };
    thread::scope(|scope| {
        for what in ["add", "publish", "receive", "receive-async", "connack"] {
            scope.spawn(move || measure(what));
        }
    });
}

/// All that the program executes.
fn instructions(program: &Path, library: &Path, what: &str, count: u32) -> f64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--log-fd=1"]);
    let log = output(valgrind.arg(program).arg(library).args([what, &count.to_string()]));
    let line = log.lines().find(|line| line.contains("refs:")).unwrap_or_else(|| panic!("{log}"));
    let number: String = line.rsplit(' ').next().unwrap().replace(',', "");
    number.parse().unwrap()
}
