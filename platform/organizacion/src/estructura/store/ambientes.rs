//! `ambientes`.
use crate::{
    estructura::model::{Ambiente, DatosAmbiente},
    problemas::NOMBRE_REPETIDO,
};
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, SedeId},
};

pub async fn list(tx: &mut Tx, sede: SedeId, after: Option<&str>, limit: i64) -> Result<Vec<Ambiente>, Problem> {
    Ok(sqlx::query_as!(
        Ambiente,
        "select id, sede_id, area_id, nombre, tipo, activo, version from ambientes
          where sede_id = $1 and ($2::text is null or nombre > $2) order by nombre limit $3",
        sede as _,
        after,
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn all(tx: &mut Tx) -> Result<Vec<Ambiente>, Problem> {
    Ok(sqlx::query_as!(Ambiente, "select id, sede_id, area_id, nombre, tipo, activo, version from ambientes").fetch_all(&mut **tx).await?)
}

pub async fn get(tx: &mut Tx, id: AmbienteId) -> Result<Option<Ambiente>, Problem> {
    Ok(sqlx::query_as!(Ambiente, "select id, sede_id, area_id, nombre, tipo, activo, version from ambientes where id = $1", id as _)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn lock(tx: &mut Tx, id: AmbienteId) -> Result<Option<Ambiente>, Problem> {
    Ok(sqlx::query_as!(
        Ambiente,
        "select id, sede_id, area_id, nombre, tipo, activo, version from ambientes where id = $1 for update",
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert(tx: &mut Tx, id: AmbienteId, sede: SedeId, datos: &DatosAmbiente) -> Result<Ambiente, Problem> {
    sqlx::query_as!(
        Ambiente,
        "insert into ambientes (id, sede_id, area_id, nombre, tipo, activo) values ($1, $2, $3, $4, $5, $6)
         returning id, sede_id, area_id, nombre, tipo, activo, version",
        id as _,
        sede as _,
        datos.area_id as _,
        datos.nombre,
        datos.tipo as _,
        datos.activo,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(named)
}

pub async fn update(tx: &mut Tx, id: AmbienteId, datos: &DatosAmbiente) -> Result<Ambiente, Problem> {
    sqlx::query_as!(
        Ambiente,
        "update ambientes set area_id = $2, nombre = $3, tipo = $4, activo = $5, version = version + 1 where id = $1
         returning id, sede_id, area_id, nombre, tipo, activo, version",
        id as _,
        datos.area_id as _,
        datos.nombre,
        datos.tipo as _,
        datos.activo,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(named)
}

fn named(error: sqlx::Error) -> Problem {
    match error.as_database_error().and_then(|db| db.constraint()) {
        Some("ambientes_tenant_id_sede_id_area_id_fkey") => Problem::field("/area_id", "no es un área de esta sede"),
        Some("ambientes_tenant_id_sede_id_nombre_key") => Problem::new(NOMBRE_REPETIDO),
        _ => error.into(),
    }
}
