//! Which library this is: product, version and build level, for programs, for the log, and for tools that
//! search the file for them.

use core::ffi::CStr;

/// One of the two APIs, which say different product names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// `MQTTClient_*`
    Synchronous,
    /// `MQTTAsync_*`
    Asynchronous,
}

impl Product {
    /// Whose name the log carries. The library with both APIs shows the first.
    pub const OF_THIS_BUILD: Self = if cfg!(feature = "async-api") && !cfg!(feature = "sync-api") {
        Self::Asynchronous
    } else {
        Self::Synchronous
    };
}

/// Names and values in the order programs know. All texts are static.
pub fn entries(product: Product) -> Vec<(&'static CStr, &'static CStr)> {
    let (name, version, build_level) = match product {
        Product::Synchronous => {
            (c"Eclipse Paho Synchronous MQTT C Client Library", client::version(), client::build_level())
        }
        Product::Asynchronous => (
            c"Eclipse Paho Asynchronous MQTT C Client Library",
            async_client::version(),
            async_client::build_level(),
        ),
    };
    let library = [(c"Product name", name), (c"Version", version), (c"Build level", build_level)];
    library.into_iter().chain(tls_entries()).collect()
}

#[cfg(not(feature = "tls"))]
fn tls_entries() -> [(&'static CStr, &'static CStr); 0] {
    []
}

/// What the OpenSSL that was loaded says of itself.
#[cfg(feature = "tls")]
fn tls_entries() -> [(&'static CStr, &'static CStr); 5] {
    use std::ffi::CString;
    use std::sync::OnceLock;
    static TEXTS: OnceLock<[CString; 5]> = OnceLock::new();
    let made = || crate::transport::tls_version().map(|text| CString::new(text).unwrap_or_default());
    let [version, flags, time, platform, directory] = TEXTS.get_or_init(made);
    [
        (c"OpenSSL version", version),
        (c"OpenSSL flags", flags),
        (c"OpenSSL build timestamp", time),
        (c"OpenSSL platform", platform),
        (c"OpenSSL directory", directory),
    ]
}

/// A module with the two texts that tools look for in the file. The values are parts of the texts, not copies:
/// so the linker keeps the texts, and each is in the file once.
macro_rules! searchable_texts {
    ($module:ident, $version:literal, $timestamp:literal) => {
        mod $module {
            use core::ffi::CStr;

            #[used]
            static VERSION: &str = concat!($version, " 1.3.15\0");
            #[used]
            static TIMESTAMP: &str = concat!($timestamp, " ", env!("PAHO_BUILD_LEVEL"), "\0");

            pub(in crate::engine) fn version() -> &'static CStr {
                super::value_of(VERSION)
            }

            pub(in crate::engine) fn build_level() -> &'static CStr {
                super::value_of(TIMESTAMP)
            }
        }
    };
}

#[cfg(any(feature = "sync-api", not(feature = "async-api")))]
searchable_texts!(client, "MQTTClientV3_Version", "MQTTClientV3_Timestamp");
#[cfg(feature = "async-api")]
searchable_texts!(async_client, "MQTTAsyncV3_Version", "MQTTAsyncV3_Timestamp");

// A library with one API says the same version whichever product is asked for.
#[cfg(all(feature = "async-api", not(feature = "sync-api")))]
use async_client as client;
#[cfg(not(feature = "async-api"))]
use client as async_client;

/// The part after the blank.
fn value_of(text: &'static str) -> &'static CStr {
    let value = text.split_once(' ').map_or(text, |(_, value)| value);
    CStr::from_bytes_with_nul(value.as_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_the_known_names_and_shapes() {
        let entries = entries(Product::Synchronous);
        let [(product, name), (version, number), (level, time)] = entries[..3] else { panic!() };
        assert_eq!(entries.len(), if cfg!(feature = "tls") { 8 } else { 3 });
        assert_eq!((product, version, level), (c"Product name", c"Version", c"Build level"));
        assert_eq!(name, c"Eclipse Paho Synchronous MQTT C Client Library");
        assert_eq!(number, c"1.3.15");
        let shape: String =
            time.to_str().unwrap().chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        assert_eq!(shape, "9999-99-99T99:99:99Z");
    }

    #[test]
    fn asynchronous_product_has_its_own_name() {
        assert_eq!(entries(Product::Asynchronous)[0].1, c"Eclipse Paho Asynchronous MQTT C Client Library");
    }
}
