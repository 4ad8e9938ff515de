use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use kefu_api::{AnswerRequest, AnswerResponse};

use crate::answering::{Asked, respond};
use crate::auth::Customer;
use crate::extract::{Call, JsonBody};
use crate::identity;
use crate::problem::ApiError;
use crate::service::AppState;

/// Ask a question
///
/// Answers from the published documents with citations, abstains with a reason, or hands over to
/// a person. With `Accept: text/event-stream` the same answer comes as events: `status`,
/// `sources`, `delta`, `citation`, and at last `final` (the JSON answer) or `error` (a problem).
/// A question asked again with the same `Idempotency-Key` within a day gets the same answer and is
/// recorded once, after a restart too; where the customer refused recording, within ten minutes and
/// without a restart. Where the service has an identity secret, a `customer` without the
/// signature of the site's server is refused (403, `identity_not_proven`).
#[utoipa::path(
    post,
    path = "/v1/answers",
    tag = "questions",
    request_body = AnswerRequest,
    responses((status = 200, description = "The answer", content(
        (AnswerResponse = "application/json"),
        (String = "text/event-stream"),
    )))
)]
pub(crate) async fn create_answer(
    State(state): State<AppState>,
    Customer(scope): Customer,
    call: Call,
    headers: HeaderMap,
    JsonBody(request): JsonBody<AnswerRequest>,
) -> Result<Response, ApiError> {
    let mut ask = request.check()?;
    let secret = state.parts.settings.identity_secret.as_ref();
    let now_s = state.parts.clock.now_ms().div_euclid(1_000);
    ask.customer = identity::proven(secret, ask.customer, &ask.proof, now_s)?;
    respond(state, Asked::new(scope, ask, &headers, call)?).await
}
