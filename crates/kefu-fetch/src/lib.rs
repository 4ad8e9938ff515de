//! Pages from the web, for an installation whose documents live on web sites, and requests to the
//! programs it tells of what happens.
//!
//! Whoever names an address here may not be trusted with what this machine can reach, so there is
//! one way out: the name is resolved once, an address of a private network is refused, and the
//! connection goes to the address that was checked. Redirects are followed one by one under the
//! same rules. Everything is bounded: time, bytes (after decompression too), redirects, retries.

mod address;
mod fetcher;
mod request;
mod resolver;
mod robots;
mod sender;

pub use address::Networks;
pub use fetcher::{WebFetcher, WebFetcherSettings};
pub use sender::{WebSender, WebSenderSettings};
