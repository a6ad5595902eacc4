//! The agenda, as a receptionist uses it.
mod agenda;
mod ajenas;
mod anio;
mod autoreserva;
mod bloqueos;
mod calendario;
mod cambiar;
mod espera;
mod faltas;
mod feriados;
mod historia;
mod recordada;
mod reservar;
mod retener;
mod sala;
mod series;
mod sobrecupo;
mod traslados;
mod turnos;
mod zona;

use huella_tests::{Huella, Modo, andina::RECEPCION_LIMA};
use serde_json::{Value, json};

/// What every test of the agenda needs to know of the chain.
pub struct Agenda {
    pub huella: Huella,
    pub lima: String,
    pub cusco: String,
    rojas: String,
    soto: String,
    consulta: String,
    eco: String,
    pub llamada: String,
}

impl Agenda {
    async fn start() -> Self {
        Self::start_with(Modo::default()).await
    }

    pub async fn start_with(modo: Modo) -> Self {
        let huella = Huella::start_with(modo).await;
        let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
        let (lima, cusco) = (of("sedes", "codigo", "LIM").await, of("sedes", "codigo", "CUS").await);
        let (rojas, soto) = (of("usuarios", "cmvp", "10234").await, of("usuarios", "cmvp", "11567").await);
        let (consulta, eco) = (of("servicios", "codigo", "CONS").await, of("servicios", "codigo", "ECO").await);
        let llamada = of("servicios", "codigo", "LLAMADA").await;
        Self { huella, lima, cusco, rojas, soto, consulta, eco, llamada }
    }

    /// A new patient of the chain.
    async fn mascota(&self, nombre: &str) -> String {
        let recepcion = self.huella.como(RECEPCION_LIMA).await;
        let body = json!({ "tutor": { "nombres": "Tutor de", "apellidos": nombre }, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "macho" } });
        recepcion.post("/pacientes/registro", body).await.created()["mascota"]["id"].as_str().expect("an id").to_owned()
    }

    /// A consultation in Lima with Dr. Soto.
    fn cita(&self, mascota: &str, inicio: &str) -> Value {
        json!({ "sede_id": self.lima, "mascota_id": mascota, "servicio_id": self.consulta, "medico_id": self.soto, "inicio": format!("{inicio}-05:00") })
    }

    /// The same appointment as the body of a PUT.
    fn cambio(&self, cita: &Value) -> Value {
        let keep = ["sede_id", "servicio_id", "medico_id", "inicio", "motivo"];
        Value::Object(keep.iter().map(|key| ((*key).to_owned(), cita[*key].clone())).collect())
    }
}

fn resources(problem: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = problem["conflictos"].as_array().into_iter().flatten().filter_map(|c| c["recurso"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
