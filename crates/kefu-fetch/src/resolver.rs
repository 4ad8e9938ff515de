use std::sync::{Arc, OnceLock};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::address::Networks;

/// Resolves a name and leaves out what may not be reached. The connection uses what is left, so
/// that a second answer of the name server changes nothing.
#[derive(Debug)]
pub(crate) struct Guarded<R> {
    pub(crate) inner: R,
    pub(crate) networks: Networks,
    /// The address that was left out last, for the message.
    pub(crate) refused: Refused,
}

/// Where a resolver says what it refused.
pub(crate) type Refused = Arc<OnceLock<std::net::IpAddr>>;

impl<R: Resolver> Resolver for Guarded<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        for address in found.iter() {
            if self.networks.allow(address.ip()) {
                allowed.push(*address);
            } else {
                let _ = self.refused.set(address.ip());
            }
        }
        if allowed.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(allowed) }
    }
}
