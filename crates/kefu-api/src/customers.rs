//! `/v1/customers`.

use std::collections::BTreeMap;

use kefu_core::Customer;
use kefu_core::ports::Erased;
use serde::Serialize;
use utoipa::ToSchema;

/// How much was forgotten of a customer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ErasedResponse {
    /// Conversations that were emptied.
    pub conversations: usize,
    /// Turns that were deleted.
    pub turns: usize,
    /// Answer records that were deleted.
    pub answers: usize,
    /// Tickets whose words were deleted; open ones were ended.
    pub tickets: usize,
}

impl From<Erased> for ErasedResponse {
    fn from(erased: Erased) -> Self {
        Self {
            conversations: erased.n_conversations,
            turns: erased.n_turns,
            answers: erased.n_answers,
            tickets: erased.n_tickets,
        }
    }
}

/// A customer, in the caller's terms.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CustomerResponse {
    /// The caller's own id.
    pub id: Option<String>,
    /// Service level, such as `gold`.
    pub tier: Option<String>,
    /// Further facts by name.
    pub attributes: BTreeMap<String, String>,
    /// Whether somebody vouched for it: the site's own server by a signature, or a channel that
    /// signs what it sends. Otherwise all of it is a claim of whoever writes.
    pub verified: bool,
}

impl From<Customer> for CustomerResponse {
    fn from(customer: Customer) -> Self {
        let Customer { id, tier, attributes, is_verified } = customer;
        Self { id, tier, attributes, verified: is_verified }
    }
}

impl CustomerResponse {
    /// The wire form of a customer of whom anything is known.
    #[must_use]
    pub fn of(customer: Customer) -> Option<Self> {
        (!customer.is_unknown()).then(|| customer.into())
    }
}
