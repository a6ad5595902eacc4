//! What an owner agrees to, purpose by purpose. Nothing is overwritten: what holds today follows from what was said.
use jiff::Timestamp;
use kernel::version::HasVersion;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Para qué se usan los datos de un tutor (Ley 29733: cada finalidad se consiente por separado).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Finalidad {
    /// Atender a sus mascotas.
    Atencion,
    /// Recordarle citas, vacunas y controles.
    Recordatorios,
    /// Ofrecerle productos y campañas.
    Marketing,
    /// Grabar imagen o voz.
    Grabacion,
    /// Entregar sus datos a terceros.
    Terceros,
}

impl Finalidad {
    pub const ALL: [Self; 5] = [Self::Atencion, Self::Recordatorios, Self::Marketing, Self::Grabacion, Self::Terceros];
}

/// Por dónde lo dijo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Canal {
    Presencial,
    Telefono,
    Correo,
    Mensaje,
    Web,
}

/// Por dónde se llega a un tutor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Medio {
    Correo,
    Whatsapp,
    Sms,
}

impl Medio {
    pub const ALL: [Self; 3] = [Self::Correo, Self::Whatsapp, Self::Sms];
    pub fn clave(self) -> &'static str {
        match self {
            Self::Correo => "correo",
            Self::Whatsapp => "whatsapp",
            Self::Sms => "sms",
        }
    }
    pub fn read(clave: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|medio| medio.clave() == clave)
    }
}

/// Anota lo que un tutor consiente o deja de consentir.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoConsentimiento {
    pub finalidad: Finalidad,
    /// `true` si lo otorga, `false` si lo retira.
    pub otorgado: bool,
    /// Solo si se le llega por este medio; ausente, por cualquiera.
    #[schema(inline)]
    pub medio: Option<Medio>,
    pub canal: Canal,
    /// Versión del texto que se le leyó o mostró, como `2026-01`.
    #[schema(min_length = 1, max_length = 40, format = "texto")]
    pub texto_version: String,
    /// Cómo se prueba: número de formulario, enlace a la grabación.
    #[schema(min_length = 1, max_length = 500, format = "texto")]
    pub evidencia: Option<String>,
}

/// Algo que un tutor consintió o dejó de consentir.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Consentimiento {
    pub id: Uuid,
    pub finalidad: Finalidad,
    pub otorgado: bool,
    /// Ausente: por cualquier medio.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub medio: Option<Medio>,
    pub canal: Canal,
    pub texto_version: String,
    pub evidencia: Option<String>,
    pub en: Timestamp,
    /// Quién lo anotó.
    pub autor_id: Uuid,
}

impl HasVersion for Consentimiento {
    /// A line is never changed.
    fn version(&self) -> i32 {
        1
    }
}

/// Si una finalidad está consentida hoy.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentimientoVigente {
    pub finalidad: Finalidad,
    /// Por cualquier medio.
    pub otorgado: bool,
    /// Los medios de los que después dijo otra cosa.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(inline)]
    pub salvo: Vec<Medio>,
    /// Desde cuándo; ausente si nunca dijo nada, que es no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desde: Option<Timestamp>,
}

/// Los consentimientos de un tutor: los de hoy, y todo lo que dijo, lo más reciente primero.
#[derive(Debug, Serialize, ToSchema)]
pub struct Consentimientos {
    pub vigentes: Vec<ConsentimientoVigente>,
    pub registro: Vec<Consentimiento>,
}

impl Consentimientos {
    /// `registro` is newest first. The state holds since the first of the last lines that say the same. What was said of one
    /// medium holds until something is said of it, or of all, again.
    pub fn from_ledger(registro: Vec<Consentimiento>) -> Self {
        let of = |finalidad| {
            let said = registro.iter().filter(move |line| line.finalidad == finalidad);
            let lines = said.clone().filter(|line| line.medio.is_none());
            let otorgado = lines.clone().next().is_some_and(|line| line.otorgado);
            let desde = lines.take_while(|line| line.otorgado == otorgado).last().map(|line| line.en);
            let last = |medio| said.clone().find(move |line| line.medio.is_none_or(|one| one == medio)).is_some_and(|line| line.otorgado);
            let salvo = Medio::ALL.into_iter().filter(|medio| last(*medio) != otorgado).collect();
            ConsentimientoVigente { finalidad, otorgado, salvo, desde }
        };
        Self { vigentes: Finalidad::ALL.into_iter().map(of).collect(), registro }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(finalidad: Finalidad, otorgado: bool, second: i64) -> Consentimiento {
        Consentimiento {
            id: Uuid::now_v7(),
            finalidad,
            otorgado,
            medio: None,
            canal: Canal::Presencial,
            texto_version: "1".into(),
            evidencia: None,
            en: Timestamp::from_second(second).expect("a small number"),
            autor_id: Uuid::nil(),
        }
    }

    #[test]
    fn what_was_said_of_one_medium_holds_until_something_newer_covers_it() {
        let by = |medio, otorgado, second| Consentimiento { medio, ..line(Finalidad::Recordatorios, otorgado, second) };
        let salvo = |ledger| {
            let vigentes = Consentimientos::from_ledger(ledger).vigentes;
            vigentes.into_iter().find(|one| one.finalidad == Finalidad::Recordatorios).map(|one| (one.otorgado, one.salvo))
        };
        assert_eq!(salvo(vec![by(Some(Medio::Sms), false, 2), by(None, true, 1)]), Some((true, vec![Medio::Sms])));
        assert_eq!(salvo(vec![by(Some(Medio::Whatsapp), true, 1)]), Some((false, vec![Medio::Whatsapp])));
        assert_eq!(salvo(vec![by(None, false, 3), by(Some(Medio::Whatsapp), true, 2), by(None, true, 1)]), Some((false, vec![])));
    }

    #[test]
    fn what_was_said_last_holds_since_it_was_first_said() {
        use Finalidad::{Marketing, Recordatorios};
        let ledger = vec![
            line(Recordatorios, true, 5),
            line(Marketing, false, 4),
            line(Recordatorios, true, 3),
            line(Recordatorios, false, 2),
            line(Marketing, true, 1),
        ];
        let vigentes = Consentimientos::from_ledger(ledger).vigentes;
        let of = |finalidad| {
            vigentes.iter().find(|one| one.finalidad == finalidad).map(|one| (one.otorgado, one.desde.map(Timestamp::as_second)))
        };
        assert_eq!(
            (of(Recordatorios), of(Marketing), of(Finalidad::Terceros)),
            (Some((true, Some(3))), Some((false, Some(4))), Some((false, None)))
        );
    }
}
