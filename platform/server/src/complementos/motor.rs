//! The engine, as the registry asks it.
use super::{
    Complementos,
    cargar::{Compilacion, Listo},
};
use ::complementos::{Examen, Hallazgo, Motor, Rechazo, ResultadoPrueba, Turno};
use async_trait::async_trait;
use bytes::Bytes;
use kernel::{Problem, ids::TenantId};
use plugin_host::{
    Need, Outcome, Profile, Registro, Smoke,
    manifest::{Digest, Fault, Package, World, audit, identity},
    smoke,
    v0_1::WrongWorld,
};
use std::time::{Duration, Instant};

/// How long somebody waits for a trial to begin, and what all of them are called in line.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
const PRUEBA: &str = "probar";

#[async_trait]
impl Motor for Complementos {
    async fn examinar(&self, componente: Bytes) -> Result<Examen, Rechazo> {
        let asked = Instant::now();
        let one = |detail: String| Rechazo::Faltas(vec![Fault::new("", detail)]);
        let paquete = Package::read(&componente).map_err(|error| one(error.to_string()))?;
        let digest = identity(&componente).map_err(|error| one(error.to_string()))?;
        let world = paquete.manifest.world.world;
        let audit = audit(&componente, world).map_err(Rechazo::Faltas)?;
        let code = self.compilar(&componente, &digest, Profile::from(world)).await.map_err(|error| match error {
            Compilacion::Rechazada(said) => Rechazo::Faltas(vec![Fault::new("/codigo", said)]),
            Compilacion::Luego(why) => Rechazo::Luego(why),
        })?;
        let compiled = Hallazgo { parte: "compilacion".into(), detalle: format!("{} KiB para esta máquina", code.len().div_ceil(1024)) };
        let Smoke { faults, notes } = smoke(&componente, &code).await.map_err(|error| one(error.to_string()))?;
        if !faults.is_empty() {
            return Err(Rechazo::Faltas(faults));
        }
        let tried = notes.into_iter().map(|detalle| Hallazgo { parte: "conformidad".into(), detalle });
        let importa: Vec<String> = audit.imports.into_iter().collect();
        let ms = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Examen { digest, paquete, importa, hallazgos: std::iter::once(compiled).chain(tried).collect(), ms })
    }

    async fn turno(&self, tenant: TenantId) -> Option<Turno> {
        let until = tokio::time::Instant::now() + LONGEST_WAIT;
        // What it computes takes a place of its own, later.
        let need = Need { profile: Profile::Io, memory: 0 };
        self.0.turnos.take(tenant.into(), PRUEBA.into(), need, until).await.ok().map(Turno::new)
    }

    async fn probar(&self, tenant: TenantId, complemento: &str) -> Result<ResultadoPrueba, Problem> {
        let puesto = self.de_prueba(tenant, complemento, None, None).await?;
        match puesto.listo {
            Ok(listo) => Ok(self.done(check(listo).await.map_err(Problem::internal)?)),
            Err(why) => Ok(no_run(why)),
        }
    }

    async fn migrar(&self, tenant: TenantId, complemento: &str, desde: &str) -> Result<ResultadoPrueba, Problem> {
        let puesto = self.de_prueba(tenant, complemento, None, None).await?;
        match puesto.listo {
            Ok(listo) => Ok(self.done(migrate(listo, desde.to_owned()).await.map_err(Problem::internal)?)),
            Err(why) => Ok(no_run(why)),
        }
    }

    async fn liberar(&self, tenant: TenantId, digest: Digest) {
        if let Ok(host) = self.host().await {
            host.release(tenant.into(), digest);
        }
    }

    async fn retirar(&self, digest: Digest) {
        if let Ok(host) = self.host().await {
            host.withdraw(digest);
        }
    }

    async fn restaurar(&self, digest: Digest) {
        if let Ok(host) = self.host().await {
            host.restore(&digest);
        }
    }
}

impl Complementos {
    fn done(&self, registro: Registro) -> ResultadoPrueba {
        let corrida = &registro.corrida;
        let said = ResultadoPrueba {
            ok: corrida.resultado == Outcome::Ok,
            resultado: corrida.resultado.name().to_owned(),
            detalle: corrida.detalle.clone(),
            corrida: Some(corrida.id),
        };
        self.0.corridas.put(registro);
        said
    }
}

fn no_run(why: String) -> ResultadoPrueba {
    ResultadoPrueba::sin_correr("refused", why)
}

/// Whether it can work; of a rule, whether it can say when it wants to be asked.
async fn check(Listo { installed, .. }: Listo) -> Result<Registro, WrongWorld> {
    Ok(match installed.plugin().world() {
        World::Alerts => installed.alerts()?.describe().await.registro(),
        World::Notification => installed.notifications()?.check().await.registro(),
        World::Payment => installed.payments()?.check().await.registro(),
        World::Fiscal => installed.fiscal()?.check().await.registro(),
        World::Delivery => installed.deliveries()?.check().await.registro(),
    })
}

/// A rule keeps nothing that a new version could meet.
async fn migrate(Listo { installed, .. }: Listo, desde: String) -> Result<Registro, WrongWorld> {
    Ok(match installed.plugin().world() {
        World::Alerts => installed.alerts()?.describe().await.registro(),
        World::Notification => installed.notifications()?.migrate(desde).await.registro(),
        World::Payment => installed.payments()?.migrate(desde).await.registro(),
        World::Fiscal => installed.fiscal()?.migrate(desde).await.registro(),
        World::Delivery => installed.deliveries()?.migrate(desde).await.registro(),
    })
}
