//! A patient of another sede, opened in an emergency.
use super::{
    AjustesVisibilidad,
    problemas::{APERTURA_IMPOSIBLE, REVISION_IMPOSIBLE},
};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Problem,
    ids::{MascotaId, SedeId, UsuarioId},
    version::HasVersion,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Abre por emergencia la ficha de un paciente de otra sede.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaApertura {
    /// La sede en la que se le atiende.
    pub sede_id: SedeId,
    /// Por qué hace falta. Lo leerá quien revise las aperturas de la cadena.
    #[schema(min_length = 10, max_length = 500, format = "texto")]
    pub motivo: String,
}

/// Lo que se resolvió de una apertura.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Dictamen {
    Justificada,
    /// Se cierra en el acto, si seguía abierta.
    Injustificada,
}

/// Revisa una apertura.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RevisionApertura)]
pub struct Revision {
    pub dictamen: Dictamen,
    #[schema(min_length = 1, max_length = 1000, format = "texto")]
    pub nota: Option<String>,
}

/// Una ficha que se abrió por emergencia.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Apertura {
    pub id: Uuid,
    pub mascota_id: MascotaId,
    pub usuario_id: UsuarioId,
    /// Quién la abrió.
    pub usuario: String,
    pub sede_id: SedeId,
    pub motivo: String,
    pub abierta_en: Timestamp,
    /// Hasta cuándo ve al paciente quien lo abrió.
    pub vence_en: Timestamp,
    /// Ausente mientras nadie la revisó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dictamen: Option<Dictamen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nota: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revisada_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revisada_por: Option<UsuarioId>,
    pub version: i32,
}

impl HasVersion for Apertura {
    fn version(&self) -> i32 {
        self.version
    }
}

impl AjustesVisibilidad {
    /// Until when a patient that is opened now stays open.
    pub fn abrir(&self, visible: bool, now: Timestamp) -> Result<Timestamp, Problem> {
        if visible {
            return Err(Problem::new(APERTURA_IMPOSIBLE).detail("Usted ya ve a este paciente."));
        }
        if self.emergencia_horas == 0 {
            return Err(Problem::new(APERTURA_IMPOSIBLE).detail("La cadena no permite abrir pacientes de otras sedes."));
        }
        Ok(now + SignedDuration::from_hours(self.emergencia_horas.into()))
    }
}

impl Apertura {
    /// Nobody judges what they did themselves, and nobody twice.
    pub fn revisar(&mut self, revision: Revision, por: UsuarioId, now: Timestamp) -> Result<(), Problem> {
        if self.dictamen.is_some() {
            return Err(Problem::new(REVISION_IMPOSIBLE).detail("Ya se revisó."));
        }
        if self.usuario_id == por {
            return Err(Problem::new(REVISION_IMPOSIBLE).detail("La abrió usted: la revisa otra persona."));
        }
        if revision.dictamen == Dictamen::Injustificada {
            self.vence_en = self.vence_en.min(now);
        }
        (self.dictamen, self.nota) = (Some(revision.dictamen), revision.nota);
        (self.revisada_en, self.revisada_por) = (Some(now), Some(por));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[rstest]
    #[case::unseen(false, 12, Some(12))]
    #[case::seen_anyway(true, 12, None)]
    #[case::not_in_this_chain(false, 0, None)]
    fn who_may_open_and_for_how_long(#[case] visible: bool, #[case] emergencia_horas: i32, #[case] hours: Option<i64>) {
        let ajustes = AjustesVisibilidad { emergencia_horas, ..AjustesVisibilidad::default() };
        let until = ajustes.abrir(visible, NOW).ok();
        assert_eq!(until, hours.map(|hours| NOW + SignedDuration::from_hours(hours)));
    }

    fn apertura(de: UsuarioId, dictamen: Option<Dictamen>) -> Apertura {
        let vence_en = NOW + SignedDuration::from_hours(12);
        let (id, mascota_id, sede_id, usuario) = (Uuid::nil(), MascotaId::new(), SedeId::new(), "Rosa Tello".into());
        let (nota, revisada_en, revisada_por) = (None, None, None);
        let motivo = "Llegó atropellada".into();
        Apertura {
            id,
            mascota_id,
            usuario_id: de,
            usuario,
            sede_id,
            motivo,
            abierta_en: NOW,
            vence_en,
            dictamen,
            nota,
            revisada_en,
            revisada_por,
            version: 1,
        }
    }

    #[rstest]
    #[case::by_another(false, None, true)]
    #[case::ones_own(true, None, false)]
    #[case::again(false, Some(Dictamen::Justificada), false)]
    fn who_may_judge(#[case] own: bool, #[case] before: Option<Dictamen>, #[case] may: bool) {
        let (rosa, soto) = (UsuarioId::new(), UsuarioId::new());
        let mut apertura = apertura(rosa, before);
        let revision = Revision { dictamen: Dictamen::Injustificada, nota: None };
        let now = NOW + SignedDuration::from_hours(1);
        assert_eq!(apertura.revisar(revision, if own { rosa } else { soto }, now).is_ok(), may);
        assert_eq!(apertura.vence_en == now, may, "what was wrong ends at once");
    }
}
