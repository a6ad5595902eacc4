//! argon2id on a bounded number of threads, with a lane for those we know.
//!
//! Hashing is slow on purpose, so it is what an attacker floods. A lane is a number of hashes at a time: the
//! open one for everybody, a reserved one for devices and addresses that this account signed in from before.
//! A flood of strangers fills the open lane and its short queue, and nobody else notices.
use super::problemas;
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use kernel::{Problem, crypto::random32, problem::kinds};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Well below the time that a request may take: who waits in vain is told so, and told when to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// What one hash costs. The default is OWASP's first recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    pub memoria_kib: u32,
    pub vueltas: u32,
    pub hilos: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memoria_kib: 19 * 1024, vueltas: 2, hilos: 1 }
    }
}

/// Who waits for a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Open,
    /// Known device, known address, or already signed in.
    Reserved,
}

struct Queue {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    longest: usize,
}

pub struct Hasher {
    params: Params,
    open: Queue,
    reserved: Queue,
    /// Checked when there is no such account: the same work as for a real one.
    nobody: Arc<str>,
    made: Arc<AtomicU64>,
}

/// Its holder is next: no hash was made yet, and nobody else's is made in its place.
pub struct Turn<'a> {
    hasher: &'a Hasher,
    permit: OwnedSemaphorePermit,
}

impl Hasher {
    pub fn new(cost: Cost) -> Result<Self, argon2::Error> {
        let params = Params::new(cost.memoria_kib, cost.vueltas, cost.hilos, None)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let queue = |at_once: usize, longest| Queue { permits: Arc::new(Semaphore::new(at_once)), waiting: AtomicUsize::new(0), longest };
        // Half of the machine for strangers; the rest keeps serving requests. In a flood the open queue is always full,
        // and a short one gives whoever asks again each second more chances than a long one.
        let (open, reserved) = (queue((cores / 2).max(1), 32), queue(1, 160));
        let nobody = hash(&params, b"nadie").map_err(|_| argon2::Error::OutputTooShort)?.into();
        Ok(Self { params, open, reserved, nobody, made: Arc::default() })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, lane: Lane, contrasena: String) -> Result<String, Problem> {
        let params = self.params.clone();
        self.turn(lane).await?.run(move || hash(&params, contrasena.as_bytes())).await?.map_err(Problem::internal)
    }

    /// Waits for a place. 503 if there is none soon.
    pub async fn turn(&self, lane: Lane) -> Result<Turn<'_>, Problem> {
        let queue = match lane {
            Lane::Open => &self.open,
            Lane::Reserved => &self.reserved,
        };
        let busy = || Problem::new(kinds::UNAVAILABLE).detail("Hay muchos ingresos en este momento.").retry_after(1);
        let _place = Waiting::enter(queue).ok_or_else(busy)?;
        let permit = tokio::time::timeout(LONGEST_WAIT, queue.permits.clone().acquire_owned()).await.map_err(|_| busy())?;
        Ok(Turn { hasher: self, permit: permit.map_err(Problem::internal)? })
    }

    /// Whether a stored hash was made at another cost than today's.
    pub fn outdated(&self, stored: &str) -> bool {
        let made_at = PasswordHash::new(stored).ok().and_then(|phc| Params::try_from(&phc).ok());
        made_at.is_none_or(|p| (p.m_cost(), p.t_cost(), p.p_cost()) != (self.params.m_cost(), self.params.t_cost(), self.params.p_cost()))
    }

    /// How many hashes this process made.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }
}

impl Turn<'_> {
    /// Whether this is the password. Without a stored one the answer is no, after the same work.
    pub async fn verify(self, stored: Option<&str>, contrasena: String) -> Result<bool, Problem> {
        let exists = stored.is_some();
        let stored: Arc<str> = stored.map_or_else(|| self.hasher.nobody.clone(), Into::into);
        let right = self.run(move || matches(&stored, contrasena.as_bytes())).await?;
        Ok(right && exists)
    }

    /// The place is given back when the work is done, also if whoever asked for it is gone by then.
    async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let Self { hasher, permit } = self;
        let made = hasher.made.clone();
        let work = move || {
            let _permit = permit;
            made.fetch_add(1, Ordering::Relaxed);
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Problem::internal)
    }
}

/// A place in a queue; given back also when the client goes away.
struct Waiting<'a>(&'a Queue);
impl<'a> Waiting<'a> {
    fn enter(queue: &'a Queue) -> Option<Self> {
        let place = Self(queue);
        (queue.waiting.fetch_add(1, Ordering::Relaxed) < queue.longest).then_some(place)
    }
}
impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash(params: &Params, contrasena: &[u8]) -> password_hash::Result<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    Ok(argon2.hash_password_with_salt(contrasena, &random32()[..16])?.to_string())
}

fn matches(stored: &str, contrasena: &[u8]) -> bool {
    PasswordHash::new(stored).is_ok_and(|phc| Argon2::default().verify_password(contrasena, &phc).is_ok())
}

/// The answer to every sign-in that is not right, whatever it is.
pub fn rejected() -> Problem {
    Problem::new(problemas::CREDENCIALES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memoria_kib: 64, vueltas: 1, hilos: 1 };

    #[tokio::test]
    async fn a_password_verifies_and_a_changed_cost_shows() {
        let hasher = Hasher::new(CHEAP).expect("params");
        let stored = hasher.hash(Lane::Open, "caballo verde".into()).await.expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        for (stored, contrasena, right) in
            [(Some(stored.as_str()), "caballo verde", true), (Some(&stored), "caballo azul", false), (None, "nadie", false)]
        {
            let turn = hasher.turn(Lane::Open).await.expect("room");
            assert_eq!(turn.verify(stored, contrasena.into()).await.expect("checked"), right, "{stored:?} {contrasena}");
        }
        assert_eq!(hasher.made(), 4);
        assert!(!hasher.outdated(&stored));
        assert!(Hasher::new(Cost { vueltas: 2, ..CHEAP }).expect("params").outdated(&stored));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn strangers_who_fill_their_lane_leave_the_other_one_free() {
        let hasher = Arc::new(Hasher::new(CHEAP).expect("params"));
        let all = hasher.open.permits.available_permits();
        let _taken = hasher.open.permits.acquire_many(u32::try_from(all).expect("few")).await.expect("open");
        let stranger = tokio::time::timeout(Duration::from_millis(50), hasher.hash(Lane::Open, "x".into())).await;
        assert!(stranger.is_err(), "waits");
        hasher.hash(Lane::Reserved, "x".into()).await.expect("passes");
        assert_eq!(hasher.open.waiting.load(Ordering::Relaxed), 0, "who goes away gives the place back");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_goes_away_during_the_work_frees_no_place_for_more() {
        let hasher = Hasher::new(CHEAP).expect("params");
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let all = hasher.reserved.permits.available_permits();
        {
            let turn = hasher.turn(Lane::Reserved).await.expect("room");
            let work = turn.run(move || wait.recv());
            assert!(tokio::time::timeout(Duration::from_millis(50), work).await.is_err(), "works");
        }
        assert_eq!(hasher.reserved.permits.available_permits(), all - 1);
        go.send(()).expect("still at work");
        let _free = hasher.turn(Lane::Reserved).await.expect("the place came back");
    }
}
