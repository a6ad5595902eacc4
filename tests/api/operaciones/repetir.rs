//! `Idempotency-Key`: what makes something takes one, and whoever sends the same again gets the same answer, once done.
use super::{
    Mundo,
    mundo::{Operacion, operations},
};
use crate::{
    alertas_medicas::RABIA,
    complementos::{claves, componente, esquema, pagos},
};
use huella_tests::{Cliente, Respuesta, andina, cliente::send, id};
use reqwest::{Method, header};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// What makes something and takes no key, and why.
const SIN_CLAVE: &[&str] = &[
    "POST /publico/{cadena}/confirmar", // one booking of a session; asked again, it shows the same
    "POST /publico/{cadena}/retener",   // a session keeps one hour and lets go the one before
];

/// Secrets that are shown once, so that no repetition has them.
const UNA_VEZ: &[&str] = &["clave", "client_secret", "ruta", "secreto"];

/// One request, and another one to the same address.
struct Pedido {
    quien: Cliente,
    path: String,
    tipo: &'static str,
    cuerpo: Vec<u8>,
    otro: Vec<u8>,
}

impl Pedido {
    fn json(quien: &Cliente, path: String, body: Option<Value>) -> Self {
        let cuerpo = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        // The same to whoever reads it, other bytes all the same.
        let otro = [cuerpo.as_slice(), b" "].concat();
        Self { quien: quien.clone(), path, tipo: "application/json", cuerpo, otro }
    }

    async fn send(&self, body: &[u8]) -> Respuesta {
        let request = self.quien.request(Method::POST, &self.path).header("Idempotency-Key", "una-vez");
        send(request.header(header::CONTENT_TYPE, self.tipo).body(body.to_vec())).await
    }
}

/// An owner with a pet that nothing else here knows.
struct Nuevos {
    tutor: String,
    mascota: String,
}

async fn nuevos(admin: &Cliente) -> Nuevos {
    let body = json!({ "tutor": { "nombres": "Iris", "apellidos": "Solar" }, "mascota": { "nombre": "Nube", "especie": "perro", "sexo": "hembra" } });
    let made = admin.post("/pacientes/registro?confirmar_duplicado=true", body).await.created();
    Nuevos { tutor: id(&made["tutor"]), mascota: id(&made["mascota"]) }
}

impl Mundo {
    /// An hour of a free Wednesday.
    fn cita(&self, hora: &str) -> Value {
        json!({ "sede_id": self.ids["sede"], "mascota_id": self.ids["mascota"], "servicio_id": self.ids["servicio"],
                "inicio": format!("2026-03-04T{hora}:00-05:00") })
    }

    async fn retenida(&self, admin: &Cliente, hora: &str) -> String {
        id(&admin.post("/citas/retener", self.cita(hora)).await.created())
    }

    /// Somebody who came without an appointment.
    async fn visita(&self, admin: &Cliente) -> String {
        let walk_in = json!({ "mascota_id": nuevos(admin).await.mascota, "servicio_id": self.ids["servicio"] });
        id(&admin.post(&format!("/sedes/{}/visitas", self.ids["sede"]), walk_in).await.created())
    }

