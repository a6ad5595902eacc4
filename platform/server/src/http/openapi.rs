//! The published contract: what the domains declare, and what is the same for every operation.
use super::{HttpSettings, health, problems};
use crate::exportar;
use crate::ports::{CitasDeMascotas, CitasPorReasignar};
use axum::{Router, http::header, response::IntoResponse, routing::get};
use kernel::{App, Problem};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{InfoBuilder, OpenApi, OpenApiBuilder, RefOr, Schema},
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

const JSON_URL: &str = "/api/v1/openapi.json";

const DESCRIPTION: &str = "API de Huella para cadenas de clínicas veterinarias.\n\n\
Los errores siguen RFC 9457 (`application/problem+json`): decida según `type`, muestre `detail`, corrija todos los campos de `errors`. \
Cada tipo está en `/problemas/{tipo}`. `traza` (también en el encabezado `X-Traza`) identifica la solicitud.\n\n\
Las creaciones aceptan `Idempotency-Key`: repetir la misma solicitud con la misma clave devuelve la misma respuesta y no crea nada dos veces. \
Los cambios piden `If-Match` con el `ETag` leído: si alguien lo cambió antes, la respuesta es 412. \
Las listas se recorren con `cursor`: pase el valor `siguiente` de la página anterior. \
`x-lista` las marca y dice dónde están sus filas en la respuesta: toda lista se lleva entera con `formato`.\n\n\
`RateLimit` dice cuántas solicitudes quedan en el minuto, de la persona, de la cadena o de la dirección; pasado el límite, la respuesta es 429 con `Retry-After`.\n\n\
`x-permiso` nombra el permiso que pide cada operación; `propio` es de toda persona que inició sesión.";

const TAGS: &[(&str, &str)] = &[
    ("identidad", "Iniciar y renovar sesiones, dispositivos, segundo factor, claves de integración"),
    ("estructura", "Razones sociales, sedes, áreas, ambientes y equipos"),
    ("personal", "Personal, roles y asignaciones"),
    ("auditoria", "Quién hizo, cambió o leyó qué, y cuándo"),
    ("catalogo", "Servicios: duración, márgenes, precio y lo que necesitan"),
    ("pacientes", "Tutores y mascotas: registro, búsqueda y cambios"),
    ("privacidad", "Quién ve a qué pacientes, lo que las personas piden sobre sus datos, incidentes, y cuánto se guarda qué"),
    ("reclamos", "Libro de Reclamaciones: las hojas de cada sede, su plazo y su respuesta"),
    ("historias", "Historial de una mascota"),
    ("agenda", "Horarios de las sedes, planes de los médicos y días especiales"),
    ("citas", "Reservar, mover y anular citas; listas y disponibilidad"),
    ("correos", "Lo que se escribe a los tutores: plantillas, cuándo, y cómo les fue"),
    ("autoreserva", "Los tutores reservan por su cuenta: lo que cada sede ofrece, código, hora, reserva"),
    ("integraciones", "Avisos a otros sistemas (webhooks): de qué, adónde, y cómo les fue"),
    (
        "complementos",
        "Complementos: publicarlos, revisarlos, instalarlos, configurarlos, habilitarlos y ver cómo les va; módulos de la plataforma",
    ),
    ("importaciones", "Traer datos de otro sistema en archivos, y llevarse todos los de la cadena"),
    ("plataforma", "Estado del servicio, trabajos de fondo y tipos de problema"),
];

/// Each domain with its routes, relative to `/api/v1`.
fn domains() -> Vec<(&'static str, OpenApiRouter<App>)> {
    vec![
        ("organizacion", organizacion::router(Arc::new(CitasPorReasignar))),
        ("catalogo", catalogo::router()),
        ("pacientes", pacientes::router(Arc::new(CitasDeMascotas))),
        ("historias", historias::router()),
        ("citas", citas::router()),
        ("privacidad", privacidad::router(Arc::new(CitasDeMascotas))),
        ("reclamos", reclamos::router()),
        ("integraciones", integraciones::router()),
        ("alertas", alertas::router()),
        ("complementos", complementos::router()),
        ("importacion", importacion::router()),
        ("portable", crate::portable::router()),
        ("inicio", crate::inicio::router()),
        ("eventos", crate::eventos::router()),
        ("trabajos", crate::trabajos::routes::router()),
    ]
}

