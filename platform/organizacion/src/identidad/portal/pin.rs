//! The PIN: four to eight digits that unlock a session of one's own, and nothing else.
use kernel::{
    Problem,
    crypto::Keyring,
    ids::{TenantId, UsuarioId},
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

/// Wrong ones until the session ends: out of 10,000, and then the password is asked for.
pub const INTENTOS: i16 = 5;

/// El PIN con que se desbloquea la sesión.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    #[schema(min_length = 1, max_length = 8)]
    pub pin: String,
}

/// Un PIN nuevo.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioPin {
    #[schema(min_length = 1, max_length = 1024)]
    pub contrasena: String,
    /// De 4 a 8 cifras; ni todas iguales ni una tras otra.
    #[schema(pattern = "^[0-9]{4,8}$")]
    pub pin: String,
}

impl CambioPin {
    pub fn check(&self) -> Result<(), Problem> {
        if es_facil(&self.pin) { Err(Problem::field("/pin", "es demasiado fácil de adivinar")) } else { Ok(()) }
    }
}

/// All the same, or one after the other, up or down.
fn es_facil(pin: &str) -> bool {
    let steps: Vec<i16> = pin.as_bytes().windows(2).map(|two| i16::from(two[1]) - i16::from(two[0])).collect();
    steps.first().is_some_and(|first| (-1..=1).contains(first) && steps.iter().all(|step| step == first))
}

/// What is kept of a person's PIN.
pub fn resumen(ring: &Keyring, tenant: TenantId, usuario: UsuarioId, pin: &str) -> Vec<u8> {
    ring.blind_index(tenant, "pin", format!("{usuario}:{pin}"))
}

/// What a try to unlock comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Intento {
    Abre,
    /// With so many tries left.
    Falla(i16),
    Termina,
}

pub fn juzgar(guardado: Option<&[u8]>, dado: &[u8], fallos: i16) -> Intento {
    let right: bool = guardado.is_some_and(|guardado| guardado.ct_eq(dado).into());
    match INTENTOS - fallos - 1 {
        _ if right && fallos < INTENTOS => Intento::Abre,
        left if left > 0 => Intento::Falla(left),
        _ => Intento::Termina,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1234", true)]
    #[case("98765", true)]
    #[case("0000", true)]
    #[case("1235", false)]
    #[case("1357", false)]
    #[case("9012", false)]
    fn easy_ones_are_refused(#[case] pin: &str, #[case] easy: bool) {
        assert_eq!(es_facil(pin), easy);
    }

    #[rstest]
    #[case(Some(&b"1"[..]), 0, Intento::Abre)]
    #[case(Some(&b"1"[..]), 4, Intento::Abre)]
    #[case(Some(&b"1"[..]), 5, Intento::Termina)]
    #[case(Some(&b"2"[..]), 0, Intento::Falla(4))]
    #[case(Some(&b"2"[..]), 3, Intento::Falla(1))]
    #[case(Some(&b"2"[..]), 4, Intento::Termina)]
    #[case(None, 0, Intento::Falla(4))]
    fn the_fifth_wrong_one_ends_it(#[case] kept: Option<&[u8]>, #[case] fallos: i16, #[case] expected: Intento) {
        assert_eq!(juzgar(kept, b"1", fallos), expected);
    }
}
