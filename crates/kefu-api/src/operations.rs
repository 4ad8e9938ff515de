//! What the pages and those who run the service read.

use serde::Serialize;
use utoipa::ToSchema;

/// The process is alive.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Live {
    /// Always `live`.
    pub status: &'static str,
}

/// The service can answer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Ready {
    /// Always `ready`.
    pub status: &'static str,
}

/// What the chat page is told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UiConfig {
    /// Questions to offer.
    pub suggested_questions: Vec<String>,
}
