//! What is told of a hand-over beside its reason.

use kefu_core::{Sentiment, TicketSignals};

use super::Run;
use crate::exchange::Work;

impl Run<'_> {
    /// The problem, the wish and the mood of the customer's turn, as far as triage can tell.
    pub(super) fn ticket_signals(&self, work: &Work) -> TicketSignals {
        let told = self.parts.triage.signals(&self.triage_input());
        let now_percent = (told.sentiment.clamp(-1.0, 1.0) * 100.0).round() as i8;
        TicketSignals {
            problem: told.problem.map(|problem| problem.as_str().to_owned()),
            intent: self.intent_of_ticket(work).map(|intent| intent.name),
            sentiment: Some(Sentiment { now_percent, trend: told.trend }),
        }
    }
}
