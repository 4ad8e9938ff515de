use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::Response;
use axum::response::sse::Event;
use futures_core::Stream;
use futures_util::FutureExt;
use kefu_api::{AnswerResponse, Citation, DeltaEvent, PassageResponse, SourcesEvent, StatusEvent};
use kefu_core::{ErrorKind, Scope};
use kefu_rag::{AnswerEvent, AnswerObserver, Question};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use crate::extract::Call;
use crate::middleware::shutting_down;
use crate::problem::{ApiError, Fault};
use crate::service::AppState;
use crate::stream::{self, event};

/// Events that may wait for a slow reader; an answer has far fewer.
const MAX_WAITING_EVENTS: usize = 4096;

/// Answers as server-sent events. The answer is made by a task of its own, so that a reader who
/// stalls cannot hold a permit past the deadline; when the reader leaves, the task is aborted and
/// with it the generation.
pub(super) fn answer_stream(
    state: AppState,
    scope: Scope,
    question: Question,
    call: Call,
) -> Response {
    let (sender, receiver) = mpsc::channel(MAX_WAITING_EVENTS);
    let tasks = state.tasks.clone();
    let task = tasks.spawn(async move {
        let Call { request_id, deadline, permit } = call;
        let observer = Sender { events: sender.clone(), overrun: CancellationToken::new() };
        let answering = async {
            tokio::select! {
                answer = super::answer(&state, &scope, &question, &observer) => answer,
                () = tokio::time::sleep(deadline.remaining() + AFTERTHOUGHT) => {
                    Err(ApiError::plain(Fault::Kind(ErrorKind::DeadlineExceeded)))
                }
                () = observer.overrun.cancelled() => {
                    Err(ApiError::plain(Fault::Kind(ErrorKind::Overloaded)))
                }
                () = state.ending.cancelled() => Err(shutting_down()),
            }
        };
        let outcome = AssertUnwindSafe(answering).catch_unwind().await.unwrap_or_else(|_| {
            Err(ApiError::hidden(ErrorKind::Internal, "an answering task panicked"))
        });
        drop(permit);
        let last = last_event(outcome, &request_id.0);
        if sender.send(last).await.is_err() {
            tracing::debug!(request.id = %request_id, "reader left before the end");
        }
    });
    let events = Events { receiver, task: task.abort_handle() };
    stream::respond(events)
}

/// As in admission: the use case reports the deadline first if it can.
const AFTERTHOUGHT: Duration = Duration::from_millis(250);

fn last_event(outcome: Result<AnswerResponse, ApiError>, request_id: &str) -> Event {
    match outcome {
        Ok(answer) => event("final", &answer),
        Err(error) => {
            error.log(request_id);
            event("error", &error.problem(request_id))
        }
    }
}

/// Passes the steps of an answer on to the stream.
struct Sender {
    events: mpsc::Sender<Event>,
    overrun: CancellationToken,
}

impl AnswerObserver for Sender {
    fn observe(&self, step: AnswerEvent) {
        let event = match step {
            AnswerEvent::Status(status) => {
                event("status", &StatusEvent { status: status.to_owned() })
            }
            AnswerEvent::Sources(sources) => {
                let ranked = (1..).zip(&sources);
                let passages = ranked
                    .map(|(rank, source)| {
                        PassageResponse::new(rank, source.trace.score, &source.passage)
                    })
                    .collect();
                event("sources", &SourcesEvent { passages })
            }
            AnswerEvent::Delta(text) => event("delta", &DeltaEvent { text }),
            AnswerEvent::Citation(citation) => event("citation", &Citation::from(&citation)),
        };
        if self.events.try_send(event).is_err() {
            self.overrun.cancel();
        }
    }
}

/// The body of the response; dropping it ends the work.
struct Events {
    receiver: mpsc::Receiver<Event>,
    task: AbortHandle,
}

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_recv(context).map(|event| event.map(Ok))
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.task.abort();
    }
}
