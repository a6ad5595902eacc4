//! What screens hear while they are open: server-sent events of a sede.
mod instancias;
mod oir;
mod regreso;

use crate::citas::Agenda;
use huella_tests::{Cliente, Huella, Modo, id};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::trabajos;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// What a new patient is to the whole chain, for those who may see patients.
const DE_LA_CADENA: &[&str] = &["tutor.registrado", "mascota.registrada"];

/// Somebody's open screen.
struct Pantalla {
    response: Response,
    text: String,
}

#[derive(Debug)]
struct Evento {
    id: i64,
    event: String,
    data: Value,
}

impl Pantalla {
    async fn abrir(who: &Cliente, sede: &str, last: Option<i64>) -> Self {
        let mut request = who.request(Method::GET, &format!("/eventos?sede_id={sede}"));
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last.to_string());
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap_or_default());
        Self { response, text: String::new() }
    }

    /// Open, and told so.
    async fn lista(who: &Cliente, sede: &str) -> Self {
        let mut pantalla = Self::abrir(who, sede, None).await;
        assert_eq!(pantalla.next().await.event, "listo");
        pantalla
    }

    /// The next event; `None` when the answer ended.
    async fn maybe(&mut self) -> Option<Evento> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                if let (Some(id), Some(event), Some(data)) = (field("id:"), field("event:"), field("data:")) {
                    let data = serde_json::from_str(data).expect("JSON");
                    return Some(Evento { id: id.parse().expect("a number"), event: event.to_owned(), data });
                }
            }
            let piece = tokio::time::timeout(Duration::from_secs(8), self.response.chunk()).await.expect("an event in time");
            self.text.push_str(&String::from_utf8_lossy(&piece.ok().flatten()?));
        }
    }
    async fn next(&mut self) -> Evento {
        self.maybe().await.expect("one more event")
    }
    /// Nothing comes for a moment.
    async fn silent(&mut self) {
        let heard = tokio::time::timeout(Duration::from_millis(700), self.maybe()).await;
        assert!(heard.is_err(), "{heard:?}");
    }
}

/// Background jobs of a server, until this is dropped.
struct Trabajos(CancellationToken);
impl Trabajos {
    fn of(huella: &Huella, all: bool) -> Self {
        let stop = CancellationToken::new();
        tokio::spawn(trabajos::run(huella.parts.clone(), all, stop.clone()));
        Self(stop)
    }
}
impl Drop for Trabajos {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Agenda {
    /// With nothing to be heard of yet.
    async fn callada() -> Self {
        Self::callada_with(Modo::default()).await
    }
    async fn callada_with(modo: Modo) -> Self {
        let agenda = Self::start_with(modo).await;
        agenda.huella.execute("delete from outbox").await;
        agenda
    }

    /// Books a call in Lima for a new patient, every one at another hour. Two events: the pet and the appointment.
    async fn reservar(&self, who: &Cliente, number: u32) -> String {
        let nombre = format!("Mascota {number}");
        let pet = json!({ "tutor": { "nombres": "Tutor de", "apellidos": nombre }, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "macho" } });
        let pet = who.post("/pacientes/registro", pet).await.created();
        let inicio = format!("2026-03-{:02}T{:02}:00:00-05:00", 2 + number / 6, 9 + number % 6);
        let cita = json!({ "sede_id": self.lima, "mascota_id": pet["mascota"]["id"], "servicio_id": self.llamada, "inicio": inicio });
        id(&who.post("/citas/reservar", cita).await.created())
    }
}

/// A bus over Redis that no other test hears.
fn redis() -> Modo {
    let url = std::env::var("REDIS_URL").expect("REDIS_URL: run `cargo xtask test`");
    let prefix = format!("vivo-{}:", uuid::Uuid::now_v7().simple());
    let redis = adapters::RedisConfig::from_url(&url).expect("an address").with_prefix(prefix);
    Modo { bus: Arc::new(move || Arc::new(adapters::RedisBus::new(&redis).expect("a bus"))), ..Modo::default() }
}