    /// A request that an owner made alone and that waits for the sede.
    async fn solicitada(&self, admin: &Cliente, hora: &str) -> String {
        let hold = self.retenida(admin, hora).await;
        // The letter that says that it was approved carries the owner's link.
        let tenant: uuid::Uuid = self.huella.scalar(&format!("select tenant_id from citas where id = '{hold}'")).await;
        let keyring = self.huella.parts.app.keyring();
        let enlace = keyring.seal_for_tenant(kernel::ids::TenantId(tenant), "reserva", b"hv_x").expect("sealed");
        let row = format!(
            "insert into autoreservas (tenant_id, cita_id, sede_id, tutor_id, tutor_nuevo, correo_indice, red, condiciones_version, estado, resumen,
                                       enlace_sellado, creada_en)
             select tenant_id, id, sede_id, '{}', false, '', '', '1', 'pendiente', sha256(''), '{enlace}', creado_en from citas where id = '{hold}'",
            self.ids["tutor"]
        );
        self.huella.execute(&row).await;
        hold
    }

    /// An hour that is held for one who waits.
    async fn ofrecida(&self, admin: &Cliente, hora: &str) -> String {
        let (hold, espera) = (self.retenida(admin, hora).await, self.ids["espera"].clone());
        let rows = format!(
            "update esperas set estado = 'ofrecida' where id = '{espera}';
             insert into ofertas (tenant_id, id, espera_id, sede_id, cita_id, medico_id, inicio, fin, hasta, resumen, estado, creada_en)
             select tenant_id, gen_random_uuid(), '{espera}', sede_id, id, medico_id, inicio, fin, retenida_hasta, sha256(''), 'pendiente', creado_en
               from citas where id = '{hold}'"
        );
        self.huella.execute(&rows).await;
        espera
    }

    async fn importacion(&self, admin: &Cliente) -> String {
        let file = admin.request(Method::POST, "/importaciones?tipo=tutores&nombre=otros.csv").body("Nombres;Apellidos\nLuis;Soto\n");
        id(&send(file).await.created())
    }

    /// A patient of another sede, for somebody of Cusco who may not see it until it is opened.
    async fn ajeno(&self, admin: &Cliente) -> (Cliente, String) {
        let (cusco, pet) = (self.huella.como(andina::RECEPCION_CUSCO).await, nuevos(admin).await.mascota);
        admin.put("/ajustes/visibilidad", json!({ "visibilidad": "sede", "emergencia_horas": 12 })).await.ok();
        for _ in 0..100 {
            if cusco.get(&format!("/pacientes/{pet}")).await.status == 403 {
                return (cusco, pet);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the rule is not in force after five seconds");
    }

    /// Rows and their versions in every table: what was done twice, or changed, shows.
    async fn huellas(&self) -> BTreeSet<String> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select relname::text from pg_class where relnamespace = 'huella'::regnamespace and relkind in ('r', 'p') order by relname",
        )
        .fetch_all(&self.huella.sql)
        .await
        .expect("tables");
        let one = |table: &String| format!("select '{table}: ' || count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0) from {table}");
        let query = tables.iter().map(one).collect::<Vec<_>>().join(" union all ");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&self.huella.sql).await.expect("counts");
        rows.into_iter().collect()
    }

    /// A request to this operation that is done, and the state of things in which it is.
    async fn pedido(&mut self, admin: &Cliente, operation: &Operacion) -> Pedido {
        match operation.name().as_str() {
            "POST /importaciones" => {
                let path = "/importaciones?tipo=tutores&nombre=nuevos.csv".to_owned();
                let cuerpo = b"Nombres;Apellidos\nRosa;Nueva\n".to_vec();
                let otro = b"Nombres;Apellidos\nRosa;Otra\n".to_vec();
                return Pedido { quien: admin.clone(), path, tipo: "text/csv", cuerpo, otro };
            }
            "POST /complementos/versiones" => {
                let version = |version: &str| {
                    let mut manifest = pagos(version);
                    manifest["publisher"] = json!("andina-editor");
                    componente(manifest, Some(esquema()))
                };
                let (cuerpo, otro) = (version("1.0.1"), version("1.0.2"));
                return Pedido { quien: admin.clone(), path: operation.template.clone(), tipo: "application/wasm", cuerpo, otro };
            }
            "POST /pacientes/{id}/aperturas" => {
                let (cusco, pet) = self.ajeno(admin).await;
                let body = json!({ "sede_id": self.ids["otra_sede"], "motivo": "Llegó atropellada y sin su tutora" });
                return Pedido::json(&cusco, format!("/pacientes/{pet}/aperturas"), Some(body));
            }
            _ => {}
        }
        let (path, body) = self.en_su_estado(admin, operation).await;
        let path = path.unwrap_or_else(|| self.path(operation));
        let body = body.or_else(|| self.cuerpo(operation)).or_else(|| self.body(operation));
        Pedido::json(admin, path, body)
    }

    /// What has to be there first: the address of it, if it is not one of everybody's, and what is asked.
    async fn en_su_estado(&mut self, admin: &Cliente, operation: &Operacion) -> (Option<String>, Option<Value>) {
        let path = match operation.name().as_str() {
            "POST /autoreservas/{id}/aprobar" => format!("/autoreservas/{}/aprobar", self.solicitada(admin, "11:00").await),
            "POST /esperas/{id}/oferta/aceptar" => format!("/esperas/{}/oferta/aceptar", self.ofrecida(admin, "12:00").await),
            "POST /retenciones/{id}/confirmar" => format!("/retenciones/{}/confirmar", self.retenida(admin, "13:00").await),
            "POST /visitas/{id}/tomar" => format!("/visitas/{}/tomar", self.visita(admin).await),
            "POST /importaciones/{id}/ejecucion" => format!("/importaciones/{}/ejecucion", self.importacion(admin).await),
            "POST /pacientes/{id}/fallecimiento" => format!("/pacientes/{}/fallecimiento", nuevos(admin).await.mascota),
            "POST /pacientes/{id}/transferencia" => format!("/pacientes/{}/transferencia", nuevos(admin).await.mascota),
            "POST /pacientes/{id}/tutores" => format!("/pacientes/{}/tutores", nuevos(admin).await.mascota),
            "POST /tutores/{id}/anonimizacion" => format!("/tutores/{}/anonimizacion", nuevos(admin).await.tutor),
            "POST /tutores/{id}/fusiones" => {
                let (one, two) = (nuevos(admin).await.tutor, nuevos(admin).await.tutor);
                return (Some(format!("/tutores/{one}/fusiones")), Some(json!({ "con": two })));
            }
            "POST /pacientes/{id}/fusiones" => {
                let one = nuevos(admin).await;
                let two = json!({ "tutor_id": one.tutor, "mascota": { "nombre": "Nubita", "especie": "perro", "sexo": "hembra" } });
                let two = admin.post("/pacientes/registro?confirmar_duplicado=true", two).await.created();
                return (Some(format!("/pacientes/{}/fusiones", one.mascota)), Some(json!({ "con": two["mascota"]["id"] })));
            }
            "POST /esperas" => {
                let wish = json!({ "servicio_id": self.ids["servicio"], "sedes": [self.ids["sede"]], "desde": "2026-03-02", "hasta": "2026-03-31" });
                return (None, Some(json!({ "mascota_id": nuevos(admin).await.mascota, "preferencia": wish })));
            }
            "POST /sedes/{id}/visitas" => {
                return (None, Some(json!({ "mascota_id": nuevos(admin).await.mascota, "servicio_id": self.ids["servicio"] })));
            }
            "POST /sedes/{id}/sala/siguiente" => {
                self.visita(admin).await;
                return (None, None);
            }
            "POST /complementos/{id}/instalar" => {
                let version = admin.get(&format!("/complementos/versiones/{}", self.ids["version_complemento"])).await.ok();
                admin.delete("/complementos/pe.taller.pagos").await.expect(204);
                let body = json!({ "version": version["version"], "digest": version["digest"], "consiente": claves(&version["permisos"]) });
                return (None, Some(body));
            }
            "POST /exportaciones" => {
                self.huella.execute("update exportaciones set estado = 'vencida'").await;
                return (None, None);
            }
            "POST /webhooks/{id}/entregas/{entrega}/reenviar" => {
                self.huella.execute("delete from trabajos; update webhooks_entregas set estado = 'entregada'").await;
                return (None, None);
            }
            _ => return (None, None),
        };
        (Some(path), None)
    }

    /// Where a sample of the schema is refused.
    fn cuerpo(&self, operation: &Operacion) -> Option<Value> {
        let ids = &self.ids;
        Some(match operation.name().as_str() {
            "POST /alertas/ensayos" => json!({ "complemento": RABIA }),
            "POST /antigenos" => json!({ "clave": "nuevo", "nombre": "Nuevo", "origen": "Ficha técnica", "especies": ["perro"] }),
            "POST /citas/reservar" => self.cita("09:00"),
            "POST /citas/retener" => self.cita("10:00"),
            "POST /citas/series" => {
                let mut body = self.cita("14:00");
                let more =
                    json!({ "medico_id": ids["medico"], "cada": 1, "unidad": "semanas", "veces": 2, "si_hay_conflicto": "rechazar" });
                body.as_object_mut()?.extend(more.as_object()?.clone());
                body
            }
            "POST /claves-api" => json!({ "nombre": "Otra", "permisos": ["cita.ver"], "expira_en": "2026-12-31T00:00:00Z" }),
            "POST /incidentes-datos" => {
                json!({ "tipo": "perdida", "detectado_en": "2026-03-02T12:00:00Z", "descripcion": "Se perdió una portátil", "datos": [] })
            }
            "POST /pacientes/registro" => {
                json!({ "tutor_id": ids["tutor"], "mascota": { "nombre": "Roca", "especie": "perro", "sexo": "macho" } })
            }
            "POST /pacientes/{id}/desparasitaciones" => json!({ "producto": "Drontal", "alcance": "interna", "activos": ["Praziquantel"] }),
            "POST /pacientes/{id}/identificadores" => json!({ "tipo": "placa", "valor": "A77" }),
            "POST /pacientes/{id}/pesos" => json!({ "kg": 4.2 }),
            "POST /pacientes/{id}/transferencia" => json!({ "tutor_id": ids["tutor"] }),
            "POST /pacientes/{id}/tutores" => json!({ "tutor_id": ids["tutor"], "relacion": "copropietario" }),
            "POST /pacientes/{id}/vacunaciones" => json!({ "vacuna_id": ids["vacuna"], "lote": "A-77", "medico_id": ids["medico"] }),
            "POST /sedes/{id}/sala/siguiente" | "POST /visitas/{id}/tomar" => {
                json!({ "medico_id": ids["medico"], "sobrecupo": true, "sobrecupo_motivo": "Está aquí" })
            }
            "POST /sedes/{id}/turnos-asignados" => {
                json!({ "turno_id": ids["turno"], "medico_id": ids["medico"], "desde": "2026-04-20", "hasta": "2026-04-26" })
            }
            "POST /solicitudes-datos" => {
                let pedido = json!({ "nombre": "Rosa", "detalle": "Mis datos" });
                json!({ "derecho": "acceso", "canal": "correo", "tutor_id": ids["tutor"], "identidad": "documento", "pedido": pedido })
            }
            "POST /usuarios" => {
                let asignaciones = json!([{ "rol_id": ids["rol"], "sede_id": ids["sede"] }]);
                json!({ "nombres": "Nueva", "apellidos": "Persona", "correo": "nueva@andina.example.pe", "asignaciones": asignaciones })
            }
            "POST /usuarios/{id}/asignaciones" => json!({ "rol_id": ids["rol"], "sede_id": ids["sede"] }),
            "POST /vacunas" => {
                json!({ "clave": "nueva", "nombre": "Nueva", "origen": "Ficha técnica", "antigenos": ["rabia"], "especies": ["perro"] })
            }
            _ => return None,
        })
    }
}

