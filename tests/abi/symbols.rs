//! The made libraries: what they export, what they need, and that programs can be linked with them.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::library::debian_library;
use crate::toolchain::{
    Language, compiler, directory, dynamic_entries, exported, global, headers, libraries,
    original_is_installed, output, root,
};

/// A library and what is particular to it.
struct Library {
    name: &'static str,
    /// The list of what it exports.
    list: &'static str,
    /// Functions that came after 1.3.12.
    newer: &'static [&'static str],
    /// The text by which tools find the version.
    version: &'static str,
    /// The program in `tests/c` that uses all of it, and how many functions it counts.
    program: &'static str,
    counted: &'static str,
}

const fn synchronous(name: &'static str) -> Library {
    Library {
        name,
        list: "sync",
        newer: &["MQTTClient_malloc"],
        version: "MQTTClientV3_Version 1.3.15",
        program: "uses_client.c",
        counted: "37 functions, 13 shared\n",
    }
}

const fn asynchronous(name: &'static str) -> Library {
    Library {
        name,
        list: "async",
        newer: &[],
        version: "MQTTAsyncV3_Version 1.3.15",
        program: "uses_async.c",
        counted: "33 functions, 13 shared\n",
    }
}

const LIBRARIES: [Library; 4] = [
    synchronous("libpaho-mqtt3c"),
    synchronous("libpaho-mqtt3cs"),
    asynchronous("libpaho-mqtt3a"),
    asynchronous("libpaho-mqtt3as"),
];

/// Functions whose names got a prefix after 1.3.12. Ours have both names, each original has one.
const RENAMED: [&str; 5] =
    ["Thread_create_mutex", "Thread_getid", "Thread_lock_mutex", "Thread_start", "Thread_unlock_mutex"];
const PREFIX: &str = "Paho_t";

/// A function that only the original's static libraries have.
const STATIC_ONLY: &str = "MQTTProperties_len";

#[test]
fn each_library_exports_its_functions_and_nothing_else() {
    for Library { name, list, .. } in LIBRARIES {
        let listed = listed_symbols(list);
        assert_eq!(exported(&shared(name)), listed, "{name}.so");
        assert_eq!(global(&libraries().join(name).with_extension("a")), listed, "{name}.a");
    }
}

#[test]
fn the_library_of_a_plain_build_exports_the_same() {
    let mut expected = BTreeSet::new();
    if cfg!(feature = "sync-api") {
        expected.extend(listed_symbols("sync"));
    }
    if cfg!(feature = "async-api") {
        expected.extend(listed_symbols("async"));
    }
    let library = plain_library();
    assert_eq!(exported(&library), expected);
    assert_eq!(needed(&library), needs(cfg!(feature = "tls")));
    assert!(flags(&library).contains("NODELETE"));
}

#[test]
fn everything_the_original_exports_is_there() {
    if !original_is_installed() {
        return;
    }
    for Library { name, list, newer, .. } in LIBRARIES {
        let original = exported(&debian_library(name).with_extension("so.1"));
        let listed = listed_symbols(list);
        assert_eq!(original.difference(&listed).next(), None, "{name}");
        let added: BTreeSet<_> = listed.difference(&original).cloned().collect();
        let mut expected = additions(newer, original.contains("Paho_thread_start"));
        expected.extend(own_functions(list));
        assert_eq!(added, expected, "{name}");
    }
}

/// The functions of the headers that the original does not have.
fn own_functions(list: &str) -> BTreeSet<String> {
    let of_the_api = if list == "sync" { "MQTTClientExt.h" } else { "MQTTAsyncExt.h" };
    let functions: BTreeSet<_> = ["MQTTExt.h", of_the_api].into_iter().flat_map(declared).collect();
    assert!(functions.len() > 5, "{functions:?}");
    functions
}

/// The names of the functions that a header declares.
fn declared(header: &str) -> Vec<String> {
    let text = fs::read_to_string(headers().join(header)).unwrap();
    let declarations = text.split("\nLIBMQTT_API ").skip(1);
    declarations
        .map(|rest| {
            let (before, _) = rest.split_once('(').unwrap();
            before.rsplit([' ', '*']).next().unwrap().to_owned()
        })
        .collect()
}

/// What ours export and an original, 1.3.12 or one after it, does not.
fn additions(newer: &[&str], is_after_1_3_12: bool) -> BTreeSet<String> {
    let mut additions = BTreeSet::from([STATIC_ONLY.to_owned()]);
    if is_after_1_3_12 {
        additions.extend(RENAMED.map(str::to_owned));
    } else {
        additions.extend(newer.iter().map(|&name| name.to_owned()));
        additions.extend(RENAMED.map(|name| name.replacen('T', PREFIX, 1)));
    }
    additions
}

