//! Every operation of the published document: 401 to nobody, 403 without its permission, and to another chain
//! 404 or an answer with nothing of ours. An operation without a case here fails the test.
use huella_tests::{
    Cliente, Huella, andina,
    cliente::{Respuesta, send},
    costera, id,
};
use reqwest::{Method, header};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What each part of a path names, by path. A new path with a part must be added here.
const CASOS: &[(&str, &[(&str, &str)])] = &[
    ("/ambientes/{id}", &[("id", "ambiente")]),
    ("/areas/{id}", &[("id", "area")]),
    ("/asignaciones/{id}", &[("id", "asignacion")]),
    ("/auditoria/{entidad}/{id}", &[("entidad", "=cita"), ("id", "cita")]),
    ("/citas/{id}", &[("id", "cita")]),
    ("/citas/{id}/estado", &[("id", "cita")]),
    ("/claves-api/{id}", &[("id", "clave_api")]),
    ("/entidades-legales/{id}", &[("id", "entidad_legal")]),
    ("/equipos/{id}", &[("id", "equipo")]),
    ("/especies/{id}", &[("id", "especie")]),
    ("/especies/{id}/razas", &[("id", "especie")]),
    ("/especies/{id}/razas/{raza}", &[("id", "especie"), ("raza", "raza")]),
    ("/excepciones/{id}", &[("id", "excepcion")]),
    ("/pacientes/{id}", &[("id", "mascota")]),
    ("/pacientes/{id}/foto", &[("id", "mascota")]),
    ("/pacientes/{id}/historial", &[("id", "mascota")]),
    ("/pacientes/{id}/identificadores", &[("id", "mascota")]),
    ("/pacientes/{id}/identificadores/{tipo}/{valor}", &[("id", "mascota"), ("tipo", "=placa"), ("valor", "=A1")]),
    ("/pacientes/{id}/pesos", &[("id", "mascota")]),
    ("/pacientes/{id}/transferencia", &[("id", "mascota")]),
    ("/pacientes/{id}/tutores", &[("id", "mascota")]),
    ("/pacientes/{id}/tutores/{vinculo}", &[("id", "mascota"), ("vinculo", "vinculo")]),
    ("/roles/{id}", &[("id", "rol")]),
    ("/sedes/{id}", &[("id", "sede")]),
    ("/sedes/{id}/excepciones", &[("id", "sede")]),
    ("/sedes/{id}/horarios", &[("id", "sede")]),
    ("/sedes/{id}/medicos/{medico_id}/plan", &[("id", "sede"), ("medico_id", "medico")]),
    ("/sedes/{id}/planes", &[("id", "sede")]),
    ("/sedes/{sede_id}/ambientes", &[("sede_id", "sede")]),
    ("/sedes/{sede_id}/areas", &[("sede_id", "sede")]),
    ("/sedes/{sede_id}/equipos", &[("sede_id", "sede")]),
    ("/servicios/{id}", &[("id", "servicio")]),
    ("/sesiones/{id}", &[("id", "sesion")]),
    ("/tutores/{id}", &[("id", "tutor")]),
    ("/tutores/{id}/mascotas", &[("id", "tutor")]),
    ("/usuarios/{id}", &[("id", "usuario")]),
    ("/usuarios/{id}/activar", &[("id", "usuario")]),
    ("/usuarios/{id}/asignaciones", &[("id", "usuario")]),
    ("/usuarios/{id}/desactivar", &[("id", "usuario")]),
    ("/usuarios/{id}/invitacion", &[("id", "usuario")]),
    ("/usuarios/{id}/segundo-factor", &[("id", "usuario")]),
    ("/usuarios/{id}/sesiones", &[("id", "usuario")]),
];

/// Operations for nobody in particular.
const PUBLICAS: &[&str] = &[
    "GET //.well-known/jwks.json",
    "GET //healthz",
    "GET //problemas",
    "GET //problemas/{slug}",
    "GET //readyz",
    "POST //oauth/token",
    "POST /cuenta/aceptar",
    "POST /cuenta/olvido",
    "POST /cuenta/restablecer",
    "POST /sesiones",
    "POST /sesiones/renovar",
];

