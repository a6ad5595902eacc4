//! `tenants`: the chain itself. Written by the platform's operator alone.
use crate::{aplicar::CadenaSeccion, estructura::model::CadenaServida};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::TenantId};
use sqlx::PgConnection;

/// The chain whose transaction this is.
pub struct Propia {
    pub nombre: String,
    pub plataforma: bool,
    pub sandbox: bool,
}

pub async fn propia(tx: &mut Tx) -> Result<Propia, Problem> {
    Ok(sqlx::query_as!(Propia, "select nombre, plataforma, sandbox from tenants").fetch_one(&mut **tx).await?)
}

/// A chain as its file may change it.
pub struct Registrada {
    pub id: TenantId,
    pub nombre: String,
    pub plataforma: bool,
    pub sandbox: bool,
}

/// The chain with this address; as `huella_operador`.
pub async fn find(db: &mut PgConnection, clave: &str) -> Result<Option<Registrada>, Problem> {
    Ok(sqlx::query_as!(Registrada, r#"select id as "id: TenantId", nombre, plataforma, sandbox from tenants where clave = $1"#, clave)
        .fetch_optional(db)
        .await?)
}

pub async fn insert(db: &mut PgConnection, id: TenantId, cadena: &CadenaSeccion, now: Timestamp) -> Result<(), Problem> {
    let now = now.to_sqlx();
    sqlx::query!(
        "insert into tenants (id, clave, nombre, creado_en, plataforma, sandbox) values ($1, $2, $3, $4, $5, $6)",
        id as _,
        cadena.clave,
        cadena.nombre,
        now as _,
        cadena.plataforma,
        cadena.sandbox
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn change(db: &mut PgConnection, id: TenantId, cadena: &CadenaSeccion) -> Result<(), Problem> {
    sqlx::query!(
        "update tenants set nombre = $2, plataforma = $3, sandbox = $4 where id = $1",
        id as _,
        cadena.nombre,
        cadena.plataforma,
        cadena.sandbox
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whom the platform serves, after a chain's address; as `huella_operador`, who may count sedes and people but not see them.
pub async fn servidas(db: &mut PgConnection, after: Option<&str>, limit: i64) -> Result<Vec<CadenaServida>, Problem> {
    Ok(sqlx::query_as!(
        CadenaServida,
        r#"select id as "id: TenantId", clave, nombre, creado_en as "creada_en: jiff_sqlx::Timestamp", activo as activa, plataforma, sandbox,
                  (select count(*) from sedes s where s.tenant_id = t.id and s.activa) as "sedes!",
                  (select count(*) from usuarios u where u.tenant_id = t.id and u.activo) as "personas!"
             from tenants t where $1::text is null or clave > $1 order by clave limit $2"#,
        after,
        limit + 1
    )
    .fetch_all(db)
    .await?)
}
