use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU32;

use super::*;

#[test]
fn results_come_in_order_whatever_the_threads() {
    for n_threads in [1, 2, 3, 8] {
        let pool = Pool::new(n_threads, "test");
        assert_eq!(pool.n_threads(), n_threads);
        for n_parts in [0, 1, 2, 7, 100] {
            let found = pool.run(n_parts, |idx| idx * idx);
            assert_eq!(found, (0..n_parts).map(|idx| idx * idx).collect::<Vec<_>>());
        }
    }
}

#[test]
fn many_short_pieces_one_after_the_other() {
    let pool = Pool::new(2, "test");
    for turn in 0..20_000_usize {
        assert_eq!(pool.run(4, move |idx| turn + idx), [turn, turn + 1, turn + 2, turn + 3]);
    }
}

#[test]
fn a_helper_that_stands_still_is_not_waited_for() {
    let pool = Pool::new(2, "test");
    let caller = thread::current().id();
    let n_stuck = Arc::new(AtomicU32::new(0));
    let mut n_runs = 0;
    // Until the helper was quick enough to begin a part.
    while n_stuck.load(Ordering::Relaxed) == 0 && n_runs < 10_000 {
        n_runs += 1;
        let stuck = Arc::clone(&n_stuck);
        let started = Instant::now();
        let found = pool.run(4, move |idx| {
            if thread::current().id() == caller {
                thread::sleep(Duration::from_millis(1));
            } else if stuck.fetch_add(1, Ordering::Relaxed) == 0 {
                thread::sleep(Duration::from_secs(3));
            }
            idx
        });
        assert_eq!(found, [0, 1, 2, 3]);
        assert!(started.elapsed() < Duration::from_secs(2), "waited for the helper");
    }
    assert!(n_stuck.load(Ordering::Relaxed) > 0, "the helper never began a part");
}

#[test]
#[expect(clippy::panic, reason = "a panic is what is tested")]
fn a_panic_reaches_the_caller_and_the_pool_goes_on() {
    let pool = Pool::new(2, "test");
    let failing = catch_unwind(AssertUnwindSafe(|| {
        pool.run(4, |idx| if idx == 3 { panic!("part {idx}") } else { idx })
    }));
    assert!(failing.is_err());
    assert_eq!(pool.run(3, |idx| idx), [0, 1, 2]);
}
