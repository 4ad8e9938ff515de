//! Pages of listings.

use kefu_core::ports::{Page, PageRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::checks::{Faults, InvalidFields};

/// A page of a listing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Listing<T> {
    /// The items.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Listing<T> {
    /// The wire form of a page.
    pub fn of<D>(page: Page<D>, item: impl FnMut(D) -> T) -> Self {
        Self { items: page.items.into_iter().map(item).collect(), next_cursor: page.next_cursor }
    }
}

/// Which page.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Items at most, 1 to 500; 50 when left out.
    #[serde(default, deserialize_with = "crate::listing::from_text")]
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 500;

impl PageQuery {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`InvalidFields`] naming `limit`.
    pub fn check(self) -> Result<PageRequest, InvalidFields> {
        let limit = self.limit.map_or(DEFAULT_LIMIT, |n| usize::try_from(n).unwrap_or(usize::MAX));
        let mut faults = Faults::default();
        if !(1..=MAX_LIMIT).contains(&limit) {
            faults.add("limit", format!("must be 1 to {MAX_LIMIT}"));
        }
        faults.or(PageRequest { limit, cursor: self.cursor })
    }
}

/// Reads a value that a query string carries as text.
pub(crate) fn from_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}
