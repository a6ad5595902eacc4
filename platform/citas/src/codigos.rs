//! Codes that leave for a phone: sealed in the queue, handed over by a worker, and of no use once they are over.
use crate::store;
use jiff::Timestamp;
use kernel::{Job, Problem, Tx, ports::CodigoATelefono};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The kind of work that sending one is.
pub const ENVIAR: &str = "codigo.enviar";
const SECRETO: &str = "codigo";
/// By then it is over, or nearly.
const TRIES: i16 = 8;

#[derive(Serialize, Deserialize)]
struct PorEnviar {
    id: Uuid,
    /// Phone and code: the queue is no place for either.
    sellado: String,
    vence_en: Timestamp,
}

/// `id` is that of the request for a code.
pub async fn encolar(tx: &mut Tx, id: Uuid, telefono: &str, codigo: &str, vence_en: Timestamp) -> Result<(), Problem> {
    let plain = serde_json::to_vec(&[telefono, codigo]).map_err(Problem::internal)?;
    let sellado = tx.seal_secret(SECRETO, plain)?;
    tx.enqueue(Job::new(ENVIAR, PorEnviar { id, sellado, vence_en }).tries(TRIES)).await.map(drop)
}

/// A code that is still good for something.
pub struct PorTelefono {
    clave: String,
    telefono: String,
    codigo: String,
    cadena: String,
}

impl PorTelefono {
    pub fn mensaje(&self) -> CodigoATelefono<'_> {
        CodigoATelefono { clave: &self.clave, a: &self.telefono, cadena: &self.cadena, codigo: &self.codigo }
    }
}

/// The code of the work; `None` once it is over.
pub async fn abrir(tx: &mut Tx, cuerpo: &Value) -> Result<Option<PorTelefono>, Problem> {
    let PorEnviar { id, sellado, vence_en } = PorEnviar::deserialize(cuerpo).map_err(Problem::internal)?;
    if vence_en <= tx.now() {
        return Ok(None);
    }
    let [telefono, codigo]: [String; 2] = serde_json::from_str(&tx.open_secret(SECRETO, &sellado)?).map_err(Problem::internal)?;
    Ok(Some(PorTelefono { clave: id.to_string(), telefono, codigo, cadena: store::nombre_de_cadena(tx).await? }))
}
