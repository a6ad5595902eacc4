//! `tenants`: the chain itself. Written by the platform's operator alone.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::TenantId};
use sqlx::PgConnection;

pub async fn nombre(tx: &mut Tx) -> Result<String, Problem> {
    Ok(sqlx::query_scalar!("select nombre from tenants").fetch_one(&mut **tx).await?)
}

/// Id and name of the chain with this address; as `huella_operador`.
pub async fn find(db: &mut PgConnection, clave: &str) -> Result<Option<(TenantId, String)>, Problem> {
    let row = sqlx::query!("select id, nombre from tenants where clave = $1", clave).fetch_optional(db).await?;
    Ok(row.map(|row| (row.id.into(), row.nombre)))
}

pub async fn insert(db: &mut PgConnection, id: TenantId, clave: &str, nombre: &str, now: Timestamp) -> Result<(), Problem> {
    let now = now.to_sqlx();
    sqlx::query!("insert into tenants (id, clave, nombre, creado_en) values ($1, $2, $3, $4)", id as _, clave, nombre, now as _)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn rename(db: &mut PgConnection, id: TenantId, nombre: &str) -> Result<(), Problem> {
    sqlx::query!("update tenants set nombre = $2 where id = $1", id as _, nombre).execute(db).await?;
    Ok(())
}
