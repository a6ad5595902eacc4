//! A pet in the house: from its arrival until it is done, booked or not.
use super::{Cita, Estado, cita::check_sobrecupo, problemas};
use jiff::Timestamp;
use kernel::{
    FieldError, Problem,
    ids::{AmbienteId, CitaId, MascotaId, SedeId, ServicioId, UsuarioId, VisitaId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Triaje en cinco niveles, según la Veterinary Triage List (Ruys y otros, J Vet Emerg Crit Care 2012; 22(3):303-312), que
/// adapta la escala de Manchester.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Triaje {
    /// Inmediato.
    Rojo,
    /// Muy urgente: 15 minutos.
    Naranja,
    /// Urgente: 60 minutos.
    Amarillo,
    /// Normal: 120 minutos.
    Verde,
    /// No urgente: 240 minutos.
    Azul,
}

impl Triaje {
    pub const TODOS: [Self; 5] = [Self::Rojo, Self::Naranja, Self::Amarillo, Self::Verde, Self::Azul];

    pub fn nombre(self) -> &'static str {
        match self {
            Self::Rojo => "rojo",
            Self::Naranja => "naranja",
            Self::Amarillo => "amarillo",
            Self::Verde => "verde",
            Self::Azul => "azul",
        }
    }

    /// Within how many minutes a vet should see the patient; the list gives yellow 30 to 60.
    pub fn minutos(self) -> i64 {
        match self {
            Self::Rojo => 0,
            Self::Naranja => 15,
            Self::Amarillo => 60,
            Self::Verde => 120,
            Self::Azul => 240,
        }
    }

    /// Whether it cannot wait for a gap of the agenda.
    pub fn emergencia(self) -> bool {
        matches!(self, Self::Rojo | Self::Naranja)
    }
}

/// Una mascota en la sede, desde que llega hasta que termina, con cita o sin ella.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Visita {
    pub id: VisitaId,
    pub sede_id: SedeId,
    /// Ausente mientras quien vino sin cita espera.
    pub cita_id: Option<CitaId>,
    /// Vino sin cita.
    pub sin_cita: bool,
    pub mascota_id: MascotaId,
    pub servicio_id: ServicioId,
    /// Ausente: la atiende cualquiera.
    pub medico_id: Option<UsuarioId>,
    pub estado: Estado,
    /// Ausente: espera como un verde.
    pub triaje: Option<Triaje>,
    pub motivo: Option<String>,
    pub llegada_en: Timestamp,
    pub consulta_en: Option<Timestamp>,
    pub consulta_fin_en: Option<Timestamp>,
    /// Cuándo terminó, con el cobro.
    pub fin_en: Option<Timestamp>,
    /// Cuándo se fue sin que la atendieran.
    pub retirada_en: Option<Timestamp>,
    pub retirada_motivo: Option<String>,
    pub version: i32,
}

impl HasVersion for Visita {
    fn version(&self) -> i32 {
        self.version
    }
}

/// La llegada de quien no tiene cita.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaVisita {
    pub mascota_id: MascotaId,
    pub servicio_id: ServicioId,
    /// Ausente: la atiende cualquiera.
    pub medico_id: Option<UsuarioId>,
    /// Ausente: espera como un verde.
    pub triaje: Option<Triaje>,
    #[schema(min_length = 1, max_length = 500, format = "texto")]
    pub motivo: Option<String>,
}

/// El nuevo contenido de una visita que espera. Lo que no se repite se quita.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CambioVisita {
    pub triaje: Option<Triaje>,
    #[schema(min_length = 1, max_length = 500, format = "texto")]
    pub motivo: Option<String>,
    /// Solo de quien vino sin cita; ausente: la atiende cualquiera.
    pub medico_id: Option<UsuarioId>,
}

