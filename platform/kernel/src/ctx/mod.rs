//! `Ctx<P>`: who is asking, in which chain and sedes, at what time, with permission `P`.
mod system;

pub use system::SystemCtx;

use crate::{
    Access, Actor, Begun, Identity, Once, Origin, Problem, Sedes, Tx,
    access::Trail,
    audit::{ReadLog, Reader, Who},
    crypto::Keyring,
    idempotency::Keyed,
    ids::{SedeId, TenantId, UsuarioId},
    memory::Memory,
    modulos,
    permission::Permission,
    ports::{Asked, Bus, Cache, Files, Gate, Limits, Mailer},
    problem::kinds,
    replica::Freshness,
    store,
    tx::{self, Wake},
};
use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{HeaderMap, header, request::Parts, uri::Authority},
};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, PgPool};
use std::{
    fmt::Write,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Notify;
use uuid::Uuid;

/// Where every request takes its time from; tests set it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The parts that `server` (or a test) puts together.
pub struct Outside {
    pub pool: PgPool,
    /// A streaming replica, if there is one.
    pub replica: Option<PgPool>,
    pub clock: Clock,
    pub keyring: Arc<Keyring>,
    pub cache: Arc<dyn Cache>,
    pub bus: Arc<dyn Bus>,
    pub files: Arc<dyn Files>,
    pub mailer: Arc<dyn Mailer>,
}

/// The state of the router. The pool is private: the only way to the database is a context.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Outside,
    gate: std::sync::OnceLock<Arc<dyn Gate>>,
    limits: std::sync::OnceLock<Arc<dyn Limits>>,
    reads: ReadLog,
    replica: Freshness,
    memory: Arc<Memory>,
    wake: Wake,
}

impl App {
    fn new(parts: Outside) -> Self {
        Self(Arc::new(Inner {
            parts,
            gate: std::sync::OnceLock::new(),
            limits: std::sync::OnceLock::new(),
            reads: ReadLog::default(),
            replica: Freshness::default(),
            memory: Arc::default(),
            wake: Wake::default(),
        }))
    }
    /// The gate itself needs the database, so it is set after the app is made.
    pub fn set_gate(&self, gate: Arc<dyn Gate>) {
        let _ = self.0.gate.set(gate);
    }
    /// Without them nobody counts.
    pub fn set_limits(&self, limits: Arc<dyn Limits>) {
        let _ = self.0.limits.set(limits);
    }
    pub fn now(&self) -> Timestamp {
        (self.0.parts.clock)()
    }
    pub fn cache(&self) -> &dyn Cache {
        &*self.0.parts.cache
    }
    pub fn bus(&self) -> &dyn Bus {
        &*self.0.parts.bus
    }
    pub fn files(&self) -> &dyn Files {
        &*self.0.parts.files
    }
    pub fn mailer(&self) -> &dyn Mailer {
        &*self.0.parts.mailer
    }
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.0.parts.keyring
    }
    /// See [`Tx::memory`].
    pub fn memory<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.0.memory.of()
    }
    pub fn reads(&self) -> &ReadLog {
        &self.0.reads
    }
    /// Wakes whoever empties the outbox: a transaction of this process left something in it.
    pub fn outbox(&self) -> &Arc<Notify> {
        &self.0.wake.outbox
    }
    /// Wakes whoever does the work that a transaction of this process asked for.
    pub fn work(&self) -> &Arc<Notify> {
        &self.0.wake.work
    }

    /// One more request of a chain and of whoever acts there.
    fn count(&self, tenant: TenantId, actor: Actor, trail: Option<&Trail>) -> Result<(), Problem> {
        let Some(limits) = self.0.limits.get() else { return Ok(()) };
        let taken = limits.take(tenant, actor);
        if let (Some(trail), Some(quota)) = (trail, taken.unwrap_or_else(Some)) {
            trail.note_quota(quota);
        }
        taken?;
        Ok(())
    }

    async fn identify(&self, asked: Asked<'_>, origin: &Origin) -> Result<Option<Identity>, Problem> {
        match self.0.gate.get() {
            Some(gate) => gate.identify(asked, origin).await,
            None => Err(Problem::internal("no gate")),
        }
    }

    async fn begin(&self, mode: Mode, who: Who) -> Result<Tx, Problem> {
        let parts = &self.0.parts;
        let fresh = || self.0.replica.is_fresh(self.0.replica.now());
        let pool = match mode {
            Mode::Read => parts.replica.as_ref().filter(|_| fresh()).unwrap_or(&parts.pool),
            Mode::Write => &parts.pool,
        };
        let inner = tx::begin(pool, AssertSqlSafe(begin_sql(mode, &who))).await?;
        Ok(Tx::new(inner, self.0.parts.keyring.clone(), self.0.memory.clone(), self.0.wake.clone(), who))
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Read,
    Write,
}

