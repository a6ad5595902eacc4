//! All of a chain leaves in one open file, and comes into another instance as it was.
use huella_tests::{
    Huella, Modo,
    andina::{ADMIN, RECEPCION_LIMA},
    cliente::send,
    id,
};
use jiff::SignedDuration;
use kernel::{crypto::Keyring, ids::TenantId};
use serde_json::{Value, json};
use server::{
    portable::{self, Manifiesto},
    trabajos::worker,
};
use std::{
    fs::File,
    io::{Cursor, Read, Seek, Write},
};
use uuid::Uuid;

async fn chain(huella: &Huella, clave: &str) -> TenantId {
    TenantId(huella.scalar::<Uuid>(&format!("select id from tenants where clave = '{clave}'")).await)
}

async fn exported(huella: &Huella, clave: &str) -> (File, Manifiesto) {
    let tenant = chain(huella, clave).await;
    let done = portable::exportar(&huella.parts.system(), tenant, (clave, "Clínica Andina"), &mut |_, _| {}).await.expect("exported");
    (done.archivo, done.manifiesto)
}

fn entry(file: &mut File, path: &str) -> String {
    file.rewind().expect("a file");
    let mut zip = zip::ZipArchive::new(file).expect("a ZIP");
    let mut text = String::new();
    zip.by_name(path).expect("an entry").read_to_string(&mut text).expect("UTF-8");
    text
}

fn lines(file: &mut File, manifiesto: &Manifiesto, tabla: &str) -> Vec<Value> {
    let path = &manifiesto.tablas.iter().find(|one| one.nombre == tabla).expect("a table").datos;
    entry(file, path).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];

/// A bit of everything that leaves: people, pets alive, dead and merged, forgotten owners, an agenda, a past.
async fn live(huella: &Huella) {
    let (admin, recepcion) = (huella.como(ADMIN).await, huella.como(RECEPCION_LIMA).await);
    let register = async |nombre: &str, mascota: &str, telefono: &str| {
        let tutor = json!({ "nombres": nombre, "apellidos": "Poma", "telefono": telefono, "correo": format!("{nombre}@ejemplo.pe"), "direccion": "Av. Uno 1" });
        let mascota = json!({ "nombre": mascota, "especie": "perro", "sexo": "hembra", "peso_kg": 4.2, "identificadores": [{ "tipo": "placa", "valor": mascota }] });
        recepcion.post("/pacientes/registro?confirmar_duplicado=true", json!({ "tutor": tutor, "mascota": mascota })).await.created()
    };
    let (ana, beto, carla) = (
        register("Ana", "Luna", "987654321").await,
        register("Beto", "Toby", "911111111").await,
        register("Carla", "Nube", "922222222").await,
    );
    let twin = register("Ana", "Luna", "987654321").await;
    let (luna, toby) = (id(&ana["mascota"]), id(&beto["mascota"]));
    let photo = admin.request(reqwest::Method::PUT, &format!("/pacientes/{luna}/foto")).header("If-Match", "*").body(PNG);
    send(photo).await.ok();
    admin.post(&format!("/tutores/{}/fusiones", id(&ana["tutor"])), json!({ "con": id(&twin["tutor"]) })).await.created();
    admin.post(&format!("/pacientes/{luna}/fusiones"), json!({ "con": id(&twin["mascota"]) })).await.created();
    let consent =
        json!({ "finalidad": "marketing", "otorgado": true, "canal": "presencial", "texto_version": "1", "evidencia": "Firmó la hoja 7" });
    admin.post(&format!("/tutores/{}/consentimientos", id(&ana["tutor"])), consent).await.created();
    let (lima, servicio) =
        (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "servicios", "codigo", "ECO").await);
    for (mascota, hora) in [(&luna, "10:00"), (&toby, "11:00")] {
        let cita = json!({ "sede_id": lima, "mascota_id": mascota, "servicio_id": servicio, "inicio": format!("2026-03-02T{hora}:00-05:00"), "motivo": "Control" });
        recepcion.post("/citas/reservar", cita).await.created();
    }
    let hold = json!({ "sede_id": lima, "mascota_id": luna, "servicio_id": servicio, "inicio": "2026-03-02T17:00:00-05:00" });
    recepcion.post("/citas/retener", hold).await.created();
    // The appointment is over before the death: it stays as it was, with a pet that is dead.
    huella.avanzar(SignedDuration::from_hours(5));
    let admin = huella.como(ADMIN).await;
    admin.post(&format!("/pacientes/{toby}/fallecimiento"), json!({ "fecha": "2026-03-02", "causa": "Vejez" })).await.created();
    admin.post(&format!("/tutores/{}/anonimizacion", id(&carla["tutor"])), json!({ "motivo": "Lo pidió" })).await;
    let closed = json!({ "fecha": "2026-03-20", "abierto": false, "motivo": "Fumigación" });
    admin.post(&format!("/sedes/{lima}/excepciones"), closed).await.created();
    let asked =
        json!({ "derecho": "acceso", "canal": "correo", "identidad": "documento", "pedido": { "nombre": "Rosa", "detalle": "Mis datos" } });
    admin.post("/solicitudes-datos", asked).await.created();
    let sheet = [
        ("tipo", "reclamo"),
        ("nombre", "Rosa Reclamante"),
        ("documento_tipo", "dni"),
        ("documento", "40302010"),
        ("correo", "rosa@ejemplo.pe"),
        ("bien", "servicio"),
        ("bien_descripcion", "Consulta"),
        ("detalle", "Esperé dos horas"),
        ("pedido", "Una disculpa"),
    ];
    send(huella.nadie().request(reqwest::Method::POST, "//libro-de-reclamaciones/andina/andina-lima").form(&sheet)).await;
    let reclamo = huella.scalar::<Uuid>("select id from reclamos").await;
    admin.put(&format!("/reclamos/{reclamo}/respuesta"), json!({ "respuesta": "Disculpe" })).await.ok();
    huella.execute(&RESTO.replace("LUNA", &luna)).await;
}

