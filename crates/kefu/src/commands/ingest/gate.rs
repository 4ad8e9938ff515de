//! The gate in front of a release: questions asked of the candidate before customers can.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use kefu_core::ports::{CurrentContent, Embedder};
use kefu_core::{ReleaseNo, Scope};
use kefu_evals::{
    AnswererSubject, AnswererSubjectParts, Dataset, EvalReport, GateSuite, RunOptions, Verdict,
};
use kefu_ingest::{Candidate, Unobserved};
use kefu_rag::LanePreference;

use crate::commands::eval::{N_RESAMPLES, QuestionBar};
use crate::config::Settings;
use crate::wiring::{Engine, scopes};

/// A gate that was read and whose questions are there, before any document is taken in.
pub(super) struct Gate {
    suite: GateSuite,
    questions: Dataset,
}

/// What became of a candidate.
pub(super) struct Gated {
    /// The release, when it was published.
    pub(super) release: Option<ReleaseNo>,
    /// What the gate found; `None` when nothing was staged.
    pub(super) verdict: Option<Verdict>,
}

impl Gate {
    pub(super) fn load(path: &Path) -> anyhow::Result<Self> {
        let suite = GateSuite::load(path)?;
        let questions = Dataset::load(&suite.dataset)
            .with_context(|| format!("the questions of {} cannot be used", path.display()))?;
        Ok(Self { suite, questions })
    }

    /// Asks the candidate and what is published, and publishes or withdraws.
    pub(super) async fn pass(
        &self,
        engine: &Engine,
        settings: &Settings,
        (tenant, overriding): (&str, Option<&str>),
    ) -> anyhow::Result<Gated> {
        let editor = scopes::editor(tenant)?;
        engine.ingestor.fill_vectors(&editor, &Unobserved).await?;
        let Some(candidate) = engine.ingestor.prepare(&editor).await? else {
            return Ok(Gated { release: None, verdict: None });
        };
        let verdict = self.judge(engine, settings, (tenant, &candidate)).await;
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(error) => {
                engine.ingestor.withdraw_candidate(&editor, candidate).await?;
                return Err(error.context("the gate could not be asked, and nothing is published"));
            }
        };
        let release = decide(engine, &editor, candidate, (&verdict, overriding)).await?;
        Ok(Gated { release, verdict: Some(verdict) })
    }

    async fn judge(
        &self,
        engine: &Engine,
        settings: &Settings,
        (tenant, candidate): (&str, &Candidate<'_>),
    ) -> anyhow::Result<Verdict> {
        let content = |release| CurrentContent {
            release,
            collection: Some(candidate.collection.clone()),
            awaits_vectors: false,
        };
        let asked = self.ask(engine, settings, (tenant, content(candidate.release))).await?;
        let published = if candidate.based_on.0 == 0 {
            None
        } else {
            Some(self.ask(engine, settings, (tenant, content(candidate.based_on))).await?)
        };
        Ok(kefu_evals::judge(&self.suite, &asked, published.as_ref()))
    }

    async fn ask(
        &self,
        engine: &Engine,
        settings: &Settings,
        (tenant, content): (&str, CurrentContent),
    ) -> anyhow::Result<EvalReport> {
        let models = &engine.models;
        let subject = AnswererSubject::new(AnswererSubjectParts {
            answerer: Arc::clone(&engine.answerer),
            records: engine.records.clone(),
            triage: engine.triage.clone(),
            scope: scopes::customer(tenant)?,
            content: Some(content),
            reader: scopes::editor(tenant)?,
            lane: LanePreference::Auto,
            timeout: Duration::from_millis(settings.server.request_timeout_ms),
            embedder: models.embedder.as_deref().map(Embedder::info).map(|info| info.id.clone()),
            generator: models.generator.as_ref().map(|model| model.info().id.clone()),
            reranker: models.reranker.as_ref().map(|model| model.info().id.clone()),
        });
        let options = RunOptions {
            suites: self.suite.suites(),
            sample: self.suite.sample,
            seed: self.suite.seed,
            n_resamples: N_RESAMPLES,
        };
        Ok(kefu_evals::run(&subject, &self.questions, &options, &QuestionBar::new()).await?)
    }
}

async fn decide(
    engine: &Engine,
    editor: &Scope,
    candidate: Candidate<'_>,
    (verdict, overriding): (&Verdict, Option<&str>),
) -> anyhow::Result<Option<ReleaseNo>> {
    let reason = match (verdict.passes(), overriding) {
        (true, _) => "published through its gate".to_owned(),
        (false, Some(reason)) => format!("published against its gate: {reason}"),
        (false, None) => {
            engine.ingestor.withdraw_candidate(editor, candidate).await?;
            return Ok(None);
        }
    };
    let release = engine.ingestor.publish_candidate(editor, candidate, Some(reason)).await?;
    Ok(Some(release.number))
}
