use crate::options::Suite;
use crate::report::Slice;

/// Progress of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalEvent {
    /// A suite began.
    Started {
        /// Which.
        suite: Suite,
        /// Which variant of it.
        slice: Slice,
        /// Questions it will ask.
        n_total: usize,
    },
    /// One more question was asked.
    Asked {
        /// Questions asked so far.
        n_done: usize,
        /// Questions in all.
        n_total: usize,
        /// Questions so far whose asking failed.
        n_failed: usize,
    },
    /// All questions of the suite were asked; figures are being computed.
    Finished {
        /// Which.
        suite: Suite,
        /// Which variant of it.
        slice: Slice,
    },
}

/// Watches an evaluation.
pub trait EvalObserver: Send + Sync {
    /// Takes the next event; must not block.
    fn observe(&self, event: EvalEvent);
}

/// Watches nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unobserved;

impl EvalObserver for Unobserved {
    fn observe(&self, _event: EvalEvent) {}
}
