//! `make install`: the files are where they belong, and CMake projects find them.

#![allow(clippy::unwrap_used, reason = "a test ends by failing")]

mod abi_support;

use std::fs;
use std::path::Path;
use std::process::Command;

use abi_support::{directory, libraries, make, output, root};

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
    for header in fs::read_dir(abi_support::headers()).unwrap() {
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
