//! The stream of the desk.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError};

use axum::response::sse::Event;
use futures_core::Stream;
use futures_util::stream;
use kefu_api::TicketResponse;
use kefu_core::TenantId;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{DeskNews, DeskWhat, Hub};
use crate::service::AppState;
use crate::stream::{RECONNECT, event};

/// Every ticket that changes and every change of the list of agents. `last_event_id` names the last
/// event the client saw: what came after is sent first when it is remembered, else `reset` says to
/// read the lists anew. Without one, `ready` comes first.
pub(crate) fn desk_events(
    state: AppState,
    tenant: TenantId,
    last_event_id: Option<&str>,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let (greeting, missed, news) = state.hub.join_desk(last_event_id);
    let pending = [greeting].into_iter().flatten().map(|event| event.retry(RECONNECT)).collect();
    let watch = Watch { state, tenant, pending, missed, news, _permit: permit };
    stream::unfold(watch, async |mut watch| watch.next().await.map(|event| (Ok(event), watch)))
}

struct Watch {
    state: AppState,
    tenant: TenantId,
    pending: VecDeque<Event>,
    missed: VecDeque<Arc<DeskNews>>,
    news: Receiver<Arc<DeskNews>>,
    _permit: OwnedSemaphorePermit,
}

impl Watch {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            if let Some(news) = self.missed.pop_front() {
                self.pending.extend(self.show(&news));
                continue;
            }
            tokio::select! {
                () = self.state.stopping.cancelled() => return None,
                news = self.news.recv() => match news {
                    Ok(news) => self.pending.extend(self.show(&news)),
                    Err(RecvError::Lagged(_)) => {
                        let (greeting, _, news) = self.state.hub.join_desk(Some(""));
                        self.news = news;
                        self.pending.extend(greeting);
                    }
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    fn show(&self, news: &DeskNews) -> Option<Event> {
        if news.tenant != self.tenant {
            return None;
        }
        let event = match &news.what {
            DeskWhat::Ticket(ticket) => {
                let now_ms = self.state.parts.clock.now_ms();
                event("ticket", &TicketResponse::at(now_ms, (**ticket).clone()))
            }
            DeskWhat::Agents(agents) => event("agents", agents),
        };
        Some(event.id(self.state.hub.event_id(news.seq)))
    }
}

/// A greeting, the news that were missed, and those to come.
type Joined = (Option<Event>, VecDeque<Arc<DeskNews>>, Receiver<Arc<DeskNews>>);

impl Hub {
    fn event_id(&self, seq: u64) -> String {
        format!("{}-{seq}", self.epoch)
    }

    /// Joins the stream after the event with this id, without a gap.
    fn join_desk(&self, last_event_id: Option<&str>) -> Joined {
        let desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let news = self.desk_news.subscribe();
        let seen = last_event_id.and_then(|id| {
            let (epoch, seq) = id.split_once('-')?;
            seq.parse::<u64>().ok().filter(|_| epoch == self.epoch)
        });
        let oldest = desk.news.front().map_or(desk.last_seq + 1, |news| news.seq);
        let known = seen.filter(|seq| (oldest..=desk.last_seq + 1).contains(&(seq + 1)));
        if let Some(seq) = known {
            let missed = desk.news.iter().filter(|news| news.seq > seq).cloned().collect();
            return (None, missed, news);
        }
        let word = if last_event_id.is_some() { "reset" } else { "ready" };
        let greeting = event(word, &serde_json::json!({})).id(self.event_id(desk.last_seq));
        (Some(greeting), VecDeque::new(), news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(hub: &Hub, n: usize) {
        let Ok(tenant) = TenantId::new("acme") else { return };
        for _ in 0..n {
            let nobody = kefu_api::AgentList { items: Vec::new() };
            hub.tell_desk(&tenant, DeskWhat::Agents(nobody));
        }
    }

    fn joined(hub: &Hub, id: Option<&str>) -> (bool, Vec<u64>) {
        let (greeting, missed, _) = hub.join_desk(id);
        (greeting.is_some(), missed.iter().map(|news| news.seq).collect())
    }

    #[test]
    fn who_comes_back_gets_what_they_missed_or_reads_anew() {
        let hub = Hub::new();
        let id = |seq: u64| hub.event_id(seq);
        assert_eq!(joined(&hub, None), (true, vec![]));
        assert_eq!(joined(&hub, Some(&id(0))), (false, vec![]));
        tell(&hub, 3);
        assert_eq!(joined(&hub, Some(&id(0))), (false, vec![1, 2, 3]));
        assert_eq!(joined(&hub, Some(&id(2))), (false, vec![3]));
        assert_eq!(joined(&hub, Some(&id(3))), (false, vec![]));
        for strange in ["", "x", "other-2", &id(4), &id(u64::MAX - 1)] {
            assert_eq!(joined(&hub, Some(strange)), (true, vec![]), "{strange}");
        }
        tell(&hub, super::super::MAX_REMEMBERED);
        assert_eq!(joined(&hub, Some(&id(2))), (true, vec![]), "it is forgotten");
        assert_eq!(joined(&hub, Some(&id(3))).1.len(), super::super::MAX_REMEMBERED);
    }
}
