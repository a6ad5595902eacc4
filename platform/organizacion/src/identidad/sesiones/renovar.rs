//! Refreshing: each refresh token works once; one that comes back ends its family. At any time one token is good.
use super::{
    ingresar::{Eslabon, emitir},
    model::{Motivo, Tokens, Veredicto},
    store,
};
use crate::identidad::{
    Identidad,
    accesos::{
        model::{Medio, Resultado, dispositivo},
        store::anotar,
    },
    problemas, token,
};
use kernel::{Actor, Anon, Change, Problem};

pub async fn renovar(anon: &Anon, identidad: &Identidad, renovacion: &str) -> Result<Tokens, Problem> {
    let invalida = || Problem::new(problemas::RENOVACION);
    let (tenant, resumen) = token::read(token::RENOVACION, renovacion).ok_or_else(invalida)?;
    let mut tx = anon.begin(tenant).await?;
    let guardado = store::lock_token(&mut tx, &resumen).await?.ok_or_else(invalida)?;
    let (dispositivo, ip) = (dispositivo(&anon.origin), anon.origin.ip.to_canonical().to_string());
    let (sesion, usuario) = (guardado.sesion_id, guardado.usuario_id);
    match guardado.juzgar(anon.now, &dispositivo, &ip) {
        Veredicto::Vencido => Err(invalida()),
        Veredicto::Renueva | Veredicto::Repite => {
            store::use_token(&mut tx, &resumen, sesion, &ip, &dispositivo).await?;
            let eslabon = Eslabon { sesion, usuario, anterior: Some(&resumen), sesion_expira_en: guardado.sesion_expira_en };
            let tokens = emitir(identidad, &mut tx, &eslabon).await?;
            tx.commit().await?;
            Ok(tokens)
        }
        Veredicto::Reuso => {
            drop(tx);
            let mut tx = anon.begin_as(tenant, Actor::Usuario(usuario)).await?;
            if store::revocar_una(&mut tx, usuario, sesion, Motivo::Reuso).await? {
                tx.audit(Change::new("revocar", "sesion", sesion).despues(Motivo::Reuso));
                anotar(&mut tx, Actor::Usuario(usuario), Resultado::RenovacionReusada, Medio::Renovacion, &anon.origin).await?;
            }
            tx.commit().await?;
            identidad.cambio(anon.app(), tenant).await;
            Err(invalida())
        }
    }
}