/// The context and BEGIN in one round trip. Role and settings die with the transaction, so a pooled connection
/// never carries a tenant over. Nothing but UUIDs and a time is written into the text. BEGIN stands last, as [`tx::begin`] asks.
fn begin_sql(mode: Mode, who: &Who) -> String {
    let mut sql = String::with_capacity(320);
    sql.push_str("set local role huella_app");
    let _ = write!(sql, "; set local app.tenant = '{}'", who.tenant);
    match &who.sedes {
        Sedes::Cadena => sql.push_str("; set local app.sedes = '{}'; set local app.ambito = 'cadena'"),
        Sedes::Lista(sedes) => {
            if who.solo_sus_pacientes {
                let actor = who.actor.id().unwrap_or_default();
                let _ =
                    write!(sql, "; set local app.ambito = 'propios'; set local app.actor = '{actor}'; set local app.ahora = '{}'", who.now);
            } else {
                sql.push_str("; set local app.ambito = 'sedes'");
            }
            sql.push_str("; set local app.sedes = '{");
            for (index, sede) in sedes.iter().enumerate() {
                let _ = write!(sql, "{}{sede}", if index == 0 { "" } else { "," });
            }
            sql.push_str("}'");
        }
    }
    sql.push_str(match mode {
        Mode::Read => "; begin read only",
        Mode::Write => "; begin",
    });
    sql
}

/// In a request's extensions: it sees no more than these sedes, whatever its caller may see.
#[derive(Debug, Clone)]
pub struct Narrow(pub Sedes);

/// One request of somebody who holds permission `P`. Comes first in every handler.
pub struct Ctx<P> {
    pub tenant: TenantId,
    pub actor: Actor,
    pub now: Timestamp,
    /// The sedes in which the actor holds `P`: all that this request can see.
    pub sedes: Sedes,
    pub origin: Origin,
    pub identity: Identity,
    app: App,
    trail: Option<Arc<Trail>>,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequestParts<App> for Ctx<P> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let authority = parts.uri.authority().map(Authority::as_str);
        let asked = Asked { method: &parts.method, authority, headers: &parts.headers, again: false };
        let identity = app.identify(asked, &origin(parts)).await?.ok_or_else(Problem::unauthenticated)?;
        let trail = parts.extensions.get::<Arc<Trail>>().cloned();
        if let Some(trail) = &trail {
            trail.note_tenant(identity.tenant);
        }
        app.count(identity.tenant, identity.actor, trail.as_deref())?;
        if identity.bloqueada && !P::WHILE_LOCKED {
            return Err(Problem::new(kinds::LOCKED));
        }
        identity.apagados.check(parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str))?;
        let sedes = match P::INDEX {
            Some(_) if identity.debe_enrolar => return Err(Problem::new(kinds::ENROL_FIRST)),
            Some(index) => {
                let held = identity.access.sedes_with(index).ok_or_else(Problem::forbidden)?;
                match parts.extensions.get::<Narrow>() {
                    Some(Narrow(sedes)) => held.and(sedes).ok_or_else(Problem::forbidden)?,
                    None => held,
                }
            }
            None => Sedes::none(),
        };
        Ok(Self {
            tenant: identity.tenant,
            actor: identity.actor,
            now: app.now(),
            sedes,
            origin: origin(parts),
            identity,
            app: app.clone(),
            trail,
            permission: PhantomData,
        })
    }
}

/// Set by the server's outermost layer; missing only in a test that calls a router bare.
fn origin(parts: &Parts) -> Origin {
    parts.extensions.get::<Origin>().cloned().unwrap_or_else(|| Origin {
        ip: std::net::IpAddr::from([0, 0, 0, 0]),
        agent: "".into(),
        trace: "".into(),
    })
}

impl<P: Permission> Ctx<P> {
    fn who(&self) -> Who {
        Who {
            tenant: self.tenant,
            actor: self.actor,
            origin: Some(self.origin.clone()),
            now: self.now,
            sedes: self.sedes.clone(),
            solo_sus_pacientes: self.identity.solo_sus_pacientes,
        }
    }

