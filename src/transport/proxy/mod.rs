//! HTTP proxies: which one, and the tunnel through it.

mod selection;
mod tunnel;
mod url;

pub(super) use selection::choose;
pub(super) use tunnel::Tunnel;
pub(super) use url::Proxy;
