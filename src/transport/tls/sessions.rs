//! Sessions that servers let us resume, so that the next handshake is short.

use openssl::ssl::{SslSession, SslVersion};
use parking_lot::Mutex;
use std::sync::Arc;

/// Servers of which a session is kept, and sessions of one server: those of TLS 1.3 serve once.
const MOST: usize = 8;

/// Sessions by server. Clones share it.
#[derive(Clone, Default)]
pub struct SessionCache(Arc<Mutex<Vec<Entry>>>);

struct Entry {
    server: (String, u16),
    session: SslSession,
    /// Why the certificate was not trusted when the session began; nobody looks at it again.
    distrust: Option<String>,
}

impl SessionCache {
    /// Keeps a session; the oldest goes when there are too many.
    pub(super) fn keep(&self, server: (String, u16), session: SslSession, distrust: Option<String>) {
        let mut entries = self.0.lock();
        if entries.len() >= MOST {
            entries.remove(0);
        }
        entries.push(Entry { server, session, distrust });
    }

    /// The newest session with a server, and what was wrong with its certificate.
    pub(super) fn find(&self, server: &(String, u16)) -> Option<(SslSession, Option<String>)> {
        let mut entries = self.0.lock();
        let index = entries.iter().rposition(|entry| entry.server == *server)?;
        let entry = entries.get(index)?;
        if entry.session.protocol_version() == SslVersion::TLS1_3 {
            let entry = entries.remove(index);
            return Some((entry.session, entry.distrust));
        }
        Some((entry.session.clone(), entry.distrust.clone()))
    }

    /// Forgets what a server has left.
    fn forget(&self, server: &(String, u16)) {
        self.0.lock().retain(|entry| entry.server != *server);
    }
}

/// A session that a server is being offered. Some servers end the connection instead of going on without it, so unless the
/// handshake succeeds, nothing that this server has left is offered again.
pub(super) struct Offer {
    sessions: SessionCache,
    server: (String, u16),
    is_settled: bool,
}

impl Offer {
    pub(super) fn new(sessions: &SessionCache, server: &(String, u16)) -> Offer {
        Offer { sessions: sessions.clone(), server: server.clone(), is_settled: false }
    }

    /// The handshake has succeeded, with the session or without.
    pub(super) fn settle(&mut self) {
        self.is_settled = true;
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        if !self.is_settled {
            self.sessions.forget(&self.server);
        }
    }
}
