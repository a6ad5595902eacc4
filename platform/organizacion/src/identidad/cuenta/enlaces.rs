//! Links by e-mail: the invitation, and the way back after a forgotten password.
use super::{model::Credencial, store};
use crate::identidad::{Identidad, contrasena, hasher::Lane, problemas, sesiones, token};
use crate::personal::store::usuarios;
use jiff::SignedDuration;
use kernel::{Actor, Anon, Change, Event, Problem, Tx, ids::UsuarioId};
use serde_json::json;

const INVITACION_VIVE: SignedDuration = SignedDuration::from_hours(7 * 24);
const RESTABLECER_VIVE: SignedDuration = SignedDuration::from_hours(1);

/// What a link lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tipo {
    Invitacion,
    Restablecer,
}

impl Tipo {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Invitacion => "invitacion",
            Self::Restablecer => "restablecer",
        }
    }
    fn vive(self) -> SignedDuration {
        match self {
            Self::Invitacion => INVITACION_VIVE,
            Self::Restablecer => RESTABLECER_VIVE,
        }
    }
}

/// The person's address changed: a link in a mail to the old one opens nothing any more, and whoever reads there is
/// told. Who has not accepted the invitation gets it at the new address.
pub async fn cambiar_correo(tx: &mut Tx, usuario: UsuarioId, anterior: &str, pendiente: bool) -> Result<(), Problem> {
    store::gastar_enlaces(tx, usuario).await?;
    let anterior = tx.seal_secret("correo", anterior)?;
    tx.publish(Event::new("cuenta.correo_cambiado", json!({ "usuario_id": usuario, "anterior": anterior })));
    if pendiente { invitar(tx, usuario).await } else { Ok(()) }
}

/// A new link of this person, as text. Only its hash is kept.
pub async fn crear(tx: &mut Tx, usuario: UsuarioId, tipo: Tipo) -> Result<String, Problem> {
    let (text, resumen) = token::make(token::ENLACE, tx.who().tenant);
    store::insert_enlace(tx, &resumen, usuario, tipo.clave(), tipo.vive()).await?;
    Ok(text)
}

/// Invites a person who has a row in `usuarios`: the mail leaves after the commit. Earlier links are void.
pub async fn invitar(tx: &mut Tx, usuario: UsuarioId) -> Result<(), Problem> {
    store::gastar_enlaces(tx, usuario).await?;
    let enlace = crear(tx, usuario, Tipo::Invitacion).await?;
    let enlace = tx.seal_secret("enlace", &enlace)?;
    tx.publish(Event::new("cuenta.invitada", json!({ "usuario_id": usuario, "enlace": enlace })));
    tx.audit(Change::new("invitar", "usuario", usuario));
    Ok(())
}

/// Sets the password that a link allows to set. The slow hash is made between two transactions, so that no
/// connection waits for it; the second one makes sure that the link was not used meanwhile.
pub async fn elegir_contrasena(anon: &Anon, identidad: &Identidad, tipo: Tipo, enlace: &str, nueva: String) -> Result<(), Problem> {
    let vencido = || Problem::new(problemas::ENLACE);
    let (tenant, resumen) = token::read(token::ENLACE, enlace).ok_or_else(vencido)?;
    let mut tx = anon.begin(tenant).await?;
    let credencial = de_enlace(&mut tx, &resumen, tipo).await?.ok_or_else(vencido)?;
    exigir_buena(&mut tx, &credencial, "/contrasena", &nueva).await?;
    drop(tx);
    let phc = identidad.hasher().hash(Lane::Reserved, nueva).await?;
    let mut tx = anon.begin_as(tenant, Actor::Usuario(credencial.id)).await?;
    store::lock(&mut tx, credencial.id).await?;
    de_enlace(&mut tx, &resumen, tipo).await?.ok_or_else(vencido)?;
    store::gastar_enlaces(&mut tx, credencial.id).await?;
    usuarios::set_contrasena(&mut tx, credencial.id, &phc).await?;
    let verb = if tipo == Tipo::Invitacion { "aceptar_invitacion" } else { "restablecer_contrasena" };
    tx.audit(Change::new(verb, "usuario", credencial.id));
    if tipo == Tipo::Restablecer {
        sesiones::revocar_todas(&mut tx, credencial.id).await?;
        tx.publish(Event::new("cuenta.contrasena_cambiada", json!({ "usuario_id": credencial.id })));
    }
    tx.commit().await?;
    identidad.cambio(anon.app(), tenant).await;
    Ok(())
}

async fn de_enlace(tx: &mut Tx, resumen: &[u8], tipo: Tipo) -> Result<Option<Credencial>, Problem> {
    let Some(usuario) = store::enlace_vigente(tx, resumen, tipo.clave()).await? else { return Ok(None) };
    Ok(store::por_id(tx, usuario).await?.filter(|credencial| credencial.activo))
}

/// 422 with everything that is wrong with a password for this person.
pub async fn exigir_buena(tx: &mut Tx, credencial: &Credencial, pointer: &'static str, nueva: &str) -> Result<(), Problem> {
    let correo = store::correo(tx, credencial.id).await?.unwrap_or_default();
    Problem::check(contrasena::faults(pointer, nueva, &[&credencial.nombres, &credencial.apellidos, &correo]))
}
