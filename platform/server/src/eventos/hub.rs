//! One ear on the bus per instance, and a channel per sede that somebody listens to.
use super::TOPIC;
use crate::store::eventos as store;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bytes::Bytes;
use jiff::Timestamp;
use kernel::{
    App, Problem, SystemCtx,
    eventos::permission_of,
    ids::{SedeId, TenantId},
    problem::kinds,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::broadcast::{self, error::RecvError};

/// How far behind a listener may fall before it is let go: it comes back with the number of its last event.
const BACKLOG: usize = 256;
/// How often the feed is asked for what the bus may have lost.
const LOOK: Duration = Duration::from_secs(1);
/// The most that is caught up one by one; beyond that listeners are told to read again.
const CATCH_UP: i64 = 1_000;

/// An event of the feed, as it goes over the bus.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Evento {
    pub numero: i64,
    pub sede: Option<SedeId>,
    pub tema: String,
    pub en: Timestamp,
    pub cuerpo: Value,
}

/// New events of one chain, in their order.
#[derive(Debug, Serialize, Deserialize)]
pub struct Lote {
    pub tenant: TenantId,
    pub eventos: Vec<Evento>,
}

/// An event as listeners get it: written out once, however many listen.
#[derive(Debug, Clone)]
pub struct Aviso {
    pub numero: i64,
    /// Place of the permission that it takes; `None`: for every listener.
    pub permiso: Option<usize>,
    pub texto: Bytes,
}

impl Aviso {
    /// `None` for events that nobody outside hears of.
    pub fn new(evento: &Evento) -> Option<Self> {
        let permiso = Some(permission_of(&evento.tema)?);
        let data = json!({ "sede_id": evento.sede, "en": evento.en, "cuerpo": evento.cuerpo });
        let texto = format!("id: {}\nevent: {}\ndata: {data}\n\n", evento.numero, evento.tema).into();
        Some(Self { numero: evento.numero, permiso, texto })
    }
    /// Word of the service itself: `listo`, `reiniciar`.
    pub fn service(numero: i64, event: &str) -> Self {
        Self { numero, permiso: None, texto: format!("id: {numero}\nevent: {event}\ndata: {{}}\n\n").into() }
    }
}

/// A chain that somebody listens to.
struct Cadena {
    /// Number of the last event that was passed on.
    ultimo: i64,
    sedes: HashMap<SedeId, broadcast::Sender<Aviso>>,
}

impl Cadena {
    fn pass_on(&mut self, evento: &Evento) {
        self.ultimo = evento.numero;
        let Some(aviso) = Aviso::new(evento) else { return };
        match evento.sede {
            Some(sede) => {
                if let Some(channel) = self.sedes.get(&sede) {
                    // An error only says that nobody listens any more.
                    let _ = channel.send(aviso);
                }
            }
            None => self.to_all(&aviso),
        }
    }
    fn to_all(&self, aviso: &Aviso) {
        self.sedes.values().for_each(|channel| drop(channel.send(aviso.clone())));
    }
}

/// The instance's fan-out. Cheap to clone; handlers find it in the request's extensions.
#[derive(Clone)]
pub struct Eventos(Arc<Inner>);

struct Inner {
    system: SystemCtx,
    cadenas: Mutex<HashMap<TenantId, Cadena>>,
    /// Listeners at once in this process.
    most: AtomicUsize,
    open: AtomicUsize,
}

/// A place among the listeners; given back when it is dropped.
pub struct Lugar(Eventos);

impl Drop for Lugar {
    fn drop(&mut self) {
        let left = self.0.0.open.fetch_sub(1, Ordering::AcqRel) - 1;
        metrics::gauge!("eventos_oyentes").set(left as f64);
    }
}

/// What a new listener hears from now on, and the number up to which it has to look in the feed itself.
pub struct Suscripcion {
    pub canal: broadcast::Receiver<Aviso>,
    pub ultimo: i64,
    pub lugar: Lugar,
}

impl Eventos {
    pub fn new(system: &SystemCtx) -> Self {
        Self(Arc::new(Inner {
            system: system.clone(),
            cadenas: Mutex::default(),
            most: AtomicUsize::new(usize::MAX),
            open: AtomicUsize::new(0),
        }))
    }

    /// At most so many listeners at once.
    pub fn at_most(&self, listeners: usize) {
        self.0.most.store(listeners, Ordering::Relaxed);
    }

    /// How many listen to this process.
    pub fn oyentes(&self) -> usize {
        self.0.open.load(Ordering::Acquire)
    }