    /// A transaction that sees this chain and the sedes where the actor holds `P`.
    pub async fn begin(&self) -> Result<Tx, Problem> {
        self.app.begin(Mode::Write, self.who()).await
    }

    /// The same, read only; on a replica where one is configured and not known to be more than a second behind. Who
    /// has just written may not find it there: what a request has to see of its own writes is read with `begin`.
    pub async fn begin_read(&self) -> Result<Tx, Problem> {
        self.app.begin(Mode::Read, self.who()).await
    }

    /// Like `begin`, unless this very request was answered before.
    pub async fn begin_once<T>(&self, request: &Once<T>) -> Result<Begun, Problem> {
        let Some(key) = &request.key else { return Ok(Begun::Fresh(self.begin().await?)) };
        let keyring = &self.app.0.parts.keyring;
        let request = Keyed::new(keyring, self.tenant, self.actor, request, key);
        let mut tx = self.begin().await?;
        match store::recall(&mut tx, &request).await? {
            store::Recall::Fresh => {
                tx.once = Some(request);
                Ok(Begun::Fresh(tx))
            }
            store::Recall::Busy => Err(Problem::new(kinds::IN_PROGRESS).retry_after(1)),
            store::Recall::Answered { huella, .. } if huella != request.huella => Err(Problem::new(kinds::KEY_REUSED)),
            // Rights may have been taken away since: the answer shows what was seen with those of then.
            store::Recall::Answered { sedes, .. } if !self.sedes.covers(&sedes) => Err(Problem::forbidden()),
            store::Recall::Answered { estado, etag, cuerpo, .. } => {
                let cuerpo = keyring.open_for_tenant(self.tenant, &request.purpose(), &cuerpo)?;
                Ok(Begun::replay(estado, etag, cuerpo.to_vec()))
            }
        }
    }

    /// For the log: the request is about this sede.
    pub fn note_sede(&self, sede: SedeId) {
        if let Some(trail) = &self.trail {
            trail.note_sede(sede);
        }
    }

    /// 403 unless the actor holds `P` in this sede. Says nothing about whether the sede exists.
    pub fn in_sede(&self, sede: SedeId) -> Result<(), Problem> {
        self.note_sede(sede);
        if self.sedes.contains(sede) { Ok(()) } else { Err(Problem::forbidden().detail("No tiene este permiso en esa sede.")) }
    }

    /// 403 unless the actor holds `P` for the whole chain.
    pub fn in_cadena(&self) -> Result<(), Problem> {
        if self.sedes == Sedes::Cadena {
            Ok(())
        } else {
            Err(Problem::forbidden().detail("Este cambio requiere el permiso en toda la cadena."))
        }
    }

    /// The person who acts; integrations have no devices, passwords or second factor.
    pub fn usuario(&self) -> Result<UsuarioId, Problem> {
        match self.actor {
            Actor::Usuario(id) => Ok(id),
            _ => Err(Problem::forbidden().detail("Solo para personas, no para integraciones.")),
        }
    }

    pub fn access(&self) -> &Access {
        &self.identity.access
    }
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Notes that these records were seen; written to the audit within a second.
    pub fn read_audit(&self, entidad: &'static str, ids: impl IntoIterator<Item = Uuid>) {
        let reader = Reader { tenant: self.tenant, actor: self.actor, ip: self.origin.ip, entidad };
        self.app.0.reads.note(reader, self.now, ids);
    }
}

/// What a request was let in with, to ask the gate again: an answer that goes on for long ends when its right does.
pub struct Standing {
    authority: Option<Authority>,
    headers: HeaderMap,
    origin: Origin,
    app: App,
}

impl FromRequestParts<App> for Standing {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let given = [header::AUTHORIZATION, header::COOKIE, header::HOST];
        let headers = parts.headers.iter().filter(|(name, _)| given.contains(name));
        let authority = parts.uri.authority().cloned();
        Ok(Self {
            authority,
            headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
            origin: origin(parts),
            app: app.clone(),
        })
    }
}

impl Standing {
    /// What may be done with it now; `None` if nothing, or if nobody can tell.
    pub async fn access(&self) -> Option<Arc<Access>> {
        let authority = self.authority.as_ref().map(Authority::as_str);
        let asked = Asked { authority, again: true, ..Asked::reading(&self.headers) };
        let identity = self.app.identify(asked, &self.origin).await.ok().flatten()?;
        (!identity.debe_enrolar && !identity.bloqueada).then_some(identity.access)
    }
}