/// Answers to the bearer of nothing but its permission that are 403 all the same, and why.
const PIDEN_MAS: &[&str] = &[
    "POST /usuarios",                   // nobody gives more than they hold
    "POST /usuarios/{id}/asignaciones", // the same
    "DELETE /asignaciones/{id}",        // nor takes
    "POST /usuarios/{id}/activar",      // nor touches who holds more
    "POST /usuarios/{id}/desactivar",
    "POST /usuarios/{id}/invitacion",
    "PUT /usuarios/{id}",
    "DELETE /usuarios/{id}/segundo-factor",
    "DELETE /usuarios/{id}/sesiones",
    "GET /usuarios/{id}/sesiones",
    "POST /roles",
    "PUT /roles/{id}",
    "DELETE /roles/{id}",
    "POST /claves-api", // a person makes them
];

struct Operacion {
    method: Method,
    /// Below `/api/v1`, or with `//` outside of it.
    template: String,
    permiso: Option<String>,
    body: Option<Value>,
    query: Vec<(String, Value)>,
}

impl Operacion {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
    fn has_parts(&self) -> bool {
        self.template.contains('{')
    }
}

fn operations(document: &Value) -> Vec<Operacion> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            if !operation.is_object() || ["PARAMETERS", "SUMMARY", "DESCRIPTION", "SERVERS"].contains(&method.as_str()) {
                continue;
            }
            let template = path.strip_prefix("/api/v1").map_or_else(|| format!("/{path}"), str::to_owned);
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let required = operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "query" && p["required"] == true);
            all.push(Operacion {
                method,
                template,
                permiso: operation["x-permiso"].as_str().map(str::to_owned),
                body: (!schema.is_null()).then(|| schema.clone()),
                query: required.map(|p| (p["name"].as_str().unwrap_or_default().to_owned(), p["schema"].clone())).collect(),
            });
        }
    }
    all
}

/// Ids of the chain `andina`, by what they name.
struct Mundo {
    huella: Huella,
    document: Value,
    ids: BTreeMap<&'static str, String>,
}

impl Mundo {
    async fn start() -> Self {
        let huella = Huella::start().await;
        let document = huella.nadie().get("/openapi.json").await.ok();
        let ids = fill(&huella).await;
        Self { huella, document, ids }
    }

    fn path(&self, operation: &Operacion) -> String {
        let mut path = operation.template.clone();
        if operation.has_parts() {
            let (_, parts) = CASOS
                .iter()
                .find(|(template, _)| *template == operation.template)
                .unwrap_or_else(|| panic!("{} has no case", operation.name()));
            for (part, what) in *parts {
                let value = what.strip_prefix('=').map_or_else(|| self.ids[what].clone(), str::to_owned);
                path = path.replace(&format!("{{{part}}}"), &value);
            }
        }
        let pairs: Vec<String> =
            operation.query.iter().map(|(name, schema)| format!("{name}={}", self.sample(name, schema).as_str().unwrap_or("1"))).collect();
        if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// A body that fits the operation's schema, with ids of `andina` where it takes ids.
    fn body(&self, operation: &Operacion) -> Option<Value> {
        let mut body = self.sample("", operation.body.as_ref()?);
        for (key, value) in overrides(&operation.name(), &self.ids) {
            if value.is_null() {
                body.as_object_mut().expect("an object").remove(key);
            } else {
                body[key] = value;
            }
        }
        Some(body)
    }

    fn sample(&self, name: &str, schema: &Value) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.sample(name, self.document.pointer(reference.trim_start_matches('#')).expect("a known schema"));
        }
        if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            return self.sample(name, choices.iter().find(|choice| choice["type"] != "null").expect("a choice"));
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let objects = parts.iter().map(|part| self.sample(name, part)).filter_map(|part| part.as_object().cloned());
            return Value::Object(objects.flatten().collect());
        }
        if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
            return value.clone();
        }
        let kind = schema["type"]
            .as_str()
            .or_else(|| schema["type"].as_array()?.iter().find_map(|t| t.as_str().filter(|t| *t != "null")))
            .unwrap_or("object");
        match kind {
            "string" => json!(self.text(name, schema)),
            "integer" | "number" => schema.get("minimum").cloned().filter(|m| !m.is_null()).unwrap_or(json!(1)),
            "boolean" => json!(false),
            "array" => json!(vec![self.sample(name, &schema["items"]); schema["minItems"].as_u64().unwrap_or(0) as usize]),
            _ => {
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                Value::Object(required.map(|key| (key.to_owned(), self.sample(key, &schema["properties"][key]))).collect::<Map<_, _>>())
            }
        }
    }

    fn text(&self, name: &str, schema: &Value) -> String {
        match schema["format"].as_str().unwrap_or_default() {
            "uuid" => self.ids.get(name.trim_end_matches("_id")).cloned().unwrap_or_else(|| self.ids["mascota"].clone()),
            "date-time" => "2026-03-02T15:00:00Z".into(),
            "date" => "2026-03-03".into(),
            "hora" => "10:00".into(),
            "ruc" => "20100070970".into(),
            "telefono" => "987654321".into(),
            "ubigeo" => "150101".into(),
            "correo" => "nuevo@andina.example.pe".into(),
            "zona-horaria" => "America/Lima".into(),
            _ => match schema["example"].as_str().or(schema["examples"][0].as_str()) {
                Some(example) => example.to_owned(),
                None => "abc".repeat(5)[..schema["minLength"].as_u64().unwrap_or(4).clamp(1, 15) as usize].to_owned(),
            },
        }
    }

    async fn call(&self, who: &Cliente, operation: &Operacion) -> Respuesta {
        let request = who.request(operation.method.clone(), &self.path(operation)).header(header::IF_MATCH, "*");
        if operation.name() == "PUT /pacientes/{id}/foto" {
            return send(request.header(header::CONTENT_TYPE, "image/png").body(PNG)).await;
        }
        match self.body(operation) {
            Some(body) => send(request.json(&body)).await,
            None => send(request).await,
        }
    }
}

