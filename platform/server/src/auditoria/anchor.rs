//! Once a day the end of each chain goes to the file store: whoever owns the database alone cannot cut a chain and
//! make it anew without that showing. The same to a mailbox that the chain chose: whoever owns the store as well cannot either.
use super::verify::hex;
use crate::store::auditoria as store;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use kernel::{Problem, SystemCtx, ids::TenantId};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

/// Days that a verification looks back.
const DAYS: i32 = 30;

#[derive(Debug, Serialize, Deserialize)]
pub struct Anchor {
    pub numero: i64,
    pub resumen: String,
    pub en: jiff::Timestamp,
}

fn key(tenant: TenantId, day: Date) -> String {
    format!("{tenant}/anclas/{day}.json")
}

/// Anchors today's end of every chain that has none yet today. Says how many were written.
pub async fn anchor(system: &SystemCtx) -> Result<usize, Problem> {
    let now = system.app().now();
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut tx = system.begin_jobs().await?;
    let tenants: Vec<_> = store::tenants(&mut tx).await?.into_iter().map(|tenant| tenant.id.0).collect();
    let tails = store::tails(&mut tx, &tenants).await?;
    drop(tx);
    let mut written = 0;
    for (tenant, (numero, resumen)) in tails {
        let key = key(tenant, today);
        if system.app().files().get(&key).await?.is_none() {
            let body = serde_json::to_vec(&Anchor { numero, resumen: hex(&resumen), en: now }).map_err(Problem::internal)?;
            system.app().files().put(&key, "application/json", body.into()).await?;
            written += 1;
        }
    }
    Ok(written)
}

/// Asks for today's letter of every chain that chose a mailbox and has none yet today. Says how many.
pub async fn mail(system: &SystemCtx) -> Result<usize, Problem> {
    let mut tx = system.begin_jobs().await?;
    let due: Vec<_> = alertas::con_anclas(&mut tx, system.app().now()).await?.into_iter().map(|tenant| tenant.0).collect();
    let tails = store::tails(&mut tx, &due).await?;
    drop(tx);
    let mut asked = 0;
    for (tenant, (numero, resumen)) in tails {
        let mut tx = system.begin(tenant).await?;
        asked += usize::from(alertas::anclar(&mut tx, numero, &hex(&resumen)).await?);
        tx.commit().await?;
    }
    Ok(asked)
}

/// The last anchors of a chain; `None` if the store is away or not configured.
pub async fn recent(system: &SystemCtx, tenant: TenantId) -> Option<Vec<Anchor>> {
    let today = system.app().now().to_zoned(TimeZone::UTC).date();
    let limit = std::time::Duration::from_secs(2);
    let mut found = Vec::new();
    for back in 0..=DAYS {
        let Ok(day) = today.checked_sub(back.days()) else { break };
        match timeout(limit, system.app().files().get(&key(tenant, day))).await {
            Ok(Ok(Some((_, body)))) => found.extend(serde_json::from_slice::<Anchor>(&body).ok()),
            Ok(Ok(None)) => {}
            // Verification of the chain itself goes on.
            _ => return None,
        }
    }
    Some(found)
}
