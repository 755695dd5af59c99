//! The project as a whole: the crates that it is built of are those that `deny.toml` allows and `debian/copyright` names, a
//! release is made of what is committed, and a new machine is asked only for what is needed.

#![allow(clippy::unwrap_used, reason = "a test ends by failing")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The texts in double quotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).collect()
}

/// The texts of a list in `deny.toml`.
fn list<'a>(rules: &'a str, name: &str) -> Vec<&'a str> {
    let (_, rest) = rules.split_once(&format!("\n{name} = [")).unwrap();
    quoted(rest.split_once(']').unwrap().0)
}

/// The platform that is built on, as cargo names it.
fn host() -> String {
    let output = Command::new(env!("CARGO")).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// A crate and its licence, from the output of `cargo metadata`.
fn licences() -> Vec<(String, String)> {
    let mut cargo = Command::new(env!("CARGO"));
    // With all features it downloads the crates that nobody has built here; those of other platforms are not needed.
    cargo.args(["metadata", "--format-version", "1", "--locked", "--all-features"]);
    cargo.args(["--filter-platform", &host()]);
    let output = cargo.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let packages = text.split("{\"name\":").filter(|package| package.contains("\"license\":"));
    packages
        .map(|package| {
            let licence = package.split_once("\"license\":").unwrap().1;
            let licence = if licence.starts_with("null") { "" } else { quoted(licence)[0] };
            (quoted(package)[0].to_owned(), licence.to_owned())
        })
        .collect()
}

/// Whether one may choose a licence that is allowed. `MIT/Apache-2.0` is an old form of `MIT OR Apache-2.0`.
fn is_allowed(licence: &str, allowed: &[&str]) -> bool {
    let spaced = licence.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let result = any(&mut rest, allowed);
    rest.is_empty() && result
}

fn any(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut result = all(words, allowed);
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        result |= all(words, allowed);
    }
    result
}

fn all(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut result = one(words, allowed);
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        result &= one(words, allowed);
    }
    result
}

fn one(words: &mut &[&str], allowed: &[&str]) -> bool {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let result = any(words, allowed);
            *words = words.strip_prefix(&[")"]).unwrap_or(&["unbalanced"]);
            result
        }
        // An exception only adds to what is allowed.
        [licence, "WITH", _, rest @ ..] | [licence, rest @ ..] => {
            *words = rest;
            allowed.contains(licence)
        }
        [] => false,
    }
}

#[test]
fn expressions_of_licences_are_understood() {
    let allowed = ["MIT", "ISC"];
    for good in
        ["MIT", "GPL-3.0 OR MIT", "Apache-2.0/MIT", "(GPL-3.0 OR MIT) AND ISC", "MIT WITH X-exception"]
    {
        assert!(is_allowed(good, &allowed), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "(MIT", "MIT ISC"] {
        assert!(!is_allowed(bad, &allowed), "{bad}");
    }
}

#[test]
fn licences_are_those_that_are_allowed() {
    let rules = fs::read_to_string(root().join("deny.toml")).unwrap();
    let allowed = list(&rules, "allow");
    let exceptions = list(&rules, "exceptions");
    let [excepted, more] = exceptions[..] else { panic!("{exceptions:?}") };
    let crates = licences();
    assert!(crates.len() > 20, "{crates:?}");
    for (name, licence) in &crates {
        let mut allowed = allowed.clone();
        allowed.extend((name == excepted).then_some(more));
        assert!(is_allowed(licence, &allowed), "{name}: {licence:?}");
    }
    assert!(crates.iter().any(|(name, _)| name == excepted), "{excepted} is not used any more");
}

#[test]
fn crates_come_from_the_registry() {
    let rules = fs::read_to_string(root().join("deny.toml")).unwrap();
    let registry = format!("registry+{}", list(&rules, "allow-registry")[0]);
    for lock in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let text = fs::read_to_string(root().join(lock)).unwrap();
        let sources = text.lines().filter_map(|line| line.strip_prefix("source = "));
        for source in sources {
            assert_eq!(quoted(source), [registry.as_str()], "{lock}");
        }
    }
}