/// What takes long to come about.
const RESTO: &str = "
  select set_config('app.tenant', tenant_id::text, true) from mascotas where id = 'LUNA';
  insert into antecedentes (tenant_id, id, mascota_id, tipo, fecha, en, titulo, autor_id, creado_en)
    select tenant_id, gen_random_uuid(), id, t, '2025-01-02', '2025-01-02T17:00:00Z', 'Rabia', id, now() from mascotas, unnest('{visita,vacuna}'::text[]) t
     where id = 'LUNA';
  insert into pacientes_ajustes (tenant_id, fusion_dias) select tenant_id, 7 from mascotas where id = 'LUNA';
  insert into citas_ajustes (tenant_id, aviso_horas) select tenant_id, 12 from mascotas where id = 'LUNA';
  insert into faltas (tenant_id, cita_id, tutor_id, tipo, en)
    select c.tenant_id, c.id, v.tutor_id, 'no_asistio', c.inicio from citas c
      join tutores_mascotas v on v.tenant_id = c.tenant_id and v.mascota_id = c.mascota_id and v.hasta is null
     where c.mascota_id = 'LUNA' and c.retenida_hasta is null limit 1;
  insert into servicios_medicos (tenant_id, servicio_id, medico_id)
    select s.tenant_id, s.id, u.id from servicios s join usuarios u on u.tenant_id = s.tenant_id and u.es_medico
     where s.tenant_id = (select tenant_id from mascotas where id = 'LUNA') and s.codigo = 'LLAMADA';
  insert into traslados (tenant_id, sede_a, sede_b, minutos)
    select a.tenant_id, a.id, b.id, 1500 / 10 from sedes a join sedes b on b.tenant_id = a.tenant_id and b.id > a.id
     where a.tenant_id = (select tenant_id from mascotas where id = 'LUNA');
  create temporary table c on commit drop as select * from citas where mascota_id = 'LUNA' and retenida_hasta is null limit 1;
  insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, sede_id, medico_id, cita_id, anterior, autor_id, registrado_en)
    select c.tenant_id, gen_random_uuid(), c.mascota_id, jsonb_build_object('tipo', 'vacuna', 'vacuna_id', v.id, 'lote', 'R1'), v.nombre,
           '2026-03-02', c.inicio, c.sede_id, c.medico_id, c.id, false, c.medico_id, now()
      from c join vacunas v on v.tenant_id = c.tenant_id and v.clave = 'antirrabica';
  insert into bloqueos (tenant_id, id, sede_id, medico_id, desde, hasta, motivo, creado_en, creado_por)
    select tenant_id, gen_random_uuid(), sede_id, medico_id, '2026-04-01T15:00:00Z', '2026-04-01T17:00:00Z', 'Curso', now(), medico_id from c;
  insert into feriados_propios (tenant_id, id, fecha, ambito, nombre, fuente, creado_en)
    select tenant_id, id, '2026-08-15', '04', 'Aniversario de Arequipa', 'Ordenanza regional', now() from c;
  insert into turnos (tenant_id, id, sede_id, nombre) select tenant_id, id, sede_id, 'Noche' from c;
  insert into turnos_tramos (tenant_id, sede_id, turno_id, dia, desde, hasta) select tenant_id, sede_id, id, 1, '20:00', '23:00' from c;
  insert into turnos_asignados (tenant_id, id, sede_id, turno_id, medico_id, desde, hasta)
    select tenant_id, gen_random_uuid(), sede_id, id, medico_id, '2026-04-01', '2026-04-30' from c;
  insert into visitas (tenant_id, id, sede_id, cita_id, sin_cita, mascota_id, servicio_id, llegada_en, registrada_por)
    select tenant_id, gen_random_uuid(), sede_id, id, false, mascota_id, servicio_id, inicio, medico_id from c;
  insert into esperas (tenant_id, id, mascota_id, servicio_id, sedes, desde, hasta, prioridad, estado, creada_en, creada_por)
    select tenant_id, gen_random_uuid(), mascota_id, servicio_id, array[sede_id], '2026-03-10', '2026-03-20', 'alta', 'activa', now(), medico_id from c;
  insert into esperas_ajustes (tenant_id, oferta_min) select tenant_id, 15 from c;
  insert into autoreserva_ajustes (tenant_id, sede_id, activa, servicios, medicos, elige_medico, especies, antelacion_min, dias_max, retencion_min,
                                   aprobar, aprobar_horas, abiertas_max, por_dia_max, condiciones, condiciones_version)
    select tenant_id, sede_id, true, array[servicio_id], '{}', true, '{}', 60, 30, 8, false, 24, 2, 5, 'Sus datos sirven para atenderle.', '1' from c;
  insert into correos_plantillas (tenant_id, tipo, asunto, texto, html, actualizada_en, actualizada_por)
    select tenant_id, 'cita_reservada', 'Le esperamos', 'Hola', '<p>Hola</p>', now(), medico_id from c;
  insert into mensajes (tenant_id, id, tipo, clave, sede_id, cita_id, estado, creado_en, ultimo_en)
    select tenant_id, gen_random_uuid(), 'cita_reservada', id::text, sede_id, id, 'enviado', now(), now() from c;
  insert into citas_avisadas (tenant_id, cita_id, sede_id, medico_id, inicio, anulada, avisada)
    select tenant_id, id, sede_id, medico_id, inicio, false, 1 from c;
  insert into citas_solicitudes (tenant_id, id, cita_id, sede_id, tutor_id, texto, creada_en)
    select c.tenant_id, gen_random_uuid(), c.id, c.sede_id, f.tutor_id, 'Por la tarde', now() from c join faltas f on f.cita_id = c.id;
  insert into aperturas (tenant_id, id, mascota_id, usuario_id, sede_id, motivo, abierta_en, vence_en)
    select tenant_id, gen_random_uuid(), mascota_id, medico_id, sede_id, 'Llegó atropellada', now(), now() from c;
  insert into incidentes_datos (tenant_id, id, numero, estado, tipo, detectado_en, vence_en, descripcion, datos, registrado_por, registrado_en)
    select tenant_id, gen_random_uuid(), 1, 'abierto', 'robo', now(), now(), 'Robaron una laptop', '[]', medico_id, now() from c;
  insert into reglas_conservacion (tenant_id, clase, meses) select tenant_id, 'aperturas', 24 from c;
  insert into alertas_medicas (tenant_id, id, mascota_id, complemento, version, digest, revision, regla, clave, gravedad, titulo, detalle, vence,
                               evidencia, hechos, sugiere_bloquear, desde, cambiada_en)
    select tenant_id, id, mascota_id, 'pe.huella.vacunas', '0.1.0', 'd1', 2, 'vacunas.rabia', 'rabia', 'advertencia', 'Rabia', 'Falta', '2026-03-10',
           jsonb_build_array('/vacunas/0'), jsonb_build_array(null), false, now(), now() from c;
  insert into recordatorios (tenant_id, id, grupo, alerta_id, mascota_id, tutor_id, sede_id, complemento, regla, clave, titulo, vence, paso, creado_en)
    select c.tenant_id, gen_random_uuid(), gen_random_uuid(), c.id, c.mascota_id, f.tutor_id, c.sede_id, 'pe.huella.vacunas', 'vacunas.rabia', 'rabia',
           'Rabia', '2026-03-10', -7, now() from c join faltas f on f.cita_id = c.id;
  insert into tutores_canales (tenant_id, tutor_id, canales, actualizado_en)
    select c.tenant_id, f.tutor_id, array['sms', 'correo'], now() from c join faltas f on f.cita_id = c.id;
  insert into mensajes_plantillas (tenant_id, tipo, canal, texto, actualizada_en, actualizada_por)
    select tenant_id, 'cita_reservada', 'sms', 'Le esperamos', now(), medico_id from c;
  insert into mensajes_envios (tenant_id, id, mensaje_id, sede_id, vuelta, canal, estado, intentos, creado_en, ultimo_en)
    select m.tenant_id, gen_random_uuid(), m.id, m.sede_id, 1, 'correo', 'enviado', 1, now(), now() from mensajes m join c on c.id = m.cita_id;
  insert into mensajes_respuestas (tenant_id, id, huella, complemento, tutor_id, hecho, en, recibida_en)
    select c.tenant_id, gen_random_uuid(), substring(sha256('') for 16), 'pe.huella.sms', f.tutor_id, 'por_leer', now(), now()
      from c join faltas f on f.cita_id = c.id;
  insert into modulos_ajustes (tenant_id) select tenant_id from c";

