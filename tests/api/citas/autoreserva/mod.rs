//! Owners book themselves: proved by a code, shown nothing but their own, held to the sede's limits.
mod azar;
mod cartas;
mod flujo;
mod limites;
mod mover;
mod pagina;
mod reciente;
mod sede;
mod telefono;

use super::{Agenda, espera::trabajar};
use huella_tests::{
    Cliente, Modo, Respuesta,
    afuera::mails_to,
    andina::{ADMIN, RECEPCION_CUSCO, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};

/// What Lima offers in these tests.
fn oferta(agenda: &Agenda, cambios: Value) -> Value {
    let mut all = json!({
        "activa": true, "servicios": [agenda.consulta], "antelacion_min": 60, "dias_max": 10, "retencion_min": 8, "aprobar_horas": 24,
        "abiertas_max": 2, "por_dia_max": 50, "instrucciones": "Venga con correa.", "condiciones": "Sus datos sirven para atenderle.",
        "condiciones_version": "2026-01"
    });
    all.as_object_mut().expect("an object").extend(cambios.as_object().expect("an object").clone());
    all
}

struct Publico {
    agenda: Agenda,
    nadie: Cliente,
    /// Of this test alone: the inbox is everybody's.
    marca: String,
}

impl Publico {
    async fn start(cambios: Value) -> Self {
        Self::start_with(Modo::default(), cambios).await
    }

    async fn start_with(modo: Modo, cambios: Value) -> Self {
        let agenda = Agenda::start_with(modo).await;
        let admin = agenda.huella.como(ADMIN).await;
        admin.put(&format!("/sedes/{}/autoreserva", agenda.lima), oferta(&agenda, cambios)).await.ok();
        let (nadie, marca) = (agenda.huella.nadie(), uuid::Uuid::now_v7().simple().to_string());
        Self { agenda, nadie, marca }
    }

    fn correo(&self, nombre: &str) -> String {
        format!("{nombre}.{}@tutores.example.pe", self.marca).to_lowercase()
    }

    /// A pet that the desk registered, with its owner's address.
    async fn mascota(&self, tutor: &str, nombre: &str, especie: &str) -> String {
        let recepcion = self.agenda.huella.como(RECEPCION_LIMA).await;
        // Two owners of one address are whoever reads it.
        let owner = json!({ "nombres": tutor, "apellidos": "Quispe", "correo": self.correo(tutor) });
        let body = json!({ "tutor": owner, "mascota": { "nombre": nombre, "especie": especie, "sexo": "hembra" } });
        id(&recepcion.post("/pacientes/registro?confirmar_duplicado=true", body).await.created()["mascota"])
    }

    async fn post(&self, path: &str, body: Value) -> Respuesta {
        self.nadie.post(&format!("/publico/andina{path}"), body).await
    }

    async fn pedir(&self, correo: &str) -> Respuesta {
        self.post("/codigos", json!({ "canal": "correo", "correo": correo })).await
    }

    /// The code in the last letter.
    async fn codigo(&self, correo: &str) -> String {
        trabajar(&self.agenda).await;
        let code = |mail: &String| {
            mail.lines().map(str::trim).find(|line| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned)
        };
        mails_to(correo).iter().rev().find_map(code).expect("a letter with a code")
    }

    async fn verificar(&self, solicitud: &Value, codigo: &str) -> Respuesta {
        self.post("/codigos/verificar", json!({ "solicitud": solicitud, "codigo": codigo })).await
    }

    /// A session of whoever reads this address.
    async fn entrar(&self, correo: &str) -> String {
        let asked = self.pedir(correo).await.expect(202);
        let code = self.codigo(correo).await;
        self.verificar(&asked["solicitud"], &code).await.ok()["sesion"].as_str().expect("a session").to_owned()
    }

    fn hora(&self, sesion: &str, inicio: &str) -> Value {
        json!({ "sesion": sesion, "sede_id": self.agenda.lima, "servicio_id": self.agenda.consulta, "inicio": format!("{inicio}-05:00") })
    }

    async fn retener(&self, sesion: &str, inicio: &str) -> Respuesta {
        self.post("/retener", self.hora(sesion, inicio)).await
    }

    /// Confirms with `quien`: a pet of one's own, or owner and pet that are new.
    async fn confirmar(&self, sesion: &str, quien: Value) -> Respuesta {
        let mut body = json!({ "sesion": sesion, "acepta_condiciones": "2026-01" });
        body.as_object_mut().expect("an object").extend(quien.as_object().expect("an object").clone());
        self.post("/confirmar", body).await
    }

    fn nuevo(nombre: &str, mascota: &str) -> Value {
        json!({
            "tutor": { "nombres": nombre, "apellidos": "Mamani", "telefono": "987654321" },
            "mascota": { "nombre": mascota, "especie": "perro", "sexo": "macho" }
        })
    }

    async fn huecos(&self, more: &str) -> Vec<Value> {
        let path = format!("/publico/andina/disponibilidad?sede_id={}&servicio_id={}{more}", self.agenda.lima, self.agenda.consulta);
        self.nadie.get(&path).await.ok()["huecos"].as_array().expect("a list").clone()
    }

    async fn contar(&self, sql: &str) -> i64 {
        self.agenda.huella.scalar(sql).await
    }
}

/// The page of a link as the answer and the letter give it.
fn pagina(ruta: &Value) -> String {
    ruta.as_str().and_then(|ruta| ruta.strip_prefix("/api/v1")).expect("a page of ours").to_owned()
}

fn texto(page: &Respuesta) -> String {
    String::from_utf8_lossy(&page.bytes).into_owned()
}
