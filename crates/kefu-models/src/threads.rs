//! The number of compute threads, which candle reads from the environment.
#![expect(unsafe_code, reason = "candle takes its thread count from environment variables only")]

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

const VARIABLES: [&str; 2] = ["CANDLE_NUM_THREADS", "RAYON_NUM_THREADS"];

/// Sets how many threads the models compute on; 0 chooses. Must be called first thing in `main`,
/// before any other thread exists: later it changes nothing and returns `None`. Variables that the
/// environment already sets win. Returns the number chosen.
///
/// This is for what candle computes itself, on processors without byte products. The choice leaves
/// one core to the service: candle's threads wait for each other by spinning, so one busy neighbour
/// stops them all. The models' own threads do not, see [`RuntimeSettings`](crate::RuntimeSettings).
pub fn configure_threads(threads: usize) -> Option<usize> {
    let n_cores = available_parallelism().map_or(1, NonZeroUsize::get);
    let n_threads = if threads == 0 { default_threads(n_cores) } else { threads.min(n_cores) };
    if !is_only_thread() {
        return None;
    }
    for name in VARIABLES {
        if std::env::var_os(name).is_none() {
            // SAFETY: the operating system has just reported that this is the only thread of the
            // process, so nothing can read or write the environment at the same time.
            unsafe { std::env::set_var(name, n_threads.to_string()) };
        }
    }
    Some(n_threads)
}

fn default_threads(n_cores: usize) -> usize {
    n_cores.saturating_sub(1).max(1)
}

#[cfg(target_os = "linux")]
fn is_only_thread() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|tasks| tasks.count() == 1)
}

/// Elsewhere the number of threads cannot be told, so the environment is left alone.
#[cfg(not(target_os = "linux"))]
fn is_only_thread() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_core_is_left_to_the_service() {
        assert_eq!([1, 2, 4, 16].map(default_threads), [1, 1, 3, 15]);
    }

    #[test]
    fn a_process_with_threads_is_left_alone() {
        // The test harness runs tests beside its main thread.
        assert_eq!(configure_threads(1), None);
    }
}