/// Another instance: other keys, another database.
async fn elsewhere() -> Huella {
    let claves = std::env::temp_dir().join(format!("huella-otra-{}", Uuid::now_v7().simple()));
    std::fs::create_dir_all(&claves).expect("a folder");
    Keyring::open_or_create(&claves.join("maestra.json")).expect("keys");
    Huella::start_with(Modo { claves, ..Modo::default() }).await
}

#[tokio::test]
async fn a_chain_comes_into_another_instance_as_it_was() {
    let (here, there) = (Huella::start().await, elsewhere().await);
    live(&here).await;
    let (mut file, before) = exported(&here, "andina").await;
    let empty: Vec<&str> = before.tablas.iter().filter(|tabla| tabla.filas == 0).map(|tabla| tabla.nombre.as_str()).collect();
    assert_eq!(empty, [""; 0], "none may be without a row: this chain has not lived enough");
    let imported = portable::importar(&there.parts.system(), file.try_clone().expect("a handle"), Some("copia")).await.expect("imported");
    assert_eq!(imported.archivos, before.archivos.len());
    let (mut copy, after) = exported(&there, "copia").await;
    for (one, other) in before.tablas.iter().zip(&after.tablas).filter(|(one, _)| one.nombre != "auditoria") {
        assert_eq!((&one.nombre, one.filas, &one.sha256), (&other.nombre, other.filas, &other.sha256));
    }
    // The audit says that it was imported, and for the rest what it said.
    let (was, is) = (lines(&mut file, &before, "auditoria"), lines(&mut copy, &after, "auditoria"));
    assert_eq!(is.len(), was.len() + 1);
    assert_eq!(is[..was.len()], was[..]);
    assert!(was.iter().any(|line| line.to_string().contains("$valor")), "with what was sealed in it");
    assert_eq!(
        before.archivos.iter().map(|one| &one.sha256).collect::<Vec<_>>(),
        after.archivos.iter().map(|one| &one.sha256).collect::<Vec<_>>()
    );
    assert_eq!(before.archivos.len(), 1, "the photo");
    found_again(&there, imported.tenant).await;
}

