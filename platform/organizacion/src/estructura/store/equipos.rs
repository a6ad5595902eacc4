//! `equipos`.
use crate::{
    estructura::model::{DatosEquipo, Equipo},
    problemas::NOMBRE_REPETIDO,
};
use kernel::{
    OnConstraint, Problem, Tx,
    ids::{EquipoId, SedeId},
};

pub async fn list(tx: &mut Tx, sede: SedeId, after: Option<&str>, limit: i64) -> Result<Vec<Equipo>, Problem> {
    Ok(sqlx::query_as!(
        Equipo,
        "select id, sede_id, nombre, tipo, activo, version from equipos
          where sede_id = $1 and ($2::text is null or nombre > $2) order by nombre limit $3",
        sede as _,
        after,
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn all(tx: &mut Tx) -> Result<Vec<Equipo>, Problem> {
    Ok(sqlx::query_as!(Equipo, "select id, sede_id, nombre, tipo, activo, version from equipos").fetch_all(&mut **tx).await?)
}

pub async fn get(tx: &mut Tx, id: EquipoId) -> Result<Option<Equipo>, Problem> {
    Ok(sqlx::query_as!(Equipo, "select id, sede_id, nombre, tipo, activo, version from equipos where id = $1", id as _)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn lock(tx: &mut Tx, id: EquipoId) -> Result<Option<Equipo>, Problem> {
    Ok(sqlx::query_as!(Equipo, "select id, sede_id, nombre, tipo, activo, version from equipos where id = $1 for update", id as _)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn insert(tx: &mut Tx, id: EquipoId, sede: SedeId, datos: &DatosEquipo) -> Result<Equipo, Problem> {
    sqlx::query_as!(
        Equipo,
        "insert into equipos (id, sede_id, nombre, tipo, activo) values ($1, $2, $3, $4, $5)
         returning id, sede_id, nombre, tipo, activo, version",
        id as _,
        sede as _,
        datos.nombre,
        datos.tipo,
        datos.activo,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("equipos_tenant_id_sede_id_nombre_key", || Problem::new(NOMBRE_REPETIDO))
}

pub async fn update(tx: &mut Tx, id: EquipoId, datos: &DatosEquipo) -> Result<Equipo, Problem> {
    sqlx::query_as!(
        Equipo,
        "update equipos set nombre = $2, tipo = $3, activo = $4, version = version + 1 where id = $1
         returning id, sede_id, nombre, tipo, activo, version",
        id as _,
        datos.nombre,
        datos.tipo,
        datos.activo,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("equipos_tenant_id_sede_id_nombre_key", || Problem::new(NOMBRE_REPETIDO))
}
