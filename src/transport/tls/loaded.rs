//! A summary of what a context was made from. Files may be replaced between two connects: a session that began with
//! other certificates belongs to another client, or to a server that is no longer trusted.

use super::openssl_calls::{chain_above, system_directories};
use crate::transport::settings::{Digest, TlsSettings};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::sha::Sha256;
use openssl::ssl::SslContextRef;
use openssl::x509::X509Ref;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Of our certificate, those above it, and what is trusted. Our key is that of our certificate, which was checked. What
/// lies in memory is not read again; directories, which OpenSSL reads only when it needs them, are looked through.
#[inline(never)]
pub(super) fn digest(context: &SslContextRef, settings: &TlsSettings) -> Result<Digest, ErrorStack> {
    let mut sum = Sha256::new();
    let own = context.certificate().into_iter().chain(chain_above(context).into_iter().flatten());
    add_certificates(&mut sum, own)?;
    #[allow(deprecated, reason = "nobody else has this store yet; what replaces it is not in OpenSSL 1.1.1")]
    let trusted = context.cert_store().objects();
    add_certificates(&mut sum, trusted.iter().filter_map(|object| object.x509()))?;
    for directory in directories(settings) {
        add_directory(&mut sum, &directory);
    }
    Ok(sum.finish())
}

fn add_certificates<'a>(
    sum: &mut Sha256,
    certificates: impl Iterator<Item = &'a X509Ref>,
) -> Result<(), ErrorStack> {
    let mut count = 0usize;
    for certificate in certificates {
        sum.update(&certificate.digest(MessageDigest::sha256())?);
        count += 1;
    }
    sum.update(&count.to_ne_bytes());
    Ok(())
}

/// Where OpenSSL looks for authorities during the handshake. An option may name several.
fn directories(settings: &TlsSettings) -> Vec<OsString> {
    let lists = match &settings.ca_path {
        Some(list) => vec![OsStr::from_bytes(list.to_bytes()).to_owned()],
        None if settings.trusts_system_store() => system_directories(),
        None => Vec::new(),
    };
    let names = lists.iter().flat_map(|list| list.as_bytes().split(|byte| *byte == b':'));
    names.map(|name| OsStr::from_bytes(name).to_owned()).collect()
}

/// A file that was replaced or written to has another number or other times.
fn add_directory(sum: &mut Sha256, directory: &OsStr) {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.map(|entry| entry.file_name()).filter(|name| is_hashed(name)).collect();
    found.sort_unstable();
    for name in found {
        sum.update(name.as_bytes());
        let Ok(file) = fs::metadata(Path::new(directory).join(&name)) else { continue };
        let numbers = [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()];
        numbers.iter().for_each(|number| sum.update(&number.to_ne_bytes()));
        let numbers = [file.dev(), file.ino(), file.size()];
        numbers.iter().for_each(|number| sum.update(&number.to_ne_bytes()));
    }
}

/// OpenSSL opens only files with such names: eight digits, a point, and a number.
fn is_hashed(name: &OsStr) -> bool {
    name.as_bytes().get(8) == Some(&b'.')
}
