//! The machines that guests run in. What is set here is settled when a component is compiled, so the compiler is made
//! from the same lines.
use plugin_manifest::World;
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use wasmtime::{Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often a guest is looked at while it computes, and so what anybody else may have to wait for the thread that it is on.
pub const TICK: Duration = Duration::from_millis(2);
/// What a guest gets to end by itself when its time is over: a host call that took all of it has just told it so.
pub const GRACE: Duration = Duration::from_millis(10);
/// Core modules, memories and tables of one component. A memory sets gibibytes of addresses aside, so of those there are few.
pub(crate) const MOST_INSTANCES: u32 = 64;
pub(crate) const MOST_MEMORIES: u32 = plugin_manifest::MAX_MEMORIES;
pub(crate) const MOST_TABLES: u32 = 32;
/// Goes up when something below changes what compiled code looks like or expects.
const SETTINGS: u32 = 1;

/// Counting instructions costs time, so only those guests are counted that compute and do nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    Io,
    Pure,
}

impl From<World> for Profile {
    fn from(world: World) -> Self {
        if world.is_pure() { Self::Pure } else { Self::Io }
    }
}

impl Profile {
    pub fn name(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::Pure => "pure",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Io, Self::Pure].into_iter().find(|profile| profile.name() == name)
    }

    /// What compiled code is made for: another text, other code.
    pub fn target(self) -> String {
        format!("wasmtime48-{SETTINGS}-{}-{}", self.name(), std::env::consts::ARCH)
    }

    pub(crate) fn config(self) -> Config {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .concurrency_support(false)
            .epoch_interruption(true)
            .consume_fuel(self == Self::Pure)
            // The same input gives the same output on every machine.
            .wasm_relaxed_simd(false)
            .wasm_memory64(false)
            .max_wasm_stack(512 << 10)
            .async_stack_size(1 << 20);
        #[cfg(feature = "compilar")]
        config.cranelift_nan_canonicalization(self == Self::Pure);
        config
    }

    /// Of `at_once` that may be alive, how many this engine has room for.
    pub(crate) fn room(self, at_once: u32) -> u32 {
        match self {
            Self::Io => at_once,
            Self::Pure => at_once.div_ceil(4),
        }
    }

    /// With all of the memory that guests will ever have set aside, in addresses only: for each the most that one may have, so
    /// that there is room for as many as the queue lets in, whatever they are made of.
    pub(crate) fn engine(self, at_once: u32) -> wasmtime::Result<Engine> {
        let room = self.room(at_once);
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(room)
            .total_core_instances(room.saturating_mul(MOST_INSTANCES))
            .total_memories(room.saturating_mul(MOST_MEMORIES))
            .total_tables(room.saturating_mul(MOST_TABLES))
            .total_stacks(room)
            .max_core_instances_per_component(MOST_INSTANCES)
            .max_memories_per_component(MOST_MEMORIES)
            .max_memories_per_module(MOST_MEMORIES)
            .max_tables_per_component(MOST_TABLES)
            .max_tables_per_module(MOST_TABLES)
            .table_elements(20_000)
            .max_memory_size(256 << 20)
            .linear_memory_keep_resident(resident())
            .pagemap_scan(Enabled::Auto)
            .max_unused_warm_slots(64)
            .decommit_batch_size(16);
        let mut config = self.config();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        Engine::new(&config)
    }
}

/// What a call wrote to is put back in place for the next one, up to so much of it. A kernel that cannot say which pages
/// that are (before Linux 6.7) has the lowest addresses cleared instead: more than is saved, if they are many.
fn resident() -> usize {
    if PoolingAllocationConfig::is_pagemap_scan_available() { 512 << 10 } else { 64 << 10 }
}

/// Both machines, and the clock that they hear.
pub struct Engines {
    io: Engine,
    pure: Engine,
    _alive: Arc<()>,
}

impl Engines {
    /// An error if the address space does not suffice: better no start than guests that share what is left.
    pub fn new(at_once: u32) -> wasmtime::Result<Self> {
        let (io, pure) = (Profile::Io.engine(at_once)?, Profile::Pure.engine(at_once)?);
        let alive = Arc::new(());
        tick(Arc::downgrade(&alive), [io.weak(), pure.weak()])?;
        Ok(Self { io, pure, _alive: alive })
    }

    pub fn of(&self, profile: Profile) -> &Engine {
        match profile {
            Profile::Io => &self.io,
            Profile::Pure => &self.pure,
        }
    }
}

/// On a thread of its own: a busy runtime must not stop the clock that keeps it free.
fn tick(alive: Weak<()>, engines: [EngineWeak; 2]) -> wasmtime::Result<()> {
    let beat = move || {
        while alive.strong_count() > 0 {
            std::thread::sleep(TICK);
            engines.iter().filter_map(EngineWeak::upgrade).for_each(|engine| engine.increment_epoch());
        }
    };
    std::thread::Builder::new().name("huella-tick".into()).spawn(beat)?;
    Ok(())
}
