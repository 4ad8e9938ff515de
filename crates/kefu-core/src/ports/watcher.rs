use crate::conversation::{ConversationState, Turn};
use crate::ids::{ConversationId, TenantId};
use crate::ticket::{OpenHandOver, Ticket};

/// Something that a commit of the records changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A conversation, as it is after the commit.
    Conversation {
        /// Which.
        id: ConversationId,
        /// Who answers next.
        state: ConversationState,
        /// Its open ticket.
        hand_over: Option<OpenHandOver>,
        /// The turns that were added.
        turns: Vec<Turn>,
    },
    /// A ticket, as it is after the commit.
    Ticket(Box<Ticket>),
    /// Presence, abilities or load of agents.
    Agents,
}

/// Is told of every committed change of conversations, tickets and agents, in the order of the
/// commits. Must neither block nor call the records: other writes wait for it.
pub trait Watcher: Send + Sync {
    /// Takes the changes of one commit.
    fn changed(&self, tenant: &TenantId, changes: &[Change]);
}