/// The routes under `/api/v1` and the document that describes them.
pub(super) fn parts(settings: &HttpSettings) -> (Router<App>, Value) {
    let base = OpenApiBuilder::new().info(InfoBuilder::new().title("Huella").version(env!("CARGO_PKG_VERSION")).build()).build();
    let routes = domains().into_iter().fold(OpenApiRouter::new(), |all, (_, domain)| all.merge(domain));
    let root = OpenApiRouter::with_openapi(base).merge(organizacion::identidad::well_known_router());
    let root = root.merge(health::router()).merge(problems::router()).merge(complementos::public_router());
    let (router, document) = root.nest("/api/v1", routes).split_for_parts();
    (router, complete(&document, settings))
}

/// The document, without a database.
pub fn document() -> Value {
    parts(&HttpSettings::default()).1
}

/// The document as JSON, and a page to read and try it that needs nothing from elsewhere.
pub(super) fn docs(document: &Value) -> Router<App> {
    let json = document.to_string();
    let serve = move || {
        let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=60")];
        std::future::ready((headers, json.clone()).into_response())
    };
    // Without a validator: where the server has a name, the page would send its address to one on the internet.
    let config = Config::from(JSON_URL).validator_url("none").persist_authorization(false).display_request_duration(true);
    let page = SwaggerUi::new("/api/docs").config(config);
    Router::new().route(JSON_URL, get(serve)).merge(page)
}

/// Says about every operation what the front and the kernel do for every operation.
fn complete(declared: &OpenApi, settings: &HttpSettings) -> Value {
    let mut document = serde_json::to_value(declared).unwrap_or_default();
    let url = settings.publica.as_deref().map_or("", |url| url.trim_end_matches('/'));
    document["info"] = json!({
        "title": "Huella",
        "version": env!("CARGO_PKG_VERSION"),
        "description": DESCRIPTION,
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["servers"] = json!([{ "url": if url.is_empty() { "/" } else { url }, "description": "Este servidor" }]);
    document["tags"] = TAGS.iter().map(|(name, text)| json!({ "name": name, "description": text })).collect();
    document["security"] = json!([{ "portador": [] }]);
    document["components"]["securitySchemes"] = json!({
        "portador": {
            "type": "http", "scheme": "bearer",
            "description": "Token de acceso de una sesión, o de una integración por OAuth2 (credenciales de cliente).",
        },
    });
    problem_schemas(&mut document);
    document["components"]["parameters"] = shared_parameters();
    document["components"]["headers"] = shared_headers();
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::iter_mut);
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flat_map(Map::iter_mut) {
            complete_operation(path, method, operation);
        }
    }
    unique_ids(&mut document);
    exportar::declare(&mut document);
    document
}

fn problem_schemas(document: &mut Value) {
    let mut parts: Vec<(String, RefOr<Schema>)> = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut parts);
    for (name, schema) in parts {
        document["components"]["schemas"][name] = serde_json::to_value(schema).unwrap_or_default();
    }
}

fn shared_parameters() -> Value {
    json!({
        "Idempotency-Key": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Clave única de esta creación (por ejemplo, un UUID). Repetirla con los mismos datos devuelve la primera \
                            respuesta; con otros datos, 422. Se recuerda al menos 24 horas.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
        },
        "If-Match": {
            "name": "If-Match", "in": "header", "required": true,
            "description": "`ETag` de la versión leída. Si ya cambió, 412; si falta, 428.",
            "schema": { "type": "string", "pattern": "^(\"[0-9]{1,9}\"|\\*)$" },
            "example": "\"1\"",
        },
    })
}

