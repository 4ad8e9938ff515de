//! How much work waits for a generator, and how long it will take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Shared by those who bring work and the thread that does it.
pub(super) struct Load {
    max_waiting: usize,
    n_waiting: AtomicUsize,
    /// How long all that waits is expected to take, in nanoseconds.
    waiting_ns: AtomicU64,
    /// What a token of a prompt takes, in nanoseconds; 0 until one was read.
    prompt_ns: AtomicU64,
    /// What a token of an answer takes, counting all that is written at the same time.
    answer_ns: AtomicU64,
    /// How much of the length allowed answers use, in thousandths.
    used: AtomicU64,
}

/// A place in the queue, given up when dropped.
pub(super) struct Place {
    load: Arc<Load>,
    expected_ns: u64,
}

impl Load {
    pub(super) fn new(max_waiting: usize) -> Self {
        Self {
            max_waiting,
            n_waiting: AtomicUsize::new(0),
            waiting_ns: AtomicU64::new(0),
            prompt_ns: AtomicU64::new(0),
            answer_ns: AtomicU64::new(0),
            used: AtomicU64::new(500),
        }
    }

    /// Jobs that may wait.
    pub(super) fn max_waiting(&self) -> usize {
        self.max_waiting
    }

    /// A place for work of so many tokens (prompt, longest answer) that must begin within `budget`;
    /// `None` when all places are taken or the work before it is expected to take longer.
    pub(super) fn enter(
        load: &Arc<Self>,
        (n_prompt, max_tokens): (usize, usize),
        budget: Duration,
    ) -> Option<Place> {
        let waiting = Duration::from_nanos(load.waiting_ns.load(Ordering::Relaxed));
        // What has no time left is told so when its turn comes.
        if waiting > budget && !budget.is_zero() {
            return None;
        }
        let more = |n: usize| (n < load.max_waiting).then_some(n + 1);
        load.n_waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        let answer = max_tokens as u64 * load.used.load(Ordering::Relaxed) / 1000;
        let expected_ns = (n_prompt as u64)
            .saturating_mul(load.prompt_ns.load(Ordering::Relaxed))
            .saturating_add(answer.saturating_mul(load.answer_ns.load(Ordering::Relaxed)));
        load.waiting_ns.fetch_add(expected_ns, Ordering::Relaxed);
        Some(Place { load: Arc::clone(load), expected_ns })
    }

    /// Learns what a pass took that read so many tokens of prompts and wrote so many.
    pub(super) fn learn_pass(&self, n_prompt: usize, n_answer: usize, took: Duration) {
        let (slot, n) = match (n_prompt, n_answer) {
            (n, 0) if n > 0 => (&self.prompt_ns, n),
            (0, n) if n > 0 => (&self.answer_ns, n),
            _ => return,
        };
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX) / n as u64;
        blend(slot, took);
    }

    /// Learns how long an answer became.
    pub(super) fn learn_answer(&self, n_written: usize, max_tokens: usize) {
        blend(&self.used, (n_written * 1000 / max_tokens.max(1)) as u64);
    }
}

/// An average over about the last eight.
fn blend(slot: &AtomicU64, value: u64) {
    let before = slot.load(Ordering::Relaxed);
    let after = if before == 0 { value } else { before - before / 8 + value / 8 };
    slot.store(after, Ordering::Relaxed);
}

impl Drop for Place {
    fn drop(&mut self) {
        self.load.n_waiting.fetch_sub(1, Ordering::AcqRel);
        self.load.waiting_ns.fetch_sub(self.expected_ns, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(100);

    #[test]
    fn places_are_bounded_and_given_back() {
        let load = Arc::new(Load::new(2));
        let first = Load::enter(&load, (10, 10), LONG);
        let second = Load::enter(&load, (10, 10), LONG);
        assert!(first.is_some() && second.is_some());
        assert!(Load::enter(&load, (10, 10), LONG).is_none());
        drop(first);
        assert!(Load::enter(&load, (10, 10), LONG).is_some());
    }

    #[test]
    fn work_that_would_begin_too_late_is_refused() {
        let load = Arc::new(Load::new(9));
        load.learn_pass(100, 0, Duration::from_millis(100));
        load.learn_pass(0, 2, Duration::from_millis(20));
        // A second for the prompt, and a second for half of the longest answer.
        let waiting = Load::enter(&load, (1000, 200), Duration::from_millis(1));
        assert!(waiting.is_some(), "nothing is before it");
        assert!(Load::enter(&load, (1, 1), Duration::from_millis(1900)).is_none());
        assert!(Load::enter(&load, (1, 1), Duration::from_millis(2100)).is_some());
        drop(waiting);
        assert!(Load::enter(&load, (1, 1), Duration::from_millis(100)).is_some());
    }

    #[test]
    fn short_answers_are_expected_after_short_ones() {
        let load = Load::new(1);
        for _ in 0..50 {
            load.learn_answer(10, 100);
        }
        assert!((90..=150).contains(&load.used.load(Ordering::Relaxed)));
    }
}