/// People and pets of the copy are found as they were, under keys of the copy.
async fn found_again(there: &Huella, tenant: TenantId) {
    let mut tx = there.parts.system().begin(tenant).await.expect("begun");
    let ana: Vec<u8> = tx.blind_index("telefono", "+51987654321");
    let found: i64 = sqlx::query_scalar("select count(*) from tutores where telefono_indice = $1 and fusionado_con is null")
        .bind(ana)
        .fetch_one(&mut *tx)
        .await
        .expect("a count");
    assert_eq!(found, 1);
    let words: i64 =
        sqlx::query_scalar("select count(*) from mascotas_palabras where palabra = 'luna'").fetch_one(&mut *tx).await.expect("a count");
    assert!(words > 0, "the search index was made anew");
    drop(tx);
    // Nobody brings a password along, everybody can ask for one.
    let signed = json!({ "cadena": "copia", "correo": ADMIN, "contrasena": huella_tests::CLAVE });
    there.nadie().post("/sesiones", signed).await.expect(401);
    there.nadie().post("/cuenta/olvido", json!({ "cadena": "copia", "correo": ADMIN })).await.expect(202);
    let waiting: i64 =
        there.scalar(&format!("select count(*) from outbox where tema = 'cuenta.olvidada' and tenant_id = '{tenant}'")).await;
    assert_eq!(waiting, 1, "the administrator was found by address");
}

