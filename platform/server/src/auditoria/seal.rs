//! Appending links. Rows are taken in the order of their transactions, and only from transactions older than every
//! running one: no row can appear later among those already taken.
use super::hash::{Hash, ZERO, link};
use crate::store::auditoria::{self as store, Cursor, NewLink, Range};
use kernel::{Problem, SystemCtx, ids::TenantId};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Rows of one batch: a few megabytes at most.
const BATCH: i64 = 2_000;

/// What one call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    pub rows: usize,
    /// There is more to seal right now.
    pub more: bool,
}

/// Seals one batch. Several instances may call it at once; one of them works.
pub async fn seal(system: &SystemCtx) -> Result<Sealed, Problem> {
    let mut tx = system.begin_jobs().await?;
    if !store::try_lock_sealer(&mut tx).await? {
        return Ok(Sealed { rows: 0, more: false });
    }
    let here = store::horizon(&mut tx).await?;
    let range = range(store::cursor(&mut tx).await?, here);
    let rows = store::unsealed(&mut tx, range, BATCH).await?;
    let tenants: BTreeSet<Uuid> = rows.iter().map(|row| row.tenant.0).collect();
    let mut tails: HashMap<TenantId, (i64, Hash)> = store::tails(&mut tx, &tenants.into_iter().collect::<Vec<_>>()).await?;
    let mut links = Vec::with_capacity(rows.len());
    for row in &rows {
        let tail = tails.entry(row.tenant).or_insert((0, ZERO));
        let numero = tail.0 + 1;
        *tail = (numero, link(&tail.1, numero, row));
        links.push(NewLink { tenant: row.tenant.0, numero, auditoria_id: row.id, resumen: tail.1 });
    }
    store::append(&mut tx, &links).await?;
    let more = rows.len() as i64 == BATCH;
    match (more, range, rows.last()) {
        // Another cluster's rows come in one sweep; until it is through, the cursor stays behind.
        (true, Range::Everything, _) => {}
        // The last transaction may have more rows than fitted: it is looked at again.
        (true, Range::Between { .. }, Some(last)) => store::advance(&mut tx, Cursor { cluster: here.cluster, xid: last.xid }).await?,
        _ => store::advance(&mut tx, here).await?,
    }
    tx.commit().await?;
    Ok(Sealed { rows: links.len(), more })
}

/// Transaction numbers mean something in one cluster only. After a restore into another one they start over, and
/// everything without a link is sealed once, whatever its number.
fn range(cursor: Option<Cursor>, here: Cursor) -> Range {
    match cursor {
        None => Range::Between { from: 0, until: here.xid },
        Some(cursor) if cursor.cluster != here.cluster || cursor.xid > here.xid => Range::Everything,
        Some(cursor) => Range::Between { from: cursor.xid, until: here.xid },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_another_cluster_are_not_believed() {
        let here = Cursor { cluster: 1, xid: 100 };
        assert_eq!(range(None, here), Range::Between { from: 0, until: 100 });
        assert_eq!(range(Some(Cursor { cluster: 1, xid: 90 }), here), Range::Between { from: 90, until: 100 });
        assert_eq!(range(Some(Cursor { cluster: 2, xid: 90 }), here), Range::Everything);
        assert_eq!(range(Some(Cursor { cluster: 1, xid: 5_000 }), here), Range::Everything);
    }
}
