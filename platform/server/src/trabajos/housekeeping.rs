//! Deleting what has served its time.
use crate::store::{eventos, limpieza, trabajos};
use jiff::SignedDuration;
use kernel::{Problem, SystemCtx};

/// Promised: at least 24 hours.
const ANSWERS: SignedDuration = SignedDuration::from_hours(48);
/// A refresh token is kept a while after its end, to recognise one that was stolen.
const TOKENS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A session that ended tells for a quarter of a year from where its person signs in.
const SESSIONS: SignedDuration = SignedDuration::from_hours(90 * 24);
const LINKS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Codes that owners asked for are counted for an hour; who asked what is looked at some days later.
const CODES: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A break-in is often noticed late.
const TRIES: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Promised: ten minutes. Deleted every ten.
const EVENTS: SignedDuration = SignedDuration::from_mins(15);
/// Work that failed for good and that nobody began anew.
const DEAD: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Who comes a little late still reads that the hold is over, instead of nothing.
const HOLDS: SignedDuration = SignedDuration::from_hours(1);
/// What was sent to other systems, and how they took it.
const DELIVERIES: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Letters: who asks whether one was sent asks within months.
const LETTERS: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Links in letters; the agenda opens two years ahead.
const LETTER_LINKS: SignedDuration = SignedDuration::from_hours(800 * 24);
/// Medical alerts that were closed: what was said of a pet, when and by which rule, is asked for within years.
const ALERTS: SignedDuration = SignedDuration::from_hours(3 * 365 * 24);
/// Walks through a chain's pets.
const WALKS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Promised: seven days.
const REHEARSALS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Promised: runs of plugins, and what providers wrote to them that nobody dealt with.
const RUNS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// What plugins were asked under a key: longer than anything is tried again by itself.
const OPERATIONS: SignedDuration = SignedDuration::from_hours(7 * 24);
const BITE: i64 = 5_000;

/// `true` if there is more to delete right now.
pub async fn clean(system: &SystemCtx) -> Result<bool, Problem> {
    let now = system.app().now();
    let mut tx = system.begin_jobs().await?;
    let done = [
        limpieza::idempotencia(&mut tx, now - ANSWERS, BITE).await?,
        limpieza::tokens(&mut tx, now - TOKENS, BITE).await?,
        limpieza::sesiones(&mut tx, now - SESSIONS, BITE).await?,
        limpieza::enlaces(&mut tx, now - LINKS, BITE).await?,
        citas::olvidar_codigos(&mut tx, now - CODES, BITE).await?,
        limpieza::accesos(&mut tx, now - TRIES, BITE).await?,
        eventos::prune(&mut tx, now - EVENTS, BITE).await?,
        trabajos::forget(&mut tx, now - DEAD, BITE).await?,
        limpieza::retenciones(&mut tx, now - HOLDS, BITE).await?,
        integraciones::forget(&mut tx, now - DELIVERIES, BITE).await?,
        alertas::forget(&mut tx, now - LETTERS, BITE).await?,
        alertas::forget_replies(&mut tx, now - LETTERS, BITE).await?,
        alertas::forget_links(&mut tx, now - LETTER_LINKS, BITE).await?,
        alertas::olvidar_cerradas(&mut tx, now - ALERTS, BITE).await?,
        alertas::olvidar_pasadas(&mut tx, now - WALKS, BITE).await?,
        alertas::olvidar_ensayos(&mut tx, now - REHEARSALS, BITE).await?,
        complementos::forget_runs(&mut tx, now - RUNS, BITE).await?,
        complementos::forget_messages(&mut tx, now - RUNS, BITE).await?,
        complementos::forget_state(&mut tx, now, BITE).await?,
        complementos::forget_operations(&mut tx, now - OPERATIONS, BITE).await?,
        alertas::forget_reminders(&mut tx, now - LETTER_LINKS, BITE).await?,
    ];
    tx.commit().await?;
    Ok(done.iter().any(|rows| *rows as i64 == BITE))
}
