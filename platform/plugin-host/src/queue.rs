//! Who may run now. Chains take turns, none holds more than its share, and a queue that is full says so at once.
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

#[derive(Debug, Clone, Copy)]
pub struct Places {
    pub total: usize,
    pub per_plugin: usize,
    pub per_tenant_and_plugin: usize,
    /// Of one chain, waiting.
    pub waiting: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self { total: 400, per_plugin: 64, per_tenant_and_plugin: 8, waiting: 64 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

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

#[derive(Default)]
struct Turns {
    running: usize,
    by_plugin: HashMap<Arc<str>, usize>,
    by_who: HashMap<Who, usize>,
    waiting: HashMap<Uuid, VecDeque<(Who, oneshot::Sender<Place>)>>,
    /// Chains that wait, in the order of their turns.
    order: VecDeque<Uuid>,
}

/// To run, until it is dropped.
pub struct Place {
    queue: Arc<Inner>,
    who: Who,
}

impl Queue {
    pub fn new(places: Places) -> Self {
        Self(Arc::new(Inner { places, turns: Mutex::default() }))
    }

    pub async fn take(&self, tenant: Uuid, plugin: Arc<str>, until: Instant) -> Result<Place, Full> {
        let who = Who { tenant, plugin };
        let turn = {
            let mut turns = self.0.lock();
            if turns.fits(&self.0.places, &who) {
                turns.enter(&who);
                return Ok(Place { queue: self.0.clone(), who });
            }
            turns.wait(&self.0.places, who)?
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
    fn fits(&self, places: &Places, who: &Who) -> bool {
        self.running < places.total
            && self.by_plugin.get(&who.plugin).is_none_or(|n| *n < places.per_plugin)
            && self.by_who.get(who).is_none_or(|n| *n < places.per_tenant_and_plugin)
    }

    fn enter(&mut self, who: &Who) {
        self.running += 1;
        *self.by_plugin.entry(who.plugin.clone()).or_default() += 1;
        *self.by_who.entry(who.clone()).or_default() += 1;
    }

    fn leave(&mut self, who: &Who) {
        self.running -= 1;
        less(&mut self.by_plugin, &who.plugin);
        less(&mut self.by_who, who);
    }

    fn wait(&mut self, places: &Places, who: Who) -> Result<oneshot::Receiver<Place>, Full> {
        let line = self.waiting.entry(who.tenant).or_default();
        line.retain(|(_, turn)| !turn.is_closed());
        if line.len() >= places.waiting {
            return Err(Full);
        }
        if line.is_empty() && !self.order.contains(&who.tenant) {
            self.order.push_back(who.tenant);
        }
        let (turn, mine) = oneshot::channel();
        line.push_back((who, turn));
        Ok(mine)
    }

    /// The next that fits, of the chain whose turn it is, or else of the one after it.
    fn next(&mut self, places: &Places) -> Option<(Who, oneshot::Sender<Place>)> {
        for _ in 0..self.order.len() {
            let tenant = self.order.pop_front()?;
            let mut line = self.waiting.remove(&tenant).unwrap_or_default();
            line.retain(|(_, turn)| !turn.is_closed());
            let found = line.iter().position(|(who, _)| self.fits(places, who)).and_then(|at| line.remove(at));
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

fn less<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut refused = Vec::new();
        let mut turns = self.queue.lock();
        turns.leave(&self.who);
        while let Some((who, turn)) = turns.next(&self.queue.places) {
            turns.enter(&who);
            // One that gave up meanwhile: its place is dropped, and looks for the next, once the lock is free.
            if let Err(place) = turn.send(Place { queue: self.queue.clone(), who }) {
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

    fn queue(total: usize, each: usize, waiting: usize) -> Queue {
        Queue::new(Places { total, per_plugin: total, per_tenant_and_plugin: each, waiting })
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test]
    async fn a_chain_that_asks_for_much_waits_behind_one_that_asks_for_little() {
        let queue = Arc::new(queue(1, 1, 64));
        let (much, little) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = queue.take(much, "a".into(), soon()).await.expect("free");
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        for tenant in [much, much, much, little] {
            let (queue, told) = (queue.clone(), told.clone());
            tokio::spawn(async move {
                let place = queue.take(tenant, "a".into(), soon()).await.expect("a turn");
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
        assert_eq!(order, [much, little, much, much]);
    }

    #[tokio::test]
    async fn a_full_line_says_so_and_time_that_is_up_frees_a_place_in_it() {
        let queue = queue(4, 1, 1);
        let tenant = Uuid::from_u128(1);
        let held = queue.take(tenant, "a".into(), soon()).await.expect("free");
        assert!(queue.take(tenant, "b".into(), soon()).await.is_ok(), "another plugin has places of its own");
        let brief = Instant::now() + Duration::from_millis(20);
        let (one, two) = tokio::join!(queue.take(tenant, "a".into(), brief), queue.take(tenant, "a".into(), brief));
        assert!(one.is_err() && two.is_err());
        assert!(queue.0.lock().waiting.values().all(|line| line.iter().all(|(_, turn)| turn.is_closed())));
        drop(held);
        assert!(queue.take(tenant, "a".into(), soon()).await.is_ok());
        let turns = queue.0.lock();
        assert!(turns.running == 0 && turns.by_plugin.is_empty() && turns.by_who.is_empty());
    }
}