/// The crates in `debian/copyright`, with their licences as the file puts them.
fn copyrighted(copyright: &str) -> Vec<(&str, &str)> {
    let paragraphs = copyright.split("\n\nFiles: vendor/").skip(1);
    paragraphs
        .map(|paragraph| {
            let (name, rest) = paragraph.split_once("/*").unwrap();
            let licence = rest.split_once("\nLicense: ").unwrap().1;
            (name, licence.lines().next().unwrap())
        })
        .collect()
}

/// The names in an expression, in order.
fn licence_names(expression: &str) -> Vec<String> {
    let plain = expression.replace(['/', ',', '(', ')'], " ").replace("LLVM exception", "LLVM-exception");
    let words = plain.split_whitespace().map(str::to_lowercase);
    words.filter(|word| !["or", "and"].contains(&&**word)).collect()
}

/// `make copyright` renews it.
#[test]
fn the_copyright_of_the_packages_names_each_crate_and_its_licence() {
    let copyright = fs::read_to_string(root().join("debian/copyright")).unwrap();
    let listed = copyrighted(&copyright);
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let mut locked: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("name = ")).collect();
    locked.dedup();
    locked.retain(|name| *name != "\"paho-c-rs\"");
    let names: Vec<String> = listed.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    assert_eq!(names, locked);
    for (name, licence) in licences() {
        let stated = listed.iter().find(|(listed, _)| *listed == name);
        assert!(
            name == "paho-c-rs" || licence_names(stated.unwrap().1) == licence_names(&licence),
            "{name}: {licence}"
        );
    }
}

/// What `scripts/copyright.sh` prints for two versions of a crate in directories of these names.
fn copyright_of_crates_in(directories: [&str; 2]) -> String {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("copyright").join(directories.concat());
    let mut packages = Vec::new();
    for (name, version, holder) in [(directories[0], "0.3.4", "First"), (directories[1], "0.4.3", "Second")] {
        let path = base.join(name);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("LICENSE"), format!("Copyright 2020 {holder}\n")).unwrap();
        let rest = r#""id":"","license":"MIT","source":"registry","authors":[],"manifest_path""#;
        let manifest = path.join("Cargo.toml");
        packages
            .push(format!(r#"{{"name":"random","version":"{version}",{rest}:"{}"}}"#, manifest.display()));
    }
    fs::write(base.join("packages"), packages.join(",")).unwrap();
    let cargo = base.join("cargo");
    fs::write(&cargo, format!("#!/bin/sh\ncat '{}'\n", base.join("packages").display())).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(root().join("scripts/copyright.sh")).env("CARGO", cargo).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// In a source archive the newest version of a crate has the directory without a number.
#[test]
fn the_order_of_holders_depends_on_no_directory() {
    let copyright = copyright_of_crates_in(["random-0.3.4", "random-0.4.3"]);
    assert!(copyright.contains("\n 2020 First\n 2020 Second\n"), "{copyright}");
    assert_eq!(copyright_of_crates_in(["random-0.3.4", "random"]), copyright);
}

#[test]
fn the_packages_have_the_version_of_the_crate() {
    let changelog = fs::read_to_string(root().join("debian/changelog")).unwrap();
    assert!(changelog.starts_with(&format!("paho-c-rs ({})", env!("CARGO_PKG_VERSION"))), "{changelog}");
}

/// A project with the files of this one that a release is made of, committed.
struct Project(PathBuf);

impl Project {
    fn new(name: &str) -> Project {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("scripts")).unwrap();
        fs::create_dir(path.join("debian")).unwrap();
        for file in ["Cargo.toml", "Cargo.lock", "scripts/release.sh", "debian/changelog", "debian/control"] {
            fs::copy(root().join(file), path.join(file)).unwrap();
        }
        let changes = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.0.1] - 2026-01-01\n\n- Old.\n";
        fs::write(path.join("CHANGELOG.md"), changes).unwrap();
        fs::write(path.join(".gitignore"), "build/\n").unwrap();
        let project = Project(path);
        project.git(&["init", "-q"]);
        project.git(&["add", "-A"]);
        project.git(&["commit", "-q", "-m", "Begin"]);
        project
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.0).env_remove("MAKEFLAGS");
        for (name, value) in [("NAME", "test"), ("EMAIL", "test@example.org")] {
            command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
        }
        command
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = self.command("git").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// True: the release was made.
    fn release(&self, version: &str, checks: &str) -> bool {
        self.try_release(version, checks).status.success()
    }

    fn try_release(&self, version: &str, checks: &str) -> Output {
        let mut command = self.command("sh");
        command.args(["scripts/release.sh", version]).env("RELEASE_CHECKS", checks).output().unwrap()
    }
}

