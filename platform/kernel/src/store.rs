//! The kernel's own tables: audit, outbox, idempotency, person keys.
use crate::{
    Job, Problem, Sedes, Tx,
    crypto::WrappedKey,
    idempotency::Keyed,
    ids::{SedeId, TenantId},
    problem::kinds,
};
use jiff_sqlx::ToSqlx;
use sqlx::{Executor, PgConnection, PgPool};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Writes what a transaction collected, in one statement.
pub(crate) async fn flush(tx: &mut Tx) -> Result<(), Problem> {
    let changes = std::mem::take(&mut tx.changes);
    let events = std::mem::take(&mut tx.events);
    let answer = tx.answer.take();
    if changes.is_empty() && events.is_empty() && answer.is_none() {
        return Ok(());
    }
    let who = tx.who.clone();
    let now = who.now.to_sqlx();
    let ids: Vec<Uuid> = changes.iter().map(|_| Uuid::now_v7()).collect();
    let sedes: Vec<Option<Uuid>> = changes.iter().map(|c| c.sede.map(Uuid::from)).collect();
    let acciones: Vec<&str> = changes.iter().map(|c| c.accion).collect();
    let entidades: Vec<&str> = changes.iter().map(|c| c.entidad).collect();
    let entidad_ids: Vec<Uuid> = changes.iter().map(|c| c.id).collect();
    let (antes, despues): (Vec<_>, Vec<_>) = changes.into_iter().map(|c| (c.antes, c.despues)).unzip();
    let temas: Vec<&str> = events.iter().map(|e| e.tema).collect();
    let tema_sedes: Vec<Option<Uuid>> = events.iter().map(|e| e.sede.map(Uuid::from)).collect();
    let sedes_vistas = listed(&who.sedes);
    let cuerpos: Vec<serde_json::Value> = events.into_iter().map(|e| e.cuerpo).collect();
    sqlx::query!(
        r#"with cambios as (
             insert into auditoria (id, en, actor_tipo, actor_id, ip, traza, sede_id, accion, entidad, entidad_id, antes, despues)
             select c.id, $1, $2, $3, $4, $5, c.sede, c.accion, c.entidad, c.entidad_id, c.antes, c.despues
               from unnest($6::uuid[], $7::uuid[], $8::text[], $9::text[], $10::uuid[], $11::jsonb[], $12::jsonb[])
                 as c(id, sede, accion, entidad, entidad_id, antes, despues)),
           eventos as (
             insert into outbox (tema, sede_id, cuerpo, creado_en, proximo_en)
             select e.tema, e.sede, e.cuerpo, $1, $1 from unnest($13::text[], $14::uuid[], $15::jsonb[]) as e(tema, sede, cuerpo))
           insert into idempotencia (actor_id, ruta, clave, huella, sedes, estado, etag, cuerpo, creado_en)
           select $3, $16, $17, $18, $22, $19, $20, $21, $1 where $17::bytea is not null"#,
        now as _,
        who.actor.tipo(),
        who.actor.id(),
        who.origin.as_ref().map(|o| o.ip.to_string()),
        who.origin.as_ref().map(|o| o.trace.to_string()),
        &ids,
        &sedes as &[Option<Uuid>],
        &acciones as &[&str],
        &entidades as &[&str],
        &entidad_ids,
        &antes as &[Option<serde_json::Value>],
        &despues as &[Option<serde_json::Value>],
        &temas as &[&str],
        &tema_sedes as &[Option<Uuid>],
        &cuerpos,
        answer.as_ref().map(|a| a.request.ruta.as_str()),
        answer.as_ref().map(|a| a.request.clave.as_slice()),
        answer.as_ref().map(|a| a.request.huella.as_slice()),
        answer.as_ref().map(|a| a.estado as i16),
        answer.as_ref().and_then(|a| a.etag.as_deref()),
        answer.as_ref().map(|a| a.cuerpo.as_str()),
        sedes_vistas.as_deref(),
    )
    .execute(&mut **tx)
    .await
    .map_err(|error| match error.as_database_error().and_then(|db| db.constraint()) {
        // The other request with this key finished between our look and our write.
        Some("idempotencia_pkey") => Problem::new(kinds::IN_PROGRESS).retry_after(1),
        _ => error.into(),
    })?;
    Ok(())
}

/// `false` if the same waits already.
pub(crate) async fn enqueue(tx: &mut Tx, job: &Job) -> Result<bool, Problem> {
    let now = tx.who.now;
    let new = sqlx::query_scalar!(
        r#"select encolar($1, $2, $3, $4, $5, $6, $7) as "nuevo!""#,
        Uuid::now_v7(),
        job.tipo,
        job.cuerpo,
        job.clave,
        job.intentos,
        job.en.unwrap_or(now).to_sqlx() as _,
        now.to_sqlx() as _
    );
    Ok(new.fetch_one(&mut **tx).await?)
}

/// What is known about an idempotency key.
pub(crate) enum Recall {
    Fresh,
    /// Another request with this key is running right now.
    Busy,
    Answered {
        huella: Vec<u8>,
        /// What the caller of then could see.
        sedes: Sedes,
        estado: u16,
        etag: Option<String>,
        /// Sealed.
        cuerpo: String,
    },
}

