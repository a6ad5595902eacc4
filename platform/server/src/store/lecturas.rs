//! Batches of noted reads, written as audit rows of their chain.
use kernel::{Problem, Tx, audit::ReadBatch};
use uuid::Uuid;

/// One row per reader and kind of record. A list of ids per row does not fit in `unnest`; as text it does.
pub async fn insert(tx: &mut Tx, batches: &[ReadBatch]) -> Result<(), Problem> {
    let rows: Vec<Uuid> = batches.iter().map(|_| Uuid::now_v7()).collect();
    let times: Vec<String> = batches.iter().map(|batch| batch.first.to_string()).collect();
    let tipos: Vec<&str> = batches.iter().map(|batch| batch.reader.actor.tipo()).collect();
    let actores: Vec<Option<Uuid>> = batches.iter().map(|batch| batch.reader.actor.id()).collect();
    let ips: Vec<String> = batches.iter().map(|batch| batch.reader.ip.to_string()).collect();
    let entidades: Vec<&str> = batches.iter().map(|batch| batch.reader.entidad).collect();
    let ids: Vec<String> = batches.iter().map(|batch| literal(&batch.ids)).collect();
    sqlx::query!(
        "insert into auditoria (id, en, actor_tipo, actor_id, ip, accion, entidad, ids)
         select r.id, r.en::timestamptz, r.tipo, r.actor, r.ip, 'leer', r.entidad, r.ids::uuid[]
           from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[])
             as r(id, en, tipo, actor, ip, entidad, ids)",
        &rows,
        &times,
        &tipos as &[&str],
        &actores as &[Option<Uuid>],
        &ips,
        &entidades as &[&str],
        &ids
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn literal(ids: &[Uuid]) -> String {
    format!("{{{}}}", ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(","))
}
