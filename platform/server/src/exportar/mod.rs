//! Any list of the API as a file: the same address with `formato=csv` or `formato=xlsx`.
//!
//! One mechanism for all: the list is read page by page through its own handler, with its own permission and filters,
//! and written with the columns of its published schema. What was taken out is in the audit before it leaves.
mod columnas;
mod tabla;

use axum::{
    body::Body,
    extract::{FromRequestParts, MatchedPath, Request},
    http::{HeaderMap, HeaderValue, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use columnas::{Filtro, Lista};
use http_body_util::BodyExt;
use kernel::{App, Change, Ctx, Problem, ctx::Narrow, permission::ExportarDatos};
use serde_json::{Map, Value, json};
use std::{collections::HashMap, fs::File};
use tabla::{FILAS_MAX, Formato, Tabla};
use tokio_util::io::ReaderStream;
use uuid::Uuid;

const PARAMETER: &str = "formato";
/// What stands for a value that the audit does not keep.
const CALLADO: &str = "…";

/// The lists of the API and how to write them.
pub struct Exportar {
    app: App,
    listas: HashMap<String, Lista>,
}

/// Adds the parameter and the two kinds of file to every list of the document.
pub fn declare(document: &mut Value) {
    let listas = columnas::listas(document);
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let Some(operation) = item.get_mut("get").filter(|_| listas.contains_key(path)) else { continue };
        let parameter = json!({
            "name": PARAMETER, "in": "query", "required": false,
            "description": "Toda la lista como archivo, con los mismos filtros y sin páginas. Pide además el permiso `datos.exportar`.",
            "schema": { "type": "string", "enum": ["csv", "xlsx"] },
        });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(parameter),
            None => operation["parameters"] = json!([parameter]),
        }
        operation[columnas::MARCA] = json!(listas[path].puntero);
        let content = &mut operation["responses"]["200"]["content"];
        content["text/csv"] = json!({ "schema": { "type": "string" } });
        content[Formato::Xlsx.media_type()] = json!({ "schema": { "type": "string", "format": "binary" } });
    }
}

/// A list that is wanted as a file.
pub struct Pedido {
    route: String,
    formato: Result<Formato, Problem>,
    filtros: Vec<(String, String)>,
}

impl Exportar {
    pub fn new(app: &App, document: &Value) -> Self {
        Self { app: app.clone(), listas: columnas::listas(document) }
    }

    /// What is asked for, if it is a file.
    pub fn asked(&self, request: &Request) -> Option<Pedido> {
        let query = request.uri().query().filter(|query| query.contains(PARAMETER))?;
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).filter(|route| self.listas.contains_key(*route))?;
        let mut filtros: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
        let wanted = filtros.iter().find(|(name, _)| name == PARAMETER).map(|(_, value)| value.clone())?;
        filtros.retain(|(name, _)| ![PARAMETER, "cursor", "limite"].contains(&name.as_str()));
        let formato = Formato::read(&wanted).ok_or_else(|| Problem::field("?formato", "debe ser csv o xlsx"));
        Some(Pedido { route: route.to_owned(), formato, filtros })
    }

    pub async fn answer(&self, pedido: Pedido, request: Request, next: Next) -> Response {
        match self.export(pedido, request, next).await {
            Ok(response) | Err(Refused::List(response)) => response,
            Err(Refused::Problem(problem)) => problem.into_response(),
        }
    }

    async fn export(&self, pedido: Pedido, request: Request, next: Next) -> Result<Response, Refused> {
        let (mut parts, _) = request.into_parts();
        let ctx = Ctx::<ExportarDatos>::from_request_parts(&mut parts, &self.app).await?;
        let (formato, lista) = (pedido.formato?, &self.listas[&pedido.route]);
        parts.extensions.insert(Narrow(ctx.sedes.clone()));
        parts.headers.remove(header::IF_NONE_MATCH);
        let mut tabla = Tabla::new(formato, scratch()?, &lista.columnas)?;
        let (mut filas, mut cursor) = (0, None);
        loop {
            let page = page(&parts, page_uri(&parts, &pedido.filtros, lista, cursor.as_deref())?, &next, &lista.puntero).await?;
            for item in page.items {
                tabla.add(&lista.columnas, &item)?;
                filas += 1;
            }
            if filas > FILAS_MAX {
                return Err(Problem::field("?formato", "la lista no cabe en una hoja: acote los filtros").into());
            }
            cursor = page.siguiente;
            if cursor.is_none() {
                break;
            }
        }
        let file = tokio::task::spawn_blocking(|| tabla.finish()).await.map_err(Problem::internal)??;
        let name = name(&pedido.route);
        let mut tx = ctx.begin().await?;
        let what = json!({ "lista": name, "filtros": discreet(lista, &pedido.filtros), "formato": formato.clave(), "filas": filas });
        tx.audit(Change::new("exportar", "lista", Uuid::now_v7()).despues(what));
        tx.commit().await?;
        Ok(delivered(file, formato, &name, filas))
    }
}

