//! The history of cost: no instruction count is far above the last line of `docs/cost-history.csv`, and the check notices
//! one that is.

use crate::toolchain::{directory, libraries, make, output, root};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

#[test]
fn no_message_costs_more_than_the_table_says() {
    if !Path::new("/usr/bin/valgrind").exists() {
        eprintln!("\n*** NOT CHECKED: this system has no Valgrind ***\n");
        return;
    }
    let libraries = libraries();
    make(&["cost-programs"]);
    eprintln!("{}", output(Command::new(root().join("scripts/cost_history.sh")).arg("check").arg(libraries)));
}

const COLUMNS: &str = "date,commit,toolchain,reason,a.instructions,a.allocations";

/// Checks a table of these lines against a measured count, as of the toolchain `here`.
fn check(name: &str, lines: &[&str], instructions: u32) -> Output {
    let directory = directory(&format!("cost_history_{name}"));
    let (table, measured) = (directory.join("table"), directory.join("measured"));
    fs::write(&table, format!("{COLUMNS}\n{}\n", lines.join("\n"))).unwrap();
    fs::write(&measured, format!("a.instructions {instructions}\na.allocations 2.00\n")).unwrap();
    let mut awk = Command::new("awk");
    awk.args(["-v", "mode=check", "-v", "toolchain=here", "-f"]);
    awk.arg(root().join("scripts/cost_history.awk")).arg(table).arg(measured);
    awk.output().unwrap()
}

const LINE: &str = "2026-01-01,1234567,here,,1000,1.00";

#[test]
fn a_count_may_be_three_per_cent_above_the_last_line() {
    assert!(check("steady", &[LINE], 1030).status.success());
    let raised = check("raised", &[LINE], 1031);
    assert!(!raised.status.success());
    let complaint = String::from_utf8(raised.stderr).unwrap();
    assert!(complaint.starts_with("a.instructions has risen from 1000 to 1031"), "{complaint}");
}

#[test]
fn a_line_with_a_reason_accepts_a_rise() {
    let (with, without) = ("2026-01-02,2345678,here,why,1040,1.00", "2026-01-02,2345678,here,,1040,1.00");
    assert!(check("reason", &[LINE, with], 1040).status.success());
    assert!(!check("no_reason", &[LINE, without], 1040).status.success());
    assert!(!check("raised_again", &[LINE, with], 1072).status.success());
}

#[test]
fn counts_of_different_toolchains_are_not_compared() {
    let other = "2026-01-01,1234567,elsewhere,,1000,1.00";
    let checked = check("elsewhere", &[other], 2000);
    assert!(checked.status.success());
    assert!(String::from_utf8(checked.stderr).unwrap().contains("NOT CHECKED"));
    let newer = "2026-01-02,2345678,here,,2000,1.00";
    assert!(check("changed", &[other, newer], 2000).status.success());
}
