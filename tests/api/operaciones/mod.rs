//! Every operation of the published document: 401 to nobody, 403 without its permission, and to another chain
//! 404 or an answer with nothing of ours. An operation without a case here fails the test.
mod basura;
mod lecturas;
mod listas;
mod mundo;
mod repetir;

pub use mundo::Mundo;

use huella_tests::{Cliente, Huella, andina, costera};
use mundo::operations;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What each part of a path names, by path. A new path with a part must be added here.
const CASOS: &[(&str, &[(&str, &str)])] = &[
    ("/alertas/ensayos/{id}", &[("id", "ensayo")]),
    ("/alertas/ensayos/{id}/cambios", &[("id", "ensayo")]),
    ("/alertas/{id}/descartar", &[("id", "alerta")]),
    ("/alertas/{id}/reabrir", &[("id", "alerta")]),
    ("/ambientes/{id}", &[("id", "ambiente")]),
    ("/aperturas/{id}", &[("id", "apertura")]),
    ("/aperturas/{id}/revision", &[("id", "apertura")]),
    ("/antigenos/{clave}", &[("clave", "=rabia")]),
    ("/areas/{id}", &[("id", "area")]),
    ("/asignaciones/{id}", &[("id", "asignacion")]),
    ("/auditoria/{entidad}/{id}", &[("entidad", "=cita"), ("id", "cita")]),
    ("/bloqueos/{id}", &[("id", "bloqueo")]),
    ("/autoreservas/{id}/aprobar", &[("id", "retencion")]),
    ("/autoreservas/{id}/rechazar", &[("id", "retencion")]),
    ("/calendarios/publicos/{archivo}", &[("archivo", "=hi_x.ics")]),
    ("/calendarios/{id}", &[("id", "calendario")]),
    ("/citas/respuestas/{enlace}", &[("enlace", "=ha_x")]),
    ("/citas/solicitudes/{id}/atender", &[("id", "solicitud_cita")]),
    ("/citas/{id}", &[("id", "cita")]),
    ("/citas/{id}/estado", &[("id", "cita")]),
    ("/claves-api/{id}", &[("id", "clave_api")]),
    ("//hooks/{token}/{nombre}", &[("token", "=hg_x"), ("nombre", "=default")]),
    ("//problemas/{slug}", &[("slug", "=datos-invalidos")]),
    ("/complementos/corridas/{id}", &[("id", "corrida")]),
    ("/complementos/corridas/{id}/repeticion", &[("id", "corrida")]),
    ("/complementos/editores/{clave}", &[("clave", "=andina-editor")]),
    ("/complementos/editores/{clave}/claves", &[("clave", "=andina-editor")]),
    ("/complementos/editores/{clave}/claves/{id}/retirar", &[("clave", "=andina-editor"), ("id", "clave_editor")]),
    ("/complementos/editores/{clave}/claves/{id}/revocar", &[("clave", "=andina-editor"), ("id", "clave_editor")]),
    ("/complementos/editores/{clave}/fallas", &[("clave", "=andina-editor")]),
    ("/complementos/editores/{clave}/fallas/{id}", &[("clave", "=andina-editor"), ("id", "corrida")]),
    ("/complementos/editores/{clave}/suspender", &[("clave", "=andina-editor")]),
    ("/complementos/versiones/{digest}", &[("digest", "version_complemento")]),
    ("/complementos/versiones/{digest}/aprobar", &[("digest", "version_complemento")]),
    ("/complementos/versiones/{digest}/rechazar", &[("digest", "version_complemento")]),
    ("/complementos/versiones/{digest}/restaurar", &[("digest", "version_complemento")]),
    ("/complementos/versiones/{digest}/retirar", &[("digest", "version_complemento")]),
    ("/complementos/{id}", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/actualizacion", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/actualizar", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/claves/{ranura}", &[("id", "=pe.taller.pagos"), ("ranura", "=firma")]),
    ("/complementos/{id}/compartir", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/configuracion", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/deshabilitar", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/ganchos", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/ganchos/{nombre}/renovar", &[("id", "=pe.taller.pagos"), ("nombre", "=default")]),
    ("/complementos/{id}/habilitar", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/instalar", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/liberar", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/probar", &[("id", "=pe.taller.pagos")]),
    ("/complementos/{id}/revertir", &[("id", "=pe.taller.pagos")]),
    ("/conservacion/{clase}", &[("clase", "=tutores")]),
    ("/conservacion/{clase}/ensayo", &[("clase", "=tutores")]),
    ("/entidades-legales/{id}", &[("id", "entidad_legal")]),
    ("/equipos/{id}", &[("id", "equipo")]),
    ("/especies/{id}", &[("id", "especie")]),
    ("/especies/{id}/razas", &[("id", "especie")]),
    ("/especies/{id}/razas/{raza}", &[("id", "especie"), ("raza", "raza")]),
    ("/esperas/{id}", &[("id", "espera")]),
    ("/esperas/{id}/oferta/aceptar", &[("id", "espera")]),
    ("/esperas/{id}/oferta/rechazar", &[("id", "espera")]),
    ("/excepciones/{id}", &[("id", "excepcion")]),
    ("/exportaciones/{id}", &[("id", "exportacion")]),
    ("/exportaciones/{id}/archivo", &[("id", "exportacion")]),
    ("/fusiones/{id}", &[("id", "fusion")]),
    ("/hechos-clinicos/{id}", &[("id", "hecho_clinico")]),
    ("/hechos-clinicos/{id}/termino", &[("id", "hecho_clinico")]),
    ("/importaciones/{id}", &[("id", "importacion")]),
    ("/importaciones/{id}/archivo-errores", &[("id", "importacion")]),
    ("/importaciones/{id}/ejecucion", &[("id", "importacion")]),
    ("/importaciones/{id}/errores", &[("id", "importacion")]),
    ("/importaciones/{id}/prueba", &[("id", "importacion")]),
    ("/mensajes/respuestas/{id}/atender", &[("id", "respuesta_mensaje")]),
    ("/mensajes/{id}/atender", &[("id", "mensaje")]),
    ("/mensajes/{id}/reenviar", &[("id", "mensaje")]),
    ("/ofertas/{enlace}", &[("enlace", "=ho_x")]),
    ("/ofertas/{enlace}/aceptar", &[("enlace", "=ho_x")]),
    ("/ofertas/{enlace}/rechazar", &[("enlace", "=ho_x")]),
    ("/incidentes-datos/{id}", &[("id", "incidente")]),
    ("/incidentes-datos/{id}/cierre", &[("id", "incidente")]),
    ("/incidentes-datos/{id}/notificacion", &[("id", "incidente")]),
    ("/pacientes/{id}", &[("id", "mascota")]),
    ("/pacientes/{id}/alertas", &[("id", "mascota")]),
    ("/pacientes/{id}/alergias", &[("id", "mascota")]),
    ("/pacientes/{id}/aperturas", &[("id", "mascota")]),
    ("/pacientes/{id}/desparasitaciones", &[("id", "mascota")]),
    ("/pacientes/{id}/fallecimiento", &[("id", "mascota")]),
    ("/pacientes/{id}/foto", &[("id", "mascota")]),
    ("/pacientes/{id}/fusion", &[("id", "mascota")]),
    ("/pacientes/{id}/fusiones", &[("id", "mascota")]),
    ("/pacientes/{id}/hechos", &[("id", "mascota")]),
    ("/pacientes/{id}/historial", &[("id", "mascota")]),
    ("/pacientes/{id}/identificadores", &[("id", "mascota")]),
    ("/pacientes/{id}/identificadores/{tipo}/{valor}", &[("id", "mascota"), ("tipo", "=placa"), ("valor", "=A1")]),
    ("/pacientes/{id}/pesos", &[("id", "mascota")]),
    ("/pacientes/{id}/pesos/curva", &[("id", "mascota")]),
    ("/pacientes/{id}/pesos/{peso}", &[("id", "mascota"), ("peso", "peso")]),
    ("/pacientes/{id}/problemas", &[("id", "mascota")]),
    ("/pacientes/{id}/transferencia", &[("id", "mascota")]),
    ("/pacientes/{id}/tratamientos", &[("id", "mascota")]),
    ("/pacientes/{id}/tutores", &[("id", "mascota")]),
    ("/pacientes/{id}/tutores/{vinculo}", &[("id", "mascota"), ("vinculo", "vinculo")]),
    ("/pacientes/{id}/vacunaciones", &[("id", "mascota")]),
    ("/plantillas-correo/{tipo}", &[("tipo", "=cita_reservada")]),
    ("/plantillas-correo/{tipo}/vista-previa", &[("tipo", "=cita_reservada")]),
    ("/plantillas-mensaje/{tipo}/{canal}", &[("tipo", "=cita_reservada"), ("canal", "=whatsapp")]),
    ("/publico/{cadena}", &[("cadena", "=andina")]),
    ("/publico/{cadena}/codigos", &[("cadena", "=andina")]),
    ("/publico/{cadena}/codigos/verificar", &[("cadena", "=andina")]),
    ("/publico/{cadena}/confirmar", &[("cadena", "=andina")]),
    ("/publico/{cadena}/disponibilidad", &[("cadena", "=andina")]),
    ("/publico/{cadena}/retener", &[("cadena", "=andina")]),
    ("/publico/{cadena}/sesion", &[("cadena", "=andina")]),
    ("/reclamos/{id}", &[("id", "reclamo")]),
    ("/reclamos/{id}/hoja", &[("id", "reclamo")]),
    ("/reclamos/{id}/respuesta", &[("id", "reclamo")]),
    ("/reservas/{enlace}", &[("enlace", "=hv_x")]),
    ("/reservas/{enlace}/anular", &[("enlace", "=hv_x")]),
    ("/reservas/{enlace}/mover", &[("enlace", "=hv_x")]),
    ("/retenciones/{id}", &[("id", "retencion")]),
    ("/retenciones/{id}/confirmar", &[("id", "retencion")]),
    ("/roles/{id}", &[("id", "rol")]),
    ("/sedes/{id}", &[("id", "sede")]),
    ("/sedes/{id}/autoreserva", &[("id", "sede")]),
    ("/sedes/{id}/excepciones", &[("id", "sede")]),
    ("/sedes/{id}/horarios", &[("id", "sede")]),
    ("/sedes/{id}/hoy", &[("id", "sede")]),
    ("/sedes/{id}/medicos/{medico_id}/plan", &[("id", "sede"), ("medico_id", "medico")]),
    ("/sedes/{id}/planes", &[("id", "sede")]),
    ("/sedes/{id}/bloqueos", &[("id", "sede")]),
    ("/sedes/{id}/de-turno", &[("id", "sede")]),
    ("/sedes/{id}/rol", &[("id", "sede")]),
    ("/sedes/{id}/turnos", &[("id", "sede")]),
    ("/sedes/{id}/turnos-asignados", &[("id", "sede")]),
    ("/sedes/{id}/sala", &[("id", "sede")]),
    ("/sedes/{id}/sala/siguiente", &[("id", "sede")]),
    ("/sedes/{id}/sala/tiempos", &[("id", "sede")]),
    ("/sedes/{id}/visitas", &[("id", "sede")]),
    ("/sedes/{sede_id}/ambientes", &[("sede_id", "sede")]),
    ("/sedes/{sede_id}/areas", &[("sede_id", "sede")]),
    ("/sedes/{sede_id}/equipos", &[("sede_id", "sede")]),
    ("/servicios/{id}", &[("id", "servicio")]),
    ("/sesiones/{id}", &[("id", "sesion")]),
    ("/solicitudes-datos/{id}", &[("id", "solicitud")]),
    ("/solicitudes-datos/{id}/ampliacion", &[("id", "solicitud")]),
    ("/solicitudes-datos/{id}/expediente", &[("id", "solicitud")]),
    ("/solicitudes-datos/{id}/observacion", &[("id", "solicitud")]),
    ("/solicitudes-datos/{id}/respuesta", &[("id", "solicitud")]),
    ("/solicitudes-datos/{id}/subsanacion", &[("id", "solicitud")]),
    ("/trabajos/{id}/reintentar", &[("id", "trabajo")]),
    ("/traslados/{sede_a}/{sede_b}", &[("sede_a", "sede"), ("sede_b", "otra_sede")]),
    ("/turnos-asignados/{id}", &[("id", "turno_asignado")]),
    ("/turnos/{id}", &[("id", "turno")]),
    ("/tutores/{id}", &[("id", "tutor")]),
    ("/tutores/{id}/anonimizacion", &[("id", "tutor")]),
    ("/tutores/{id}/canales", &[("id", "tutor")]),
    ("/tutores/{id}/consentimientos", &[("id", "tutor")]),
    ("/tutores/{id}/faltas", &[("id", "tutor")]),
    ("/tutores/{id}/expediente", &[("id", "tutor")]),
    ("/tutores/{id}/fusion", &[("id", "tutor")]),
    ("/tutores/{id}/fusiones", &[("id", "tutor")]),
    ("/tutores/{id}/mascotas", &[("id", "tutor")]),
    ("/usuarios/{id}", &[("id", "usuario")]),
    ("/usuarios/{id}/activar", &[("id", "usuario")]),
    ("/usuarios/{id}/asignaciones", &[("id", "usuario")]),
    ("/usuarios/{id}/desactivar", &[("id", "usuario")]),
    ("/usuarios/{id}/invitacion", &[("id", "usuario")]),
    ("/usuarios/{id}/segundo-factor", &[("id", "usuario")]),
    ("/usuarios/{id}/sesiones", &[("id", "usuario")]),
    ("/vacunas/{id}", &[("id", "vacuna")]),
    ("/visitas/{id}", &[("id", "visita")]),
    ("/visitas/{id}/tomar", &[("id", "visita")]),
    ("/webhooks/{id}", &[("id", "webhook")]),
    ("/webhooks/{id}/entregas", &[("id", "webhook")]),
    ("/webhooks/{id}/entregas/{entrega}/reenviar", &[("id", "webhook"), ("entrega", "entrega")]),
    ("/webhooks/{id}/prueba", &[("id", "webhook")]),
    ("/webhooks/{id}/secreto", &[("id", "webhook")]),
];

/// Operations for nobody in particular.
const PUBLICAS: &[&str] = &[
    "GET //.well-known/jwks.json",
    "GET //healthz",
    "GET //hooks/{token}/{nombre}",
    "GET //problemas",
    "GET //problemas/{slug}",
    "GET //readyz",
    "GET /calendarios/publicos/{archivo}",
    "GET /citas/respuestas/{enlace}",
    "GET /complementos/contrato",
    "GET /esquemas/hechos/v1",
    "GET /ofertas/{enlace}",
    "GET /publico/{cadena}",
    "GET /publico/{cadena}/disponibilidad",
    "GET /reservas/{enlace}",
    "GET /reservas/{enlace}/mover",
    "POST //hooks/{token}/{nombre}",
    "POST //oauth/token",
    "POST /citas/respuestas/{enlace}",
    "POST /cuenta/aceptar",
    "POST /cuenta/olvido",
    "POST /cuenta/restablecer",
    "POST /ofertas/{enlace}/aceptar",
    "POST /ofertas/{enlace}/rechazar",
    "POST /portal/sesion",
    "POST /publico/{cadena}/codigos",
    "POST /publico/{cadena}/codigos/verificar",
    "POST /publico/{cadena}/confirmar",
    "POST /publico/{cadena}/retener",
    "POST /publico/{cadena}/sesion",
    "POST /reservas/{enlace}/anular",
    "POST /reservas/{enlace}/mover",
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
    "POST /pacientes/{id}/aperturas", // a person opens
    "PUT /aperturas/{id}/revision",   // and judges
    "POST /roles",
    "PUT /roles/{id}",
    "DELETE /roles/{id}",
    "POST /claves-api", // a person makes them
    "PUT /citas/{id}",  // it is another vet's
    "PUT /citas/{id}/estado",
    "DELETE /citas/{id}",
    "GET /calendarios", // a person has them
    "POST /calendarios",
    "DELETE /calendarios/{id}",
];

/// Permissions that are asked for besides another one, and where.
const SEGUNDOS: &[&str] = &[
    "datos.exportar", // any list as a file, besides the list's own
    "cita.ajenas",    // changing appointments of other vets, besides the change's own
    "cita.sobrecupo", // booking and moving above a vet's agenda
];

/// Operations whose path names something that each chain has under the same name.
const DE_CADA_CADENA: &[&str] = &[
    "DELETE /plantillas-correo/{tipo}",
    "DELETE /plantillas-mensaje/{tipo}/{canal}",
    "GET /plantillas-correo/{tipo}",
    "GET /plantillas-mensaje/{tipo}/{canal}",
    "POST /conservacion/{clase}/ensayo",
    "POST /plantillas-correo/{tipo}/vista-previa",
    "PUT /antigenos/{clave}",
    "PUT /conservacion/{clase}",
    "PUT /plantillas-correo/{tipo}",
    "PUT /plantillas-mensaje/{tipo}/{canal}",
];

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
    let unused: Vec<&String> =
        catalogue.iter().filter(|permiso| !used.contains(*permiso) && !SEGUNDOS.contains(&permiso.as_str())).collect();
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
        if ["DELETE /portal/sesion", "DELETE /sesiones/actual"].contains(&operation.name().as_str()) {
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
        } else if operation.has_parts() && !DE_CADA_CADENA.contains(&operation.name().as_str()) {
            assert_eq!(answer.status, 404, "{}: {text}", operation.name());
        } else if ours.iter().any(|id| sent.contains(id)) {
            assert!(answer.status.is_client_error(), "{} took an id of another chain: {text}", operation.name());
        }
    }
    let moved: i64 = mundo.huella.scalar("select count(*) from auditoria where tenant_id = (select id from tenants where clave = 'andina') and actor_id in (select id from usuarios where tenant_id <> (select id from tenants where clave = 'andina'))").await;
    assert_eq!(moved, 0, "another chain's people left no trace in ours");
}

/// What belongs to one sede, among the things that paths name.
const DE_UNA_SEDE: &[&str] = &[
    "ambiente",
    "area",
    "asignacion",
    "bloqueo",
    "cita",
    "equipo",
    "espera",
    "excepcion",
    "mensaje",
    "retencion",
    "sede",
    "sesion",
    "solicitud_cita",
    "turno",
    "turno_asignado",
    "usuario",
    "visita",
];

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
        ("ofertas", "id"),
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
