//! Noted reads become audit rows within a second.
use crate::store::lecturas;
use axum::http::StatusCode;
use kernel::{Problem, SystemCtx, audit::ReadBatch, ids::TenantId};
use std::collections::HashMap;

/// Rows of one statement, whatever chains they are of.
const PORTION: usize = 5_000;

/// Writes what was noted since the last time; what cannot be written is noted again. Says how many rows it wrote.
pub async fn flush_reads(system: &SystemCtx) -> Result<usize, Problem> {
    let mut left = portions(system.app().reads().take());
    let mut written = 0;
    let mut failure = Ok(());
    while let Some(portion) = left.pop() {
        match write(system, &portion).await {
            Ok(()) => written += portion.len(),
            // Of a row that the database refuses only its own chain has to wait.
            Err(problem) if refused(&problem) && of_several_chains(&portion) => left.extend(by_chain(portion)),
            Err(problem) => {
                let log = system.app().reads();
                portion.into_iter().for_each(|batch| log.note(batch.reader, batch.first, batch.ids));
                failure = Err(problem);
            }
        }
    }
    metrics::counter!("lecturas_auditadas_total").increment(written as u64);
    failure.map(|()| written)
}

fn portions(mut all: Vec<ReadBatch>) -> Vec<Vec<ReadBatch>> {
    let mut portions = Vec::new();
    while !all.is_empty() {
        let rest = all.split_off(all.len().min(PORTION));
        portions.push(std::mem::replace(&mut all, rest));
    }
    portions
}

/// It would be refused again, unlike what failed because the database was away.
fn refused(problem: &Problem) -> bool {
    problem.status() != StatusCode::SERVICE_UNAVAILABLE
}

fn of_several_chains(batches: &[ReadBatch]) -> bool {
    batches.windows(2).any(|pair| pair[0].reader.tenant != pair[1].reader.tenant)
}

fn by_chain(batches: Vec<ReadBatch>) -> impl Iterator<Item = Vec<ReadBatch>> {
    let mut chains: HashMap<TenantId, Vec<ReadBatch>> = HashMap::new();
    for batch in batches {
        chains.entry(batch.reader.tenant).or_default().push(batch);
    }
    chains.into_values()
}

async fn write(system: &SystemCtx, batches: &[ReadBatch]) -> Result<(), Problem> {
    let mut tx = system.begin_jobs().await?;
    lecturas::insert(&mut tx, batches).await?;
    Ok(tx.commit().await?)
}
