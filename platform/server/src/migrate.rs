//! Bringing the schema up to date.
use crate::store::esquema;
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("la base está en la versión {found} y este programa conoce hasta la {known}: use un programa más nuevo")]
    Newer { found: i64, known: i64 },
    #[error("migración: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("base de datos: {0}")]
    Database(#[from] sqlx::Error),
}

/// Applies what is missing, as the database's administrator. Safe to run from several machines at once.
pub async fn migrate(options: &PgConnectOptions) -> Result<i64, MigrateError> {
    let options = options.clone().options([("search_path", "huella,public"), ("lock_timeout", "0"), ("statement_timeout", "0")]);
    for attempt in 0_u64.. {
        match once(&options).await {
            // Roles belong to the cluster and advisory locks to a database: another database may be making the same role.
            Err(error) if attempt < 10 && is_race(&error) => tokio::time::sleep(Duration::from_millis(50 * (attempt + 1))).await,
            result => return result,
        }
    }
    unreachable!("the loop ends with a result")
}

async fn once(options: &PgConnectOptions) -> Result<i64, MigrateError> {
    let mut db = options.connect().await?;
    let known = esquema::newest();
    if let Some(found) = esquema::recorded(&mut db).await?.filter(|found| *found > known) {
        return Err(MigrateError::Newer { found, known });
    }
    esquema::migrator().run_direct(None, &mut db, false).await?;
    esquema::publish_version(&mut db).await?;
    db.close().await?;
    Ok(known)
}

fn is_race(error: &MigrateError) -> bool {
    use sqlx::migrate::MigrateError as M;
    let cause = match error {
        MigrateError::Migration(M::ExecuteMigration(cause, _) | M::Execute(cause)) | MigrateError::Database(cause) => cause,
        _ => return false,
    };
    let Some(db) = cause.as_database_error() else { return false };
    db.message().contains("tuple concurrently updated") || db.constraint() == Some("pg_authid_rolname_index")
}
