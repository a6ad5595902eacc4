//! Codes, their steps and their written forms.
use jiff::Timestamp;
use kernel::crypto::random32;
use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret};
use utoipa::ToSchema;

/// Estado del segundo factor propio.
#[derive(Debug, Serialize, ToSchema)]
pub struct EstadoSegundoFactor {
    pub activo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desde: Option<Timestamp>,
    /// Códigos de recuperación que quedan.
    pub codigos_restantes: i64,
    /// Un rol suyo lo exige.
    pub exigido: bool,
}

/// La contraseña propia, para confirmar que quien pide es la persona.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConContrasena {
    #[schema(min_length = 1, max_length = 1024)]
    pub contrasena: String,
}

/// Lo que la aplicación de autenticación necesita. Se muestra una sola vez.
#[derive(Debug, Serialize, ToSchema)]
pub struct Enrolamiento {
    /// Secreto en base32, para escribirlo a mano.
    pub secreto: String,
    /// `otpauth://…`, para mostrarlo como código QR.
    pub uri: String,
}

/// Código de la aplicación de autenticación, o uno de recuperación.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Codigo {
    #[schema(min_length = 6, max_length = 20)]
    pub codigo: String,
}

/// Códigos de recuperación. Cada uno sirve una vez; se muestran una sola vez.
#[derive(Debug, Serialize, ToSchema)]
pub struct Codigos {
    pub codigos: Vec<String>,
}

/// As it is compared: what people add when they type is left out.
pub fn normal(codigo: &str) -> String {
    codigo.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

pub fn is_totp(normal: &str) -> bool {
    normal.len() == 6 && normal.bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 4648, without padding: 20 bytes are 32 letters exactly.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that a phone and we share.
pub struct Totp {
    secreto: [u8; 20],
}

impl Totp {
    pub fn generate() -> Self {
        let mut secreto = [0; 20];
        secreto.copy_from_slice(&random32()[..20]);
        Self { secreto }
    }

    pub fn to_base32(&self) -> String {
        let letter = |group: &[u8], index: usize| {
            let bits = group.iter().fold(0u64, |all, byte| (all << 8) | u64::from(*byte));
            BASE32[(bits >> (35 - 5 * index) & 31) as usize] as char
        };
        self.secreto.chunks(5).flat_map(|group| (0..8).map(move |index| letter(group, index))).collect()
    }

    pub fn from_base32(text: &str) -> Option<Self> {
        let mut secreto = [0; 20];
        let values: Option<Vec<u64>> =
            text.bytes().map(|byte| BASE32.iter().position(|letter| *letter == byte).map(|value| value as u64)).collect();
        let values = values.filter(|values| values.len() == 32)?;
        for (group, bytes) in values.chunks(8).zip(secreto.chunks_mut(5)) {
            let bits = group.iter().fold(0, |all, value| (all << 5) | value);
            bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        Some(Self { secreto })
    }

    /// The step of a code that is valid now: this one, the one before or the one after.
    pub fn step(&self, codigo: &str, now: Timestamp) -> Option<i64> {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(Secret::new_stack(self.secreto))
            .build()
            .ok()?;
        totp.check(codigo, u64::try_from(now.as_second()).ok()?).and_then(|step| i64::try_from(step).ok())
    }

    /// As authenticator apps read it. SHA-1, six digits, 30 seconds: what all of them understand.
    pub fn uri(&self, cadena: &str, correo: &str) -> String {
        let issuer = percent(cadena);
        format!("otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30", percent(correo), self.to_base32())
    }
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn rfc() -> Totp {
        Totp { secreto: *b"12345678901234567890" }
    }
    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    // RFC 6238, appendix B, SHA-1: the last six of the eight digits.
    #[rstest]
    #[case(59, "287082", 1)]
    #[case(1111111109, "081804", 37037036)]
    #[case(1234567890, "005924", 41152263)]
    fn codes_of_the_standard(#[case] now: i64, #[case] codigo: &str, #[case] step: i64) {
        assert_eq!(rfc().step(codigo, at(now)), Some(step));
        assert_eq!(rfc().step(codigo, at(now + 30)), Some(step), "one step late is fine");
        assert_eq!(rfc().step(codigo, at(now - 30)), Some(step), "one step early too");
        assert_eq!(rfc().step(codigo, at(now + 90)), None);
    }

    #[test]
    fn the_secret_survives_being_written() {
        assert_eq!(rfc().to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let totp = Totp::generate();
        assert_eq!(Totp::from_base32(&totp.to_base32()).map(|again| again.secreto), Some(totp.secreto));
        assert!(Totp::from_base32("hola").is_none());
    }

    #[test]
    fn the_uri_is_what_apps_read() {
        let uri = rfc().uri("Patitas & Cía", "ana@patitas.pe");
        assert!(uri.starts_with("otpauth://totp/Patitas%20%26%20C%C3%ADa:ana@patitas.pe?secret=GEZDGNBV"), "{uri}");
    }

    #[rstest]
    #[case("123 456", true)]
    #[case("123456", true)]
    #[case("ABCDE-fghij", false)]
    fn what_people_type(#[case] codigo: &str, #[case] totp: bool) {
        assert_eq!(is_totp(&normal(codigo)), totp);
    }
}
