//! Rule plugins, as alerts ask them.
use super::{Complementos, cargar::Puesto};
use ::complementos::{Activo, Detenido};
use alertas::puertos::{Conjunto, Gravedad, Leido, Momento, NoCorrio, Parada, Propuesta, Regla, Reglas, Suscripcion};
use async_trait::async_trait;
use kernel::{
    Problem,
    ids::{SedeId, TenantId},
    problem::kinds,
};
use plugin_host::{
    manifest::World,
    v0_1::{Alert, AlertPlugin, Moment, Severity},
};
use serde_json::Value;
use std::sync::Arc;

/// One of a chain's, ready to be asked.
struct Instalada {
    complementos: Complementos,
    activo: Activo,
    nombre: String,
    rule: Arc<dyn AlertPlugin>,
    suscripciones: Vec<Suscripcion>,
}

#[async_trait]
impl Reglas for Complementos {
    async fn activas(&self, tenant: TenantId) -> Result<Conjunto, Problem> {
        let mut all = Conjunto::default();
        let known = self.puestos(tenant, World::Alerts).await?;
        for puesto in &known.puestos {
            match self.regla(puesto).await {
                Ok(regla) => all.reglas.push(regla),
                Err(parada) => all.paradas.push(parada),
            }
        }
        let stopped = known.detenidos.iter().cloned();
        all.paradas.extend(stopped.map(|Detenido { complemento, nombre, motivo }| Parada { complemento, nombre, motivo }));
        Ok(all)
    }

    async fn borrador(
        &self,
        tenant: TenantId,
        complemento: &str,
        digest: Option<String>,
        config: Option<Value>,
    ) -> Result<Arc<dyn Regla>, Problem> {
        let digest = digest.map(|text| text.parse()).transpose().map_err(|_| Problem::not_found())?;
        let puesto = self.de_prueba(tenant, complemento, digest, config).await?;
        self.regla(&puesto).await.map_err(|parada| Problem::new(kinds::UNAVAILABLE).detail(parada.motivo))
    }
}

impl Complementos {
    async fn regla(&self, puesto: &Puesto) -> Result<Arc<dyn Regla>, Parada> {
        let stopped =
            |motivo: String| Parada { complemento: puesto.activo.complemento.clone(), nombre: puesto.nombre().to_owned(), motivo };
        let listo = puesto.listo.as_ref().map_err(|why| stopped(why.clone()))?;
        let rule = listo.installed.clone().alerts().map_err(|error| stopped(error.to_string()))?;
        let described = match listo.suscripciones.get() {
            Some(known) => known.clone(),
            None => {
                let run = rule.describe().await;
                self.0.corridas.put_rule(&run);
                let described = run.result.map_err(|failure| stopped(failure.to_string()))?;
                listo.suscripciones.get_or_init(|| described).clone()
            }
        };
        Ok(Arc::new(Instalada {
            complementos: self.clone(),
            activo: puesto.activo.clone(),
            nombre: listo.nombre.clone(),
            rule,
            suscripciones: described.into_iter().map(|one| Suscripcion { disparo: one.trigger, hechos: one.facts }).collect(),
        }))
    }
}

#[async_trait]
impl Regla for Instalada {
    fn complemento(&self) -> &str {
        &self.activo.complemento
    }
    fn version(&self) -> &str {
        &self.activo.version
    }
    fn digest(&self) -> String {
        self.activo.digest.to_string()
    }
    fn revision(&self) -> i32 {
        self.activo.revision
    }
    fn sandbox(&self) -> bool {
        self.activo.sandbox
    }
    fn sedes(&self) -> Option<&[SedeId]> {
        self.activo.sedes.as_deref()
    }
    fn nombre(&self) -> &str {
        &self.nombre
    }
    fn suscripciones(&self) -> &[Suscripcion] {
        &self.suscripciones
    }

    async fn evaluar(&self, disparo: &str, hechos: Leido<'_>, momento: Momento) -> Result<Vec<Propuesta>, NoCorrio> {
        let wanted = self.suscripciones.iter().find(|one| one.disparo == disparo).map(|one| one.hechos.as_slice()).unwrap_or_default();
        let unix_ms = u64::try_from(momento.ahora.as_millisecond()).unwrap_or_default();
        let at = Moment { unix_ms, today: momento.hoy.to_string() };
        // The engine prunes it as it writes it down for the guest.
        let run = self.rule.evaluate(disparo, hechos.documento(), wanted, at).await;
        self.complementos.0.corridas.put_rule(&run);
        match run.result {
            Ok(alerts) => alerts.into_iter().map(propuesta).collect(),
            Err(failure) => Err(NoCorrio { resultado: failure.outcome.name().to_owned(), detalle: Some(failure.detail) }),
        }
    }
}

/// A date that is none is a mistake of the rule, not one to be guessed at.
fn propuesta(alert: Alert) -> Result<Propuesta, NoCorrio> {
    let wrong = |text: &str| NoCorrio { resultado: "invalid_input".into(), detalle: Some(format!("«{text}» no es una fecha")) };
    let vence = alert.due_date.as_deref().map(|text| text.parse().map_err(|_| wrong(text))).transpose()?;
    Ok(Propuesta {
        regla: alert.rule_id,
        gravedad: match alert.severity {
            Severity::Info => Gravedad::Info,
            Severity::Warning => Gravedad::Advertencia,
            Severity::Critical => Gravedad::Critica,
        },
        titulo: alert.title,
        detalle: alert.detail,
        vence,
        evidencia: alert.evidence,
        clave: alert.dedup_key,
        sugiere_bloquear: alert.suggest_block,
    })
}
