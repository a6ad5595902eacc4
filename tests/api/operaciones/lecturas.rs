//! Who read whom: an operation that shows somebody's records, or a pet's, leaves a line that says who, what kind and which;
//! one that leaves none shows nobody.
use super::{
    Mundo,
    mundo::{Operacion, PNG, operations},
};
use huella_tests::{Cliente, Huella, andina, cliente::send, id};
use kernel::{Actor, audit::Reader, ids::TenantId};
use reqwest::{Method, header};
use serde_json::json;
use server::trabajos;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What each operation notes: kind of record, and which (a name in [`Mundo::ids`]; empty: some).
const LECTURAS: &[(&str, &[(&str, &str)])] = &[
    ("/accesos", &[("acceso", "")]),
    ("/alertas", &[("mascota", "mascota")]),
    ("/alertas/ensayos/{id}/cambios", &[("mascota", "mascota")]),
    ("/aperturas", &[("mascota", "mascota")]),
    ("/aperturas/{id}", &[("mascota", "mascota")]),
    ("/auditoria", &[("auditoria", "")]),
    ("/auditoria/{entidad}/{id}", &[("auditoria", "")]),
    ("/autoreservas", &[("tutor", "tutor")]),
    ("/bloqueos/{id}", &[("cita", "cita")]),
    ("/buscar", &[("mascota", "mascota"), ("tutor", "tutor")]),
    ("/citas", &[("cita", "cita")]),
    ("/citas/solicitudes", &[("cita", "cita")]),
    ("/citas/{id}", &[("cita", "cita")]),
    ("/complementos/corridas/{id}", &[("corrida_complemento", "corrida")]),
    ("/complementos/corridas/{id}/repeticion", &[("corrida_complemento", "corrida")]),
    ("/esperas", &[("mascota", "mascota")]),
    ("/esperas/{id}", &[("mascota", "mascota")]),
    ("/fusiones/{id}", &[("tutor", "tutor")]),
    ("/hechos-clinicos/{id}", &[("mascota", "mascota")]),
    ("/mensajes", &[("tutor", "tutor")]),
    ("/mensajes/respuestas", &[("tutor", "tutor")]),
    ("/pacientes", &[("mascota", "mascota"), ("tutor", "tutor")]),
    ("/pacientes/{id}", &[("mascota", "mascota"), ("tutor", "tutor")]),
    ("/pacientes/{id}/alertas", &[("mascota", "mascota")]),
    ("/pacientes/{id}/fallecimiento", &[("mascota", "fallecida")]),
    ("/pacientes/{id}/foto", &[("mascota", "mascota")]),
    ("/pacientes/{id}/fusion", &[("mascota", "mascota")]),
    ("/pacientes/{id}/hechos", &[("mascota", "mascota")]),
    ("/pacientes/{id}/historial", &[("cita", "cita"), ("mascota", "mascota"), ("tutor", "tutor")]),
    ("/pacientes/{id}/pesos", &[("mascota", "mascota")]),
    ("/pacientes/{id}/pesos/curva", &[("mascota", "mascota")]),
    ("/pacientes/{id}/tutores", &[("tutor", "tutor")]),
    ("/reclamos", &[("reclamo", "reclamo")]),
    ("/reclamos/{id}", &[("reclamo", "reclamo")]),
    ("/reclamos/{id}/hoja", &[("reclamo", "reclamo")]),
    ("/recordatorios/previstos", &[("tutor", "tutor")]),
    ("/retenciones", &[("cita", "retencion")]),
    ("/retenciones/{id}", &[("cita", "retencion")]),
    ("/sedes/{id}/hoy", &[("mascota", "")]),
    ("/sedes/{id}/sala", &[("mascota", "")]),
    ("/solicitudes-datos", &[("solicitud_datos", "solicitud")]),
    ("/solicitudes-datos/{id}", &[("solicitud_datos", "solicitud")]),
    ("/solicitudes-datos/{id}/expediente", &[("solicitud_datos", "solicitud")]),
    ("/tutores", &[("tutor", "tutor")]),
    ("/tutores/{id}", &[("tutor", "tutor")]),
    ("/tutores/{id}/canales", &[("tutor", "tutor")]),
    ("/tutores/{id}/consentimientos", &[("tutor", "tutor")]),
    ("/tutores/{id}/expediente", &[("mascota", "mascota"), ("tutor", "tutor")]),
    ("/tutores/{id}/faltas", &[("tutor", "tutor")]),
    ("/tutores/{id}/fusion", &[("tutor", "tutor")]),
    ("/tutores/{id}/mascotas", &[("mascota", "mascota"), ("tutor", "tutor")]),
    ("/usuarios", &[("usuario", "usuario")]),
    ("/usuarios/{id}", &[("usuario", "usuario")]),
    ("/usuarios/{id}/asignaciones", &[("usuario", "usuario")]),
    ("/usuarios/{id}/sesiones", &[("sesion", "sesion")]),
    ("/visitas/{id}", &[("mascota", "")]),
];

