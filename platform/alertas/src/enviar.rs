//! Sending one letter: note the try, write it, hand it over, note how that went. Nothing is held while the mail server
//! thinks. Who dies between handing over and noting sends again, under the same Message-ID.
use crate::{
    carta::{Carta, preparar},
    model::{EstadoMensaje, Tipo},
    store::mensajes,
};
use kernel::{
    Correo, Destino, SystemCtx,
    ids::TenantId,
    job::{Fallo, Intento},
    ports::{Mail, PortError},
};
use serde_json::Value;

/// Makes one try. `publica` is where people reach this server.
pub async fn enviar(system: &SystemCtx, publica: &str, tenant: TenantId, cuerpo: &Value, intento: Intento) -> Result<(), Fallo> {
    let correo = Correo::open(system.app().keyring(), tenant, cuerpo)?;
    // Most likely asked for by a newer server than this one.
    let tipo = Tipo::read(&correo.tipo).ok_or_else(|| Fallo::Luego("clase de correo desconocida".into()))?;
    let mut tx = system.begin(tenant).await?;
    let Some(id) = mensajes::note_try(&mut tx, tipo, &correo).await? else { return Ok(()) };
    let letter = match preparar(&mut tx, publica, tipo, &correo).await? {
        Carta::Lista(letter) => letter,
        Carta::Sobra(why) => {
            mensajes::note(&mut tx, id, EstadoMensaje::Omitido, Some(why)).await?;
            tx.commit().await?;
            return Ok(());
        }
        Carta::Espera(why) => {
            mensajes::note(&mut tx, id, EstadoMensaje::Pendiente, Some(why)).await?;
            tx.commit().await?;
            return Err(Fallo::Luego(why.into()));
        }
    };
    if let Destino::Tutor(tutor) = correo.destino {
        mensajes::note_address(&mut tx, id, tutor, &letter.to).await?;
    }
    tx.commit().await?;
    let sent = system.app().mailer().send(Mail { message_id: Some(format!("<{id}@{}>", host(publica))), ..*letter }).await;
    let (estado, why) = match &sent {
        Ok(()) => (EstadoMensaje::Enviado, None),
        Err(PortError::Rejected(why)) => (EstadoMensaje::Fallido, Some(why.as_str())),
        Err(PortError::Unavailable(why)) if intento.es_el_ultimo() => (EstadoMensaje::Fallido, Some(why.as_str())),
        Err(PortError::Unavailable(why)) => (EstadoMensaje::Pendiente, Some(why.as_str())),
    };
    let mut tx = system.begin(tenant).await?;
    mensajes::note(&mut tx, id, estado, why).await?;
    tx.commit().await?;
    sent.map_err(|error| match error {
        PortError::Rejected(why) => Fallo::Nunca(why),
        PortError::Unavailable(why) => Fallo::Luego(why),
    })
}

/// The name in an address of the web.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or(rest)
}
