//! Batches of noted reads, written as audit rows of their chains. Role `huella_jobs`, which may add no other rows to the audit.
use kernel::{Problem, audit::ReadBatch};
use sqlx::PgConnection;
use uuid::Uuid;

/// One row per reader and kind of record. A list of ids per row does not fit in `unnest`; as text it does.
pub async fn insert(db: &mut PgConnection, batches: &[ReadBatch]) -> Result<(), Problem> {
    let cadenas: Vec<Uuid> = batches.iter().map(|batch| batch.reader.tenant.0).collect();
    let rows: Vec<Uuid> = batches.iter().map(|_| Uuid::now_v7()).collect();
    let times: Vec<String> = batches.iter().map(|batch| batch.first.to_string()).collect();
    let tipos: Vec<&str> = batches.iter().map(|batch| batch.reader.actor.tipo()).collect();
    let actores: Vec<Option<Uuid>> = batches.iter().map(|batch| batch.reader.actor.id()).collect();
    let ips: Vec<String> = batches.iter().map(|batch| batch.reader.ip.to_string()).collect();
    let entidades: Vec<&str> = batches.iter().map(|batch| batch.reader.entidad).collect();
    let ids: Vec<String> = batches.iter().map(|batch| literal(&batch.ids)).collect();
    sqlx::query!(
        "insert into auditoria (tenant_id, id, en, actor_tipo, actor_id, ip, accion, entidad, ids)
         select r.cadena, r.id, r.en::timestamptz, r.tipo, r.actor, r.ip, 'leer', r.entidad, r.ids::uuid[]
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[])
             as r(cadena, id, en, tipo, actor, ip, entidad, ids)",
        &cadenas,
        &rows,
        &times,
        &tipos as &[&str],
        &actores as &[Option<Uuid>],
        &ips,
        &entidades as &[&str],
        &ids
    )
    .execute(db)
    .await?;
    Ok(())
}

fn literal(ids: &[Uuid]) -> String {
    format!("{{{}}}", ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(","))
}
