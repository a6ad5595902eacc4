//! How the gate learns that rights changed: the access version of each chain that it serves.
use super::{JwtGate, TOPIC};
use crate::identidad::store;
use kernel::{Problem, ids::TenantId};
use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

/// How often a process asks for the versions of the chains that it serves.
const POLL: Duration = Duration::from_secs(1);
/// How long without an answer until requests ask for themselves. Under 5 s with all that may come on top.
pub(super) const FRESH: Duration = Duration::from_secs(3);

/// What is known about the access version of one chain.
pub(super) struct Slot {
    version: AtomicI64,
    /// Microseconds since the gate was made; 0: ask before trusting.
    asked: AtomicU64,
    /// Somebody of this chain was here since the last poll.
    used: AtomicBool,
}

impl Slot {
    pub(super) fn version(&self) -> i64 {
        self.version.load(Ordering::Acquire)
    }
}

/// A question for a chain's access version that is on its way.
pub(super) struct Question {
    slot: Arc<Slot>,
    /// [`Slot::asked`] when it was put.
    before: u64,
    asked: u64,
}

impl JwtGate {
    pub(super) fn slot(&self, tenant: TenantId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(Slot { version: AtomicI64::new(0), asked: AtomicU64::new(0), used: AtomicBool::new(true) });
        slots.entry(tenant).or_insert_with(fresh).clone()
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(super) fn is_fresh(&self, slot: &Slot) -> bool {
        if !slot.used.load(Ordering::Relaxed) {
            slot.used.store(true, Ordering::Relaxed);
        }
        let asked = slot.asked.load(Ordering::Acquire);
        asked != 0 && self.micros().saturating_sub(asked) < FRESH.as_micros() as u64
    }

    /// Something changed in this chain's access: ask before the next request of it is answered.
    pub fn forget(&self, tenant: TenantId) {
        if let Some(slot) = self.slots.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant) {
            slot.asked.store(0, Ordering::Release);
        }
    }

    pub(super) fn question(&self, tenant: TenantId) -> Question {
        let slot = self.slot(tenant);
        let before = slot.asked.load(Ordering::Acquire);
        Question { slot, before, asked: self.micros().max(1) }
    }

    /// Fresh as of the moment of the question, not of the answer, and not at all if meanwhile somebody said that
    /// there is something newer.
    ///
    /// Versions only grow, so a lower one means that an older database was put in the place of the one that was
    /// known: what is remembered may never have been true in it, and it will give the same versions to other changes.
    /// An answer that was overtaken looks alike; it is not the first to come back, and is not believed.
    pub(super) fn learn(&self, question: &Question, version: i64) {
        let Question { slot, before, asked } = question;
        let first = slot.asked.compare_exchange(*before, *asked, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if slot.version.fetch_max(version, Ordering::AcqRel) > version && first {
            tracing::warn!(version, "access versions went back: this is another database");
            self.known.invalidate_all();
            self.loaded.invalidate_all();
            slot.version.store(version, Ordering::Release);
        }
    }

    /// Asks for the versions of these chains.
    pub(super) async fn ask(&self, tenants: &[TenantId]) -> Result<(), Problem> {
        let questions: Vec<Question> = tenants.iter().map(|tenant| self.question(*tenant)).collect();
        let mut tx = self.system.begin_jobs().await?;
        let versions = store::versiones(&mut tx, tenants).await?;
        for (question, tenant) in questions.iter().zip(tenants) {
            if let Some(version) = versions.get(tenant) {
                self.learn(question, *version);
            }
        }
        Ok(())
    }

    /// Keeps up with the chains in use, for as long as the process lives: the server runs it beside its requests.
    pub async fn watch(&self) {
        let mut messages = self.system.app().bus().subscribe();
        let mut tick = tokio::time::interval(POLL);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => self.poll().await,
                message = messages.recv() => match message {
                    Ok(message) if message.topic == TOPIC => self.heard(&message.body),
                    Ok(_) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => self.forget_all(),
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => messages = self.system.app().bus().subscribe(),
                },
            }
        }
    }

    fn heard(&self, body: &[u8]) {
        if let Some(tenant) = std::str::from_utf8(body).ok().and_then(|text| text.parse().ok()) {
            self.forget(tenant);
        }
    }

    fn forget_all(&self) {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.values().for_each(|slot| slot.asked.store(0, Ordering::Release));
    }

    async fn poll(&self) {
        if let Err(error) = self.keys.reload_if_changed() {
            tracing::error!(%error, "signing keys");
        }
        if let Err(error) = self.system.app().keyring().reload_if_changed() {
            tracing::error!(%error, "master keys");
        }
        let used: Vec<TenantId> = {
            let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.iter().filter(|(_, slot)| slot.used.swap(false, Ordering::Relaxed)).map(|(tenant, _)| *tenant).collect()
        };
        if !used.is_empty()
            && let Err(problem) = self.ask(&used).await
        {
            tracing::warn!(status = %problem.status(), "access versions");
        }
    }
}
