//! Data of another system comes in, as files.
mod deshacer;
mod historia;
mod mascotas;
mod tutores;

use huella_tests::{Cliente, Huella, Respuesta, andina::ADMIN, cliente::send, id};
use reqwest::{Method, header};
use serde_json::{Value, json};
use server::trabajos::worker;

/// A server and who imports.
struct Mudanza {
    huella: Huella,
    admin: Cliente,
}

impl Mudanza {
    async fn start() -> Self {
        let huella = Huella::start().await;
        let admin = huella.como(ADMIN).await;
        Self { huella, admin }
    }

    async fn sends(&self, tipo: &str, bytes: impl Into<Vec<u8>>) -> Respuesta {
        let path = format!("/importaciones?tipo={tipo}&nombre=clientes.csv");
        send(self.admin.request(Method::POST, &path).header(header::CONTENT_TYPE, "application/octet-stream").body(bytes.into())).await
    }
    /// The id of a file that came in.
    async fn sent(&self, tipo: &str, bytes: impl Into<Vec<u8>>) -> String {
        id(&self.sends(tipo, bytes).await.created())
    }

    /// All work that is due is done.
    async fn works(&self) {
        for _ in 0..50 {
            if worker::work_once(&self.huella.parts).await.expect("worked").done == 0 {
                return;
            }
        }
        panic!("there is always more work");
    }

    async fn after(&self, importacion: &str, paso: &str) -> Value {
        self.admin.post(&format!("/importaciones/{importacion}/{paso}"), json!({})).await.expect(202);
        self.works().await;
        self.admin.get(&format!("/importaciones/{importacion}")).await.ok()
    }
    async fn tried(&self, importacion: &str) -> Value {
        self.after(importacion, "prueba").await
    }
    async fn done(&self, importacion: &str) -> Value {
        self.after(importacion, "ejecucion").await
    }
    /// Sent and imported.
    async fn imported(&self, tipo: &str, bytes: impl Into<Vec<u8>>) -> Value {
        let importacion = self.sent(tipo, bytes).await;
        self.done(&importacion).await
    }
    async fn faults(&self, importacion: &str) -> Vec<(i64, String, String)> {
        let page = self.admin.get(&format!("/importaciones/{importacion}/errores")).await.ok();
        let mut faults = Vec::new();
        for row in page["items"].as_array().expect("items") {
            for fault in row["errores"].as_array().expect("errores") {
                let text = |name: &str| fault[name].as_str().unwrap_or_default().to_owned();
                faults.push((row["fila"].as_i64().expect("a number"), text("columna"), text("detail")));
            }
        }
        // Those of one row come in any order.
        faults.sort();
        faults
    }

    async fn count(&self, table: &str) -> i64 {
        self.huella.scalar(&format!("select count(*) from {table}")).await
    }
}

/// State, and rows that are new, updated, skipped and bad.
fn outcome(importacion: &Value) -> (&str, [i64; 4]) {
    let number = |name: &str| importacion[name].as_i64().unwrap_or(-1);
    (importacion["estado"].as_str().unwrap_or_default(), [number("nuevas"), number("actualizadas"), number("omitidas"), number("errores")])
}

const CLIENTES: &str = "Código;Apellidos y Nombres;DNI;Celular;E-mail\r\n\
    C1;Peña Ñahui, José;01234567;987 654 321;jose@ejemplo.pe\r\n\
    C2;Rosa Quispe Mamani;44556677;;\r\n\
    C3;Veterinaria Amiga S.A.C.;20131312955;01 444 5566;\r\n";

const PACIENTES: &str = "N° HC;Código Cliente;Mascota;Especie;Raza;Sexo;F. Nacimiento;Peso;Microchip\r\n\
    7;C1;Luna;Canino;Labrador Retriever;H;15/03/2020;12,5;604000000000001\r\n\
    8;C2;Michi;felino;;macho;;;\r\n";
