//! Who may run now. Chains take turns, none holds more than its share, and a queue that is full says so at once.
//!
//! It lets in no more than the engines have room for, so nobody who got a place hears of an engine that is full; and of that
//! room no chain takes more than a part, however many plugins it has.
use crate::Profile;
use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    pub total: usize,
    /// Of those, what may be rules: their engine has a pool of its own.
    pub rules: usize,
    /// Of one chain, whatever it runs.
    pub per_tenant: usize,
    pub per_plugin: usize,
    pub per_tenant_and_plugin: usize,
    /// Of one chain, waiting.
    pub waiting: usize,
    /// Bytes, by what plugins may come to take: most take far less.
    pub memory: u64,
    /// Of those, one chain's.
    pub memory_per_tenant: u64,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            total: 400,
            rules: 100,
            per_tenant: 64,
            per_plugin: 64,
            per_tenant_and_plugin: 8,
            waiting: 64,
            memory: 8 << 30,
            memory_per_tenant: 1 << 30,
        }
    }
}

impl Places {
    /// So many bytes, of which a chain has an eighth.
    pub fn with_memory(self, memory: u64) -> Self {
        Self { memory, memory_per_tenant: memory / 8, ..self }
    }

    /// Within what both engines have room for; whatever that is, a chain leaves as much as it takes.
    pub(crate) fn within(self, io: usize, pure: usize) -> Self {
        let (total, rules) = (self.total.min(io), self.rules.min(pure));
        Self { total, rules, per_tenant: self.per_tenant.min(total / 2).max(1), ..self }
    }

    /// A chain's, among the places for rules.
    fn rules_per_tenant(&self) -> usize {
        self.per_tenant.min(self.rules / 2).max(1)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// What a call takes while it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    pub profile: Profile,
    /// Bytes, at the most.
    pub memory: u64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Who {
    tenant: Uuid,
    plugin: Arc<str>,
}

pub struct Queue(Arc<Inner>);

struct Inner {
    places: Places,
    turns: Mutex<Turns>,
}

struct Waiting {
    who: Who,
    need: Need,
    turn: oneshot::Sender<Place>,
}

#[derive(Default)]
struct Turns {
    running: Taken,
    by_plugin: HashMap<Arc<str>, Taken>,
    by_tenant: HashMap<Uuid, Taken>,
    by_who: HashMap<Who, Taken>,
    waiting: HashMap<Uuid, VecDeque<Waiting>>,
    /// Chains that wait, in the order of their turns.
    order: VecDeque<Uuid>,
}

/// By those who run now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Taken {
    all: usize,
    rules: usize,
    memory: u64,
}

impl Taken {
    fn more(&mut self, need: Need) {
        self.all += 1;
        self.rules += usize::from(need.profile == Profile::Pure);
        self.memory += need.memory;
    }

    fn less(&mut self, need: Need) {
        self.all -= 1;
        self.rules -= usize::from(need.profile == Profile::Pure);
        self.memory -= need.memory;
    }

    /// Whether one more stays within these. Who runs nothing may always run one, or what needs much would never run.
    fn fits(&self, need: Need, all: usize, rules: usize, memory: u64) -> bool {
        let rule = need.profile == Profile::Pure;
        self.all < all && (!rule || self.rules < rules) && (self.all == 0 || self.memory.saturating_add(need.memory) <= memory)
    }
}

/// To run, until it is dropped.
pub struct Place {
    queue: Arc<Inner>,
    who: Who,
    need: Need,
}

impl Queue {
    pub fn new(places: Places) -> Self {
        Self(Arc::new(Inner { places, turns: Mutex::default() }))
    }