/// Cómo un médico toma a un paciente. De quien vino con cita, nada más que el paso a consulta.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TomaDeVisita {
    /// Ausente: usted. Otro médico requiere el permiso cita.ajenas.
    pub medico_id: Option<UsuarioId>,
    /// Ausente: el primer ambiente libre del tipo que el servicio necesita.
    pub ambiente_id: Option<AmbienteId>,
    /// Aunque el médico tenga otra cita a esa hora. Requiere el permiso cita.sobrecupo y un motivo; una emergencia (rojo o
    /// naranja) no los necesita.
    #[serde(default)]
    pub sobrecupo: bool,
    #[schema(min_length = 3, max_length = 200, format = "texto")]
    pub sobrecupo_motivo: Option<String>,
}

impl TomaDeVisita {
    pub fn check(&self) -> Result<(), Problem> {
        Problem::check(check_sobrecupo(self.sobrecupo, self.sobrecupo_motivo.as_deref(), None))
    }

    /// Of an appointment vet, room and time are known.
    pub fn check_con_cita(&self) -> Result<(), Problem> {
        let given =
            [("/medico_id", self.medico_id.is_some()), ("/ambiente_id", self.ambiente_id.is_some()), ("/sobrecupo", self.sobrecupo)];
        let wrong = given.into_iter().filter(|(_, given)| *given);
        Problem::check(wrong.map(|(pointer, _)| FieldError::new(pointer, "solo de quien vino sin cita")).collect())
    }
}

impl Visita {
    /// Who comes to an appointment.
    pub fn de_cita(cita: &Cita, now: Timestamp) -> Self {
        Self {
            cita_id: Some(cita.id),
            sin_cita: false,
            medico_id: Some(cita.medico_id),
            ..Self::en_espera(cita.sede_id, cita.mascota_id, cita.servicio_id, now)
        }
    }

    /// Who comes without one.
    pub fn sin_cita(sede: SedeId, nueva: NuevaVisita, now: Timestamp) -> Self {
        Self {
            medico_id: nueva.medico_id,
            triaje: nueva.triaje,
            motivo: nueva.motivo,
            ..Self::en_espera(sede, nueva.mascota_id, nueva.servicio_id, now)
        }
    }

    fn en_espera(sede_id: SedeId, mascota_id: MascotaId, servicio_id: ServicioId, now: Timestamp) -> Self {
        Self {
            id: VisitaId::new(),
            sede_id,
            cita_id: None,
            sin_cita: true,
            mascota_id,
            servicio_id,
            medico_id: None,
            estado: Estado::EnEspera,
            triaje: None,
            motivo: None,
            llegada_en: now,
            consulta_en: None,
            consulta_fin_en: None,
            fin_en: None,
            retirada_en: None,
            retirada_motivo: None,
            version: 1,
        }
    }

    /// Stamps what its appointment became. `false`: it never came, a slip of the desk.
    pub fn sellar(&mut self, estado: Estado, now: Timestamp) -> bool {
        match estado {
            Estado::EnEspera => (self.consulta_en, self.consulta_fin_en, self.fin_en) = (None, None, None),
            Estado::EnConsulta => {
                self.consulta_en.get_or_insert(now);
                (self.consulta_fin_en, self.fin_en) = (None, None);
            }
            Estado::PorCobrar => {
                self.consulta_fin_en.get_or_insert(now);
                self.fin_en = None;
            }
            Estado::Terminada => self.fin_en = Some(now),
            Estado::Anulada => self.retirada_en = Some(now),
            Estado::Programada | Estado::Confirmada | Estado::NoAsistio => return self.sin_cita,
        }
        self.estado = estado;
        self.version += 1;
        true
    }

    /// By triage, then by arrival. Who was not looked at waits like a green one.
    pub fn turno(&self) -> (Triaje, Timestamp, VisitaId) {
        (self.triaje.unwrap_or(Triaje::Verde), self.llegada_en, self.id)
    }

    /// Whether this vet may be called to it as the next one.
    pub fn es_para(&self, medico: UsuarioId) -> bool {
        self.medico_id.is_none_or(|wanted| wanted == medico)
    }

    /// 409 unless it waits.
    pub fn esperando(&self) -> Result<(), Problem> {
        if self.estado == Estado::EnEspera && self.retirada_en.is_none() {
            return Ok(());
        }
        Err(Problem::new(problemas::VISITA_NO_ESPERA).with("estado", self.estado).with("cita_id", self.cita_id))
    }

