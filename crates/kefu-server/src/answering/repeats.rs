use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use kefu_api::AnswerResponse;
use kefu_core::{ErrorKind, Scope};
use tokio::sync::Mutex as AsyncMutex;

use crate::extract::IDEMPOTENCY_KEY;
use crate::problem::{ApiError, Fault};

const MAX_KEY_BYTES: usize = 128;
const MAX_KEPT: usize = 1024;
const KEPT_FOR: Duration = Duration::from_secs(600);

/// The answer to a named question, once it is there. Whoever holds the lock works on it.
pub(super) type Slot = Arc<AsyncMutex<Option<AnswerResponse>>>;

/// Answers to named questions of the last minutes, in memory: after a restart, or asked at another
/// replica, a question counts as new.
#[derive(Default)]
pub(crate) struct Repeats(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    slots: HashMap<u64, Slot>,
    ages: VecDeque<(Instant, u64)>,
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

impl Repeats {
    /// Where the answer to this question goes. The same name with other words is another question.
    pub(super) fn slot(&self, scope: &Scope, key: &str, question: &str) -> Slot {
        let mut hasher = DefaultHasher::new();
        (scope.tenant().as_str(), key, question).hash(&mut hasher);
        let name = hasher.finish();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while let Some((since, oldest)) = kept.ages.front().copied() {
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
        kept.slots.insert(name, Arc::clone(&slot));
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
        let first = repeats.slot(&ours, "key", "question");
        assert!(Arc::ptr_eq(&first, &repeats.slot(&ours, "key", "question")));
        assert!(!Arc::ptr_eq(&first, &repeats.slot(&theirs, "key", "question")));
        assert!(!Arc::ptr_eq(&first, &repeats.slot(&ours, "key", "another question")));
        for n in 0..2 * MAX_KEPT {
            repeats.slot(&ours, &n.to_string(), "question");
        }
        let kept = repeats.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(kept.slots.len() <= MAX_KEPT && kept.ages.len() == kept.slots.len());
    }
}
