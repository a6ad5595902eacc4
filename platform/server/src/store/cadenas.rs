//! Chains by name, and new ones, as the platform's operator.
use kernel::{Problem, ids::TenantId};
use sqlx::PgConnection;

pub struct Cadena {
    pub id: TenantId,
    pub clave: String,
    pub nombre: String,
}

/// An active chain.
pub async fn by_key(db: &mut PgConnection, clave: &str) -> Result<Option<Cadena>, Problem> {
    let row = sqlx::query!("select id, clave, nombre from tenants where clave = $1 and activo", clave).fetch_optional(db).await?;
    Ok(row.map(|row| Cadena { id: TenantId(row.id), clave: row.clave, nombre: row.nombre }))
}

pub async fn by_id(db: &mut PgConnection, id: TenantId) -> Result<Option<Cadena>, Problem> {
    let row = sqlx::query!("select id, clave, nombre from tenants where id = $1", id.0).fetch_optional(db).await?;
    Ok(row.map(|row| Cadena { id: TenantId(row.id), clave: row.clave, nombre: row.nombre }))
}

/// Whether any chain has that key, active or not.
pub async fn taken(db: &mut PgConnection, clave: &str) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select exists (select from tenants where clave = $1) as "hay!""#, clave).fetch_one(db).await?)
}

/// A chain that could not be filled: it has no row in any table.
pub async fn remove(db: &mut PgConnection, id: TenantId) -> Result<(), Problem> {
    sqlx::query!("update tenants set activo = false, clave = 'retirada-' || left(id::text, 8) where id = $1", id.0).execute(db).await?;
    Ok(())
}
