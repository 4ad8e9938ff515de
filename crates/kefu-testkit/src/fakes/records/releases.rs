use std::collections::BTreeSet;

use kefu_core::ports::Collected;
use kefu_core::{
    Build, ChunkId, Drift, PointChange, PointerMove, PointerTarget, RecordsError, Release,
    ReleaseNo, ReleaseState, Scope, Undone,
};

use super::staging::Content;
use super::{conflict, invalid, not_found};

const GRACE_MS: i64 = 600_000;

impl Content {
    pub(super) fn next_release(&self) -> ReleaseNo {
        self.highest().next()
    }

    fn highest(&self) -> ReleaseNo {
        self.releases.iter().map(|r| r.number).max().unwrap_or_default()
    }

    /// Checks that the build's holder has the lease and renews it.
    pub(super) fn hold_lease(
        &mut self,
        scope: &Scope,
        build: &Build,
        now_ms: i64,
    ) -> Result<(), RecordsError> {
        if &build.tenant != scope.tenant() {
            return Err(invalid("the build belongs to another tenant"));
        }
        match &mut self.lease {
            Some(lease) if lease.holder == build.holder => {
                lease.ends_at_ms = now_ms + super::staging::LEASE_MS;
                Ok(())
            }
            _ => Err(conflict("the build lease was lost; begin the build again")),
        }
    }

    /// Checks that the build is the one under way and renews its lease.
    pub(super) fn hold(
        &mut self,
        scope: &Scope,
        build: &Build,
        now_ms: i64,
    ) -> Result<(), RecordsError> {
        self.hold_lease(scope, build, now_ms)?;
        let same = build.release == self.next_release() && build.base == self.build_base;
        if !same {
            return Err(conflict("another build took this one's place; begin the build again"));
        }
        if self.current != self.build_base {
            return Err(conflict(format!("release {} became current meanwhile", self.current)));
        }
        Ok(())
    }

    /// Throws away what is newer than the current release.
    pub(super) fn undo(&mut self) -> Undone {
        if self.build_base == self.current { Undone::default() } else { self.withdraw() }
    }

    /// Throws away what was staged, and releases newer than the current one.
    pub(super) fn withdraw(&mut self) -> Undone {
        let (current, highest) = (self.current, self.highest());
        let staged = |v: &&super::staging::Version| {
            v.seen.since > highest || v.seen.until.is_some_and(|until| until > highest)
        };
        let ids: BTreeSet<_> =
            self.versions.iter().filter(staged).map(|v| v.document.id.clone()).collect();
        self.versions.retain(|v| v.seen.since <= current);
        for version in &mut self.versions {
            version.seen.until = version.seen.until.filter(|until| *until <= current);
        }
        let newer = self.chunks.values().filter(|row| row.chunk.since > current);
        self.strays.extend(newer.map(|row| row.chunk.id));
        self.chunks.retain(|_, row| row.chunk.since <= current);
        for row in self.chunks.values_mut() {
            if row.chunk.until.is_some_and(|until| until > current) {
                row.chunk.until = None;
                row.drifted = true;
            }
        }
        let mut abandoned = Vec::new();
        for release in &mut self.releases {
            if release.number > current && release.state == ReleaseState::Published {
                release.state = ReleaseState::Abandoned;
                abandoned.push(release.number);
            }
        }
        Undone { abandoned, n_staged_documents: ids.len() as u64 }
    }

    pub(super) fn drift(&self) -> impl Iterator<Item = Drift> {
        let removed = self.strays.iter().filter(|id| !self.chunks.contains_key(id));
        let removed = removed.map(|id| Drift { chunk_id: *id, change: PointChange::Remove });
        let ended = self.chunks.values().filter(|row| row.drifted).map(|row| Drift {
            chunk_id: row.chunk.id,
            change: PointChange::Until(row.chunk.until),
        });
        removed.chain(ended)
    }

    pub(super) fn settle(&mut self, told: &[Drift]) {
        for drift in told {
            match drift.change {
                PointChange::Remove => {
                    self.strays.remove(&drift.chunk_id);
                }
                PointChange::Until(until) => {
                    let row = self.chunks.get_mut(&drift.chunk_id);
                    if let Some(row) = row.filter(|row| row.chunk.until == until) {
                        row.drifted = false;
                    }
                }
            }
        }
    }