/// As a column: null is the whole chain.
fn listed(sedes: &Sedes) -> Option<Vec<Uuid>> {
    match sedes {
        Sedes::Cadena => None,
        Sedes::Lista(sedes) => Some(sedes.iter().copied().map(Uuid::from).collect()),
    }
}

/// Looks a key up and, if it is new, reserves it until the transaction ends.
pub(crate) async fn recall(tx: &mut Tx, request: &Keyed) -> Result<Recall, Problem> {
    let lock = format!("{} {}", tx.who.tenant, request.purpose());
    let free =
        sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as "free!""#, lock).fetch_one(&mut **tx).await?;
    // Only now: a statement sees what was committed before it began, and the other request may have just finished.
    let row = sqlx::query!(
        "select huella, sedes, estado, etag, cuerpo from idempotencia where actor_id = $1 and ruta = $2 and clave = $3",
        request.actor,
        request.ruta,
        request.clave
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(match row {
        Some(row) => {
            let sedes = row.sedes.map_or(Sedes::Cadena, |sedes| Sedes::Lista(sedes.into_iter().map(SedeId).collect()));
            Recall::Answered { huella: row.huella, sedes, estado: row.estado as u16, etag: row.etag, cuerpo: row.cuerpo }
        }
        None if free => Recall::Fresh,
        None => Recall::Busy,
    })
}

/// How far the primary has written.
pub(crate) async fn written(pool: &PgPool) -> Result<i64, Problem> {
    Ok(sqlx::query_scalar!(r#"select (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint as "position!""#).fetch_one(pool).await?)
}

/// How far a replica has replayed; `None` if it is none.
pub(crate) async fn replayed(pool: &PgPool) -> Result<Option<i64>, Problem> {
    Ok(sqlx::query_scalar!("select (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint").fetch_one(pool).await?)
}

pub(crate) async fn tenant_by_key(tx: &mut Tx, clave: &str) -> Result<Option<TenantId>, Problem> {
    let id = sqlx::query_scalar!("select tenant_por_clave($1)", clave).fetch_one(&mut **tx).await?;
    Ok(id.map(TenantId))
}

pub(crate) async fn insert_person_key(db: &mut PgConnection, person: Uuid, key: &WrappedKey) -> Result<(), Problem> {
    sqlx::query!("insert into claves_personales (persona_id, version, envuelta) values ($1, $2, $3)", person, key.version, key.bytes)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn insert_person_keys(db: &mut PgConnection, people: &[Uuid], keys: &[WrappedKey]) -> Result<(), Problem> {
    let versions: Vec<i32> = keys.iter().map(|key| key.version).collect();
    let bytes: Vec<Vec<u8>> = keys.iter().map(|key| key.bytes.clone()).collect();
    sqlx::query!(
        "insert into claves_personales (persona_id, version, envuelta) select * from unnest($1::uuid[], $2::int[], $3::bytea[])",
        people,
        &versions,
        &bytes
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn person_keys(db: &mut PgConnection, people: &[Uuid]) -> Result<Vec<(Uuid, WrappedKey)>, Problem> {
    let rows = sqlx::query!("select persona_id, version, envuelta from claves_personales where persona_id = any($1)", people)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.persona_id, WrappedKey { version: row.version, bytes: row.envuelta })).collect())
}

pub(crate) async fn delete_person_key(db: &mut PgConnection, person: Uuid) -> Result<(), Problem> {
    sqlx::query!("delete from claves_personales where persona_id = $1", person).execute(db).await?;
    Ok(())
}

pub(crate) async fn savepoint(db: &mut PgConnection) -> Result<(), Problem> {
    db.execute("savepoint marca").await?;
    Ok(())
}

pub(crate) async fn rollback_to_savepoint(db: &mut PgConnection) -> Result<(), Problem> {
    db.execute("rollback to savepoint marca").await?;
    Ok(())
}

/// What the last application of the chain's files wrote, by key.
pub(crate) async fn applied(db: &mut PgConnection, tipo: &str) -> Result<BTreeMap<String, serde_json::Value>, Problem> {
    let rows = sqlx::query!("select clave, datos from tenants_aplicados where tipo = $1", tipo).fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.clave, row.datos)).collect())
}

pub(crate) async fn save_applied(tx: &mut Tx, tipo: &str, write: &[(String, serde_json::Value)], gone: &[String]) -> Result<(), Problem> {
    let (claves, datos): (Vec<String>, Vec<serde_json::Value>) = write.iter().cloned().unzip();
    let now = tx.who.now.to_sqlx();
    sqlx::query!(
        r#"with retirados as (delete from tenants_aplicados where tipo = $1 and clave = any($2))
           insert into tenants_aplicados (tipo, clave, datos, aplicado_en)
           select $1, e.clave, e.datos, $3 from unnest($4::text[], $5::jsonb[]) as e(clave, datos)
           on conflict (tenant_id, tipo, clave) do update set datos = excluded.datos, aplicado_en = excluded.aplicado_en"#,
        tipo,
        gone,
        now as _,
        &claves,
        &datos,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
