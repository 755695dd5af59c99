//! The Debian packages, as far as it shows without building them: their symbols compared with Debian's own, and how the libraries
//! are hardened.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::install::{install, library_directory};
use crate::toolchain::{directory, dynamic_entries, exported, libraries, output, root};

/// For each library the symbols of a list as `dpkg-gensymbols` makes it, and the first version with each.
type Lists = BTreeMap<String, BTreeMap<String, String>>;

fn symbol_lists(file: &Path) -> Lists {
    let text = fs::read_to_string(file).unwrap();
    let mut lists = Lists::new();
    let mut library = String::new();
    for line in text.lines() {
        if let Some(symbol) = line.strip_prefix(' ') {
            let (name, version) = symbol.split_once("@Base ").unwrap();
            let list = lists.get_mut(&library).unwrap();
            list.insert(name.to_owned(), version.to_owned());
        } else if line.starts_with("lib") {
            line.split(' ').next().unwrap().clone_into(&mut library);
            lists.insert(library.clone(), BTreeMap::new());
        }
    }
    lists
}

fn our_lists() -> Lists {
    symbol_lists(&root().join("debian/libpaho-mqtt-rs1.3.symbols"))
}

#[test]
fn the_package_lists_what_the_libraries_export() {
    let lists = our_lists();
    assert_eq!(lists.len(), 4);
    for (library, symbols) in lists {
        assert!(symbols.keys().eq(&exported(&libraries().join(&library))), "{library}");
    }
}

/// So programs that are compiled with Debian's packages, and those compiled with ours, get along with either.
#[test]
fn the_package_has_every_symbol_of_debians_since_the_same_version() {
    let installed = Path::new("/var/lib/dpkg/info").join("libpaho-mqtt1.3:amd64.symbols");
    if !installed.exists() {
        eprintln!("\n*** NOT CHECKED: Debian's package libpaho-mqtt1.3 is not installed ***\n");
        return;
    }
    let ours = our_lists();
    for (library, symbols) in symbol_lists(&installed) {
        for (symbol, version) in symbols {
            assert_eq!(ours[&library].get(&symbol), Some(&version), "{library}: {symbol}");
        }
    }
}

#[test]
fn the_version_that_the_package_provides_is_that_of_the_libraries() {
    let control = fs::read_to_string(root().join("debian/control")).unwrap();
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let version = makefile.lines().find_map(|line| line.strip_prefix("VERSION    := ")).unwrap();
    for package in ["libpaho-mqtt1.3", "libpaho-mqtt-dev", "paho.mqtt.c-examples"] {
        assert!(control.contains(&format!("{package} (= {version})")), "{package}");
    }
}

#[test]
fn the_libraries_are_hardened() {
    for library in our_lists().into_keys() {
        let path = libraries().join(library);
        let segments = output(Command::new("readelf").args(["--segments", "--wide"]).arg(&path));
        let flags = |name: &str| segments.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        assert!(flags("GNU_STACK").contains(" RW "), "{segments}");
        assert!(flags("GNU_RELRO").contains(" R "), "{segments}");
        assert!(dynamic_entries(&path, "FLAGS").concat().contains("BIND_NOW"), "{}", path.display());
        assert!(dynamic_entries(&path, "TEXTREL").is_empty(), "{}", path.display());
    }
}

/// The test that comes with the packages, on what `make install` has put into a prefix.
#[test]
fn the_test_of_the_packages_passes_with_an_installed_prefix() {
    let needs = [
        &["cmake", "--version"][..],
        &["pkg-config", "--exists", "libcrypto"],
        &["pkg-config", "--exists", "sqlite3"],
    ];
    let fails = |need: &&[&str]| {
        !Command::new(need[0]).args(&need[1..]).output().is_ok_and(|output| output.status.success())
    };
    if let Some(missing) = needs.into_iter().find(fails) {
        eprintln!("\n*** NOT CHECKED: {missing:?} does not succeed ***\n");
        return;
    }
    let (prefix, work) = (directory("package_prefix"), directory("package_test"));
    install(&prefix);
    let libraries = library_directory(&prefix);
    let path = format!("{}:{}", prefix.join("bin").display(), std::env::var("PATH").unwrap());
    let mut test = Command::new(root().join("debian/tests/programs"));
    test.env("AUTOPKGTEST_TMP", &work).env("PATH", path);
    test.env("PKG_CONFIG_PATH", libraries.join("pkgconfig")).env("CMAKE_PREFIX_PATH", &prefix);
    // Directories that environment variables name are those of the system for pkg-config, and come after them for the compiler.
    test.env("CC", format!("cc -I{} -L{}", prefix.join("include").display(), libraries.display()));
    test.env("LD_LIBRARY_PATH", &libraries);
    let printed = output(&mut test);
    assert!(printed.contains("Everything arrived as it should."), "{printed}");
    for way in ["plain", "static", "both", "cmake"] {
        assert!(printed.contains(&format!("uses-{way}-3as:\n")), "{way}: {printed}");
    }
}
