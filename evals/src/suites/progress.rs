use crate::observe::{EvalEvent, EvalObserver};
use crate::options::Suite;
use crate::report::Slice;

/// Tells an observer how far a suite is.
pub(crate) struct Progress<'a> {
    observer: &'a dyn EvalObserver,
    suite: Suite,
    slice: Slice,
    n_total: usize,
    n_done: usize,
    n_failed: usize,
}

impl<'a> Progress<'a> {
    pub(crate) fn start(
        observer: &'a dyn EvalObserver,
        suite: Suite,
        slice: Slice,
        n_total: usize,
    ) -> Self {
        observer.observe(EvalEvent::Started { suite, slice, n_total });
        Self { observer, suite, slice, n_total, n_done: 0, n_failed: 0 }
    }

    pub(crate) fn asked(&mut self, failed: bool) {
        self.n_done += 1;
        self.n_failed += usize::from(failed);
        let Self { n_done, n_total, n_failed, .. } = *self;
        self.observer.observe(EvalEvent::Asked { n_done, n_total, n_failed });
    }

    pub(crate) fn finish(self) {
        self.observer.observe(EvalEvent::Finished { suite: self.suite, slice: self.slice });
    }
}
