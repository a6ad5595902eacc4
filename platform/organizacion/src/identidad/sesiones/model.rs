//! What goes in and out at sign-in, and when an old refresh token may still be used.
use crate::identidad::cuenta::model::Cuenta;
use jiff::{SignedDuration, Timestamp};
use kernel::ids::{SesionId, UsuarioId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Credenciales de una persona.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ingreso {
    /// Dirección corta de la cadena.
    #[schema(min_length = 2, max_length = 40)]
    pub cadena: String,
    #[schema(format = "correo", max_length = 254)]
    pub correo: String,
    #[schema(min_length = 1, max_length = 1024)]
    pub contrasena: String,
    /// Código del segundo factor, o uno de recuperación.
    #[schema(min_length = 6, max_length = 20)]
    pub codigo: Option<String>,
    /// El valor `dispositivo` del último ingreso desde este equipo: así nadie lo deja fuera con intentos ajenos.
    #[schema(max_length = 200)]
    pub dispositivo: Option<String>,
}

/// What a session is known by from now on.
pub enum Llave {
    Tokens(Tokens),
    /// The secret of a cookie; it stands in no body.
    Cookie(String),
}

/// What a sign-in led to.
pub struct Abierta {
    pub sesion_id: SesionId,
    /// When the session ends, whatever happens.
    pub expira_en: Timestamp,
    pub llave: Llave,
    pub dispositivo: String,
    pub usuario: Cuenta,
    pub debe_enrolar: bool,
    pub tiene_pin: bool,
}

/// Una sesión recién abierta.
#[derive(Debug, Serialize, ToSchema)]
pub struct SesionAbierta {
    #[serde(flatten)]
    pub tokens: Tokens,
    /// Guárdelo en el equipo y envíelo en el próximo ingreso.
    pub dispositivo: String,
    pub usuario: Cuenta,
    /// Un rol suyo exige el segundo factor y todavía no lo activó: hasta entonces no puede hacer nada más.
    pub debe_enrolar: bool,
}

/// Lo que identifica a una sesión ante la API.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    /// Token de acceso (JWT), para `Authorization: Bearer`.
    pub token: String,
    pub expira_en: Timestamp,
    /// Token de renovación: sirve una vez.
    pub renovacion: String,
    pub renovacion_expira_en: Timestamp,
    pub sesion_id: SesionId,
}

/// Token de renovación.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Renovacion {
    #[schema(min_length = 1, max_length = 100)]
    pub renovacion: String,
}

/// Un equipo con la sesión abierta.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sesion {
    pub id: SesionId,
    /// Programa con que se conectó (User-Agent).
    pub dispositivo: String,
    pub ip: String,
    pub creada_en: Timestamp,
    pub usada_en: Timestamp,
    pub expira_en: Timestamp,
    pub segundo_factor: bool,
    /// Abierta en el portal web, no en una aplicación.
    pub portal: bool,
    /// Es la sesión que hace esta consulta.
    pub actual: bool,
}

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, Serialize)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Motivo {
    /// Signed out, or closed from another of one's devices.
    Cierre,
    /// By an administrator.
    Administracion,
    /// Password or second factor changed, or the person was deactivated.
    Cuenta,
    /// A used refresh token came back: two parties hold this family.
    Reuso,
    /// Too many wrong PINs.
    Pin,
}

/// How long the answer to a refresh may be lost: the same token may then be sent again.
const GRACIA: SignedDuration = SignedDuration::from_secs(10);

/// A refresh token as it is found, with its family.
#[derive(Debug, Clone)]
pub struct Guardado {
    pub sesion_id: SesionId,
    pub usuario_id: UsuarioId,
    pub expira_en: Timestamp,
    /// Used, or taken back before it was.
    pub usado_en: Option<Timestamp>,
    pub sesion_expira_en: Timestamp,
    pub revocada: bool,
    /// The person, and the chain.
    pub activo: bool,
    /// Where and with what the family was used last.
    pub dispositivo: String,
    pub ip: String,
    /// The token that was given for this one is still good and was never used.
    pub sucesor_intacto: bool,
}

/// What a refresh token gets.
#[derive(Debug, PartialEq, Eq)]
pub enum Veredicto {
    Renueva,
    /// Used a moment ago by the same client, who seems not to have got the answer: another token in the place of the
    /// one that was given. Should that one be used after all, there are two who hold this family.
    Repite,
    /// Somebody has a copy: the family ends.
    Reuso,
    Vencido,
}

impl Guardado {
    pub fn juzgar(&self, now: Timestamp, dispositivo: &str, ip: &str) -> Veredicto {
        if self.revocada || !self.activo || self.sesion_expira_en <= now {
            return Veredicto::Vencido;
        }
        match self.usado_en {
            None if self.expira_en <= now => Veredicto::Vencido,
            None => Veredicto::Renueva,
            Some(usado) => {
                let same_client = self.dispositivo == dispositivo && self.ip == ip;
                let just_now = now.duration_since(usado) <= GRACIA;
                if just_now && same_client && self.sucesor_intacto { Veredicto::Repite } else { Veredicto::Reuso }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a time")
    }
    fn fresh() -> Guardado {
        Guardado {
            sesion_id: SesionId::new(),
            usuario_id: UsuarioId::new(),
            expira_en: at(1000),
            usado_en: None,
            sesion_expira_en: at(2000),
            revocada: false,
            activo: true,
            dispositivo: "navegador".into(),
            ip: "192.0.2.1".into(),
            sucesor_intacto: true,
        }
    }

    #[rstest]
    #[case::first_use(|_: &mut Guardado| (), 0, Veredicto::Renueva)]
    #[case::last_second(|_: &mut Guardado| (), 999, Veredicto::Renueva)]
    #[case::expired(|_: &mut Guardado| (), 1000, Veredicto::Vencido)]
    #[case::signed_out(|g: &mut Guardado| g.revocada = true, 0, Veredicto::Vencido)]
    #[case::deactivated(|g: &mut Guardado| g.activo = false, 0, Veredicto::Vencido)]
    #[case::session_over(|g: &mut Guardado| g.sesion_expira_en = at(5), 5, Veredicto::Vencido)]
    #[case::lost_answer(|g: &mut Guardado| g.usado_en = Some(at(0)), 10, Veredicto::Repite)]
    #[case::too_late(|g: &mut Guardado| g.usado_en = Some(at(0)), 11, Veredicto::Reuso)]
    #[case::other_device(|g: &mut Guardado| { g.usado_en = Some(at(0)); g.dispositivo = "curl".into() }, 1, Veredicto::Reuso)]
    #[case::other_place(|g: &mut Guardado| { g.usado_en = Some(at(0)); g.ip = "198.51.100.1".into() }, 1, Veredicto::Reuso)]
    #[case::client_moved_on(|g: &mut Guardado| { g.usado_en = Some(at(0)); g.sucesor_intacto = false }, 0, Veredicto::Reuso)]
    #[case::reuse_of_a_dead_family(|g: &mut Guardado| { g.usado_en = Some(at(0)); g.revocada = true }, 500, Veredicto::Vencido)]
    fn refresh(#[case] change: fn(&mut Guardado), #[case] now: i64, #[case] expected: Veredicto) {
        let mut token = fresh();
        change(&mut token);
        assert_eq!(token.juzgar(at(now), "navegador", "192.0.2.1"), expected);
    }
}
