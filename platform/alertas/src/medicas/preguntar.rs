//! Asking all rules of a chain about some pets, a few at a time.
use crate::{
    model::medicas::{Dicho, Freno, ReglaDetenida, Vigente, afirmar},
    puertos::{Leido, Momento, NoCorrio, Parada, Regla, Reglas, Suscripcion},
    store::medicas::{asentar as store, detenidas},
};
use historias::Hechos;
use jiff::tz::TimeZone;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, SedeId, TenantId},
};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::task::JoinSet;

/// Pets that are asked about at once: rules are nothing but CPU, and most of it is for those who book.
const A_LA_VEZ: usize = 2;
/// Why a rule that is only tried out gives no alerts.
const DE_PRUEBA: &str = "Está instalada en modo de prueba: solo se puede ensayar.";

/// The rules of a chain, with what each wants to read now.
pub struct Preguntas {
    pub reglas: Vec<Arc<dyn Regla>>,
    suscripciones: Vec<Option<Suscripcion>>,
    pub paradas: Vec<Parada>,
    disparo: String,
}

impl Preguntas {
    pub async fn new(reglas: &dyn Reglas, tenant: TenantId, disparo: &str) -> Result<Arc<Self>, Problem> {
        let conjunto = reglas.activas(tenant).await?;
        let (de_prueba, reglas): (Vec<_>, Vec<_>) = conjunto.reglas.into_iter().partition(|regla| regla.sandbox());
        let trial = |regla: Arc<dyn Regla>| Parada {
            complemento: regla.complemento().to_owned(),
            nombre: regla.nombre().to_owned(),
            motivo: DE_PRUEBA.to_owned(),
        };
        let paradas = conjunto.paradas.into_iter().chain(de_prueba.into_iter().map(trial)).collect();
        let suscripciones = reglas.iter().map(|regla| wanted(&**regla, disparo)).collect();
        Ok(Arc::new(Self { reglas, suscripciones, paradas, disparo: disparo.to_owned() }))
    }

    /// What another look at the rules is compared with: which run, as which version and configuration, and which cannot.
    pub fn firma(&self) -> String {
        let running = self.reglas.iter().map(|regla| format!("{}@{}#{}", regla.complemento(), regla.digest(), regla.revision()));
        let mut all: Vec<String> = running.chain(self.paradas.iter().map(|parada| format!("{}!", parada.complemento))).collect();
        all.sort();
        all.join(" ")
    }

    /// All whose alerts stand: those that run and those that cannot.
    pub fn conocidas(&self) -> HashSet<String> {
        let running = self.reglas.iter().map(|regla| regla.complemento().to_owned());
        running.chain(self.paradas.iter().map(|parada| parada.complemento.clone())).collect()
    }

    pub fn corre(&self, complemento: &str) -> bool {
        self.reglas.iter().any(|regla| regla.complemento() == complemento)
    }

    fn by_sede(&self) -> bool {
        self.reglas.iter().any(|regla| regla.sedes().is_some())
    }
}

fn wanted(regla: &dyn Regla, disparo: &str) -> Option<Suscripcion> {
    regla.suscripciones().iter().find(|one| one.disparo == disparo).cloned()
}

/// Some pets with what is stored of them.
pub struct Lote {
    pub zona: TimeZone,
    pub hechos: Vec<Hechos>,
    pub vigentes: HashMap<MascotaId, Vec<Vigente>>,
    pub fallas: HashMap<(MascotaId, String), String>,
    pub detenidas: Vec<ReglaDetenida>,
    sedes: HashMap<MascotaId, Vec<SedeId>>,
}

impl Lote {
    pub async fn leer(tx: &mut Tx, preguntas: &Preguntas, hechos: Vec<Hechos>) -> Result<Arc<Self>, Problem> {
        let ids: Vec<MascotaId> = hechos.iter().map(|one| one.mascota.id).collect();
        let zona = store::zona(tx).await?;
        let vigentes = store::vigentes(tx, &ids).await?;
        let fallas = detenidas::sin_evaluar(tx, &ids).await?;
        let detenidas = detenidas::todas(tx).await?;
        let sedes = if preguntas.by_sede() { store::sedes(tx, &ids).await? } else { HashMap::new() };
        Ok(Arc::new(Self { zona, hechos, vigentes, fallas, detenidas, sedes }))
    }
}

/// What each rule says of each pet, in the order of the pets and of the rules. Nothing of the database is held meanwhile.
pub async fn preguntar(
    preguntas: &Arc<Preguntas>,
    lote: &Arc<Lote>,
    momento: Momento,
    freno: &Arc<Freno>,
) -> Result<Vec<Vec<Dicho>>, Problem> {
    let mut working = JoinSet::new();
    let portion = lote.hechos.len().div_ceil(A_LA_VEZ).max(1);
    for from in (0..lote.hechos.len()).step_by(portion) {
        let (preguntas, lote, freno) = (preguntas.clone(), lote.clone(), freno.clone());
        working.spawn(async move {
            let mut said = Vec::with_capacity(portion);
            for hechos in lote.hechos.iter().skip(from).take(portion) {
                said.push(una(&preguntas, hechos, lote.sedes.get(&hechos.mascota.id), momento, &freno).await);
                tokio::task::yield_now().await;
            }
            (from, said)
        });
    }
    let mut portions = Vec::new();
    while let Some(done) = working.join_next().await {
        portions.push(done.map_err(Problem::internal)?);
    }
    portions.sort_by_key(|(from, _)| *from);
    Ok(portions.into_iter().flat_map(|(_, said)| said).collect())
}

async fn una(preguntas: &Preguntas, hechos: &Hechos, sedes: Option<&Vec<SedeId>>, momento: Momento, freno: &Freno) -> Vec<Dicho> {
    let documento = json!(hechos);
    let mut said = Vec::with_capacity(preguntas.reglas.len());
    for (regla, suscripcion) in preguntas.reglas.iter().zip(&preguntas.suscripciones) {
        let regla = &**regla;
        said.push(match suscripcion {
            _ if !vale(regla, sedes) => Dicho::NoVale,
            Some(suscripcion) if freno.deja(regla.complemento()) => {
                let dicho = decir(regla, &preguntas.disparo, &documento, suscripcion, momento).await;
                freno.nota(regla.complemento(), &dicho);
                dicho
            }
            _ => Dicho::Nada,
        });
    }
    said
}

/// What one rule says of one document.
pub async fn decir(regla: &dyn Regla, disparo: &str, documento: &Value, suscripcion: &Suscripcion, momento: Momento) -> Dicho {
    let said = regla.evaluar(disparo, Leido::new(documento, suscripcion), momento).await;
    match said.and_then(|propuestas| afirmar(propuestas, documento)) {
        Ok(all) => Dicho::Dijo(all),
        Err(why) => Dicho::NoCorrio(NoCorrio { resultado: named(&why.resultado), detalle: why.detalle.map(|text| text.replace('\0', "")) }),
    }
}

fn named(resultado: &str) -> String {
    if resultado.is_empty() { "fallo".to_owned() } else { resultado.replace('\0', "") }
}

/// Whether a rule is for a pet that is known in these sedes; one that is known nowhere is everybody's.
pub fn vale(regla: &dyn Regla, sedes: Option<&Vec<SedeId>>) -> bool {
    match (regla.sedes(), sedes) {
        (None, _) | (Some(_), None) => true,
        (Some(of_rule), Some(sedes)) => of_rule.iter().any(|sede| sedes.contains(sede)),
    }
}
