use std::sync::{Arc, Mutex, PoisonError};

/// Whether the process should get traffic, told by those who start and stop it.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<Mutex<Option<String>>>);

impl Readiness {
    /// Not ready for `reason`, such as `the index is being rebuilt`.
    #[must_use]
    pub fn not_yet(reason: &str) -> Self {
        Self(Arc::new(Mutex::new(Some(reason.to_owned()))))
    }

    /// Ready from the start.
    #[must_use]
    pub fn ready() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    /// Ready from now on.
    pub fn set_ready(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Not ready from now on, for `reason`.
    pub fn set_not_ready(&self, reason: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
    }

    /// Why not; `None` when ready.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
