//! What a provider told a plugin's address, after it was thanked for it.
use super::{Complementos, operaciones::SEND};
use ::complementos::{self as registro, operaciones};
use alertas::canales::{Entrega, Novedad};
use kernel::{SystemCtx, ids::TenantId, job::Fallo};
use plugin_host::{
    manifest::World,
    v0_1::{HttpMessage, Kv},
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

#[derive(Deserialize)]
struct Trabajo {
    id: Uuid,
}

/// Asks the plugin what it means, and hands that on in the transaction that ends the message.
pub async fn atender(complementos: &Complementos, system: &SystemCtx, tenant: TenantId, cuerpo: &Value) -> Result<(), Fallo> {
    let Trabajo { id } = Trabajo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    let mut tx = system.begin(tenant).await?;
    let Some(mensaje) = registro::mensaje_de_gancho(&mut tx, id).await? else { return Ok(()) };
    let mundo = registro::instalado(&mut tx, &mensaje.complemento).await?.map(|installed| installed.mundo);
    drop(tx);
    let complemento = mensaje.complemento.clone();
    let http = HttpMessage {
        method: "POST".into(),
        path_and_query: format!("/{}", mensaje.nombre),
        headers: mensaje.cabeceras.into_iter().map(|(key, value)| Kv { key, value }).collect(),
        body: mensaje.cuerpo,
    };
    let novedades = match mundo {
        Some(World::Notification) => complementos.entender(tenant, &complemento, http).await?,
        Some(_) => return Err(Fallo::Luego("nadie atiende todavía los avisos de ese mundo".into())),
        // It was uninstalled meanwhile.
        None => Vec::new(),
    };
    let mut tx = system.begin(tenant).await?;
    // Of what timed out this is all that anybody hears.
    for novedad in &novedades {
        if let Novedad::Entrega(Entrega { referencia, clave: Some(clave), .. }) = novedad {
            operaciones::respondida(&mut tx, &complemento, SEND, clave, referencia).await?;
        }
    }
    alertas::recibir(&mut tx, &complemento, &novedades).await?;
    registro::gancho_atendido(&mut tx, id).await?;
    Ok(tx.commit().await?)
}
