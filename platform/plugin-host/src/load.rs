//! From bytes to something that can be called: whose it is, what it says of itself, and code that this host sealed.
use crate::{
    Profile, SealKey,
    bindings::{alerts::AlertsPre, delivery::DeliveryPre, fiscal::FiscalPre, notification::NotificationPre, payment::PaymentPre},
    engine::Engines,
    guest::Guest,
    host,
    sealed::Forged,
};
use plugin_manifest::{Digest, Limits, Package, Signers, Trust, Unreadable, Untrusted, World};
use std::sync::{Arc, Mutex, PoisonError, atomic::AtomicBool};
use wasmtime::{
    Engine,
    component::{Component, InstancePre, Linker},
};

/// What has to be true of a component's signatures.
pub enum Admission<'a> {
    /// Publisher and platform, or in the sandbox a developer.
    Signed { trust: &'a Trust, sandbox: bool },
    /// Anything: for the developers' own tool.
    Anyone,
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    #[error(transparent)]
    Forged(#[from] Forged),
    /// Of another release of the engine: compile it again.
    #[error("hay que volver a compilarlo: {0}")]
    Stale(String),
    #[error("no cumple el contrato: {0}")]
    Contract(String),
}

/// Loaded, and ready for any number of calls.
pub struct Plugin {
    pub package: Arc<Package>,
    pub digest: Digest,
    pub limits: Limits,
    pub(crate) id: Arc<str>,
    pub(crate) version: Arc<str>,
    pub(crate) engine: Engine,
    pub(crate) pre: Pre,
    pub(crate) withdrawn: Arc<AtomicBool>,
    signers: Mutex<Signers>,
}

pub(crate) enum Pre {
    Payment(PaymentPre<Guest>),
    Fiscal(FiscalPre<Guest>),
    Delivery(DeliveryPre<Guest>),
    Notification(NotificationPre<Guest>),
    Alerts(AlertsPre<Guest>),
}

impl Plugin {
    pub fn world(&self) -> World {
        self.package.manifest.world.world
    }

    pub(crate) fn signers(&self) -> Signers {
        *self.signers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn signed_by(&self, signers: Signers) {
        *self.signers.lock().unwrap_or_else(PoisonError::into_inner) = signers;
    }

    pub(crate) fn is_admitted(&self, admission: &Admission<'_>) -> bool {
        match admission {
            Admission::Signed { trust, sandbox } => trust.allows(&self.signers(), &self.package.manifest.publisher, *sandbox).is_ok(),
            Admission::Anyone => true,
        }
    }
}

pub(crate) struct Loader {
    engines: Engines,
    io: Linker<Guest>,
    pure: Linker<Guest>,
    seal: SealKey,
}

impl Loader {
    pub fn new(engines: Engines, seal: SealKey) -> wasmtime::Result<Self> {
        let (mut io, mut pure) = (Linker::new(engines.of(Profile::Io)), Linker::new(engines.of(Profile::Pure)));
        host::link_io(&mut io)?;
        host::link_pure(&mut pure)?;
        Ok(Self { engines, io, pure, seal })
    }

    pub fn seal(&self, digest: &Digest, profile: Profile, code: &[u8]) -> Vec<u8> {
        self.seal.seal(digest, profile, code)
    }

    pub fn load(&self, component: &[u8], sealed: &[u8], admission: &Admission<'_>) -> Result<Plugin, LoadError> {
        let package = Package::read(component)?;
        let signers = Signers::of(component)?;
        let digest = match admission {
            Admission::Signed { trust, sandbox } => trust.allows(&signers, &package.manifest.publisher, *sandbox)?,
            Admission::Anyone => signers.digest(),
        };
        let world = package.manifest.world.world;
        let profile = Profile::from(world);
        let code = self.seal.open(&digest, profile, sealed)?;
        let engine = self.engines.of(profile).clone();
        let compiled = compiled(&engine, code)?;
        let contract = |error: wasmtime::Error| LoadError::Contract(format!("{error:#}"));
        let pre = self.linked(world, &compiled).and_then(|pre| of_world(world, pre)).map_err(contract)?;
        Ok(Plugin {
            limits: package.manifest.limits(),
            id: package.manifest.id.as_str().into(),
            version: package.manifest.version.as_str().into(),
            package: Arc::new(package),
            digest,
            engine,
            pre,
            withdrawn: Arc::default(),
            signers: Mutex::new(signers),
        })
    }

    /// A rule gets no WASI, whatever its audit said.
    fn linked(&self, world: World, component: &Component) -> wasmtime::Result<InstancePre<Guest>> {
        if world.is_pure() {
            return self.pure.instantiate_pre(component);
        }
        let engine = self.engines.of(Profile::Io);
        if !component.component_type().imports(engine).any(|(name, _)| plugin_manifest::is_wasi(name).is_some()) {
            return self.io.instantiate_pre(component);
        }
        let mut linker = self.io.clone();
        host::link_wasi(&mut linker, engine, component)?;
        linker.instantiate_pre(component)
    }
}

/// Only what [`SealKey::open`] let through comes here.
#[expect(unsafe_code, reason = "the code was sealed by this host, which got it from its own compiler")]
fn compiled(engine: &Engine, code: &[u8]) -> Result<Component, LoadError> {
    // SAFETY: the bytes are what `huella-compilar` gave this host, unchanged: they carry its HMAC.
    unsafe { Component::deserialize(engine, code) }.map_err(|error| LoadError::Stale(format!("{error:#}")))
}

fn of_world(world: World, pre: InstancePre<Guest>) -> wasmtime::Result<Pre> {
    Ok(match world {
        World::Payment => Pre::Payment(PaymentPre::new(pre)?),
        World::Fiscal => Pre::Fiscal(FiscalPre::new(pre)?),
        World::Delivery => Pre::Delivery(DeliveryPre::new(pre)?),
        World::Notification => Pre::Notification(NotificationPre::new(pre)?),
        World::Alerts => Pre::Alerts(AlertsPre::new(pre)?),
    })
}
