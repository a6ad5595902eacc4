//! What alerts ask of the rules, which are plugins. The server implements it; tests write rules in Rust.
use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use kernel::{
    Problem,
    ids::{SedeId, TenantId},
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// When rules are asked. The words are the contract's.
pub mod disparo {
    /// Once a day, of every pet.
    pub const DIARIO: &str = "diario";
    /// A pet comes in.
    pub const LLEGADA: &str = "llegada";
    /// Something was written into its record.
    pub const CAMBIO: &str = "cambio";
}

/// When a rule wants to be asked, and which members of the facts it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suscripcion {
    pub disparo: String,
    pub hechos: Vec<String>,
}

/// What a rule reads of a document of facts: the pet, and the lists that it asked for. A view, since every rule is asked about
/// every pet.
#[derive(Debug, Clone, Copy)]
pub struct Leido<'a> {
    documento: &'a Value,
    suscripcion: &'a Suscripcion,
}

impl<'a> Leido<'a> {
    pub fn new(documento: &'a Value, suscripcion: &'a Suscripcion) -> Self {
        Self { documento, suscripcion }
    }

    /// All of it, for whoever shows a rule no more than this himself.
    pub fn documento(&self) -> &'a Value {
        self.documento
    }

    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.documento.get(name).filter(|_| self.shows(name))
    }

    fn shows(&self, name: &str) -> bool {
        ["esquema", "mascota"].contains(&name) || self.suscripcion.hechos.iter().any(|one| one == name)
    }
}

impl Serialize for Leido<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let all = self.documento.as_object().into_iter().flatten();
        out.collect_map(all.filter(|(name, _)| self.shows(name)))
    }
}

/// When it is, for the clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Momento {
    pub ahora: Timestamp,
    pub hoy: Date,
}

/// Qué tan grave es una alerta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = GravedadAlerta)]
pub enum Gravedad {
    Info,
    Advertencia,
    Critica,
}

/// What a rule says of a pet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Propuesta {
    pub regla: String,
    pub gravedad: Gravedad,
    pub titulo: String,
    pub detalle: String,
    pub vence: Option<Date>,
    /// JSON pointers into the facts.
    pub evidencia: Vec<String>,
    /// Two alerts of a pet with the same key are one.
    pub clave: String,
    pub sugiere_bloquear: bool,
}

/// Why a rule said nothing: the name of how its run ended, and what people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoCorrio {
    pub resultado: String,
    pub detalle: Option<String>,
}

/// A rule of a chain, with the configuration of its installation.
#[async_trait]
pub trait Regla: Send + Sync {
    fn complemento(&self) -> &str;
    fn version(&self) -> &str;
    fn digest(&self) -> String;
    /// Of the installation: goes up with every change.
    fn revision(&self) -> i32;
    /// Installed for trying out: its alerts are nobody's but those of a rehearsal.
    fn sandbox(&self) -> bool;
    /// `None`: the whole chain.
    fn sedes(&self) -> Option<&[SedeId]>;
    fn nombre(&self) -> &str;
    fn suscripciones(&self) -> &[Suscripcion];
    async fn evaluar(&self, disparo: &str, hechos: Leido<'_>, momento: Momento) -> Result<Vec<Propuesta>, NoCorrio>;
}

/// A rule that is switched on and cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parada {
    pub complemento: String,
    pub nombre: String,
    pub motivo: String,
}

#[derive(Clone, Default)]
pub struct Conjunto {
    pub reglas: Vec<Arc<dyn Regla>>,
    pub paradas: Vec<Parada>,
}

#[async_trait]
pub trait Reglas: Send + Sync {
    async fn activas(&self, tenant: TenantId) -> Result<Conjunto, Problem>;
    /// For a rehearsal: another configuration, another version, or both, of an installed plugin.
    async fn borrador(
        &self,
        tenant: TenantId,
        complemento: &str,
        digest: Option<String>,
        config: Option<Value>,
    ) -> Result<Arc<dyn Regla>, Problem>;
}

/// Where rules come from, as an extension of requests and an argument of jobs.
#[derive(Clone)]
pub struct DeReglas(pub Arc<dyn Reglas>);

/// Of a server that runs no plugins.
#[derive(Debug, Clone, Copy)]
pub struct SinReglas;

#[async_trait]
impl Reglas for SinReglas {
    async fn activas(&self, _: TenantId) -> Result<Conjunto, Problem> {
        Ok(Conjunto::default())
    }
    async fn borrador(&self, _: TenantId, _: &str, _: Option<String>, _: Option<Value>) -> Result<Arc<dyn Regla>, Problem> {
        Err(Problem::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_reads_what_it_asked_for() {
        let documento = json!({ "esquema": "hechos/v1", "mascota": {}, "pesos": [], "vacunas": [] });
        let suscripcion = Suscripcion { disparo: "diario".into(), hechos: vec!["vacunas".into()] };
        let leido = Leido::new(&documento, &suscripcion);
        assert_eq!(json!(leido), json!({ "esquema": "hechos/v1", "mascota": {}, "vacunas": [] }));
        assert_eq!((leido.get("vacunas"), leido.get("pesos")), (Some(&json!([])), None));
    }
}
