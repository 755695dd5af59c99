//! `make install`: the files are where they belong, and CMake projects find them. And what only optimized libraries show.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::tls::{Identity, Subject};
use crate::toolchain::{Language, compiler, directory, libraries, make, output, root};

#[test]
fn a_cmake_project_builds_with_the_installed_libraries() {
    let directory = directory("install");
    install(&directory);
    if Command::new("cmake").arg("--version").output().is_err() {
        not_checked("cmake is not installed");
        return;
    }
    let (source, build) = (directory.join("source"), directory.join("build"));
    fs::create_dir(&source).unwrap();
    let package = directory.join("root/opt/paho/lib/multiarch/cmake/eclipse-paho-mqtt-c");
    fs::write(source.join("CMakeLists.txt"), project(&package)).unwrap();
    output(Command::new("cmake").arg("-S").arg(&source).arg("-B").arg(&build));
    output(Command::new("cmake").arg("--build").arg(&build));
    for program in ["shared", "static", "async_shared", "async_static"] {
        let printed = output(&mut Command::new(build.join(program)));
        assert!(printed.contains("Version: 1.3.15\n"), "{printed}");
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

fn install(directory: &Path) {
    libraries();
    let root = directory.join("root");
    make(&[
        "install",
        &format!("DESTDIR={}", root.display()),
        "PREFIX=/opt/paho",
        "LIBDIR=/opt/paho/lib/multiarch",
    ]);
    let prefix = root.join("opt/paho");
    for header in fs::read_dir(crate::toolchain::headers()).unwrap() {
        assert!(prefix.join("include").join(header.unwrap().file_name()).is_file());
    }
    for name in ["libpaho-mqtt3c", "libpaho-mqtt3cs", "libpaho-mqtt3a", "libpaho-mqtt3as"] {
        for suffix in ["a", "so", "so.1", "so.1.3.15"] {
            assert!(
                prefix.join("lib/multiarch").join(format!("{name}.{suffix}")).is_file(),
                "{name}.{suffix}"
            );
        }
    }
}

/// Uses a shared and a static library, and asks for versions that it can and cannot have.
fn project(package: &Path) -> String {
    let (program, asynchronous) = (root().join("tests/c/uses_client.c"), root().join("tests/c/uses_async.c"));
    format!(
        "cmake_minimum_required(VERSION 3.5)\n\
         project(program C)\n\
         find_package(eclipse-paho-mqtt-c 2 QUIET NO_DEFAULT_PATH PATHS {1})\n\
         if(eclipse-paho-mqtt-c_FOUND)\n\
           message(FATAL_ERROR \"found a version that there is not\")\n\
         endif()\n\
         find_package(eclipse-paho-mqtt-c 1.3.8 REQUIRED NO_DEFAULT_PATH PATHS {1})\n\
         add_executable(shared {0})\n\
         target_link_libraries(shared eclipse-paho-mqtt-c::paho-mqtt3c)\n\
         add_executable(static {0})\n\
         target_link_libraries(static eclipse-paho-mqtt-c::paho-mqtt3cs-static)\n\
         add_executable(async_shared {2})\n\
         target_link_libraries(async_shared eclipse-paho-mqtt-c::paho-mqtt3a)\n\
         add_executable(async_static {2})\n\
         target_link_libraries(async_static eclipse-paho-mqtt-c::paho-mqtt3as-static)\n",
        program.display(),
        package.display(),
        asynchronous.display()
    )
}

#[allow(clippy::print_stderr, reason = "a test that checks nothing has to say so")]
fn not_checked(reason: &str) {
    eprintln!("\n*** NOT CHECKED: {reason} ***\n");
}
