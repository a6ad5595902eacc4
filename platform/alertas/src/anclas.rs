//! The end of a chain's audit, once a day, to the mailbox that the chain chose. To nobody until it chooses one: what counts is
//! that whoever runs the server cannot take the letter back, and which mailbox is like that only the chain knows.
use crate::{
    model::{Tipo, fecha, hora},
    store::ajustes,
};
use jiff::{
    Timestamp,
    tz::{TimeZone, offset},
};
use kernel::{Correo, Destino, Problem, Tx, ids::TenantId};
use serde_json::json;
use sqlx::PgConnection;

const TIPO: Tipo = Tipo::AuditoriaAncla;

/// The same letter is sent once: there is one of each day.
fn clave(now: Timestamp) -> String {
    now.to_zoned(TimeZone::UTC).date().to_string()
}

/// Chains that chose a mailbox and have no letter of today yet. Role `huella_jobs`.
pub async fn con_anclas(db: &mut PgConnection, now: Timestamp) -> Result<Vec<TenantId>, Problem> {
    ajustes::con_anclas(db, TIPO.clave(), &clave(now)).await
}

/// Asks for today's letter; `false` if the chain chose nobody, or it waits already.
pub async fn anclar(tx: &mut Tx, numero: i64, resumen: &str) -> Result<bool, Problem> {
    let Some(direccion) = ajustes::get(tx).await?.datos.anclas_a else { return Ok(false) };
    // A letter of the chain, which is in Peru.
    let (now, zona) = (tx.now(), TimeZone::fixed(offset(-5)));
    let datos = json!({ "ancla": format!("{resumen}@{numero}"), "fecha": fecha(now, &zona), "hora": hora(now, &zona) });
    tx.enviar(&Correo::new(TIPO.clave(), clave(now), Destino::Direccion(direccion)).datos(datos)).await
}
