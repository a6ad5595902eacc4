//! A pet changed: its rules are asked again. Every change asks, and what was read before a change is never written after
//! it, so the last evaluation saw all of them.
use super::{
    asentar::{asentar, difiere},
    paradas::{bien, conciliar},
    pasada::RECORRER,
    preguntar::{Lote, Preguntas, preguntar},
};
use crate::{
    model::medicas::{Dicho, Freno, PasadaMotivo},
    puertos::{Momento, Reglas, disparo},
    store::medicas::{asentar as store, detenidas, pedir},
};
use historias::{CAMBIAN_HECHOS, Lector};
use jiff::Timestamp;
use kernel::{
    Event, Problem, SystemCtx, Tx,
    ids::{MascotaId, TenantId},
    job::{Fallo, Intento},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// The kind of work: look at a pet.
pub const EVALUAR: &str = "regla.evaluar";
/// Evaluations of a pet that goes on changing, before it is left to the next ones.
const VECES: usize = 3;
/// Tries for a rule that fails; the night tries again.
const INTENTOS: i16 = 5;
/// Events after which all pets are looked at, and why.
const REHACEN: &[(&str, PasadaMotivo)] = &[
    ("complemento.cambiado", PasadaMotivo::Reglas),
    ("complemento.en_cuarentena", PasadaMotivo::Reglas),
    ("importacion.terminada", PasadaMotivo::Datos),
    ("modulo.cambiado", PasadaMotivo::Reglas),
];

#[derive(Deserialize)]
struct Trabajo {
    mascota: MascotaId,
    disparo: String,
}

/// Asks, for each event that changes what a rule reads, that somebody looks. Role `huella_jobs`. Says for how many.
pub async fn repartir<'a>(
    db: &mut PgConnection,
    now: Timestamp,
    sucesos: impl Iterator<Item = (TenantId, &'a str, &'a Value)>,
) -> Result<u64, Problem> {
    let (mut looks, mut walks) = (BTreeSet::new(), BTreeSet::new());
    for (tenant, tema, cuerpo) in sucesos {
        if let Some(disparo) = disparo_de(tema, cuerpo) {
            looks.extend(pets(cuerpo).map(|mascota| pedir::Mirada { tenant, disparo, mascota }));
        }
        // A plugin of another world says nothing about pets; of one that is gone nobody knows what it was.
        let of_rules = cuerpo["mundo"].as_str().is_none_or(|mundo| mundo == "alerts");
        let remade = REHACEN.iter().filter(|(name, _)| of_rules && *name == tema);
        walks.extend(remade.map(|(_, motivo)| (tenant, motivo.clave())));
    }
    let mut asked = 0;
    if !looks.is_empty() {
        asked += pedir::mirar(db, now, EVALUAR, &Vec::from_iter(looks)).await?;
    }
    if !walks.is_empty() {
        asked += pedir::recorrer(db, now, RECORRER, &Vec::from_iter(walks)).await?;
    }
    Ok(asked)
}

fn disparo_de(tema: &str, cuerpo: &Value) -> Option<&'static str> {
    match tema {
        tema if CAMBIAN_HECHOS.contains(&tema) => Some(disparo::CAMBIO),
        "visita.llegada" => Some(disparo::LLEGADA),
        "cita.cambiada" if cuerpo["estado"] == "en_espera" => Some(disparo::LLEGADA),
        _ => None,
    }
}

/// The pets that an event names: one, or the two of a merge.
fn pets(cuerpo: &Value) -> impl Iterator<Item = Uuid> {
    ["mascota_id", "de", "a"].into_iter().filter_map(|name| cuerpo[name].as_str()?.parse().ok())
}

enum Visto {
    Bien,
    /// A rule failed; it is noted.
    Fallo(String),
    /// Something changed meanwhile.
    Otra,
}

/// Looks at a pet.
pub async fn evaluar(system: &SystemCtx, reglas: &dyn Reglas, tenant: TenantId, cuerpo: &Value, intento: Intento) -> Result<(), Fallo> {
    let trabajo = Trabajo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    for _ in 0..VECES {
        match mirar(system, reglas, tenant, &trabajo).await? {
            Visto::Bien => return Ok(()),
            Visto::Fallo(_) if intento.numero >= INTENTOS => return Ok(()),
            Visto::Fallo(why) => return Err(Fallo::Luego(why)),
            Visto::Otra => {}
        }
    }
    Err(Fallo::Luego("cambió mientras se evaluaba".into()))
}