#[test]
fn a_release_has_version_changelog_tag_and_archive() {
    let project = Project::new("release");
    assert!(project.release("9.8.7", "true"));
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    assert_eq!(project.git(&["log", "-1", "--format=%s"]), "Release 9.8.7\n");
    let changed = project.git(&["show", "--format=", "--unified=0", "HEAD"]);
    let added: Vec<&str> =
        changed.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++")).collect();
    assert_eq!(added.iter().filter(|line| **line == "+version = \"9.8.7\"").count(), 2, "{added:?}");
    assert!(added.iter().any(|line| line.starts_with("+## [9.8.7] - 20")), "{added:?}");
    assert!(added.contains(&"+paho-c-rs (9.8.7) unstable; urgency=medium"), "{added:?}");
    assert_eq!(added.len(), 4 + 6, "{added:?}");
    let tag = project.git(&["tag", "-l", "--format=%(contents)", "v9.8.7"]);
    assert!(tag.contains("- A thing.") && !tag.contains("Old"), "{tag}");
    let archive = project.0.join("build/release/paho-c-rs-9.8.7.tar.gz");
    assert!(archive.exists());
    let sums = fs::read_to_string(project.0.join("build/release/SHA256SUMS")).unwrap();
    assert!(sums.contains("paho-c-rs-9.8.7.tar.gz"), "{sums}");
    assert!(!project.release("9.8.7", "true"), "the same version a second time");
    assert!(!project.release("9.8.8", "true"), "nothing is new");
}

#[test]
fn a_release_names_the_files_without_the_public_addresses() {
    let project = Project::new("addresses");
    for (version, file) in [("9.8.7", "Cargo.toml"), ("9.8.8", "debian/control"), ("9.8.9", "")] {
        let said = String::from_utf8(project.try_release(version, "false").stderr).unwrap();
        assert_eq!(said.contains("paho-c-rs.example"), !file.is_empty(), "{version}: {said}");
        assert!(said.contains(file), "{version}: {said}");
        if !file.is_empty() {
            replace_addresses(&project, file);
        }
    }
}

/// Puts public addresses into a file, and commits it.
fn replace_addresses(project: &Project, file: &str) {
    for name in [file, "debian/changelog"] {
        let text = fs::read_to_string(project.0.join(name)).unwrap();
        fs::write(project.0.join(name), text.replace("paho-c-rs.example", "example.org")).unwrap();
    }
    project.git(&["commit", "-q", "-a", "-m", "Set the addresses"]);
}

#[test]
fn without_green_checks_nothing_is_released() {
    let project = Project::new("no-release");
    assert!(!project.release("9.8.7", "false"));
    assert!(!project.release("9.8", "true"), "not a version");
    fs::write(project.0.join("new"), "").unwrap();
    assert!(!project.release("9.8.7", "true"), "not everything is committed");
    fs::remove_file(project.0.join("new")).unwrap();
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    assert_eq!(project.git(&["tag"]), "");
}

/// A new machine, as far as `scripts/setup.sh` looks for commands in PATH: there is `apt-get`, which notes that it was called.
struct NewMachine(PathBuf);

