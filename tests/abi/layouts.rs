//! What a compiled program takes from the headers is the same with ours and with the original's.

use std::path::Path;
use std::process::Command;

use crate::toolchain::{Language, compiler, directory, headers, original_is_installed, output, root};

#[test]
fn sizes_offsets_and_initializers_are_those_of_the_original() {
    compare("layout");
}

#[test]
fn constants_are_those_of_the_original() {
    compare("constants");
}

#[test]
fn names_that_are_newer_than_the_installed_original_have_the_values_of_the_specification() {
    let directory = directory("newer_constants");
    let source = directory.join("newer.c");
    let text = "#include \"MQTTProperties.h\"\n\
        _Static_assert(MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFIER == 18, \"client identifier\");\n";
    std::fs::write(&source, text).unwrap();
    let mut command = compiler(Language::C("-std=c11"), &headers());
    output(command.arg("-fsyntax-only").arg(source));
}

/// What `src/system` takes for granted of the C library of this system; for others `scripts/build_for_system.sh` compiles it.
#[test]
fn constants_of_the_system_are_those_that_the_library_uses() {
    let mut command = compiler(Language::C("-std=gnu11"), &headers());
    output(command.arg("-fsyntax-only").arg(root().join("tests/c/system_constants.c")));
}

fn compare(program: &str) {
    if !original_is_installed() {
        return;
    }
    let ours = printed(program, &headers(), "ours");
    let theirs = printed(program, Path::new(crate::toolchain::ORIGINAL_HEADERS), "original");
    assert!(ours.lines().count() > 100, "too little was compared: {ours}");
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours, theirs);
}

/// What a program says that was compiled with these headers.
fn printed(program: &str, headers: &Path, whose: &str) -> String {
    let executable = directory(&format!("{program}_{whose}")).join(program);
    let source = root().join("tests/c").join(program).with_extension("c");
    output(compiler(Language::C("-std=c11"), headers).arg(source).arg("-o").arg(&executable));
    output(&mut Command::new(executable))
}
