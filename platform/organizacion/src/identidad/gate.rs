//! From credentials to an identity, on every request: a hash, a look into memory, two comparisons.
//!
//! What a token means is remembered until the token dies or the chain's access version changes. The version is
//! raised in the database by everything that can take a right away; each process asks for it every second (and
//! at once when told over the bus), and trusts what it remembers for at most [`FRESH`] without having asked.
use super::{
    accesos::model::Medio,
    claves_api::uso::Usos,
    jwt::{Claims, Keys},
    portal::{self, cookie, peticion},
    store::{self, Estado},
    token::ClaveApi,
};
use async_trait::async_trait;
use axum::http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Access, Actor, App, Identity, Origin, Problem, SystemCtx, host,
    ids::{ClaveApiId, SesionId, TenantId, UsuarioId},
    modulos::Apagados,
    permission::{PermissionSet, index_of},
    ports::{Asked, Gate},
    problem::kinds,
};
use moka::future::Cache;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Bus topic of "something changed in this chain's access"; the body is the chain's id.
pub const TOPIC: &str = "acceso";
/// How often a process asks for the versions of the chains that it serves.
const POLL: Duration = Duration::from_secs(1);
/// How long without an answer until requests ask for themselves. Under 5 s with all that may come on top.
const FRESH: Duration = Duration::from_secs(3);
/// What was found out is looked at again after this time.
const REMEMBER: Duration = Duration::from_secs(600);

/// How the gate treats the portal's cookies.
pub struct Portal {
    /// The installation's own host: what stands before it names a chain.
    pub base: String,
    /// A session ends after so long without a request.
    pub ocio: SignedDuration,
}

impl Portal {
    pub fn etiqueta(&self, host: Option<&str>) -> Option<String> {
        host::cadena_de(host?, &self.base)
    }
}

/// What is known about the access version of one chain.
struct Slot {
    version: AtomicI64,
    /// Microseconds since the gate was made; 0: ask before trusting.
    asked: AtomicU64,
    /// Somebody of this chain was here since the last poll.
    used: AtomicBool,
}

/// A question for a chain's access version that is on its way.
struct Question {
    slot: Arc<Slot>,
    /// [`Slot::asked`] when it was put.
    before: u64,
    asked: u64,
}

/// What a token was found to mean.
struct Known {
    identity: Identity,
    /// Second at which the token dies.
    until: i64,
    version: i64,
    slot: Arc<Slot>,
    /// The signing keys of then; they may have been thrown away since.
    keys: u64,
}

/// What one actor may do, as of one version.
#[derive(Clone)]
struct Loaded {
    version: i64,
    until: i64,
    access: Arc<Access>,
    solo_sus_pacientes: bool,
    debe_enrolar: bool,
    bloqueada: bool,
    apagados: Apagados,
}

type LoadKey = (TenantId, Actor, Option<SesionId>, i64);

pub struct JwtGate {
    system: SystemCtx,
    keys: Arc<Keys>,
    usos: Usos,
    portal: Portal,
    born: Instant,
    slots: Mutex<HashMap<TenantId, Arc<Slot>>>,
    known: Cache<[u8; 32], Arc<Known>>,
    /// How often a credential was known, and how often the database was asked.
    hits: AtomicU64,
    misses: AtomicU64,
    /// Brings requests together that ask for the same access at the same time; `None`: not valid any more.
    loaded: Cache<LoadKey, Option<Loaded>>,
    /// For requests of nobody in particular; their chains are whatever a link says.
    apagados: Cache<TenantId, Apagados>,
}

/// What came in, before anything was checked.
enum Credential<'a> {
    Jwt(&'a str),
    ApiKey(&'a str),
    Cookie {
        secreto: &'a str,
        /// The chain that the address names: the cookie is good at the address where it was given, and nowhere else.
        etiqueta: Option<String>,
        /// Asked again for an answer that goes on: nobody uses the session.
        again: bool,
    },
}

impl<'a> Credential<'a> {
    fn from_request(asked: Asked<'a>, portal: &Portal) -> Result<Option<Self>, Problem> {
        let mut given = asked.headers.get_all(header::AUTHORIZATION).iter();
        let cookie = cookie::read(asked.headers, cookie::SESION);
        let value = match (given.next(), cookie) {
            (None, None) => return Ok(None),
            (None, Some(secreto)) => {
                if peticion::cambia(asked.method) {
                    peticion::exigir_propia(&asked)?;
                }
                return Ok(Some(Self::Cookie { secreto, etiqueta: portal.etiqueta(asked.host()), again: asked.again }));
            }
            (Some(_), Some(_)) => return Err(Problem::new(kinds::TWO_CREDENTIALS)),
            (Some(value), None) => value,
        };
        if given.next().is_some() {
            return Err(Problem::new(kinds::TWO_CREDENTIALS));
        }
        let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(Problem::unauthenticated)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::unauthenticated());
        }
        let token = token.trim();
        Ok(Some(if ClaveApi::is_one(token) { Self::ApiKey(token) } else { Self::Jwt(token) }))
    }
    /// Under what it is remembered.
    fn digest(&self) -> [u8; 32] {
        match self {
            Self::Jwt(text) | Self::ApiKey(text) => Sha256::digest(text.as_bytes()).into(),
            Self::Cookie { secreto, etiqueta, again } => {
                let place = etiqueta.as_deref().unwrap_or_default().as_bytes();
                Sha256::digest([secreto.as_bytes(), b"@", place, &[u8::from(*again)]].concat()).into()
            }
        }
    }
}

