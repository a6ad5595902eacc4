//! What an operator sees of a running server: its figures and its traces.
use super::{free_port, serve::Servicio};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use huella_tests::{Cliente, andina::ADMIN, cliente::send, id};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use reqwest::Method;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

// --- Figures -------------------------------------------------------------------------------------------------

/// What `/metrics` said at one moment.
struct Figuras(String);

impl Figuras {
    async fn of(address: &str) -> Self {
        let answer = reqwest::get(format!("http://{address}/metrics")).await.expect("answers");
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        Self(answer.text().await.expect("text"))
    }

    /// Lines that are values: name, labels, number.
    fn values(&self) -> impl Iterator<Item = (&str, &str, f64)> {
        self.0.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            let (name, labels) = name.split_once('{').unwrap_or((name, ""));
            (name, labels, value.parse().unwrap_or_else(|error| panic!("{error}: {line}")))
        })
    }

    /// The sum of all with these labels; `None` if there is no such figure.
    fn sum(&self, name: &str, labels: &[&str]) -> Option<f64> {
        let of = self.values().filter(|(found, has, _)| *found == name && labels.iter().all(|label| has.contains(label)));
        of.map(|(_, _, value)| value).reduce(|a, b| a + b)
    }
}

/// A figure by the name that the source gives it: what stands before its parts.
fn plain(name: &str) -> &str {
    ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name)
}

/// As the table in the architecture names them.
fn documented() -> BTreeSet<String> {
    let text = include_str!("../../../ARCHITECTURE.md");
    let table = text.split_once("\n## Figures\n").expect("a section").1.split("\n## ").next().expect("its text");
    table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned)).collect()
}

/// As the source makes or describes them.
fn in_source(calls: [&str; 3]) -> BTreeSet<String> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../platform"), &mut files);
    let texts: Vec<String> = files.iter().map(|path| std::fs::read_to_string(path).expect("text")).collect();
    let named = |text: &str, call: &str| -> Vec<String> {
        // A description is no figure.
        let at = text.match_indices(call).filter(|(at, _)| call.starts_with("describe") || !text[..*at].ends_with("describe_"));
        at.filter_map(|(at, _)| text[at + call.len()..].split('"').next().map(str::to_owned)).collect()
    };
    texts.iter().flat_map(|text| calls.iter().flat_map(|call| named(text, call))).collect()
}

