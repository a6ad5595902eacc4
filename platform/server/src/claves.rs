//! `huella claves rotar`: a new master key, and every person's key wrapped by it. No value is touched.
use crate::store::claves;
use kernel::{Problem, SystemCtx, crypto::CryptoError};

const BATCH: i64 = 500;

/// A new master key version.
pub fn add_version(system: &SystemCtx) -> Result<i32, CryptoError> {
    system.app().keyring().add_version()
}

/// Wraps everything under the current version, a batch at a time. Interrupted, it goes on where it was: what is
/// already wrapped is not looked at again. `progress` hears how many are done and how many there were.
pub async fn rewrap(system: &SystemCtx, mut progress: impl FnMut(i64, i64)) -> Result<i64, Problem> {
    let keyring = system.app().keyring().clone();
    let version = keyring.current();
    let mut tx = system.begin_jobs().await?;
    let all = claves::count_older_than(&mut tx, version).await?;
    drop(tx);
    let mut done = 0;
    loop {
        let mut tx = system.begin_jobs().await?;
        let mut rows = claves::older_than(&mut tx, version, BATCH).await?;
        if rows.is_empty() {
            return Ok(done);
        }
        for row in &mut rows {
            row.key = keyring.rewrap(row.tenant, row.persona, &row.key)?;
        }
        claves::replace(&mut tx, &rows).await?;
        tx.commit().await?;
        done += rows.len() as i64;
        progress(done, all);
    }
}