#[async_trait]
impl Gate for JwtGate {
    async fn identify(&self, asked: Asked<'_>, origin: &Origin) -> Result<Option<Identity>, Problem> {
        let Some(credential) = Credential::from_request(asked, &self.portal)? else { return Ok(None) };
        let identity = self.identity(&credential, origin).await?;
        if let (Credential::ApiKey(_), Actor::ClaveApi(clave)) = (&credential, identity.actor) {
            self.usos.usada(identity.tenant, clave, origin, self.system.app().now()).await?;
        }
        Ok(Some(identity))
    }

    async fn apagados(&self, tenant: TenantId) -> Result<Apagados, Problem> {
        let load = async {
            let mut tx = self.system.begin(tenant).await?;
            store::apagados(&mut tx).await
        };
        self.apagados.try_get_with(tenant, load).await.map_err(|problem: Arc<Problem>| retell(&problem))
    }
}

impl JwtGate {
    async fn identity(&self, credential: &Credential<'_>, origin: &Origin) -> Result<Identity, Problem> {
        let digest = credential.digest();
        let now = self.system.app().now();
        if let Some(known) = self.known.get(&digest).await
            && now.as_second() < known.until
            && self.is_fresh(&known.slot)
            && known.slot.version.load(Ordering::Acquire) == known.version
            && known.keys == self.keys.generation()
        {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(known.identity.clone());
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        // Before the keys are used, so that nothing is remembered under newer ones.
        let keys = self.keys.generation();
        let known = Arc::new(Known { keys, ..self.recognise(credential, origin, now).await? });
        self.known.insert(digest, known.clone()).await;
        Ok(known.identity.clone())
    }

    /// How often a credential was known since the process began, and how often it was looked up.
    pub fn remembered(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    pub fn portal(&self) -> &Portal {
        &self.portal
    }

    pub fn new(app: &App, keys: Arc<Keys>, usos: Usos, portal: Portal) -> Self {
        Self {
            system: SystemCtx::new(app),
            keys,
            usos,
            portal,
            born: Instant::now(),
            slots: Mutex::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            known: Cache::builder().max_capacity(100_000).time_to_live(REMEMBER).build(),
            loaded: Cache::builder().max_capacity(20_000).time_to_live(REMEMBER).build(),
            apagados: Cache::builder().max_capacity(10_000).time_to_live(FRESH).build(),
        }
    }

    async fn recognise(&self, credential: &Credential<'_>, origin: &Origin, now: Timestamp) -> Result<Known, Problem> {
        match credential {
            Credential::Jwt(token) => {
                let claims = self.keys.verify(token, now).ok_or_else(Problem::unauthenticated)?;
                let actor = match claims.sid {
                    Some(_) => Actor::Usuario(UsuarioId(claims.sub)),
                    None => Actor::ClaveApi(ClaveApiId(claims.sub)),
                };
                let mut known = self.known_actor(claims.ten, actor, claims.sid, now).await?;
                known.until = known.until.min(claims.exp);
                narrow(&mut known.identity, &claims);
                Ok(known)
            }
            Credential::ApiKey(text) => {
                let key = ClaveApi::read(text).ok_or_else(Problem::unauthenticated)?;
                let mut tx = self.system.begin(key.tenant).await?;
                let stored = store::clave_resumen(&mut tx, key.id).await?;
                drop(tx);
                let Some(resumen) = stored else { return Err(Problem::unauthenticated()) };
                let known = match key.matches(&resumen) {
                    true => self.known_actor(key.tenant, Actor::ClaveApi(key.id), None, now).await,
                    false => Err(Problem::unauthenticated()),
                };
                if known.as_ref().is_err_and(|problem| problem.status() == StatusCode::UNAUTHORIZED) {
                    self.usos.rechazada(key.tenant, key.id, Medio::ClaveApi, origin, now).await?;
                }
                known
            }
            Credential::Cookie { secreto, etiqueta, again } => {
                self.recognise_cookie(secreto, etiqueta.as_deref(), *again, origin, now).await
            }
        }
    }

    /// The session of a cookie; that it is in use is noted at most once a minute.
    async fn recognise_cookie(
        &self,
        secreto: &str,
        etiqueta: Option<&str>,
        again: bool,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Known, Problem> {
        let (tenant, resumen) = portal::leer(secreto, etiqueta).ok_or_else(Problem::unauthenticated)?;
        let mut tx = self.system.begin(tenant).await?;
        let sesion = portal::store::abierta(&mut tx, &resumen, self.portal.ocio).await?;
        let mut sesion = sesion.ok_or_else(Problem::unauthenticated)?;
        if !again && now.duration_since(sesion.usada_en) >= portal::ANOTAR {
            portal::store::anotar_uso(&mut tx, sesion.id, &origin.ip.to_canonical().to_string()).await?;
            tx.commit().await?;
            sesion.usada_en = now;
        }
        let mut known = self.known_actor(tenant, Actor::Usuario(sesion.usuario), Some(sesion.id), now).await?;
        known.until = known.until.min(sesion.until(now, self.portal.ocio, again));
        Ok(known)
    }

    /// Only for credentials that were checked: it remembers the chain.
    async fn known_actor(&self, tenant: TenantId, actor: Actor, sesion: Option<SesionId>, now: Timestamp) -> Result<Known, Problem> {
        let slot = self.slot(tenant);
        if !self.is_fresh(&slot) {
            self.ask(&[tenant]).await?;
        }
        let key = (tenant, actor, sesion, slot.version.load(Ordering::Acquire));
        let load = self.load(tenant, actor, sesion, now);
        let loaded = self.loaded.try_get_with(key, load).await.map_err(|problem: Arc<Problem>| retell(&problem))?;
        let loaded = loaded.filter(|loaded| now.as_second() < loaded.until).ok_or_else(Problem::unauthenticated)?;
        let Loaded { version, until, access, solo_sus_pacientes, debe_enrolar, bloqueada, apagados } = loaded;
        let identity = Identity { tenant, actor, sesion, access, solo_sus_pacientes, debe_enrolar, bloqueada, apagados };
        Ok(Known { identity, until, version, slot, keys: 0 })
    }

    /// The version is read before what it covers, so that nothing older is ever kept under it.
    async fn load(&self, tenant: TenantId, actor: Actor, sesion: Option<SesionId>, now: Timestamp) -> Result<Option<Loaded>, Problem> {
        let question = self.question(tenant);
        let mut tx = self.system.begin(tenant).await?;
        let loaded = match (actor, sesion) {
            (Actor::Usuario(usuario), Some(sesion)) => {
                let Some(Estado { version, until, solo_sus_pacientes, debe_enrolar, bloqueada, apagados }) =
                    store::estado_sesion(&mut tx, sesion, usuario, now).await?
                else {
                    return Ok(None);
                };
                let access = crate::personal::acceso::load(&mut tx, usuario).await?;
                Loaded { version, until, access: Arc::new(access), solo_sus_pacientes, debe_enrolar, bloqueada, apagados }
            }
            (Actor::ClaveApi(clave), None) => {
                let Some(clave) = store::clave_vigente(&mut tx, clave, now).await? else { return Ok(None) };
                let until = clave.expira_en.as_second();
                Loaded {
                    version: clave.version,
                    until,
                    access: Arc::new(clave.access()),
                    solo_sus_pacientes: clave.solo_sus_pacientes,
                    debe_enrolar: false,
                    bloqueada: false,
                    apagados: clave.apagados,
                }
            }
            _ => return Ok(None),
        };
        self.learn(&question, loaded.version);
        Ok(Some(loaded))
    }

    fn slot(&self, tenant: TenantId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(Slot { version: AtomicI64::new(0), asked: AtomicU64::new(0), used: AtomicBool::new(true) });
        slots.entry(tenant).or_insert_with(fresh).clone()
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn is_fresh(&self, slot: &Slot) -> bool {
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

    fn question(&self, tenant: TenantId) -> Question {
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
    fn learn(&self, question: &Question, version: i64) {
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
    async fn ask(&self, tenants: &[TenantId]) -> Result<(), Problem> {
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

/// A scope can only take away.
fn narrow(identity: &mut Identity, claims: &Claims) {
    let Some(scope) = &claims.scope else { return };
    let wanted: PermissionSet = scope.split(' ').filter_map(index_of).collect();
    let access = &identity.access;
    identity.access = Arc::new(Access {
        cadena: access.cadena.intersection(wanted),
        sedes: access.sedes.iter().map(|(sede, held)| (*sede, held.intersection(wanted))).collect(),
    });
}

/// One failed load answers all who waited for it.
fn retell(problem: &Problem) -> Problem {
    match problem.status() {
        status if status == kinds::UNAVAILABLE.status => Problem::new(kinds::UNAVAILABLE).retry_after(2),
        _ => Problem::new(kinds::INTERNAL),
    }
}

/// Tells every instance, this one included, that rights changed in a chain. Best effort: the poll makes it sure.
pub async fn avisar(app: &App, tenant: TenantId) {
    let message = kernel::ports::Message { topic: TOPIC.into(), body: tenant.to_string().into_bytes().into() };
    if let Err(error) = app.bus().publish(message).await {
        tracing::warn!(%error, "access change not announced");
    }
}
