//! The layers that only compute: what they may name of the world is a list.

use crate::modules::Module;
use crate::tokens::{Token, tokens};
use crate::{report, sources};

/// Layers that only compute: what they are given decides what they do.
const PURE: [&str; 2] = ["protocol", "session"];

/// What they may take of the standard library: what needs no system.
const STANDARD: [&str; 9] = [
    "std::collections::BTreeMap",
    "std::collections::VecDeque",
    "std::error::Error",
    "std::fmt",
    "std::iter",
    "std::mem",
    "std::ops::Deref",
    "std::str",
    "std::sync::Arc",
];

/// Macros they may call besides their own; others print, stop the program or keep things for a thread.
const MACROS: [&str; 6] = ["assert", "concat", "debug_assert", "matches", "stringify", "vec"];

const PRIMITIVE_TYPES: [&str; 16] = [
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u16", "u32", "u64",
    "u8", "usize",
];

/// What a source names that a layer which only computes may not.
fn of_the_world(text: &str) -> Vec<String> {
    let module = Module::of(text);
    let mut found = Vec::new();
    let all = tokens(text);
    for word in ["unsafe", "extern", "static"] {
        let is_lifetime = |index: usize| index > 0 && all[index - 1] == Token::Sign('\'');
        if all.iter().enumerate().any(|(index, token)| token.is(word) && !is_lifetime(index)) {
            found.push(word.to_owned());
        }
    }
    let is_own = |name: &str| {
        module.definitions.contains(name) || module.imports.iter().any(|import| import.name == name)
    };
    for import in &module.imports {
        // `use rand;` brings in its own name.
        let brings_itself = import.path.len() == 1;
        if !is_allowed(&import.path) && (brings_itself || !is_own(&import.path[0])) {
            found.push(format!("use {}", import.path.join("::")));
        }
    }
    let paths = module.paths.iter().filter(|path| !is_allowed(path) && !is_own(&path[0]));
    found.extend(paths.map(|path| path.join("::")));
    let macros = module.macros.iter().filter(|name| !MACROS.contains(&name.as_str()) && !is_own(name));
    found.extend(macros.map(|name| format!("{name}!")));
    found
}

/// A path into this crate, to a type or the values of one, or to what is listed of the standard library.
fn is_allowed(path: &[String]) -> bool {
    match path[0].as_str() {
        "crate" | "self" | "super" => true,
        "std" | "core" | "alloc" => {
            let path = format!("std::{}", path[1..].join("::"));
            STANDARD.iter().any(|module| path == *module || path.starts_with(&format!("{module}::")))
        }
        // In attributes.
        "clippy" => true,
        first => first.starts_with(char::is_uppercase) || PRIMITIVE_TYPES.contains(&first),
    }
}

#[test]
fn pure_layers_keep_away_from_the_world() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.layer.as_str())) {
        found.extend(of_the_world(&source.text).iter().map(|what| format!("{}: {what}", source.name)));
    }
    report("the world in a pure layer", &found);
}

#[test]
fn what_is_planted_of_the_world_is_found() {
    let cases = [
        ("use std::sync::Mutex;", "use std::sync::Mutex"),
        ("use std::{fmt, sync::{Arc, Mutex}};", "use std::sync::Mutex"),
        ("use std::sync::*;", "use std::sync"),
        ("use std::sync as synchronous;", "use std::sync"),
        ("use std as world;", "use std"),
        ("use core::sync::atomic::AtomicU8;", "use core::sync::atomic::AtomicU8"),
        ("use rustix::time;", "use rustix::time"),
        ("use rustix;", "use rustix"),
        ("use ::rustix::time;", "use rustix::time"),
        ("use rustix as fmt;", "use rustix"),
        ("fn f() { rustix::time::clock_gettime() }", "rustix::time::clock_gettime"),
        ("fn f() { std::thread::yield_now() }", "std::thread::yield_now"),
        ("fn f(now: std::time::Instant) {}", "std::time::Instant"),
        ("use std::collections::HashMap;", "use std::collections::HashMap"),
        ("fn f() { println!(\"\") }", "println!"),
        ("fn f() { std::println!(\"\") }", "std::println!"),
        ("thread_local! { }", "thread_local!"),
        ("static COUNT: u32 = 0;", "static"),
        ("extern crate rustix;", "extern"),
        ("fn f() { unsafe { g() } }", "unsafe"),
    ];
    for (text, expected) in cases {
        let found = of_the_world(text);
        assert!(found.iter().any(|what| what == expected), "{text}: {found:?}");
    }
}

#[test]
fn what_a_pure_layer_may_name_is_not_found() {
    let text = "use std::collections::VecDeque; use core::fmt::{self, Write}; use super::a::b; use crate::protocol::*;
        use Kind::*; enum Kind { One }
        /// std::fs
        fn f(text: &'static str) { fmt::x(); b::c(); u8::from(true); Vec::new(); matches!(1, 1); \"std::fs\" }
        #[cfg(test)] mod tests { use std::thread; }";
    assert_eq!(of_the_world(text), [] as [&str; 0]);
}