/// The smallest picture there is.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f,
    0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0,
    b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// Where the rules between fields ask for more than the schema says.
fn overrides(operation: &str, ids: &BTreeMap<&'static str, String>) -> Vec<(&'static str, Value)> {
    match operation {
        "POST /pacientes/registro" => vec![("tutor_id", json!(ids["tutor"])), ("tutor", Value::Null)],
        "POST /sedes/{id}/excepciones" => vec![("abierto", json!(false))],
        "PUT /sedes/{id}" | "POST /sedes" => vec![("codigo", json!("NUEVA"))],
        "PUT /servicios/{id}" | "POST /servicios" => vec![("codigo", json!("NUEVO"))],
        "PUT /tutores/{id}" | "POST /tutores" => vec![("apellidos", json!("De prueba"))],
        "PUT /citas/{id}/estado" => vec![("estado", json!("confirmada"))],
        _ => Vec::new(),
    }
}

/// One of everything, in the chain `andina`.
async fn fill(huella: &Huella) -> BTreeMap<&'static str, String> {
    let admin = huella.como(andina::ADMIN).await;
    let of = async |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value).await;
    let sede = of("sedes", "codigo", "LIM").await;
    let mut ids = BTreeMap::from([
        ("entidad_legal", of("entidades_legales", "ruc", "20131312955").await),
        ("medico", of("usuarios", "cmvp", "11567").await),
        ("usuario", of("usuarios", "nombres", "Rosa").await),
        ("area", of("areas", "nombre", "Consulta externa").await),
        ("ambiente", of("ambientes", "nombre", "Imágenes").await),
        ("equipo", of("equipos", "nombre", "Ecógrafo 1").await),
        ("servicio", of("servicios", "codigo", "CONS").await),
        ("especie", of("especies", "clave", "perro").await),
    ]);
    let raza = format!("select id::text from razas where especie_id = '{}' limit 1", ids["especie"]);
    ids.insert("raza", huella.scalar(&raza).await);
    let new = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let registered = admin.post("/pacientes/registro", new).await.created();
    ids.insert("mascota", id(&registered["mascota"]));
    ids.insert("tutor", id(&registered["tutor"]));
    ids.insert("vinculo", huella.scalar(&format!("select id::text from tutores_mascotas where mascota_id = '{}'", ids["mascota"])).await);
    let cita =
        json!({ "sede_id": sede, "mascota_id": ids["mascota"], "servicio_id": ids["servicio"], "inicio": "2026-03-02T11:00:00-05:00" });
    ids.insert("cita", id(&admin.post("/citas/reservar", cita).await.created()));
    let closed = json!({ "fecha": "2026-03-20", "abierto": false, "motivo": "Fumigación" });
    ids.insert("excepcion", id(&admin.post(&format!("/sedes/{sede}/excepciones"), closed).await.created()));
    let rol = json!({ "clave": "practicante", "nombre": "Practicante", "permisos": ["cita.ver"] });
    ids.insert("rol", id(&admin.post("/roles", rol).await.created()));
    ids.insert("asignacion", huella.scalar(&format!("select id::text from asignaciones where usuario_id = '{}'", ids["usuario"])).await);
    ids.insert("sede", sede);
    let key = clave(&admin, &["cita.ver"]).await;
    ids.insert("clave_api", id(&key));
    let _ = huella.como(andina::RECEPCION_LIMA).await;
    ids.insert("sesion", huella.scalar(&format!("select id::text from sesiones where usuario_id = '{}' limit 1", ids["usuario"])).await);
    ids
}

