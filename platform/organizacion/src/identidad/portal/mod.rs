//! The browser's session: a cookie instead of tokens, and a PIN for who leaves the computer for a moment.
pub mod cookie;
pub mod peticion;
mod pin;
mod routes;
pub(super) mod store;

pub use routes::router;
pub use store::tiene_pin;

use jiff::{SignedDuration, Timestamp};
use kernel::{Problem, ids::SesionId};
use sha2::{Digest, Sha256};

/// Prefix of the secret in the cookie.
const PREFIJO: &str = "hs_";
/// Use is written down this often, and no more: the rest is memory.
pub const ANOTAR: SignedDuration = SignedDuration::from_mins(1);

/// What is kept of a cookie: of its secret and of the address at which it was given. Taken to another chain's address it
/// is worth nothing.
fn atar(resumen: &[u8], etiqueta: Option<&str>) -> Vec<u8> {
    Sha256::digest([resumen, etiqueta.unwrap_or_default().as_bytes()].concat()).to_vec()
}

/// A new secret for the cookie, and what is kept of it.
pub fn nueva(tenant: kernel::ids::TenantId, etiqueta: Option<&str>) -> (String, Vec<u8>) {
    let (text, resumen) = kernel::token::make(PREFIJO, tenant);
    (text, atar(&resumen, etiqueta))
}

/// The chain of a cookie's secret, and what would have been kept of it.
pub fn leer(text: &str, etiqueta: Option<&str>) -> Option<(kernel::ids::TenantId, Vec<u8>)> {
    let (tenant, resumen) = kernel::token::read(PREFIJO, text)?;
    Some((tenant, atar(&resumen, etiqueta)))
}

/// An open session of the portal.
pub struct Abierta {
    pub id: SesionId,
    pub usuario: kernel::ids::UsuarioId,
    pub usada_en: Timestamp,
}

impl Abierta {
    /// Until when what is known of it holds without looking again: when it ends for nobody being there, or when its use
    /// has to be noted. Who only listens does not use it.
    pub fn until(&self, now: Timestamp, ocio: SignedDuration, again: bool) -> i64 {
        let ends = self.usada_en + ocio;
        let look = if again { now } else { self.usada_en.max(now - ANOTAR) };
        ends.min(look + ANOTAR).as_second()
    }
}

/// The session of whoever asks; integrations have none.
fn sesion<P>(ctx: &kernel::Ctx<P>) -> Result<SesionId, Problem> {
    ctx.identity.sesion.ok_or_else(Problem::forbidden)
}
