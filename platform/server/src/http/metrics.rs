//! What Prometheus reads. Labels are route templates and statuses, nothing that grows with the data.
use axum::http::{Method, StatusCode};
use metrics::{Counter, Histogram, counter, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{
    collections::HashMap,
    sync::{OnceLock, PoisonError, RwLock},
    time::Duration,
};

const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The process' recorder, made once: several servers in one process (tests) share it.
pub fn install() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_segundos".into()), BUCKETS);
        let recorder = builder.map_or_else(|_| PrometheusBuilder::new().build_recorder(), PrometheusBuilder::build_recorder);
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed");
        }
        describe();
        handle
    })
}

fn describe() {
    metrics::describe_counter!("http_solicitudes_total", "Solicitudes respondidas, por ruta y estado");
    metrics::describe_histogram!("http_duracion_segundos", "Duración de las solicitudes, por ruta");
    metrics::describe_gauge!("base_conexiones", "Conexiones a la base, por uso");
    metrics::describe_gauge!("outbox_pendientes", "Eventos por relevar");
    metrics::describe_gauge!("outbox_atraso_segundos", "Edad del evento más antiguo por relevar");
    metrics::describe_gauge!("trabajos_pendientes", "Trabajos a los que les llegó la hora");
    metrics::describe_gauge!("trabajos_atraso_segundos", "Cuánto espera el más antiguo de ellos");
    metrics::describe_gauge!("trabajos_muertos", "Trabajos que fallaron definitivamente");
    metrics::describe_counter!("trabajos_total", "Intentos de trabajos, por tipo y resultado");
    metrics::describe_histogram!("trabajos_duracion_segundos", "Duración de los intentos, por tipo");
    metrics::describe_gauge!("auditoria_sin_sellar", "Filas de auditoría sin eslabón");
    metrics::describe_counter!("auditoria_selladas_total", "Filas de auditoría selladas");
    metrics::describe_counter!("lecturas_auditadas_total", "Lotes de lecturas escritos");
    metrics::describe_counter!("trabajos_fallas_total", "Fallas de las tareas periódicas del servidor, por tarea");
    metrics::describe_gauge!("eventos_oyentes", "Pantallas que escuchan eventos en vivo");
    metrics::describe_counter!("eventos_oyentes_lentos_total", "Pantallas que no leían y se soltaron");
    metrics::describe_histogram!("complemento_segundos", "Duración de las llamadas a complementos, por mundo y resultado");
    metrics::describe_histogram!("complemento_anfitrion_segundos", "Lo que tarda lo que un complemento pide a Huella, por función");
    metrics::describe_counter!("complemento_corridas_perdidas_total", "Corridas que no se pudieron anotar por ser demasiadas");
    metrics::describe_counter!("cache_consultas_total", "Consultas a cada memoria con nombre (docs: ARCHITECTURE.md), por resultado");
}

/// Per route: what counts each method and status.
type Known = HashMap<Box<str>, HashMap<(Method, u16), (Counter, Histogram)>>;

/// Counts an answer. The handles are kept: looking a metric up by its labels costs more than the rest of the front.
pub fn observe(path: &str, method: &Method, status: StatusCode, elapsed: Duration) {
    static KNOWN: OnceLock<RwLock<Known>> = OnceLock::new();
    let known = KNOWN.get_or_init(RwLock::default);
    let key = (plain(method), status.as_u16());
    let found = known.read().unwrap_or_else(PoisonError::into_inner).get(path).and_then(|handles| handles.get(&key)).cloned();
    let (count, time) = found.unwrap_or_else(|| {
        let made = register(path, &key.0, status);
        let mut map = known.write().unwrap_or_else(PoisonError::into_inner);
        map.entry(path.into()).or_default().insert(key, made.clone());
        made
    });
    count.increment(1);
    time.record(elapsed);
}

/// A client can invent methods; a label must not.
fn plain(method: &Method) -> Method {
    let usual = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::HEAD, Method::OPTIONS];
    if usual.contains(method) { method.clone() } else { Method::TRACE }
}

fn register(path: &str, method: &Method, status: StatusCode) -> (Counter, Histogram) {
    let (ruta, metodo) = (path.to_owned(), method.to_string());
    (
        counter!("http_solicitudes_total", "ruta" => ruta.clone(), "metodo" => metodo.clone(), "estado" => status.as_u16().to_string()),
        histogram!("http_duracion_segundos", "ruta" => ruta, "metodo" => metodo),
    )
}
