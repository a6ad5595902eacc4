//! The master key: `huella claves rotar` adds a version, wraps every person's key with it (no value is touched) and seals
//! the secrets of plugins anew;
//! `huella claves retirar` takes a version away that nothing needs any more.
use crate::store::claves;
use kernel::{
    Problem, SystemCtx,
    crypto::{CryptoError, Keyring},
};
use std::{sync::Arc, time::Duration};

const BATCH: i64 = 500;
/// Running servers look at the key file every second. Until they did they wrap under the version before.
const NOTICED: Duration = Duration::from_secs(3);
/// For rows that somebody else has locked: another rotation, or a request that is about to end.
const BUSY: Duration = Duration::from_millis(200);

/// A master key could not be retired.
#[derive(Debug, thiserror::Error)]
pub enum RetireError {
    #[error(
        "{0} valores todavía necesitan esa versión: rote con --continuar; los enlaces de correos y las respuestas \
         guardadas dejan de necesitarla en dos días"
    )]
    Needed(i64),
    #[error(transparent)]
    Keys(#[from] CryptoError),
    #[error("no se pudo consultar la base de datos ({})", .0.status())]
    Database(Problem),
}

impl From<Problem> for RetireError {
    fn from(problem: Problem) -> Self {
        Self::Database(problem)
    }
}

fn keyring(system: &SystemCtx) -> &Arc<Keyring> {
    system.app().keyring()
}

/// A new master key version.
pub fn add_version(system: &SystemCtx) -> Result<i32, CryptoError> {
    keyring(system).add_version()
}

/// Wraps everything under the current version, a batch at a time, until nothing is left under an older one.
/// Interrupted, it goes on where it was. `progress` hears how many are done and how many there were.
pub async fn rewrap(system: &SystemCtx, mut progress: impl FnMut(i64, i64)) -> Result<i64, Problem> {
    let version = keyring(system).current();
    let mut done = rewrap_visible(system, version, &mut progress).await?;
    // Servers that had not noticed yet, and requests of theirs that were not finished.
    tokio::time::sleep(NOTICED).await;
    loop {
        done += rewrap_visible(system, version, &mut progress).await?;
        if left(system, version).await? == 0 {
            return Ok(done);
        }
        tokio::time::sleep(BUSY).await;
    }
}

async fn left(system: &SystemCtx, version: i32) -> Result<i64, Problem> {
    let mut tx = system.begin_jobs().await?;
    Ok(claves::count_older_than(&mut tx, version).await? + complementos::left(&mut tx, version).await?)
}

async fn rewrap_visible(system: &SystemCtx, version: i32, progress: &mut impl FnMut(i64, i64)) -> Result<i64, Problem> {
    let all = left(system, version).await?;
    let mut done = 0;
    loop {
        let mut tx = system.begin_jobs().await?;
        let mut rows = claves::older_than(&mut tx, version, BATCH).await?;
        let resealed = complementos::reseal(&mut tx, keyring(system), BATCH).await?;
        if rows.is_empty() && resealed == 0 {
            return Ok(done);
        }
        for row in &mut rows {
            row.key = keyring(system).rewrap(row.tenant, row.persona, &row.key)?;
        }
        claves::replace(&mut tx, &rows).await?;
        tx.commit().await?;
        done += rows.len() as i64 + resealed;
        progress(done, all);
    }
}

/// Takes an old version out of the key file, for good. It is looked twice: a server that did not notice the rotation
/// may still use the version, and shows itself once the version is gone.
pub async fn retire(system: &SystemCtx, version: i32) -> Result<(), RetireError> {
    refuse_if_needed(system, version).await?;
    let retired = keyring(system).retire(version)?;
    tokio::time::sleep(NOTICED).await;
    let needed = refuse_if_needed(system, version).await;
    if needed.is_err() {
        keyring(system).restore(retired)?;
    }
    needed
}

async fn refuse_if_needed(system: &SystemCtx, version: i32) -> Result<(), RetireError> {
    let mut tx = system.begin_jobs().await?;
    match claves::count_under(&mut tx, version).await? + complementos::count_under(&mut tx, version).await? {
        0 => Ok(()),
        rows => Err(RetireError::Needed(rows)),
    }
}