impl NewMachine {
    fn new(name: &str) -> NewMachine {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let directories = std::env::var_os("PATH").unwrap();
        for tool in ["awk", "cut", "dirname", "grep", "seq", "sh", "sort", "tr"] {
            let mut found = std::env::split_paths(&directories).map(|directory| directory.join(tool));
            symlink(found.find(|file| file.exists()).unwrap(), path.join(tool)).unwrap();
        }
        let machine = NewMachine(path);
        machine.add("apt-get", &format!("echo \"$@\" >>{}", machine.0.join("calls").display()));
        machine.add("id", "echo 1000");
        machine
    }

    fn add(&self, command: &str, script: &str) {
        let file = self.0.join(command);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Whether all is there that is needed, and what it printed.
    fn set_up(&self, arguments: &[&str]) -> (bool, String) {
        let mut setup = Command::new(root().join("scripts/setup.sh"));
        let output = setup.args(arguments).env("PATH", &self.0).output().unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    }

    fn has_called_the_package_manager(&self) -> bool {
        self.0.join("calls").exists()
    }
}

#[test]
fn without_rust_nothing_is_installed() {
    let machine = NewMachine::new("without-rust");
    machine.add("id", "echo 0");
    for (version, found) in [(None, "is not in PATH"), (Some("1.84.1"), "is 1.84.1")] {
        if let Some(version) = version {
            machine.add("cargo", &format!("echo cargo {version}"));
        }
        let (is_ready, said) = machine.set_up(&["demo"]);
        assert!(!is_ready && said.contains(&format!("Rust 1.85 or newer; cargo {found}.")), "{said}");
        assert_eq!(said.lines().count(), 2, "{said}");
    }
    assert!(!machine.has_called_the_package_manager());
}

#[test]
fn without_root_the_command_is_shown_and_the_demo_needs_nothing_of_the_tests() {
    let machine = NewMachine::new("without-root");
    machine.add("cargo", "echo cargo 1.85.0");
    let (is_ready, said) = machine.set_up(&["demo"]);
    assert!(!is_ready && said.contains("missing (demo): command cc"), "{said}");
    assert!(!said.contains("tests only"), "{said}");
    let command = "setup: run this as root:  apt-get install -y --no-install-recommends ";
    let packages = said.lines().find_map(|line| line.strip_prefix(command));
    let packages: Vec<&str> = packages.unwrap().split_whitespace().collect();
    let demo = ["gcc", "libc6-dev", "make", "mosquitto"];
    assert!(packages.contains(&"gcc") && packages.iter().all(|name| demo.contains(name)), "{packages:?}");
    assert!(!machine.has_called_the_package_manager());
}

/// Runs `scripts/test_each.sh` where cargo and rustup are those of a machine. What it says.
fn test_each(machine: &NewMachine, arguments: &[&str]) -> String {
    machine.add("cargo", &format!("echo '  Executable tests/a.rs ({}/program)'", machine.0.display()));
    let mut path = machine.0.clone().into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut script = Command::new(root().join("scripts/test_each.sh"));
    let output = script.args(arguments).env("PATH", path).env_remove("RUSTUP_TOOLCHAIN").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

#[test]
fn without_nextest_only_tests_of_a_name_are_run() {
    let machine = NewMachine::new("one-name");
    machine.add(
        "program",
        "case $* in *--ignored*) ;; *--list*) printf '%s: test\\n' a::one b::two a::three ;; esac",
    );
    machine.add("rustup", "echo own");
    assert!(
        test_each(&machine, &["--lib", "--", "a::t"]).ends_with("program a::three\n1 passed, 0 failed\n")
    );
    assert!(test_each(&machine, &["--lib"]).ends_with("3 passed, 0 failed\n"));
}

/// Else what a test builds is built by what a crate's own `rust-toolchain.toml` asks for, which would be installed first.
#[test]
fn without_nextest_tests_run_with_the_toolchain_of_cargo() {
    let machine = NewMachine::new("without-nextest");
    let list =
        "case $* in *--ignored*) ;; *--list*) echo 'one: test' ;; *) [ \"$RUSTUP_TOOLCHAIN\" = own ] ;; esac";
    machine.add("program", list);
    machine.add("rustup", "[ \"$*\" != 'show active-toolchain' ] || echo 'own (default)'");
    assert!(test_each(&machine, &[]).contains("1 passed, 0 failed"));
}
