//! Operations as the published document tells them, and a chain with one of everything to call them on.
use super::{casos::CASOS, clave};
use crate::{
    alertas_medicas,
    complementos::{Guion, claves, componente, esquema, pagos},
};
use huella_tests::{
    Cliente, Huella, Modo, andina,
    cliente::{Respuesta, send},
    id,
};
use reqwest::{Method, header};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};

pub struct Operacion {
    pub method: Method,
    /// Below `/api/v1`, or with `//` outside of it.
    pub template: String,
    pub permiso: Option<String>,
    /// Declares `Idempotency-Key`.
    pub once: bool,
    /// Whether it answers with a list.
    pub lista: bool,
    body: Option<Value>,
    query: Vec<(String, Value)>,
    parameters: Vec<Value>,
}

impl Operacion {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
    /// In the document.
    pub fn address(&self) -> String {
        self.template
            .strip_prefix('/')
            .filter(|outside| outside.starts_with('/'))
            .map_or_else(|| format!("/api/v1{}", self.template), str::to_owned)
    }
    pub fn has_parts(&self) -> bool {
        self.template.contains('{')
    }
    /// Of its JSON body.
    pub fn schema(&self) -> Option<&Value> {
        self.body.as_ref()
    }
    /// Of path, query and headers, those of all operations looked up.
    pub fn parameters<'a>(&'a self, document: &'a Value) -> Vec<&'a Value> {
        let whole = |parameter: &'a Value| match parameter["$ref"].as_str() {
            Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("a known parameter"),
            None => parameter,
        };
        self.parameters.iter().map(whole).collect()
    }
}

pub fn operations(document: &Value) -> Vec<Operacion> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            if !operation.is_object() || ["PARAMETERS", "SUMMARY", "DESCRIPTION", "SERVERS"].contains(&method.as_str()) {
                continue;
            }
            let template = path.strip_prefix("/api/v1").map_or_else(|| format!("/{path}"), str::to_owned);
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
            let required = parameters.iter().filter(|p| p["in"] == "query" && p["required"] == true);
            let key = |p: &Value| p["$ref"] == "#/components/parameters/Idempotency-Key" || p["name"] == "Idempotency-Key";
            all.push(Operacion {
                method,
                template,
                permiso: operation["x-permiso"].as_str().map(str::to_owned),
                once: parameters.iter().any(key),
                lista: operation["x-lista"].is_string(),
                body: (!schema.is_null()).then(|| schema.clone()),
                query: required.map(|p| (p["name"].as_str().unwrap_or_default().to_owned(), p["schema"].clone())).collect(),
                parameters: operation["parameters"].as_array().cloned().unwrap_or_default(),
            });
        }
    }
    all
}

/// Ids of the chain `andina`, by what they name.
pub struct Mundo {
    pub huella: Huella,
    pub document: Value,
    pub ids: BTreeMap<&'static str, String>,
}

impl Mundo {
    pub async fn start() -> Self {
        let motores = Some(complementos::Motores(Arc::new(Guion::default())));
        let reglas = Some(alertas_medicas::Guion::con_rabia().de());
        let huella = Huella::start_with(Modo { motores, reglas, ..Modo::default() }).await;
        let document = huella.nadie().get("/openapi.json").await.ok();
        let ids = fill(&huella).await;
        Self { huella, document, ids }
    }

