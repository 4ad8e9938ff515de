use std::any::Any;
use std::convert::Infallible;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use kefu_core::StoreError;
use tokio::sync::{mpsc, oneshot};

type Job = Box<dyn FnOnce() + Send>;

/// Named threads that work through one bounded queue, in order when there is one thread.
///
/// A job whose caller has gone before it starts is skipped; one that has started runs to its end.
#[derive(Debug)]
pub(super) struct Workers {
    queue: Mutex<Option<SyncSender<Job>>>,
    /// Yields `None` once every thread has ended; nothing is ever sent.
    ended: tokio::sync::Mutex<mpsc::Receiver<Infallible>>,
    max_waiting: usize,
}

impl Workers {
    pub(super) fn start(name: &str, n_threads: usize, max_waiting: usize) -> io::Result<Self> {
        let (queue, jobs) = sync_channel::<Job>(max_waiting.max(1));
        let (alive, ended) = mpsc::channel(1);
        let jobs = Arc::new(Mutex::new(jobs));
        for n in 0..n_threads.max(1) {
            let (jobs, alive) = (Arc::clone(&jobs), alive.clone());
            thread::Builder::new().name(format!("{name}-{n}")).spawn(move || {
                while let Some(job) = next(&jobs) {
                    job();
                }
                drop(alive);
            })?;
        }
        let ended = tokio::sync::Mutex::new(ended);
        Ok(Self { queue: Mutex::new(Some(queue)), ended, max_waiting: max_waiting.max(1) })
    }

    /// Runs `work` on a thread. A full queue is [`StoreError::Overloaded`] at once.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Box::new(move || {
            if reply.is_closed() {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|cause| {
                Err(StoreError::Failed { detail: panic_message(cause.as_ref()) })
            });
            // A caller that has gone meanwhile needs no answer.
            let _ = reply.send(result);
        }))?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Lets the queue run dry and waits until the threads have ended.
    pub(super) async fn stop(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ = self.ended.lock().await.recv().await;
    }

    fn submit(&self, job: Job) -> Result<(), StoreError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => {
                Err(StoreError::Overloaded { limit: self.max_waiting })
            }
            Some(Err(TrySendError::Disconnected(_))) | None => Err(stopped()),
        }
    }
}

/// What a panic said.
pub(super) fn panic_message(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<&str>().copied();
    let text = text.or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    format!("the engine panicked: {}", text.unwrap_or("no message"))
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn stopped() -> StoreError {
    StoreError::Unavailable { detail: "it has been closed".to_owned() }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_drains_on_stop() {
        let workers = Arc::new(Workers::start("test", 1, 1).unwrap());
        let (started, has_started) = channel();
        let (release, gate) = channel::<()>();
        let busy = tokio::spawn({
            let workers = Arc::clone(&workers);
            async move {
                let work = move || {
                    started.send(()).unwrap();
                    gate.recv().unwrap();
                    Ok(1)
                };
                workers.call(work).await
            }
        });
        tokio::task::spawn_blocking(move || has_started.recv().unwrap()).await.unwrap();
        let mut waiting = std::pin::pin!(workers.call(|| Ok(2)));
        assert!(futures_pending(waiting.as_mut()).await);
        let refused = workers.call(|| Ok(3)).await;
        assert!(matches!(refused, Err(StoreError::Overloaded { limit: 1 })), "{refused:?}");
        release.send(()).unwrap();
        assert_eq!(waiting.await.unwrap(), 2);
        assert_eq!(busy.await.unwrap().unwrap(), 1);
        workers.stop().await;
        assert!(matches!(workers.call(|| Ok(4)).await, Err(StoreError::Unavailable { .. })));
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_thread_lives_on() {
        let workers = Workers::start("test", 1, 4).unwrap();
        let failed = workers.call(|| -> Result<(), StoreError> { panic_in_engine() }).await;
        assert!(matches!(failed, Err(StoreError::Failed { .. })), "{failed:?}");
        assert_eq!(workers.call(|| Ok(5)).await.unwrap(), 5);
    }

    #[tokio::test]
    async fn work_whose_caller_has_gone_is_skipped() {
        let workers = Workers::start("test", 1, 4).unwrap();
        let (ran, has_run) = channel();
        let (release, gate) = channel::<()>();
        let mut first = Box::pin(workers.call(move || {
            gate.recv().unwrap();
            Ok(())
        }));
        assert!(futures_pending(first.as_mut()).await);
        let mut second = Box::pin(workers.call(move || {
            ran.send(()).unwrap();
            Ok(())
        }));
        assert!(futures_pending(second.as_mut()).await);
        drop(second);
        release.send(()).unwrap();
        first.await.unwrap();
        workers.stop().await;
        assert!(has_run.recv().is_err());
    }

    /// Polls once.
    async fn futures_pending<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
        })
        .await
    }

    fn panic_in_engine() -> Result<(), StoreError> {
        let empty: [u8; 0] = [];
        let n = std::hint::black_box(3);
        Err(StoreError::Failed { detail: empty[n].to_string() })
    }
}
