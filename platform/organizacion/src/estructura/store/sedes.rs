//! `sedes`.
use crate::{
    estructura::model::{DatosSede, Sede},
    problemas::CODIGO_REPETIDO,
};
use kernel::{Problem, Tx, ids::SedeId};
use sqlx::Error;

/// The sedes that this transaction can see, although every sede's row is visible in its chain.
pub async fn list(tx: &mut Tx, after: Option<&str>, activa: Option<bool>, limit: i64) -> Result<Vec<Sede>, Problem> {
    Ok(sqlx::query_as!(
        Sede,
        "select id, entidad_legal_id, codigo, nombre, ciudad, direccion, ubigeo, telefono, zona_horaria, atiende_feriados, activa, version
           from sedes
          where sede_visible(id) and ($1::text is null or codigo > $1) and ($2::boolean is null or activa = $2)
          order by codigo limit $3",
        after,
        activa,
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Every sede of the chain: names are no secret inside it.
pub async fn all(tx: &mut Tx) -> Result<Vec<Sede>, Problem> {
    Ok(sqlx::query_as!(
        Sede,
        "select id, entidad_legal_id, codigo, nombre, ciudad, direccion, ubigeo, telefono, zona_horaria, atiende_feriados, activa, version
           from sedes order by codigo",
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn get(tx: &mut Tx, id: SedeId) -> Result<Option<Sede>, Problem> {
    Ok(sqlx::query_as!(
        Sede,
        "select id, entidad_legal_id, codigo, nombre, ciudad, direccion, ubigeo, telefono, zona_horaria, atiende_feriados, activa, version
           from sedes where id = $1",
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn lock(tx: &mut Tx, id: SedeId) -> Result<Option<Sede>, Problem> {
    Ok(sqlx::query_as!(
        Sede,
        "select id, entidad_legal_id, codigo, nombre, ciudad, direccion, ubigeo, telefono, zona_horaria, atiende_feriados, activa, version
           from sedes where id = $1 for update",
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert(tx: &mut Tx, id: SedeId, datos: &DatosSede) -> Result<Sede, Problem> {
    sqlx::query_as!(
        Sede,
        "insert into sedes (id, entidad_legal_id, codigo, nombre, ciudad, direccion, ubigeo, telefono, zona_horaria, atiende_feriados, activa)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         returning id, entidad_legal_id, codigo, nombre, ciudad, direccion, ubigeo, telefono, zona_horaria, atiende_feriados, activa, version",
        id as _,
        datos.entidad_legal_id as _,
        datos.codigo,
        datos.nombre,
        datos.ciudad,
        datos.direccion,
        datos.ubigeo,
        datos.telefono,
        datos.zona_horaria,
        datos.atiende_feriados,
        datos.activa,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(named)
}

pub async fn update(tx: &mut Tx, id: SedeId, datos: &DatosSede) -> Result<Sede, Problem> {
    sqlx::query_as!(
        Sede,
        "update sedes set entidad_legal_id = $2, codigo = $3, nombre = $4, ciudad = $5, direccion = $6, ubigeo = $7, telefono = $8,
                zona_horaria = $9, atiende_feriados = $10, activa = $11, version = version + 1
          where id = $1
         returning id, entidad_legal_id, codigo, nombre, ciudad, direccion, ubigeo, telefono, zona_horaria, atiende_feriados, activa, version",
        id as _,
        datos.entidad_legal_id as _,
        datos.codigo,
        datos.nombre,
        datos.ciudad,
        datos.direccion,
        datos.ubigeo,
        datos.telefono,
        datos.zona_horaria,
        datos.atiende_feriados,
        datos.activa,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(named)
}

fn named(error: Error) -> Problem {
    match error.as_database_error().and_then(|db| db.constraint()) {
        Some("sedes_tenant_id_entidad_legal_id_fkey") => Problem::field("/entidad_legal_id", "no existe"),
        Some("sedes_tenant_id_codigo_key") => Problem::new(CODIGO_REPETIDO),
        _ => error.into(),
    }
}