    pub fn path(&self, operation: &Operacion) -> String {
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
    pub fn body(&self, operation: &Operacion) -> Option<Value> {
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

    pub async fn call(&self, who: &Cliente, operation: &Operacion) -> Respuesta {
        let request = who.request(operation.method.clone(), &self.path(operation)).header(header::IF_MATCH, "*");
        if operation.name() == "PUT /pacientes/{id}/foto" {
            return send(request.header(header::CONTENT_TYPE, "image/png").body(PNG)).await;
        }
        if operation.name() == "POST /importaciones" {
            return send(request.body("Nombres;Apellidos\nRosa;Tutora\n")).await;
        }
        match self.body(operation) {
            Some(body) => send(request.json(&body)).await,
            None => send(request).await,
        }
    }
}

/// The smallest picture there is.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f,
    0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0,
    b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// Where the rules between fields ask for more than the schema says.
fn overrides(operation: &str, ids: &BTreeMap<&'static str, String>) -> Vec<(&'static str, Value)> {
    match operation {
        "POST /feriados" => vec![("ambito", json!("23"))],
        "POST /calendarios" => vec![("sede_id", json!(ids["sede"]))],
        "POST /pacientes/registro" => vec![("tutor_id", json!(ids["tutor"])), ("tutor", Value::Null)],
        "POST /pacientes/{id}/fallecimiento" => vec![("fecha", json!("2026-03-02"))],
        "POST /sedes/{id}/bloqueos" => vec![("desde", json!("2026-03-22T10:00:00Z")), ("hasta", json!("2026-03-22T11:00:00Z"))],
        "POST /sedes/{id}/turnos" | "PUT /turnos/{id}" => vec![("tramos", json!([{ "dia": 2, "desde": "08:00", "hasta": "14:00" }]))],
        "POST /sedes/{id}/excepciones" => vec![("abierto", json!(false))],
        "PUT /sedes/{id}" | "POST /sedes" => vec![("codigo", json!("NUEVA"))],
        "PUT /servicios/{id}" | "POST /servicios" => vec![("codigo", json!("NUEVO"))],
        "PUT /tutores/{id}" | "POST /tutores" => vec![("apellidos", json!("De prueba"))],
        "PUT /webhooks/{id}" | "POST /webhooks" => vec![("eventos", json!(["cita.reservada"]))],
        "PUT /importaciones/{id}" => vec![("mapeo", json!({ "columnas": { "nombres": "Nombres" } }))],
        "POST /solicitudes-datos" => vec![("tutor_id", json!(ids["tutor"]))],
        "POST /complementos/{id}/instalar" | "POST /complementos/{id}/actualizar" => vec![("digest", json!(ids["version_complemento"]))],
        "POST /complementos/editores/{clave}/claves" => vec![("clave", json!(format!("{}=", "A".repeat(43))))],
        "POST /complementos/editores" => vec![("clave", json!("nuevo"))],
        "PUT /citas/{id}/estado" => vec![("estado", json!("confirmada"))],
        _ => Vec::new(),
    }
}

/// A plugin of the chain's own: it is a sandbox and the platform's for this, so that nothing is refused for being neither.
async fn complemento(huella: &Huella, admin: &Cliente, ids: &mut BTreeMap<&'static str, String>) {
    huella.execute("update tenants set plataforma = true, sandbox = true where clave = 'andina'").await;
    let editor = json!({ "clave": "andina-editor", "nombre": "Andina", "contacto": "editor@andina.example.pe" });
    admin.post("/complementos/editores", editor).await.created();
    let key = json!({ "clave": format!("B{}=", "A".repeat(42)) });
    let editor = admin.post("/complementos/editores/andina-editor/claves", key).await.created();
    ids.insert("clave_editor", id(&editor["claves"][0]));
    let mut manifest = pagos("1.0.0");
    manifest["publisher"] = json!("andina-editor");
    let upload = admin.request(Method::POST, "/complementos/versiones").header(header::CONTENT_TYPE, "application/wasm");
    let uploaded = send(upload.body(componente(manifest, Some(esquema())))).await.expect(202);
    huella.execute("update complementos_versiones set estado = 'en_revision'; delete from trabajos where tipo = 'version.examinar'").await;
    let digest = uploaded["digest"].as_str().expect("a digest").to_owned();
    let install = json!({ "version": "1.0.0", "digest": digest, "consiente": claves(&uploaded["permisos"]) });
    admin.post("/complementos/pe.taller.pagos/instalar", install).await.created();
    let run = format!(
        "insert into complementos_corridas (tenant_id, id, complemento, version, digest, mundo, operacion, intento, sandbox, inicio, resultado, documento)
         select id, gen_random_uuid(), 'pe.taller.pagos', '1.0.0', '{digest}', 'payment', 'create', 1, true, now(), 'trap', '{{}}' from tenants where clave = 'andina'"
    );
    huella.execute(&run).await;
    ids.insert("corrida", huella.scalar("select id::text from complementos_corridas").await);
    ids.insert("version_complemento", digest);
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
        ("vacuna", of("vacunas", "clave", "quintuple").await),
    ]);
    let raza = format!("select id::text from razas where especie_id = '{}' limit 1", ids["especie"]);
    ids.insert("raza", huella.scalar(&raza).await);
    let new = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let registered = admin.post("/pacientes/registro", new.clone()).await.created();
    ids.insert("mascota", id(&registered["mascota"]));
    ids.insert("tutor", id(&registered["tutor"]));
    let (pet, ill) = (format!("/pacientes/{}", ids["mascota"]), json!({ "nombre": "Otitis" }));
    ids.insert("hecho_clinico", id(&admin.post(&format!("{pet}/problemas"), ill).await.created()));
    ids.insert("peso", id(&admin.post(&format!("{pet}/pesos"), json!({ "kg": 4 })).await.created()));
    ids.insert("vinculo", huella.scalar(&format!("select id::text from tutores_mascotas where mascota_id = '{}'", ids["mascota"])).await);
    let (twin, owner) = (admin.post("/pacientes/registro?confirmar_duplicado=true", new.clone()).await.created(), ids["tutor"].clone());
    let merge = json!({ "con": twin["tutor"]["id"] });
    ids.insert("fusion", id(&admin.post(&format!("/tutores/{owner}/fusiones"), merge).await.created()));
    let walk_in = json!({ "mascota_id": twin["mascota"]["id"], "servicio_id": ids["servicio"] });
    ids.insert("visita", id(&admin.post(&format!("/sedes/{sede}/visitas"), walk_in).await.created()));
    let cita =
        json!({ "sede_id": sede, "mascota_id": ids["mascota"], "servicio_id": ids["servicio"], "inicio": "2026-03-02T11:00:00-05:00" });
    ids.insert("cita", id(&admin.post("/citas/reservar", cita).await.created()));
    ids.insert("calendario", id(&admin.post("/calendarios", json!({ "sede_id": sede })).await.created()));
    let hold =
        json!({ "sede_id": sede, "mascota_id": ids["mascota"], "servicio_id": ids["servicio"], "inicio": "2026-03-02T17:00:00-05:00" });
    ids.insert("retencion", id(&admin.post("/citas/retener", hold).await.created()));
    let wait = json!({ "mascota_id": ids["mascota"], "preferencia": { "servicio_id": ids["servicio"], "sedes": [sede], "desde": "2026-03-02", "hasta": "2026-03-31" } });
    ids.insert("espera", id(&admin.post("/esperas", wait).await.created()));
    ids.insert("otra_sede", of("sedes", "codigo", "CUS").await);
    let closed = json!({ "fecha": "2026-03-20", "abierto": false, "motivo": "Fumigación" });
    ids.insert("excepcion", id(&admin.post(&format!("/sedes/{sede}/excepciones"), closed).await.created()));
    let holiday = json!({ "fecha": "2026-08-15", "ambito": "04", "nombre": "Aniversario de Arequipa", "fuente": "Ordenanza regional" });
    ids.insert("feriado", id(&admin.post("/feriados", holiday).await.created()));
    let block = json!({ "desde": "2026-03-21T10:00:00-05:00", "hasta": "2026-03-21T12:00:00-05:00", "motivo": "Reunión" });
    ids.insert("bloqueo", id(&admin.post(&format!("/sedes/{sede}/bloqueos"), block).await.created()));
    let shift = json!({ "nombre": "Mañana", "tramos": [{ "dia": 1, "desde": "08:00", "hasta": "14:00" }] });
    ids.insert("turno", id(&admin.post(&format!("/sedes/{sede}/turnos"), shift).await.created()));
    let works = json!({ "turno_id": ids["turno"], "medico_id": ids["medico"], "desde": "2026-04-06", "hasta": "2026-04-12" });
    ids.insert("turno_asignado", id(&admin.post(&format!("/sedes/{sede}/turnos-asignados"), works).await.created()));
    let rol = json!({ "clave": "practicante", "nombre": "Practicante", "permisos": ["cita.ver"] });
    ids.insert("rol", id(&admin.post("/roles", rol).await.created()));
    ids.insert("asignacion", huella.scalar(&format!("select id::text from asignaciones where usuario_id = '{}'", ids["usuario"])).await);
    let opened = format!(
        "insert into aperturas (tenant_id, id, mascota_id, usuario_id, sede_id, motivo, abierta_en, vence_en)
         select tenant_id, gen_random_uuid(), '{}', '{}', '{sede}', 'Llegó atropellada', now(), now() from mascotas where id = '{}'",
        ids["mascota"], ids["usuario"], ids["mascota"]
    );
    huella.execute(&opened).await;
    let pedido = json!({ "nombre": "Rosa", "detalle": "Mis datos" });
    let asked = json!({ "derecho": "acceso", "canal": "correo", "tutor_id": ids["tutor"], "identidad": "documento", "pedido": pedido });
    ids.insert("solicitud", id(&admin.post("/solicitudes-datos", asked).await.created()));
    let lost = json!({ "tipo": "perdida", "detectado_en": "2026-03-02T12:00:00Z", "descripcion": "Se perdió una portátil", "datos": [] });
    ids.insert("incidente", id(&admin.post("/incidentes-datos", lost).await.created()));
    let form = [
        ("tipo", "queja"),
        ("nombre", "Rosa"),
        ("documento_tipo", "dni"),
        ("documento", "40302010"),
        ("domicilio", "Jr. Dos 2"),
        ("bien", "servicio"),
        ("bien_descripcion", "Consulta"),
        ("detalle", "Esperé"),
        ("pedido", "Disculpas"),
    ];
    send(huella.nadie().request(Method::POST, "//libro-de-reclamaciones/andina/andina-lima").form(&form)).await;
    ids.insert("reclamo", huella.scalar("select id::text from reclamos").await);
    ids.insert("apertura", huella.scalar("select id::text from aperturas").await);
    ids.insert("sede", sede);
    let key = clave(&admin, &["cita.ver"]).await;
    ids.insert("clave_api", id(&key));
    let _ = huella.como(andina::RECEPCION_LIMA).await;
    huella
        .execute(
            "insert into trabajos (tenant_id, id, tipo, cuerpo, estado, proximo_en, creado_en, muerto_en)
             select id, gen_random_uuid(), 'evento', '{}', 'muerto', now(), now(), now() from tenants where clave = 'andina'",
        )
        .await;
    ids.insert("trabajo", huella.scalar("select id::text from trabajos where estado = 'muerto'").await);
    huella
        .execute(&format!(
            "insert into citas_solicitudes (tenant_id, id, cita_id, sede_id, tutor_id, creada_en)
             select tenant_id, gen_random_uuid(), id, sede_id, '{owner}', now() from citas where id = '{}'",
            ids["cita"]
        ))
        .await;
    ids.insert("solicitud_cita", huella.scalar("select id::text from citas_solicitudes").await);
    huella
        .execute(&format!(
            "insert into mensajes (tenant_id, id, tipo, clave, sede_id, estado, creado_en, ultimo_en)
             select tenant_id, gen_random_uuid(), 'cita_reservada', id::text, sede_id, 'enviado', now(), now() from citas where id = '{0}';
             insert into mensajes_respuestas (tenant_id, id, huella, complemento, tutor_id, hecho, en, recibida_en)
             select tenant_id, gen_random_uuid(), substring(sha256('') for 16), 'pe.huella.sms', '{owner}', 'por_leer', now(), now() from citas where id = '{0}'",
            ids["cita"]
        ))
        .await;
    ids.insert("mensaje", huella.scalar("select id::text from mensajes").await);
    ids.insert("respuesta_mensaje", huella.scalar("select id::text from mensajes_respuestas").await);
    let file = admin.request(Method::POST, "/importaciones?tipo=tutores&nombre=clientes.csv").body("Nombres;Apellidos\nLuis;Soto\n");
    ids.insert("importacion", id(&send(file).await.created()));
    huella
        .execute(&format!(
            "insert into alertas_medicas (tenant_id, id, mascota_id, complemento, version, digest, revision, regla, clave, gravedad, titulo, detalle,
                                          evidencia, hechos, sugiere_bloquear, desde, cambiada_en)
             select tenant_id, gen_random_uuid(), id, 'pe.prueba', '1', 'x', 1, 'r', 'r', 'info', 'Toca', '', '[]', '[]', false, now(), now()
               from mascotas where id = '{pet}';
             insert into alertas_ensayos (tenant_id, id, pedido, estado, hoy, creado_en, creado_por)
             select tenant_id, gen_random_uuid(), '{{\"nuevo\": {{\"complemento\": \"x\"}}, \"hoy\": \"2026-03-02\", \"dias\": []}}', 'terminado',
                    '2026-03-02', now(), '{who}' from mascotas where id = '{pet}'",
            pet = ids["mascota"],
            who = ids["usuario"]
        ))
        .await;
    ids.insert("alerta", huella.scalar("select id::text from alertas_medicas").await);
    ids.insert("ensayo", huella.scalar("select id::text from alertas_ensayos").await);
    ids.insert("exportacion", id(&admin.post("/exportaciones", json!({})).await.expect(202)));
    let webhook = json!({ "nombre": "Contabilidad", "url": "https://ejemplo.pe/huella", "eventos": ["cita.reservada"] });
    let webhook = id(&admin.post("/webhooks", webhook).await.created());
    ids.insert("entrega", id(&admin.post(&format!("/webhooks/{webhook}/prueba"), json!({})).await.expect(202)));
    ids.insert("webhook", webhook);
    complemento(huella, &admin, &mut ids).await;
    ids.insert("sesion", huella.scalar(&format!("select id::text from sesiones where usuario_id = '{}' limit 1", ids["usuario"])).await);
    ids
}
