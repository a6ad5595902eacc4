//! The life of an appointment and the moves it allows.
use super::problemas;
use kernel::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Estado de una cita.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Estado {
    Programada,
    Confirmada,
    EnEspera,
    EnConsulta,
    PorCobrar,
    Terminada,
    Anulada,
    NoAsistio,
}

impl Estado {
    /// Where one may go from here. Steps back are corrections of a slip at the desk; `anulada` is reached by
    /// cancelling with a reason only. Until invoicing exists reception moves `por_cobrar` to `terminada`.
    pub fn siguientes(self) -> &'static [Estado] {
        use Estado::{Anulada, Confirmada, EnConsulta, EnEspera, NoAsistio, PorCobrar, Programada, Terminada};
        match self {
            Programada => &[Confirmada, EnEspera, NoAsistio, Anulada],
            Confirmada => &[Programada, EnEspera, NoAsistio, Anulada],
            EnEspera => &[EnConsulta, Confirmada, Anulada],
            EnConsulta => &[PorCobrar, EnEspera],
            PorCobrar => &[Terminada, EnConsulta],
            NoAsistio => &[EnEspera, Programada],
            Terminada | Anulada => &[],
        }
    }

    /// Whether the appointment keeps its vet, room, equipment and pet busy.
    pub fn activa(self) -> bool {
        !matches!(self, Self::Anulada | Self::NoAsistio)
    }

    /// Whether time, vet, service or room can still change.
    pub fn movible(self) -> bool {
        matches!(self, Self::Programada | Self::Confirmada | Self::EnEspera)
    }

    pub fn pasar_a(self, nuevo: Estado) -> Result<(), Problem> {
        if self.siguientes().contains(&nuevo) { Ok(()) } else { Err(self.no_permite("Esa cita no puede pasar a ese estado.")) }
    }

    pub fn no_permite(self, detail: &'static str) -> Problem {
        Problem::new(problemas::CAMBIO_NO_PERMITIDO).detail(detail).with("estado", self).with("permitidos", self.siguientes())
    }
}

#[cfg(test)]
mod tests {
    use super::Estado::{self, *};

    const TODOS: [Estado; 8] = [Programada, Confirmada, EnEspera, EnConsulta, PorCobrar, Terminada, Anulada, NoAsistio];

    /// From each state, a line; to each, a column; both in the order of [`TODOS`].
    const MAPA: [&str; 8] = [
        "·✔✔···✔✔", // programada
        "✔·✔···✔✔", // confirmada
        "·✔·✔··✔·", // en_espera
        "··✔·✔···", // en_consulta
        "···✔·✔··", // por_cobrar
        "········", // terminada
        "········", // anulada
        "✔·✔·····", // no_asistio
    ];

    #[test]
    fn of_all_pairs_of_states_these_are_moves() {
        let line = |de: Estado| -> String { TODOS.iter().map(|a| if de.pasar_a(*a).is_ok() { '✔' } else { '·' }).collect() };
        assert_eq!(TODOS.map(line), MAPA);
        assert_eq!(TODOS.map(|estado| estado as usize), [0, 1, 2, 3, 4, 5, 6, 7], "each once");
    }

    #[test]
    fn nothing_leaves_the_end_and_nobody_moves_to_where_he_is() {
        for estado in TODOS {
            assert!(!estado.siguientes().contains(&estado), "{estado:?}");
        }
        assert!(Terminada.siguientes().is_empty() && Anulada.siguientes().is_empty());
    }
}
