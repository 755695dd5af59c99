//! Makes the C headers, and passes facts about the build to the crate and options for shared C libraries to the
//! linker.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

#[path = "cbindgen/headers.rs"]
mod headers;
#[path = "cbindgen/layout.rs"]
mod layout;
#[path = "cbindgen/rewrite.rs"]
mod rewrite;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

include!("build_level.rs");

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    make_headers(&root, &out.join("include"))?;
    println!("cargo:rustc-env=PAHO_BUILD_LEVEL={}", build_level());
    tell_about_openssl();
    choose_system_calls();
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        set_up_linker(&out)?;
    }
    Ok(())
}

/// `portable`: without the calls that only Linux has (`src/system`).
fn choose_system_calls() {
    println!("cargo:rustc-check-cfg=cfg(portable)");
    let is_linux =
        env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux" || system == "android");
    if !is_linux || env::var_os("CARGO_FEATURE_PORTABLE").is_some() {
        println!("cargo:rustc-cfg=portable");
    }
}

/// `openssl_engines`: this OpenSSL has engines. Version 4 has none, and others may be built without.
fn tell_about_openssl() {
    println!("cargo:rustc-check-cfg=cfg(openssl_engines)");
    let version = env::var("DEP_OPENSSL_VERSION_NUMBER").ok();
    let number = version.and_then(|text| u64::from_str_radix(&text, 16).ok()).unwrap_or(u64::MAX);
    let left_out = env::var("DEP_OPENSSL_CONF").is_ok_and(|list| list.contains("OPENSSL_NO_ENGINE"));
    if number < 0x4000_0000 && !left_out {
        println!("cargo:rustc-cfg=openssl_engines");
    }
}

/// Makes the headers again; those in `include/` are copies that a test compares with them (`make headers` copies).
fn make_headers(root: &Path, directory: &Path) -> Result<(), Box<dyn Error>> {
    let inputs = headers::generate(root, directory)?;
    println!("cargo:rustc-env=PAHO_GENERATED_HEADERS={}", directory.display());
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build_level.rs");
    println!("cargo:rerun-if-changed=cbindgen");
    println!("cargo:rerun-if-changed=src/capi");
    for input in inputs {
        println!("cargo:rerun-if-changed={}", input.display());
    }
    Ok(())
}

/// The shared library stays in memory once loaded, because its threads outlive dlclose(), and it needs no library
/// but libc: where the standard library asks for libgcc_s, the linker is given the static unwinder.
fn set_up_linker(out: &Path) -> Result<(), Box<dyn Error>> {
    let directory = out.join("unwinder");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("libgcc_s.so"), "/* GNU ld script */\nGROUP(-lgcc_eh -lgcc)\n")?;
    println!("cargo:rustc-cdylib-link-arg=-L{}", directory.display());
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    Ok(())
}