#[test]
fn every_figure_is_described_and_in_the_architecture() {
    let made = in_source(["counter!(\"", "gauge!(\"", "histogram!(\""]);
    let described = in_source(["describe_counter!(\"", "describe_gauge!(\"", "describe_histogram!(\""]);
    assert!(made.len() > 15 && made.contains("http_solicitudes_total"), "{made:?}");
    assert_eq!(documented(), made, "left: the table «Figures» of ARCHITECTURE.md; right: what the source counts");
    assert_eq!(described, made, "left: what /metrics explains; right: what the source counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_have_the_documented_names_and_move() {
    let servicio = Servicio::new().await;
    let own = format!("127.0.0.1:{}", free_port());
    let server = servicio.serve_with(&[("HUELLA_METRICAS_ESCUCHA", &own), ("HUELLA_METRICAS_TOKEN", "de-prometheus")]).await;
    let recepcion = servicio.recepcion().await;
    // So that there is work to do.
    servicio.como("andina", ADMIN).await.put("/ajustes/correos", serde_json::json!({ "confirmaciones": true })).await.ok();
    let bookings: Vec<_> = servicio.free_hours(&recepcion).await.collect();
    let route = ["ruta=\"/api/v1/citas/reservar\"", "metodo=\"POST\""];
    let before = Figuras::of(&own).await;
    for booking in bookings.iter().take(3) {
        recepcion.post("/citas/reservar", booking.clone()).await.created();
    }
    recepcion.post("/citas/reservar", bookings[0].clone()).await.problem(409, "cita-traslape");
    recepcion.get("/pacientes?buscar=luna").await.ok();
    let after = Figuras::of(&own).await;
    let more = |name: &str, labels: &[&str]| after.sum(name, labels).unwrap_or_default() - before.sum(name, labels).unwrap_or_default();
    let count = |estado: &str| more("http_solicitudes_total", &[route[0], route[1], estado]);
    assert_eq!((count("estado=\"201\""), count("estado=\"409\""), more("http_duracion_segundos_count", &route)), (3.0, 1.0, 4.0));
    let spent = after.sum("http_duracion_segundos_sum", &route).expect("a sum");
    assert!(spent > 0.0 && spent < 10.0, "{spent}");
    // Those of background work follow within some seconds.
    let moves: [(&str, &[&str]); 6] = [
        ("auditoria_selladas_total", &[]),
        ("lecturas_auditadas_total", &[]),
        ("trabajos_total", &["resultado="]),
        ("trabajos_duracion_segundos_count", &["tipo="]),
        ("base_conexiones", &["uso=\"libre\""]),
        ("cache_consultas_total", &["cache=\"credenciales\"", "resultado=\"acierto\""]),
    ];
    let rests = [
        "outbox_pendientes",
        "outbox_atraso_segundos",
        "trabajos_pendientes",
        "trabajos_atraso_segundos",
        "trabajos_muertos",
        "auditoria_sin_sellar",
    ];
    let start = Instant::now();
    let seen = loop {
        let seen = Figuras::of(&own).await;
        let moved = moves.iter().all(|(name, labels)| seen.sum(name, labels).is_some_and(|value| value > 0.0));
        if moved && rests.iter().all(|name| seen.sum(name, &[]) == Some(0.0)) {
            break seen;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "never moved:\n{}", seen.0);
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let documented = documented();
    for (name, labels, _) in seen.values() {
        assert!(documented.contains(plain(name)), "{name} is in no table");
        assert!(seen.0.contains(&format!("# HELP {} ", plain(name))), "{name} is not explained");
        // Nothing that grows with people or pets.
        assert!(!labels.contains("luna") && !labels.split('"').any(|value| value.parse::<uuid::Uuid>().is_ok()), "{name}{{{labels}");
    }
    guarded(&servicio.nadie()).await;
    server.signal("TERM").await;
    assert_eq!(server.ended().await.0, Some(0));
    servicio.gone().await;
}

/// On the address of everybody it takes the token.
async fn guarded(nadie: &Cliente) {
    nadie.get("//metrics").await.problem(404, "no-encontrado");
    nadie.with_token("otro").get("//metrics").await.problem(404, "no-encontrado");
    let shown = nadie.with_token("de-prometheus").get("//metrics").await;
    assert!(shown.status == 200 && String::from_utf8_lossy(&shown.bytes).contains("# TYPE http_solicitudes_total counter"));
}

// --- Traces --------------------------------------------------------------------------------------------------

/// A collector that speaks OTLP over HTTP, in protobuf.
#[derive(Clone, Default)]
struct Recolector {
    requests: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Recolector {
    async fn listen(&self) -> String {
        let take = |State(here): State<Self>, headers: HeaderMap, body: Bytes| async move {
            assert_eq!(headers["content-type"], "application/x-protobuf");
            here.bytes.lock().expect("whole").extend_from_slice(&body);
            here.requests.lock().expect("whole").push(ExportTraceServiceRequest::decode(body).expect("protobuf"));
            ([("content-type", "application/x-protobuf")], ExportTraceServiceResponse::default().encode_to_vec())
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().route("/v1/traces", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.requests.lock().expect("whole");
        let scopes = requests.iter().flat_map(|request| &request.resource_spans).flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }
    fn of(&self, traza: &str) -> Vec<Span> {
        self.spans().into_iter().filter(|span| hex(&span.trace_id) == traza).collect()
    }
    /// What the spans say of their process.
    fn names(&self) -> BTreeSet<String> {
        let requests = self.requests.lock().expect("whole");
        let resources = requests.iter().flat_map(|request| &request.resource_spans).filter_map(|spans| spans.resource.as_ref());
        let named = resources.flat_map(|resource| &resource.attributes).filter(|attribute| attribute.key == "service.name");
        named.map(|attribute| format!("{:?}", attribute.value)).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_reach_a_collector_under_the_ids_of_log_and_answer() {
    let (servicio, recolector) = (Servicio::new().await, Recolector::default());
    let server = servicio.serve_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &recolector.listen().await)]).await;
    let recepcion = servicio.recepcion().await;
    let booking = servicio.free_hours(&recepcion).await.next().expect("an hour");
    let booked = recepcion.post("/citas/reservar", booking).await;
    let own = booked.headers["x-traza"].to_str().expect("text").to_owned();
    let cita = id(&booked.created());
    // Continued where a caller began it, and not where the caller decided that this one is not looked at.
    let (followed, left_out) = ("4bf92f3577b34da6a3ce929d0e0e4736", "5bf92f3577b34da6a3ce929d0e0e4737");
    for (traza, flags) in [(followed, "01"), (left_out, "00")] {
        let request =
            recepcion.request(Method::GET, &format!("/citas/{cita}")).header("traceparent", format!("00-{traza}-00f067aa0ba902b7-{flags}"));
        send(request).await.ok();
    }
    recepcion.get("/pacientes?buscar=wences%40ejemplo.pe").await.ok();
    // Those of the last moment too: they leave with the process.
    server.signal("TERM").await;
    assert_eq!(server.ended().await.0, Some(0));

    let spans = recolector.of(&own);
    assert_eq!(spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["POST /api/v1/citas/reservar"]);
    let (span, took) = (&spans[0], spans[0].end_time_unix_nano - spans[0].start_time_unix_nano);
    assert!(span.kind == SpanKind::Server as i32 && (1..20_000_000_000).contains(&took), "{span:?}");
    let spans = recolector.of(followed);
    assert_eq!(spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["GET /api/v1/citas/{id}"]);
    assert_eq!(hex(&spans[0].parent_span_id), "00f067aa0ba902b7");
    assert!(recolector.of(left_out).is_empty());
    let names = recolector.names();
    assert!(names.len() == 1 && names.iter().all(|name| name.contains("huella")), "{names:?}");
    let bytes = recolector.bytes.lock().expect("whole").clone();
    let text = String::from_utf8_lossy(&bytes);
    for personal in ["wences", cita.as_str(), huella_tests::CLAVE, ADMIN] {
        assert!(!text.contains(personal), "{personal} left in a trace");
    }
    servicio.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_costs_no_request() {
    let servicio = Servicio::new().await;
    let away = format!("http://127.0.0.1:{}", free_port());
    let server = servicio.serve_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &away)]).await;
    let recepcion = servicio.recepcion().await;
    let bookings = servicio.free_hours(&recepcion).await;
    let start = Instant::now();
    for booking in bookings.take(5) {
        recepcion.post("/citas/reservar", booking).await.created();
    }
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    server.signal("TERM").await;
    let told = Instant::now();
    assert_eq!(server.ended().await.0, Some(0));
    assert!(told.elapsed() < Duration::from_secs(15), "the end waited {:?} for it", told.elapsed());
    servicio.gone().await;
}
