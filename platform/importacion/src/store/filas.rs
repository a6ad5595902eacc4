//! What became of each row, and the way back.
use crate::{
    filas::Registro,
    model::{AgendaRenovada, ErrorDeFila, FilaConErrores, Tocado},
};
use kernel::{
    Problem, Tx,
    ids::{ImportacionId, MascotaId, SedeId, TutorId},
};
use serde_json::Value;
use sqlx::types::Json;
use std::collections::HashMap;
use uuid::Uuid;

/// Of these keys, those that are known, and whose they are. Key by key: a plan that may choose reads all keys of a new chain, whose
/// tables have no statistics yet.
pub async fn claves(tx: &mut Tx, entidad: &str, claves: &[Vec<u8>]) -> Result<HashMap<Vec<u8>, Uuid>, Problem> {
    let rows = sqlx::query!(
        r#"select k.clave as "clave!", r.registro_id from unnest($2::bytea[]) as k(clave)
             cross join lateral (select registro_id from importaciones_registros where entidad = $1 and clave = k.clave offset 0) r"#,
        entidad,
        claves
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.clave, row.registro_id)).collect())
}

/// Writes down what became of a portion.
pub async fn note(tx: &mut Tx, id: ImportacionId, registros: &[Registro], errores: &[FilaConErrores]) -> Result<(), Problem> {
    let filas: Vec<i32> = registros.iter().map(|one| one.fila).collect();
    let entidades: Vec<&str> = registros.iter().map(|one| one.entidad).collect();
    let ids: Vec<Uuid> = registros.iter().map(|one| one.registro_id).collect();
    let acciones: Vec<&str> = registros.iter().map(|one| one.accion).collect();
    let versiones: Vec<i32> = registros.iter().map(|one| one.version).collect();
    // Arrays of arrays have one length: as text, between commas.
    let campos: Vec<String> = registros.iter().map(|one| one.campos.join(",")).collect();
    let claves: Vec<Option<&[u8]>> = registros.iter().map(|one| one.clave.as_deref()).collect();
    sqlx::query!(
        "insert into importaciones_registros (importacion_id, fila, entidad, registro_id, accion, version, campos, clave)
         select $1, r.fila, r.entidad, r.id, r.accion, r.version, string_to_array(r.campos, ','), r.clave
           from unnest($2::int[], $3::text[], $4::uuid[], $5::text[], $6::int[], $7::text[], $8::bytea[])
             as r(fila, entidad, id, accion, version, campos, clave)",
        id as _,
        &filas,
        &entidades as _,
        &ids,
        &acciones as _,
        &versiones,
        &campos,
        &claves as _
    )
    .execute(&mut **tx)
    .await?;
    let filas: Vec<i32> = errores.iter().map(|one| one.fila).collect();
    let textos: Vec<Value> = errores.iter().map(|one| serde_json::to_value(&one.errores).unwrap_or_default()).collect();
    sqlx::query!(
        "insert into importaciones_errores (importacion_id, fila, errores) select $1, e.fila, e.errores from unnest($2::int[], $3::jsonb[]) as e(fila, errores)",
        id as _,
        &filas,
        &textos
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets the faults of a trial, and with `todo` also what became of the rows.
pub async fn borrar(tx: &mut Tx, id: ImportacionId, todo: bool) -> Result<(), Problem> {
    sqlx::query!("delete from importaciones_errores where importacion_id = $1", id as _).execute(&mut **tx).await?;
    if todo {
        sqlx::query!("delete from importaciones_registros where importacion_id = $1", id as _).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Rows that were refused, after a row, in their order.
pub async fn bad_rows(tx: &mut Tx, id: ImportacionId, after: i32, limit: i64) -> Result<Vec<FilaConErrores>, Problem> {
    let rows = sqlx::query!(
        r#"select fila, errores as "errores: Json<Vec<ErrorDeFila>>" from importaciones_errores
            where importacion_id = $1 and fila > $2 order by fila limit $3"#,
        id as _,
        after,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| FilaConErrores { fila: row.fila, errores: row.errores.0 }).collect())
}

/// What stands in the way of taking it back.
pub async fn tocados(tx: &mut Tx, id: ImportacionId, limit: i64) -> Result<Vec<Tocado>, Problem> {
    let rows = sqlx::query_as!(
        Tocado,
        r#"select fila as "fila!", entidad as "entidad!", registro_id as "registro_id!", motivo as "motivo!" from importacion_tocados($1) limit $2"#,
        id as _,
        limit
    );
    Ok(rows.fetch_all(&mut **tx).await?)
}

/// Owners that it completed, and what it filled in.
pub async fn completados(tx: &mut Tx, id: ImportacionId) -> Result<Vec<(TutorId, Vec<String>)>, Problem> {
    let rows = sqlx::query!(
        "select registro_id, campos from importaciones_registros where importacion_id = $1 and accion = 'completado'",
        id as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (TutorId(row.registro_id), row.campos)).collect())
}

/// Pets that it made.
pub async fn mascotas_nuevas(tx: &mut Tx, id: ImportacionId) -> Result<Vec<MascotaId>, Problem> {
    Ok(sqlx::query_scalar!(
        r#"select registro_id as "id: MascotaId" from importaciones_registros
            where importacion_id = $1 and entidad = 'mascota' and accion = 'creado'"#,
        id as _
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Sedes whose agenda has appointments that it made, as its way back takes them away.
pub async fn agendas(tx: &mut Tx, id: ImportacionId) -> Result<Vec<AgendaRenovada>, Problem> {
    let rows = sqlx::query!(
        r#"select c.sede_id as "sede_id!", count(*) as "citas!", min(c.inicio) as "desde!", max(c.inicio) as "hasta!"
             from importaciones_registros r join v_citas c on c.id = r.registro_id
            where r.importacion_id = $1 and r.entidad = 'cita' and r.accion = 'creado' group by c.sede_id order by c.sede_id"#,
        id as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let renovada = |sede: Uuid, citas: i64, desde: jiff_sqlx::Timestamp, hasta: jiff_sqlx::Timestamp| AgendaRenovada {
        importacion_id: id,
        sede_id: SedeId(sede),
        citas,
        desde: desde.to_jiff(),
        hasta: hasta.to_jiff(),
        deshecha: true,
    };
    Ok(rows.into_iter().map(|row| renovada(row.sede_id, row.citas, row.desde, row.hasta)).collect())
}

/// Deletes what it made. How long that may take depends on how much it is.
pub async fn deshacer(tx: &mut Tx, id: ImportacionId) -> Result<i64, Problem> {
    sqlx::query!("select set_config('statement_timeout', '0', true)").fetch_one(&mut **tx).await?;
    Ok(sqlx::query_scalar!(r#"select importacion_deshacer($1) as "cuantos!""#, id as _).fetch_one(&mut **tx).await?)
}