async fn mirar(system: &SystemCtx, reglas: &dyn Reglas, tenant: TenantId, trabajo: &Trabajo) -> Result<Visto, Problem> {
    let preguntas = Preguntas::new(reglas, tenant, &trabajo.disparo).await?;
    if preguntas.reglas.is_empty() && preguntas.paradas.is_empty() {
        // What rules said that are gone, a walk closes.
        return Ok(Visto::Bien);
    }
    let mut tx = system.begin(tenant).await?;
    let hechos = Lector::new(&mut tx).await?.varias(&mut tx, &[trabajo.mascota]).await?;
    if hechos.is_empty() {
        return ausente(tx, trabajo.mascota).await;
    }
    let lote = Lote::leer(&mut tx, &preguntas, hechos).await?;
    let momento = Momento { ahora: tx.now(), hoy: lote.zona.to_datetime(tx.now()).date() };
    drop(tx);
    let dichos = preguntar(&preguntas, &lote, momento, &Arc::new(Freno::default())).await?;
    let todo = conciliar(&lote.detenidas, &preguntas, &bien(&preguntas, &dichos), momento.ahora);
    let differs = lote.hechos.iter().zip(&dichos).any(|(hechos, said)| difiere(&preguntas, &lote, said, hechos, momento));
    if differs || !todo.is_empty() {
        let mut tx = system.begin(tenant).await?;
        let asiento = asentar(&mut tx, &preguntas, &lote, &dichos, momento).await?;
        todo.write(&mut tx, tenant).await?;
        asiento.cambiadas.iter().for_each(|mascota| tell(&mut tx, *mascota));
        tx.commit().await?;
        let now = Preguntas::new(reglas, tenant, &trabajo.disparo).await?;
        if !asiento.quedaron.is_empty() || now.firma() != preguntas.firma() {
            return Ok(Visto::Otra);
        }
    }
    let failed = dichos.iter().flatten().find_map(|dicho| match dicho {
        Dicho::NoCorrio(why) => Some(why.resultado.clone()),
        _ => None,
    });
    Ok(failed.map_or(Visto::Bien, Visto::Fallo))
}

/// It died, or its record was merged: nothing is said of it any more.
async fn ausente(mut tx: Tx, mascota: MascotaId) -> Result<Visto, Problem> {
    store::hold(&mut tx).await?;
    let closed = store::cerrar_ausentes(&mut tx, Some(&[mascota])).await?;
    detenidas::olvidar_fallas(&mut tx, Some(&[mascota]), None).await?;
    if closed > 0 {
        tell(&mut tx, mascota);
    }
    tx.commit().await?;
    Ok(Visto::Bien)
}

/// Screens that show this pet look again.
pub fn tell(tx: &mut Tx, mascota: MascotaId) {
    tx.publish(Event::new("alerta.cambiada", json!({ "mascota_id": mascota })));
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const LUNA: &str = "0198d3c4-0000-7000-8000-000000000001";
    const SOL: &str = "0198d3c4-0000-7000-8000-000000000002";

    #[rstest]
    #[case("mascota.pesada", json!({ "mascota_id": LUNA, "peso_id": SOL }), Some("cambio"), 1)]
    #[case("mascota.fusionada", json!({ "fusion_id": LUNA, "de": LUNA, "a": SOL }), Some("cambio"), 2)]
    #[case("visita.llegada", json!({ "mascota_id": LUNA }), Some("llegada"), 1)]
    #[case("cita.cambiada", json!({ "mascota_id": LUNA, "estado": "en_espera" }), Some("llegada"), 1)]
    #[case("cita.cambiada", json!({ "mascota_id": LUNA, "estado": "anulada" }), None, 1)]
    #[case("tutor.cambiado", json!({ "tutor_id": LUNA }), None, 0)]
    fn which_events_ask_rules(#[case] tema: &str, #[case] cuerpo: Value, #[case] expected: Option<&str>, #[case] count: usize) {
        assert_eq!((disparo_de(tema, &cuerpo), pets(&cuerpo).count()), (expected, count));
    }
}
