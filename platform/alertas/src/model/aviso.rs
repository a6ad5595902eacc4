//! What is news to an owner: what is true of an appointment, against what they were last told.
use super::Tipo;
use jiff::Timestamp;
use kernel::ids::{CitaId, MascotaId, SedeId, SerieId, UsuarioId};

/// An appointment as it is now.
#[derive(Debug, Clone)]
pub struct CitaActual {
    pub id: CitaId,
    pub sede: SedeId,
    pub mascota: MascotaId,
    pub medico: UsuarioId,
    pub serie: Option<SerieId>,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    pub estado: String,
    pub version: i32,
    pub nombre_mascota: String,
    pub fallecida: bool,
    pub nombre_medico: String,
    pub servicio: String,
    /// Nobody is written to about it.
    pub silenciosa: bool,
    /// The first one of its series that is still ahead.
    pub primera: bool,
}

/// What was last told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avisada {
    pub sede: SedeId,
    pub medico: UsuarioId,
    pub inicio: Timestamp,
    pub anulada: bool,
    /// The version of the last letter.
    pub avisada: i32,
}

impl From<citas::Contada> for Avisada {
    fn from(contada: citas::Contada) -> Self {
        let citas::Contada { version, sede_id, medico_id, inicio, anulada } = contada;
        Self { sede: sede_id, medico: medico_id, inicio, anulada, avisada: version }
    }
}

/// Where an appointment stands on the way to its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cuando {
    /// Ahead, and to be.
    PorVenir,
    /// Cancelled, and its time has not come.
    Anulada,
    /// Nothing that a letter could still help with.
    Pasada,
}

impl CitaActual {
    pub fn cuando(&self, now: Timestamp) -> Cuando {
        match self.estado.as_str() {
            _ if self.inicio <= now || self.fallecida => Cuando::Pasada,
            "programada" | "confirmada" => Cuando::PorVenir,
            "anulada" => Cuando::Anulada,
            _ => Cuando::Pasada,
        }
    }
    /// What is remembered once its owner was told; `avisada` if by a letter.
    pub fn dicha(&self, avisada: i32) -> Avisada {
        Avisada { sede: self.sede, medico: self.medico, inicio: self.inicio, anulada: self.estado == "anulada", avisada }
    }
}

/// The letter that is due. `nueva`: it has just been booked. Of an appointment that nobody ever told of (it was there
/// before the chain began to write) the first thing to say is that it changed, as long as it can have.
pub fn noticia(cita: &CitaActual, antes: Option<&Avisada>, nueva: bool, now: Timestamp) -> Option<Tipo> {
    let same = |antes: &Avisada| (antes.sede, antes.medico, antes.inicio) == (cita.sede, cita.medico, cita.inicio);
    match (cita.cuando(now), antes) {
        _ if cita.silenciosa => None,
        (Cuando::Pasada, _) => None,
        (Cuando::Anulada, Some(antes)) if !antes.anulada => Some(Tipo::CitaAnulada),
        (Cuando::Anulada, _) => None,
        // A series is booked in one letter.
        (Cuando::PorVenir, None) if nueva => (cita.serie.is_none() || cita.primera).then_some(Tipo::CitaReservada),
        (Cuando::PorVenir, None) => (cita.estado == "programada" && cita.version > 1).then_some(Tipo::CitaMovida),
        (Cuando::PorVenir, Some(antes)) => (!same(antes)).then_some(Tipo::CitaMovida),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use rstest::rstest;
    use uuid::Uuid;

    const NOW: &str = "2026-03-02T13:00:00Z";

    fn cita(estado: &str) -> CitaActual {
        let now: Timestamp = NOW.parse().expect("a time");
        CitaActual {
            id: CitaId(Uuid::from_u128(1)),
            sede: SedeId(Uuid::from_u128(2)),
            mascota: MascotaId(Uuid::from_u128(3)),
            medico: UsuarioId(Uuid::from_u128(4)),
            serie: None,
            inicio: now + 2.hours(),
            fin: now + 3.hours(),
            estado: estado.to_owned(),
            version: 2,
            nombre_mascota: "Luna".into(),
            fallecida: false,
            nombre_medico: "Soto".into(),
            servicio: "Consulta".into(),
            silenciosa: false,
            primera: true,
        }
    }

    #[rstest]
    #[case::booked(cita("programada"), None, true, Some(Tipo::CitaReservada))]
    #[case::told_already(cita("programada"), Some(cita("programada")), true, None)]
    #[case::confirmed(cita("confirmada"), Some(cita("programada")), false, None)]
    #[case::arrived(cita("en_espera"), Some(cita("programada")), false, None)]
    #[case::another_vet(CitaActual { medico: UsuarioId(Uuid::nil()), ..cita("programada") }, Some(cita("programada")), false, Some(Tipo::CitaMovida))]
    #[case::another_time(CitaActual { inicio: cita("").inicio + 1.hour(), ..cita("confirmada") }, Some(cita("programada")), false, Some(Tipo::CitaMovida))]
    #[case::never_told_and_moved(cita("programada"), None, false, Some(Tipo::CitaMovida))]
    #[case::never_told_and_confirmed(cita("confirmada"), None, false, None)]
    #[case::cancelled(cita("anulada"), Some(cita("programada")), false, Some(Tipo::CitaAnulada))]
    #[case::cancelled_twice(cita("anulada"), Some(cita("anulada")), false, None)]
    #[case::cancelled_before_anybody_was_told(cita("anulada"), None, false, None)]
    #[case::told_by_its_own_letters(cita("anulada"), Some(cita("anulada")), true, None)]
    #[case::dead(CitaActual { fallecida: true, ..cita("anulada") }, Some(cita("programada")), false, None)]
    #[case::silent(CitaActual { silenciosa: true, ..cita("programada") }, None, true, None)]
    #[case::silent_and_moved(CitaActual { silenciosa: true, inicio: cita("").inicio + 1.hour(), ..cita("programada") }, Some(cita("programada")), false, None)]
    #[case::past(CitaActual { inicio: NOW.parse().expect("a time"), ..cita("anulada") }, Some(cita("programada")), false, None)]
    #[case::later_one_of_a_series(CitaActual { serie: Some(SerieId(Uuid::nil())), primera: false, ..cita("programada") }, None, true, None)]
    fn only_news_is_told(#[case] now: CitaActual, #[case] told: Option<CitaActual>, #[case] nueva: bool, #[case] expected: Option<Tipo>) {
        let told = told.map(|told| told.dicha(1));
        assert_eq!(noticia(&now, told.as_ref(), nueva, NOW.parse().expect("a time")), expected);
    }
}
