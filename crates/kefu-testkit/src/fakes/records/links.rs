use std::collections::BTreeMap;

use async_trait::async_trait;
use kefu_core::ports::{CLAIM_TIMEOUT_MS, Claim, Link, LinkRecords};
use kefu_core::{ConversationId, RecordsError, Scope};

use super::MemoryRecords;

/// One tenant's ties to other programs.
#[derive(Default)]
pub(super) struct Links {
    links: BTreeMap<(String, String), Link>,
    /// When a message was claimed, and whether it is done.
    messages: BTreeMap<(String, String), (i64, bool)>,
}

impl Links {
    /// Whether a link of this place leads to the conversation.
    pub(super) fn leads(&self, place: &str, id: &ConversationId) -> bool {
        self.links.values().any(|link| link.place == place && &link.conversation_id == id)
    }

    /// Forgets who spoke in these conversations.
    pub(super) fn forget(&mut self, ids: &[ConversationId]) {
        self.links.retain(|_, link| !ids.contains(&link.conversation_id));
    }
}

#[async_trait]
impl LinkRecords for MemoryRecords {
    async fn link(
        &self,
        scope: &Scope,
        place: &str,
        key: &str,
    ) -> Result<Option<Link>, RecordsError> {
        let name = (place.to_owned(), key.to_owned());
        Ok(self.read(scope, |tenant| tenant.links.links.get(&name).cloned()))
    }

    async fn link_of(
        &self,
        scope: &Scope,
        place: &str,
        id: &ConversationId,
    ) -> Result<Option<Link>, RecordsError> {
        Ok(self.read(scope, |tenant| {
            let links = tenant.links.links.values().rev();
            let of = links.filter(|l| &l.conversation_id == id && l.place.starts_with(place));
            of.max_by_key(|link| link.at_ms).cloned()
        }))
    }

    async fn set_link(&self, scope: &Scope, link: &Link) -> Result<(), RecordsError> {
        self.write(scope, |tenant, _| {
            let name = (link.place.clone(), link.key.clone());
            tenant.links.links.insert(name, link.clone());
            Ok(())
        })
    }

    async fn latest_conversation_of(
        &self,
        scope: &Scope,
        customer_id: &str,
    ) -> Result<Option<ConversationId>, RecordsError> {
        Ok(self.read(scope, |tenant| {
            let conversations = tenant.desk.conversations.values();
            let own = conversations.filter(|c| {
                c.customer.is_verified && c.customer.id.as_deref() == Some(customer_id)
            });
            own.max_by_key(|c| (c.created_at_ms, c.id.clone())).map(|c| c.id.clone())
        }))
    }

    async fn claim_message(
        &self,
        scope: &Scope,
        place: &str,
        message_id: &str,
    ) -> Result<Claim, RecordsError> {
        self.write(scope, |tenant, now_ms| {
            let name = (place.to_owned(), message_id.to_owned());
            match tenant.links.messages.get(&name) {
                Some((_, true)) => Ok(Claim::Done),
                Some((at_ms, false)) if *at_ms > now_ms - CLAIM_TIMEOUT_MS => Ok(Claim::Busy),
                _ => {
                    tenant.links.messages.insert(name, (now_ms, false));
                    Ok(Claim::New)
                }
            }
        })
    }

    async fn settle_message(
        &self,
        scope: &Scope,
        place: &str,
        message_id: &str,
        done: bool,
    ) -> Result<(), RecordsError> {
        self.write(scope, |tenant, _| {
            let name = (place.to_owned(), message_id.to_owned());
            let messages = &mut tenant.links.messages;
            if let Some(message) = messages.get_mut(&name) {
                if done {
                    message.1 = true;
                } else if !message.1 {
                    messages.remove(&name);
                }
            }
            Ok(())
        })
    }

    async fn forget_messages(&self, scope: &Scope, before_ms: i64) -> Result<usize, RecordsError> {
        self.write(scope, |tenant, _| {
            let messages = &mut tenant.links.messages;
            let n_before = messages.len();
            messages.retain(|_, (at_ms, _)| *at_ms >= before_ms);
            Ok(n_before - messages.len())
        })
    }
}
