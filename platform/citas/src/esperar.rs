//! Those who wait: who is told of them, and how they wait no more.
use crate::{
    auditar::auditar,
    model::Espera,
    retener,
    store::{self, Suerte, Trabajo},
};
use jiff::{Timestamp, civil::Date, tz};
use kernel::{
    Change, Event, Problem, Tx,
    ids::{MascotaId, TenantId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// The kind of work: withdrawing a pet that died from what somebody wrote down at the moment of its death.
pub const RETIRAR: &str = "lista.retirar";

#[derive(Serialize, Deserialize)]
struct Fallecida {
    mascota_id: MascotaId,
}

/// The day in Peru: one zone, no summer time.
pub fn hoy(now: Timestamp) -> Date {
    now.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).date()
}

/// Tells the screens of every sede where it waits.
pub fn avisar(tx: &mut Tx, tema: &'static str, espera: &Espera) {
    for sede in &espera.preferencia.sedes {
        let aviso = json!({
            "id": espera.id, "mascota_id": espera.mascota_id, "estado": espera.estado, "retirada_motivo": espera.retirada_motivo,
            "preferencia": espera.preferencia
        });
        tx.publish(Event::new(tema, aviso).sede(*sede));
    }
}

/// An owner's name has no place in the audit.
pub fn sin_nombres(espera: &Espera) -> Espera {
    Espera { tutor: None, ..espera.clone() }
}

/// Withdraws an entry that is held. A time that it was offered goes to the next.
pub async fn retirar(tx: &mut Tx, antes: &Espera, motivo: &str) -> Result<Espera, Problem> {
    store::save_suerte(tx, antes.id, Suerte::Retirada(motivo)).await?;
    if let Some(oferta) = &antes.oferta {
        retener::soltar(tx, oferta.cita_id).await?;
    }
    let hoy = hoy(tx.now());
    let despues = store::espera(tx, antes.id, hoy).await?.ok_or_else(Problem::not_found)?;
    let line = Change::new("retirar", "espera", antes.id).antes(sin_nombres(antes)).despues(sin_nombres(&despues));
    auditar(tx, antes.mascota_id, line).await?;
    avisar(tx, "espera.retirada", &despues);
    Ok(despues)
}

/// Asks for the work that committed events make: of deaths, where anybody waits. Role `huella_jobs`. Says how much.
pub async fn anotar_fallecidas<'a>(
    db: &mut PgConnection,
    now: Timestamp,
    sucesos: impl Iterator<Item = (TenantId, &'a str, &'a Value)>,
) -> Result<u64, Problem> {
    let muertes = sucesos.filter(|(_, tema, _)| *tema == "mascota.fallecida");
    let fallecidas = muertes.filter_map(|(tenant, _, cuerpo)| Some((tenant, Fallecida::deserialize(cuerpo).ok()?)));
    let trabajos: Vec<Trabajo> = fallecidas
        .map(|(tenant, fallecida)| Trabajo { tenant, clave: Some(fallecida.mascota_id.to_string()), en: None, cuerpo: json!(fallecida) })
        .collect();
    store::anotar_donde_esperan(db, now, RETIRAR, &trabajos).await
}

/// Withdraws a pet from what it still waits for, unless its death was a mistake. Its death did so already; an entry that was
/// written at the same time did not see it. `cuerpo` is that of the work, which sees every sede.
pub async fn retirar_fallecida(tx: &mut Tx, cuerpo: &Value) -> Result<(), Problem> {
    let Fallecida { mascota_id } = Fallecida::deserialize(cuerpo).map_err(Problem::internal)?;
    store::bloquear_lista(tx).await?;
    let hoy = hoy(tx.now());
    for id in store::esperas_de_fallecida(tx, mascota_id).await? {
        if let Some(espera) = store::lock_espera(tx, id, hoy).await? {
            retirar(tx, &espera, store::FALLECIO).await?;
        }
    }
    Ok(())
}