/// An API key for the whole chain with these permissions.
async fn clave(admin: &Cliente, permisos: &[&str]) -> Value {
    let body = json!({ "nombre": "Prueba", "permisos": permisos, "expira_en": "2026-12-31T00:00:00Z" });
    admin.post("/claves-api", body).await.created()
}

#[tokio::test]
async fn nobody_gets_in() {
    let mundo = Mundo::start().await;
    let nobody = mundo.huella.nadie();
    let mut public = BTreeSet::new();
    for operation in operations(&mundo.document) {
        if operation.permiso.is_none() {
            public.insert(operation.name());
            continue;
        }
        let answer = mundo.call(&nobody, &operation).await;
        assert_eq!(answer.status, 401, "{}: {}", operation.name(), answer.body);
    }
    assert_eq!(public, PUBLICAS.iter().map(|name| (*name).to_owned()).collect());
}

#[tokio::test]
async fn without_its_permission_an_operation_is_forbidden_and_with_it_alone_it_is_not() {
    let mundo = Mundo::start().await;
    let admin = mundo.huella.como(andina::ADMIN).await;
    let catalogue: Vec<String> = admin
        .get("/permisos")
        .await
        .ok()
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|p| p["clave"].as_str().map(str::to_owned))
        .collect();
    let mut keys = BTreeMap::new();
    for permiso in &catalogue {
        let others: Vec<&str> = catalogue.iter().filter(|other| *other != permiso).map(String::as_str).collect();
        let (without, alone) = (clave(&admin, &others).await, clave(&admin, &[permiso]).await);
        let client =
            |key: &Value| mundo.huella.nadie().with_token(key["secreto"].as_str().or(key["clave"].as_str()).expect("the key's text"));
        keys.insert(permiso.clone(), (client(&without), client(&alone)));
    }
    let mut used = BTreeSet::new();
    // What destroys comes last, so that everything before still finds its rows.
    let mut all = operations(&mundo.document);
    all.sort_by_key(|operation| operation.method == Method::DELETE);
    for operation in all {
        let Some(permiso) = operation.permiso.as_deref().filter(|permiso| *permiso != "propio") else { continue };
        let (without, alone) = keys.get(permiso).unwrap_or_else(|| panic!("{}: {permiso} is not in the catalogue", operation.name()));
        used.insert(permiso.to_owned());
        let answer = mundo.call(without, &operation).await;
        assert_eq!(answer.status, 403, "{} without {permiso}: {}", operation.name(), answer.body);
        let answer = mundo.call(alone, &operation).await;
        let forbidden = answer.status == 403;
        assert!(answer.status != 401 && !answer.status.is_server_error(), "{}: {} {}", operation.name(), answer.status, answer.body);
        assert!(!forbidden || PIDEN_MAS.contains(&operation.name().as_str()), "{} with {permiso} alone: {}", operation.name(), answer.body);
    }
    let unused: Vec<&String> = catalogue.iter().filter(|permiso| !used.contains(*permiso)).collect();
    assert!(unused.is_empty(), "permissions that nothing asks for: {unused:?}");
}

#[tokio::test]
async fn another_chain_finds_nothing() {
    let mundo = Mundo::start().await;
    let mut other = mundo.huella.como(costera::ADMIN).await;
    let ours = every_id(&mundo.huella).await;
    assert!(ours.len() > 60, "{}", ours.len());
    for operation in operations(&mundo.document) {
        if operation.permiso.is_none() {
            continue;
        }
        let answer = mundo.call(&other, &operation).await;
        if operation.name() == "DELETE /sesiones/actual" {
            other = mundo.huella.como(costera::ADMIN).await;
        }
        let text = String::from_utf8_lossy(&answer.bytes);
        let sent = mundo.body(&operation).map(|body| body.to_string()).unwrap_or_default();
        for id in &ours {
            assert!(!text.contains(id) || sent.contains(id), "{} shows {id}: {text}", operation.name());
        }
        assert!(!answer.status.is_server_error(), "{}: {text}", operation.name());
        if operation.name() == "GET /auditoria/{entidad}/{id}" {
            assert_eq!(answer.body["items"], json!([]), "what never was has no history");
        } else if operation.has_parts() {
            assert_eq!(answer.status, 404, "{}: {text}", operation.name());
        } else if ours.iter().any(|id| sent.contains(id)) {
            assert!(answer.status.is_client_error(), "{} took an id of another chain: {text}", operation.name());
        }
    }
    let moved: i64 = mundo.huella.scalar("select count(*) from auditoria where tenant_id = (select id from tenants where clave = 'andina') and actor_id in (select id from usuarios where tenant_id <> (select id from tenants where clave = 'andina'))").await;
    assert_eq!(moved, 0, "another chain's people left no trace in ours");
}