/// A request of somebody who has not signed in (yet): sign-in, invitations, forgotten passwords. It sees one
/// chain, named in the request, and no sede.
pub struct Anon {
    pub now: Timestamp,
    pub origin: Origin,
    app: App,
    /// The module that was asked, if it is one's.
    modulo: Option<usize>,
    trail: Option<Arc<Trail>>,
    /// It was counted to its chain, once however many transactions it takes.
    counted: AtomicBool,
}

impl FromRequestParts<App> for Anon {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let modulo = parts.extensions.get::<MatchedPath>().and_then(|ruta| modulos::de_ruta(ruta.as_str()));
        let trail = parts.extensions.get::<Arc<Trail>>().cloned();
        Ok(Self { now: app.now(), origin: origin(parts), app: app.clone(), modulo, trail, counted: AtomicBool::new(false) })
    }
}

impl Anon {
    /// 429 where the chain was asked too often, 403 where it does without the module that was asked.
    async fn admitted(&self, tenant: TenantId) -> Result<(), Problem> {
        if !tenant.0.is_nil() && !self.counted.swap(true, Ordering::Relaxed) {
            self.app.count(tenant, Actor::Anonimo, self.trail.as_deref())?;
        }
        let (Some(index), Some(gate), false) = (self.modulo, self.app.0.gate.get(), tenant.0.is_nil()) else { return Ok(()) };
        match gate.apagados(tenant).await?.contains(index) {
            true => Err(modulos::apagado(&modulos::CATALOGUE[index])),
            false => Ok(()),
        }
    }

    /// The chain of that address, if there is an active one.
    pub async fn tenant(&self, clave: &str) -> Result<Option<TenantId>, Problem> {
        let mut tx = self.begin(TenantId(Uuid::nil())).await?;
        store::tenant_by_key(&mut tx, clave).await
    }
    pub async fn begin(&self, tenant: TenantId) -> Result<Tx, Problem> {
        self.admitted(tenant).await?;
        let who = Who {
            tenant,
            actor: Actor::Anonimo,
            origin: Some(self.origin.clone()),
            now: self.now,
            sedes: Sedes::none(),
            solo_sus_pacientes: false,
        };
        self.app.begin(Mode::Write, who).await
    }
    /// In some sedes: for what they offer to everybody, and for who holds a secret of theirs. Still nobody.
    pub async fn begin_in(&self, tenant: TenantId, sedes: &[SedeId]) -> Result<Tx, Problem> {
        self.admitted(tenant).await?;
        let sedes = Sedes::Lista(Arc::from(sedes));
        let who = Who { tenant, actor: Actor::Anonimo, origin: Some(self.origin.clone()), now: self.now, sedes, solo_sus_pacientes: false };
        self.app.begin(Mode::Write, who).await
    }
    /// As somebody whose credentials were just checked.
    pub async fn begin_as(&self, tenant: TenantId, actor: Actor) -> Result<Tx, Problem> {
        let who = Who { tenant, actor, origin: Some(self.origin.clone()), now: self.now, sedes: Sedes::none(), solo_sus_pacientes: false };
        self.app.begin(Mode::Write, who).await
    }
    pub fn app(&self) -> &App {
        &self.app
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(sedes: Sedes, solo_sus_pacientes: bool) -> Who {
        Who { tenant: TenantId::new(), actor: Actor::Sistema, origin: None, now: Timestamp::UNIX_EPOCH, sedes, solo_sus_pacientes }
    }

    #[test]
    fn only_who_has_no_sedes_but_the_chain_sees_past_the_rule_of_patients() {
        let ambito = |sedes, solo| begin_sql(Mode::Write, &who(sedes, solo)).contains("app.ambito = 'propios'");
        assert!(ambito(Sedes::none(), true) && !ambito(Sedes::none(), false) && !ambito(Sedes::Cadena, true));
    }

    #[test]
    fn the_context_holds_nothing_but_uuids() {
        let sede = SedeId::new();
        let sql = begin_sql(Mode::Write, &who(Sedes::Lista(Arc::from([sede, sede])), false));
        assert!(sql.contains(&format!("'{{{sede},{sede}}}'")), "{sql}");
        assert!(begin_sql(Mode::Read, &who(Sedes::none(), false)).ends_with("; begin read only"));
    }
}
