use async_trait::async_trait;

/// A page to fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchRequest {
    /// Its address, `http` or `https`.
    pub url: String,
    /// What the server said of the copy that is known; then an unchanged page is not sent again.
    pub known: Validators,
}

/// What a server says of a page so that it need not be sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The page.
    Page(FetchedPage),
    /// It is as the validators say.
    NotModified,
    /// The server says that there is no such page: 404 or 410.
    Gone,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedPage {
    /// Its bytes, decompressed.
    pub bytes: Vec<u8>,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// For the next request.
    pub validators: Validators,
}

/// Why a page could not be fetched. It may be there all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    /// Code for reports, such as `refused_address`, `timeout` or `http_denied`.
    pub code: &'static str,
    /// What happened, and what to do.
    pub detail: String,
}

/// Fetches pages. What it may reach and how much it takes is its own business.
#[async_trait]
pub trait Fetcher: Send + Sync {
    /// Fetches one page. Dropping the future abandons it.
    async fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError>;
}
