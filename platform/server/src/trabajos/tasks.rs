//! Who does which kind of work.
use super::privacidad;
use crate::{Assembled, portable, store::trabajos::Lent};
use citas::heredado;
use integraciones::DELIVER;
use kernel::{
    Problem, SystemCtx,
    correo::ENVIAR,
    job::{Fallo, Intento},
};
use serde::Deserialize;
use serde_json::Value;

/// An event that somebody has to act on.
pub const EVENT: &str = "evento";

#[derive(Deserialize)]
struct Event {
    tema: String,
    cuerpo: Value,
}

/// Work that takes as long as there is much of it: it keeps its lease while it is at it.
pub fn is_long(tipo: &str) -> bool {
    [portable::TRABAJO, importacion::TRABAJO, complementos::EXAMINAR, alertas::RECORRER_REGLAS, alertas::ENSAYAR].contains(&tipo)
}

fn salida<'a>(parts: &'a Assembled, system: &'a SystemCtx, job: &Lent) -> alertas::Salida<'a> {
    let intento = Intento { numero: job.intentos, de: job.max_intentos };
    alertas::Salida { system, canales: &*parts.canales.0, publica: parts.identidad.base_url(), tenant: job.tenant, intento }
}

/// What goes on in the background of a module, and stops with it. Letters and deliveries that were asked for before go out.
fn module_of(tipo: &str) -> Option<&'static str> {
    match tipo {
        alertas::AVISAR | alertas::RECORDAR | alertas::ESCALERA => Some("alertas"),
        citas::OFRECER => Some("agenda"),
        _ => None,
    }
}

pub async fn perform(parts: &Assembled, job: &Lent) -> Result<(), Fallo> {
    if let Some(modulo) = module_of(&job.tipo) {
        let mut tx = parts.system().begin(job.tenant).await?;
        // Whoever looks next looks at all there is then: nothing has to be kept for a module that is on again.
        if complementos::modulo_apagado(&mut tx, modulo).await? {
            return Ok(());
        }
    }
    done(parts, job).await
}

async fn done(parts: &Assembled, job: &Lent) -> Result<(), Fallo> {
    let (system, intento) = (parts.system(), Intento { numero: job.intentos, de: job.max_intentos });
    match job.tipo.as_str() {
        EVENT => {
            let event = Event::deserialize(&job.cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
            parts.identidad.on_event(&system, job.tenant, &event.tema, &event.cuerpo).await?;
            Ok(())
        }
        DELIVER => integraciones::entregar(&system, &*parts.salida.0, job.tenant, &job.cuerpo, intento).await,
        citas::OFRECER => {
            let alcance = alertas::AvisablesPorCanales::de(&*parts.canales.0, job.tenant).await?;
            let mut tx = system.begin(job.tenant).await?;
            citas::ofrecer(&mut tx, &job.cuerpo, &alcance).await?;
            Ok(tx.commit().await?)
        }
        citas::RETIRAR => {
            let mut tx = system.begin(job.tenant).await?;
            citas::retirar_fallecida(&mut tx, &job.cuerpo).await?;
            Ok(tx.commit().await?)
        }
        alertas::AVISAR => alertas::avisar_de_cita(&system, job.tenant, &job.cuerpo).await,
        alertas::RECORDAR => alertas::recordar(&system, job.tenant).await,
        alertas::EVALUAR => alertas::evaluar(&system, &*parts.reglas.0, job.tenant, &job.cuerpo, intento).await,
        alertas::RECORRER_REGLAS => alertas::recorrer_reglas(&system, &*parts.reglas.0, job.tenant, &job.cuerpo).await,
        alertas::ENSAYAR => alertas::ensayar(&system, &*parts.reglas.0, job.tenant, &job.cuerpo, intento).await,
        alertas::ESCALERA => alertas::subir_escalera(&system, &*parts.canales.0, job.tenant).await,
        alertas::RESPONDER => alertas::responder(&system, job.tenant, &job.cuerpo).await,
        alertas::REENVIAR => salida(parts, &system, job).reenviar(&job.cuerpo).await,
        ENVIAR => salida(parts, &system, job).enviar(&job.cuerpo).await,
        citas::ENVIAR_CODIGO => al_telefono(parts, &system, job, intento).await,
        heredado::CARTA | heredado::HORA => de_antes(parts, &system, job).await,
        portable::TRABAJO => portable::hacer(&system, job.tenant, &job.cuerpo, intento).await,
        complementos::GANCHO => crate::complementos::ganchos::atender(&parts.complementos, &system, job.tenant, &job.cuerpo).await,
        complementos::EXAMINAR => complementos::examinar(&system, &*parts.motores.0, job.tenant, &job.cuerpo, intento).await,
        importacion::TRABAJO => importacion::avanzar(&system, job.tenant, &job.cuerpo, intento).await,
        privacidad::KEEP => privacidad::cumplir(&system, job.tenant).await,
        // Most likely asked for by a newer server than this one.
        _ => Err(Fallo::Luego("tipo de trabajo desconocido".into())),
    }
}

/// What the release before asked for.
async fn de_antes(parts: &Assembled, system: &SystemCtx, job: &Lent) -> Result<(), Fallo> {
    let mut tx = system.begin(job.tenant).await?;
    if job.tipo == heredado::HORA {
        heredado::hora(&mut tx, &job.cuerpo).await?;
        return Ok(tx.commit().await?);
    }
    let mail = heredado::carta(&tx, &job.cuerpo, parts.identidad.base_url())?;
    drop(tx);
    Ok(parts.app.mailer().send(mail).await.map_err(Problem::from)?)
}

/// A code to a phone, if it is still good for something.
async fn al_telefono(parts: &Assembled, system: &SystemCtx, job: &Lent, intento: Intento) -> Result<(), Fallo> {
    let mut tx = system.begin(job.tenant).await?;
    let codigo = citas::abrir_codigo(&mut tx, &job.cuerpo).await?;
    drop(tx);
    match codigo {
        Some(codigo) => parts.telefonos().0.codigo(job.tenant, codigo.mensaje(), intento).await,
        None => Ok(()),
    }
}
