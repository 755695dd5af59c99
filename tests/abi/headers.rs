//! The headers: the committed ones are the generated ones, and programs compile with them as with the original's.

use std::fs;
use std::path::{Path, PathBuf};

use crate::toolchain::{LANGUAGES, compiler, directory, headers, output, root};

const HEADERS: [&str; 10] = [
    "MQTTAsync.h",
    "MQTTAsyncExt.h",
    "MQTTClient.h",
    "MQTTClientExt.h",
    "MQTTClientPersistence.h",
    "MQTTExportDeclarations.h",
    "MQTTExt.h",
    "MQTTProperties.h",
    "MQTTReasonCodes.h",
    "MQTTSubscribeOpts.h",
];

#[test]
fn the_committed_headers_are_those_the_build_makes() {
    let generated = Path::new(env!("PAHO_GENERATED_HEADERS"));
    for header in HEADERS {
        let made = fs::read_to_string(generated.join(header)).unwrap();
        let committed = fs::read_to_string(headers().join(header)).unwrap();
        assert!(made == committed, "include/{header} is out of date: run `make headers` and commit it");
    }
    assert_eq!(fs::read_dir(headers()).unwrap().count(), HEADERS.len());
}

#[test]
fn every_header_stands_alone() {
    let directory = directory("alone");
    for header in HEADERS {
        let source = directory.join(header).with_extension("c");
        fs::write(&source, format!("#include \"{header}\"\n")).unwrap();
        compile_in_every_language(&source, &[]);
    }
}

#[test]
fn headers_go_together_in_any_order() {
    let directory = directory("order");
    for (index, first) in HEADERS.into_iter().enumerate() {
        let others = HEADERS.into_iter().filter(|header| *header != first);
        let forwards: String = others.clone().map(|header| format!("#include \"{header}\"\n")).collect();
        let backwards: String = others.rev().map(|header| format!("#include \"{header}\"\n")).collect();
        for (name, others) in [("forwards", forwards), ("backwards", backwards)] {
            let source = directory.join(format!("{name}{index}.c"));
            fs::write(&source, format!("#include \"{first}\"\n{others}#include \"{first}\"\n")).unwrap();
            compile_in_every_language(&source, &[]);
        }
    }
}

#[test]
fn every_type_initializer_and_function_is_usable() {
    for program in ["uses_client.c", "uses_async.c"] {
        compile_in_every_language(&root().join("tests/c").join(program), &[]);
    }
}

#[test]
fn functions_may_be_declared_for_import_and_export() {
    for definition in ["-DPAHO_MQTT_IMPORTS", "-DPAHO_MQTT_EXPORTS"] {
        compile_in_every_language(&root().join("tests/c/uses_client.c"), &[definition]);
    }
}

#[test]
fn without_persistence_its_header_stays_out() {
    let source = directory("no_persistence").join("program.c");
    let text = "#include \"MQTTAsync.h\"\n\
        #include \"MQTTClient.h\"\n\
        #if defined(MQTTCLIENTPERSISTENCE_H) || defined(MQTTCLIENT_PERSISTENCE_USER)\n\
        #error the header was included\n\
        #endif\n\
        int MQTTAsync_setBeforePersistenceWrite, MQTTAsync_setAfterPersistenceRead;\n\
        int persistence = MQTTCLIENT_PERSISTENCE_NONE;\n\
        #include \"MQTTClientPersistence.h\"\n";
    fs::write(&source, text).unwrap();
    compile_in_every_language(&source, &["-DNO_PERSISTENCE"]);
}

#[test]
fn programs_need_no_header_of_the_c_library_besides() {
    let source = directory("includes").join("program.c");
    let text = "#include \"MQTTClient.h\"\n\
        void print(FILE* file);\n\
        void print(FILE* file) { size_t size = 1; if (file != NULL) fprintf(file, \"%d\", (int)size); }\n\
        int64_t number;\n";
    fs::write(&source, text).unwrap();
    compile_in_every_language(&source, &[]);
}

/// The lines inside comments, with the numbers of their lines.
fn comment_lines(text: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        inside = inside || line.trim_start().starts_with("/**");
        if inside {
            lines.push((number + 1, line.trim_start()));
        }
        inside = inside && !line.ends_with("*/");
    }
    lines
}

#[test]
fn long_declarations_are_broken_and_long_comments_left_alone() {
    let comment = format!("   * a{} word, MQTTClient_published is no\n   * pointer here", " long".repeat(20));
    let typedefs = "typedef void (*MQTTClient_published)(void *context);";
    let code = format!("{typedefs}\n\ntypedef struct {{\n  /**\n{comment}\n   */\n  int member;\n}} Type;");
    let rewritten = crate::rewrite::Rewriter::default().rewrite(&code).unwrap();
    assert!(rewritten.contains(&format!("/**\n{comment}\n   */\n  int member;")), "{rewritten}");
}

#[test]
fn no_comment_is_torn() {
    for header in HEADERS {
        let text = fs::read_to_string(headers().join(header)).unwrap();
        for (number, line) in comment_lines(&text) {
            let is_whole = line.starts_with("/**") || line.starts_with('*');
            assert!(is_whole, "include/{header}:{number} is torn off: {line}");
        }
    }
}

/// A function of a header with the comment in front of it.
struct Function<'a> {
    comment: &'a str,
    declaration: &'a str,
}

fn functions(text: &str) -> Vec<Function<'_>> {
    let found = text.match_indices("\nLIBMQTT_API ").map(|(at, _)| {
        let (before, declaration) = text.split_at(at + 1);
        let comment = &before[before.rfind("/**").unwrap()..];
        Function { comment, declaration: &declaration[..declaration.find(';').unwrap()] }
    });
    found.collect()
}

impl Function<'_> {
    fn parameters(&self) -> Vec<&str> {
        let (_, list) = self.declaration.split_once('(').unwrap();
        let list = list.trim_end_matches(')').split(',').filter(|parameter| parameter.trim() != "void");
        list.map(|parameter| parameter.rsplit([' ', '*']).next().unwrap()).collect()
    }

    fn documented_parameters(&self) -> Vec<&str> {
        let lines = self.comment.split("@param ").skip(1);
        lines.map(|rest| rest.split_whitespace().next().unwrap()).collect()
    }
}

#[test]
fn every_function_documents_its_parameters_in_order_and_its_result() {
    let mut count = 0;
    for header in HEADERS {
        let text = fs::read_to_string(headers().join(header)).unwrap();
        for function in functions(&text) {
            count += 1;
            let Function { comment, declaration } = function;
            assert_eq!(function.documented_parameters(), function.parameters(), "{header}: {declaration}");
            let returns_memory = declaration.starts_with("LIBMQTT_API void *");
            let has_result = returns_memory || !declaration.starts_with("LIBMQTT_API void ");
            assert_eq!(comment.contains("@return"), has_result, "{header}: {declaration}");
        }
    }
    assert!(count > 70, "the headers were not understood: {count} functions");
}

#[test]
fn every_header_begins_with_an_introduction() {
    for header in HEADERS {
        let text = fs::read_to_string(headers().join(header)).unwrap();
        assert!(text.starts_with("/**\n * @file\n"), "{header}");
        let (introduction, _) = text.split_once("*/").unwrap();
        let has_example = introduction.contains("@code{.c}") && introduction.contains("int main(void)");
        assert!(has_example || header == "MQTTExportDeclarations.h", "{header} has no example");
    }
}

fn compile_in_every_language(source: &PathBuf, definitions: &[&str]) {
    for language in LANGUAGES {
        output(compiler(language, &headers()).args(definitions).arg("-fsyntax-only").arg(source));
    }
}