/// What of the first answer a repetition has to show again.
fn repeatable(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|name, value| !(UNA_VEZ.contains(&name.as_str()) && value.is_string()));
    }
    body
}

/// Sends it, sends it again, and sends something else with its key; says what is wrong.
async fn twice(mundo: &Mundo, pedido: &Pedido) -> Result<(), String> {
    let first = pedido.send(&pedido.cuerpo).await;
    if !first.status.is_success() {
        return Err(format!("was not done: {} {}", first.status, first.body));
    }
    let done = mundo.huellas().await;
    let again = pedido.send(&pedido.cuerpo).await;
    if again.headers.get("idempotency-replayed").is_none_or(|value| value != "true") {
        return Err(format!("was not answered as before: {} {}", again.status, again.body));
    }
    if (again.status, again.etag(), repeatable(&again.body)) != (first.status, first.etag(), repeatable(&first.body)) {
        return Err(format!("{} {} and then {} {}", first.status, first.body, again.status, again.body));
    }
    let other = pedido.send(&pedido.otro).await;
    if (other.status.as_u16(), other.body["type"].as_str()) != (422, Some("/problemas/clave-reutilizada")) {
        return Err(format!("takes the key for something else: {} {}", other.status, other.body));
    }
    let after = mundo.huellas().await;
    if after != done {
        return Err(format!("did something more: {:?}", after.difference(&done).collect::<Vec<_>>()));
    }
    Ok(())
}

