//! Rules written for a test: they really read facts, and fail, think slowly or are gone when they are told to.
use alertas::puertos::{Conjunto, DeReglas, Gravedad, Leido, Momento, NoCorrio, Parada, Propuesta, Regla, Reglas, Suscripcion, disparo};
use async_trait::async_trait;
use futures::future::BoxFuture;
use jiff::{ToSpan, civil::Date};
use kernel::{
    Problem,
    ids::{SedeId, TenantId},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

pub const RABIA: &str = "pe.prueba.rabia";

/// What a rule does before it answers.
type Gancho = Box<dyn Fn(usize) -> BoxFuture<'static, ()> + Send + Sync>;

/// «Rabia vencida»: once a year, told `dias` ahead.
#[derive(Clone)]
pub struct Rabia {
    pub complemento: String,
    pub version: String,
    pub revision: i32,
    pub sandbox: bool,
    pub sedes: Option<Vec<SedeId>>,
    pub dias: i64,
    pub suscripciones: Vec<Suscripcion>,
    /// How it ends instead of answering, for pets of this species; of all with an empty one.
    pub falla: Option<(String, NoCorrio)>,
    pub guion: Guion,
}

/// The rules of every chain, as the test changes them; and how often they were asked.
#[derive(Clone, Default)]
pub struct Guion(Arc<Dentro>);

#[derive(Default)]
struct Dentro {
    reglas: Mutex<BTreeMap<String, Rabia>>,
    paradas: Mutex<Vec<Parada>>,
    caido: Mutex<bool>,
    veces: AtomicUsize,
    gancho: Mutex<Option<Arc<Gancho>>>,
}

impl Guion {
    pub fn con_rabia() -> Self {
        let guion = Self::default();
        guion.poner(guion.rabia());
        guion
    }
    pub fn de(&self) -> DeReglas {
        DeReglas(Arc::new(self.clone()))
    }
    pub fn rabia(&self) -> Rabia {
        let on = |when: &str| Suscripcion { disparo: when.into(), hechos: vec!["mascota".into(), "vacunas".into()] };
        Rabia {
            complemento: RABIA.into(),
            version: "1.0.0".into(),
            revision: 1,
            sandbox: false,
            sedes: None,
            dias: 30,
            suscripciones: vec![on(disparo::DIARIO), on(disparo::CAMBIO)],
            falla: None,
            guion: self.clone(),
        }
    }
    pub fn poner(&self, regla: Rabia) {
        self.0.reglas.lock().expect("whole").insert(regla.complemento.clone(), regla);
    }
    pub fn quitar(&self, complemento: &str) {
        self.0.reglas.lock().expect("whole").remove(complemento);
    }
    /// It fails from now on, for this species or for all.
    pub fn fallar(&self, especie: &str) {
        let why = NoCorrio { resultado: "tiempo".into(), detalle: Some("pasó de 50 ms".into()) };
        self.poner(Rabia { falla: Some((especie.into(), why)), ..self.rabia() });
    }
    pub fn parar(&self, motivo: Option<&str>) {
        let one = |motivo: &str| Parada { complemento: RABIA.into(), nombre: "Rabia".into(), motivo: motivo.into() };
        *self.0.paradas.lock().expect("whole") = motivo.map(one).into_iter().collect();
    }
    pub fn caer(&self, caido: bool) {
        *self.0.caido.lock().expect("whole") = caido;
    }
    pub fn veces(&self) -> usize {
        self.0.veces.load(Ordering::SeqCst)
    }
    /// Called with how often rules were asked, before each answer.
    pub fn al_preguntar(&self, gancho: impl Fn(usize) -> BoxFuture<'static, ()> + Send + Sync + 'static) {
        *self.0.gancho.lock().expect("whole") = Some(Arc::new(Box::new(gancho)));
    }
    pub fn sin_gancho(&self) {
        *self.0.gancho.lock().expect("whole") = None;
    }
}

#[async_trait]
impl Reglas for Guion {
    async fn activas(&self, _: TenantId) -> Result<Conjunto, Problem> {
        if *self.0.caido.lock().expect("whole") {
            return Err(Problem::internal("rules cannot be read"));
        }
        let paradas = self.0.paradas.lock().expect("whole").clone();
        let stopped = |regla: &Rabia| paradas.iter().any(|parada| parada.complemento == regla.complemento);
        let rules = self.0.reglas.lock().expect("whole").values().filter(|regla| !stopped(regla)).cloned().collect::<Vec<_>>();
        Ok(Conjunto { reglas: rules.into_iter().map(|regla| Arc::new(regla) as Arc<dyn Regla>).collect(), paradas })
    }

    async fn borrador(
        &self,
        _: TenantId,
        complemento: &str,
        digest: Option<String>,
        config: Option<Value>,
    ) -> Result<Arc<dyn Regla>, Problem> {
        let found = self.0.reglas.lock().expect("whole").get(complemento).cloned().ok_or_else(Problem::not_found)?;
        let dias = config.and_then(|config| config["dias"].as_i64()).unwrap_or(found.dias);
        let falla = match digest.as_deref() {
            Some("rota") => Some((String::new(), NoCorrio { resultado: "tiempo".into(), detalle: None })),
            _ => None,
        };
        Ok(Arc::new(Rabia { dias, falla, ..found }))
    }
}

#[async_trait]
impl Regla for Rabia {
    fn complemento(&self) -> &str {
        &self.complemento
    }
    fn version(&self) -> &str {
        &self.version
    }
    fn digest(&self) -> String {
        format!("sha256:{}", self.version)
    }
    fn revision(&self) -> i32 {
        self.revision
    }
    fn sandbox(&self) -> bool {
        self.sandbox
    }
    fn sedes(&self) -> Option<&[SedeId]> {
        self.sedes.as_deref()
    }
    fn nombre(&self) -> &str {
        "Rabia"
    }
    fn suscripciones(&self) -> &[Suscripcion] {
        &self.suscripciones
    }
    async fn evaluar(&self, _: &str, hechos: Leido<'_>, momento: Momento) -> Result<Vec<Propuesta>, NoCorrio> {
        let asked = self.guion.0.veces.fetch_add(1, Ordering::SeqCst) + 1;
        let gancho = self.guion.0.gancho.lock().expect("whole").clone();
        if let Some(gancho) = gancho {
            gancho(asked).await;
        }
        let especie = hechos.get("mascota").and_then(|pet| pet["especie"].as_str()).unwrap_or_default();
        if let Some((_, why)) = self.falla.as_ref().filter(|(of, _)| of.is_empty() || of == especie) {
            return Err(why.clone());
        }
        assert!(hechos.get("pesos").is_none(), "it did not ask for weights");
        Ok(self.decir(&json!(hechos), momento.hoy).into_iter().collect())
    }
}

impl Rabia {
    fn decir(&self, hechos: &Value, hoy: Date) -> Option<Propuesta> {
        let shots = hechos["vacunas"].as_array().expect("a list").iter().enumerate();
        let of_rabies = shots.filter(|(_, one)| one["antigenos"].as_array().expect("a list").iter().any(|name| name == "rabia"));
        let last = of_rabies.max_by_key(|(_, one)| one["fecha"].as_str().expect("a date").to_owned());
        let one = |gravedad, titulo: String, detalle: &str, vence, evidencia| Propuesta {
            regla: "rabia".into(),
            gravedad,
            titulo,
            detalle: detalle.into(),
            vence,
            evidencia,
            clave: "rabia".into(),
            sugiere_bloquear: false,
        };
        let Some((index, shot)) = last else {
            return Some(one(Gravedad::Advertencia, "Rabia: sin vacuna".into(), "No hay ninguna dosis.", None, vec![]));
        };
        let due: Date = shot["fecha"].as_str().expect("a date").parse::<Date>().expect("a date") + 1.year();
        let evidencia = vec![format!("/vacunas/{index}")];
        if due > hoy + self.dias.days() {
            None
        } else if due > hoy {
            Some(one(Gravedad::Info, format!("Rabia: toca el {due}"), "El último refuerzo fue hace un año.", Some(due), evidencia))
        } else {
            Some(one(
                Gravedad::Critica,
                format!("Rabia: desde el {due}"),
                "El último refuerzo fue hace más de un año.",
                Some(due),
                evidencia,
            ))
        }
    }
}
