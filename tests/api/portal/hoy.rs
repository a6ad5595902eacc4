//! The first page of a sede: figures that are those of its lists.
use huella_tests::{Huella, andina, id};
use jiff::SignedDuration;
use serde_json::{Value, json};

struct Sede {
    huella: Huella,
    lima: String,
    soto: String,
    consulta: String,
}

impl Sede {
    async fn start() -> Self {
        let huella = Huella::start().await;
        let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
        let (lima, soto) = (of("sedes", "codigo", "LIM").await, of("usuarios", "cmvp", "11567").await);
        let consulta = of("servicios", "codigo", "CONS").await;
        Self { huella, lima, soto, consulta }
    }
    async fn mascota(&self, nombre: &str) -> String {
        let recepcion = self.huella.como(andina::RECEPCION_LIMA).await;
        let body = json!({ "tutor": { "nombres": "Tutor de", "apellidos": nombre }, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "macho" } });
        id(&recepcion.post("/pacientes/registro", body).await.created()["mascota"])
    }
    async fn cita(&self, nombre: &str, hora: &str) -> Value {
        let recepcion = self.huella.como(andina::RECEPCION_LIMA).await;
        let body = json!({ "sede_id": self.lima, "mascota_id": self.mascota(nombre).await, "servicio_id": self.consulta,
            "medico_id": self.soto, "inicio": format!("2026-03-02T{hora}:00-05:00") });
        recepcion.post("/citas/reservar", body).await.created()
    }
    async fn hoy(&self) -> Value {
        self.huella.como(andina::RECEPCION_LIMA).await.get(&format!("/sedes/{}/hoy", self.lima)).await.ok()
    }
}

fn cuantas(hoy: &Value, estado: &str) -> i64 {
    let all = hoy["citas"].as_array().expect("a list");
    all.iter().find(|one| one["estado"] == estado).and_then(|one| one["cuantas"].as_i64()).expect("every state")
}

#[tokio::test]
async fn the_day_in_figures() {
    let sede = Sede::start().await;
    let (una, otra, tercera) = (sede.cita("Uno", "09:00").await, sede.cita("Dos", "10:00").await, sede.cita("Tres", "11:00").await);
    let pasa = async |cita: &Value, estado: &str| {
        let path = format!("/citas/{}/estado", id(cita));
        // A token lives for ten minutes.
        sede.huella.como(andina::RECEPCION_LIMA).await.put(&path, json!({ "estado": estado })).await.ok();
    };
    let empty = sede.hoy().await;
    assert_eq!(empty["citas"].as_array().map(Vec::len), Some(8));
    assert_eq!((cuantas(&empty, "programada"), cuantas(&empty, "terminada")), (3, 0));
    assert!(empty["espera"]["promedio_min"].is_null() && empty["espera"]["ahora"] == json!([]), "{empty:#}");
    pasa(&una, "en_espera").await;
    sede.huella.avanzar(SignedDuration::from_mins(12));
    let waiting = sede.hoy().await;
    let first = &waiting["espera"]["ahora"][0];
    assert!(first["mascota"] == "Uno" && first["minutos"] == 12 && first["cita_id"] == una["id"], "{waiting:#}");
    pasa(&una, "en_consulta").await;
    // Nobody is missing before the hour.
    sede.huella.avanzar(SignedDuration::from_mins(130));
    pasa(&otra, "no_asistio").await;
    let recepcion = sede.huella.como(andina::RECEPCION_LIMA).await;
    recepcion.delete(&format!("/citas/{}?motivo=viaje", id(&tercera))).await.ok();
    let after = sede.hoy().await;
    assert_eq!((cuantas(&after, "en_consulta"), cuantas(&after, "no_asistio"), cuantas(&after, "anulada")), (1, 1, 1));
    assert_eq!((&after["espera"]["promedio_min"], &after["espera"]["atendidas"]), (&json!(12.0), &json!(1)));
    assert_eq!(after["inasistencias"], json!({ "hoy": 1, "semana": 1, "semana_citas": 2, "desde": "2026-02-24", "hasta": "2026-03-02" }));
    let soto = after["ocupacion"].as_array().expect("a list").iter().find(|one| one["medico_id"] == sede.soto.as_str()).expect("Dr. Soto");
    // The one who did not come and the cancelled one take no time.
    assert!(soto["citas"] == 1 && soto["ocupados_min"].as_i64().is_some_and(|min| min > 0), "{soto:#}");
    assert!(soto["disponibles_min"].as_i64() >= soto["ocupados_min"].as_i64(), "{soto:#}");
}

#[tokio::test]
async fn each_sees_what_they_may() {
    let sede = Sede::start().await;
    let path = format!("/sedes/{}/hoy", sede.lima);
    let admin = sede.huella.como(andina::ADMIN).await;
    let made = admin
        .post("/claves-api", json!({ "nombre": "Agenda", "permisos": ["cita.ver"], "expira_en": "2026-12-31T00:00:00Z" }))
        .await
        .created();
    let only_agenda = sede.huella.nadie().with_token(made["clave"].as_str().expect("a key"));
    let seen = only_agenda.get(&path).await.ok();
    assert!(seen["alertas"].is_null() && seen["mensajes"].is_null(), "{seen:#}");
    let seen = admin.get(&path).await.ok();
    assert_eq!((&seen["alertas"]["abiertas"], &seen["mensajes"]["fallidos"]), (&json!(0), &json!(0)));
    sede.huella.como(andina::RECEPCION_CUSCO).await.get(&path).await.problem(403, "sin-permiso");
}
