//! Whether the replica may answer: only while it is known to show all that the primary had a second ago.
//!
//! No clocks are compared and "no news" is never taken for "up to date". The primary is asked how far it has written;
//! once the replica has replayed that far, it is as fresh as of the moment *before* that question.
use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How old an answer may be.
const TOLERATED: Duration = Duration::from_secs(1);
/// Positions of the primary that the replica has not reached; more are of no use, they would be too old.
const PENDING: usize = 16;

/// What is known about the replica, of all times since this was made.
#[derive(Debug)]
pub(crate) struct Freshness {
    born: Instant,
    /// Microseconds since then; 0: not known to be fresh at any time.
    as_of: AtomicU64,
    /// When the primary was asked, and where it was.
    pending: Mutex<VecDeque<(Duration, i64)>>,
}

impl Default for Freshness {
    fn default() -> Self {
        Self { born: Instant::now(), as_of: AtomicU64::new(0), pending: Mutex::default() }
    }
}

impl Freshness {
    /// The time as it is counted here. Taken before the primary is asked.
    pub fn now(&self) -> Duration {
        self.born.elapsed()
    }

    /// The primary, asked at that moment, had written up to this position.
    pub fn primary_was(&self, at: Duration, position: i64) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() == PENDING {
            pending.pop_front();
        }
        pending.push_back((at, position));
    }

    /// The replica has replayed up to this position; `None`: it is no replica (any more).
    pub fn replica_is(&self, position: Option<i64>) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(position) = position else {
            pending.clear();
            self.as_of.store(0, Ordering::Relaxed);
            return;
        };
        while let Some((at, _)) = pending.pop_front_if(|(_, written)| *written <= position) {
            self.as_of.store(u64::try_from(at.as_micros()).unwrap_or(0).max(1), Ordering::Relaxed);
        }
    }

    pub fn is_fresh(&self, now: Duration) -> bool {
        let as_of = self.as_of.load(Ordering::Relaxed);
        as_of != 0 && now.saturating_sub(Duration::from_micros(as_of)) <= TOLERATED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn unknown_is_not_fresh() {
        let replica = Freshness::default();
        assert!(!replica.is_fresh(ms(0)));
        replica.primary_was(ms(10), 100);
        assert!(!replica.is_fresh(ms(11)), "asked, not answered");
    }

    #[test]
    fn it_is_fresh_for_a_second_after_what_it_has_replayed() {
        let replica = Freshness::default();
        replica.primary_was(ms(10), 100);
        replica.replica_is(Some(100));
        assert!(replica.is_fresh(ms(1_010)));
        assert!(!replica.is_fresh(ms(1_011)), "nobody has looked since");
    }

    #[test]
    fn a_replica_that_lags_is_as_old_as_what_it_shows() {
        let replica = Freshness::default();
        for step in 1..=8 {
            replica.primary_was(ms(200 * step), 100 * step.cast_signed());
        }
        replica.replica_is(Some(350));
        // At position 300 the primary was at 600 ms.
        assert!(replica.is_fresh(ms(1_600)) && !replica.is_fresh(ms(1_601)));
        replica.replica_is(Some(800));
        assert!(replica.is_fresh(ms(2_600)));
    }

    #[test]
    fn a_replica_that_stands_still_is_found_out_although_the_primary_goes_on() {
        let replica = Freshness::default();
        replica.primary_was(ms(100), 100);
        replica.replica_is(Some(100));
        for step in 1..=50 {
            replica.primary_was(ms(100 + 200 * step), 100 + step.cast_signed());
            replica.replica_is(Some(100));
        }
        assert!(!replica.is_fresh(ms(1_101)));
        replica.replica_is(Some(1_000));
        assert!(replica.is_fresh(ms(10_100)), "it caught up");
    }

    #[test]
    fn a_replica_that_was_promoted_is_out() {
        let replica = Freshness::default();
        replica.primary_was(ms(100), 100);
        replica.replica_is(Some(100));
        replica.replica_is(None);
        assert!(!replica.is_fresh(ms(101)));
    }
}
