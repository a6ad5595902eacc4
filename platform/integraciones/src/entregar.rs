//! One try of one delivery: load, sign, call, note. Nothing is held while the other side thinks.
use crate::{
    firma,
    model::{EstadoEntrega, PATIENCE},
    store::{entregas, entregas::PorEntregar, webhooks},
};
use kernel::{
    Change, Problem, SystemCtx, Tx,
    ids::{EntregaId, TenantId},
    job::{Fallo, Intento},
    ports::{Call, Outbound, PortError},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The kind of work that a delivery is.
pub const DELIVER: &str = "webhook.entregar";
/// Of the other side's answer, what the log keeps.
const KEPT: usize = 1_000;

#[derive(Deserialize)]
struct Trabajo {
    entrega: EntregaId,
}

/// How the other side took it.
#[derive(Debug, Default)]
pub struct Resultado {
    pub respuesta: Option<i16>,
    pub cuerpo: Option<String>,
    pub error: Option<String>,
}

impl Resultado {
    fn taken(&self) -> bool {
        self.respuesta.is_some_and(|status| (200..300).contains(&status))
    }
    /// It says itself that it wants nothing any more.
    fn gone(&self) -> bool {
        self.respuesta == Some(410)
    }
    fn told(&self) -> String {
        self.error.clone().unwrap_or_else(|| format!("respondió {}", self.respuesta.unwrap_or_default()))
    }
}

/// Makes one try. `cuerpo` is that of the work; a delivery that is gone with its webhook is done.
pub async fn entregar(
    system: &SystemCtx,
    outbound: &dyn Outbound,
    tenant: TenantId,
    cuerpo: &Value,
    intento: Intento,
) -> Result<(), Fallo> {
    let Trabajo { entrega } = Trabajo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    let mut tx = system.begin(tenant).await?;
    let Some(pending) = entregas::por_entregar(&mut tx, entrega).await? else { return Ok(()) };
    if !pending.activo && pending.tema != crate::routes::PING {
        let paused = Resultado { error: Some("el webhook está en pausa".into()), ..Resultado::default() };
        entregas::note(&mut tx, entrega, EstadoEntrega::Fallida, &paused).await?;
        tx.commit().await?;
        return Ok(());
    }
    let call = signed(&mut tx, entrega, &pending).await?;
    drop(tx);
    let (resultado, never) = answered(outbound.post(call).await);
    let mut tx = system.begin(tenant).await?;
    let end = note(&mut tx, entrega, &pending, &resultado, never || intento.es_el_ultimo()).await?;
    tx.commit().await?;
    end
}

async fn signed(tx: &mut Tx, entrega: EntregaId, pending: &PorEntregar) -> Result<Call, Problem> {
    let salts = webhooks::salts(tx, pending.webhook).await?;
    let secrets: Vec<String> = salts.iter().map(|salt| firma::secret(tx, pending.webhook, salt)).collect();
    let (id, seconds, body) = (entrega.to_string(), tx.now().as_second(), pending.cuerpo.to_string());
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-signature", firma::sign(secrets.iter().map(String::as_str), &id, seconds, &body)),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-id", id),
    ];
    Ok(Call { url: pending.url.clone(), headers, body: body.into() })
}

/// What came of it, and whether another try is of no use.
fn answered(reply: Result<kernel::ports::Reply, PortError>) -> (Resultado, bool) {
    match reply {
        Ok(reply) => {
            // NUL is what PostgreSQL's text cannot hold.
            let text: String = String::from_utf8_lossy(&reply.body).chars().filter(|c| *c != '\0').take(KEPT).collect();
            (
                Resultado { respuesta: i16::try_from(reply.status).ok(), cuerpo: Some(text).filter(|text| !text.is_empty()), error: None },
                false,
            )
        }
        Err(PortError::Rejected(error)) => (Resultado { error: Some(error), ..Resultado::default() }, true),
        Err(PortError::Unavailable(error)) => (Resultado { error: Some(error), ..Resultado::default() }, false),
    }
}

/// Notes the try, and pauses a webhook that has failed for too long.
async fn note(
    tx: &mut Tx,
    entrega: EntregaId,
    pending: &PorEntregar,
    resultado: &Resultado,
    last: bool,
) -> Result<Result<(), Fallo>, Problem> {
    if resultado.taken() {
        entregas::note(tx, entrega, EstadoEntrega::Entregada, resultado).await?;
        webhooks::works(tx, pending.webhook).await?;
        return Ok(Ok(()));
    }
    let last = last || resultado.gone();
    let estado = if last { EstadoEntrega::Fallida } else { EstadoEntrega::Pendiente };
    entregas::note(tx, entrega, estado, resultado).await?;
    let since = webhooks::fails(tx, pending.webhook).await?;
    let tired = since.is_some_and(|since| tx.now().duration_since(since) > PATIENCE);
    if (tired || resultado.gone()) && webhooks::pause(tx, pending.webhook).await? {
        tx.audit(Change::new("pausar", "webhook", pending.webhook).despues(json!({ "fallando_desde": since, "motivo": resultado.told() })));
    }
    Ok(Err(if last { Fallo::Nunca(resultado.told()) } else { Fallo::Luego(resultado.told()) }))
}