    pub async fn take(&self, tenant: Uuid, plugin: Arc<str>, need: Need, until: Instant) -> Result<Place, Full> {
        let who = Who { tenant, plugin };
        let turn = {
            let mut turns = self.0.lock();
            if turns.fits(&self.0.places, &who, need) {
                turns.enter(&who, need);
                return Ok(Place { queue: self.0.clone(), who, need });
            }
            turns.wait(&self.0.places, who, need)?
        };
        // Dropped with its place in it when time is up: the place is given back.
        timeout_at(until, turn).await.map_err(|_| Full)?.map_err(|_| Full)
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Place of {} in {}", self.who.plugin, self.who.tenant)
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turns {
    fn fits(&self, places: &Places, who: &Who, need: Need) -> bool {
        let Places { total, rules, per_tenant, per_plugin, per_tenant_and_plugin, memory, memory_per_tenant, .. } = *places;
        let plugin = taken(&self.by_plugin, &who.plugin);
        let (chain, own) = (taken(&self.by_tenant, &who.tenant), taken(&self.by_who, who));
        self.running.fits(need, total, rules, memory)
            && chain.fits(need, per_tenant, places.rules_per_tenant(), memory_per_tenant)
            && plugin.all < per_plugin
            && own.all < per_tenant_and_plugin
    }

    fn enter(&mut self, who: &Who, need: Need) {
        self.running.more(need);
        self.by_plugin.entry(who.plugin.clone()).or_default().more(need);
        self.by_tenant.entry(who.tenant).or_default().more(need);
        self.by_who.entry(who.clone()).or_default().more(need);
    }

    fn leave(&mut self, who: &Who, need: Need) {
        self.running.less(need);
        less(&mut self.by_plugin, &who.plugin, need);
        less(&mut self.by_tenant, &who.tenant, need);
        less(&mut self.by_who, who, need);
    }

    fn wait(&mut self, places: &Places, who: Who, need: Need) -> Result<oneshot::Receiver<Place>, Full> {
        let line = self.waiting.entry(who.tenant).or_default();
        line.retain(|one| !one.turn.is_closed());
        if line.len() >= places.waiting {
            return Err(Full);
        }
        if line.is_empty() && !self.order.contains(&who.tenant) {
            self.order.push_back(who.tenant);
        }
        let (turn, mine) = oneshot::channel();
        line.push_back(Waiting { who, need, turn });
        Ok(mine)
    }

    /// The next that fits, of the chain whose turn it is, or else of the one after it.
    fn next(&mut self, places: &Places) -> Option<Waiting> {
        for _ in 0..self.order.len() {
            let tenant = self.order.pop_front()?;
            let mut line = self.waiting.remove(&tenant).unwrap_or_default();
            line.retain(|one| !one.turn.is_closed());
            let found = line.iter().position(|one| self.fits(places, &one.who, one.need)).and_then(|at| line.remove(at));
            if !line.is_empty() {
                self.waiting.insert(tenant, line);
                self.order.push_back(tenant);
            }
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

fn taken<K: Hash + Eq>(counts: &HashMap<K, Taken>, key: &K) -> Taken {
    counts.get(key).copied().unwrap_or_default()
}

fn less<K: Hash + Eq>(counts: &mut HashMap<K, Taken>, key: &K, need: Need) {
    if let Some(count) = counts.get_mut(key) {
        count.less(need);
        if count.all == 0 {
            counts.remove(key);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut refused = Vec::new();
        let mut turns = self.queue.lock();
        turns.leave(&self.who, self.need);
        while let Some(Waiting { who, need, turn }) = turns.next(&self.queue.places) {
            turns.enter(&who, need);
            // One that gave up meanwhile: its place is dropped, and looks for the next, once the lock is free.
            if let Err(place) = turn.send(Place { queue: self.queue.clone(), who, need }) {
                refused.push(place);
            }
        }
        drop(turns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const SMALL: Need = Need { profile: Profile::Io, memory: 1 };
    const MUCH: Uuid = Uuid::from_u128(1);
    const LITTLE: Uuid = Uuid::from_u128(2);

    fn queue(total: usize, each: usize, waiting: usize) -> Queue {
        let places = Places { total, per_tenant: total, per_plugin: total, per_tenant_and_plugin: each, waiting, ..Places::default() };
        Queue::new(places)
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test]
    async fn a_chain_that_asks_for_much_waits_behind_one_that_asks_for_little() {
        let queue = Arc::new(queue(1, 1, 64));
        let first = queue.take(MUCH, "a".into(), SMALL, soon()).await.expect("free");
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        for tenant in [MUCH, MUCH, MUCH, LITTLE] {
            let (queue, told) = (queue.clone(), told.clone());
            tokio::spawn(async move {
                let place = queue.take(tenant, "a".into(), SMALL, soon()).await.expect("a turn");
                told.send(tenant).expect("heard");
                drop(place);
            });
            tokio::task::yield_now().await;
        }
        drop(first);
        let mut order = Vec::new();
        for _ in 0..4 {
            order.push(heard.recv().await.expect("a turn"));
        }
        assert_eq!(order, [MUCH, LITTLE, MUCH, MUCH]);
    }

    #[tokio::test]
    async fn a_full_line_says_so_and_time_that_is_up_frees_a_place_in_it() {
        let queue = queue(4, 1, 1);
        let tenant = MUCH;
        let held = queue.take(tenant, "a".into(), SMALL, soon()).await.expect("free");
        assert!(queue.take(tenant, "b".into(), SMALL, soon()).await.is_ok(), "another plugin has places of its own");
        let brief = Instant::now() + Duration::from_millis(20);
        let (one, two) = tokio::join!(queue.take(tenant, "a".into(), SMALL, brief), queue.take(tenant, "a".into(), SMALL, brief));
        assert!(one.is_err() && two.is_err());
        assert!(queue.0.lock().waiting.values().all(|line| line.iter().all(|one| one.turn.is_closed())));
        drop(held);
        assert!(queue.take(tenant, "a".into(), SMALL, soon()).await.is_ok());
        nothing_is_left(&queue);
    }

    fn nothing_is_left(queue: &Queue) {
        let turns = queue.0.lock();
        assert_eq!(turns.running, Taken::default());
        assert!(turns.by_plugin.is_empty() && turns.by_tenant.is_empty() && turns.by_who.is_empty());
    }

    /// As many as it gets at once, each of a plugin of its own.
    async fn taken_at_once(queue: &Queue, tenant: Uuid, need: Need) -> Vec<Place> {
        let mut held = Vec::new();
        while held.len() < 1_000 {
            match queue.take(tenant, format!("plugin {}", held.len()).into(), need, Instant::now()).await {
                Ok(place) => held.push(place),
                Err(Full) => break,
            }
        }
        held
    }

    #[tokio::test(start_paused = true)]
    async fn a_chain_with_many_plugins_takes_its_part_and_leaves_the_rest() {
        let queue = Queue::new(Places::default().within(16, 4));
        let rule = Need { profile: Profile::Pure, memory: 1 };
        let held = taken_at_once(&queue, MUCH, SMALL).await;
        assert_eq!(held.len(), 8);
        let other = taken_at_once(&queue, LITTLE, SMALL).await;
        assert_eq!(other.len(), 8, "no more than the engine has room for");
        assert!(taken_at_once(&queue, Uuid::from_u128(3), SMALL).await.is_empty());
        drop((held, other));
        let held = taken_at_once(&queue, MUCH, rule).await;
        assert_eq!(held.len(), 2, "of the rules' own engine");
        assert_eq!(taken_at_once(&queue, MUCH, SMALL).await.len(), 6, "and of both together");
        assert_eq!(taken_at_once(&queue, LITTLE, rule).await.len(), 2);
        drop(held);
        nothing_is_left(&queue);
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_shared_by_what_plugins_may_take_and_one_that_needs_all_of_it_runs_alone() {
        let queue = Queue::new(Places::default().with_memory(800));
        let of = |memory| Need { profile: Profile::Io, memory };
        let held = taken_at_once(&queue, MUCH, of(40)).await;
        assert_eq!(held.len(), 2, "a hundred for a chain");
        let other = taken_at_once(&queue, LITTLE, of(100)).await;
        assert_eq!(other.len(), 1);
        drop((held, other));
        let held = taken_at_once(&queue, MUCH, of(5_000)).await;
        assert_eq!(held.len(), 1, "it would never run");
        assert!(taken_at_once(&queue, LITTLE, of(1)).await.is_empty());
        drop(held);
        nothing_is_left(&queue);
    }
}
