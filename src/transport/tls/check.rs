//! Checks the identity of the server.

use super::failure::TlsFailure;
use super::openssl_calls::{is_for_address, is_for_host};
use crate::transport::log;
use crate::transport::settings::TlsSettings;
use crate::transport::uri::masked;
use openssl::ssl::SslRef;

/// What has to be right for the connection to be used. What need not be is looked at all the same, for the log.
#[derive(Clone, Copy)]
pub(super) struct Demands {
    /// The certificate is that of a trusted authority.
    pub(super) chain: bool,
    /// The certificate is for the host that was asked for.
    pub(super) host: bool,
}

impl Demands {
    pub(super) fn of(settings: &TlsSettings) -> Demands {
        Demands { chain: settings.checks_chain, host: settings.checks_host }
    }

    /// Looks at the server's certificate after the handshake. `distrust`: what was wrong with it during the handshake.
    pub(super) fn judge(
        self,
        ssl: &SslRef,
        settings: &TlsSettings,
        host: &str,
        distrust: Option<&str>,
    ) -> Result<(), TlsFailure> {
        let Some(certificate) = ssl.peer_certificate() else {
            return self.judge_without_certificate(settings, host);
        };
        if let Some(reason) = distrust {
            self.chain_is_wrong(host, reason)?;
        }
        // Certificates of small installations often carry an address where a name belongs.
        if !is_for_host(&certificate, host) && !is_for_address(&certificate, host) {
            self.host_is_wrong(host)?;
        }
        Ok(())
    }

    /// A key that only the two sides have proves as much as a certificate.
    fn judge_without_certificate(self, settings: &TlsSettings, host: &str) -> Result<(), TlsFailure> {
        if settings.has_pre_shared_key() || !self.host {
            return Ok(());
        }
        Err(TlsFailure::new(format!("the server {} has no certificate", masked(host))))
    }

    fn chain_is_wrong(self, host: &str, reason: &str) -> Result<(), TlsFailure> {
        let text = format!("the certificate of {} cannot be trusted: {reason}", masked(host));
        if self.chain {
            return Err(TlsFailure::new(text));
        }
        log::error(format_args!("{text}. Accepted because enableServerCertAuth is 0"));
        Ok(())
    }

    fn host_is_wrong(self, host: &str) -> Result<(), TlsFailure> {
        let text = format!("the certificate of the server is not for the host {}", masked(host));
        if self.host {
            return Err(TlsFailure::new(text));
        }
        log::error(format_args!("{text}. Accepted because verify is 0"));
        Ok(())
    }
}
