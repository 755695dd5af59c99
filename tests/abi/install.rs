//! `make install`: what is installed where, and that CMake projects and pkg-config find it. And what only optimized libraries
//! show.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::tls::{Identity, Subject};
use crate::toolchain::{Language, compiler, directory, libraries, make, output, root};

/// Uses both APIs, and a function that both libraries have.
const BOTH: &str = r#"
#include <MQTTAsync.h>
#include <MQTTClient.h>
int main(void)
{
    MQTTClient client;
    MQTTAsync async;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty property = {MQTTPROPERTY_CODE_RECEIVE_MAXIMUM};
    if (MQTTProperties_add(&properties, &property) != 0)
        return 1;
    MQTTProperties_free(&properties);
    if (MQTTClient_create(&client, "ssl://127.0.0.1:1", "id", 1, NULL) != 0)
        return 2;
    if (MQTTAsync_create(&async, "ssl://127.0.0.1:1", "id", 1, NULL) != 0)
        return 3;
    MQTTClient_destroy(&client);
    MQTTAsync_destroy(&async);
    return 0;
}
"#;

#[test]
fn programs_build_with_what_pkg_config_says() {
    let directory = directory("pkg_config");
    let prefix = directory.join("prefix");
    let both = directory.join("both.c");
    install(&prefix);
    fs::write(&both, BOTH).unwrap();
    if Command::new("pkg-config").arg("--version").output().is_err() {
        not_checked("pkg-config is not installed");
        return;
    }
    let (client, asynchronous) = (root().join("tests/c/uses_client.c"), root().join("tests/c/uses_async.c"));
    let packages = [
        ("paho-mqtt3c", &client),
        ("paho-mqtt3cs", &client),
        ("paho-mqtt3a", &asynchronous),
        ("paho-mqtt3as", &asynchronous),
        ("paho-mqtt-c", &both),
    ];
    for (package, source) in packages {
        let program = directory.join(package);
        for kind in ["--shared", "--static"] {
            let mut link = Command::new("cc");
            link.arg(source).arg("-o").arg(&program);
            link.args(pkg_config(&prefix, package, kind == "--static"));
            output(link.arg(format!("-Wl,-rpath,{}", library_directory(&prefix).display())));
            output(Command::new(&program).env_remove("LD_LIBRARY_PATH"));
            let needed = crate::toolchain::dynamic_entries(&program, "NEEDED").concat();
            assert_eq!(needed.contains("libpaho"), kind == "--shared", "{package} {kind}: {needed}");
        }
    }
}

/// What it says; with the static libraries of ours named as files, since those of the system may not all be there.
fn pkg_config(prefix: &Path, package: &str, is_static: bool) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command.args(is_static.then_some("--static")).args(["--cflags", "--libs", package]);
    let said = output(command.env("PKG_CONFIG_PATH", library_directory(prefix).join("pkgconfig")));
    let names = said.split_whitespace().map(|word| match word.strip_prefix("-lpaho") {
        Some(name) if is_static => format!("-l:libpaho{name}.a"),
        _ => word.to_owned(),
    });
    names.collect()
}

#[test]
fn everything_is_installed_without_cargo_and_works_from_there() {
    let prefix = directory("installed").join("prefix");
    install(&prefix);
    let libraries = library_directory(&prefix);
    for name in ["libpaho-mqtt3c", "libpaho-mqtt3cs", "libpaho-mqtt3a", "libpaho-mqtt3as"] {
        for suffix in ["a", "so", "so.1", "so.1.3.15"] {
            assert!(libraries.join(format!("{name}.{suffix}")).is_file(), "{name}.{suffix}");
        }
        let sections = Command::new("readelf")
            .args(["--sections", "--wide"])
            .arg(libraries.join(format!("{name}.so")))
            .output();
        let sections = String::from_utf8(sections.unwrap().stdout).unwrap();
        assert!(sections.contains(".dynsym") && !sections.contains(".symtab"), "{sections}");
        assert!(!sections.contains(".debug"), "{sections}");
    }
    for header in fs::read_dir(crate::toolchain::headers()).unwrap() {
        assert!(prefix.join("include").join(header.unwrap().file_name()).is_file());
    }
    for document in ["README.md", "CHANGELOG.md", "COMPATIBILITY.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(prefix.join("share/doc/paho-c-rs").join(document).is_file(), "{document}");
    }
    assert_eq!(dead_links(&prefix.join("share/doc/paho-c-rs")), [""; 0]);
    for tool in ["paho_c_pub", "paho_c_sub", "paho_cs_pub", "paho_cs_sub", "MQTTVersion"] {
        assert!(prefix.join("share/man/man1").join(format!("{tool}.1")).is_file(), "{tool}");
        let path = prefix.join("bin").join(tool);
        let found = output(Command::new("ldd").arg(&path).env_remove("LD_LIBRARY_PATH"));
        let mut ours = found.lines().filter(|line| line.contains("libpaho"));
        assert!(ours.all(|line| line.contains(prefix.to_str().unwrap())), "{tool}: {found}");
    }
    let versions = output(Command::new(prefix.join("bin/MQTTVersion")).env_remove("LD_LIBRARY_PATH"));
    assert!(versions.contains("1.3.15") && !versions.contains("1.3.12"), "{versions}");
}

