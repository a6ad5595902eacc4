//! The privacy desk outside of requests: its clocks, and at night what had its time.
use crate::ports::CitasDeMascotas;
use jiff::{Timestamp, tz};
use kernel::{Job, Problem, SystemCtx, ids::TenantId, job::Fallo};
use serde_json::json;
use std::time::{Duration, Instant};

/// Work of one night for one chain.
pub const KEEP: &str = "privacidad.cumplir";
/// In one transaction, so that no one's record is held for long; and as long as one chain's turn takes at most.
const BITE: i64 = 50;
const TURN: Duration = Duration::from_secs(30);

/// Tells of terms that run out. At night, asks for what the chains' rules leave to do, each chain's in its turn.
pub async fn velar(system: &SystemCtx) -> Result<(), Problem> {
    let now = system.app().now();
    let mut db = system.begin_jobs().await?;
    let due = privacidad::con_avisos(&mut db, now).await?;
    let tonight = match night(now) {
        Some(began) => privacidad::con_conservacion(&mut db, began).await?,
        None => Vec::new(),
    };
    db.commit().await?;
    for tenant in due {
        let mut tx = system.begin(tenant).await?;
        privacidad::avisar(&mut tx).await?;
        tx.commit().await?;
    }
    for tenant in tonight {
        let mut tx = system.begin(tenant).await?;
        tx.enqueue(Job::new(KEEP, json!({})).once("noche")).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// From one to five in Peru nobody is at the desk. When the day of this night began.
fn night(now: Timestamp) -> Option<Timestamp> {
    let here = now.to_zoned(tz::TimeZone::fixed(tz::offset(-5)));
    (1..5).contains(&here.hour()).then(|| here.start_of_day().ok().map(|day| day.timestamp())).flatten()
}

/// One chain's turn. What is left goes on the next night.
pub async fn cumplir(system: &SystemCtx, tenant: TenantId) -> Result<(), Fallo> {
    let start = Instant::now();
    while start.elapsed() < TURN {
        let mut tx = system.begin(tenant).await?;
        let done = privacidad::cumplir(&mut tx, &CitasDeMascotas, BITE).await?;
        tx.commit().await?;
        if done < BITE {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_night_in_peru() {
        let night_of = |text: &str| night(text.parse().expect("a time"));
        assert_eq!(night_of("2026-03-03T05:59:59Z"), None);
        assert_eq!(night_of("2026-03-03T06:00:00Z"), Some("2026-03-03T05:00:00Z".parse().expect("a time")));
        assert_eq!(night_of("2026-03-03T10:00:00Z"), None);
    }
}
