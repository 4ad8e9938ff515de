//! Threads that share one computation and keep their speed when the processor is busy elsewhere.
//!
//! A piece of work is cut into parts that anybody may do. The caller works too, and never waits for
//! long: a part whose helper was put to sleep by the operating system is done again by the caller,
//! and whoever finishes second is ignored. So one stalled thread costs one part, not a time slice.
//! Helpers wait for the next piece by spinning for a moment, then they sleep.

use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How often a helper looks for work before it sleeps; some tens of microseconds.
const SPINS: u32 = 4_000;
/// Parts per thread: so many that threads end at about the same time, and a part is soon redone.
const PARTS_PER_THREAD: usize = 3;
/// What a helper may take longer than the caller took for a part, before the part is done again.
const PATIENCE: Duration = Duration::from_micros(20);

/// A caller's helpers. They end when it is dropped.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    helpers: Vec<Thread>,
}

#[derive(Default)]
struct Shared {
    /// Counts pieces of work, so that helpers see that there is a new one.
    turn: AtomicU64,
    work: Mutex<Option<Arc<dyn Work>>>,
    is_over: AtomicBool,
}

trait Work: Send + Sync {
    /// Does parts until all are begun.
    fn help(&self);
}

struct Piece<T, F> {
    part: F,
    n_begun: AtomicUsize,
    results: Vec<Mutex<Slot<T>>>,
}

enum Slot<T> {
    Open,
    Done(T),
    Taken,
}

impl Pool {
    /// A pool on which `n_threads` work, the caller among them. Where the operating system gives
    /// fewer threads it works with those.
    pub(crate) fn new(n_threads: usize, name: &str) -> Self {
        let shared = Arc::new(Shared::default());
        let start = |idx: usize| {
            let shared = Arc::clone(&shared);
            let thread = thread::Builder::new().name(format!("{name}-{idx}"));
            thread.spawn(move || shared.serve()).ok().map(|handle| handle.thread().clone())
        };
        let helpers = (1..n_threads).filter_map(start).collect();
        Self { shared, helpers }
    }

    /// Threads that work, the caller among them.
    pub(crate) fn n_threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// In how many parts `n` equal pieces of work are best cut.
    pub(crate) fn n_parts(&self, n: usize) -> usize {
        if self.helpers.is_empty() { n.min(1) } else { n.min(self.n_threads() * PARTS_PER_THREAD) }
    }

    /// What `part` gives for all numbers below `n_parts`, in order. It may be called twice with the
    /// same number, and must give the same then. A panic in it reaches the caller.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        n_parts: usize,
        part: impl Fn(usize) -> T + Send + Sync + 'static,
    ) -> Vec<T> {
        if self.helpers.is_empty() || n_parts < 2 {
            return (0..n_parts).map(part).collect();
        }
        let results = (0..n_parts).map(|_| Mutex::new(Slot::Open)).collect();
        let piece = Arc::new(Piece { part, n_begun: AtomicUsize::new(0), results });
        self.shared.offer(Some(Arc::clone(&piece) as Arc<dyn Work>));
        for helper in &self.helpers {
            helper.unpark();
        }
        let slowest = piece.work();
        let all = (0..n_parts).map(|idx| piece.take(idx, slowest + PATIENCE)).collect();
        self.shared.offer_nothing();
        all
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        self.shared.offer(None);
        for helper in &self.helpers {
            helper.unpark();
        }
    }
}

impl Shared {
    fn offer(&self, work: Option<Arc<dyn Work>>) {
        *self.work.lock().unwrap_or_else(PoisonError::into_inner) = work;
        self.turn.fetch_add(1, Ordering::Release);
    }

    /// Lets go of what the finished work holds.
    fn offer_nothing(&self) {
        *self.work.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn serve(&self) {
        let mut seen = 0;
        let mut n_spins = 0;
        while !self.is_over.load(Ordering::Acquire) {
            let turn = self.turn.load(Ordering::Acquire);
            if turn != seen {
                (seen, n_spins) = (turn, 0);
                let work = self.work.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // The caller meets the same panic when it does the part itself.
                let _ = catch_unwind(AssertUnwindSafe(|| work.map(|work| work.help())));
            } else if n_spins < SPINS {
                n_spins += 1;
                spin_loop();
            } else {
                thread::park();
                n_spins = 0;
            }
        }
    }
}

impl<T: Send, F: Fn(usize) -> T + Send + Sync> Work for Piece<T, F> {
    fn help(&self) {
        self.work();
    }
}

impl<T, F: Fn(usize) -> T> Piece<T, F> {
    /// Does parts until all are begun; gives the longest time that one took.
    fn work(&self) -> Duration {
        let mut slowest = Duration::ZERO;
        loop {
            let idx = self.n_begun.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = self.results.get(idx) else { return slowest };
            let started = Instant::now();
            let result = (self.part)(idx);
            slowest = slowest.max(started.elapsed());
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(*slot, Slot::Open) {
                *slot = Slot::Done(result);
            }
        }
    }

    /// The result of a part, which is computed here when it does not come in time.
    fn take(&self, idx: usize, patience: Duration) -> T {
        let started = Instant::now();
        loop {
            if let Some(result) = self.try_take(idx) {
                return result;
            }
            if started.elapsed() > patience {
                // Whatever the helper still brings is dropped with the piece.
                return (self.part)(idx);
            }
            for _ in 0..16 {
                spin_loop();
            }
        }
    }

    fn try_take(&self, idx: usize) -> Option<T> {
        let slot = self.results.get(idx)?;
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *slot, Slot::Taken) {
            Slot::Done(result) => Some(result),
            Slot::Open => {
                *slot = Slot::Open;
                None
            }
            Slot::Taken => None,
        }
    }
}

#[cfg(test)]
mod tests;
