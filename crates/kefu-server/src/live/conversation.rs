//! The stream of one conversation.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::Event;
use futures_core::Stream;
use futures_util::stream;
use kefu_api::{StateEvent, TurnEvent};
use kefu_core::{ConversationId, Scope, Turn, TurnId};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{ConversationNews, Hub};
use crate::problem::ApiError;
use crate::service::AppState;
use crate::stream::{RECONNECT, event};

/// Every turn of the conversation and every change of who answers next. `last_turn` is the last
/// turn the client saw: later ones are sent first when it is known, else `reset` says to read the
/// conversation anew. Without one only new turns come. A `state` always comes first.
pub(crate) async fn conversation_events(
    state: AppState,
    scope: Scope,
    (id, last_turn): (ConversationId, Option<String>),
    permit: OwnedSemaphorePermit,
) -> Result<impl Stream<Item = Result<Event, Infallible>> + use<>, ApiError> {
    // Listening begins before reading, so that nothing falls between the two.
    let news = state.hub.join_conversations();
    let view = state.parts.desk.conversation(&scope, &id).await;
    let view = view.map_err(|error| ApiError::from(error).naming("id"))?;
    let mut watch = Watch {
        state,
        scope,
        id,
        pending: VecDeque::new(),
        seen: view.turns.iter().map(|turn| turn.id.clone()).collect(),
        last_state: None,
        news,
        _permit: permit,
    };
    watch.tell_state(StateEvent::new(view.conversation.state, view.hand_over.as_ref()));
    if let Some(first) = watch.pending.pop_front() {
        watch.pending.push_front(first.retry(RECONNECT));
    }
    if let Some(last_turn) = last_turn {
        match view.turns.iter().position(|turn| turn.id.as_str() == last_turn) {
            Some(idx) => watch.pending.extend(view.turns[idx + 1..].iter().map(turn_event)),
            None => watch.pending.push_back(event("reset", &serde_json::json!({}))),
        }
    }
    Ok(stream::unfold(watch, async |mut watch| watch.next().await.map(|event| (Ok(event), watch))))
}

struct Watch {
    state: AppState,
    scope: Scope,
    id: ConversationId,
    pending: VecDeque<Event>,
    /// Turns that the client has, or reads by itself.
    seen: HashSet<TurnId>,
    last_state: Option<StateEvent>,
    news: Receiver<Arc<ConversationNews>>,
    _permit: OwnedSemaphorePermit,
}

impl Watch {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            tokio::select! {
                () = self.state.stopping.cancelled() => return None,
                news = self.news.recv() => match news {
                    Ok(news) => self.take(&news),
                    Err(RecvError::Lagged(_)) => {
                        self.last_state = None;
                        self.pending.push_back(event("reset", &serde_json::json!({})));
                    }
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    fn take(&mut self, news: &ConversationNews) {
        if news.id != self.id || &news.tenant != self.scope.tenant() {
            return;
        }
        let was_read =
            !news.turns.is_empty() && news.turns.iter().all(|t| self.seen.contains(&t.id));
        if was_read {
            // The conversation was read after this commit and may have gone on.
            return;
        }
        // Only what was read at the beginning can come again; from the first new turn on nothing
        // does.
        for turn in &news.turns {
            if !self.seen.contains(&turn.id) {
                self.pending.push_back(turn_event(turn));
            }
        }
        self.tell_state(StateEvent::new(news.state, news.hand_over.as_ref()));
    }

    fn tell_state(&mut self, now: StateEvent) {
        if self.last_state.as_ref() != Some(&now) {
            self.pending.push_back(event("state", &now));
            self.last_state = Some(now);
        }
    }
}

fn turn_event(turn: &Turn) -> Event {
    event("turn", &TurnEvent::from(turn)).id(turn.id.as_str())
}

impl Hub {
    fn join_conversations(&self) -> Receiver<Arc<ConversationNews>> {
        self.conversation_news.subscribe()
    }
}