/// What belongs to one sede, among the things that paths name.
const DE_UNA_SEDE: &[&str] = &["ambiente", "area", "asignacion", "cita", "equipo", "excepcion", "sede", "sesion", "usuario"];

/// What one sede may know of another one all the same, and why.
const DE_TODA_LA_CADENA: &[&str] = &[
    "GET /sedes/{id}", // name and address of a clinic are no secret in its chain
];

/// Somebody who holds every permission in Cusco, and nothing of Lima is theirs.
#[tokio::test]
async fn another_sede_of_the_chain_finds_nothing() {
    let mundo = Mundo::start().await;
    let huella = &mundo.huella;
    let admin = huella.como(andina::ADMIN).await;
    let cusco = huella.id_of("andina", "sedes", "codigo", "CUS").await;
    let catalogue = admin.get("/permisos").await.ok();
    let permisos: Vec<&str> =
        catalogue.as_array().expect("a list").iter().filter(|p| p["alcance"] == "sede").filter_map(|p| p["clave"].as_str()).collect();
    assert!(permisos.len() > 10, "{catalogue}");
    let body = json!({ "nombre": "Cusco", "permisos": permisos, "sedes": [cusco], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", body).await.created();
    let cusco = huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let theirs = of_lima(huella).await;
    assert!(theirs.len() > 8, "{theirs:?}");
    let mut asked = 0;
    for operation in operations(&mundo.document) {
        if !operation.permiso.as_deref().is_some_and(|permiso| permisos.contains(&permiso)) {
            continue;
        }
        let answer = mundo.call(&cusco, &operation).await;
        let text = String::from_utf8_lossy(&answer.bytes);
        let sent = mundo.body(&operation).map(|body| body.to_string()).unwrap_or_default() + mundo.path(&operation).as_str();
        assert!(!answer.status.is_server_error(), "{}: {text}", operation.name());
        if DE_TODA_LA_CADENA.contains(&operation.name().as_str()) {
            continue;
        }
        for id in &theirs {
            assert!(!text.contains(id) || sent.contains(id), "{} shows {id}: {text}", operation.name());
        }
        let (_, parts) = CASOS.iter().find(|(template, _)| *template == operation.template).unwrap_or(&("", &[]));
        if parts.iter().any(|(_, what)| DE_UNA_SEDE.contains(what)) {
            asked += 1;
            let nothing = operation.name() == "GET /auditoria/{entidad}/{id}" && answer.body["items"] == json!([]);
            assert!(nothing || [403, 404].contains(&answer.status.as_u16()), "{}: {} {text}", operation.name(), answer.status);
        } else if sent.contains(&mundo.ids["sede"]) {
            assert!(answer.status.is_client_error(), "{} took the sede: {text}", operation.name());
        }
    }
    assert!(asked > 15, "{asked}");
}

/// Ids of all rows that belong to Lima.
async fn of_lima(huella: &Huella) -> BTreeSet<String> {
    let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let mut ids = BTreeSet::new();
    for (table, column) in [
        ("ambientes", "id"),
        ("areas", "id"),
        ("asignaciones", "id"),
        ("citas", "id"),
        ("citas_equipos", "cita_id"),
        ("equipos", "id"),
        ("excepciones", "id"),
    ] {
        let query = format!("select {column}::text from {table} where sede_id = '{lima}'");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&huella.sql).await.expect("ids");
        ids.extend(rows);
    }
    ids
}

/// Every id of the chain `andina`, in every table.
async fn every_id(huella: &Huella) -> BTreeSet<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns c where table_schema = 'huella' and column_name = 'id' and data_type = 'uuid'
           and exists (select from information_schema.columns t where t.table_schema = 'huella' and t.table_name = c.table_name and t.column_name = 'tenant_id')
           and exists (select from information_schema.tables t where t.table_schema = 'huella' and t.table_name = c.table_name and t.table_type = 'BASE TABLE')",
    )
    .fetch_all(&huella.sql)
    .await
    .expect("the catalogue");
    let mut ids = BTreeSet::new();
    for table in tables {
        let query = format!("select id::text from {table} where tenant_id = (select id from tenants where clave = 'andina')");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&huella.sql).await.expect("ids");
        ids.extend(rows);
    }
    ids
}
