//! From options to OpenSSL's context, which is made again for every connection, so that renewed files are noticed.

use super::failure::TlsFailure;
use super::openssl_calls::{take_chain, trust};
use super::openssl_pin::Pin;
use super::openssl_store;
use super::source::{Source, Told, path};
use crate::locks::ForeignWork;
use crate::transport::settings::{TlsSettings, TlsVersion};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslContext, SslContextBuilder, SslMethod, SslMode, SslVersion};
use openssl::x509::X509;
use std::ffi::CStr;
use std::fs;
use std::sync::Arc;

type Result<T> = std::result::Result<T, TlsFailure>;

/// A context with everything from the options but verification.
#[inline(never)]
pub(super) fn begin(settings: &TlsSettings) -> Result<SslContextBuilder> {
    let mut context = SslContext::builder(SslMethod::tls_client()).map_err(failed("making a TLS context"))?;
    // What has to wait may come again from another place; buffers of idle connections are given back.
    context.set_mode(SslMode::ACCEPT_MOVING_WRITE_BUFFER | SslMode::RELEASE_BUFFERS | SslMode::AUTO_RETRY);
    set_lowest_version(&mut context, settings)?;
    set_certificate(&mut context, settings)?;
    set_trust(&mut context, settings)?;
    if let Some(list) = &settings.cipher_list {
        let list = without_zero(list)?;
        context.set_cipher_list(list).map_err(failed("setting the cipher list"))?;
    }
    set_pre_shared_key(&mut context, settings);
    if !settings.protocols.is_empty() {
        context.set_alpn_protos(&settings.protocols).map_err(failed("setting the ALPN protocols"))?;
    }
    Ok(context)
}

/// Turns OpenSSL's errors into a failure of what was tried.
pub(super) fn failed(what: &str) -> impl Fn(ErrorStack) -> TlsFailure {
    move |errors| TlsFailure::of_openssl(what, &errors)
}

#[inline(never)]
fn set_lowest_version(context: &mut SslContextBuilder, settings: &TlsSettings) -> Result<()> {
    let Some(lowest) = settings.lowest_version else { return Ok(()) };
    let version = match lowest {
        TlsVersion::Tls1_0 => SslVersion::TLS1,
        TlsVersion::Tls1_1 => SslVersion::TLS1_1,
        TlsVersion::Tls1_2 => SslVersion::TLS1_2,
    };
    context.set_min_proto_version(Some(version)).map_err(failed("setting the lowest TLS version"))
}

#[inline(never)]
fn set_certificate(context: &mut SslContextBuilder, settings: &TlsSettings) -> Result<()> {
    let Some(store) = &settings.key_store else { return Ok(()) };
    match Source::of(store) {
        Source::Text(text) => set_certificates_of_text(context, text)?,
        Source::Stored(uri) => {
            let own = openssl_store::certificate(uri, &Pin::new(settings.private_key_password.as_deref()));
            let own = own.map_err(failed_with("loading the certificate", uri))?;
            context.set_certificate(&own).map_err(failed("using the certificate"))?;
        }
        Source::File(name) => {
            take_chain(context, name).map_err(failed_with("loading the keyStore", name))?;
        }
    }
    let key = private_key(settings.private_key.as_ref().unwrap_or(store), settings)?;
    context.set_private_key(&key).map_err(failed("using the private key"))?;
    context.check_private_key().map_err(failed("checking the private key"))
}

fn set_certificates_of_text(context: &mut SslContextBuilder, text: &[u8]) -> Result<()> {
    let error = failed("reading the keyStore");
    let mut chain = X509::stack_from_pem(text).map_err(&error)?.into_iter();
    let Some(own) = chain.next() else {
        return Err(TlsFailure::new("the keyStore has no certificate"));
    };
    context.set_certificate(&own).map_err(&error)?;
    chain.try_for_each(|certificate| context.add_extra_chain_cert(certificate)).map_err(&error)
}

/// OpenSSL would ask for a missing password on the terminal.
fn private_key(value: &CStr, settings: &TlsSettings) -> Result<PKey<Private>> {
    match Source::of(value) {
        Source::Text(pem) => key_of_text(pem, settings).map_err(failed("loading the private key")),
        Source::Stored(uri) => {
            let key = openssl_store::private_key(uri, &Pin::new(settings.private_key_password.as_deref()));
            key.map_err(failed_with("loading the private key", uri))
        }
        Source::File(name) => {
            let what = format!("loading the private key {}", Told::of(name).text);
            let pem = fs::read(path(name));
            let pem = pem.map_err(|error| TlsFailure::new(format!("{what} failed: {error}")))?;
            key_of_text(&pem, settings).map_err(failed(&what))
        }
    }
}

