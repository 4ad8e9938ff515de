//! Records in memory, with the same answers as the real store.

mod agents;
mod content;
mod conversations;
mod customers;
mod jobs;
mod lessons;
mod links;
mod outbox;
mod overlays;
mod reading;
mod releases;
mod sources;
mod staging;
mod tickets;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kefu_core::ports::{Change, Clock, PageRequest, Records, Subscription, Watcher};
use kefu_core::{Lesson, RecordsError, Role, Scope, TenantId};

use super::fuse::{Current, Fuse};

use self::conversations::Desk;
use self::jobs::Jobs;
use self::links::Links;
use self::outbox::Outbox;
use self::overlays::Overlays;
use self::sources::Sources;
use self::staging::Content;

/// Records in memory. Writes fail on demand.
pub struct MemoryRecords {
    clock: Arc<dyn Clock>,
    tenants: Mutex<BTreeMap<TenantId, Tenant>>,
    n_writes_to_pass: AtomicU32,
    n_writes_to_fail: AtomicU32,
    fuse: Arc<Fuse>,
    watchers: Mutex<Vec<Arc<dyn Watcher>>>,
    subscriptions: Mutex<Vec<Subscription>>,
}

#[derive(Default)]
struct Tenant {
    content: Content,
    desk: Desk,
    jobs: Jobs,
    lessons: Vec<Lesson>,
    links: Links,
    outbox: Outbox,
    overlays: Overlays,
    sources: Sources,
}

impl MemoryRecords {
    /// Empty records.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_fuse(clock, Fuse::new())
    }

    /// Empty records behind a fuse.
    #[must_use]
    pub fn with_fuse(clock: Arc<dyn Clock>, fuse: Arc<Fuse>) -> Self {
        Self {
            clock,
            tenants: Mutex::default(),
            n_writes_to_pass: AtomicU32::new(0),
            n_writes_to_fail: AtomicU32::new(0),
            fuse,
            watchers: Mutex::default(),
            subscriptions: Mutex::default(),
        }
    }

    /// The next `n` writes fail as on a full disk and change nothing.
    pub fn fail_next_writes(&self, n: u32) {
        self.fail_writes_after(0, n);
    }

    /// `n_passing` writes pass, then `n` fail as on a full disk and change nothing.
    pub fn fail_writes_after(&self, n_passing: u32, n: u32) {
        self.n_writes_to_pass.store(n_passing, Ordering::SeqCst);
        self.n_writes_to_fail.store(n, Ordering::SeqCst);
    }

    fn read<T>(&self, scope: &Scope, read: impl FnOnce(&Tenant) -> T) -> T {
        match self.tenants.lock().unwrap().get(scope.tenant()) {
            Some(tenant) => read(tenant),
            None => read(&Tenant::default()),
        }
    }

    fn write<T>(
        &self,
        scope: &Scope,
        write: impl FnOnce(&mut Tenant, i64) -> Result<T, RecordsError>,
    ) -> Result<T, RecordsError> {
        self.write_watched(scope, |tenant, now_ms| Ok((write(tenant, now_ms)?, Vec::new())))
    }

    fn write_watched<T>(
        &self,
        scope: &Scope,
        write: impl FnOnce(&mut Tenant, i64) -> Result<(T, Vec<Change>), RecordsError>,
    ) -> Result<T, RecordsError> {
        let fails = |left: u32| left.checked_sub(1);
        let counts = |counter: &AtomicU32| {
            counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok()
        };
        if !counts(&self.n_writes_to_pass) && counts(&self.n_writes_to_fail) {
            return Err(disk_full());
        }
        if self.fuse.write() != Current::Flows {
            return Err(disk_full());
        }
        let mut tenants = self.tenants.lock().unwrap();
        let tenant = tenants.entry(scope.tenant().clone()).or_default();
        let (done, changes) = write(tenant, self.clock.now_ms())?;
        for watcher in self.watchers.lock().unwrap().iter().filter(|_| !changes.is_empty()) {
            watcher.changed(scope.tenant(), &changes);
        }
        Ok(done)
    }
}

#[async_trait]
impl Records for MemoryRecords {
    async fn health(&self) -> Result<(), RecordsError> {
        if self.n_writes_to_fail.load(Ordering::SeqCst) > 0 { Err(disk_full()) } else { Ok(()) }
    }

    fn watch(&self, watcher: Arc<dyn Watcher>) {
        self.watchers.lock().unwrap().push(watcher);
    }
}

fn disk_full() -> RecordsError {
    RecordsError::Storage { detail: "scripted failure".to_owned() }
}

fn require(scope: &Scope, lowest: Role, action: &'static str) -> Result<(), RecordsError> {
    if scope.role() >= lowest {
        return Ok(());
    }
    Err(RecordsError::Forbidden { role: scope.role().as_str(), action })
}

fn not_found(what: &'static str, id: &impl ToString) -> RecordsError {
    RecordsError::NotFound { what, id: id.to_string() }
}

fn conflict(detail: impl Into<String>) -> RecordsError {
    RecordsError::Conflict { detail: detail.into() }
}

fn invalid(detail: impl Into<String>) -> RecordsError {
    RecordsError::Invalid { detail: detail.into() }
}

/// The place a page begins after, when its cursor is one of `listing`'s.
fn place(page: &PageRequest, listing: &str) -> Result<Option<String>, RecordsError> {
    if !(1..=500).contains(&page.limit) {
        return Err(invalid("limit must be 1 to 500"));
    }
    let Some(cursor) = &page.cursor else { return Ok(None) };
    let after = cursor.strip_prefix(listing).and_then(|rest| rest.strip_prefix(':'));
    after.map(|place| Some(place.to_owned())).ok_or_else(|| invalid("cursor is not of this list"))
}