/// What is asked where a sample of the schema would find nobody.
const PREGUNTAS: &[(&str, &str)] = &[
    ("/auditoria/{entidad}/{id}", "/auditoria/tutor/{tutor}"),
    ("/buscar", "/buscar?q=Luna"),
    ("/citas", "/citas?sede_id={sede}&fecha=2026-03-02"),
    ("/pacientes", "/pacientes?buscar=Luna"),
    ("/pacientes/{id}/fallecimiento", "/pacientes/{fallecida}/fallecimiento"),
    ("/pacientes/{id}/fusion", "/pacientes/{mascota}/fusion?con={otra_mascota}"),
    ("/tutores/{id}/fusion", "/tutores/{tutor}/fusion?con={otro_tutor}"),
];

/// What shows ids of records and is noted in no line of its own, and why.
const SIN_LINEA: &[&str] = &[];

impl Mundo {
    /// What only few chains have: a photo, a death, a file that was handed over, a request of an owner, an appointment in the way.
    async fn con_todo_por_leer(mut self, admin: &Cliente) -> Self {
        let pet = self.ids["mascota"].clone();
        let photo = admin.request(Method::PUT, &format!("/pacientes/{pet}/foto")).header(header::IF_MATCH, "*");
        send(photo.header(header::CONTENT_TYPE, "image/png").body(PNG)).await.ok();
        let other = json!({ "tutor": { "nombres": "Iris", "apellidos": "Solar" }, "mascota": { "nombre": "Nube", "especie": "perro", "sexo": "hembra" } });
        let other = admin.post("/pacientes/registro", other).await.created();
        self.ids.insert("otra_mascota", id(&other["mascota"]));
        self.ids.insert("otro_tutor", id(&other["tutor"]));
        let dead = json!({ "tutor_id": other["tutor"]["id"], "mascota": { "nombre": "Sol", "especie": "gato", "sexo": "macho" } });
        let dead = id(&admin.post("/pacientes/registro", dead).await.created()["mascota"]);
        admin.post(&format!("/pacientes/{dead}/fallecimiento"), json!({ "fecha": "2026-03-02", "causa": "Vejez" })).await.created();
        self.ids.insert("fallecida", dead);
        let answer = json!({ "resultado": "atendida", "respuesta": "Se entregó en mano" });
        admin.put(&format!("/solicitudes-datos/{}/respuesta", self.ids["solicitud"]), answer).await.ok();
        let block =
            json!({ "desde": "2026-03-02T11:00:00-05:00", "hasta": "2026-03-02T12:00:00-05:00", "motivo": "Reunión", "confirmar": true });
        let block = admin.post(&format!("/sedes/{}/bloqueos", self.ids["sede"]), block).await.created();
        self.ids.insert("bloqueo", id(&block));
        let rows = format!(
            "insert into autoreservas (tenant_id, cita_id, sede_id, tutor_id, tutor_nuevo, correo_indice, red, condiciones_version, estado, resumen,
                                       enlace_sellado, creada_en)
             select tenant_id, id, sede_id, '{tutor}', false, '', '', '1', 'pendiente', sha256(''), '', creado_en from citas where id = '{hold}';
             insert into alertas_ensayos_cambios (tenant_id, ensayo_id, mascota_id, clave, cambio, regla, despues)
             select tenant_id, id, '{pet}', 'r', 'nueva', 'r', '{{\"titulo\": \"Toca\", \"gravedad\": \"info\", \"detalle\": \"\"}}' from alertas_ensayos;
             update alertas_medicas set vence = '2026-03-12';
             update mensajes set tutor_id = '{tutor}'",
            tutor = self.ids["tutor"],
            hold = self.ids["retencion"],
        );
        self.huella.execute(&rows).await;
        self
    }

    fn pregunta(&self, operation: &Operacion) -> String {
        match PREGUNTAS.iter().find(|(template, _)| *template == operation.template) {
            Some((_, asked)) => self.ids.iter().fold((*asked).to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id)),
            None => self.path(operation),
        }
    }

    /// The lines of reads that were not there before, of this person.
    async fn leido(&self, who: Uuid, seen: &mut BTreeSet<Uuid>) -> Vec<(String, Vec<Uuid>)> {
        trabajos::flush_reads(&self.huella.parts.system()).await.expect("written");
        let lines = "select id, entidad, ids from auditoria where accion = 'leer' and actor_tipo = 'usuario' and actor_id = $1 and ip = '127.0.0.1'";
        let lines: Vec<(Uuid, String, Vec<Uuid>)> = sqlx::query_as(lines).bind(who).fetch_all(&self.huella.sql).await.expect("the audit");
        lines.into_iter().filter(|(line, ..)| seen.insert(*line)).map(|(_, entidad, ids)| (entidad, ids)).collect()
    }

    /// What an answer must not show without a line.
    fn personal(&self) -> Vec<String> {
        let ids = ["tutor", "mascota", "cita", "retencion"].iter().map(|what| self.ids[what].clone());
        ids.chain(["Tutora".to_owned()]).collect()
    }
}

