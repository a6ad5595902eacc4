//! Letters that leave with a transaction: written in it, sealed in the queue, sent after it by a worker.
use kernel::{Job, Problem, Tx, ports::Mail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kind of work that sending one is.
pub const ENVIAR: &str = "carta.enviar";
const SECRETO: &str = "carta";

#[derive(Serialize, Deserialize)]
struct PorEnviar {
    /// The queue is no place for an address, a code or a link.
    sellada: String,
}

/// `ruta` is a page of ours that the letter ends with; whoever sends it knows where we are reached.
pub async fn encolar(tx: &mut Tx, mail: &Mail, ruta: Option<&str>) -> Result<(), Problem> {
    let plain = serde_json::to_vec(&[mail.to.as_str(), &mail.subject, &mail.text, ruta.unwrap_or_default()]).map_err(Problem::internal)?;
    let sellada = tx.seal_secret(SECRETO, plain)?;
    tx.enqueue(Job::new(ENVIAR, PorEnviar { sellada })).await.map(drop)
}

/// The letter of the work.
pub fn abrir(tx: &Tx, cuerpo: &Value, base_url: &str) -> Result<Mail, Problem> {
    let PorEnviar { sellada } = PorEnviar::deserialize(cuerpo).map_err(Problem::internal)?;
    let [to, subject, mut text, ruta]: [String; 4] =
        serde_json::from_str(&tx.open_secret(SECRETO, &sellada)?).map_err(Problem::internal)?;
    if !ruta.is_empty() {
        text.push_str(&format!("{base_url}{ruta}\n"));
    }
    Ok(Mail::plain(to, subject, text))
}
