//! What happens at the desk and in conversations, as it happens.
//!
//! The records tell the [`Hub`] of every commit; it passes the news on to all streams through
//! bounded channels. Nobody asks the database for a client: a stream that cannot keep up is told to
//! read anew, and a stream that comes back gets what it missed as far as it is remembered.

mod conversation;
mod desk;
mod worker;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use kefu_api::AgentList;
use kefu_core::ports::{Change, Watcher};
use kefu_core::{ConversationId, ConversationState, OpenHandOver, TenantId, Ticket, Turn};
use tokio::sync::{Notify, broadcast};

pub(crate) use conversation::conversation_events;
pub(crate) use desk::desk_events;
pub(crate) use worker::run_desk;

/// News that wait for a slow stream; more, and it has to read anew.
const MAX_WAITING: usize = 512;
/// News of the desk that are remembered for streams that come back.
const MAX_REMEMBERED: usize = 1_024;

/// One piece of news for the desk.
pub(crate) struct DeskNews {
    seq: u64,
    tenant: TenantId,
    what: DeskWhat,
}

enum DeskWhat {
    Ticket(Box<Ticket>),
    Agents(AgentList),
}

/// One piece of news of a conversation.
pub(crate) struct ConversationNews {
    tenant: TenantId,
    id: ConversationId,
    state: ConversationState,
    hand_over: Option<OpenHandOver>,
    turns: Vec<Turn>,
}

/// Passes news on to streams.
pub(crate) struct Hub {
    /// Names this process in ids of events, so that those of another are not mistaken for its own.
    epoch: String,
    desk: Mutex<Remembered>,
    desk_news: broadcast::Sender<Arc<DeskNews>>,
    conversation_news: broadcast::Sender<Arc<ConversationNews>>,
    /// Something that may change the list of agents happened.
    agents_changed: Notify,
}

#[derive(Default)]
struct Remembered {
    last_seq: u64,
    news: VecDeque<Arc<DeskNews>>,
}

impl Hub {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            epoch: uuid::Uuid::now_v7().simple().to_string(),
            desk: Mutex::default(),
            desk_news: broadcast::Sender::new(MAX_WAITING),
            conversation_news: broadcast::Sender::new(MAX_WAITING),
            agents_changed: Notify::new(),
        })
    }

    fn tell_desk(&self, tenant: &TenantId, what: DeskWhat) {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        desk.last_seq += 1;
        let news = Arc::new(DeskNews { seq: desk.last_seq, tenant: tenant.clone(), what });
        if desk.news.len() >= MAX_REMEMBERED {
            desk.news.pop_front();
        }
        desk.news.push_back(Arc::clone(&news));
        // It fails when nobody listens.
        let _ = self.desk_news.send(news);
    }
}

impl Watcher for Hub {
    fn changed(&self, tenant: &TenantId, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Ticket(ticket) => {
                    self.tell_desk(tenant, DeskWhat::Ticket(ticket.clone()));
                    self.agents_changed.notify_one();
                }
                Change::Agents => self.agents_changed.notify_one(),
                Change::Conversation { id, state, hand_over, turns } => {
                    let _ = self.conversation_news.send(Arc::new(ConversationNews {
                        tenant: tenant.clone(),
                        id: id.clone(),
                        state: *state,
                        hand_over: hand_over.clone(),
                        turns: turns.clone(),
                    }));
                }
            }
        }
    }
}