/// Links of documents to files that are not there.
fn dead_links(directory: &Path) -> Vec<String> {
    let documents =
        tree(directory).into_iter().filter(|path| path.extension().is_some_and(|end| end == "md"));
    let mut dead = Vec::new();
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            let file = link.0.split('#').next().unwrap();
            if !file.contains("://") && !document.with_file_name(file).exists() && !file.is_empty() {
                dead.push(format!("{}: {file}", document.display()));
            }
        }
    }
    dead
}

#[test]
fn uninstalling_leaves_what_was_there_before() {
    let root = directory("uninstall").join("root");
    let settings = [&*format!("DESTDIR={}", root.display()), "PREFIX=/opt/paho"];
    let foreign = [root.join("opt/paho/include/other.h"), root.join("opt/paho/share/man/man1/other.1")];
    for file in &foreign {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    }
    let before = tree(&root);
    libraries();
    for _ in 0..2 {
        make(&["install", "CARGO=not-there", settings[0], settings[1]]);
    }
    let installed = tree(&root);
    assert!(installed.len() > before.len() + 40);
    assert!(installed.contains(&root.join("opt/paho/share/man/man3/MQTTClient_publish.3")));
    make(&["uninstall", "CARGO=not-there", settings[0], settings[1]]);
    assert_eq!(tree(&root), before);
}

/// Files and directories below a directory.
fn tree(directory: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(tree(&path));
        }
        found.insert(path);
    }
    found
}

#[test]
fn no_directory_of_this_machine_is_named_in_the_libraries() {
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    for name in [Some(root().to_owned()), cargo].into_iter().flatten() {
        let mut search = Command::new("grep");
        search.arg("-rlFe").arg(&name).arg(libraries());
        let found = String::from_utf8(search.output().unwrap().stdout).unwrap();
        assert_eq!(found, "", "{} is named in", name.display());
    }
}

#[test]
fn relative_paths_lead_from_one_directory_to_the_other() {
    for (from, to, path) in [
        ("/usr/lib/cmake/paho", "/usr/include", "../../../include"),
        ("/usr/bin", "/usr/lib/x86_64-linux-gnu/", "../lib/x86_64-linux-gnu"),
        ("/opt//paho/./bin", "/opt/paho/bin/tools", "tools"),
        ("/ab", "/a", "../a"),
        ("/a/b", "/", "../.."),
        ("/a", "/a", "."),
    ] {
        let script = root().join("scripts/relative_path.sh");
        assert_eq!(output(Command::new(script).args([from, to])).trim_end(), path);
    }
}

