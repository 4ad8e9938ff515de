//! `kefu doctor`: looks at every part and says what to do about what is wrong.

use std::path::Path;

use anyhow::bail;
use kefu_core::ports::{ContentRecords, Records};
use kefu_core::{ReleaseNo, TenantId, Visibility};
use kefu_ingest::{IndexCheck, IndexDifference};
use serde_json::{Value, json};

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
    let mut differences = Vec::new();
    for tenant in
        engine.records.tenants(&scopes::operator(&layers.settings.tenant.default)?).await?
    {
        let scope = scopes::operator(tenant.as_str())?;
        if engine.records.index_collection(&scope).await?.is_none() {
            continue;
        }
        let current = engine.records.current(&scope).await?.release;
        let check = engine.ingestor.check_index(&scope).await?;
        findings.push(of_content(&tenant, current, &check));
        differences
            .extend(check.differences.iter().map(|difference| (tenant.clone(), *difference)));
    }
    engine.shut_down().await?;
    if args.json {
        let items: Vec<_> = findings
            .iter()
            .map(|f| json!({"part": f.part, "ok": f.fault.is_none(), "fault": f.fault, "detail": f.detail}))
            .collect();
        let differences: Vec<_> = differences.iter().map(difference_json).collect();
        output::json(&json!({"items": items, "differences": differences}))?;
    } else {
        for found in &findings {
            let (mark, text) = match &found.fault {
                None => ("ok  ", found.detail.clone()),
                Some(fault) => ("FAIL", format!("{} ({fault})", found.detail)),
            };
            output::line(format!("{mark} {:<22} {text}", found.part))?;
        }
        for (tenant, difference) in &differences {
            let (kind, id) = (difference.kind(), difference.chunk_id);
            let (expected, found) = (seen(difference.expected), seen(difference.found));
            output::line(format!(
                "     {kind:<10} point {id} of {tenant}: should be {expected}, is {found}"
            ))?;
        }
    }
    if findings.iter().any(|found| found.fault.is_some()) {
        bail!("not everything is well");
    }
    Ok(())
}

fn of_content(tenant: &TenantId, current: ReleaseNo, check: &IndexCheck) -> Finding {
    let waiting = match check.n_pending {
        0 => String::new(),
        n => format!(", {n} wait for the next publish"),
    };
    let detail = format!("release {current}: {} points as recorded{waiting}", check.n_right);
    let fault = (!check.is_well()).then(|| {
        format!(
            "{} missing, {} surplus, {} with wrong visibility; run kefu doctor --rebuild",
            check.n_missing, check.n_surplus, check.n_wrong
        )
    });
    Finding { part: format!("content of {tenant}"), fault, detail }
}

fn difference_json((tenant, difference): &(TenantId, IndexDifference)) -> Value {
    let seen = |seen: Option<Visibility>| {
        seen.map(|seen| json!({"since": seen.since.0, "until": seen.until.map(|until| until.0)}))
    };
    json!({
        "tenant": tenant.as_str(),
        "chunk_id": difference.chunk_id.to_string(),
        "kind": difference.kind(),
        "expected": seen(difference.expected),
        "found": seen(difference.found),
    })
}

/// Who sees a point, for people.
fn seen(visibility: Option<Visibility>) -> String {
    match visibility {
        None => "absent".to_owned(),
        Some(Visibility { since, until: None }) => format!("in releases {since} and later"),
        Some(Visibility { since, until: Some(until) }) => {
            format!("in releases {since} until before {until}")
        }
    }
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