fn key_of_text(pem: &[u8], settings: &TlsSettings) -> std::result::Result<PKey<Private>, ErrorStack> {
    let password = settings.private_key_password.as_deref().unwrap_or_default();
    PKey::private_key_from_pem_callback(pem, |buffer| {
        Ok(buffer.get_mut(..password.len()).map_or(0, |room| {
            room.copy_from_slice(password);
            password.len()
        }))
    })
}

#[inline(never)]
fn set_trust(context: &mut SslContextBuilder, settings: &TlsSettings) -> Result<()> {
    let (store, directory) = (settings.trust_store.as_deref(), settings.ca_path.as_deref());
    if store.is_none() && directory.is_none() {
        if !settings.trusts_system_store() {
            return Ok(());
        }
        return context.set_default_verify_paths().map_err(failed("loading the system's certificates"));
    }
    trust_named(context, store, directory)
}

#[inline(never)]
fn trust_named(
    context: &mut SslContextBuilder,
    store: Option<&CStr>,
    directory: Option<&CStr>,
) -> Result<()> {
    let file = match store.map(Source::of) {
        Some(Source::Text(text)) => {
            trust_text(context, text).map_err(failed("reading the trustStore"))?;
            None
        }
        _ => store,
    };
    let Some(named) = file.or(directory) else { return Ok(()) };
    trust(context, file, directory).map_err(failed_with("loading the trustStore", named))
}

fn trust_text(context: &mut SslContextBuilder, text: &[u8]) -> std::result::Result<(), ErrorStack> {
    X509::stack_from_pem(text)?
        .into_iter()
        .try_for_each(|certificate| context.cert_store_mut().add_cert(certificate))
}

#[inline(never)]
fn set_pre_shared_key(context: &mut SslContextBuilder, settings: &TlsSettings) {
    let Some(callbacks) = settings.callbacks.as_ref().filter(|callbacks| callbacks.has_pre_shared_key())
    else {
        return;
    };
    let callbacks = Arc::clone(callbacks);
    context.set_psk_client_callback(move |_, hint, identity, key| {
        // The hint comes without its zero.
        let hint = hint.map(|hint| [hint, b"\0"].concat());
        let hint = hint.as_deref().and_then(|hint| CStr::from_bytes_until_nul(hint).ok());
        Ok(ForeignWork::interrupted(|| callbacks.pre_shared_key(hint, identity, key)))
    });
}

/// The same for what an option names. OpenSSL's errors contain the name, or parts of it.
fn failed_with(what: &str, value: &CStr) -> impl Fn(ErrorStack) -> TlsFailure {
    let told = Told::of(value);
    let what = format!("{what} {}", told.text);
    move |errors| {
        let failure = match told.is_harmless {
            true => TlsFailure::of_openssl(&what, &errors),
            false => TlsFailure::of_openssl_without_names(&what, &errors),
        };
        told.secrets.iter().fold(failure, |failure, secret| failure.hiding(secret))
    }
}

/// The wrapper of OpenSSL takes no text with a zero in it.
fn without_zero(text: &str) -> Result<&str> {
    Some(text).filter(|text| !text.contains('\0')).ok_or_else(|| TlsFailure::new("a text contains a zero"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;

    #[test]
    fn neither_keys_nor_pins_are_told() {
        let secret = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3vVpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
        let long = format!("/{}", "987654".repeat(100));
        for value in [
            secret.to_owned(),
            format!("{secret}\n{secret}"),
            long,
            "pkcs11:token=none;object=none;pin-value=987654".into(),
            "pkcs11:token=none;object=none?pin-value=987654".into(),
        ] {
            let value = CString::new(value).unwrap();
            let settings = TlsSettings { key_store: Some(value.clone()), ..TlsSettings::default() };
            let trusting = TlsSettings { trust_store: Some(value.clone()), ..TlsSettings::default() };
            let failures =
                [begin(&settings).err(), private_key(&value, &settings).err(), begin(&trusting).err()];
            for failure in failures {
                let told = format!("{:?}", failure.unwrap());
                assert!(!told.contains(secret) && !told.contains(&"987654".repeat(50)), "{told}");
                assert!(!told.contains("=987654"), "{told}");
            }
        }
    }
}
