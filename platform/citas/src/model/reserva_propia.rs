//! What owners who book themselves say, and what they are answered.
use jiff::Timestamp;
use kernel::{
    Problem,
    ids::{CitaId, MascotaId, SedeId, ServicioId, TutorId, UsuarioId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the owner of a booking was last told of it, by its own letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contada {
    pub version: i32,
    pub sede_id: SedeId,
    pub medico_id: UsuarioId,
    pub inicio: Timestamp,
    pub anulada: bool,
}

/// Por dónde se comprueba que el tutor es quien dice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CanalCodigo {
    Correo,
    Telefono,
}

/// Pide un código de seis cifras.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PedidoCodigo {
    pub canal: CanalCodigo,
    /// Adónde se envía, si es por correo.
    #[schema(max_length = 254, format = "correo")]
    pub correo: Option<String>,
    /// Adónde se envía, si es por teléfono: un celular del Perú.
    #[schema(max_length = 30, format = "telefono")]
    pub telefono: Option<String>,
}

/// Where a code goes: an address, or a phone in E.164.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destino {
    pub canal: CanalCodigo,
    pub valor: String,
}

impl Destino {
    /// The kind of blind index of its value, the same under which owners are found.
    pub fn clase(&self) -> &'static str {
        match self.canal {
            CanalCodigo::Correo => "correo",
            CanalCodigo::Telefono => "telefono",
        }
    }
}

impl PedidoCodigo {
    /// A message abroad costs many times as much, and there are people who live on having them sent.
    pub fn destino(&self) -> Result<Destino, Problem> {
        let valor = match (self.canal, &self.correo, &self.telefono) {
            (CanalCodigo::Correo, Some(correo), None) => kernel::text::email(correo),
            (CanalCodigo::Telefono, None, Some(telefono)) => kernel::text::phone(telefono)
                .filter(|telefono| telefono.starts_with("+519") && telefono.len() == 12)
                .ok_or_else(|| Problem::field("/telefono", "debe ser un celular del Perú"))?,
            (CanalCodigo::Correo, None, _) => return Err(Problem::field("/correo", "es obligatorio")),
            (CanalCodigo::Telefono, _, None) => return Err(Problem::field("/telefono", "es obligatorio")),
            (CanalCodigo::Correo, _, Some(_)) => return Err(Problem::field("/telefono", "el código va al correo")),
            (CanalCodigo::Telefono, Some(_), _) => return Err(Problem::field("/correo", "el código va al teléfono")),
        };
        Ok(Destino { canal: self.canal, valor })
    }
}

/// Un código enviado. Es igual si el correo o el teléfono se conoce o no.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodigoEnviado {
    /// Envíelo con el código.
    pub solicitud: String,
    pub vence_en: Timestamp,
}

/// El código que llegó.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodigoRecibido {
    #[schema(max_length = 200)]
    pub solicitud: String,
    #[schema(min_length = 6, max_length = 6, pattern = "^[0-9]{6}$")]
    pub codigo: String,
}

/// Lo que abre el código correcto: secreto, y por poco tiempo.
#[derive(Debug, Serialize, ToSchema)]
pub struct SesionDeReserva {
    pub sesion: String,
    pub vence_en: Timestamp,
}

/// Una mascota de quien reserva.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MascotaPropia {
    pub id: MascotaId,
    pub nombre: String,
    pub especie: String,
}

/// Lo que se sabe de quien reserva.
#[derive(Debug, Serialize, ToSchema)]
pub struct SesionVista {
    /// Si no, al confirmar debe dar sus datos.
    pub conocido: bool,
    pub mascotas: Vec<MascotaPropia>,
    pub vence_en: Timestamp,
}

/// Una sesión de quien reserva por su cuenta.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeSesion {
    #[schema(max_length = 200)]
    pub sesion: String,
}

/// Guarda una hora mientras el tutor llena sus datos. Suelta la que tenía guardada.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoraElegida {
    #[schema(max_length = 200)]
    pub sesion: String,
    pub sede_id: SedeId,
    pub servicio_id: ServicioId,
    /// Solo donde se elige médico.
    pub medico_id: Option<UsuarioId>,
    pub inicio: Timestamp,
}

/// Una hora guardada.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoraGuardada {
    pub sede_id: SedeId,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    /// Hasta cuándo: después puede tomarla otro.
    pub hasta: Timestamp,
}

