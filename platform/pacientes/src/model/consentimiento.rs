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

/// Anota lo que un tutor consiente o deja de consentir.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoConsentimiento {
    pub finalidad: Finalidad,
    /// `true` si lo otorga, `false` si lo retira.
    pub otorgado: bool,
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
    pub otorgado: bool,
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
    /// `registro` is newest first. The state holds since the first of the last lines that say the same.
    pub fn from_ledger(registro: Vec<Consentimiento>) -> Self {
        let of = |finalidad| {
            let lines = registro.iter().filter(move |line| line.finalidad == finalidad);
            let otorgado = lines.clone().next().is_some_and(|line| line.otorgado);
            let desde = lines.take_while(|line| line.otorgado == otorgado).last().map(|line| line.en);
            ConsentimientoVigente { finalidad, otorgado, desde }
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
            canal: Canal::Presencial,
            texto_version: "1".into(),
            evidencia: None,
            en: Timestamp::from_second(second).expect("a small number"),
            autor_id: Uuid::nil(),
        }
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
