//! One listener: what it missed, then what comes, until somebody has enough.
use super::{
    Eventos, MOST_MISSED,
    hub::{Aviso, Evento, Lugar},
};
use crate::{http::Peer, store::eventos::Posicion};
use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use kernel::{
    Access, App, Problem, Standing,
    ids::{SedeId, TenantId},
    permission::{Permission, VerCitas},
    problem::kinds,
};
use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::broadcast,
    time::{Interval, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

/// How often the gate is asked whether the right is still there. The gate itself knows within two seconds.
const CHECK: Duration = Duration::from_millis(2_500);
/// After so many checks a comment keeps the connection open.
const BEATS: u32 = 6;
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What a request brings along that wants to listen.
pub struct Oyente {
    eventos: Eventos,
    standing: Standing,
    closing: Arc<CancellationToken>,
    /// The number of the last event that it saw; `Err` if it says something else.
    last_seen: Result<Option<i64>, ()>,
}

impl FromRequestParts<App> for Oyente {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let closing = parts.extensions.get::<Peer>().map(|peer| peer.closing.clone()).unwrap_or_default();
        if closing.is_cancelled() {
            return Err(Problem::new(kinds::UNAVAILABLE).retry_after(1));
        }
        let last_seen = match parts.headers.get(LAST_EVENT_ID) {
            None => Ok(None),
            Some(value) => value.to_str().ok().and_then(|text| text.trim().parse().ok()).map(Some).ok_or(()),
        };
        let eventos = Eventos::from_request_parts(parts, app).await?;
        Ok(Self { eventos, standing: Standing::from_request_parts(parts, app).await?, closing, last_seen })
    }
}

impl Oyente {
    pub fn subscribe(self, tenant: TenantId, sede: SedeId, position: i64, access: Arc<Access>) -> Result<Escucha, Problem> {
        let suscripcion = self.eventos.subscribe(tenant, sede, position)?;
        let mut check = tokio::time::interval(CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        check.reset();
        Ok(Escucha {
            sede,
            listener: self,
            access,
            canal: suscripcion.canal,
            hub: suscripcion.ultimo,
            ultimo: suscripcion.ultimo,
            waiting: VecDeque::from([Bytes::from_static(b"retry: 2000\n")]),
            check,
            checks: 0,
            _lugar: suscripcion.lugar,
        })
    }
}

/// A listener at work.
pub struct Escucha {
    sede: SedeId,
    listener: Oyente,
    access: Arc<Access>,
    canal: broadcast::Receiver<Aviso>,
    /// What the hub had passed on when this one began: all above comes through the channel.
    hub: i64,
    /// The last number that it knows or is about to be told.
    ultimo: i64,
    waiting: VecDeque<Bytes>,
    check: Interval,
    checks: u32,
    _lugar: Lugar,
}

impl Escucha {
    /// The numbers between which the feed has to be read: after the first, up to the second.
    pub fn missing(&self) -> Option<(i64, i64)> {
        match self.listener.last_seen {
            Ok(None) => None,
            Ok(Some(seen)) => Some((seen, self.hub)),
            // Nothing that the feed could have: it is told to begin anew.
            Err(()) => Some((-1, self.hub)),
        }
    }

    /// Nothing was missed.
    pub fn begin(&mut self) {
        self.waiting.push_back(Aviso::service(self.hub, "listo").texto);
    }

    /// `missed`: what the feed has between `after` and the hub's number; `feed`: from where to where it went after that.
    pub fn resume(&mut self, after: i64, feed: Posicion, missed: &[Evento]) {
        // A number that the feed has not reached is of another database.
        let unknown = after < feed.podado || after > feed.ultimo.max(self.hub);
        if unknown || missed.len() as i64 > MOST_MISSED {
            self.waiting.push_back(Aviso::service(self.hub, "reiniciar").texto);
            return;
        }
        self.ultimo = self.hub.max(after);
        let avisos = missed.iter().filter_map(Aviso::new).filter(|aviso| self.may_hear(aviso)).map(|aviso| aviso.texto);
        let avisos: Vec<Bytes> = avisos.collect();
        self.waiting.extend(avisos);
        self.waiting.push_back(Aviso::service(self.ultimo, "listo").texto);
    }

    fn may_hear(&self, aviso: &Aviso) -> bool {
        aviso.permiso.is_none_or(|permiso| self.access.in_sede(self.sede).contains(permiso))
    }

    /// The next piece; `None` ends the answer.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.waiting.pop_front() {
                return Some(piece);
            }
            tokio::select! {
                biased;
                () = self.listener.closing.cancelled() => return None,
                _ = self.check.tick() => {
                    self.access = self.listener.standing.access().await?;
                    if !self.access.in_sede(self.sede).contains(VerCitas::INDEX?) {
                        return None;
                    }
                    self.checks += 1;
                    if self.checks.is_multiple_of(BEATS) {
                        return Some(Bytes::from_static(b":\n\n"));
                    }
                }
                aviso = self.canal.recv() => match aviso {
                    Ok(aviso) if aviso.numero <= self.ultimo => {}
                    Ok(aviso) => {
                        self.ultimo = aviso.numero;
                        if self.may_hear(&aviso) {
                            return Some(aviso.texto);
                        }
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        metrics::counter!("eventos_oyentes_lentos_total").increment(1);
                        return None;
                    }
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
            }
        }
    }
}

impl IntoResponse for Escucha {
    fn into_response(self) -> Response {
        let pieces = stream::unfold(self, |mut escucha| async move {
            let piece = escucha.next().await?;
            Some((Ok::<_, Infallible>(piece), escucha))
        });
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
            // A proxy in between must pass each event on at once.
            (BUFFERING, HeaderValue::from_static("no")),
        ];
        (headers, Body::from_stream(pieces)).into_response()
    }
}