/// Lo que otra finalidad de sus datos el tutor consiente.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentimientoOpcional {
    /// Recordarle citas, vacunas y controles.
    Recordatorios,
    /// Ofrecerle productos y campañas.
    Marketing,
}

/// Quien reserva por primera vez.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TutorPropio {
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nombres: String,
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub apellidos: String,
    /// Si comprobó su teléfono, es ese.
    #[schema(max_length = 30, format = "telefono")]
    pub telefono: Option<String>,
    /// Si comprobó su correo, es ese.
    #[schema(max_length = 254, format = "correo")]
    pub correo: Option<String>,
}

/// Una mascota que la cadena todavía no conoce.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MascotaDelTutor {
    #[schema(min_length = 1, max_length = 80, format = "texto")]
    pub nombre: String,
    /// Clave de la especie, como `perro`.
    #[schema(min_length = 2, max_length = 40)]
    pub especie: String,
    pub sexo: pacientes::Sexo,
}

/// Reserva la hora guardada.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservaPropia {
    #[schema(max_length = 200)]
    pub sesion: String,
    /// Una de sus mascotas, o bien `mascota`.
    pub mascota_id: Option<MascotaId>,
    pub mascota: Option<MascotaDelTutor>,
    /// Obligatorio si la cadena no le conoce; si le conoce no cambia nada.
    pub tutor: Option<TutorPropio>,
    #[schema(min_length = 1, max_length = 500, format = "texto")]
    pub motivo: Option<String>,
    /// La versión de las condiciones que leyó y acepta.
    #[schema(max_length = 40)]
    pub acepta_condiciones: String,
    #[serde(default)]
    #[schema(max_items = 2)]
    pub consiente: Vec<ConsentimientoOpcional>,
}

/// Qué fue de lo que un tutor reservó por su cuenta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EstadoAutoreserva {
    /// La sede todavía no la aprueba.
    Pendiente,
    Reservada,
    Rechazada,
    Anulada,
}

/// Lo que quedó reservado.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReservaHecha {
    pub estado: EstadoAutoreserva,
    pub sede_id: SedeId,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    /// Página para verla o anularla; también va en el correo.
    pub ruta: String,
}

/// Una solicitud de un tutor, para la sede.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SolicitudDeReserva {
    pub cita_id: CitaId,
    pub sede_id: SedeId,
    pub tutor_id: TutorId,
    pub tutor: Option<String>,
    /// Se registró al reservar: revise si ya estaba con otros datos.
    pub tutor_nuevo: bool,
    /// Citas que el tutor perdió en los últimos doce meses: no asistió o las anuló tarde.
    pub faltas: i64,
    pub mascota: Option<String>,
    pub servicio: Option<String>,
    pub inicio: Option<Timestamp>,
    pub motivo: Option<String>,
    pub estado: EstadoAutoreserva,
    /// Si está pendiente: desde entonces la hora queda libre.
    pub retenida_hasta: Option<Timestamp>,
    pub creada_en: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(CanalCodigo::Correo, Some(" Ana@Ejemplo.PE "), None, Ok("ana@ejemplo.pe"))]
    #[case(CanalCodigo::Correo, None, None, Err(422))]
    #[case::both(CanalCodigo::Correo, Some("ana@ejemplo.pe"), Some("987654321"), Err(422))]
    #[case(CanalCodigo::Telefono, None, Some("987 654 321"), Ok("+51987654321"))]
    #[case(CanalCodigo::Telefono, Some("ana@ejemplo.pe"), None, Err(422))]
    #[case::no_mobile(CanalCodigo::Telefono, None, Some("(01) 444-5566"), Err(422))]
    #[case::abroad(CanalCodigo::Telefono, None, Some("+1 202 555 0100"), Err(422))]
    fn a_code_goes_to_an_address_or_to_a_mobile_of_peru(
        #[case] canal: CanalCodigo,
        #[case] correo: Option<&str>,
        #[case] telefono: Option<&str>,
        #[case] expected: Result<&str, u16>,
    ) {
        let pedido = PedidoCodigo { canal, correo: correo.map(Into::into), telefono: telefono.map(Into::into) };
        let destino = pedido.destino().map_err(|problem| problem.status().as_u16());
        assert_eq!(destino.as_ref().map(|destino| destino.valor.as_str()).map_err(|status| *status), expected);
    }
}
