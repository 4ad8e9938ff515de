use kefu_core::ports::Records;
use kefu_core::{
    Conversation, ConversationId, ConversationState, Customer, Language, OtherCustomer, Scope,
    TicketId, Turn, TurnId,
};

use crate::error::RagError;
use crate::question::Question;

/// A conversation as it stands before the question.
pub(crate) struct Dialogue {
    pub(crate) conversation: Conversation,
    /// Earlier turns, oldest first.
    pub(crate) turns: Vec<Turn>,
    /// Turns that only the caller knows of; kept when a person takes over and needs them.
    pub(crate) told: Vec<Turn>,
}

impl Dialogue {
    /// The ticket a person works on, while Kefu has to be silent.
    pub(crate) fn open_ticket(&self) -> Option<&TicketId> {
        let ticket_id = self.conversation.ticket_id.as_ref();
        ticket_id.filter(|_| !self.conversation.state.is_kefus())
    }
}

/// Reads the conversation that the question continues, or begins one.
pub(crate) async fn load(
    records: &dyn Records,
    scope: &Scope,
    question: &Question,
    (max_turns, now_ms): (usize, i64),
) -> Result<Dialogue, RagError> {
    if let Some(id) = &question.conversation_id {
        let mut conversation = records.conversation(scope, id).await?;
        let learnt = conversation.customer.learn(&question.customer);
        learnt.map_err(|OtherCustomer| RagError::OtherCustomer)?;
        let turns = match max_turns {
            0 => Vec::new(),
            limit => records.turns(scope, id, limit).await?,
        };
        return Ok(Dialogue { conversation, turns, told: Vec::new() });
    }
    let conversation = Conversation {
        id: ConversationId::generate(),
        customer: begun_by(&question.customer),
        channel: question.channel.clone(),
        language: Language::UNDETERMINED,
        state: ConversationState::Bot,
        ticket_id: None,
        n_failures: 0,
        created_at_ms: now_ms,
    };
    let told: Vec<Turn> = question
        .history
        .iter()
        .map(|turn| Turn {
            id: TurnId::generate(),
            speaker: turn.speaker,
            agent: None,
            text: turn.text.clone(),
            at_ms: now_ms,
            answer_id: None,
        })
        .collect();
    let turns = told[told.len().saturating_sub(max_turns)..].to_vec();
    Ok(Dialogue { conversation, turns, told })
}

/// A customer as a conversation begins with: by the same rules as what is told later.
fn begun_by(told: &Customer) -> Customer {
    let mut customer = Customer::default();
    // Nobody is known yet, so there is nobody to be another one.
    customer.learn(told).ok();
    customer
}
