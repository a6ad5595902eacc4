//! Noted reads become audit rows within a second.
use crate::store::lecturas;
use kernel::{Actor, Problem, SystemCtx, audit::ReadBatch, ids::TenantId};
use std::collections::HashMap;

/// Writes what was noted since the last time; what cannot be written is noted again. Says how many rows it wrote.
pub async fn flush_reads(system: &SystemCtx) -> Result<usize, Problem> {
    let mut by_tenant: HashMap<TenantId, Vec<ReadBatch>> = HashMap::new();
    for batch in system.app().reads().take() {
        by_tenant.entry(batch.reader.tenant).or_default().push(batch);
    }
    let mut written = 0;
    let mut failure = Ok(());
    for (tenant, batches) in by_tenant {
        match write(system, tenant, &batches).await {
            Ok(()) => written += batches.len(),
            Err(problem) => {
                let log = system.app().reads();
                batches.into_iter().for_each(|batch| log.note(batch.reader, batch.first, batch.ids));
                failure = Err(problem);
            }
        }
    }
    metrics::counter!("lecturas_auditadas_total").increment(written as u64);
    failure.map(|()| written)
}

async fn write(system: &SystemCtx, tenant: TenantId, batches: &[ReadBatch]) -> Result<(), Problem> {
    let mut tx = system.begin_as(tenant, Actor::Sistema, None, system.app().now()).await?;
    lecturas::insert(&mut tx, batches).await?;
    tx.commit().await
}
