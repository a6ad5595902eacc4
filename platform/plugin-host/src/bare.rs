//! What the engine takes by itself, for the benchmark: the same component, the same interruption, a fresh instance, and
//! nothing of what the host does around a call.
use crate::{
    Profile,
    bindings::{
        alerts::{
            AlertsPre,
            exports::huella::plugin::alert_rules::{Alert, Moment},
        },
        io::huella::plugin::{
            log::{self, Level},
            types::{self, Kv},
        },
    },
    engine::Engines,
};
use plugin_manifest::{Limits, World};
use wasmtime::{
    Store, UpdateDeadline,
    component::{Component, HasSelf, Linker},
};

/// Hears what a rule writes, and forgets it.
pub struct Deaf;

impl types::Host for Deaf {}

impl log::Host for Deaf {
    async fn write(&mut self, _: Level, _: String, _: Vec<Kv>) -> wasmtime::Result<()> {
        Ok(())
    }
}

/// A rule on a bare engine.
pub struct Bare {
    engines: Engines,
    pre: AlertsPre<Deaf>,
}

impl Bare {
    /// `code`: what the compiler of this program gave, unsealed.
    #[expect(unsafe_code, reason = "the benchmark compiled it a moment ago")]
    pub fn new(code: &[u8]) -> wasmtime::Result<Self> {
        let engines = Engines::new(16)?;
        let engine = engines.of(Profile::Pure);
        let mut linker = Linker::new(engine);
        types::add_to_linker::<_, HasSelf<_>>(&mut linker, |deaf: &mut Deaf| deaf)?;
        log::add_to_linker::<_, HasSelf<_>>(&mut linker, |deaf: &mut Deaf| deaf)?;
        // SAFETY: whoever calls this got the bytes from its own compiler.
        let component = unsafe { Component::deserialize(engine, code)? };
        let pre = AlertsPre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engines, pre })
    }

    pub async fn evaluate(&self, trigger: &str, facts: &str, at: &Moment, config: &str) -> wasmtime::Result<Vec<Alert>> {
        let mut store = Store::new(self.engines.of(Profile::Pure), Deaf);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))));
        store.set_fuel(Limits::of(World::Alerts).fuel.unwrap_or(u64::MAX))?;
        let guest = self.pre.instantiate_async(&mut store).await?;
        let answer = guest.huella_plugin_alert_rules().call_evaluate(&mut store, trigger, facts, at, config).await?;
        answer.map_err(|error| wasmtime::Error::msg(format!("{error:?}")))
    }
}
