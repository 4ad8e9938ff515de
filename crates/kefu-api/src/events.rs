//! Data of the server-sent events of `POST /v1/answers`. The events `citation`, `final` and
//! `error` carry a [`crate::Citation`], an [`crate::AnswerResponse`] and a [`crate::Problem`].

use serde::Serialize;
use utoipa::ToSchema;

use crate::retrieve::PassageResponse;

/// Event `status`: what Kefu does now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatusEvent {
    /// A word such as `searching`.
    pub status: String,
}

/// Event `sources`: what the answer will be made from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourcesEvent {
    /// The passages, best first.
    pub passages: Vec<PassageResponse>,
}

/// Event `delta`: more of the answer. All deltas together are the answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeltaEvent {
    /// The text to append.
    pub text: String,
}
