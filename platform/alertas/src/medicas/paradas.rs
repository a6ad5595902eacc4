//! Which rules do not run is told, kept, and taken back only when they have gone through all pets again.
use super::{pasada::RECORRER, preguntar::Preguntas};
use crate::{
    model::medicas::{Detenida, Dicho, PasadaMotivo, ReglaDetenida},
    puertos::{DeReglas, NoCorrio, Parada, Reglas},
    store::medicas::{detenidas as store, pedir},
};
use jiff::{SignedDuration, Timestamp};
use kernel::{Event, Problem, Tx, ids::TenantId};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How often a rule that was given up is tried on all pets again because it works for one.
const OTRA_VEZ: SignedDuration = SignedDuration::from_mins(10);
const PARADA: &str = "parada";

/// What has to be written of rules that do not run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Conciliacion {
    anotar: Vec<ReglaDetenida>,
    puede: Vec<String>,
    quitar: Vec<String>,
}

/// Compares what is kept with what is true now; `bien`: rules that just answered.
pub fn conciliar(known: &[ReglaDetenida], preguntas: &Preguntas, bien: &BTreeSet<&str>, now: Timestamp) -> Conciliacion {
    let mut todo = Conciliacion::default();
    for parada in &preguntas.paradas {
        let same = |one: &&ReglaDetenida| one.complemento == parada.complemento && one.parada && !one.puede;
        if known.iter().find(same).is_none_or(|one| one.detalle.as_deref() != Some(parada.motivo.as_str())) {
            todo.anotar.push(detenida(parada, now));
        }
    }
    for one in known {
        let stopped = preguntas.paradas.iter().any(|parada| parada.complemento == one.complemento);
        let again = one.parada || (bien.contains(one.complemento.as_str()) && one.ultima_en + OTRA_VEZ <= now);
        match (stopped, preguntas.corre(&one.complemento)) {
            (true, _) => {}
            (false, false) => todo.quitar.push(one.complemento.clone()),
            (false, true) if again && !one.puede => todo.puede.push(one.complemento.clone()),
            _ => {}
        }
    }
    todo
}

fn detenida(parada: &Parada, now: Timestamp) -> ReglaDetenida {
    ReglaDetenida {
        complemento: parada.complemento.clone(),
        nombre: parada.nombre.clone(),
        parada: true,
        resultado: PARADA.to_owned(),
        detalle: Some(parada.motivo.clone()),
        puede: false,
        desde: now,
        ultima_en: now,
    }
}

/// The rules that answered for at least one pet.
pub fn bien<'a>(preguntas: &'a Preguntas, dichos: &[Vec<Dicho>]) -> BTreeSet<&'a str> {
    let answered = |place: usize| dichos.iter().any(|said| matches!(said.get(place), Some(Dicho::Dijo(_))));
    preguntas.reglas.iter().enumerate().filter(|(place, _)| answered(*place)).map(|(_, regla)| regla.complemento()).collect()
}

impl Conciliacion {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What can run again is asked about all pets.
    pub async fn write(self, tx: &mut Tx, tenant: TenantId) -> Result<(), Problem> {
        for regla in &self.anotar {
            store::anotar(tx, regla).await?;
        }
        if !self.puede.is_empty() {
            store::puede(tx, &self.puede).await?;
            let now = tx.now();
            pedir::recorrer(tx, now, RECORRER, &[(tenant, PasadaMotivo::Recuperada.clave())]).await?;
        }
        if !self.quitar.is_empty() {
            store::quitar(tx, &self.quitar).await?;
        }
        if !self.anotar.is_empty() || !self.quitar.is_empty() {
            tell(tx).await?;
        }
        Ok(())
    }
}

/// The end of a walk: rules that went through all pets run, those that were let go do not.
pub async fn cerrar(
    tx: &mut Tx,
    preguntas: &Preguntas,
    enteras: &BTreeSet<String>,
    rendidas: &BTreeMap<String, NoCorrio>,
) -> Result<(), Problem> {
    let (now, known) = (tx.now(), store::todas(tx).await?);
    let mut changed = false;
    for (complemento, why) in rendidas {
        let nombre = preguntas.reglas.iter().find(|regla| regla.complemento() == complemento).map(|regla| regla.nombre().to_owned());
        let given_up = ReglaDetenida {
            complemento: complemento.clone(),
            nombre: nombre.unwrap_or_else(|| complemento.clone()),
            parada: false,
            resultado: why.resultado.clone(),
            detalle: why.detalle.clone(),
            puede: false,
            desde: now,
            ultima_en: now,
        };
        changed |= store::anotar(tx, &given_up).await?;
    }
    for parada in &preguntas.paradas {
        changed |= store::anotar(tx, &detenida(parada, now)).await?;
    }
    let over = |one: &&ReglaDetenida| {
        let stopped = preguntas.paradas.iter().any(|parada| parada.complemento == one.complemento);
        !stopped && !rendidas.contains_key(&one.complemento) && (enteras.contains(&one.complemento) || !preguntas.corre(&one.complemento))
    };
    let gone: Vec<String> = known.iter().filter(over).map(|one| one.complemento.clone()).collect();
    changed |= !gone.is_empty() && store::quitar(tx, &gone).await? > 0;
    if changed {
        tell(tx).await?;
    }
    Ok(())
}

async fn tell(tx: &mut Tx) -> Result<(), Problem> {
    let names: Vec<String> = store::todas(tx).await?.into_iter().map(|one| one.complemento).collect();
    tx.publish(Event::new("alerta.reglas_detenidas", json!({ "complementos": names })));
    Ok(())
}

/// What is true this very moment and nobody wrote down yet. If nobody can tell which rules there are, that is told too:
/// silence must not look like health.
pub async fn sin_guardar(reglas: &DeReglas, tenant: TenantId, now: Timestamp) -> Vec<Detenida> {
    let told = |complemento: &str, nombre: &str, resultado: &str, detalle: String| Detenida {
        complemento: complemento.to_owned(),
        nombre: nombre.to_owned(),
        resultado: resultado.to_owned(),
        detalle: Some(detalle),
        desde: now,
        mascotas: None,
    };
    match activas(&*reglas.0, tenant).await {
        Ok(paradas) => paradas.into_iter().map(|one| told(&one.complemento, &one.nombre, PARADA, one.motivo)).collect(),
        Err(_) => vec![told("", "Todas las reglas", "no_disponible", "No se pudo saber qué reglas corren.".to_owned())],
    }
}

async fn activas(reglas: &dyn Reglas, tenant: TenantId) -> Result<Vec<Parada>, Problem> {
    Preguntas::new(reglas, tenant, "").await.map(|preguntas| preguntas.paradas.clone())
}
