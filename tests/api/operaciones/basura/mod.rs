//! Requests that are wrong in one way each, of every operation of the published document: each is refused as a problem
//! that says in Spanish what is wrong and where, and nothing is written. What is wrong follows from the document, so an
//! operation or a field that is added tomorrow is tried too.
mod campos;
mod consulta;
mod cuerpos;
mod extremos;
mod forma;

use super::mundo::{Mundo, Operacion, operations};
use huella_tests::{Cliente, Respuesta, andina, cliente::send};
use reqwest::{Method, RequestBuilder, header};
use std::collections::BTreeSet;

/// A request with one fault.
struct Falla {
    que: String,
    pedido: RequestBuilder,
    /// What it may be answered with.
    estados: Vec<u16>,
    /// What a 422 has to name: this, or something inside of it.
    campo: Option<String>,
}

impl Falla {
    fn new(que: impl Into<String>, pedido: RequestBuilder, estados: &[u16]) -> Self {
        Self { que: que.into(), pedido, estados: estados.to_vec(), campo: None }
    }
    fn campo(mut self, campo: impl Into<String>) -> Self {
        self.campo = Some(campo.into());
        self
    }
}

/// Answered with pages for people, whoever asks: there is nothing to read for a program.
const PAGINAS: &[&str] = &[
    "GET /citas/respuestas/{enlace}",
    "GET /ofertas/{enlace}",
    "GET /reservas/{enlace}",
    "GET /reservas/{enlace}/mover",
    "POST /citas/respuestas/{enlace}",
    "POST /ofertas/{enlace}/aceptar",
    "POST /ofertas/{enlace}/rechazar",
    "POST /reservas/{enlace}/anular",
    "POST /reservas/{enlace}/mover",
    // RFC 6749 says what its errors look like.
    "POST //oauth/token",
];

/// Nobody reads English at the desk, and no parser's words leave.
const AJENO: &[&str] = &["expected", "invalid", "missing", "unknown", "at line", "must ", "not "];

/// The world, who asks in it, and what was found wrong so far.
struct Examen {
    mundo: Mundo,
    admin: Cliente,
    slugs: BTreeSet<String>,
    fallos: Vec<String>,
    pedidos: usize,
}

impl Examen {
    async fn start() -> Self {
        let mundo = Mundo::start().await;
        let admin = mundo.huella.como(andina::ADMIN).await;
        let slugs = server::http::problem_kinds().iter().map(|kind| format!("/problemas/{}|{}", kind.slug, kind.title)).collect();
        Self { mundo, admin, slugs, fallos: Vec::new(), pedidos: 0 }
    }

    /// The right request, as whoever may make it would.
    fn pedido(&self, operation: &Operacion, path: &str) -> RequestBuilder {
        let who = if operation.permiso.is_some() { self.admin.clone() } else { self.mundo.huella.nadie() };
        let request = who.request(operation.method.clone(), path);
        // The portal's own operations take no request from elsewhere.
        if operation.template.starts_with("/portal") {
            return request.header("x-portal", "1").header("sec-fetch-site", "same-origin");
        }
        request
    }

    /// With the version that any change takes, and a body that fits.
    fn bueno(&self, operation: &Operacion, path: &str) -> RequestBuilder {
        let request = self.pedido(operation, path).header(header::IF_MATCH, "*");
        match self.mundo.body(operation) {
            Some(body) => request.json(&body),
            None => request,
        }
    }

    /// Tries every fault of every operation.
    async fn todas(mut self, fallas: impl Fn(&Self, &Operacion) -> Vec<Falla>) {
        let (mut written, before) = (self.escrito().await, self.filas().await);
        for operation in operations(&self.mundo.document) {
            for falla in fallas(&self, &operation) {
                self.pedidos += 1;
                let answer = send(falla.pedido).await;
                if let Err(fault) = self.juzgar(&operation, &falla.estados, falla.campo.as_deref(), &answer) {
                    self.fallos.push(format!("{} [{}]: {fault}", operation.name(), falla.que));
                }
            }
            let now = self.escrito().await;
            if now != written {
                self.fallos.push(format!("{} wrote something", operation.name()));
                written = now;
            }
        }
        println!("{} requests", self.pedidos);
        assert!(self.pedidos > 300, "{}", self.pedidos);
        assert!(self.fallos.is_empty(), "{} of {}:\n{}", self.fallos.len(), self.pedidos, self.fallos.join("\n"));
        assert_eq!(self.filas().await, before, "rows of all tables");
    }

