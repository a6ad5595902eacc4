//! How much one address, one person and one chain may ask for in a minute.
//!
//! Requests are counted in memory; what was counted goes to the shared cache behind the request, a few times a second,
//! and comes back as what all instances counted together. So no request waits for Redis, and two instances let through
//! at most what one of them lets through in that quarter of a second more. Without the cache this process counts alone.
use kernel::{
    Actor, App,
    ids::TenantId,
    ports::{Limits, Quota},
};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Seconds of a window.
const WINDOW: i64 = 60;
const SYNC: Duration = Duration::from_millis(250);
/// Longer than a window counts.
const TTL: Duration = Duration::from_secs(150);
/// What is counted at a time; whoever comes beyond that is not counted in this process until the minute is over.
const MOST: usize = 200_000;

/// Requests a minute; 0: as many as they like.
#[derive(Debug, Clone, Copy)]
pub struct Ritmo {
    pub direccion: u32,
    pub usuario: u32,
    pub cadena: u32,
}

impl Default for Ritmo {
    /// More than anybody needs who is not running in circles.
    fn default() -> Self {
        Self { direccion: 300_000, usuario: 120_000, cadena: 300_000 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Direccion(IpAddr),
    Actor(TenantId, Uuid),
    Cadena(TenantId),
    /// Of a chain, by those who did not sign in: they do not use up what its people have.
    Publico(TenantId),
}

#[derive(Debug, Default)]
struct Counter {
    /// What all instances counted, as far as is known here.
    shared: i64,
    /// Counted here since.
    here: i64,
    asked: Option<Instant>,
    asking: bool,
}

#[derive(Default)]
struct Window {
    number: i64,
    counters: HashMap<Key, Counter>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Limites(Arc<Inner>);

struct Inner {
    app: App,
    ritmo: Ritmo,
    window: Mutex<Window>,
}

impl Limites {
    pub fn new(app: &App, ritmo: Ritmo) -> Self {
        Self(Arc::new(Inner { app: app.clone(), ritmo, window: Mutex::default() }))
    }

    /// One request from this address.
    pub fn address(&self, ip: IpAddr) -> Result<Option<Quota>, Quota> {
        self.take("direccion", Key::Direccion(network(ip)), self.0.ritmo.direccion)
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.0.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, policy: &'static str, key: Key, limit: u32) -> Result<Option<Quota>, Quota> {
        if limit == 0 {
            return Ok(None);
        }
        let (now, limit) = (self.0.app.now().as_second(), i64::from(limit));
        let (number, reset) = (now.div_euclid(WINDOW), WINDOW - now.rem_euclid(WINDOW));
        let mut window = self.window();
        if window.number != number {
            *window = Window { number, counters: HashMap::new() };
        }
        if window.counters.len() >= MOST && !window.counters.contains_key(&key) {
            return Ok(None);
        }
        let counter = window.counters.entry(key).or_default();
        let quota = |left: i64| Quota { policy, limit, left, reset };
        let left = limit - counter.shared - counter.here;
        if left <= 0 {
            return Err(quota(0));
        }
        counter.here += 1;
        if !counter.asking && counter.asked.is_none_or(|asked| asked.elapsed() >= SYNC) {
            counter.asking = true;
            tokio::spawn(self.clone().share(number, key, counter.here));
        }
        Ok(Some(quota(left - 1)))
    }

    /// Adds what was counted here to what everybody counted.
    async fn share(self, number: i64, key: Key, counted: i64) {
        let name = self.name(number, key);
        let all = self.0.app.cache().add(&name, counted, TTL).await;
        let mut window = self.window();
        if window.number != number {
            return;
        }
        let Some(counter) = window.counters.get_mut(&key) else { return };
        counter.here -= counted;
        // Without the others, what was counted here is what is known.
        counter.shared = all.unwrap_or(counter.shared + counted);
        (counter.asking, counter.asked) = (false, Some(Instant::now()));
    }

    /// Who it is shows in no cache: only a keyed hash.
    fn name(&self, number: i64, key: Key) -> String {
        let (tenant, what) = match key {
            Key::Direccion(ip) => (TenantId(Uuid::nil()), format!("direccion:{ip}")),
            Key::Actor(tenant, actor) => (tenant, format!("actor:{actor}")),
            Key::Cadena(tenant) => (tenant, "cadena".to_owned()),
            Key::Publico(tenant) => (tenant, "publico".to_owned()),
        };
        let hash = self.0.app.keyring().blind_index(tenant, "limite", what);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("limite:{hash}:{number}")
    }
}

impl Limits for Limites {
    fn take(&self, tenant: TenantId, actor: Actor) -> Result<Option<Quota>, Quota> {
        if actor == Actor::Anonimo {
            return Limites::take(self, "publico", Key::Publico(tenant), self.0.ritmo.cadena);
        }
        let chain = Limites::take(self, "cadena", Key::Cadena(tenant), self.0.ritmo.cadena)?;
        match actor.id() {
            Some(id) => Ok(Limites::take(self, "usuario", Key::Actor(tenant, id), self.0.ritmo.usuario)?.or(chain)),
            None => Ok(chain),
        }
    }
}

/// One customer of a provider usually holds a whole /64.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}
