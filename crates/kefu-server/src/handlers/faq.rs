use axum::Json;
use axum::extract::State;
use kefu_api::{FaqItem, FaqQuery, FaqResponse};
use kefu_core::Language;
use kefu_core::ports::{DocumentFilter, PageRequest};

use crate::auth::Customer;
use crate::extract::Params;
use crate::problem::ApiError;
use crate::service::AppState;

/// Reviewed questions looked through; the listing is by id, so it is the same ones every time.
const MAX_PAIRS: usize = 50;

/// Frequent questions
///
/// Questions to offer to customers: the configured ones, then those of reviewed answers. Nothing
/// of it was written by a customer.
#[utoipa::path(
    get,
    path = "/v1/faq",
    tag = "questions",
    params(FaqQuery),
    responses((status = 200, description = "Questions to offer", body = FaqResponse))
)]
pub(crate) async fn list_faq(
    State(state): State<AppState>,
    Customer(scope): Customer,
    Params(query): Params<FaqQuery>,
) -> Result<Json<FaqResponse>, ApiError> {
    let language = query.check()?;
    let filter = DocumentFilter { is_pair: Some(true), ..DocumentFilter::default() };
    let page = PageRequest { limit: MAX_PAIRS, cursor: None };
    let pairs = state.parts.records.documents(&scope, &filter, &page).await?;
    let configured = state.parts.settings.suggested_questions.iter();
    let configured = configured.map(|suggested| (suggested.language, suggested.text.clone()));
    let reviewed = pairs.items.into_iter().map(|pair| (pair.language, pair.title));
    let mut items: Vec<FaqItem> = Vec::new();
    for (spoken, question) in configured.chain(reviewed) {
        let is_wanted = language.is_none_or(|wanted: Language| wanted == spoken);
        if is_wanted && !items.iter().any(|item| item.question == question) {
            items.push(FaqItem { question, language: spoken.code().to_owned() });
        }
    }
    Ok(Json(FaqResponse { items }))
}