/// What is wrong with the lines that an operation left.
fn fault(mundo: &Mundo, expected: &[(&str, &str)], lines: &[(String, Vec<Uuid>)]) -> Option<String> {
    let mut kinds: Vec<&str> = lines.iter().map(|(entidad, _)| entidad.as_str()).collect();
    kinds.sort_unstable();
    let promised: Vec<&str> = expected.iter().map(|(entidad, _)| *entidad).collect();
    if kinds != promised {
        return Some(format!("noted {kinds:?} instead of {promised:?}"));
    }
    let named = |(entidad, what): &(&str, &str)| {
        lines.iter().any(|(kind, ids)| {
            kind == entidad && if what.is_empty() { !ids.is_empty() } else { ids.iter().any(|id| id.to_string() == mundo.ids[what]) }
        })
    };
    expected.iter().find(|one| !named(one)).map(|one| format!("{one:?} is not in {lines:?}"))
}

#[tokio::test]
async fn every_operation_that_shows_somebody_says_who_looked() {
    let mundo = Mundo::start().await;
    let admin = mundo.huella.como(andina::ADMIN).await;
    let mundo = mundo.con_todo_por_leer(&admin).await;
    let who: Uuid = mundo.huella.scalar("select id from usuarios where nombres = 'Ana' and apellidos = 'Quispe Mamani'").await;
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    mundo.leido(who, &mut seen).await;
    let all: Vec<Operacion> = operations(&mundo.document)
        .into_iter()
        .filter(|operation| operation.method == Method::GET && operation.permiso.is_some())
        .collect();
    let templates: BTreeSet<&str> = all.iter().map(|operation| operation.template.as_str()).collect();
    let gone: Vec<&str> = LECTURAS.iter().map(|(template, _)| *template).filter(|template| !templates.contains(template)).collect();
    assert!(gone.is_empty(), "no such operations: {gone:?}");
    for operation in &all {
        let answer = send(admin.request(Method::GET, &mundo.pregunta(operation))).await;
        let lines = mundo.leido(who, &mut seen).await;
        if let Some((_, expected)) = LECTURAS.iter().find(|(template, _)| *template == operation.template) {
            if !answer.status.is_success() {
                wrong.push(format!("{}: {} {}", operation.name(), answer.status, answer.body));
            } else if let Some(fault) = fault(&mundo, expected, &lines) {
                wrong.push(format!("{}: {fault}", operation.name()));
            }
            continue;
        }
        let text = String::from_utf8_lossy(&answer.bytes);
        if !lines.is_empty() {
            wrong.push(format!("{} is not in LECTURAS and noted {lines:?}", operation.name()));
        }
        let shown: Vec<String> = mundo.personal().into_iter().filter(|value| text.contains(value.as_str())).collect();
        if !shown.is_empty() && !SIN_LINEA.contains(&operation.template.as_str()) {
            wrong.push(format!("{} shows {shown:?} and nothing is noted", operation.name()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn who_read_whom_is_written_in_batches() {
    let huella = Huella::start().await;
    let system = huella.parts.system();
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let pet = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let pet = recepcion.post("/pacientes/registro", pet).await.created();
    trabajos::flush_reads(&system).await.expect("written");
    // Who finds nobody read nobody; who looks three times in a second read once.
    assert_eq!(recepcion.get("/pacientes?buscar=Nadie").await.ok()["items"], json!([]));
    assert_eq!(trabajos::flush_reads(&system).await.expect("written"), 0);
    for _ in 0..3 {
        recepcion.get(&format!("/pacientes/{}", id(&pet["mascota"]))).await.ok();
    }
    let lines = "select count(*) from auditoria where accion = 'leer'";
    let before: i64 = huella.scalar(lines).await;
    assert_eq!(trabajos::flush_reads(&system).await.expect("written"), 2, "a pet, and its owner");
    assert_eq!(huella.scalar::<i64>(lines).await, before + 2);
    let said = format!(
        "select count(*) from auditoria a join usuarios u on u.id = a.actor_id and u.nombres = 'Rosa' where accion = 'leer' and actor_tipo = 'usuario'
            and (entidad, ids) in (('mascota', array['{}'::uuid]), ('tutor', array['{}'::uuid]))",
        id(&pet["mascota"]),
        id(&pet["tutor"])
    );
    assert_eq!(huella.scalar::<i64>(&said).await, 2);
    assert_eq!(trabajos::flush_reads(&system).await.expect("written"), 0);
}

/// Of all chains in one go, by a role that may write down who read and nothing else.
#[tokio::test]
async fn reads_of_several_chains_are_written_together() {
    let huella = Huella::start().await;
    let system = huella.parts.system();
    let own: TenantId =
        TenantId(huella.scalar("select tenant_id from usuarios where nombres = 'Ana' and apellidos = 'Quispe Mamani'").await);
    let other = TenantId(Uuid::now_v7());
    huella
        .execute(&format!("insert into tenants (id, clave, nombre, creado_en) values ('{}', 'otra-cadena', 'Otra', now())", other.0))
        .await;
    trabajos::flush_reads(&system).await.expect("written");
    let seen = Uuid::now_v7();
    for tenant in [own, other] {
        let reader = Reader { tenant, actor: Actor::Sistema, ip: [127, 0, 0, 1].into(), entidad: "mascota" };
        huella.parts.app.reads().note(reader, system.app().now(), [seen]);
    }
    assert_eq!(trabajos::flush_reads(&system).await.expect("written"), 2);
    let lines =
        format!("select tenant_id from auditoria where accion = 'leer' and ids = array['{seen}'::uuid] order by tenant_id <> '{}'", own.0);
    let chains: Vec<Uuid> = sqlx::query_scalar(sqlx::AssertSqlSafe(lines)).fetch_all(&huella.sql).await.expect("the audit");
    assert_eq!(chains, [own.0, other.0], "each under its own chain");
    // What the database refuses of one chain holds nobody else's up.
    for tenant in [own, TenantId(Uuid::now_v7()), other] {
        let reader = Reader { tenant, actor: Actor::Sistema, ip: [127, 0, 0, 1].into(), entidad: "tutor" };
        huella.parts.app.reads().note(reader, system.app().now(), [seen]);
    }
    trabajos::flush_reads(&system).await.expect_err("nobody's chain");
    let of_owners = format!("select count(*) from auditoria where entidad = 'tutor' and ids = array['{seen}'::uuid]");
    assert_eq!(huella.scalar::<i64>(&of_owners).await, 2);
    for (accion, ids) in [("anular", "array[gen_random_uuid()]"), ("leer", "null")] {
        let mut tx = system.begin_jobs().await.expect("a transaction");
        let line = format!(
            "insert into auditoria (tenant_id, id, en, actor_tipo, accion, entidad, ids)
             values ('{}', gen_random_uuid(), now(), 'sistema', '{accion}', 'cita', {ids})",
            own.0
        );
        let refused = sqlx::query(sqlx::AssertSqlSafe(line)).execute(&mut *tx).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("row-level security")), "{accion} {ids}");
    }
}
