//! `entidades_legales`.
use crate::{
    estructura::model::{DatosEntidadLegal, EntidadLegal},
    problemas::RUC_REPETIDO,
};
use kernel::{OnConstraint, Problem, Tx, ids::EntidadLegalId};

pub async fn list(tx: &mut Tx, after: Option<&str>, limit: i64) -> Result<Vec<EntidadLegal>, Problem> {
    Ok(sqlx::query_as!(
        EntidadLegal,
        "select id, ruc, razon_social, nombre_comercial, direccion, ubigeo, version from entidades_legales
          where $1::text is null or ruc > $1 order by ruc limit $2",
        after,
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn get(tx: &mut Tx, id: EntidadLegalId) -> Result<Option<EntidadLegal>, Problem> {
    Ok(sqlx::query_as!(
        EntidadLegal,
        "select id, ruc, razon_social, nombre_comercial, direccion, ubigeo, version from entidades_legales where id = $1",
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn lock(tx: &mut Tx, id: EntidadLegalId) -> Result<Option<EntidadLegal>, Problem> {
    Ok(sqlx::query_as!(
        EntidadLegal,
        "select id, ruc, razon_social, nombre_comercial, direccion, ubigeo, version from entidades_legales where id = $1 for update",
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert(tx: &mut Tx, id: EntidadLegalId, datos: &DatosEntidadLegal) -> Result<EntidadLegal, Problem> {
    sqlx::query_as!(
        EntidadLegal,
        "insert into entidades_legales (id, ruc, razon_social, nombre_comercial, direccion, ubigeo) values ($1, $2, $3, $4, $5, $6)
         returning id, ruc, razon_social, nombre_comercial, direccion, ubigeo, version",
        id as _,
        datos.ruc,
        datos.razon_social,
        datos.nombre_comercial,
        datos.direccion,
        datos.ubigeo,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("entidades_legales_tenant_id_ruc_key", || Problem::new(RUC_REPETIDO))
}

pub async fn update(tx: &mut Tx, id: EntidadLegalId, datos: &DatosEntidadLegal) -> Result<EntidadLegal, Problem> {
    sqlx::query_as!(
        EntidadLegal,
        "update entidades_legales
            set ruc = $2, razon_social = $3, nombre_comercial = $4, direccion = $5, ubigeo = $6, version = version + 1
          where id = $1 returning id, ruc, razon_social, nombre_comercial, direccion, ubigeo, version",
        id as _,
        datos.ruc,
        datos.razon_social,
        datos.nombre_comercial,
        datos.direccion,
        datos.ubigeo,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("entidades_legales_tenant_id_ruc_key", || Problem::new(RUC_REPETIDO))
}