#[tokio::test]
async fn every_operation_that_takes_a_key_does_what_was_asked_once() {
    let mut mundo = Mundo::start().await;
    let admin = mundo.huella.como(andina::ADMIN).await;
    let all: Vec<Operacion> = operations(&mundo.document).into_iter().filter(|operation| operation.once).collect();
    assert!(all.len() > 55, "{}", all.len());
    let mut wrong = Vec::new();
    for operation in &all {
        let pedido = mundo.pedido(&admin, operation).await;
        if let Err(fault) = twice(&mundo, &pedido).await {
            wrong.push(format!("{}: {fault}", operation.name()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_makes_something_takes_a_key() {
    let document = huella_tests::Huella::start().await.nadie().get("/openapi.json").await.ok();
    let mut without = BTreeSet::new();
    for operation in operations(&document) {
        let answers = &document["paths"][operation.address()][operation.method.as_str().to_lowercase()]["responses"];
        // At once, or later: what is accepted is shown as it stands.
        let makes = answers.get("201").is_some() || answers["202"].get("content").is_some() && operation.permiso.is_some();
        assert!(!operation.once || makes && operation.method == Method::POST, "{} takes a key and makes nothing", operation.name());
        if operation.method == Method::POST && makes && !operation.once {
            without.insert(operation.name());
        }
    }
    assert_eq!(without, SIN_CLAVE.iter().map(|name| (*name).to_owned()).collect());
}
