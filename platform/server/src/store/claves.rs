//! What the master key wraps and seals, of all chains, for its rotation. Role `huella_jobs`.
use kernel::{
    Problem,
    crypto::{WrappedKey, sealed_under},
    ids::TenantId,
};
use sqlx::PgConnection;
use uuid::Uuid;

pub struct PersonKeyRow {
    pub tenant: TenantId,
    pub persona: Uuid,
    pub key: WrappedKey,
}

/// Keys under an older master key, locked until the transaction ends. Those that somebody else has locked are left out.
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

/// Whatever needs this version of the master key: keys of persons, secrets in events on their way out, answers that
/// are kept for repeated requests.
pub async fn count_under(db: &mut PgConnection, version: i32) -> Result<i64, Problem> {
    let sealed = sealed_under(version);
    let count = sqlx::query_scalar!(
        r#"select (select count(*) from claves_personales where version = $1)
                + (select count(*) from outbox where position($2 in cuerpo::text) > 0)
                + (select count(*) from trabajos where position($2 in cuerpo::text) > 0)
                + (select count(*) from idempotencia where starts_with(cuerpo, $2)) as "count!""#,
        version,
        sealed
    );
    Ok(count.fetch_one(db).await?)
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
