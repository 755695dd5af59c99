//! Turns cbindgen's C into the spelling that programs for the original were written for.
//!
//! Five things differ: enumerations (constants of an integer type in Rust, because C programs may put other
//! values into them), structures and unions without a name inside others, callback types (function types, not
//! pointers to functions), structures that have a tag, and functions that are only there with persistence.

use std::collections::HashMap;

use crate::layout::{indented, wrapped};

/// Enumerations: the tag, and what the names of all their constants begin with.
pub(crate) const ENUMERATIONS: [(&str, &str); 5] = [
    ("MQTTReasonCodes", "MQTTREASONCODE_"),
    ("MQTTPropertyCodes", "MQTTPROPERTY_CODE_"),
    ("MQTTPropertyTypes", "MQTTPROPERTY_TYPE_"),
    ("MQTTCLIENT_TRACE_LEVELS", "MQTTCLIENT_TRACE_"),
    ("MQTTASYNC_TRACE_LEVELS", "MQTTASYNC_TRACE_"),
];

/// The structures that have a tag besides the name of their type.
const TAGGED: [&str; 4] =
    ["MQTTResponse", "MQTTProperties", "MQTTSubscribe_options", "MQTTAsync_responseOptions"];

/// Structures and unions that have no name in C: they are written out where a member has their type.
const UNNAMED: [&str; 16] = [
    UNNAMED_MEMBER,
    "MQTTProperty_value",
    "MQTTClient_willOptions_payload",
    "MQTTClient_connectOptions_returned",
    "MQTTClient_connectOptions_binarypwd",
    "MQTTAsync_willOptions_payload",
    "MQTTAsync_connectData_binarypwd",
    "MQTTAsync_connectOptions_binarypwd",
    "MQTTAsync_successData_pub",
    "MQTTAsync_successData_connect",
    "MQTTAsync_successData_alt",
    "MQTTAsync_successData5_sub",
    "MQTTAsync_successData5_pub",
    "MQTTAsync_successData5_connect",
    "MQTTAsync_successData5_unsub",
    "MQTTAsync_successData5_alt",
];

/// The one of them whose member has no name either.
const UNNAMED_MEMBER: &str = "MQTTProperty_value_texts";

/// The callback types that are pointers to functions in C as well.
const POINTER_TYPES: &str = "Persistence_";

/// What begins the names of types from `MQTTClientPersistence.h`, which programs may leave out.
const OPTIONAL_TYPES: &str = "MQTTPersistence_";

/// What is known of the headers written so far.
#[derive(Default)]
pub(crate) struct Rewriter {
    function_types: Vec<String>,
    unnamed: HashMap<String, String>,
}

impl Rewriter {
    /// Rewrites the definitions of one header. Headers come before those that include them.
    pub(crate) fn rewrite(&mut self, text: &str) -> Result<String, String> {
        let items = text.split("\n\n").map(Item::parse).filter(|item| !item.code.is_empty());
        let (constants, others): (Vec<_>, Vec<_>) = items.partition(|item| item.enumeration().is_some());
        let mut written = Vec::new();
        for item in others {
            if let Some(tag) = between(&item.code, "typedef int enum ", ";") {
                written.push(enumeration(&item.comment, tag, &constants)?);
            } else if let Some(code) = self.definition(&item.code) {
                written.push(conditional(format!("{}{code}", item.comment)));
            }
        }
        Ok(written.join("\n\n"))
    }

    /// `None` if the definition is only to be written out elsewhere.
    fn definition(&mut self, code: &str) -> Option<String> {
        if code.starts_with("typedef struct {") || code.starts_with("typedef union {") {
            return self.structure(code);
        }
        match between(code, "(*", ")(") {
            Some(name) if code.starts_with("typedef ") && !name.starts_with(POINTER_TYPES) => {
                self.function_types.push(name.to_owned());
                Some(wrapped(&code.replace(&format!("(*{name})("), &format!("{name}("))))
            }
            _ => Some(wrapped(&self.with_pointers(code))),
        }
    }