    pub(super) fn publish(&mut self, build: &Build, by: &Scope, now_ms: i64) -> Release {
        let at = build.release;
        let collection = self.build_collection.clone().unwrap_or_default();
        self.releases.push(Release {
            number: at,
            collection: collection.clone(),
            published_at_ms: now_ms,
            n_documents: self.versions.iter().filter(|v| v.seen.contains(at)).count() as u64,
            n_chunks: self.chunks.values().filter(|c| c.seen().contains(at)).count() as u64,
            state: ReleaseState::Published,
            current: false,
        });
        self.current_collection = collection;
        self.build_base = at;
        self.point_to(at, by, build.reason.as_deref().unwrap_or("published"), now_ms)
    }

    pub(super) fn find(&self, number: ReleaseNo) -> Result<&Release, RecordsError> {
        match self.releases.iter().find(|r| r.number == number) {
            Some(release) if release.state == ReleaseState::Published => Ok(release),
            Some(_) => Err(conflict(format!("release {number} was abandoned"))),
            None if number == ReleaseNo(0) || number > self.highest() => {
                Err(not_found("release", &number))
            }
            None => Err(conflict(format!("release {number} was collected"))),
        }
    }

    pub(super) fn move_pointer(
        &mut self,
        target: PointerTarget,
        reason: &str,
        (by, now_ms): (&Scope, i64),
    ) -> Result<Release, RecordsError> {
        let number = match target {
            PointerTarget::Release(number) => number,
            PointerTarget::Older(number) if number >= self.current => {
                return Err(invalid(format!("release {number} is not an older one")));
            }
            PointerTarget::Older(number) => number,
            PointerTarget::Previous => {
                let older = self.releases.iter().filter(|r| r.state == ReleaseState::Published);
                let older = older.map(|r| r.number).filter(|number| *number < self.current).max();
                older.ok_or_else(|| conflict("there is no older release"))?
            }
        };
        self.find(number)?;
        self.current_collection = self.build_collection.clone().unwrap_or_default();
        let reason: String = reason.chars().take(500).collect();
        Ok(self.point_to(number, by, &reason, now_ms))
    }

    fn point_to(&mut self, number: ReleaseNo, by: &Scope, reason: &str, at_ms: i64) -> Release {
        if number != self.current {
            self.moves.push(PointerMove {
                previous: self.current,
                release: number,
                at_ms,
                by: by.role(),
                reason: reason.to_owned(),
            });
        }
        self.current = number;
        self.releases.iter_mut().for_each(|r| r.current = r.number == number);
        self.releases.iter().find(|r| r.current).cloned().expect("it was looked up")
    }

    pub(super) fn collect(&mut self, keep: usize, limit: usize, now_ms: i64) -> Collected {
        let published = self.releases.iter().filter(|r| r.state == ReleaseState::Published);
        let newest = published.rev().map(|r| r.number).take(keep.max(1));
        let recent = self.moves.iter().filter(|m| m.at_ms > now_ms - GRACE_MS);
        let kept: BTreeSet<ReleaseNo> =
            newest.chain(recent.map(|m| m.previous)).chain([self.current]).collect();
        let oldest = kept.iter().find(|number| number.0 > 0).copied().unwrap_or_default();
        let goes = |release: &Release| match release.state {
            ReleaseState::Published => !kept.contains(&release.number),
            ReleaseState::Abandoned => release.number < oldest,
        };
        let releases = self.releases.iter().filter(|r| goes(r)).map(|r| r.number).collect();
        self.releases.retain(|r| !goes(r));

        let useless = |seen: kefu_core::Visibility| {
            seen.until.is_some() && !kept.iter().any(|number| seen.contains(*number))
        };
        let mut n_versions = 0;
        self.versions.retain(|v| {
            let goes = n_versions < limit && useless(v.seen);
            n_versions += usize::from(goes);
            !goes
        });
        let gone: Vec<ChunkId> = self
            .chunks
            .values()
            .filter(|row| useless(row.seen()))
            .map(|row| row.chunk.id)
            .take(limit)
            .collect();
        for id in &gone {
            let hash = self.chunks.remove(id).map(|row| row.chunk.draft.text_hash());
            self.strays.insert(*id);
            let shared = self.chunks.values().any(|row| Some(row.chunk.draft.text_hash()) == hash);
            self.vectors.retain(|(_, key), _| shared || Some(*key) != hash);
        }
        let done = n_versions < limit && gone.len() < limit;
        Collected { releases, n_versions, n_chunks: gone.len(), done }
    }
}
