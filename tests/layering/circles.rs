//! Circles among files that take names from each other.

use crate::modules::Modules;
use crate::{Source, report, sources};
use std::collections::{BTreeMap, BTreeSet};

/// How much of a module's path names a part of a layer, and a file.
const PARTS: usize = 2;
const FILES: usize = usize::MAX;

/// The files that each file takes names from.
pub(crate) type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The sets of nodes that reach each other, largest first.
pub(crate) fn circles(arrows: &Arrows) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        arrows.keys().map(|node| (node, reachable(arrows, node))).collect();
    let reaches = |from: &String, to: &String| reached.get(from).is_some_and(|found| found.contains(to));
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for node in arrows.keys().filter(|node| reaches(node, node)) {
        if found.iter().all(|circle| !circle.contains(node)) {
            let both_ways = arrows.keys().filter(|other| reaches(node, other) && reaches(other, node));
            found.push(both_ways.cloned().collect());
        }
    }
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}

fn reachable<'a>(arrows: &'a Arrows, from: &'a String) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(node) = waiting.pop() {
        let next = arrows.get(node).into_iter().flatten();
        waiting.extend(next.filter(|next| found.insert(*next)));
    }
    found
}

/// A circle in words: each of its arrows.
pub(crate) fn described(circle: &BTreeSet<String>, arrows: &Arrows) -> String {
    let mut lines = Vec::new();
    for node in circle {
        let inner = arrows.get(node).into_iter().flatten().filter(|next| circle.contains(*next));
        lines.extend(inner.map(|next| format!("{node} -> {next}")));
    }
    lines.join("\n    ")
}

fn modules(sources: &[Source]) -> Modules {
    Modules::new(sources.iter().map(|source| (&source.module[..], source.is_face(), &*source.text)))
}

/// The arrows within one layer. `depth`: how much of a module's path makes a part.
fn arrows(modules: &Modules, layer: &str, depth: usize) -> Arrows {
    let part = |path: &[String]| path.iter().take(depth).cloned().collect::<Vec<_>>().join("::");
    let mut arrows = Arrows::new();
    for path in modules.paths().filter(|path| path[0] == layer) {
        let own = part(path);
        let taken = modules
            .taken_by(path)
            .into_iter()
            .filter(|taken| taken.first().is_some_and(|first| first == layer));
        let taken: Vec<String> = taken.map(|taken| part(&taken)).filter(|taken| *taken != own).collect();
        arrows.entry(own).or_default().extend(taken);
    }
    arrows
}

/// What of the arrows is against the rule: no file, and no folder as a whole, takes names from one that takes names from it.
fn faults(modules: &Modules, layer: &str) -> Vec<String> {
    let mut found = Vec::new();
    for depth in [PARTS, FILES] {
        let arrows = arrows(modules, layer, depth);
        found.extend(circles(&arrows).iter().map(|circle| described(circle, &arrows)));
    }
    found
}

#[test]
fn no_files_take_names_from_each_other_in_a_circle() {
    let sources = sources();
    let modules = modules(&sources);
    let layers: BTreeSet<&String> = sources.iter().map(|source| &source.layer).collect();
    let found: Vec<String> = layers.into_iter().flat_map(|layer| faults(&modules, layer)).collect();
    report("circles", &found);
}

fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<Source> =
        files.iter().map(|(name, text)| Source::new(name, (*text).to_owned())).collect();
    faults(&modules(&sources), "layer")
}

/// `layer::a` takes a name from `layer::b`, which takes one from `layer::a` in the way of each case.
#[test]
fn planted_circles_are_found() {
    let face = "mod a;\nmod b;\nmod c;\npub use a::A;\npub(crate) use b::{self, B as Bee};\n";
    let ways = [
        "use super::A;",
        "use super::a::A;",
        "use super::{c, A};",
        "use crate::layer::A;",
        "use crate::layer::{c::C, a::{self}};",
        "use super::*;\nfn f(a: A) {}",
        "use super::a::*;\nfn f(a: A) {}",
        "fn f() { super::a::g() }",
        "use crate::layer;\nfn f() { layer::a::g() }",
        "impl super::A {}",
        "impl From<C> for crate::layer::A {}",
        "pub use super::A;",
    ];
    for way in ways {
        for other in
            ["use super::Bee;", "use super::b::B;", "fn f() { super::b::g() }", "impl super::Bee { }"]
        {
            let (a, b) = (format!("{other}\nstruct A;"), format!("{way}\nstruct B;"));
            let files = [
                ("src/layer/mod.rs", face),
                ("src/layer/a.rs", &a),
                ("src/layer/b.rs", &b),
                ("src/layer/c.rs", "pub struct C;"),
            ];
            let found = planted(&files);
            assert_eq!(found.first().map(String::as_str), Some(A_AND_B), "{way} {other}");
        }
    }
}

const A_AND_B: &str = "layer::a -> layer::b\n    layer::b -> layer::a";

#[test]
fn a_planted_circle_of_folders_is_found() {
    let files = [
        ("src/layer/mod.rs", "mod a; mod b;"),
        ("src/layer/a/mod.rs", "mod one; mod two; pub use two::Two;"),
        ("src/layer/a/one.rs", "use crate::layer::b::B;"),
        ("src/layer/a/two.rs", "pub struct Two;"),
        ("src/layer/b.rs", "use super::a::Two; pub struct B;"),
    ];
    assert_eq!(planted(&files), [A_AND_B]);
}

#[test]
fn what_makes_no_circle_is_not_found() {
    let files = [
        ("src/layer/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        (
            "src/layer/a.rs",
            "pub struct A; #[cfg(test)] mod tests { use super::super::B; fn f() { crate::layer::b::g() } }",
        ),
        (
            "src/layer/b.rs",
            "use super::A; /* super::c::C */ pub struct B; pub(in crate::layer) fn g() { \"super::b\" }",
        ),
        ("src/other/mod.rs", "use crate::layer::B;"),
    ];
    assert!(planted(&files).is_empty(), "{:?}", planted(&files));
}