    fn cadenas(&self) -> MutexGuard<'_, HashMap<TenantId, Cadena>> {
        self.0.cadenas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `position`: the last number of the chain, read by the caller a moment ago.
    pub fn subscribe(&self, tenant: TenantId, sede: SedeId, position: i64) -> Result<Suscripcion, Problem> {
        let lugar = self.place()?;
        let mut cadenas = self.cadenas();
        let cadena = cadenas.entry(tenant).or_insert_with(|| Cadena { ultimo: position, sedes: HashMap::new() });
        let canal = cadena.sedes.entry(sede).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe();
        Ok(Suscripcion { canal, ultimo: cadena.ultimo, lugar })
    }

    fn place(&self) -> Result<Lugar, Problem> {
        let taken = self.0.open.fetch_add(1, Ordering::AcqRel) + 1;
        let lugar = Lugar(self.clone());
        metrics::gauge!("eventos_oyentes").set(taken as f64);
        if taken > self.0.most.load(Ordering::Relaxed) {
            return Err(Problem::new(kinds::UNAVAILABLE).detail("Hay demasiadas pantallas escuchando.").retry_after(10));
        }
        Ok(lugar)
    }

    /// Passes on what happens, for as long as the process lives: the server runs it beside its requests.
    pub async fn watch(&self) {
        let mut messages = self.0.system.app().bus().subscribe();
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let heard = tokio::select! {
                _ = look.tick() => self.look().await,
                message = messages.recv() => match message {
                    Ok(message) if message.topic == TOPIC => self.heard(&message.body).await,
                    Ok(_) => Ok(()),
                    Err(RecvError::Lagged(_)) => self.look().await,
                    Err(RecvError::Closed) => {
                        messages = self.0.system.app().bus().subscribe();
                        Ok(())
                    }
                },
            };
            if let Err(problem) = heard {
                tracing::warn!(estado = problem.status().as_u16(), "the feed of events could not be read");
            }
        }
    }

    async fn heard(&self, body: &[u8]) -> Result<(), Problem> {
        if self.cadenas().is_empty() {
            return Ok(());
        }
        let Ok(lote) = serde_json::from_slice::<Lote>(body) else {
            tracing::warn!("unreadable events on the bus");
            return Ok(());
        };
        let gap = {
            let mut cadenas = self.cadenas();
            let Some(cadena) = cadenas.get_mut(&lote.tenant) else { return Ok(()) };
            let news = lote.eventos.iter().filter(|evento| evento.numero > cadena.ultimo).collect::<Vec<_>>();
            let gap = news.first().is_some_and(|first| first.numero > cadena.ultimo + 1);
            if !gap {
                news.into_iter().for_each(|evento| cadena.pass_on(evento));
            }
            gap
        };
        // Two relays told of their events in another order than they wrote them, or the bus lost some.
        if gap { self.catch_up(lote.tenant).await } else { Ok(()) }
    }

    /// Reads what was missed from the feed.
    async fn catch_up(&self, tenant: TenantId) -> Result<(), Problem> {
        let Some(after) = self.cadenas().get(&tenant).map(|cadena| cadena.ultimo) else { return Ok(()) };
        let mut tx = self.0.system.begin_jobs().await?;
        let eventos = store::after(&mut tx, tenant, after, CATCH_UP).await?;
        let ultimo = store::last(&mut tx, &[tenant]).await?.first().map_or(after, |(_, ultimo)| *ultimo);
        drop(tx);
        let mut cadenas = self.cadenas();
        let Some(cadena) = cadenas.get_mut(&tenant) else { return Ok(()) };
        let whole = eventos.first().is_some_and(|first| first.numero == after + 1) && (eventos.len() as i64) < CATCH_UP;
        if whole {
            eventos.iter().for_each(|evento| cadena.pass_on(evento));
        } else if ultimo != cadena.ultimo {
            cadena.ultimo = ultimo;
            cadena.to_all(&Aviso::service(ultimo, "reiniciar"));
        }
        Ok(())
    }

    /// Forgets who has gone, and asks once for all chains whether there is more than the bus told.
    async fn look(&self) -> Result<(), Problem> {
        let known: HashMap<TenantId, i64> = {
            let mut cadenas = self.cadenas();
            cadenas.values_mut().for_each(|cadena| cadena.sedes.retain(|_, channel| channel.receiver_count() > 0));
            cadenas.retain(|_, cadena| !cadena.sedes.is_empty());
            cadenas.iter().map(|(tenant, cadena)| (*tenant, cadena.ultimo)).collect()
        };
        if known.is_empty() {
            return Ok(());
        }
        let tenants: Vec<TenantId> = known.keys().copied().collect();
        let mut tx = self.0.system.begin_jobs().await?;
        let last = store::last(&mut tx, &tenants).await?;
        drop(tx);
        for (tenant, ultimo) in last {
            if known.get(&tenant).is_some_and(|known| *known != ultimo) {
                self.catch_up(tenant).await?;
            }
        }
        Ok(())
    }
}

impl FromRequestParts<App> for Eventos {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::internal("events are not layered over this router"))
    }
}