/// An answer that ends an export: the list's own refusal, or ours.
enum Refused {
    List(Response),
    Problem(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// A file without a name, gone with its last handle.
fn scratch() -> Result<File, Problem> {
    tempfile::tempfile().map_err(Problem::internal)
}

struct Page {
    items: Vec<Value>,
    siguiente: Option<String>,
}

fn page_uri(parts: &Parts, filtros: &[(String, String)], lista: &Lista, cursor: Option<&str>) -> Result<Uri, Problem> {
    let limite = lista.limite.map(|limite| limite.to_string());
    let own = [("limite", limite.as_deref()), ("cursor", cursor)].into_iter().filter_map(|(name, value)| Some((name, value?)));
    let given = filtros.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let query = serde_urlencoded::to_string(given.chain(own).collect::<Vec<_>>()).map_err(Problem::internal)?;
    Uri::builder().path_and_query(format!("{}?{query}", parts.uri.path())).build().map_err(Problem::internal)
}

/// Asks the list's own handler, as the same caller.
async fn page(parts: &Parts, uri: Uri, next: &Next, puntero: &str) -> Result<Page, Refused> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = parts.headers.clone();
    *request.extensions_mut() = parts.extensions.clone();
    let response = next.clone().run(request).await;
    if !response.status().is_success() {
        return Err(Refused::List(response));
    }
    let body = response.into_body().collect().await.map_err(Problem::internal)?.to_bytes();
    let mut body: Value = serde_json::from_slice(&body).map_err(Problem::internal)?;
    let siguiente = body.get("siguiente").and_then(Value::as_str).map(str::to_owned);
    match body.pointer_mut(puntero).map(Value::take) {
        Some(Value::Array(items)) => Ok(Page { items, siguiente }),
        _ => Err(Problem::internal("a list without items").into()),
    }
}

/// `/api/v1/sedes/{id}/planes` → `sedes-planes`.
fn name(route: &str) -> String {
    let words = route.trim_start_matches("/api/v1/").split('/').filter(|part| !part.starts_with('{'));
    words.collect::<Vec<_>>().join("-")
}

/// The filters of this list that were used, and the values of those that can name nobody.
fn discreet(lista: &Lista, filtros: &[(String, String)]) -> Map<String, Value> {
    let known = filtros.iter().filter_map(|(name, value)| Some((name, value, lista.filtros.get(name)?)));
    known.map(|(name, value, filtro)| (name.clone(), json!(if *filtro == Filtro::Abierto { value.as_str() } else { CALLADO }))).collect()
}

fn delivered(file: File, formato: Formato, name: &str, filas: usize) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(formato.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{}\"", formato.clave())) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert("x-filas", HeaderValue::from(filas));
    (headers, Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_list() {
        assert_eq!(name("/api/v1/sedes/{id}/planes"), "sedes-planes");
    }

    fn told(route: &str, filtros: &[(&str, &str)]) -> Value {
        let lista = columnas::listas(&crate::http::document()).remove(route).unwrap_or_else(|| panic!("{route} is no list"));
        let filtros: Vec<(String, String)> = filtros.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Value::Object(discreet(&lista, &filtros))
    }

    #[test]
    fn the_audit_keeps_what_was_asked_for_and_of_nobody_who() {
        let citas = told("/api/v1/citas", &[("fecha", "2026-03-02"), ("sede_id", "019a"), ("con_anuladas", "true")]);
        assert_eq!(citas, json!({ "fecha": "2026-03-02", "sede_id": "019a", "con_anuladas": "true" }));
        let reclamos = told("/api/v1/reclamos", &[("documento", "40302010"), ("estado", "pendiente")]);
        assert_eq!(reclamos, json!({ "documento": "…", "estado": "pendiente" }));
        assert_eq!(told("/api/v1/tutores", &[("buscar", "Rosa Quispe")]), json!({ "buscar": "…" }));
        // An open name, where anything may be typed into it; and what is no filter of the list at all.
        assert_eq!(told("/api/v1/trabajos", &[("tipo", "987654321")]), json!({ "tipo": "…" }));
        assert_eq!(told("/api/v1/permisos", &[("Rosa", "Quispe"), ("fecha", "40302010")]), json!({}));
    }
}
