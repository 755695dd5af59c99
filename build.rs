//! Facts about the build for the crate.

include!("build_level.rs");

fn main() {
    println!("cargo:rustc-env=PAHO_BUILD_LEVEL={}", build_level());
}