#[tokio::test]
async fn a_file_that_was_touched_leaves_nothing_behind() {
    let (here, there) = (Huella::start().await, elsewhere().await);
    live(&here).await;
    let (mut file, manifiesto) = exported(&here, "andina").await;
    let path = manifiesto.tablas.iter().find(|one| one.nombre == "mascotas").expect("pets").datos.clone();
    file.rewind().expect("a file");
    let mut zip = zip::ZipArchive::new(file.try_clone().expect("a handle")).expect("a ZIP");
    let mut forged = zip::ZipWriter::new(tempfile());
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("read");
        if name == path {
            bytes = String::from_utf8(bytes).expect("UTF-8").replace("Luna", "Lana").into_bytes();
        }
        forged.start_file(name, zip::write::SimpleFileOptions::default()).expect("started");
        forged.write_all(&bytes).expect("written");
    }
    let forged = forged.finish().expect("a ZIP");
    let refused = portable::importar(&there.parts.system(), forged, Some("copia")).await.expect_err("refused");
    assert!(format!("{refused:#}").contains("mascotas"), "{refused:#}");
    let left: i64 = there.scalar("select (select count(*) from tutores) + (select count(*) from tenants where clave = 'copia')").await;
    assert_eq!(left, 0);
    let taken = portable::importar(&there.parts.system(), file, None).await.expect_err("andina is there already");
    assert!(format!("{taken:#}").contains("--cadena"), "{taken:#}");
}

/// What holds for minutes, or hangs on work that stays behind, arrives as what it is without that.
#[tokio::test]
async fn what_is_half_done_leaves_as_it_stands_without_the_rest() {
    let (here, there) = (Huella::start().await, elsewhere().await);
    live(&here).await;
    here.execute(
        "update esperas set estado = 'ofrecida';
         update mensajes set estado = 'pendiente' where tipo = 'cita_reservada';
         update mensajes_envios set estado = 'saliendo'",
    )
    .await;
    let (mut file, before) = exported(&here, "andina").await;
    for (tabla, estado) in [("esperas", "activa"), ("mensajes", "omitido"), ("mensajes_envios", "incierto")] {
        let lines = lines(&mut file, &before, tabla);
        assert!(lines.iter().any(|line| line["estado"] == estado), "{tabla}: {lines:?}");
        assert!(lines.iter().all(|line| !["ofrecida", "pendiente", "saliendo"].contains(&line["estado"].as_str().unwrap_or_default())));
    }
    assert_eq!(here.scalar::<String>("select estado from esperas").await, "ofrecida", "nothing changes here");
    portable::importar(&there.parts.system(), file, Some("copia")).await.expect("imported");
    assert_eq!(there.scalar::<String>("select estado from esperas").await, "activa");
    let held: i64 =
        there.scalar("select (select count(*) from ofertas) + (select count(*) from citas where retenida_hasta is not null)").await;
    assert_eq!(held, 0, "neither offers nor holds came along");
}

fn tempfile() -> File {
    let path = std::env::temp_dir().join(format!("huella-{}.zip", Uuid::now_v7().simple()));
    let file = File::options().read(true).write(true).create_new(true).open(&path).expect("a file");
    std::fs::remove_file(path).expect("unlinked");
    file
}

async fn works(huella: &Huella) {
    while worker::work_once(&huella.parts).await.expect("worked").done > 0 {}
}

