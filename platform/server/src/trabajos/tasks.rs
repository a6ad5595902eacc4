//! Who does which kind of work.
use super::worker::Fallo;
use crate::{Assembled, store::trabajos::Lent};
use integraciones::{DELIVER, Intento};
use kernel::Problem;
use serde::Deserialize;
use serde_json::Value;

/// An event that somebody has to act on.
pub const EVENT: &str = "evento";

#[derive(Deserialize)]
struct Event {
    tema: String,
    cuerpo: Value,
}

pub async fn perform(parts: &Assembled, job: &Lent) -> Result<(), Fallo> {
    match job.tipo.as_str() {
        EVENT => {
            let event = Event::deserialize(&job.cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
            parts.identidad.on_event(&parts.system(), job.tenant, &event.tema, &event.cuerpo).await?;
            Ok(())
        }
        DELIVER => {
            let intento = Intento { numero: job.intentos, de: job.max_intentos };
            let delivered = integraciones::entregar(&parts.system(), &*parts.salida.0, job.tenant, &job.cuerpo, intento).await;
            delivered.map_err(|fallo| match fallo {
                integraciones::Fallo::Luego(why) => Fallo::Luego(why),
                integraciones::Fallo::Nunca(why) => Fallo::Nunca(why),
            })
        }
        citas::OFRECER => {
            let mut tx = parts.system().begin(job.tenant).await?;
            citas::ofrecer(&mut tx, &job.cuerpo).await?;
            Ok(tx.commit().await?)
        }
        citas::ESCRIBIR => {
            let mut tx = parts.system().begin(job.tenant).await?;
            let mail = citas::carta(&mut tx, &job.cuerpo, parts.identidad.base_url()).await?;
            drop(tx);
            match mail {
                Some(mail) => Ok(parts.app.mailer().send(mail).await.map_err(Problem::from)?),
                None => Ok(()),
            }
        }
        // Most likely asked for by a newer server than this one.
        _ => Err(Fallo::Luego("tipo de trabajo desconocido".into())),
    }
}
