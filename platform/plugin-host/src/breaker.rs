//! When not to try: an operation that keeps failing rests, code that keeps trapping is put away, and what was withdrawn
//! does not run.
use crate::Outcome;
use plugin_manifest::Digest;
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// Failures in a row after which an operation rests, and for how long; twice as long each time it fails again.
const FAILURES: u32 = 5;
const REST: Duration = Duration::from_secs(30);
const LONGEST_REST: Duration = Duration::from_secs(15 * 60);
/// So many traps in so much time put a digest away for a chain.
const TRAPS: usize = 3;
const WINDOW: Duration = Duration::from_secs(600);

/// Why nothing was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "motivo")]
pub enum Refusal {
    /// The operation rests.
    Descansa { segundos: u64 },
    /// The code trapped too often in this chain.
    Cuarentena,
    /// The code was withdrawn.
    Retirado,
}

#[derive(Default)]
pub struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    circuits: HashMap<(Uuid, Arc<str>, &'static str), Circuit>,
    traps: HashMap<(Uuid, Digest), VecDeque<Instant>>,
    /// Since when.
    quarantined: HashMap<(Uuid, Digest), Instant>,
    withdrawn: HashSet<Digest>,
}

#[derive(Default)]
struct Circuit {
    failures: u32,
    rests: u32,
    until: Option<Instant>,
}

/// Whose call it is.
#[derive(Clone)]
pub struct Subject {
    pub tenant: Uuid,
    pub plugin: Arc<str>,
    pub digest: Digest,
    pub operation: &'static str,
}