#[tokio::test]
async fn an_administrator_takes_all_of_it_along_for_a_day() {
    let huella = Huella::start().await;
    live(&huella).await;
    let admin = huella.como(ADMIN).await;
    let asked = admin.post("/exportaciones", json!({})).await.expect(202);
    admin.post("/exportaciones", json!({})).await.problem(409, "exportacion-en-curso");
    let path = format!("/exportaciones/{}", id(&asked));
    admin.get(&format!("{path}/archivo")).await.problem(409, "exportacion-sin-archivo");
    works(&huella).await;
    let ready = admin.get(&path).await.ok();
    assert_eq!((&ready["estado"], &ready["tablas"]), (&json!("lista"), &ready["de_tablas"]));
    let answer = admin.get(&format!("{path}/archivo")).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len() as i64), (200, ready["bytes"].as_i64().expect("a size")));
    let mut zip = zip::ZipArchive::new(Cursor::new(answer.bytes)).expect("a ZIP");
    let mut text = String::new();
    zip.by_name("manifiesto.json").expect("a manifest").read_to_string(&mut text).expect("UTF-8");
    let manifiesto: Manifiesto = serde_json::from_str(&text).expect("a manifest");
    let filas: u64 = manifiesto.tablas.iter().map(|tabla| tabla.filas).sum();
    assert_eq!((manifiesto.cadena.clave.as_str(), Some(filas as i64)), ("andina", ready["filas"].as_i64()));
    let audited: i64 =
        huella.scalar("select count(*) from auditoria where (accion, entidad) in (('exportar', 'cadena'), ('bajar', 'exportacion'))").await;
    assert_eq!(audited, 2);
    huella.avanzar(SignedDuration::from_hours(25));
    works(&huella).await;
    let admin = huella.como(ADMIN).await;
    admin.get(&format!("{path}/archivo")).await.problem(410, "exportacion-vencida");
    assert_eq!(admin.get(&path).await.ok()["estado"], "vencida");
}

/// Why a value does not fit a schema, formats and all. An hour of the day is a clinic's own, without a zone.
fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let options = jsonschema::options().should_validate_formats(true).should_ignore_unknown_formats(false);
    let hour = |text: &str| text == "24:00:00" || text.parse::<jiff::civil::Time>().is_ok();
    let validator = options.with_format("time", hour).build(schema).expect("a schema");
    validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

#[test]
fn a_line_that_does_not_fit_its_schema_is_found() {
    let schema = json!({
        "type": "object", "required": ["id", "en", "hora", "cerrada"], "additionalProperties": false,
        "properties": {
            "id": { "type": "string", "format": "uuid" },
            "en": { "type": "string", "format": "date-time" },
            "hora": { "type": "string", "format": "time" },
            "cerrada": { "anyOf": [{ "type": "string", "format": "date" }, { "type": "null" }] },
        },
    });
    let right = json!({ "id": Uuid::nil(), "en": "2026-03-02T13:00:00+00:00", "hora": "20:00:00", "cerrada": null });
    assert_eq!(faults(&schema, &right), [""; 0]);
    for (field, value) in [
        ("id", json!("7")),
        ("id", json!(7)),
        ("en", json!("2026-03-02 13:00")),
        ("en", Value::Null),
        ("hora", json!("25:00:00")),
        ("cerrada", json!("ayer")),
        ("otra", json!(1)),
    ] {
        let mut wrong = right.clone();
        wrong[field] = value;
        assert_eq!(faults(&schema, &wrong).len(), 1, "{wrong}");
    }
    assert_eq!(faults(&schema, &json!({ "id": Uuid::nil(), "en": "2026-03-02T13:00:00Z", "hora": "20:00:00" })).len(), 1, "one is missing");
}

#[tokio::test]
async fn every_line_fits_the_schema_beside_it_and_shows_no_secret() {
    let huella = Huella::start().await;
    live(&huella).await;
    let (mut file, manifiesto) = exported(&huella, "andina").await;
    for tabla in &manifiesto.tablas {
        let schema: Value = serde_json::from_str(&entry(&mut file, &tabla.esquema)).expect("JSON");
        jsonschema::meta::validate(&schema).unwrap_or_else(|fault| panic!("{}: {fault}", tabla.esquema));
        for line in lines(&mut file, &manifiesto, &tabla.nombre) {
            assert_eq!(faults(&schema, &line), [""; 0], "{}: {line}", tabla.nombre);
            let text = line.to_string();
            assert!(!text.contains("cifrado:") && !text.contains("$argon2") && !text.contains("\\\\x"), "{}: {text}", tabla.nombre);
        }
    }
    let ana = lines(&mut file, &manifiesto, "tutores").into_iter().find(|tutor| tutor["nombres"] == "Ana").expect("Ana");
    assert_eq!((&ana["telefono"], &ana["telefono_indice"]), (&json!("+51987654321"), &json!(true)));
    let carla =
        lines(&mut file, &manifiesto, "tutores").into_iter().find(|tutor| !tutor["anonimizado_en"].is_null()).expect("somebody forgotten");
    assert_eq!(carla["telefono"], Value::Null);
    assert!(lines(&mut file, &manifiesto, "citas").len() == 2, "a hold is no appointment");
}