    pub fn cambiar(&mut self, cambio: CambioVisita) -> Result<(), Problem> {
        self.esperando()?;
        if !self.sin_cita && cambio.medico_id.is_some_and(|medico| Some(medico) != self.medico_id) {
            return Err(Problem::field("/medico_id", "el médico de una cita se cambia en la cita"));
        }
        if self.sin_cita {
            self.medico_id = cambio.medico_id;
        }
        (self.triaje, self.motivo) = (cambio.triaje, cambio.motivo);
        self.version += 1;
        Ok(())
    }

    pub fn retirar(&mut self, motivo: String, now: Timestamp) -> Result<(), Problem> {
        self.esperando()?;
        if self.cita_id.is_some() {
            return Err(Problem::new(problemas::VISITA_NO_ESPERA).detail("Vino con cita: anule la cita.").with("cita_id", self.cita_id));
        }
        (self.retirada_en, self.retirada_motivo) = (Some(now), Some(motivo));
        self.version += 1;
        Ok(())
    }

    /// A vet takes who came without an appointment: this is the one made for it.
    pub fn tomar(&mut self, cita: &Cita, now: Timestamp) {
        (self.cita_id, self.medico_id) = (Some(cita.id), Some(cita.medico_id));
        self.sellar(Estado::EnConsulta, now);
    }
}

/// Whole minutes between two instants, never less than none.
pub fn minutos(desde: Timestamp, hasta: Timestamp) -> i64 {
    hasta.duration_since(desde).as_mins().max(0)
}

/// The whole minute in which an instant lies.
pub fn minuto(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second() - at.as_second().rem_euclid(60)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(text: &str) -> Timestamp {
        format!("2026-03-02T{text}Z").parse().expect("utc")
    }

    fn visita(triaje: Option<Triaje>, llegada: &str) -> Visita {
        let nueva = NuevaVisita { mascota_id: MascotaId::new(), servicio_id: ServicioId::new(), medico_id: None, triaje, motivo: None };
        Visita::sin_cita(SedeId::new(), nueva, at(llegada))
    }

    #[test]
    fn who_is_worse_goes_first_and_then_who_came_first() {
        let mut sala = [
            visita(None, "13:00:00"),
            visita(Some(Triaje::Azul), "12:00:00"),
            visita(Some(Triaje::Verde), "13:05:00"),
            visita(Some(Triaje::Rojo), "13:30:00"),
            visita(Some(Triaje::Naranja), "13:20:00"),
        ];
        sala.sort_by_key(Visita::turno);
        let order: Vec<Option<Triaje>> = sala.iter().map(|visita| visita.triaje).collect();
        assert_eq!(order, [Some(Triaje::Rojo), Some(Triaje::Naranja), None, Some(Triaje::Verde), Some(Triaje::Azul)]);
    }

    #[test]
    fn steps_back_take_their_stamps_with_them() {
        let mut visita = Visita { sin_cita: false, ..visita(None, "13:00:00") };
        for (estado, hora) in [(Estado::EnConsulta, "13:10:00"), (Estado::PorCobrar, "13:30:00"), (Estado::EnConsulta, "13:31:00")] {
            assert!(visita.sellar(estado, at(hora)));
        }
        assert_eq!((visita.consulta_en, visita.consulta_fin_en), (Some(at("13:10:00")), None));
        visita.sellar(Estado::PorCobrar, at("13:40:00"));
        visita.sellar(Estado::Terminada, at("13:45:00"));
        assert_eq!((visita.consulta_fin_en, visita.fin_en), (Some(at("13:40:00")), Some(at("13:45:00"))));
        assert!(!visita.sellar(Estado::Confirmada, at("13:46:00")), "it never came");
    }

    #[rstest]
    #[case("13:00:59.999999", "13:00:00")]
    #[case("13:00:00", "13:00:00")]
    fn a_consultation_begins_in_a_whole_minute(#[case] now: &str, #[case] minute: &str) {
        assert_eq!(minuto(at(now)), at(minute));
    }
}
