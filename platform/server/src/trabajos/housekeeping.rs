//! Deleting what has served its time.
use crate::store::{auditoria, limpieza};
use jiff::SignedDuration;
use kernel::{Problem, SystemCtx};

/// Promised: at least 24 hours.
const ANSWERS: SignedDuration = SignedDuration::from_hours(48);
/// A refresh token is kept a while after its end, to recognise one that was stolen.
const TOKENS: SignedDuration = SignedDuration::from_hours(7 * 24);
const BITE: i64 = 5_000;

/// `true` if there is more to delete right now.
pub async fn clean(system: &SystemCtx) -> Result<bool, Problem> {
    let now = system.app().now();
    let mut tx = system.begin_jobs().await?;
    let answers = limpieza::idempotencia(&mut tx, now - ANSWERS, BITE).await?;
    let tenants = auditoria::tenants(&mut tx).await?;
    tx.commit().await?;
    for tenant in tenants {
        let mut tx = system.begin(tenant.id).await?;
        limpieza::tokens(&mut tx, now - TOKENS).await?;
        tx.commit().await?;
    }
    Ok(answers as i64 == BITE)
}
