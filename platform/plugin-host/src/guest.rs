//! What stands around one instance: for whom it runs, what it may still use up, and what it left behind.
use crate::{
    Ports, Scope,
    corrida::{Linea, Llamada},
    engine::{MOST_INSTANCES, MOST_MEMORIES, MOST_TABLES},
    host::Std,
    installed::Installed,
    net::Net,
    outcome::Limit,
    redact::Redactor,
};
use plugin_manifest::{Limits, Package};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use wasmtime::{ResourceLimiter, StoreContextMut, UpdateDeadline};

pub(crate) struct Guest {
    pub scope: Scope,
    pub package: Arc<Package>,
    pub config: Arc<str>,
    pub ports: Ports,
    pub net: Arc<Net>,
    pub limits: Limits,
    pub meter: Meter,
    pub started: Instant,
    pub deadline: Instant,
    pub calls: Vec<Llamada>,
    /// Hosts that it was sent on to, and by whom.
    pub redirects: Vec<(String, String)>,
    pub lines: Vec<Linea>,
    pub line_bytes: usize,
    pub lines_lost: usize,
    pub events: usize,
    asked: u32,
    pub seen: u32,
    pub std: Std,
    pub redactor: Redactor,
}

/// How often ports are asked in one call: each may be a round trip to a database.
const MOST_ASKED: u32 = 200;

impl Guest {
    pub fn new(installed: &Installed, started: Instant, deadline: Instant) -> Self {
        let limits = installed.plugin.limits.clone();
        Self {
            scope: installed.scope.clone(),
            package: installed.plugin.package.clone(),
            config: installed.config.clone(),
            ports: installed.ports.clone(),
            net: installed.host.net.clone(),
            meter: Meter::new(&limits),
            limits,
            started,
            deadline,
            calls: Vec::new(),
            redirects: Vec::new(),
            lines: Vec::new(),
            line_bytes: 0,
            lines_lost: 0,
            events: 0,
            asked: 0,
            seen: 0,
            std: Std::default(),
            redactor: Redactor::default(),
        }
    }

    /// Whether a port may be asked once more.
    pub fn ask(&mut self) -> bool {
        self.asked += 1;
        self.asked <= MOST_ASKED
    }

    /// For a host call that starts now.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// Why a guest was stopped from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("usó todo su tiempo de cálculo")]
    Cpu,
    #[error("no terminó a tiempo")]
    Wall,
    #[error("fue retirado mientras corría")]
    Withdrawn,
    #[error("pidió demasiado de una vez")]
    TooMuch,
    #[error("terminó por sí mismo, con exit")]
    Exit,
    #[error("pidió «{0}», que aquí no se da")]
    Denied(Arc<str>),
}

/// Counts memory and tables of an instance.
pub(crate) struct Meter {
    most_memory: usize,
    most_elements: usize,
    memory: usize,
    elements: usize,
    pub peak: usize,
    pub refused: Option<Limit>,
}

impl Meter {
    pub fn new(limits: &Limits) -> Self {
        let (most_memory, most_elements) = (limits.memory.bytes(), limits.table_elements);
        Self { most_memory, most_elements, memory: 0, elements: 0, peak: 0, refused: None }
    }
}

/// A refused guest sees −1 and usually gives up; what refused it is remembered.
impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let all = self.memory.saturating_add(desired.saturating_sub(current));
        if all > self.most_memory {
            self.refused = Some(Limit::Memoria);
            return Ok(false);
        }
        self.memory = all;
        self.peak = self.peak.max(all);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let all = self.elements.saturating_add(desired.saturating_sub(current));
        if all > self.most_elements {
            self.refused = Some(Limit::Tablas);
            return Ok(false);
        }
        self.elements = all;
        Ok(true)
    }

    fn instances(&self) -> usize {
        MOST_INSTANCES as usize
    }
    fn tables(&self) -> usize {
        MOST_TABLES as usize
    }
    fn memories(&self) -> usize {
        MOST_MEMORIES as usize
    }
}

/// The time that a call spent computing, on whatever threads it was polled.
#[derive(Default)]
pub(crate) struct Cpu {
    spent: AtomicU64,
    /// What the clock of the thread said when this poll began.
    since: AtomicU64,
}

fn thread_time() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    u64::try_from(now.tv_sec).unwrap_or_default() * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or_default()
}

impl Cpu {
    pub fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Ordering::Relaxed))
    }

    fn so_far(&self) -> Duration {
        self.spent() + Duration::from_nanos(thread_time().saturating_sub(self.since.load(Ordering::Relaxed)))
    }

    /// Counts what `future` computes.
    pub async fn count<F: Future>(&self, future: F) -> F::Output {
        let mut future = std::pin::pin!(future);
        std::future::poll_fn(|context| {
            let from = thread_time();
            self.since.store(from, Ordering::Relaxed);
            let polled = future.as_mut().poll(context);
            self.spent.fetch_add(thread_time().saturating_sub(from), Ordering::Relaxed);
            polled
        })
        .await
    }
}

/// What is asked at every tick in which the guest computes.
pub(crate) struct Watch {
    pub cpu: Arc<Cpu>,
    pub budget: Duration,
    pub withdrawn: Arc<AtomicBool>,
}

impl Watch {
    /// A guest whose host call came back late has a moment to end by itself.
    pub fn tick(&self, guest: &StoreContextMut<'_, Guest>) -> wasmtime::Result<UpdateDeadline> {
        if self.withdrawn.load(Ordering::Relaxed) {
            return Err(Stop::Withdrawn.into());
        }
        if Instant::now() > guest.data().deadline + crate::engine::GRACE {
            return Err(Stop::Wall.into());
        }
        if self.cpu.so_far() > self.budget {
            return Err(Stop::Cpu.into());
        }
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    }
}
