//! The waitlist: a time that becomes free is offered to who waits for it, one after the other.
mod abrir;
mod carreras;
mod heredado;
mod lista;
mod ofrecer;
mod rapidez;

use super::Agenda;
use huella_tests::{
    Cliente, Modo, Respuesta,
    afuera::mails_to,
    andina::{ADMIN, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};
use server::trabajos::{self, worker};

/// Does all that waits to be done, and what that leaves to do.
pub async fn trabajar(agenda: &Agenda) {
    loop {
        let relayed = trabajos::relay(&agenda.huella.parts).await.expect("relayed");
        let worked = worker::work_once(&agenda.huella.parts).await.expect("worked");
        assert_eq!(worked.failed, 0);
        if relayed.sent + worked.done == 0 {
            return;
        }
    }
}

pub struct Lista {
    pub agenda: Agenda,
    pub recepcion: Cliente,
    /// Of this test alone: the inbox is everybody's.
    marca: String,
}

impl Lista {
    pub async fn start() -> Self {
        Self::start_with(Modo::default()).await
    }

    async fn start_with(modo: Modo) -> Self {
        let agenda = Agenda::start_with(modo).await;
        let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
        Self { agenda, recepcion, marca: uuid::Uuid::now_v7().simple().to_string() }
    }

    fn correo(&self, nombre: &str) -> String {
        format!("{}.{}@tutores.example.pe", nombre.to_lowercase(), self.marca)
    }

    /// A pet whose owner has an address.
    pub async fn mascota(&self, nombre: &str) -> String {
        let tutor = json!({ "nombres": "Tutor de", "apellidos": nombre, "correo": self.correo(nombre) });
        let body = json!({ "tutor": tutor, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "macho" } });
        id(&self.recepcion.post("/pacientes/registro", body).await.created()["mascota"])
    }

    /// Somebody has that time with Dr. Soto.
    pub async fn ocupada(&self, inicio: &str) -> Value {
        let mascota = self.mascota(&format!("O{}", &uuid::Uuid::new_v4().simple().to_string()[..8])).await;
        self.recepcion.post("/citas/reservar", self.agenda.cita(&mascota, inicio)).await.created()
    }

    pub async fn anular(&self, cita: &Value) {
        self.recepcion.delete(&format!("/citas/{}?motivo=viaje", id(cita))).await.ok();
    }

    /// Waits for a consultation in Lima this week, and with `cambios` for something else.
    pub async fn espera(&self, mascota: &str, cambios: Value) -> String {
        id(&self.recepcion.post("/esperas", self.nueva(mascota, cambios)).await.created())
    }

    fn nueva(&self, mascota: &str, cambios: Value) -> Value {
        let mut wish =
            json!({ "servicio_id": self.agenda.consulta, "sedes": [self.agenda.lima], "desde": "2026-03-02", "hasta": "2026-03-08" });
        wish.as_object_mut().expect("an object").extend(cambios.as_object().expect("an object").clone());
        json!({ "mascota_id": mascota, "preferencia": wish })
    }

    async fn ver(&self, espera: &str) -> Value {
        // Tokens end after ten minutes, offers too.
        self.agenda.huella.como(RECEPCION_LIMA).await.get(&format!("/esperas/{espera}")).await.ok()
    }

    /// When the offer to this entry begins; empty if it has none.
    pub async fn ofrecida(&self, espera: &str) -> String {
        let seen = self.ver(espera).await;
        assert_eq!(seen["estado"] == "ofrecida", seen["oferta"].is_object(), "{seen:#}");
        seen["oferta"]["inicio"].as_str().unwrap_or_default().to_owned()
    }

    /// The link of the last letter to a pet's owner.
    fn enlace(&self, nombre: &str) -> Option<String> {
        enlace_en(&mails_to(&self.correo(nombre)).pop()?.replace("=\r\n", "").replace("=\n", ""))
    }

    async fn abrir(&self, enlace: &str) -> Respuesta {
        self.agenda.huella.nadie().get(enlace).await
    }

    async fn contestar(&self, enlace: &str, verbo: &str) -> Respuesta {
        let request = self.agenda.huella.nadie().request(reqwest::Method::POST, &format!("{enlace}/{verbo}"));
        huella_tests::cliente::send(request).await
    }

    /// A service that takes an hour.
    async fn cirugia(&self) -> String {
        let admin = self.agenda.huella.como(ADMIN).await;
        let body = json!({ "codigo": "LARGA", "nombre": "Consulta larga", "duracion_min": 60, "ambiente_tipo": "consultorio" });
        id(&admin.post("/servicios", body).await.created())
    }

    pub async fn contar(&self, sql: &str) -> i64 {
        self.agenda.huella.scalar(sql).await
    }
}

fn enlace_en(text: &str) -> Option<String> {
    let start = text.find("/ofertas/ho_")?;
    Some(text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/_-".contains(*c)).collect())
}

fn texto(page: &Respuesta) -> String {
    String::from_utf8_lossy(&page.bytes).into_owned()
}
