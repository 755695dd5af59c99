//! Makes the public C headers from the Rust definitions: cbindgen writes what it can express, `rewrite` turns
//! that into the form that applications were written for, and the text blocks of `*.toml` are put around it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fs, io};

use cbindgen::{Builder, Config, DocumentationStyle, Language, Layout, SortKey, Style};

use crate::rewrite::{ENUMERATIONS, Rewriter};

/// One header and the places its definitions come from.
struct Header {
    name: &'static str,
    /// What `MQTTApi` and `MQTTAPI` become in it: names that both APIs have, each with a prefix of its own.
    prefixes: [&'static str; 2],
    /// Files in the order a reader wants their functions in, and directories for all other files in them; relative
    /// to the crate.
    sources: &'static [&'static str],
}

const NO_PREFIXES: [&str; 2] = [""; 2];

const HEADERS: [Header; 10] = [
    Header { name: "MQTTExportDeclarations", prefixes: NO_PREFIXES, sources: &[] },
    Header {
        name: "MQTTSubscribeOpts",
        prefixes: NO_PREFIXES,
        sources: &["src/capi/shared/subscriptions.rs"],
    },
    Header { name: "MQTTReasonCodes", prefixes: NO_PREFIXES, sources: &["src/capi/shared/reason_codes.rs"] },
    Header {
        name: "MQTTProperties",
        prefixes: NO_PREFIXES,
        sources: &["src/capi/shared/property_abi.rs", "src/capi/shared/properties.rs"],
    },
    Header {
        name: "MQTTClientPersistence",
        prefixes: NO_PREFIXES,
        sources: &["src/capi/shared/persistence_abi.rs"],
    },
    Header {
        name: "MQTTExt",
        prefixes: NO_PREFIXES,
        sources: &[
            "src/capi/shared/statistics_abi.rs",
            "src/capi/shared/authentication_abi.rs",
            "src/capi/shared/upgrade_abi.rs",
            "src/capi/shared/extension_codes.rs",
            "src/capi/shared/topics.rs",
        ],
    },
    Header {
        name: "MQTTClient",
        prefixes: ["MQTTClient", "MQTTCLIENT"],
        sources: &[
            "src/capi/shared/abi.rs",
            "src/capi/client/abi.rs",
            "src/capi/client/create.rs",
            "src/capi/client/set_callbacks.rs",
            "src/capi/client/connect.rs",
            "src/capi/client/subscribe.rs",
            "src/capi/client/unsubscribe.rs",
            "src/capi/client/publish.rs",
            "src/capi/client/delivery.rs",
            "src/capi/client/receive.rs",
            "src/capi/client/response.rs",
            "src/capi/shared/functions.rs",
            "src/capi/client",
        ],
    },
    Header {
        name: "MQTTAsync",
        prefixes: ["MQTTAsync", "MQTTASYNC"],
        sources: &[
            "src/capi/shared/abi.rs",
            "src/capi/async_client/abi.rs",
            "src/capi/async_client/response_abi.rs",
            "src/capi/async_client/options_abi.rs",
            "src/capi/async_client/create.rs",
            "src/capi/async_client/set_callbacks.rs",
            "src/capi/async_client/connect.rs",
            "src/capi/async_client/subscribe.rs",
            "src/capi/async_client/unsubscribe.rs",
            "src/capi/async_client/send.rs",
            "src/capi/async_client/tokens.rs",
            "src/capi/shared/functions.rs",
            "src/capi/async_client",
        ],
    },
    Header {
        name: "MQTTClientExt",
        prefixes: ["MQTTClient", "MQTTCLIENT"],
        sources: &["src/capi/shared/extensions.rs", "src/capi/shared/setters.rs"],
    },
    Header {
        name: "MQTTAsyncExt",
        prefixes: ["MQTTAsync", "MQTTASYNC"],
        sources: &[
            "src/capi/shared/extensions.rs",
            "src/capi/shared/setters.rs",
            "src/capi/async_client/extensions/event_loop.rs",
        ],
    },
];

