//! What those who run the service read.

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
