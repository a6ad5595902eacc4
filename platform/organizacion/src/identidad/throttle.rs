//! Tries are counted before the expensive work, per account and address, and given back when they were right.
//!
//! Counters of half an hour; the current one and the two before it may hold `limit` tries together, so that no
//! rolling hour ever sees more, and the wait is 90 minutes at most. A device that signed in before has a bucket
//! of its own: whoever shares its address cannot lock it out. When the shared cache is away, this process
//! counts alone: never open, never closed for all.
use jiff::Timestamp;
use kernel::{App, crypto::Keyring, ids::TenantId};
use moka::future::Cache;
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

const SLICE: i64 = 30 * 60;
/// Longer than a slice counts.
const TTL: Duration = Duration::from_secs(2 * 3600);

/// Tries per rolling hour. An address and a device of one account together stay under 20.
pub const POR_DIRECCION: i64 = 10;
pub const POR_DISPOSITIVO: i64 = 8;
/// Wrong second-factor codes per account, wherever from: these tries come after the right password.
pub const CODIGOS: i64 = 20;
/// Mails that strangers can have sent to one person.
pub const OLVIDOS: i64 = 5;

/// What is counted together, and how much of it is too much.
#[derive(Debug, Clone)]
pub struct Bucket {
    key: String,
    limit: i64,
}

impl Bucket {
    /// `what` never shows in the cache: only its keyed hash does.
    pub fn new(ring: &Keyring, tenant: TenantId, what: &str, limit: i64) -> Self {
        let hash = ring.blind_index(tenant, "freno", what);
        Self { key: hash.iter().map(|byte| format!("{byte:02x}")).collect(), limit }
    }
    pub fn address(ring: &Keyring, tenant: TenantId, cuenta: &str, ip: IpAddr) -> Self {
        Self::new(ring, tenant, &format!("direccion:{cuenta}:{}", network(ip)), POR_DIRECCION)
    }
    pub fn device(ring: &Keyring, tenant: TenantId, cuenta: &str, dispositivo: Uuid) -> Self {
        Self::new(ring, tenant, &format!("dispositivo:{cuenta}:{dispositivo}"), POR_DISPOSITIVO)
    }
    fn slice(&self, slice: i64) -> String {
        format!("freno:{}:{slice}", self.key)
    }
}

/// One customer of a provider usually holds a whole /64.
pub fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

/// A try that was let through and counted.
#[derive(Debug)]
#[must_use = "a right try is given back with Throttle::refund"]
pub struct Taken {
    counter: String,
}

/// Too many tries.
#[derive(Debug, PartialEq, Eq)]
pub struct Wait {
    pub seconds: u64,
    /// The first refusal of this half hour: worth a line in the log. The rest would be the attacker's lines.
    pub first: bool,
}

pub struct Throttle {
    app: App,
    alone: Local,
}

impl Throttle {
    pub fn new(app: App) -> Self {
        Self { app, alone: Local::default() }
    }

    pub async fn take(&self, bucket: &Bucket, now: Timestamp) -> Result<Taken, Wait> {
        let slice = now.as_second().div_euclid(SLICE);
        let counter = bucket.slice(slice);
        let before = [self.add(&bucket.slice(slice - 2), 0).await, self.add(&bucket.slice(slice - 1), 0).await];
        let mine = self.add(&counter, 1).await;
        if mine + before.iter().sum::<i64>() <= bucket.limit {
            return Ok(Taken { counter });
        }
        self.add(&counter, -1).await;
        let first = self.add(&format!("{counter}:aviso"), 1).await == 1;
        Err(Wait { seconds: seconds_to_wait(bucket.limit, before, mine - 1, now.as_second()), first })
    }

    /// The try was right, or was never made.
    pub async fn refund(&self, taken: Taken) {
        self.add(&taken.counter, -1).await;
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
