//! Makes the public C headers from the Rust definitions: cbindgen writes what it can express, `rewrite` turns
//! that into the form that applications were written for, and the text blocks of `*.toml` are put around it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use cbindgen::{Builder, Config, DocumentationStyle, Language, Layout, SortKey, Style};

use crate::rewrite::{ENUMERATIONS, Rewriter};

/// One header and the places its definitions come from.
struct Header {
    name: &'static str,
    /// Files in the order a reader wants their functions in, and directories for all other files in them; relative
    /// to the crate.
    sources: &'static [&'static str],
}

const HEADERS: [Header; 7] = [
    Header { name: "MQTTExportDeclarations", sources: &[] },
    Header { name: "MQTTSubscribeOpts", sources: &["src/capi/shared/subscribe_options_abi.rs"] },
    Header {
        name: "MQTTReasonCodes",
        sources: &["src/capi/shared/reason_code_abi.rs", "src/capi/shared/reason_codes.rs"],
    },
    Header {
        name: "MQTTProperties",
        sources: &["src/capi/shared/property_abi.rs", "src/capi/shared/properties.rs"],
    },
    Header { name: "MQTTClientPersistence", sources: &["src/capi/shared/persistence_abi.rs"] },
    Header {
        name: "MQTTClient",
        sources: &[
            "src/capi/shared/version_abi.rs",
            "src/capi/client/abi.rs",
            "src/capi/client/create.rs",
            "src/capi/client/set_callbacks.rs",
            "src/capi/client/connect.rs",
            "src/capi/client/subscribe.rs",
            "src/capi/client/unsubscribe.rs",
            "src/capi/client/publish.rs",
            "src/capi/client/delivery.rs",
            "src/capi/client/receive.rs",
            "src/capi/client",
        ],
    },
    Header {
        name: "MQTTAsync",
        sources: &[
            "src/capi/shared/version_abi.rs",
            "src/capi/async_client/abi.rs",
            "src/capi/async_client/response_abi.rs",
            "src/capi/async_client/options_abi.rs",
            "src/capi/async_client/create.rs",
            "src/capi/async_client/set_callbacks.rs",
            "src/capi/async_client/persistence_hooks.rs",
            "src/capi/async_client/connect.rs",
            "src/capi/async_client/subscribe.rs",
            "src/capi/async_client/unsubscribe.rs",
            "src/capi/async_client/send.rs",
            "src/capi/async_client/tokens.rs",
            "src/capi/async_client",
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
        let text = header_text(&settings, &sources, &mut rewriter)?;
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
