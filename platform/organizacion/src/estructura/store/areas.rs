//! `areas`.
use crate::{
    estructura::model::{Area, DatosArea},
    problemas::NOMBRE_REPETIDO,
};
use kernel::{
    OnConstraint, Problem, Tx,
    ids::{AreaId, SedeId},
};

pub async fn list(tx: &mut Tx, sede: SedeId, after: Option<&str>, limit: i64) -> Result<Vec<Area>, Problem> {
    Ok(sqlx::query_as!(
        Area,
        "select id, sede_id, nombre, activa, version from areas
          where sede_id = $1 and ($2::text is null or nombre > $2) order by nombre limit $3",
        sede as _,
        after,
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn all(tx: &mut Tx) -> Result<Vec<Area>, Problem> {
    Ok(sqlx::query_as!(Area, "select id, sede_id, nombre, activa, version from areas").fetch_all(&mut **tx).await?)
}

pub async fn get(tx: &mut Tx, id: AreaId) -> Result<Option<Area>, Problem> {
    Ok(sqlx::query_as!(Area, "select id, sede_id, nombre, activa, version from areas where id = $1", id as _)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn lock(tx: &mut Tx, id: AreaId) -> Result<Option<Area>, Problem> {
    Ok(sqlx::query_as!(Area, "select id, sede_id, nombre, activa, version from areas where id = $1 for update", id as _)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn insert(tx: &mut Tx, id: AreaId, sede: SedeId, datos: &DatosArea) -> Result<Area, Problem> {
    sqlx::query_as!(
        Area,
        "insert into areas (id, sede_id, nombre, activa) values ($1, $2, $3, $4)
         returning id, sede_id, nombre, activa, version",
        id as _,
        sede as _,
        datos.nombre,
        datos.activa,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("areas_tenant_id_sede_id_nombre_key", || Problem::new(NOMBRE_REPETIDO))
}

pub async fn update(tx: &mut Tx, id: AreaId, datos: &DatosArea) -> Result<Area, Problem> {
    sqlx::query_as!(
        Area,
        "update areas set nombre = $2, activa = $3, version = version + 1 where id = $1
         returning id, sede_id, nombre, activa, version",
        id as _,
        datos.nombre,
        datos.activa,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("areas_tenant_id_sede_id_nombre_key", || Problem::new(NOMBRE_REPETIDO))
}
