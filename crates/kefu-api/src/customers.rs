//! `/v1/customers`.

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
