//! Tries are counted before the expensive work, per account and network and per network alone, and given back when
//! they were right or were never made.
//!
//! Counters of half an hour; the current one and the two before it may hold `limit` tries together, so that no
//! rolling hour ever sees more, and the wait is 90 minutes at most. Devices that signed in to an account before have
//! a bucket of their own: whoever shares their address cannot lock them out. When the shared cache is away, this
//! process counts alone: never open, never closed for all.
use jiff::Timestamp;
use kernel::{
    App, Problem,
    crypto::Keyring,
    ids::{ClaveApiId, TenantId, UsuarioId},
    problem::kinds,
};
use moka::future::Cache;
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::runtime::Handle;
use uuid::Uuid;

const SLICE: i64 = 30 * 60;
/// Longer than a slice counts.
const TTL: Duration = Duration::from_secs(2 * 3600);

/// Tries per rolling hour on one account from one network, wherever they are made: at sign-in, or with a stolen
/// session at the change of the password. With those of known devices there are always fewer than 20.
const POR_CUENTA: i64 = 10;
const POR_CUENTA_CONOCIDA: i64 = 8;
/// Wrong tries from one network on all accounts of all chains. Whole clinics share an address.
pub const POR_RED: i64 = 100;
/// Wrong second-factor codes per account, wherever from: these tries come after the right password.
const CODIGOS: i64 = 15;
/// Refusals of one API key from one network that are worth a line in the log.
const POR_CLAVE: i64 = 10;
/// Mails that strangers of one network can have sent to one person, strangers of all networks together, and requests
/// for such mails that one network can make.
const OLVIDOS: i64 = 5;
const OLVIDOS_POR_CUENTA: i64 = 20;
pub const OLVIDOS_POR_RED: i64 = 60;

/// What is counted together, and how much of it is too much.
#[derive(Debug, Clone)]
pub struct Bucket {
    key: String,
    limit: i64,
}