#[test]
fn every_exported_function_of_a_header_is_declared_there() {
    let headers: String = [
        "MQTTAsync.h",
        "MQTTAsyncExt.h",
        "MQTTClient.h",
        "MQTTClientExt.h",
        "MQTTExt.h",
        "MQTTProperties.h",
        "MQTTReasonCodes.h",
    ]
    .map(|header| fs::read_to_string(headers().join(header)).unwrap())
    .concat();
    let symbols = listed_symbols("sync").into_iter().chain(listed_symbols("async"));
    for symbol in symbols.filter(|symbol| symbol.starts_with("MQTT")) {
        assert!(headers.contains(&format!("{symbol}(")), "{symbol} is not declared");
    }
}

#[test]
fn the_libraries_have_the_names_programs_look_for() {
    for Library { name, .. } in LIBRARIES {
        assert_eq!(dynamic_entries(&shared(name), "SONAME"), [format!("{name}.so.1")]);
        let link = |from: &str| fs::read_link(libraries().join(from)).unwrap();
        assert_eq!(link(&format!("{name}.so")), PathBuf::from(format!("{name}.so.1")));
        assert_eq!(link(&format!("{name}.so.1")), PathBuf::from(format!("{name}.so.1.3.15")));
    }
}

#[test]
fn the_libraries_need_libc_and_those_with_tls_openssl_and_stay_loaded() {
    for Library { name, .. } in LIBRARIES {
        assert_eq!(needed(&shared(name)), needs(has_tls(name)), "{name}");
        assert!(flags(&shared(name)).contains("NODELETE"), "{name}");
    }
}

#[test]
fn the_libraries_tell_their_version_to_programs_that_search_the_file() {
    for Library { name, version, .. } in LIBRARIES {
        let bytes = fs::read(shared(name)).unwrap();
        assert!(bytes.windows(version.len()).any(|window| window == version.as_bytes()), "{name}");
    }
}

#[test]
fn programs_link_with_the_shared_libraries() {
    for Library { name, program: source, counted, .. } in LIBRARIES {
        let library = name.strip_prefix("lib").unwrap();
        let program = directory(&format!("shared_{library}")).join("program");
        let mut link = compiler(Language::C("-std=c99"), &headers());
        link.arg(path_of(source))
            .arg("-o")
            .arg(&program)
            .arg("-L")
            .arg(libraries())
            .arg(format!("-l{library}"));
        output(&mut link);
        assert_eq!(dynamic_entries(&program, "NEEDED")[0], format!("{name}.so.1"));
        check(&output(Command::new(program).env("LD_LIBRARY_PATH", libraries())), counted);
    }
}

#[test]
fn programs_link_with_the_static_libraries() {
    for Library { name, program: source, counted, .. } in LIBRARIES {
        for language in [Language::C("-std=c99"), Language::Cxx("-std=c++17")] {
            let program = directory(&format!("static_{name}_{language:?}")).join("program");
            let mut link = compiler(language, &headers());
            link.arg(path_of(source)).args(["-x", "none"]).arg(libraries().join(name).with_extension("a"));
            if has_tls(name) {
                link.args(["-lssl", "-lcrypto"]);
            }
            output(link.args(["-lpthread", "-ldl", "-lm"]).arg("-o").arg(&program));
            check(&output(&mut Command::new(program)), counted);
        }
    }
}

fn check(printed: &str, counted: &str) {
    assert!(printed.contains("Version: 1.3.15\n"), "{printed}");
    assert!(printed.contains(counted), "{printed}");
}

/// The libraries that ours may need.
fn needs(tls: bool) -> BTreeSet<&'static str> {
    let openssl: &[&str] = if tls { &["libcrypto", "libssl"] } else { &[] };
    openssl.iter().copied().chain(["libc"]).collect()
}

fn has_tls(name: &str) -> bool {
    name.ends_with("cs") || name.ends_with("as")
}

fn path_of(program: &str) -> PathBuf {
    root().join("tests/c").join(program)
}

fn shared(name: &str) -> PathBuf {
    libraries().join(format!("{name}.so.1.3.15"))
}

/// What `cargo` has built for this test.
fn plain_library() -> PathBuf {
    let program = env::current_exe().unwrap();
    program.with_file_name("libpaho_c_rs.so")
}

fn listed_symbols(list: &str) -> BTreeSet<String> {
    let path = root().join("exports").join(list).with_extension("symbols");
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// The libraries a library needs, without versions. The dynamic linker itself counts as libc, which it is part of.
fn needed(library: &Path) -> BTreeSet<&'static str> {
    let entries = dynamic_entries(library, "NEEDED");
    let names = entries.into_iter().map(|name| match name.as_str() {
        name if name.starts_with("libc.so.") || name.starts_with("ld-linux") => "libc",
        name if name.starts_with("libssl.so.") => "libssl",
        name if name.starts_with("libcrypto.so.") => "libcrypto",
        _ => panic!("{} needs {name}", library.display()),
    });
    names.collect()
}

fn flags(library: &Path) -> String {
    dynamic_entries(library, "FLAGS_1").concat()
}
