//! `kefu doctor`: looks at every part and says what to do about what is wrong.

use std::path::Path;

use anyhow::bail;
use kefu_core::ports::{ContentRecords, Records};
use serde_json::json;

use crate::cli::DoctorArgs;
use crate::config::Layers;
use crate::output;
use crate::wiring::{Engine, Parts, scopes};

struct Finding {
    part: String,
    fault: Option<String>,
    detail: String,
}

/// Checks records, models and index; `--rebuild` writes the index anew.
pub(crate) async fn run(args: &DoctorArgs, layers: &Layers, place: &Path) -> anyhow::Result<()> {
    let engine = Engine::open(layers, place, Parts::Content).await?;
    if args.rebuild {
        engine.rebuild_index().await?;
    }
    let mut findings = vec![
        finding(
            "records",
            engine.records.health().await.map_err(Into::into),
            "reads and writes work",
        ),
        finding("index", engine.store.health().await.map_err(Into::into), "answers queries"),
    ];
    for tenant in
        engine.records.tenants(&scopes::operator(&layers.settings.tenant.default)?).await?
    {
        let scope = scopes::operator(tenant.as_str())?;
        let current = engine.records.current(&scope).await?;
        let Some(collection) = current.collection else { continue };
        let n_points = engine.store.count(&scope, &collection, current.release).await?;
        let releases = engine.records.releases(&scope).await?;
        let n_chunks = releases.iter().find(|r| r.current).map_or(0, |r| r.n_chunks);
        let detail = format!(
            "release {}: {n_chunks} chunks in the records, {n_points} points in the index",
            current.release
        );
        let fault = (n_points != n_chunks)
            .then(|| "records and index differ; run kefu doctor --rebuild".to_owned());
        findings.push(Finding { part: format!("content of {tenant}"), fault, detail });
    }
    engine.shut_down().await?;
    if args.json {
        let items: Vec<_> = findings
            .iter()
            .map(|f| json!({"part": f.part, "ok": f.fault.is_none(), "fault": f.fault, "detail": f.detail}))
            .collect();
        output::json(&json!({"items": items}))?;
    } else {
        for found in &findings {
            let (mark, text) = match &found.fault {
                None => ("ok  ", found.detail.clone()),
                Some(fault) => ("FAIL", format!("{} ({fault})", found.detail)),
            };
            output::line(format!("{mark} {:<22} {text}", found.part))?;
        }
    }
    if findings.iter().any(|found| found.fault.is_some()) {
        bail!("not everything is well");
    }
    Ok(())
}

fn finding(part: &str, outcome: anyhow::Result<()>, well: &str) -> Finding {
    match outcome {
        Ok(()) => Finding { part: part.to_owned(), fault: None, detail: well.to_owned() },
        Err(error) => Finding {
            part: part.to_owned(),
            fault: Some(format!("{error:#}")),
            detail: "does not work".to_owned(),
        },
    }
}
