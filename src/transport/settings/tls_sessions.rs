//! Sessions that servers let us resume, so that the next handshake is short.

use crate::locks::{Foreign, ForeignWork, Mutex};
use openssl::ssl::{SslSession, SslVersion};
use std::sync::Arc;

/// Servers of which a session is kept, and sessions of one server: those of TLS 1.3 serve once.
const MOST: usize = 8;

/// Of certificates: equal for equal ones.
pub(in crate::transport) type Digest = [u8; 32];

/// Sessions by origin. Clones share it.
#[derive(Clone, Default)]
pub struct SessionCache(Arc<Mutex<Vec<Entry>>>);

/// Where a session comes from.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::transport) struct Origin {
    /// Host and port.
    pub(in crate::transport) server: (String, u16),
    /// The client's identity and the trusted certificates.
    pub(in crate::transport) loaded: Digest,
}

struct Entry {
    origin: Origin,
    session: Foreign<SslSession>,
    /// Why the certificate was not trusted when the session began; it is not checked again.
    distrust: Option<String>,
}

impl SessionCache {
    /// Keeps a session; the oldest goes when there are too many.
    pub(in crate::transport) fn keep(&self, origin: Origin, session: SslSession, distrust: Option<String>) {
        let session = Foreign::new(session);
        let mut entries = self.0.lock();
        if entries.len() >= MOST {
            entries.remove(0);
        }
        entries.push(Entry { origin, session, distrust });
    }

    /// The newest session of this origin, and what was wrong with its certificate.
    pub(in crate::transport) fn find(
        &self,
        origin: &Origin,
    ) -> Option<(Foreign<SslSession>, Option<String>)> {
        let mut entries = self.0.lock();
        let index = entries.iter().rposition(|entry| entry.origin == *origin)?;
        let entry = entries.get(index)?;
        if entry.session.protocol_version() == SslVersion::TLS1_3 {
            let entry = entries.remove(index);
            return Some((entry.session, entry.distrust));
        }
        Some((Foreign::new(SslSession::clone(&entry.session)), entry.distrust.clone()))
    }

    /// Forgets what a server has left to us as we are.
    fn forget(&self, origin: &Origin) {
        let _work = ForeignWork::begin();
        self.0.lock().retain(|entry| entry.origin != *origin);
    }
}

/// A session that is being offered to a server. Some servers close the connection instead of continuing without it, so
/// unless the handshake succeeds, no session of this server is offered again.
pub(in crate::transport) struct Offer {
    sessions: SessionCache,
    origin: Origin,
    is_settled: bool,
}

impl Offer {
    pub(in crate::transport) fn new(sessions: &SessionCache, origin: &Origin) -> Offer {
        Offer { sessions: sessions.clone(), origin: origin.clone(), is_settled: false }
    }

    /// The handshake has succeeded, with the session or without.
    pub(in crate::transport) fn settle(&mut self) {
        self.is_settled = true;
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        if !self.is_settled {
            self.sessions.forget(&self.origin);
        }
    }
}
