//! Addresses at which providers write to plugins, and what came.
use jiff::Timestamp;
use jiff_sqlx::{Timestamp as T, ToSqlx};
use kernel::{Problem, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

pub fn purpose(complemento: &str, nombre: &str) -> String {
    format!("gancho {complemento} {nombre}")
}

/// Keeps an address: what finds it, and itself sealed for who may see it.
pub async fn put(tx: &mut Tx, complemento: &str, nombre: &str, token: &str, resumen: &[u8]) -> Result<(), Problem> {
    let sealed = tx.seal_secret(&purpose(complemento, nombre), token)?;
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into complementos_ganchos (complemento, nombre, resumen, sellado, creado_en) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, complemento, nombre) do update set resumen = excluded.resumen, sellado = excluded.sellado, creado_en = excluded.creado_en",
        complemento,
        nombre,
        resumen,
        sealed,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Names and tokens of a plugin's.
pub async fn list(tx: &mut Tx, complemento: &str) -> Result<Vec<(String, String)>, Problem> {
    let rows = sqlx::query!("select nombre, sellado from complementos_ganchos where complemento = $1 order by nombre", complemento)
        .fetch_all(&mut **tx)
        .await?;
    rows.into_iter().map(|row| Ok((row.nombre.clone(), tx.open_secret(&purpose(complemento, &row.nombre), &row.sellado)?))).collect()
}

pub async fn delete(tx: &mut Tx, complemento: &str, nombres: &[String]) -> Result<(), Problem> {
    sqlx::query!("delete from complementos_ganchos where complemento = $1 and nombre = any($2)", complemento, nombres)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The plugin whose address it is.
pub async fn find(tx: &mut Tx, resumen: &[u8], nombre: &str) -> Result<Option<String>, Problem> {
    Ok(sqlx::query_scalar!("select complemento from complementos_ganchos where resumen = $1 and nombre = $2", resumen, nombre)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn insert_message(tx: &mut Tx, id: Uuid, complemento: &str, nombre: &str, sealed: &str) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into complementos_mensajes (id, complemento, nombre, sellado, recibido_en) values ($1, $2, $3, $4, $5)",
        id,
        complemento,
        nombre,
        sealed,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub struct Mensaje {
    pub complemento: String,
    pub nombre: String,
    pub sellado: String,
    pub recibido_en: T,
}

pub async fn message(tx: &mut Tx, id: Uuid) -> Result<Option<Mensaje>, Problem> {
    Ok(sqlx::query_as!(Mensaje, "select complemento, nombre, sellado, recibido_en from complementos_mensajes where id = $1", id)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn delete_message(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    sqlx::query!("delete from complementos_mensajes where id = $1", id).execute(&mut **tx).await?;
    Ok(())
}

/// What nobody dealt with, of all chains. As `huella_jobs`.
pub async fn forget(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from complementos_mensajes where ctid in (select ctid from complementos_mensajes where recibido_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