#[test]
fn a_cmake_project_builds_with_the_installed_libraries() {
    let directory = directory("install");
    let prefix = directory.join("prefix");
    install(&prefix);
    let found = "find_package(eclipse-paho-mqtt-c 2 QUIET)\n\
         if(eclipse-paho-mqtt-c_FOUND)\n\
           message(FATAL_ERROR \"found a version that there is not\")\n\
         endif()\n\
         find_package(eclipse-paho-mqtt-c 1.3.8 REQUIRED)\n";
    builds_with_cmake(&directory, found, &format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
}

#[test]
fn a_cmake_project_builds_with_this_one_as_a_part() {
    let dist = libraries().parent().unwrap();
    let part = format!("add_subdirectory({} paho)\n", root().display());
    builds_with_cmake(&directory("part"), &part, &format!("-DPAHO_C_RS_DIST={}", dist.display()));
}

/// `getting` is how the project gets the eight targets. Each of them is linked, and the program runs.
fn builds_with_cmake(directory: &Path, getting: &str, setting: &str) {
    if Command::new("cmake").arg("--version").output().is_err() {
        not_checked("cmake is not installed");
        return;
    }
    let (source, build) = (directory.join("source"), directory.join("build"));
    fs::create_dir(&source).unwrap();
    fs::write(source.join("CMakeLists.txt"), project(getting)).unwrap();
    output(Command::new("cmake").arg("-S").arg(&source).arg("-B").arg(&build).arg(setting));
    output(Command::new("cmake").arg("--build").arg(&build));
    for library in ["3c", "3cs", "3a", "3as"] {
        for suffix in ["", "-static"] {
            let printed = output(&mut Command::new(build.join(format!("uses-{library}{suffix}"))));
            assert!(printed.contains("Version: 1.3.15\n"), "{printed}");
        }
    }
}

/// Another library in Rust, with a panic of its own.
const OTHER: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn other_rust(number: i32) -> i32 {
    let work = move || std::panic::catch_unwind(|| panic!("inner")).is_err() as i32 + number;
    std::thread::spawn(work).join().unwrap()
}
"#;

/// Connects in vain, which makes the library unwind and start a client, between calls of the other library.
const PROGRAM: &str = r#"
#include <MQTTClient.h>
int other_rust(int);
int main(void)
{
    MQTTClient client;
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    if (other_rust(1) != 2 || MQTTClient_create(&client, "tcp://127.0.0.1:1", "id", 1, NULL) != 0)
        return 1;
    if (MQTTClient_connect(client, &options) != -1)
        return 2;
    MQTTClient_destroy(&client);
    return other_rust(2) == 3 ? 0 : 3;
}
"#;

#[test]
fn the_static_library_goes_with_other_rust_libraries_in_any_order() {
    let directory = directory("static");
    let [other, program, source] = ["other.rs", "program", "program.c"].map(|name| directory.join(name));
    fs::write(&other, OTHER).unwrap();
    fs::write(&source, PROGRAM).unwrap();
    let archive = directory.join("libother.a");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut compiler = Command::new(rustc);
    compiler.args(["--edition", "2024", "--crate-type", "staticlib", "-O", "-o"]).arg(&archive).arg(&other);
    output(&mut compiler);
    let ours = libraries().join("libpaho-mqtt3c.a");
    for linker in ["bfd", "gold", "lld"] {
        if Command::new(format!("ld.{linker}")).arg("--version").output().is_err() {
            not_checked(&format!("ld.{linker} is not installed"));
            continue;
        }
        for mode in ["-pie", "-no-pie"] {
            for order in [[&archive, &ours], [&ours, &archive]] {
                let mut compiler = Command::new("cc");
                compiler
                    .args(["-fPIE", mode, &format!("-fuse-ld={linker}"), "-o"])
                    .arg(&program)
                    .arg(&source);
                compiler.arg("-I").arg(crate::toolchain::headers()).args(order).args([
                    "-lpthread",
                    "-ldl",
                    "-lm",
                ]);
                output(&mut compiler);
                output(&mut Command::new(&program));
            }
        }
    }
}

/// OpenSSL needs most of such a stack; libraries without optimization would need more than there is.
#[test]
fn every_call_gets_along_with_a_stack_of_16_kib() {
    let directory = directory("small_stack");
    let store = directory.join("store");
    fs::create_dir(&store).unwrap();
    let files = Directory::new("small-stack");
    let (certificate, key) =
        Identity::self_signed(&Subject::addressed(&["127.0.0.1"])).save(&files, "server");
    let encrypted = format!("certfile {certificate}\nkeyfile {key}");
    let web_socket = "protocol websockets";
    let (plain, tls) = Mosquitto::start_with_listener(|_| encrypted.clone());
    let (_broker, ws) = Mosquitto::start_with_listener(|_| web_socket.to_owned());
    let (_other, wss) = Mosquitto::start_with_listener(|_| format!("{web_socket}\n{encrypted}"));
    let uris =
        [("tcp", plain.port(), ""), ("ssl", tls, &*certificate), ("ws", ws, ""), ("wss", wss, &*certificate)];
    for (interface, library) in [("sync", "paho-mqtt3cs"), ("async", "paho-mqtt3as")] {
        let program = directory.join(interface);
        let mut command = compiler(Language::C("-std=gnu11"), &crate::toolchain::headers());
        command.arg(root().join(format!("tests/c/small_stack_{interface}.c"))).arg("-o").arg(&program);
        command.arg("-L").arg(libraries()).arg(format!("-l{library}"));
        output(command.arg(format!("-Wl,-rpath,{}", libraries().display())));
        for (scheme, port, authority) in uris {
            let uri = format!("{scheme}://127.0.0.1:{port}");
            output(
                Command::new(&program).arg(format!("small-{interface}")).args([&*uri, authority]).arg(&store),
            );
        }
    }
}

/// Without cargo, which `sudo` often drops from PATH. The libraries and tools are there already.
pub(crate) fn install(prefix: &Path) {
    libraries();
    make(&["install", "CARGO=not-there", &format!("PREFIX={}", prefix.display())]);
}

/// Below `lib`, in a directory for the processor where the system has such.
pub(crate) fn library_directory(prefix: &Path) -> PathBuf {
    let all = tree(prefix);
    let library = all.iter().find(|path| path.ends_with("libpaho-mqtt3c.so")).unwrap();
    library.parent().unwrap().to_owned()
}

/// Uses each library.
fn project(getting: &str) -> String {
    let (program, asynchronous) = (root().join("tests/c/uses_client.c"), root().join("tests/c/uses_async.c"));
    format!(
        "cmake_minimum_required(VERSION 3.5)\n\
         project(program C)\n\
         {getting}\
         foreach(kind 3c 3cs 3c-static 3cs-static)\n\
           add_executable(uses-${{kind}} {})\n\
           target_link_libraries(uses-${{kind}} eclipse-paho-mqtt-c::paho-mqtt${{kind}})\n\
         endforeach()\n\
         foreach(kind 3a 3as 3a-static 3as-static)\n\
           add_executable(uses-${{kind}} {})\n\
           target_link_libraries(uses-${{kind}} eclipse-paho-mqtt-c::paho-mqtt${{kind}})\n\
         endforeach()\n",
        program.display(),
        asynchronous.display()
    )
}

#[allow(clippy::print_stderr, reason = "a test that checks nothing has to say so")]
fn not_checked(reason: &str) {
    eprintln!("\n*** NOT CHECKED: {reason} ***\n");
}
