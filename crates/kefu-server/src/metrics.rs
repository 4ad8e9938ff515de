//! Numbers for `/metrics`. Labels come from closed lists, never from what a caller sends.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use kefu_core::{AnswerRecord, Language, StageTimings};
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use thiserror::Error;

/// The process's metrics, in the text form of Prometheus.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// Metrics could not be set up.
#[derive(Debug, Error)]
#[error("metrics cannot be recorded: {detail}")]
pub struct MetricsError {
    /// The cause.
    pub detail: String,
}

/// Upper ends of the duration classes, in seconds.
const CLASSES_SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

impl Metrics {
    /// Starts recording for the whole process; further calls give the same metrics.
    ///
    /// # Errors
    /// [`MetricsError`] when another recorder was installed before.
    pub fn install() -> Result<Self, MetricsError> {
        static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = installed.as_ref() {
            return Ok(metrics.clone());
        }
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &CLASSES_SECONDS)
            .map_err(|error| MetricsError { detail: error.to_string() })?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder)
            .map_err(|error| MetricsError { detail: error.to_string() })?;
        let metrics = Self(handle);
        *installed = Some(metrics.clone());
        Ok(metrics)
    }

    /// All series as text.
    pub(crate) fn render(&self) -> String {
        self.0.render()
    }

    /// Folds raw observations into their classes, so that they do not pile up unread.
    pub(crate) fn fold(&self) {
        self.0.run_upkeep();
    }
}

/// A known method's name; callers may invent others.
pub(crate) fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// One HTTP request.
pub(crate) fn count_request(method: &Method, route: &str, status: u16, elapsed: Duration) {
    let method = method_label(method);
    let route = route.to_owned();
    counter!(
        "kefu_http_requests_total",
        "method" => method, "route" => route.clone(), "status" => status.to_string(),
    )
    .increment(1);
    histogram!("kefu_http_request_duration_seconds", "method" => method, "route" => route)
        .record(elapsed.as_secs_f64());
}

/// One answer: what became of it and where its time went.
pub(crate) fn count_answer(record: &AnswerRecord) {
    let language = match record.language {
        Language::ENGLISH => "en",
        Language::CHINESE => "zh",
        _ => "other",
    };
    counter!(
        "kefu_answers_total",
        "outcome" => record.outcome.as_str(),
        "lane" => record.lane.as_str(),
        "reason" => record.reason.map_or("", kefu_core::Reason::as_str),
        "language" => language,
    )
    .increment(1);
    if let Some((_, reason)) = &record.escalation {
        counter!("kefu_escalations_total", "reason" => reason.as_str()).increment(1);
    }
    record_stages(&record.timings);
}

fn record_stages(timings: &StageTimings) {
    let stages = [
        ("triage", timings.triage_ms),
        ("retrieve", timings.retrieve_ms),
        ("rerank", timings.rerank_ms),
        ("read", timings.read_ms),
        ("first_token", timings.first_token_ms),
        ("generate", timings.generate_ms),
        ("verify", timings.verify_ms),
        ("total", timings.total_ms),
    ];
    let always_ran = |stage| matches!(stage, "triage" | "total");
    for (stage, ms) in stages.into_iter().filter(|(stage, ms)| *ms > 0 || always_ran(*stage)) {
        histogram!("kefu_answer_stage_duration_seconds", "stage" => stage)
            .record(f64::from(ms) / 1000.0);
    }
}

/// A clock of a ticket that passed a mark.
pub(crate) fn count_alarm(state: &'static str) {
    counter!("kefu_sla_alarms_total", "state" => state).increment(1);
}

/// Tickets that the desk moved by itself.
pub(crate) fn count_moved(n_released: usize, n_assigned: usize) {
    for (why, n_tickets) in [("agent_silent", n_released), ("agent_free", n_assigned)] {
        if n_tickets > 0 {
            let n_tickets = u64::try_from(n_tickets).unwrap_or(u64::MAX);
            counter!("kefu_tickets_moved_total", "why" => why).increment(n_tickets);
        }
    }
}

/// One ingest job that ended.
pub(crate) fn count_job(state: &'static str) {
    counter!("kefu_ingest_jobs_total", "state" => state).increment(1);
}

/// One attempt to tell an endpoint of an event.
pub(crate) fn count_delivery(endpoint: &str, outcome: &'static str) {
    counter!("kefu_deliveries_total", "endpoint" => endpoint.to_owned(), "outcome" => outcome)
        .increment(1);
}

/// One judgement.
pub(crate) fn count_feedback(thumbs_up: Option<bool>) {
    let thumbs = match thumbs_up {
        Some(true) => "up",
        Some(false) => "down",
        None => "none",
    };
    counter!("kefu_feedback_total", "thumbs" => thumbs).increment(1);
}

/// API requests in progress.
pub(crate) fn set_in_flight(n_requests: usize) {
    gauge!("kefu_requests_in_flight").set(u32::try_from(n_requests).unwrap_or(u32::MAX));
}
