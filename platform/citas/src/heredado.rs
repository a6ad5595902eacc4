//! Work that the release before left in the queue, in its own words: done here for one release, and then this goes.
use crate::ofrecer;
use kernel::{Problem, Tx, ids::OfertaId, ports::Mail};
use serde::Deserialize;
use serde_json::Value;

/// A letter that was written when it was asked for: a code, or what became of an owner's own booking.
pub const CARTA: &str = "carta.enviar";
/// The letter with an hour that is offered.
pub const HORA: &str = "hora.escribir";

#[derive(Deserialize)]
struct Carta {
    sellada: String,
}

/// The letter of the work; its last line is a page of ours, if it has one.
pub fn carta(tx: &Tx, cuerpo: &Value, base_url: &str) -> Result<Mail, Problem> {
    let Carta { sellada } = Carta::deserialize(cuerpo).map_err(Problem::internal)?;
    let [to, subject, mut text, ruta]: [String; 4] =
        serde_json::from_str(&tx.open_secret("carta", &sellada)?).map_err(Problem::internal)?;
    if !ruta.is_empty() {
        text.push_str(&format!("{base_url}{ruta}\n"));
    }
    Ok(Mail::plain(to, subject, text))
}

#[derive(Deserialize)]
struct Hora {
    oferta: OfertaId,
    enlace: String,
}

/// Asks for the letter as it is asked for now, with the link that was made then.
pub async fn hora(tx: &mut Tx, cuerpo: &Value) -> Result<(), Problem> {
    let Hora { oferta, enlace } = Hora::deserialize(cuerpo).map_err(Problem::internal)?;
    let enlace = tx.open_secret("oferta", &enlace)?;
    ofrecer::escribir(tx, oferta, &enlace).await
}
