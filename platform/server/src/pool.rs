//! Connections to PostgreSQL.
use crate::config::{Database, Secret};
use sqlx::{
    Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// How a connection of ours behaves. A server that is told to give up early keeps answering others.
fn options(url: &Secret, settings: &Database) -> Result<PgConnectOptions, sqlx::Error> {
    let ms = |time: Duration| time.as_millis().to_string();
    let options: PgConnectOptions = url.expose().parse()?;
    Ok(options.application_name("huella").options([
        ("search_path", "huella,public".to_owned()),
        ("statement_timeout", ms(settings.sentencia)),
        ("lock_timeout", ms(settings.bloqueo)),
        ("idle_in_transaction_session_timeout", ms(settings.inactiva)),
        ("timezone", "UTC".to_owned()),
    ]))
}

/// A pool that connects when it is first used, so that the server starts (and says that it is not ready) while
/// PostgreSQL is away. What it has it keeps: those who come all at once should not wait for what a new connection learns first.
pub fn lazy(url: &Secret, settings: &Database) -> Result<PgPool, sqlx::Error> {
    let pool = PgPoolOptions::new()
        .max_connections(settings.conexiones)
        .min_connections(settings.conexiones)
        .after_connect(|db, _| {
            Box::pin(async move {
                warm(db).await;
                Ok(())
            })
        })
        .after_release(|db, _| Box::pin(async move { Ok(kernel::tx::answers(db).await) }))
        .acquire_timeout(settings.espera)
        .idle_timeout(None)
        .max_lifetime(Duration::from_secs(1_800))
        // A ping per request costs a round trip; a broken connection shows at BEGIN and is replaced.
        .test_before_acquire(false);
    Ok(pool.connect_lazy_with(options(url, settings)?))
}

/// A connection that cannot do this, as where the database is still to be migrated, does the rest all the same.
async fn warm(db: &mut PgConnection) {
    let asked = async {
        db.execute("begin read only; set local role huella_app").await?;
        citas::calentar(db).await
    };
    if let Err(error) = asked.await {
        tracing::debug!(%error, "connection not warmed");
    }
    let _ = db.execute("rollback").await;
}
