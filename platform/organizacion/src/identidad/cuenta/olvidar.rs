//! A forgotten password: asked for by anybody, for any address.
use super::{model::Olvido, store};
use crate::identidad::{
    Identidad,
    throttle::{Bucket, OLVIDOS_POR_RED},
};
use kernel::{
    Anon, Event, Problem,
    ids::{TenantId, UsuarioId},
    text,
};
use serde_json::json;
use std::time::Duration;

/// Every answer comes after this time, far longer than the work for an account that exists: none tells by being late.
const PAUSA: Duration = Duration::from_millis(250);

pub async fn olvidar(anon: &Anon, identidad: &Identidad, olvido: &Olvido) -> Result<(), Problem> {
    let red = Bucket::network(anon.app().keyring(), "olvido", anon.origin.ip, OLVIDOS_POR_RED);
    let mut taken = identidad.throttle().take(&[&red], anon.now).await?;
    taken.made();
    let (done, ()) = tokio::join!(pedir(anon, identidad, olvido), tokio::time::sleep(PAUSA));
    done
}

/// Nothing is written for an address that nobody has.
async fn pedir(anon: &Anon, identidad: &Identidad, olvido: &Olvido) -> Result<(), Problem> {
    let Some(tenant) = anon.tenant(&olvido.cadena).await? else { return Ok(()) };
    let mut tx = anon.begin(tenant).await?;
    let indice = store::correo_indice(&tx, &text::email(&olvido.correo));
    let Some(credencial) = store::por_correo(&mut tx, &indice).await?.filter(|credencial| credencial.activo) else { return Ok(()) };
    drop(tx);
    if !contar(anon, identidad, tenant, credencial.id).await {
        return Ok(());
    }
    let mut tx = anon.begin(tenant).await?;
    tx.publish(Event::new("cuenta.olvidada", json!({ "usuario_id": credencial.id })));
    tx.commit().await
}

/// Whether the person may get another mail. Who floods them from one network leaves room for requests from others.
async fn contar(anon: &Anon, identidad: &Identidad, tenant: TenantId, usuario: UsuarioId) -> bool {
    let ring = anon.app().keyring();
    let (here, anywhere) = (Bucket::forgotten(ring, tenant, usuario, anon.origin.ip), Bucket::forgotten_anywhere(ring, tenant, usuario));
    match identidad.throttle().take(&[&here, &anywhere], anon.now).await {
        Ok(mut taken) => {
            taken.made();
            true
        }
        Err(_) => false,
    }
}
