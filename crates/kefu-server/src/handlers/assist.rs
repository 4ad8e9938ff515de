use axum::Json;
use axum::extract::State;
use kefu_api::{
    AssistRequest, AssistResponse, CheckedAssist, DraftWarning, PassageResponse, SimilarTicket,
    Soothing,
};
use kefu_core::{Handoff, Language, Scope, Ticket, TicketId, Turn};
use kefu_desk::Warning;

use crate::assistance;
use crate::auth::Agent;
use crate::extract::JsonBody;
use crate::problem::ApiError;
use crate::service::AppState;

const N_PASSAGES: usize = 5;

/// Help an agent
///
/// Passages, similar resolved tickets, a reply to suggest, words that calm an upset customer, and
/// what a draft had better not say. Nothing is recorded and the customer sees nothing of it.
#[utoipa::path(
    post,
    path = "/v1/assist",
    tag = "tickets",
    request_body = AssistRequest,
    responses((status = 200, description = "The help", body = AssistResponse))
)]
pub(crate) async fn create_assistance(
    State(state): State<AppState>,
    Agent(scope): Agent,
    JsonBody(request): JsonBody<AssistRequest>,
) -> Result<Json<AssistResponse>, ApiError> {
    let request = request.check()?;
    let case = Case::load(&state, &scope, &request).await?;
    let warnings = check_draft(&state, &request, &case);
    let Some((question, before)) = case.question(&request) else {
        return Ok(Json(AssistResponse {
            question: None,
            passages: Vec::new(),
            similar_tickets: Vec::new(),
            suggested_reply: None,
            soothing: case.soothing(&state),
            warnings,
        }));
    };
    let language = kefu_desk::language_of(&question);
    let similar = &state.parts.assistance.similar;
    let asked = assistance::question(&question, before);
    let (passages, suggested, similar) = tokio::join!(
        state.parts.answerer.retrieve(&scope, &asked, N_PASSAGES),
        assistance::suggest(&state, &scope, (&question, before)),
        similar.find(&scope, (&question, language), case.ticket_id()),
    );
    // A model that is gone must not take the rest of the help with it.
    let passages =
        passages.inspect_err(|error| tracing::warn!(%error, "no passages to assist with"));
    let passages = passages.map(|found| found.passages).unwrap_or_default();
    let soothing = case.soothing(&state);
    Ok(Json(AssistResponse {
        question: Some(question),
        passages: (1..)
            .zip(&passages)
            .map(|(rank, found)| PassageResponse::new(rank, found.trace.score, &found.passage))
            .collect(),
        similar_tickets: similar?
            .into_iter()
            .map(|found| SimilarTicket::new(&found.ticket, found.resolution, found.score))
            .collect(),
        suggested_reply: suggested.map(Into::into),
        soothing,
        warnings,
    }))
}

/// What the request is about.
struct Case {
    ticket: Option<Ticket>,
    turns: Vec<Turn>,
    language: Option<Language>,
    package: Option<Handoff>,
}

impl Case {
    async fn load(
        state: &AppState,
        scope: &Scope,
        request: &CheckedAssist,
    ) -> Result<Self, ApiError> {
        let desk = &state.parts.desk;
        if let Some(id) = &request.ticket_id {
            let view = desk.ticket(scope, id).await;
            let view = view.map_err(|error| ApiError::from(error).naming("ticket_id"))?;
            let packages = &state.parts.assistance.packages;
            let package = packages.of(scope, &view.ticket, &view.transcript).await.ok();
            return Ok(Self {
                language: Some(view.ticket.language),
                ticket: Some(view.ticket),
                turns: view.transcript,
                package,
            });
        }
        if let Some(id) = &request.conversation_id {
            let view = desk.conversation(scope, id).await;
            let view = view.map_err(|error| ApiError::from(error).naming("conversation_id"))?;
            let language = Some(view.conversation.language);
            return Ok(Self { ticket: None, turns: view.turns, language, package: None });
        }
        Ok(Self { ticket: None, turns: Vec::new(), language: None, package: None })
    }

    fn ticket_id(&self) -> Option<&TicketId> {
        self.ticket.as_ref().map(|ticket| &ticket.id)
    }

    /// What to find out, and the turns before it.
    fn question(&self, request: &CheckedAssist) -> Option<(String, &[Turn])> {
        if let Some(question) = &request.question {
            return Some((question.clone(), &self.turns));
        }
        if let Some(open) = self.package.as_ref().and_then(|known| known.open_question.as_ref()) {
            let at = self.turns.iter().position(|turn| turn.id == open.turn_id);
            return Some((open.text.clone(), &self.turns[..at.unwrap_or(0)]));
        }
        let last = self.turns.iter().rposition(|turn| {
            turn.speaker == kefu_core::Speaker::Customer && !turn.text.trim().is_empty()
        })?;
        // A ticket without an open question has none to look for.
        self.ticket.is_none().then(|| (self.turns[last].text.clone(), &self.turns[..last]))
    }

    fn soothing(&self, state: &AppState) -> Option<Soothing> {
        let language = self.language?;
        let signals = state.parts.assistance.packages.signals(&self.turns, language);
        let (_, last) = signals.last()?;
        let mut mood = last.clone();
        mood.problem = signals.iter().rev().find_map(|(_, known)| known.problem);
        let reason = self.ticket.as_ref().map(|ticket| ticket.reason);
        let text = kefu_desk::soothing(&mood, reason, language)?;
        Some(Soothing { text: text.to_owned() })
    }
}

fn check_draft(state: &AppState, request: &CheckedAssist, case: &Case) -> Vec<DraftWarning> {
    let Some(draft) = &request.draft else { return Vec::new() };
    let own = case.turns.iter().filter(|turn| turn.speaker == kefu_core::Speaker::Customer);
    let known: Vec<&str> = own.map(|turn| turn.text.as_str()).collect();
    let warnings = state.parts.assistance.draft_rules.check(draft, &known);
    let wire = |warning: Warning| DraftWarning {
        kind: warning.kind.to_owned(),
        start: warning.span.start,
        end: warning.span.end,
        text: warning.text,
        advice: warning.advice.to_owned(),
    };
    warnings.into_iter().map(wire).collect()
}
