//! The second factor: codes of an authenticator app (TOTP, RFC 6238), and ten recovery codes for the day the
//! phone is lost.
pub mod model;
mod operador;
mod routes;
pub mod store;

pub use operador::retirar_por_operador;
pub use routes::router;

use super::{
    accesos::model::Medio,
    cuenta::model::Credencial,
    problemas,
    sesiones::{self, model::Motivo},
};
use kernel::{Change, Event, Problem, Tx};
use model::{Totp, is_totp, normal};
use serde_json::json;

/// Spends a code: of the app (each step once) or a recovery code. `None` if it is neither. The person's row is
/// locked by the caller, so a code that comes twice at once is accepted once.
pub async fn aceptar(tx: &mut Tx, credencial: &Credencial, codigo: &str) -> Result<Option<Medio>, Problem> {
    let codigo = normal(codigo);
    if is_totp(&codigo) {
        let Some(totp) = abrir(tx, credencial).await? else { return Ok(None) };
        let Some(step) = totp.step(&codigo, tx.now()).filter(|step| credencial.totp_ultimo.is_none_or(|last| *step > last)) else {
            return Ok(None);
        };
        store::save_ultimo(tx, credencial.id, step).await?;
        return Ok(Some(Medio::SegundoFactor));
    }
    Ok(store::usar_recuperacion(tx, credencial.id, &codigo).await?.then_some(Medio::CodigoRecuperacion))
}

/// Takes the second factor off for a person who lost it, who is told so. The row is locked by the caller.
async fn quitar(tx: &mut Tx, credencial: &Credencial) -> Result<(), Problem> {
    if credencial.totp_desde.is_none() {
        return Err(Problem::new(problemas::SIN_ENROLAR));
    }
    let usuario = credencial.id;
    store::retirar(tx, usuario).await?;
    sesiones::revocar(tx, usuario, None, Motivo::Cuenta).await?;
    tx.audit(Change::new("retirar", "segundo_factor", usuario));
    tx.publish(Event::new("cuenta.segundo_factor_retirado", json!({ "usuario_id": usuario })));
    Ok(())
}

/// The secret of a person, decrypted; `None` if there is none or the person was forgotten.
async fn abrir(tx: &mut Tx, credencial: &Credencial) -> Result<Option<Totp>, Problem> {
    let Some(sealed) = &credencial.totp_cifrado else { return Ok(None) };
    match tx.person_key(credencial.id).await? {
        Some(key) => Ok(Totp::from_base32(&key.open("totp", sealed)?)),
        None => Ok(None),
    }
}