    fn juzgar(&self, operation: &Operacion, estados: &[u16], campo: Option<&str>, answer: &Respuesta) -> Result<(), String> {
        let (status, body) = (answer.status.as_u16(), &answer.body);
        let shown: String = String::from_utf8_lossy(&answer.bytes).chars().take(400).collect();
        // Links and chains that are nobody's: whatever else is wrong, there is nothing there.
        let nothing = operation.permiso.is_none() && operation.has_parts() && [404, 410].contains(&status);
        // A file or a form that comes as JSON is that much more wrong.
        if status == 415 && operation.schema().is_none() {
            return Ok(());
        }
        if !estados.contains(&status) && !nothing {
            return Err(format!("{status}, not {estados:?}: {shown}"));
        }
        if PAGINAS.contains(&operation.name().as_str()) {
            return Ok(());
        }
        let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let named = format!("{}|{}", body["type"].as_str().unwrap_or_default(), body["title"].as_str().unwrap_or_default());
        if kind != "application/problem+json" || body["status"] != status || body["traza"].is_null() || !self.slugs.contains(&named) {
            return Err(format!("no problem of ours ({kind}): {shown}"));
        }
        let errors: Vec<(&str, &str)> = body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|e| (e["pointer"].as_str().unwrap_or_default(), e["detail"].as_str().unwrap_or_default()))
            .collect();
        let words = errors.iter().map(|(_, detail)| *detail).chain(body["detail"].as_str());
        // Whoever uploads a component reads what its parser says.
        let ajeno: &[&str] = if operation.name() == "POST /complementos/versiones" { &[] } else { AJENO };
        if let Some(text) = words.into_iter().find(|text| text.is_empty() || ajeno.iter().any(|word| text.to_lowercase().contains(word))) {
            return Err(format!("«{text}» is for nobody to read"));
        }
        match campo {
            Some(campo)
                if status == 422 && !errors.iter().any(|(pointer, _)| *pointer == campo || pointer.starts_with(&format!("{campo}/"))) =>
            {
                Err(format!("{campo} is not named: {errors:?}"))
            }
            _ => Ok(()),
        }
    }

    /// How much was written that somebody hears of.
    async fn escrito(&self) -> i64 {
        self.mundo
            .huella
            .scalar("select (select count(*) from auditoria) + (select count(*) from outbox) + (select count(*) from trabajos)")
            .await
    }

    /// Rows of every table.
    async fn filas(&self) -> Vec<String> {
        let tables = "select string_agg(format('select %L || '' '' || count(*) as fila from huella.%I', relname, relname), ' union all ') from pg_class
                       where relnamespace = 'huella'::regnamespace and relkind in ('r', 'p') and not relispartition";
        let query: String = self.mundo.huella.scalar(tables).await;
        let mut rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&self.mundo.huella.sql).await.expect("counts");
        rows.sort();
        rows
    }
}

/// Text or bytes as JSON, said to be so.
fn json(request: RequestBuilder, body: impl Into<reqwest::Body>) -> RequestBuilder {
    request.header(header::CONTENT_TYPE, "application/json").body(body)
}

#[tokio::test]
async fn a_body_that_is_not_what_was_agreed_is_refused_and_nothing_is_written() {
    Examen::start().await.todas(cuerpos::fallas).await;
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named_and_nothing_is_written() {
    Examen::start().await.todas(campos::fallas).await;
}

#[tokio::test]
async fn paths_queries_and_headers_that_are_wrong_are_refused_and_nothing_is_written() {
    Examen::start().await.todas(consulta::fallas).await;
}

/// What a schema allows and nobody sends: it may be taken or refused, but it is never a fault of ours.
#[tokio::test]
async fn what_is_extreme_is_no_fault_of_ours() {
    let examen = Examen::start().await;
    let (mut faults, mut tried) = (Vec::new(), 0);
    let mut all = operations(&examen.mundo.document);
    // What ends sessions, people and records comes last.
    all.sort_by_key(|operation| (operation.method == Method::DELETE, operation.name() == "POST /usuarios/{id}/desactivar"));
    for operation in all.iter().filter(|operation| !operation.name().contains("/eventos")) {
        for (what, request) in extremos::pedidos(&examen, operation) {
            tried += 1;
            let answer = send(request).await;
            if answer.status.is_server_error() && answer.status != 503 {
                faults.push(format!("{} [{what}]: {} {}", operation.name(), answer.status, answer.body));
            }
        }
    }
    println!("{tried} requests");
    assert!(tried > 300, "{tried}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