impl Breaker {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After a rest, one call is let through to see; the others wait for what becomes of it.
    pub fn ask(&self, subject: &Subject) -> Result<(), Refusal> {
        let mut state = self.lock();
        if state.withdrawn.contains(&subject.digest) {
            return Err(Refusal::Retirado);
        }
        if state.quarantined.contains_key(&(subject.tenant, subject.digest)) {
            return Err(Refusal::Cuarentena);
        }
        let now = Instant::now();
        let Some(circuit) = state.circuits.get_mut(&key(subject)) else { return Ok(()) };
        match circuit.until {
            Some(until) if until > now => Err(Refusal::Descansa { segundos: (until - now).as_secs().max(1) }),
            Some(_) => {
                circuit.until = Some(now + circuit.rest());
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether this one put the code away.
    pub fn note(&self, subject: &Subject, outcome: Outcome) -> bool {
        let mut state = self.lock();
        if outcome.is_failure() {
            state.circuits.entry(key(subject)).or_default().fail();
        } else if outcome.is_answer() {
            state.circuits.remove(&key(subject));
        }
        outcome.is_trap() && state.trap(subject)
    }

    pub fn withdraw(&self, digest: Digest) {
        self.lock().withdrawn.insert(digest);
    }

    pub fn restore(&self, digest: &Digest) {
        self.lock().withdrawn.remove(digest);
    }

    /// It was put away elsewhere.
    pub fn quarantine(&self, tenant: Uuid, digest: Digest) {
        self.lock().quarantined.entry((tenant, digest)).or_insert_with(Instant::now);
    }

    /// Whoever keeps what is put away knows nothing of this one, and has had so long to hear of it.
    pub fn release_unknown(&self, tenant: Uuid, digest: Digest, after: Duration) {
        let since = self.lock().quarantined.get(&(tenant, digest)).copied();
        if since.is_some_and(|since| since.elapsed() >= after) {
            self.release(tenant, digest);
        }
    }

    /// Somebody looked at it.
    pub fn release(&self, tenant: Uuid, digest: Digest) {
        let mut state = self.lock();
        state.quarantined.remove(&(tenant, digest));
        state.traps.remove(&(tenant, digest));
    }
}

fn key(subject: &Subject) -> (Uuid, Arc<str>, &'static str) {
    (subject.tenant, subject.plugin.clone(), subject.operation)
}

impl Circuit {
    fn rest(&self) -> Duration {
        REST.saturating_mul(1 << self.rests.saturating_sub(1).min(5)).min(LONGEST_REST)
    }

    fn fail(&mut self) {
        self.failures += 1;
        if self.failures >= FAILURES {
            self.rests += 1;
            self.until = Some(Instant::now() + self.rest());
        }
    }
}

impl State {
    fn trap(&mut self, subject: &Subject) -> bool {
        let (who, now) = ((subject.tenant, subject.digest), Instant::now());
        let traps = self.traps.entry(who).or_default();
        traps.push_back(now);
        traps.retain(|at| now.duration_since(*at) < WINDOW);
        traps.len() >= TRAPS && self.quarantined.insert(who, now).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limit;
    use tokio::time::advance;

    fn subject(tenant: u128, operation: &'static str) -> Subject {
        Subject { tenant: Uuid::from_u128(tenant), plugin: "pe.prueba".into(), digest: Digest::of(b"codigo"), operation }
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_that_keeps_failing_rests_alone_and_longer_each_time() {
        let breaker = Breaker::default();
        let send = subject(1, "send");
        for _ in 0..FAILURES {
            assert_eq!(breaker.ask(&send), Ok(()));
            breaker.note(&send, Outcome::Timeout);
        }
        assert_eq!(breaker.ask(&send), Err(Refusal::Descansa { segundos: 30 }));
        assert_eq!(breaker.ask(&subject(1, "check")), Ok(()));
        assert_eq!(breaker.ask(&subject(2, "send")), Ok(()));
        advance(REST).await;
        assert_eq!(breaker.ask(&send), Ok(()), "one tries");
        assert!(breaker.ask(&send).is_err(), "the others wait for it");
        breaker.note(&send, Outcome::Timeout);
        advance(REST).await;
        assert!(breaker.ask(&send).is_err(), "twice as long");
        advance(REST).await;
        assert_eq!(breaker.ask(&send), Ok(()));
        breaker.note(&send, Outcome::Ok);
        assert_eq!(breaker.ask(&send), Ok(()));
        assert_eq!(breaker.ask(&send), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_of_the_other_side_is_no_failure() {
        let breaker = Breaker::default();
        let send = subject(1, "send");
        for _ in 0..20 {
            breaker.note(&send, Outcome::Rejected);
            breaker.note(&send, Outcome::InvalidInput);
            breaker.note(&send, Outcome::RetryLater);
        }
        assert_eq!(breaker.ask(&send), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn three_traps_in_ten_minutes_put_the_code_away_in_that_chain() {
        let breaker = Breaker::default();
        let (send, check) = (subject(1, "send"), subject(1, "check"));
        assert!(!breaker.note(&send, Outcome::Trap));
        advance(WINDOW).await;
        assert!(!breaker.note(&send, Outcome::Trap));
        assert!(!breaker.note(&check, Outcome::Limit(Limit::Memoria)));
        assert_eq!(breaker.ask(&send), Ok(()));
        assert!(breaker.note(&check, Outcome::Trap), "the third within ten minutes, of any operation");
        assert_eq!(breaker.ask(&send), Err(Refusal::Cuarentena));
        assert_eq!(breaker.ask(&subject(2, "send")), Ok(()));
        breaker.release(send.tenant, send.digest);
        assert_eq!(breaker.ask(&send), Ok(()));
        assert!(!breaker.note(&send, Outcome::Trap), "it begins anew");
        breaker.withdraw(send.digest);
        assert_eq!(breaker.ask(&subject(2, "send")), Err(Refusal::Retirado));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_put_away_elsewhere_is_put_away_here_and_what_nobody_kept_is_let_out() {
        let breaker = Breaker::default();
        let send = subject(1, "send");
        breaker.quarantine(send.tenant, send.digest);
        assert_eq!(breaker.ask(&send), Err(Refusal::Cuarentena));
        advance(REST).await;
        // Told twice is put away once: it counts from the first time.
        breaker.quarantine(send.tenant, send.digest);
        breaker.release_unknown(send.tenant, send.digest, REST * 2);
        assert_eq!(breaker.ask(&send), Err(Refusal::Cuarentena), "it may not be written down yet");
        advance(REST).await;
        breaker.release_unknown(send.tenant, send.digest, REST * 2);
        assert_eq!(breaker.ask(&send), Ok(()));
    }
}
