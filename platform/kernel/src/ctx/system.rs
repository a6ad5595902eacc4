//! Work that is nobody's request.
use super::{App, Inner, Mode, Outside};
use crate::{Actor, Origin, Problem, Sedes, Tx, audit::Who, ids::TenantId, store, tx};
use jiff::Timestamp;
use sqlx::{Postgres, Transaction};

/// Work of the platform itself, across tenants. Made once, with the app, of parts that only `server` has; whoever works with
/// it was given it. A reviewer should ask why wherever this name appears.
#[derive(Clone)]
pub struct SystemCtx {
    app: App,
}

impl SystemCtx {
    /// The app, and the only way to this side of it: an [`App`], which every handler has, leads to none.
    pub fn start(parts: Outside) -> Self {
        Self { app: App::new(parts) }
    }
    pub fn app(&self) -> &App {
        &self.app
    }
    /// All of one chain, in the platform's name.
    pub async fn begin(&self, tenant: TenantId) -> Result<Tx, Problem> {
        let who = Who { tenant, actor: Actor::Sistema, origin: None, now: self.app.now(), sedes: Sedes::Cadena, solo_sus_pacientes: false };
        self.app.begin(Mode::Write, who).await
    }
    /// One chain in somebody's name.
    pub async fn begin_as(&self, tenant: TenantId, actor: Actor, origin: Option<Origin>, now: Timestamp) -> Result<Tx, Problem> {
        let who = Who { tenant, actor, origin, now, sedes: Sedes::Cadena, solo_sus_pacientes: false };
        self.app.begin(Mode::Write, who).await
    }
    /// One chain in somebody's name, seeing no more than they could: work that they asked for.
    pub async fn begin_for(&self, tenant: TenantId, actor: Actor, sedes: Sedes, solo_sus_pacientes: bool) -> Result<Tx, Problem> {
        let who = Who { tenant, actor, origin: None, now: self.app.now(), sedes, solo_sus_pacientes };
        self.app.begin(Mode::Write, who).await
    }
    /// Role `huella_jobs`: outbox, audit chain and person keys of all tenants, and nothing else.
    pub async fn begin_jobs(&self) -> Result<Transaction<'static, Postgres>, Problem> {
        tx::begin(&self.app.0.parts.pool, "set local role huella_jobs; begin").await
    }
    /// Role `huella_operador`: the tenants themselves and the platform's reference data.
    pub async fn begin_operador(&self) -> Result<Transaction<'static, Postgres>, Problem> {
        tx::begin(&self.app.0.parts.pool, "set local role huella_operador; begin").await
    }
    pub fn has_replica(&self) -> bool {
        self.app.0.parts.replica.is_some()
    }
    /// Looks how far behind the replica is; until somebody did, and a second after, all reads go to the primary.
    pub async fn observe_replica(&self) -> Result<(), Problem> {
        let Inner { parts, replica: freshness, .. } = &*self.app.0;
        let Some(replica) = &parts.replica else { return Ok(()) };
        let asked = freshness.now();
        freshness.primary_was(asked, store::written(&parts.pool).await?);
        freshness.replica_is(store::replayed(replica).await?);
        Ok(())
    }
    /// Opens all the connections that the pool may have, for a server that begins to serve; those that it can.
    pub async fn connect(&self) {
        let pool = &self.app.0.parts.pool;
        let all = (0..pool.options().get_max_connections()).map(|_| pool.acquire());
        drop(futures::future::join_all(all).await);
    }
    /// Whether PostgreSQL answers.
    pub async fn ping(&self) -> Result<(), Problem> {
        Ok(sqlx::Executor::execute(&self.app.0.parts.pool, "select 1").await.map(drop)?)
    }
}
