//! What a chain writes to the owners of its patients: real letters through a real mail server.
mod cifrado;
mod entrega;
mod plantillas;
mod recordatorios;
mod respuestas;
mod vida;

use huella_tests::{
    Cliente, Huella, Modo,
    afuera::{Carta, cartas},
    andina::{ADMIN, RECEPCION_LIMA},
};
use serde_json::{Value, json};
use server::trabajos::{self, worker};

/// A chain that writes.
struct Mundo {
    huella: Huella,
    lima: String,
    cusco: String,
    soto: String,
    consulta: String,
}

/// An owner that no other test writes to.
struct Familia {
    correo: String,
    tutor: String,
    mascota: String,
}

impl Familia {
    /// What they got, the oldest first.
    fn cartas(&self) -> Vec<Carta> {
        cartas(&self.correo)
    }
    fn asuntos(&self) -> Vec<String> {
        self.cartas().into_iter().map(|carta| carta.subject).collect()
    }
}

impl Mundo {
    /// A chain that confirms what is booked.
    async fn start() -> Self {
        Self::start_with(Modo::default()).await
    }
    async fn start_with(modo: Modo) -> Self {
        let mundo = Self::callado_with(modo).await;
        mundo.ajustar(json!({ "confirmaciones": true })).await;
        mundo
    }

    /// A chain that has set nothing.
    async fn callado() -> Self {
        Self::callado_with(Modo::default()).await
    }
    async fn callado_with(modo: Modo) -> Self {
        let huella = Huella::start_with(modo).await;
        huella.execute("delete from outbox").await;
        let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
        let (lima, cusco) = (of("sedes", "codigo", "LIM").await, of("sedes", "codigo", "CUS").await);
        let (soto, consulta) = (of("usuarios", "cmvp", "11567").await, of("servicios", "codigo", "CONS").await);
        Self { huella, lima, cusco, soto, consulta }
    }

    /// Signed in just now: the clock goes on by hours.
    async fn admin(&self) -> Cliente {
        self.huella.como(ADMIN).await
    }
    async fn recepcion(&self) -> Cliente {
        self.huella.como(RECEPCION_LIMA).await
    }

    async fn ajustar(&self, ajustes: Value) {
        self.admin().await.put("/ajustes/correos", ajustes).await.ok();
    }

    async fn familia(&self, mascota: &str) -> Familia {
        self.familia_en(mascota, "tutores.example").await
    }

    /// At an address of this domain.
    async fn familia_en(&self, mascota: &str, dominio: &str) -> Familia {
        let correo = format!("t{}@{dominio}", uuid::Uuid::now_v7().simple());
        let tutor = json!({ "nombres": "Rosa", "apellidos": "Núñez", "correo": correo });
        let body = json!({ "tutor": tutor, "mascota": { "nombre": mascota, "especie": "perro", "sexo": "hembra" } });
        let made = self.recepcion().await.post("/pacientes/registro?confirmar_duplicado=true", body).await.created();
        let of = |what: &str| made[what]["id"].as_str().expect("an id").to_owned();
        Familia { tutor: of("tutor"), mascota: of("mascota"), correo }
    }

    /// A consultation in Lima with Dr. Soto, at a civil time of Lima.
    async fn reservar(&self, familia: &Familia, inicio: &str) -> Value {
        let body = json!({ "sede_id": self.lima, "mascota_id": familia.mascota, "servicio_id": self.consulta, "medico_id": self.soto, "inicio": format!("{inicio}-05:00") });
        self.recepcion().await.post("/citas/reservar", body).await.created()
    }

    async fn mover(&self, cita: &Value, inicio: &str) -> Value {
        let body = json!({ "sede_id": cita["sede_id"], "servicio_id": cita["servicio_id"], "medico_id": cita["medico_id"], "inicio": format!("{inicio}-05:00") });
        self.recepcion().await.put(&format!("/citas/{}", huella_tests::id(cita)), body).await.ok()
    }

    async fn anular(&self, cita: &Value) -> Value {
        self.recepcion().await.delete(&format!("/citas/{}?motivo=No%20viene", huella_tests::id(cita))).await.ok()
    }

    /// Everything that is due is done, on this server.
    async fn trabajar(&self) {
        trabajar(&self.huella).await;
    }

    async fn mensajes(&self, filtro: &str) -> Vec<Value> {
        self.admin().await.get(&format!("/mensajes?{filtro}")).await.ok()["items"].as_array().expect("a list").clone()
    }
}

async fn trabajar(huella: &Huella) {
    trabajos::relay(&huella.parts).await.expect("relayed");
    while worker::work_once(&huella.parts).await.expect("worked").done > 0 {}
}
