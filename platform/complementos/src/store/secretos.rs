//! Secrets and keys of installations: sealed, each for its own place.
use jiff_sqlx::{Timestamp as T, ToSqlx};
use kernel::{
    Problem, Tx,
    crypto::{Keyring, sealed_under},
    ids::TenantId,
};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

fn purpose(complemento: &str, nombre: &str) -> String {
    format!("complemento {complemento} {nombre}")
}

/// That it is kept, and since when.
pub async fn since(tx: &mut Tx, complemento: &str) -> Result<BTreeMap<String, jiff::Timestamp>, Problem> {
    let rows =
        sqlx::query!(r#"select nombre, cambiado_en as "cambiado_en: T" from complementos_secretos where complemento = $1"#, complemento)
            .fetch_all(&mut **tx)
            .await?;
    Ok(rows.into_iter().map(|row| (row.nombre, row.cambiado_en.to_jiff())).collect())
}

/// Keeps a secret, or a key of some kind.
pub async fn put(tx: &mut Tx, complemento: &str, nombre: &str, clase: Option<&str>, plain: &[u8]) -> Result<(), Problem> {
    let sealed = tx.seal_secret(&purpose(complemento, nombre), plain)?;
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "insert into complementos_secretos (complemento, nombre, clase, sellado, cambiado_en, cambiado_por) values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, complemento, nombre) do update
            set clase = excluded.clase, sellado = excluded.sellado, cambiado_en = excluded.cambiado_en, cambiado_por = excluded.cambiado_por",
        complemento,
        nombre,
        clase,
        sealed,
        now as _,
        author
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, complemento: &str, nombre: &str) -> Result<bool, Problem> {
    let done = sqlx::query!("delete from complementos_secretos where complemento = $1 and nombre = $2", complemento, nombre);
    Ok(done.execute(&mut **tx).await?.rows_affected() > 0)
}

/// What it is (`None`: a secret of the configuration), and its text.
pub async fn open(tx: &mut Tx, complemento: &str, nombre: &str) -> Result<Option<(Option<String>, String)>, Problem> {
    let row = sqlx::query!("select clase, sellado from complementos_secretos where complemento = $1 and nombre = $2", complemento, nombre)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((row.clase, tx.open_secret(&purpose(complemento, nombre), &row.sellado)?)))
}

/// A sealed value of some chain, on its way to another master key.
struct Sellado {
    tenant: Uuid,
    complemento: String,
    nombre: String,
    sellado: String,
}

/// Seals anew what an older master key sealed, a batch at a time; says how many. As `huella_jobs`.
pub async fn reseal(db: &mut PgConnection, keyring: &Keyring, limit: i64) -> Result<i64, Problem> {
    let current = sealed_under(keyring.current());
    let secrets = sqlx::query_as!(
        Sellado,
        "select tenant_id as tenant, complemento, nombre, sellado from complementos_secretos
          where not starts_with(sellado, $1) limit $2 for update skip locked",
        current,
        limit
    )
    .fetch_all(&mut *db)
    .await?;
    for row in &secrets {
        let sealed = keyring.reseal_for_tenant(TenantId(row.tenant), &purpose(&row.complemento, &row.nombre), &row.sellado)?;
        sqlx::query!(
            "update complementos_secretos s set sellado = $4 where s.tenant_id = $1 and s.complemento = $2 and s.nombre = $3",
            row.tenant,
            row.complemento,
            row.nombre,
            sealed
        )
        .execute(&mut *db)
        .await?;
    }
    let hooks = sqlx::query_as!(
        Sellado,
        "select tenant_id as tenant, complemento, nombre, sellado from complementos_ganchos
          where not starts_with(sellado, $1) limit $2 for update skip locked",
        current,
        limit
    )
    .fetch_all(&mut *db)
    .await?;
    for row in &hooks {
        let purpose = super::ganchos::purpose(&row.complemento, &row.nombre);
        let sealed = keyring.reseal_for_tenant(TenantId(row.tenant), &purpose, &row.sellado)?;
        sqlx::query!(
            "update complementos_ganchos g set sellado = $4 where g.tenant_id = $1 and g.complemento = $2 and g.nombre = $3",
            row.tenant,
            row.complemento,
            row.nombre,
            sealed
        )
        .execute(&mut *db)
        .await?;
    }
    Ok((secrets.len() + hooks.len()) as i64)
}

/// What is sealed under an older master key and stays. As `huella_jobs`.
pub async fn left(db: &mut PgConnection, version: i32) -> Result<i64, Problem> {
    let current = sealed_under(version);
    let count = sqlx::query_scalar!(
        r#"select (select count(*) from complementos_secretos where not starts_with(sellado, $1))
                + (select count(*) from complementos_ganchos where not starts_with(sellado, $1)) as "n!""#,
        current
    );
    Ok(count.fetch_one(db).await?)
}

/// Whatever needs this version of the master key, messages that wait for their turn included. As `huella_jobs`.
pub async fn count_under(db: &mut PgConnection, version: i32) -> Result<i64, Problem> {
    let sealed = sealed_under(version);
    let count = sqlx::query_scalar!(
        r#"select (select count(*) from complementos_secretos where starts_with(sellado, $1))
                + (select count(*) from complementos_ganchos where starts_with(sellado, $1))
                + (select count(*) from complementos_mensajes where starts_with(sellado, $1)) as "n!""#,
        sealed
    );
    Ok(count.fetch_one(db).await?)
}