impl Bucket {
    /// `what` never shows in the cache: only its keyed hash does.
    fn new(ring: &Keyring, tenant: TenantId, what: &str, limit: i64) -> Self {
        Self { key: hex(&ring.blind_index(tenant, "freno", what)), limit }
    }
    /// All passwords and codes tried on one account from one network. `cuenta` is the blind index of its e-mail.
    pub fn account(ring: &Keyring, tenant: TenantId, cuenta: &[u8], ip: IpAddr) -> Self {
        Self::new(ring, tenant, &format!("cuenta:{}:{}", hex(cuenta), network(ip)), POR_CUENTA)
    }
    /// The same, by devices that signed in to this account before: however many of them somebody keeps.
    pub fn known(ring: &Keyring, tenant: TenantId, cuenta: &[u8], ip: IpAddr) -> Self {
        Self::new(ring, tenant, &format!("conocida:{}:{}", hex(cuenta), network(ip)), POR_CUENTA_CONOCIDA)
    }
    /// Mails that strangers of one network can have sent to one person.
    pub fn forgotten(ring: &Keyring, tenant: TenantId, usuario: UsuarioId, ip: IpAddr) -> Self {
        Self::new(ring, tenant, &format!("olvido:{usuario}:{}", network(ip)), OLVIDOS)
    }
    /// The same, strangers of all networks together.
    pub fn forgotten_anywhere(ring: &Keyring, tenant: TenantId, usuario: UsuarioId) -> Self {
        Self::new(ring, tenant, &format!("olvido:{usuario}"), OLVIDOS_POR_CUENTA)
    }
    /// Codes of the second factor tried on one account, wherever and from wherever.
    pub fn codes(ring: &Keyring, tenant: TenantId, usuario: UsuarioId) -> Self {
        Self::new(ring, tenant, &format!("codigo:{usuario}"), CODIGOS)
    }
    /// What one key of an integration was refused from one network.
    pub fn key(ring: &Keyring, tenant: TenantId, clave: ClaveApiId, ip: IpAddr) -> Self {
        Self::new(ring, tenant, &format!("clave:{clave}:{}", network(ip)), POR_CLAVE)
    }
    /// Everything of one kind from one network, in all chains.
    pub fn network(ring: &Keyring, what: &str, ip: IpAddr, limit: i64) -> Self {
        Self::new(ring, TenantId(Uuid::nil()), &format!("red:{what}:{}", network(ip)), limit)
    }
    fn slice(&self, slice: i64) -> String {
        format!("freno:{}:{slice}", self.key)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One customer of a provider usually holds a whole /64.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

/// Too many tries.
#[derive(Debug, PartialEq, Eq)]
pub struct Wait {
    pub seconds: u64,
    /// The first refusal of this half hour: worth a line in the log. The rest would be the attacker's lines.
    pub first: bool,
}

impl From<Wait> for Problem {
    fn from(wait: Wait) -> Self {
        Self::new(kinds::TOO_MANY).retry_after(wait.seconds)
    }
}

/// A try that was let through and counted. It comes back when this is dropped (the client went away, there was no
/// room), unless the try was made: then only [`Taken::refund`] gives it back.
#[must_use = "dropped at once it counts nothing"]
pub struct Taken {
    throttle: Throttle,
    counters: Vec<String>,
    made: bool,
}

impl Taken {
    /// From here on it counts, whoever waits for the answer.
    pub fn made(&mut self) {
        self.made = true;
    }

    /// It was right. Should the caller go away meanwhile, the rest comes back all the same, and nothing twice.
    pub async fn refund(mut self) {
        self.made = false;
        while let Some(counter) = self.counters.pop() {
            self.throttle.add(&counter, -1).await;
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.made || self.counters.is_empty() {
            return;
        }
        let (throttle, counters) = (self.throttle.clone(), std::mem::take(&mut self.counters));
        if let Ok(runtime) = Handle::try_current() {
            // Not another `Taken`: a runtime that is ending drops what it is given, and that one would come back here.
            runtime.spawn(async move { throttle.give_back(counters).await });
        }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Throttle {
    app: App,
    alone: Local,
}

impl Throttle {
    pub fn new(app: App) -> Self {
        Self { app, alone: Local::default() }
    }

    /// One try in each of these buckets, or none in any.
    pub async fn take(&self, buckets: &[&Bucket], now: Timestamp) -> Result<Taken, Wait> {
        let mut taken = Taken { throttle: self.clone(), counters: Vec::with_capacity(buckets.len()), made: false };
        for bucket in buckets {
            match self.count(bucket, now).await {
                Ok(counter) => taken.counters.push(counter),
                Err(wait) => {
                    taken.refund().await;
                    return Err(wait);
                }
            }
        }
        Ok(taken)
    }

    async fn count(&self, bucket: &Bucket, now: Timestamp) -> Result<String, Wait> {
        let slice = now.as_second().div_euclid(SLICE);
        let (counter, one, two) = (bucket.slice(slice), bucket.slice(slice - 1), bucket.slice(slice - 2));
        let (mine, one, two) = tokio::join!(self.add(&counter, 1), self.add(&one, 0), self.add(&two, 0));
        if mine + one + two <= bucket.limit {
            return Ok(counter);
        }
        self.add(&counter, -1).await;
        let first = self.add(&format!("{counter}:aviso"), 1).await == 1;
        Err(Wait { seconds: seconds_to_wait(bucket.limit, [two, one], mine - 1, now.as_second()), first })
    }

    async fn give_back(&self, counters: Vec<String>) {
        for counter in counters {
            self.add(&counter, -1).await;
        }
    }

    async fn add(&self, key: &str, by: i64) -> i64 {
        match self.app.cache().add(key, by, TTL).await {
            Ok(count) => count,
            Err(error) => {
                tracing::warn!(%error, "counting tries in this process alone");
                self.alone.add(key, by).await
            }
        }
    }
}

/// Until enough of the counted tries are older than the window.
fn seconds_to_wait(limit: i64, before: [i64; 2], current: i64, now: i64) -> u64 {
    let start = now - now.rem_euclid(SLICE);
    let held = [(start + SLICE, before[0]), (start + 2 * SLICE, before[1]), (start + 3 * SLICE, current)];
    let mut total = held.iter().map(|(_, count)| count).sum::<i64>();
    for (gone_at, count) in held {
        total -= count;
        if total < limit {
            return u64::try_from(gone_at - now).unwrap_or(1).max(1);
        }
    }
    SLICE.unsigned_abs()
}

/// Counters of this process, for the time that the shared ones are away.
#[derive(Clone)]
struct Local(Cache<String, Arc<AtomicI64>>);

impl Default for Local {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_live(TTL).build())
    }
}

impl Local {
    async fn add(&self, key: &str, by: i64) -> i64 {
        let counter = self.0.get_with_by_ref(key, async { Arc::default() }).await;
        counter.fetch_add(by, Ordering::Relaxed) + by
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("192.0.2.7", "192.0.2.7")]
    #[case("::ffff:192.0.2.7", "192.0.2.7")]
    #[case("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    fn a_network_is_one_customer(#[case] ip: &str, #[case] expected: &str) {
        assert_eq!(network(ip.parse().expect("an address")), expected.parse::<IpAddr>().expect("an address"));
    }

    #[rstest]
    #[case::all_now([0, 0], 10, 0, 5400)]
    #[case::all_now_later([0, 0], 10, 600, 4800)]
    #[case::older_ones([10, 0], 0, 600, 1200)]
    #[case::mixed([3, 7], 0, 0, 1800)]
    #[case::oldest_not_enough([0, 9], 1, 0, 3600)]
    fn the_wait_ends_when_there_is_room(#[case] before: [i64; 2], #[case] current: i64, #[case] into: i64, #[case] expected: u64) {
        assert_eq!(seconds_to_wait(10, before, current, SLICE * 1000 + into), expected);
    }

    #[tokio::test]
    async fn alone_a_process_still_counts() {
        let local = Local::default();
        assert_eq!(local.add("a", 1).await, 1);
        assert_eq!(local.add("a", 1).await, 2);
        assert_eq!(local.add("a", -1).await, 1);
        assert_eq!(local.add("b", 0).await, 0);
    }
}
