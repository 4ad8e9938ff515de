use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use kefu_api::{AnswerResponse, Ask};
use kefu_core::{ConversationId, ErrorKind, Scope};
use ring::digest::{SHA256, digest};
use tokio::sync::Mutex as AsyncMutex;

use crate::extract::IDEMPOTENCY_KEY;
use crate::problem::{ApiError, Fault};
use crate::webhooks::hex;

const MAX_KEY_BYTES: usize = 128;
const MAX_KEPT: usize = 1024;
const KEPT_FOR: Duration = Duration::from_secs(600);

/// The answer to a named question, once it is there. Whoever holds the lock works on it.
pub(super) type Slot = Arc<AsyncMutex<Option<AnswerResponse>>>;

/// Answers to named questions of the last minutes, word for word, and questions still being answered.
/// What is older, or was answered before a restart, the records know.
#[derive(Default)]
pub(crate) struct Repeats(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    slots: HashMap<(String, String), Slot>,
    ages: VecDeque<(Instant, (String, String))>,
}

/// The caller's name of the question, when there is one.
///
/// # Errors
/// When it is empty, too long or no plain text.
pub(super) fn key_of(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=MAX_KEY_BYTES).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => {
            let detail = format!("Idempotency-Key must have 1 to {MAX_KEY_BYTES} plain characters");
            Err(ApiError::new(Fault::Kind(ErrorKind::Invalid), detail))
        }
    }
}

/// What a question is kept under. The same key with other words, of another customer or in another
/// conversation is another question, so that nobody is given what somebody else was told.
pub(super) fn name(key: &str, ask: &Ask) -> String {
    let conversation = ask.conversation_id.as_ref().map_or("", ConversationId::as_str);
    let customer = ask.customer.id.as_deref().unwrap_or_default();
    let mut parts = String::new();
    for part in [key, conversation, customer, &ask.text] {
        parts.push_str(&format!("{}:{part}", part.len()));
    }
    hex(digest(&SHA256, parts.as_bytes()).as_ref())
}

impl Repeats {
    /// Where the answer to the question of this [`name`] goes.
    pub(super) fn slot(&self, scope: &Scope, name: &str) -> Slot {
        let name = (scope.tenant().as_str().to_owned(), name.to_owned());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while let Some((since, oldest)) = kept.ages.front().cloned() {
            if kept.ages.len() < MAX_KEPT && now.duration_since(since) < KEPT_FOR {
                break;
            }
            kept.ages.pop_front();
            kept.slots.remove(&oldest);
        }
        if let Some(slot) = kept.slots.get(&name) {
            return Arc::clone(slot);
        }
        let slot = Slot::default();
        kept.slots.insert(name.clone(), Arc::clone(&slot));
        kept.ages.push_back((now, name));
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kefu_testkit::scopes;

    #[test]
    fn what_is_kept_is_bounded_and_told_apart() {
        let repeats = Repeats::default();
        let (ours, theirs) = (scopes::customer("acme"), scopes::customer("other"));
        let first = repeats.slot(&ours, "name");
        assert!(Arc::ptr_eq(&first, &repeats.slot(&ours, "name")));
        assert!(!Arc::ptr_eq(&first, &repeats.slot(&theirs, "name")));
        assert!(!Arc::ptr_eq(&first, &repeats.slot(&ours, "another")));
        for n in 0..2 * MAX_KEPT {
            repeats.slot(&ours, &n.to_string());
        }
        let kept = repeats.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(kept.slots.len() <= MAX_KEPT && kept.ages.len() == kept.slots.len());
    }
}
