//! The headers: the committed ones are the generated ones, and programs compile with them as with the original's.

mod abi_support;

use std::fs;
use std::path::{Path, PathBuf};

use abi_support::{LANGUAGES, compiler, directory, headers, output, root};

const HEADERS: [&str; 7] = [
    "MQTTAsync.h",
    "MQTTClient.h",
    "MQTTClientPersistence.h",
    "MQTTExportDeclarations.h",
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

fn compile_in_every_language(source: &PathBuf, definitions: &[&str]) {
    for language in LANGUAGES {
        output(compiler(language, &headers()).args(definitions).arg("-fsyntax-only").arg(source));
    }
}
