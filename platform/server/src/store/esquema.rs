//! The version of the schema: which migrations are applied. Their table is not in the compile-time database, so
//! these few statements are checked by the tests alone.
use kernel::{Problem, SystemCtx};
use sqlx::{Executor, PgConnection, migrate::Migrator};

/// Fully qualified: what `search_path` finds changes while the first migration runs.
const TABLE: &str = "public._sqlx_migrations";

/// Every migration, embedded.
pub fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("../../migrations");
    migrator.dangerous_set_table_name(TABLE);
    migrator
}

/// Newest migration that this binary knows.
pub fn newest() -> i64 {
    migrator().iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Newest migration that is applied; `None` in a new database.
pub async fn recorded(db: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    let there: bool = sqlx::query_scalar("select to_regclass('public._sqlx_migrations') is not null").fetch_one(&mut *db).await?;
    if !there {
        return Ok(None);
    }
    sqlx::query_scalar("select max(version) from public._sqlx_migrations where success").fetch_one(db).await
}

/// The server reads the version with the role of the jobs.
pub async fn publish_version(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    db.execute("grant select on public._sqlx_migrations to huella_jobs").await?;
    Ok(())
}

/// Whether the database is at least as new as this binary. A newer one is fine: migrations only add until no old
/// binary runs. Without the table (a schema made by other means) the last table of the ground has to be there.
pub async fn is_current(system: &SystemCtx) -> Result<bool, Problem> {
    let mut tx = system.begin_jobs().await?;
    match recorded(&mut tx).await? {
        Some(applied) => Ok(applied >= newest()),
        None => Ok(sqlx::query_scalar("select to_regclass('huella.auditoria_eslabones') is not null").fetch_one(&mut *tx).await?),
    }
}
