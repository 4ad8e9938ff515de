//! `kefu ask`.

use std::path::Path;
use std::time::Duration;

use kefu_api::{AnswerParts, AnswerResponse};
use kefu_core::Deadline;
use kefu_rag::{LanePreference, Question, Unobserved};

use crate::cli::{AskArgs, LaneArg};
use crate::config::Layers;
use crate::output;
use crate::wiring::{Engine, Parts, scopes};

/// Asks one question and prints the answer with its sources.
pub(crate) async fn run(args: &AskArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let engine = Engine::open(layers, place, Parts::All).await?;
    let tenant = args.tenant.as_deref().unwrap_or(&layers.settings.tenant.default);
    let question = Question {
        text: args.question.clone(),
        conversation_id: None,
        history: Vec::new(),
        key: None,
        customer: kefu_core::Customer::default(),
        channel: "terminal".to_owned(),
        language: None,
        as_of: None,
        documents: None,
        consent_record: true,
        lane: match args.lane {
            LaneArg::Auto => LanePreference::Auto,
            LaneArg::Extractive => LanePreference::Extractive,
            LaneArg::Generated => LanePreference::Generated,
        },
        deadline: Deadline::after(Duration::from_millis(layers.settings.server.request_timeout_ms)),
        answer_anyway: false,
        rehearsal: None,
    };
    let answered = engine.answerer.ask(&scopes::customer(tenant)?, &question, &Unobserved).await?;
    if args.json {
        output::json(&AnswerResponse::from(AnswerParts {
            record: &answered.record,
            text: &answered.text,
            ticket: answered.ticket.as_ref(),
            hand_over: answered.hand_over.as_ref(),
            call_back_ms: answered.call_back_ms,
            offer_human: answered.offer_human,
        }))?;
    } else {
        output::line(&answered.text)?;
        for citation in &answered.record.citations {
            let place = citation.url.as_deref().unwrap_or(citation.document_id.as_str());
            let is_other = answered.record.conflicting.contains(&citation.label);
            let note = if is_other { " (says otherwise)" } else { "" };
            output::line(format!("\n[{}] {} ({place}){note}", citation.label, citation.title))?;
            output::line(format!("    “{}”", citation.quote))?;
        }
        let record = &answered.record;
        output::note(format!(
            "\n{} · {} lane · confidence {:.2} · {} ms · {}",
            record.outcome.as_str(),
            record.lane.as_str(),
            record.confidence.value,
            record.timings.total_ms,
            record.id,
        ))?;
    }
    engine.shut_down().await
}