/// Writes all headers into `directory`. Returns the files they depend on.
pub(crate) fn generate(root: &Path, directory: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    fs::create_dir_all(directory)?;
    let mut inputs = Vec::new();
    let mut rewriter = Rewriter::default();
    for header in &HEADERS {
        let settings = root.join("cbindgen").join(header.name).with_extension("toml");
        let sources = source_files(root, header)?;
        let stamped = stamped_files(&sources, header.prefixes, &directory.with_file_name(header.name))?;
        let text = header_text(&settings, &stamped, &mut rewriter)?;
        fs::write(directory.join(header.name).with_extension("h"), text)?;
        inputs.push(settings);
        inputs.extend(sources);
    }
    Ok(inputs)
}

fn source_files(root: &Path, header: &Header) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for source in header.sources {
        let path = root.join(source);
        if path.is_dir() {
            let mut found = fs::read_dir(path)?
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<Vec<_>, _>>()?;
            found.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
            // cbindgen follows the `mod` lines of a mod.rs, which would bring everything in a second time.
            found.retain(|path| !path.ends_with("mod.rs"));
            found.retain(|path| !files.contains(path));
            found.sort();
            files.extend(found);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// Copies of the files with the prefixes of one API, in a directory of their own.
fn stamped_files(files: &[PathBuf], prefixes: [&str; 2], directory: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(directory)?;
    let [prefix, constant_prefix] = prefixes;
    let stamped = files.iter().enumerate().map(|(number, file)| {
        let text = fs::read_to_string(file)?;
        let text = with_setters(&in_macro(&text).unwrap_or(text));
        let text = text.replace("MQTTApi", prefix).replace("MQTTAPI", constant_prefix);
        let copy = directory.join(format!("{number}.rs"));
        fs::write(&copy, text)?;
        Ok(copy)
    });
    stamped.collect()
}

/// The functions that a macro makes for each API: what is in it, without the dollar signs.
fn in_macro(text: &str) -> Option<String> {
    let (_, text) = text.split_once("macro_rules! functions {")?;
    let (_, text) = text.split_once(" => {\n")?;
    let (text, _) = text.split_once("\n    };\n")?;
    Some(text.replace('$', ""))
}

/// The functions that the macro `setters` makes, written out in the place of each call of it.
fn with_setters(text: &str) -> String {
    let mut calls = text.split("\nsetters! {\n");
    let mut written = calls.next().unwrap_or_default().to_owned();
    for call in calls {
        let (rows, behind) = call.split_once("\n}\n").unwrap_or((call, ""));
        let mut rows = rows.lines().map(str::trim);
        let head = rows.next().unwrap_or_default().trim_end_matches(';');
        let handle = head.split_once(", ").map_or("", |(_, handle)| handle);
        for row in rows {
            match row.split_once(") sets ").and_then(|(signature, _)| signature.split_once('(')) {
                Some((name, function)) => written.push_str(&format!(
                    "\n#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn {name}(handle: {handle}, context: *mut c_void, \
                     {function}) -> c_int {{}}\n"
                )),
                None => written.push_str(&format!("\n{row}")),
            }
        }
        written.push('\n');
        written.push_str(behind);
    }
    written
}

fn header_text(
    settings: &Path,
    sources: &[PathBuf],
    rewriter: &mut Rewriter,
) -> Result<String, Box<dyn Error>> {
    let mut config = Config::from_file(settings)?;
    let before = config.header.take().unwrap_or_default();
    let after = config.trailer.take().unwrap_or_default();
    apply_common_settings(&mut config);
    let builder =
        sources.iter().fold(Builder::new().with_config(config), |builder, source| builder.with_src(source));
    let mut generated = Vec::new();
    builder.generate()?.write(&mut generated);
    let body = rewriter.rewrite(&String::from_utf8(generated)?)?;
    let parts = [before.trim(), body.trim(), after.trim()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(format!("{}\n", parts.join("\n\n")))
}

fn apply_common_settings(config: &mut Config) {
    config.language = Language::C;
    config.style = Style::Type;
    config.no_includes = true;
    config.usize_is_size_t = true;
    config.documentation_style = DocumentationStyle::Doxy;
    config.function.args = Layout::Horizontal;
    config.sort_by = SortKey::None;
    config.function.sort_by = None;
    config.function.prefix = Some("LIBMQTT_API".to_owned());
    for name in ENUMERATIONS.map(|(name, _)| name) {
        config.export.rename.insert(name.to_owned(), format!("enum {name}"));
    }
}
