//! From credentials to an identity, on every request: a hash, a look into memory, two comparisons.
//!
//! What a token means is remembered until the token dies or the chain's access version changes. The version is
//! raised in the database by everything that can take a right away; each process asks for it every second (and
//! at once when told over the bus), and trusts what it remembers for at most [`FRESH`] without having asked.
mod credential;
mod versions;

use super::{
    accesos::model::Medio,
    claves_api::uso::Usos,
    jwt::{Claims, Keys},
    portal,
    store::{self, Estado},
    token::ClaveApi,
};
use async_trait::async_trait;
use axum::http::StatusCode;
use credential::Credential;
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
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use versions::{FRESH, Slot};

/// Bus topic of "something changed in this chain's access"; the body is the chain's id.
pub const TOPIC: &str = "acceso";
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
            && known.slot.version() == known.version
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

    pub fn new(system: SystemCtx, keys: Arc<Keys>, usos: Usos, portal: Portal) -> Self {
        Self {
            system,
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
        let key = (tenant, actor, sesion, slot.version());
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
