//! Work for later. People see their chain's; the worker lends and settles with the role `huella_jobs`.
use crate::trabajos::routes::{Estado, Trabajo};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{OnConstraint, Problem, Tx, ids::TenantId, problem::kinds};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Work that this process was lent.
#[derive(Debug, Clone)]
pub struct Lent {
    pub tenant: TenantId,
    pub id: Uuid,
    pub tipo: String,
    pub cuerpo: Value,
    /// This try included.
    pub intentos: i16,
    pub max_intentos: i16,
}

/// How a piece of lent work ended.
#[derive(Debug)]
pub struct Failure {
    pub tenant: TenantId,
    pub id: Uuid,
    pub intentos: i16,
    /// `None`: never again.
    pub next: Option<Timestamp>,
    pub error: String,
}

/// How many are lent at a time: of one chain, whoever works on them, and by this call.
#[derive(Debug, Clone, Copy)]
pub struct Portion {
    pub per_tenant: i64,
    pub all: i64,
}

/// Lends work that is due until `until`. The try is counted now, so that what kills its worker does not do so forever.
pub async fn lend(db: &mut PgConnection, now: Timestamp, until: Timestamp, portion: Portion) -> Result<Vec<Lent>, Problem> {
    // One at a time, or two would both see the same free places of a chain.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('huella.trabajos'))").fetch_one(&mut *db).await?;
    let rows = sqlx::query!(
        r#"with elegidos as materialized (select cadena, trabajo from trabajos_turnos($1, $3, $4))
           update trabajos t set proximo_en = $2, tomado_hasta = $2, intentos = t.intentos + 1
             from elegidos e where t.tenant_id = e.cadena and t.id = e.trabajo and t.proximo_en <= $1 and t.estado = 'pendiente'
           returning t.tenant_id, t.id, t.tipo, t.cuerpo, t.intentos, t.max_intentos"#,
        now.to_sqlx() as _,
        until.to_sqlx() as _,
        portion.per_tenant,
        portion.all
    )
    .fetch_all(db)
    .await?;
    let lent = rows.into_iter().map(|r| Lent {
        tenant: TenantId(r.tenant_id),
        id: r.id,
        tipo: r.tipo,
        cuerpo: r.cuerpo,
        intentos: r.intentos,
        max_intentos: r.max_intentos,
    });
    Ok(lent.collect())
}

/// Lent work stays lent; `false` if somebody else has it by now.
pub async fn keep(db: &mut PgConnection, job: &Lent, until: Timestamp) -> Result<bool, Problem> {
    let done = sqlx::query!(
        "update trabajos set tomado_hasta = $4, proximo_en = $4 where tenant_id = $1 and id = $2 and intentos = $3 and estado = 'pendiente'",
        job.tenant.0,
        job.id,
        job.intentos,
        until.to_sqlx() as _
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// What is done goes. Whoever came after its lease had ended finds that another one has it now, and changes nothing.
pub async fn done(db: &mut PgConnection, jobs: &[Lent]) -> Result<(), Problem> {
    let tenants: Vec<Uuid> = jobs.iter().map(|job| job.tenant.0).collect();
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.id).collect();
    let tries: Vec<i16> = jobs.iter().map(|job| job.intentos).collect();
    sqlx::query!(
        "delete from trabajos t using unnest($1::uuid[], $2::uuid[], $3::smallint[]) d(tenant_id, id, intentos)
          where t.tenant_id = d.tenant_id and t.id = d.id and t.intentos = d.intentos",
        &tenants,
        &ids,
        &tries
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn failed(db: &mut PgConnection, now: Timestamp, failure: &Failure) -> Result<(), Problem> {
    sqlx::query!(
        "update trabajos set tomado_hasta = null, error = $5, proximo_en = coalesce($4, proximo_en),
                estado = case when $4::timestamptz is null then 'muerto' else estado end,
                muerto_en = case when $4::timestamptz is null then $6::timestamptz end
          where tenant_id = $1 and id = $2 and intentos = $3 and estado = 'pendiente'",
        failure.tenant.0,
        failure.id,
        failure.intentos,
        failure.next.map(|next| next.to_sqlx()) as _,
        failure.error,
        now.to_sqlx() as _
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Due work, the seconds that the oldest waits, and what is dead.
pub async fn lag(db: &mut PgConnection, now: Timestamp) -> Result<(i64, f64, i64), Problem> {
    let row = sqlx::query!(
        r#"select count(*) filter (where estado = 'pendiente' and proximo_en <= $1) as "waiting!",
                  coalesce(extract(epoch from $1 - min(proximo_en) filter (where estado = 'pendiente' and proximo_en <= $1)), 0)::float8 as "age!",
                  count(*) filter (where estado = 'muerto') as "dead!"
             from trabajos"#,
        now.to_sqlx() as _
    )
    .fetch_one(db)
    .await?;
    Ok((row.waiting, row.age, row.dead))
}

/// Dead for so long that nobody will look.
pub async fn forget(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from trabajos where ctid in (select ctid from trabajos where estado = 'muerto' and muerto_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Which of a chain's work.
#[derive(Debug, Default)]
pub struct Filter<'a> {
    pub id: Option<Uuid>,
    pub estado: Option<Estado>,
    pub tipo: Option<&'a str>,
    /// After this place in the list.
    pub after: Option<(Timestamp, Uuid)>,
}

/// The newest first.
pub async fn list(tx: &mut Tx, filter: Filter<'_>, limit: i64) -> Result<Vec<Trabajo>, Problem> {
    let (en, id) = filter.after.unzip();
    let rows = sqlx::query!(
        "select id, tipo, cuerpo->>'tema' as tema, clave, estado, intentos, max_intentos, proximo_en, error, creado_en, muerto_en
           from trabajos
          where ($1::uuid is null or id = $1) and ($2::text is null or estado = $2) and ($3::text is null or tipo = $3)
            and ($4::timestamptz is null or (creado_en, id) < ($4, $5::uuid))
          order by creado_en desc, id desc limit $6",
        filter.id,
        filter.estado.map(Estado::clave),
        filter.tipo,
        en.map(|en| en.to_sqlx()) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let trabajos = rows.into_iter().map(|r| Trabajo {
        id: r.id,
        tipo: r.tipo,
        tema: r.tema,
        clave: r.clave,
        estado: Estado::read(&r.estado),
        intentos: r.intentos,
        max_intentos: r.max_intentos,
        proximo_en: r.proximo_en.to_jiff(),
        error: r.error,
        creado_en: r.creado_en.to_jiff(),
        muerto_en: r.muerto_en.map(|en| en.to_jiff()),
    });
    Ok(trabajos.collect())
}

/// Dead work begins anew; `false` if it is not dead.
pub async fn revive(tx: &mut Tx, id: Uuid) -> Result<bool, Problem> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "update trabajos set estado = 'pendiente', intentos = 0, proximo_en = $2, muerto_en = null where id = $1 and estado = 'muerto'",
        id,
        now as _
    )
    .execute(&mut **tx)
    .await
    .on_constraint("trabajos_clave", || Problem::new(kinds::DUPLICATE).detail("Ya hay un trabajo igual por hacer."))?;
    Ok(done.rows_affected() == 1)
}