    fn structure(&mut self, code: &str) -> Option<String> {
        let code = code.strip_prefix("typedef ")?;
        let (body, name) = code.rsplit_once("} ")?;
        let name = name.trim_end_matches(';');
        let body: Vec<_> = body.lines().map(|line| self.member(line)).collect();
        let body = body.join("\n");
        if UNNAMED.contains(&name) {
            self.unnamed.insert(name.to_owned(), format!("{body}\n}}"));
            return None;
        }
        let tagged =
            if TAGGED.contains(&name) { body.replacen(" {", &format!(" {name} {{"), 1) } else { body };
        Some(format!("typedef {tagged}\n}} {name};"))
    }

    /// One line of a structure: written out if its type has no name. Lines of comments stay as they are.
    fn member(&self, line: &str) -> String {
        let declaration = line.trim_start();
        if declaration.starts_with("/**") || declaration.starts_with('*') {
            return line.to_owned();
        }
        let margin = &line[..line.len() - declaration.len()];
        let found =
            declaration.split_once(' ').and_then(|(kind, rest)| Some((self.unnamed.get(kind)?, kind, rest)));
        match found {
            Some((body, UNNAMED_MEMBER, _)) => indented(&format!("{body};"), margin),
            Some((body, _, name)) => indented(&format!("{body} {name}"), margin),
            None => wrapped(&self.with_pointers(line)),
        }
    }

    /// Makes members and parameters pointers that have a callback type.
    fn with_pointers(&self, code: &str) -> String {
        self.function_types.iter().fold(code.to_owned(), |code, name| {
            let code = code.replace(&format!("({name} "), &format!("({name} *"));
            code.replace(&format!(" {name} "), &format!(" {name} *"))
        })
    }
}

/// Makes a function with an optional type conditional.
fn conditional(code: String) -> String {
    if code.contains("LIBMQTT_API") && code.contains(OPTIONAL_TYPES) {
        format!("#if !defined(NO_PERSISTENCE)\n{code}\n#endif")
    } else {
        code
    }
}

/// One definition with the comment in front of it.
struct Item {
    comment: String,
    code: String,
}

impl Item {
    fn parse(text: &str) -> Self {
        let text = shortened_comments(text.trim());
        let end = if text.starts_with("/**") { text.find("*/\n").map_or(0, |end| end + 3) } else { 0 };
        let (comment, code) = text.split_at(end);
        Item { comment: comment.to_owned(), code: code.to_owned() }
    }

    /// The enumeration that has this constant.
    fn enumeration(&self) -> Option<&'static str> {
        let name = self.code.strip_prefix("#define ")?;
        ENUMERATIONS.iter().find(|(_, prefix)| name.starts_with(prefix)).map(|(tag, _)| *tag)
    }
}

fn enumeration(comment: &str, tag: &str, constants: &[Item]) -> Result<String, String> {
    let mut lines = Vec::new();
    for item in constants.iter().filter(|item| item.enumeration() == Some(tag)) {
        let (name, value) =
            item.code["#define ".len()..].split_once(' ').ok_or(format!("no value: {}", item.code))?;
        lines.push(indented(&format!("{}{name} = {value}", item.comment), "  "));
    }
    if lines.is_empty() {
        Err(format!("enum {tag} has no constants"))
    } else {
        Ok(format!("{comment}enum {tag} {{\n{}\n}};", lines.join(",\n")))
    }
}

/// Puts comments of one line on one line.
fn shortened_comments(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let mut written = Vec::new();
    let mut rest = lines.as_slice();
    while let Some((first, after)) = rest.split_first() {
        match after {
            [middle, last, after @ ..] if first.trim() == "/**" && last.trim() == "*/" => {
                written.push(format!("{} {} */", first, middle.trim().trim_start_matches("* ")));
                rest = after;
            }
            _ => {
                written.push((*first).to_owned());
                rest = after;
            }
        }
    }
    written.join("\n")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