fn shared_headers() -> Value {
    json!({
        "ETag": { "description": "Versión, para `If-Match`.", "schema": { "type": "string" } },
        "X-Traza": { "description": "Identificador de traza de la solicitud.", "schema": { "type": "string" } },
    })
}

fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let protected = operation.get("x-permiso").is_some();
    // At once, or later: what is accepted is shown as it stands.
    let creates = operation["responses"].get("201").is_some() || operation["responses"]["202"].get("content").is_some();
    // What is only ever replaced, and never shown, has no version.
    let unversioned = operation.as_object_mut().is_some_and(|operation| operation.remove("x-sin-version").is_some());
    let mut add = |name: &str| {
        let reference = json!({ "$ref": format!("#/components/parameters/{name}") });
        let named = |parameter: &Value| parameter["name"].as_str().is_some_and(|given| given.eq_ignore_ascii_case(name));
        match operation["parameters"].as_array_mut() {
            Some(list) if list.iter().any(named) => {}
            Some(list) => list.push(reference),
            None => operation["parameters"] = json!([reference]),
        }
    };
    match method {
        "post" if protected && creates => add("Idempotency-Key"),
        "put" if protected && !unversioned => add("If-Match"),
        _ => {}
    }
    if operation.get("operationId").is_none() {
        operation["operationId"] = derived_id(method, path).into();
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (class, text) in [("4XX", "La solicitud no se puede atender"), ("5XX", "Falla del servidor")] {
        responses.entry(class).or_insert_with(|| json!({ "description": text }));
    }
    for (status, response) in responses.iter_mut() {
        complete_response(method, status, response);
    }
}

fn complete_response(method: &str, status: &str, response: &mut Value) {
    if response.get("$ref").is_some() {
        return;
    }
    if response["description"].as_str().unwrap_or_default().is_empty() {
        response["description"] = described(status).into();
    }
    response["headers"]["X-Traza"] = json!({ "$ref": "#/components/headers/X-Traza" });
    if status.starts_with('4') || status.starts_with('5') {
        response["content"] = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    } else if matches!((method, status), ("post", "201") | ("put", "200")) {
        response["headers"]["ETag"] = json!({ "$ref": "#/components/headers/ETag" });
    }
}

fn described(status: &str) -> &'static str {
    match status {
        "201" => "Creado",
        "202" => "Aceptado",
        "204" => "Hecho",
        s if s.starts_with('4') => "La solicitud no se puede atender",
        s if s.starts_with('5') => "Falla del servidor",
        _ => "Bien",
    }
}

fn derived_id(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

/// Handlers of different domains may share a name (`listar`); ids of operations may not.
fn unique_ids(document: &mut Value) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let each = |document: &mut Value, visit: &mut dyn FnMut(&str, &str, &mut Value)| {
        for (path, item) in document["paths"].as_object_mut().into_iter().flat_map(Map::iter_mut) {
            for (method, operation) in item.as_object_mut().into_iter().flat_map(Map::iter_mut) {
                visit(path, method, operation);
            }
        }
    };
    each(document, &mut |_, _, operation| *count.entry(operation["operationId"].to_string()).or_default() += 1);
    each(document, &mut |path, method, operation| {
        if count.get(&operation["operationId"].to_string()).is_some_and(|times| *times > 1) {
            operation["operationId"] = derived_id(method, path).into();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_one_schema_in_all_domains() {
        let mut seen: BTreeMap<String, (&str, Value)> = BTreeMap::new();
        for (domain, router) in domains() {
            let document = serde_json::to_value(router.into_openapi()).expect("plain data");
            for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
                let mut schema = schema.clone();
                schema.as_object_mut().map(|object| object.remove("description"));
                let (first, known) = seen.entry(name.clone()).or_insert_with(|| (domain, schema.clone()));
                assert_eq!(*known, schema, "{name} means one thing in {first} and another in {domain}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_id_is_unique() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(reference).is_some(), "{reference} leads nowhere");
        }
        let mut ids: Vec<&str> = text.split("\"operationId\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
        assert_eq!(document["openapi"], "3.1.0");
    }
}
