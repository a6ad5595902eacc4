//! Keys of persons, of all chains, for the rotation of the key that wraps them. Role `huella_jobs`.
use kernel::{Problem, crypto::WrappedKey, ids::TenantId};
use sqlx::PgConnection;
use uuid::Uuid;

pub struct PersonKeyRow {
    pub tenant: TenantId,
    pub persona: Uuid,
    pub key: WrappedKey,
}

/// Keys under an older master key, locked until the transaction ends.
pub async fn older_than(db: &mut PgConnection, version: i32, limit: i64) -> Result<Vec<PersonKeyRow>, Problem> {
    let rows = sqlx::query!(
        "select tenant_id, persona_id, version, envuelta from claves_personales where version < $1 limit $2 for update skip locked",
        version,
        limit
    )
    .fetch_all(db)
    .await?;
    let row = |tenant, persona, version, bytes| PersonKeyRow { tenant: TenantId(tenant), persona, key: WrappedKey { version, bytes } };
    Ok(rows.into_iter().map(|r| row(r.tenant_id, r.persona_id, r.version, r.envuelta)).collect())
}

pub async fn count_older_than(db: &mut PgConnection, version: i32) -> Result<i64, Problem> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from claves_personales where version < $1"#, version).fetch_one(db).await?)
}

pub async fn replace(db: &mut PgConnection, rows: &[PersonKeyRow]) -> Result<(), Problem> {
    let tenants: Vec<Uuid> = rows.iter().map(|row| row.tenant.0).collect();
    let people: Vec<Uuid> = rows.iter().map(|row| row.persona).collect();
    let versions: Vec<i32> = rows.iter().map(|row| row.key.version).collect();
    let bytes: Vec<Vec<u8>> = rows.iter().map(|row| row.key.bytes.clone()).collect();
    sqlx::query!(
        "update claves_personales c set version = n.version, envuelta = n.envuelta
           from unnest($1::uuid[], $2::uuid[], $3::int[], $4::bytea[]) n(tenant_id, persona_id, version, envuelta)
          where c.tenant_id = n.tenant_id and c.persona_id = n.persona_id",
        &tenants,
        &people,
        &versions,
        &bytes
    )
    .execute(db)
    .await?;
    Ok(())
}
