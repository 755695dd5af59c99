//! Why TLS failed: for the log, and line by line for the application's error callback.

use crate::system::thread_number;
use crate::transport::settings::TlsSettings;
use openssl::error::{Error, ErrorStack};
use openssl::ssl;
use std::ffi::CString;
use std::fmt;
use std::io;

/// A failure, as one text for the log and as lines for the application.
#[derive(Debug)]
pub struct TlsFailure {
    text: String,
    lines: Vec<String>,
}

impl TlsFailure {
    /// A failure that OpenSSL knows nothing of.
    pub(super) fn new(text: impl Into<String>) -> TlsFailure {
        let text = text.into();
        TlsFailure { lines: vec![format!("error:00000000:{text}")], text }
    }

    /// What was tried, and what OpenSSL says about it.
    pub(super) fn of_openssl(what: &str, errors: &ErrorStack) -> TlsFailure {
        TlsFailure::with_data(what, errors, |error| error.data().unwrap_or_default())
    }

    /// The same without the names and values that OpenSSL appends to its reasons.
    pub(super) fn of_openssl_without_names(what: &str, errors: &ErrorStack) -> TlsFailure {
        TlsFailure::with_data(what, errors, |_| "")
    }

    #[cold]
    #[inline(never)]
    fn with_data(what: &str, errors: &ErrorStack, data: impl Fn(&Error) -> &str) -> TlsFailure {
        let mut failure = match errors.errors() {
            [] => TlsFailure::new(format!("{what} failed")),
            all => TlsFailure {
                text: format!("{what} failed: {}", reasons(all, &data)),
                lines: all.iter().map(|error| line(error, data(error))).collect(),
            },
        };
        failure.lines.truncate(MOST_LINES);
        failure
    }

    /// The same for an operation on a connection, where the connection itself may have failed.
    pub(super) fn of_connection(what: &str, error: &ssl::Error) -> TlsFailure {
        match (error.ssl_error(), error.io_error()) {
            (Some(errors), _) => TlsFailure::of_openssl(what, errors),
            (None, Some(error)) => TlsFailure::new(format!("{what} failed: {error}")),
            (None, None) => TlsFailure::new(format!("{what} failed: the server closed the connection")),
        }
    }

    /// Adds to the text for the log.
    pub(super) fn with_detail(mut self, detail: &str) -> TlsFailure {
        self.text = format!("{}: {detail}", self.text);
        self
    }

    /// Removes a secret from everything that is reported.
    pub(super) fn hiding(mut self, secret: &str) -> TlsFailure {
        if !secret.is_empty() {
            let texts = self.lines.iter_mut().chain([&mut self.text]);
            texts.for_each(|text| *text = text.replace(secret, "***"));
        }
        self
    }

    /// Reports the lines to the application, until it wants no more.
    #[cold]
    #[inline(never)]
    pub(super) fn tell(&self, settings: &TlsSettings) {
        let Some(callbacks) = &settings.callbacks else { return };
        for line in &self.lines {
            let line = format!("{:016X}:{line}\n", thread_number());
            let Ok(line) = CString::new(line.replace('\0', " ")) else { return };
            if !callbacks.error(&line) {
                return;
            }
        }
    }
}

/// More lines about one failure are of no use.
const MOST_LINES: usize = 32;

/// The line that OpenSSL itself would print, without the thread.
fn line(error: &Error, data: &str) -> String {
    format!(
        "error:{:08X}:{}:{}:{}:{}:{}:{}",
        error.code(),
        error.library().unwrap_or_default(),
        error.function().unwrap_or_default(),
        reason(error),
        error.file(),
        error.line(),
        data
    )
}

fn reason(error: &Error) -> String {
    match error.reason() {
        Some(reason) => reason.to_owned(),
        None if error.library() == Some("system library") => {
            io::Error::from_raw_os_error(error.reason_code()).to_string()
        }
        None => format!("reason({})", error.reason_code()),
    }
}

/// The reasons alone, without codes and places in OpenSSL's source.
fn reasons(errors: &[Error], data: impl Fn(&Error) -> &str) -> String {
    let mut text = String::new();
    for error in errors {
        let reason = reason(error);
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&reason);
        if !data(error).is_empty() {
            text.push_str(" (");
            text.push_str(data(error));
            text.push(')');
        }
    }
    text
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
