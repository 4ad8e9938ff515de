use std::collections::BTreeMap;

use async_trait::async_trait;
use kefu_core::ports::{PageRecord, SourceRecords, SourceRun};
use kefu_core::{RecordsError, Role, Scope};

use super::{MemoryRecords, require};

const USING: &str = "use sources";

/// The last run of each source, with its pages.
pub(super) type Sources = BTreeMap<String, (SourceRun, Vec<PageRecord>)>;

#[async_trait]
impl SourceRecords for MemoryRecords {
    async fn source_pages(
        &self,
        scope: &Scope,
        source: &str,
    ) -> Result<Vec<PageRecord>, RecordsError> {
        require(scope, Role::Editor, USING)?;
        self.read(scope, |tenant| {
            Ok(tenant.sources.get(source).map_or_else(Vec::new, |(_, pages)| pages.clone()))
        })
    }

    async fn keep_source_run(
        &self,
        scope: &Scope,
        run: &SourceRun,
        pages: &[PageRecord],
    ) -> Result<(), RecordsError> {
        require(scope, Role::Editor, USING)?;
        self.write(scope, |tenant, _| {
            tenant.sources.insert(run.source.clone(), (run.clone(), pages.to_vec()));
            Ok(())
        })
    }

    async fn source_runs(&self, scope: &Scope) -> Result<Vec<SourceRun>, RecordsError> {
        require(scope, Role::Editor, USING)?;
        self.read(scope, |tenant| Ok(tenant.sources.values().map(|(run, _)| run.clone()).collect()))
    }
}
