//! The examples for other languages, where their runtimes are: messages of QoS 2 with callbacks.

use crate::support::library::library_path;
use crate::support::mosquitto::{Directory, Mosquitto};
use crate::support::program::{InPlaceOfOriginal, Running};
use crate::support::wait::LIMIT;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

fn directory(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(language)
}

/// Whether a command can be run and succeeds. Says so loudly if not.
fn is_there(what: &str, command: &mut Command) -> bool {
    let is_there = command.output().is_ok_and(|output| output.status.success());
    if !is_there {
        eprintln!("\n*** NOT CHECKED: this system has no {what} ***\n");
    }
    is_there
}

/// Runs an example for a language on the library under test.
#[track_caller]
fn check(language: &str, command: &mut Command) {
    let (broker, libraries) = (Mosquitto::start(), InPlaceOfOriginal::new());
    command.arg(broker.uri()).env_remove("PAHO_MQTT_LIBRARY");
    libraries.apply(command);
    // Runtimes take their time to start where other tests run.
    let ended = Running::start(command).wait(LIMIT * 3);
    assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}");
    let lines: String = (1..=3).map(|n| format!("example/{language} at QoS 2: message {n}\n")).collect();
    assert_eq!(ended.output, format!("{lines}3 messages are delivered\n"));
}

#[test]
fn python() {
    if is_there("Python", Command::new("python3").arg("--version")) {
        let mut command = Command::new("python3");
        check("python", command.arg("-B").arg(directory("python").join("example.py")));
    }
}

/// Functions that Paho C does not have, called without a header.
const EXTENSIONS: &str = r#"
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
print(library.MQTTExt_matches(b"house/+", b"house/kitchen"), library.MQTTExt_validateTopic(b"house/+"))
handle, reason = ctypes.c_void_p(), ctypes.create_string_buffer(100)
library.MQTTClient_create(ctypes.byref(handle), b"tcp://127.0.0.1:1", b"ffi", 1, None)
set_option = library.MQTTClientExt_setOption
set_option.argtypes = [ctypes.c_void_p] + [ctypes.c_char_p] * 3 + [ctypes.c_size_t]
print(set_option(handle, b"strict", b"true", reason, 100), set_option(handle, b"no", b"1", reason, 100), reason.value.decode())
library.MQTTClient_destroy(ctypes.byref(handle))
"#;

#[test]
fn python_calls_functions_that_paho_does_not_have() {
    if is_there("Python", Command::new("python3").arg("--version")) {
        let mut command = Command::new("python3");
        command.args(["-B", "-c", EXTENSIONS]).arg(library_path());
        let ended = Running::start(&mut command).wait(LIMIT * 3);
        assert!(ended.status.success() && ended.errors.is_empty(), "{ended:?}");
        assert_eq!(ended.output, "1 -42\n0 -45 there is no option no\n");
    }
}

#[test]
fn node() {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("build/languages/node_modules");
    let node = || {
        let mut command = Command::new("node");
        command.env("NODE_PATH", &modules);
        command
    };
    if is_there("Node.js with koffi (make node-modules)", node().args(["-e", "require('koffi')"])) {
        check("node", node().arg(directory("node").join("example.js")));
    }
}

#[test]
fn java() {
    let jna = Path::new("/usr/share/java/jna.jar");
    if !jna.exists() || !is_there("javac", Command::new("javac").arg("-version")) {
        eprintln!("\n*** NOT CHECKED: this system has no JDK with JNA (libjna-java) ***\n");
        return;
    }
    let classes = Directory::new("java-example");
    let mut javac = Command::new("javac");
    javac.args(["-Xlint:all", "-Werror", "-cp"]).arg(jna).arg("-d").arg(classes.path());
    javac.arg(directory("java").join("PahoMqtt.java")).arg(directory("java").join("Example.java"));
    let compiled = javac.output().unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stdout));
    let path = format!("{}:{}", jna.display(), classes.path().display());
    check("java", Command::new("java").args(["-cp", &path, "Example"]));
}

#[test]
fn go() {
    if !is_there("Go", Command::new("go").arg("version")) {
        return;
    }
    let (made, root) = (Directory::new("go-example"), Path::new(env!("CARGO_MANIFEST_DIR")));
    symlink(library_path(), made.join("libpaho-mqtt3c.so")).unwrap();
    let program = made.join("example");
    let mut go = Command::new("go");
    go.current_dir(directory("go")).args(["build", "-o"]).arg(&program).arg(".");
    go.env("GOPROXY", "off").env("GOFLAGS", "-mod=mod").env("CGO_ENABLED", "1");
    go.env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go"));
    go.env("CGO_CFLAGS", format!("-I{}", root.join("include").display()));
    go.env("CGO_LDFLAGS", format!("-L{}", made.path().display()));
    let built = go.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    // It was linked with the library's own name, beside which the test program lies.
    let mut command = Command::new(program);
    check("go", &mut command);
}
