//! Who asks for an hour that somebody is booking right now waits for that one to be through: then the hour is taken, which
//! one look tells. Without it a crowd would hold a connection each, and a lock in the database, only to be refused.
use jiff::Timestamp;
use kernel::{
    App,
    ids::{TenantId, UsuarioId},
};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// An hour of a vet of a chain.
type Hora = (TenantId, UsuarioId, Timestamp);

/// The hours that requests of this process are booking. Only a courtesy: what two get is the database's to say.
#[derive(Clone, Default)]
struct EnCurso(Arc<Mutex<HashMap<Hora, watch::Sender<()>>>>);

/// See [`EnCurso::pedir`]. Who takes any vet wants nobody's hour in particular.
pub async fn pedir(app: &App, tenant: TenantId, medico: Option<UsuarioId>, inicio: Timestamp) -> Option<Primero> {
    app.memory::<EnCurso>().pedir((tenant, medico?, inicio)).await
}

/// While it lives, who wants the same hour waits.
pub struct Primero {
    hora: Hora,
    en_curso: EnCurso,
}

impl EnCurso {
    /// The first to ask goes on with a guard; the others go on, without one, as soon as it is dropped.
    async fn pedir(&self, hora: Hora) -> Option<Primero> {
        let mut first = match self.lock().entry(hora) {
            Entry::Occupied(first) => first.get().subscribe(),
            Entry::Vacant(free) => {
                free.insert(watch::Sender::new(()));
                return Some(Primero { hora, en_curso: self.clone() });
            }
        };
        // Nothing is ever sent: it ends with an error when the first is through.
        let _ = first.changed().await;
        None
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Hora, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Primero {
    fn drop(&mut self) {
        self.en_curso.lock().remove(&self.hora);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn hora(second: i64) -> Hora {
        (TenantId(uuid::Uuid::nil()), UsuarioId(uuid::Uuid::nil()), Timestamp::from_second(second).expect("a moment"))
    }

    #[tokio::test(start_paused = true)]
    async fn the_others_go_on_when_the_first_is_through_and_not_before() {
        let en_curso = EnCurso::default();
        let first = en_curso.pedir(hora(1)).await.expect("the first");
        let others: Vec<_> = (0..3)
            .map(|_| {
                let en_curso = en_curso.clone();
                tokio::spawn(async move { en_curso.pedir(hora(1)).await.is_none() })
            })
            .collect();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(others.iter().all(|other| !other.is_finished()));
        drop(first);
        for other in others {
            assert!(other.await.expect("no panic"), "without a guard of its own");
        }
        assert!(en_curso.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn another_hour_waits_for_nobody() {
        let en_curso = EnCurso::default();
        let _first = en_curso.pedir(hora(1)).await;
        let other = tokio::time::timeout(Duration::from_secs(1), en_curso.pedir(hora(2))).await.expect("at once");
        assert!(other.is_some());
    }
}
