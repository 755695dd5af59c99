//! The functions that the original does not have, as C programs use them.

use std::path::Path;
use std::process::Command;

use crate::support::library::library_path;
use crate::toolchain::{Language, compiler, directory, headers, libraries, output, root};

const PRINTED: &str = "create: 0
create async: 0
own set: 0
own set async: 0
other's set: -1
other's set async: -1
other's get: -1
other's get async: -1
own get: 0
strict is true
own get async: 0
strict is false
matches: 1
";

/// Compiles the program, linked with these, and runs it.
fn run(name: &str, language: Language, linked: &[&str], library_directory: &Path) -> String {
    let program = directory(name).join("program");
    let mut link = compiler(language, &headers());
    link.arg(root().join("tests/c/both_libraries.c")).args(["-x", "none"]).arg("-o").arg(&program);
    output(link.args(linked));
    output(Command::new(program).env("LD_LIBRARY_PATH", library_directory))
}

#[test]
fn the_libraries_of_both_apis_in_one_process_reject_each_others_handles() {
    let directory = libraries();
    let shared = format!("-L{}", directory.display());
    for (name, kinds) in [
        ("both_c_a", ["-lpaho-mqtt3c", "-lpaho-mqtt3a"]),
        ("both_as_cs", ["-lpaho-mqtt3as", "-lpaho-mqtt3cs"]),
    ] {
        let linked = [&*shared, kinds[0], kinds[1], "-lpthread"];
        assert_eq!(run(name, Language::C("-std=c99"), &linked, directory), PRINTED);
        assert_eq!(run(name, Language::Cxx("-std=c++17"), &linked, directory), PRINTED);
    }
}

#[test]
fn both_static_libraries_in_one_program_do_the_same() {
    let [first, second] = ["libpaho-mqtt3c.a", "libpaho-mqtt3a.a"].map(|name| libraries().join(name));
    let linked = [first.to_str().unwrap(), second.to_str().unwrap(), "-lpthread", "-ldl", "-lm"];
    assert_eq!(run("both_static", Language::C("-std=c99"), &linked, libraries()), PRINTED);
}

#[test]
fn one_library_with_both_apis_does_the_same() {
    let library = library_path();
    let linked = [library.to_str().unwrap(), "-lpthread"];
    assert_eq!(run("both_in_one", Language::C("-std=c99"), &linked, library.parent().unwrap()), PRINTED);
}
